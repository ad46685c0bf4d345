/* Running a search: playouts, the gate through which threads start them, the root's position. */
#include "mcts/search_state.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

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
        .threads = 1,
        .memory_bytes = (size_t)256 << 20,
    };
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- adding up: plain loads and stores would do with one thread, and cost less than locked instructions ---- */

static void add64(const struct mcts *search, _Atomic int64_t *sum, int64_t value)
{
    if (search->threads > 1)
        atomic_fetch_add_explicit(sum, value, memory_order_relaxed);
    else
        atomic_store_explicit(sum, atomic_load_explicit(sum, memory_order_relaxed) + value, memory_order_relaxed);
}

static void add32(const struct mcts *search, _Atomic uint32_t *sum, uint32_t value)
{
    if (search->threads > 1)
        atomic_fetch_add_explicit(sum, value, memory_order_relaxed);
    else
        atomic_store_explicit(sum, atomic_load_explicit(sum, memory_order_relaxed) + value, memory_order_relaxed);
}

static struct stripe *stripe_of(struct mcts *search, uint32_t index)
{
    return &search->stripes[rng_mix(index) % SEARCH_STRIPES];
}

static void lock_node(struct mcts *search, uint32_t index)
{
    if (search->stripes)
        pthread_mutex_lock(&stripe_of(search, index)->mutex);
}

static void unlock_node(struct mcts *search, uint32_t index)
{
    if (search->stripes)
        pthread_mutex_unlock(&stripe_of(search, index)->mutex);
}

/* ---- expansion ---- */

/* Shell sort, descending; keys are all different, so the order is one. */
static void sort_keys(uint32_t *keys, int n)
{
    static const int gaps[] = {132, 57, 23, 10, 4, 1};
    for (size_t g = 0; g < G_N_ELEMENTS(gaps); g++)
        for (int i = gaps[g]; i < n; i++) {
            uint32_t key = keys[i];
            int j = i;
            for (; j >= gaps[g] && keys[j - gaps[g]] < key; j -= gaps[g])
                keys[j] = keys[j - gaps[g]];
            keys[j] = key;
        }
}

/* The moves worth a node: the legal ones less what the game prunes. */
static int list_moves(struct worker *worker, game_move *moves)
{
    const struct game *game = worker->search->game;
    int count = game->ops->legal_moves(game, worker->position, &worker->history, moves), kept = 0;
    if (!game->ops->prune || count < 2)
        return count;
    uint8_t keep[GAME_MAX_MOVES];
    game_move all[GAME_MAX_MOVES];
    memset(keep, 1, game->moves);
    game->ops->prune(game, worker->position, keep);
    memcpy(all, moves, sizeof *moves * (size_t)count);
    for (int i = 0; i < count; i++)
        if (keep[all[i]])
            moves[kept++] = all[i];
    if (kept)
        return kept;
    memcpy(moves, all, sizeof *moves * (size_t)count);
    return count;
}

static void softmax(struct worker *worker, const game_move *moves, int count)
{
    const float *logits = worker->eval.logits;
    float most = -INFINITY;
    double sum = 0;
    for (int i = 0; i < count; i++)
        most = logits[moves[i]] > most ? logits[moves[i]] : most;
    for (int i = 0; i < count; i++)
        sum += worker->prior[moves[i]] = expf(logits[moves[i]] - most);
    bool sound = isfinite(sum) && sum > 0; /* a net gone bad must not take the search with it */
    for (int i = 0; i < count; i++)
        worker->prior[moves[i]] = sound ? (float)(worker->prior[moves[i]] / sum) : 1.0f / (float)count;
}

/* Edges of a node in order of prior, then of move. */
static void write_edges(struct worker *worker, uint32_t index, const game_move *moves, int count)
{
    struct tree *tree = &worker->search->tree;
    uint32_t block = tree_new_edges(tree, index, count);
    struct node *node = tree_node(tree, index);
    node->edges = block;
    node->edge_count = (uint16_t)count;
    for (int i = 0; i < count; i++)
        worker->keys[i] = (uint32_t)tree_pack_prior(worker->prior[moves[i]]) << 16 | (0xffffu - moves[i]);
    sort_keys(worker->keys, count);
    struct edge *edges = tree_edges(tree, node);
    for (int i = 0; i < count; i++)
        edges[i] = (struct edge){.move = (uint16_t)(0xffffu - (worker->keys[i] & 0xffffu)),
                                 .prior = (uint16_t)(worker->keys[i] >> 16)};
}

static void note_map(struct worker *worker, int player)
{
    if (!(worker->eval.filled & EVAL_MAP))
        return;
    for (int i = 0; i < worker->search->game->points; i++)
        worker->map_sum[i] += player ? -worker->eval.map[i] : worker->eval.map[i];
    worker->map_count++;
}

static float if_finite(float value) { return isfinite(value) ? value : 0; }

static int finish(const struct worker *worker, struct node *node)
{
    struct game_result result = game_result(worker->search->game, worker->position);
    node->raw_value = (float)game_result_sign(&result, 0);
    node->raw_draw = result.outcome == GAME_DRAWN;
    node->raw_score = result.margin;
    if (worker->search->config.prove)
        atomic_store_explicit(&node->proven, (int8_t)game_result_sign(&result, 0), memory_order_relaxed);
    return NODE_TERMINAL;
}

static int evaluate(struct worker *worker, struct node *node, uint32_t index)
{
    const struct mcts *search = worker->search;
    const struct game *game = search->game;
    game_move moves[GAME_MAX_MOVES];
    int count = 0;
    node->player = worker->position->player;
    if (!game_over(worker->position))
        count = list_moves(worker, moves);
    if (!count) /* over, or (renju) a player with forbidden points alone: as it lies */
        return finish(worker, node);
    struct eval *eval = &worker->eval;
    eval->filled = 0;
    eval->score = 0;
    struct eval_query query = {.position = worker->position, .history = &worker->history};
    query.want = EVAL_POLICY | EVAL_VALUE | (game->has_score ? EVAL_SCORE : 0) | (search->config.map ? EVAL_MAP : 0);
    evaluator_evaluate(worker->evaluator, 1, &query, eval);
    float sign = node->player ? -1.0f : 1.0f, value = if_finite(eval_value(eval));
    node->raw_value = sign * (value > 1 ? 1 : value < -1 ? -1 : value);
    node->raw_draw = if_finite(eval->wdl[1]);
    node->raw_score = sign * if_finite(eval->score);
    softmax(worker, moves, count);
    write_edges(worker, index, moves, count);
    note_map(worker, node->player);
    return NODE_EXPANDED;
}

/* Evaluates a node that this thread has claimed, and lets others in. */
static void expand(struct worker *worker, uint32_t index)
{
    struct mcts *search = worker->search;
    struct node *node = tree_node(&search->tree, index);
    int state = evaluate(worker, node, index);
    node->own++;
    lock_node(search, index);
    atomic_store_explicit(&node->state, (uint8_t)state, memory_order_release);
    if (search->stripes)
        pthread_cond_broadcast(&stripe_of(search, index)->ready);
    unlock_node(search, index);
}

/* ---- one playout ---- */

static void step_into(struct worker *worker, uint32_t index)
{
    if (worker->length == worker->path_room) {
        worker->path_room *= 2;
        worker->path = g_renew(uint32_t, worker->path, worker->path_room);
    }
    worker->path[worker->length++] = index;
    add32(worker->search, &tree_node(&worker->search->tree, index)->in_flight, 1);
}

/* The child to go on to, made if need be (then *fresh: this thread evaluates it). The node is locked. */
static uint32_t descend(struct worker *worker, uint32_t index, bool *fresh, game_move *move)
{
    struct mcts *search = worker->search;
    struct tree *tree = &search->tree;
    struct node *node = tree_node(tree, index);
    bool at_root = worker->length == 1;
    uint32_t child = 0;
    int edge;
    if (at_root) {
        edge = worker->root_edge >= 0 ? worker->root_edge : search_select_root(search, node);
        child = search->root.child[edge];
    } else {
        edge = search_select(search, node, &child);
    }
    *move = tree_edges(tree, node)[edge].move;
    *fresh = !child;
    if (!child) {
        child = tree_new_node(tree, index, edge);
        tree_link_child(tree, index, child);
        if (at_root)
            search->root.child[edge] = child;
    }
    step_into(worker, child); /* before the lock goes, so that the next thread sees it in flight */
    return child;
}

/* Whether what is proven of a child decides its parent, too: the player who moves there wins by it, or has nothing
 * else left. The parent is locked. */
static bool decides(const struct mcts *search, const struct node *parent, int proven)
{
    if ((proven > 0) == (parent->player == 0))
        return true;
    if (parent->child_count < parent->edge_count)
        return false;
    for (uint32_t at = parent->first_child; at; at = tree_node(&search->tree, at)->next)
        if (node_proven(tree_node(&search->tree, at), 0) != proven)
            return false;
    return true;
}

/* Takes a proof at the end of the path as far up as it goes. */
static void prove_path(struct worker *worker)
{
    struct mcts *search = worker->search;
    for (int i = worker->length - 1; i > 0; i--) {
        int proven = node_proven(tree_node(&search->tree, worker->path[i]), 0);
        if (!proven)
            return;
        struct node *parent = tree_node(&search->tree, worker->path[i - 1]);
        lock_node(search, worker->path[i - 1]);
        bool goes_up = decides(search, parent, proven);
        if (goes_up)
            atomic_store_explicit(&parent->proven, (int8_t)proven, memory_order_relaxed);
        unlock_node(search, worker->path[i - 1]);
        if (!goes_up)
            return;
    }
}

/* proven: what the playout met at the leaf, 0 when it was evaluated (another thread may have proven it since). */
static void back_up(struct worker *worker, const struct node *leaf, int proven)
{
    struct mcts *search = worker->search;
    double raw = proven ? proven : leaf->raw_value;
    int64_t value = llrint(raw * TREE_VALUE_ONE), square = llrint(raw * raw * TREE_VALUE_ONE);
    int64_t draw = proven ? 0 : llrint((double)leaf->raw_draw * TREE_VALUE_ONE);
    int64_t score = llrint((double)leaf->raw_score * TREE_SCORE_ONE);
    for (int i = worker->length - 1; i >= 0; i--) {
        struct node *node = tree_node(&search->tree, worker->path[i]);
        add64(search, &node->value, value);
        add64(search, &node->draw, draw);
        add64(search, &node->score, score);
        add64(search, &node->square, square);
        add32(search, &node->visits, 1);
        add32(search, &node->in_flight, (uint32_t)-1);
    }
}

static void begin_at_root(struct worker *worker)
{
    game_copy(worker->search->game, worker->position, worker->search->position);
    history_truncate(&worker->history, worker->search->history.count);
    worker->length = 0;
    step_into(worker, worker->search->tree.root);
}

static void playout(struct worker *worker)
{
    struct mcts *search = worker->search;
    begin_at_root(worker);
    uint32_t at = search->tree.root;
    int proven = 0;
    for (bool fresh = false; !fresh;) {
        struct node *node = tree_node(&search->tree, at);
        lock_node(search, at);
        while (node_state(node) == NODE_EVALUATING) /* another thread's; soon done */
            pthread_cond_wait(&stripe_of(search, at)->ready, &stripe_of(search, at)->mutex);
        int state = node_state(node);
        if (state != NODE_TERMINAL && worker->length > 1 && (proven = node_proven(node, 0))) {
            node->own++; /* nothing more to learn here */
            unlock_node(search, at);
            break;
        }
        if (state == NODE_LEAF)
            atomic_store_explicit(&node->state, NODE_EVALUATING, memory_order_relaxed);
        if (state != NODE_EXPANDED) {
            unlock_node(search, at);
            if (state == NODE_LEAF)
                expand(worker, at);
            break;
        }
        game_move move;
        uint32_t child = descend(worker, at, &fresh, &move);
        unlock_node(search, at);
        game_play(search->game, worker->position, &worker->history, move);
        at = child;
        if (fresh)
            expand(worker, at);
    }
    back_up(worker, tree_node(&search->tree, at), proven);
    if (node_proven(tree_node(&search->tree, at), 0))
        prove_path(worker);
    worker->deepest = worker->length - 1 > worker->deepest ? worker->length - 1 : worker->deepest;
}

/* ---- the gate ---- */

/* No other move can overtake the best in the time left at the speed so far. */
static bool decided(struct mcts *search, int64_t elapsed)
{
    uint32_t best = 0, second = 0;
    int top = -1;
    if (search->config.selection != MCTS_PUCT || elapsed < 1)
        return false;
    lock_node(search, search->tree.root);
    for (int i = 0; i < search->root.count; i++) {
        uint32_t visits = root_visits(search, i);
        if (visits > best) {
            second = best;
            best = visits;
            top = i;
        } else if (visits > second) {
            second = visits;
        }
    }
    bool agreed = top >= 0 && root_best(search) == top;
    unlock_node(search, search->tree.root);
    double rate = (double)search->started / (double)elapsed;
    return agreed && (double)best - (double)second > rate * (double)(search->limits.time_ms - elapsed);
}

static bool out_of_limits(struct mcts *search)
{
    const struct mcts_limits *limits = &search->limits;
    if (atomic_load_explicit(&search->stop, memory_order_relaxed) ||
        (limits->stop && atomic_load_explicit(limits->stop, memory_order_relaxed)))
        return true;
    if (limits->visits && search->started >= limits->visits)
        return true;
    if (!limits->time_ms)
        return false;
    int64_t elapsed = now_ms() - search->begin_ms;
    if (elapsed >= limits->time_ms)
        return true;
    return limits->early_stop && search->started % 32 == 0 && search->started &&
           (search->root.count == 1 || decided(search, elapsed));
}

/* What has to happen with no playout under way before the next may start; true when something does. */
static bool must_settle(const struct mcts *search)
{
    return !tree_has_room(&search->tree, search->game->moves, search->threads) ||
           (search->config.selection == MCTS_GUMBEL && halving_phase_over(&search->root.halving));
}

static void settle(struct mcts *search)
{
    if (!tree_has_room(&search->tree, search->game->moves, search->threads)) {
        tree_recycle(&search->tree);
        root_link(search);
    }
    if (search->config.selection == MCTS_GUMBEL && halving_phase_over(&search->root.halving))
        root_next_phase(search);
}

/* Lets a worker start a playout; false when the run is over. */
static bool enter(struct worker *worker)
{
    struct mcts *search = worker->search;
    bool many = search->threads > 1, goes;
    if (many)
        pthread_mutex_lock(&search->gate);
    while ((goes = !out_of_limits(search)) && must_settle(search)) {
        if (search->active)
            pthread_cond_wait(&search->gate_free, &search->gate);
        else
            settle(search);
    }
    if (goes) {
        search->active++;
        search->started++;
        worker->root_edge = -1;
        if (search->config.selection == MCTS_GUMBEL)
            worker->root_edge = search->root.order[halving_take(&search->root.halving)];
    } else {
        atomic_store_explicit(&search->stop, true, memory_order_relaxed); /* all stop where the first one does */
    }
    if (many)
        pthread_mutex_unlock(&search->gate);
    return goes;
}

static void leave(struct worker *worker)
{
    struct mcts *search = worker->search;
    if (search->threads == 1) {
        search->active--;
        return;
    }
    pthread_mutex_lock(&search->gate);
    if (--search->active == 0)
        pthread_cond_broadcast(&search->gate_free);
    pthread_mutex_unlock(&search->gate);
}

static void work(struct worker *worker)
{
    history_copy(&worker->history, &worker->search->history);
    while (enter(worker)) {
        playout(worker);
        leave(worker);
    }
}

/* Helpers live as long as the search: a network's means of inference belong to the thread that made them. */
static void *helper_main(void *argument)
{
    struct worker *worker = argument;
    struct mcts *search = worker->search;
    uint64_t done = 0;
    pthread_mutex_lock(&search->gate);
    for (;;) {
        while (search->run == done && !search->closing)
            pthread_cond_wait(&search->run_begins, &search->gate);
        if (search->closing)
            break;
        done = search->run;
        pthread_mutex_unlock(&search->gate);
        work(worker);
        pthread_mutex_lock(&search->gate);
        if (--search->running == 0)
            pthread_cond_broadcast(&search->run_ends);
    }
    pthread_mutex_unlock(&search->gate);
    return NULL;
}

static void start_helpers(struct mcts *search)
{
    for (int i = 1; i < search->threads && !search->helpers_up; i++)
        if (pthread_create(&search->workers[i].thread, NULL, helper_main, &search->workers[i]) != 0)
            g_error("cannot start search thread %d of %d: too many threads on this machine", i + 1, search->threads);
    search->helpers_up = search->threads > 1;
}

static void run_threads(struct mcts *search)
{
    start_helpers(search);
    pthread_mutex_lock(&search->gate);
    search->running = search->threads - 1;
    search->run++;
    pthread_cond_broadcast(&search->run_begins);
    pthread_mutex_unlock(&search->gate);
    work(&search->workers[0]);
    pthread_mutex_lock(&search->gate);
    while (search->running)
        pthread_cond_wait(&search->run_ends, &search->gate);
    pthread_mutex_unlock(&search->gate);
}

/* The root's own evaluation, which no run counts. */
static void expand_root(struct mcts *search)
{
    struct tree *tree = &search->tree;
    if (!tree->root) {
        tree->root = tree_new_node(tree, 0, 0);
        atomic_store(&tree_node(tree, tree->root)->state, NODE_LEAF);
    }
    if (node_state(tree_node(tree, tree->root)) != NODE_LEAF)
        return;
    struct worker *worker = &search->workers[0];
    history_copy(&worker->history, &search->history);
    begin_at_root(worker);
    expand(worker, tree->root);
    back_up(worker, tree_node(tree, tree->root), 0);
    search->root.exact = true;
}

void mcts_run(struct mcts *search, const struct mcts_limits *limits)
{
    assert(limits->visits > 0 || limits->time_ms > 0 || limits->stop);
    search->limits = *limits;
    search->begin_ms = now_ms();
    search->started = 0;
    search->new_visits = 0;
    for (int i = 0; i < search->threads; i++)
        search->workers[i].deepest = 0;
    if (game_over(search->position))
        return;
    atomic_store(&search->stop, false);
    if (!tree_has_room(&search->tree, search->game->moves, search->threads))
        tree_recycle(&search->tree);
    expand_root(search);
    if (node_state(tree_node(&search->tree, search->tree.root)) != NODE_EXPANDED)
        return; /* nothing can be played */
    root_prepare(search);
    if (search->config.selection == MCTS_GUMBEL)
        root_start_gumbel(search);
    if (search->threads > 1)
        run_threads(search);
    else
        work(&search->workers[0]);
    search->new_visits = search->started;
}

void mcts_stop(struct mcts *search) { atomic_store(&search->stop, true); }

/* ---- the root's position ---- */

static void root_changed(struct mcts *search)
{
    search->root.ready = search->root.noise_drawn = search->root.exact = false;
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
    root_changed(search);
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
    for (uint32_t at = root->first_child; at; at = tree_node(tree, at)->next)
        if (tree_edges(tree, root)[tree_node(tree, at)->edge].move == move)
            return at;
    return 0;
}

void mcts_advance(struct mcts *search, game_move move)
{
    assert(search->game->ops->legal(search->game, search->position, &search->history, move));
    tree_keep(&search->tree, find_child(search, move));
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

/* How many of the newest moves of `position` lead there from the root: 0 to 2, or -1. */
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
}

static void worker_clear(struct worker *worker)
{
    free(worker->position);
    history_clear(&worker->history);
    g_free(worker->path);
    g_free(worker->map_sum);
}

static bool config_valid(const struct mcts_config *config, const struct game *game, GError **error)
{
    /* Twice what the root and its children take, and a playout for each thread. */
    size_t least = 2 * (size_t)(game->moves + 1) * tree_playout_bytes(0) + 2 * tree_playout_bytes(game->moves) +
                   (size_t)(config->threads > 0 ? config->threads : 1) * 2 * tree_playout_bytes(game->moves);
    const char *wrong = NULL;
    if (config->threads < 1 || config->threads > 1024)
        wrong = "threads must be 1 to 1024";
    else if (config->selection == MCTS_GUMBEL && config->gumbel_considered < 1)
        wrong = "gumbel_considered must be at least 1";
    else if (!(config->policy_temperature > 0))
        wrong = "policy_temperature must be above 0";
    else if (config->cpuct_log != 0 && !(config->cpuct_base > 0))
        wrong = "cpuct_base must be above 0";
    else if (!(config->score_utility >= 0))
        wrong = "score_utility must be 0 or more";
    if (wrong)
        g_set_error(error, MCTS_ERROR, MCTS_ERROR_CONFIG, "search settings: %s", wrong);
    else if (config->memory_bytes < least)
        g_set_error(error, MCTS_ERROR, MCTS_ERROR_CONFIG,
                    "search settings: %zu bytes of memory are too few for this board; give at least %zu",
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
    search->score_scale = game->size;
    pthread_mutex_init(&search->gate, NULL);
    pthread_cond_init(&search->gate_free, NULL);
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
    if (!tree_init(&search->tree, config->memory_bytes)) {
        g_set_error(error, MCTS_ERROR, MCTS_ERROR_MEMORY,
                    "the system refuses %zu MB for a search tree; give it less memory", config->memory_bytes >> 20);
        mcts_close(search);
        return -1;
    }
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
    for (int i = 0; i < search->threads; i++)
        worker_clear(&search->workers[i]);
    for (int i = 0; i < SEARCH_STRIPES && search->stripes; i++) {
        pthread_mutex_destroy(&search->stripes[i].mutex);
        pthread_cond_destroy(&search->stripes[i].ready);
    }
    free(search->stripes);
    pthread_mutex_destroy(&search->gate);
    pthread_cond_destroy(&search->gate_free);
    pthread_cond_destroy(&search->run_begins);
    pthread_cond_destroy(&search->run_ends);
    tree_clear(&search->tree);
    free(search->position);
    history_clear(&search->history);
    g_free(search->workers);
    g_free(search);
}

const char *mcts_check(const struct mcts *search) { return tree_check(&search->tree); }

GQuark mcts_error_quark(void) { return g_quark_from_static_string("mcts"); }
