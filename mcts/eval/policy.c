/* From logits to move probabilities, and sampling a move from them. */
#include <math.h>

#include "games/game.h"
#include "mcts/evaluator.h"

void eval_softmax(const struct eval *eval, const game_move *moves, int count, float temperature, float *probability)
{
    const float *logits = eval->logits;
    float max = -INFINITY;
    double sum = 0;
    for (int i = 0; i < count; i++)
        max = logits[moves[i]] > max ? logits[moves[i]] : max;
    for (int i = 0; i < count; i++)
        sum += probability[i] = expf((logits[moves[i]] - max) / temperature);
    bool valid = isfinite(sum) && sum > 0; /* a diverged net must not break the search */
    for (int i = 0; i < count; i++)
        probability[i] = valid ? (float)(probability[i] / sum) : 1.0f / (float)count;
}

game_move eval_sample(const game_move *moves, const float *probability, int count, struct rng *rng)
{
    double left = rng_uniform(rng);
    for (int i = 0; i + 1 < count; i++)
        if ((left -= (double)probability[i]) < 0)
            return moves[i];
    return count ? moves[count - 1] : GAME_NO_MOVE;
}

game_move evaluator_sample_move(const struct game *game, const struct position *position, const struct history *history,
                                const struct eval *eval, struct rng *rng)
{
    game_move legal[GAME_MAX_MOVES];
    float probability[GAME_MAX_MOVES];
    int count = game->ops->legal_moves(game, position, history, legal);
    eval_softmax(eval, legal, count, 1, probability);
    return eval_sample(legal, probability, count, rng);
}
