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

Test(rng, below_is_uniform_and_in_range)
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
        cr_expect(abs(count[i] - 10000) < 500, "%d was drawn %d times in 70000", i, count[i]);
    for (int i = 0; i < 100; i++)
        cr_assert_eq(rng_below(&rng, 1), 0u);
}

static void near(double x, double wanted)
{
    cr_expect(fabs(x - wanted) < 1e-9, "%.15g, not %.15g", x, wanted);
}

/* Variates of the same random numbers, from a second implementation of the generator and of the methods that rng.c
 * names (Box and Muller, Marsaglia and Tsang), written in another language. */
Test(rng, seeds_and_variates_are_fixed)
{
    static const uint64_t words[] = {0x49d55178ca54cf69u, 0x9a22115a4d2624dcu, 0xa648b1ccf0bbbbaeu};
    static const uint32_t below[] = {23, 48, 52, 66, 41, 63, 40, 65};
    static const double uniform[] = {0.288411228170236, 0.602082333132011, 0.649546730551022},
                        normal[] = {-0.660981749141679, 0.629313731237991, 0.259546425312128},
                        gamma_small[] = {3.12062229086314e-26, 1.07545971617504e-24, 1.74984448870142e-05},
                        gamma_large[] = {1.33209394589125, 0.426873899151096, 2.85721282232071},
                        gumbel[] = {1.07805964246693, 0.0817414739748259, -0.047387186924883};
    struct rng a, b, c, d, e, f, g;
    struct rng *const all[] = {&a, &b, &c, &d, &e, &f, &g};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        rng_seed(all[i], 5);
    for (int i = 0; i < 8; i++)
        cr_expect_eq(rng_below(&a, 81), below[i]);
    for (int i = 0; i < 3; i++) {
        cr_expect_eq(rng_next(&b), words[i]);
        near(rng_uniform(&c), uniform[i]);
        near(rng_normal(&d), normal[i]);
        near(rng_gamma(&e, 0.03) / gamma_small[i], 1);
        near(rng_gamma(&f, 2.5), gamma_large[i]);
        near(rng_gumbel(&g), gumbel[i]);
    }
    cr_expect(rng_mix(0) == 0xe220a8397b1dcdafu && rng_mix(1) == 0x910a2dec89025cc1u);
}

/* The smallest number that can be drawn gives the largest Gumbel variate, and it is finite. */
Test(rng, variates_of_the_extreme_draws)
{
    struct rng zero = {.s = {1, 0, 2, 3}}, again = zero, third = zero;
    cr_expect_eq(rng_uniform(&again), 0.0);
    cr_expect_eq(rng_below(&third, 4000000000u), 0u);
    near(rng_gumbel(&zero), 300 * log(10.0));
}

/* For a shape below one, a variate of the shape plus one is multiplied by a factor; for shape one there is none. */
Test(rng, gamma_of_shape_one_is_exponential)
{
    enum { N = 100000 };
    struct rng rng;
    int tail[4] = {0};
    rng_seed(&rng, 77);
    for (int i = 0; i < N; i++) {
        double x = rng_gamma(&rng, 1.0);
        for (int k = 0; k < 4; k++)
            tail[k] += x > k + 1;
    }
    for (int k = 0; k < 4; k++) {
        double p = exp(-k - 1.0);
        cr_expect(fabs((double)tail[k] / N - p) < 5 * sqrt(p * (1 - p) / N), "above %d: %d of %d", k + 1, tail[k], N);
    }
}
