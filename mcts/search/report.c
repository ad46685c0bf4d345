/* Search results: the root, its moves, the principal variation, the map, and the move to play. */
#include "games/game.h"
#include "mcts/search.h"
#include "mcts/search/search_state.h"
#include "mcts/search/tree.h"

#include <math.h>
#include <stdlib.h>

const struct node *search_found_root(const struct mcts *search)
{
    const struct tree *tree = &search->tree;
    if (!search->root.ready || !tree->root || node_state(tree_node(tree, tree->root)) != NODE_EXPANDED)
        return NULL;
    return tree_node(tree, tree->root);
}

void mcts_root(const struct mcts *search, struct mcts_root *root)
{
    *root = (struct mcts_root){.new_visits = search->new_visits, .nodes = atomic_load(&search->tree.nodes)};
    const struct node *node = search_found_root(search);
    if (!node)
        return;
    root->visits = node_visits(node);
    eval_wdl_of(node->player ? -node->raw_value : node->raw_value, CLAMP(node->raw_draw, 0, 1), root->raw_wdl);
    root->raw_score = node->player ? -node->raw_score : node->raw_score;
    root->value = search_value(node, node->player);
    root->proven = node_proven(node, node->player);
    eval_wdl_of(root->value, root->proven ? 0 : CLAMP(node_draw(node), 0, 1), root->wdl);
    root->score = node_score(node, node->player);
    root->moves = search->root.count;
    for (int i = 0; i < search->threads; i++)
        root->depth = MAX(search->workers[i].max_depth, root->depth);
}

/* PUCT: the visit distribution, or the prior without visits. Gumbel: the improved policy. */
static void fill_policy(const struct mcts *search, float *improved)
{
    const struct root_state *root = &search->root;
    if (search->config.selection == MCTS_GUMBEL) {
        root_improve(search, improved);
        return;
    }
    double sum = 0;
    for (int i = 0; i < root->count; i++)
        sum += root_visits(search, i);
    for (int i = 0; i < root->count; i++)
        improved[i] = sum > 0 ? (float)(root_visits(search, i) / sum) : root->raw_prior[i];
}

bool mcts_policy(const struct mcts *search, float *policy)
{
    const struct node *node = search_found_root(search);
    float improved[GAME_MAX_MOVES];
    memset(policy, 0, sizeof *policy * search->game->moves);
    if (!node)
        return false;
    fill_policy(search, improved);
    for (int i = 0; i < search->root.count; i++)
        policy[tree_edges(&search->tree, node)[i].move] = improved[i];
    return true;
}

static int compare_moves(const void *a, const void *b)
{
    const struct mcts_move *x = a, *y = b;
    if (x->visits != y->visits)
        return x->visits > y->visits ? -1 : 1;
    if (x->visits && x->value != y->value)
        return x->value > y->value ? -1 : 1;
    if (x->prior != y->prior)
        return x->prior > y->prior ? -1 : 1;
    return x->move < y->move ? -1 : 1;
}

int mcts_moves(const struct mcts *search, struct mcts_move *moves, int max)
{
    const struct node *node = search_found_root(search);
    if (!node)
        return 0;
    const struct root_state *root = &search->root;
    float improved[GAME_MAX_MOVES];
    struct mcts_move all[GAME_MAX_MOVES];
    const float completed = root_completed_value(search);
    fill_policy(search, improved);
    for (int i = 0; i < root->count; i++) {
        all[i] = (struct mcts_move){.move = tree_edges(&search->tree, node)[i].move,
                                    .visits = root_visits(search, i),
                                    .prior = root->raw_prior[i],
                                    .improved = improved[i],
                                    .value = completed,
                                    .draw = node->raw_draw,
                                    .score = node_score(node, node->player),
                                    .lcb = -1};
        if (!all[i].visits)
            continue;
        const struct node *child = tree_node(&search->tree, root->child[i]);
        all[i].proven = node_proven(child, node->player);
        all[i].value = search_value(child, node->player);
        all[i].draw = node_draw(child);
        all[i].score = node_score(child, node->player);
        all[i].lcb = root_lcb(child, node->player);
    }
    qsort(all, (size_t)root->count, sizeof *all, compare_moves);
    int count = MIN(root->count, max);
    memcpy(moves, all, sizeof *all * (size_t)count);
    return count;
}

bool mcts_improved_value(const struct mcts *search, float wdl[3])
{
    struct mcts_move moves[GAME_MAX_MOVES];
    struct mcts_root root;
    const int count = mcts_moves(search, moves, GAME_MAX_MOVES);
    float value = 0, draw = 0;
    if (count == 0)
        return false;
    mcts_root(search, &root);
    for (int i = 0; i < count; i++) {
        value += moves[i].improved * moves[i].value;
        draw += moves[i].improved * moves[i].draw;
    }
    draw = CLAMP(draw, 0, 1);
    if (root.proven)
        memcpy(wdl, root.wdl, sizeof root.wdl);
    else
        eval_wdl_of(CLAMP(value, draw - 1, 1 - draw), draw, wdl);
    return true;
}

/* Samples an edge in proportion to visits^(1/temperature); -1 without visits. */
static int sample_edge(const struct mcts *search, float temperature, struct rng *rng)
{
    const struct root_state *root = &search->root;
    double weight[GAME_MAX_MOVES], sum = 0;
    uint32_t highest = 0;
    for (int i = 0; i < root->count; i++)
        highest = root_visits(search, i) > highest ? root_visits(search, i) : highest;
    if (!highest)
        return -1;
    for (int i = 0; i < root->count; i++) {
        uint32_t visits = root_visits(search, i);
        sum += weight[i] =
            visits && !root_avoids(search, i) ? pow((double)visits / highest, 1.0 / (double)temperature) : 0;
    }
    double left = rng_uniform(rng) * sum;
    int last = -1;
    for (int i = 0; i < root->count; i++) {
        if (weight[i] <= 0)
            continue;
        last = i;
        if ((left -= weight[i]) < 0)
            break;
    }
    return last;
}

game_move mcts_choose(const struct mcts *search, float temperature, struct rng *rng)
{
    const struct node *node = search_found_root(search);
    if (!node)
        return GAME_NO_MOVE;
    int edge = temperature > 0 && !search->root.won ? sample_edge(search, temperature, rng) : -1;
    edge = edge < 0 ? root_best(search) : edge;
    return edge < 0 ? GAME_NO_MOVE : (game_move)tree_edges(&search->tree, node)[edge].move;
}

static const struct node *most_visited(const struct tree *tree, const struct node *node)
{
    const struct node *best = NULL;
    for (uint32_t at = node_first_child(node); at; at = tree_node(tree, at)->next) {
        const struct node *child = tree_node(tree, at);
        if (!best || node_visits(child) > node_visits(best) ||
            (node_visits(child) == node_visits(best) && child->edge < best->edge))
            best = child;
    }
    return best;
}

int mcts_variation(const struct mcts *search, game_move first, game_move *line, int64_t *visits, int max)
{
    const struct tree *tree = &search->tree;
    const struct node *node = search_found_root(search), *child = NULL;
    if (!node || max < 1)
        return 0;
    const struct edge *edges = tree_edges(tree, node);
    int length = 0;
    for (int i = 0; i < search->root.count; i++)
        if (edges[i].move == first) {
            child = search->root.child[i] ? tree_node(tree, search->root.child[i]) : NULL;
            if (visits)
                visits[length] = root_visits(search, i);
            line[length++] = first;
        }
    if (search->root.won && first == search->root.line[0] && child && !node_first_child(child)) {
        for (; length < MIN(max, search->root.line_length); length++) {
            line[length] = search->root.line[length];
            if (visits)
                visits[length] = 0;
        }
        return length;
    }
    while (child && length < max && (node = most_visited(tree, child))) {
        if (visits)
            visits[length] = node_visits(node);
        line[length++] = tree_edges(tree, child)[node->edge].move;
        child = node;
    }
    return length;
}

bool mcts_map(const struct mcts *search, float *map)
{
    int64_t count = 0;
    float sign = search->position->player ? -1.0f : 1.0f;
    for (int i = 0; i < search->threads; i++)
        count += search->workers[i].map_count;
    if (!count)
        return false;
    for (int p = 0; p < search->game->points; p++) {
        double sum = 0;
        for (int i = 0; i < search->threads; i++)
            sum += search->workers[i].map_sum[p];
        map[p] = sign * (float)(sum / (double)count);
    }
    return true;
}
