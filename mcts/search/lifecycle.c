/* Creation and destruction of a search, its settings, and its root position. */
#include "games/game.h"
#include "mcts/search.h"
#include "mcts/search/bias.h"
#include "mcts/search/search_state.h"
#include "mcts/search/tree.h"

#include <assert.h>
#include <stdlib.h>

struct mcts_config mcts_defaults(enum mcts_selection selection)
{
    return (struct mcts_config){
        .selection = selection,
        .cpuct = 1.0f,
        .cpuct_log = 0.45f,
        .cpuct_base = 500.0f,
        .fpu_reduction = 0.2f,
        .root_fpu_reduction = 0.1f,
        .dirichlet_weight = 0,
        .dirichlet_total = 10.8f,
        .gumbel_considered = 16,
        .gumbel_c_visit = 50.0f,
        .gumbel_c_scale = 1.0f,
        .gumbel_noise = true,
        .policy_temperature = 1.0f,
        .prove = true,
        .tactics = true,
        .threads = 1,
        .memory_bytes = (size_t)256 << 20,
    };
}

/* ---- the root's position ---- */

static void root_changed(struct mcts *search)
{
    search->root.ready = search->root.noise_drawn = false;
    search->root.solved = search->root.solved_threes = search->root.won = false;
    search->root.count = 0;
    search->new_visits = 0;
    for (int i = 0; i < search->threads; i++) {
        memset(search->workers[i].map_sum, 0, sizeof(double) * search->game->points);
        search->workers[i].map_count = 0;
    }
}

void mcts_forget(struct mcts *search)
{
    tree_reset(&search->tree);
    bias_forget(search->bias);
    for (int i = 0; i < search->threads; i++)
        threats_forget(search->workers[i].solver);
    root_changed(search);
}

void mcts_allow(struct mcts *search, const uint8_t *allowed)
{
    search->restricted = allowed != NULL;
    search->root.solved = search->root.solved_threes = search->root.won = false;
    if (allowed)
        memcpy(search->allowed, allowed, search->game->moves);
}

void mcts_want_map(struct mcts *search, bool map)
{
    search->config.map = map;
}

void mcts_seed(struct mcts *search, uint64_t seed)
{
    rng_seed(&search->rng, seed);
    search->root.noise_drawn = false;
}

static uint32_t find_child(const struct mcts *search, game_move move)
{
    const struct tree *tree = &search->tree;
    if (!tree->root || node_state(tree_node(tree, tree->root)) != NODE_EXPANDED)
        return 0;
    const struct node *root = tree_node(tree, tree->root);
    for (uint32_t at = node_first_child(root); at; at = tree_node(tree, at)->next)
        if (tree_edges(tree, root)[tree_node(tree, at)->edge].move == move)
            return at;
    return 0;
}

void mcts_advance(struct mcts *search, game_move move)
{
    assert(search->game->ops->legal(search->game, search->position, &search->history, move));
    tree_keep(&search->tree, find_child(search, move));
    bias_rebuild(search);
    game_play(search->game, search->position, &search->history, move);
    root_changed(search);
}

static bool same_position(const struct position *a, const struct position *b)
{
    return a->hash == b->hash && a->stones_hash == b->stones_hash && a->ply == b->ply && a->player == b->player &&
           a->colour == b->colour && a->phase == b->phase && a->outcome == b->outcome &&
           memcmp(a->recent, b->recent, sizeof a->recent) == 0;
}

static bool same_history(const struct history *a, const struct history *b)
{
    if (a->count != b->count)
        return false;
    for (int i = 0; i < a->count; i++)
        if (a->entries[i].stones_hash != b->entries[i].stones_hash || a->entries[i].colour != b->entries[i].colour)
            return false;
    return true;
}

/* The number of the latest moves that lead from the root to `position`: 0 to 2, or -1. */
static int plies_from_root(struct mcts *search, const struct position *position, const struct history *history)
{
    struct worker *scratch = &search->workers[0];
    int plies = position->ply - search->position->ply;
    if (plies < 0 || plies > 2)
        return -1;
    game_copy(search->game, scratch->position, search->position);
    history_copy(&scratch->history, &search->history);
    for (int i = plies - 1; i >= 0; i--)
        if (game_over(scratch->position) ||
            !game_try(search->game, scratch->position, &scratch->history, position->recent[i]))
            return -1;
    return same_position(scratch->position, position) && same_history(&scratch->history, history) ? plies : -1;
}

void mcts_set_root(struct mcts *search, const struct position *position, const struct history *history)
{
    static const struct history none = {0};
    history = history ? history : &none;
    int plies = search->tree.root ? plies_from_root(search, position, history) : -1;
    for (int i = plies - 1; i >= 0; i--)
        mcts_advance(search, position->recent[i]);
    if (plies >= 0)
        return;
    game_copy(search->game, search->position, position);
    history_copy(&search->history, history);
    mcts_forget(search);
}

/* ---- create, close ---- */

static struct position *new_position(const struct game *game)
{
    size_t bytes = (game->position_bytes + 63u) & ~(size_t)63;
    struct position *position = aligned_alloc(64, bytes);
    if (!position)
        g_error("out of memory for a position of %zu bytes", bytes);
    memset(position, 0, bytes);
    return position;
}

static void worker_init(struct worker *worker, struct mcts *search, struct evaluator *evaluator)
{
    worker->search = search;
    worker->evaluator = evaluator;
    worker->position = new_position(search->game);
    history_init(&worker->history, search->game->max_plies + 1);
    worker->path_room = 64;
    worker->path = g_new(uint32_t, worker->path_room);
    worker->map_sum = g_new0(double, search->game->points);
    worker->solver = threats_create(search);
}

static void worker_clear(struct worker *worker)
{
    free(worker->position);
    threats_close(worker->solver);
    history_clear(&worker->history);
    g_free(worker->path);
    g_free(worker->map_sum);
}

/* What each node needs besides. */
static size_t extra_bytes(const struct mcts_config *config)
{
    return config->value_bias > 0 || config->uncertainty > 0 ? sizeof(struct node_extra) : 0;
}

/* The least memory of a tree: twice that of the root and its children, plus one playout per thread. */
static size_t least_bytes(const struct mcts_config *config, const struct game *game)
{
    const size_t threads = config->threads > 0 ? (size_t)config->threads : 1, extra = extra_bytes(config),
                 playout = tree_playout_bytes(game->moves) + extra;
    return 2 * (size_t)(game->moves + 1) * (tree_playout_bytes(0) + extra) + 2 * playout + threads * 2 * playout;
}

/* What the solvers of threats and the table of biases leave of the memory limit. */
static size_t tree_bytes(const struct mcts_config *config, const struct game *game)
{
    const size_t spare = config->memory_bytes - least_bytes(config, game),
                 others = (size_t)config->threads * threats_bytes(game, config) + bias_bytes(config);
    return config->memory_bytes - MIN(others, spare);
}

static bool config_valid(const struct mcts_config *config, const struct game *game, GError **error)
{
    size_t least = least_bytes(config, game);
    const char *wrong = NULL;
    if (config->threads < 1 || config->threads > 1024)
        wrong = "threads must be 1 to 1024";
    else if (config->selection == MCTS_GUMBEL && config->gumbel_considered < 1)
        wrong = "gumbel_considered must be at least 1";
    else if (!(config->policy_temperature > 0))
        wrong = "policy_temperature must be above 0";
    else if (config->cpuct_log != 0 && !(config->cpuct_base > 0))
        wrong = "cpuct_base must be above 0";
    else if (!(config->cpuct_stdev >= 0 && config->cpuct_stdev <= 1))
        wrong = "cpuct_stdev must be 0 to 1";
    else if (!(config->value_bias >= 0 && config->value_bias <= 1))
        wrong = "value_bias must be 0 to 1";
    else if (!(config->uncertainty >= 0 && config->uncertainty <= 2))
        wrong = "uncertainty must be 0 to 2";
    else if (!(config->model_rationality >= 0 && config->model_rationality <= 1000))
        wrong = "model_rationality must be 0 to 1000";
    else if (!(config->score_utility >= 0))
        wrong = "score_utility must be 0 or more";
    else if (config->threats < 0 || config->threats > MCTS_MAX_THREATS || (config->threats && !config->prove))
        wrong = "threats must be 0 to 2; values above 0 require prove";
    if (wrong)
        g_set_error(error, MCTS_ERROR, MCTS_ERROR_CONFIG, "search settings: %s", wrong);
    else if (config->memory_bytes < least)
        g_set_error(error, MCTS_ERROR, MCTS_ERROR_CONFIG,
                    "search settings: %zu bytes of memory are not enough for this board; use at least %zu",
                    config->memory_bytes, least);
    else
        return true;
    return false;
}

static void stripes_init(struct mcts *search)
{
    search->stripes = aligned_alloc(64, sizeof(struct stripe) * SEARCH_STRIPES);
    if (!search->stripes)
        g_error("out of memory for the locks of a search");
    for (int i = 0; i < SEARCH_STRIPES; i++) {
        atomic_init(&search->stripes[i].latch, false);
        atomic_init(&search->stripes[i].waiting, 0);
        pthread_mutex_init(&search->stripes[i].mutex, NULL);
        pthread_cond_init(&search->stripes[i].ready, NULL);
    }
}

int mcts_create(struct mcts **out, const struct game *game, const struct mcts_config *config,
                struct evaluator *const *evaluators, GError **error)
{
    *out = NULL;
    if (!config_valid(config, game, error))
        return -1;
    struct mcts *search = g_new0(struct mcts, 1);
    search->game = game;
    search->config = *config;
    search->threads = config->threads;
    search->score_scale = (float)(game->width + game->height) / 2;
    pthread_mutex_init(&search->gate, NULL);
    pthread_cond_init(&search->gate_moves, NULL);
    pthread_cond_init(&search->run_begins, NULL);
    pthread_cond_init(&search->run_ends, NULL);
    search->workers = g_new0(struct worker, config->threads);
    for (int i = 0; i < config->threads; i++)
        worker_init(&search->workers[i], search, evaluators[i]);
    search->position = new_position(game);
    game_init(game, search->position);
    history_init(&search->history, game->max_plies + 1);
    rng_seed(&search->rng, config->seed);
    if (config->threads > 1)
        stripes_init(search);
    if (!tree_init(&search->tree, tree_bytes(config, game))) {
        g_set_error(error, MCTS_ERROR, MCTS_ERROR_MEMORY,
                    "cannot allocate %zu MB for the search tree; reduce its memory limit", config->memory_bytes >> 20);
        mcts_close(search);
        return -1;
    }
    search->bias = bias_create(bias_bytes(config), config->threads > 1);
    tree_extend(&search->tree, extra_bytes(config), config->uncertainty > 0);
    *out = search;
    return 0;
}

static void stop_helpers(struct mcts *search)
{
    if (!search->helpers_up)
        return;
    pthread_mutex_lock(&search->gate);
    search->closing = true;
    pthread_cond_broadcast(&search->run_begins);
    pthread_mutex_unlock(&search->gate);
    for (int i = 1; i < search->threads; i++)
        pthread_join(search->workers[i].thread, NULL);
}

void mcts_close(struct mcts *search)
{
    if (!search)
        return;
    stop_helpers(search);
    for (int i = 0; i < search->config.threads; i++) /* also those for which the system refused a thread */
        worker_clear(&search->workers[i]);
    for (int i = 0; i < SEARCH_STRIPES && search->stripes; i++) {
        pthread_mutex_destroy(&search->stripes[i].mutex);
        pthread_cond_destroy(&search->stripes[i].ready);
    }
    free(search->stripes);
    pthread_mutex_destroy(&search->gate);
    pthread_cond_destroy(&search->gate_moves);
    pthread_cond_destroy(&search->run_begins);
    pthread_cond_destroy(&search->run_ends);
    tree_clear(&search->tree);
    bias_close(search->bias);
    free(search->position);
    history_clear(&search->history);
    g_free(search->workers);
    g_free(search);
}

const char *mcts_check(const struct mcts *search)
{
    const char *wrong = tree_check(&search->tree);
    return wrong ? wrong : bias_check(search);
}

GQuark mcts_error_quark(void)
{
    return g_quark_from_static_string("mcts");
}
