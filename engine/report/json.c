/* All that a report knows as one JSON object. */
#include <cjson/cJSON.h>
#include <math.h>

#include "engine/ladder/ladder.h"
#include "engine/match/statistics/rating.h"
#include "engine/report/report.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "engine/store/store.h"
#include "engine/training/judge/quality.h"
#include "engine/training/judge/truth.h"
#include "engine/training/judge/verdict.h"
#include "engine/training/provenance/lineage.h"
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
    add_figure(point, "memory_mb", round(m->memory / 1e5) / 10, m->memory > 0);
    add_figure(point, "disk_mb", round(m->disk / 1e5) / 10, m->disk > 0);
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

static cJSON *truth_json(const struct truth_tally *t)
{
    static const char *const names[TRUTH_SOURCES] = {"searched_to_the_end", "won_by_threats", "finished"};
    cJSON *object = cJSON_CreateObject();
    const double known = (double)truth_known(t);
    for (int i = 0; i < TRUTH_SOURCES; i++)
        cJSON_AddNumberToObject(object, names[i], (double)t->positions[i]);
    add_figure(object, "value_error", t->raw_error / known, known > 0);
    add_figure(object, "searched_value_error", t->searched_error / known, known > 0);
    add_figure(object, "value_right", (double)t->raw_right / known, known > 0);
    add_figure(object, "searched_value_right", (double)t->searched_right / known, known > 0);
    return object;
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
    cJSON_AddItemToObject(object, "truth", truth_json(&q->truth));
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

/* ---- the curves ---- */

static cJSON *progress_json(const struct report *report)
{
    cJSON *list = cJSON_CreateArray();
    for (guint i = 0; i < report->progress->len; i++) {
        const struct store_metric *m = &g_array_index(report->progress, struct store_metric, i);
        cJSON *one = metric_json(m);
        cJSON_AddNumberToObject(one, "hours", m->seconds / 3600);
        cJSON_AddItemToArray(list, one);
    }
    return list;
}

static cJSON *checkpoints_json(const struct report *report)
{
    cJSON *list = cJSON_CreateArray();
    for (guint i = 0; i < report->checkpoints->len; i++) {
        const struct report_checkpoint *c = &g_array_index(report->checkpoints, struct report_checkpoint, i);
        cJSON *one = cJSON_CreateObject();
        cJSON_AddNumberToObject(one, "generation", c->at.generation);
        add_figure(one, "hours", c->hours, true);
        cJSON_AddNumberToObject(one, "steps", (double)c->at.steps);
        cJSON_AddNumberToObject(one, "samples", (double)c->at.samples);
        cJSON_AddNumberToObject(one, "games", (double)c->at.games);
        cJSON_AddNumberToObject(one, "rows", (double)c->at.rows);
        add_figure(one, "rate_scale", c->at.rate_scale, true);
        cJSON_AddNumberToObject(one, "bytes", (double)c->at.bytes);
        cJSON_AddNumberToObject(one, "added", (double)c->added);
        cJSON_AddBoolToObject(one, "has_net", c->has_net);
        cJSON_AddItemToArray(list, one);
    }
    return list;
}

static cJSON *rating_json(const struct report_rating *r)
{
    cJSON *one = cJSON_CreateObject();
    add_figure(one, "hours", r->hours, true);
    add_figure(one, "elo", r->elo, true);
    add_figure(one, "elo_low", r->low, true);
    add_figure(one, "elo_high", r->high, true);
    return one;
}

static cJSON *elo_json(const struct report *report)
{
    cJSON *list = cJSON_CreateArray();
    for (guint i = 0; i < report->ratings->len; i++) {
        const struct report_rating *r = &g_array_index(report->ratings, struct report_rating, i);
        cJSON *one = rating_json(r);
        cJSON_AddNumberToObject(one, "generation", r->generation);
        cJSON_AddItemToArray(list, one);
    }
    return list;
}

static cJSON *forecast_json(const struct report_fit *fit)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "points", fit->points);
    add_figure(object, "elo_per_doubling", fit->slope, fit->known);
    add_figure(object, "elo_per_doubling_low", fit->slope_low, fit->known);
    add_figure(object, "elo_per_doubling_high", fit->slope_high, fit->known);
    cJSON *ahead = cJSON_AddArrayToObject(object, "ahead");
    for (int i = 0; fit->known && i < 2; i++)
        cJSON_AddItemToArray(ahead, rating_json(&fit->ahead[i]));
    return object;
}

static cJSON *periods_json(const struct report *report)
{
    cJSON *list = cJSON_CreateArray();
    char shape[GAME_SHAPE_TEXT_MAX];
    for (guint k = 0; k < report->shapes->len; k++) {
        const struct report_shape *s = &g_array_index(report->shapes, struct report_shape, k);
        for (int i = 0; i < report->periods; i++) {
            const struct report_period *p = &s->periods[i];
            cJSON *one = cJSON_CreateObject();
            double games = (double)p->games;
            cJSON_AddStringToObject(one, "board", game_shape_format(&s->shape, shape));
            add_figure(one, "hours", report->hours[i], true);
            cJSON_AddNumberToObject(one, "games", games);
            add_figure(one, "plies", (double)p->plies / games, games > 0);
            add_figure(one, "first_score", p->first_points / games, games > 0);
            cJSON_AddItemToArray(list, one);
        }
    }
    return list;
}

static cJSON *new_games_json(const struct report *report)
{
    cJSON *list = cJSON_CreateArray();
    for (int i = 0; i < report->periods; i++) {
        const struct report_foresight *f = &report->foresight[i];
        cJSON *one = cJSON_CreateObject();
        add_figure(one, "hours", report->hours[i], true);
        add_figure(one, "value_loss", f->value_loss / (double)f->plies, f->plies > 0);
        add_figure(one, "policy_divergence", f->policy_loss / (double)f->policies, f->policies > 0);
        cJSON_AddItemToArray(list, one);
    }
    return list;
}

/* ---- games ---- */

/* "C3 D4 pass" */
static void add_moves(cJSON *to, const char *name, const struct game *game, const game_move *moves, int count)
{
    GString *text = g_string_new(NULL);
    char move[GAME_MOVE_TEXT_MAX];
    for (int i = 0; i < count; i++)
        g_string_append_printf(text, "%s%s", i ? " " : "", game_move_format(game, moves[i], move));
    cJSON_AddStringToObject(to, name, text->str);
    g_string_free(text, TRUE);
}

static cJSON *openings_json(const struct report *report)
{
    cJSON *list = cJSON_CreateArray();
    char shape[GAME_SHAPE_TEXT_MAX];
    for (guint i = 0; i < report->openings->len; i++) {
        const struct report_opening *o = &g_array_index(report->openings, struct report_opening, i);
        cJSON *one = cJSON_CreateObject();
        cJSON_AddStringToObject(one, "board",
                                game_shape_format(&(struct game_shape){o->game.width, o->game.height}, shape));
        add_moves(one, "moves", &o->game, o->moves, o->length);
        cJSON_AddNumberToObject(one, "games", (double)o->games);
        cJSON_AddNumberToObject(one, "of", (double)o->of);
        cJSON_AddNumberToObject(one, "searched", (double)o->searched);
        cJSON_AddNumberToObject(one, "first_score", o->first_points / (double)o->games);
        cJSON_AddItemToArray(list, one);
    }
    return list;
}

static cJSON *picks_json(const struct report *report)
{
    static const char *const outcomes[] = {"", "first", "second", "draw"};
    cJSON *list = cJSON_CreateArray();
    for (guint i = 0; i < report->picks->len; i++) {
        const struct report_pick *pick = &g_array_index(report->picks, struct report_pick, i);
        const struct record *r = pick->record;
        char spec[GAME_SPEC_MAX];
        game_move *moves = g_new(game_move, r->ply_count + 1);
        for (int k = 0; k < r->ply_count; k++)
            moves[k] = r->plies[k].move;
        cJSON *one = cJSON_CreateObject();
        cJSON_AddStringToObject(one, "why", report_pick_name(pick->kind));
        cJSON_AddNumberToObject(one, "figure", pick->figure);
        cJSON_AddNumberToObject(one, "ply", pick->ply);
        cJSON_AddNumberToObject(one, "game", (double)r->number);
        cJSON_AddNumberToObject(one, "generation", r->generation);
        cJSON_AddStringToObject(one, "spec", game_format(&r->game, spec));
        cJSON_AddStringToObject(one, "won", outcomes[r->result.outcome]);
        cJSON_AddNumberToObject(one, "margin", (double)r->result.margin);
        add_moves(one, "moves", &r->game, moves, r->ply_count);
        cJSON_AddItemToArray(list, one);
        g_free(moves);
    }
    return list;
}

static void add_rest(cJSON *object, const struct report *report)
{
    cJSON_AddStringToObject(object, "run", report->name);
    cJSON_AddNumberToObject(object, "hours", report->total_hours);
    cJSON_AddNumberToObject(object, "ladder_games", (double)report->ladder_games);
    cJSON_AddNumberToObject(object, "ladder_seconds", report->ladder_seconds);
    cJSON_AddNumberToObject(object, "unreadable_games", (double)report->unreadable);
    cJSON_AddItemToObject(object, "before", lineage_json(report->before));
    cJSON_AddItemToObject(object, "elo", elo_json(report));
    cJSON_AddItemToObject(object, "forecast", forecast_json(&report->fit));
    cJSON_AddItemToObject(object, "progress", progress_json(report));
    cJSON_AddItemToObject(object, "checkpoints", checkpoints_json(report));
    cJSON_AddItemToObject(object, "periods", periods_json(report));
    cJSON_AddItemToObject(object, "new_games", new_games_json(report));
    cJSON_AddItemToObject(object, "openings", openings_json(report));
    cJSON_AddItemToObject(object, "picks", picks_json(report));
}

cJSON *report_json(const struct report *report)
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
    add_figure(object, "self_play_share", report->self_play_share, report->self_play_share >= 0);
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
    cJSON *events = cJSON_AddArrayToObject(object, "events");
    for (guint i = 0; i < report->events->len; i++)
        cJSON_AddItemToArray(events, cJSON_CreateString(report->events->pdata[i]));
    add_rest(object, report);
    return object;
}
