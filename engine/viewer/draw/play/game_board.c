/* The board of the play window: stones, scoring, the pointer. */
#include <math.h>

#include "engine/viewer/draw/play/game_board_internal.h"

#include "engine/viewer/draw/board.h"
#include "engine/viewer/draw/canvas/canvas.h"
#include "engine/viewer/draw/play/app.h"
#include "engine/viewer/draw/shell.h"
#include "engine/viewer/draw/widgets/ui.h"
#include "engine/viewer/preferences.h"
#include "engine/viewer/session/session.h"
#include "games/game.h"

static void copy_stones(const struct session *session, uint8_t *stones)
{
    for (int p = 0; p < session->game.points; p++)
        stones[p] = (uint8_t)session->game.ops->stone(&session->game, &session->position.p, p);
}

/* ---- counting ---- */

static void draw_count(struct app *app, const uint8_t *stones)
{
    const struct session *session = app->session;
    for (int p = 0; p < session->game.points; p++) {
        bool dead = session->dead[p], alive = stones[p] != GAME_EMPTY && !dead;
        if (dead)
            canvas_stone(app->shell.canvas, board_x(&app->board, p), board_y(&app->board, p),
                         board_stone_radius(&app->board), stones[p] == GAME_BLACK, 0.55f);
        if (session->owner[p] && !alive)
            board_draw_square(app->shell.canvas, &app->board, p, 0.34f,
                              session->owner[p] > 0 ? RGB(0x141414) : RGB(0xfdfdfb));
    }
}

/* ---- the pointer ---- */

int game_board_aim(const struct app *app, int point)
{
    const struct session *session = app->session;
    return app->tool == TOOL_PLAY && session->state == SESSION_PLAYING ? session_move_at(session, point) : point;
}

static void draw_ghost(struct app *app, int point)
{
    const struct session *session = app->session;
    char reason[160];
    float x = board_x(&app->board, point), y = board_y(&app->board, point), s = app->board.step * 0.22f;
    if (app->tool != TOOL_PLAY || !session_human_to_move(session) || app->hover_line >= 0)
        return;
    if (!session_refusal(session, (game_move)point, reason)) {
        canvas_stone(app->shell.canvas, x, y, board_stone_radius(&app->board), session->position.p.colour == GAME_BLACK,
                     0.5f);
        return;
    }
    if (session->game.ops->stone(&session->game, &session->position.p, point) != GAME_EMPTY)
        return;
    float line = fmaxf(app->board.step * 0.08f, 2);
    canvas_line(app->shell.canvas, x - s, y - s, x + s, y + s, line, RGB(0xc03020));
    canvas_line(app->shell.canvas, x - s, y + s, x + s, y - s, line, RGB(0xc03020));
    ui_tip(&app->shell.ui,
           (struct rect){x - app->board.step / 2, y - app->board.step / 2, app->board.step, app->board.step}, reason);
}

static void draw_cursor(struct app *app, int point)
{
    float step = app->board.step, x = board_x(&app->board, point), y = board_y(&app->board, point);
    canvas_frame(app->shell.canvas, rect_inset((struct rect){x - step / 2, y - step / 2, step, step}, step * 0.04f),
                 step * 0.12f, fmaxf(step * 0.06f, 2), app->shell.ui.theme->accent);
}

static void toggle_mark(struct app *app, int point)
{
    static const char *const names[TOOLS] = {
        [TOOL_TRIANGLE] = "TR", [TOOL_SQUARE] = "SQ", [TOOL_CIRCLE] = "CR", [TOOL_CROSS] = "MA"};
    struct session *session = app->session;
    if (app->tool == TOOL_BLACK || app->tool == TOOL_WHITE)
        session_set_stone(session, point, app->tool == TOOL_BLACK ? GAME_BLACK : GAME_WHITE);
    else
        session_toggle_mark(session, point, app->tool == TOOL_LABEL ? "LB" : names[app->tool]);
}

static void click(struct app *app, int point)
{
    struct session *session = app->session;
    if (app->tool != TOOL_PLAY)
        toggle_mark(app, point);
    else if (session->state == SESSION_COUNTING)
        session_toggle_dead(session, point);
    else
        session_play(session, session_move_at(session, point));
}

void game_board_draw(struct app *app, struct rect area)
{
    const struct session *session = app->session;
    uint8_t stones[GAME_MAX_POINTS] = {0};
    board_place(&app->board, area, &session->game, app->preferences.coordinates, canvas_u(app->shell.canvas));
    app->hover =
        ui_hovers(&app->shell.ui, app->board.wood) ? board_point_at(&app->board, app->shell.ui.x, app->shell.ui.y) : -1;
    if (app->hover >= 0 && ui_clicked(&app->shell.ui, app->board.wood))
        click(app, app->hover);
    copy_stones(session, stones);
    for (int p = 0; p < session->game.points; p++)
        if (session_shows_count(session) && session->dead[p])
            stones[p] = GAME_EMPTY;
    board_draw_ground(app->shell.canvas, app->shell.ui.theme, &app->board, app->preferences.coordinates);
    board_draw_stones(app->shell.canvas, &app->board, stones);
    copy_stones(session, stones);
    if (session_shows_count(session))
        draw_count(app, stones);
    game_board_draw_signs(app, stones);
    game_board_draw_attention(app);
    game_board_draw_analysis(app, stones);
    if (app->preferences.move_numbers)
        game_board_draw_numbers(app, stones);
    else if (!session_shows_count(session))
        game_board_draw_last(app, stones);
    game_board_draw_win(app);
    game_board_draw_branches(app, stones);
    game_board_draw_marks(app, stones);
    if (!session_shows_count(session))
        game_board_draw_pass(app);
    if (app->hover >= 0)
        draw_ghost(app, game_board_aim(app, app->hover));
    if (app->cursor >= 0 && app->cursor < session->game.points)
        draw_cursor(app, game_board_aim(app, app->cursor));
}
