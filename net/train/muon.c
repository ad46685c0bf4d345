#include "net/train/muon.h"

#include <math.h>
#include <string.h>

#include "net/graph/graph.h"
#include "net/kernels/arithmetic.h"
#include "net/real.h"
#include "net/train/optimiser.h"

/* The quintic polynomial of Jordan 2024: steep at 0, so that small singular values grow fast, and close to 1 around 1
 * without converging to it. */
static const float A = 3.4445f, B = -4.7750f, C = 2.0315f, EPSILON = 1e-7f;
enum { ITERATIONS = 5 };
static const float UPDATE_RMS = 0.2f; /* of AdamW's updates, as measured by Liu et al. */

NET_CLONES static void scale(size_t count, float factor, float *x)
{
    for (size_t i = 0; i < count; i++)
        x[i] *= factor;
}

static void transpose(int rows, int columns, const float *restrict from, float *restrict to)
{
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++)
            to[(size_t)j * (size_t)rows + (size_t)i] = from[(size_t)i * (size_t)columns + (size_t)j];
}

/* next = (A + B G + C G G) x with G = x x'; rows <= columns. */
static void iterate(const struct net_arithmetic *arithmetic, int rows, int columns, const float *x, float *gram,
                    float *polynomial, float *next)
{
    const struct net_matmul products[] = {
        {rows, rows, columns, true, 1, 0}, {rows, rows, rows, false, C, B}, {rows, columns, rows, false, 1, 0}};
    size_t size = (size_t)rows;
    arithmetic->matmul(&products[0], x, x, gram);
    memcpy(polynomial, gram, size * size * sizeof *gram);
    arithmetic->matmul(&products[1], gram, gram, polynomial);
    for (size_t i = 0; i < size; i++)
        polynomial[i * size + i] += A;
    arithmetic->matmul(&products[2], polynomial, x, next);
}

/* The matrix and its successor, and two square matrices of the shorter side. */
size_t muon_workspace(int rows, int columns)
{
    size_t shorter = (size_t)MIN(rows, columns);
    return 2 * (size_t)rows * (size_t)columns + 2 * shorter * shorter;
}

void muon_orthogonalise(const struct net_arithmetic *arithmetic, int rows, int columns, float *x, float *workspace)
{
    bool tall = rows > columns;
    int shorter = tall ? columns : rows, longer = tall ? rows : columns;
    size_t count = (size_t)rows * (size_t)columns, square = (size_t)shorter * (size_t)shorter;
    float *now = workspace, *next = now + count, *gram = next + count, *polynomial = gram + square;
    if (tall)
        transpose(rows, columns, x, now);
    else
        memcpy(now, x, count * sizeof *x);
    scale(count, 1 / ((float)optimiser_norm(x, count) + EPSILON), now);
    for (int i = 0; i < ITERATIONS; i++) {
        iterate(arithmetic, shorter, longer, now, gram, polynomial, next);
        float *former = now;
        now = next;
        next = former;
    }
    if (tall)
        transpose(columns, rows, now, x);
    else
        memcpy(x, now, count * sizeof *x);
}

/* first: the momentum; direction: that of a Nesterov step. */
NET_CLONES static void accumulate(size_t count, float factor, float momentum, const float *restrict gradient,
                                  float *restrict first, float *restrict direction)
{
    for (size_t i = 0; i < count; i++) {
        float g = gradient[i] * factor;
        first[i] = momentum * first[i] + g;
        direction[i] = g + momentum * first[i];
    }
}

NET_CLONES static void move(size_t count, float rate, float decay, const float *restrict direction,
                            float *restrict params)
{
    for (size_t i = 0; i < count; i++)
        params[i] -= rate * direction[i] + decay * params[i];
}

void muon_apply(const struct net_param *param, const struct optimiser_step *step, float decay, const float *gradient,
                float *params, float *first, float *workspace)
{
    int rows = param->shape[0], columns = (int)(param->count / (size_t)rows);
    float *direction = workspace, rate = step->rate * UPDATE_RMS * sqrtf((float)MAX(rows, columns));
    accumulate(param->count, step->scale, step->momentum, gradient, first, direction);
    muon_orthogonalise(step->arithmetic, rows, columns, direction, workspace + param->count);
    move(param->count, rate, decay, direction, params);
}
