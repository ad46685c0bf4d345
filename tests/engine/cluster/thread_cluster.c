/* A job of three ranks in threads, of which two play: nets change and messages are lost, delivered twice and repeated
 * meanwhile. Every game that was given out is handed in at most once, and those of an orderly end exactly once but for the
 * ones in progress. A plain program, because Criterion does not start under ThreadSanitizer. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/cluster/host.h"
#include "engine/cluster/message.h"
#include "engine/cluster/terms.h"
#include "engine/cluster/worker.h"
#include "engine/selfplay/selfplay.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"
#include "tests/engine/cluster/local_job.c" // NOLINT(bugprone-suspicious-include): thread programs are single files

enum { RANKS = 3, THREADS = 2, GAMES = 120, NETS = 4, LIMIT = 100000 };

struct run {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int given, count, twice;
    unsigned char handed_in[LIMIT];
    int64_t place;
    bool later_net;
    GError *failure;
};

static void check(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "thread_cluster: %s\n", what);
    exit(1);
}

static bool next_game(void *user, struct selfplay_assignment *next)
{
    struct run *run = user;
    pthread_mutex_lock(&run->lock);
    next->number = (uint64_t)run->given++;
    next->seed = rng_mix(next->number);
    pthread_mutex_unlock(&run->lock);
    return true;
}

static int64_t hand_in(void *user, struct record *record, uint64_t evaluations)
{
    (void)evaluations;
    struct run *run = user;
    pthread_mutex_lock(&run->lock);
    check(record->number < (uint64_t)run->given, "a game that was not given");
    run->twice += run->handed_in[record->number]++ > 0;
    run->later_net = run->later_net || record->generation == NETS - 1;
    run->count++;
    const int64_t place = ++run->place;
    pthread_cond_broadcast(&run->changed);
    pthread_mutex_unlock(&run->lock);
    record_unref(record);
    return place;
}

static void stop(void *user)
{
    (void)user;
}

static void failed(void *user, GError *error)
{
    struct run *run = user;
    pthread_mutex_lock(&run->lock);
    run->failure = error;
    pthread_cond_broadcast(&run->changed);
    pthread_mutex_unlock(&run->lock);
}

static const struct cluster_host_ops ops = {.next_game = next_game, .hand_in = hand_in, .stop = stop, .failed = failed};

static void *run_rank(void *user)
{
    const struct cluster_worker_config config = {.arguments = "train", .repeat_s = 0.05};
    struct cluster_worker *worker = cluster_worker_open(user, &config, NULL);
    struct cluster_terms terms;
    bool lost;
    check(worker && cluster_worker_wait(worker, &terms), "a rank does not start");
    cluster_worker_play(worker, &terms, THREADS);
    check(cluster_worker_close(worker, &lost) == 0 && !lost, "a rank does not end in order");
    return NULL;
}

static void disturb(struct local_job *job, int round)
{
    const int rank = 1 + round % (RANKS - 1);
    local_job_lose(job, rank, 0, MESSAGE_GAME, 2);
    local_job_lose(job, 0, rank, MESSAGE_ACK, 3);
    local_job_repeat(job, RANKS - rank, 0, MESSAGE_GAME, 3);
}

/* Until `count` games are there; those that arrived count as committed. */
static void wait_games(struct run *run, struct cluster_host *host, int count)
{
    pthread_mutex_lock(&run->lock);
    while (run->count < count && !run->failure)
        pthread_cond_wait(&run->changed, &run->lock);
    const int64_t place = run->place;
    check(!run->failure, run->failure ? run->failure->message : "");
    pthread_mutex_unlock(&run->lock);
    cluster_host_committed(host, place);
}

static void set_net(struct cluster_host *host, const struct game *game, int generation)
{
    struct net *net;
    check(evaluator_net_fresh(&net, game, "conv:8", (uint64_t)generation, NULL) == 0, "no net");
    cluster_host_set_net(host, net, (uint32_t)generation);
    net_unref(net);
}

int main(void)
{
    static struct run run;
    struct game game;
    struct cluster_terms terms = {.backend = NET_BACKEND_PLAIN, .dtype = NET_F32, .cache_bytes = 1 << 16, .spare = 1};
    pthread_t threads[RANKS];
    pthread_mutex_init(&run.lock, NULL);
    pthread_cond_init(&run.changed, NULL);
    check(game_parse(&game, "gomoku:4,line=3", NULL), "no game");
    settings_presets(&terms.settings, &game);
    terms.settings.visits = 4;
    struct local_job *job = local_job_new(RANKS);
    struct cluster_host *host =
        cluster_host_open(local_job_rank(job, 0), &(struct cluster_host_config){.arguments = "train"}, NULL);
    for (int i = 1; i < RANKS; i++)
        check(pthread_create(&threads[i], NULL, run_rank, local_job_rank(job, i)) == 0, "no thread");
    check(cluster_host_gather(host, NULL), "the ranks do not gather");
    cluster_host_serve(host, &terms, &ops, &run);
    for (int i = 0; i < NETS; i++) {
        set_net(host, &game, i);
        disturb(job, i);
        wait_games(&run, host, (i + 1) * GAMES / NETS);
    }
    wait_games(&run, host, 2 * GAMES);
    cluster_host_finish(host);
    cluster_host_close(host, 0);
    for (int i = 1; i < RANKS; i++)
        pthread_join(threads[i], NULL);
    check(run.given - run.count <= (RANKS - 1) * THREADS * 2,
          "more games are missing than were waiting or in progress");
    check(run.twice == 0, "a game was handed in twice");
    check(run.later_net, "no game was played with the last net");
    printf("%d games given, %d handed in\n", run.given, run.count);
    local_job_free(job);
    pthread_cond_destroy(&run.changed);
    pthread_mutex_destroy(&run.lock);
    return 0;
}
