/* The board, as both windows draw it: its place, the empty board, stones and what is laid over all points. */
#ifndef TENGEN_ENGINE_VIEWER_DRAW_BOARD_H
#define TENGEN_ENGINE_VIEWER_DRAW_BOARD_H

#include "engine/viewer/draw/widgets/ui.h"
#include "games/game.h"

/* Where the points of a board lie on the screen. */
struct board_place {
    struct rect wood;
    float x0, y0, step; /* of point (0, 0), and between two points */
    float letters;      /* from the outer lines to the middle of the coordinates */
    int width, height;  /* points */
    const struct game_look *look;
};

/* The largest board of the game that fits into an area. */
void board_place(struct board_place *place, struct rect area, const struct game *game, bool coordinates, float u);
int board_point_at(const struct board_place *place, float x, float y);
float board_x(const struct board_place *place, int point);
float board_y(const struct board_place *place, int point);
/* The empty board: ground, lines, star points and coordinates. */
void board_draw_ground(struct canvas *canvas, const struct theme *theme, const struct board_place *place,
                       bool coordinates);
/* stones[points]: enum game_colour. */
void board_draw_stones(struct canvas *canvas, const struct board_place *place, const uint8_t *stones);
/* prior[points]: 0..1. */
void board_draw_heat(struct canvas *canvas, const struct board_place *place, const float *prior);
/* black[points]: 1 black's, -1 white's. */
void board_draw_owner(struct canvas *canvas, const struct board_place *place, const float *black,
                      const uint8_t *stones);
/* A filled square on a point; side in steps. */
void board_draw_square(struct canvas *canvas, const struct board_place *place, int point, float side,
                       struct colour colour);
float board_stone_radius(const struct board_place *place);

#endif
