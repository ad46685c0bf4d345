/* Sets up the positions of a query from its stones and moves. */
#include "engine/protocols/common/protocol.h"
#include "engine/protocols/katago/session.h"
#include "games/game.h"
#include "games/go/go.h"

/* Several black stones and no white ones, with white to move, are a handicap; the rules may compensate white for it. */
static bool is_handicap(const struct analysis_query *query, enum game_colour first)
{
    if (query->game.ops != &go_ops || query->stone_count < 2 || first != GAME_WHITE)
        return false;
    for (int p = 0; p < query->game.points; p++)
        if (query->stones[p] == GAME_WHITE)
            return false;
    return true;
}

static enum game_colour first_colour(const struct analysis_query *query)
{
    bool white = false;
    if (query->moves->len)
        return g_array_index(query->moves, struct protocol_move, 0).colour;
    if (query->start_colour)
        return query->start_colour;
    for (int p = 0; p < query->game.points; p++)
        white |= query->stones[p] == GAME_WHITE;
    return query->stone_count >= 2 && !white && query->game.ops == &go_ops ? GAME_WHITE : GAME_BLACK;
}

static bool start(const struct analysis_query *query, struct position *position, GError **error)
{
    enum game_colour first = first_colour(query);
    game_init(&query->game, position);
    if (is_handicap(query, first)) {
        game_move points[GAME_MAX_POINTS];
        int count = 0;
        for (int p = 0; p < query->game.points; p++)
            if (query->stones[p])
                points[count++] = (game_move)p;
        return go_place_handicap(&query->game, position, points, count, error);
    }
    if (query->stone_count)
        return game_set_up(&query->game, position, query->stones, first, error);
    if (position->colour != first)
        game_set_to_move(&query->game, position, first);
    return true;
}

/* Makes it the colour's turn, even after passes have ended the game. */
static void give_turn(const struct game *game, struct position *position, enum game_colour colour)
{
    if (position->colour != colour || (game->ops->counting && game_over(position)))
        game_set_to_move(game, position, colour);
}

/* Whether the move is a suicide of several stones. That of a single stone would change nothing. */
static bool is_group_suicide(const struct game *game, const struct position *position, game_move move)
{
    const int x = move % game->width, y = move / game->width;
    const int around[4][2] = {{x - 1, y}, {x + 1, y}, {x, y - 1}, {x, y + 1}};
    struct game lenient;
    bool group = false;
    for (int i = 0; i < 4; i++)
        group |= around[i][0] >= 0 && around[i][0] < game->width && around[i][1] >= 0 && around[i][1] < game->height &&
                 game->ops->stone(game, position, around[i][1] * game->width + around[i][0]) ==
                     (enum game_colour)position->colour;
    return group && move < game->points && game_vary(&lenient, game, "suicide=yes", NULL) &&
           lenient.ops->legal(&lenient, position, NULL, move);
}

/* Accepts moves that violate superko, retake a ko or are a suicide of several stones, because the game may have been
 * played under rules other than the query's. Returns false if the move is illegal otherwise. */
static bool play(const struct game *game, struct position *position, struct history *history,
                 const struct protocol_move *made)
{
    bool decision = made->move >= game->points && made->move != game->pass;
    if (!decision)
        give_turn(game, position, made->colour);
    if (!game->ops->legal(game, position, NULL, made->move)) {
        if (game->ops != &go_ops)
            return false;
        if (made->move == go_ko_point(game, position))
            game_set_to_move(game, position, made->colour);
        if (!game->ops->legal(game, position, NULL, made->move) && !is_group_suicide(game, position, made->move))
            return false;
    }
    game_play(game, position, history, made->move);
    return true;
}

bool analysis_position(const struct analysis_query *query, int turn, struct position *position, struct history *history,
                       GError **error)
{
    const struct game *game = &query->game;
    const struct protocol_move *moves = (const struct protocol_move *)(const void *)query->moves->data;
    char text[GAME_MOVE_TEXT_MAX];
    history_truncate(history, 0);
    if (!start(query, position, error))
        return false;
    for (int i = 0; i < turn; i++)
        if (!play(game, position, history, &moves[i])) {
            g_set_error(error, GAME_ERROR, GAME_ERROR_FILE, "Illegal move %d: %s %s", i + 1,
                        moves[i].colour == GAME_BLACK ? "B" : "W", game_move_format(game, moves[i].move, text));
            return false;
        }
    if (game->ops == &go_ops && !query->stone_count)
        go_set_handicap_stones(position, protocol_handicap(game, moves, turn));
    if (game->ops->counting) {
        enum game_colour next = turn < (int)query->moves->len ? (enum game_colour)moves[turn].colour
                                : turn                        ? (enum game_colour)game_other(moves[turn - 1].colour)
                                                              : first_colour(query);
        give_turn(game, position, next);
    }
    return true;
}
