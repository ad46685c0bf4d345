#include "engine/elo.h"

#include <glib.h>
#include <math.h>
#include <string.h>

static const double z95 = 1.959963984540054; /* of the normal distribution, two-sided */

/* games[i * n + j]: games between i and j; points[i * n + j]: what i scored in them. */
struct table {
    int n;
    double *games, *points;
};

static struct table table_new(int players, const struct elo_pair *pairs, int count)
{
    size_t cells = (size_t)players * (size_t)players;
    struct table t = {players, g_new0(double, cells), g_new0(double, cells)};
    for (int i = 0; i < count; i++) {
        const struct elo_pair *p = &pairs[i];
        double games = p->wins + p->draws + p->losses;
        t.games[p->a * players + p->b] += games;
        t.games[p->b * players + p->a] += games;
        t.points[p->a * players + p->b] += p->wins + p->draws / 2;
        t.points[p->b * players + p->a] += p->losses + p->draws / 2;
    }
    return t;
}

/* reach[i * n + j]: a chain of positive entries leads from i to j. */
static bool *closure(int n, const double *cells)
{
    bool *reach = g_new0(bool, (size_t)n *(size_t)n);
    for (int i = 0; i < n * n; i++)
        reach[i] = cells[i] > 0;
    for (int k = 0; k < n; k++)
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
                reach[i * n + j] |= reach[i * n + k] && reach[k * n + j];
    return reach;
}

/* Players joined to the anchor by games; by a mean, to the first player that has any. */
static void find_pool(const struct table *t, int anchor, bool *in)
{
    int n = t->n, root = anchor;
    for (int i = 0; i < n && root < 0; i++)
        for (int j = 0; j < n; j++)
            if (t->games[i * n + j] > 0)
                root = i;
    bool *met = closure(n, t->games);
    for (int i = 0; i < n; i++)
        in[i] = root >= 0 && (i == root || met[root * n + i]);
    g_free(met);
}

/* Ford 1957: the maximum exists where each player has a chain of points won to each other one. */
static bool has_maximum(const struct table *t, const bool *in)
{
    int n = t->n;
    bool *beat = closure(n, t->points), fine = true;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            fine &= !(i != j && in[i] && in[j]) || beat[i * n + j];
    g_free(beat);
    return fine;
}

/* Inverts the n x n matrix a in place (Gauss and Jordan, with pivoting). The matrices here are positive definite. */
static void invert(int n, double *a)
{
    double *b = g_new0(double, (size_t)n *(size_t)n);
    for (int i = 0; i < n; i++)
        b[i * n + i] = 1;
    for (int c = 0; c < n; c++) {
        int pivot = c;
        for (int r = c + 1; r < n; r++)
            if (fabs(a[r * n + c]) > fabs(a[pivot * n + c]))
                pivot = r;
        for (int k = 0; k < n && pivot != c; k++) {
            double x = a[c * n + k], y = b[c * n + k];
            a[c * n + k] = a[pivot * n + k], a[pivot * n + k] = x;
            b[c * n + k] = b[pivot * n + k], b[pivot * n + k] = y;
        }
        double scale = 1 / a[c * n + c];
        for (int k = 0; k < n; k++)
            a[c * n + k] *= scale, b[c * n + k] *= scale;
        for (int r = 0; r < n; r++) {
            double f = r == c ? 0 : a[r * n + c];
            for (int k = 0; k < n && f != 0; k++)
                a[r * n + k] -= f * a[c * n + k], b[r * n + k] -= f * b[c * n + k];
        }
    }
    memcpy(a, b, (size_t)n * (size_t)n * sizeof *a);
    g_free(b);
}

/* The gradient of the log likelihood, and the pseudo-inverse of its negated Hessian: a graph Laplacian L, whose one
 * null vector is "all ratings up by the same", so that (L + J)^-1 = L^+ + J / n^2 with J the matrix of ones. */
static void curvature(const struct table *t, const int *pool, int m, const double *rating, double *gradient,
                      double *inverse)
{
    for (int i = 0; i < m * m; i++)
        inverse[i] = 1;
    for (int i = 0; i < m; i++) {
        gradient[i] = 0;
        for (int j = 0; j < m; j++) {
            int cell = pool[i] * t->n + pool[j];
            double p = 1 / (1 + exp(rating[j] - rating[i])), w = t->games[cell] * p * (1 - p);
            if (i == j)
                continue;
            gradient[i] += t->points[cell] - t->games[cell] * p;
            inverse[i * m + i] += w;
            inverse[i * m + j] -= w;
        }
    }
    invert(m, inverse);
    for (int i = 0; i < m * m; i++)
        inverse[i] -= 1.0 / ((double)m * m);
}

/* Newton's method; steps are cut to one unit (174 Elo), so that it cannot leap out of the concave bowl. */
static void maximise(const struct table *t, const int *pool, int m, double *rating, double *inverse)
{
    double *gradient = g_new(double, m);
    for (int round = 0; round < 200; round++) {
        curvature(t, pool, m, rating, gradient, inverse);
        double largest = 0;
        for (int i = 0; i < m; i++) {
            double step = 0;
            for (int j = 0; j < m; j++)
                step += inverse[i * m + j] * gradient[j];
            rating[i] += CLAMP(step, -1, 1);
            largest = MAX(largest, fabs(step));
        }
        if (largest < 1e-10)
            break;
    }
    g_free(gradient);
}

static void add_prior(struct table *t)
{
    for (int i = 0; i < t->n * t->n; i++)
        if (t->games[i] > 0) {
            t->games[i] += 1;
            t->points[i] += 0.5;
        }
}

static void fill(int m, const int *pool, int anchor_index, const double *rating, const double *inverse,
                 struct elo_rating *ratings)
{
    const double unit = 400 / log(10);
    double mean = 0;
    for (int i = 0; i < m; i++)
        mean += rating[i] / m;
    for (int i = 0; i < m; i++) {
        int a = anchor_index;
        double zero = a < 0 ? mean : rating[a], variance = inverse[i * m + i];
        if (a >= 0)
            variance += inverse[a * m + a] - 2 * inverse[i * m + a];
        double elo = (rating[i] - zero) * unit, half = z95 * unit * sqrt(MAX(variance, 0));
        ratings[pool[i]] = (struct elo_rating){true, elo, elo - half, elo + half};
    }
}

bool elo_fit(int players, const struct elo_pair *pairs, int pair_count, int anchor, struct elo_rating *ratings)
{
    struct table t = table_new(players, pairs, pair_count);
    bool *in = g_new0(bool, players);
    int *pool = g_new(int, players), m = 0, anchor_index = -1;
    find_pool(&t, anchor, in);
    for (int i = 0; i < players; i++) {
        ratings[i] = (struct elo_rating){false, 0, 0, 0};
        if (i == anchor)
            anchor_index = m;
        if (in[i])
            pool[m++] = i;
    }
    bool own = has_maximum(&t, in);
    if (!own)
        add_prior(&t);
    double *rating = g_new0(double, m), *inverse = g_new0(double, (size_t)m *(size_t)m);
    if (m > 0) {
        maximise(&t, pool, m, rating, inverse);
        fill(m, pool, anchor_index, rating, inverse, ratings);
    }
    g_free(t.games);
    g_free(t.points);
    g_free(in);
    g_free(pool);
    g_free(rating);
    g_free(inverse);
    return own;
}

void elo_score_interval(double score, double n, double *low, double *high)
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
