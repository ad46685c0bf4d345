/* Marks on the board: the last move, move numbers, markup of the record, forbidden points. */
#include <math.h>

#include "engine/viewer/draw/board.h"
#include "engine/viewer/draw/canvas/canvas.h"
#include "engine/viewer/draw/play/app.h"
#include "engine/viewer/draw/play/game_board_internal.h"
#include "engine/viewer/draw/shell.h"
#include "engine/viewer/session/session.h"
#include "engine/viewer/text.h"
#include "games/game.h"
#include "games/record/sgf.h"

static struct colour ink_on(const uint8_t *stones, int point)
{
    return stones[point] == GAME_BLACK ? RGB(0xf6f2ea) : RGB(0x1c1a18);
}

void game_board_draw_last(struct app *app, const uint8_t *stones)
{
    const struct session *session = app->session;
    if (session->last >= session->game.points)
        return;
    canvas_ring(app->shell.canvas, board_x(&app->board, session->last), board_y(&app->board, session->last),
                app->board.step * 0.22f, fmaxf(app->board.step * 0.055f, 1.3f),
                stones[session->last] == GAME_EMPTY ? RGB(0xb03020) : ink_on(stones, session->last));
}

void game_board_draw_numbers(struct app *app, const uint8_t *stones)
{
    int numbers[GAME_MAX_POINTS];
    session_numbers(app->session, numbers);
    for (int p = 0; p < app->session->game.points; p++) {
        char text[8];
        if (!numbers[p] || stones[p] == GAME_EMPTY)
            continue;
        g_snprintf(text, sizeof text, "%d", numbers[p]);
        canvas_text_px(app->shell.canvas, board_x(&app->board, p), board_y(&app->board, p),
                       app->board.step * (numbers[p] > 99 ? 0.33f : 0.40f), TEXT_CENTRE, 0,
                       p == app->session->last ? RGB(0xd0402c) : ink_on(stones, p), text);
    }
}

void game_board_draw_win(struct app *app)
{
    const struct session *session = app->session;
    int8_t map[GAME_MAX_POINTS];
    float r = app->board.step * 0.40f;
    if (session->game.ops->traits.map != GAME_MAP_LINE || !game_over(&session->position.p))
        return;
    session->game.ops->final_map(&session->game, &session->position.p, map);
    for (int p = 0; p < session->game.points; p++)
        if (map[p])
            canvas_ring(app->shell.canvas, board_x(&app->board, p), board_y(&app->board, p), r,
                        fmaxf(app->board.step * 0.09f, 2), RGB(0xd0402c));
}

void game_board_draw_signs(struct app *app, const uint8_t *stones)
{
    const struct session *session = app->session;
    const struct game *game = &session->game;
    if (!game->ops->forbidden_label || session->state != SESSION_PLAYING)
        return;
    for (int p = 0; p < game->points; p++) {
        const char *text = stones[p] == GAME_EMPTY ? game->ops->forbidden_label(game, &session->position.p, p) : NULL;
        float x = board_x(&app->board, p), y = board_y(&app->board, p), r = app->board.step * 0.22f;
        if (!text)
            continue;
        canvas_ring(app->shell.canvas, x, y, r * 1.25f, fmaxf(r * 0.18f, 1), RGB(0xb02a1a));
        canvas_text_px(app->shell.canvas, x, y, r * 1.3f, TEXT_CENTRE, 0, RGB(0xb02a1a), text);
    }
}

static void draw_mark(struct app *app, int p, char kind, const char *text, const uint8_t *stones)
{
    struct canvas *canvas = app->shell.canvas;
    float x = board_x(&app->board, p), y = board_y(&app->board, p), s = app->board.step * 0.27f;
    float line = fmaxf(app->board.step * 0.06f, 1.3f);
    struct colour ink = stones[p] == GAME_EMPTY ? RGB(0x8a1c10) : ink_on(stones, p);
    const SDL_FPoint triangle[] = {
        {x, y - 1.1f * s}, {x + s, y + 0.65f * s}, {x - s, y + 0.65f * s}, {x, y - 1.1f * s}, {x + s, y + 0.65f * s}};
    if (stones[p] == GAME_EMPTY && kind == 'L')
        canvas_circle(canvas, x, y, app->board.step * 0.36f, (struct colour){222, 184, 118, 255});
    switch (kind) {
    case 'T':
        canvas_polyline(canvas, triangle, 5, line, ink);
        break;
    case 'S':
        canvas_frame(canvas, (struct rect){x - s * 0.85f, y - s * 0.85f, 1.7f * s, 1.7f * s}, 0, line, ink);
        break;
    case 'C':
        canvas_ring(canvas, x, y, s * 0.95f, line, ink);
        break;
    case 'X':
        canvas_line(canvas, x - s * 0.8f, y - s * 0.8f, x + s * 0.8f, y + s * 0.8f, line, ink);
        canvas_line(canvas, x - s * 0.8f, y + s * 0.8f, x + s * 0.8f, y - s * 0.8f, line, ink);
        break;
    default:
        canvas_text_px(canvas, x, y, app->board.step * 0.45f, TEXT_CENTRE, app->board.step, ink, text);
    }
}

/* AR and LN: arrows and lines from point to point. */
static void draw_lines(struct app *app, const char *name)
{
    const struct session *session = app->session;
    const struct sgf_property *lines = sgf_find(session->node, name);
    float step = app->board.step, width = fmaxf(step * 0.07f, 1.5f);
    const struct colour ink = RGB(0x8a1c10);
    for (int i = 0; lines && i < lines->count; i++) {
        char **ends = g_strsplit(lines->values[i], ":", 2);
        game_move from = ends[0] ? sgf_parse_point(&session->game, ends[0]) : GAME_NO_MOVE;
        game_move to = from != GAME_NO_MOVE && ends[1] ? sgf_parse_point(&session->game, ends[1]) : GAME_NO_MOVE;
        g_strfreev(ends);
        if (from >= session->game.points || to >= session->game.points || from == to)
            continue;
        float x0 = board_x(&app->board, from), y0 = board_y(&app->board, from);
        float x = board_x(&app->board, to), y = board_y(&app->board, to);
        float length = hypotf(x - x0, y - y0), dx = (x - x0) / length, dy = (y - y0) / length, head = step * 0.32f;
        canvas_line(app->shell.canvas, x0, y0, x, y, width, ink);
        if (*name != 'A')
            continue;
        canvas_line(app->shell.canvas, x, y, x - head * (dx + 0.5f * dy), y - head * (dy - 0.5f * dx), width, ink);
        canvas_line(app->shell.canvas, x, y, x - head * (dx - 0.5f * dy), y - head * (dy + 0.5f * dx), width, ink);
    }
}

void game_board_draw_branches(struct app *app, const uint8_t *stones)
{
    const struct session *session = app->session;
    const struct sgf_node *child = session->node->first_child;
    if (session->live || session_analysis(session) || !child || !child->next)
        return;
    for (int i = 0; child && i < 26; child = child->next, i++) {
        const char *raw = sgf_get(child, "B") ? sgf_get(child, "B") : sgf_get(child, "W"),
                   text[2] = {(char)('a' + i), 0};
        game_move move = raw ? sgf_parse_point(&session->game, raw) : GAME_NO_MOVE;
        if (move >= session->game.points || stones[move] != GAME_EMPTY)
            continue;
        float x = board_x(&app->board, move) + app->board.step * 0.3f, y = board_y(&app->board, move);
        canvas_ring(app->shell.canvas, board_x(&app->board, move), y, app->board.step * 0.2f, 1.3f, RGB(0x1f4f8a));
        canvas_text_px(app->shell.canvas, x, y - app->board.step * 0.25f, app->board.step * 0.34f, TEXT_CENTRE, 0,
                       RGB(0x1f4f8a), text);
    }
}

void game_board_draw_pass(struct app *app)
{
    const struct session *session = app->session;
    struct canvas *canvas = app->shell.canvas;
    char text[80];
    if (session->last == GAME_NO_MOVE || session->last != session->game.pass)
        return;
    g_snprintf(text, sizeof text, _("%s passes"),
               session_colour_name(sgf_find(session->node, "B") ? GAME_BLACK : GAME_WHITE));
    float u = canvas_u(canvas), w = canvas_text_width(canvas, TEXT_LARGE, text) + 28 * u, h = 36 * u;
    const struct rect *wood = &app->board.wood;
    struct rect pill = {wood->x + (wood->w - w) / 2, wood->y + fmaxf(wood->h * 0.1f, 8 * u), w, h};
    canvas_round(canvas, pill, h / 2, (struct colour){30, 26, 22, 215});
    canvas_text(canvas, pill.x + w / 2, pill.y + h / 2, TEXT_LARGE, TEXT_CENTRE, w, RGB(0xf6f2ea), text);
}

void game_board_draw_marks(struct app *app, const uint8_t *stones)
{
    static const struct {
        const char *name;
        char kind;
    } kinds[] = {{"TR", 'T'}, {"SQ", 'S'}, {"CR", 'C'}, {"MA", 'X'}};
    const struct session *session = app->session;
    uint8_t set[GAME_MAX_POINTS];
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (!sgf_find(session->node, kinds[i].name))
            continue;
        memset(set, 0, sizeof set);
        sgf_points(session->node, kinds[i].name, &session->game, set, NULL);
        for (int p = 0; p < session->game.points; p++)
            if (set[p])
                draw_mark(app, p, kinds[i].kind, NULL, stones);
    }
    draw_lines(app, "LN");
    draw_lines(app, "AR");
    const struct sgf_property *labels = sgf_find(session->node, "LB");
    for (int i = 0; labels && i < labels->count; i++) {
        const char *raw = labels->values[i], *colon = strchr(raw, ':');
        char point[8] = "";
        if (!colon || colon - raw > 4)
            continue;
        memcpy(point, raw, (size_t)(colon - raw));
        game_move move = sgf_parse_point(&session->game, point);
        char *text = sgf_unescape(colon + 1);
        if (move < session->game.points && g_utf8_validate(text, -1, NULL))
            draw_mark(app, move, 'L', text, stones);
        g_free(text);
    }
}
