/* Interrupted tournaments: the journal restores the games played, and only the missing ones are played. */
#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdlib.h>

#include "engine/match/count.h"
#include "engine/match/game.h"
#include "engine/match/journal.h"
#include "engine/match/match.h"
#include "engine/match/openings.h"
#include "engine/match/schedule/schedule.h"
#include "engine/match/statistics/sprt.h"
#include "games/game.h"
#include "tests/engine/match/pair_score.h"

struct fixture {
    struct game game;
    struct match_opening openings[64];
    struct match_player players[6];
    struct match_config config;
    char folder[64];
};

static void set_up(struct fixture *f, const char *schedule, const char *const *specs, int games)
{
    *f = (struct fixture){.folder = "/tmp/tengen-journal-XXXXXX"};
    cr_assert_not_null(mkdtemp(f->folder));
    cr_assert(game_parse(&f->game, "gomoku:5,line=4", NULL));
    f->config = (struct match_config){.game = &f->game,
                                      .players = f->players,
                                      .schedule = schedule_find(schedule),
                                      .games = games,
                                      .threads = 2,
                                      .seed = 4,
                                      .openings = f->openings,
                                      .opening_count = 64,
                                      .agent = {.threads = 1, .reply_ms = 700}};
    for (; specs[f->config.player_count]; f->config.player_count++)
        f->players[f->config.player_count] =
            (struct match_player){specs[f->config.player_count], specs[f->config.player_count]};
    match_random_openings(&f->game, 2, 5, f->openings, 64);
}

static void remove_folder(const struct fixture *f)
{
    static const char *const names[] = {"match.db", "match.db.lock", "match.db-wal", "match.db-shm"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        char *path = g_build_filename(f->folder, names[i], NULL);
        g_unlink(path);
        g_free(path);
    }
    g_rmdir(f->folder);
}

static atomic_bool stop_flag;
static atomic_int played;
static int stop_after;
static void count_games(int number, const int players[2], const struct match_game *game, void *data)
{
    (void)number, (void)players, (void)game, (void)data;
    if (atomic_fetch_add(&played, 1) + 1 >= stop_after)
        atomic_store(&stop_flag, true);
}

/* Runs a session of at most `most` games; returns how many were played. */
static int session(struct fixture *f, int most, struct match_report *report)
{
    GError *error = NULL;
    cr_assert(journal_open(&f->config.journal, f->folder, &f->game, &error) == 0, "%s", error ? error->message : "");
    atomic_store(&stop_flag, false);
    atomic_store(&played, 0);
    stop_after = most;
    f->config.stop = &stop_flag;
    f->config.played = count_games;
    cr_assert(match_run(&f->config, report, &error), "%s", error ? error->message : "");
    journal_close(f->config.journal);
    f->config.journal = NULL;
    return atomic_load(&played);
}

static void assert_same(const struct match_report *a, const struct match_report *b)
{
    cr_assert(a->count == b->count && a->done == b->done && a->void_games == b->void_games);
    for (int i = 0; i < a->count; i++) {
        const struct match_record *x = &a->records[i], *y = &b->records[i];
        cr_assert(
            x->done == y->done && x->void_game == y->void_game && x->side[0] == y->side[0] &&
                (!x->done || (x->hash == y->hash && x->symmetric == y->symmetric && x->outcome == y->outcome &&
                              x->end == y->end && x->margin == y->margin && g_strcmp0(x->reason, y->reason) == 0)),
            "game %d differs", i);
    }
}

/* With every schedule, several sessions of a few games give the same result as a single one. */
Test(journal, sessions_add_up_to_the_whole)
{
    for (int form = 0; schedule_table[form]; form++) {
        struct fixture f;
        struct match_report whole, part;
        int fresh = 0, sessions = 0;
        set_up(&f, schedule_table[form]->name,
               (const char *const[]){"random", "rollout:10", "rollout:5", "rollout:20", "rollout:7", NULL}, 4);
        cr_assert(match_run(&f.config, &whole, NULL));
        cr_assert(whole.finished && whole.done == whole.count);
        for (bool finished = false; !finished; sessions++) {
            fresh += session(&f, 5, &part);
            finished = part.finished;
            if (!finished)
                match_report_clear(&part);
            cr_assert(sessions < 100);
        }
        cr_assert(sessions > 2, "%s: %d sessions", schedule_table[form]->name, sessions);
        cr_assert(fresh == whole.done, "%s: %d games played for %d", schedule_table[form]->name, fresh, whole.done);
        assert_same(&whole, &part);
        match_report_clear(&part);
        cr_assert(session(&f, 1000, &part) == 0, "a finished tournament plays nothing");
        assert_same(&whole, &part);
        match_report_clear(&part);
        match_report_clear(&whole);
        remove_folder(&f);
    }
}

/* An agent that always forfeits is withdrawn after three games, whatever the threads and sessions. */
Test(journal, withdrawal_goes_by_number)
{
    struct match_report reports[3];
    struct fixture f;
    for (int i = 0; i < 3; i++) {
        set_up(&f, "round-robin", (const char *const[]){"rollout:5", "random", "net:absent", NULL}, 8);
        f.config.withdraw = 3;
        f.config.threads = 1 + i;
        if (i < 2) {
            cr_assert(match_run(&f.config, &reports[i], NULL));
        } else {
            while (session(&f, 4, &reports[i]), !reports[i].finished)
                match_report_clear(&reports[i]);
        }
        cr_assert(reports[i].finished && reports[i].withdrawn[2] && !reports[i].withdrawn[0]);
        struct match_score s = pair_score(&reports[i], 2, -1);
        cr_assert(s.games == 3 && s.forfeits == 3, "%d games", s.games);
        cr_assert(reports[i].done == 8 + 3 && reports[i].void_games == 13);
        remove_folder(&f);
    }
    assert_same(&reports[0], &reports[1]);
    assert_same(&reports[0], &reports[2]);
    for (int i = 0; i < 3; i++)
        match_report_clear(&reports[i]);
}

/* The test stops at the same pair on any number of threads. */
Test(journal, sequential_test_stops_where_it_is_decided)
{
    struct fixture f;
    struct match_report one, three;
    struct sprt sprt;
    cr_assert(sprt_parse("elo0=0,elo1=100", &sprt, NULL));
    set_up(&f, "round-robin", (const char *const[]){"rollout:60", "random", NULL}, 400);
    f.config.sprt = &sprt;
    f.config.threads = 1;
    cr_assert(match_run(&f.config, &one, NULL));
    cr_assert(one.finished && one.sprt.decision == SPRT_ACCEPTS_H1 && one.done < 100 && one.done % 2 == 0);
    cr_assert(one.done + one.void_games == one.count);
    f.config.threads = 3;
    cr_assert(match_run(&f.config, &three, NULL));
    assert_same(&one, &three);
    cr_assert(memcmp(one.sprt.pairs, three.sprt.pairs, sizeof one.sprt.pairs) == 0);
    match_report_clear(&one);
    match_report_clear(&three);
    remove_folder(&f);
}

static void check_game(int number, const struct match_record *record, const struct match_game *game, void *data)
{
    const struct match_report *report = data;
    const struct match_record *r = &report->records[number];
    struct game rules;
    cr_assert(game_parse(&rules, "gomoku:5,line=4", NULL));
    cr_assert(match_game_hash(&rules, game) == r->hash && game->plies == r->plies && record->hash == r->hash);
    cr_assert(isnan(game->info[0].value) && game->info[0].time_ms == 0, "opening moves have no value");
    int known = 0;
    for (int i = 2; i < game->plies; i++)
        known += isfinite(game->info[i].value);
    cr_assert(known > 0, "a rollout agent reports values");
}

Test(journal, stores_moves_and_information)
{
    struct fixture f;
    struct match_report report;
    set_up(&f, "round-robin", (const char *const[]){"rollout:5", "rollout:6", NULL}, 6);
    cr_assert(session(&f, 1000, &report) == 6);
    cr_assert(journal_open(&f.config.journal, f.folder, &f.game, NULL) == 0);
    cr_assert(journal_count(f.config.journal) == 6 && journal_seconds(f.config.journal) > 0);
    cr_assert(journal_visit(f.config.journal, check_game, &report, NULL));
    /* A second process cannot open it. */
    struct journal *second;
    GError *error = NULL;
    cr_assert(journal_open(&second, f.folder, &f.game, &error) < 0 && strstr(error->message, "another process"));
    g_clear_error(&error);
    journal_close(f.config.journal);
    match_report_clear(&report);
    remove_folder(&f);
}

Test(journal, settings_that_differ_are_named)
{
    struct fixture f;
    struct match_report report;
    struct journal *journal;
    GError *error = NULL;
    const char *const names[] = {"games", "seed"}, *const a[] = {"4", "1"}, *const b[] = {"6", "1"};
    set_up(&f, "round-robin", (const char *const[]){"random", "random", NULL}, 4);
    cr_assert(journal_open(&journal, f.folder, &f.game, NULL) == 0);
    cr_assert(journal_check_settings(journal, names, a, 2, NULL));
    cr_assert(journal_check_settings(journal, names, b, 2, NULL), "settings may change before the first game");
    journal_close(journal);
    session(&f, 2, &report);
    match_report_clear(&report);
    cr_assert(journal_open(&journal, f.folder, &f.game, NULL) == 0);
    cr_assert(journal_check_settings(journal, names, b, 2, NULL));
    cr_assert(!journal_check_settings(journal, names, a, 2, &error));
    cr_assert(strstr(error->message, "games was \"6\" and is now \"4\"") && !strstr(error->message, "seed was"), "%s",
              error->message);
    g_clear_error(&error);
    char *seed = journal_setting(journal, "seed");
    cr_assert_str_eq(seed, "1");
    g_free(seed);
    journal_close(journal);
    /* Games of another schedule are rejected. */
    cr_assert(journal_open(&f.config.journal, f.folder, &f.game, NULL) == 0);
    f.config.player_count = 2;
    f.config.schedule = schedule_find("knockout");
    f.config.games = 3;
    f.config.players = f.players;
    f.config.played = NULL;
    f.config.stop = NULL;
    bool good = match_run(&f.config, &report, &error);
    cr_assert(good || strstr(error->message, "differs from the schedule"), "%s", error ? error->message : "");
    g_clear_error(&error);
    match_report_clear(&report);
    journal_close(f.config.journal);
    remove_folder(&f);
}

/* Foreign or truncated files are rejected and not changed. */
Test(journal, damaged_files)
{
    struct fixture f;
    struct journal *journal;
    GError *error = NULL;
    set_up(&f, "round-robin", (const char *const[]){"random", "random", NULL}, 4);
    char *path = g_build_filename(f.folder, "match.db", NULL), *back;
    cr_assert(g_file_set_contents(path, "this is not a database, but a letter to a friend", -1, NULL));
    cr_assert(journal_open(&journal, f.folder, &f.game, &error) < 0);
    cr_assert(strstr(error->message, "--out"), "%s", error->message);
    g_clear_error(&error);
    cr_assert(g_file_get_contents(path, &back, NULL, NULL) && g_str_has_prefix(back, "this is not a database"));
    g_free(back);
    g_free(path);
    remove_folder(&f);
    f.folder[0] = '\0';
    cr_assert(journal_open(&journal, "/proc/no/such", &f.game, &error) < 0 &&
              strstr(error->message, "cannot create the folder"));
    g_clear_error(&error);
}
