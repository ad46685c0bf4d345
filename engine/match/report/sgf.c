/* A played game as SGF, for Go and Gomoku viewers. */
#include <math.h>

#include "agents/clock.h"
#include "engine/match/game.h"
#include "engine/match/report/report.h"
#include "games/game.h"
#include "games/record/sgf.h"

/* Sets a property to text on a single line. */
static void set_line(struct sgf_node *node, const char *name, const char *text)
{
    char *line = g_strdup(text);
    g_strdelimit(line, "\n\r", ' ');
    sgf_set_text(node, name, line);
    g_free(line);
}

/* "B+3.5", "W+R", "0". Colours are those at the end, after any swaps. */
static void set_result(struct sgf_node *root, const struct game *game, const struct position *last,
                       const struct match_game *played)
{
    if (played->outcome == GAME_DRAWN || played->outcome == GAME_ONGOING) {
        sgf_set(root, "RE", played->outcome == GAME_DRAWN ? "0" : "Void");
        return;
    }
    int winner = played->outcome == GAME_WON_1;
    char text[48] = "", colour = winner == last->black_player ? 'B' : 'W';
    if (played->end == MATCH_RESIGNED || match_is_fault(played->end))
        g_snprintf(text, sizeof text, "%c+%c", colour,
                   played->end == MATCH_RESIGNED ? 'R'
                   : played->end == MATCH_TIME   ? 'T'
                                                 : 'F');
    else if (game->has_score && played->end != MATCH_AGREED)
        g_snprintf(text, sizeof text, "%c+%g", colour,
                   played->margin < 0 ? -(double)played->margin : (double)played->margin);
    else
        g_snprintf(text, sizeof text, "%c+", colour);
    sgf_set(root, "RE", text);
}

/* Comments a move with its time, value and visits. */
static void set_info(struct sgf_node *node, const struct match_ply *info)
{
    if (info->time_ms == 0 && info->visits == 0 && isnan(info->value))
        return;
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "%.3f s", info->time_ms / 1000.0);
    if (isfinite(info->value))
        g_string_append_printf(text, ", value %+.3f", (double)info->value);
    if (info->visits)
        g_string_append_printf(text, ", %" G_GINT64_FORMAT " visits", info->visits);
    sgf_set_text(node, "C", text->str);
    g_string_free(text, TRUE);
}

static void set_clock(struct sgf_node *root, const struct agent_clock *clock)
{
    char tm[AGENT_CLOCK_TEXT_MAX], ot[AGENT_CLOCK_TEXT_MAX];
    if (!agent_clock_sgf(clock, tm, ot))
        return;
    sgf_set(root, "TM", tm);
    if (*ot)
        sgf_set_text(root, "OT", ot);
}

char *match_game_sgf(const struct game *game, const char *const names[2], const struct match_game *played,
                     const struct agent_clock *clock, int round)
{
    union any_position at;
    struct sgf *sgf = sgf_new();
    struct sgf_node *root = sgf_add(sgf->top), *node = root;
    char spec[GAME_SPEC_MAX];
    size_t length;
    sgf_write_game(root, game);
    game_init(game, &at.p);
    for (int i = 0; i < played->plies; i++) {
        node = sgf_add_move(node, game, &at.p, played->moves[i]);
        game_play(game, &at.p, NULL, played->moves[i]);
        if (played->info && !sgf_get(node, "C")) /* a decision already has its name there */
            set_info(node, &played->info[i]);
    }
    set_line(root, "PB", names[at.p.black_player]);
    set_line(root, "PW", names[1 - at.p.black_player]);
    set_line(root, "GN", game_format(game, spec));
    g_snprintf(spec, sizeof spec, "%d", round);
    sgf_set(root, "RO", spec);
    set_clock(root, clock);
    set_result(root, game, &at.p, played);
    if (*played->reason)
        set_line(root, "GC", played->reason);
    char *text = sgf_format(sgf, &length);
    sgf_free(sgf);
    return text;
}
