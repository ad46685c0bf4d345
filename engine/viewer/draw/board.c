/* The board of both windows: background, lines, stones and overlays for policy and ownership. */
#include "engine/viewer/draw/board.h"

#include <math.h>

#include "engine/viewer/draw/widgets/ui.h"
#include "games/game.h"

void board_place(struct board_place *place, struct rect area, const struct game *game, bool coordinates, float u)
{
    /* A margin of about half a step around the outer points, and space for the coordinates. */
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
    int row = point / place->width;
    return place->y0 + place->step * (float)row;
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

/* Star points: the corners and the centre, and if there are nine, the sides. */
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
        char letter[2] = {game_look_column(place->look, i), 0};
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

/* Lines through the points, or, for boards with cells, around them: shifted by half a step and one more in each
 * direction. */
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

float board_stone_radius(const struct board_place *place)
{
    return place->step * (place->look->cells ? 0.42f : 0.485f);
}

void board_draw_stones(struct canvas *canvas, const struct board_place *place, const uint8_t *stones)
{
    int points = place->width * place->height;
    float radius = board_stone_radius(place);
    for (int p = 0; p < points; p++)
        if (stones[p] != GAME_EMPTY)
            canvas_stone_shadow(canvas, board_x(place, p), board_y(place, p), radius);
    for (int p = 0; p < points; p++)
        if (stones[p] != GAME_EMPTY)
            canvas_stone(canvas, board_x(place, p), board_y(place, p), radius, stones[p] == GAME_BLACK, 1);
}

/* ---- overlays ---- */

void board_draw_square(struct canvas *canvas, const struct board_place *place, int point, float side,
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
        board_draw_square(canvas, place, p, stone ? 0.40f : 0.20f + 0.34f * strength,
                          colour_fade(colour, 0.35f + 0.5f * strength));
    }
}
