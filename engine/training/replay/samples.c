#include "engine/training/replay/samples.h"

#include <math.h>

#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "games/game.h"
#include "net/targets.h"
#include "net/train.h"

struct row {
    const struct record *record;
    int ply;
    const struct samples_form *form;
    struct game game; /* the record's; relabelled: with another komi */
    struct game_result result;
};

struct samples_values samples_values_of(const struct settings *settings, struct game_shape shape)
{
    double further[NET_HORIZONS];
    const double horizon = settings_horizon(settings, shape);
    struct samples_values values = {.horizon = (float)horizon, .search_mix = (float)settings->value_search_mix};
    values.further_count = settings_horizons(settings, further, NULL);
    g_assert(values.further_count >= 0); /* settings_games has checked them */
    for (int i = 0; i < values.further_count; i++)
        values.further[i] = (float)(further[i] * horizon / settings->horizon);
    return values;
}

static void set_game(struct row *row)
{
    const struct record *record = row->record;
    row->game = record->game;
    row->result = record->result;
    if (!row->form->relabel)
        return;
    game_set_komi(&row->game, row->form->komi);
    row->result.margin -= (float)(game_komi(&row->game) - game_komi(&record->game)) / 2; /* player 1 receives it */
    row->result.outcome = row->result.margin > 0 ? GAME_WON_0 : row->result.margin < 0 ? GAME_WON_1 : GAME_DRAWN;
}

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
        values[game_symmetry_move(game, row->form->symmetry, shares[i].move)] = (float)shares[i].share / sum;
    return count > 0;
}

static float fill_policy(const struct row *row, float *values)
{
    if (row->form->relabel || (row->record->plies[row->ply].flags & RECORD_OPPONENT))
        return 0;
    return fill_policy_at(row, row->ply, values);
}

/* A reply is by the opponent; after some opening moves the same player moves again. */
static float fill_reply(const struct row *row, float *values)
{
    const struct record *record = row->record;
    int next = row->ply + 1;
    if (row->form->relabel || next >= record->ply_count || record->plies[next].player == record->plies[row->ply].player)
        return 0;
    return fill_policy_at(row, next, values);
}

/* The outcome, in part replaced by what the search expected. */
static float fill_value(const struct row *row, float *values)
{
    const struct record_ply *ply = &row->record->plies[row->ply];
    bool searched = ply->flags & RECORD_SEARCHED && !row->form->relabel;
    const float mix = searched ? row->form->values.search_mix : 0;
    int sign = game_result_sign(&row->result, ply->player);
    values[0] = sign > 0;
    values[1] = sign == 0;
    values[2] = sign < 0;
    for (int i = 0; i < NET_OUTCOMES && mix > 0; i++)
        values[i] = (1 - mix) * values[i] + mix * ply->wdl[i];
    return 1;
}

static float fill_short_term_value(const struct row *row, float *values)
{
    if (row->form->relabel)
        return 0;
    record_short_term_value(row->record, row->ply, row->form->values.horizon, values);
    return 1;
}

/* The k-th further horizon, from 0. */
static float fill_horizon(const struct row *row, int k, float *values)
{
    if (row->form->relabel || k >= row->form->values.further_count)
        return 0;
    record_short_term_value(row->record, row->ply, row->form->values.further[k], values);
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

/* By how much the search moved the value at this ply. */
static float fill_value_error(const struct row *row, float *values)
{
    const struct record_ply *ply = &row->record->plies[row->ply];
    if (row->form->relabel || !(ply->flags & RECORD_SEARCHED) || ply->flags & RECORD_OPPONENT)
        return 0;
    values[0] = (float)fabs(record_value(ply->wdl) - record_value(ply->raw_wdl));
    return 1;
}

static float fill_score(const struct row *row, float *values)
{
    values[0] = row->result.margin * (float)mover_sign(row);
    return row->record->source != RECORD_OUTCOME_STATED;
}

static float fill_map(const struct row *row, float *values)
{
    const struct game *game = &row->record->game;
    const uint16_t *to = game_symmetry_table(game, row->form->symmetry);
    for (int p = 0; p < game->points; p++)
        values[to[p]] = (float)(row->record->map[p] * mover_sign(row));
    return row->record->source == RECORD_BY_RULES;
}

static float (*const fills[NET_TARGETS])(const struct row *row, float *values) = {
    [NET_TARGET_POLICY] = fill_policy,       [NET_TARGET_REPLY] = fill_reply,
    [NET_TARGET_VALUE] = fill_value,         [NET_TARGET_SHORT_TERM_VALUE] = fill_short_term_value,
    [NET_TARGET_SCORE] = fill_score,         [NET_TARGET_MAP] = fill_map,
    [NET_TARGET_HORIZON_1] = fill_horizon_1, [NET_TARGET_HORIZON_2] = fill_horizon_2,
    [NET_TARGET_HORIZON_3] = fill_horizon_3, [NET_TARGET_VALUE_ERROR] = fill_value_error,
};

/* ---- rows ---- */

static void write_position(struct net_samples *samples, int at, const struct row *row,
                           const struct game_features *features)
{
    const struct game *game = &row->game;
    union any_position position;
    struct history history;
    history_init(&history, row->ply);
    game_init(game, &position.p);
    for (int i = 0; i < row->ply; i++)
        game_play(game, &position.p, &history, row->record->plies[i].move);
    game_encode(game, features, &position.p, &history, row->form->symmetry,
                samples->planes + (size_t)at * features->planes * game->points,
                samples->globals + (size_t)at * features->globals);
    history_clear(&history);
}

void samples_write(struct net_samples *samples, int at, const struct record *record, int ply,
                   const struct game_features *features, const struct samples_form *form)
{
    struct row row = {.record = record, .ply = ply, .form = form};
    set_game(&row);
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
