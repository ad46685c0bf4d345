/* Input of int8 networks, the kernel in plain C, and the choice of a kernel. */
#include "net/kernels/int8/int8.h"
#include "net/kernels/packed.h"
#include "net/real.h"

#include <glib.h>
#include <pthread.h>
#include <string.h>

size_t net_int8_width(int padded, bool u16)
{
    return (size_t)padded * (u16 ? sizeof(uint8_t) + sizeof(uint16_t) : sizeof(uint8_t));
}

int net_int8_residue(struct net_layout l, const float *mean, int *residue)
{
    int count = MIN(l.padded - l.channels, l.channels);
    bool *taken = g_new0(bool, l.channels);
    for (int i = 0; i < count; i++) {
        int best = -1;
        for (int c = 0; c < l.channels; c++)
            if (!taken[c] && (best < 0 || mean[c] > mean[best]))
                best = c;
        taken[best] = true;
        residue[i] = best;
    }
    g_free(taken);
    return count;
}

/* One of 16 adjacent channels: what it is loaded from, in which unit. */
struct source {
    const float *plane; /* NULL: zeros */
    float units;        /* per 1 */
};

static struct source source_of(struct net_layout l, const int *residue, int residues, const float *planes,
                               size_t points, int channel)
{
    if (channel < l.channels)
        return (struct source){planes + (size_t)channel * points, 1 / NET_INT8_PLANE_SCALE};
    if (channel < l.channels + residues)
        return (struct source){planes + (size_t)residue[channel - l.channels] * points, 1 / NET_INT8_RESIDUE_SCALE};
    return (struct source){NULL, 0};
}

/* Up to 16 points of a block of channels. */
static inline __attribute__((always_inline)) void load_points(const struct source sources[NET_INT8_BLOCK], size_t first,
                                                              size_t count, uint8_t *x)
{
    enum { QUADS = NET_INT8_BLOCK / NET_INT8_QUAD };
    uint32_t quads[QUADS][NET_INT8_BLOCK] = {{0}}; /* four channels of each point */
    for (int q = 0; q < QUADS; q++)
        for (int i = 0; i < NET_INT8_QUAD; i++) {
            const struct source *s = &sources[q * NET_INT8_QUAD + i];
            float v[NET_INT8_BLOCK] = {0};
            if (s->plane && count == NET_INT8_BLOCK)
                memcpy(v, s->plane + first, sizeof v);
            else if (s->plane)
                memcpy(v, s->plane + first, count * sizeof(float));
            for (int p = 0; p < NET_INT8_BLOCK; p++)
                quads[q][p] |= (uint32_t)(int)(v[p] * s->units + 0.5f) << (8 * i);
        }
    for (size_t p = 0; p < count; p++, x += NET_INT8_BLOCK)
        for (int q = 0; q < QUADS; q++)
            memcpy(x + q * NET_INT8_QUAD, &quads[q][p], NET_INT8_QUAD);
}

NET_CLONES void net_int8_load(struct net_extent e, struct net_layout l, const int *residue, int residues,
                              const float *planes, uint8_t *x)
{
    const size_t points = net_extent_points(e);
    for (int row = 0; row < e.n; row++, planes += points * (size_t)l.channels)
        for (int b = 0; b < l.padded; b += NET_INT8_BLOCK) {
            struct source sources[NET_INT8_BLOCK];
            for (int i = 0; i < NET_INT8_BLOCK; i++)
                sources[i] = source_of(l, residue, residues, planes, points, b + i);
            for (size_t p = 0, count; p < points; p += count, x += count * NET_INT8_BLOCK) {
                count = MIN(NET_INT8_BLOCK, points - p);
                load_points(sources, p, count, x);
            }
        }
}

/* ---- the kernel in plain C ---- */

struct net_int8_lanes net_int8_bias_lanes(struct net_layout l, int block, int first, int count, const float *bias,
                                          const float *scales, const float *scales16)
{
    struct net_int8_lanes lanes = {{0}, {0}, {0}};
    const int channel = block * NET_INT8_BLOCK, here = MIN(NET_INT8_BLOCK, l.channels - channel);
    for (int i = MAX(0, first - channel); i < MIN(here, first + count - channel); i++)
        lanes.add[i] = bias[channel + i - first];
    for (int i = 0; i < here; i++)
        lanes.u8[i] = 1 / scales[channel + i];
    for (int i = 0; scales16 && i < here; i++)
        lanes.u16[i] = 1 / scales16[channel + i];
    return lanes;
}

/* Rounds a value in units of its scale. */
static uint8_t to_u8(float v)
{
    return (uint8_t)(int)(MIN(v, 255) + 0.5f);
}

static uint16_t to_u16(float v)
{
    float residue = v * NET_INT8_U16_UNITS;
    return (uint16_t)(int)(MIN(residue, 65535) + 0.5f);
}

/* Scales, biases, rectifies and stores a block of sums. */
static void finish(const struct net_int8_conv *conv, int block, float v[NET_INT8_BLOCK], size_t at, size_t bytes,
                   void *dst)
{
    const float *scale = conv->scale + block * NET_INT8_BLOCK, *bias = conv->bias + block * NET_INT8_BLOCK;
    for (int i = 0; i < NET_INT8_BLOCK; i++) {
        v[i] = v[i] * scale[i] + bias[i];
        if (conv->add)
            v[i] +=
                (float)((const uint16_t *)((const uint8_t *)dst + bytes))[at + (size_t)i] * (1.0f / NET_INT8_U16_UNITS);
        if (conv->relu)
            v[i] = MAX(v[i], 0);
        if (conv->form == NET_INT8_F32)
            ((float *)dst)[at + (size_t)i] = v[i];
        else if (conv->form == NET_INT8_U8)
            ((uint8_t *)dst)[at + (size_t)i] = to_u8(v[i]);
        else {
            ((uint8_t *)dst)[at + (size_t)i] = to_u8(v[i] * conv->ratio[block * NET_INT8_BLOCK + i]);
            ((uint16_t *)((uint8_t *)dst + bytes))[at + (size_t)i] = to_u16(v[i]);
        }
    }
}

/* Sums of one point and block of output channels, over the taps on the board. */
static void plain_sums(const struct net_int8_conv *conv, struct net_extent e, const uint8_t *src, const int8_t *weight,
                       int y, int x, int32_t sums[NET_INT8_BLOCK])
{
    size_t points = net_extent_points(e);
    int reach = conv->kernel / 2, quads = NET_INT8_BLOCK / NET_INT8_QUAD;
    memset(sums, 0, sizeof *sums * NET_INT8_BLOCK);
    for (int dy = -reach; dy <= reach; dy++)
        for (int dx = -reach; dx <= reach; dx++) {
            int sy = y + dy, sx = x + dx;
            const int8_t *w = weight;
            weight += conv->in * NET_INT8_BLOCK;
            if (sy < 0 || sx < 0 || sy >= e.height || sx >= e.width)
                continue;
            for (int q = 0; q < conv->in / NET_INT8_QUAD; q++)
                for (int o = 0; o < NET_INT8_BLOCK; o++)
                    for (int i = 0; i < NET_INT8_QUAD; i++, w++)
                        sums[o] +=
                            *w * src[(size_t)(q / quads) * points * NET_INT8_BLOCK +
                                     (size_t)((sy * e.width + sx) * NET_INT8_BLOCK + q % quads * NET_INT8_QUAD + i)];
        }
}

static void plain_conv(const struct net_int8_conv *conv, struct net_extent e, const uint8_t *src, void *dst)
{
    size_t points = net_extent_points(e), bytes = (size_t)e.n * points * (size_t)conv->out, at = 0;
    for (int row = 0; row < e.n; row++, src += points * (size_t)conv->in)
        for (int b = 0; b < conv->out / NET_INT8_BLOCK; b++)
            for (int p = 0; p < (int)points; p++, at += NET_INT8_BLOCK) {
                int32_t sums[NET_INT8_BLOCK];
                float v[NET_INT8_BLOCK];
                plain_sums(conv, e, src, conv->weight + b * NET_INT8_BLOCK * conv->in * conv->kernel * conv->kernel,
                           p / e.width, p % e.width, sums);
                for (int o = 0; o < NET_INT8_BLOCK; o++)
                    v[o] = (float)sums[o];
                finish(conv, b, v, at, bytes, dst);
            }
}

/* Sums of one point and block of output channels, in f32, for a row of the batch. */
static void real_sums(const struct net_int8_conv *conv, struct net_extent e, int row, const void *src,
                      const float *weight, int y, int x, float sums[NET_INT8_BLOCK])
{
    size_t points = net_extent_points(e);
    int reach = conv->kernel / 2;
    memset(sums, 0, sizeof *sums * NET_INT8_BLOCK);
    for (int dy = -reach; dy <= reach; dy++)
        for (int dx = -reach; dx <= reach; dx++, weight += conv->in * NET_INT8_BLOCK) {
            int sy = y + dy, sx = x + dx;
            if (sy < 0 || sx < 0 || sy >= e.height || sx >= e.width)
                continue;
            for (int i = 0; i < conv->in; i++) {
                size_t at = (size_t)row * points * (size_t)conv->in +
                            (size_t)(i / NET_INT8_BLOCK) * points * NET_INT8_BLOCK +
                            (size_t)((sy * e.width + sx) * NET_INT8_BLOCK + i % NET_INT8_BLOCK);
                float value = conv->u16 ? ((const uint16_t *)src)[at] : ((const float *)src)[at];
                for (int o = 0; o < NET_INT8_BLOCK; o++)
                    sums[o] += weight[i * NET_INT8_BLOCK + o] * value;
            }
        }
}

static void plain_real(const struct net_int8_conv *conv, struct net_extent e, const void *src, void *dst)
{
    size_t points = net_extent_points(e), bytes = (size_t)e.n * points * (size_t)conv->out, at = 0;
    for (int row = 0; row < e.n; row++)
        for (int b = 0; b < conv->out / NET_INT8_BLOCK; b++)
            for (int p = 0; p < (int)points; p++, at += NET_INT8_BLOCK) {
                float v[NET_INT8_BLOCK];
                real_sums(conv, e, row, src, conv->real + b * NET_INT8_BLOCK * conv->in * conv->kernel * conv->kernel,
                          p / e.width, p % e.width, v);
                finish(conv, b, v, at, bytes, dst);
            }
}

static void plain_bias_relu(struct net_extent e, struct net_layout l, const float *x, int first, int count,
                            const float *bias, const float *scales, const float *scales16, void *out)
{
    size_t points = net_extent_points(e), at = 0;
    uint8_t *low = out;
    uint16_t *high = (uint16_t *)(low + (size_t)e.n * points * (size_t)l.padded);
    for (int row = 0; row < e.n; row++, bias += count)
        for (int b = 0; b < l.padded / NET_INT8_BLOCK; b++) {
            const struct net_int8_lanes lanes = net_int8_bias_lanes(l, b, first, count, bias, scales, scales16);
            for (size_t i = 0; i < points * NET_INT8_BLOCK; i++, at++) {
                float v = x[at] + lanes.add[i % NET_INT8_BLOCK];
                v = MAX(v, 0);
                low[at] = to_u8(v * lanes.u8[i % NET_INT8_BLOCK]);
                if (scales16)
                    high[at] = to_u16(v * lanes.u16[i % NET_INT8_BLOCK]);
            }
        }
}

static bool always(void)
{
    return true;
}

static bool never(void)
{
    return false;
}

const struct net_int8_kernel net_int8_plain = {.name = "plain C",
                                               .fits = always,
                                               .pays = never,
                                               .conv = plain_conv,
                                               .real = plain_real,
                                               .bias_relu = plain_bias_relu};

const struct net_int8_kernel *const net_int8_kernels[] = {
#ifdef __aarch64__
    &net_int8_neon,
#else
    &net_int8_amx,   &net_int8_avx512,
    &net_int8_avx,   &net_int8_avx2,
#endif
    &net_int8_plain, NULL};

static const struct net_int8_kernel *best;

static void choose(void)
{
    for (int i = 0; net_int8_kernels[i] && !best; i++)
        if (net_int8_kernels[i]->fits() && net_int8_kernels[i]->pays())
            best = net_int8_kernels[i];
}

const struct net_int8_kernel *net_int8_kernel_best(void)
{
    static pthread_once_t chosen = PTHREAD_ONCE_INIT;
    pthread_once(&chosen, choose); /* CPUID takes microseconds on a virtual machine */
    return best;
}
