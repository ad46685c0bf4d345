/* Moves that a search must find, and proofs. */
#include <criterion/criterion.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"
#include "tests/mcts/fake.h"

/* ---- moves that it must find ---- */

static game_move best_move(const struct game *game, const struct position *position, const struct mcts_config *config,
                           int visits, float *value)
{
    struct evaluator *evaluator = evaluator_rollout_create(game, 16, 11);
    struct mcts *search = fake_search(game, config, &evaluator);
    mcts_set_root(search, position, NULL);
    mcts_run(search, &(struct mcts_limits){.visits = visits});
    cr_assert_null(mcts_check(search));
    game_move move = mcts_choose(search, 0, NULL);
    if (value)
        *value = fake_find(search, move).value;
    mcts_close(search);
    evaluator_free(evaluator);
    return move;
}

static void expect_move(const char *spec, const char *drawing, int visits, const char *wanted)
{
    struct game_ops ops;
    struct game game = fake_unpruned(spec, &ops); /* the search alone must find it */
    union any_position position;
    GError *error = NULL;
    bool ok = game_set_up_drawing(&game, &position.p, drawing, GAME_BLACK, &error);
    cr_assert(ok, "%s", error ? error->message : "");
    for (int selection = MCTS_PUCT; selection <= MCTS_GUMBEL; selection++) {
        struct mcts_config config = mcts_defaults((enum mcts_selection)selection);
        config.gumbel_noise = false;
        config.gumbel_considered = 400;
        config.gumbel_c_scale = 0.1f; /* the mean of a few playouts is less reliable than a network's value */
        char text[GAME_MOVE_TEXT_MAX];
        game_move_format(&game, best_move(&game, &position.p, &config, visits, NULL), text);
        char **any = g_strsplit(wanted, " ", -1);
        cr_assert(g_strv_contains((const gchar *const *)any, text), "%s, selection %d: %s, not one of %s", spec,
                  selection, text, wanted);
        g_strfreev(any);
    }
}

Test(search, tic_tac_toe_win_and_defence)
{
    expect_move("gomoku:3,line=3", "XX. OO. ...", 200, "C3"); /* wins at once, instead of blocking C2 */
    expect_move("gomoku:3,line=3", "X.. OO. ..X", 400, "C2"); /* else O wins there */
    expect_move("gomoku:3,line=3", "X.. .O. .OX", 600, "B3"); /* the only move that does not lose */
}

Test(search, gomoku_fives_and_fours)
{
    expect_move("gomoku:9", /* an open four: either end wins */
                "......... ......... ......... ..XXXX... ..OOO.... ...O..... ......... ......... .........", 800,
                "B6 G6");
    expect_move("gomoku:9", /* white threatens five at one point */
                "......... ......... ...X..... .XOOOO... ....X.... ....X.... ......... ......... .........", 2500,
                "G6");
    expect_move("gomoku:7,line=4", /* an open two becomes an open three, which cannot be blocked */
                "....... ....... ....... ..XX... ..O.... ....O.. .......", 6000, "B4 E4");
}

/* Go 5x5: black's three stones (B5 B4 B3) have the liberties A5 and A4, white's (C5 C4 C3) D5 and D4. Black to move is
 * one ahead, by either of them: D5, A4, D4 takes three (white's D4 instead leaves one liberty, E4). Anything else is
 * one behind, and A5 or A4 fills black's own. */
Test(search, go_capturing_race)
{
    expect_move("go:5,komi=0.5", ".XO.. .XO.. OXOX. .OX.. .OX..", 3000, "D5 D4");
}

/* ---- proofs ---- */

/* X X . Any other move of X loses: O plays C2. C3 wins at once, so the root is won, with whatever visits it had; and
 * the O O . five moves after which O wins are lost once O's reply has been visited. . . . */
Test(search, proofs_propagate)
{
    struct game_ops ops;
    struct game game = fake_unpruned("gomoku:3,line=3", &ops);
    for (int selection = MCTS_PUCT; selection <= MCTS_GUMBEL; selection++) {
        struct mcts_config config = mcts_defaults((enum mcts_selection)selection);
        struct evaluator *evaluator = evaluator_uniform_create(&game);
        struct mcts *search = fake_search(&game, &config, &evaluator);
        union any_position position;
        struct mcts_root root;
        fake_play(&game, &position.p, NULL, "A3 A2 B3 B2");
        mcts_set_root(search, &position.p, NULL);
        mcts_run(search, &(struct mcts_limits){.visits = 60});
        mcts_root(search, &root);
        cr_assert(root.proven == 1 && root.value == 1 && root.wdl[0] == 1 && root.wdl[1] == 0);
        cr_assert(fake_find(search, 2).proven == 1 && fake_find(search, 2).lcb == 1);
        cr_assert_eq(mcts_choose(search, 0, NULL), 2);
        cr_assert_null(mcts_check(search));
        mcts_close(search);
        evaluator_free(evaluator);
    }
}

/* The game-theoretic value of tic-tac-toe, by exhaustive search; proofs must agree, whatever the evaluator returns. */
static int minimax(const struct game *game, const struct position *position)
{
    if (game_over(position)) {
        struct game_result result = game_result(game, position);
        return game_result_sign(&result, position->player);
    }
    game_move moves[GAME_MAX_MOVES];
    int count = game->ops->legal_moves(game, position, NULL, moves), best = -1;
    for (int i = 0; i < count && best < 1; i++) {
        union any_position next;
        game_copy(game, &next.p, position);
        game_play(game, &next.p, NULL, moves[i]);
        int value = -minimax(game, &next.p);
        best = value > best ? value : best;
    }
    return best;
}

static void proofs_equal_minimax(const char *moves, int visits)
{
    struct game_ops ops;
    struct game game = fake_unpruned("gomoku:3,line=3", &ops);
    struct mcts_config config = mcts_defaults(MCTS_PUCT);
    struct evaluator *evaluator = fake_create(&game, 3, 1); /* confidently wrong */
    struct mcts *search = fake_search(&game, &config, &evaluator);
    union any_position position;
    struct mcts_root root;
    fake_play(&game, &position.p, NULL, moves);
    mcts_set_root(search, &position.p, NULL);
    mcts_run(search, &(struct mcts_limits){.visits = visits});
    const char *wrong = mcts_check(search);
    cr_assert_null(wrong, "%s", wrong);
    mcts_root(search, &root);
    cr_assert_eq(root.proven, minimax(&game, &position.p), "after \"%s\"", moves);
    struct mcts_move found[9];
    int count = mcts_moves(search, found, 9);
    for (int i = 0; i < count; i++) {
        union any_position next;
        game_copy(&game, &next.p, &position.p);
        game_play(&game, &next.p, NULL, found[i].move);
        int exact = -minimax(&game, &next.p);
        cr_assert(found[i].proven == 0 || found[i].proven == exact, "after \"%s\" move %d: proven %d, but %d", moves,
                  found[i].move, found[i].proven, exact);
    }
    game_move choice = mcts_choose(search, 0, NULL);
    game_play(&game, &position.p, NULL, choice);
    cr_assert_eq(-minimax(&game, &position.p), root.proven, "the move chosen does not preserve the value");
    mcts_close(search);
    evaluator_free(evaluator);
}

Test(search, proofs_equal_minimax)
{
    proofs_equal_minimax("", 20000);
    proofs_equal_minimax("A3 B3", 4000);    /* won for the first player */
    proofs_equal_minimax("A3 B3 B2", 4000); /* lost for the second */
    proofs_equal_minimax("B2 B3", 4000);
    proofs_equal_minimax("B2 A3 C1", 4000);
}
