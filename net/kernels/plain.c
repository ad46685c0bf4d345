/* Convolutions in plain C, channels last: the reference for all faster ones. Results are the same bit for bit on every
 * machine. */
#include "net/kernels/arithmetic.h"
#include "net/kernels/attention.h"
#include "net/kernels/packed.h"
#include "net/real.h"

#include <string.h>

enum { TILE = 16 };

struct net_conv {
    struct net_conv_spec spec;
    net_real *forward;  /* [k][k][in][out] */
    net_real *backward; /* [k][k][out][in], rotated by 180 degrees */
    net_real *bias;     /* [out] */
    net_real *gradient; /* [k][k][in][out], then [out] for the bias */
};

struct net_conv_plan {
    struct net_conv *conv;
    struct net_extent extent;
};

static size_t weights_of(const struct net_conv_spec *spec)
{
    return (size_t)spec->in * (size_t)spec->out * (size_t)(spec->kernel * spec->kernel);
}

static struct net_layout plain_layout(int channels)
{
    return (struct net_layout){channels, channels, channels};
}

static struct net_conv *plain_conv_create(const struct net_conv_spec *spec, GError **error)
{
    (void)error;
    struct net_conv *conv = g_new0(struct net_conv, 1);
    conv->spec = *spec;
    conv->forward = g_new0(net_real, weights_of(spec));
    conv->bias = g_new0(net_real, spec->out);
    if (spec->training) {
        conv->backward = g_new0(net_real, weights_of(spec));
        conv->gradient = g_new0(net_real, weights_of(spec) + (size_t)spec->out);
    }
    return conv;
}

static void plain_conv_free(struct net_conv *conv)
{
    if (!conv)
        return;
    g_free(conv->forward);
    g_free(conv->backward);
    g_free(conv->bias);
    g_free(conv->gradient);
    g_free(conv);
}

static void plain_conv_set(struct net_conv *conv, const net_real *weight, const net_real *bias,
                           const struct net_scales *in_scales, const struct net_scales *out_scales)
{
    (void)in_scales;
    (void)out_scales;
    const struct net_conv_spec *s = &conv->spec;
    size_t in = (size_t)s->in, out = (size_t)s->out, taps = (size_t)(s->kernel * s->kernel);
    for (size_t o = 0; o < out; o++)
        for (size_t i = 0; i < in; i++)
            for (size_t t = 0; t < taps; t++) {
                net_real w = weight[(o * in + i) * taps + t];
                conv->forward[(t * in + i) * out + o] = w;
                if (conv->backward)
                    conv->backward[((taps - 1 - t) * out + o) * in + i] = w;
            }
    memcpy(conv->bias, bias, out * sizeof *bias);
}

static void plain_conv_zero_gradient(struct net_conv *conv)
{
    memset(conv->gradient, 0, (weights_of(&conv->spec) + (size_t)conv->spec.out) * sizeof(net_real));
}

NET_CLONES void net_move_sum(size_t count, net_real *restrict from, net_real *restrict to)
{
    for (size_t i = 0; i < count; i++) {
        to[i] += from[i];
        from[i] = 0;
    }
}

static void plain_conv_move_gradient(struct net_conv *from, struct net_conv *to)
{
    net_move_sum(weights_of(&from->spec) + (size_t)from->spec.out, from->gradient, to->gradient);
}

static void plain_conv_gradient(const struct net_conv *conv, net_real *weight, net_real *bias)
{
    const struct net_conv_spec *s = &conv->spec;
    size_t in = (size_t)s->in, out = (size_t)s->out, taps = (size_t)(s->kernel * s->kernel);
    for (size_t o = 0; o < out; o++)
        for (size_t i = 0; i < in; i++)
            for (size_t t = 0; t < taps; t++)
                weight[(o * in + i) * taps + t] += conv->gradient[(t * in + i) * out + o];
    net_packed_real.add(out, bias, conv->gradient + weights_of(s));
}

static struct net_conv_plan *plain_plan_create(struct net_conv *conv, struct net_extent e, GError **error)
{
    (void)error;
    struct net_conv_plan *plan = g_new0(struct net_conv_plan, 1);
    *plan = (struct net_conv_plan){conv, e};
    return plan;
}

static void plain_plan_free(struct net_conv_plan *plan)
{
    g_free(plan);
}

static size_t plain_plan_scratch(const struct net_conv_plan *plan)
{
    (void)plan;
    return 0;
}

struct window {
    int width, height, kernel, in, out;
};

/* One point, outputs [o, o+width): sums over the taps on the board. */
static inline __attribute__((always_inline)) void conv_tile(struct window w, const net_real *restrict src,
                                                            const net_real *restrict weight, int y, int x, int o,
                                                            int width, net_real *restrict sums)
{
    int reach = w.kernel / 2;
    for (int ky = 0; ky < w.kernel; ky++)
        for (int kx = 0; kx < w.kernel; kx++) {
            int sy = y + ky - reach, sx = x + kx - reach;
            if (sy < 0 || sx < 0 || sy >= w.height || sx >= w.width)
                continue;
            const net_real *from = src + (size_t)(sy * w.width + sx) * (size_t)w.in;
            const net_real *tap = weight + (size_t)(ky * w.kernel + kx) * (size_t)w.in * (size_t)w.out + o;
            for (int i = 0; i < w.in; i++, tap += w.out)
                for (int j = 0; j < width; j++)
                    sums[j] += from[i] * tap[j];
        }
}

/* One row of the batch. bias NULL: zero; add: the result is added to dst. */
static inline __attribute__((always_inline)) void conv_row(struct window w, const net_real *src, const net_real *weight,
                                                           const net_real *bias, bool add, bool relu, net_real *dst)
{
    for (int y = 0; y < w.height; y++)
        for (int x = 0; x < w.width; x++)
            for (int o = 0; o < w.out; o += TILE) {
                net_real sums[TILE] = {0}, *to = dst + (size_t)(y * w.width + x) * (size_t)w.out + o;
                int width = MIN(TILE, w.out - o);
                for (int j = 0; bias && j < width; j++)
                    sums[j] = bias[o + j];
                if (width == TILE)
                    conv_tile(w, src, weight, y, x, o, TILE, sums);
                else
                    conv_tile(w, src, weight, y, x, o, width, sums);
                for (int j = 0; j < width; j++) {
                    net_real v = add ? sums[j] + to[j] : sums[j];
                    to[j] = relu && !(v > 0) ? 0 : v;
                }
            }
}

NET_CLONES static void plain_forward(struct net_conv_plan *plan, const void *from, void *to, void *scratch)
{
    (void)scratch;
    const net_real *src = from;
    net_real *dst = to;
    const struct net_conv *conv = plan->conv;
    const struct net_extent e = plan->extent;
    struct window w = {e.width, e.height, conv->spec.kernel, conv->spec.in, conv->spec.out};
    size_t points = net_extent_points(e);
    for (int row = 0; row < e.n; row++)
        conv_row(w, src + (size_t)row * points * (size_t)w.in, conv->forward, conv->bias, conv->spec.add,
                 conv->spec.relu, dst + (size_t)row * points * (size_t)w.out);
}

/* A convolution with rotated and transposed weights. */
NET_CLONES static void plain_backward_data(struct net_conv_plan *plan, const void *from, void *to, void *scratch)
{
    (void)scratch;
    const net_real *diff_dst = from;
    net_real *diff_src = to;
    const struct net_conv *conv = plan->conv;
    const struct net_extent e = plan->extent;
    struct window w = {e.width, e.height, conv->spec.kernel, conv->spec.out, conv->spec.in};
    size_t points = net_extent_points(e);
    for (int row = 0; row < e.n; row++)
        conv_row(w, diff_dst + (size_t)row * points * (size_t)w.in, conv->backward, NULL, false, false,
                 diff_src + (size_t)row * points * (size_t)w.out);
}

/* One tap over one row of the batch: gradient [in][out] += src at the tap * diff_dst. */
static inline __attribute__((always_inline)) void tap_weights(struct window w, int dy, int dx, const net_real *src,
                                                              const net_real *diff_dst, net_real *restrict gradient)
{
    for (int y = MAX(0, -dy); y < MIN(w.height, w.height - dy); y++)
        for (int x = MAX(0, -dx); x < MIN(w.width, w.width - dx); x++) {
            const net_real *from = src + (size_t)((y + dy) * w.width + x + dx) * (size_t)w.in;
            const net_real *d = diff_dst + (size_t)(y * w.width + x) * (size_t)w.out;
            for (int i = 0; i < w.in; i++)
                for (int o = 0; o < w.out; o++)
                    gradient[(size_t)i * (size_t)w.out + (size_t)o] += from[i] * d[o];
        }
}

NET_CLONES static void plain_backward_weights(struct net_conv_plan *plan, const void *in, const void *gradient,
                                              void *scratch)
{
    (void)scratch;
    const net_real *src = in, *diff_dst = gradient;
    struct net_conv *conv = plan->conv;
    const struct net_extent e = plan->extent;
    struct window w = {e.width, e.height, conv->spec.kernel, conv->spec.in, conv->spec.out};
    size_t points = net_extent_points(e), reach = (size_t)w.kernel / 2;
    net_real *bias = conv->gradient + weights_of(&conv->spec);
    for (int row = 0; row < e.n; row++) {
        const net_real *x = src + (size_t)row * points * (size_t)w.in;
        const net_real *d = diff_dst + (size_t)row * points * (size_t)w.out;
        for (int t = 0; t < w.kernel * w.kernel; t++)
            tap_weights(w, t / w.kernel - (int)reach, t % w.kernel - (int)reach, x, d,
                        conv->gradient + (size_t)t * (size_t)w.in * (size_t)w.out);
        for (size_t p = 0; p < points; p++)
            for (int o = 0; o < w.out; o++)
                bias[o] += d[p * (size_t)w.out + (size_t)o];
    }
}

static char *plain_describe(const struct net_conv_plan *plan)
{
    (void)plan;
    return g_strdup("plain C");
}

const struct net_arithmetic net_arithmetic_plain = {
    .name = "plain",
    .packed = &net_packed_real,
    .layout = plain_layout,
    .conv_create = plain_conv_create,
    .conv_free = plain_conv_free,
    .conv_set = plain_conv_set,
    .conv_zero_gradient = plain_conv_zero_gradient,
    .conv_gradient = plain_conv_gradient,
    .conv_move_gradient = plain_conv_move_gradient,
    .plan_create = plain_plan_create,
    .plan_free = plain_plan_free,
    .plan_scratch = plain_plan_scratch,
    .forward = plain_forward,
    .backward_data = plain_backward_data,
    .backward_weights = plain_backward_weights,
    .describe = plain_describe,
    .attention = net_attention_forward,
    .matmul = net_matmul_plain,
};
