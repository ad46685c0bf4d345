/* Drawing a board, for both windows: geometry, the empty board, stones and overlays. */
#ifndef TENGEN_ENGINE_VIEWER_DRAW_BOARD_H
#define TENGEN_ENGINE_VIEWER_DRAW_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/viewer/draw/canvas/canvas.h"

struct game;
struct theme;

/* The geometry of a board on the screen, in pixels. */
struct board_place {
    struct rect wood;
    float x0, y0, step; /* the coordinates of point (0, 0), and the distance between points */
    float letters;      /* distance from the outer lines to the centres of the coordinate labels */
    int width, height;  /* in points */
    const struct game_look *look;
};

/* Computes the largest board that fits into an area. u: pixels per unit, see canvas.h. */
void board_place(struct board_place *place, struct rect area, const struct game *game, bool coordinates, float u);
/* The point at a pixel, or -1. */
int board_point_at(const struct board_place *place, float x, float y);
float board_x(const struct board_place *place, int point);
float board_y(const struct board_place *place, int point);
/* Draws the empty board: background, lines, star points and coordinates. */
void board_draw_ground(struct canvas *canvas, const struct theme *theme, const struct board_place *place,
                       bool coordinates);
/* stones[points]: enum game_colour. */
void board_draw_stones(struct canvas *canvas, const struct board_place *place, const uint8_t *stones);
/* Policy heat map. prior[points]: 0..1. */
void board_draw_heat(struct canvas *canvas, const struct board_place *place, const float *prior);
/* Ownership. black[points]: 1 black, -1 white. */
void board_draw_owner(struct canvas *canvas, const struct board_place *place, const float *black,
                      const uint8_t *stones);
/* A filled square on a point. side: in units of the distance between points. */
void board_draw_square(struct canvas *canvas, const struct board_place *place, int point, float side,
                       struct colour colour);
float board_stone_radius(const struct board_place *place);

#endif
