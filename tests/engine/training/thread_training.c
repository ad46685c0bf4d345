/* Workers, trainer, ladder and writer run concurrently, for ThreadSanitizer: two sessions of one run, the second stopped by a
 * signal like Ctrl-C. A plain program, because Criterion does not start under ThreadSanitizer. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "engine/settings/settings.h"
#include "engine/store/store.h"
#include "engine/training/progress.h"
#include "engine/training/training.h"
#include "games/game.h"
#include "net/net.h"
#include "tests/delete_folder.h"

static struct game game;
static struct settings settings;

static void check(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "thread_training: %s\n", what);
    exit(1);
}

static void *interrupt_soon(void *user)
{
    (void)user;
    nanosleep(&(struct timespec){.tv_sec = 3}, NULL);
    kill(getpid(), SIGINT);
    return NULL;
}

static enum training_end session(const char *folder, double seconds, int64_t *games)
{
    struct store *store;
    struct store_counts counts;
    GError *error = NULL;
    check(store_open(&store, folder, STORE_CREATE, &error) == 0, "the run cannot be opened");
    check(store_save_settings(store, &settings, &error), "settings cannot be saved");
    FILE *out = fopen("/dev/null", "w");
    struct training_options options = {.store = store,
                                       .ladder = true,
                                       .settings = &settings,
                                       .games = &game,
                                       .game_count = 1,
                                       .threads = 3,
                                       .seconds = seconds,
                                       .backend = NET_BACKEND_PLAIN,
                                       .style = PROGRESS_JSON,
                                       .report_seconds = 0.2,
                                       .out = out};
    enum training_end end = training_run(&options, &error);
    check(end != TRAINING_FAILED, error ? error->message : "training failed");
    check(store_count(store, &counts, &error), "games cannot be counted");
    *games = counts.games;
    fclose(out);
    store_close(store);
    return end;
}

int main(void)
{
    check(game_parse(&game, "go:3", NULL), "no game"); /* each game has its own komi */
    settings_presets(&settings, &game);
    g_strlcpy(settings.net, "conv:8 res:8", sizeof settings.net);
    settings.visits = 4;
    settings.ladder_share = 0.3;
    g_strlcpy(settings.rungs, "rollout:20;random", sizeof settings.rungs);
    settings.visits_final = 6;
    settings.start_share = 0.4; /* from the archive that the workers share */
    settings.start_surprise = 0.5;
    settings.start_fork = 0.5;
    settings.batch = 8;
    settings.samples_per_row = 1;
    settings.first_rows = 20;
    settings.generation_steps = 3;
    settings.generation_seconds = 0;
    char *folder = g_dir_make_tmp("tengen-threads-XXXXXX", NULL);
    int64_t first, second;
    check(session(folder, 3, &first) == TRAINING_TIME && first > 0, "the first session played no games");

    sigset_t set;
    pthread_t thread;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL); /* the signal must stay pending until training has begun */
    pthread_create(&thread, NULL, interrupt_soon, NULL);
    check(session(folder, 0, &second) == TRAINING_INTERRUPTED && second > first, "the second session played no games");
    pthread_join(thread, NULL);
    delete_folder(folder);
    g_free(folder);
    printf("%d, then %d games\n", (int)first, (int)second);
    return 0;
}
