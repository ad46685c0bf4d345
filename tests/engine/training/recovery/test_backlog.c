/* Self-play waits for a store that cannot keep up. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>

#include "engine/settings/settings.h"
#include "engine/store/store.h"
#include "engine/training/progress.h"
#include "engine/training/training.h"
#include "games/game.h"
#include "net/net.h"
#include "tests/delete_folder.h"
#include "tests/engine/training/state.h"

/* Keeps the store from being written to for two seconds. */
static void *hold(void *user)
{
    struct store *store = user;
    g_usleep(G_USEC_PER_SEC);
    store_lock(store);
    g_usleep(2 * G_USEC_PER_SEC);
    store_unlock(store);
    return NULL;
}

/* The most games that came between two reports. */
static int64_t largest_step(FILE *out)
{
    char line[4096];
    int64_t before = 0, most = 0;
    rewind(out);
    while (fgets(line, sizeof line, out)) {
        const char *at = strstr(line, "\"games\":");
        if (!at || !strstr(line, "\"positions\":"))
            continue;
        const int64_t games = g_ascii_strtoll(at + strlen("\"games\":"), NULL, 10);
        most = MAX(most, games - before);
        before = games;
    }
    cr_expect_gt(before, 0, "reports");
    return most;
}

/* Games of some kB, up to 80,000 a second: without waiting, two seconds make far more than the 8 MB that may be on their way and
 * what comes between two reports. */
Test(backlog, self_play_waits_for_the_store, .timeout = 120)
{
    struct game game;
    struct settings settings;
    pthread_t holder;
    GError *error = NULL;
    FILE *out = tmpfile();
    char *folder = g_dir_make_tmp("tengen-backlog-XXXXXX", NULL);
    cr_assert(game_parse(&game, "gomoku:3,line=3", NULL));
    settings_presets(&settings, &game);
    g_strlcpy(settings.net, "conv:8", sizeof settings.net);
    settings.visits = 2;
    settings.first_rows = 100000000;
    settings.ladder_share = 0;
    struct store *store = open_run_in(folder, "run", &settings);
    struct training_options options = {.store = store,
                                       .settings = &settings,
                                       .games = &game,
                                       .game_count = 1,
                                       .threads = 2,
                                       .seconds = 4,
                                       .report_seconds = 0.25,
                                       .backend = NET_BACKEND_FAST,
                                       .style = PROGRESS_JSON,
                                       .out = out};
    cr_assert_eq(pthread_create(&holder, NULL, hold, store), 0);
    cr_assert_neq(training_run(&options, &error), TRAINING_FAILED, "%s", error ? error->message : "");
    pthread_join(holder, NULL);
    const int64_t most = largest_step(out);
    cr_expect_leq(most, 40000, "%d", (int)most);
    fclose(out);
    store_close(store);
    delete_folder(folder);
    g_free(folder);
}
