#include "tests/mcts/search/naive.h"

#include <criterion/criterion.h>
#include <math.h>

#include "mcts/evaluator.h"
#include "mcts/search/tree.h"

static struct naive_node *new_node(const struct naive *naive, const struct position *position,
                                   const struct naive_node *parent)
{
    struct naive_node *node = g_new0(struct naive_node, 1);
    node->parent = parent;
    game_copy(naive->game, &node->position.p, position);
    return node;
}

/* Everything in which positions must agree to share a bucket, spelled out: the last two moves, the points around the last
 * one, and the state besides the stones. */
static char *bias_key_text(const struct game *game, const struct position *position)
{
    GString *key = g_string_new(NULL);
    const int last = position->recent[0], x = last % game->width, y = last / game->width;
    g_string_printf(key, "%d %d %d %d %llx ", last, position->recent[1], position->player, position->colour,
                    (unsigned long long)(position->hash ^ position->stones_hash));
    for (int p = 0; p < game->points && last < game->points; p++)
        if (abs(p % game->width - x) <= 2 && abs(p / game->width - y) <= 2)
            g_string_append_c(key, ".XO"[game->ops->stone(game, position, p)]);
    return g_string_free(key, FALSE);
}

/* An ordinary evaluation has an error of 0.155 and a weight of 1, one that repeats the value before it 0.09; where the evaluator says
 * something of its error, that counts. */
static double weight_of(const struct naive *naive, const struct naive_node *node)
{
    double change = 0;
    if (!node->terminal && node->said >= 0)
        return pow(0.155 / fmax(0.09, node->said), (double)naive->config.uncertainty);
    if (!node->parent)
        return 1;
    if (!node->terminal)
        change = node->position.p.player == node->parent->position.p.player ? node->raw.value - node->parent->raw.value
                                                                            : node->raw.value + node->parent->raw.value;
    return pow(0.155 / (0.09 + 0.45 * fabs(change)), (double)naive->config.uncertainty);
}

/* Priors are rounded to the tree's 16 bits, which decide the order of the edges; the packing has its own test. */
static void expand(const struct naive *naive, struct naive_node *node, bool exact)
{
    const struct game *game = naive->game;
    const struct position *position = &node->position.p;
    node->expanded = true;
    if (game_over(position)) {
        struct game_result result = game_result(game, position);
        node->terminal = true;
        double value = game_result_sign(&result, position->player);
        node->raw = (struct naive_sums){value, result.outcome == GAME_DRAWN,
                                        (double)(position->player ? -result.margin : result.margin), value * value, 1};
        node->times = weight_of(naive, node);
        return;
    }
    struct eval eval;
    struct eval_query query = {.position = position, .want = EVAL_POLICY | EVAL_VALUE | EVAL_ERROR};
    evaluator_evaluate(naive->evaluator, 1, &query, &eval);
    node->said = (double)eval.error;
    double value = (double)eval.wdl[0] - eval.wdl[2];
    node->raw = (struct naive_sums){value, (double)eval.wdl[1], (double)eval.score, value * value, 1};
    node->times = weight_of(naive, node);
    node->own = value;
    if (naive->config.value_bias > 0 && position->recent[0] != GAME_NO_MOVE) {
        node->key = bias_key_text(game, position);
        g_ptr_array_add(naive->evaluated, node);
    }
    uint8_t keep[GAME_MAX_MOVES];
    game_move legal[GAME_MAX_MOVES];
    memset(keep, 1, sizeof keep);
    if (game->ops->prune)
        game->ops->prune(game, position, keep);
    if (game->ops->forced)
        game->ops->forced(game, position, keep);
    int count = game->ops->legal_moves(game, position, NULL, legal);
    for (int i = 0; i < count; i++)
        if (keep[legal[i]])
            node->move[node->edges++] = legal[i];
    cr_assert_gt(node->edges, 0);
    double sum = 0;
    for (int i = 0; i < node->edges; i++)
        sum += exp(eval.logits[node->move[i]]);
    for (int i = 0; i < node->edges; i++)
        node->prior[i] = (float)(exp(eval.logits[node->move[i]]) / sum);
    for (int i = 0; i < node->edges; i++) /* selection sort: greatest packed prior first, then lowest move */
        for (int j = i + 1; j < node->edges; j++) {
            uint16_t a = tree_pack_prior(node->prior[i]), b = tree_pack_prior(node->prior[j]);
            if (b < a || (a == b && node->move[i] < node->move[j]))
                continue;
            float prior = node->prior[i];
            game_move move = node->move[i];
            node->prior[i] = node->prior[j];
            node->move[i] = node->move[j];
            node->prior[j] = prior;
            node->move[j] = move;
        }
    for (int i = 0; i < node->edges && !exact; i++)
        node->prior[i] = tree_unpack_prior(tree_pack_prior(node->prior[i]));
}

/* Mean value of a child from the view of the parent's player, who may be the same. */
static double q_of(const struct naive_node *node, int i)
{
    const struct naive_node *child = node->child[i];
    double mean = child->sum.value / child->sum.weight;
    return child->position.p.player == node->position.p.player ? mean : -mean;
}

static int best_puct(const struct naive *naive, const struct naive_node *node, bool root)
{
    const struct mcts_config *c = &naive->config;
    double mass = 0, most = -1e9;
    int best = -1;
    for (int i = 0; i < node->edges; i++)
        mass += node->child[i] ? node->prior[i] : 0;
    double unvisited =
        node->sum.value / node->sum.weight - (root ? c->root_fpu_reduction : c->fpu_reduction) * sqrt(mass);
    double explore = c->cpuct + c->cpuct_log * log((node->visits + c->cpuct_base) / (double)c->cpuct_base);
    /* Two visits that are 0.4 off the mean, besides those made. */
    double mean = node->sum.value / node->sum.weight;
    double deviations = node->visits * (node->sum.square / node->sum.weight - mean * mean);
    double stdev = sqrt((2 * 0.4 * 0.4 + fmax(deviations, 0)) / (2 + node->visits));
    explore *= 1 + c->cpuct_stdev * (stdev / 0.4 - 1);
    for (int i = 0; i < node->edges; i++) {
        double visits = node->child[i] ? node->child[i]->visits : 0;
        double score =
            (visits ? q_of(node, i) : unvisited) + explore * node->prior[i] * sqrt(node->visits) / (1 + visits);
        if (score > most + 1e-6) { /* scores that are equal up to rounding: the first one */
            most = score;
            best = i;
        }
    }
    return best;
}

static int best_gumbel(const struct naive *naive, const struct naive_node *node)
{
    double visits = 0, mass = 0, weighted = 0, max = 0, q[GAME_MAX_MOVES], pi[GAME_MAX_MOVES], sum = 0;
    for (int i = 0; i < node->edges; i++) {
        if (!node->child[i])
            continue;
        q[i] = 0.5 + 0.5 * q_of(node, i);
        visits += node->child[i]->visits;
        mass += node->prior[i];
        weighted += node->prior[i] * q[i];
        max = node->child[i]->visits > max ? node->child[i]->visits : max;
    }
    double raw = 0.5 + 0.5 * node->raw.value, mixed = visits ? (raw + visits * weighted / mass) / (1 + visits) : raw;
    double most = -1e9;
    for (int i = 0; i < node->edges; i++) {
        double sigma = (naive->config.gumbel_c_visit + max) * naive->config.gumbel_c_scale;
        pi[i] = log(node->prior[i]) + sigma * (node->child[i] ? q[i] : mixed);
        most = pi[i] > most ? pi[i] : most;
    }
    for (int i = 0; i < node->edges; i++)
        sum += pi[i] = exp(pi[i] - most);
    int best = -1;
    most = -1e9;
    for (int i = 0; i < node->edges; i++) {
        double score = pi[i] / sum - (node->child[i] ? node->child[i]->visits : 0) / (1 + visits);
        if (score > most + 1e-6) {
            most = score;
            best = i;
        }
    }
    return best;
}

/* The sums of an expanded node, from its own evaluation and its children. */
static void sum_up(struct naive_node *node)
{
    node->sum.value = node->own * node->times;
    node->sum.square = node->own * node->own * node->times;
    for (int i = 0; i < node->edges; i++)
        if (node->child[i]) {
            node->sum.value += q_of(node, i) * node->child[i]->sum.weight;
            node->sum.square += node->child[i]->sum.square;
        }
}

/* After a visit: the node's error, from which others after the same play learn, and its value less the mean error. Errors
 * are from the view of the player to move, who is the same throughout a bucket. */
static void correct(struct naive *naive, struct naive_node *node)
{
    double weights = 0, errors = 0, below = node->visits - 1, room = fmax(1 - node->raw.draw, fabs(node->raw.value));
    sum_up(node);
    if (!node->key)
        return;
    if (below > 0) {
        node->influence = pow(below, 0.8);
        node->error = node->raw.value - (node->sum.value - node->own * node->times) / (node->sum.weight - node->times);
    }
    for (guint i = 0; i < naive->evaluated->len; i++) {
        const struct naive_node *other = naive->evaluated->pdata[i];
        if (strcmp(other->key, node->key) == 0) {
            weights += other->influence;
            errors += other->influence * other->error;
        }
    }
    node->own = node->raw.value - (double)naive->config.value_bias * (weights > 0 ? errors / weights : 0);
    node->own = fmax(-room, fmin(room, node->own));
    sum_up(node);
}

/* Returns what the visit found, for the player to move at the node. */
static struct naive_sums visit(struct naive *naive, struct naive_node *node, int forced, bool root)
{
    struct naive_sums found;
    if (!node->expanded)
        expand(naive, node, root);
    if (node->terminal || !node->visits) {
        const struct naive_sums *raw = &node->raw;
        const double w = node->times;
        found = (struct naive_sums){w * raw->value, w * raw->draw, w * raw->score, w * raw->square, w};
    } else {
        int edge = forced >= 0                                    ? forced
                   : naive->config.selection == MCTS_PUCT || root ? best_puct(naive, node, root)
                                                                  : best_gumbel(naive, node);
        if (!node->child[edge]) {
            node->child[edge] = new_node(naive, &node->position.p, node);
            game_play(naive->game, &node->child[edge]->position.p, NULL, node->move[edge]);
        }
        struct naive_node *child = node->child[edge];
        found = visit(naive, child, -1, false);
        if (child->position.p.player != node->position.p.player) {
            found.value = -found.value;
            found.score = -found.score;
        }
    }
    node->visits++;
    node->sum.value += found.value;
    node->sum.draw += found.draw;
    node->sum.score += found.score;
    node->sum.square += found.square;
    node->sum.weight += found.weight;
    if (naive->config.value_bias > 0 && !node->terminal)
        correct(naive, node);
    return found;
}

void naive_start(struct naive *naive, const struct game *game, const struct mcts_config *config,
                 struct evaluator *evaluator, const struct position *position)
{
    *naive = (struct naive){.game = game, .config = *config, .evaluator = evaluator};
    naive->evaluated = g_ptr_array_new();
    naive->root = new_node(naive, position, NULL);
    visit(naive, naive->root, -1, true);
}

void naive_playout(struct naive *naive, int forced)
{
    visit(naive, naive->root, forced, true);
}

static void free_node(struct naive_node *node)
{
    for (int i = 0; i < node->edges; i++)
        if (node->child[i])
            free_node(node->child[i]);
    g_free(node->key);
    g_free(node);
}

void naive_end(struct naive *naive)
{
    free_node(naive->root);
    g_ptr_array_free(naive->evaluated, TRUE);
}
