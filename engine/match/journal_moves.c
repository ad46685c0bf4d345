#include "engine/match/journal_moves.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#include "engine/match/game.h"
#include "games/game.h"

void journal_format_moves(const struct game *game, const struct match_game *played, char *texts[JOURNAL_TEXTS])
{
    GString *text[JOURNAL_TEXTS];
    char move[GAME_MOVE_TEXT_MAX], value[32];
    for (int i = 0; i < JOURNAL_TEXTS; i++)
        text[i] = g_string_new(NULL);
    for (int i = 0; i < played->plies; i++) {
        const char *gap = i ? " " : "";
        const struct match_ply *info = played->info ? &played->info[i] : &(const struct match_ply){.value = NAN};
        g_string_append_printf(text[0], "%s%s", gap, game_move_format(game, played->moves[i], move));
        g_string_append_printf(text[1], "%s%d", gap, info->time_ms);
        bool known = isfinite(info->value);
        g_string_append_printf(text[2], "%s%s", gap,
                               known ? g_ascii_formatd(value, sizeof value, "%.4f", (double)info->value) : "-");
        g_string_append_printf(text[3], "%s%" G_GINT64_FORMAT, gap, info->visits);
    }
    for (int i = 0; i < JOURNAL_TEXTS; i++)
        texts[i] = g_string_free(text[i], FALSE);
}

void journal_parse_moves(const struct game *game, const char *const texts[JOURNAL_TEXTS], struct match_game *played)
{
    char **entries[JOURNAL_TEXTS];
    for (int i = 0; i < JOURNAL_TEXTS; i++)
        entries[i] = g_strsplit(texts[i] ? texts[i] : "", " ", 0);
    int plies = (int)g_strv_length(entries[0]);
    played->moves = g_new(game_move, plies + 1);
    played->info = g_new0(struct match_ply, plies + 1);
    bool known[JOURNAL_TEXTS] = {true};
    for (int k = 1; k < JOURNAL_TEXTS; k++)
        known[k] = (int)g_strv_length(entries[k]) == plies;
    union any_position at;
    game_init(game, &at.p);
    for (int i = 0; i < plies; i++) {
        game_move move = game_move_parse(game, entries[0][i]);
        if (move == GAME_NO_MOVE || !game_try(game, &at.p, NULL, move))
            break;
        struct match_ply *info = &played->info[played->plies];
        info->time_ms = known[1] ? (int32_t)g_ascii_strtoll(entries[1][i], NULL, 10) : 0;
        info->value = known[2] && *entries[2][i] && strcmp(entries[2][i], "-") != 0
                          ? (float)g_ascii_strtod(entries[2][i], NULL)
                          : NAN;
        info->visits = known[3] ? g_ascii_strtoll(entries[3][i], NULL, 10) : 0;
        played->moves[played->plies++] = move;
    }
    for (int i = 0; i < JOURNAL_TEXTS; i++)
        g_strfreev(entries[i]);
}
