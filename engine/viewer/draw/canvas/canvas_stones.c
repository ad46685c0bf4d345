/* Stones and wood, rendered at their size in pixels and lit from the upper left. */
#include <math.h>

#include "engine/viewer/draw/canvas/canvas.h"
#include "engine/viewer/draw/canvas/canvas_internal.h"
#include "games/rng.h"

enum { KIND_WHITE, KIND_BLACK, KIND_SHADOW };

static float clamp1(float value)
{
    return value < 0 ? 0 : value > 1 ? 1 : value;
}

static float smooth(float from, float to, float value)
{
    float t = clamp1((value - from) / (to - from));
    return t * t * (3 - 2 * t);
}

/* The colour of a stone at (x, y) in the unit disc. */
static void shade(bool black, float x, float y, float *rgb)
{
    float square = x * x + y * y, z = sqrtf(fmaxf(1 - 0.82f * square, 0)); /* a lens rather than a ball */
    float light = (-0.42f * x - 0.58f * y + 0.70f * z) / 1.0f;
    float gloss_x = x + 0.34f, gloss_y = y + 0.40f;
    float gloss = expf(-(gloss_x * gloss_x + gloss_y * gloss_y) / 0.10f);
    float rim = smooth(0.80f, 1.0f, sqrtf(square));
    if (black) {
        float base = 0.085f + 0.15f * clamp1(light) + 0.34f * gloss;
        rgb[0] = rgb[1] = base - 0.05f * rim;
        rgb[2] = base + 0.012f - 0.05f * rim;
        return;
    }
    float base = 0.80f + 0.20f * clamp1(light * 1.15f) - 0.20f * rim * clamp1(0.9f - light);
    base = fminf(base + 0.05f * gloss, 1);
    rgb[0] = base;
    rgb[1] = base * 0.992f;
    rgb[2] = base * 0.965f;
}

static uint32_t pack(const float *rgb, float alpha)
{
    uint32_t word = (uint32_t)(255 * clamp1(alpha) + 0.5f) << 24;
    for (int i = 0; i < 3; i++)
        word |= (uint32_t)(255 * clamp1(rgb[i]) + 0.5f) << (16 - 8 * i);
    return word;
}

static SDL_Texture *make_texture(struct canvas *canvas, const uint32_t *pixels, int w, int h)
{
    SDL_Texture *texture =
        SDL_CreateTexture(canvas->renderer, SDL_PIXELFORMAT_ARGB8888, SDL_TEXTUREACCESS_STATIC, w, h);
    if (texture) {
        SDL_UpdateTexture(texture, NULL, pixels, w * 4);
        SDL_SetTextureBlendMode(texture, SDL_BLENDMODE_BLEND);
        SDL_SetTextureScaleMode(texture, SDL_ScaleModeLinear);
    }
    return texture;
}

/* radius in sixteenths of a pixel. */
static SDL_Texture *make_stone(struct canvas *canvas, int radius, int kind, int *size)
{
    float r = (float)radius / 16, spread = kind == KIND_SHADOW ? r * 0.30f + 1 : 1;
    *size = 2 * (int)ceilf(r + spread) + 1;
    int middle = *size / 2;
    uint32_t *pixels = g_new(uint32_t, (gsize)*size * (gsize)*size);
    for (int py = 0; py < *size; py++)
        for (int px = 0; px < *size; px++) {
            float x = (float)(px - middle), y = (float)(py - middle), distance = hypotf(x, y);
            float rgb[3] = {0.08f, 0.04f, 0}, alpha = clamp1(r + 0.5f - distance);
            if (kind == KIND_SHADOW)
                alpha = 0.45f * (1 - smooth(r - spread, r + spread, distance));
            else
                shade(kind == KIND_BLACK, x / r, y / r, rgb);
            pixels[py * *size + px] = pack(rgb, alpha);
        }
    SDL_Texture *texture = make_texture(canvas, pixels, *size, *size);
    g_free(pixels);
    return texture;
}

static const struct canvas_stone_entry *stone_of(struct canvas *canvas, float radius, int kind)
{
    int key = (int)roundf(radius * 16);
    struct canvas_stone_entry *oldest = &canvas->stones[0];
    for (int i = 0; i < CANVAS_STONES; i++) {
        struct canvas_stone_entry *entry = &canvas->stones[i];
        if (entry->texture && entry->radius == key && entry->kind == kind) {
            entry->used = ++canvas->clock;
            return entry;
        }
        if (entry->used < oldest->used)
            oldest = entry;
    }
    if (oldest->texture)
        SDL_DestroyTexture(oldest->texture);
    *oldest = (struct canvas_stone_entry){.radius = key, .kind = kind, .used = ++canvas->clock};
    oldest->texture = make_stone(canvas, key, kind, &oldest->size);
    return oldest;
}

static void put(struct canvas *canvas, float x, float y, float radius, int kind, float alpha)
{
    const float numbers[] = {x, y, radius, (float)kind, alpha};
    float reach = radius * 1.35f + 3;
    struct rect bounds = {x - reach, y - reach, 2 * reach, 2 * reach};
    if (!canvas_record(canvas, 's', numbers, sizeof numbers, (struct colour){0, 0, 0, 255}, bounds) || radius < 1)
        return;
    const struct canvas_stone_entry *entry = stone_of(canvas, radius, kind);
    SDL_Rect to = {(int)roundf(x) - entry->size / 2, (int)roundf(y) - entry->size / 2, entry->size, entry->size};
    SDL_SetTextureAlphaMod(entry->texture, (uint8_t)(255 * clamp1(alpha)));
    SDL_RenderCopy(canvas->renderer, entry->texture, NULL, &to);
}

void canvas_stone(struct canvas *canvas, float x, float y, float radius, bool black, float alpha)
{
    put(canvas, x, y, radius, black ? KIND_BLACK : KIND_WHITE, alpha);
}

void canvas_stone_shadow(struct canvas *canvas, float x, float y, float radius)
{
    put(canvas, x + radius * 0.10f, y + radius * 0.16f, radius, KIND_SHADOW, 1);
}

/* ---- wood ---- */

static float lattice(int x, int y)
{
    return (float)(rng_mix((uint64_t)(uint32_t)x << 32 | (uint32_t)y) >> 40) / 16777216.0f;
}

static float noise(float x, float y)
{
    int ix = (int)floorf(x), iy = (int)floorf(y);
    float fx = smooth(0, 1, x - (float)ix), fy = smooth(0, 1, y - (float)iy);
    float top = lattice(ix, iy) + (lattice(ix + 1, iy) - lattice(ix, iy)) * fx;
    float low = lattice(ix, iy + 1) + (lattice(ix + 1, iy + 1) - lattice(ix, iy + 1)) * fx;
    return top + (low - top) * fy;
}

/* Growth rings cut lengthwise: nearly straight, slightly wavy lines, and short fibres. */
static uint32_t wood_at(float x, float y, bool dark)
{
    float wave = 2.2f * noise(x * 2.1f + 7, y * 0.5f) + 0.35f * noise(x * 9, y * 1.5f);
    float ring = 0.5f + 0.5f * sinf(70 * x + 9 * wave);
    float fibre = noise(x * 260, y * 9) - 0.5f, cloud = noise(x * 3 + 40, y * 1.3f + 11) - 0.5f;
    float tone = 0.038f * (ring * ring - 0.4f) + 0.030f * fibre + 0.05f * cloud;
    const float light[3] = {0.870f, 0.718f, 0.455f}, night[3] = {0.640f, 0.490f, 0.295f};
    const float *base = dark ? night : light;
    float rgb[3] = {base[0] - tone * 0.95f, base[1] - tone * 1.10f, base[2] - tone * 1.25f};
    return pack(rgb, 1);
}

static const uint32_t *grain_of(struct canvas *canvas, bool dark)
{
    if (!canvas->grain[dark]) {
        uint32_t *pixels = canvas->grain[dark] = g_new(uint32_t, CANVAS_GRAIN * CANVAS_GRAIN);
        for (int y = 0; y < CANVAS_GRAIN; y++)
            for (int x = 0; x < CANVAS_GRAIN; x++)
                pixels[y * CANVAS_GRAIN + x] = wood_at((float)x / CANVAS_GRAIN, (float)y / CANVAS_GRAIN, dark);
    }
    return canvas->grain[dark];
}

static uint32_t between(uint32_t a, uint32_t b, uint32_t share) /* of b, in 1/256 */
{
    uint32_t odd = ((a & 0xff00ff) * (256 - share) + (b & 0xff00ff) * share) >> 8 & 0xff00ff;
    uint32_t even = (a >> 8 & 0xff) * (256 - share) + (b >> 8 & 0xff) * share;
    return 0xff000000u | odd | (even & 0xff00);
}

/* Scales the grain to the requested size, so that drawing is a plain copy. */
static void scale_wood(struct canvas *canvas, int w, int h, bool dark)
{
    const uint32_t *grain = grain_of(canvas, dark);
    uint32_t *pixels = g_new(uint32_t, (gsize)w * (gsize)h);
    for (int y = 0; y < h; y++) {
        int fy = (int)((int64_t)y * (CANVAS_GRAIN - 1) * 256 / MAX(h, 1)), row = fy >> 8;
        const uint32_t *top = grain + row * CANVAS_GRAIN, *low = top + CANVAS_GRAIN;
        for (int x = 0; x < w; x++) {
            int fx = (int)((int64_t)x * (CANVAS_GRAIN - 1) * 256 / MAX(w, 1)), column = fx >> 8;
            uint32_t a = between(top[column], top[column + 1], fx & 255),
                     b = between(low[column], low[column + 1], fx & 255);
            pixels[(gsize)y * (gsize)w + (gsize)x] = between(a, b, fy & 255);
        }
    }
    if (canvas->wood)
        SDL_DestroyTexture(canvas->wood);
    canvas->wood = make_texture(canvas, pixels, w, h);
    if (canvas->wood)
        SDL_SetTextureBlendMode(canvas->wood, SDL_BLENDMODE_NONE);
    canvas->wood_w = w;
    canvas->wood_h = h;
    canvas->wood_dark = dark;
    g_free(pixels);
}

void canvas_wood(struct canvas *canvas, struct rect rect, bool dark)
{
    const float numbers[] = {rect.x, rect.y, rect.w, rect.h, dark};
    if (!canvas_record(canvas, 'w', numbers, sizeof numbers, (struct colour){0, 0, 0, 255}, rect))
        return;
    SDL_Rect to = {(int)rect.x, (int)rect.y, (int)rect.w, (int)rect.h};
    if (to.w < 1 || to.h < 1)
        return;
    if (!canvas->wood || canvas->wood_w != to.w || canvas->wood_h != to.h || canvas->wood_dark != dark)
        scale_wood(canvas, to.w, to.h, dark);
    SDL_RenderCopy(canvas->renderer, canvas->wood, NULL, &to);
}

void canvas_stones_forget(struct canvas *canvas)
{
    for (int i = 0; i < CANVAS_STONES; i++) {
        if (canvas->stones[i].texture)
            SDL_DestroyTexture(canvas->stones[i].texture);
        canvas->stones[i] = (struct canvas_stone_entry){0};
    }
    if (canvas->wood)
        SDL_DestroyTexture(canvas->wood);
    canvas->wood = NULL;
}
