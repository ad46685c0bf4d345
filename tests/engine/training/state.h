/* Opening a run in a test's folder, training it, and the trainer's state that it has stored last. */
#ifndef TENGEN_TESTS_ENGINE_TRAINING_STATE_H
#define TENGEN_TESTS_ENGINE_TRAINING_STATE_H

#include <criterion/criterion.h>

#include "engine/store/store.h"
#include "engine/training/progress.h"
#include "engine/training/training.h"
#include "net/net.h"

struct settings;

/* Creates the run FOLDER/NAME with these settings, or opens it again. */
static inline struct store *open_run_in(const char *folder, const char *name, const struct settings *settings)
{
    struct store *store;
    GError *error = NULL;
    char *path = g_build_filename(folder, name, NULL);
    cr_assert_eq(store_open(&store, path, STORE_CREATE, &error), 0, "%s", error ? error->message : "");
    cr_assert(store_save_settings(store, settings, &error));
    g_free(path);
    return store;
}

/* Trains the run with the plain arithmetic, whatever `more` says; reports go to more->out, or nowhere. Fails if training does. */
static inline enum training_end train_run(struct store *store, const struct settings *settings,
                                          const struct game *games, int game_count, const struct training_options *more)
{
    GError *error = NULL;
    struct training_options options = *more;
    FILE *nowhere = fopen("/dev/null", "w");
    options.store = store;
    options.settings = settings;
    options.games = games;
    options.game_count = game_count;
    options.threads = MAX(more->threads, 1);
    options.backend = NET_BACKEND_PLAIN;
    options.style = PROGRESS_JSON;
    options.out = more->out ? more->out : nowhere;
    const enum training_end end = training_run(&options, &error);
    cr_assert_neq(end, TRAINING_FAILED, "%s", error ? error->message : "");
    fclose(nowhere);
    return end;
}

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
