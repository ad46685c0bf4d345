/* A search says which moves are its own: nets that carry a state take it along those before its root. */
#include <criterion/criterion.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"
#include "net/net.h"
#include "tests/mcts/asking.h"
#include "tests/mcts/carrying.h"
#include "tests/mcts/fake.h"

/* An evaluator that notes what it is asked. */
struct spy {
    struct evaluator base;
    int root;    /* moves before the root, as every query must have them */
    int deepest; /* moves below it */
    bool wrong;
};

static void note(struct evaluator *self, int n, const struct eval_query *queries, struct eval *evals)
{
    struct spy *spy = (struct spy *)self;
    for (int i = 0; i < n; i++) {
        spy->wrong |= queries[i].history->count - queries[i].below_root != spy->root;
        spy->deepest = MAX(spy->deepest, queries[i].below_root);
        memset(&evals[i], 0, sizeof evals[i]);
        evals[i].wdl[1] = 1;
        evals[i].filled = queries[i].want & (EVAL_POLICY | EVAL_VALUE);
    }
}

static const struct evaluator_ops spy_ops = {.name = "spy", .evaluate = note};

static void search_from(struct mcts *search, struct spy *spy, const struct line *line)
{
    spy->root = line->history.count;
    spy->deepest = 0;
    mcts_set_root(search, &line->at.p, &line->history);
    mcts_run(search, &(struct mcts_limits){.visits = 200});
    cr_expect_not(spy->wrong, "after %d moves", spy->root);
    cr_expect_gt(spy->deepest, 1);
}

Test(carried_root, queries_name_the_moves_of_the_search)
{
    struct game game = fake_game("go:5");
    struct spy spy = {.base = {.ops = &spy_ops, .game = &game}};
    struct mcts_config config = mcts_defaults(MCTS_PUCT);
    struct evaluator *evaluators[] = {&spy.base};
    struct line line;
    struct mcts *search;
    line_init(&game, &line);
    cr_assert_eq(mcts_create(&search, &game, &config, evaluators, NULL), 0);
    search_from(search, &spy, &line);
    line_play(&game, &line, "C3", 0);
    search_from(search, &spy, &line); /* with a tree that is kept */
    line_play(&game, &line, "B2 D2 B4 D4", 0);
    search_from(search, &spy, &line);
    mcts_close(search);
    history_clear(&line.history);
}

/* The root's value is that of a position after the moves played; in another game with the same stones its priors are others. */
Test(carried_root, a_search_uses_the_state)
{
    struct game game = fake_game("gomoku:7");
    struct net *net = carrying_net(&game, 12);
    const char *const games[] = {"B2 C3 D4 B4 D2 C2 B3 D3 A1 E5 A5 E1", "D4 B4 B2 C3 D2 C2 B3 D3 A1 E5 A5 E1"};
    float priors[2][GAME_MAX_MOVES] = {0}, most = 0;
    for (int i = 0; i < 2; i++) {
        struct mcts_config config = mcts_defaults(MCTS_PUCT);
        struct evaluator *evaluators[] = {net_evaluator(&game, net, 0, 1)};
        struct line line = line_of(&game, games[i]);
        struct mcts_root root;
        struct mcts *search;
        struct eval eval;
        cr_assert_eq(mcts_create(&search, &game, &config, evaluators, NULL), 0);
        mcts_set_root(search, &line.at.p, &line.history);
        mcts_run(search, &(struct mcts_limits){.visits = 8});
        mcts_root(search, &root);
        ask(evaluators[0], &line.at.p, &line.history, &eval);
        cr_expect_float_eq(root.raw_wdl[0] - root.raw_wdl[2], eval_value(&eval), 1e-5f);
        struct mcts_move moves[GAME_MAX_MOVES];
        const int count = mcts_moves(search, moves, GAME_MAX_MOVES);
        for (int m = 0; m < count; m++)
            priors[i][moves[m].move] = moves[m].prior;
        mcts_close(search);
        evaluator_free(evaluators[0]);
        history_clear(&line.history);
    }
    for (int m = 0; m < game.moves; m++)
        most = fmaxf(most, fabsf(priors[0][m] - priors[1][m]));
    cr_expect_gt(most, 1e-4f);
    net_unref(net);
}
