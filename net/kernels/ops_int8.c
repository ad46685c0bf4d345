/* Inference in int8: narrow tensors (int8.h) between convolutions, everything else in f32, all in blocks of 16
 * channels. The kernels are our own; nothing is prepared for a board size, and nothing is allocated but the weights. */
#include "net/kernels/int8.h"
#include "net/memory.h"
#include "net/kernels/ops.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct net_conv {
    struct net_conv_spec spec;
    const struct net_int8_kernel *kernel;
    struct net_int8_conv narrow;
};

struct net_conv_plan {
    const struct net_conv *conv;
    struct net_extent extent;
};

static int padded(int channels)
{
    return (channels + NET_INT8_BLOCK - 1) / NET_INT8_BLOCK * NET_INT8_BLOCK;
}

static struct net_layout layout(int channels)
{
    return (struct net_layout){channels, padded(channels), NET_INT8_BLOCK};
}

static size_t weights_of(const struct net_conv *conv)
{
    return (size_t)(conv->narrow.in * conv->narrow.out * conv->spec.kernel * conv->spec.kernel);
}

static bool reads_bytes(const struct net_conv_spec *spec)
{
    return spec->narrow_in && !spec->wide_in;
}

static struct net_conv *conv_create(const struct net_conv_spec *spec, GError **error)
{
    (void)error;
    struct net_conv *conv = g_new0(struct net_conv, 1);
    g_assert(!spec->training && (!spec->add || spec->narrow_in));
    conv->spec = *spec;
    conv->kernel = net_int8_kernel_best();
    conv->narrow = (struct net_int8_conv){
        .in = padded(spec->in),
        .out = padded(spec->out),
        .kernel = spec->kernel,
        .relu = spec->relu,
        .add = spec->add,
        .form = !spec->narrow_out ? NET_INT8_REAL
                : spec->wide_out  ? NET_INT8_WIDE
                                  : NET_INT8_NARROW,
        .words = spec->wide_in,
    };
    conv->narrow.scale = net_memory_new((size_t)conv->narrow.out * sizeof(float));
    conv->narrow.bias = net_memory_new((size_t)conv->narrow.out * sizeof(float));
    conv->narrow.ratio = net_memory_new((size_t)conv->narrow.out * sizeof(float));
    if (reads_bytes(spec))
        conv->narrow.weight = net_memory_new(weights_of(conv));
    else
        conv->narrow.real = net_memory_new(weights_of(conv) * sizeof(float));
    return conv;
}

static void conv_free(struct net_conv *conv)
{
    if (!conv)
        return;
    free(conv->narrow.weight);
    free(conv->narrow.scale);
    free(conv->narrow.bias);
    free(conv->narrow.ratio);
    free(conv->narrow.real);
    g_free(conv);
}

/* Where weight [o][i] of tap 0 lies among blocks of 16 output channels with `quad` input channels together, and how far
 * it is to the next tap. */
static size_t weight_at(const struct net_conv *conv, int o, int i, int quad, size_t *tap)
{
    size_t in = (size_t)conv->narrow.in, taps = (size_t)(conv->spec.kernel * conv->spec.kernel);
    *tap = in * NET_INT8_BLOCK;
    return (size_t)(o / NET_INT8_BLOCK) * taps * *tap + (size_t)(i / quad * quad) * NET_INT8_BLOCK +
           (size_t)(o % NET_INT8_BLOCK * quad + i % quad);
}

/* Puts weights [taps] of output channel o for what channel `to` reads, in units of unit / step, and takes what was put
 * off them. */
static void put_weights(struct net_conv *conv, int o, int to, float unit, float step, float *left)
{
    int taps = conv->spec.kernel * conv->spec.kernel;
    size_t next, at = weight_at(conv, o, to, NET_INT8_QUAD, &next);
    for (int t = 0; t < taps; t++, at += next) {
        conv->narrow.weight[at] = (int8_t)lrintf(left[t] * step / unit);
        left[t] -= (float)conv->narrow.weight[at] * unit / step;
    }
}

/* Weights of output channel o as bytes, the largest as 127, and what that leaves of those with fine bytes. Returns what
 * a unit of the sum is worth. What rounding the weights adds to the sum on average, as the mean of the input is known,
 * is taken off the bias (Nagel et al. 2019, "Data-free quantization through weight equalization and bias correction",
 * section 4.2). */
static float narrow_weights(struct net_conv *conv, int o, const float *weight, const struct net_steps *steps,
                            float *bias)
{
    int taps = conv->spec.kernel * conv->spec.kernel;
    float most = 0;
    for (int i = 0; i < conv->spec.in; i++)
        for (int t = 0; t < taps; t++)
            most = fmaxf(most, fabsf(weight[i * taps + t] * steps->in[i]));
    float unit = most > 0 ? most / 127 : 1;
    for (int i = 0; i < conv->spec.in; i++, weight += taps) {
        float left[9];
        memcpy(left, weight, (size_t)taps * sizeof *left);
        put_weights(conv, o, i, unit, steps->in[i], left);
        for (int f = 0; f < steps->fines; f++)
            if (steps->fine[f] == i)
                put_weights(conv, o, conv->spec.in + f, unit, NET_INT8_FINE_STEP, left);
        for (int t = 0; t < taps; t++)
            *bias += left[t] * steps->mean[i];
    }
    return unit;
}

/* steps: of the wide tensor that is read, NULL where it is floats. */
static void real_weights(struct net_conv *conv, int o, const float *weight, const float *steps)
{
    int taps = conv->spec.kernel * conv->spec.kernel;
    for (int i = 0; i < conv->spec.in; i++) {
        size_t next, at = weight_at(conv, o, i, 1, &next);
        for (int t = 0; t < taps; t++, at += next)
            conv->narrow.real[at] = weight[i * taps + t] * (steps ? steps[i] / NET_INT8_FINER : 1);
    }
}

static void conv_set(struct net_conv *conv, const float *weight, const float *bias, const struct net_steps *steps)
{
    size_t each = (size_t)(conv->spec.in * conv->spec.kernel * conv->spec.kernel);
    for (int o = 0; o < conv->spec.out; o++) {
        float step = steps->wide_out ? steps->wide_out[o] : steps->out ? steps->out[o] : 1;
        float unit = 1, corrected = bias[o];
        if (reads_bytes(&conv->spec))
            unit = narrow_weights(conv, o, weight + (size_t)o * each, steps, &corrected);
        else
            real_weights(conv, o, weight + (size_t)o * each, steps->wide_in);
        conv->narrow.scale[o] = unit / step;
        conv->narrow.bias[o] = corrected / step;
        conv->narrow.ratio[o] = steps->wide_out ? step / steps->out[o] : 1;
    }
}

static struct net_conv_plan *plan_create(struct net_conv *conv, int size, int n, GError **error)
{
    (void)error;
    struct net_conv_plan *plan = g_new0(struct net_conv_plan, 1);
    *plan = (struct net_conv_plan){conv, {size, n}};
    return plan;
}

static void plan_free(struct net_conv_plan *plan)
{
    g_free(plan);
}

static size_t plan_scratch(const struct net_conv_plan *plan)
{
    (void)plan;
    return 0;
}

static void forward(struct net_conv_plan *plan, const void *src, void *dst, void *scratch)
{
    (void)scratch;
    const struct net_conv *conv = plan->conv;
    size_t points = (size_t)(plan->extent.n * plan->extent.size * plan->extent.size);
    if (reads_bytes(&conv->spec))
        conv->kernel->conv(&conv->narrow, plan->extent, src, dst);
    else /* a tensor's wide part lies behind its narrow one */
        conv->kernel->real(&conv->narrow, plan->extent,
                           (const uint8_t *)src + (conv->narrow.words ? points * (size_t)conv->narrow.in : 0), dst);
}

static char *describe(const struct net_conv_plan *plan)
{
    return g_strdup_printf("%s%s", plan->conv->kernel->name, reads_bytes(&plan->conv->spec) ? "" : " in f32");
}

const struct net_ops net_ops_int8 = {
    .name = "int8",
    .cells = &net_cells_real,
    .narrow = true,
    .layout = layout,
    .conv_create = conv_create,
    .conv_free = conv_free,
    .conv_set = conv_set,
    .plan_create = plan_create,
    .plan_free = plan_free,
    .plan_scratch = plan_scratch,
    .forward = forward,
    .describe = describe,
};
