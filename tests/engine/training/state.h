/* The trainer's state that a run has stored last. */
#ifndef TENGEN_TESTS_ENGINE_TRAINING_STATE_H
#define TENGEN_TESTS_ENGINE_TRAINING_STATE_H

#include <criterion/criterion.h>

#include "engine/store/store.h"

/* The bytes of the newest trainer state: weights, averages, optimiser, steps. */
static inline GBytes *state_of(struct store *store, struct store_checkpoint *at)
{
    bool found;
    char *bytes;
    gsize size;
    cr_assert(store_last_checkpoint(store, at, &found, NULL) && found);
    char *name = store_state_name(at->generation), *path = store_net_path(store, name);
    cr_assert(g_file_get_contents(path, &bytes, &size, NULL));
    g_free(name);
    g_free(path);
    return g_bytes_new_take(bytes, size);
}

#endif
