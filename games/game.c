/* The table of games and the functions that are the same for all games. */
#include "games/game.h"

/* clang-format off */

/* One line for each game; the game's file defines a struct game_ops of this name. */
#define EACH_GAME(add) \
    add(go_ops) \
    add(gomoku_ops) \
    add(reversi_ops) \
    add(connect4_ops)

/* clang-format on */

#define DECLARE(ops) extern const struct game_ops ops;
#define ADDRESS(ops) &ops,
EACH_GAME(DECLARE)
const struct game_ops *const game_table[] = {EACH_GAME(ADDRESS) NULL};
_Static_assert(G_N_ELEMENTS(game_table) <= GAME_MAX_GAMES, "arrays indexed by game have GAME_MAX_GAMES entries");

int game_table_index(const struct game_ops *ops)
{
    int i = 0;
    while (game_table[i] != ops)
        i++;
    return i;
}

void game_play(const struct game *game, struct position *position, struct history *history, game_move move)
{
    if (!history) {
        game->ops->play(game, position, NULL, move);
        return;
    }
    struct history_entry before = {
        .stones_hash = position->stones_hash, .colour = position->colour, .move = move};
    game->ops->play(game, position, history, move);
    history_push_entry(history, &before);
}

bool game_try(const struct game *game, struct position *position, struct history *history, game_move move)
{
    if (move >= game->moves || !game->ops->legal(game, position, history, move))
        return false;
    game_play(game, position, history, move);
    return true;
}

int game_playout_uniform(const struct game *game, struct position *position, struct rng *rng, struct game_result *result)
{
    game_move moves[GAME_MAX_MOVES];
    int played = 0;
    for (; !game_over(position); played++) {
        int count = game->ops->legal_moves(game, position, NULL, moves);
        game->ops->play(game, position, NULL, moves[rng_below(rng, (uint32_t)count)]);
    }
    game->ops->result(game, position, result);
    return played;
}

int game_plies_left(const struct game *game, const struct position *position)
{
    int left = game->ops->plies_left ? game->ops->plies_left(game, position) : 0;
    /* A game of territory lasts about three quarters of the board's points, or goes on for another two dozen plies. */
    return left > 0 ? left : MAX(game->points * 3 / 4 - position->ply, 24);
}

void game_set_to_move(const struct game *game, struct position *position, enum game_colour colour)
{
    uint8_t stones[GAME_MAX_POINTS];
    for (int p = 0; p < game->points; p++)
        stones[p] = (uint8_t)game->ops->stone(game, position, p);
    game->ops->set_up(game, position, stones, colour, NULL); /* cannot fail: the stones are those of a legal board */
}

static void reconfigure(struct game *game)
{
    bool accepted = game->ops->configure(game, NULL);
    g_assert(accepted);
}

struct game game_unattended(const struct game *game)
{
    struct game to = *game;
    if (game->ops->unattended) {
        game->ops->unattended(&to);
        reconfigure(&to);
    }
    return to;
}

struct game game_with_handicap(const struct game *game, int stones)
{
    struct game to = *game;
    to.option[game->ops->handicap->option] = stones;
    reconfigure(&to);
    return to;
}

struct game_result game_result(const struct game *game, const struct position *position)
{
    struct game_result result = {0};
    game->ops->result(game, position, &result);
    return result;
}

int game_result_sign(const struct game_result *result, int player)
{
    if (result->outcome == GAME_WON_0 || result->outcome == GAME_WON_1)
        return (result->outcome == GAME_WON_1) == player ? 1 : -1;
    return 0;
}

const struct game_features *game_features_find(const struct game *game, const char *name)
{
    for (int i = 0; game->ops->features[i]; i++)
        if (strcmp(game->ops->features[i]->name, name) == 0)
            return game->ops->features[i];
    return NULL;
}

const struct game_features *game_features_newest(const struct game *game)
{
    return game->ops->features[0];
}

int game_sensible_moves(const struct game *game, const struct position *position, bool tactics, const game_move *legal,
                        int count, game_move *moves)
{
    int kept = 0;
    tactics = tactics && game->ops->forced;
    if ((game->ops->prune || tactics) && count > 1) {
        uint8_t keep[GAME_MAX_MOVES];
        memset(keep, 1, game->moves);
        if (game->ops->prune)
            game->ops->prune(game, position, keep);
        if (tactics)
            game->ops->forced(game, position, keep);
        for (int i = 0; i < count; i++) {
            moves[kept] = legal[i];
            kept += keep[legal[i]];
        }
    }
    if (kept)
        return kept;
    memcpy(moves, legal, sizeof *moves * (size_t)count);
    return count;
}
