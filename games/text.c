/* Formats and parses moves, prints positions, and sets positions up from drawings. */
#include "games/game.h"

#include <stdlib.h>

static const char columns[] = "ABCDEFGHJKLMNOPQRSTUVWXYZ";

char *game_move_format(const struct game *game, game_move move, char *buffer)
{
    if (move < game->points)
        g_snprintf(buffer, GAME_MOVE_TEXT_MAX, "%c%d", columns[move % game->width], game->height - move / game->width);
    else if (move < game->moves)
        g_strlcpy(buffer, game->ops->other_moves[move - game->points].name, GAME_MOVE_TEXT_MAX);
    else
        g_strlcpy(buffer, "-", GAME_MOVE_TEXT_MAX);
    return buffer;
}

game_move game_move_parse(const struct game *game, const char *text)
{
    for (int i = game->points; i < game->moves; i++)
        if (g_ascii_strcasecmp(text, game->ops->other_moves[i - game->points].name) == 0)
            return (game_move)i;
    const char *column = text[0] ? strchr(columns, g_ascii_toupper(text[0])) : NULL;
    if (!column || !g_ascii_isdigit(text[1]) || strlen(text) > 3 || (text[2] && !g_ascii_isdigit(text[2])))
        return GAME_NO_MOVE;
    int x = (int)(column - columns), y = game->height - atoi(text + 1);
    if (x >= game->width || y < 0 || y >= game->height)
        return GAME_NO_MOVE;
    return (game_move)(y * game->width + x);
}

static void print_columns(const struct game *game, FILE *out)
{
    fputs("   ", out);
    for (int x = 0; x < game->width; x++)
        fprintf(out, " %c", columns[x]);
    fputc('\n', out);
}

void game_print(const struct game *game, const struct position *position, FILE *out)
{
    int last = position->recent[0] < game->points ? position->recent[0] : -1;
    print_columns(game, out);
    for (int y = 0; y < game->height; y++) {
        fprintf(out, "%3d", game->height - y);
        for (int x = 0; x < game->width; x++) {
            int point = y * game->width + x;
            char before = point == last ? '(' : x && point - 1 == last ? ')' : ' ';
            fprintf(out, "%c%c", before, ".XO"[game->ops->stone(game, position, point)]);
        }
        fprintf(out, "%c%d\n", last == (y + 1) * game->width - 1 ? ')' : ' ', game->height - y);
    }
    print_columns(game, out);
}

static bool bad_drawing(const struct game *game, int point, const char *what, GError **error)
{
    char spec[GAME_SPEC_MAX];
    g_set_error(error, GAME_ERROR, GAME_ERROR_SPEC, "drawing of %s, row %d, column %d: %s", game_format(game, spec),
                point / game->width + 1, point % game->width + 1, what);
    return false;
}

static bool read_drawing(const struct game *game, const char *drawing, uint8_t *stones, GError **error)
{
    int point = 0;
    for (const char *c = drawing; *c; c++) {
        if (*c == ' ' || *c == '\t' || *c == '\r')
            continue;
        if (*c == '\n') {
            if (point % game->width)
                return bad_drawing(game, point, "the row is too short", error);
            continue;
        }
        if (point == game->points)
            return bad_drawing(game, point - game->width, "there are more points than the board has", error);
        if (!strchr(".+XO", *c))
            return bad_drawing(game, point, "a point is one of the characters . + X O", error);
        stones[point++] = *c == 'X' ? GAME_BLACK : *c == 'O' ? GAME_WHITE : GAME_EMPTY;
    }
    return point == game->points || bad_drawing(game, point, "rows are missing", error);
}

bool game_set_up_drawing(const struct game *game, struct position *position, const char *drawing,
                         enum game_colour colour, GError **error)
{
    uint8_t stones[GAME_MAX_POINTS];
    game_init(game, position);
    return read_drawing(game, drawing, stones, error) && game_set_up(game, position, stones, colour, error);
}
