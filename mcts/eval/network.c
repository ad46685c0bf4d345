/* Evaluation by the network. A position is encoded under a symmetry of the board, and the outputs by point are mapped
 * back. */
#include "games/game.h"
#include "mcts/eval/carried.h"
#include "mcts/eval/leaf.h"
#include "mcts/evaluator.h"
#include "mcts/likeness.h"
#include "net/net.h"

#include <stdatomic.h>

struct net_evaluator {
    struct evaluator base;
    struct evaluator_config config; /* its net is unused: see `net` */
    struct net *net;                /* own reference */
    const struct game_features *features;
    struct net_runner *runner;
    uint64_t runner_thread; /* the thread that owns the runner */
    _Atomic uint64_t count, steps_count; /* changed by one thread at a time; others may read them meanwhile */
    float *planes, *globals; /* [max_batch] of each */
    struct carried *carried; /* for a recurrent net (net_moves); else NULL */
    float *states;           /* [max_batch], likewise */
    float *policy, *wdl, *score, *map, *error;
    bool keeps_pooled;
    float *pooled;         /* [pooled_room] of the last evaluation's queries, means over the symmetries */
    float *pooled_batch;   /* [max_batch] */
    int pooled_room;
    struct eval view; /* one symmetry's outputs, before averaging */
};

/* A number unique to each thread of the process; unlike a thread identifier it is never reused. */
static uint64_t this_thread(void)
{
    static _Atomic uint64_t last;
    static _Thread_local uint64_t mine;
    if (!mine)
        mine = atomic_fetch_add(&last, 1) + 1;
    return mine;
}

/* A runner belongs to the thread that created it, so an evaluator that moves to another thread creates a new one. */
static bool acquire_runner(struct net_evaluator *self, GError **error)
{
    if (self->runner && self->runner_thread == this_thread())
        return true;
    if (self->runner)
        net_runner_close(self->runner);
    self->runner = NULL;
    self->runner_thread = this_thread();
    return net_runner_create(&self->runner, self->net, self->config.backend, self->config.dtype, self->config.max_batch,
                             error) == 0 &&
           net_runner_set_effort(self->runner, &self->config.effort, error) == 0;
}

static void require_runner(struct net_evaluator *self)
{
    GError *error = NULL;
    if (!acquire_runner(self, &error))
        g_error("cannot evaluate a net in this thread: %s", error->message); /* worked in the creating thread */
}

static int symmetry_of(const struct net_evaluator *self, const struct eval_query *query, int turn)
{
    const uint64_t carried = net_moves(self->net) ? carried_key(query) : 0;
    if (self->config.symmetry == EVALUATOR_SYMMETRY_ALL)
        return turn;
    if (self->config.symmetry == EVALUATOR_SYMMETRY_RANDOM)
        return (int)(rng_mix((carried ? carried : query->position->hash) ^ rng_mix(self->config.seed)) >> 61) % self->base.game->symmetries;
    return self->config.symmetry;
}

/* Copies the outputs of batch slot `slot` to eval, undoing the symmetry. */
static void map_back(const struct net_evaluator *self, int slot, int symmetry, int want, struct eval *eval)
{
    const struct game *game = self->base.game;
    const uint16_t *to = game_symmetry_table(game, symmetry);
    const float *policy = self->policy + (size_t)slot * game->moves, *map = self->map + (size_t)slot * game->points;
    for (int p = 0; want & EVAL_POLICY && p < game->points; p++)
        eval->logits[p] = policy[to[p]];
    for (int m = game->points; want & EVAL_POLICY && m < game->moves; m++)
        eval->logits[m] = policy[m];
    for (int i = 0; want & EVAL_VALUE && i < 3; i++)
        eval->wdl[i] = self->wdl[slot * 3 + i];
    if (want & EVAL_SCORE)
        eval->score = self->score[slot];
    if (want & EVAL_ERROR)
        eval->error = self->error[slot];
    for (int p = 0; want & EVAL_MAP && p < game->points; p++)
        eval->map[p] = map[to[p]];
    eval->steps = (uint8_t)net_runner_steps(self->runner)[slot];
}

/* Adds one symmetry's outputs times `weight`. */
static void add_view(const struct game *game, int want, float weight, const struct eval *view, struct eval *eval)
{
    for (int m = 0; want & EVAL_POLICY && m < game->moves; m++)
        eval->logits[m] += weight * view->logits[m];
    for (int i = 0; want & EVAL_VALUE && i < 3; i++)
        eval->wdl[i] += weight * view->wdl[i];
    if (want & EVAL_SCORE)
        eval->score += weight * view->score;
    if (want & EVAL_ERROR)
        eval->error += weight * view->error;
    for (int p = 0; want & EVAL_MAP && p < game->points; p++)
        eval->map[p] += weight * view->map[p];
    eval->steps = MAX(eval->steps, view->steps);
}

static void clear(const struct game *game, struct eval *eval)
{
    memset(eval->logits, 0, sizeof *eval->logits * game->moves);
    memset(eval->wdl, 0, sizeof eval->wdl);
    memset(eval->map, 0, sizeof *eval->map * game->points);
    eval->score = eval->error = 0;
    eval->steps = 0;
}

/* The states of these items; NULL if the net carries none. */
static const float *carry_states(struct net_evaluator *self, const struct eval_query *queries, int views, int first,
                                 int n)
{
    const struct game *game = self->base.game;
    const size_t size = net_state_size(self->net, game->points);
    for (int i = 0; size > 0 && i < n; i++) {
        const struct eval_query *query = &queries[(first + i) / views];
        const float *state = carried_state(self->carried, self->runner, self->net, game, self->features, query,
                                           symmetry_of(self, query, (first + i) % views));
        if (state)
            memcpy(self->states + (size_t)i * size, state, size * sizeof *state);
        else
            memset(self->states + (size_t)i * size, 0, size * sizeof *self->states);
    }
    return size > 0 ? self->states : NULL;
}

/* Evaluates items first .. first + n - 1 of all (query, view) pairs, which fit one batch. */
static void run_batch(struct net_evaluator *self, const struct eval_query *queries, struct eval *evals, int views,
                      int first, int n)
{
    const struct game *game = self->base.game;
    size_t planes = (size_t)self->features->planes * game->points;
    int want = 0;
    for (int i = 0; i < n; i++) {
        const struct eval_query *query = &queries[(first + i) / views];
        game_encode(game, self->features, query->position, query->history,
                    symmetry_of(self, query, (first + i) % views), self->planes + (size_t)i * planes,
                    self->globals + (size_t)i * self->features->globals);
        want |= query->want;
    }
    const float *states = carry_states(self, queries, views, first, n);
    const struct net_outputs outputs = {.policy = want & EVAL_POLICY ? self->policy : NULL,
                                        .wdl = want & EVAL_VALUE ? self->wdl : NULL,
                                        .score = want & EVAL_SCORE ? self->score : NULL,
                                        .map = want & EVAL_MAP ? self->map : NULL,
                                        .error = want & EVAL_ERROR ? self->error : NULL};
    net_runner_infer_with(self->runner, game->width, game->height, n, self->planes, self->globals, states, &outputs);
    atomic_fetch_add_explicit(&self->count, (uint64_t)n, memory_order_relaxed);
    for (int i = 0; i < n; i++) {
        atomic_fetch_add_explicit(&self->steps_count, (uint64_t)net_runner_steps(self->runner)[i],
                                  memory_order_relaxed);
        const struct eval_query *query = &queries[(first + i) / views];
        struct eval *eval = &evals[(first + i) / views];
        int symmetry = symmetry_of(self, query, (first + i) % views);
        map_back(self, i, symmetry, query->want, views > 1 ? &self->view : eval);
        if (views > 1)
            add_view(game, query->want, 1.0f / (float)views, &self->view, eval);
    }
}

/* Adds what the batch of these items pooled. */
static void add_pooled(struct net_evaluator *self, int views, int first, int n)
{
    const size_t size = net_pooled_size(self->net);
    net_runner_pooled(self->runner, self->pooled_batch);
    for (int i = 0; i < n; i++) {
        float *sum = self->pooled + (size_t)((first + i) / views) * size;
        for (size_t k = 0; k < size; k++)
            sum[k] += self->pooled_batch[(size_t)i * size + k] / (float)views;
    }
}

static void clear_pooled(struct net_evaluator *self, int n)
{
    const size_t size = net_pooled_size(self->net);
    self->pooled_room = MAX(self->pooled_room, n);
    self->pooled = g_renew(float, self->pooled, (size_t)self->pooled_room * size);
    self->pooled_batch = g_renew(float, self->pooled_batch, (size_t)self->config.max_batch * size);
    memset(self->pooled, 0, (size_t)n * size * sizeof *self->pooled);
}

static void evaluate(struct evaluator *base, int n, const struct eval_query *queries, struct eval *evals)
{
    struct net_evaluator *self = (struct net_evaluator *)base;
    int views = self->config.symmetry == EVALUATOR_SYMMETRY_ALL ? base->game->symmetries : 1;
    g_assert(views >= 1); /* the identity is a symmetry */
    require_runner(self);
    if (self->keeps_pooled)
        clear_pooled(self, n);
    for (int i = 0; i < n; i++) {
        if (views > 1)
            clear(base->game, &evals[i]);
        evals[i].filled = queries[i].want & (EVAL_POLICY | EVAL_VALUE | EVAL_SCORE | EVAL_MAP | EVAL_ERROR);
    }
    for (int first = 0; first < n * views; first += self->config.max_batch) {
        int left = n * views - first;
        const int items = MIN(left, self->config.max_batch);
        run_batch(self, queries, evals, views, first, items);
        if (self->keeps_pooled)
            add_pooled(self, views, first, items);
    }
}

static void release(struct evaluator *base)
{
    struct net_evaluator *self = (struct net_evaluator *)base;
    if (self->runner)
        net_runner_close(self->runner);
    net_unref(self->net);
    g_free(self->planes);
    g_free(self->globals);
    carried_free(self->carried);
    g_free(self->states);
    g_free(self->policy);
    g_free(self->wdl);
    g_free(self->score);
    g_free(self->map);
    g_free(self->error);
    g_free(self->pooled);
    g_free(self->pooled_batch);
    g_free(self);
}

static uint64_t generation(const struct evaluator *base)
{
    const struct net_evaluator *self = (const struct net_evaluator *)base;
    const struct net_effort *effort = &self->config.effort;
    uint32_t settle;
    if (effort->steps == 0 && effort->settle == 0)
        return net_generation(self->net);
    memcpy(&settle, &effort->settle, sizeof settle);
    return rng_mix(net_generation(self->net) ^ rng_mix((uint64_t)effort->steps << 32 | settle));
}

static struct evaluator *copy(const struct evaluator *base);
static const struct evaluator_ops net_ops = {
    .name = "net", .evaluate = evaluate, .clone = copy, .generation = generation, .free = release};

/* For a net that carries a state. */
static void allocate_states(struct net_evaluator *self)
{
    const size_t size = net_state_size(self->net, self->base.game->points);
    if (size > 0 && !self->carried)
        self->carried = carried_new();
    self->states = g_renew(float, self->states, (size_t)self->config.max_batch * size);
}

static void allocate(struct net_evaluator *self)
{
    size_t batch = (size_t)self->config.max_batch;
    const struct game *game = self->base.game;
    self->planes = g_new(float, batch * self->features->planes * game->points);
    self->globals = g_new(float, batch * self->features->globals);
    allocate_states(self);
    self->policy = g_new(float, batch * game->moves);
    self->wdl = g_new(float, batch * 3);
    self->score = g_new(float, batch);
    self->map = g_new(float, batch * game->points);
    self->error = g_new(float, batch);
}

static struct net_evaluator *new_evaluator(const struct game *game, struct net *net,
                                           const struct game_features *features, const struct evaluator_config *config)
{
    struct net_evaluator *self = g_new0(struct net_evaluator, 1);
    self->base = (struct evaluator){.ops = &net_ops, .game = game};
    self->config = *config;
    self->config.net = NULL;
    self->net = net_ref(net);
    self->features = features;
    allocate(self);
    return self;
}

static struct evaluator *copy(const struct evaluator *base)
{
    const struct net_evaluator *from = (const struct net_evaluator *)base;
    struct net_evaluator *clone = new_evaluator(base->game, from->net, from->features, &from->config);
    clone->keeps_pooled = from->keeps_pooled;
    return &clone->base;
}

/* The configured batch size, by default the views of one position. */
static int effective_batch(const struct evaluator_config *config)
{
    if (config->max_batch)
        return config->max_batch;
    return config->symmetry == EVALUATOR_SYMMETRY_ALL ? GAME_SYMMETRIES : 1;
}

int evaluator_net_create(struct evaluator **out, const struct game *game, const struct evaluator_config *config,
                         GError **error)
{
    *out = NULL;
    if (config->max_batch < 0 || config->symmetry < EVALUATOR_SYMMETRY_ALL || config->symmetry >= game->symmetries) {
        g_set_error(error, NET_ERROR, NET_ERROR_SPEC,
                    "net evaluator: max_batch %d must be 0 or more, symmetry %d must be -2 to %d", config->max_batch,
                    config->symmetry, game->symmetries - 1);
        return -1;
    }
    const struct game_features *features = evaluator_net_features(config->net, game, error);
    if (!features)
        return -1;
    struct evaluator_config complete = *config;
    complete.max_batch = effective_batch(config);
    struct net_evaluator *self = new_evaluator(game, config->net, features, &complete);
    if (!acquire_runner(self, error)) { /* now, so that unsupported configurations are reported here */
        release(&self->base);
        return -1;
    }
    *out = &self->base;
    return 0;
}

/* ---- access through a stack ---- */

static struct net_evaluator *find_net(const struct evaluator *stack)
{
    return (struct net_evaluator *)evaluator_find(stack, &net_ops);
}

/* Resizes the input buffers for a batch of these features. */
static void resize_planes(struct net_evaluator *self, const struct game_features *features)
{
    const size_t batch = (size_t)self->config.max_batch;
    if (features->planes != self->features->planes || features->globals != self->features->globals) {
        self->planes = g_renew(float, self->planes, batch * features->planes * self->base.game->points);
        self->globals = g_renew(float, self->globals, batch * features->globals);
    }
    self->features = features;
}

int evaluator_net_set(struct evaluator *stack, struct net *net, GError **error)
{
    struct net_evaluator *self = find_net(stack);
    if (!self) {
        g_set_error(error, NET_ERROR, NET_ERROR_MISMATCH, "the evaluator \"%s\" has no net to replace",
                    stack->ops->name);
        return -1;
    }
    const struct game_features *features = evaluator_net_features(net, self->base.game, error);
    if (!features)
        return -1;
    bool mine = self->runner && self->runner_thread == this_thread();
    if (mine && net_runner_set_net(self->runner, net, error) != 0)
        return -1;
    if (!mine && self->runner) { /* recreated in the thread that uses it next */
        net_runner_close(self->runner);
        self->runner = NULL;
    }
    net_ref(net);
    net_unref(self->net);
    self->net = net;
    resize_planes(self, features);
    allocate_states(self);
    return 0;
}

uint64_t evaluator_net_count(const struct evaluator *stack)
{
    const struct net_evaluator *self = find_net(stack);
    return self ? atomic_load_explicit(&self->count, memory_order_relaxed) : 0;
}

uint64_t evaluator_net_steps(const struct evaluator *stack)
{
    const struct net_evaluator *self = find_net(stack);
    return self ? atomic_load_explicit(&self->steps_count, memory_order_relaxed) : 0;
}

uint64_t evaluator_state_key(const struct evaluator *stack, const struct eval_query *query)
{
    const struct net_evaluator *self = find_net(stack);
    return self && net_moves(self->net) ? carried_key(query) : 0;
}

void evaluator_net_keep_pooled(struct evaluator *stack)
{
    find_net(stack)->keeps_pooled = true;
}

const float *evaluator_net_pooled(const struct evaluator *stack, size_t *size)
{
    const struct net_evaluator *self = find_net(stack);
    *size = net_pooled_size(self->net);
    return self->pooled;
}
