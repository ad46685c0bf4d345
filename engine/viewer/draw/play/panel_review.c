/* The analysis tab where the position shown was analysed before: its evaluation, what the last move lost, better moves. */
#include <math.h>

#include "engine/viewer/draw/canvas/canvas.h"
#include "engine/viewer/draw/play/app.h"
#include "engine/viewer/draw/play/panel_internal.h"
#include "engine/viewer/draw/shell.h"
#include "engine/viewer/draw/widgets/ui.h"
#include "engine/viewer/session/session.h"
#include "engine/viewer/text.h"
#include "games/game.h"
#include "games/record/sgf.h"

static void line_text(const struct session *session, const struct session_note *note, char *text, size_t size)
{
    char move[GAME_MOVE_TEXT_MAX];
    *text = '\0';
    for (int i = 0; i < note->length; i++) {
        if (i)
            g_strlcat(text, " ", size);
        g_strlcat(text, session_move_text(session, note->line[i], move), size);
    }
}

/* "Black 54.3 %, B+1.5 · 150 visits" */
static void evaluation_text(const struct session *session, const struct session_note *note, char *text, size_t size)
{
    char lead[40] = "", how[60];
    if (session->game.has_score)
        g_snprintf(lead, sizeof lead, ", %s+%.1f", note->black_lead >= 0 ? _("B") : _("W"),
                   fabs((double)note->black_lead));
    if (note->settled)
        g_strlcpy(how, session->game.ops->counting ? _("by the count") : _("by the rules"), sizeof how);
    else
        g_snprintf(how, sizeof how, _("%d visits"), (int)note->visits);
    g_snprintf(text, size, _("Black %.1f %%%s · %s"), 100 * (double)note->black_win, lead, how);
}

/* "D4 lost 12.3 %, 3.1 points; better: E5 F6". Returns false if that is unknown or next to nothing. */
static bool loss_text(const struct session *session, const struct sgf_node *node, char *text, size_t size)
{
    float loss = 0;
    char move[GAME_MOVE_TEXT_MAX], points[48] = "", better[120];
    if (node == session->root || !session_blunder(session, node, 0.005f, &loss))
        return false;
    const struct session_note *before = session_note(session, node->parent), *now = session_note(session, node);
    bool black = sgf_find(node, "B") != NULL;
    const char *raw = sgf_get(node, black ? "B" : "W");
    float lost = (black ? 1 : -1) * (before->black_lead - now->black_lead);
    if (session->game.has_score && lost > 0.05f)
        g_snprintf(points, sizeof points, _(", %.1f points"), (double)lost);
    session_move_text(session, sgf_parse_point(&session->game, raw), move);
    line_text(session, before, better, sizeof better);
    g_snprintf(text, size, *better ? _("%s lost %.1f %%%s; better: %s") : _("%s lost %.1f %%%s"), move,
               100 * (double)loss, points, better);
    return true;
}

void panel_draw_note(struct app *app, struct rect area)
{
    const struct session *session = app->session;
    const struct theme *theme = app->shell.ui.theme;
    const struct session_note *note = app_note(app);
    struct rect room = {area.x + 6 * canvas_u(app->shell.canvas), area.y, area.w - 12 * canvas_u(app->shell.canvas), 0};
    char text[300], line[160];
    evaluation_text(session, note, text, sizeof text);
    room.y += canvas_paragraph(app->shell.canvas, room, TEXT_SMALL, theme->text, text, true);
    if (loss_text(session, session->node, text, sizeof text))
        room.y += canvas_paragraph(app->shell.canvas, room, TEXT_SMALL, theme->bad, text, true);
    line_text(session, note, line, sizeof line);
    if (!*line || session->live)
        return;
    g_snprintf(text, sizeof text, _("Best here: %s"), line);
    canvas_paragraph(app->shell.canvas, room, TEXT_SMALL, theme->muted, text, true);
}
