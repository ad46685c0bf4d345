/* A match on several ranks, which are threads of this process: the same games as on one, whatever messages are lost or
 * repeated; each counts once; a rank that cannot play, is cut off or is told to stop ends it in order. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>

#include "engine/cluster/host.h"
#include "engine/cluster/load.h"
#include "engine/cluster/message.h"
#include "engine/cluster/worker.h"
#include "engine/match/count.h"
#include "engine/match/game.h"
#include "engine/match/match.h"
#include "engine/match/ranks/ranks.h"
#include "engine/match/settings.h"
#include "engine/match/setup.h"
#include "engine/match/statistics/sprt.h"
#include "engine/match/tournament_file.h"
#include "tests/delete_folder.h"
#include "tests/engine/cluster/local_job.h"
#include "tests/engine/cluster/rank_crew.h"

enum { THREADS = 2 };

static const char cup[] =
    "game: gomoku:7\nagent: [random, 'rollout:20', 'rollout:10']\ngames: 10\nseed: 11\nthreads: 1\n";
static const char swiss[] = "game: gomoku:5,line=4\nagent: [random, a=rollout:9, b=rollout:6, c=rollout:4]\n"
                            "schedule: swiss\ngames: 4\nseed: 3\nthreads: 2\n";
static const char test[] =
    "game: gomoku:5,line=4\nagent: [a=rollout:60, b=random]\nsprt: elo0=0,elo1=100\ngames: 400\nseed: 5\n";

static struct rank_crew crew;
static char *folder;

static void work(struct cluster_worker *worker, const char *name, struct message_reader *fields)
{
    cr_assert_str_eq(name, MATCH_WORK);
    match_rank_play(worker, fields, THREADS);
}

static void begin(double silence_s)
{
    rank_crew_begin(&crew, &(struct cluster_host_config){.arguments = "match", .silence_s = silence_s, .finish_s = 2},
                    work);
}

static void end(void)
{
    rank_crew_end(&crew, 0, 0);
}

static void make_folder(void)
{
    folder = g_dir_make_tmp("tengen-ranks-XXXXXX", NULL);
}

static void remove_folder(void)
{
    delete_folder(folder);
    g_free(folder);
}

TestSuite(match_ranks, .init = make_folder, .fini = remove_folder, .timeout = 120);

/* Plays what the tournament file says, in this process alone or as a job. out: a folder for a journal, or NULL. */
static bool play(const char *text, bool on_ranks, const char *out, struct match_report *report, GError **error)
{
    struct match_settings settings;
    struct match_setup setup;
    match_settings_init(&settings);
    cr_assert(match_file_parse(text, strlen(text), "cup.yaml", &settings, NULL));
    cr_assert(!out || match_settings_set(&settings, match_option_find("out"), out, 0, NULL));
    cr_assert(match_setup_make(&setup, &settings, error));
    setup.config.cluster = on_ranks ? crew.host : NULL;
    cr_assert(!on_ranks || match_setup_ranks(&setup, &settings, error));
    const bool good = match_run(&setup.config, report, error);
    match_setup_clear(&setup);
    match_settings_clear(&settings);
    return good;
}

static void assert_same(const struct match_report *a, const struct match_report *b)
{
    cr_assert(a->finished && b->finished);
    cr_assert(a->count == b->count && a->done == b->done, "%d of %d games, %d of %d", a->done, a->count, b->done,
              b->count);
    for (int i = 0; i < a->count; i++) {
        const struct match_record *x = &a->records[i], *y = &b->records[i];
        cr_assert(x->done == y->done && x->void_game == y->void_game, "game %d counts once", i);
        cr_assert(!x->done || (x->hash == y->hash && x->outcome == y->outcome && x->side[0] == y->side[0] &&
                               x->plies == y->plies && x->end == y->end),
                  "game %d differs", i);
    }
}

/* In a job of its own each time. */
static void compare(const char *text)
{
    struct match_report alone, together;
    cr_assert(play(text, false, NULL, &alone, NULL));
    cr_assert(play(text, true, NULL, &together, NULL));
    assert_same(&alone, &together);
    match_report_clear(&alone);
    match_report_clear(&together);
}

Test(match_ranks, the_same_games_as_on_one)
{
    begin(0);
    compare(cup);
    cr_assert_gt(rank_crew_games(&crew), 0, "all games were played by rank 0");
    end();
}

Test(match_ranks, one_match_after_the_other)
{
    begin(0);
    compare(cup);
    const int64_t first = rank_crew_games(&crew);
    compare(swiss);
    compare(cup);
    cr_assert_gt(rank_crew_games(&crew), first);
    end();
}

Test(match_ranks, lost_and_repeated_messages_change_nothing)
{
    begin(0);
    for (int round = 0; round < 3; round++) {
        local_job_lose(crew.job, 1, 0, MESSAGE_GAME, 3);
        local_job_lose(crew.job, 0, 2, MESSAGE_ACK, 3);
        local_job_repeat(crew.job, 2, 0, MESSAGE_GAME, 5);
        compare(cup);
    }
    end();
}

Test(match_ranks, a_sequential_test_decides_on_rank_0)
{
    struct match_report alone, together;
    begin(0);
    cr_assert(play(test, false, NULL, &alone, NULL));
    cr_assert(play(test, true, NULL, &together, NULL));
    cr_assert_eq(alone.sprt.decision, SPRT_ACCEPTS_H1);
    cr_assert(together.finished && together.sprt.decision == SPRT_ACCEPTS_H1);
    cr_assert_eq(together.done, alone.done, "games after the decision count");
    match_report_clear(&alone);
    match_report_clear(&together);
    end();
}

/* ---- the journal ---- */

static void *stop_soon(void *user)
{
    g_usleep(150000);
    cluster_worker_stop(user);
    return NULL;
}

Test(match_ranks, a_rank_that_is_told_to_stop_stops_all_and_the_rest_is_played_later)
{
    static const char slow[] =
        "game: gomoku:9\nagent: [a=rollout:3000, b=rollout:2500]\ngames: 12\nseed: 2\nthreads: 1\n"
        "adjudicate: max-plies=12\n";
    struct match_report alone, stopped, rest;
    pthread_t thread;
    begin(0);
    cr_assert(play(slow, false, NULL, &alone, NULL));
    cr_assert_eq(pthread_create(&thread, NULL, stop_soon, crew.workers[2]), 0);
    cr_assert(play(slow, true, folder, &stopped, NULL));
    pthread_join(thread, NULL);
    cr_assert(!stopped.finished && stopped.done < 12, "%d games", stopped.done);
    end();
    begin(0); /* another job */
    cr_assert(play(slow, true, folder, &rest, NULL));
    assert_same(&alone, &rest);
    match_report_clear(&alone);
    match_report_clear(&stopped);
    match_report_clear(&rest);
    end();
}

Test(match_ranks, the_journal_has_every_game_once)
{
    struct match_report first, again;
    begin(0);
    local_job_repeat(crew.job, 1, 0, MESSAGE_GAME, 20);
    cr_assert(play(cup, true, folder, &first, NULL));
    const int64_t played = rank_crew_games(&crew);
    cr_assert(play(cup, true, folder, &again, NULL));
    assert_same(&first, &again);
    cr_assert_eq(rank_crew_games(&crew), played, "games were played again that the journal has");
    match_report_clear(&first);
    match_report_clear(&again);
    end();
}

/* ---- failures ---- */

Test(match_ranks, a_rank_that_cannot_start_an_agent_ends_the_match)
{
    static const char absent[] =
        "game: gomoku:7\nagent: [random, 'there=gtp:/nonexistent/engine']\ngames: 4\nseed: 1\n";
    struct match_report report;
    GError *error = NULL;
    begin(0);
    cr_assert(!play(absent, true, NULL, &report, &error));
    cr_assert(strstr(error->message, "rank ") && strstr(error->message, "agent \"there\""), "%s", error->message);
    cr_assert_eq(error->code, CLUSTER_ERROR_INPUT);
    g_clear_error(&error);
    match_report_clear(&report);
    end();
}

static void *cut_soon(void *user)
{
    (void)user;
    g_usleep(100000);
    local_job_cut(crew.job, 1);
    return NULL;
}

Test(match_ranks, a_rank_that_is_lost_ends_the_match)
{
    static const char slow[] =
        "game: gomoku:9\nagent: [a=rollout:30000, b=rollout:25000]\ngames: 1000\nseed: 2\nthreads: 1\n";
    struct match_report report;
    GError *error = NULL;
    pthread_t thread;
    begin(4); /* the other rank must be heard on a loaded machine too */
    cr_assert_eq(pthread_create(&thread, NULL, cut_soon, NULL), 0);
    cr_assert(!play(slow, true, NULL, &report, &error));
    cr_assert(strstr(error->message, "rank 1 on ") && strstr(error->message, "has not been heard from"), "%s",
              error->message);
    pthread_join(thread, NULL);
    g_clear_error(&error);
    match_report_clear(&report);
    rank_crew_end(&crew, 3, 1); /* rank 1 waits for rank 0 for 20 seconds, and is left alone */
}
