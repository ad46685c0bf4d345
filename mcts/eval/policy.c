/* What an evaluator's logits mean for some moves of a position: shares, and a move drawn by them. */
#include <math.h>

#include "mcts/evaluator.h"

void eval_shares(const struct eval *eval, const game_move *moves, int count, float temperature, float *share)
{
    const float *logits = eval->logits;
    float most = -INFINITY;
    double sum = 0;
    for (int i = 0; i < count; i++)
        most = logits[moves[i]] > most ? logits[moves[i]] : most;
    for (int i = 0; i < count; i++)
        sum += share[i] = expf((logits[moves[i]] - most) / temperature);
    bool sound = isfinite(sum) && sum > 0; /* a net gone bad must not take the search with it */
    for (int i = 0; i < count; i++)
        share[i] = sound ? (float)(share[i] / sum) : 1.0f / (float)count;
}

game_move eval_draw(const game_move *moves, const float *share, int count, struct rng *rng)
{
    double at = rng_uniform(rng);
    for (int i = 0; i + 1 < count; i++)
        if ((at -= (double)share[i]) < 0)
            return moves[i];
    return count ? moves[count - 1] : GAME_NO_MOVE;
}

game_move evaluator_sample_move(const struct game *game, const struct position *position, const struct history *history,
                                const struct eval *eval, struct rng *rng)
{
    game_move legal[GAME_MAX_MOVES];
    float share[GAME_MAX_MOVES];
    int count = game->ops->legal_moves(game, position, history, legal);
    eval_shares(eval, legal, count, 1, share);
    return eval_draw(legal, share, count, rng);
}
