/* Evaluation keys of 128 bits, wide enough to make collisions negligible. */
#include "games/game.h"
#include "mcts/evaluator.h"

static uint64_t mix(uint64_t hash, uint64_t value)
{
    return rng_mix(hash ^ value) + 0x9e3779b97f4a7c15u * value;
}

/* Two options per 64-bit word. */
G_STATIC_ASSERT(GAME_MAX_OPTIONS % 2 == 0);

/* Name, shape and options. A sum of independent terms rather than a dependency chain, as this runs for every leaf. */
uint64_t evaluator_game_hash(const struct game *game)
{
    uint64_t sum =
        (uint64_t)g_str_hash(game->ops->name) << 16 | (uint64_t)(game->height ^ game->width) << 8 | game->width;
    for (int i = 0; i < GAME_MAX_OPTIONS; i += 2)
        sum += rng_mix(((uint64_t)(uint32_t)game->option[i] << 32 | (uint32_t)game->option[i + 1]) +
                       (uint64_t)(i + 1) * 0xd1b54a32d192ed03u);
    return sum;
}

static uint64_t hash_legal(const struct game *game, const struct eval_query *query)
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

struct eval_key evaluator_key(const struct game *game, const struct eval_query *query, uint64_t generation)
{
    const struct position *p = query->position;
    uint64_t words[9] = {p->hash, p->stones_hash, generation, hash_legal(game, query)};
    for (int i = 0; i < GAME_RECENT; i++)
        words[4 + i / 4] |= (uint64_t)p->recent[i] << (16 * (i % 4));
    words[6] = (uint64_t)p->ply | (uint64_t)p->player << 16 | (uint64_t)p->colour << 24 |
               (uint64_t)p->black_player << 32 | (uint64_t)p->phase << 40 | (uint64_t)p->outcome << 48;
    words[7] = query->history != NULL;
    words[8] = evaluator_game_hash(game);
    struct eval_key key = {{0x243f6a8885a308d3u, 0x13198a2e03707344u}};
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        key.bits[0] = mix(key.bits[0], words[i]);
        key.bits[1] = mix(key.bits[1], words[i] + 0x452821e638d01377u);
    }
    return key;
}
