#include "engine/training/replay/sequences.h"

#include <glib.h>

#include "engine/store/record.h"
#include "engine/training/replay/samples.h"
#include "net/train.h"

void sequence_write(struct net_samples *samples, int at, const struct sequence *sequence,
                    const struct game_features *features, const struct samples_form *form)
{
    const struct record *record = sequence->record;
    g_assert(sequence->first >= 0 && sequence->first + sequence->count <= record->ply_count);
    for (int i = 0; i < sequence->count; i++) {
        const int ply = sequence->first + i, root = MIN(i, sequence->root);
        samples_write(samples, at + i, record, ply, features, form);
        samples->row_weight[at + i] = record->plies[ply].flags & RECORD_TRAIN ? 1 : 0;
        samples->back[at + i] = root > 0 ? (float)(i - root + 1) : 0;
    }
}

void sequence_scale_weights(struct net_samples *samples)
{
    float sum = 0;
    for (int i = 0; i < samples->n; i++)
        sum += samples->row_weight[i];
    for (int i = 0; i < samples->n && sum > 0; i++)
        samples->row_weight[i] *= (float)samples->n / sum;
}

void sequence_begin_judged(struct net_samples *samples, int rows, int moves)
{
    samples->n = rows * (moves + 1);
    samples->sequence = moves + 1;
    for (int i = 0; i < samples->n; i++)
        samples->back[i] = 0; /* rows that are left over carry nothing */
}

void sequence_write_judged(struct net_samples *samples, int at, int moves, const struct record *record, int ply,
                           const struct game_features *features, const struct samples_form *form)
{
    const int before = MIN(moves, ply), slot = at * (moves + 1);
    const struct sequence sequence = {record, ply - before, before + 1, before};
    g_assert(slot + moves < samples->n && samples->sequence == moves + 1);
    sequence_write(samples, slot, &sequence, features, form);
    for (int i = 0; i <= moves; i++)
        samples->row_weight[slot + i] = i == before ? (float)(moves + 1) : 0;
}

/* The ply of the record's row at this place, 0 .. rows - 1. */
static int row_ply(const struct record *record, int place)
{
    int ply = 0;
    while (!(record->plies[ply].flags & RECORD_TRAIN) || place-- > 0)
        ply++;
    return ply;
}

void sequence_judge(struct net_samples *samples, int rows, int moves, const struct record *record,
                    const struct game_features *features, const struct samples_values *values, struct rng *rng)
{
    struct samples_form form = {.values = *values};
    sequence_begin_judged(samples, rows, moves);
    for (int i = 0; i < rows; i++) {
        const double at = (i + rng_uniform(rng)) / rows;
        form.symmetry = (int)rng_below(rng, record->game.symmetries);
        sequence_write_judged(samples, i, moves, record, row_ply(record, (int)(at * record->rows)), features, &form);
    }
}
