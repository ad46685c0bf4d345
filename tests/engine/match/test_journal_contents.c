/* What a journal stores of a game, what it rejects, and what can be read from a damaged file. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <math.h>
#include <sqlite3.h>
#include <unistd.h>

#include "engine/match/game.h"
#include "engine/match/journal.h"
#include "games/game.h"
#include "tests/delete_folder.h"

static struct game game;
static struct journal *journal;
static char *folder;

static void open_journal(void)
{
    GError *error = NULL;
    cr_assert_eq(journal_open(&journal, folder, &game, &error), 0, "%s", error ? error->message : "");
}

static void set_up(void)
{
    cr_assert(game_parse(&game, "go:5", NULL));
    folder = g_dir_make_tmp("tengen-contents-XXXXXX", NULL);
    open_journal();
}

static void tear_down(void)
{
    journal_close(journal);
    delete_folder(folder);
    g_free(folder);
}

TestSuite(journal_contents, .init = set_up, .fini = tear_down);

static void reopen(void)
{
    journal_close(journal);
    open_journal();
}

/* Every member differs from all others and from the value that it would have if it were lost. */
static const struct match_record full = {.side = {63, 2},
                                         .round = 3,
                                         .pair = 4,
                                         .opening = 5,
                                         .done = true,
                                         .end = MATCH_CAPPED,
                                         .outcome = GAME_DRAWN,
                                         .loser = 1,
                                         .plies = 6,
                                         .margin = -7.25f,
                                         .seconds = 8.125,
                                         .hash = UINT64_MAX - 9,
                                         .symmetric = UINT64_C(1) << 63,
                                         .reason = "for a \"reason\""};
static game_move moves[] = {12, 0, 25, 1, 24, 2};
static struct match_ply told[] = {{.time_ms = 0, .value = NAN},
                                  {.time_ms = 1500, .value = 0.12345f, .visits = 64},
                                  {.time_ms = G_MAXINT32, .value = -1, .visits = INT64_C(5000000000)},
                                  {.time_ms = 2, .value = 0},
                                  {.time_ms = 0, .value = INFINITY, .visits = 3},
                                  {.time_ms = 7, .value = 0.5f}};
static const struct match_game played = {.plies = 6, .moves = moves, .info = told};

static void add(int number, const struct match_record *record, const struct match_game *with, double seconds)
{
    GError *error = NULL;
    cr_assert((journal_queue(journal, number, record, with, seconds), journal_write(journal, &error)), "%s",
              error ? error->message : "");
}

static void expect_record(const struct match_record *r, const struct match_record *w)
{
    cr_assert(r->side[0] == w->side[0] && r->side[1] == w->side[1] && r->round == w->round && r->pair == w->pair &&
              r->opening == w->opening);
    cr_assert(r->done && !r->void_game && r->end == w->end && r->outcome == w->outcome && r->loser == w->loser);
    cr_assert(r->plies == w->plies && r->margin == w->margin && r->seconds == w->seconds);
    cr_assert(r->hash == w->hash && r->symmetric == w->symmetric && g_strcmp0(r->reason, w->reason) == 0);
}

/* ---- round trip ---- */

static int visited[8], visits;
static struct match_game seen; /* of the last visit: its figures, moves and info as far as they fit */
static game_move seen_moves[256];
static struct match_ply seen_told[256];

static void visit(int number, const struct match_record *record, const struct match_game *with, void *data)
{
    if (data)
        expect_record(record, data);
    cr_assert(visits < 8 && with->plies <= 256);
    visited[visits++] = number;
    seen = *with;
    memcpy(seen_moves, with->moves, sizeof *seen_moves * (size_t)with->plies);
    memcpy(seen_told, with->info, sizeof *seen_told * (size_t)with->plies);
}

static void visit_all(const struct match_record *expected)
{
    visits = 0;
    cr_assert(journal_visit(journal, visit, (void *)expected, NULL));
}

Test(journal_contents, everything_is_restored)
{
    add(0, &full, &played, 1);
    reopen();
    struct match_record found = {.side = {63, 2}, .round = 3, .pair = 4, .opening = 5};
    cr_assert(journal_lookup(journal, 0, &found, NULL) && journal_count(journal) == 1);
    expect_record(&found, &full);
    g_free(found.reason);
    visit_all(&full);
    cr_assert(visits == 1 && seen.plies == 6 && seen.end == MATCH_CAPPED && seen.outcome == GAME_DRAWN);
    cr_assert(seen.loser == 1 && seen.margin == -7.25f && seen.seconds == 8.125);
    cr_assert_str_eq(seen.reason, full.reason);
    for (int i = 0; i < 6; i++) {
        float value =
            isfinite(told[i].value) ? roundf(told[i].value * 10000) / 10000 : NAN; /* four decimal places are stored */
        cr_assert_eq(seen_moves[i], moves[i]);
        cr_assert(seen_told[i].time_ms == told[i].time_ms && seen_told[i].visits == told[i].visits, "ply %d", i);
        cr_assert(isnan(value) ? isnan(seen_told[i].value) : fabsf(seen_told[i].value - value) < 1e-6f, "ply %d", i);
    }
}

/* No information, no reason, no moves. */
Test(journal_contents, an_empty_game)
{
    struct match_record record = full;
    record.reason = "";
    add(0, &record, &(struct match_game){0}, 1);
    record.reason = NULL;
    add(1, &record, &(struct match_game){.plies = 2, .moves = moves}, 1);
    reopen();
    visit_all(&record);
    cr_assert(visits == 2 && visited[0] == 0 && visited[1] == 1);
    cr_assert(seen.plies == 2 && !*seen.reason && isnan(seen_told[1].value) && !seen_told[1].visits);
}

/* In the order of their numbers, however they were added; each number once. */
Test(journal_contents, order_and_numbers)
{
    GError *error = NULL;
    add(5, &full, &played, 1);
    add(2, &full, &played, 1);
    add(3, &full, &played, 1);
    cr_assert(!(journal_queue(journal, 2, &full, &played, 1), journal_write(journal, &error)));
    cr_assert(strstr(error->message, "save a game"), "%s", error->message);
    g_clear_error(&error);
    add(7, &full, &played, 1); /* a failure does not affect later games */
    reopen();
    visit_all(&full);
    cr_assert(visits == 4 && visited[0] == 2 && visited[1] == 3 && visited[2] == 5 && visited[3] == 7);
    struct match_record other = {.side = {1, 2}};
    cr_assert(!journal_lookup(journal, 4, &other, &error) && !error, "not played: no error");
}

/* The largest total counts, in any session: 2.5 s, then 4 s. */
Test(journal_contents, seconds)
{
    cr_assert_eq(journal_seconds(journal), 0);
    add(0, &full, &played, 2.5);
    add(1, &full, &played, 1.5); /* added late by another thread: the total does not fall */
    reopen();
    cr_assert_float_eq(journal_seconds(journal), 2.5, 1e-9);
    add(2, &full, &played, 3);
    add(3, &full, &played, 4);
    reopen();
    cr_assert_float_eq(journal_seconds(journal), 4, 1e-9);
    reopen();
    cr_assert_float_eq(journal_seconds(journal), 4, 1e-9);
}

/* A game of another schedule is refused, whichever member differs. */
Test(journal_contents, another_schedule)
{
    static const struct match_record others[] = {{.side = {62, 2}, .round = 3, .pair = 4, .opening = 5},
                                                 {.side = {63, 1}, .round = 3, .pair = 4, .opening = 5},
                                                 {.side = {63, 2}, .round = 2, .pair = 4, .opening = 5},
                                                 {.side = {63, 2}, .round = 3, .pair = 5, .opening = 5},
                                                 {.side = {63, 2}, .round = 3, .pair = 4, .opening = 6}};
    add(8, &full, &played, 1);
    reopen();
    char *expected =
        g_strdup_printf("%s: game 9 differs from the schedule of this program version; give another --out", folder);
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        GError *error = NULL;
        struct match_record record = others[i];
        cr_assert(!journal_lookup(journal, 8, &record, &error) && error, "%d", (int)i);
        cr_assert_str_eq(error->message, expected);
        cr_assert(g_error_matches(error, JOURNAL_ERROR, JOURNAL_ERROR_DIFFERS) && !record.done);
        g_clear_error(&error);
    }
    g_free(expected);
}

/* ---- settings ---- */

Test(journal_contents, settings)
{
    static const char *const names[] = {"games", "seed", "new"}, *const values[] = {"4", "1", "x"},
                             *const others[] = {"6", "1", "y"};
    GError *error = NULL;
    cr_assert(journal_check_settings(journal, names, values, 3, NULL));
    cr_assert(journal_check_settings(journal, names, others, 2, NULL), "no games yet: all are replaced");
    char *games = journal_setting(journal, "games"), *gone = journal_setting(journal, "new");
    cr_assert_str_eq(games, "6");
    cr_assert_null(gone);
    g_free(games);
    add(0, &full, &played, 1);
    cr_assert(journal_check_settings(journal, names, values, 3, NULL), "of this session");
    reopen();
    cr_assert(journal_check_settings(journal, names, values, 2, NULL));
    cr_assert(!journal_check_settings(journal, names, others, 3, &error));
    char *expected = g_strdup_printf("%s holds a different tournament: games was \"4\" and is now \"6\", new was \"x\" "
                                     "and is now \"y\"; rerun its command, or give another --out",
                                     folder);
    cr_assert_str_eq(error->message, expected);
    g_free(expected);
    g_clear_error(&error);
    cr_assert_str_eq(journal_folder(journal), folder);
}

/* A setting that the journal does not contain counts as empty. */
Test(journal_contents, a_setting_that_is_new)
{
    static const char *const names[] = {"games", "new"}, *const values[] = {"4", "x"};
    GError *error = NULL;
    cr_assert(journal_check_settings(journal, names, values, 1, NULL));
    add(0, &full, &played, 1);
    reopen();
    cr_assert(!journal_check_settings(journal, names, values, 2, &error));
    cr_assert(strstr(error->message, ": new was \"\" and is now \"x\";"), "%s", error->message);
    g_clear_error(&error);
}

/* ---- damage ---- */

static void damage(const char *sql)
{
    char *path = g_build_filename(folder, "match.db", NULL);
    sqlite3 *db;
    journal_close(journal);
    journal = NULL;
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(db));
    sqlite3_close(db);
    g_free(path);
}

/* Impossible values: the file is rejected with the number of the game. */
Test(journal_contents, impossible_games)
{
    static const char *const changes[] = {"first = -1",  "first = 64", "second = -1", "second = 64", "outcome = 0",
                                          "outcome = 4", "ended = 7",  "loser = -1",  "loser = 2",   "plies = -1",
                                          "plies = 65536"};
    add(3, &full, &played, 1);
    add(4, &full, &played, 1);
    char *expected = g_strdup_printf("%s/match.db: game 4 is invalid; give another --out", folder);
    damage("CREATE TABLE copy AS SELECT * FROM games");
    for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
        GError *error = NULL;
        char *sql = g_strdup_printf("DELETE FROM games; INSERT INTO games SELECT * FROM copy; "
                                    "UPDATE games SET %s WHERE number = 4",
                                    changes[i]);
        damage(sql);
        cr_assert_eq(journal_open(&journal, folder, &game, &error), -1, "%s", changes[i]);
        cr_assert_null(journal);
        cr_assert(g_error_matches(error, JOURNAL_ERROR, JOURNAL_ERROR_PLACE));
        cr_assert_str_eq(error->message, expected);
        g_clear_error(&error);
        g_free(sql);
    }
    damage("UPDATE games SET first = 0, second = 63, outcome = 1, ended = 0, loser = 0, plies = 0, "
           "moves = '', reason = NULL WHERE number = 4"); /* the smallest of each */
    open_journal();
    cr_assert_eq(journal_count(journal), 2);
    g_free(expected);
}

/* A game is read up to its first illegal move; lists whose length differs from the number of moves are ignored. */
Test(journal_contents, damaged_games)
{
    static const struct {
        const char *change;
        int plies, time_ms;
        int64_t visits;
        float value;
    } cases[] = {{"round = 3", 6, 1500, 64, 0.1235f},
                 {"moves = 'C3 A5 A5 B5 E1 C5'", 2, 1500, 64, 0.1235f},
                 {"moves = 'C3 A5 nonsense B5 E1 C5'", 2, 1500, 64, 0.1235f},
                 {"moves = ''", 0, 0, 0, 0},
                 {"times_ms = '1 2 3 4 5'", 6, 0, 64, 0.1235f},
                 {"times_ms = '1 2 3 4 5 6 7'", 6, 0, 64, 0.1235f},
                 {"told = '1'", 6, 1500, 64, NAN},
                 {"visits = '3 4'", 6, 1500, 0, 0.1235f},
                 {"told = '-  - - - -'", 6, 1500, 64, NAN}};
    add(0, &full, &played, 1);
    damage("CREATE TABLE copy AS SELECT * FROM games");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *sql = g_strdup_printf("DELETE FROM games; INSERT INTO games SELECT * FROM copy; UPDATE games SET %s",
                                    cases[i].change);
        damage(sql);
        g_free(sql);
        open_journal();
        visit_all(NULL);
        cr_assert_eq(seen.plies, cases[i].plies, "%s: %d plies", cases[i].change, seen.plies);
        if (seen.plies == 0)
            continue;
        cr_assert(seen_told[1].time_ms == cases[i].time_ms && seen_told[1].visits == cases[i].visits, "%s",
                  cases[i].change);
        cr_assert(isnan(cases[i].value) ? isnan(seen_told[1].value)
                                        : fabsf(seen_told[1].value - cases[i].value) < 1e-6f,
                  "%s: %g", cases[i].change, (double)seen_told[1].value);
    }
}

/* A game longer than the limit of plies is read up to the limit. On 2x2 without superko the moves after the first lead
 * back to where they began: White captures two, then one, then Black three. */
Test(journal_contents, too_many_moves)
{
    GString *text = g_string_new("UPDATE games SET moves = 'A1");
    tear_down();
    cr_assert(game_parse(&game, "go:2", NULL));
    folder = g_dir_make_tmp("tengen-contents-XXXXXX", NULL);
    open_journal();
    add(0, &full, &(struct match_game){0}, 1);
    for (int cycle = 0; 6 * cycle < game.max_plies; cycle++)
        g_string_append(text, " B2 A2 B1 A1 A2 A1");
    g_string_append(text, "'");
    damage(text->str);
    open_journal();
    visit_all(NULL);
    cr_assert_eq(seen.plies, game.max_plies);
    g_string_free(text, TRUE);
}

/* A missing table, when the games are loaded and when they are visited. */
Test(journal_contents, a_missing_table)
{
    GError *error = NULL;
    add(0, &full, &played, 1);
    damage("DROP TABLE games");
    cr_assert_eq(journal_open(&journal, folder, &game, &error), -1);
    cr_assert(strstr(error->message, "read games"), "%s", error->message);
    g_clear_error(&error);
}

/* A journal that fails to open closes nothing that it does not own, such as file descriptor 0. */
Test(journal_contents, a_folder_that_cannot_be_created)
{
    GError *error = NULL;
    struct journal *other;
    int null = open("/dev/null", O_RDONLY);
    cr_assert(dup2(null, 0) == 0);
    cr_assert_eq(journal_open(&other, "/proc/nowhere/cup", &game, &error), -1);
    cr_assert(!other && g_str_has_prefix(error->message, "cannot create the folder /proc/nowhere/cup: "));
    cr_assert_neq(fcntl(0, F_GETFD), -1);
    g_clear_error(&error);
    close(null);
}
