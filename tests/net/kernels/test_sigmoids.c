/* Our own exponential and hyperbolic tangent against the library's. */
#include "net/kernels/arithmetic.h"
#include "net/kernels/sigmoids.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>

static const double tolerance = 3e-7;

static double tangent(float x)
{
    net_tanh(1, &x);
    return (double)x;
}

/* Over 60 binary orders of magnitude, both signs. */
Test(sigmoids, near_the_library)
{
    for (float x = 1e-17f; x < 100; x *= 1.003f)
        for (int sign = -1; sign <= 1; sign += 2) {
            const double exact = tanh((double)((float)sign * x)), power = exp((double)((float)sign * x));
            cr_assert_lt(fabs(tangent((float)sign * x) / exact - 1), tolerance, "tanh %g", (double)sign * (double)x);
            if (x < 86)
                cr_assert_lt(fabs((double)exponential((float)sign * x) / power - 1), 20 * tolerance, "exp %g",
                             (double)sign * (double)x);
            if (x < 1)
                cr_assert_lt(fabs((double)exponential((float)sign * x) / power - 1), tolerance, "exp %g",
                             (double)sign * (double)x);
        }
}

Test(sigmoids, special_values)
{
    cr_expect(tangent(0.0f) == 0 && !signbit(tangent(0.0f)));
    cr_expect(tangent(-0.0f) == 0 && signbit(tangent(-0.0f)));
    cr_expect_eq(tangent(INFINITY), 1);
    cr_expect_eq(tangent(-INFINITY), -1);
    cr_expect_eq(tangent(FLT_MAX), 1);
    cr_expect(isnan(tangent(NAN)), "a net that has gone wrong is noticed");
    cr_expect_float_eq(tangent(FLT_MIN), (double)FLT_MIN, 1e-7 * (double)FLT_MIN);
}

/* Each value is computed as it would be alone, wherever it stands among others. */
Test(sigmoids, values_are_independent)
{
    float x[83];
    for (int i = 0; i < 83; i++)
        x[i] = 0.1f * (float)(i - 41);
    net_tanh(83, x);
    for (int i = 0; i < 83; i++)
        cr_expect_eq((double)x[i], tangent(0.1f * (float)(i - 41)));
}
