/* Shapes, anti-aliased: opaque up to half a pixel inside the edge, transparent from half a pixel outside. */
#include <math.h>

#include "engine/viewer/draw/canvas/canvas.h"
#include "engine/viewer/draw/canvas/canvas_internal.h"

enum { MAX_POINTS = 256 };

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
        bounds = rect_joined(bounds, (struct rect){points[i].x, points[i].y, 0, 0});
    return around(bounds, by);
}

static SDL_Vertex vertex(float x, float y, struct colour colour)
{
    return (SDL_Vertex){.position = {x, y}, .color = {colour.r, colour.g, colour.b, colour.a}};
}

static void fill(struct canvas *canvas, const SDL_FPoint *points, int count, struct colour colour)
{
    SDL_Vertex vertices[2 * MAX_POINTS];
    int indices[9 * MAX_POINTS], n = 0;
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
    if (!canvas_record(canvas, 'r', &rect, sizeof rect, colour, around(rect, 1)))
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
    SDL_FPoint points[MAX_POINTS];
    if (!canvas_record(canvas, 'R', numbers, sizeof numbers, colour, around(rect, 1)) || rect.w <= 0 || rect.h <= 0)
        return;
    if (radius < 1) {
        canvas_rect(canvas, rect, colour);
        return;
    }
    fill(canvas, points, round_points(rect, radius, points), colour);
}

/* A band of constant width along a line through the points, which may be closed. */
static void band(struct canvas *canvas, const SDL_FPoint *points, int count, float width, bool closed,
                 struct colour colour)
{
    SDL_Vertex vertices[4 * MAX_POINTS];
    int indices[18 * MAX_POINTS], n = 0;
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
    SDL_FPoint points[MAX_POINTS];
    if (canvas_record(canvas, 'f', numbers, sizeof numbers, colour, around(rect, width + 1)))
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
    SDL_FPoint points[MAX_POINTS];
    if (canvas_record(canvas, 'c', numbers, sizeof numbers, colour, around_point(x, y, radius + 1)) && radius > 0)
        fill(canvas, points, circle_points(x, y, radius, points), colour);
}

void canvas_ring(struct canvas *canvas, float x, float y, float radius, float width, struct colour colour)
{
    const float numbers[] = {x, y, radius, width};
    SDL_FPoint points[MAX_POINTS];
    if (canvas_record(canvas, 'o', numbers, sizeof numbers, colour, around_point(x, y, radius + width)) && radius > 0)
        band(canvas, points, circle_points(x, y, radius, points), width, true, colour);
}

void canvas_arc(struct canvas *canvas, float x, float y, float radius, float width, float a, float b,
                struct colour colour)
{
    const float numbers[] = {x, y, radius, width, a, b};
    SDL_FPoint points[MAX_POINTS];
    if (!canvas_record(canvas, 'a', numbers, sizeof numbers, colour, around_point(x, y, radius + width)) || b <= a)
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
    if (!canvas_record(canvas, 'l', points, sizeof *points * (size_t)count, colour, bounds) || count < 2)
        return;
    /* Split at sharp corners, where a band would become thin, and after MAX_POINTS points. */
    for (int i = 0; i + 1 < count;) {
        int n = 2;
        while (i + n < count && n < MAX_POINTS && !is_sharp(&points[i + n - 2]))
            n++;
        band(canvas, points + i, n, width, false, colour);
        i += n - 1;
    }
}

void canvas_polygon(struct canvas *canvas, const SDL_FPoint *points, int count, struct colour colour)
{
    struct rect bounds = around_points(points, count, 1);
    if (canvas_record(canvas, 'p', points, sizeof *points * (size_t)count, colour, bounds) && count >= 3 &&
        count <= MAX_POINTS)
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
