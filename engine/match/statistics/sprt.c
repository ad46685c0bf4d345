#include "engine/match/statistics/sprt.h"

#include <math.h>
#include <stddef.h>

#include "agents/agent.h"
#include "agents/option.h"
#include "games/option.h"

enum { RESULTS = 5 };

/* ---- maximum likelihood under a hypothesis ---- */

/* The distribution p that maximises sum hat[i] log p[i] subject to sum p[i] x[i] = 0: p[i] = hat[i] / (1 + t x[i]),
 * where the Lagrange multiplier t is the root of a decreasing function between the poles. Requires x of both signs
 * where hat is positive. */
static void fit_zero_mean(const double hat[RESULTS], const double x[RESULTS], double p[RESULTS])
{
    double min = 0, max = 0;
    for (int i = 0; i < RESULTS; i++) {
        min = fmin(min, x[i]);
        max = fmax(max, x[i]);
    }
    double low = -1 / max, high = -1 / min;
    for (int round = 0; round < 60; round++) { /* to the last bit */
        double t = (low + high) / 2, sum = 0;
        for (int i = 0; i < RESULTS; i++)
            sum += hat[i] * x[i] / (1 + t * x[i]);
        if (sum > 0)
            low = t;
        else
            high = t;
    }
    for (int i = 0; i < RESULTS; i++)
        p[i] = hat[i] / (1 + (low + high) / 2 * x[i]);
}

static void moments(const double p[RESULTS], double *mean, double *deviation)
{
    double sum = 0, square = 0;
    for (int i = 0; i < RESULTS; i++)
        sum += p[i] * i / 4;
    for (int i = 0; i < RESULTS; i++)
        square += p[i] * (i / 4.0 - sum) * (i / 4.0 - sum);
    *mean = sum;
    *deviation = sqrt(square);
}

/* Subject to (mean - 1/2) / deviation = t. The deviation is linearised around the previous p, which makes the
 * constraint linear: E[score - 1/2 - t s (1 + ((score - m) / s)^2) / 2] = 0. */
static void fit_normalised(const double hat[RESULTS], double t, double p[RESULTS])
{
    for (int i = 0; i < RESULTS; i++)
        p[i] = 1.0 / RESULTS;
    for (int round = 0; round < 50; round++) {
        double x[RESULTS], next[RESULTS], m, s, change = 0;
        moments(p, &m, &s);
        for (int i = 0; i < RESULTS; i++) {
            double z = (i / 4.0 - m) / s;
            x[i] = i / 4.0 - 0.5 - t * s * (1 + z * z) / 2;
        }
        fit_zero_mean(hat, x, next);
        for (int i = 0; i < RESULTS; i++) {
            change = fmax(change, fabs(next[i] - p[i]));
            p[i] = next[i];
        }
        if (change < 1e-9)
            return;
    }
}

static void fit_elo(const double hat[RESULTS], double elo, double p[RESULTS])
{
    double x[RESULTS], score = 1 / (1 + pow(10, -elo / 400));
    for (int i = 0; i < RESULTS; i++)
        x[i] = i / 4.0 - score;
    fit_zero_mean(hat, x, p);
}

double sprt_llr(const struct sprt *sprt, const int64_t pairs[5])
{
    double hat[RESULTS], p0[RESULTS], p1[RESULTS], total = 0, llr = 0;
    for (int i = 0; i < RESULTS; i++) {
        hat[i] = pairs[i] > 0 ? (double)pairs[i] : 1e-3; /* an unobserved result is not impossible */
        total += hat[i];
    }
    for (int i = 0; i < RESULTS; i++)
        hat[i] /= total;
    if (sprt->model == SPRT_NORMALISED) {
        /* Normalised Elo: 800 / ln 10 per standard deviation of one game; a pair's mean has a standard deviation
         * smaller by a factor of sqrt 2. */
        const double unit = log(10) / 800 * sqrt(2);
        fit_normalised(hat, sprt->elo0 * unit, p0);
        fit_normalised(hat, sprt->elo1 * unit, p1);
    } else {
        fit_elo(hat, sprt->elo0, p0);
        fit_elo(hat, sprt->elo1, p1);
    }
    for (int i = 0; i < RESULTS; i++)
        llr += total * hat[i] * log(p1[i] / p0[i]);
    return llr;
}

/* ---- the test ---- */

void sprt_begin(const struct sprt *sprt, struct sprt_state *state)
{
    *state =
        (struct sprt_state){.lower = log(sprt->beta / (1 - sprt->alpha)), .upper = log((1 - sprt->beta) / sprt->alpha)};
}

void sprt_add(const struct sprt *sprt, struct sprt_state *state, int points4)
{
    if (state->decision != SPRT_OPEN)
        return;
    /* The variance is estimated from the same few pairs and therefore biased low. Without this factor the error rate
     * was 10.25 % for a nominal 10 % (tests/acceptance/match/sprt.c). */
    double pairs = 0;
    state->pairs[points4]++;
    for (int i = 0; i < RESULTS; i++)
        pairs += (double)state->pairs[i];
    state->llr = sprt_llr(sprt, state->pairs) * pairs / (pairs + 2);
    if (state->llr >= state->upper)
        state->decision = SPRT_ACCEPTS_H1;
    else if (state->llr <= state->lower)
        state->decision = SPRT_ACCEPTS_H0;
}

static const char *const models[] = {"logistic", "normalised", NULL};
static const struct option_row options[] = {
    {"elo0", OPTION_REAL, offsetof(struct sprt, elo0), -500, 500, .help = ""},
    {"elo1", OPTION_REAL, offsetof(struct sprt, elo1), -500, 500, .help = ""},
    {"alpha", OPTION_REAL, offsetof(struct sprt, alpha), 1e-6, 0.4, .help = ""},
    {"beta", OPTION_REAL, offsetof(struct sprt, beta), 1e-6, 0.4, .help = ""},
    {"model", OPTION_CHOICE, offsetof(struct sprt, model), 0, 0, models, .help = ""},
    {.name = NULL}};

bool sprt_parse(const char *text, struct sprt *sprt, GError **error)
{
    *sprt = (struct sprt){0, 10, 0.05, 0.05, SPRT_LOGISTIC};
    if (!agent_options_parse("sprt", text, options, sprt, error))
        return false;
    /* Beyond this range no distribution over the five results satisfies the constraint. */
    if (sprt->model == SPRT_NORMALISED && (sprt->elo0 < -200 || sprt->elo1 > 200)) {
        g_set_error_literal(error, AGENT_ERROR, AGENT_ERROR_SPEC,
                            "sprt: with model=normalised elo0 and elo1 must be -200 to 200");
        return false;
    }
    if (sprt->elo0 < sprt->elo1)
        return true;
    g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC,
                "sprt: elo0 (%g) must be less than elo1 (%g): H0 is that the first agent is better by elo0, H1 by elo1",
                sprt->elo0, sprt->elo1);
    return false;
}
