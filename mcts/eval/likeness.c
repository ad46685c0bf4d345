/* Memory by likeness: the nearest remembered positions, and an evaluator that corrects values by their errors. */
#include "mcts/likeness.h"

#include <math.h>
#include <string.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/real.h"

/* Positions are divided into cells around centres (k-means), of which the nearest ones are searched: an inverted file (Sivic and
 * Zisserman 2003). */
enum { CELL_POSITIONS = 128, SEARCHED_POSITIONS = 16 * CELL_POSITIONS, ROUNDS = 6, MOST_CELLS = 512 };

struct likeness {
    size_t size, count, cells;
    float weight;
    float *scale;    /* [size] by which a feature is multiplied */
    float *centres;  /* [cells][size] */
    size_t *begin;   /* [cells + 1] of each cell's positions */
    float *features; /* [count][size], scaled, by cell */
    float *errors;   /* [count] */
    int refs;
};

/* ---- making it ---- */

/* Squared distances of x to each of the rows [count][size]. */
NET_CLONES static void distances(const float *x, const float *rows, size_t count, size_t size, float *out)
{
    for (size_t i = 0; i < count; i++, rows += size) {
        float sum[16] = {0}; /* so that the compiler can use vectors */
        size_t k = 0;
        for (; k + 16 <= size; k += 16)
            for (int lane = 0; lane < 16; lane++)
                sum[lane] += (x[k + lane] - rows[k + lane]) * (x[k + lane] - rows[k + lane]);
        for (; k < size; k++)
            sum[0] += (x[k] - rows[k]) * (x[k] - rows[k]);
        out[i] = 0;
        for (int lane = 0; lane < 16; lane++)
            out[i] += sum[lane];
    }
}

/* 1 / standard deviation; 0 for a feature that is constant. */
static void find_scale(struct likeness *likeness, const float *features)
{
    for (size_t k = 0; k < likeness->size; k++) {
        double sum = 0, squares = 0;
        for (size_t i = 0; i < likeness->count; i++) {
            const double x = (double)features[i * likeness->size + k];
            sum += x;
            squares += x * x;
        }
        const double mean = sum / (double)likeness->count, variance = squares / (double)likeness->count - mean * mean;
        likeness->scale[k] = variance > 1e-9 * (1 + mean * mean) ? (float)(1 / sqrt(variance)) : 0;
    }
}

static size_t nearest_centre(const struct likeness *likeness, const float *x)
{
    float apart[MOST_CELLS];
    size_t best = 0;
    distances(x, likeness->centres, likeness->cells, likeness->size, apart);
    for (size_t c = 1; c < likeness->cells; c++)
        best = apart[c] < apart[best] ? c : best;
    return best;
}

/* Moves each centre to the mean of its positions; one without positions stays. */
static void move_centres(struct likeness *likeness, const float *scaled, const size_t *cell)
{
    const size_t size = likeness->size;
    double *sums = g_new0(double, likeness->cells *size);
    size_t *counts = g_new0(size_t, likeness->cells);
    for (size_t i = 0; i < likeness->count; i++) {
        counts[cell[i]]++;
        for (size_t k = 0; k < size; k++)
            sums[cell[i] * size + k] += (double)scaled[i * size + k];
    }
    for (size_t c = 0; c < likeness->cells; c++)
        for (size_t k = 0; counts[c] && k < size; k++)
            likeness->centres[c * size + k] = (float)(sums[c * size + k] / (double)counts[c]);
    g_free(sums);
    g_free(counts);
}

static void sort_by_cell(struct likeness *likeness, const float *scaled, const float *errors, const size_t *cell)
{
    size_t *at = g_new(size_t, likeness->cells);
    for (size_t i = 0; i < likeness->count; i++)
        likeness->begin[cell[i] + 1]++;
    for (size_t c = 0; c < likeness->cells; c++) {
        likeness->begin[c + 1] += likeness->begin[c];
        at[c] = likeness->begin[c];
    }
    for (size_t i = 0; i < likeness->count; i++) {
        const size_t to = at[cell[i]]++;
        memcpy(likeness->features + to * likeness->size, scaled + i * likeness->size, likeness->size * sizeof *scaled);
        likeness->errors[to] = errors[i];
    }
    g_free(at);
}

static void divide(struct likeness *likeness, const float *scaled, const float *errors)
{
    const size_t size = likeness->size;
    size_t *cell = g_new(size_t, likeness->count);
    for (size_t c = 0; c < likeness->cells; c++) /* begin with positions at equal intervals */
        memcpy(likeness->centres + c * size, scaled + c * likeness->count / likeness->cells * size,
               size * sizeof *scaled);
    for (int round = 0;; round++) {
        for (size_t i = 0; i < likeness->count; i++)
            cell[i] = nearest_centre(likeness, scaled + i * size);
        if (round == ROUNDS)
            break;
        move_centres(likeness, scaled, cell);
    }
    sort_by_cell(likeness, scaled, errors, cell);
    g_free(cell);
}

struct likeness *likeness_new(size_t size, size_t count, const float *features, const float *errors, float weight)
{
    struct likeness *likeness = g_new(struct likeness, 1);
    const size_t cells = CLAMP(count / CELL_POSITIONS, 1, MOST_CELLS);
    g_assert(size > 0 && size <= LIKENESS_MOST_FEATURES && count > 0);
    *likeness = (struct likeness){.size = size,
                                  .count = count,
                                  .cells = cells,
                                  .weight = weight,
                                  .scale = g_new(float, size),
                                  .centres = g_new(float, cells *size),
                                  .begin = g_new0(size_t, cells + 1),
                                  .features = g_new(float, count *size),
                                  .errors = g_new(float, count),
                                  .refs = 1};
    find_scale(likeness, features);
    float *scaled = g_new(float, count *size);
    for (size_t i = 0; i < count * size; i++)
        scaled[i] = features[i] * likeness->scale[i % size];
    divide(likeness, scaled, errors);
    g_free(scaled);
    return likeness;
}

struct likeness *likeness_ref(struct likeness *likeness)
{
    g_atomic_int_inc(&likeness->refs);
    return likeness;
}

void likeness_unref(struct likeness *likeness)
{
    if (!likeness || !g_atomic_int_dec_and_test(&likeness->refs))
        return;
    g_free(likeness->scale);
    g_free(likeness->centres);
    g_free(likeness->begin);
    g_free(likeness->features);
    g_free(likeness->errors);
    g_free(likeness);
}

/* ---- asking it ---- */

/* The nearest positions so far, as a heap with the farthest on top. */
struct nearest {
    int count;
    struct {
        float distance, error;
    } at[LIKENESS_NEIGHBOURS];
};

static void sift_down(struct nearest *nearest, int i)
{
    for (;;) {
        int most = i;
        for (int child = 2 * i + 1; child <= 2 * i + 2 && child < nearest->count; child++)
            if (nearest->at[child].distance > nearest->at[most].distance)
                most = child;
        if (most == i)
            return;
        const __typeof__(nearest->at[0]) moved = nearest->at[i];
        nearest->at[i] = nearest->at[most];
        nearest->at[most] = moved;
        i = most;
    }
}

static void offer(struct nearest *nearest, float distance, float error)
{
    if (nearest->count < LIKENESS_NEIGHBOURS) {
        nearest->at[nearest->count].distance = distance;
        nearest->at[nearest->count++].error = error;
        for (int i = nearest->count / 2 - 1; nearest->count == LIKENESS_NEIGHBOURS && i >= 0; i--)
            sift_down(nearest, i);
    } else if (distance < nearest->at[0].distance) {
        nearest->at[0].distance = distance;
        nearest->at[0].error = error;
        sift_down(nearest, 0);
    }
}

static void offer_cell(const struct likeness *likeness, size_t cell, const float *x, struct nearest *nearest)
{
    enum { CHUNK = 64 };
    float apart[CHUNK];
    for (size_t at = likeness->begin[cell], end = likeness->begin[cell + 1]; at < end; at += CHUNK) {
        const size_t count = MIN(end - at, CHUNK);
        distances(x, likeness->features + at * likeness->size, count, likeness->size, apart);
        for (size_t i = 0; i < count; i++)
            offer(nearest, apart[i], likeness->errors[at + i]);
    }
}

float likeness_error(const struct likeness *likeness, const float *features)
{
    float x[LIKENESS_MOST_FEATURES], apart[MOST_CELLS];
    struct nearest nearest = {.count = 0};
    for (size_t k = 0; k < likeness->size; k++)
        x[k] = features[k] * likeness->scale[k];
    distances(x, likeness->centres, likeness->cells, likeness->size, apart);
    for (size_t searched = 0, left = likeness->cells; left > 0 && searched < SEARCHED_POSITIONS; left--) {
        size_t c = 0;
        for (size_t other = 1; other < likeness->cells; other++)
            c = apart[other] < apart[c] ? other : c;
        apart[c] = INFINITY;
        offer_cell(likeness, c, x, &nearest);
        searched += likeness->begin[c + 1] - likeness->begin[c];
    }
    double sum = 0;
    for (int i = 0; i < nearest.count; i++)
        sum += (double)nearest.at[i].error;
    return (float)(sum / nearest.count);
}

/* ---- the evaluator ---- */

struct corrected {
    struct evaluator base;
    struct evaluator *inner;
    struct likeness *likeness;
};

static void evaluate(struct evaluator *self, int n, const struct eval_query *queries, struct eval *evals)
{
    const struct corrected *corrected = (const struct corrected *)self;
    size_t size;
    evaluator_evaluate(corrected->inner, n, queries, evals);
    const float *pooled = evaluator_net_pooled(corrected->inner, &size);
    for (int i = 0; i < n; i++) {
        struct eval *eval = &evals[i];
        if (!(eval->filled & EVAL_VALUE))
            continue;
        const float draw = eval->wdl[1], error = likeness_error(corrected->likeness, pooled + (size_t)i * size);
        const float value = CLAMP(eval_value(eval) + corrected->likeness->weight * error, draw - 1, 1 - draw);
        eval_wdl_of(value, draw, eval->wdl);
    }
}

static struct evaluator *inner(const struct evaluator *self)
{
    return ((const struct corrected *)self)->inner;
}

static void release(struct evaluator *self)
{
    struct corrected *corrected = (struct corrected *)self;
    evaluator_free(corrected->inner);
    likeness_unref(corrected->likeness);
    g_free(corrected);
}

static struct evaluator *copy(const struct evaluator *self)
{
    const struct corrected *from = (const struct corrected *)self;
    return evaluator_likeness_create(evaluator_clone(from->inner), from->likeness);
}

static const struct evaluator_ops likeness_ops = {
    .name = "likeness", .evaluate = evaluate, .clone = copy, .inner = inner, .free = release};

struct evaluator *evaluator_likeness_create(struct evaluator *below, struct likeness *likeness)
{
    struct corrected *corrected = g_new0(struct corrected, 1);
    *corrected = (struct corrected){
        .base = {.ops = &likeness_ops, .game = below->game}, .inner = below, .likeness = likeness_ref(likeness)};
    evaluator_net_keep_pooled(below);
    return &corrected->base;
}
