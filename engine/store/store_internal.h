/* Shared by the files of this folder and those below it. The caller must hold the lock, except where a comment says otherwise. */
#ifndef TENGEN_ENGINE_STORE_STORE_INTERNAL_H
#define TENGEN_ENGINE_STORE_STORE_INTERNAL_H

#include <glib.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/store/database.h"

struct record;
struct store_checkpoint;

struct store {
    char *folder, *nets;
    int lock_fd;
    pthread_mutex_t lock; /* guards the connection */
    struct database database;
    int64_t stripped; /* games with lower numbers have no training targets any more: files/budget.c */
};

/* Call within a transaction. */
bool store_insert_games(struct store *store, struct record *const *records, int count, GError **error);
/* The columns of a checkpoint, and the checkpoint in a row of a query for them. */
#define STORE_CHECKPOINT_COLUMNS "generation, steps, samples, games, rows, seconds, rate_scale, bytes"
void store_checkpoint_of_row(struct sqlite3_stmt *row, struct store_checkpoint *checkpoint);
/* Of a database that need be neither a store's nor whole. */
struct store_spent store_read_spent(struct sqlite3 *db);
/* Makes best.safetensors a hard link to, or a copy of, this generation's net. */
bool store_place_best(struct store *store, uint32_t generation, GError **error);
/* Removes one of the older nets that neither the ladder of checkpoints nor anything else needs. Returns 1, or 0 if there is none; -1
 * with the error set on failure. Without the lock. */
int store_thin_nets(struct store *store, GError **error);
/* The generation that is held as best; -1: none, best follows the newest. Call with the lock. */
int64_t store_held_generation(struct store *store);

#endif
