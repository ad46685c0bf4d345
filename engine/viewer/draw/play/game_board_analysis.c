/* Analysis on the board: candidates, variations, policy and ownership. */
#include <math.h>

#include "agents/agent.h"
#include "engine/viewer/draw/board.h"
#include "engine/viewer/draw/canvas/canvas.h"
#include "engine/viewer/draw/play/app.h"
#include "engine/viewer/draw/play/game_board_internal.h"
#include "engine/viewer/draw/shell.h"
#include "engine/viewer/preferences.h"
#include "engine/viewer/session/brain.h"
#include "engine/viewer/session/session.h"
#include "games/game.h"
#include "games/record/sgf.h"

static struct colour candidate_colour(const struct analysis *analysis, int i)
{
    double best = agent_chance(analysis->candidates[0].value),
           loss = best - agent_chance(analysis->candidates[i].value);
    if (i == 0)
        return RGB(0x2f9fd0);
    return loss < 0.02 ? RGB(0x4aa653) : loss < 0.06 ? RGB(0xd9b32c) : loss < 0.15 ? RGB(0xdd7f2a) : RGB(0xc8402f);
}

static void format_visits(int64_t visits, char *text, size_t size)
{
    if (visits < 10000)
        g_snprintf(text, size, "%d", (int)visits);
    else if (visits < 10000000)
        g_snprintf(text, size, "%.0fk", (double)visits / 1e3);
    else
        g_snprintf(text, size, "%.0fM", (double)visits / 1e6);
}

static void draw_candidates(struct app *app, const struct analysis *analysis)
{
    const struct session *session = app->session;
    float step = app->board.step, radius = board_stone_radius(&app->board);
    /* A hint is one move. */
    for (int i = session->analysis_wanted ? analysis->count - 1 : MIN(analysis->count, 1) - 1; i >= 0; i--) {
        const struct agent_candidate *candidate = &analysis->candidates[i];
        char win[16], visits[16];
        if (candidate->move >= session->game.points || (i > 0 && candidate->visits * 200 < analysis->visits))
            continue;
        float x = board_x(&app->board, candidate->move), y = board_y(&app->board, candidate->move);
        struct colour colour = candidate_colour(analysis, i);
        float share = (float)candidate->visits / (float)MAX(analysis->candidates[0].visits, 1);
        canvas_circle(app->shell.canvas, x, y, radius, colour_fade(colour, 0.45f + 0.5f * fminf(share, 1)));
        if (i == 0)
            canvas_ring(app->shell.canvas, x, y, radius, fmaxf(step * 0.05f, 1.5f), RGB(0xf6f2ea));
        if (share < 0.03f || step < 20)
            continue;
        g_snprintf(win, sizeof win, "%.1f", 100 * agent_chance(candidate->value));
        format_visits(candidate->visits, visits, sizeof visits);
        canvas_text_px(app->shell.canvas, x, y - step * 0.13f, step * 0.27f, TEXT_CENTRE, 0, RGB(0x14100c), win);
        canvas_text_px(app->shell.canvas, x, y + step * 0.17f, step * 0.21f, TEXT_CENTRE, 0, RGB(0x2c2620), visits);
    }
}

static void draw_line(struct app *app, const struct agent_candidate *candidate)
{
    const struct session *session = app->session;
    bool black = session->position.p.colour == GAME_BLACK;
    uint8_t seen[GAME_MAX_POINTS] = {0};
    for (int i = 0; i < MIN(candidate->length, 12); i++, black = !black) {
        game_move move = candidate->line[i];
        char text[8];
        if (move >= session->game.points || seen[move])
            continue;
        seen[move] = 1;
        g_snprintf(text, sizeof text, "%d", i + 1);
        float x = board_x(&app->board, move), y = board_y(&app->board, move);
        canvas_stone(app->shell.canvas, x, y, board_stone_radius(&app->board), black, 0.85f);
        canvas_text_px(app->shell.canvas, x, y, app->board.step * 0.42f, TEXT_CENTRE, 0,
                       black ? RGB(0xf6f2ea) : RGB(0x1c1a18), text);
    }
}

static bool shows_candidates(const struct app *app)
{
    const struct session *session = app->session;
    return (session->analysis_wanted && app->preferences.candidates) || session->hint;
}

/* The best move as kept of the position shown, and the one played there, with what it lost: in review only. */
static void draw_note(struct app *app)
{
    const struct session *session = app->session;
    const struct session_note *note = app_note(app);
    const struct sgf_node *next = session_following(session);
    float step = app->board.step, radius = board_stone_radius(&app->board), loss = 0;
    char text[16];
    if (!note || session->live)
        return;
    bool black = session->position.p.colour == GAME_BLACK;
    if (note->best < session->game.points) {
        float x = board_x(&app->board, note->best), y = board_y(&app->board, note->best);
        canvas_circle(app->shell.canvas, x, y, radius, colour_fade(RGB(0x2f9fd0), 0.9f));
        g_snprintf(text, sizeof text, "%.0f", 100 * (double)(black ? note->black_win : 1 - note->black_win));
        canvas_text_px(app->shell.canvas, x, y, step * 0.34f, TEXT_CENTRE, 0, RGB(0x14100c), text);
    }
    const char *raw = next ? sgf_get(next, black ? "B" : "W") : NULL;
    game_move move = raw ? sgf_parse_point(&session->game, raw) : GAME_NO_MOVE;
    if (move >= session->game.points)
        return;
    bool mistake = session_blunder(session, next, 0.02f, &loss);
    float x = board_x(&app->board, move), y = board_y(&app->board, move);
    canvas_ring(app->shell.canvas, x, y, radius, fmaxf(step * 0.08f, 2),
                mistake && loss >= 0.1f ? RGB(0xc8402f)
                : mistake               ? RGB(0xdd7f2a)
                                        : RGB(0x4aa653));
    if (mistake && move != note->best) {
        g_snprintf(text, sizeof text, "−%.0f", 100 * (double)loss);
        canvas_circle(app->shell.canvas, x, y, radius * 0.8f, (struct colour){236, 206, 150, 235});
        canvas_text_px(app->shell.canvas, x, y, step * 0.34f, TEXT_CENTRE, 0, RGB(0xa02a1a), text);
    }
}

static void draw_overlays(struct app *app, const struct analysis *analysis, const uint8_t *stones)
{
    const struct session *session = app->session;
    float black[GAME_MAX_POINTS];
    if (app->preferences.policy)
        board_draw_heat(app->shell.canvas, &app->board, analysis->prior);
    if (!app->preferences.ownership || !analysis->has_map)
        return;
    for (int p = 0; p < session->game.points; p++)
        black[p] = session->position.p.colour == GAME_BLACK ? analysis->map[p] : -analysis->map[p];
    board_draw_owner(app->shell.canvas, &app->board, black, stones);
}

void game_board_draw_analysis(struct app *app, const uint8_t *stones)
{
    const struct session *session = app->session;
    const struct analysis *analysis = session_analysis(session);
    app->hover_line = -1;
    if (analysis)
        draw_overlays(app, analysis, stones);
    draw_note(app);
    if (!analysis)
        return;
    if (!shows_candidates(app))
        return;
    for (int i = 0; i < analysis->count; i++)
        if (app->hover >= 0 && analysis->candidates[i].move == game_board_aim(app, app->hover))
            app->hover_line = i;
    if (app->hover_line > 0 && !session->analysis_wanted)
        app->hover_line = -1; /* only the best move is shown */
    if (app->hover_line >= 0)
        draw_line(app, &analysis->candidates[app->hover_line]);
    else
        draw_candidates(app, analysis);
}
