/* Leaf expansion: moves, priors, value. */
#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"
#include "mcts/search/bias.h"
#include "mcts/search/certainty.h"
#include "mcts/search/search_state.h"
#include "mcts/search/tree.h"

#include <math.h>

static void set_priors(struct worker *worker, const game_move *moves, int count)
{
    float prior[GAME_MAX_MOVES];
    eval_softmax(&worker->eval, moves, count, 1, prior);
    for (int i = 0; i < count; i++)
        worker->prior[moves[i]] = prior[i];
}

/* Writes a node's edges in move order. They are sorted at the first selection, which most leaves never reach. */
static void write_edges(struct worker *worker, uint32_t index, const game_move *moves, int count)
{
    struct tree *tree = &worker->search->tree;
    uint32_t block = tree_new_edges(tree, index, count);
    struct node *node = tree_node(tree, index);
    node->edges = block;
    node->edge_count = (uint16_t)count;
    atomic_store_explicit(&node->sorted, false, memory_order_relaxed);
    struct edge *edges = tree_edges(tree, node);
    for (int i = 0; i < count; i++)
        edges[i] = (struct edge){.move = moves[i], .prior = tree_pack_prior(worker->prior[moves[i]])};
}

static void accumulate_map(struct worker *worker, int player)
{
    if (!(worker->eval.filled & EVAL_MAP))
        return;
    for (int i = 0; i < worker->search->game->points; i++)
        worker->map_sum[i] += player ? -worker->eval.map[i] : worker->eval.map[i];
    worker->map_count++;
}

static float finite_or_zero(float value)
{
    return isfinite(value) ? value : 0;
}

static int set_terminal(const struct worker *worker, struct node *node)
{
    struct game_result result = game_result(worker->search->game, worker->position);
    node->raw_value = (float)game_result_sign(&result, 0);
    node->raw_draw = result.outcome == GAME_DRAWN;
    node->raw_score = result.margin;
    if (worker->search->config.prove)
        atomic_store_explicit(&node->proven, (int8_t)game_result_sign(&result, 0), memory_order_relaxed);
    return NODE_TERMINAL;
}

/* A win by threats is as good as the end of the game, but its node stays a leaf: it has moves, and gets its edges if it
 * becomes the root. */
static int set_won(struct node *node)
{
    int value = node->player ? -1 : 1;
    node->raw_value = (float)value;
    node->raw_draw = node->raw_score = 0;
    atomic_store_explicit(&node->proven, (int8_t)value, memory_order_relaxed);
    return NODE_LEAF;
}

static int evaluate(struct worker *worker, struct node *node, uint32_t index)
{
    const struct mcts *search = worker->search;
    const struct game *game = search->game;
    game_move legal[GAME_MAX_MOVES], moves[GAME_MAX_MOVES];
    int legal_count = 0;
    node->player = worker->position->player;
    if (!game_over(worker->position))
        legal_count = game->ops->legal_moves(game, worker->position, &worker->history, legal);
    if (!legal_count) /* game over, or in renju only forbidden points left: scored as is */
        return set_terminal(worker, node);
    if (index != search->tree.root && !search_is_modelled(search, node) && threats_win_leaf(worker))
        return set_won(node);
    struct eval *eval = &worker->eval;
    eval->filled = 0;
    eval->score = 0;
    eval->error = -1;
    int count = game_sensible_moves(game, worker->position, search->config.tactics, legal, legal_count, moves);
    struct eval_query query = {
        .position = worker->position, .history = &worker->history, .legal = legal, .legal_count = legal_count};
    query.below_root = worker->history.count - search->history.count;
    query.want = EVAL_POLICY | EVAL_VALUE | (game->has_score ? EVAL_SCORE : 0) | (search->config.map ? EVAL_MAP : 0) |
                 (node->weighed ? EVAL_ERROR : 0);
    evaluator_evaluate(worker->evaluator, 1, &query, eval);
    float sign = node->player ? -1.0f : 1.0f, value = finite_or_zero(eval_value(eval));
    node->raw_value = sign * (value > 1 ? 1 : value < -1 ? -1 : value);
    node->raw_draw = finite_or_zero(eval->wdl[1]);
    node->raw_score = sign * finite_or_zero(eval->score);
    if (eval->filled & EVAL_PRIOR_VISITS)
        atomic_store_explicit(&node->prior_visits, eval->prior_visits, memory_order_release);
    set_priors(worker, moves, count);
    write_edges(worker, index, moves, count);
    accumulate_map(worker, node->player);
    if (search->bias)
        tree_node_extra(node)->key = bias_key(game, worker->position);
    return NODE_EXPANDED;
}

void search_expand(struct worker *worker, uint32_t index)
{
    struct mcts *search = worker->search;
    struct node *node = tree_node(&search->tree, index);
    int state = evaluate(worker, node, index);
    if (node->weighed)
        tree_node_extra(node)->own_weight =
            certainty_weight(search, node, state == NODE_TERMINAL, state == NODE_EXPANDED ? worker->eval.error : -1);
    atomic_fetch_add_explicit(&node->own, 1, memory_order_relaxed);
    search_publish(search, index, state);
}
