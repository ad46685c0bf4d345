/* Edge selection: PUCT, and below a Gumbel root the deterministic selection that follows the improved policy. */
#include "games/game.h"
#include "mcts/search.h"
#include "mcts/search/gumbel.h"
#include "mcts/search/search_state.h"
#include "mcts/search/tree.h"

#include <math.h>

/* Points are counted from the margin that is expected at the root, where tanh is steepest: otherwise a player who is far ahead or
 * behind would be as indifferent to them as without this. */
static float add_score_utility(const struct mcts *search, float value, float score, int player)
{
    if (search->config.score_utility == 0)
        return value;
    const float centre = player ? -search->score_centre : search->score_centre;
    return value + search->config.score_utility * tanhf((score - centre) / search->score_scale);
}

float search_utility(const struct mcts *search, const struct node *node, int player)
{
    int proven = node_proven(node, player);
    if (proven)
        return (float)proven * (1 + search->config.score_utility);
    if (search->config.score_utility == 0)
        return node_value(node, player);
    return add_score_utility(search, node_value(node, player), node_score(node, player), player);
}

float search_value(const struct node *node, int player)
{
    int proven = node_proven(node, player);
    return proven ? (float)proven : node_value(node, player);
}

float search_raw_utility(const struct mcts *search, const struct node *node, int player)
{
    float sign = player ? -1.0f : 1.0f;
    return add_score_utility(search, sign * node->raw_value, sign * node->raw_score, player);
}

float search_unit(const struct mcts *search, float utility)
{
    return 0.5f + 0.5f * utility / (1.0f + search->config.score_utility);
}

/* Utility of a node for its player to move; the raw network utility until its first backup has finished. */
static float own_utility(const struct mcts *search, const struct node *node)
{
    return node_visits(node) ? search_utility(search, node, node->player)
                             : search_raw_utility(search, node, node->player);
}

/* The idea of KataGo's pull request 449: Q differs by as much as the values below a node do, so that a constant beside it
 * explores too much where all moves are alike and too little in a fight. These are KataGo's figures: the standard deviation
 * that is expected, and the visits for which the expectation counts. */
static const double stdev_expected = 0.4, stdev_expected_visits = 2;

/* The standard deviation of the values found by a node's visits and by those expected, relative to the expected one. */
static float relative_stdev(const struct node *node)
{
    const double expected = stdev_expected * stdev_expected, visits = node_visits(node);
    if (visits == 0)
        return 1;
    const double mean = node_value(node, 0), deviations = visits * MAX(node_square(node) - mean * mean, 0);
    return (float)sqrt((stdev_expected_visits * expected + deviations) / (stdev_expected_visits + visits) / expected);
}

struct puct {
    float explore; /* c(N) sqrt(N) */
    float fpu;     /* Q of unvisited moves */
    int player;
};

static struct puct puct_begin(const struct mcts *search, const struct node *node, float reduction, float mass)
{
    const struct mcts_config *config = &search->config;
    float visits = (float)(node_visits(node) + node_in_flight(node)) - 1.0f; /* excluding the calling thread's own */
    visits = MAX(visits, 1);
    float c = config->cpuct;
    if (config->cpuct_log != 0)
        c += config->cpuct_log * logf((visits + config->cpuct_base) / config->cpuct_base);
    if (config->cpuct_stdev != 0)
        c *= 1 + config->cpuct_stdev * (relative_stdev(node) - 1);
    return (struct puct){.explore = c * sqrtf(visits),
                         .fpu = own_utility(search, node) - reduction * sqrtf(mass),
                         .player = node->player};
}

/* Virtual loss: visits in flight count as losses, so that other threads explore elsewhere unless this child is far
 * ahead. */
static float puct_score(const struct mcts *search, const struct puct *puct, float prior, const struct node *child)
{
    if (!child)
        return puct->fpu + puct->explore * prior;
    float visits = (float)node_visits(child), in_flight = (float)node_in_flight(child);
    float q = visits > 0 ? search_utility(search, child, puct->player) : puct->fpu;
    if (in_flight > 0)
        q = visits > 0 ? (q * visits - in_flight) / (visits + in_flight) : q - 1.0f;
    return q + puct->explore * prior / (1.0f + visits + in_flight);
}

static int select_puct(const struct mcts *search, const struct node *node, uint32_t *chosen)
{
    const struct edge *edges = tree_edges(&search->tree, node);
    struct puct puct = puct_begin(search, node, search->config.fpu_reduction, node_visited_mass(node));
    const int children = node_child_count(node);
    int best = -1;
    float most = 0;
    *chosen = 0;
    /* Edges are expanded in order of prior, so the first one without a child represents all unvisited ones. */
    if (children < node->edge_count) {
        best = children;
        most = puct_score(search, &puct, tree_unpack_prior(edges[best].prior), NULL);
    }
    for (uint32_t at = node_first_child(node); at;) {
        const struct node *child = tree_node(&search->tree, at);
        float score = puct_score(search, &puct, tree_unpack_prior(edges[child->edge].prior), child);
        if (best < 0 || score > most || (score == most && child->edge < best)) {
            best = child->edge;
            most = score;
            *chosen = at;
        }
        at = child->next;
    }
    return best;
}

/* Sums over the children for Gumbel selection. */
struct gumbel_sums {
    double visits, mass, weighted; /* completed visits; over visited children: prior, and prior times q */
    double in_flight;
    uint32_t max_visits;
    float max_q;
};

static struct gumbel_sums gumbel_sum(const struct mcts *search, const struct node *node, uint32_t first,
                                     const struct edge *edges)
{
    struct gumbel_sums sums = {0};
    for (uint32_t at = first; at; at = tree_node(&search->tree, at)->next) {
        const struct node *child = tree_node(&search->tree, at);
        uint32_t visits = node_visits(child);
        sums.in_flight += node_in_flight(child);
        if (!visits)
            continue;
        float prior = tree_unpack_prior(edges[child->edge].prior);
        sums.visits += visits;
        float q = search_unit(search, search_utility(search, child, node->player));
        sums.mass += prior;
        sums.weighted += (double)prior * q;
        sums.max_q = MAX(q, sums.max_q);
        sums.max_visits = MAX(visits, sums.max_visits);
    }
    return sums;
}

/* What a difference of 1 in q adds to a move's logit. */
static float slope_at(const struct mcts *search, const struct node *node, uint32_t max_visits)
{
    const struct gumbel_scale scale = {search->config.gumbel_c_visit, search->config.gumbel_c_scale};
    return search_is_modelled(search, node) ? search->config.model_rationality : gumbel_sigma(&scale, max_visits, 1);
}

/* argmax improved(a) - N(a) / (1 + sum N). All unvisited moves have the same completed q, so their improved(a) is the
 * prior times a common factor; only the children need an exponential: prior e^sigma(q) / z. Where the modelled opponent is to move,
 * visits are in proportion to its policy in the same way. */
static int select_improved(const struct mcts *search, const struct node *node, uint32_t *chosen)
{
    const struct edge *edges = tree_edges(&search->tree, node);
    const int children = node_child_count(node);
    const uint32_t first = node_first_child(node);
    struct gumbel_sums sums = gumbel_sum(search, node, first, edges);
    float raw = search_unit(search, search_raw_utility(search, node, node->player)), mixed = raw;
    if (sums.visits > 0 && sums.mass > 0)
        mixed = (float)((raw + sums.visits * (sums.weighted / sums.mass)) / (1.0 + sums.visits));
    /* Relative to the highest exponent, to prevent overflow. */
    const float slope = slope_at(search, node, sums.max_visits), base = slope * MAX(mixed, sums.max_q);
    float other = expf(slope * mixed - base),
          all = 1.0f + (float)(sums.visits + sums.in_flight);
    double rest = 1.0 - sums.mass, z = rest > 0 ? rest * other : 0;
    float weight[GAME_MAX_MOVES];
    for (uint32_t at = first; at; at = tree_node(&search->tree, at)->next) {
        const struct node *child = tree_node(&search->tree, at);
        float factor = other;
        if (node_visits(child)) {
            float q = search_unit(search, search_utility(search, child, node->player));
            factor = expf(slope * q - base);
        }
        weight[child->edge] = tree_unpack_prior(edges[child->edge].prior) * factor;
        z += node_visits(child) ? weight[child->edge] : 0;
    }
    z = z > 0 ? z : 1;
    int best = -1;
    float most = 0;
    *chosen = 0;
    if (children < node->edge_count) {
        best = children;
        most = (float)(tree_unpack_prior(edges[best].prior) * other / z);
    }
    for (uint32_t at = first; at; at = tree_node(&search->tree, at)->next) {
        const struct node *child = tree_node(&search->tree, at);
        float score = (float)(weight[child->edge] / z) - (float)(node_visits(child) + node_in_flight(child)) / all;
        if (best < 0 || score > most || (score == most && child->edge < best)) {
            best = child->edge;
            most = score;
            *chosen = at;
        }
    }
    return best;
}

int search_select(const struct mcts *search, const struct node *node, uint32_t *child)
{
    return search->config.selection == MCTS_GUMBEL || search_is_modelled(search, node)
               ? select_improved(search, node, child)
               : select_puct(search, node, child);
}

int search_select_root(const struct mcts *search, const struct node *node)
{
    const struct root_state *root = &search->root;
    float mass = 0;
    for (int i = 0; i < root->count; i++)
        mass += root->child[i] ? root->prior[i] : 0;
    struct puct puct = puct_begin(search, node, search->config.root_fpu_reduction, mass);
    int best = 0;
    float most = -INFINITY;
    for (int i = 0; i < root->count; i++) {
        if (root->excluded[i])
            continue;
        const struct node *child = root->child[i] ? tree_node(&search->tree, root->child[i]) : NULL;
        float score = puct_score(search, &puct, root->prior[i], child);
        if (score > most) {
            best = i;
            most = score;
        }
    }
    return best;
}
