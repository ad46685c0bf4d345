/* Values that are known for certain, of positions whose values are known from elsewhere, and what a record's values are held against. */
#include <criterion/criterion.h>
#include <string.h>

#include "engine/store/record.h"
#include "engine/training/judge/truth.h"
#include "games/game.h"

static struct game game;
static union any_position position;

static void draw(const char *spec, const char *board, enum game_colour colour)
{
    GError *error = NULL;
    cr_assert(game_parse(&game, spec, &error), "%s", error ? error->message : "");
    cr_assert(game_set_up_drawing(&game, &position.p, board, colour, &error), "%s", error ? error->message : "");
}

static void expect(double wanted, enum truth_source by)
{
    struct truth truth;
    double points = -1;
    enum truth_source source;
    truth_init(&truth, 1000000);
    cr_assert(truth_find(&truth, &game, &position.p, &points, &source));
    cr_expect_eq(points, wanted, "%g", points);
    cr_expect_eq(source, by);
    cr_expect(truth.left < 1000000);
    truth_clear(&truth);
}

Test(truth, tic_tac_toe_is_searched_to_the_end)
{
    cr_assert(game_parse(&game, "gomoku:3,line=3", NULL));
    game_init(&game, &position.p);
    expect(0.5, TRUTH_EXACT);
    draw("gomoku:3,line=3", "X . .\n. O .\n. . .\n", GAME_BLACK);
    expect(0.5, TRUTH_EXACT);
    draw("gomoku:3,line=3", "X O .\n. . .\n. . .\n", GAME_BLACK); /* an edge beside the corner loses */
    expect(1, TRUTH_EXACT);
    draw("gomoku:3,line=3", "X O .\n. . .\nX . .\n",
         GAME_WHITE); /* white must stop the column, then black has both diagonals */
    expect(0, TRUTH_EXACT);
}

Test(truth, wins_by_threats)
{
    draw("gomoku:9",
         ". . . . . . . . .\n. . . . . . . . .\n. . . O O . . . .\n. . . . . . . . .\n. . X X X . . . .\n"
         ". . . . . . . . .\n. . . . . . . . .\n. . . . . . . . .\n. . . . . . . O .\n",
         GAME_BLACK);
    expect(1, TRUTH_THREATS);
}

/* Three eyes for each, ten points for black and fifteen for white. */
Test(truth, finished_games_are_counted)
{
    static const char board[] = ". X O . O\nX X O O O\n. X O . O\nX X O O O\n. X O O .\n";
    draw("go:5,rules=chinese,komi=-4", board, GAME_BLACK);
    expect(0, TRUTH_FINISHED);
    draw("go:5,rules=chinese,komi=-4", board, GAME_WHITE);
    expect(1, TRUTH_FINISHED);
    draw("go:5,rules=chinese,komi=-5", board, GAME_WHITE);
    expect(0.5, TRUTH_FINISHED);
    draw("go:5,rules=chinese,komi=-6", board, GAME_BLACK);
    expect(1, TRUTH_FINISHED);
}

/* An open position in the middle of a game, one that is over, and one for which there is no work left. */
Test(truth, is_not_guessed)
{
    struct truth truth;
    double points;
    enum truth_source source;
    truth_init(&truth, 1000000);
    cr_assert(game_parse(&game, "gomoku:9", NULL));
    game_init(&game, &position.p);
    cr_expect_not(truth_find(&truth, &game, &position.p, &points, &source));
    draw("go:5", ". . . . .\n. X . O .\n. X . O .\n. X . O .\n. X . O .\n", GAME_BLACK);
    cr_expect_not(truth_find(&truth, &game, &position.p, &points, &source));
    draw("gomoku:3,line=3", "X X X\nO O .\n. . .\n", GAME_WHITE);
    cr_expect_not(truth_find(&truth, &game, &position.p, &points, &source));
    truth_clear(&truth);
    truth_init(&truth, 0);
    cr_assert(game_parse(&game, "gomoku:3,line=3", NULL));
    game_init(&game, &position.p);
    cr_expect_not(truth_find(&truth, &game, &position.p, &points, &source));
}

/* Every third ply is looked at: a draw, a lost position that the net alone takes for won, and a won one. */
Test(truth, tally_of_a_game)
{
    static const struct {
        game_move move;
        float raw, wdl; /* the mover's chance of winning; without draws */
    } plies[] = {{0, 0.6f, 0.5f}, {1, 0, 0}, {6, 0, 0}, {3, 0.75f, 0.125f}, {4, 0, 0}, {8, 0, 0}, {2, 0.875f, 1}};
    const float policy[GAME_MAX_MOVES] = {[0 ... 8] = 1 / 9.0f};
    union any_position at;
    struct truth truth;
    struct truth_tally tally = {0};
    cr_assert(game_parse(&game, "gomoku:3,line=3", NULL));
    struct record *record = record_new(&game, 1, 1);
    game_init(&game, &at.p);
    for (size_t i = 0; i < G_N_ELEMENTS(plies); i++) {
        const float raw[3] = {plies[i].raw, 0, 1 - plies[i].raw}, wdl[3] = {plies[i].wdl, 0, 1 - plies[i].wdl};
        record_add(record, &at.p, plies[i].move, policy, wdl, raw, RECORD_SEARCHED);
        game_play(&game, &at.p, NULL, plies[i].move);
    }
    record_finish(record, &at.p);
    truth_init(&truth, 1000000);
    truth_count(&truth, record, &tally);
    truth_clear(&truth);
    record_unref(record);
    cr_expect_eq(tally.positions[TRUTH_EXACT], 3);
    cr_expect_eq(tally.positions[TRUTH_THREATS] + tally.positions[TRUTH_FINISHED], 0);
    cr_expect_float_eq(tally.raw_error, 0.1 + 0.75 + 0.125, 1e-4, "%g", tally.raw_error);
    cr_expect_float_eq(tally.searched_error, 0.125, 1e-4, "%g", tally.searched_error);
    cr_expect_eq(tally.raw_right, 2);
    cr_expect_eq(tally.searched_right, 3);
}
