#include "net/kernels/lstm.h"

#define INLINE static inline __attribute__((always_inline))

#ifdef NET_REAL_DOUBLE
INLINE net_real exponential(net_real x)
{
    return net_real_exp(x);
}
#else
/* exp(x) for |x| < 87, beyond that as at the bound: 2^n 2^f with f in [-1/2, 1/2] and 2^f by its Taylor series. In loops that the
 * compiler turns into vectors, unlike calls of the library's. */
INLINE float exponential(float x)
{
    const float rounder = 12582912.0f; /* 1.5 * 2^23 */
    float t = x * 1.44269504f;
    t = t < -125.0f ? -125.0f : t;
    t = t > 125.0f ? 125.0f : t;
    const float n = (t + rounder) - rounder, y = (t - n) * 0.69314718f;
    const float power =
        1 + y * (1 + y * (0.5f + y * (0.16666667f + y * (0.041666667f + y * (0.0083333333f + y * 0.0013888889f)))));
    const int32_t bits = ((int32_t)n + 127) * (1 << 23);
    float scale;
    memcpy(&scale, &bits, sizeof scale);
    return power * scale;
}
#endif

INLINE net_real sigmoid(net_real x)
{
    return 1 / (1 + exponential(-x));
}

INLINE net_real hyperbolic(net_real x)
{
    return 2 * sigmoid(2 * x) - 1;
}

NET_CLONES void net_lstm_forward(size_t points, size_t channels, const net_real *restrict gates,
                                 const net_real *restrict state, net_real *restrict next)
{
    for (size_t p = 0; p < points; p++, gates += 4 * channels, state += 2 * channels, next += 2 * channels)
        for (size_t k = 0; k < channels; k++) {
            const net_real in = sigmoid(gates[k]), keep = sigmoid(gates[channels + k] + 1);
            const net_real out = sigmoid(gates[2 * channels + k]), new = hyperbolic(gates[3 * channels + k]);
            const net_real cell = keep * state[channels + k] + in * new;
            next[k] = out * hyperbolic(cell);
            next[channels + k] = cell;
        }
}

NET_CLONES void net_lstm_backward(size_t points, size_t channels, const net_real *restrict gates,
                                  const net_real *restrict state, const net_real *restrict dnext,
                                  net_real *restrict dgates, net_real *restrict dstate)
{
    for (size_t p = 0; p < points; p++) {
        for (size_t k = 0; k < channels; k++) {
            const net_real in = sigmoid(gates[k]), keep = sigmoid(gates[channels + k] + 1);
            const net_real out = sigmoid(gates[2 * channels + k]), new = hyperbolic(gates[3 * channels + k]);
            const net_real was = state[channels + k], seen = hyperbolic(keep * was + in * new);
            const net_real dout = dnext[k] * seen, dcell = dnext[channels + k] + dnext[k] * out * (1 - seen * seen);
            dgates[k] = dcell * new *in *(1 - in);
            dgates[channels + k] = dcell * was * keep * (1 - keep);
            dgates[2 * channels + k] = dout * out * (1 - out);
            dgates[3 * channels + k] = dcell * in * (1 - new *new);
            dstate[k] = 0;
            dstate[channels + k] = dcell * keep;
        }
        gates += 4 * channels;
        dgates += 4 * channels;
        state += 2 * channels;
        dnext += 2 * channels;
        dstate += 2 * channels;
    }
}
