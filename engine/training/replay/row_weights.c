#include "engine/training/replay/row_weights.h"

#include <math.h>

#include "engine/settings/settings.h"
#include "engine/store/record.h"

static bool is_row(const struct record *record, int ply)
{
    return (record->plies[ply].flags & RECORD_TRAIN) != 0;
}

static double policy_surprise(const struct record *record, int ply)
{
    return (double)record->plies[ply].surprise;
}

static double value_surprise(const struct record *record, int ply)
{
    return (double)record_value_surprise(record, ply);
}

/* Adds to the weights of the rows, by their surprise, this share of the game's weight. */
static void add(const struct record *record, double (*surprise)(const struct record *record, int ply), double share,
                int64_t *weights)
{
    double sum = 0;
    int rows = 0;
    if (share <= 0)
        return;
    for (int ply = 0; ply < record->ply_count; ply++)
        if (is_row(record, ply)) {
            sum += surprise(record, ply);
            rows++;
        }
    for (int ply = 0; ply < record->ply_count; ply++)
        if (is_row(record, ply))
            weights[ply] += llrint(share * ROW_WEIGHT * (sum > 0 ? rows * surprise(record, ply) / sum : 1));
}

void row_weights(const struct record *record, const struct settings *settings, int64_t *weights)
{
    const double rest = 1 - settings->surprise_weight - settings->surprise_value;
    for (int ply = 0; ply < record->ply_count; ply++)
        if (is_row(record, ply))
            weights[ply] = llrint(fmax(rest, 0) * ROW_WEIGHT);
    add(record, policy_surprise, settings->surprise_weight, weights);
    add(record, value_surprise, settings->surprise_value, weights);
    for (int ply = 0; ply < record->ply_count; ply++)
        if (is_row(record, ply) && weights[ply] < 1)
            weights[ply] = 1; /* so that a shape's rows always have a sum to draw from */
}
