/* tengen report --json. */
#include <cjson/cJSON.h>
#include <math.h>

#include "engine/commands/command.h"
#include "engine/commands/report.h"
#include "engine/ladder/ladder.h"
#include "engine/match/statistics/rating.h"
#include "engine/settings/settings.h"
#include "engine/store/store.h"
#include "engine/training/judge/quality.h"
#include "engine/training/judge/verdict.h"
#include "games/game.h"

static cJSON *komi_json(const struct report *report)
{
    cJSON *sizes = cJSON_CreateArray();
    for (int size = 0; size <= GAME_MAX_SIZE; size++) {
        const struct komi *komi = &report->komi[size];
        if (komi->games == 0)
            continue;
        cJSON *one = cJSON_CreateObject();
        cJSON_AddNumberToObject(one, "size", size);
        cJSON_AddNumberToObject(one, "games", (double)komi->games);
        cJSON_AddNumberToObject(one, "mean", report_komi_mean(komi));
        cJSON_AddNumberToObject(one, "stdev", report_komi_stdev(komi));
        cJSON_AddNumberToObject(one, "least", komi->min);
        cJSON_AddNumberToObject(one, "most", komi->max);
        cJSON_AddItemToArray(sizes, one);
    }
    return sizes;
}

/* Not finite, or not measured: null. */
static void add_figure(cJSON *object, const char *name, double value, bool known)
{
    if (known && isfinite(value))
        cJSON_AddNumberToObject(object, name, value);
    else
        cJSON_AddNullToObject(object, name);
}

static cJSON *metric_json(const struct store_metric *m)
{
    cJSON *point = cJSON_CreateObject();
    cJSON_AddNumberToObject(point, "games", (double)m->games);
    cJSON_AddNumberToObject(point, "positions", (double)m->positions);
    cJSON_AddNumberToObject(point, "generation", (double)m->generation);
    add_figure(point, "policy_loss", m->policy_loss, true);
    add_figure(point, "value_loss", m->value_loss, true);
    add_figure(point, "unseen_policy_loss", m->unseen_policy_loss, true);
    add_figure(point, "unseen_value_loss", m->unseen_value_loss, true);
    cJSON_AddNumberToObject(point, "seconds", m->seconds);
    cJSON_AddNumberToObject(point, "steps", (double)m->steps);
    cJSON_AddNumberToObject(point, "samples", (double)m->samples);
    add_figure(point, "loss", m->loss, true);
    add_figure(point, "games_per_s", m->games_per_s, true);
    add_figure(point, "evals_per_s", m->evals_per_s, true);
    add_figure(point, "plies_per_game", m->plies_per_game, true);
    add_figure(point, "diversity", m->diversity, m->diversity >= 0);
    add_figure(point, "visits", (double)m->visits, m->visits > 0);
    return point;
}

static cJSON *calibration_json(const struct quality_calibration *calibration)
{
    cJSON *bins = cJSON_CreateArray();
    for (int i = 0; i < QUALITY_BINS; i++) {
        cJSON *bin = cJSON_CreateObject();
        cJSON_AddNumberToObject(bin, "positions", (double)calibration->plies[i]);
        add_figure(bin, "expected", calibration->predicted[i], true);
        add_figure(bin, "won", calibration->actual[i], true);
        cJSON_AddItemToArray(bins, bin);
    }
    return bins;
}

static cJSON *quality_json(const struct quality *q)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "games", (double)q->games);
    cJSON_AddNumberToObject(object, "positions", (double)q->plies);
    add_figure(object, "value_error", q->raw.error, true);
    add_figure(object, "searched_value_error", q->searched.error, true);
    add_figure(object, "policy_entropy", q->entropy, true);
    add_figure(object, "policy_surprise", q->surprise, true);
    cJSON_AddItemToObject(object, "value", calibration_json(&q->raw));
    cJSON_AddItemToObject(object, "searched_value", calibration_json(&q->searched));
    return object;
}

static cJSON *strength_json(const struct report *report)
{
    cJSON *players = cJSON_CreateArray();
    for (guint i = 0; i < report->strength->len; i++) {
        const struct ladder_rating *r = &g_array_index(report->strength, struct ladder_rating, i);
        cJSON *player = cJSON_CreateObject();
        if (r->name[0])
            cJSON_AddStringToObject(player, "rung", r->name);
        else
            cJSON_AddNumberToObject(player, "generation", r->generation);
        cJSON_AddNumberToObject(player, "games", r->games);
        cJSON_AddNumberToObject(player, "score", r->score);
        add_figure(player, "elo", r->rating.elo, r->rating.known);
        add_figure(player, "elo_low", r->rating.low, r->rating.known);
        add_figure(player, "elo_high", r->rating.high, r->rating.known);
        cJSON_AddItemToArray(players, player);
    }
    return players;
}

struct adding {
    cJSON *object;
    const struct settings *settings;
};

static void add_setting(const char *name, bool fixed, const char *help, void *user)
{
    (void)fixed, (void)help;
    const struct adding *adding = user;
    char *value = settings_get(adding->settings, name);
    cJSON_AddStringToObject(adding->object, name, value);
    g_free(value);
}

void report_print_json(const struct report *report)
{
    cJSON *object = cJSON_CreateObject(), *curve = cJSON_CreateArray();
    cJSON_AddStringToObject(object, "game", report->settings.game);
    cJSON_AddStringToObject(object, "net", report->settings.net);
    cJSON_AddNumberToObject(object, "games", (double)report->counts.games);
    cJSON_AddNumberToObject(object, "positions", (double)report->counts.plies);
    cJSON_AddNumberToObject(object, "rows", (double)report->counts.rows);
    cJSON_AddNumberToObject(object, "generation", report->at.generation);
    cJSON_AddNumberToObject(object, "steps", (double)report->at.steps);
    cJSON_AddNumberToObject(object, "samples", (double)report->at.samples);
    cJSON_AddNumberToObject(object, "seconds", report->at.seconds);
    add_figure(object, "processor_seconds", report->processor_seconds, report->processor_seconds > 0);
    cJSON_AddNumberToObject(object, "last_games", (double)report->last.games);
    cJSON_AddNumberToObject(object, "first_won", (double)report->last.first_won);
    cJSON_AddNumberToObject(object, "drawn", (double)report->last.drawn);
    cJSON_AddNumberToObject(object, "distinct", (double)report->last.distinct);
    cJSON_AddItemToObject(object, "komi", komi_json(report));
    for (guint i = 0; i < report->metrics->len; i++)
        cJSON_AddItemToArray(curve, metric_json(&g_array_index(report->metrics, struct store_metric, i)));
    cJSON_AddItemToObject(object, "curve", curve);
    cJSON_AddItemToObject(object, "quality", quality_json(&report->quality));
    cJSON_AddItemToObject(object, "strength", strength_json(report));
    cJSON *generations = cJSON_AddArrayToObject(object, "generations");
    for (guint i = 0; i < report->ladder->len; i++)
        cJSON_AddItemToArray(generations, cJSON_CreateNumber(g_array_index(report->ladder, uint32_t, i)));
    settings_each(add_setting, &(struct adding){cJSON_AddObjectToObject(object, "settings"), &report->settings});
    cJSON_AddNumberToObject(object, "best", report->best);
    cJSON_AddBoolToObject(object, "best_held", report->held);
    cJSON_AddStringToObject(object, "verdict", verdict_name(report->verdict.kind));
    cJSON_AddStringToObject(object, "verdict_reason", report->verdict.why);
    command_print_json(object);
}
