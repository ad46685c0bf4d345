#include "net/kernels/arithmetic.h"
#include "net/real.h"

NET_CLONES void net_dense_forward(int n, int ins, int outs, bool relu, const net_real *in,
                                  const net_real *restrict weight, const net_real *bias, net_real *restrict out)
{
    for (int row = 0; row < n; row++, in += ins, out += outs) {
        for (int j = 0; j < outs; j++)
            out[j] = bias[j];
        for (int i = 0; i < ins; i++) {
            const net_real v = in[i], *w = weight + (size_t)i * (size_t)outs;
            for (int j = 0; j < outs; j++)
                out[j] += v * w[j];
        }
        for (int j = 0; relu && j < outs; j++)
            out[j] = MAX(out[j], 0);
    }
}

/* Eight partial sums: the order of summation is fixed, and the loop still vectorises. */
static inline __attribute__((always_inline)) net_real dot(int count, const net_real *a, const net_real *b)
{
    net_real sums[8] = {0}, rest = 0;
    int i = 0;
    for (; i + 8 <= count; i += 8)
        for (int j = 0; j < 8; j++)
            sums[j] += a[i + j] * b[i + j];
    for (; i < count; i++)
        rest += a[i] * b[i];
    for (int j = 0; j < 8; j++)
        rest += sums[j];
    return rest;
}

NET_CLONES void net_dense_backward(int n, int ins, int outs, bool relu, const net_real *in, const net_real *weight,
                                   const net_real *out, net_real *restrict dout, net_real *restrict dweight,
                                   net_real *restrict dbias, net_real *restrict din, bool add)
{
    for (int row = 0; row < n; row++, in += ins, out += outs, dout += outs) {
        for (int j = 0; j < outs; j++) {
            dout[j] = relu && !(out[j] > 0) ? 0 : dout[j];
            dbias[j] += dout[j];
        }
        for (int i = 0; i < ins; i++) {
            net_real *d = dweight + (size_t)i * (size_t)outs;
            for (int j = 0; j < outs; j++)
                d[j] += in[i] * dout[j];
            if (din)
                din[(size_t)row * (size_t)ins + (size_t)i] = dot(outs, dout, weight + (size_t)i * (size_t)outs) +
                                                             (add ? din[(size_t)row * (size_t)ins + (size_t)i] : 0);
        }
    }
}

NET_CLONES void net_matmul_plain(const struct net_matmul *shape, const net_real *a, const net_real *b,
                                 net_real *restrict c)
{
    const size_t n = (size_t)shape->n, k = (size_t)shape->k;
    for (int row = 0; row < shape->m; row++, a += k, c += n) {
        for (size_t j = 0; j < n; j++)
            c[j] = shape->beta == 0 ? 0 : shape->beta * c[j];
        for (size_t j = 0; shape->transposed && j < n; j++)
            c[j] += shape->alpha * dot(shape->k, a, b + j * k);
        for (size_t i = 0; !shape->transposed && i < k; i++) {
            const net_real v = shape->alpha * a[i], *from = b + i * n;
            for (size_t j = 0; j < n; j++)
                c[j] += v * from[j];
        }
    }
}
