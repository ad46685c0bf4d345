/* What more hours would bring: Elo against the logarithm of hours. Checkpoints are weighted by the width of their intervals; if they
 * scatter more than these intervals suggest, the intervals of the line are widened accordingly. */
#include <math.h>

#include "engine/match/statistics/student.h"
#include "engine/report/internal.h"
#include "engine/report/report.h"

/* Below these a line says nothing about later hours. */
enum { LEAST_POINTS = 5, LEAST_SPAN = 4 /* hours of the last point over those of the first */ };

struct sums {
    double w, x, y, xx, xy;
};

/* Weighted least squares; variance: of the intercept at the mean of x, and of the slope. */
struct line {
    double mean_x, mean_y, slope, variance, slope_variance, quantile;
};

static double weight_of(const struct report_rating *r)
{
    double error = fmax((r->high - r->low) / 2 / 1.96, 1);
    return 1 / (error * error);
}

static bool is_usable(const struct report_rating *r)
{
    return r->hours > 0 && isfinite(r->elo) && isfinite(r->low) && isfinite(r->high);
}

static struct line fit(const GArray *ratings, int points)
{
    struct sums s = {0};
    struct line line = {0};
    double squares = 0;
    for (guint i = 0; i < ratings->len; i++) {
        const struct report_rating *r = &g_array_index(ratings, struct report_rating, i);
        if (!is_usable(r))
            continue;
        double w = weight_of(r), x = log2(r->hours);
        s = (struct sums){s.w + w, s.x + w * x, s.y + w * r->elo, s.xx + w * x * x, s.xy + w * x * r->elo};
    }
    double spread = s.xx - s.x * s.x / s.w;
    line.mean_x = s.x / s.w;
    line.mean_y = s.y / s.w;
    line.slope = (s.xy - s.x * s.y / s.w) / spread;
    for (guint i = 0; i < ratings->len; i++) {
        const struct report_rating *r = &g_array_index(ratings, struct report_rating, i);
        double e = is_usable(r) ? r->elo - line.mean_y - line.slope * (log2(r->hours) - line.mean_x) : 0;
        squares += is_usable(r) ? weight_of(r) * e * e : 0;
    }
    double excess = fmax(1, squares / (points - 2));
    line.variance = excess / s.w;
    line.slope_variance = excess / spread;
    line.quantile = student95(points - 2);
    return line;
}

static struct report_rating line_at(const struct line *line, double hours)
{
    double d = log2(hours) - line->mean_x, elo = line->mean_y + line->slope * d;
    double half = line->quantile * sqrt(line->variance + d * d * line->slope_variance);
    return (struct report_rating){.hours = hours, .elo = elo, .low = elo - half, .high = elo + half};
}

void report_fit(struct report *report)
{
    struct report_fit *f = &report->fit;
    for (guint i = 0; i < report->ratings->len; i++) {
        const struct report_rating *r = &g_array_index(report->ratings, struct report_rating, i);
        if (!is_usable(r))
            continue;
        f->first = f->points == 0 ? r->hours : fmin(f->first, r->hours);
        f->last = fmax(f->last, r->hours);
        f->points++;
    }
    f->known = f->points >= LEAST_POINTS && f->last >= LEAST_SPAN * f->first;
    if (!f->known)
        return;
    struct line line = fit(report->ratings, f->points);
    double half = line.quantile * sqrt(line.slope_variance), hours = fmax(f->last, report->total_hours);
    f->slope = line.slope;
    f->slope_low = line.slope - half;
    f->slope_high = line.slope + half;
    f->ahead[0] = line_at(&line, 2 * hours);
    f->ahead[1] = line_at(&line, 4 * hours);
}
