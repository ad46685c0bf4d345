#include "engine/training/replay/samples.h"

#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "games/game.h"
#include "net/targets.h"
#include "net/train.h"

struct row {
    const struct record *record;
    int ply;
    const struct settings *settings;
    double horizons[NET_HORIZONS];
    int horizon_count, symmetry;
};

/* The record's result and map are from player 0's perspective: 1 if player 0 is to move, else -1. */
static int mover_sign(const struct row *row)
{
    return row->record->plies[row->ply].player == 0 ? 1 : -1;
}

/* ---- targets: each function fills the values and returns their weight; 0 if the row has no such target, the values
 * are then arbitrary ---- */

/* The improved policy at a ply of the same game. */
static float fill_policy_at(const struct row *row, int ply, float *values)
{
    const struct game *game = &row->record->game;
    const struct record_share *shares = row->record->shares + row->record->plies[ply].first_share;
    int count = row->record->plies[ply].share_count;
    float sum = 0;
    memset(values, 0, sizeof *values * game->moves);
    for (int i = 0; i < count; i++)
        sum += (float)shares[i].share;
    for (int i = 0; i < count; i++)
        values[game_symmetry_move(game, row->symmetry, shares[i].move)] = (float)shares[i].share / sum;
    return count > 0;
}

static float fill_policy(const struct row *row, float *values)
{
    return fill_policy_at(row, row->ply, values);
}

/* A reply is by the opponent; after some opening moves the same player moves again. */
static float fill_reply(const struct row *row, float *values)
{
    const struct record *record = row->record;
    int next = row->ply + 1;
    if (next >= record->ply_count || record->plies[next].player == record->plies[row->ply].player)
        return 0;
    return fill_policy_at(row, next, values);
}

/* The outcome, in part replaced by what the search expected. */
static float fill_value(const struct row *row, float *values)
{
    const struct record_ply *ply = &row->record->plies[row->ply];
    const float mix = ply->flags & RECORD_SEARCHED ? (float)row->settings->value_search_mix : 0;
    record_outcome(row->record, row->ply, values);
    for (int i = 0; i < NET_OUTCOMES && mix > 0; i++)
        values[i] = (1 - mix) * values[i] + mix * ply->wdl[i];
    return 1;
}

static float fill_short_term_value(const struct row *row, float *values)
{
    record_short_term_value(row->record, row->ply, (float)row->settings->horizon, values);
    return 1;
}

/* The k-th further horizon, from 0. */
static float fill_horizon(const struct row *row, int k, float *values)
{
    if (k >= row->horizon_count)
        return 0;
    record_short_term_value(row->record, row->ply, (float)row->horizons[k], values);
    return 1;
}

static float fill_horizon_1(const struct row *row, float *values)
{
    return fill_horizon(row, 0, values);
}

static float fill_horizon_2(const struct row *row, float *values)
{
    return fill_horizon(row, 1, values);
}

static float fill_horizon_3(const struct row *row, float *values)
{
    return fill_horizon(row, 2, values);
}

static float fill_score(const struct row *row, float *values)
{
    values[0] = row->record->result.margin * (float)mover_sign(row);
    return 1;
}

static float fill_map(const struct row *row, float *values)
{
    const struct game *game = &row->record->game;
    const uint16_t *to = game_symmetry_table(game, row->symmetry);
    for (int p = 0; p < game->points; p++)
        values[to[p]] = (float)(row->record->map[p] * mover_sign(row));
    return 1;
}

static float (*const fills[NET_TARGETS])(const struct row *row, float *values) = {
    [NET_TARGET_POLICY] = fill_policy,       [NET_TARGET_REPLY] = fill_reply,
    [NET_TARGET_VALUE] = fill_value,         [NET_TARGET_SHORT_TERM_VALUE] = fill_short_term_value,
    [NET_TARGET_SCORE] = fill_score,         [NET_TARGET_MAP] = fill_map,
    [NET_TARGET_HORIZON_1] = fill_horizon_1, [NET_TARGET_HORIZON_2] = fill_horizon_2,
    [NET_TARGET_HORIZON_3] = fill_horizon_3,
};

/* ---- rows ---- */

static void write_position(struct net_samples *samples, int at, const struct row *row,
                           const struct game_features *features)
{
    const struct game *game = &row->record->game;
    union any_position position;
    struct history history;
    history_init(&history, row->ply);
    game_init(game, &position.p);
    for (int i = 0; i < row->ply; i++)
        game_play(game, &position.p, &history, row->record->plies[i].move);
    game_encode(game, features, &position.p, &history, row->symmetry,
                samples->planes + (size_t)at * features->planes * game->points,
                samples->globals + (size_t)at * features->globals);
    history_clear(&history);
}

void samples_write(struct net_samples *samples, int at, const struct record *record, int ply,
                   const struct game_features *features, const struct settings *settings, int symmetry)
{
    struct row row = {.record = record, .ply = ply, .settings = settings, .symmetry = symmetry};
    row.horizon_count = settings_horizons(settings, row.horizons, NULL);
    g_assert(row.horizon_count >= 0); /* settings_games has checked them */
    write_position(samples, at, &row, features);
    samples->row_weight[at] = 1;
    for (int t = 0; t < NET_TARGETS; t++) {
        if ((int)net_target_rows(t) != t)
            continue;
        bool unused = net_targets[t].needs_score && !record->game.has_score;
        g_assert(fills[t]); /* a target with rows of its own has a function above */
        samples->weight[t][at] = unused ? 0 : fills[t](&row, net_samples_row(samples, t, at));
    }
}
