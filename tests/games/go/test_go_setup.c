/* Set-up positions in Go: handicaps with their komi and bonus, and arbitrary stones. */
#include <criterion/criterion.h>

#include "games/game.h"
#include "games/go/go.h"
#include "tests/games/common.h"

/* ---- handicap ---- */

Test(go_setup, fixed_handicap_follows_the_gtp_table)
{
    static const char *const nineteen[] = {"D4 Q16",
                                           "D4 Q16 D16",
                                           "D4 Q16 D16 Q4",
                                           "D4 Q16 D16 Q4 K10",
                                           "D4 Q16 D16 Q4 D10 Q10",
                                           "D4 Q16 D16 Q4 D10 Q10 K10",
                                           "D4 Q16 D16 Q4 D10 Q10 K4 K16",
                                           "D4 Q16 D16 Q4 D10 Q10 K4 K16 K10"};
    struct game game = parse("go:19");
    for (int count = 2; count <= 9; count++) {
        game_move points[9];
        bool given[GAME_MAX_POINTS] = {false};
        cr_assert(go_fixed_handicap(19, count, points));
        for (int i = 0; i < count; i++)
            given[points[i]] = true;
        char **words = g_strsplit(nineteen[count - 2], " ", -1);
        cr_assert_eq((int)g_strv_length(words), count);
        for (int i = 0; words[i]; i++)
            cr_expect(given[at(&game, words[i])], "%d stones: %s is missing", count, words[i]);
        g_strfreev(words);
    }
}

/* The maximum handicap by size; below 13x13 stones lie on the third line, and the first two in opposite corners. */
Test(go_setup, fixed_handicap_by_size)
{
    for (int size = 2; size <= 19; size++) {
        int most = size < 7 ? 0 : size == 7 || size % 2 == 0 ? 4 : 9, line = size < 13 ? 2 : 3, far = size - 1 - line;
        game_move points[9];
        cr_expect(!go_fixed_handicap(size, 0, points) && !go_fixed_handicap(size, 1, points), "%d", size);
        cr_expect(!go_fixed_handicap(size, most + 1, points) && !go_fixed_handicap(size, 10, points), "%d", size);
        for (int count = 2; count <= most; count++) {
            cr_assert(go_fixed_handicap(size, count, points), "%d stones on %d", count, size);
            cr_expect(points[0] == far * size + line && points[1] == line * size + far, "%d stones on %d", count, size);
        }
    }
}

Test(go_setup, handicap_moves_white_first_and_pays_the_bonus)
{
    static const struct {
        const char *spec;
        float komi;
    } cases[] = {{"go:9,handicap=4,komi=0.5", 0.5f},           {"go:9,handicap=4,komi=0.5,rules=chinese", 4.5f},
                 {"go:9,handicap=4,komi=0.5,rules=aga", 3.5f}, {"go:9,handicap=4,komi=0.5,rules=japanese", 0.5f},
                 {"go:9,komi=0.5,rules=chinese", 0.5f},        {"go:9,komi=0.5,rules=aga", 0.5f}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct game game = parse(cases[i].spec);
        union any_position position;
        struct game_count score;
        game_init(&game, &position.p);
        bool handicap = strstr(cases[i].spec, "handicap") != NULL;
        cr_expect_eq(position.p.player, handicap);
        cr_expect_eq(position.p.colour, handicap ? GAME_WHITE : GAME_BLACK);
        cr_expect_eq(go_handicap_stones(&position.p), handicap ? 4 : 0);
        go_count(&game, &position.p, NULL, &score, NULL);
        cr_expect(score.komi == cases[i].komi, "%s: komi %g", cases[i].spec, (double)score.komi);
        cr_expect_eq(score.stones[0], handicap ? 4 : 0);
        cr_expect(game_result(&game, &position.p).margin == (handicap ? 81.0f : 0.0f) - cases[i].komi);
    }
}

static void expect_refused(const struct game *game, const struct position *position, const game_move *points, int count,
                           const char *words)
{
    union any_position at;
    GError *error = NULL;
    game_copy(game, &at.p, position);
    cr_assert(!go_place_handicap(game, &at.p, points, count, &error), "%d stones were placed", count);
    cr_expect(error->domain == GAME_ERROR && error->code == GAME_ERROR_SPEC && strstr(error->message, words), "%s",
              error->message);
    cr_expect_eq(memcmp(&at, position, game->position_bytes), 0, "the position changed");
    g_clear_error(&error);
}

Test(go_setup, free_handicap)
{
    struct game game = parse("go:9,rules=chinese,komi=0"), tiny = parse("go:2");
    union any_position position;
    static const game_move good[] = {0, 80, 40}, twice[] = {3, 3}, off[] = {80, 81}, all[] = {0, 1, 2, 3};
    game_init(&game, &position.p);
    expect_refused(&game, &position.p, twice, 2, "handicap stone 2 ");
    expect_refused(&game, &position.p, off, 2, "handicap stone 2 ");
    expect_refused(&game, &position.p, good, 0, "give 1 to 80");
    cr_assert(go_place_handicap(&game, &position.p, good, 3, NULL));
    cr_expect(position.p.colour == GAME_WHITE && position.p.player == 1 && position.p.ply == 0);
    cr_expect(game_result(&game, &position.p).margin == 78.0f);
    cr_expect(!game.ops->check(&game, &position.p));
    expect_refused(&game, &position.p, good, 1, "empty board");
    game_init(&game, &position.p);
    play(&game, &position, NULL, "pass");
    expect_refused(&game, &position.p, good, 1, "empty board");

    game_init(&tiny, &position.p);
    expect_refused(&tiny, &position.p, all, 4, "give 1 to 3");
    cr_assert(go_place_handicap(&tiny, &position.p, all, 3, NULL));
    cr_expect(go_handicap_stones(&position.p) == 3 && !tiny.ops->check(&tiny, &position.p));
}

/* The count of handicap stones saturates at 255. */
Test(go_setup, large_free_handicaps)
{
    struct game game = parse("go:19,rules=chinese,komi=0");
    game_move points[256];
    for (int count = 254; count <= 256; count++) {
        union any_position position;
        for (int i = 0; i < count; i++)
            points[i] = (game_move)i;
        game_init(&game, &position.p);
        cr_assert(go_place_handicap(&game, &position.p, points, count, NULL));
        cr_expect_eq(go_handicap_stones(&position.p), MIN(count, 255));
    }
}

/* ---- set-up ---- */

Test(go_setup, bad_drawings_are_refused)
{
    static const char *const drawings[] = {
        "...\n...\n", "...\n..\n...", "...\n....\n...", "...\n.?.\n...", "XXX\nXXX\nXXX", "OX.\nX..\n...", ""};
    struct game game = parse("go:3");
    for (size_t i = 0; i < G_N_ELEMENTS(drawings); i++) {
        union any_position position;
        GError *error = NULL;
        cr_assert(!game_set_up_drawing(&game, &position.p, drawings[i], GAME_BLACK, &error), "%s", drawings[i]);
        cr_assert(error && strstr(error->message, "row"));
        cr_expect(!game.ops->check(&game, &position.p) && position.p.stones_hash == 0);
        g_error_free(error);
    }
}

/* Setting up stones keeps the earlier counts: prisoners, handicap, and that stones were captured. */
Test(go_setup, set_up_keeps_the_counts)
{
    struct game game = parse("go:5,rules=aga,komi=0.5");
    union any_position position;
    struct history history;
    static const game_move handicap[] = {1, 5};
    history_init(&history, 0);
    game_init(&game, &position.p);
    cr_assert(go_place_handicap(&game, &position.p, handicap, 2, NULL));
    game_set_to_move(&game, &position.p, GAME_BLACK);
    cr_expect(position.p.colour == GAME_BLACK && position.p.player == 0 && position.p.ply == 2);
    game_set_to_move(&game, &position.p, GAME_WHITE);
    cr_expect(position.p.colour == GAME_WHITE && position.p.player == 1 && go_handicap_stones(&position.p) == 2);
    play(&game, &position, &history, "C2 pass pass");
    cr_expect(game_over(&position.p) && go_prisoners(&position.p, 0) == 1 && go_prisoners(&position.p, 1) == 1);
    game_set_to_move(&game, &position.p, GAME_BLACK);
    cr_expect(!game_over(&position.p) && position.p.ply == 3 && position.p.recent[0] == GAME_NO_MOVE);
    cr_expect(go_prisoners(&position.p, 0) == 1 && go_prisoners(&position.p, 1) == 1);
    cr_expect_null(game.ops->check(&game, &position.p));
    history_clear(&history);
}

/* A ko that superko closes stays closed when the stones are set up again. */
Test(go_setup, set_up_remembers_that_stones_were_captured)
{
    struct game game = parse("go:5,ko=positional,suicide=no");
    union any_position position;
    struct history history;
    history_init(&history, 0);
    draw(&game, &position, ". . . . .\n. X O . .\nX O . O .\n. X O . .\n. . . . .", GAME_BLACK);
    play(&game, &position, &history, "C3");
    game_set_to_move(&game, &position.p, GAME_WHITE);
    cr_expect_eq(go_ko_point(&game, &position.p), GAME_NO_MOVE);
    cr_expect(!game.ops->legal(&game, &position.p, &history, at(&game, "B3")));
    cr_expect(game.ops->legal(&game, &position.p, NULL, at(&game, "B3")));
    history_clear(&history);
}
