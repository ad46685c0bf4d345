/* Drawing: anti-aliased shapes, text, stones and wood, at the display's own resolution, on SDL's renderer.
 *
 * Coordinates are pixels of the window's surface; `u` is how many of them make one unit (a pixel of a plain display),
 * and every size in the layout is a multiple of it. A frame is made by the same code several times: first in
 * CANVAS_LIST, which only notes each shape's hash and bounds; what differs from the last picture's notes makes a few
 * rectangles of damage; then in CANVAS_DRAW once for each of these, cut to it. So only what has changed is drawn, and
 * only then. One thread, SDL's. */
#ifndef TENGEN_ENGINE_VIEWER_DRAW_CANVAS_CANVAS_H
#define TENGEN_ENGINE_VIEWER_DRAW_CANVAS_CANVAS_H

#include <SDL.h>
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct colour {
    uint8_t r, g, b, a;
};
#define RGB(hex) ((struct colour){((hex) >> 16) & 255, ((hex) >> 8) & 255, (hex)&255, 255})
struct colour colour_fade(struct colour colour, float alpha);
struct colour colour_mix(struct colour a, struct colour b, float share_of_b);

struct rect {
    float x, y, w, h;
};
struct rect rect_inset(struct rect rect, float by);
bool rect_has(struct rect rect, float x, float y);

enum canvas_pass {
    CANVAS_MEASURE, /* nothing is drawn or noted: for a pass that takes input */
    CANVAS_LIST,
    CANVAS_DRAW
};
enum { CANVAS_DAMAGE = 4 };
enum text_align { TEXT_LEFT, TEXT_CENTRE, TEXT_RIGHT };
enum text_size { TEXT_SMALL, TEXT_NORMAL, TEXT_LARGE, TEXT_HUGE };

struct canvas;
/* font: a file that fontconfig found, index its face. Needs an open renderer, which the canvas does not own. */
struct canvas *canvas_new(SDL_Renderer *renderer, const char *font, long index, GError **error);
void canvas_free(struct canvas *canvas);
/* A font that has both Latin and Chinese; false with the cure when there is none. path: freed by the caller. */
bool canvas_find_font(char **path, long *index, GError **error);
/* Another renderer: all textures, which belonged to the one before, are made again when needed. NULL: frees them only.
 */
void canvas_set_renderer(struct canvas *canvas, SDL_Renderer *renderer);

/* cut: of CANVAS_DRAW, what is drawn into; else NULL. */
void canvas_begin(struct canvas *canvas, enum canvas_pass pass, float u, const struct rect *cut);
/* After a CANVAS_LIST pass: what differs from the list before, as at most CANVAS_DAMAGE rectangles of whole pixels
 * within the window; returns their number. all: everything counts as changed. The list becomes the one to compare with.
 */
int canvas_damage(struct canvas *canvas, struct rect window, bool all, struct rect *damage);
float canvas_u(const struct canvas *canvas);

void canvas_rect(struct canvas *canvas, struct rect rect, struct colour colour);
void canvas_round(struct canvas *canvas, struct rect rect, float radius, struct colour colour);
void canvas_frame(struct canvas *canvas, struct rect rect, float radius, float width, struct colour colour);
void canvas_circle(struct canvas *canvas, float x, float y, float radius, struct colour colour);
void canvas_ring(struct canvas *canvas, float x, float y, float radius, float width, struct colour colour);
/* An arc of a ring, from angle a to b (radians, clockwise from the top). */
void canvas_arc(struct canvas *canvas, float x, float y, float radius, float width, float a, float b,
                struct colour colour);
void canvas_line(struct canvas *canvas, float x0, float y0, float x1, float y1, float width, struct colour colour);
void canvas_polyline(struct canvas *canvas, const SDL_FPoint *points, int count, float width, struct colour colour);
/* Convex, clockwise on the screen. */
void canvas_polygon(struct canvas *canvas, const SDL_FPoint *points, int count, struct colour colour);
void canvas_shadow(struct canvas *canvas, struct rect rect, float blur, float alpha);
/* A stone with its light; black or white; alpha 0..1. Its shadow is drawn apart, below all stones. */
void canvas_stone(struct canvas *canvas, float x, float y, float radius, bool black, float alpha);
void canvas_stone_shadow(struct canvas *canvas, float x, float y, float radius);
void canvas_wood(struct canvas *canvas, struct rect rect, bool dark);
/* Everything until the next call is cut to this; NULL: nothing is cut. */
void canvas_clip(struct canvas *canvas, const struct rect *rect);

/* y is the middle of the line. Returns the width. max_width > 0: what is longer ends in an ellipsis. */
float canvas_text(struct canvas *canvas, float x, float y, enum text_size size, enum text_align align, float max_width,
                  struct colour colour, const char *text);
/* As canvas_text, of any height in pixels. */
float canvas_text_px(struct canvas *canvas, float x, float y, float pixels, enum text_align align, float max_width,
                     struct colour colour, const char *text);
float canvas_text_width(struct canvas *canvas, enum text_size size, const char *text);
float canvas_line_height(const struct canvas *canvas, enum text_size size);
/* Words broken into lines of at most this width; returns the height used. draw: false only measures. */
float canvas_paragraph(struct canvas *canvas, struct rect rect, enum text_size size, struct colour colour,
                       const char *text, bool draw);

#endif
