/* The analysis tab: toggles, win rate, graph, candidates. */
#include <math.h>

#include "agents/agent.h"
#include "engine/viewer/draw/canvas/canvas.h"
#include "engine/viewer/draw/play/app.h"
#include "engine/viewer/draw/play/panel_internal.h"
#include "engine/viewer/draw/shell.h"
#include "engine/viewer/draw/widgets/ui.h"
#include "engine/viewer/preferences.h"
#include "engine/viewer/session/brain.h"
#include "engine/viewer/session/session.h"
#include "engine/viewer/text.h"
#include "games/game.h"

/* Black's win rate and lead in the position shown. Returns false if neither is known. */
static bool evaluation(const struct app *app, float *black, float *lead)
{
    const struct session *session = app->session;
    const struct session_note *note = app_note(app);
    const struct analysis *analysis = session_analysis(session);
    bool to_move = session->position.p.colour == GAME_BLACK;
    *black = *lead = 0;
    if (note) {
        *black = note->black_win;
        *lead = note->black_lead;
    } else if (analysis && analysis->visits > 0) {
        *black = to_move ? analysis->win : 1 - analysis->win;
        *lead = to_move ? analysis->lead : -analysis->lead;
    } else {
        return false;
    }
    return true;
}

static void draw_win_bar(struct app *app, struct rect row)
{
    const struct session *session = app->session;
    const struct theme *theme = app->shell.ui.theme;
    float u = canvas_u(app->shell.canvas);
    char text[64], lead[32] = "";
    float black, score;
    bool known = evaluation(app, &black, &score);
    canvas_round(app->shell.canvas, row, 5 * u, known ? theme->white_side : theme->hover);
    if (!known) {
        canvas_frame(app->shell.canvas, row, 5 * u, u, theme->border);
        return;
    }
    struct rect part = {row.x, row.y, row.w * black, row.h};
    canvas_round(app->shell.canvas, part, 5 * u, theme->black_side);
    if (part.w > 6 * u && part.w < row.w - 6 * u)
        canvas_rect(app->shell.canvas, (struct rect){part.x + part.w - 5 * u, part.y, 5 * u, part.h},
                    theme->black_side);
    canvas_frame(app->shell.canvas, row, 5 * u, u, theme->border);
    if (session->game.has_score)
        g_snprintf(lead, sizeof lead, "%s+%.1f", score >= 0 ? _("B") : _("W"), fabs((double)score));
    float y = row.y + row.h / 2;
    g_snprintf(text, sizeof text, "%.1f %%", 100 * (double)black);
    if (black > 0.22f)
        canvas_text(app->shell.canvas, row.x + 8 * u, y, TEXT_SMALL, TEXT_LEFT, 0, RGB(0xf3efe8), text);
    g_snprintf(text, sizeof text, "%.1f %%", 100 * (1 - (double)black));
    if (black < 0.78f)
        canvas_text(app->shell.canvas, row.x + row.w - 8 * u, y, TEXT_SMALL, TEXT_RIGHT, 0, RGB(0x26221e), text);
    ui_tip(&app->shell.ui, row, _("Win rates of Black and White"));
    if (lead[0]) {
        float w = canvas_text_width(app->shell.canvas, TEXT_SMALL, lead) + 12 * u;
        struct rect pill = {row.x + row.w / 2 - w / 2, row.y + 2 * u, w, row.h - 4 * u};
        canvas_round(app->shell.canvas, pill, 5 * u, theme->accent);
        canvas_text(app->shell.canvas, row.x + row.w / 2, y, TEXT_SMALL, TEXT_CENTRE, 0, theme->on_accent, lead);
    }
}

static void line_text(const struct session *session, const struct agent_candidate *candidate, char *text, size_t size)
{
    char move[GAME_MOVE_TEXT_MAX];
    *text = '\0';
    for (int i = 1; i < MIN(candidate->length, 8); i++) {
        g_strlcat(text, session_move_text(session, candidate->line[i], move), size);
        g_strlcat(text, " ", size);
    }
}

static void draw_candidate_row(struct app *app, struct rect row, const struct analysis *analysis, int i)
{
    const struct session *session = app->session;
    const struct theme *theme = app->shell.ui.theme;
    const struct agent_candidate *candidate = &analysis->candidates[i];
    float u = canvas_u(app->shell.canvas), y = row.y + row.h / 2, x = row.x + 6 * u;
    char move[GAME_MOVE_TEXT_MAX], text[160];
    if (app->hover_line == i)
        canvas_round(app->shell.canvas, row, 4 * u, theme->hover);
    canvas_text(app->shell.canvas, x, y, TEXT_NORMAL, TEXT_LEFT, 0, i ? theme->text : theme->accent,
                session_move_text(session, candidate->move, move));
    g_snprintf(text, sizeof text, "%.1f %%", 100 * agent_chance(candidate->value));
    canvas_text(app->shell.canvas, x + 92 * u, y, TEXT_SMALL, TEXT_RIGHT, 0, theme->text, text);
    if (session->game.has_score) {
        g_snprintf(text, sizeof text, "%+.1f", (double)candidate->score);
        canvas_text(app->shell.canvas, x + 132 * u, y, TEXT_SMALL, TEXT_RIGHT, 0, theme->muted, text);
    }
    g_snprintf(text, sizeof text, "%d", (int)candidate->visits);
    canvas_text(app->shell.canvas, x + 182 * u, y, TEXT_SMALL, TEXT_RIGHT, 0, theme->muted, text);
    line_text(session, candidate, text, sizeof text);
    if (row.w > 230 * u)
        canvas_text(app->shell.canvas, x + 192 * u, y, TEXT_SMALL, TEXT_LEFT, row.x + row.w - x - 196 * u, theme->muted,
                    text);
}

static void draw_candidates(struct app *app, struct rect area)
{
    const struct session *session = app->session;
    const struct analysis *analysis = session_analysis(session);
    const struct theme *theme = app->shell.ui.theme;
    float u = canvas_u(app->shell.canvas), height = canvas_line_height(app->shell.canvas, TEXT_NORMAL) + 2 * u;
    char text[120];
    if (area.h < height)
        return;
    if (app_note(app)) {
        panel_draw_note(app, area);
        return;
    }
    if (!analysis || (!session->analysis_wanted && !session->hint)) {
        canvas_paragraph(app->shell.canvas, (struct rect){area.x + 6 * u, area.y + 4 * u, area.w - 12 * u, 0},
                         TEXT_SMALL, theme->muted,
                         session->analysis_wanted ? _("…") : _("Press Space to analyse, F for a hint."), true);
        return;
    }
    g_snprintf(text, sizeof text, _("%d visits · %.0f per second"), (int)analysis->visits, analysis->visits_per_s);
    canvas_text(app->shell.canvas, area.x + 6 * u, area.y + height / 2, TEXT_SMALL, TEXT_LEFT, area.w, theme->muted,
                text);
    panel_cut(&area, height);
    int count = session->analysis_wanted ? analysis->count : MIN(analysis->count, 1); /* a hint is one move */
    for (int i = 0; i < count && area.h >= height; i++) {
        struct rect row = panel_cut(&area, height);
        if (ui_hovers(&app->shell.ui, row))
            app->hover_line = i; /* the board shows it in the next frame */
        if (ui_clicked(&app->shell.ui, row) && session_human_to_move(session))
            session_play(app->session, analysis->candidates[i].move);
        draw_candidate_row(app, row, analysis, i);
    }
}

static void draw_toggles(struct app *app, struct rect row)
{
    struct preferences *p = &app->preferences;
    const struct {
        const char *label, *tip;
        int *value;
    } toggles[] = {
        {_("Moves"), _("Candidate moves (E)"), &p->candidates},
        {_("Policy"), _("What the network would play without search (R)"), &p->policy},
        {_("Area"), _("Predicted ownership (T)"), &p->ownership},
        {_("Ponder"), _("Let the engine think on your time (D)"), &p->pondering},
    };
    float u = canvas_u(app->shell.canvas);
    for (int i = 0; i < 4; i++) {
        struct rect part = panel_part(row, i, 4, 4 * u);
        if (ui_button(&app->shell.ui, part, toggles[i].label, *toggles[i].value ? UI_PRIMARY : UI_PLAIN, true,
                      toggles[i].tip)) {
            *toggles[i].value = !*toggles[i].value;
            session_set_overlay(app->session, app_shows_overlay(app));
            if (i == 3)
                session_set_pondering(app->session, p->pondering);
        }
    }
}

void panel_draw_analysis(struct app *app, struct rect area)
{
    float u = canvas_u(app->shell.canvas);
    draw_toggles(app, panel_cut(&area, 26 * u));
    panel_cut(&area, 6 * u);
    draw_win_bar(app, panel_cut(&area, 22 * u));
    panel_cut(&area, 6 * u);
    if (area.h > 90 * u) {
        graph_draw(app, panel_cut(&area, CLAMP(area.h * 0.36f, 60 * u, 190 * u)));
        panel_cut(&area, 4 * u);
    }
    draw_candidates(app, area);
}
