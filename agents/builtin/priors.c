#include "agents/builtin/priors.h"

#include <stdlib.h>

#include "agents/agent.h"
#include "games/game.h"
#include "mcts/evaluator.h"

static int compare_priors(const void *a, const void *b)
{
    const struct agent_candidate *x = a, *y = b;
    return x->prior != y->prior ? (x->prior > y->prior ? -1 : 1) : (int)x->move - (int)y->move;
}

int priors_list(const struct agent *agent, const struct eval *eval, const uint8_t *allowed,
                       struct agent_candidate *candidates)
{
    game_move legal[GAME_MAX_MOVES], moves[GAME_MAX_MOVES];
    int all = agent->game->ops->legal_moves(agent->game, agent->position, &agent->history, legal), count = 0;
    int sensible = game_sensible_moves(agent->game, agent->position, true, legal, all, moves);
    float value = eval_value(eval), probability[GAME_MAX_MOVES];
    for (int pass = 0; pass < 2 && !count; pass++) {
        const game_move *from = pass ? legal : moves;
        int number = pass ? all : sensible;
        eval_softmax(eval, from, number, 1, probability);
        for (int i = 0; i < number; i++)
            if (!allowed || allowed[from[i]])
                candidates[count++] = (struct agent_candidate){.move = from[i],
                                                               .prior = probability[i],
                                                               .value = value,
                                                               .lcb = value,
                                                               .draw = eval->wdl[1],
                                                               .score = eval->score,
                                                               .length = 1,
                                                               .line = {from[i]}};
    }
    qsort(candidates, (size_t)count, sizeof *candidates, compare_priors);
    return count;
}
