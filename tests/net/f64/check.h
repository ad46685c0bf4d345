/* Gradients against central differences. */
#ifndef TENGEN_TESTS_NET_F64_CHECK_H
#define TENGEN_TESTS_NET_F64_CHECK_H

#include <math.h>

static const double TOLERANCE = 1e-6;

/* The relative difference of a gradient from central differences. A step across the kink of a ReLU or a maximum is not
 * meaningful, so smaller steps are tried, too; a wrong gradient agrees with none of them. Gradients below `floor`,
 * where rounding dominates, are compared relative to it. */
static inline double mismatch(double (*f)(void *), void *context, double *x, double gradient, double floor)
{
    double best = INFINITY, keep = *x;
    for (double h = 1e-4; h > 5e-8 && best > TOLERANCE; h /= 10) {
        *x = keep + h;
        double up = f(context);
        *x = keep - h;
        double down = f(context);
        *x = keep;
        double slope = (up - down) / (2 * h);
        best = fmin(best, fabs(slope - gradient) / fmax(floor, fmax(fabs(slope), fabs(gradient))));
    }
    return best;
}

#endif
