/* Input of int8 networks, the plain kernels, and which kernel runs. */
#include "net/int8.h"

#include <glib.h>
#include <string.h>

size_t net_int8_width(int padded, bool wide)
{
    return (size_t)padded * (wide ? sizeof(uint8_t) + sizeof(uint16_t) : sizeof(uint8_t));
}

void net_int8_load(struct net_extent e, struct net_layout l, const float *planes, uint8_t *x)
{
    size_t points = (size_t)(e.size * e.size);
    memset(x, 0, (size_t)e.n * points * (size_t)l.padded);
    for (int row = 0; row < e.n; row++, x += points * (size_t)l.padded)
        for (int c = 0; c < l.channels; c++, planes += points) {
            uint8_t *to = x + (size_t)(c / NET_INT8_BLOCK) * points * NET_INT8_BLOCK + c % NET_INT8_BLOCK;
            for (size_t p = 0; p < points; p++)
                to[p * NET_INT8_BLOCK] = (uint8_t)(int)(planes[p] * (1 / NET_INT8_PLANE_STEP) + 0.5f);
        }
}

/* ---- the plain kernels ---- */

void net_int8_shift_lanes(struct net_layout l, int block, int first, int count, const float *bias, const float *steps,
                          float add[NET_INT8_BLOCK], float inverse[NET_INT8_BLOCK])
{
    for (int i = 0; i < NET_INT8_BLOCK; i++) {
        int c = block * NET_INT8_BLOCK + i;
        add[i] = c >= first && c < first + count ? bias[c - first] : 0;
        inverse[i] = c < l.channels ? 1 / steps[c] : 0;
    }
}

/* A block of values in units of the tensor, from element `at` on; bytes: of its narrow part. */
static void store(const float v[NET_INT8_BLOCK], size_t at, size_t bytes, bool wide, void *dst)
{
    for (int i = 0; i < NET_INT8_BLOCK; i++) {
        float fine = v[i] * NET_INT8_FINER;
        ((uint8_t *)dst)[at + (size_t)i] = (uint8_t)(int)((v[i] < 255 ? v[i] : 255) + 0.5f);
        if (wide)
            ((uint16_t *)((uint8_t *)dst + bytes))[at + (size_t)i] =
                (uint16_t)(int)((fine < 65535 ? fine : 65535) + 0.5f);
    }
}

/* What becomes of a block of sums. */
static void finish(const struct net_int8_conv *conv, int block, float v[NET_INT8_BLOCK], size_t at, size_t bytes,
                   void *dst)
{
    const float *scale = conv->scale + block * NET_INT8_BLOCK, *bias = conv->bias + block * NET_INT8_BLOCK;
    for (int i = 0; i < NET_INT8_BLOCK; i++) {
        v[i] = v[i] * scale[i] + bias[i];
        if (conv->add)
            v[i] += (float)((const uint16_t *)((const uint8_t *)dst + bytes))[at + (size_t)i] * (1.0f / NET_INT8_FINER);
        if (conv->relu)
            v[i] = v[i] > 0 ? v[i] : 0;
        if (conv->form == NET_INT8_REAL)
            ((float *)dst)[at + (size_t)i] = v[i];
    }
    if (conv->form != NET_INT8_REAL)
        store(v, at, bytes, conv->form == NET_INT8_WIDE, dst);
}

/* Sums of one point and block of output channels: every tap that lies on the board. */
static void plain_sums(const struct net_int8_conv *conv, int size, const uint8_t *src, const int8_t *weight, int y,
                       int x, int32_t sums[NET_INT8_BLOCK])
{
    size_t points = (size_t)(size * size);
    int reach = conv->kernel / 2, quads = NET_INT8_BLOCK / NET_INT8_QUAD;
    memset(sums, 0, sizeof *sums * NET_INT8_BLOCK);
    for (int dy = -reach; dy <= reach; dy++)
        for (int dx = -reach; dx <= reach; dx++) {
            int sy = y + dy, sx = x + dx;
            const int8_t *w = weight;
            weight += conv->in * NET_INT8_BLOCK;
            if (sy < 0 || sx < 0 || sy >= size || sx >= size)
                continue;
            for (int q = 0; q < conv->in / NET_INT8_QUAD; q++)
                for (int o = 0; o < NET_INT8_BLOCK; o++)
                    for (int i = 0; i < NET_INT8_QUAD; i++, w++)
                        sums[o] +=
                            *w * src[(size_t)(q / quads) * points * NET_INT8_BLOCK +
                                     (size_t)((sy * size + sx) * NET_INT8_BLOCK + q % quads * NET_INT8_QUAD + i)];
        }
}

static void plain_conv(const struct net_int8_conv *conv, struct net_extent e, const uint8_t *src, void *dst)
{
    size_t points = (size_t)(e.size * e.size), bytes = (size_t)e.n * points * (size_t)conv->out, at = 0;
    for (int row = 0; row < e.n; row++, src += points * (size_t)conv->in)
        for (int b = 0; b < conv->out / NET_INT8_BLOCK; b++)
            for (int p = 0; p < (int)points; p++, at += NET_INT8_BLOCK) {
                int32_t sums[NET_INT8_BLOCK];
                float v[NET_INT8_BLOCK];
                plain_sums(conv, e.size, src,
                           conv->weight + b * NET_INT8_BLOCK * conv->in * conv->kernel * conv->kernel, p / e.size,
                           p % e.size, sums);
                for (int o = 0; o < NET_INT8_BLOCK; o++)
                    v[o] = (float)sums[o];
                finish(conv, b, v, at, bytes, dst);
            }
}

/* Sums of one point and block of output channels, in f32. */
static void real_sums(const struct net_int8_conv *conv, int size, const float *src, const float *weight, int y, int x,
                      float sums[NET_INT8_BLOCK])
{
    size_t points = (size_t)(size * size);
    int reach = conv->kernel / 2;
    memset(sums, 0, sizeof *sums * NET_INT8_BLOCK);
    for (int dy = -reach; dy <= reach; dy++)
        for (int dx = -reach; dx <= reach; dx++, weight += conv->in * NET_INT8_BLOCK) {
            int sy = y + dy, sx = x + dx;
            if (sy < 0 || sx < 0 || sy >= size || sx >= size)
                continue;
            for (int i = 0; i < conv->in; i++)
                for (int o = 0; o < NET_INT8_BLOCK; o++)
                    sums[o] += weight[i * NET_INT8_BLOCK + o] *
                               src[(size_t)(i / NET_INT8_BLOCK) * points * NET_INT8_BLOCK +
                                   (size_t)((sy * size + sx) * NET_INT8_BLOCK + i % NET_INT8_BLOCK)];
        }
}

static void plain_real(const struct net_int8_conv *conv, struct net_extent e, const float *src, void *dst)
{
    size_t points = (size_t)(e.size * e.size), bytes = (size_t)e.n * points * (size_t)conv->out, at = 0;
    for (int row = 0; row < e.n; row++, src += points * (size_t)conv->in)
        for (int b = 0; b < conv->out / NET_INT8_BLOCK; b++)
            for (int p = 0; p < (int)points; p++, at += NET_INT8_BLOCK) {
                float v[NET_INT8_BLOCK];
                real_sums(conv, e.size, src, conv->real + b * NET_INT8_BLOCK * conv->in * conv->kernel * conv->kernel,
                          p / e.size, p % e.size, v);
                finish(conv, b, v, at, bytes, dst);
            }
}

static void plain_shift(struct net_extent e, struct net_layout l, const float *x, int first, int count,
                        const float *bias, const float *steps, bool wide, void *out)
{
    size_t points = (size_t)(e.size * e.size), bytes = (size_t)e.n * points * (size_t)l.padded, at = 0;
    for (int row = 0; row < e.n; row++, bias += count)
        for (int b = 0; b < l.padded / NET_INT8_BLOCK; b++) {
            float add[NET_INT8_BLOCK], inverse[NET_INT8_BLOCK];
            net_int8_shift_lanes(l, b, first, count, bias, steps, add, inverse);
            for (size_t p = 0; p < points; p++, at += NET_INT8_BLOCK) {
                float v[NET_INT8_BLOCK];
                for (int i = 0; i < NET_INT8_BLOCK; i++) {
                    v[i] = (x[at + (size_t)i] + add[i]) * inverse[i];
                    v[i] = v[i] > 0 ? v[i] : 0;
                }
                store(v, at, bytes, wide, out);
            }
        }
}

static bool always(void)
{
    return true;
}

const struct net_int8_kernel net_int8_plain = {"plain C", always, plain_conv, plain_real, plain_shift};

const struct net_int8_kernel *const net_int8_kernels[] = {&net_int8_avx512, &net_int8_avx, &net_int8_plain, NULL};

const struct net_int8_kernel *net_int8_kernel_best(void)
{
    for (int i = 0; net_int8_kernels[i] != &net_int8_plain; i++)
        if (net_int8_kernels[i]->fits())
            return net_int8_kernels[i];
    return NULL;
}
