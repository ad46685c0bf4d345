#include "net/kernels/arithmetic.h"
#include "net/real.h"

#include <string.h>

enum { LANES = 16 };

/* `vectors` times 16 outputs of a row, which stay in registers over all inputs. */
static inline __attribute__((always_inline)) void some_outputs(int vectors, int ins, int outs, bool relu,
                                                               const net_real *in, const net_real *weight,
                                                               const net_real *bias, net_real *out)
{
    net_lanes sum[4];
    memcpy(sum, bias, (size_t)vectors * sizeof *sum);
    for (int i = 0; i < ins; i++, weight += outs) {
        net_lanes value;
        for (int k = 0; k < LANES; k++)
            value[k] = in[i];
        for (int k = 0; k < vectors; k++) {
            net_lanes w;
            memcpy(&w, weight + k * LANES, sizeof w);
            sum[k] += w * value;
        }
    }
    memcpy(out, sum, (size_t)vectors * sizeof *sum);
    for (int j = 0; relu && j < vectors * LANES; j++)
        out[j] = MAX(out[j], 0);
}

NET_CLONES void net_dense_forward(int n, int ins, int outs, bool relu, const net_real *in, const net_real *weight,
                                  const net_real *bias, net_real *out)
{
    for (int row = 0; row < n; row++, in += ins, out += outs) {
        int first = 0;
        for (; first + 4 * LANES <= outs; first += 4 * LANES)
            some_outputs(4, ins, outs, relu, in, weight + first, bias + first, out + first);
        for (; first + LANES <= outs; first += LANES)
            some_outputs(1, ins, outs, relu, in, weight + first, bias + first, out + first);
        for (int j = first; j < outs; j++) {
            net_real sum = bias[j];
            for (int i = 0; i < ins; i++)
                sum += in[i] * weight[(size_t)i * (size_t)outs + (size_t)j];
            out[j] = relu ? MAX(sum, 0) : sum;
        }
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
