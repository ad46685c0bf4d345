/* Internal to the canvas. */
#ifndef TENGEN_ENGINE_VIEWER_DRAW_CANVAS_CANVAS_INTERNAL_H
#define TENGEN_ENGINE_VIEWER_DRAW_CANVAS_CANVAS_INTERNAL_H

#include <SDL_ttf.h>

#include "engine/viewer/draw/canvas/canvas.h"

enum { CANVAS_FONTS = 24, CANVAS_TEXTS = 768, CANVAS_STONES = 12, CANVAS_GRAIN = 512 };

struct canvas_text_entry {
    char *text;
    int pixels;
    SDL_Texture *texture;
    int w, h, ascent;
    uint64_t used;
};

struct canvas_stone_entry {
    int radius, kind;
    SDL_Texture *texture;
    int size;
    uint64_t used;
};

/* A shape of a frame: a hash of its kind, size and position, and its bounds. */
struct canvas_mark {
    uint64_t hash;
    struct rect bounds;
};

struct canvas {
    SDL_Renderer *renderer;
    enum canvas_pass pass;
    float u;
    uint64_t clock;
    GArray *list, *before;    /* struct canvas_mark: the shapes of the current and of the last frame */
    struct rect region, clip; /* of the pass; set by canvas_clip, if has_clip */
    bool has_clip;
    char *font_path;
    long font_index;
    struct {
        int pixels;
        TTF_Font *font;
    } fonts[CANVAS_FONTS];
    int font_count;
    GHashTable *texts;  /* "pixels text" -> struct canvas_text_entry */
    GHashTable *widths; /* "pixels text" -> width, so that measuring does not render the text */
    struct canvas_stone_entry stones[CANVAS_STONES];
    uint32_t *grain[2]; /* wood by theme, CANVAS_GRAIN x CANVAS_GRAIN pixels */
    SDL_Texture *wood;  /* scaled to the size drawn last */
    int wood_w, wood_h;
    bool wood_dark;
};

/* The bounding box of both. */
struct rect rect_joined(struct rect a, struct rect b);
/* Records a shape by its parameters, colour and bounds. Returns true if it has to be drawn in this pass. */
bool canvas_record(struct canvas *canvas, char kind, const void *bytes, size_t size, struct colour colour,
                   struct rect bounds);
bool canvas_text_open(struct canvas *canvas, const char *font, long index, GError **error);
/* Frees the textures of the renderer. */
void canvas_text_forget(struct canvas *canvas);
void canvas_text_close(struct canvas *canvas);
void canvas_stones_forget(struct canvas *canvas);

#endif
