#include "games/rng.h"

#include <math.h>

double rng_normal(struct rng *rng)
{
    /* Box and Muller's transform; 1 - u keeps the logarithm finite. */
    double u = 1.0 - rng_uniform(rng), v = rng_uniform(rng);
    return sqrt(-2.0 * log(u)) * cos(2.0 * M_PI * v);
}

double rng_gamma(struct rng *rng, double shape)
{
    /* Marsaglia and Tsang (2000); for a shape below one, Gamma(shape + 1) * U^(1 / shape). */
    if (shape < 1.0)
        return rng_gamma(rng, shape + 1.0) * pow(1.0 - rng_uniform(rng), 1.0 / shape);
    double d = shape - 1.0 / 3.0, c = 1.0 / sqrt(9.0 * d);
    for (;;) {
        double x = rng_normal(rng), v = 1.0 + c * x;
        if (v <= 0.0)
            continue;
        v = v * v * v;
        double u = 1.0 - rng_uniform(rng);
        if (log(u) < 0.5 * x * x + d - d * v + d * log(v))
            return d * v;
    }
}

double rng_gumbel(struct rng *rng)
{
    double u = 1.0 - rng_uniform(rng); /* (0, 1] */
    double e = -log(u);
    return -log(e > 1e-300 ? e : 1e-300);
}
