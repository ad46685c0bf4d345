/* A match on three ranks, which are threads of this process, has the games of one process, with a journal and with messages that are
 * lost and repeated. A plain program, because Criterion does not start under ThreadSanitizer. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/cluster/host.h"
#include "engine/cluster/message.h"
#include "engine/cluster/worker.h"
#include "engine/match/count.h"
#include "engine/match/game.h"
#include "engine/match/match.h"
#include "engine/match/ranks/ranks.h"
#include "engine/match/settings.h"
#include "engine/match/setup.h"
#include "engine/match/tournament_file.h"
#include "tests/delete_folder.h"
#include "tests/engine/cluster/local_job.c" // NOLINT(bugprone-suspicious-include): thread programs are single files

enum { RANKS = 3, THREADS = 2, ROUNDS = 2 };

static const char cup[] = "game: gomoku:5,line=4\nagent: [random, a=rollout:9, b=rollout:6, c=rollout:4]\n"
                          "schedule: swiss\ngames: 6\nseed: 3\nthreads: 2\n";

static void check(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "thread_match_ranks: %s\n", what);
    exit(1);
}

static void *run_rank(void *user)
{
    struct cluster_worker *worker =
        cluster_worker_open(user, &(struct cluster_worker_config){.arguments = "match", .repeat_s = 0.05}, NULL);
    struct message_reader fields;
    bool lost;
    check(worker != NULL, "a rank does not start");
    while (cluster_worker_welcome(worker, &fields)) {
        char *work = message_take_text(&fields);
        check(strcmp(work, MATCH_WORK) == 0, "another kind of work");
        g_free(work);
        match_rank_play(worker, &fields, THREADS);
    }
    check(cluster_worker_close(worker, &lost) == 0 && !lost, "a rank does not end in order");
    return NULL;
}

static void play(struct cluster_host *host, const char *folder, struct match_report *report)
{
    struct match_settings settings;
    struct match_setup setup;
    match_settings_init(&settings);
    check(match_file_parse(cup, strlen(cup), "cup.yaml", &settings, NULL) &&
              (!folder || match_settings_set(&settings, match_option_find("out"), folder, 0, NULL)) &&
              match_setup_make(&setup, &settings, NULL),
          "the match is not set up");
    setup.config.cluster = host;
    check((!host || match_setup_ranks(&setup, &settings, NULL)) && match_run(&setup.config, report, NULL) &&
              report->finished,
          "the match does not finish");
    match_setup_clear(&setup);
    match_settings_clear(&settings);
}

static void compare(const struct match_report *one, const struct match_report *many)
{
    check(one->count == many->count && one->done == many->done, "another number of games");
    for (int i = 0; i < one->count; i++)
        check(one->records[i].hash == many->records[i].hash && one->records[i].outcome == many->records[i].outcome,
              "another game");
}

int main(void)
{
    struct match_report one, many;
    pthread_t threads[RANKS];
    int64_t games = 0;
    struct local_job *job = local_job_new(RANKS);
    struct cluster_host *host =
        cluster_host_open(local_job_rank(job, 0), &(struct cluster_host_config){.arguments = "match"}, NULL);
    play(NULL, NULL, &one);
    for (int i = 1; i < RANKS; i++)
        check(pthread_create(&threads[i], NULL, run_rank, local_job_rank(job, i)) == 0, "no thread");
    check(cluster_host_gather(host, NULL), "the ranks do not gather");
    for (int round = 0; round < ROUNDS; round++) {
        char folder[] = "/tmp/tengen-thread-ranks-XXXXXX";
        check(mkdtemp(folder) != NULL, "no folder");
        local_job_lose(job, 1, 0, MESSAGE_GAME, 2);
        local_job_repeat(job, 2, 0, MESSAGE_GAME, 4);
        play(host, folder, &many);
        compare(&one, &many);
        match_report_clear(&many);
        delete_folder(folder);
    }
    for (int i = 1; i < RANKS; i++)
        games += cluster_host_figures(host, i).games;
    cluster_host_close(host, 0);
    for (int i = 1; i < RANKS; i++)
        pthread_join(threads[i], NULL);
    check(games > 0, "all games were played by rank 0");
    printf("%d games, of which other ranks played %d in %d rounds\n", one.count, (int)games, ROUNDS);
    match_report_clear(&one);
    local_job_free(job);
    return 0;
}
