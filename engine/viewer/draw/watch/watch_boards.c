/* The boards: a grid, or a single enlarged one with a slider for its moves. */
#include <math.h>

#include "engine/store/live.h"
#include "engine/viewer/draw/board.h"
#include "engine/viewer/draw/canvas/canvas.h"
#include "engine/viewer/draw/shell.h"
#include "engine/viewer/draw/watch/watch_internal.h"
#include "engine/viewer/draw/widgets/ui.h"
#include "engine/viewer/session/brain.h"
#include "engine/viewer/text.h"
#include "engine/viewer/watch/run_view.h"
#include "games/game.h"

void watch_draw_board(struct watch *w, struct rect area, int index, bool large)
{
    const struct run_board *board = large ? &w->board : &w->run.boards[index];
    const struct theme *theme = w->shell.ui.theme;
    struct canvas *canvas = w->shell.canvas;
    float u = canvas_u(canvas), label = 22 * u;
    struct board_place place;
    struct history history;
    union any_position at;
    uint8_t stones[GAME_MAX_POINTS];
    char text[200 + GAME_SPEC_MAX], spec[GAME_SPEC_MAX], value[48] = "";
    if (!board->present)
        return;
    int count = large ? watch_shown_moves(w) : board->game.count;
    history_init(&history, count + 1);
    bool valid = run_board_replay(board, count, &at.p, &history);
    history_clear(&history);
    board_place(&place, (struct rect){area.x, area.y, area.w, area.h - label}, &board->game.game, large, u);
    for (int p = 0; p < board->game.game.points; p++)
        stones[p] = (uint8_t)board->game.game.ops->stone(&board->game.game, &at.p, p);
    board_draw_ground(canvas, theme, &place, large);
    board_draw_stones(canvas, &place, stones);
    if (large && w->answered && w->heat && valid && !game_over(&at.p))
        board_draw_heat(canvas, &place, w->seen.prior);
    if (count > 0 && board->game.moves[count - 1] < board->game.game.points) {
        int last = board->game.moves[count - 1];
        canvas_ring(canvas, board_x(&place, last), board_y(&place, last), place.step * 0.22f,
                    fmaxf(place.step * 0.06f, 1.2f), stones[last] == GAME_BLACK ? RGB(0xf6f2ea) : RGB(0x1c1a18));
    }
    if (!isnan(board->game.value_player_0))
        g_snprintf(value, sizeof value, _(" · first player %.0f %%"), 50 * (1 + (double)board->game.value_player_0));
    else if (board->finished)
        g_snprintf(value, sizeof value, board->result.outcome == GAME_DRAWN ? _(" · drawn") : _(" · %s won"),
                   board->result.outcome == GAME_WON_0 ? _("first player") : _("second player"));
    int length = g_snprintf(text, sizeof text, _("Game %d · net %u · move %d%s"), (int)board->game.number,
                            board->game.generation, count, value);
    /* Komi and rules vary between the games of a run. They come last because long texts are truncated. */
    g_snprintf(text + length, sizeof text - (size_t)length, " · %s", game_format(&board->game.game, spec));
    float below = fminf(place.wood.y + place.wood.h + 12 * u, area.y + area.h - label / 2);
    canvas_text(canvas, area.x + area.w / 2, below, TEXT_SMALL, TEXT_CENTRE, area.w, theme->muted, text);
}

void watch_draw_grid(struct watch *w, struct rect area)
{
    int count = w->run.board_count, columns = 1;
    float u = canvas_u(w->shell.canvas), gap = 10 * u;
    if (count == 0) {
        canvas_text(w->shell.canvas, area.x + area.w / 2, area.y + area.h / 2, TEXT_LARGE, TEXT_CENTRE, area.w,
                    w->shell.ui.theme->muted, _("No games yet"));
        return;
    }
    /* Choose the number of columns that makes the boards largest. */
    float best = 0;
    for (int c = 1; c <= count; c++) {
        float side = fminf(area.w / (float)c, area.h / ceilf((float)count / (float)c));
        if (side > best)
            best = side, columns = c;
    }
    int rows = (count + columns - 1) / columns;
    float cell_w = area.w / (float)columns, cell_h = area.h / (float)rows;
    for (int i = 0; i < count; i++) {
        int row = i / columns;
        struct rect cell = {area.x + cell_w * (float)(i % columns), area.y + cell_h * (float)row, cell_w, cell_h};
        cell = rect_inset(cell, gap / 2);
        watch_draw_board(w, cell, i, false);
        ui_tip(&w->shell.ui, cell, _("Click to enlarge"));
        if (w->run.boards[i].present && ui_clicked(&w->shell.ui, cell)) {
            watch_enlarge(w, i);
            w->shell.ui.input.pressed = false;
        }
    }
}

void watch_draw_walk(struct watch *w, struct rect row)
{
    const struct run_board *board = &w->run.boards[w->enlarged];
    float u = canvas_u(w->shell.canvas);
    int at = watch_shown_moves(w);
    struct rect back = {row.x, row.y, 80 * u, row.h}, heat = {row.x + row.w - 90 * u, row.y, 90 * u, row.h};
    if (ui_button(&w->shell.ui, back, _("All games"), UI_PLAIN, true, _("Show all games (Esc)")))
        w->enlarged = -1;
    if (ui_slider(&w->shell.ui,
                  (struct rect){back.x + back.w + 10 * u, row.y, heat.x - back.x - back.w - 20 * u, row.h}, &at, 0,
                  board->game.count))
        watch_walk_to(w, at);
    if (ui_button(&w->shell.ui, heat, _("Policy"), w->heat ? UI_PRIMARY : UI_PLAIN, true,
                  _("What the checkpoint would play (R)")))
        w->heat = !w->heat;
}
