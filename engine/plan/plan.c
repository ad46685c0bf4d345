#include "engine/plan/plan.h"

#include <cjson/cJSON.h>
#include <math.h>

#include "engine/settings/settings.h"
#include "engine/training/progress.h"
#include "engine/training/replay/replay_window.h"
#include "games/game.h"

/* The 5x64 network: FLOP per point of the board, and the rows from which on it is worth its cost. */
static const double anchor_flops = 61e6 / 81, anchor_rows = 1e6, rows_exponent = 0.61;
static const double least_seconds = 120;

struct plan_yield plan_yield(const struct plan_rates *rates, const struct settings *settings, int threads,
                             double seconds)
{
    double per_row = settings->samples_per_row, row_time = threads / rates->rows, sample_time = 1 / rates->samples;
    double rows = threads / (row_time + per_row * sample_time); /* a second */
    if (rows * per_row * sample_time > 1) {                     /* one thread cannot train on them that often */
        rows = (threads - 1) / row_time;
        per_row = rates->samples / rows;
        const double floor = settings_floor_samples(settings);
        if (per_row < floor) {
            rows = rates->samples / floor;
            per_row = floor;
        }
    }
    seconds *= 1 - settings->ladder_share;
    return (struct plan_yield){.rows = rows * seconds,
                               .samples = rows * seconds * per_row,
                               .steps = llround(rows * seconds * per_row / (double)settings->batch)};
}

double plan_least_rows(double flops, int points)
{
    return anchor_rows * pow(flops / points / anchor_flops, rows_exponent);
}

bool plan_is_worth(const struct plan_rates *rates, const struct settings *settings, const struct game *game,
                   int threads, double seconds)
{
    return plan_yield(rates, settings, threads, seconds).rows >= plan_least_rows(rates->flops, game->points);
}

bool plan_is_useful(const struct settings *settings, const struct game *game, double seconds)
{
    return seconds >= least_seconds && !settings_is_tiny(game) && !settings->deterministic && !settings->from[0] &&
           !settings->against[0];
}

/* ---- output ---- */

static void print_json(FILE *out, const struct plan *plan, const struct settings *settings, const struct game *game)
{
    cJSON *object = cJSON_CreateObject(), *nets = cJSON_CreateArray();
    const struct plan_yield chosen = plan_yield(&plan->rates[plan->chosen], settings, plan->threads, plan->seconds);
    cJSON_AddStringToObject(object, "event", "plan");
    cJSON_AddStringToObject(object, "net", plan->rates[plan->chosen].net);
    cJSON_AddNumberToObject(object, "seconds", round(plan->seconds));
    cJSON_AddNumberToObject(object, "rows", round(chosen.rows));
    cJSON_AddNumberToObject(object, "samples", round(chosen.samples));
    cJSON_AddNumberToObject(object, "steps", (double)chosen.steps);
    for (int i = 0; i < plan->count; i++) {
        const struct plan_rates *rates = &plan->rates[i];
        cJSON *net = cJSON_CreateObject();
        cJSON_AddStringToObject(net, "net", rates->net);
        cJSON_AddNumberToObject(net, "evals_per_s", round(rates->evaluations));
        cJSON_AddNumberToObject(net, "rows_per_s", round(rates->rows * 10) / 10);
        cJSON_AddNumberToObject(net, "samples_per_s", round(rates->samples));
        cJSON_AddNumberToObject(net, "rows", round(plan_yield(rates, settings, plan->threads, plan->seconds).rows));
        cJSON_AddNumberToObject(net, "least_rows", round(plan_least_rows(rates->flops, game->points)));
        cJSON_AddItemToArray(nets, net);
    }
    cJSON_AddItemToObject(object, "nets", nets);
    char *text = cJSON_PrintUnformatted(object);
    fprintf(out, "%s\n", text);
    cJSON_free(text);
    cJSON_Delete(object);
}

/* 1,234,567 as "1.2 million", 12,345 as "12,000". */
static char *rounded(double count, char buffer[32])
{
    if (count >= 999500)
        g_snprintf(buffer, 32, "%.1f million", count / 1e6);
    else if (count >= 9950)
        g_snprintf(buffer, 32, "%.0f,000", count / 1e3);
    else
        g_snprintf(buffer, 32, "%.0f", count);
    return buffer;
}

static void print_expected(FILE *out, const struct plan *plan, const struct settings *settings)
{
    char duration[32], rows[32], samples[32], steps[32], window[32];
    const struct plan_yield yield = plan_yield(&plan->rates[plan->chosen], settings, plan->threads, plan->seconds);
    fprintf(out, "Expected in %s: about %s rows from self-play at %d visits, and %s steps (%s samples, %.1f per row); ",
            progress_duration(plan->seconds, duration), rounded(yield.rows, rows), (int)settings->visits,
            rounded((double)yield.steps, steps), rounded(yield.samples, samples), yield.samples / yield.rows);
    fprintf(out, "the replay window grows to %s rows, ",
            rounded(fmin((double)window_size(settings, (int64_t)yield.rows), yield.rows), window));
    if (settings->rate_end < 1)
        fprintf(out, "the learning rate falls from %.2g to %.2g at the end.\n", settings->rate,
                settings->rate * settings->rate_end);
    else
        fprintf(out, "the learning rate stays at %.2g.\n", settings->rate);
}

void plan_print(FILE *out, const struct plan *plan, const struct settings *settings, const struct game *game, bool json)
{
    char rows[32], least[32];
    if (json) {
        print_json(out, plan, settings, game);
        fflush(out);
        return;
    }
    fprintf(out, "Measured for %.0f s:", plan->spent);
    for (int i = 0; i < plan->count; i++)
        fprintf(out, "%s %s %.0f evaluations/s, %.0f samples/s", i ? ";" : "", plan->rates[i].net,
                plan->rates[i].evaluations, plan->rates[i].samples);
    fprintf(out, ".\nNet %s", plan->rates[plan->chosen].net);
    if (plan->chosen + 1 < plan->count) {
        const struct plan_rates *next = &plan->rates[plan->chosen + 1];
        fprintf(out, "; %s would see %s rows and is worth its cost from %s on", next->net,
                rounded(plan_yield(next, settings, plan->threads, plan->seconds).rows, rows),
                rounded(plan_least_rows(next->flops, game->points), least));
    }
    fprintf(out, " (choose another with --net).\n");
    print_expected(out, plan, settings);
    fflush(out);
}
