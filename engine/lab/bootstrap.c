#include "engine/lab/bootstrap.h"

#include <glib.h>
#include <math.h>
#include <stdlib.h>

#include "games/rng.h"

enum { EXACT_MAX = 6, DRAWS = 20000 };

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* The mean of resample `number`, whose digits in base n are the indices drawn. */
static double exact_mean(const double *differences, int n, int number)
{
    double sum = 0;
    for (int i = 0; i < n; i++, number /= n)
        sum += differences[number % n];
    return sum / n;
}

static double drawn_mean(const double *differences, int n, struct rng *rng)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += differences[rng_below(rng, (uint32_t)n)];
    return sum / n;
}

bool lab_bootstrap(const double *differences, int n, double *low, double *high)
{
    struct rng rng;
    int count = DRAWS;
    *low = *high = NAN;
    g_assert(n <= LAB_BOOTSTRAP_MAX);
    for (int i = 0; i < n; i++)
        if (!isfinite(differences[i]))
            return false;
    if (n < 2)
        return false;
    if (n <= EXACT_MAX) {
        count = 1;
        for (int i = 0; i < n; i++)
            count *= n;
    }
    double *means = g_new(double, count);
    rng_seed(&rng, 1);
    for (int i = 0; i < count; i++)
        means[i] = n <= EXACT_MAX ? exact_mean(differences, n, i) : drawn_mean(differences, n, &rng);
    qsort(means, (size_t)count, sizeof *means, compare);
    int tail = (int)ceil(0.025 * count) - 1; /* of the resamples beyond the limit */
    *low = means[tail];
    *high = means[count - 1 - tail];
    g_free(means);
    return true;
}
