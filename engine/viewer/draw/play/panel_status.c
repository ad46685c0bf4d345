/* The status of the game in the panel: player to move, scoring, and buttons for decisions of opening rules. */
#include <math.h>

#include "engine/viewer/draw/canvas/canvas.h"
#include "engine/viewer/draw/play/app.h"
#include "engine/viewer/draw/play/panel_internal.h"
#include "engine/viewer/draw/shell.h"
#include "engine/viewer/draw/widgets/ui.h"
#include "engine/viewer/session/brain.h"
#include "engine/viewer/session/session.h"
#include "engine/viewer/text.h"
#include "games/game.h"

static void count_line(const struct session *session, int player, char *text, size_t size)
{
    const struct game_count *score = &session->score;
    const char *name = session_colour_name(player ? GAME_WHITE : GAME_BLACK);
    bool area = !score->prisoners_count;
    int first = area ? score->stones[player] : score->prisoners[player];
    float total = area ? score->area[player] : score->by_territory[player];
    if (player && score->komi != 0)
        g_snprintf(text, size,
                   area ? _("%s: %d stones + %d territory + %g komi = %g")
                        : _("%s: %d prisoners + %d territory + %g komi = %g"),
                   name, first, score->territory[player], (double)score->komi, (double)total);
    else
        g_snprintf(text, size,
                   area ? _("%s: %d stones + %d territory = %g") : _("%s: %d prisoners + %d territory = %g"), name,
                   first, score->territory[player], (double)total);
}

void panel_draw_counting(struct app *app, struct rect *area)
{
    struct session *session = app->session;
    const struct theme *theme = app->shell.ui.theme;
    float u = canvas_u(app->shell.canvas), line = canvas_line_height(app->shell.canvas, TEXT_SMALL);
    char text[200], margin[120];
    struct rect box = {area->x, area->y, area->w, 0};
    float y = box.y + 6 * u;
    struct rect inner = {box.x + 10 * u, y, box.w - 20 * u, 0};
    float result = session->score.margin;
    bool counting = session->state == SESSION_COUNTING;
    if (!counting)
        session_outcome_text(session, margin, sizeof margin);
    else if (result == 0)
        g_strlcpy(margin, _("Tied score"), sizeof margin);
    else
        g_snprintf(margin, sizeof margin, _("%s leads by %g"),
                   session_colour_name(result > 0 ? GAME_BLACK : GAME_WHITE), fabs((double)result));
    /* The text is measured first, because the card has to be drawn before it. */
    float height = 12 * u + canvas_line_height(app->shell.canvas, TEXT_LARGE);
    for (int i = 0; i < 2; i++) {
        count_line(session, i, text, sizeof text);
        height += canvas_paragraph(app->shell.canvas, inner, TEXT_SMALL, theme->text, text, false);
    }
    const char *help = counting ? _("Click stones to mark them dead or alive.") : "";
    height += canvas_paragraph(app->shell.canvas, inner, TEXT_SMALL, theme->muted, help, false);
    box.h = height;
    canvas_round(app->shell.canvas, box, 7 * u, theme->card);
    canvas_frame(app->shell.canvas, box, 7 * u, u, theme->border);
    canvas_text(app->shell.canvas, inner.x, y + line * 0.75f, TEXT_LARGE, TEXT_LEFT, inner.w, theme->text, margin);
    inner.y += canvas_line_height(app->shell.canvas, TEXT_LARGE);
    for (int i = 0; i < 2; i++) {
        count_line(session, i, text, sizeof text);
        inner.y += canvas_paragraph(app->shell.canvas, inner, TEXT_SMALL, theme->text, text, true);
    }
    canvas_paragraph(app->shell.canvas, inner, TEXT_SMALL, theme->muted, help, true);
    panel_cut(area, height + 6 * u);
    if (!counting)
        return;
    struct rect row = panel_cut(area, 30 * u);
    if (ui_button(&app->shell.ui, panel_part(row, 0, 2, 6 * u), _("Accept"), UI_PRIMARY, true,
                  _("Accept the score (Enter)")))
        session_accept(session);
    if (ui_button(&app->shell.ui, panel_part(row, 1, 2, 6 * u), _("Play on"), UI_PLAIN, true,
                  _("Undo the passes and play on")))
        session_resume(session);
    panel_cut(area, 8 * u);
}

void panel_draw_decisions(struct app *app, struct rect *area)
{
    struct session *session = app->session;
    const struct game *game = &session->game;
    float u = canvas_u(app->shell.canvas);
    if (!session_human_to_move(session))
        return;
    for (game_move move = game->points; move < game->moves; move++) {
        if (move == game->pass || !game->ops->legal(game, &session->position.p, &session->history, move))
            continue;
        const char *label = game->ops->other_moves[move - game->points].label;
        if (ui_button(&app->shell.ui, panel_cut(area, 28 * u), _(label), UI_PRIMARY, true, NULL))
            session_play(session, move);
        panel_cut(area, 6 * u);
    }
}

/* What the notice says while there is no message. */
static void state_text(struct session *session, char *text, size_t size)
{
    const struct analysis *analysis = session_analysis(session);
    const char *colour = session_colour_name(session->position.p.colour);
    int all, noted = session->sweeping ? session_noted(session, &all) : 0;
    if (session->thinking && session->sweeping)
        g_strlcpy(text, _("Thinking… The analysis of the game follows."), size);
    else if (session->thinking && analysis)
        g_snprintf(text, size, _("Thinking… %d visits"), (int)analysis->visits);
    else if (session->thinking)
        g_strlcpy(text, _("Thinking…"), size);
    else if (session->sweeping)
        g_snprintf(text, size, _("Analysing the game: %d of %d (F2 stops)"), noted, all);
    else if (session->state == SESSION_OVER)
        session_outcome_text(session, text, size);
    else if (session_human_to_move(session) && session_must_pass(session))
        g_snprintf(text, size, _("%s has no legal move and must pass (P)"), colour);
    else
        g_snprintf(text, size,
                   session_human_to_move(session) && session->live ? _("%s to move") : _("Review · %s to move"),
                   colour);
}

void panel_draw_notice(struct app *app, struct rect *area)
{
    struct session *session = app->session;
    const struct theme *theme = app->shell.ui.theme;
    float u = canvas_u(app->shell.canvas);
    char text[512];
    bool warning = session->notice_kind == NOTICE_WARNING && session->notice[0];
    bool stop = session->thinking || session->sweeping;
    g_strlcpy(text, session->notice, sizeof text);
    if (!text[0] || (stop && !warning))
        state_text(session, text, sizeof text);
    enum text_size size = session->state == SESSION_OVER ? TEXT_LARGE : TEXT_NORMAL;
    struct rect inner = {area->x + 10 * u, area->y + 6 * u, area->w - 20 * u - (stop ? 30 * u : 0), 0};
    float height = canvas_paragraph(app->shell.canvas, inner, size, theme->text, text, false);
    struct rect box = {area->x, area->y, area->w, fmaxf(height + 12 * u, 34 * u)};
    canvas_round(app->shell.canvas, box, 7 * u, colour_fade(warning ? theme->bad : theme->accent, 0.10f));
    canvas_round(app->shell.canvas, (struct rect){box.x, box.y, 4 * u, box.h}, 2 * u,
                 warning ? theme->bad : theme->accent);
    inner.y = box.y + (box.h - height) / 2;
    canvas_paragraph(app->shell.canvas, inner, size, theme->text, text, true);
    if (stop && ui_icon_button(&app->shell.ui,
                               (struct rect){box.x + box.w - 32 * u, box.y + box.h / 2 - 14 * u, 28 * u, 28 * u},
                               ICON_STOP, true, false, _("Stop (Esc)")))
        session_stop_thinking(session);
    panel_cut(area, box.h + 8 * u);
}
