#include "net/kernels/attention.h"

#include <glib.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

enum {
    LANES = 16,
    SUMS = 8, /* keys, or channels, that are summed together: enough to hide the latency of an addition */
};

/* A vector of 16 equal numbers; v is a variable. */
#define SIXTEEN(v)                                                                                                     \
    {                                                                                                                  \
        v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v                                                                 \
    }
#define SPLAT(v) ((lanes_of)SIXTEEN(v))

/* In memory that is aligned to 64 bytes, whatever the size of a number. */
typedef net_lanes lanes_of __attribute__((aligned(64), may_alias));

static size_t padded(int count)
{
    return (size_t)(count + LANES - 1) / LANES * LANES;
}

/* ---- bias by offset ---- */

/* For each column of the board: the keys in it see queries (2 height - 1 rows), and lanes past the last query. */
static size_t column_count(struct net_extent board)
{
    return (size_t)((2 * board.height - 1) * board.width + LANES);
}

size_t net_attention_bias_count(struct net_extent board)
{
    return (size_t)board.width * column_count(board);
}

static int clamped(int offset)
{
    return CLAMP(offset, -NET_ATTENTION_REACH, NET_ATTENTION_REACH) + NET_ATTENTION_REACH;
}

/* The place in the table of a query in this row, counted from `height - 1` rows above the key, and columns of both. */
static size_t place(struct net_extent board, int row, int query_x, int key_x)
{
    return (size_t)(clamped(row - board.height + 1) * NET_ATTENTION_SIDE + clamped(query_x - key_x));
}

void net_attention_bias(struct net_extent board, const net_real *table, net_real *bias)
{
    for (int x = 0; x < board.width; x++, bias += column_count(board)) {
        net_real *to = bias;
        for (int row = 0; row < 2 * board.height - 1; row++, to += board.width)
            if (board.width <= NET_ATTENTION_REACH + 1)
                memcpy(to, table + place(board, row, 0, x), (size_t)board.width * sizeof *to);
            else
                for (int q = 0; q < board.width; q++)
                    to[q] = table[place(board, row, q, x)];
        memset(to, 0, LANES * sizeof *to);
    }
}

void net_attention_bias_gradient(struct net_extent board, const net_real *dbias, net_real *dtable)
{
    for (int x = 0; x < board.width; x++, dbias += column_count(board)) {
        const net_real *from = dbias;
        for (int row = 0; row < 2 * board.height - 1; row++)
            for (int q = 0; q < board.width; q++)
                dtable[place(board, row, q, x)] += *from++;
    }
}

/* Where the biases of queries from `first` to the keys of a row of the board begin; those to the next key are
 * column_count later. */
INLINE size_t bias_at(const struct net_attention *a, int first, int row)
{
    return (size_t)(first + (a->board.height - 1 - row) * a->board.width);
}

/* ---- lanes ---- */

INLINE void load(const net_real *from, lanes_of *lanes)
{
    memcpy(lanes, from, sizeof *lanes);
}

/* Rows [count][channels], `stride` apart, to lanes [channels]; lanes without a row are 0. */
INLINE void transpose(const net_real *rows, size_t stride, int count, int channels, net_real *lanes)
{
    for (int c = 0; c < channels; c++)
        for (int i = 0; i < LANES; i++)
            lanes[c * LANES + i] = i < count ? rows[(size_t)i * stride + (size_t)c] : 0;
}

#ifdef NET_REAL_DOUBLE
INLINE void exponential(lanes_of *x)
{
    for (int i = 0; i < LANES; i++)
        (*x)[i] = net_real_exp((*x)[i]);
}
#else
/* exp(x) for x <= 0, as 2^n 2^f with f in [-1/2, 1/2] and 2^f by its Taylor series: an error of 2e-7 near 0, and of
 * 1e-7 |x| below, where the terms of a softmax are small. */
INLINE void exponential(lanes_of *x)
{
    static const float factors[] = {1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 1.0f / 2, 1, 1};
    const float log2e = 1.44269504f, least = -126, rounder = 0x1.8p23f /* a sum with it has no fraction */,
                log2 = 0.693147181f;
    lanes_of t = *x * SPLAT(log2e);
    net_lane_mask inside = t > SPLAT(least);
    t = (lanes_of)(((net_lane_mask)t & inside) | ((net_lane_mask)SPLAT(least) & ~inside));
    const lanes_of n = (t + SPLAT(rounder)) - SPLAT(rounder), f = (t - n) * SPLAT(log2);
    lanes_of power = SPLAT(factors[0]);
    for (size_t i = 1; i < G_N_ELEMENTS(factors); i++)
        power = power * f + SPLAT(factors[i]);
    const net_lane_mask bias = SIXTEEN(127), mantissa = SIXTEEN(23);
    *x = power * (lanes_of)((__builtin_convertvector(n, net_lane_mask) + bias) << mantissa);
}
#endif

/* ---- products ---- */

/* Sums over the channels of rows(j) * lanes for `count` adjacent keys, added to `sums`. */
INLINE void product(int count, int channels, const lanes_of *x, const net_real *row, size_t stride, lanes_of *sums)
{
    for (int c = 0; c < channels; c++)
        for (int k = 0; k < count; k++) {
            const net_real v = row[(size_t)k * stride + (size_t)c];
            sums[k] += SPLAT(v) * x[c];
        }
}

NET_CLONES void net_attention_biases(const struct net_attention *a, int first, net_real *out)
{
    size_t column = column_count(a->board);
    if (!a->bias)
        memset(out, 0, (size_t)a->keys * LANES * sizeof *out);
    for (int y = 0; a->bias && y < a->board.height; y++) {
        const net_real *from = a->bias + bias_at(a, first, y);
        for (int x = 0; x < a->board.width; x++, from += column, out += LANES)
            memcpy(out, from, LANES * sizeof *out);
    }
}

/* Adds the sums over the channels of rows(j) * lanes to lanes [keys]. The workspace has room past the last key, whose sums
 * are repeated there. */
INLINE void products(int keys, int channels, const net_real *lanes, const net_real *rows, size_t stride, net_real *out)
{
    const lanes_of *x = (const lanes_of *)lanes;
    lanes_of *to = (lanes_of *)out, sums[SUMS];
    int whole = keys / SUMS * SUMS;
    for (int j = 0; j < whole; j += SUMS) {
        for (int k = 0; k < SUMS; k++)
            sums[k] = to[j + k];
        product(SUMS, channels, x, rows + (size_t)j * stride, stride, sums);
        for (int k = 0; k < SUMS; k++)
            to[j + k] = sums[k];
    }
    for (int j = whole; j < keys; j++)
        product(1, channels, x, rows + (size_t)j * stride, stride, &to[j]);
    for (int j = keys; j < whole + SUMS; j++)
        to[j] = to[keys - 1];
}

/* `count` adjacent channels of mix. */
INLINE void mix_channels(int count, int keys, const lanes_of *x, const net_real *rows, size_t stride, lanes_of *out)
{
    lanes_of sums[SUMS] = {{0}};
    for (int j = 0; j < keys; j++, rows += stride)
        product(count, 1, x + j, rows, 1, sums);
    for (int k = 0; k < count; k++)
        out[k] = sums[k];
}

/* Lanes [channels] of sums over the keys of rows(j) * lanes(j). */
INLINE void mix(int keys, int channels, const net_real *lanes, const net_real *rows, size_t stride, net_real *out)
{
    const lanes_of *x = (const lanes_of *)lanes;
    lanes_of *to = (lanes_of *)out;
    int c = 0;
    for (; c + SUMS <= channels; c += SUMS)
        mix_channels(SUMS, keys, x, rows + c, stride, to + c);
    for (; c < channels; c++)
        mix_channels(1, keys, x, rows + c, stride, to + c);
}

/* Adds `width` lanes. */
INLINE void add_lanes(int width, const lanes_of *sum, net_real *to)
{
    lanes_of there;
    if (width == LANES) {
        load(to, &there);
        there += *sum;
        memcpy(to, &there, sizeof there);
    } else {
        for (int i = 0; i < width; i++)
            to[i] += (*sum)[i];
    }
}

/* Adds to row j of `rows` [keys] the sum over the lanes of lanes(j) * queries(lane); queries [LANES][padded]. */
INLINE void outer(int keys, int channels, const net_real *lanes, const net_real *queries, net_real *rows, size_t stride)
{
    size_t pitch = padded(channels);
    for (int c = 0; c < channels; c += LANES)
        for (int j = 0; j < keys; j += SUMS) {
            lanes_of sums[SUMS] = {{0}};
            for (int i = 0; i < LANES; i++)
                product(SUMS, 1, (const lanes_of *)(queries + (size_t)i * pitch + c), lanes + j * LANES + i, LANES,
                        sums);
            for (int k = 0; k < MIN(SUMS, keys - j); k++)
                add_lanes(MIN(LANES, channels - c), &sums[k], rows + (size_t)(j + k) * stride + (size_t)c);
        }
}

INLINE void raise_lanes(lanes_of *highest, const lanes_of *x)
{
    net_lane_mask above = *x > *highest;
    *highest = (lanes_of)(((net_lane_mask)*x & above) | ((net_lane_mask)*highest & ~above));
}

/* Turns scores [keys] of lanes into weights that sum to 1 in each lane once multiplied by *share. */
INLINE void softmax(int keys, net_real *scores, lanes_of *share)
{
    lanes_of *x = (lanes_of *)scores, highest[SUMS], most, sum = {0};
    for (int k = 0; k < SUMS; k++)
        highest[k] = x[k];
    for (int j = SUMS; j < keys; j += SUMS) /* the last score is repeated */
        for (int k = 0; k < SUMS; k++)
            raise_lanes(&highest[k], &x[j + k]);
    most = highest[0];
    for (int k = 1; k < SUMS; k++)
        raise_lanes(&most, &highest[k]);
    for (int j = 0; j < keys; j++) {
        x[j] -= most;
        exponential(&x[j]);
        sum += x[j];
    }
    const net_real one = 1;
    *share = SPLAT(one) / sum;
}

/* ---- passes ---- */

struct work {
    net_real *query, *out;         /* lanes [depth], [width] */
    net_real *weights, *dweights;  /* lanes [keys], with room for SUMS more */
    net_real *queries, *dout;      /* [LANES][padded depth], [LANES][padded width] */
};

/* Returns its size. */
static size_t work_divide(const struct net_attention *a, net_real *workspace, struct work *w)
{
    const size_t sizes[] = {(size_t)a->depth,         (size_t)a->width, (size_t)(a->keys + SUMS),
                            (size_t)(a->keys + SUMS), padded(a->depth), padded(a->width)};
    const size_t pairs = (size_t)(a->keys + 1) * (size_t)(a->depth + a->width + 1) / 2; /* in bf16 (attention_bf16.c) */
    net_real **const parts[] = {&w->query, &w->out, &w->weights, &w->dweights, &w->queries, &w->dout};
    size_t at = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        *parts[i] = workspace ? workspace + at : NULL;
        at += sizes[i] * LANES;
    }
    return at + pairs;
}

size_t net_attention_workspace(const struct net_attention *a)
{
    struct work w;
    return work_divide(a, NULL, &w);
}

NET_CLONES void net_attention_forward(const struct net_attention *a, const net_real *query, const net_real *key,
                                      const net_real *value, net_real *out, net_real *workspace)
{
    struct work w;
    work_divide(a, workspace, &w);
    for (int first = 0; first < a->queries; first += LANES) {
        int count = MIN(LANES, a->queries - first);
        lanes_of share;
        transpose(query + (size_t)first * a->query_stride, a->query_stride, count, a->depth, w.query);
        net_attention_biases(a, first, w.weights);
        products(a->keys, a->depth, w.query, key, a->key_stride, w.weights);
        softmax(a->keys, w.weights, &share);
        mix(a->keys, a->width, w.weights, value, a->value_stride, w.out);
        for (int c = 0; c < a->width; c++)
            ((lanes_of *)w.out)[c] *= share;
        for (int i = 0; i < count; i++)
            for (int c = 0; c < a->width; c++)
                out[(size_t)(first + i) * a->out_stride + (size_t)c] = w.out[c * LANES + i];
    }
}

void net_attention_weights(const struct net_attention *a, int i, const net_real *query, const net_real *key,
                           net_real *weights)
{
    const net_real *own = query + (size_t)i * a->query_stride;
    net_real highest = 0, sum = 0;
    for (int j = 0; j < a->keys; j++) {
        const size_t row = (size_t)(j / MAX(a->board.width, 1)), column = (size_t)(j % MAX(a->board.width, 1));
        weights[j] = a->bias ? a->bias[bias_at(a, i, (int)row) + column * column_count(a->board)] : 0;
        for (int c = 0; c < a->depth; c++)
            weights[j] += own[c] * key[(size_t)j * a->key_stride + (size_t)c];
        highest = j ? MAX(highest, weights[j]) : weights[j];
    }
    for (int j = 0; j < a->keys; j++)
        sum += weights[j] = net_real_exp(weights[j] - highest);
    for (int j = 0; j < a->keys; j++)
        weights[j] /= sum;
}

/* Turns the gradient of the weights into that of the scores. */
INLINE void softmax_backward(int keys, const net_real *weights, net_real *dweights)
{
    const lanes_of *p = (const lanes_of *)weights;
    lanes_of *d = (lanes_of *)dweights, mean = {0};
    for (int j = 0; j < keys; j++)
        mean += p[j] * d[j];
    for (int j = 0; j < keys; j++)
        d[j] = p[j] * (d[j] - mean);
}

INLINE void copy_rows(const net_real *rows, size_t stride, int count, int channels, net_real *to)
{
    size_t pitch = padded(channels);
    memset(to, 0, LANES * pitch * sizeof *to);
    for (int i = 0; i < count; i++)
        memcpy(to + (size_t)i * pitch, rows + (size_t)i * stride, (size_t)channels * sizeof *to);
}

INLINE void bias_backward(const struct net_attention *a, int first, const net_real *dscores, net_real *dbias)
{
    size_t column = column_count(a->board);
    for (int y = 0; y < a->board.height; y++) {
        net_real *to = dbias + bias_at(a, first, y);
        for (int x = 0; x < a->board.width; x++, to += column, dscores += LANES)
            add_lanes(LANES, (const lanes_of *)dscores, to);
    }
}

NET_CLONES void net_attention_backward(const struct net_attention *a, const net_real *query, const net_real *key,
                                       const net_real *value, const net_real *dout, net_real *dquery, net_real *dkey,
                                       net_real *dvalue, net_real *dbias, net_real *workspace)
{
    struct work w;
    work_divide(a, workspace, &w);
    for (int first = 0; first < a->queries; first += LANES) {
        int count = MIN(LANES, a->queries - first);
        const net_real *q = query + (size_t)first * a->query_stride, *d = dout + (size_t)first * a->out_stride;
        lanes_of share;
        transpose(q, a->query_stride, count, a->depth, w.query);
        transpose(d, a->out_stride, count, a->width, w.out);
        copy_rows(q, a->query_stride, count, a->depth, w.queries);
        copy_rows(d, a->out_stride, count, a->width, w.dout);
        net_attention_biases(a, first, w.weights);
        products(a->keys, a->depth, w.query, key, a->key_stride, w.weights);
        softmax(a->keys, w.weights, &share);
        for (int j = 0; j < a->keys; j++)
            ((lanes_of *)w.weights)[j] *= share;
        outer(a->keys, a->width, w.weights, w.dout, dvalue, a->value_stride);
        memset(w.dweights, 0, (size_t)a->keys * LANES * sizeof *w.dweights);
        products(a->keys, a->width, w.out, value, a->value_stride, w.dweights);
        softmax_backward(a->keys, w.weights, w.dweights);
        outer(a->keys, a->depth, w.dweights, w.queries, dkey, a->key_stride);
        mix(a->keys, a->depth, w.dweights, key, a->key_stride, w.query);
        for (int i = 0; i < count; i++)
            for (int c = 0; c < a->depth; c++)
                dquery[(size_t)(first + i) * a->query_stride + (size_t)c] += w.query[c * LANES + i];
        if (dbias)
            bias_backward(a, first, w.dweights, dbias);
    }
}
