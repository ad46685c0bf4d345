/* Quantiles of Student's t distribution, for intervals from few observations. */
#ifndef TENGEN_ENGINE_MATCH_STATISTICS_STUDENT_H
#define TENGEN_ENGINE_MATCH_STATISTICS_STUDENT_H

/* The 97.5 % quantile with v degrees of freedom, by expansion around the normal one (Abramowitz and Stegun 26.7.5): 0.7 % too
 * small for v = 3, below 0.1 % from v = 6 on; not to be used below 3. */
double student95(double v);

#endif
