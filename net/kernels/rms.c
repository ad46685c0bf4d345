#include "net/kernels/rms.h"

#include <math.h>

static const net_real EPSILON = (net_real)1e-5;

NET_CLONES static void norms_of(size_t points, size_t channels, const net_real *restrict x, net_real *restrict norm)
{
    for (size_t p = 0; p < points; p++, x += channels) {
        net_real sums[16] = {0}, sum = 0;
        size_t c = 0;
        for (; c + 16 <= channels; c += 16)
            for (size_t i = 0; i < 16; i++)
                sums[i] += x[c + i] * x[c + i];
        for (; c < channels; c++)
            sum += x[c] * x[c];
        for (size_t i = 0; i < 16; i++)
            sum += sums[i];
        norm[p] = 1 / (net_real)sqrt((double)(sum / (net_real)channels + EPSILON));
    }
}

NET_CLONES static void scale(const struct net_rms *rms, const net_real *restrict norm, net_real *restrict qkv)
{
    size_t channels = rms->channels, chunk = rms->chunk;
    for (size_t p = 0; p < rms->points; p++, qkv += 3 * channels) {
        for (size_t c = 0; c < channels; c++)
            qkv[c] *= norm[p] * rms->query_scale;
        for (size_t c = channels; c < 3 * channels; c += 2 * chunk) {
            for (size_t i = c; i < c + chunk; i++)
                qkv[i] *= norm[p];
            for (size_t i = c + chunk; i < c + 2 * chunk; i++)
                qkv[i] = qkv[i] > 0 ? qkv[i] * norm[p] : 0;
        }
    }
}

void net_rms_normalise(const struct net_rms *rms, const net_real *x, net_real *norm, net_real *qkv)
{
    norms_of(rms->points, rms->channels, x, norm);
    scale(rms, norm, qkv);
}

/* With r the norm and s the further factor, y = s r u, so that du = s r dy and dr = sum of y dy / r; and dr/dx = -r^3 x /
 * channels. */
NET_CLONES void net_rms_backward(const struct net_rms *rms, const net_real *restrict x, const net_real *restrict norm,
                                 const net_real *restrict qkv, net_real *restrict dqkv, net_real *restrict dx)
{
    size_t channels = rms->channels, chunk = rms->chunk;
    for (size_t p = 0; p < rms->points; p++, qkv += 3 * channels, dqkv += 3 * channels, x += channels, dx += channels) {
        net_real r = norm[p], sum = 0;
        for (size_t c = 0; c < 3 * channels; c++)
            sum += qkv[c] * dqkv[c];
        for (size_t c = 0; c < channels; c++) {
            dqkv[c] *= r * rms->query_scale;
            dx[c] = -sum * r * r * x[c] / (net_real)channels;
        }
        for (size_t c = channels; c < 3 * channels; c += 2 * chunk) {
            for (size_t i = c; i < c + chunk; i++)
                dqkv[i] *= r;
            for (size_t i = c + chunk; i < c + 2 * chunk; i++)
                dqkv[i] = qkv[i] > 0 ? dqkv[i] * r : 0;
        }
    }
}
