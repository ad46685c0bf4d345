/* Openings: the moves that files contain, errors in files, and properties of random openings. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "engine/match/game.h"
#include "engine/match/openings.h"
#include "games/game.h"
#include "tests/delete_folder.h"

static struct game game;
static char *folder;

static void set_up(void)
{
    folder = g_dir_make_tmp("tengen-openings-XXXXXX", NULL);
}

static void tear_down(void)
{
    delete_folder(folder);
    g_free(folder);
}

TestSuite(openings, .init = set_up, .fini = tear_down);

/* ---- files ---- */

/* The openings of a file as text, "D4 E5|C3"; or "! MESSAGE" with the path as FILE. */
static char *read_file(const char *spec, const char *name, const char *text, int plies)
{
    struct match_opening *openings;
    GError *error = NULL;
    GString *out = g_string_new(NULL);
    char *path = g_build_filename(folder, name, NULL), move[GAME_MOVE_TEXT_MAX];
    int count;
    cr_assert(game_parse(&game, spec, NULL));
    cr_assert(g_file_set_contents(path, text, -1, NULL));
    if (!match_read_openings(&game, path, plies, &openings, &count, &error)) {
        cr_assert(count == 0 && !openings);
        g_string_append_printf(out, "! %s", error->message);
        g_string_replace(out, path, "FILE", 0);
        g_clear_error(&error);
    }
    for (int i = 0; i < count; i++)
        for (int m = 0; m < openings[i].count; m++)
            g_string_append_printf(out, "%s%s",
                                   m   ? " "
                                   : i ? "|"
                                       : "",
                                   game_move_format(&game, openings[i].moves[m], move));
    g_free(openings);
    g_free(path);
    return g_string_free(out, FALSE);
}

static void expect_file(const char *spec, const char *name, const char *text, int plies, const char *expected)
{
    char *found = read_file(spec, name, text, plies);
    cr_expect_str_eq(found, expected, "%s\ngives %s\nnot   %s", text, found, expected);
    g_free(found);
}

Test(openings, text_files)
{
    expect_file("go:9", "a.txt", "D4 E5\n", -1, "D4 E5");
    expect_file("go:9", "a.txt", "D4,E5,\tC3  # a note\r\n\n  \n# only a note\nA1\tpass", -1, "D4 E5 C3|A1 pass");
    expect_file("go:9", "a.txt", "D4 E5\nE5 D4\nD4 D4\n", -1,
                "! FILE, line 3: \"D4\" is not legal here in go:9; a line lists moves such as D4 E5 (at most 60)");
    expect_file("gomoku:9", "a.txt", "D4 J9 K1\n", -1,
                "! FILE, line 1: \"K1\" is not legal here in gomoku:9; a line lists moves such as D4 E5 (at most 60)");
    expect_file("go:9", "a.txt", "# nothing\n\n", -1,
                "! --openings: FILE has no openings; a line lists moves such as D4 E5");
}

/* Superko applies within a line: Black takes the ko, White may not retake. */
Test(openings, a_line_obeys_the_ko_rule)
{
    expect_file("go:5", "a.txt", "B5 C5 A4 D4 B3 C3 C4 B4 C4\n", -1,
                "! FILE, line 1: \"C4\" is not legal here in go:5; a line lists moves such as D4 E5 (at most 60)");
    expect_file("go:5", "a.txt", "B5 C5 A4 D4 B3 C3 C4 B4\n", -1, "B5 C5 A4 D4 B3 C3 C4 B4");
}

static char *many_moves(int count, bool sgf)
{
    GString *text = g_string_new(sgf ? "(;GM[1]SZ[19]" : "");
    for (int i = 0; i < count; i++)
        if (sgf)
            g_string_append_printf(text, ";%c[%c%c]", i & 1 ? 'W' : 'B', 'a' + i % 19, 'a' + i / 19 * 2);
        else
            g_string_append_printf(text, "%c%d ", "ABCDEFGHJKLMNOPQRST"[i % 19], 19 - i / 19 * 2);
    g_string_append(text, sgf ? ")" : "\n");
    return g_string_free(text, FALSE);
}

static int length_of(const char *name, int moves, int plies)
{
    char *text = many_moves(moves, g_str_has_suffix(name, "sgf")), *found = read_file("go:19", name, text, plies);
    int words = *found == '!' ? -1 : 1;
    for (const char *at = found; words > 0 && *at; at++)
        words += *at == ' ';
    g_free(text);
    g_free(found);
    return words;
}

Test(openings, at_most_sixty_moves)
{
    cr_assert_eq(length_of("a.txt", 60, -1), 60);
    cr_assert_eq(length_of("a.txt", 61, -1), -1);
    cr_assert_eq(length_of("a.sgf", 60, -1), 60);
    cr_assert_eq(length_of("a.sgf", 61, -1), -1, "a game that is too long is refused, not cut");
    cr_assert_eq(length_of("a.sgf", 100, 60), 60);
    cr_assert_eq(length_of("a.sgf", 100, 5), 5);
    cr_assert_eq(length_of("a.sgf", 3, 5), 3);
    char *text = many_moves(61, true), *why = read_file("go:19", "a.sgf", text, -1);
    cr_assert(strstr(why, "or move 61 of an opening (at most 60; --opening-plies truncates longer games)"), "%s", why);
    g_free(text);
    g_free(why);
}

/* A damaged file is read as far as it can be, and what was repaired is told on stderr. */
Test(openings, repaired_sgf_files)
{
    char *errors = g_build_filename(folder, "errors", NULL), *told;
    fflush(stderr);
    int kept = dup(STDERR_FILENO), file = g_open(errors, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    cr_assert(kept >= 0 && file >= 0 && dup2(file, STDERR_FILENO) >= 0);
    char *found = read_file("go:9", "a.sgf", "(;SZ[9];B[ee]W[cc]", -1);
    fflush(stderr);
    dup2(kept, STDERR_FILENO);
    close(kept);
    close(file);
    cr_expect_str_eq(found, "E5 C7");
    cr_assert(g_file_get_contents(errors, &told, NULL, NULL));
    char *wanted =
        g_strdup_printf("tengen match: %s/a.sgf: line 1, column 14: several moves in one node; each gets its own\n"
                        "tengen match: %s/a.sgf: line 1, column 19: the file ends inside a game tree: 1 ')' "
                        "missing\n",
                        folder, folder);
    cr_expect_str_eq(told, wanted);
    g_free(errors);
    g_free(found);
    g_free(told);
    g_free(wanted);
}

Test(openings, sgf_files)
{
    expect_file("go:9", "A.SGF", "(;SZ[9];B[ee];W[];B[aa])", -1, "E5 pass A9");
    expect_file("go:9", "a.sgf", "(;SZ[9];C[no move];B[ee];W[cc](;B[dd])(;B[aa];W[bb]))(;SZ[9];B[cc])", -1,
                "E5 C7 D6|E5 C7 A9 B8|C7");
    expect_file("go:9", "a.sgf", "(;SZ[9];B[ee](;W[dd])(;W[dd];AB[aa]))", 1, "E5|E5");
    expect_file("go:9", "a.sgf", "(;SZ[9];W[ee])", -1,
                "! FILE, line 1, column 8: white E5 is illegal, or move 1 of an opening (at most 60; --opening-plies "
                "truncates longer games)");
    expect_file("go:9", "a.sgf", "(;SZ[9];B[zz])", -1,
                "! FILE, line 1, column 8: black ? is illegal, or move 1 of an opening (at most 60; --opening-plies "
                "truncates longer games)");
    expect_file("go:9", "a.sgf", "(;SZ[9];B[ee]\n;AB[aa];W[bb])", -1,
                "! FILE, line 2, column 1: openings must consist of moves, without set-up stones");
    expect_file("go:9", "a.sgf", "(;SZ[9];B[ee])\n(;SZ[13];B[ee])", -1,
                "! FILE, line 2: openings for go:13, but the match plays go:9; give openings for that board");
    expect_file("reversi:8", "a.sgf", "(;GM[1]SZ[8];B[cc])", -1,
                "! FILE, line 1: openings for go:8, but the match plays reversi:8; give openings for that board");
}

/* Handicap stones at the root are the game's own; White moves first then. */
Test(openings, sgf_with_handicap)
{
    expect_file("go:9,handicap=2", "a.sgf", "(;SZ[9]HA[2]AB[cg][gc];W[ee];B[cc])", -1, "E5 C7");
}

Test(openings, a_missing_file)
{
    struct match_opening *openings;
    GError *error = NULL;
    int count;
    cr_assert(game_parse(&game, "go:9", NULL));
    static const char *const paths[] = {"/nowhere/a.txt", "/nowhere/a.sgf"};
    for (int i = 0; i < 2; i++) {
        cr_assert(!match_read_openings(&game, paths[i], -1, &openings, &count, &error));
        cr_assert(error && strstr(error->message, "/nowhere/a") && count == 0 && !openings);
        g_clear_error(&error);
    }
}

/* ---- random ---- */

/* Whether two openings have the same moves. */
static bool same(const struct match_opening *a, const struct match_opening *b)
{
    return a->count == b->count && memcmp(a->moves, b->moves, sizeof *a->moves * (size_t)a->count) == 0;
}

static int distinct(const struct match_opening *openings, int count)
{
    int found = 0;
    for (int i = 0; i < count; i++) {
        bool fresh = true;
        for (int j = 0; j < i; j++)
            fresh = fresh && !same(&openings[i], &openings[j]);
        found += fresh;
    }
    return found;
}

/* There are nine openings of one ply: each occurs once before any repeats. */
Test(openings, all_occur_before_one_repeats)
{
    struct match_opening openings[20];
    cr_assert(game_parse(&game, "gomoku:3,line=3", NULL));
    match_random_openings(&game, 1, 7, openings, 20);
    cr_assert_eq(distinct(openings, 9), 9);
    for (int i = 0; i < 20; i++)
        cr_assert_eq(openings[i].count, 1);
}

/* No opening ends the game or leaves a win in one; if no others exist, openings are empty. */
Test(openings, undecided)
{
    struct match_opening openings[40];
    cr_assert(game_parse(&game, "gomoku:3,line=3", NULL));
    match_random_openings(&game, 8, 7, openings, 4); /* at the latest the ninth move ends the game */
    for (int i = 0; i < 4; i++)
        cr_assert_eq(openings[i].count, 0);
    match_random_openings(&game, 2, 7, openings, 40); /* no second stone can win */
    cr_assert_eq(distinct(openings, 40), 40);
    for (int i = 0; i < 40; i++)
        cr_assert_eq(openings[i].count, 2);
}

/* Points only: no pass in Go, and decisions of an opening rule are left to the players. */
Test(openings, points_only)
{
    struct match_opening openings[30];
    cr_assert(game_parse(&game, "go:3", NULL));
    match_random_openings(&game, 4, 7, openings, 30);
    for (int i = 0; i < 30; i++)
        for (int m = 0; m < 4; m++)
            cr_assert(openings[i].count == 4 && openings[i].moves[m] < game.points);
    cr_assert(game_parse(&game, "gomoku:15,opening=swap2", NULL));
    match_random_openings(&game, 6, 7, openings, 3);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(openings[i].count, 3, "three stones, then a decision");
    cr_assert(game_parse(&game, "go:19", NULL));
    match_random_openings(&game, 99, 7, openings, 2);
    cr_assert(openings[0].count == 60 && openings[1].count == 60);
}

/* Every opening is legal under superko, and each seed has its own. Uniform: each of 25 points is a first move about 16
 * times in 400, with a tolerance of four standard deviations of 3.9. */
Test(openings, uniform_and_by_seed)
{
    struct match_opening a[400], b[400];
    int first[25] = {0};
    cr_assert(game_parse(&game, "go:5", NULL));
    match_random_openings(&game, 12, 3, a, 400);
    match_random_openings(&game, 12, 3, b, 400);
    for (int i = 0; i < 400; i++) {
        union any_position at;
        struct history history;
        cr_assert(same(&a[i], &b[i]));
        first[a[i].moves[0]]++;
        game_init(&game, &at.p);
        history_init(&history, 12);
        for (int m = 0; m < a[i].count; m++)
            cr_assert(game_try(&game, &at.p, &history, a[i].moves[m]), "opening %d, move %d", i, m);
        history_clear(&history);
    }
    for (int p = 0; p < 25; p++)
        cr_assert(first[p] > 0 && first[p] < 33, "point %d: %d", p, first[p]);
    match_random_openings(&game, 12, 4, b, 400);
    cr_assert(!same(&a[0], &b[0]) && !same(&a[1], &b[1]));
}

/* The hash of a set depends on its order, and on where one opening ends and the next begins. */
Test(openings, hash_of_a_set)
{
    struct match_opening set[3] = {{{1, 2}, 2}, {{3}, 1}, {{0}, 0}}, moved[2] = {{{1}, 1}, {{2, 3}, 2}},
                         turned[2] = {{{3}, 1}, {{1, 2}, 2}};
    cr_assert(game_parse(&game, "go:5", NULL));
    uint64_t hash = match_openings_hash(&game, set, 2);
    cr_assert_neq(hash, match_openings_hash(&game, moved, 2));
    cr_assert_neq(hash, match_openings_hash(&game, turned, 2));
    cr_assert_neq(hash, match_openings_hash(&game, set, 3));
    cr_assert_neq(hash, match_openings_hash(&game, set, 1));
    cr_assert_eq(hash, match_openings_hash(&game, (struct match_opening[]){set[0], set[1]}, 2));
}

/* Journals store this hash: it must not change. By hand: h(moves) starts at the count and mixes in each move, the set's
 * starts at the number of openings and mixes in each h (SplitMix64's finaliser; computed in Python). */
Test(openings, the_hash_in_journals)
{
    const struct match_opening set[2] = {{{1, 2}, 2}, {{3}, 1}};
    cr_assert(game_parse(&game, "go:5", NULL));
    cr_assert_eq(match_openings_hash(&game, set, 2), UINT64_C(0xbd5f48579ff00906));
}

Test(openings, sum_of_a_net)
{
    GError *error = NULL;
    char *path = g_build_filename(folder, "net", NULL);
    cr_assert(g_file_set_contents(path, "abc", 3, NULL));
    char *sum = match_net_sum(path, NULL); /* FIPS 180-2, appendix B.1 */
    cr_assert_str_eq(sum, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    g_unlink(path);
    cr_assert(!match_net_sum(path, &error) && error);
    g_clear_error(&error);
    g_free(sum);
    g_free(path);
}
