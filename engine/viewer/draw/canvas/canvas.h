/* Drawing of anti-aliased shapes, text, stones and wood in the display's native resolution, with SDL's renderer.
 *
 * Coordinates are pixels of the window's surface. `u` is the number of pixels per unit (a pixel of a 96 dpi display);
 * all sizes in the layout are multiples of it. The drawing code of a frame runs several times: first in CANVAS_LIST,
 * which only records a hash and the bounds of each shape. The differences from the last frame are combined into a few
 * damaged rectangles. Then it runs in CANVAS_DRAW once per rectangle, clipped to it. So only what has changed is drawn.
 * One thread, SDL's. */
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
    CANVAS_MEASURE, /* draws and records nothing: for the input pass */
    CANVAS_LIST,    /* records shapes */
    CANVAS_DRAW     /* draws within a region */
};
enum { CANVAS_DAMAGE = 4 }; /* maximum number of damaged rectangles */
enum text_align { TEXT_LEFT, TEXT_CENTRE, TEXT_RIGHT };
enum text_size { TEXT_SMALL, TEXT_NORMAL, TEXT_LARGE, TEXT_HUGE };

struct canvas;
/* font, index: font file and face, see canvas_find_font. The renderer is borrowed. Returns NULL with the error set. */
struct canvas *canvas_new(SDL_Renderer *renderer, const char *font, long index, GError **error);
void canvas_free(struct canvas *canvas); /* may be NULL */
/* Finds a font, preferably with both Latin and Chinese characters. *path: freed by g_free. Returns false with the error
 * set if there is none. */
bool canvas_find_font(char **path, long *index, GError **error);
/* Changes the renderer (NULL: none) and frees the textures of the old one, which must still exist. */
void canvas_set_renderer(struct canvas *canvas, SDL_Renderer *renderer);

/* Starts a pass. region: what CANVAS_DRAW draws into; NULL in other passes. */
void canvas_begin(struct canvas *canvas, enum canvas_pass pass, float u, const struct rect *region);
/* Call after a CANVAS_LIST pass. Fills the rectangles that differ from the last frame, at most CANVAS_DAMAGE, in whole
 * pixels and within the window; returns their number. all: treats the whole window as changed. */
int canvas_damage(struct canvas *canvas, struct rect window, bool all, struct rect *damage);
float canvas_u(const struct canvas *canvas);

void canvas_rect(struct canvas *canvas, struct rect rect, struct colour colour);
void canvas_round(struct canvas *canvas, struct rect rect, float radius, struct colour colour);
void canvas_frame(struct canvas *canvas, struct rect rect, float radius, float width, struct colour colour);
void canvas_circle(struct canvas *canvas, float x, float y, float radius, struct colour colour);
void canvas_ring(struct canvas *canvas, float x, float y, float radius, float width, struct colour colour);
/* An arc from angle a to angle b, in radians, clockwise from the top. */
void canvas_arc(struct canvas *canvas, float x, float y, float radius, float width, float a, float b,
                struct colour colour);
void canvas_line(struct canvas *canvas, float x0, float y0, float x1, float y1, float width, struct colour colour);
void canvas_polyline(struct canvas *canvas, const SDL_FPoint *points, int count, float width, struct colour colour);
/* Fills a convex polygon; points clockwise on the screen. */
void canvas_polygon(struct canvas *canvas, const SDL_FPoint *points, int count, struct colour colour);
void canvas_shadow(struct canvas *canvas, struct rect rect, float blur, float alpha);
/* A shaded stone; alpha 0..1. Draw the shadows of all stones first, with canvas_stone_shadow. */
void canvas_stone(struct canvas *canvas, float x, float y, float radius, bool black, float alpha);
void canvas_stone_shadow(struct canvas *canvas, float x, float y, float radius);
void canvas_wood(struct canvas *canvas, struct rect rect, bool dark);
/* Clips all drawing until the next call to this rectangle; NULL: no clipping. */
void canvas_clip(struct canvas *canvas, const struct rect *rect);

/* Draws a line of text. y: the vertical centre. max_width > 0: longer text is truncated with an ellipsis. Returns the
 * width. */
float canvas_text(struct canvas *canvas, float x, float y, enum text_size size, enum text_align align, float max_width,
                  struct colour colour, const char *text);
/* Like canvas_text, with any font size in pixels. */
float canvas_text_px(struct canvas *canvas, float x, float y, float pixels, enum text_align align, float max_width,
                     struct colour colour, const char *text);
float canvas_text_width(struct canvas *canvas, enum text_size size, const char *text);
float canvas_line_height(const struct canvas *canvas, enum text_size size);
/* Draws text wrapped to the width of the rectangle. draw: false only measures. Returns the height. */
float canvas_paragraph(struct canvas *canvas, struct rect rect, enum text_size size, struct colour colour,
                       const char *text, bool draw);

#endif
