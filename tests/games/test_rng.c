/* Random numbers: the fixed sequence, and the distributions. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "games/rng.h"

Test(rng, the_sequence_is_fixed)
{
    /* xoshiro256** from the state 1, 2, 3, 4: the reference implementation's first outputs, worked out by hand from
     * rotl(s1 * 5, 7) * 9: 2 * 5 = 10, << 7 = 1280, * 9 = 11520; then s1 becomes 0. */
    struct rng rng = {.s = {1, 2, 3, 4}};
    cr_expect_eq(rng_next(&rng), 11520u);
    cr_expect_eq(rng_next(&rng), 0u);
    cr_expect_eq(rng_next(&rng), 1509978240u);
    struct rng a, b, c;
    rng_seed(&a, 5);
    rng_seed(&b, 5);
    rng_seed(&c, 6);
    int equal = 0;
    for (int i = 0; i < 100; i++) {
        uint64_t x = rng_next(&a);
        cr_assert_eq(x, rng_next(&b));
        equal += x == rng_next(&c);
    }
    cr_expect_eq(equal, 0);
}

static void moments(const char *what, double (*draw)(struct rng *, double), double parameter, double mean,
                    double variance)
{
    enum { N = 200000 };
    struct rng rng;
    double sum = 0.0, squares = 0.0;
    rng_seed(&rng, 42);
    for (int i = 0; i < N; i++) {
        double x = draw(&rng, parameter);
        cr_assert(isfinite(x));
        sum += x;
        squares += (x - mean) * (x - mean);
    }
    cr_expect(fabs(sum / N - mean) < 5.0 * sqrt(variance / N), "%s(%g): mean %g, not %g", what, parameter, sum / N,
              mean);
    cr_expect(fabs(squares / N / variance - 1.0) < 0.05, "%s(%g): variance %g, not %g", what, parameter, squares / N,
              variance);
}

static double draw_uniform(struct rng *rng, double unused)
{
    (void)unused;
    return rng_uniform(rng);
}
static double draw_normal(struct rng *rng, double unused)
{
    (void)unused;
    return rng_normal(rng);
}
static double draw_gumbel(struct rng *rng, double unused)
{
    (void)unused;
    return rng_gumbel(rng);
}
static double draw_below(struct rng *rng, double n)
{
    return rng_below(rng, (uint32_t)n);
}

Test(rng, moments)
{
    moments("uniform", draw_uniform, 0.0, 0.5, 1.0 / 12.0);
    moments("normal", draw_normal, 0.0, 0.0, 1.0);
    moments("gumbel", draw_gumbel, 0.0, 0.57721566490153286, M_PI * M_PI / 6.0);
    for (double shape = 0.1; shape < 12.0; shape *= 3.3)
        moments("gamma", rng_gamma, shape, shape, shape);
    moments("below", draw_below, 81.0, 40.0, (81.0 * 81.0 - 1.0) / 12.0);
}

Test(rng, below_is_even_and_within)
{
    struct rng rng;
    int count[7] = {0};
    rng_seed(&rng, 9);
    for (int i = 0; i < 70000; i++) {
        uint32_t x = rng_below(&rng, 7);
        cr_assert(x < 7);
        count[x]++;
    }
    for (int i = 0; i < 7; i++)
        cr_expect(abs(count[i] - 10000) < 500, "%d came %d times in 70000", i, count[i]);
    for (int i = 0; i < 100; i++)
        cr_assert_eq(rng_below(&rng, 1), 0u);
}
