/* Passes the result of a search to its evaluators. */
#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"
#include "mcts/search/search_state.h"
#include "mcts/search/tree.h"

/* share: [moves] visit distribution of the root. False if there are no visits. */
static bool fill_share(const struct mcts *search, const struct node *node, float *share)
{
    const struct root_state *root = &search->root;
    const struct edge *edges = tree_edges(&search->tree, node);
    double sum = 0;
    memset(share, 0, sizeof *share * search->game->moves);
    for (int i = 0; i < root->count; i++)
        sum += root_visits(search, i);
    for (int i = 0; i < root->count && sum > 0; i++)
        share[edges[i].move] = (float)(root_visits(search, i) / sum);
    return sum > 0;
}

void mcts_observe(struct mcts *search)
{
    struct evaluator *stack = search->workers[0].evaluator;
    const struct node *node = search_found_root(search);
    float share[GAME_MAX_MOVES], policy[GAME_MAX_MOVES];
    if (!evaluator_observes(stack) || !node || search->root.masked || !fill_share(search, node, share) ||
        !mcts_policy(search, policy))
        return;
    struct mcts_root root;
    mcts_root(search, &root);
    struct eval_observation observation = {.position = search->position,
                                           .history = &search->history,
                                           .visits = root.visits,
                                           .score = root.score,
                                           .raw_score = root.raw_score,
                                           .proven = root.proven,
                                           .share = share,
                                           .policy = policy};
    memcpy(observation.wdl, root.wdl, sizeof root.wdl);
    memcpy(observation.raw_wdl, root.raw_wdl, sizeof root.raw_wdl);
    evaluator_observe(stack, &observation);
}
