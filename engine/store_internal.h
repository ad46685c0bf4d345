/* What store.c and store_checkpoints.c share. The connection's lock is held around everything here. */
#ifndef TENGEN_ENGINE_STORE_INTERNAL_H
#define TENGEN_ENGINE_STORE_INTERNAL_H

#include <pthread.h>
#include <sqlite3.h>

#include "engine/store.h"

struct store {
    char *folder, *nets;
    int lock_fd;
    pthread_mutex_t lock; /* guards the connection */
    sqlite3 *db;
};

/* Sets the error from what SQLite last said, with a cure where there is one; returns false. */
bool store_failed(struct store *store, const char *what, GError **error);
/* Prepares a statement and binds values (int64_t 'i', double 'd', text 's') to its parameters; NULL on failure. */
sqlite3_stmt *store_prepare(struct store *store, const char *sql, const char *types, ...);
/* Runs a statement that returns nothing, and frees it. */
bool store_finish(struct store *store, sqlite3_stmt *statement, const char *what, GError **error);
bool store_begin(struct store *store, GError **error);
/* Commits what went well; on any failure nothing of the transaction remains. */
bool store_end(struct store *store, bool good, GError **error);
/* Within a transaction. */
bool store_insert_games(struct store *store, struct record *const *records, int count, GError **error);
/* Makes best.safetensors a second name, or a copy, of this generation's net. */
bool store_place_best(struct store *store, uint32_t generation, GError **error);

#endif
