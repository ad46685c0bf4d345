/* Confidence intervals over seeds. */
#ifndef TENGEN_ENGINE_LAB_BOOTSTRAP_H
#define TENGEN_ENGINE_LAB_BOOTSTRAP_H

#include <stdbool.h>

enum { LAB_BOOTSTRAP_MAX = 64 };

/* The 95 % percentile interval of the mean of n differences, one a seed, by resampling them with replacement (Efron 1979):
 * *low is the smallest mean that at least 2.5 % of the resamples do not exceed, *high the largest that at least 2.5 % reach.
 * All n^n resamples are counted for n up to 6; for more, 20,000 are drawn with a fixed seed. Returns false, with NAN, for
 * fewer than two differences, or if one is not finite. n: at most LAB_BOOTSTRAP_MAX.
 *
 * With few seeds such an interval is too short. For n up to 3 it is the range of the differences, so that it excludes 0
 * whenever all have the same sign: where there is no difference at all that happens in 1 of 4 cases with three seeds. */
bool lab_bootstrap(const double *differences, int n, double *low, double *high);

#endif
