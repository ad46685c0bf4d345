/* The canvas: passes, the list of shapes, and the damage between two frames. */
#include "engine/viewer/draw/canvas/canvas_internal.h"

#include <math.h>

#include "engine/viewer/draw/canvas/canvas.h"
#include "games/rng.h"

struct colour colour_fade(struct colour colour, float alpha)
{
    colour.a = (uint8_t)((float)colour.a * CLAMP(alpha, 0, 1) + 0.5f);
    return colour;
}

static uint8_t mix_channel(uint8_t a, uint8_t b, float share)
{
    return (uint8_t)((float)a + ((float)b - (float)a) * share + 0.5f);
}

struct colour colour_mix(struct colour a, struct colour b, float share)
{
    share = CLAMP(share, 0, 1);
    return (struct colour){mix_channel(a.r, b.r, share), mix_channel(a.g, b.g, share), mix_channel(a.b, b.b, share),
                           mix_channel(a.a, b.a, share)};
}

struct rect rect_inset(struct rect rect, float by)
{
    return (struct rect){rect.x + by, rect.y + by, fmaxf(rect.w - 2 * by, 0), fmaxf(rect.h - 2 * by, 0)};
}

bool rect_has(struct rect rect, float x, float y)
{
    return x >= rect.x && y >= rect.y && x < rect.x + rect.w && y < rect.y + rect.h;
}

struct canvas *canvas_new(SDL_Renderer *renderer, const char *font, long index, GError **error)
{
    struct canvas *canvas = g_new0(struct canvas, 1);
    canvas->u = 1;
    canvas->list = g_array_new(FALSE, FALSE, sizeof(struct canvas_mark));
    canvas->before = g_array_new(FALSE, FALSE, sizeof(struct canvas_mark));
    if (canvas_text_open(canvas, font, index, error)) {
        canvas_set_renderer(canvas, renderer);
        return canvas;
    }
    canvas_free(canvas);
    return NULL;
}

void canvas_set_renderer(struct canvas *canvas, SDL_Renderer *renderer)
{
    canvas_text_forget(canvas);
    canvas_stones_forget(canvas);
    canvas->renderer = renderer;
    if (renderer)
        SDL_SetRenderDrawBlendMode(renderer, SDL_BLENDMODE_BLEND);
}

void canvas_free(struct canvas *canvas)
{
    if (!canvas)
        return;
    canvas_stones_forget(canvas);
    canvas_text_close(canvas);
    for (int i = 0; i < 2; i++)
        g_free(canvas->grain[i]);
    g_array_unref(canvas->list);
    g_array_unref(canvas->before);
    g_free(canvas);
}

static struct rect intersection(struct rect a, struct rect b)
{
    float x = fmaxf(a.x, b.x), y = fmaxf(a.y, b.y);
    float w = fminf(a.x + a.w, b.x + b.w) - x, h = fminf(a.y + a.h, b.y + b.h) - y;
    return (struct rect){x, y, fmaxf(w, 0), fmaxf(h, 0)};
}

struct rect rect_joined(struct rect a, struct rect b)
{
    float x = fminf(a.x, b.x), y = fminf(a.y, b.y);
    return (struct rect){x, y, fmaxf(a.x + a.w, b.x + b.w) - x, fmaxf(a.y + a.h, b.y + b.h) - y};
}

static void set_clip(struct canvas *canvas)
{
    struct rect r = canvas->has_clip ? intersection(canvas->region, canvas->clip) : canvas->region;
    SDL_Rect whole = {(int)floorf(r.x), (int)floorf(r.y), (int)ceilf(r.w), (int)ceilf(r.h)};
    SDL_RenderSetClipRect(canvas->renderer, &whole);
}

void canvas_begin(struct canvas *canvas, enum canvas_pass pass, float u, const struct rect *region)
{
    canvas->pass = pass;
    canvas->u = u;
    canvas->has_clip = false;
    if (pass == CANVAS_LIST)
        g_array_set_size(canvas->list, 0);
    if (region)
        canvas->region = *region;
    if (pass == CANVAS_DRAW)
        set_clip(canvas);
}

void canvas_clip(struct canvas *canvas, const struct rect *rect)
{
    canvas->has_clip = rect != NULL;
    if (rect)
        canvas->clip = *rect;
    if (canvas->pass == CANVAS_DRAW)
        set_clip(canvas);
}

float canvas_u(const struct canvas *canvas)
{
    return canvas->u;
}

bool canvas_record(struct canvas *canvas, char kind, const void *bytes, size_t size, struct colour colour,
                   struct rect bounds)
{
    const unsigned char *at = bytes;
    uint32_t rgba;
    if (canvas->pass == CANVAS_MEASURE || colour.a == 0)
        return false;
    if (canvas->has_clip)
        bounds = intersection(bounds, canvas->clip);
    if (canvas->pass == CANVAS_DRAW) {
        struct rect seen = intersection(bounds, canvas->region);
        return seen.w > 0 && seen.h > 0;
    }
    memcpy(&rgba, &colour, sizeof rgba);
    struct canvas_mark mark = {.hash = rng_mix((uint64_t)kind << 32 | rgba), .bounds = bounds};
    for (; size >= 8; size -= 8, at += 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        mark.hash = rng_mix(mark.hash ^ word);
    }
    for (; size; size--)
        mark.hash = rng_mix(mark.hash ^ *at++);
    mark.hash = rng_mix(mark.hash ^ (uint64_t)(int64_t)(bounds.w * 16) << 20 ^ (uint64_t)(int64_t)(bounds.h * 16));
    g_array_append_val(canvas->list, mark);
    return false;
}

/* ---- damage ---- */

static float area_of(struct rect rect)
{
    return rect.w * rect.h;
}

/* Adds a rectangle. If there are too many, joins the two whose union adds the least area. */
static int add_damage(struct rect *damage, int count, struct rect more)
{
    struct rect all[CANVAS_DAMAGE + 1];
    memcpy(all, damage, sizeof *damage * (size_t)count);
    all[count++] = more;
    for (;;) {
        float smallest = count > CANVAS_DAMAGE ? INFINITY : 0.01f; /* rectangles that overlap are joined anyway */
        int a = -1, b = -1;
        for (int i = 0; i < count; i++)
            for (int j = i + 1; j < count; j++) {
                float growth = area_of(rect_joined(all[i], all[j])) - area_of(all[i]) - area_of(all[j]);
                if (growth < smallest)
                    smallest = growth, a = i, b = j;
            }
        if (a < 0)
            break;
        all[a] = rect_joined(all[a], all[b]);
        all[b] = all[--count];
    }
    memcpy(damage, all, sizeof *damage * (size_t)count);
    return count;
}

static gint compare_marks(gconstpointer a, gconstpointer b)
{
    uint64_t x = ((const struct canvas_mark *)a)->hash, y = ((const struct canvas_mark *)b)->hash;
    return x < y ? -1 : x > y;
}

int canvas_damage(struct canvas *canvas, struct rect window, bool all, struct rect *damage)
{
    int count = 0;
    GArray *now = canvas->list, *before = canvas->before;
    g_array_sort(now, compare_marks);
    for (guint i = 0, j = 0; !all && (i < now->len || j < before->len);) {
        const struct canvas_mark *a = i < now->len ? &g_array_index(now, struct canvas_mark, i) : NULL;
        const struct canvas_mark *b = j < before->len ? &g_array_index(before, struct canvas_mark, j) : NULL;
        int order = !a ? 1 : !b ? -1 : compare_marks(a, b);
        if (order == 0) {
            i++, j++;
            continue;
        }
        const struct canvas_mark *only = order < 0 ? a : b;
        g_assert(only); /* one of the lists has marks left */
        struct rect bounds = intersection(only->bounds, window);
        order < 0 ? i++ : j++;
        if (bounds.w > 0 && bounds.h > 0)
            count = add_damage(damage, count, bounds);
    }
    if (all)
        damage[count++] = window;
    for (int i = 0; i < count; i++) {
        struct rect r = damage[i];
        float x = floorf(r.x) - 1, y = floorf(r.y) - 1;
        damage[i] = intersection((struct rect){x, y, ceilf(r.x + r.w) + 1 - x, ceilf(r.y + r.h) + 1 - y}, window);
    }
    canvas->list = before;
    canvas->before = now;
    return count;
}
