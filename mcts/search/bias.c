#include "mcts/search/bias.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "games/game.h"
#include "mcts/search.h"
#include "mcts/search/search_state.h"
#include "mcts/search/tree.h"

enum { WAYS = 4, LOCKS = 64, REACH = 2 /* points on each side of the last move */ };
/* Of the memory limit; an eighth of a million buckets serve more nodes than a move's search has. */
enum { MEMORY_PART = 32, MAX_BYTES = 3 << 20 };

/* How the weight of an error grows with the visits below, and the fixed point of weights. Integers can be taken out again
 * exactly, so that a bucket does not depend on the order of its updates. */
static const double weight_exponent = 0.8, weight_one = 0x1p20;

struct bucket {
    uint64_t key; /* 0: free */
    int64_t weight, weighted;
};
struct bias {
    size_t sets;
    struct bucket *buckets; /* [sets * WAYS] */
    bool shared;
    pthread_mutex_t locks[LOCKS]; /* by set */
};

size_t bias_bytes(const struct mcts_config *config)
{
    const size_t set = WAYS * sizeof(struct bucket), part = config->memory_bytes / MEMORY_PART;
    return config->value_bias > 0 ? CLAMP(part, set, MAX_BYTES) / set * set : 0;
}

struct bias *bias_create(size_t bytes, bool shared)
{
    struct bucket *buckets = bytes ? calloc(1, bytes) : NULL;
    if (!buckets)
        return NULL;
    struct bias *bias = g_new0(struct bias, 1);
    bias->sets = bytes / sizeof *buckets / WAYS;
    bias->buckets = buckets;
    bias->shared = shared;
    for (int i = 0; i < LOCKS; i++)
        pthread_mutex_init(&bias->locks[i], NULL);
    return bias;
}

void bias_close(struct bias *bias)
{
    if (!bias)
        return;
    for (int i = 0; i < LOCKS; i++)
        pthread_mutex_destroy(&bias->locks[i]);
    free(bias->buckets);
    g_free(bias);
}

void bias_forget(struct bias *bias)
{
    if (bias)
        memset(bias->buckets, 0, bias->sets * WAYS * sizeof *bias->buckets);
}

/* ---- keys ---- */

/* Two bits for each point: its stone, or 3 off the board. */
static uint64_t pattern(const struct game *game, const struct position *position, int point)
{
    uint64_t bits = 0;
    const int x = point % game->width, y = point / game->width;
    for (int v = y - REACH; v <= y + REACH; v++)
        for (int u = x - REACH; u <= x + REACH; u++) {
            const bool inside = u >= 0 && v >= 0 && u < game->width && v < game->height;
            bits = bits << 2 | (inside ? game->ops->stone(game, position, v * game->width + u) : 3u);
        }
    return bits;
}

/* In every game the whole hash is that of the stones combined by exclusive or with that of the remaining state (ko, passes,
 * phase), which therefore is known without asking the game. A game that hashes otherwise would only share fewer buckets. */
uint64_t bias_key(const struct game *game, const struct position *position)
{
    const game_move last = position->recent[0];
    if (last == GAME_NO_MOVE)
        return 0;
    const uint64_t moves = (uint64_t)last << 32 | (uint64_t)position->recent[1] << 16 |
                           (uint64_t)position->colour << 1 | position->player,
                   stones = last < game->points ? pattern(game, position, last) : 0,
                   key = rng_mix(stones ^ rng_mix(moves ^ rng_mix(position->hash ^ position->stones_hash)));
    return key ? key : 1;
}

/* ---- buckets ---- */

static size_t set_of(const struct bias *bias, uint64_t key)
{
    return (size_t)(((unsigned __int128)key * bias->sets) >> 64);
}

/* The key's bucket, or NULL; a new one if `add` and its set has room. */
static struct bucket *find(const struct bias *bias, uint64_t key, bool add)
{
    struct bucket *set = bias->buckets + set_of(bias, key) * WAYS;
    for (int way = 0; way < WAYS; way++) {
        if (set[way].key == key)
            return &set[way];
        if (!set[way].key) {
            set[way].key = add ? key : 0;
            return add ? &set[way] : NULL;
        }
    }
    return NULL;
}

/* Replaces what a node has contributed to its bucket. */
static void contribute(struct bucket *bucket, struct node_extra *own, int64_t weight, int64_t weighted)
{
    bucket->weight += weight - own->bias_weight;
    bucket->weighted += weighted - own->bias_weighted;
    own->bias_weight = weight;
    own->bias_weighted = weighted;
}

/* A value of the node's own as it counts in its sum of values. */
static int64_t own_sum(const struct node *node, double value)
{
    return llrint(value * node_own_weight(node) * TREE_VALUE_ONE);
}

/* The mean value of the visits below the node. */
static double value_below(const struct node *node, const struct node_extra *own)
{
    const int64_t sum = atomic_load_explicit(&node->value, memory_order_relaxed) - own->correction -
                        own_sum(node, (double)node->raw_value);
    const double weight = node_weight(node) - node_own_weight(node);
    return weight > 0 ? CLAMP((double)sum / TREE_VALUE_ONE / weight, -1, 1) : (double)node->raw_value;
}

/* The mean error of a node's bucket once the node's own error is up to date; 0 without a bucket. */
static double mean_error(const struct bias *bias, const struct node *node, struct node_extra *own)
{
    const uint32_t below = node_visits(node) - 1;
    struct bucket *bucket = find(bias, own->key, below > 0);
    if (bucket && below > 0) {
        const double error = (double)node->raw_value - value_below(node, own),
                     weight = pow(below, weight_exponent) * weight_one;
        contribute(bucket, own, llrint(weight), llrint(error * weight));
    }
    return bucket && bucket->weight > 0 ? (double)bucket->weighted / (double)bucket->weight : 0;
}

static int64_t square_with(const struct node *node, int32_t correction)
{
    const double weight = node_own_weight(node), raw = node->raw_value,
                 value = correction ? raw + correction / TREE_VALUE_ONE / weight : raw;
    return llrint(value * value * weight * TREE_VALUE_ONE);
}

/* The corrected value leaves room for the probability of a draw. */
static struct bias_shift correct(const struct node *node, struct node_extra *own, double amount)
{
    const double raw = node->raw_value, room = MAX(1 - (double)node->raw_draw, fabs(raw));
    const int32_t correction = (int32_t)(own_sum(node, CLAMP(raw + amount, -room, room)) - own_sum(node, raw));
    const struct bias_shift shift = {.value = correction - own->correction,
                                     .square = square_with(node, correction) - square_with(node, own->correction)};
    own->correction = correction;
    return shift;
}

struct bias_shift bias_update(struct mcts *search, uint32_t index)
{
    struct bias *bias = search->bias;
    struct node *node = tree_node(&search->tree, index);
    struct node_extra *own = tree_node_extra(node);
    struct bias_shift shift = {0, 0};
    if (node_state(node) != NODE_EXPANDED || node_proven(node, 0) || !own->key)
        return shift;
    search_lock_node(search, index);
    if (node->own == 1) { /* a node whose subtree was recycled has no error of its own to learn from */
        pthread_mutex_t *lock = &bias->locks[set_of(bias, own->key) % LOCKS];
        if (bias->shared)
            pthread_mutex_lock(lock);
        const double error = mean_error(bias, node, own);
        if (bias->shared)
            pthread_mutex_unlock(lock);
        shift = correct(node, own, -(double)search->config.value_bias * error);
    }
    search_unlock_node(search, index);
    return shift;
}

void bias_rebuild(struct mcts *search)
{
    const struct tree *tree = &search->tree;
    if (!search->bias)
        return;
    bias_forget(search->bias);
    for (uint32_t at = tree_next_node(tree, 0); at; at = tree_next_node(tree, at)) {
        struct node_extra *own = tree_node_extra(tree_node(tree, at));
        if (!own->bias_weight)
            continue;
        const int64_t weight = own->bias_weight, weighted = own->bias_weighted;
        struct bucket *bucket = find(search->bias, own->key, true);
        own->bias_weight = own->bias_weighted = 0;
        if (bucket)
            contribute(bucket, own, weight, weighted);
    }
}

/* Takes every contribution out of a copy, which must be left with none. */
const char *bias_check(const struct mcts *search)
{
    if (!search->bias)
        return NULL;
    const struct tree *tree = &search->tree;
    struct bias rest = *search->bias;
    const size_t count = rest.sets * WAYS;
    rest.buckets = g_memdup2(rest.buckets, count * sizeof *rest.buckets);
    const char *wrong = NULL;
    for (uint32_t at = tree_next_node(tree, 0); at; at = tree_next_node(tree, at)) {
        const struct node_extra *own = tree_node_extra(tree_node(tree, at));
        struct bucket *bucket = own->bias_weight ? find(&rest, own->key, false) : NULL;
        if (!bucket && (own->bias_weight || own->bias_weighted))
            wrong = "a node contributes to a bucket of biases that does not exist";
        if (bucket) {
            bucket->weight -= own->bias_weight;
            bucket->weighted -= own->bias_weighted;
        }
    }
    for (size_t i = 0; i < count; i++)
        if (rest.buckets[i].weight || rest.buckets[i].weighted)
            wrong = "a bucket of biases differs from what its nodes contribute";
    g_free(rest.buckets);
    return wrong;
}
