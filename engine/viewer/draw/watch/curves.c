/* The charts of a run: losses, game lengths, Elo of its checkpoints. */
#include "engine/viewer/draw/watch/curves.h"

#include <math.h>

#include "engine/ladder/ladder.h"
#include "engine/match/statistics/rating.h"
#include "engine/store/store.h"
#include "engine/viewer/draw/canvas/canvas.h"
#include "engine/viewer/draw/shell.h"
#include "engine/viewer/draw/widgets/ui.h"
#include "engine/viewer/text.h"

static float metric_value(const struct store_metric *metric, int which, int kind)
{
    if (which == 0)
        return (float)(kind ? metric->value_loss : metric->policy_loss);
    return (float)metric->plies_per_game;
}

static void draw_axis_text(struct shell *shell, struct rect plot, float low, float high)
{
    const struct theme *theme = shell->ui.theme;
    float u = canvas_u(shell->canvas);
    for (int i = 0; i < 2; i++) {
        char text[32];
        g_snprintf(text, sizeof text, fabsf(high) < 10 ? "%.2f" : "%.0f", (double)(i ? low : high));
        float y = i ? plot.y + plot.h - 7 * u : plot.y - 13 * u,
              width = canvas_text_width(shell->canvas, TEXT_SMALL, text);
        struct rect behind = {plot.x + plot.w - width - 4 * u, y - 8 * u, width + 6 * u, 16 * u};
        canvas_round(shell->canvas, behind, 3 * u, colour_fade(theme->card, 0.85f));
        canvas_text(shell->canvas, plot.x + plot.w, y, TEXT_SMALL, TEXT_RIGHT, 0, theme->muted, text);
    }
}

/* Draws a curve, thinned to at most MAX_CURVE points. at: horizontal positions, 0..1. */
static void draw_points(struct shell *shell, struct rect plot, const float *values, const float *at, int count,
                        float low, float high, struct colour colour)
{
    enum { MAX_CURVE = 512 };
    SDL_FPoint points[MAX_CURVE];
    int n = 0, every = count / MAX_CURVE + 1;
    float span = fmaxf(high - low, 1e-6f), u = canvas_u(shell->canvas);
    for (int i = 0; i < count && n < MAX_CURVE; i += every)
        points[n++] = (SDL_FPoint){plot.x + plot.w * at[i], plot.y + plot.h * (1 - (values[i] - low) / span)};
    if (n > 1)
        canvas_polyline(shell->canvas, points, n, 1.7f * u, colour);
    else if (n == 1)
        canvas_circle(shell->canvas, points[0].x, points[0].y, 2.5f * u, colour);
}

static struct rect draw_chart(struct shell *shell, struct rect area, const char *title)
{
    const struct theme *theme = shell->ui.theme;
    float u = canvas_u(shell->canvas);
    canvas_round(shell->canvas, area, 7 * u, theme->card);
    canvas_frame(shell->canvas, area, 7 * u, u, theme->border);
    canvas_text(shell->canvas, area.x + 10 * u, area.y + 13 * u, TEXT_SMALL, TEXT_LEFT, area.w - 20 * u, theme->muted,
                title);
    return (struct rect){area.x + 10 * u, area.y + 26 * u, area.w - 20 * u, fmaxf(area.h - 34 * u, 4)};
}

static void draw_metrics(struct shell *shell, const GArray *metrics, struct rect area, int which)
{
    const struct theme *theme = shell->ui.theme;
    const char *const titles[] = {_("Loss: policy (dark), value (amber)"), _("Game length in moves")};
    struct rect plot = draw_chart(shell, area, titles[which]);
    int rows = (int)metrics->len, kinds = which == 0 ? 2 : 1;
    float *values = g_new(float, 2 * (gsize)MAX(rows, 1)), *at = g_new(float, MAX(rows, 1)), low = INFINITY,
          high = -INFINITY;
    int count = 0;
    for (int i = 0; i < rows; i++) {
        const struct store_metric *metric = &g_array_index(metrics, struct store_metric, i);
        const struct store_metric *last = &g_array_index(metrics, struct store_metric, rows - 1);
        if (metric->loss <= 0 && which == 0)
            continue;
        at[count] = last->games > 0 ? (float)((double)metric->games / (double)last->games) : 0;
        for (int k = 0; k < kinds; k++) {
            values[k * rows + count] = metric_value(metric, which, k);
            low = fminf(low, values[k * rows + count]);
            high = fmaxf(high, values[k * rows + count]);
        }
        count++;
    }
    if (count) {
        low = which == 0 ? fminf(low, high * 0.5f) : low;
        for (int k = 0; k < kinds; k++)
            draw_points(shell, plot, values + k * rows, at, count, low, high, k ? theme->warn : theme->text);
        draw_axis_text(shell, plot, low, high);
    }
    g_free(values);
    g_free(at);
}

void curves_draw_losses(struct shell *shell, const GArray *metrics, struct rect area)
{
    draw_metrics(shell, metrics, area, 0);
}

void curves_draw_lengths(struct shell *shell, const GArray *metrics, struct rect area)
{
    draw_metrics(shell, metrics, area, 1);
}

/* The height of an Elo in the plot. */
static float height_of(struct rect plot, double elo, float low, float high)
{
    return plot.y + plot.h * (1 - ((float)elo - low) / (high - low));
}

/* named: whether there is room for its name. */
static void draw_rung(struct shell *shell, struct rect plot, const struct ladder_rating *rung, bool named, float low, float high)
{
    const struct theme *theme = shell->ui.theme;
    const float u = canvas_u(shell->canvas), y = height_of(plot, rung->rating.elo, low, high);
    canvas_line(shell->canvas, plot.x, y, plot.x + plot.w, y, u, colour_fade(theme->muted, 0.5f));
    if (named)
        canvas_text(shell->canvas, plot.x, y - 7 * u, TEXT_SMALL, TEXT_LEFT, plot.w * 0.6f, theme->muted, rung->name);
}

/* Whether the line of an earlier rung is so close that the names would overlap. */
static bool is_close_to_earlier(struct shell *shell, struct rect plot, const GArray *ratings, guint rung, float low, float high)
{
    const struct ladder_rating *rating = (const struct ladder_rating *)(const void *)ratings->data;
    bool close = false;
    for (guint i = 0; i < rung; i++)
        close |= rating[i].name[0] && rating[i].rating.known &&
                 fabsf(height_of(plot, rating[i].rating.elo, low, high) - height_of(plot, rating[rung].rating.elo, low, high)) <
                     13 * canvas_u(shell->canvas);
    return close;
}

static void draw_interval(struct shell *shell, struct rect plot, float at, const struct rating *rating, float low, float high)
{
    const float x = plot.x + plot.w * at, top = height_of(plot, rating->high, low, high),
                bottom = height_of(plot, rating->low, low, high);
    canvas_line(shell->canvas, x, fmaxf(top, plot.y), x, fminf(bottom, plot.y + plot.h), canvas_u(shell->canvas),
                colour_fade(shell->ui.theme->accent, 0.5f));
}

void curves_draw_elo(struct shell *shell, const GArray *ratings, int games, struct rect area)
{
    const struct theme *theme = shell->ui.theme;
    char title[120];
    g_snprintf(title, sizeof title, _("Elo · from %d games of the run's checkpoints"), games);
    struct rect plot = draw_chart(shell, area, title);
    float *values = g_new(float, ratings->len + 1), *at = g_new(float, ratings->len + 1), low = 0, high = 50;
    int known = 0;
    const struct ladder_rating *rating = (const struct ladder_rating *)(const void *)ratings->data;
    const uint32_t last = ratings->len ? rating[ratings->len - 1].generation : 0;
    for (guint i = 0; i < ratings->len; i++) {
        if (!rating[i].rating.known)
            continue;
        low = fminf(low, (float)rating[i].rating.elo);
        high = fmaxf(high, (float)rating[i].rating.elo);
        if (rating[i].name[0])
            continue;
        values[known] = (float)rating[i].rating.elo;
        at[known++] = last ? (float)rating[i].generation / (float)last : 0;
    }
    for (guint i = 0; i < ratings->len && known; i++) {
        if (!rating[i].rating.known)
            continue;
        if (rating[i].name[0])
            draw_rung(shell, plot, &rating[i], !is_close_to_earlier(shell, plot, ratings, i, low, high), low, high);
        else
            draw_interval(shell, plot, last ? (float)rating[i].generation / (float)last : 0, &rating[i].rating, low, high);
    }
    draw_points(shell, plot, values, at, known, low, high, theme->accent);
    if (known)
        draw_axis_text(shell, plot, low, high);
    else
        canvas_text(shell->canvas, plot.x + plot.w / 2, plot.y + plot.h / 2, TEXT_SMALL, TEXT_CENTRE, plot.w,
                    theme->muted, _("No games have measured it yet"));
    ui_tip(&shell->ui, area,
           _("Training plays its checkpoints against fixed players and earlier checkpoints; bars: 95 % confidence interval"));
    g_free(values);
    g_free(at);
}
