/* A run on several ranks counts the processor time of all of them: rank 1 is played by hand, and says what it has used. */
#include <criterion/criterion.h>
#include <pthread.h>

#include "engine/cluster/host.h"
#include "engine/cluster/message.h"
#include "engine/cluster/terms.h"
#include "engine/settings/settings.h"
#include "engine/store/store.h"
#include "engine/training/training.h"
#include "games/game.h"
#include "tests/delete_folder.h"
#include "tests/engine/cluster/local_job.h"
#include "tests/engine/cluster/peer.h"
#include "tests/engine/training/state.h"

static void say_used(struct local_job *job, double seconds)
{
    GByteArray *message = message_new(MESSAGE_STATUS);
    message_put_f64(message, 0);
    message_put_f64(message, seconds);
    peer_send(local_job_rank(job, 1), 0, message_finish(message));
}

/* Once the run has begun. */
static void *work(void *user)
{
    GBytes *welcome = peer_expect(local_job_rank(user, 1), MESSAGE_WELCOME);
    cr_assert_not_null(welcome);
    g_bytes_unref(welcome);
    say_used(user, 5000);
    return NULL;
}

Test(ranks_processor, that_of_other_ranks_counts)
{
    struct game game;
    struct settings settings;
    GError *error = NULL;
    char *folder = g_dir_make_tmp("tengen-ranks-XXXXXX", NULL);
    cr_assert(game_parse(&game, "gomoku:3,line=3", NULL));
    settings_presets(&settings, &game);
    g_strlcpy(settings.net, "conv:8", sizeof settings.net);
    settings.deterministic = 1;
    settings.visits = 4;
    settings.first_rows = 20;
    settings.batch = 16;
    settings.round_games = 4;
    struct store *store = open_run_in(folder, "run", &settings);
    struct local_job *job = local_job_new(2);
    struct cluster_host *host = cluster_host_open(
        local_job_rank(job, 0), &(struct cluster_host_config){.arguments = "train", .finish_s = 0.5}, NULL);
    peer_send(local_job_rank(job, 1), 0, cluster_hello("train"));
    cr_assert(cluster_host_gather(host, NULL));
    FILE *out = fopen("/dev/null", "w");
    const struct training_options options = {.store = store,
                                             .settings = &settings,
                                             .games = &game,
                                             .game_count = 1,
                                             .threads = 1,
                                             .backend = NET_BACKEND_PLAIN,
                                             .style = PROGRESS_JSON,
                                             .out = out,
                                             .cluster = host};
    struct training_options limited = options;
    pthread_t thread;
    limited.generations = 40;
    say_used(job, 100); /* before the run began */
    for (int i = 0; i < 1000 && cluster_host_processor_time(host) < 100; i++)
        g_usleep(1000);
    cr_assert_eq(pthread_create(&thread, NULL, work, job), 0);
    cr_assert_neq(training_run(&limited, &error), TRAINING_FAILED, "%s", error ? error->message : "");
    pthread_join(thread, NULL);
    const double counted = store_spent(store).seconds;
    cr_assert(counted > 4890 && counted < 5100, "%g seconds", counted);
    fclose(out);
    cluster_host_close(host, 0);
    local_job_free(job);
    store_close(store);
    delete_folder(folder);
    g_free(folder);
}
