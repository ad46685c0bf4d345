/* Inference in int8: quantised tensors (int8.h) between convolutions, everything else in f32 (attention in bf16 where the processor
 * has it), all in blocks of 16 channels. The kernels are our own; they need no preparation for a board size, and no memory but the
 * weights and the stack. */
#include "net/kernels/arithmetic.h"
#include "net/kernels/attention.h"
#include "net/kernels/int8/int8.h"
#include "net/kernels/packed.h"
#include "net/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct net_conv {
    struct net_conv_spec spec;
    const struct net_int8_kernel *kernel;
    struct net_int8_conv packed;
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
    return (size_t)(conv->packed.in * conv->packed.out * conv->spec.kernel * conv->spec.kernel);
}

static bool reads_bytes(const struct net_conv_spec *spec)
{
    return spec->quantised_in && !spec->u16_in;
}

static struct net_conv *conv_create(const struct net_conv_spec *spec, GError **error)
{
    (void)error;
    struct net_conv *conv = g_new0(struct net_conv, 1);
    g_assert(!spec->training && (!spec->add || spec->quantised_in));
    conv->spec = *spec;
    conv->kernel = net_int8_kernel_best();
    conv->packed = (struct net_int8_conv){
        .in = padded(spec->in),
        .out = padded(spec->out),
        .kernel = spec->kernel,
        .relu = spec->relu,
        .add = spec->add,
        .form = !spec->quantised_out ? NET_INT8_F32
                : spec->u16_out      ? NET_INT8_U8_U16
                                     : NET_INT8_U8,
        .u16 = spec->u16_in,
    };
    conv->packed.scale = net_memory_new((size_t)conv->packed.out * sizeof(float));
    conv->packed.bias = net_memory_new((size_t)conv->packed.out * sizeof(float));
    conv->packed.ratio = net_memory_new((size_t)conv->packed.out * sizeof(float));
    if (reads_bytes(spec))
        conv->packed.weight = net_memory_new(weights_of(conv));
    else
        conv->packed.real = net_memory_new(weights_of(conv) * sizeof(float));
    const size_t bytes = conv->kernel->transform ? conv->kernel->transformed_bytes(&conv->packed) : 0;
    conv->packed.transformed = bytes > 0 ? net_memory_new(bytes) : NULL;
    return conv;
}

static void conv_free(struct net_conv *conv)
{
    if (!conv)
        return;
    free(conv->packed.weight);
    free(conv->packed.transformed);
    free(conv->packed.scale);
    free(conv->packed.bias);
    free(conv->packed.ratio);
    free(conv->packed.real);
    g_free(conv);
}

/* The index of weight [o][i] of tap 0, in blocks of 16 output channels with `quad` adjacent input channels. *tap: the
 * distance to the next tap. */
static size_t weight_at(const struct net_conv *conv, int o, int i, int quad, size_t *tap)
{
    size_t in = (size_t)conv->packed.in, taps = (size_t)(conv->spec.kernel * conv->spec.kernel);
    *tap = in * NET_INT8_BLOCK;
    return (size_t)(o / NET_INT8_BLOCK) * taps * *tap + (size_t)(i / quad * quad) * NET_INT8_BLOCK +
           (size_t)(o % NET_INT8_BLOCK * quad + i % quad);
}

/* Stores weights [taps] of output channel o for input channel `to`, in units of unit / scale; `left` receives the
 * rounding errors. */
static void put_weights(struct net_conv *conv, int o, int to, float unit, float scale, float *left)
{
    int taps = conv->spec.kernel * conv->spec.kernel;
    size_t next, at = weight_at(conv, o, to, NET_INT8_QUAD, &next);
    for (int t = 0; t < taps; t++, at += next) {
        conv->packed.weight[at] = (int8_t)lrintf(left[t] * scale / unit);
        left[t] -= (float)conv->packed.weight[at] * unit / scale;
    }
}

/* Quantises the weights of output channel o to bytes, the largest to 127, and stores the rounding errors of those whose
 * plane has a copy. Returns the value of one unit of the sum. Since the mean of the input is known, so is the mean
 * error that rounding the weights adds to the sum; the bias is corrected by it (Nagel et al. 2019, "Data-free
 * quantization through weight equalization and bias correction", section 4.2). */
static float quantise_weights(struct net_conv *conv, int o, const float *weight, const struct net_scales *in,
                              float *bias)
{
    int taps = conv->spec.kernel * conv->spec.kernel;
    float most = 0;
    for (int i = 0; i < conv->spec.in; i++)
        for (int t = 0; t < taps; t++)
            most = fmaxf(most, fabsf(weight[i * taps + t] * in->u8[i]));
    float unit = most > 0 ? most / 127 : 1;
    for (int i = 0; i < conv->spec.in; i++, weight += taps) {
        float left[9];
        memcpy(left, weight, (size_t)taps * sizeof *left);
        put_weights(conv, o, i, unit, in->u8[i], left);
        for (int r = 0; r < in->residues; r++)
            if (in->residue[r] == i)
                put_weights(conv, o, conv->spec.in + r, unit, NET_INT8_RESIDUE_SCALE, left);
        for (int t = 0; t < taps; t++)
            *bias += left[t] * in->mean[i];
    }
    return unit;
}

/* scales: of the 16-bit input values; NULL if the input is float. */
static void real_weights(struct net_conv *conv, int o, const float *weight, const float *scales)
{
    int taps = conv->spec.kernel * conv->spec.kernel;
    for (int i = 0; i < conv->spec.in; i++) {
        size_t next, at = weight_at(conv, o, i, 1, &next);
        for (int t = 0; t < taps; t++, at += next)
            conv->packed.real[at] = weight[i * taps + t] * (scales ? scales[i] / NET_INT8_U16_UNITS : 1);
    }
}

static void conv_set(struct net_conv *conv, const float *weight, const float *bias, const struct net_scales *in,
                     const struct net_scales *out)
{
    size_t each = (size_t)(conv->spec.in * conv->spec.kernel * conv->spec.kernel);
    for (int o = 0; o < conv->spec.out; o++) {
        float scale = !out ? 1 : out->u16 ? out->u16[o] : out->u8[o];
        float unit = 1, corrected = bias[o];
        if (reads_bytes(&conv->spec))
            unit = quantise_weights(conv, o, weight + (size_t)o * each, in, &corrected);
        else
            real_weights(conv, o, weight + (size_t)o * each, conv->spec.u16_in ? in->u16 : NULL);
        conv->packed.scale[o] = unit / scale;
        conv->packed.bias[o] = corrected / scale;
        conv->packed.ratio[o] = out && out->u16 ? scale / out->u8[o] : 1;
    }
    if (conv->packed.transformed)
        conv->kernel->transform(&conv->packed, conv->packed.transformed);
}

static struct net_conv_plan *plan_create(struct net_conv *conv, struct net_extent e, GError **error)
{
    (void)error;
    struct net_conv_plan *plan = g_new0(struct net_conv_plan, 1);
    *plan = (struct net_conv_plan){conv, e};
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
    size_t points = (size_t)plan->extent.n * net_extent_points(plan->extent);
    if (reads_bytes(&conv->spec))
        conv->kernel->conv(&conv->packed, plan->extent, src, dst);
    else /* the 16-bit values follow the bytes */
        conv->kernel->real(&conv->packed, plan->extent,
                           (const uint8_t *)src + (conv->packed.u16 ? points * (size_t)conv->packed.in : 0), dst);
}

static char *describe(const struct net_conv_plan *plan)
{
    return g_strdup_printf("%s%s", plan->conv->kernel->name, reads_bytes(&plan->conv->spec) ? "" : " in f32");
}

static void bias_relu(struct net_extent e, struct net_layout l, const float *x, int first, int count, const float *bias,
                      const struct net_scales *scales, void *out)
{
    net_int8_kernel_best()->bias_relu(e, l, x, first, count, bias, scales->u8, scales->u16, out);
}

static void read_row(struct net_extent e, struct net_layout l, const struct net_scales *scales, const void *x, int row,
                     float *out)
{
    net_int8_read_row(e, l, scales->u8, scales->u16, x, row, out);
}

static void write_row(struct net_extent e, struct net_layout l, const struct net_scales *scales, void *x, int row,
                      const float *in)
{
    net_int8_write_row(e, l, scales->u8, scales->u16, x, row, in);
}

static const struct net_quantisation quantisation = {
    .plane_scale = NET_INT8_PLANE_SCALE,
    .width = net_int8_width,
    .residue = net_int8_residue,
    .load = net_int8_load,
    .bias_relu = bias_relu,
    .read_row = read_row,
    .write_row = write_row,
};

const struct net_arithmetic net_arithmetic_int8 = {
    .name = "int8",
    .packed = &net_packed_real,
    .quantisation = &quantisation,
    .layout = layout,
    .conv_create = conv_create,
    .conv_free = conv_free,
    .conv_set = conv_set,
    .plan_create = plan_create,
    .plan_free = plan_free,
    .plan_scratch = plan_scratch,
    .forward = forward,
    .describe = describe,
    .attention = net_attention_forward_bf16,
};
