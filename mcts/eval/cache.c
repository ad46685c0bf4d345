/* A cache of evaluations before another evaluator.
 *
 *   table   sets of four entries: | 4 keys of 128 bits | 4 ages, 4 filled | entry 0: wdl score, logits, map | entry 1
 * ... key     position hash and stones, the recent moves (which the features show), ply, side, colours, phase, the
 * game's options (komi and rules, which its owner may change from game to game), the inner evaluator's generation, and,
 * where there is a history, which moves are legal: superko depends on how a position came about, and only through them
 *
 * Sets are guarded by a few locks; an entry is copied out under its lock, so a reader never sees half of one. Nobody
 * waits for a lock: whoever finds it taken goes on as if the position were not here. Answers are kept as they were
 * given, bit for bit. Of four entries the one used longest ago gives way. */
#include "mcts/evaluator.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { WAYS = 4, LOCKS = 64 };
G_STATIC_ASSERT(GAME_MAX_OPTIONS % 2 == 0); /* see options_hash */

/* The keys together, so that a look which finds nothing reads one line of memory. */
struct set {
    _Alignas(64) uint64_t key[WAYS][2];
    _Alignas(64) uint32_t used[WAYS]; /* the clock at its last use; 0: empty */
    uint16_t filled[WAYS];            /* EVAL_ bits */
};
struct entry {
    float wdl[3], score;
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
    struct eval *scratch; /* answers to what was missed, when some of a batch was found */
    struct eval_query *asked;
    uint64_t (*keys)[2];
    int *missed;
    int room;
};

/* ---- the key ---- */

static uint64_t mix(uint64_t hash, uint64_t value)
{
    return rng_mix(hash ^ value) + 0x9e3779b97f4a7c15u * value;
}

static uint64_t legal_hash(const struct game *game, const struct eval_query *query)
{
    if (!query->history || !query->history->count)
        return 0;
    game_move list[GAME_MAX_MOVES];
    const game_move *moves = query->legal ? query->legal : list;
    int count = query->legal ? query->legal_count : game->ops->legal_moves(game, query->position, query->history, list);
    uint64_t bits[GAME_MAX_MOVES / 64 + 1] = {0}, hash = 1;
    for (int i = 0; i < count; i++)
        bits[moves[i] / 64] |= (uint64_t)1 << (moves[i] % 64);
    for (int i = 0; i <= game->moves / 64; i++)
        hash = mix(hash, bits[i]);
    return hash;
}

static uint64_t options_hash(const struct game *game)
{
    uint64_t hash = 1;
    for (int i = 0; i < GAME_MAX_OPTIONS; i += 2)
        hash = mix(hash, (uint64_t)(uint32_t)game->option[i] << 32 | (uint32_t)game->option[i + 1]);
    return hash;
}

/* Two hashes with different beginnings: 128 bits, so that two positions never meet by chance. */
static void make_key(const struct cache *cache, const struct eval_query *query, uint64_t key[2])
{
    const struct position *p = query->position;
    uint64_t words[9] = {p->hash, p->stones_hash, evaluator_generation(cache->inner),
                         legal_hash(cache->base.game, query)};
    for (int i = 0; i < GAME_RECENT; i++)
        words[4 + i / 4] |= (uint64_t)p->recent[i] << (16 * (i % 4));
    words[6] = (uint64_t)p->ply | (uint64_t)p->player << 16 | (uint64_t)p->colour << 24 |
               (uint64_t)p->black_player << 32 | (uint64_t)p->phase << 40 | (uint64_t)p->outcome << 48;
    words[7] = query->history != NULL;
    words[8] = options_hash(cache->base.game);
    key[0] = 0x243f6a8885a308d3u;
    key[1] = 0x13198a2e03707344u;
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        key[0] = mix(key[0], words[i]);
        key[1] = mix(key[1], words[i] + 0x452821e638d01377u);
    }
}

/* ---- the table ---- */

static struct set *set_at(const struct table *table, uint64_t number)
{
    return (struct set *)(void *)(table->memory + number * table->set_bytes);
}

static struct entry *entry_at(const struct table *table, struct set *set, int way)
{
    return (struct entry *)(void *)((unsigned char *)set + sizeof *set + (size_t)way * table->entry_bytes);
}

/* The way that holds a key, or -1. */
static int find(const struct set *set, const uint64_t key[2])
{
    for (int way = 0; way < WAYS; way++)
        if (set->key[way][0] == key[0] && set->key[way][1] == key[1] && set->used[way])
            return way;
    return -1;
}

static uint64_t number_of(const struct table *table, const uint64_t key[2])
{
    return (uint64_t)(((unsigned __int128)key[0] * table->sets) >> 64);
}

/* The clock never shows 0, which means empty; when it comes round, ages are briefly wrong and nothing else. */
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

static bool look_up(const struct game *game, struct table *table, const uint64_t key[2], int want, struct eval *eval)
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
        eval->filled = set->filled[way] & want;
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

static void store(const struct game *game, struct table *table, const uint64_t key[2], const struct eval *eval)
{
    uint64_t number = number_of(table, key);
    if (!try_lock(table, number))
        return;
    struct set *set = set_at(table, number);
    int way = find(set, key);
    if (way < 0)
        way = oldest(set);
    struct entry *entry = entry_at(table, set, way);
    set->key[way][0] = key[0];
    set->key[way][1] = key[1];
    set->used[way] = tick(table, number);
    set->filled[way] = (uint16_t)eval->filled;
    memcpy(entry->wdl, eval->wdl, sizeof entry->wdl);
    entry->score = eval->score;
    memcpy(entry->numbers, eval->logits, sizeof(float) * game->moves);
    if (eval->filled & EVAL_MAP)
        memcpy(entry->numbers + game->moves, eval->map, sizeof(float) * game->points);
    unlock(table, number);
}

static struct table *table_new(const struct game *game, size_t bytes)
{
    struct table *table = aligned_alloc(_Alignof(struct table), sizeof *table);
    if (!table)
        g_error("out of memory for an evaluation cache");
    memset(table, 0, sizeof *table);
    table->entry_bytes =
        (sizeof(struct entry) + sizeof(float) * ((size_t)game->moves + game->points) + 15) & ~(size_t)15;
    table->set_bytes = sizeof(struct set) + WAYS * table->entry_bytes;
    table->sets = bytes / table->set_bytes;
    table->sets = table->sets ? table->sets : 1;
    table->bytes = table->sets * table->set_bytes;
    table->users = 1;
    table->memory = mmap(NULL, table->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    madvise(table->memory, table->bytes, MADV_HUGEPAGE); /* looked into at random: fewer page translations missed */
    if (table->memory == MAP_FAILED)
        g_error("out of memory for an evaluation cache of %zu MB", table->bytes >> 20);
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
    if (n <= cache->room)
        return;
    cache->room = n;
    cache->scratch = g_renew(struct eval, cache->scratch, n);
    cache->asked = g_renew(struct eval_query, cache->asked, n);
    cache->keys = g_realloc_n(cache->keys, (gsize)n, sizeof *cache->keys);
    cache->missed = g_renew(int, cache->missed, n);
}

static void evaluate(struct evaluator *self, int n, const struct eval_query *queries, struct eval *evals)
{
    struct cache *cache = (struct cache *)self;
    const struct game *game = self->game;
    int misses = 0;
    reserve(cache, n);
    for (int i = 0; i < n; i++) {
        make_key(cache, &queries[i], cache->keys[i]);
        if (look_up(game, cache->table, cache->keys[i], queries[i].want, &evals[i]))
            continue;
        cache->asked[misses] = queries[i];
        cache->missed[misses++] = i;
    }
    atomic_fetch_add_explicit(&cache->table->hits, (uint64_t)(n - misses), memory_order_relaxed);
    atomic_fetch_add_explicit(&cache->table->misses, (uint64_t)misses, memory_order_relaxed);
    if (!misses)
        return;
    struct eval *answers = misses == n ? evals : cache->scratch;
    evaluator_evaluate(cache->inner, misses, cache->asked, answers);
    for (int i = 0; i < misses; i++) {
        store(game, cache->table, cache->keys[cache->missed[i]], &answers[i]);
        if (answers != evals)
            evals[cache->missed[i]] = answers[i];
    }
}

static uint64_t generation(const struct evaluator *self)
{
    return evaluator_generation(((const struct cache *)self)->inner);
}

static void release(struct evaluator *self)
{
    struct cache *cache = (struct cache *)self;
    evaluator_free(cache->inner);
    table_unref(cache->table);
    g_free(cache->scratch);
    g_free(cache->asked);
    g_free(cache->keys);
    g_free(cache->missed);
    g_free(cache);
}

static struct evaluator *copy(const struct evaluator *self);
static const struct evaluator_ops cache_ops = {
    .name = "cache", .evaluate = evaluate, .clone = copy, .generation = generation, .free = release};

static struct evaluator *new_cache(struct evaluator *inner, struct table *table)
{
    struct cache *cache = g_new0(struct cache, 1);
    cache->base = (struct evaluator){.ops = &cache_ops, .game = inner->game};
    cache->inner = inner;
    cache->table = table;
    return &cache->base;
}

static struct evaluator *copy(const struct evaluator *self)
{
    const struct cache *from = (const struct cache *)self;
    atomic_fetch_add(&from->table->users, 1);
    return new_cache(from->inner->ops->clone(from->inner), from->table);
}

struct evaluator *evaluator_cache_create(struct evaluator *inner, size_t bytes)
{
    return new_cache(inner, table_new(inner->game, bytes));
}

struct evaluator_cache_stats evaluator_cache_stats(const struct evaluator *self)
{
    const struct table *table = ((const struct cache *)self)->table;
    return (struct evaluator_cache_stats){.hits = atomic_load(&table->hits), .misses = atomic_load(&table->misses)};
}
