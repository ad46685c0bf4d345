/* A game in progress: the rules and a stack of positions, so that undo pops one. */
#include "agents/library/library.h"
#include "games/game.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tengen/game.h>

_Static_assert((int)TENGEN_MAX_POINTS == (int)GAME_MAX_POINTS && (int)TENGEN_MAX_MOVES == (int)GAME_MAX_MOVES &&
                   (int)TENGEN_MOVE_TEXT_SIZE == (int)GAME_MOVE_TEXT_MAX,
               "the public bounds are those of games/game.h");
_Static_assert((int)TENGEN_EMPTY == (int)GAME_EMPTY && (int)TENGEN_BLACK == (int)GAME_BLACK &&
                   (int)TENGEN_WHITE == (int)GAME_WHITE,
               "the public colours are those of games/game.h");

enum { INITIAL_CAPACITY = 64, ALIGNMENT = _Alignof(max_align_t) };

struct position *library_position(const struct tengen_game *game, int ply)
{
    return (struct position *)(game->positions + (size_t)ply * game->stride);
}

static void reserve(struct tengen_game *game, int capacity)
{
    game->capacity = capacity;
    game->moves = g_renew(game_move, game->moves, capacity);
    game->positions = g_realloc_n(game->positions, (gsize)capacity + 1, game->stride);
}

struct tengen_game *tengen_game_new(const char *spec, struct tengen_error *error)
{
    struct game rules;
    GError *cause = NULL;
    if (!game_parse(&rules, spec, &cause)) {
        library_fail(error, cause);
        return NULL;
    }
    struct tengen_game *game = g_new0(struct tengen_game, 1);
    game->rules = rules;
    game->stride = (rules.position_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    game_format(&rules, game->spec);
    history_init(&game->history, INITIAL_CAPACITY);
    reserve(game, INITIAL_CAPACITY);
    game_init(&game->rules, library_present(game));
    return game;
}

struct tengen_game *tengen_game_copy(const struct tengen_game *game)
{
    struct tengen_game *copy = g_new0(struct tengen_game, 1);
    copy->rules = game->rules;
    copy->stride = game->stride;
    memcpy(copy->spec, game->spec, sizeof copy->spec);
    history_init(&copy->history, game->history.count);
    history_copy(&copy->history, &game->history);
    reserve(copy, game->capacity);
    copy->ply = game->ply;
    memcpy(copy->moves, game->moves, (size_t)game->ply * sizeof *game->moves);
    memcpy(copy->positions, game->positions, ((size_t)game->ply + 1) * game->stride);
    return copy;
}

void tengen_game_free(struct tengen_game *game)
{
    if (!game)
        return;
    history_clear(&game->history);
    g_free(game->positions);
    g_free(game->moves);
    g_free(game);
}

const char *tengen_game_spec(const struct tengen_game *game)
{
    return game->spec;
}

int tengen_game_width(const struct tengen_game *game)
{
    return game->rules.width;
}

int tengen_game_height(const struct tengen_game *game)
{
    return game->rules.height;
}

int tengen_game_move_count(const struct tengen_game *game)
{
    return game->rules.moves;
}

int tengen_game_ply(const struct tengen_game *game)
{
    return game->ply;
}

int tengen_game_move_at(const struct tengen_game *game, int ply)
{
    return ply >= 0 && ply < game->ply ? game->moves[ply] : TENGEN_NO_MOVE;
}

int tengen_game_player(const struct tengen_game *game)
{
    return library_present(game)->player;
}

enum tengen_colour tengen_game_colour(const struct tengen_game *game)
{
    return (enum tengen_colour)library_present(game)->colour;
}

enum tengen_colour tengen_game_stone(const struct tengen_game *game, int point)
{
    if (point < 0 || point >= game->rules.points)
        return TENGEN_EMPTY;
    return (enum tengen_colour)game->rules.ops->stone(&game->rules, library_present(game), point);
}

int tengen_game_legal_moves(const struct tengen_game *game, int *moves)
{
    game_move legal[GAME_MAX_MOVES];
    int count = game->rules.ops->legal_moves(&game->rules, library_present(game), &game->history, legal);
    for (int i = 0; i < count; i++)
        moves[i] = legal[i];
    return count;
}

bool tengen_game_is_legal(const struct tengen_game *game, int move)
{
    return move >= 0 && move < game->rules.moves &&
           game->rules.ops->legal(&game->rules, library_present(game), &game->history, (game_move)move);
}

int tengen_game_play(struct tengen_game *game, int move, struct tengen_error *error)
{
    char text[GAME_MOVE_TEXT_MAX];
    if (!tengen_game_is_legal(game, move)) {
        if (game_over(library_present(game)))
            return library_refuse(error, "the game is over; undo a move or start a new game");
        return library_refuse(error, "move %d (%s) is not legal here; tengen_game_legal_moves() lists those that are",
                              move, tengen_game_format_move(game, move, text));
    }
    if (game->ply == game->capacity)
        reserve(game, game->capacity * 2);
    game_copy(&game->rules, library_position(game, game->ply + 1), library_present(game));
    game->moves[game->ply++] = (game_move)move;
    game_play(&game->rules, library_present(game), &game->history, (game_move)move);
    return 0;
}

int tengen_game_undo(struct tengen_game *game)
{
    if (game->ply == 0)
        return -1;
    history_truncate(&game->history, --game->ply);
    return 0;
}

struct tengen_result tengen_game_result(const struct tengen_game *game)
{
    struct game_result result = game_result(&game->rules, library_present(game));
    int sign = game_result_sign(&result, 0);
    return (struct tengen_result){
        .over = result.over, .winner = sign == 0 ? -1 : sign < 0, .margin = game->rules.has_score ? result.margin : 0};
}

int tengen_game_parse_move(const struct tengen_game *game, const char *text)
{
    game_move move = game_move_parse(&game->rules, text);
    return move == GAME_NO_MOVE ? TENGEN_NO_MOVE : move;
}

char *tengen_game_format_move(const struct tengen_game *game, int move, char *buffer)
{
    return game_move_format(&game->rules, move >= 0 && move < game->rules.moves ? (game_move)move : GAME_NO_MOVE,
                            buffer);
}

size_t tengen_game_print(const struct tengen_game *game, char *buffer, size_t size)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    if (!out)
        g_error("out of memory");
    game_print(&game->rules, library_present(game), out);
    if (fclose(out) != 0)
        g_error("out of memory");
    if (size > 0)
        g_strlcpy(buffer, text, size);
    free(text);
    return length;
}
