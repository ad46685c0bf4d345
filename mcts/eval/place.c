/* Keys of positions up to symmetry, for memories.
 *
 * A position's key under a symmetry is a sum over its points: of a number for each stone and for each empty point on which
 * no move is legal, which is how ko, superko and forbidden points show in every game. The least of these sums belongs to
 * the image that all symmetric positions share. */
#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/memory.h"

enum { BARRED = 3, KINDS = 4 }; /* after GAME_EMPTY, GAME_BLACK and GAME_WHITE */

/* kind[points]: an enum game_colour or BARRED. Returns a hash of the legal moves that are not points. */
static uint64_t read_board(const struct game *game, const struct eval_query *query, uint8_t *kind)
{
    game_move list[GAME_MAX_MOVES];
    const game_move *moves = query->legal ? query->legal : list;
    const int count =
        query->legal ? query->legal_count : game->ops->legal_moves(game, query->position, query->history, list);
    uint64_t others = 0;
    for (int p = 0; p < game->points; p++) {
        const enum game_colour stone = game->ops->stone(game, query->position, p);
        kind[p] = stone == GAME_EMPTY ? BARRED : (uint8_t)stone;
    }
    for (int i = 0; i < count; i++)
        if (moves[i] < game->points)
            kind[moves[i]] = GAME_EMPTY;
        else
            others |= (uint64_t)1 << (moves[i] - game->points);
    return others;
}

static struct eval_key board_key(const struct game *game, const uint8_t *kind, int symmetry)
{
    const uint16_t *to = game_symmetry_table(game, symmetry);
    struct eval_key key = {{0, 0}};
    for (int p = 0; p < game->points; p++)
        if (kind[p] != GAME_EMPTY) {
            const uint64_t number = rng_mix((uint64_t)to[p] * KINDS + kind[p] + 0x51ed270b9f65u);
            key.bits[0] += number;
            key.bits[1] += rng_mix(number);
        }
    return key;
}

static bool is_less(struct eval_key a, struct eval_key b)
{
    return a.bits[0] != b.bits[0] ? a.bits[0] < b.bits[0] : a.bits[1] < b.bits[1];
}

/* Whatever decides a result by territory: prisoners, and whether the cleanup has begun. It includes the ko, by its point. */
static uint64_t hidden_state(const struct game *game, const struct position *position)
{
    struct game_count count = {.prisoners_count = false};
    if (game->ops->counting)
        game->ops->counting->count(game, position, NULL, &count, NULL);
    return count.prisoners_count ? position->hash ^ position->stones_hash : 0;
}

static int passes(const struct game *game, const struct position *position)
{
    int count = 0;
    while (count < GAME_RECENT && game->pass != GAME_NO_MOVE && position->recent[count] == game->pass)
        count++;
    return count;
}

struct memory_place memory_place_of(const struct game *game, const struct eval_query *query)
{
    uint8_t kind[GAME_MAX_POINTS];
    const struct position *p = query->position;
    const uint64_t others = read_board(game, query, kind);
    struct memory_place place = {.key = board_key(game, kind, 0)};
    for (int s = 1; s < game->symmetries; s++) {
        const struct eval_key image = board_key(game, kind, s);
        if (is_less(image, place.key))
            place = (struct memory_place){image, s};
    }
    const uint64_t words[] = {others,
                              (uint64_t)p->colour | (uint64_t)(p->player ^ p->black_player) << 8 |
                                  (uint64_t)p->phase << 16 | (uint64_t)p->outcome << 24 |
                                  (uint64_t)passes(game, p) << 32,
                              hidden_state(game, p), evaluator_game_hash(game)};
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        place.key.bits[0] = rng_mix(place.key.bits[0] ^ words[i]) + 0x9e3779b97f4a7c15u * words[i];
        place.key.bits[1] = rng_mix(place.key.bits[1] + words[i] + 0x452821e638d01377u);
    }
    return place;
}

game_move memory_move_to_image(const struct game *game, const struct memory_place *place, game_move move)
{
    return game_symmetry_move(game, place->symmetry, move);
}

game_move memory_move_from_image(const struct game *game, const struct memory_place *place, game_move move)
{
    const uint16_t *to = game_symmetry_table(game, place->symmetry);
    if (move >= game->points)
        return move;
    for (int p = 0; p < game->points; p++)
        if (to[p] == move)
            return (game_move)p;
    return GAME_NO_MOVE;
}
