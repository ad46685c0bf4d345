/* What the files of the canvas share. */
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

/* A shape that is drawn: what it is, and where. */
struct canvas_mark {
    uint64_t hash;
    struct rect bounds;
};

struct canvas {
    SDL_Renderer *renderer;
    enum canvas_pass pass;
    float u;
    uint64_t clock;
    GArray *list, *before; /* of struct canvas_mark: this picture's shapes, and the last one's */
    struct rect cut, clip; /* of the pass; of the caller, when has_clip */
    bool has_clip;
    char *font_path;
    long font_index;
    struct {
        int pixels;
        TTF_Font *font;
    } fonts[CANVAS_FONTS];
    int font_count;
    GHashTable *texts;  /* "pixels text" -> struct canvas_text_entry */
    GHashTable *widths; /* "pixels text" -> width, so that measuring does not make pictures */
    struct canvas_stone_entry stones[CANVAS_STONES];
    uint32_t *grain[2]; /* wood by theme, at CANVAS_GRAIN pixels a side */
    SDL_Texture *wood;  /* as it was asked for last, in its size */
    int wood_w, wood_h;
    bool wood_dark;
};

/* The smallest rectangle that holds both. */
struct rect rect_joined(struct rect a, struct rect b);
/* Notes a shape by its numbers, colour and bounds; true when it is to be drawn now. */
bool canvas_note(struct canvas *canvas, char kind, const void *bytes, size_t size, struct colour colour,
                 struct rect bounds);
bool canvas_text_open(struct canvas *canvas, const char *font, long index, GError **error);
void canvas_text_forget(struct canvas *canvas);
void canvas_text_close(struct canvas *canvas);
void canvas_stones_forget(struct canvas *canvas);

#endif
