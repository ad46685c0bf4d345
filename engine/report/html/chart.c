/* Curves as SVG. */
#include <math.h>

#include "engine/page/page.h"
#include "engine/report/html/html.h"
#include "engine/report/report.h"

enum { WIDTH = 400, HEIGHT = 220, LEFT = 46, RIGHT = 390, TOP = 10, BOTTOM = 196 };

/* No figure of a run is as large; a damaged file may hold larger ones. */
#define MOST 1e15

GArray *html_points(void)
{
    return g_array_new(FALSE, FALSE, sizeof(struct html_point));
}

void html_add_point(GArray *points, double x, double y, double low, double high)
{
    const struct html_point point = {x, y, low, high};
    if (fabs(x) < MOST && fabs(y) < MOST)
        g_array_append_val(points, point);
}

static const struct html_point *point_at(const struct html_curve *curve, guint i)
{
    return &g_array_index(curve->points, struct html_point, i);
}

static bool has_interval(const struct html_point *p)
{
    return fabs(p->low) < MOST && fabs(p->high) < MOST;
}

struct frame {
    double x_max, low, high;
    bool percent;
};

static double at_x(const struct frame *frame, double x)
{
    return LEFT + x / frame->x_max * (RIGHT - LEFT);
}

static double at_y(const struct frame *frame, double y)
{
    return BOTTOM - (y - frame->low) / (frame->high - frame->low) * (BOTTOM - TOP);
}

static bool find_frame(const struct html_chart *chart, struct frame *frame)
{
    *frame = (struct frame){chart->x_max, INFINITY, -INFINITY, chart->percent};
    for (int k = 0; k < chart->count; k++)
        for (guint i = 0; i < chart->curves[k].points->len; i++) {
            const struct html_point *p = point_at(&chart->curves[k], i);
            frame->low = fmin(frame->low, has_interval(p) ? p->low : p->y);
            frame->high = fmax(frame->high, has_interval(p) ? p->high : p->y);
            frame->x_max = fmax(frame->x_max, p->x);
        }
    if (frame->low > frame->high)
        return false;
    double margin = fmax((frame->high - frame->low) * 0.06, 1e-6 + fabs(frame->high) * 0.02);
    /* A figure that cannot be negative has no axis below 0. */
    frame->low = frame->low >= 0 ? fmax(0, frame->low - margin) : frame->low - margin;
    frame->high += margin;
    if (chart->percent) {
        frame->low = 0;
        frame->high = 1;
    }
    if (!(frame->x_max > 0))
        frame->x_max = 1;
    return true;
}

static void print_grid(FILE *out, const struct frame *frame)
{
    double step = page_grid_step(frame->high - frame->low), scale = frame->percent ? 100 : 1;
    for (int i = (int)ceil(frame->low / step), last = (int)floor(frame->high / step + 1e-6); i <= last; i++) {
        double y = at_y(frame, i * step);
        fprintf(out,
                "<path class=\"grid\" d=\"M%d %.1fH%d\"/><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.6g</text>",
                LEFT, y, RIGHT, LEFT - 6, y + 4, scale * i * step);
    }
    step = page_grid_step(frame->x_max);
    for (int i = 0, last = (int)floor(frame->x_max / step + 1e-6); i <= last; i++)
        fprintf(out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.6g</text>", at_x(frame, i * step), BOTTOM + 18,
                i * step);
    fprintf(out, "<path class=\"axis\" d=\"M%d %dH%d\"/>\n", LEFT, BOTTOM, RIGHT);
}

static void print_curve(FILE *out, const struct frame *frame, const struct html_curve *curve, int colour)
{
    fprintf(out, "<g class=\"c%d\">", colour);
    for (guint i = 0; i < curve->points->len; i++) {
        const struct html_point *p = point_at(curve, i);
        if (has_interval(p))
            fprintf(out, "<path class=\"bar\" d=\"M%.1f %.1fV%.1f\"/>", at_x(frame, p->x), at_y(frame, p->low),
                    at_y(frame, p->high));
    }
    if (curve->points->len > 1) {
        fputs("<path class=\"line\" d=\"", out);
        for (guint i = 0; i < curve->points->len; i++) {
            const struct html_point *p = point_at(curve, i);
            fprintf(out, "%c%.1f %.1f", i ? 'L' : 'M', at_x(frame, p->x), at_y(frame, p->y));
        }
        fputs("\"/>", out);
    }
    for (guint i = 0; i < curve->points->len && (curve->dots || curve->points->len < 3); i++) {
        const struct html_point *p = point_at(curve, i);
        fprintf(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.2\"><title>%.3g: %.4g</title></circle>", at_x(frame, p->x),
                at_y(frame, p->y), p->x, (frame->percent ? 100 : 1) * p->y);
    }
    fputs("</g>\n", out);
}

static void print_legend(FILE *out, const struct html_chart *chart)
{
    if (chart->count < 2)
        return;
    fputs("<div class=\"legend\">", out);
    for (int k = 0; k < chart->count; k++) {
        if (chart->curves[k].points->len == 0)
            continue;
        fprintf(out, "<span class=\"key c%d\">", k);
        html_pair(out, chart->curves[k].en, chart->curves[k].zh);
        fputs("</span> ", out);
    }
    fputs("</div>", out);
}

static void free_points(struct html_chart *chart)
{
    for (int k = 0; k < chart->count; k++)
        g_array_unref(chart->curves[k].points);
    chart->count = 0;
}

bool html_print_chart(FILE *out, struct html_chart *chart)
{
    struct frame frame;
    if (!find_frame(chart, &frame)) {
        free_points(chart);
        return false;
    }
    fputs("<figure><figcaption>", out);
    html_pair(out, chart->en, chart->zh);
    fputs("</figcaption>", out);
    print_legend(out, chart);
    fprintf(out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", WIDTH, HEIGHT);
    page_print_escaped(out, chart->en);
    fputs("\">", out);
    print_grid(out, &frame);
    if (chart->diagonal)
        fprintf(out, "<path class=\"axis dashed\" d=\"M%.1f %.1fL%.1f %.1f\"/>", at_x(&frame, 0), at_y(&frame, 0),
                at_x(&frame, 100), at_y(&frame, 1));
    for (int k = 0; k < chart->count; k++)
        print_curve(out, &frame, &chart->curves[k], k);
    fputs("</svg><div class=\"x\">", out);
    html_pair(out, chart->x_en, chart->x_zh);
    fputs("</div>", out);
    if (chart->note_en) {
        fputs("<p class=\"w\">", out);
        html_pair(out, chart->note_en, chart->note_zh);
        fputs("</p>", out);
    }
    fputs("</figure>\n", out);
    free_points(chart);
    return true;
}

/* ---- charts over the time of a run ---- */

bool html_in_minutes(const struct report *report)
{
    return report->total_hours < 0.75;
}

struct html_unit html_unit_of(const struct report *report)
{
    double hours = report->total_hours;
    if (html_in_minutes(report))
        return (struct html_unit){60, 60 * hours, "minutes of training", "训练时间（分钟）"};
    return (struct html_unit){1, hours, "hours of training", "训练时间（小时）"};
}

struct html_chart html_chart_of(const struct html_unit *unit, const char *en, const char *zh)
{
    return (struct html_chart){.en = en, .zh = zh, .x_en = unit->en, .x_zh = unit->zh, .x_max = unit->max};
}

GArray *html_add_curve(struct html_chart *chart, const char *en, const char *zh)
{
    GArray *points = html_points();
    chart->curves[chart->count++] = (struct html_curve){en, zh, points, false};
    return points;
}
