/* The folder of a tournament: its files of games, which of them are removed, and the errors for files that cannot be
 * written. */
#include <criterion/criterion.h>
#include <glib/gstdio.h>

#include "agents/clock.h"
#include "engine/match/game.h"
#include "engine/match/report/report.h"
#include "games/game.h"
#include "tests/engine/match/golden.h"

static struct golden golden;

static void set_up(void)
{
    cr_assert(golden_open(&golden, 0)); /* 17 games, of which 7 and 8 are void */
}

static void tear_down(void)
{
    golden_close(&golden);
}

TestSuite(report_files, .init = set_up, .fini = tear_down);

static char *path_of(const char *name)
{
    return g_build_filename(golden.folder, name, NULL);
}

static void put(const char *name)
{
    char *path = path_of(name);
    cr_assert(g_file_set_contents(path, "mine", -1, NULL));
    g_free(path);
}

static bool exists(const char *name)
{
    char *path = path_of(name);
    bool found = g_file_test(path, G_FILE_TEST_EXISTS);
    g_free(path);
    return found;
}

static void write_all(bool psq)
{
    GError *error = NULL;
    cr_assert(match_report_write(&golden.table, psq, &error), "%s", error ? error->message : "");
}

Test(report_files, each_game_that_counts_has_its_file)
{
    write_all(false);
    for (int number = 1; number <= 18; number++) {
        char *name = g_strdup_printf("games/game-%04d.sgf", number);
        bool counts = number <= 17 && number != 7 && number != 8;
        cr_assert_eq(exists(name), counts, "%s", name);
        g_free(name);
    }
    static const char *const reports[] = {"report.txt", "report.json", "report.jsonl", "games.csv", "report.html"};
    for (int i = 0; i < 5; i++)
        cr_assert(exists(reports[i]), "%s", reports[i]);
}

/* Files of games that do not count and incomplete files left by a kill are removed; other files, and games in the other
 * format, stay. Existing files are not written again. */
Test(report_files, sweeping)
{
    static const char *const gone[] = {"games/game-0007.sgf", "games/game-0018.sgf",        "games/game-0000.sgf",
                                       "games/game-1.sgf",    "games/game-0002.sgf.X1Y2Z3", "games/game-00003.sgf",
                                       "games/game-0004.txt"};
    static const char *const kept[] = {"games/game-0001.sgf", "games/game-0007.psq", "games/game-0001.psq",
                                       "games/game-notes",    "games/notes.sgf",     "games/game-x.sgf"};
    write_all(false);
    for (size_t i = 0; i < G_N_ELEMENTS(gone); i++)
        put(gone[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(kept); i++)
        put(kept[i]);
    write_all(false);
    for (size_t i = 0; i < G_N_ELEMENTS(gone); i++)
        cr_assert(!exists(gone[i]), "%s", gone[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(kept); i++)
        cr_assert(exists(kept[i]), "%s", kept[i]);
    char *path = path_of("games/game-0001.sgf"), *text;
    cr_assert(g_file_get_contents(path, &text, NULL, NULL));
    cr_assert_str_eq(text, "mine");
    g_free(path);
    g_free(text);
}

static void expect_failure(const char *says)
{
    GError *error = NULL;
    cr_assert(!match_report_write(&golden.table, false, &error));
    cr_assert(error && strstr(error->message, says), "%s", error ? error->message : "no reason");
    g_clear_error(&error);
}

static void make_folder(const char *name)
{
    char *path = path_of(name);
    cr_assert_eq(g_mkdir_with_parents(path, 0777), 0);
    g_free(path);
}

static void remove_folder(const char *name)
{
    char *path = path_of(name);
    cr_assert_eq(g_rmdir(path), 0);
    g_free(path);
}

/* Each file in turn blocks the one to be written. */
Test(report_files, what_cannot_be_written)
{
    static const char *const reports[] = {"report.txt", "report.json", "report.jsonl", "games.csv", "report.html"};
    put("games");
    char *path = path_of("games"), *says = g_strdup_printf("cannot create the folder %s: ", path);
    expect_failure(says);
    g_unlink(path);
    for (int i = 0; i < 5; i++) {
        make_folder(reports[i]);
        expect_failure(reports[i]);
        for (int k = i + 1; k < 5; k++)
            cr_assert(!exists(reports[k]), "%s was written after %s failed", reports[k], reports[i]);
        remove_folder(reports[i]);
    }
    write_all(false);
    g_free(path);
    g_free(says);
}

/* A folder in which no file can be created: the error names the first missing game, and no report is written. */
Test(report_files, a_game_that_cannot_be_written)
{
    char *games = path_of("games");
    cr_assert_eq(symlink("/proc/self", games), 0);
    expect_failure("game-0001.sgf");
    cr_assert(!exists("report.txt"));
    g_free(games);
}

/* Piskvork's format for Gomoku: times with the moves, without the decisions of an opening rule. */
Test(report_files, psq)
{
    tear_down();
    cr_assert(golden_open(&golden, 1));
    write_all(true);
    cr_assert(exists("games/game-0001.psq") && !exists("games/game-0001.sgf"));
    char *path = path_of("games/game-0001.psq"), *text;
    cr_assert(g_file_get_contents(path, &text, NULL, NULL));
    cr_assert_str_eq(text, "Piskvorky 5x5, 11:11, 0\n1,5,0\n2,5,0\nrandom\nrollout:5\n0\n");
    g_free(path);
    g_free(text);
    struct game game;
    const char *const names[2] = {"a", "b"};
    game_move moves[] = {0, 1, 2, 225};
    struct match_ply info[] = {{.time_ms = 1}, {.time_ms = 2}, {.time_ms = 3}, {.time_ms = 4}};
    cr_assert(game_parse(&game, "gomoku:15,opening=swap2", NULL));
    struct match_game played = {.plies = 4, .moves = moves, .info = info};
    text = match_game_psq(&game, names, &played);
    cr_assert_str_eq(text, "Piskvorky 15x15, 11:11, 0\n1,1,1\n2,1,2\n3,1,3\na\nb\n0\n");
    g_free(text);
    played.info = NULL;
    text = match_game_psq(&game, names, &played);
    cr_assert_str_eq(text, "Piskvorky 15x15, 11:11, 0\n1,1,0\n2,1,0\n3,1,0\na\nb\n0\n");
    g_free(text);
}

/* Results and colours: a game that was stopped, an agreed one without its margin, names of one line; after a swap the
 * second player is Black. */
Test(report_files, sgf_results)
{
    struct game game;
    const char *const names[2] = {"a\nb", "c"};
    game_move moves[] = {12};
    const struct agent_clock none = {0};
    cr_assert(game_parse(&game, "go:5,komi=0", NULL));
    static const struct {
        enum match_end end;
        enum game_outcome outcome;
        float margin;
        const char *result;
    } cases[] = {{MATCH_STOPPED, GAME_ONGOING, 0, "RE[Void]"}, {MATCH_AGREED, GAME_WON_1, 3, "RE[W+]"},
                 {MATCH_RULES, GAME_WON_1, -3, "RE[W+3]"},     {MATCH_CAPPED, GAME_WON_0, 2.5f, "RE[B+2.5]"},
                 {MATCH_RULES, GAME_DRAWN, 0, "RE[0]"},        {MATCH_TIME, GAME_WON_0, 0, "RE[B+T]"}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const struct match_game played = {.end = cases[i].end,
                                          .outcome = cases[i].outcome,
                                          .margin = cases[i].margin,
                                          .plies = 1,
                                          .moves = moves,
                                          .reason = "two\r\nlines"};
        char *text = match_game_sgf(&game, names, &played, &none, 3);
        cr_assert(strstr(text, cases[i].result), "%s: %s", cases[i].result, text);
        cr_assert(strstr(text, "PB[a b]PW[c]") && strstr(text, "RO[3]RE") && strstr(text, "GC[two  lines]"), "%s",
                  text);
        cr_assert(g_str_has_suffix(text, ";B[cc])\n"), "%s", text);
        g_free(text);
    }
    cr_assert(game_parse(&game, "gomoku:15,opening=swap", NULL));
    union any_position at;
    game_move line[4] = {112, 113, 114};
    game_init(&game, &at.p);
    for (int i = 0; i < 3; i++)
        game_play(&game, &at.p, NULL, line[i]);
    cr_assert(at.p.player == 1, "the second player decides");
    game_move decisions[GAME_MAX_MOVES];
    int count = game.ops->legal_moves(&game, &at.p, NULL, decisions);
    bool swapped = false;
    for (int i = 0; i < count; i++) {
        union any_position next = at;
        game_play(&game, &next.p, NULL, line[3] = decisions[i]);
        const struct match_game played = {.end = MATCH_RESIGNED, .outcome = GAME_WON_1, .plies = 4, .moves = line};
        char *text = match_game_sgf(&game, names, &played, &none, 1);
        bool black = next.p.black_player == 1;
        swapped |= black;
        cr_assert(strstr(text, black ? "PB[c]PW[a b]" : "PB[a b]PW[c]") && strstr(text, black ? "RE[B+R]" : "RE[W+R]"),
                  "%s", text);
        g_free(text);
    }
    cr_assert(swapped && count >= 2);
}
