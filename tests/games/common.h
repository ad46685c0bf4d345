/* Helpers shared by the tests of games/. */
#ifndef TENGEN_TESTS_GAMES_COMMON_H
#define TENGEN_TESTS_GAMES_COMMON_H

#include <criterion/criterion.h>

#include "games/game.h"

static inline struct game parse(const char *spec)
{
    struct game game;
    GError *error = NULL;
    cr_assert(game_parse(&game, spec, &error), "%s: %s", spec, error ? error->message : "");
    return game;
}

/* Sets up a position from a drawing; see game_set_up_drawing. */
static inline void draw(const struct game *game, union any_position *position, const char *drawing,
                        enum game_colour colour)
{
    GError *error = NULL;
    cr_assert(game_set_up_drawing(game, &position->p, drawing, colour, &error), "%s", error ? error->message : "");
}

/* The move that is written as `text`. */
static inline game_move at(const struct game *game, const char *text)
{
    game_move move = game_move_parse(game, text);
    cr_assert_neq(move, GAME_NO_MOVE, "%s", text);
    return move;
}

/* Plays moves separated by spaces, each of which must be legal. history may be NULL. */
static inline void play(const struct game *game, union any_position *position, struct history *history,
                        const char *moves)
{
    char **words = g_strsplit(moves, " ", -1);
    for (int i = 0; words[i]; i++)
        cr_assert(game_try(game, &position->p, history, game_move_parse(game, words[i])), "%s in %s", words[i], moves);
    g_strfreev(words);
}

/* A random legal move; a pass only if nothing else is legal. */
static inline game_move random_move(const struct game *game, const struct position *position,
                                    const struct history *history, struct rng *rng)
{
    game_move moves[GAME_MAX_MOVES];
    int count = game->ops->legal_moves(game, position, history, moves);
    cr_assert_gt(count, 0);
    if (count > 1 && moves[count - 1] == game->pass)
        count--;
    return moves[rng_below(rng, (uint32_t)count)];
}

#endif
