/* Screening designs: many settings compared at once, in as few arms as possible. Each arm switches half of the factors on, so
 * that for any factor the arms with it and those without have all others in equal shares, and every arm counts in the
 * estimate of every factor (Plackett and Burman, "The design of optimum multifactorial experiments", 1946). Eleven factors
 * in twelve arms are each estimated from six arms with and six without.
 *
 * What it cannot do: tell the joint effect of two factors from the effects of others. With 4, 8 and 16 arms each joint effect
 * is part of the estimate of one other factor, or of none if that column is not used; with 12 arms a third of it is part of each of the
 * others. A factor that stands out is to be confirmed by arms of its own. */
#ifndef TENGEN_ENGINE_LAB_FACTORS_H
#define TENGEN_ENGINE_LAB_FACTORS_H

#include <stdbool.h>

#include "engine/lab/results.h"

struct lab_plan;

/* The number of arms for this many factors: the smallest of 4, 8, 12 and 16 that is larger. factors: 1 to LAB_MAX_FACTORS. */
int lab_design_arms(int factors);
/* Whether a factor is on in an arm; none is in arm 0. */
bool lab_design_is_on(int arms, int arm, int factor);
/* Makes a plan's arms from its factors: "base", without any, and "screen-1", "screen-2" and so on. */
void lab_make_arms(struct lab_plan *plan);

/* Degrees of freedom that are left for the intervals of effects when every arm has a value from every seed: arms times seeds, less
 * seeds, less factors. */
enum { LAB_LEAST_FREEDOM = 3 };
int lab_design_freedom(const struct lab_plan *plan);

struct lab_effect {
    double off, on;           /* means over all arms without and with the factor, and the seeds */
    double effect, low, high; /* on - off with its 95 % interval; NAN: unknown */
    bool differs;             /* the interval excludes 0 */
};
/* The effect of a factor on a metric, from the seeds that have a value of every arm; all unknown if there is none. The interval is
 * that of least squares with a mean for each seed and an effect for each factor; it needs LAB_LEAST_FREEDOM. */
struct lab_effect lab_effect_of(const struct lab_results *results, int factor, enum lab_metric metric);

#endif
