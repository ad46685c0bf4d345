/* A net's evaluator, and positions that it meets: of games sampled from its policy. */
#ifndef TENGEN_TESTS_ACCEPTANCE_LIB_SAMPLED_POSITIONS_H
#define TENGEN_TESTS_ACCEPTANCE_LIB_SAMPLED_POSITIONS_H

#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"

enum { SAMPLED_PLIES = 45 };

/* symmetry: as in struct evaluator_config. */
static inline struct evaluator *net_evaluator(const struct game *game, struct net *net, int symmetry)
{
    const struct evaluator_config config = {.kind = EVALUATOR_NET,
                                            .net = net,
                                            .backend = NET_BACKEND_FAST,
                                            .dtype = NET_AUTO,
                                            .symmetry = symmetry,
                                            .seed = 1};
    struct evaluator *evaluator;
    GError *error = NULL;
    if (evaluator_create(&evaluator, game, &config, &error) != 0)
        g_error("%s", error->message);
    return evaluator;
}

/* A position after fewer than SAMPLED_PLIES plies, any number being equally likely; false if the game was over by then. */
static inline bool sample_position(const struct game *game, struct evaluator *evaluator, struct rng *rng,
                                   struct position *position, struct history *history)
{
    const int plies = (int)rng_below(rng, SAMPLED_PLIES);
    game_init(game, position);
    history_truncate(history, 0);
    for (int i = 0; i < plies && !game_over(position); i++) {
        struct eval eval;
        const struct eval_query query = {.position = position, .history = history, .want = EVAL_POLICY | EVAL_VALUE};
        evaluator_evaluate(evaluator, 1, &query, &eval);
        game_play(game, position, history, evaluator_sample_move(game, position, history, &eval, rng));
    }
    return !game_over(position);
}

#endif
