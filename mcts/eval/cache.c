/* clang-format off */
/* A cache of evaluations on top of another evaluator, keyed by evaluator_key with the inner evaluator's generation.
 *
 *   table   sets of four entries: | 4 keys of 128 bits | 4 ages, 4 filled, 4 steps | entry 0 | entry 1 | entry 2 | entry 3 |
 *   entry   | wdl | score | error | logits [moves] | map [points] |
 *
 * Sets are guarded by a few locks; an entry is copied out under its lock, so a reader never sees a torn one. No thread
 * waits for a lock: if it is taken, the lookup counts as a miss. Cached results are bitwise identical to the originals.
 * Replacement within a set is least recently used. For a recurrent net the key includes the moves played up to the root
 * (evaluator_state_key): below another root the same position is a different entry. */
/* clang-format on */
#include "games/game.h"
#include "mcts/evaluator.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { WAYS = 4, LOCKS = 64 };

/* The keys are adjacent, so that a miss reads a single cache line. */
struct set {
    _Alignas(64) struct eval_key key[WAYS];
    _Alignas(64) uint32_t used[WAYS]; /* clock at last use; 0: empty */
    uint16_t filled[WAYS];            /* EVAL_ bits */
    uint8_t steps[WAYS];
};
struct entry {
    float wdl[3], score, error;
    float numbers[]; /* logits [moves], map [points] */
};

struct table {
    _Atomic int users;
    size_t bytes, set_bytes, entry_bytes;
    uint64_t sets;
    unsigned char *memory;
    struct {
        _Alignas(64) atomic_flag taken;
        uint32_t clock; /* under the lock */
    } locks[LOCKS];
    _Atomic uint64_t hits, misses;
};

struct cache {
    struct evaluator base;
    struct evaluator *inner;
    struct table *table;
    struct eval *scratch; /* results of the misses, if only part of a batch was a hit */
    struct eval_query *miss_queries;
    struct eval_key *keys;
    int *missed;
    int capacity;
};

/* ---- the table ---- */

static struct set *set_at(const struct table *table, uint64_t number)
{
    return (struct set *)(void *)(table->memory + number * table->set_bytes);
}

static struct entry *entry_at(const struct table *table, struct set *set, int way)
{
    return (struct entry *)(void *)((unsigned char *)set + sizeof *set + (size_t)way * table->entry_bytes);
}

/* The way that holds the key, or -1. */
static int find(const struct set *set, struct eval_key key)
{
    for (int way = 0; way < WAYS; way++)
        if (eval_key_equal(set->key[way], key) && set->used[way])
            return way;
    return -1;
}

static uint64_t number_of(const struct table *table, struct eval_key key)
{
    return (uint64_t)(((unsigned __int128)key.bits[0] * table->sets) >> 64);
}

/* The clock skips 0, which means empty. After it wraps, ages are briefly wrong, which is harmless. */
static uint32_t tick(struct table *table, uint64_t number)
{
    uint32_t *clock = &table->locks[number % LOCKS].clock;
    return ++*clock ? *clock : ++*clock;
}

static bool try_lock(struct table *table, uint64_t number)
{
    return !atomic_flag_test_and_set_explicit(&table->locks[number % LOCKS].taken, memory_order_acquire);
}

static void unlock(struct table *table, uint64_t number)
{
    atomic_flag_clear_explicit(&table->locks[number % LOCKS].taken, memory_order_release);
}

static bool look_up(const struct game *game, struct table *table, struct eval_key key, int want, struct eval *eval)
{
    uint64_t number = number_of(table, key);
    if (!try_lock(table, number))
        return false;
    struct set *set = set_at(table, number);
    int way = find(set, key);
    bool found = way >= 0 && (set->filled[way] & want) == want;
    if (found) {
        const struct entry *entry = entry_at(table, set, way);
        set->used[way] = tick(table, number);
        memcpy(eval->wdl, entry->wdl, sizeof eval->wdl);
        eval->score = entry->score;
        eval->error = entry->error;
        eval->filled = set->filled[way] & want;
        eval->steps = set->steps[way];
        memcpy(eval->logits, entry->numbers, sizeof(float) * game->moves);
        if (want & EVAL_MAP)
            memcpy(eval->map, entry->numbers + game->moves, sizeof(float) * game->points);
    }
    unlock(table, number);
    return found;
}

static int oldest(const struct set *set)
{
    int old = 0;
    for (int way = 1; way < WAYS; way++)
        if (set->used[way] < set->used[old])
            old = way;
    return old;
}

static void store(const struct game *game, struct table *table, struct eval_key key, const struct eval *eval)
{
    uint64_t number = number_of(table, key);
    if (!try_lock(table, number))
        return;
    struct set *set = set_at(table, number);
    int way = find(set, key);
    if (way < 0)
        way = oldest(set);
    struct entry *entry = entry_at(table, set, way);
    set->key[way] = key;
    set->used[way] = tick(table, number);
    set->filled[way] = (uint16_t)eval->filled;
    set->steps[way] = eval->steps;
    memcpy(entry->wdl, eval->wdl, sizeof entry->wdl);
    entry->score = eval->score;
    entry->error = eval->error;
    memcpy(entry->numbers, eval->logits, sizeof(float) * game->moves);
    if (eval->filled & EVAL_MAP)
        memcpy(entry->numbers + game->moves, eval->map, sizeof(float) * game->points);
    unlock(table, number);
}

/* The largest table of at most so many sets for which the system has memory; false if there is none. */
static bool map_table(struct table *table, size_t sets)
{
    for (table->sets = MAX(sets, 1); table->sets > 0; table->sets /= 2) {
        table->bytes = table->sets * table->set_bytes;
        table->memory = mmap(NULL, table->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (table->memory != MAP_FAILED)
            return true;
    }
    return false;
}

/* NULL if the system has no memory for it. */
static struct table *table_new(const struct game *game, size_t bytes)
{
    struct table *table = aligned_alloc(_Alignof(struct table), sizeof *table);
    if (!table)
        return NULL;
    memset(table, 0, sizeof *table);
    table->entry_bytes =
        (sizeof(struct entry) + sizeof(float) * ((size_t)game->moves + game->points) + 15) & ~(size_t)15;
    table->set_bytes = sizeof(struct set) + WAYS * table->entry_bytes;
    table->users = 1;
    if (!map_table(table, bytes / table->set_bytes)) {
        free(table);
        return NULL;
    }
    madvise(table->memory, table->bytes, MADV_HUGEPAGE); /* random access: fewer TLB misses */
    for (int i = 0; i < LOCKS; i++)
        atomic_flag_clear(&table->locks[i].taken);
    return table;
}

static void table_unref(struct table *table)
{
    if (atomic_fetch_sub(&table->users, 1) > 1)
        return;
    munmap(table->memory, table->bytes);
    free(table);
}

/* ---- the evaluator ---- */

static void reserve(struct cache *cache, int n)
{
    if (n <= cache->capacity)
        return;
    cache->capacity = n;
    cache->scratch = g_renew(struct eval, cache->scratch, n);
    cache->miss_queries = g_renew(struct eval_query, cache->miss_queries, n);
    cache->keys = g_renew(struct eval_key, cache->keys, n);
    cache->missed = g_renew(int, cache->missed, n);
}

static void evaluate(struct evaluator *self, int n, const struct eval_query *queries, struct eval *evals)
{
    struct cache *cache = (struct cache *)self;
    const struct game *game = self->game;
    const uint64_t generation = evaluator_generation(cache->inner);
    int misses = 0;
    reserve(cache, n);
    for (int i = 0; i < n; i++) {
        cache->keys[i] =
            evaluator_key(game, &queries[i], generation ^ evaluator_state_key(cache->inner, &queries[i]));
        if (look_up(game, cache->table, cache->keys[i], queries[i].want, &evals[i]))
            continue;
        cache->miss_queries[misses] = queries[i];
        cache->missed[misses++] = i;
    }
    atomic_fetch_add_explicit(&cache->table->hits, (uint64_t)(n - misses), memory_order_relaxed);
    atomic_fetch_add_explicit(&cache->table->misses, (uint64_t)misses, memory_order_relaxed);
    if (!misses)
        return;
    struct eval *results = misses == n ? evals : cache->scratch;
    evaluator_evaluate(cache->inner, misses, cache->miss_queries, results);
    for (int i = 0; i < misses; i++) {
        store(game, cache->table, cache->keys[cache->missed[i]], &results[i]);
        if (results != evals)
            evals[cache->missed[i]] = results[i];
    }
}

static struct evaluator *inner(const struct evaluator *self)
{
    return ((const struct cache *)self)->inner;
}

static void release(struct evaluator *self)
{
    struct cache *cache = (struct cache *)self;
    evaluator_free(cache->inner);
    table_unref(cache->table);
    g_free(cache->scratch);
    g_free(cache->miss_queries);
    g_free(cache->keys);
    g_free(cache->missed);
    g_free(cache);
}

static struct evaluator *copy(const struct evaluator *self);
static const struct evaluator_ops cache_ops = {
    .name = "cache", .evaluate = evaluate, .clone = copy, .inner = inner, .free = release};

static struct evaluator *new_cache(struct evaluator *below, struct table *table)
{
    struct cache *cache = g_new0(struct cache, 1);
    cache->base = (struct evaluator){.ops = &cache_ops, .game = below->game};
    cache->inner = below;
    cache->table = table;
    return &cache->base;
}

static struct evaluator *copy(const struct evaluator *self)
{
    const struct cache *from = (const struct cache *)self;
    atomic_fetch_add(&from->table->users, 1);
    return new_cache(evaluator_clone(from->inner), from->table);
}

struct evaluator *evaluator_cache_create(struct evaluator *below, size_t bytes)
{
    struct table *table = table_new(below->game, bytes);
    return table ? new_cache(below, table) : below;
}

struct evaluator_cache_stats evaluator_cache_stats(const struct evaluator *stack)
{
    const struct cache *cache = (const struct cache *)evaluator_find(stack, &cache_ops);
    if (!cache)
        return (struct evaluator_cache_stats){0};
    return (struct evaluator_cache_stats){.hits = atomic_load(&cache->table->hits),
                                          .misses = atomic_load(&cache->table->misses)};
}
