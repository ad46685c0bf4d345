/* The root: noise, sequential halving, and the choice of the best move. */
#include "games/game.h"
#include "mcts/search.h"
#include "mcts/search/gumbel.h"
#include "mcts/search/search_state.h"
#include "mcts/search/tree.h"

#include <math.h>

static struct node *root_node(const struct mcts *search)
{
    return tree_node(&search->tree, search->tree.root);
}

void root_link(struct mcts *search)
{
    struct root_state *root = &search->root;
    const struct node *node = root_node(search);
    root->count = node->edge_count;
    memset(root->child, 0, sizeof *root->child * (size_t)root->count);
    for (uint32_t at = node_first_child(node); at; at = tree_node(&search->tree, at)->next)
        root->child[tree_node(&search->tree, at)->edge] = at;
}

/* Raises the priors to the power 1/temperature and normalises them; also computes the logits. */
static void apply_temperature(struct mcts *search)
{
    struct root_state *root = &search->root;
    float temperature = search->config.policy_temperature, most = -INFINITY;
    for (int i = 0; i < root->count; i++) {
        root->logit[i] = logf(root->raw_prior[i] > 1e-30f ? root->raw_prior[i] : 1e-30f) / temperature;
        most = MAX(root->logit[i], most);
    }
    if (temperature == 1.0f) {
        memcpy(root->prior, root->raw_prior, sizeof *root->prior * (size_t)root->count);
        return;
    }
    double sum = 0;
    for (int i = 0; i < root->count; i++)
        sum += root->prior[i] = expf(root->logit[i] - most);
    for (int i = 0; i < root->count; i++)
        root->prior[i] = (float)(root->prior[i] / sum);
}

static void add_dirichlet(struct mcts *search)
{
    struct root_state *root = &search->root;
    double noise[GAME_MAX_MOVES], sum = 0, shape = search->config.dirichlet_total / root->count;
    for (int i = 0; i < root->count; i++)
        sum += noise[i] = rng_gamma(&search->rng, shape);
    float weight = search->config.dirichlet_weight;
    for (int i = 0; i < root->count && sum > 0; i++)
        root->prior[i] = (1 - weight) * root->prior[i] + weight * (float)(noise[i] / sum);
}

/* False, and nothing is excluded, if every move would be. */
static bool exclude_moves(struct root_state *root, const struct edge *edges, const uint8_t *allowed, bool lost)
{
    root->allowed_count = 0;
    for (int i = 0; i < root->count; i++) {
        root->excluded[i] = (allowed && !allowed[edges[i].move]) || (lost && root->lost[i]);
        root->allowed_count += !root->excluded[i];
    }
    if (root->allowed_count)
        return true;
    exclude_moves(root, edges, NULL, false);
    return false;
}

void root_exclude(struct mcts *search)
{
    struct root_state *root = &search->root;
    const struct edge *edges = tree_edges(&search->tree, root_node(search));
    const uint8_t *allowed = search->restricted ? search->allowed : NULL;
    root->masked = exclude_moves(root, edges, allowed, false) && root->allowed_count < root->count;
    if (root->solved && !exclude_moves(root, edges, allowed, true)) /* every move loses: no reason to prefer any */
        exclude_moves(root, edges, allowed, false);
}

void root_prepare(struct mcts *search, const float *fresh_priors)
{
    struct root_state *root = &search->root;
    const struct edge *edges = tree_edges(&search->tree, root_node(search));
    if (!root_node(search)->sorted)
        tree_sort_edges(&search->tree, root_node(search));
    root_link(search);
    root_exclude(search);
    search->score_centre =
        node_visits(root_node(search)) ? node_score(root_node(search), 0) : root_node(search)->raw_score;
    root->ready = true;
    if (root->noise_drawn)
        return;
    for (int i = 0; i < root->count; i++)
        root->raw_prior[i] = fresh_priors ? fresh_priors[edges[i].move] : tree_unpack_prior(edges[i].prior);
    apply_temperature(search);
    bool gumbel = search->config.selection == MCTS_GUMBEL;
    for (int i = 0; i < root->count; i++)
        root->gumbel[i] = gumbel && search->config.gumbel_noise ? (float)rng_gumbel(&search->rng) : 0;
    if (!gumbel && search->config.dirichlet_weight > 0 && search->config.dirichlet_total > 0)
        add_dirichlet(search);
    root->noise_drawn = true;
}

uint32_t root_visits(const struct mcts *search, int edge)
{
    uint32_t child = search->root.child[edge];
    return child ? node_visits(tree_node(&search->tree, child)) : 0;
}

uint32_t root_new_visits(const struct mcts *search, int edge)
{
    return root_visits(search, edge) - search->root.base[edge];
}

/* ---- Gumbel ---- */

/* Returns the most new visits of any edge. points: whether q includes score utility, as it does wherever moves are chosen. */
static int64_t fill_arms(const struct mcts *search, bool points, struct gumbel_arm *arms)
{
    const int player = root_node(search)->player;
    const struct root_state *root = &search->root;
    int64_t most = 0;
    for (int i = 0; i < root->count; i++) {
        arms[i] =
            (struct gumbel_arm){.logit = root->logit[i], .prior = root->prior[i], .visits = root_visits(search, i)};
        if (arms[i].visits) {
            const struct node *child = tree_node(&search->tree, root->child[i]);
            arms[i].q = points ? search_unit(search, search_utility(search, child, player))
                               : 0.5f + 0.5f * search_value(child, player);
        }
        int64_t fresh = root_new_visits(search, i);
        most = MAX(fresh, most);
    }
    return most;
}

static float raw_unit(const struct mcts *search)
{
    return search_unit(search, search_raw_utility(search, root_node(search), root_node(search)->player));
}

float root_completed_value(const struct mcts *search)
{
    const struct node *node = root_node(search);
    struct gumbel_arm arms[GAME_MAX_MOVES];
    if (search->config.selection != MCTS_GUMBEL)
        return search_value(node, node->player);
    fill_arms(search, false, arms);
    const float raw = 0.5f + 0.5f * (node->player ? -node->raw_value : node->raw_value);
    return 2 * gumbel_mixed_value(raw, search->root.count, arms) - 1;
}

void root_scores(const struct mcts *search, float *scores)
{
    const struct root_state *root = &search->root;
    struct gumbel_arm arms[GAME_MAX_MOVES];
    int64_t most = fill_arms(search, true, arms);
    const struct gumbel_scale scale = {search->config.gumbel_c_visit, search->config.gumbel_c_scale};
    float mixed = gumbel_mixed_value(raw_unit(search), root->count, arms);
    for (int i = 0; i < root->count; i++)
        scores[i] = root->excluded[i] ? -INFINITY
                                      : root->gumbel[i] + root->logit[i] +
                                            gumbel_sigma(&scale, most, arms[i].visits ? arms[i].q : mixed);
}

/* Sorts order[0 .. n) by score, best first, ties by edge. Insertion sort: n is small, or the input nearly sorted by
 * prior. */
static void rank(uint16_t *order, int n, const float *scores)
{
    for (int i = 1; i < n; i++) {
        uint16_t edge = order[i];
        int j = i;
        for (; j > 0 &&
               (scores[edge] > scores[order[j - 1]] || (scores[edge] == scores[order[j - 1]] && edge < order[j - 1]));
             j--)
            order[j] = order[j - 1];
        order[j] = edge;
    }
}

/* A run without a visit limit repeats sequential halving with growing budgets. */
enum { FIRST_OPEN_BUDGET = 32 };

static void consider_all(struct mcts *search, const float *scores, int64_t budget)
{
    struct root_state *root = &search->root;
    for (int i = 0; i < root->count; i++)
        root->order[i] = (uint16_t)i;
    rank(root->order, root->count, scores);
    int considered = search->config.gumbel_considered;
    halving_start(&root->halving, MIN(considered, root->allowed_count), budget);
}

void root_start_gumbel(struct mcts *search)
{
    struct root_state *root = &search->root;
    float scores[GAME_MAX_MOVES];
    for (int i = 0; i < root->count; i++) {
        root->base[i] = root_visits(search, i);
        /* Gumbel top-k: sampling without replacement */
        scores[i] = root->excluded[i] ? -INFINITY : root->gumbel[i] + root->logit[i];
    }
    consider_all(search, scores, search->limits.visits ? search->limits.visits : FIRST_OPEN_BUDGET);
}

void root_next_phase(struct mcts *search)
{
    struct root_state *root = &search->root;
    float scores[GAME_MAX_MOVES] = {0};
    root_scores(search, scores);
    if (halving_over(&root->halving)) {
        consider_all(search, scores, root->halving.budget * 2);
        return;
    }
    rank(root->order, root->halving.considered, scores);
    halving_next_phase(&root->halving);
}

int root_winning_edge(const struct mcts *search)
{
    const struct root_state *root = &search->root;
    int best = -1;
    for (int i = 0; i < root->count; i++)
        if (!root->excluded[i] && root->child[i] &&
            node_proven(tree_node(&search->tree, root->child[i]), root_node(search)->player) > 0 &&
            (best < 0 || root_visits(search, i) > root_visits(search, best)))
            best = i;
    return best;
}

bool root_avoids(const struct mcts *search, int edge)
{
    const struct root_state *root = &search->root;
    int player = root_node(search)->player;
    if (root->excluded[edge])
        return true;
    if (!root->child[edge] || node_proven(tree_node(&search->tree, root->child[edge]), player) >= 0)
        return false;
    if (node_proven(root_node(search), player) < 0) /* every move loses */
        return false;
    if (root->allowed_count == root->count) /* if all were lost, the root would be proven lost */
        return true;
    for (int i = 0; i < root->count; i++)
        if (!root->excluded[i] &&
            !(root->child[i] && node_proven(tree_node(&search->tree, root->child[i]), player) < 0))
            return true;
    return false;
}

/* Leaves out of the improved policy all moves but proven wins if there is one, otherwise those that root_avoids. */
static void leave_out(const struct mcts *search, struct gumbel_arm *arms)
{
    const struct root_state *root = &search->root;
    const bool wins = root_winning_edge(search) >= 0;
    for (int i = 0; i < root->count; i++) {
        const struct node *child = root->child[i] ? tree_node(&search->tree, root->child[i]) : NULL;
        const bool won = child && node_proven(child, root_node(search)->player) > 0;
        arms[i].out = wins ? root->excluded[i] || !won : root_avoids(search, i);
    }
}

void root_improve(const struct mcts *search, float *improved)
{
    struct gumbel_arm arms[GAME_MAX_MOVES];
    const int64_t most = fill_arms(search, true, arms);
    const struct gumbel_scale scale = {search->config.gumbel_c_visit, search->config.gumbel_c_scale};
    leave_out(search, arms);
    gumbel_improve(&scale, raw_unit(search), most, search->root.count, arms, improved);
}

static int best_gumbel(const struct mcts *search)
{
    const struct root_state *root = &search->root;
    float scores[GAME_MAX_MOVES];
    root_scores(search, scores);
    int best = -1;
    uint32_t most = 0;
    for (int i = 0; i < root->count; i++) {
        uint32_t visits = root_new_visits(search, i);
        if (root_avoids(search, i))
            continue;
        if (best < 0 || visits > most || (visits == most && scores[i] > scores[best])) {
            best = i;
            most = visits;
        }
    }
    return best;
}

/* ---- PUCT ---- */

/* KataGo's bounds: five standard errors, among moves with at least 15 % of the highest visit count. */
static const float lcb_deviations = 5.0f, lcb_min_visit_share = 0.15f;

float root_lcb(const struct node *node, int player)
{
    double visits = node_visits(node), mean = node_value(node, player);
    if (node_proven(node, player))
        return (float)node_proven(node, player);
    double square = (double)atomic_load_explicit(&node->square, memory_order_relaxed) / TREE_VALUE_ONE;
    if (node->weighed)
        square = node_square(node) * visits;
    const double prior = node_prior_visits(node);
    if (prior > 0) {
        square += prior * (double)node->raw_value * (double)node->raw_value;
        visits += prior;
    }
    /* One pseudo-visit with squared value 1, so that a few equal values do not imply zero variance. */
    double variance = (square + 1.0) / (visits + 1.0) - mean * mean * visits / (visits + 1.0);
    return (float)(mean - lcb_deviations * sqrt(MAX(variance, 0) / visits));
}

static int best_puct(const struct mcts *search)
{
    const struct root_state *root = &search->root;
    int player = root_node(search)->player, best = -1;
    uint32_t most = 0;
    for (int i = 0; i < root->count; i++)
        most = root_visits(search, i) > most && !root_avoids(search, i) ? root_visits(search, i) : most;
    float highest = -INFINITY;
    for (int i = 0; i < root->count && most; i++) {
        uint32_t visits = root_visits(search, i);
        if (!visits || (float)visits < lcb_min_visit_share * (float)most || root_avoids(search, i))
            continue;
        const struct node *child = tree_node(&search->tree, root->child[i]);
        float bound = root_lcb(child, player) + search_utility(search, child, player) - search_value(child, player);
        if (bound > highest || (bound == highest && visits > root_visits(search, best))) {
            best = i;
            highest = bound;
        }
    }
    if (best >= 0)
        return best;
    for (int i = 0; i < root->count; i++) /* no visits: the highest prior */
        if (!root_avoids(search, i) && (best < 0 || root->prior[i] > root->prior[best]))
            best = i;
    return best;
}

int root_best(const struct mcts *search)
{
    int winning = root_winning_edge(search);
    if (winning >= 0)
        return winning;
    return search->config.selection == MCTS_GUMBEL ? best_gumbel(search) : best_puct(search);
}
