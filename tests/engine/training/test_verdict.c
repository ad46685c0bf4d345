/* Verdicts on curves of known shape, with noise from a fixed seed. */
#include <criterion/criterion.h>
#include <math.h>

#include "engine/store/store.h"
#include "engine/training/verdict.h"
#include "games/game.h"

static struct rng rng;

static double noise(double scale)
{
    return scale * (rng_uniform(&rng) + rng_uniform(&rng) - 1);
}

static void add(GArray *metrics, double policy, double value)
{
    struct store_metric m = {.samples = 1000 * (metrics->len + 1), .loss = 9, .policy_loss = policy, .value_loss = value};
    g_array_append_val(metrics, m);
}

/* The numbers for other languages are those of the sentence. */
static void expect_figures(const struct verdict *v)
{
    const double *f = v->figures;
    const char *loss = v->of_value ? "value" : "policy";
    char text[240];
    if (v->kind == VERDICT_EARLY)
        g_snprintf(text, sizeof text, "%.0f of the %.0f reports", f[0], f[1]);
    else if (v->kind == VERDICT_COLLAPSED)
        g_snprintf(text, sizeof text, "the %s loss fell from %.3f to %.3f and is back at %.3f", loss, f[0], f[1], f[2]);
    else if (v->kind == VERDICT_BROKEN && isfinite(f[0]))
        g_snprintf(text, sizeof text, "stays at %.3f, that of a uniform policy (ln %.0f)", f[0], f[1]);
    else if (v->kind == VERDICT_BROKEN)
        g_snprintf(text, sizeof text, "the %s loss is not", loss);
    else
        g_snprintf(text, sizeof text, "policy loss %.3f -> %.3f, value loss %.3f -> %.3f", f[0], f[1], f[2], f[3]);
    cr_expect(strstr(v->why, text), "%s: %s", text, v->why);
}

static void expect(GArray *metrics, const char *spec, enum verdict_kind kind, const char *why)
{
    struct game game;
    cr_assert(game_parse(&game, spec, NULL));
    struct verdict verdict = verdict_of(metrics, &game, 1);
    cr_assert_eq(verdict.kind, kind, "%s: %s", verdict_name(verdict.kind), verdict.why);
    cr_assert(strstr(verdict.why, why), "%s", verdict.why);
    expect_figures(&verdict);
    g_array_unref(metrics);
}

static GArray *curve(void)
{
    rng_seed(&rng, 3);
    return g_array_new(FALSE, FALSE, sizeof(struct store_metric));
}

Test(verdict, learning)
{
    GArray *metrics = curve();
    for (int i = 0; i < 40; i++)
        add(metrics, 1.5 + 2 * exp(-i / 20.0) + noise(0.05), 0.5 + 0.4 * exp(-i / 20.0) + noise(0.02));
    expect(metrics, "go:9", VERDICT_LEARNING, "policy loss 2.2");
}

/* One falling loss is enough: the targets of the other may become harder. */
Test(verdict, learning_by_the_value_alone)
{
    GArray *metrics = curve();
    for (int i = 0; i < 40; i++)
        add(metrics, 1.5 + noise(0.05), 0.9 - 0.01 * i + noise(0.02));
    expect(metrics, "go:9", VERDICT_LEARNING, "value loss 0.69");
}

Test(verdict, slow)
{
    GArray *metrics = curve();
    for (int i = 0; i < 60; i++)
        add(metrics, 2 - 0.0003 * i + noise(0.0005), 0.5 + noise(0.01));
    expect(metrics, "go:9", VERDICT_SLOW, "policy loss 1.991 -> 1.982");
}

Test(verdict, stalled)
{
    GArray *metrics = curve();
    for (int i = 0; i < 40; i++)
        add(metrics, (i < 10 ? 3 - 0.1 * i : 2) + noise(0.05), 0.5 + noise(0.05));
    expect(metrics, "go:9", VERDICT_STALLED, "measure the strength");
}

/* A loss that rises over the second half is not learning, however high it was at first. */
Test(verdict, rising_is_not_learning)
{
    GArray *metrics = curve();
    for (int i = 0; i < 40; i++)
        add(metrics, (i < 20 ? 4 - 0.1 * i : 2 + 0.01 * (i - 20)) + noise(0.01), 0.5 + noise(0.01));
    expect(metrics, "go:9", VERDICT_STALLED, "policy loss 2.0");
}

Test(verdict, collapsed)
{
    GArray *metrics = curve();
    for (int i = 0; i < 40; i++)
        add(metrics, (i < 25 ? 3.5 - 0.06 * i : 3.2) + noise(0.02), 0.8 + noise(0.02));
    expect(metrics, "go:9", VERDICT_COLLAPSED, "policy loss fell from 3.4");
}

/* The policy of a net that outputs zeros. */
Test(verdict, uniform_policy_is_broken)
{
    GArray *metrics = curve();
    add(metrics, 21.9, 14.3);
    for (int i = 0; i < 6; i++)
        add(metrics, log(25) + noise(0.002), 1);
    expect(metrics, "gomoku:5,line=4", VERDICT_BROKEN, "ln 25");
}

/* At the start a policy is nearly uniform, but not for long. */
Test(verdict, uniform_at_first_only)
{
    GArray *metrics = curve();
    for (int i = 0; i < 20; i++)
        add(metrics, log(25) - 0.05 * i + noise(0.01), 1 - 0.01 * i);
    expect(metrics, "gomoku:5,line=4", VERDICT_LEARNING, "");
}

Test(verdict, not_finite_is_broken)
{
    GArray *metrics = curve();
    for (int i = 0; i < 10; i++)
        add(metrics, i == 9 ? NAN : 2, 0.5);
    expect(metrics, "go:9", VERDICT_BROKEN, "not a finite number");
}

Test(verdict, too_early)
{
    GArray *metrics = curve();
    for (int i = 0; i < 3; i++)
        add(metrics, 3 - i, 1 - 0.1 * i);
    add(metrics, 0, 0); /* a report without losses */
    expect(metrics, "go:9", VERDICT_EARLY, "3 of the 4");
}

/* The value loss has a verdict of its own. */
Test(verdict, value_that_collapses_or_is_not_finite)
{
    GArray *metrics = curve();
    for (int i = 0; i < 40; i++)
        add(metrics, 2 + noise(0.02), (i < 25 ? 0.9 - 0.02 * i : 0.85) + noise(0.005));
    expect(metrics, "go:9", VERDICT_COLLAPSED, "the value loss fell from 0.9");
    metrics = curve();
    for (int i = 0; i < 10; i++)
        add(metrics, 2, i == 9 ? NAN : 0.5);
    expect(metrics, "go:9", VERDICT_BROKEN, "the value loss is not a finite number");
}
