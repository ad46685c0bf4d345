#include "engine/training/judge/verdict.h"

#include <math.h>
#include <string.h>

#include "engine/ladder/ladder.h"
#include "engine/settings/settings.h"
#include "engine/store/store.h"
#include "engine/training/progress.h"
#include "games/game.h"
#include "net/train.h"

enum { MIN_ROWS = 4, MIN_WINDOW = 3 };

struct series {
    const char *name;
    const double *x, *y;
    int n;
    bool of_value;
};

struct line {
    double from, to; /* fitted values at both ends */
    double t;        /* slope over its standard error; 0 for fewer than three points */
};

/* Least squares on rows first to n - 1. */
static struct line fit(const struct series *s, int first)
{
    int n = s->n - first;
    double mx = 0, my = 0, xx = 0, xy = 0, residual = 0;
    for (int i = first; i < s->n; i++) {
        mx += s->x[i] / n;
        my += s->y[i] / n;
    }
    for (int i = first; i < s->n; i++) {
        xx += (s->x[i] - mx) * (s->x[i] - mx);
        xy += (s->x[i] - mx) * (s->y[i] - my);
    }
    double slope = xx > 0 ? xy / xx : 0;
    for (int i = first; i < s->n; i++) {
        double e = s->y[i] - my - slope * (s->x[i] - mx);
        residual += e * e;
    }
    struct line line = {.from = my + slope * (s->x[first] - mx), .to = my + slope * (s->x[s->n - 1] - mx)};
    double error = n > 2 && xx > 0 ? sqrt(residual / (n - 2) / xx) : 0;
    if (n > 2 && slope != 0)
        line.t = error > 0 ? slope / error : copysign(INFINITY, slope);
    return line;
}

struct mean {
    double value, error; /* standard error */
};

static struct mean mean_of(const struct series *s, int first, int count)
{
    struct mean mean = {0};
    for (int i = first; i < first + count; i++)
        mean.value += s->y[i] / count;
    for (int i = first; i < first + count; i++)
        mean.error += (s->y[i] - mean.value) * (s->y[i] - mean.value);
    mean.error = sqrt(mean.error / count / MAX(count - 1, 1));
    return mean;
}

static void give_figures(struct verdict *verdict, enum verdict_reason reason, const double *figures, int count)
{
    verdict->reason = reason;
    for (int i = 0; i < count; i++)
        verdict->figures[i] = figures[i];
}

/* Half or more of the way from the first row to the best later mean is lost again, beyond noise, and `share` or more of the way from
 * guess, the loss of a net that knows nothing: a run that began with a trained net had little to gain. */
static bool has_collapsed(const struct series *s, double guess, double share, struct verdict *verdict)
{
    int window = MAX(s->n / 4, MIN_WINDOW);
    if (s->n < 2 * window)
        return false;
    struct mean best = mean_of(s, 0, window), last = mean_of(s, s->n - window, window);
    double first = s->y[0];
    for (int i = 1; i + window <= s->n; i++) {
        struct mean here = mean_of(s, i, window);
        if (here.value < best.value)
            best = here;
    }
    double gained = first - best.value, lost = last.value - best.value;
    if (!(gained > 0) || lost < gained / 2 || lost < share * (guess - best.value) ||
        lost < 3 * hypot(best.error, last.error))
        return false;
    verdict->kind = VERDICT_COLLAPSED;
    verdict->of_value = s->of_value;
    g_snprintf(verdict->why, sizeof verdict->why, "the %s loss fell from %.3f to %.3f and is back at %.3f", s->name,
               first, best.value, last.value);
    give_figures(verdict, VERDICT_BY_LOSS, (double[]){first, best.value, last.value}, 3);
    return true;
}

/* Whether the learning rate is so far below the preset that nothing can be learned in a night. */
static bool is_slow(const struct settings *settings)
{
    return settings->rate < net_optimiser_presets[settings->optimiser].rate / 100;
}

/* The mean loss of a uniform policy over the run's games, by their shares: of ln(moves), with passing or without. */
static double uniform_loss(const struct settings *settings, const struct game *games, int game_count, bool with_pass)
{
    double shares[SETTINGS_MAX_GAMES], loss = 0;
    settings_game_shares(settings, games, game_count, shares);
    for (int i = 0; i < game_count; i++)
        loss += shares[i] * log(with_pass ? games[i].moves : games[i].points);
    return loss;
}

/* The value's loss also rises where the players become equal, so that results are harder to foretell; while the policy still improves, only
 * a value that has lost nearly all that it knew has collapsed. Results are mostly won or lost: knowing nothing costs ln 2. */
static bool value_has_collapsed(const struct series s[2], struct verdict *verdict)
{
    const bool improves = fit(&s[0], s[0].n / 2).t < VERDICT_FALLS;
    return has_collapsed(&s[1], log(2), improves ? 0.9 : 0.5, verdict);
}

/* The latest rows all show the loss of a uniform policy. */
static bool is_uniform(const struct series *policy, const struct settings *settings, const struct game *games,
                       int game_count, struct verdict *verdict)
{
    int window = MAX(policy->n / 4, MIN_WINDOW);
    struct mean last = mean_of(policy, policy->n - window, window);
    if (last.error * sqrt(window) > 0.01 * last.value)
        return false;
    for (int i = 0; i < 2; i++) {
        const double uniform = uniform_loss(settings, games, game_count, i == 0), moves = exp(uniform);
        if (fabs(last.value - uniform) > 0.005 * uniform)
            continue;
        verdict->kind = is_slow(settings) ? VERDICT_STALLED : VERDICT_BROKEN;
        g_snprintf(verdict->why, sizeof verdict->why,
                   "the policy loss stays at %.3f, that of a uniform policy (ln %.0f): %s", last.value, moves,
                   is_slow(settings) ? "the rate is too low to learn anything"
                                     : "the net is dead; start again with a lower rate");
        give_figures(verdict, VERDICT_BY_UNIFORM, (double[]){last.value, moves}, 2);
        return true;
    }
    return false;
}

/* The latest rows show a net that knows less than nothing: its rate makes it jump about. */
static bool is_worse_than_guessing(const struct series *s, double guess, const struct settings *settings,
                                   struct verdict *verdict)
{
    int window = MAX(s->n / 4, MIN_WINDOW);
    const double last = mean_of(s, s->n - window, window).value;
    if (last < VERDICT_GUESS * guess)
        return false;
    verdict->kind = VERDICT_BROKEN;
    verdict->of_value = s->of_value;
    g_snprintf(verdict->why, sizeof verdict->why,
               "the %s loss is %.3f, worse than the %.3f of random guessing; start again with a rate below %g", s->name,
               last, guess, settings->rate);
    give_figures(verdict, VERDICT_BY_GUESS, (double[]){last, guess}, 2);
    return true;
}

static bool not_finite(const struct series *s, struct verdict *verdict)
{
    for (int i = s->n - 1; i >= MAX(0, s->n - MIN_WINDOW); i--)
        if (!isfinite(s->y[i])) {
            verdict->kind = VERDICT_BROKEN;
            g_snprintf(verdict->why, sizeof verdict->why, "the %s loss is not a finite number", s->name);
            give_figures(verdict, VERDICT_BY_NAN, NULL, 0);
            verdict->of_value = s->of_value;
            return true;
        }
    return false;
}

/* The openings of the last quarter, where that is known. */
static bool is_monotonous(const GArray *metrics, struct verdict *verdict)
{
    double sum = 0;
    int n = 0;
    for (guint i = metrics->len - MIN(metrics->len, MAX(metrics->len / 4, MIN_WINDOW)); i < metrics->len; i++)
        if (g_array_index(metrics, struct store_metric, i).diversity > 0) { /* 0: not stored by older programs */
            sum += g_array_index(metrics, struct store_metric, i).diversity;
            n++;
        }
    if (n < MIN_WINDOW || sum / n >= PROGRESS_DIVERSITY_ALARM)
        return false;
    verdict->kind = VERDICT_COLLAPSED;
    g_snprintf(verdict->why, sizeof verdict->why,
               "only %.0f %% of the latest openings are distinct: it keeps playing the same game; raise opening_plies "
               "or temperature",
               100 * sum / n);
    give_figures(verdict, VERDICT_BY_OPENINGS, (double[]){sum / n}, 1);
    return true;
}

/* Appends what the ladder says to the evidence, and lets it decide where it shows a difference. */
static void judge_strength(const struct ladder_gain *gain, struct verdict *verdict)
{
    if (!gain->known)
        return;
    const size_t length = strlen(verdict->why);
    char generations[64];
    if (gain->middle == gain->last)
        g_snprintf(generations, sizeof generations, "generation %u is", gain->last);
    else
        g_snprintf(generations, sizeof generations, "generations %u to %u are", gain->middle, gain->last);
    g_snprintf(verdict->why + length, sizeof verdict->why - length,
               "; %s %+.0f Elo (%+.0f..%+.0f) compared with earlier ones", generations, gain->elo, gain->low,
               gain->high);
    if (gain->low > 0 && verdict->kind != VERDICT_COLLAPSED) /* the later games may be of before the collapse */
        verdict->kind = VERDICT_LEARNING;
    else if (gain->high < 0)
        verdict->kind = VERDICT_COLLAPSED;
}

/* Over the later half the value's loss is much lower on rows that were trained on than on games that were not yet. */
static bool is_overfitted(const GArray *metrics, struct verdict *verdict)
{
    double *values = g_new(double, 2 * metrics->len + 1), *trained = values, *unseen = values + metrics->len;
    int n = 0;
    for (guint i = metrics->len / 2; i < metrics->len; i++) {
        const struct store_metric *m = &g_array_index(metrics, struct store_metric, i);
        if (!(m->value_loss > 0) || !isfinite(m->unseen_value_loss))
            continue;
        trained[n] = m->value_loss;
        unseen[n++] = m->unseen_value_loss;
    }
    bool found = false;
    if (n >= MIN_WINDOW) {
        const struct mean of[2] = {mean_of(&(struct series){.y = trained, .n = n}, 0, n),
                                   mean_of(&(struct series){.y = unseen, .n = n}, 0, n)};
        const double gap = of[1].value - of[0].value;
        found = gap > VERDICT_OVERFIT_SHARE * of[1].value && gap > 3 * hypot(of[0].error, of[1].error);
        if (found) {
            give_figures(verdict, VERDICT_BY_HEART, (double[]){of[0].value, of[1].value}, 2);
            g_snprintf(
                verdict->why, sizeof verdict->why,
                "value loss %.3f on rows that were trained on, %.3f on new games: it memorises games; raise window, "
                "lower samples_per_row or rate",
                of[0].value, of[1].value);
        }
    }
    if (found)
        verdict->kind = VERDICT_OVERFITTED;
    g_free(values);
    return found;
}

static void judge_later_half(const struct series s[2], const struct settings *settings, struct verdict *verdict)
{
    struct line line[2] = {fit(&s[0], s[0].n / 2), fit(&s[1], s[1].n / 2)};
    bool falls[2], much = false;
    for (int i = 0; i < 2; i++) {
        falls[i] = line[i].t < VERDICT_FALLS || (s[i].n < 2 * MIN_WINDOW && s[i].y[s[i].n - 1] < s[i].y[0]);
        much = much || (falls[i] && line[i].from - line[i].to > VERDICT_SLOW_SHARE * line[i].from);
    }
    verdict->kind = much ? VERDICT_LEARNING : falls[0] || falls[1] ? VERDICT_SLOW : VERDICT_STALLED;
    give_figures(verdict, VERDICT_BY_TREND, (double[]){line[0].from, line[0].to, line[1].from, line[1].to}, 4);
    g_snprintf(verdict->why, sizeof verdict->why,
               "over the later half, policy loss %.3f -> %.3f, value loss %.3f -> %.3f%s", line[0].from, line[0].to,
               line[1].from, line[1].to,
               verdict->kind != VERDICT_STALLED ? ""
               : is_slow(settings)              ? ": the rate is too low"
                                   : ", neither falls beyond noise, as can also happen when the targets get harder");
}

/* Until then a healthy policy may still be uniform. */
static bool is_early(const GArray *metrics, const struct settings *settings, struct verdict *verdict)
{
    const int64_t steps = g_array_index(metrics, struct store_metric, metrics->len - 1).steps;
    const int64_t needed = VERDICT_WARMUPS * settings->warmup;
    if (steps >= needed)
        return false;
    g_snprintf(verdict->why, sizeof verdict->why, "%d of the %d training steps that a verdict needs", (int)steps,
               (int)needed);
    give_figures(verdict, VERDICT_BY_STEPS, (double[]){(double)steps, (double)needed}, 2);
    return true;
}

static void judge_early(int n, struct verdict *verdict)
{
    g_snprintf(verdict->why, sizeof verdict->why, "%d of the %d reports with losses that a verdict needs", n, MIN_ROWS);
    give_figures(verdict, VERDICT_BY_COUNT, (double[]){n, MIN_ROWS}, 2);
}

static bool has_losses(const struct store_metric *m)
{
    return m->policy_loss != 0 || m->value_loss != 0;
}

/* A mean of two figures, or the one that is known. */
static double mean_figure(double a, double weight_a, double b, double weight_b)
{
    return !isfinite(a) ? b : !isfinite(b) ? a : (weight_a * a + weight_b * b) / (weight_a + weight_b);
}

/* The reports, with those of few samples joined to the next one: where other programs took the processor, a report may cover a
 * single step, whose loss may be far from the others and would bend every trend. What is not finite stays so. */
static GArray *join_short(const GArray *metrics)
{
    enum { SHORT = 8 }; /* part of the mean number of samples */
    GArray *joined = g_array_new(FALSE, FALSE, sizeof(struct store_metric));
    const struct store_metric *all = (const struct store_metric *)metrics->data;
    const double enough = metrics->len ? (double)all[metrics->len - 1].samples / metrics->len / SHORT : 0;
    double before = 0; /* samples of those that wait to be joined */
    struct store_metric waiting = {0};
    for (guint i = 0; i < metrics->len; i++) {
        struct store_metric m = all[i];
        const double own = (double)(m.samples - (i ? all[i - 1].samples : 0));
        if (has_losses(&m) && before > 0) {
            m.policy_loss = (before * waiting.policy_loss + own * m.policy_loss) / (before + own);
            m.value_loss = (before * waiting.value_loss + own * m.value_loss) / (before + own);
            m.unseen_policy_loss = mean_figure(waiting.unseen_policy_loss, before, m.unseen_policy_loss, own);
            m.unseen_value_loss = mean_figure(waiting.unseen_value_loss, before, m.unseen_value_loss, own);
        }
        if (has_losses(&m) && own > 0 && before + own < enough) {
            waiting = m;
            before += own;
        } else {
            g_array_append_val(joined, m);
            before = has_losses(&m) ? 0 : before;
        }
    }
    if (before > 0 && (!isfinite(waiting.policy_loss) || !isfinite(waiting.value_loss)))
        g_array_append_val(joined, waiting);
    return joined;
}

struct verdict verdict_of(const GArray *reports, const struct ladder_gain *gain, const struct settings *settings,
                          const struct game *games, int game_count)
{
    struct verdict verdict = {.kind = VERDICT_EARLY};
    GArray *metrics = join_short(reports);
    double *values = g_new(double, 3 * metrics->len + 1), *y[2] = {values + metrics->len, values + 2 * metrics->len};
    int n = 0;
    for (guint i = 0; i < metrics->len; i++) {
        const struct store_metric *m = &g_array_index(metrics, struct store_metric, i);
        if (!has_losses(m))
            continue;
        values[n] = (double)m->samples;
        y[0][n] = m->policy_loss;
        y[1][n++] = m->value_loss;
    }
    const struct series s[2] = {{"policy", values, y[0], n, false}, {"value", values, y[1], n, true}};
    const double uniform = uniform_loss(settings, games, game_count, true);
    verdict.low_rate = is_slow(settings);
    if (n < MIN_ROWS)
        judge_early(n, &verdict);
    else if (!not_finite(&s[0], &verdict) && !not_finite(&s[1], &verdict) && !is_early(metrics, settings, &verdict) &&
             !is_uniform(&s[0], settings, games, game_count, &verdict) &&
             !is_worse_than_guessing(&s[0], uniform, settings, &verdict) &&
             !is_worse_than_guessing(&s[1], log(3), settings, &verdict) && !is_monotonous(metrics, &verdict)) {
        if (!is_overfitted(metrics, &verdict) && !has_collapsed(&s[0], uniform, 0.25, &verdict) &&
            !value_has_collapsed(s, &verdict))
            judge_later_half(s, settings, &verdict);
        judge_strength(gain, &verdict);
    }
    g_free(values);
    g_array_unref(metrics);
    return verdict;
}

const char *verdict_name(enum verdict_kind kind)
{
    static const char *const names[VERDICTS] = {"too early to tell", "learning",  "slow",  "stalled",
                                                "overfitted",        "collapsed", "broken"};
    return names[kind];
}
