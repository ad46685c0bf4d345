/* The board: ground, lines, stones, marks, and what analysis says about points. */
#include <math.h>

#include "engine/viewer/draw/app.h"
#include "engine/viewer/text.h"

void board_place(struct board_place *place, struct rect area, const struct game *game, bool coordinates, float u)
{
    /* Half a step of ground around the outer points, and room for letters. */
    float letters = coordinates ? 19 * u : 0, across = (float)game->width - 1, down = (float)game->height - 1;
    float step = floorf(fminf((floorf(area.w) - 2 * letters) / (across + 2 * 0.58f),
                              (floorf(area.h) - 2 * letters) / (down + 2 * 0.58f)));
    *place = (struct board_place){.step = fmaxf(step, 2),
                                  .width = game->width,
                                  .height = game->height,
                                  .look = &game->ops->traits.look,
                                  .letters = 0.5f * step + 0.55f * letters};
    float w = place->step * across, h = place->step * down, edge = floorf(0.58f * place->step + letters);
    place->wood = (struct rect){floorf(area.x + (area.w - w) / 2) - edge, floorf(area.y + (area.h - h) / 2) - edge,
                                w + 2 * edge + 1, h + 2 * edge + 1};
    place->x0 = place->wood.x + edge;
    place->y0 = place->wood.y + edge;
}

float board_x(const struct board_place *place, int point)
{
    return place->x0 + place->step * (float)(point % place->width);
}

float board_y(const struct board_place *place, int point)
{
    return place->y0 + place->step * (float)(point / place->width);
}

int board_point_at(const struct board_place *place, float x, float y)
{
    int column = (int)floorf((x - place->x0) / place->step + 0.5f);
    int row = (int)floorf((y - place->y0) / place->step + 0.5f);
    if (column < 0 || row < 0 || column >= place->width || row >= place->height)
        return -1;
    return row * place->width + column;
}

/* ---- the empty board ---- */

/* Star points: of five the corners' and the centre's, of nine the sides', too. */
static void draw_stars(struct canvas *canvas, const struct theme *theme, const struct board_place *place)
{
    int size = MIN(place->width, place->height), edge = size >= 13 ? 3 : 2;
    float radius = fmaxf(place->step * 0.085f, 1.5f);
    if (size < 5 || !place->look->stars)
        return;
    const int across[3] = {edge, place->width / 2, place->width - 1 - edge};
    const int down[3] = {edge, place->height / 2, place->height - 1 - edge};
    for (int i = 0; i < 9; i++) {
        int column = i % 3, row = i / 3;
        bool side = (column == 1) != (row == 1), centre = column == 1 && row == 1;
        bool has_middle = (column != 1 || place->width % 2) && (row != 1 || place->height % 2);
        if (!has_middle || (side && (size < 15 || place->look->stars < 9)) || (size < 7 && !centre))
            continue;
        canvas_circle(canvas, place->x0 + place->step * (float)across[column],
                      place->y0 + place->step * (float)down[row], radius, theme->line);
    }
}

static void draw_coordinates(struct canvas *canvas, const struct board_place *place, struct colour ink)
{
    struct colour colour = colour_fade(ink, 0.75f);
    float size = fminf(place->step * 0.5f, 13 * canvas_u(canvas)), far = place->letters;
    float right = place->x0 + place->step * (float)(place->width - 1);
    float bottom = place->y0 + place->step * (float)(place->height - 1);
    for (int i = 0; i < place->width; i++) {
        char letter[2] = {(char)('A' + i + (i >= 8)), 0};
        float x = place->x0 + place->step * (float)i;
        canvas_text_px(canvas, x, place->y0 - far, size, TEXT_CENTRE, 0, colour, letter);
        canvas_text_px(canvas, x, bottom + far, size, TEXT_CENTRE, 0, colour, letter);
    }
    for (int i = 0; i < place->height; i++) {
        char number[4];
        g_snprintf(number, sizeof number, "%d", place->height - i);
        float y = place->y0 + place->step * (float)i;
        canvas_text_px(canvas, place->x0 - far, y, size, TEXT_CENTRE, 0, colour, number);
        canvas_text_px(canvas, right + far, y, size, TEXT_CENTRE, 0, colour, number);
    }
}

/* Lines through the points, or around the cells, which are half a step further out and one more each way. */
static void draw_lines(struct canvas *canvas, const struct board_place *place, struct colour ink)
{
    float u = canvas_u(canvas), thin = fmaxf(roundf(fminf(place->step / 40, u)), 1);
    float thick = fmaxf(roundf(thin * 1.7f), thin), out = place->look->cells ? floorf(place->step / 2) : 0;
    int columns = place->width + place->look->cells, rows = place->height + place->look->cells;
    float x0 = place->x0 - out, y0 = place->y0 - out;
    float w = place->step * (float)(columns - 1), h = place->step * (float)(rows - 1);
    for (int i = 0; i < rows; i++) {
        float width = i == 0 || i == rows - 1 ? thick : thin, half = floorf(width / 2);
        canvas_rect(canvas, (struct rect){x0 - half, y0 + place->step * (float)i - half, w + width, width}, ink);
    }
    for (int i = 0; i < columns; i++) {
        float width = i == 0 || i == columns - 1 ? thick : thin, half = floorf(width / 2);
        canvas_rect(canvas, (struct rect){x0 + place->step * (float)i - half, y0 - half, width, h + width}, ink);
    }
}

void board_draw_ground(struct canvas *canvas, const struct theme *theme, const struct board_place *place,
                       bool coordinates)
{
    bool dark = theme == &theme_dark, plain = place->look->ground != 0;
    struct colour ground = colour_mix(RGB(place->look->ground), RGB(0x000000), dark ? 0.25f : 0);
    struct colour ink = plain ? colour_mix(ground, RGB(0x000000), 0.65f) : theme->line;
    canvas_shadow(canvas, place->wood, fminf(10 * canvas_u(canvas), place->step / 2), 0.28f);
    if (plain)
        canvas_rect(canvas, place->wood, ground);
    else
        canvas_wood(canvas, place->wood, dark);
    canvas_frame(canvas, place->wood, 0, fmaxf(canvas_u(canvas), 1), colour_fade(ink, 0.35f));
    draw_lines(canvas, place, ink);
    draw_stars(canvas, theme, place);
    if (coordinates)
        draw_coordinates(canvas, place, ink);
}

static float stone_radius(const struct board_place *place)
{
    return place->step * (place->look->cells ? 0.42f : 0.485f);
}

void board_draw_stones(struct canvas *canvas, const struct board_place *place, const uint8_t *stones)
{
    int points = place->width * place->height;
    float radius = stone_radius(place);
    for (int p = 0; p < points; p++)
        if (stones[p] != GAME_EMPTY)
            canvas_stone_shadow(canvas, board_x(place, p), board_y(place, p), radius);
    for (int p = 0; p < points; p++)
        if (stones[p] != GAME_EMPTY)
            canvas_stone(canvas, board_x(place, p), board_y(place, p), radius, stones[p] == GAME_BLACK, 1);
}

/* ---- overlays ---- */

static void draw_square(struct canvas *canvas, const struct board_place *place, int point, float side,
                        struct colour colour)
{
    float s = place->step * side;
    canvas_rect(canvas, (struct rect){board_x(place, point) - s / 2, board_y(place, point) - s / 2, s, s}, colour);
}

void board_draw_heat(struct canvas *canvas, const struct board_place *place, const float *prior)
{
    int points = place->width * place->height;
    for (int p = 0; p < points; p++) {
        if (prior[p] < 0.003f)
            continue;
        float strength = fminf(powf(prior[p], 0.45f), 1);
        canvas_round(canvas,
                     rect_inset((struct rect){board_x(place, p) - place->step / 2, board_y(place, p) - place->step / 2,
                                              place->step, place->step},
                                place->step * 0.06f),
                     place->step * 0.12f,
                     colour_fade(colour_mix(RGB(0x6a3fd0), RGB(0xe02818), strength), 0.06f + 0.74f * strength));
    }
}

void board_draw_owner(struct canvas *canvas, const struct board_place *place, const float *black, const uint8_t *stones)
{
    int points = place->width * place->height;
    for (int p = 0; p < points; p++) {
        float strength = fabsf(black[p]);
        if (strength < 0.12f)
            continue;
        struct colour colour = black[p] > 0 ? RGB(0x141414) : RGB(0xfdfdfb);
        bool stone = stones[p] != GAME_EMPTY, same = stone && (stones[p] == GAME_BLACK) == (black[p] > 0);
        if (same)
            continue;
        draw_square(canvas, place, p, stone ? 0.40f : 0.20f + 0.34f * strength,
                    colour_fade(colour, 0.35f + 0.5f * strength));
    }
}

static void copy_stones(const struct session *session, uint8_t *stones)
{
    for (int p = 0; p < session->game.points; p++)
        stones[p] = (uint8_t)session->game.ops->stone(&session->game, &session->position.p, p);
}

static struct colour ink_on(const uint8_t *stones, int point)
{
    return stones[point] == GAME_BLACK ? RGB(0xf6f2ea) : RGB(0x1c1a18);
}

static void draw_last(struct app *app, const uint8_t *stones)
{
    const struct session *session = app->session;
    if (session->last >= session->game.points)
        return;
    canvas_ring(app->shell.canvas, board_x(&app->board, session->last), board_y(&app->board, session->last),
                app->board.step * 0.22f, fmaxf(app->board.step * 0.055f, 1.3f),
                stones[session->last] == GAME_EMPTY ? RGB(0xb03020) : ink_on(stones, session->last));
}

static void draw_numbers(struct app *app, const uint8_t *stones)
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

static void draw_win(struct app *app)
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

static void draw_signs(struct app *app, const uint8_t *stones)
{
    const struct session *session = app->session;
    const struct game *game = &session->game;
    if (!game->ops->sign || session->state != SESSION_PLAYING)
        return;
    for (int p = 0; p < game->points; p++) {
        const char *text = stones[p] == GAME_EMPTY ? game->ops->sign(game, &session->position.p, p) : NULL;
        float x = board_x(&app->board, p), y = board_y(&app->board, p), r = app->board.step * 0.22f;
        if (!text)
            continue;
        canvas_ring(app->shell.canvas, x, y, r * 1.25f, fmaxf(r * 0.18f, 1), RGB(0xb02a1a));
        canvas_text_px(app->shell.canvas, x, y, r * 1.3f, TEXT_CENTRE, 0, RGB(0xb02a1a), text);
    }
}

/* ---- marks ---- */

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

static void draw_marks(struct app *app, const uint8_t *stones)
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

/* ---- analysis on the board ---- */

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
    float step = app->board.step, radius = stone_radius(&app->board);
    for (int i = analysis->count - 1; i >= 0; i--) {
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
        canvas_stone(app->shell.canvas, x, y, stone_radius(&app->board), black, 0.85f);
        canvas_text_px(app->shell.canvas, x, y, app->board.step * 0.42f, TEXT_CENTRE, 0,
                       black ? RGB(0xf6f2ea) : RGB(0x1c1a18), text);
    }
}

static bool shows_candidates(const struct app *app)
{
    const struct session *session = app->session;
    return (session->analysis_wanted && app->preferences.candidates) || session->hint;
}

static void draw_analysis(struct app *app, const uint8_t *stones)
{
    const struct session *session = app->session;
    const struct analysis *analysis = session_analysis(session);
    app->hover_line = -1;
    if (!analysis)
        return;
    if (app->preferences.policy && session->analysis_wanted)
        board_draw_heat(app->shell.canvas, &app->board, analysis->prior);
    if (app->preferences.ownership && analysis->has_map && session->analysis_wanted) {
        float black[GAME_MAX_POINTS];
        for (int p = 0; p < session->game.points; p++)
            black[p] = session->position.p.colour == GAME_BLACK ? analysis->map[p] : -analysis->map[p];
        board_draw_owner(app->shell.canvas, &app->board, black, stones);
    }
    if (!shows_candidates(app))
        return;
    for (int i = 0; i < analysis->count; i++)
        if (app->hover >= 0 && analysis->candidates[i].move == app->hover)
            app->hover_line = i;
    if (app->hover_line >= 0)
        draw_line(app, &analysis->candidates[app->hover_line]);
    else
        draw_candidates(app, analysis);
}

/* ---- counting ---- */

static void draw_count(struct app *app, const uint8_t *stones)
{
    const struct session *session = app->session;
    for (int p = 0; p < session->game.points; p++) {
        bool dead = session->dead[p], alive = stones[p] != GAME_EMPTY && !dead;
        if (dead)
            canvas_stone(app->shell.canvas, board_x(&app->board, p), board_y(&app->board, p), stone_radius(&app->board),
                         stones[p] == GAME_BLACK, 0.55f);
        if (session->owner[p] && !alive)
            draw_square(app->shell.canvas, &app->board, p, 0.34f,
                        session->owner[p] > 0 ? RGB(0x141414) : RGB(0xfdfdfb));
    }
}

/* ---- the pointer ---- */

static void draw_ghost(struct app *app, int point)
{
    const struct session *session = app->session;
    char reason[160];
    float x = board_x(&app->board, point), y = board_y(&app->board, point), s = app->board.step * 0.22f;
    if (app->tool != TOOL_PLAY || !session_human_to_move(session) || app->hover_line >= 0)
        return;
    if (!session_refusal(session, (game_move)point, reason)) {
        canvas_stone(app->shell.canvas, x, y, stone_radius(&app->board), session->position.p.colour == GAME_BLACK,
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
        session_play(session, (game_move)point);
}

void board_draw(struct app *app, struct rect area)
{
    const struct session *session = app->session;
    uint8_t stones[GAME_MAX_POINTS];
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
    draw_signs(app, stones);
    draw_analysis(app, stones);
    if (app->preferences.move_numbers)
        draw_numbers(app, stones);
    else if (!session_shows_count(session))
        draw_last(app, stones);
    draw_win(app);
    draw_marks(app, stones);
    if (app->hover >= 0)
        draw_ghost(app, app->hover);
    if (app->cursor >= 0 && app->cursor < session->game.points)
        canvas_frame(app->shell.canvas,
                     rect_inset((struct rect){board_x(&app->board, app->cursor) - app->board.step / 2,
                                              board_y(&app->board, app->cursor) - app->board.step / 2, app->board.step,
                                              app->board.step},
                                app->board.step * 0.04f),
                     app->board.step * 0.12f, fmaxf(app->board.step * 0.06f, 2), app->shell.ui.theme->accent);
}
