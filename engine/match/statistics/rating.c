#include "engine/match/statistics/rating_internal.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#include "engine/match/statistics/rating.h"
#include "engine/match/statistics/student.h"

static const double z95 = 1.959963984540054; /* two-sided quantile of the normal distribution */

/* ---- maximum likelihood ---- */

struct expectation {
    double score, score_variance, draw, covariance; /* of one game: a's points and draws */
};

static struct expectation expect(const struct rating_fit *f, const struct rating_cell *c)
{
    double d = f->rating[c->a] - f->rating[c->b];
    if (!f->davidson) {
        double p = 1 / (1 + exp(-d));
        return (struct expectation){p, p * (1 - p), 0, 0};
    }
    double win = exp(d / 2), loss = exp(-d / 2), draw = exp(f->draw), sum = win + loss + draw;
    double s = (win + draw / 2) / sum;
    return (struct expectation){s, (win + draw / 4) / sum - s * s, draw / sum, draw / sum * (0.5 - s)};
}

/* Adds w * (ea - eb)(ea - eb)' to a matrix over the parameters, and the terms of the draw parameter. */
static void add_outer(const struct rating_fit *f, const struct rating_cell *c, double w, double cross, double draw,
                      double *to)
{
    int a = f->index[c->a], b = f->index[c->b], d = f->d, k = d - 1;
    if (a >= 0)
        to[a * d + a] += w;
    if (b >= 0)
        to[b * d + b] += w;
    if (a >= 0 && b >= 0) {
        to[a * d + b] -= w;
        to[b * d + a] -= w;
    }
    if (!f->davidson)
        return;
    to[k * d + k] += draw;
    if (a >= 0) {
        to[a * d + k] += cross;
        to[k * d + a] += cross;
    }
    if (b >= 0) {
        to[b * d + k] -= cross;
        to[k * d + b] -= cross;
    }
}

/* Inverts the n x n matrix a in place (Gauss-Jordan). The matrices here are positive definite, so no pivot is needed. */
static void invert(int n, double *a)
{
    double *b = g_new0(double, (size_t)(n * n));
    for (int i = 0; i < n; i++)
        b[i * n + i] = 1;
    for (int c = 0; c < n; c++) {
        double scale = 1 / a[c * n + c];
        for (int k = 0; k < n; k++)
            a[c * n + k] *= scale, b[c * n + k] *= scale;
        for (int r = 0; r < n; r++) {
            double m = r == c ? 0 : a[r * n + c];
            for (int k = 0; k < n; k++)
                a[r * n + k] -= m * a[c * n + k], b[r * n + k] -= m * b[c * n + k];
        }
    }
    memcpy(a, b, (size_t)(n * n) * sizeof *a);
    g_free(b);
}

/* Gradient and curvature (negated Hessian) of the log likelihood, and the curvature's inverse. Without an anchor the
 * curvature is singular along the all-ones direction; adding a matrix of ones fixes that without affecting rating
 * differences. */
static void differentiate(struct rating_fit *f)
{
    int d = f->d;
    memset(f->curvature, 0, (size_t)(d * d) * sizeof *f->curvature);
    memset(f->gradient, 0, (size_t)d * sizeof *f->gradient);
    for (int i = 0; i < f->cell_count; i++) {
        const struct rating_cell *c = &f->cells[i];
        if (!f->in[c->a])
            continue;
        struct expectation e = expect(f, c);
        double surplus = c->points - c->games * e.score;
        if (f->index[c->a] >= 0)
            f->gradient[f->index[c->a]] += surplus;
        if (f->index[c->b] >= 0)
            f->gradient[f->index[c->b]] -= surplus;
        if (f->davidson)
            f->gradient[d - 1] += c->draws - c->games * e.draw;
        add_outer(f, c, c->games * e.score_variance, c->games * e.covariance, c->games * e.draw * (1 - e.draw),
                  f->curvature);
    }
    memcpy(f->inverse, f->curvature, (size_t)(d * d) * sizeof *f->inverse);
    for (int i = 0; i < f->free && !f->fixed; i++)
        for (int j = 0; j < f->free; j++)
            f->inverse[i * d + j] += 1;
    invert(d, f->inverse);
}

/* Newton's method; steps are clipped to one unit (174 Elo) to prevent divergence. */
static void maximise(struct rating_fit *f)
{
    for (int round = 0; round < 200; round++) {
        double largest = 0;
        differentiate(f);
        for (int p = 0; p <= f->n; p++) {
            int i = p < f->n ? f->index[p] : f->davidson ? f->d - 1 : -1;
            double step = 0, *to = p < f->n ? &f->rating[p] : &f->draw;
            for (int j = 0; i >= 0 && j < f->d; j++)
                step += f->inverse[i * f->d + j] * f->gradient[j];
            *to += CLAMP(step, -1, 1);
            largest = MAX(largest, fabs(step));
        }
        if (largest < 1e-10)
            break; /* the curvature and its inverse are those of the maximum, too */
    }
}

/* ---- variance ---- */

/* The games of one pair: residuals (observed minus expected) of a's score and of the draws. */
struct cluster {
    int cell;
    double score, draws;
    int games;
};

/* Computes the residuals of each pair of games. Returns the number of clusters. */
static int make_clusters(const struct rating_fit *f, struct cluster **out)
{
    const struct rating_config *c = f->config;
    GHashTable *known = g_hash_table_new(NULL, NULL);
    struct cluster *clusters = g_new0(struct cluster, MAX(c->count, 1));
    int count = 0;
    for (int i = 0; i < c->count; i++) {
        const struct rating_game *g = &c->games[i];
        int cell = f->cell_of[g->a * f->n + g->b], at = count;
        if (!f->in[g->a])
            continue;
        if (g->pair >= 0 && g_hash_table_contains(known, GINT_TO_POINTER(g->pair)))
            at = GPOINTER_TO_INT(g_hash_table_lookup(known, GINT_TO_POINTER(g->pair)));
        if (at == count) {
            if (g->pair >= 0)
                g_hash_table_insert(known, GINT_TO_POINTER(g->pair), GINT_TO_POINTER(count));
            clusters[count++] = (struct cluster){.cell = cell};
        }
        struct expectation e = expect(f, &f->cells[cell]);
        clusters[at].score += (g->a == f->cells[cell].a ? g->points : 1 - g->points) - e.score;
        clusters[at].draws += (g->points == 0.5) - e.draw;
        clusters[at].games++;
    }
    g_hash_table_destroy(known);
    *out = clusters;
    return count;
}

/* The middle of the sandwich: the variance of the gradient, estimated from the clusters. A few clusters may happen to
 * be identical and show no variance, so the model's own variance is mixed in with the weight of MODEL_CLUSTERS
 * clusters. Where the likelihood has no maximum, the regularised curvature alone determines the intervals. */
static double *gradient_variance(const struct rating_fit *f, bool has_maximum, double *quantile)
{
    enum { MODEL_CLUSTERS = 2 };
    struct cluster *clusters;
    int count = has_maximum ? make_clusters(f, &clusters) : 0, d = f->d;
    int fitted = d - !f->fixed; /* without an anchor the mean is given */
    double *middle = g_new0(double, (size_t)(d * d + 1));
    *quantile = z95;
    memcpy(middle, f->curvature, (size_t)(d * d) * sizeof *middle);
    if (!has_maximum)
        return middle;
    if (count > fitted + 1) {
        double correction = (double)count / (count - fitted), share = (double)count / (count + MODEL_CLUSTERS);
        for (int i = 0; i < d * d; i++)
            middle[i] *= 1 - share;
        for (int i = 0; i < count; i++) {
            double w = share * correction, s = clusters[i].score, q = clusters[i].draws;
            add_outer(f, &f->cells[clusters[i].cell], w * s * s, w * s * q, w * q * q, middle);
        }
        *quantile = student95(count - fitted);
    }
    g_free(clusters);
    return middle;
}

static double *multiply(int n, const double *a, const double *b)
{
    double *product = g_new0(double, (size_t)(n * n));
    for (int i = 0; i < n; i++)
        for (int k = 0; k < n; k++)
            for (int j = 0; j < n; j++)
                product[i * n + j] += a[i * n + k] * b[k * n + j];
    return product;
}

static void fill(const struct rating_fit *f, bool has_maximum, struct rating_table *table)
{
    double *middle = gradient_variance(f, has_maximum, &table->quantile), mean = 0;
    double *left = multiply(f->d, f->inverse, middle), *whole = multiply(f->d, left, f->inverse);
    int n = f->n, members = 0;
    for (int i = 0; i < n; i++)
        if (f->in[i]) {
            mean += f->rating[i];
            members++;
        }
    mean = f->fixed ? 0 : mean / members;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            if (f->index[i] >= 0 && f->index[j] >= 0)
                table->covariance[i * n + j] = RATING_UNIT * RATING_UNIT * whole[f->index[i] * f->d + f->index[j]];
    for (int i = 0; i < n; i++) {
        double elo = (f->rating[i] - mean) * RATING_UNIT,
               half = table->quantile * sqrt(MAX(table->covariance[i * n + i], 0));
        table->ratings[i] = f->in[i] ? (struct rating){true, elo, elo - half, elo + half} : (struct rating){0};
    }
    if (f->davidson)
        table->draw_even = exp(f->draw) / (exp(f->draw) + 2);
    g_free(middle);
    g_free(left);
    g_free(whole);
}

void rating_fit(const struct rating_config *config, struct rating_table *table)
{
    int n = config->players;
    struct rating_fit f = {
        .config = config, .n = n, .in = g_new0(bool, n), .index = g_new(int, n), .rating = g_new0(double, n)};
    *table = (struct rating_table){.players = n,
                                   .ratings = g_new0(struct rating, n),
                                   .covariance = g_new0(double, (size_t)(n * n)),
                                   .quantile = z95,
                                   .has_maximum = true};
    rating_count_games(&f);
    rating_find_pool(&f);
    table->has_maximum = rating_regularise(&f);
    double draws = 0;
    for (int i = 0; i < f.cell_count; i++)
        draws += f.in[f.cells[i].a] ? f.cells[i].draws : 0;
    f.davidson = config->davidson && draws > 0 && rating_davidson_bounded(&f);
    f.d = f.free + f.davidson;
    f.curvature = g_new0(double, (size_t)(f.d * f.d + 1)); /* + 1, so that none is NULL with no free parameter */
    f.inverse = g_new0(double, (size_t)(f.d * f.d + 1));
    f.gradient = g_new0(double, f.d + 1);
    if (f.d > 0)
        maximise(&f);
    fill(&f, table->has_maximum, table);
    g_free(f.cells);
    g_free(f.cell_of);
    g_free(f.in);
    g_free(f.index);
    g_free(f.rating);
    g_free(f.curvature);
    g_free(f.inverse);
    g_free(f.gradient);
}

void rating_table_clear(struct rating_table *table)
{
    g_free(table->ratings);
    g_free(table->covariance);
    *table = (struct rating_table){0};
}

double rating_superiority(const struct rating_table *table, int a, int b)
{
    int n = table->players;
    const double *c = table->covariance;
    if (a == b || !table->ratings[a].known || !table->ratings[b].known)
        return 0.5;
    double variance = c[a * n + a] + c[b * n + b] - 2 * c[a * n + b];
    double difference = table->ratings[a].elo - table->ratings[b].elo;
    if (variance <= 0)
        return difference > 0 ? 1 : difference < 0 ? 0 : 0.5;
    return 0.5 * erfc(-difference / sqrt(2 * variance));
}

void rating_score_interval(double score, double n, double *low, double *high)
{
    *low = 0;
    *high = 1;
    if (n <= 0)
        return;
    double zz = z95 * z95, middle = (score + zz / (2 * n)) / (1 + zz / n);
    double half = z95 / (1 + zz / n) * sqrt(score * (1 - score) / n + zz / (4 * n * n));
    *low = MAX(0, middle - half);
    *high = MIN(1, middle + half);
}
