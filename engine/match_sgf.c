/* A played game as SGF (FF[4]), for any viewer of Go or Gomoku. */
#include "engine/match.h"

/* Property text: ']' , '\' and ':' are escaped, line ends become spaces. */
static void append_text(GString *out, const char *property, const char *text)
{
    g_string_append_printf(out, "%s[", property);
    for (; *text; text++) {
        if (*text == ']' || *text == '\\' || *text == ':')
            g_string_append_c(out, '\\');
        g_string_append_c(out, g_ascii_iscntrl(*text) ? ' ' : *text);
    }
    g_string_append_c(out, ']');
}

static void append_point(GString *out, const struct game *game, int point)
{
    g_string_append_printf(out, "[%c%c]", 'a' + point % game->size, 'a' + point / game->size);
}

/* "B+3.5", "W+R", "0". Who holds black at the end has black's result, whatever swaps there were. */
static void append_result(GString *out, const struct game *game, const struct position *last,
                          const struct match_game *played)
{
    if (played->outcome == GAME_DRAWN || played->outcome == GAME_ONGOING) {
        append_text(out, "RE", played->outcome == GAME_DRAWN ? "0" : "Void");
        return;
    }
    int winner = played->outcome == GAME_WON_1;
    char text[48] = "", colour = winner == last->black_player ? 'B' : 'W';
    if (played->end == MATCH_RESIGNED || played->end == MATCH_FORFEIT)
        g_snprintf(text, sizeof text, "%c+%c", colour, played->end == MATCH_RESIGNED ? 'R' : 'F');
    else if (game->has_score)
        g_snprintf(text, sizeof text, "%c+%g", colour,
                   played->margin < 0 ? -(double)played->margin : (double)played->margin);
    else
        g_snprintf(text, sizeof text, "%c+", colour);
    append_text(out, "RE", text);
}

static void append_setup(GString *out, const struct game *game, const struct position *start)
{
    bool any = false;
    for (int p = 0; p < game->points; p++)
        if (game->ops->stone(game, start, p) == GAME_BLACK) {
            if (!any)
                g_string_append(out, "AB");
            any = true;
            append_point(out, game, p);
        }
}

char *match_game_sgf(const struct game *game, const char *const names[2], const struct match_game *played)
{
    union any_position at;
    GString *moves = g_string_new(NULL), *out = g_string_new("(;FF[4]");
    char spec[GAME_SPEC_MAX], text[GAME_MOVE_TEXT_MAX];
    game_init(game, &at.p);
    append_setup(moves, game, &at.p);
    for (int i = 0; i < played->plies; i++) {
        game_move move = played->moves[i];
        const char *colour = at.p.colour == GAME_BLACK ? "B" : "W";
        if (move < game->points) {
            g_string_append_printf(moves, "\n;%s", colour);
            append_point(moves, game, move);
        } else if (strcmp(game_move_format(game, move, text), "pass") == 0) {
            g_string_append_printf(moves, "\n;%s[]", colour);
        } else {
            g_string_append(moves, "\n;");
            append_text(moves, "C", text);
        }
        game_play(game, &at.p, NULL, move);
    }
    bool go = strcmp(game->ops->name, "go") == 0;
    g_string_append_printf(out, "GM[%d]SZ[%d]", go ? 1 : 4, game->size);
    if (go)
        g_string_append_printf(out, "KM[%g]", game_option_value(game, "komi", 0) / 2.0);
    append_text(out, "PB", names[at.p.black_player]);
    append_text(out, "PW", names[1 - at.p.black_player]);
    append_text(out, "GN", game_format(game, spec));
    append_result(out, game, &at.p, played);
    if (*played->reason)
        append_text(out, "GC", played->reason);
    g_string_append_printf(out, "%s)\n", moves->str);
    g_string_free(moves, TRUE);
    return g_string_free(out, FALSE);
}
