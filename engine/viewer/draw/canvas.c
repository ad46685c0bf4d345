#include "engine/viewer/draw/canvas_internal.h"

#include <math.h>

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

static struct rect joined(struct rect a, struct rect b)
{
    float x = fminf(a.x, b.x), y = fminf(a.y, b.y);
    return (struct rect){x, y, fmaxf(a.x + a.w, b.x + b.w) - x, fmaxf(a.y + a.h, b.y + b.h) - y};
}

static void set_clip(struct canvas *canvas)
{
    struct rect r = canvas->has_clip ? intersection(canvas->cut, canvas->clip) : canvas->cut;
    SDL_Rect whole = {(int)floorf(r.x), (int)floorf(r.y), (int)ceilf(r.w), (int)ceilf(r.h)};
    SDL_RenderSetClipRect(canvas->renderer, &whole);
}

void canvas_begin(struct canvas *canvas, enum canvas_pass pass, float u, const struct rect *cut)
{
    canvas->pass = pass;
    canvas->u = u;
    canvas->has_clip = false;
    if (pass == CANVAS_LIST)
        g_array_set_size(canvas->list, 0);
    if (cut)
        canvas->cut = *cut;
    if (pass == CANVAS_DRAW)
        set_clip(canvas);
}

float canvas_u(const struct canvas *canvas)
{
    return canvas->u;
}

bool canvas_note(struct canvas *canvas, char kind, const void *bytes, size_t size, struct colour colour,
                 struct rect bounds)
{
    const unsigned char *at = bytes;
    uint32_t rgba;
    if (canvas->pass == CANVAS_MEASURE || colour.a == 0)
        return false;
    if (canvas->has_clip)
        bounds = intersection(bounds, canvas->clip);
    if (canvas->pass == CANVAS_DRAW) {
        struct rect seen = intersection(bounds, canvas->cut);
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

/* Takes a rectangle in; when there are too many, the two that grow least when joined become one. */
static int add_damage(struct rect *damage, int count, struct rect more)
{
    struct rect all[CANVAS_DAMAGE + 1];
    memcpy(all, damage, sizeof *damage * (size_t)count);
    all[count++] = more;
    for (;;) {
        float least = count > CANVAS_DAMAGE ? INFINITY : 0.01f; /* those that overlap, or nearly, are joined anyway */
        int a = -1, b = -1;
        for (int i = 0; i < count; i++)
            for (int j = i + 1; j < count; j++) {
                float growth = area_of(joined(all[i], all[j])) - area_of(all[i]) - area_of(all[j]);
                if (growth < least)
                    least = growth, a = i, b = j;
            }
        if (a < 0)
            break;
        all[a] = joined(all[a], all[b]);
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
        struct rect bounds = intersection(order < 0 ? a->bounds : b->bounds, window);
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

/* ---- geometry: shapes are filled to half a pixel inside their edge and fade out half a pixel outside ---- */

enum { MOST_POINTS = 256 };

static struct rect around(struct rect rect, float by)
{
    return (struct rect){rect.x - by, rect.y - by, rect.w + 2 * by, rect.h + 2 * by};
}

static struct rect around_point(float x, float y, float by)
{
    return (struct rect){x - by, y - by, 2 * by, 2 * by};
}

static struct rect around_points(const SDL_FPoint *points, int count, float by)
{
    struct rect bounds = {points[0].x, points[0].y, 0, 0};
    for (int i = 1; i < count; i++)
        bounds = joined(bounds, (struct rect){points[i].x, points[i].y, 0, 0});
    return around(bounds, by);
}

static SDL_Vertex vertex(float x, float y, struct colour colour)
{
    return (SDL_Vertex){.position = {x, y}, .color = {colour.r, colour.g, colour.b, colour.a}};
}

static void fill(struct canvas *canvas, const SDL_FPoint *points, int count, struct colour colour)
{
    SDL_Vertex vertices[2 * MOST_POINTS];
    int indices[9 * MOST_POINTS], n = 0;
    struct colour clear = colour_fade(colour, 0);
    for (int i = 0; i < count; i++) {
        SDL_FPoint before = points[(i + count - 1) % count], at = points[i], after = points[(i + 1) % count];
        float ax = at.x - before.x, ay = at.y - before.y, bx = after.x - at.x, by = after.y - at.y;
        float la = fmaxf(hypotf(ax, ay), 1e-6f), lb = fmaxf(hypotf(bx, by), 1e-6f);
        float nx = ay / la + by / lb, ny = -ax / la - bx / lb; /* outward, for clockwise points */
        float square = fmaxf((nx * nx + ny * ny) / 2, 0.5f);
        nx *= 0.5f / square, ny *= 0.5f / square;
        vertices[i] = vertex(at.x - nx, at.y - ny, colour);
        vertices[count + i] = vertex(at.x + nx, at.y + ny, clear);
        int next = (i + 1) % count;
        if (i >= 2)
            indices[n++] = 0, indices[n++] = i - 1, indices[n++] = i;
        indices[n++] = i, indices[n++] = next, indices[n++] = count + next;
        indices[n++] = i, indices[n++] = count + next, indices[n++] = count + i;
    }
    SDL_RenderGeometry(canvas->renderer, NULL, vertices, 2 * count, indices, n);
}

void canvas_rect(struct canvas *canvas, struct rect rect, struct colour colour)
{
    if (!canvas_note(canvas, 'r', &rect, sizeof rect, colour, around(rect, 1)))
        return;
    SDL_SetRenderDrawColor(canvas->renderer, colour.r, colour.g, colour.b, colour.a);
    SDL_Rect whole = {(int)roundf(rect.x), (int)roundf(rect.y), 0, 0};
    whole.w = (int)roundf(rect.x + rect.w) - whole.x;
    whole.h = (int)roundf(rect.y + rect.h) - whole.y;
    SDL_RenderFillRect(canvas->renderer, &whole);
}

static int segments_of(float radius)
{
    return CLAMP((int)(4 + 2.2f * sqrtf(radius) * 1.6f), 8, 96);
}

static int round_points(struct rect rect, float radius, SDL_FPoint *points)
{
    radius = fminf(radius, fminf(rect.w, rect.h) / 2);
    int steps = radius < 1 ? 0 : CLAMP(segments_of(radius) / 4, 2, 24), count = 0;
    for (int corner = 0; corner < 4; corner++) {
        float cx = corner == 0 || corner == 3 ? rect.x + radius : rect.x + rect.w - radius;
        float cy = corner < 2 ? rect.y + radius : rect.y + rect.h - radius;
        for (int i = 0; i <= steps; i++) {
            float angle = (float)G_PI * (1.0f + 0.5f * (float)corner + (steps ? 0.5f * (float)i / (float)steps : 0));
            points[count++] = (SDL_FPoint){cx + radius * cosf(angle), cy + radius * sinf(angle)};
        }
    }
    return count;
}

void canvas_round(struct canvas *canvas, struct rect rect, float radius, struct colour colour)
{
    const float numbers[] = {rect.x, rect.y, rect.w, rect.h, radius};
    SDL_FPoint points[MOST_POINTS];
    if (!canvas_note(canvas, 'R', numbers, sizeof numbers, colour, around(rect, 1)) || rect.w <= 0 || rect.h <= 0)
        return;
    if (radius < 1) {
        canvas_rect(canvas, rect, colour);
        return;
    }
    fill(canvas, points, round_points(rect, radius, points), colour);
}

/* A closed band along points, `width` wide. */
static void band(struct canvas *canvas, const SDL_FPoint *points, int count, float width, bool closed,
                 struct colour colour)
{
    SDL_Vertex vertices[4 * MOST_POINTS];
    int indices[18 * MOST_POINTS], n = 0;
    struct colour clear = colour_fade(colour, 0);
    if (width < 1) {
        colour = colour_fade(colour, width);
        width = 1;
    }
    for (int i = 0; i < count; i++) {
        SDL_FPoint before = points[closed ? (i + count - 1) % count : MAX(i - 1, 0)], at = points[i];
        SDL_FPoint after = points[closed ? (i + 1) % count : MIN(i + 1, count - 1)];
        float ax = at.x - before.x, ay = at.y - before.y, bx = after.x - at.x, by = after.y - at.y;
        float la = hypotf(ax, ay), lb = hypotf(bx, by);
        float nx = (la > 0 ? ay / la : 0) + (lb > 0 ? by / lb : 0),
              ny = (la > 0 ? -ax / la : 0) + (lb > 0 ? -bx / lb : 0);
        if (la > 0 && lb > 0)
            nx /= 2, ny /= 2;
        float square = fmaxf(nx * nx + ny * ny, 0.3f);
        nx /= square, ny /= square;
        float in = width / 2 - 0.5f, out = width / 2 + 0.5f;
        vertices[4 * i] = vertex(at.x - nx * out, at.y - ny * out, clear);
        vertices[4 * i + 1] = vertex(at.x - nx * in, at.y - ny * in, colour);
        vertices[4 * i + 2] = vertex(at.x + nx * in, at.y + ny * in, colour);
        vertices[4 * i + 3] = vertex(at.x + nx * out, at.y + ny * out, clear);
        if (i + 1 == count && !closed)
            continue;
        int a = 4 * i, b = 4 * ((i + 1) % count);
        for (int k = 0; k < 3; k++) {
            indices[n++] = a + k, indices[n++] = a + k + 1, indices[n++] = b + k + 1;
            indices[n++] = a + k, indices[n++] = b + k + 1, indices[n++] = b + k;
        }
    }
    SDL_RenderGeometry(canvas->renderer, NULL, vertices, 4 * count, indices, n);
}

void canvas_frame(struct canvas *canvas, struct rect rect, float radius, float width, struct colour colour)
{
    const float numbers[] = {rect.x, rect.y, rect.w, rect.h, radius, width};
    SDL_FPoint points[MOST_POINTS];
    if (canvas_note(canvas, 'f', numbers, sizeof numbers, colour, around(rect, width + 1)))
        band(canvas, points, round_points(rect_inset(rect, width / 2), radius, points), width, true, colour);
}

static int circle_points(float x, float y, float radius, SDL_FPoint *points)
{
    int count = segments_of(radius);
    for (int i = 0; i < count; i++) {
        float angle = 2 * (float)G_PI * (float)i / (float)count;
        points[i] = (SDL_FPoint){x + radius * cosf(angle), y + radius * sinf(angle)};
    }
    return count;
}

void canvas_circle(struct canvas *canvas, float x, float y, float radius, struct colour colour)
{
    const float numbers[] = {x, y, radius};
    SDL_FPoint points[MOST_POINTS];
    if (canvas_note(canvas, 'c', numbers, sizeof numbers, colour, around_point(x, y, radius + 1)) && radius > 0)
        fill(canvas, points, circle_points(x, y, radius, points), colour);
}

void canvas_ring(struct canvas *canvas, float x, float y, float radius, float width, struct colour colour)
{
    const float numbers[] = {x, y, radius, width};
    SDL_FPoint points[MOST_POINTS];
    if (canvas_note(canvas, 'o', numbers, sizeof numbers, colour, around_point(x, y, radius + width)) && radius > 0)
        band(canvas, points, circle_points(x, y, radius, points), width, true, colour);
}

void canvas_arc(struct canvas *canvas, float x, float y, float radius, float width, float a, float b,
                struct colour colour)
{
    const float numbers[] = {x, y, radius, width, a, b};
    SDL_FPoint points[MOST_POINTS];
    if (!canvas_note(canvas, 'a', numbers, sizeof numbers, colour, around_point(x, y, radius + width)) || b <= a)
        return;
    int count = MAX((int)((float)segments_of(radius) * (b - a) / 6.3f), 2) + 1;
    for (int i = 0; i < count; i++) {
        float angle = a + (b - a) * (float)i / (float)(count - 1);
        points[i] = (SDL_FPoint){x + radius * sinf(angle), y - radius * cosf(angle)};
    }
    band(canvas, points, count, width, false, colour);
}

void canvas_line(struct canvas *canvas, float x0, float y0, float x1, float y1, float width, struct colour colour)
{
    const SDL_FPoint points[] = {{x0, y0}, {x1, y1}};
    canvas_polyline(canvas, points, 2, width, colour);
}

/* Whether the line through three points turns by more than about 60 degrees at the middle one. */
static bool is_sharp(const SDL_FPoint *p)
{
    float ax = p[1].x - p[0].x, ay = p[1].y - p[0].y, bx = p[2].x - p[1].x, by = p[2].y - p[1].y;
    return ax * bx + ay * by < 0.5f * hypotf(ax, ay) * hypotf(bx, by);
}

void canvas_polyline(struct canvas *canvas, const SDL_FPoint *points, int count, float width, struct colour colour)
{
    struct rect bounds = around_points(points, count, width + 1);
    if (!canvas_note(canvas, 'l', points, sizeof *points * (size_t)count, colour, bounds) || count < 2)
        return;
    /* In pieces: at sharp corners, where one band would grow thin, and where there are many points. */
    for (int i = 0; i + 1 < count;) {
        int n = 2;
        while (i + n < count && n < MOST_POINTS && !is_sharp(&points[i + n - 2]))
            n++;
        band(canvas, points + i, n, width, false, colour);
        i += n - 1;
    }
}

void canvas_polygon(struct canvas *canvas, const SDL_FPoint *points, int count, struct colour colour)
{
    struct rect bounds = around_points(points, count, 1);
    if (canvas_note(canvas, 'p', points, sizeof *points * (size_t)count, colour, bounds) && count >= 3 &&
        count <= MOST_POINTS)
        fill(canvas, points, count, colour);
}

void canvas_shadow(struct canvas *canvas, struct rect rect, float blur, float alpha)
{
    for (int i = 4; i >= 1; i--) {
        float by = blur * (float)i / 4;
        canvas_round(canvas, rect_inset((struct rect){rect.x, rect.y + blur / 4, rect.w, rect.h}, -by), by + blur / 2,
                     (struct colour){0, 0, 0, (uint8_t)(255 * alpha / 4)});
    }
}

void canvas_clip(struct canvas *canvas, const struct rect *rect)
{
    canvas->has_clip = rect != NULL;
    if (rect)
        canvas->clip = *rect;
    if (canvas->pass == CANVAS_DRAW)
        set_clip(canvas);
}
