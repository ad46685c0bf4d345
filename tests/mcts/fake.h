/* A fake evaluator whose results are a hash of the position, and helpers for tests. Header only, because each thread
 * program is built from a single file. */
#ifndef TENGEN_TESTS_MCTS_FAKE_H
#define TENGEN_TESTS_MCTS_FAKE_H

#include <stdlib.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"

struct fake {
    struct evaluator base;
    uint64_t seed;
    float spread;    /* of logits: -spread .. spread */
    uint64_t *calls; /* shared by clones; read by one thread, while no search is running */
    uint64_t generation;
};

static inline float fake_number(uint64_t hash)
{
    return (float)(rng_mix(hash) >> 40) / 0x1p24f;
}

/* For the player to move: -0.9 .. 0.9. */
static inline float fake_value(uint64_t seed, uint64_t hash)
{
    return 1.8f * fake_number(hash ^ seed) - 0.9f;
}
/* Half of the time it does not know. Depends on the way to the position, or else those that are reached in two ways would be equally
 * good up to rounding. */
static inline float fake_error(const struct position *position)
{
    uint64_t way = position->hash;
    for (int i = 0; i < GAME_RECENT; i++)
        way = rng_mix(way + position->recent[i]);
    const float number = fake_number(way);
    return number < 0.5f ? -1 : number - 0.5f;
}
static inline float fake_logit(uint64_t seed, float spread, uint64_t hash, int move)
{
    return spread * (2 * fake_number(hash ^ seed ^ ((uint64_t)move + 1) << 40) - 1);
}

static inline void fake_evaluate(struct evaluator *self, int n, const struct eval_query *queries, struct eval *evals)
{
    struct fake *fake = (struct fake *)self;
    for (int i = 0; i < n; i++) {
        uint64_t hash = queries[i].position->hash;
        float value = fake_value(fake->seed, hash);
        for (int m = 0; m < self->game->moves; m++)
            evals[i].logits[m] = fake_logit(fake->seed, fake->spread, hash, m);
        evals[i].wdl[0] = 0.5f * (0.9f + value);
        evals[i].wdl[1] = 0.1f;
        evals[i].wdl[2] = 0.5f * (0.9f - value);
        evals[i].score = 10 * value;
        evals[i].error = fake_error(queries[i].position);
        for (int p = 0; p < self->game->points; p++)
            evals[i].map[p] = fake_number(hash + (uint64_t)p);
        evals[i].filled = queries[i].want;
        __atomic_fetch_add(fake->calls, 1, __ATOMIC_RELAXED);
    }
}

static inline void fake_free(struct evaluator *self)
{
    struct fake *fake = (struct fake *)self;
    if (fake->generation != UINT64_MAX) /* clones do not own the counter */
        g_free(fake->calls);
    g_free(self);
}

static inline uint64_t fake_generation(const struct evaluator *self)
{
    return ((const struct fake *)self)->generation == UINT64_MAX ? 0 : ((const struct fake *)self)->generation;
}

static inline struct evaluator *fake_clone(const struct evaluator *self)
{
    struct fake *fake = g_new(struct fake, 1);
    *fake = *(const struct fake *)self;
    fake->generation = UINT64_MAX;
    return &fake->base;
}

static inline struct evaluator *fake_create(const struct game *game, uint64_t seed, float spread)
{
    static const struct evaluator_ops ops = {.name = "fake",
                                             .evaluate = fake_evaluate,
                                             .clone = fake_clone,
                                             .generation = fake_generation,
                                             .free = fake_free};
    struct fake *fake = g_new0(struct fake, 1);
    *fake = (struct fake){.base = {.ops = &ops, .game = game}, .seed = seed, .spread = spread};
    fake->calls = g_new0(uint64_t, 1);
    return &fake->base;
}

static inline uint64_t fake_calls(const struct evaluator *self)
{
    return *((const struct fake *)self)->calls;
}

/* ---- helpers ---- */

static inline struct game fake_game(const char *spec)
{
    struct game game;
    GError *error = NULL;
    if (!game_parse(&game, spec, &error)) {
        fprintf(stderr, "%s: %s\n", spec, error->message);
        abort();
    }
    return game;
}

/* The game without pruning and forced moves. ops: storage for its function table. */
static inline struct game fake_unpruned(const char *spec, struct game_ops *ops)
{
    struct game game = fake_game(spec);
    *ops = *game.ops;
    ops->prune = NULL;
    ops->forced = NULL;
    game.ops = ops;
    return game;
}

/* Plays moves from the initial position, as text separated by blanks. */
static inline void fake_play(const struct game *game, struct position *position, struct history *history,
                             const char *moves)
{
    char **texts = g_strsplit(moves, " ", -1);
    game_init(game, position);
    for (int i = 0; texts[i]; i++) {
        if (!*texts[i])
            continue;
        if (!game_try(game, position, history, game_move_parse(game, texts[i]))) {
            fprintf(stderr, "move %d (%s) of \"%s\" is not legal\n", i + 1, texts[i], moves);
            abort();
        }
    }
    g_strfreev(texts);
}

static inline struct mcts *fake_search(const struct game *game, const struct mcts_config *config,
                                       struct evaluator *const *evaluators)
{
    struct mcts *search;
    GError *error = NULL;
    if (mcts_create(&search, game, config, evaluators, &error) != 0) {
        fprintf(stderr, "mcts_create: %s\n", error->message);
        abort();
    }
    return search;
}

/* The entry of a move among mcts_moves, which must be there. */
static inline struct mcts_move fake_find(const struct mcts *search, game_move move)
{
    struct mcts_move moves[GAME_MAX_MOVES];
    int count = mcts_moves(search, moves, GAME_MAX_MOVES);
    for (int i = 0; i < count; i++)
        if (moves[i].move == move)
            return moves[i];
    fprintf(stderr, "move %d is not among the root's\n", move);
    abort();
}

#endif
