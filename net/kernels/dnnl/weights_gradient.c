#include "net/kernels/dnnl/weights_gradient.h"
#include "net/kernels/packed.h"

#include <assert.h>
#include <glib.h>

#if defined(__x86_64__) && defined(__GNUC__)
#include "net/kernels/dnnl/weights_pairs.h"

#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))
#define INLINE TARGET static inline __attribute__((always_inline))

/* LANES channels fill a register with pairs. At most POINTS points are processed before the sums are stored, so that
 * what is read repeatedly stays in the L1 cache. At most GROUP registers of output channels are processed together. */
enum { POINTS = 96, GROUP = 4 };

static bool fits(struct net_layout in, struct net_layout out)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && in.block % LANES == 0 && out.block % LANES == 0;
}

static size_t scratch_bytes(struct net_extent e, struct net_layout in, struct net_layout out)
{
    return (size_t)(in.padded + out.padded) * net_extent_points(e) * sizeof(uint32_t);
}

/* The number of registers of output channels in the group that begins at b; groups have nearly equal sizes. */
static inline int group_at(int b, int blocks)
{
    int left = blocks - b;
    return left <= GROUP ? left : left == 5 || left == 6 ? 3 : GROUP;
}

/* to: [blocks][points], or if grouped [groups][points][size of the group]. sum: receives the sums over the points; may
 * be NULL. */
TARGET static void interleave(struct net_layout l, const uint16_t *x, int row, int n, size_t points, bool grouped,
                              __m512i *to, float *sum)
{
    assert(x);
    const __m512bh ones = (__m512bh)_mm512_set1_epi16(0x3f80);
    int blocks = l.padded / LANES;
    for (int first = 0, count; first < blocks; first += count) {
        count = grouped ? group_at(first, blocks) : 1;
        for (int b = first; b < first + count; b++) {
            size_t step;
            const uint16_t *one = lanes_at(l, x, row, b, points, &step), *two = NULL;
            __m512 total = _mm512_setzero_ps();
            if (row + 1 < n)
                two = lanes_at(l, x, row + 1, b, points, &step);
            for (size_t p = 0; p < points; p++) {
                __m512i v = pair(one + p * step, two ? two + p * step : NULL);
                to[((size_t)first * points + p * (size_t)count) + (size_t)(b - first)] = v;
                total = _mm512_dpbf16_ps(total, (__m512bh)v, ones);
            }
            if (sum)
                _mm512_storeu_ps(sum + b * LANES, _mm512_add_ps(_mm512_loadu_ps(sum + b * LANES), total));
        }
    }
}

/* The points [y0, y1) x [x0, x1) of the output, and the offset to the corresponding input. */
struct patch {
    int width, y0, y1, x0, x1, shift;
};

/* One tap, `ins` input channels by `outs` registers of output channels, whose sums stay in registers. */
INLINE void tile(struct patch patch, int ins, int outs, const uint32_t *src, const __m512i *dst, float *weight,
                 size_t stride)
{
    __m512 sum[8][GROUP];
#pragma GCC unroll 8
    for (int i = 0; i < ins; i++)
#pragma GCC unroll 4
        for (int o = 0; o < outs; o++)
            sum[i][o] = _mm512_loadu_ps(weight + (size_t)i * stride + (size_t)(o * LANES));
    for (int y = patch.y0; y < patch.y1; y++) {
        const __m512i *d = dst + (y * patch.width + patch.x0) * outs;
        const uint32_t *s = src + (y * patch.width + patch.x0 + patch.shift) * LANES;
        for (int x = patch.x0; x < patch.x1; x++, d += outs, s += LANES) {
            __m512bh out[GROUP];
#pragma GCC unroll 4
            for (int o = 0; o < outs; o++)
                out[o] = (__m512bh)_mm512_load_si512(d + o);
#pragma GCC unroll 8
            for (int i = 0; i < ins; i++) {
                __m512bh in = (__m512bh)_mm512_set1_epi32((int)s[i]);
#pragma GCC unroll 4
                for (int o = 0; o < outs; o++)
                    sum[i][o] = _mm512_dpbf16_ps(sum[i][o], out[o], in);
            }
        }
    }
#pragma GCC unroll 8
    for (int i = 0; i < ins; i++)
#pragma GCC unroll 4
        for (int o = 0; o < outs; o++)
            _mm512_storeu_ps(weight + (size_t)i * stride + (size_t)(o * LANES), sum[i][o]);
}

TARGET static void tiles(struct patch patch, int outs, const uint32_t *src, const __m512i *dst, float *weight,
                         size_t stride)
{
    if (outs == 4)
        for (int i = 0; i < LANES; i += 4)
            tile(patch, 4, 4, src + i, dst, weight + (size_t)i * stride, stride);
    else
        for (int i = 0; i < LANES; i += 8)
            if (outs == 3)
                tile(patch, 8, 3, src + i, dst, weight + (size_t)i * stride, stride);
            else if (outs == 2)
                tile(patch, 8, 2, src + i, dst, weight + (size_t)i * stride, stride);
            else
                tile(patch, 8, 1, src + i, dst, weight + (size_t)i * stride, stride);
}

/* Two rows of the batch, lines [y0, y1) of their output. */
TARGET static void strip(struct net_extent e, int y0, int y1, int ins, int outs, const __m512i *src, const __m512i *dst,
                         float *weight)
{
    size_t points = net_extent_points(e), in = (size_t)(ins * LANES), out = (size_t)(outs * LANES);
    for (int first = 0, count; first < outs; first += count) {
        count = group_at(first, outs);
        for (int b = 0; b < ins; b++)
            for (int tap = 0; tap < 9; tap++) {
                int dy = tap / 3 - 1, dx = tap % 3 - 1;
                struct patch patch = {
                    e.width,          MAX(y0, -dy), MIN(y1, e.height - dy), MAX(0, -dx), MIN(e.width, e.width - dx),
                    dy * e.width + dx};
                tiles(patch, count, (const uint32_t *)(src + (size_t)b * points), dst + (size_t)first * points,
                      weight + ((size_t)tap * in + (size_t)b * LANES) * out + (size_t)first * LANES, out);
            }
    }
}

static void add(struct net_extent e, struct net_layout in, struct net_layout out, const void *src, const void *diff_dst,
                float *weight, float *bias, void *scratch)
{
    size_t points = net_extent_points(e);
    int ins = in.padded / LANES, outs = out.padded / LANES, lines = MAX(1, POINTS / e.width);
    __m512i *from = scratch, *to = from + (size_t)ins * points;
    for (int row = 0; row < e.n; row += 2) {
        interleave(in, src, row, e.n, points, false, from, NULL);
        interleave(out, diff_dst, row, e.n, points, true, to, bias);
        for (int y = 0; y < e.height; y += lines)
            strip(e, y, MIN(y + lines, e.height), ins, outs, from, to, weight);
    }
}

const struct net_weights_kernel net_weights_vectors = {
    .name = "own:avx512_bf16", .fits = fits, .scratch = scratch_bytes, .add = add};

#else

static bool fits(struct net_layout in, struct net_layout out)
{
    (void)in;
    (void)out;
    return false;
}

const struct net_weights_kernel net_weights_vectors = {.name = "own:avx512_bf16", .fits = fits};

#endif

const struct net_weights_kernel *const net_weights_kernels[] = {&net_weights_tiles, &net_weights_vectors, NULL};

const struct net_weights_kernel *net_weights_kernel_best(struct net_layout in, struct net_layout out)
{
    const struct net_weights_kernel *const *kernel = net_weights_kernels;
    while (*kernel && !(*kernel)->fits(in, out))
        kernel++;
    return *kernel;
}
