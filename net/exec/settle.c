#include "net/exec/settle.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#include "net/targets.h"

void settle_begin(struct settle *settle, int n, size_t moves, size_t points)
{
    size_t rows = (size_t)n, size = rows * (2 * moves + points + 2 * NET_OUTCOMES + 2);
    if (size > settle->numbers_size) {
        settle->numbers = g_renew(float, settle->numbers, size);
        settle->numbers_size = size;
    }
    if (rows > settle->rows) {
        settle->settled = g_renew(bool, settle->settled, rows);
        settle->rows = rows;
    }
    memset(settle->settled, 0, rows * sizeof *settle->settled);
    settle->n = n;
    settle->moves = moves;
    settle->points = points;
    settle->first = true;
    settle->policy = settle->numbers;
    settle->wdl = settle->policy + rows * moves;
    settle->now.policy = settle->wdl + rows * NET_OUTCOMES;
    memset(settle->policy, 0, rows * (moves + NET_OUTCOMES) * sizeof *settle->policy);
    settle->now.wdl = settle->now.policy + rows * moves;
    settle->now.score = settle->now.wdl + rows * NET_OUTCOMES;
    settle->now.error = settle->now.score + rows;
    settle->now.map = settle->now.error + rows;
}

struct net_outputs settle_buffers(const struct settle *settle, const struct net_outputs *wanted)
{
    return (struct net_outputs){.policy = settle->now.policy,
                                .wdl = settle->now.wdl,
                                .score = wanted->score ? settle->now.score : NULL,
                                .map = wanted->map ? settle->now.map : NULL,
                                .error = wanted->error ? settle->now.error : NULL};
}

/* Copies row `row` of `count` numbers; to: may be NULL. */
static void copy_row(float *to, const float *from, int row, size_t count)
{
    if (to)
        memcpy(to + (size_t)row * count, from + (size_t)row * count, count * sizeof *to);
}

static void give_row(const struct settle *settle, int row, const struct net_outputs *outputs)
{
    copy_row(outputs->policy, settle->now.policy, row, settle->moves);
    copy_row(outputs->wdl, settle->now.wdl, row, NET_OUTCOMES);
    copy_row(outputs->score, settle->now.score, row, 1);
    copy_row(outputs->error, settle->now.error, row, 1);
    copy_row(outputs->map, settle->now.map, row, settle->points);
}

void settle_softmax(const float *x, float *probabilities, size_t count)
{
    float most = x[0], sum = 0;
    for (size_t i = 1; i < count; i++)
        most = MAX(most, x[i]);
    for (size_t i = 0; i < count; i++)
        sum += probabilities[i] = expf(x[i] - most);
    for (size_t i = 0; i < count; i++)
        probabilities[i] /= sum;
}

/* Half of the sum of the differences; *was becomes *now. */
static float total_variation(float *was, const float *now, size_t count)
{
    float sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += fabsf(now[i] - was[i]);
        was[i] = now[i];
    }
    return sum / 2;
}

/* How far this step has moved the answer. */
static float movement(struct settle *settle, int row)
{
    float *policy = settle->now.policy + (size_t)row * settle->moves;
    size_t outcomes = (size_t)row * NET_OUTCOMES;
    settle_softmax(policy, policy, settle->moves);
    float moves = total_variation(settle->policy + (size_t)row * settle->moves, policy, settle->moves);
    float wdl = total_variation(settle->wdl + outcomes, settle->now.wdl + outcomes, NET_OUTCOMES);
    return MAX(moves, wdl);
}

bool settle_take(struct settle *settle, float threshold, int step, const struct net_outputs *outputs, int *steps)
{
    bool all = true;
    for (int row = 0; row < settle->n; row++) {
        if (settle->settled[row])
            continue;
        give_row(settle, row, outputs);
        steps[row] = step;
        float moved = movement(settle, row); /* without meaning at first */
        settle->settled[row] = !settle->first && moved < threshold;
        all &= settle->settled[row];
    }
    settle->first = false;
    return all;
}

void settle_clear(struct settle *settle)
{
    g_free(settle->numbers);
    g_free(settle->settled);
}
