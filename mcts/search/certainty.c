#include "mcts/search/certainty.h"

#include <math.h>

#include "mcts/search.h"
#include "mcts/search/search_state.h"
#include "mcts/search/tree.h"

/* Of the nets that ship, on Go 9x9. */
static const double least_error = 0.09, error_per_change = 0.45, mean_error = 0.155;

static int32_t weight_of(const struct mcts *search, double error)
{
    return (int32_t)lrint(pow(mean_error / error, (double)search->config.uncertainty) * TREE_VALUE_ONE);
}

int32_t certainty_weight(const struct mcts *search, const struct node *node, bool over, float said)
{
    if (over || node_proven(node, 0))
        return certainty_most(search);
    if (said >= 0)
        return weight_of(search, fmax(least_error, (double)said));
    if (!node->parent)
        return weight_of(search, mean_error);
    const double before = tree_node(&search->tree, node->parent)->raw_value;
    return weight_of(search, least_error + error_per_change * fabs((double)node->raw_value - before));
}

int32_t certainty_most(const struct mcts *search)
{
    return weight_of(search, least_error);
}
