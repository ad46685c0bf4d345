/* Random numbers: xoshiro256** (Blackman and Vigna, 2018), seeded by splitmix64.
 *
 * Every consumer owns its generator and gets its seed from its caller; only the command line takes one from the
 * clock. The same seed gives the same sequence on every machine. Not for cryptography. A generator belongs to one
 * thread. */
#ifndef TENGEN_GAMES_RNG_H
#define TENGEN_GAMES_RNG_H

#include <stdint.h>

struct rng {
    uint64_t s[4];
};

/* splitmix64: a 64-bit hash of x, also used to derive seeds from one another. Any thread. */
static inline uint64_t rng_mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static inline void rng_seed(struct rng *rng, uint64_t seed)
{
    for (int i = 0; i < 4; i++)
        rng->s[i] = rng_mix(seed + 0x9e3779b97f4a7c15u * (uint64_t)i);
}

/* Uniform over all 64-bit values. */
static inline uint64_t rng_next(struct rng *rng)
{
    uint64_t *s = rng->s, result = s[1] * 5, t = s[1] << 17;
    result = ((result << 7) | (result >> 57)) * 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = (s[3] << 45) | (s[3] >> 19);
    return result;
}

/* Uniform over 0..n-1, n >= 1 (Lemire's multiplication; its bias is below n / 2^32). */
static inline uint32_t rng_below(struct rng *rng, uint32_t n)
{
    return (uint32_t)(((rng_next(rng) >> 32) * n) >> 32);
}

/* Uniform over [0, 1). */
static inline double rng_uniform(struct rng *rng)
{
    return (double)(rng_next(rng) >> 11) * 0x1p-53;
}

/* Normal (mean 0, variance 1), Gamma(shape, 1) and standard Gumbel variates. */
double rng_normal(struct rng *rng);
double rng_gamma(struct rng *rng, double shape);
double rng_gumbel(struct rng *rng);

#endif
