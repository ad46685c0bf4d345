/* Values of a ply: what learning makes of the results of searches and of the game. */
#include "engine/store/record.h"

#include <math.h>
#include <string.h>

#include "games/game.h"

void record_outcome(const struct record *record, int ply, float wdl[3])
{
    int sign = game_result_sign(&record->result, record->plies[ply].player);
    wdl[0] = sign > 0;
    wdl[1] = sign == 0;
    wdl[2] = sign < 0;
}

float record_value_surprise(const struct record *record, int ply)
{
    const struct record_ply *at = &record->plies[ply];
    float sum = 0;
    for (int i = 0; i < 3 && at->flags & RECORD_SEARCHED; i++)
        if (at->wdl[i] > 0)
            sum += at->wdl[i] * logf(at->wdl[i] / fmaxf(at->raw_wdl[i], 1 / 65535.0f)); /* the least that is stored */
    return fmaxf(sum, 0);
}

float record_surprise(const struct record *record, int ply)
{
    return record->plies[ply].surprise + record_value_surprise(record, ply);
}

void record_short_term_value(const struct record *record, int ply, float horizon, float wdl[3])
{
    int player = record->plies[ply].player;
    float left = 1, keep = 1 - 1 / horizon, outcome[3];
    memset(wdl, 0, 3 * sizeof *wdl);
    for (int i = ply + 1; i < record->ply_count && left > 1e-4f; i++) {
        const struct record_ply *later = &record->plies[i];
        if (!(later->flags & RECORD_SEARCHED))
            continue;
        bool same = later->player == player;
        float share = left * (1 - keep);
        wdl[0] += share * later->wdl[same ? 0 : 2];
        wdl[1] += share * later->wdl[1];
        wdl[2] += share * later->wdl[same ? 2 : 0];
        left *= keep;
    }
    record_outcome(record, ply, outcome);
    for (int i = 0; i < 3; i++)
        wdl[i] += left * outcome[i];
}

int record_opponent(const struct record *record)
{
    for (int i = 0; i < record->ply_count; i++)
        if (record->plies[i].flags & RECORD_OPPONENT)
            return record->plies[i].player;
    return -1;
}
