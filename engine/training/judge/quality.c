#include "engine/training/judge/quality.h"

#include <math.h>

#include "engine/store/record.h"
#include "engine/store/store.h"

static const int64_t truth_work = 2000000;

static double expected_points(const float wdl[3])
{
    return (double)wdl[0] + (double)wdl[1] / 2;
}

static void count_value(struct quality_calibration *calibration, const float wdl[3], double points)
{
    const double expected = expected_points(wdl);
    const int bin = CLAMP((int)(expected * QUALITY_BINS), 0, QUALITY_BINS - 1);
    calibration->plies[bin]++;
    calibration->predicted[bin] += expected;
    calibration->actual[bin] += points;
}

/* From sums to means. */
static void finish_calibration(struct quality_calibration *calibration)
{
    int64_t plies = 0;
    double error = 0;
    for (int i = 0; i < QUALITY_BINS; i++) {
        error += fabs(calibration->predicted[i] - calibration->actual[i]);
        plies += calibration->plies[i];
        calibration->predicted[i] /= (double)calibration->plies[i]; /* NAN without plies */
        calibration->actual[i] /= (double)calibration->plies[i];
    }
    calibration->error = error / (double)plies;
}

static double entropy_of(const struct record *record, const struct record_ply *ply)
{
    double sum = 0, entropy = 0;
    for (int i = 0; i < ply->share_count; i++)
        sum += record->shares[ply->first_share + (uint32_t)i].share;
    for (int i = 0; i < ply->share_count; i++) {
        const double p = record->shares[ply->first_share + (uint32_t)i].share / sum;
        entropy -= p > 0 ? p * log(p) : 0;
    }
    return entropy;
}

static void count_game(struct quality *quality, const struct record *record, int64_t *rows)
{
    quality->games++;
    for (int i = 0; i < record->ply_count; i++) {
        const struct record_ply *ply = &record->plies[i];
        float outcome[3];
        if (!(ply->flags & RECORD_SEARCHED))
            continue;
        record_outcome(record, i, outcome);
        count_value(&quality->raw, ply->raw_wdl, expected_points(outcome));
        count_value(&quality->searched, ply->wdl, expected_points(outcome));
        quality->plies++;
        if (!(ply->flags & RECORD_TRAIN) || (ply->flags & RECORD_OPPONENT))
            continue;
        quality->entropy += entropy_of(record, ply);
        quality->surprise += (double)ply->surprise;
        ++*rows;
    }
}

/* The newest games first; records: oldest first. */
static void count_truth(const GPtrArray *records, struct truth_tally *tally)
{
    struct truth truth;
    truth_init(&truth, truth_work);
    for (guint i = records->len; i > 0 && truth.left > 0; i--)
        truth_count(&truth, records->pdata[i - 1], tally);
    truth_clear(&truth);
}

bool quality_of(struct store *store, const struct game *games, int game_count, int64_t rows, struct quality *quality,
                GError **error)
{
    GPtrArray *records;
    int64_t counted = 0;
    *quality = (struct quality){0};
    if (!store_load_games(store, games, game_count, rows, &records, error))
        return false;
    for (guint i = 0; i < records->len; i++)
        count_game(quality, records->pdata[i], &counted);
    count_truth(records, &quality->truth);
    g_ptr_array_unref(records);
    finish_calibration(&quality->raw);
    finish_calibration(&quality->searched);
    quality->entropy /= (double)counted;
    quality->surprise /= (double)counted;
    return true;
}
