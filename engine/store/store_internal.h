/* What store.c, games.c and checkpoints.c share. The connection's lock is held around everything here. */
#ifndef TENGEN_ENGINE_STORE_STORE_INTERNAL_H
#define TENGEN_ENGINE_STORE_STORE_INTERNAL_H

#include <pthread.h>

#include "engine/store/database.h"
#include "engine/store/store.h"

struct store {
    char *folder, *nets;
    int lock_fd;
    pthread_mutex_t lock; /* guards the connection */
    struct database database;
};

/* Within a transaction. */
bool store_insert_games(struct store *store, struct record *const *records, int count, GError **error);
/* Makes best.safetensors a second name, or a copy, of this generation's net. */
bool store_place_best(struct store *store, uint32_t generation, GError **error);

#endif
