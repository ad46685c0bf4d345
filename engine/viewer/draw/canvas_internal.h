/* What the files of the canvas share. */
#ifndef TENGEN_ENGINE_VIEWER_DRAW_CANVAS_INTERNAL_H
#define TENGEN_ENGINE_VIEWER_DRAW_CANVAS_INTERNAL_H

#include <SDL_ttf.h>

#include "engine/viewer/draw/canvas.h"

enum { CANVAS_FONTS = 24, CANVAS_TEXTS = 768, CANVAS_STONES = 12 };

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

struct canvas {
    SDL_Renderer *renderer;
    enum canvas_pass pass;
    float u;
    uint64_t hash, clock;
    char *font_path;
    long font_index;
    struct {
        int pixels;
        TTF_Font *font;
    } fonts[CANVAS_FONTS];
    int font_count;
    GHashTable *texts; /* "pixels text" -> struct canvas_text_entry */
    GHashTable *widths; /* "pixels text" -> width, so that measuring does not make pictures */
    struct canvas_stone_entry stones[CANVAS_STONES];
    SDL_Texture *wood[2];
};

/* Takes bytes into the hash; true when it is to be drawn. */
bool canvas_note(struct canvas *canvas, char kind, const void *bytes, size_t size);
bool canvas_note_shape(struct canvas *canvas, char kind, const float *numbers, int count, struct colour colour);
bool canvas_text_open(struct canvas *canvas, const char *font, long index, GError **error);
void canvas_text_forget(struct canvas *canvas);
void canvas_text_close(struct canvas *canvas);
void canvas_stones_forget(struct canvas *canvas);

#endif
