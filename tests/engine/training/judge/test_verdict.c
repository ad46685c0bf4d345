/* Verdicts on curves of known shape, with noise from a fixed seed. */
#include <criterion/criterion.h>
#include <math.h>

#include "engine/ladder/ladder.h"
#include "engine/settings/settings.h"
#include "engine/store/store.h"
#include "engine/training/judge/verdict.h"
#include "games/game.h"

static struct rng rng;
static struct ladder_gain gain; /* not known */
static double rate_factor = 1;  /* of the preset */

static double noise(double scale)
{
    return scale * (rng_uniform(&rng) + rng_uniform(&rng) - 1);
}

static void add(GArray *metrics, double policy, double value)
{
    struct store_metric m = {.steps = 100 * (metrics->len + 1),
                             .samples = 1000 * (metrics->len + 1),
                             .loss = 9,
                             .policy_loss = policy,
                             .value_loss = value,
                             .unseen_policy_loss = NAN,
                             .unseen_value_loss = NAN};
    g_array_append_val(metrics, m);
}

/* unseen: the value's loss on new games. */
static void add_unseen(GArray *metrics, double policy, double value, double unseen)
{
    add(metrics, policy, value);
    g_array_index(metrics, struct store_metric, metrics->len - 1).unseen_value_loss = unseen;
}

/* The numbers for other languages are those of the sentence. */
static void expect_figures(const struct verdict *v)
{
    static const char *const formats[] = {
        [VERDICT_BY_COUNT] = "%.0f of the %.0f reports",
        [VERDICT_BY_STEPS] = "%.0f of the %.0f training steps",
        [VERDICT_BY_TREND] = "policy loss %.3f -> %.3f, value loss %.3f -> %.3f",
        [VERDICT_BY_UNIFORM] = "stays at %.3f, that of a uniform policy (ln %.0f)",
        [VERDICT_BY_GUESS] = "loss is %.3f, worse than the %.3f of random guessing",
        [VERDICT_BY_HEART] = "value loss %.3f on rows that were trained on, %.3f on new games",
    };
    const double *f = v->figures;
    const char *loss = v->of_value ? "value" : "policy";
    char *text = v->reason == VERDICT_BY_LOSS
                     ? g_strdup_printf("the %s loss fell from %.3f to %.3f and is back at %.3f", loss, f[0], f[1], f[2])
                 : v->reason == VERDICT_BY_NAN      ? g_strdup_printf("the %s loss is not", loss)
                 : v->reason == VERDICT_BY_OPENINGS ? g_strdup_printf("only %.0f %% of the latest openings", 100 * f[0])
                                                    : g_strdup_printf(formats[v->reason], f[0], f[1], f[2], f[3]);
    cr_expect(strstr(v->why, text), "%s: %s", text, v->why);
    cr_expect(v->low_rate || !strstr(v->why, "rate is too low"));
    g_free(text);
}

static void expect(GArray *metrics, const char *spec, enum verdict_kind kind, const char *why)
{
    struct game game;
    struct settings settings;
    cr_assert(game_parse(&game, spec, NULL));
    settings_presets(&settings, &game);
    settings.rate *= rate_factor;
    struct verdict verdict = verdict_of(metrics, &gain, &settings, &game, 1);
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

/* The policy's loss falls, and is lost again. */
static GArray *collapsing_curve(void)
{
    GArray *metrics = curve();
    for (int i = 0; i < 40; i++)
        add(metrics, (i < 25 ? 3.5 - 0.06 * i : 3.2) + noise(0.02), 0.8 + noise(0.02));
    return metrics;
}

/* While the learning rate warms up a healthy policy may be uniform; a loss that is not finite is broken at any time. */
Test(verdict, early_during_the_warm_up)
{
    for (int broken = 0; broken < 2; broken++) {
        GArray *metrics = curve();
        for (int i = 0; i < 40; i++) {
            add(metrics, log(82), 1.1);
            g_array_index(metrics, struct store_metric, i).steps = 7 * (i + 1); /* 280; the warm-up has 100 */
        }
        if (broken)
            g_array_index(metrics, struct store_metric, 39).policy_loss = NAN;
        expect(metrics, "go:9", broken ? VERDICT_BROKEN : VERDICT_EARLY,
               broken ? "finite" : "280 of the 300 training steps");
    }
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
    expect(metrics, "go:9", VERDICT_STALLED, "neither falls beyond noise");
}

/* A loss that rises over the second half is not learning, however high it was at first. */
Test(verdict, rising_is_not_learning)
{
    GArray *metrics = curve();
    for (int i = 0; i < 40; i++)
        add(metrics, (i < 20 ? 4 - 0.1 * i : 2 + 0.01 * (i - 20)) + noise(0.01), 0.5 + noise(0.01));
    expect(metrics, "go:9", VERDICT_STALLED, "policy loss 2.0");
}

/* The value knows the outcomes of the games that it was trained on, by more than chance and by much, in the later half; though the
 * losses fall. */
Test(verdict, overfitted)
{
    static const struct {
        double value, unseen, noise;
        int from; /* the first row with such losses on new games */
        enum verdict_kind kind;
    } cases[] = {{0.3, 0.5, 0.2, 0, VERDICT_OVERFITTED}, {0.3, 0.5, 0.2, 25, VERDICT_OVERFITTED},
                 {0.3, 0.42, 0.02, 0, VERDICT_LEARNING}, {0.3, 0.5, 0.2, 39, VERDICT_LEARNING},
                 {0.45, 0.5, 0.02, 0, VERDICT_LEARNING}, {0.3, 0.2, 0.02, 0, VERDICT_LEARNING},
                 {0.3, 0.46, 4, 0, VERDICT_LEARNING}};
    for (size_t k = 0; k < G_N_ELEMENTS(cases); k++) {
        GArray *metrics = curve();
        for (int i = 0; i < 40; i++)
            add_unseen(metrics, 1.5 + 2 * exp(-i / 20.0) + noise(0.05), cases[k].value + noise(0.01),
                       i >= cases[k].from ? cases[k].unseen + noise(cases[k].noise) : NAN);
        expect(metrics, "go:9", cases[k].kind,
               cases[k].kind == VERDICT_OVERFITTED ? "it memorises games" : "over the later half");
    }
}

/* Strength decides where it shows a difference: losses stand still where the targets get harder, and fall where it memorises games. */
Test(verdict, strength_decides)
{
    static const struct {
        double low, high, unseen;
        enum verdict_kind kind;
        const char *why;
    } cases[] = {{20, 120, 0.5, VERDICT_LEARNING, "generations 8 to 15 are +70 Elo (+20..+120) compared with earlier ones"},
                 {-120, -20, 0.5, VERDICT_COLLAPSED, "are -70 Elo (-120..-20)"},
                 {-20, 80, 0.5, VERDICT_STALLED, "are +30 Elo (-20..+80)"},
                 {-20, 80, 0.8, VERDICT_OVERFITTED, "are +30 Elo (-20..+80)"},
                 {20, 120, 0.8, VERDICT_LEARNING, "it memorises games"}};
    for (size_t k = 0; k < G_N_ELEMENTS(cases); k++) {
        GArray *metrics = curve();
        for (int i = 0; i < 40; i++)
            add_unseen(metrics, 2 + noise(0.05), 0.5 + noise(0.05), cases[k].unseen + noise(0.05));
        gain = (struct ladder_gain){.known = true,
                                    .elo = (cases[k].low + cases[k].high) / 2,
                                    .low = cases[k].low,
                                    .high = cases[k].high,
                                    .first = 1,
                                    .middle = 8,
                                    .last = 15};
        expect(metrics, "go:9", cases[k].kind, cases[k].why);
    }
}

/* The games that measured strength may have been played before the losses rose. */
Test(verdict, a_collapse_outweighs_earlier_strength)
{
    GArray *metrics = collapsing_curve();
    gain = (struct ladder_gain){.known = true, .elo = 70, .low = 20, .high = 120, .first = 1, .middle = 8, .last = 15};
    expect(metrics, "go:9", VERDICT_COLLAPSED, "policy loss fell from 3.4");
}

/* Falling losses are no learning if it is one opening that is learned. */
Test(verdict, the_same_opening_again)
{
    static const double diversity[] = {0.1, 0.5, 0};
    for (size_t k = 0; k < G_N_ELEMENTS(diversity); k++) {
        GArray *metrics = curve();
        for (int i = 0; i < 40; i++) {
            add(metrics, 1.5 + 2 * exp(-i / 20.0) + noise(0.05), 0.5 + 0.4 * exp(-i / 20.0) + noise(0.02));
            g_array_index(metrics, struct store_metric, i).diversity = i < 20 ? 0.9 : diversity[k];
        }
        expect(metrics, "go:9", k == 0 ? VERDICT_COLLAPSED : VERDICT_LEARNING,
               k == 0 ? "only 10 %" : "over the later half");
    }
}

Test(verdict, collapsed)
{
    GArray *metrics = collapsing_curve();
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

/* On 5x5 in a quarter of the games, 9x9 in the others: the loss of a uniform policy is the mean by these shares. A loss that happens to be
 * that of a uniform policy on one of the boards is not. */
Test(verdict, uniform_policy_on_several_boards)
{
    static const struct {
        double loss;
        enum verdict_kind kind;
    } cases[] = {{4.1192, VERDICT_BROKEN}, {3.2581, VERDICT_STALLED}, {4.4067, VERDICT_STALLED}}; /* ln 26, ln 82 */
    struct game games[SETTINGS_MAX_GAMES];
    struct settings settings;
    cr_assert(game_parse(&games[0], "go:9", NULL));
    settings_presets(&settings, &games[0]);
    cr_assert(settings_set(&settings, "sizes", "5:1,9:3", NULL));
    cr_assert_eq(settings_games(&settings, games, NULL), 2);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        GArray *metrics = curve();
        for (int k = 0; k < 20; k++)
            add(metrics, cases[i].loss + noise(0.002), 1 + noise(0.02));
        struct verdict verdict = verdict_of(metrics, &gain, &settings, games, 2);
        cr_expect_eq(verdict.kind, cases[i].kind, "%s: %s", verdict_name(verdict.kind), verdict.why);
        g_array_unref(metrics);
    }
}

/* A net that hardly moves is not dead. */
Test(verdict, a_rate_that_is_too_low)
{
    GArray *metrics = curve();
    rate_factor = 1e-4;
    for (int i = 0; i < 8; i++)
        add(metrics, log(25) + noise(0.002), 1);
    expect(metrics, "gomoku:5,line=4", VERDICT_STALLED, "the rate is too low");
    metrics = curve();
    for (int i = 0; i < 40; i++)
        add(metrics, 2 + noise(0.05), 0.5 + noise(0.05));
    expect(metrics, "go:9", VERDICT_STALLED, "the rate is too low");
    rate_factor = 0.3;
    metrics = curve();
    for (int i = 0; i < 8; i++)
        add(metrics, log(25) + noise(0.002), 1);
    expect(metrics, "gomoku:5,line=4", VERDICT_BROKEN, "the net is dead");
}

/* At the start a policy is nearly uniform, but not for long. */
Test(verdict, uniform_at_first_only)
{
    GArray *metrics = curve();
    for (int i = 0; i < 20; i++)
        add(metrics, log(25) - 0.05 * i + noise(0.01), 1 - 0.01 * i);
    expect(metrics, "gomoku:5,line=4", VERDICT_LEARNING, "");
}

/* A value below which no result is excluded has a loss of ln 3, a policy over 26 moves ln 26; an explosion in the midst of a run is over. */
Test(verdict, worse_than_a_guess_is_broken)
{
    static const struct {
        double policy, value;
        enum verdict_kind kind;
        const char *why;
    } cases[] = {{3.2, 1.33, VERDICT_BROKEN, "the value loss is 1.3"},
                 {3.2, 1.3, VERDICT_STALLED, "neither falls"},
                 {3.95, 0.9, VERDICT_BROKEN, "the policy loss is 3.9"},
                 {3.8, 0.9, VERDICT_STALLED, "neither falls"}};
    for (size_t c = 0; c < G_N_ELEMENTS(cases); c++) {
        GArray *metrics = curve();
        for (int i = 0; i < 40; i++)
            add(metrics, i == 10 ? 1e9 : cases[c].policy + noise(0.05), cases[c].value + noise(0.005));
        expect(metrics, "go:5", cases[c].kind, cases[c].why);
    }
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

/* A report of two samples says nothing: without it the run learns, with it as one of 1,000 it would not. What is not a number is noticed in it, too. */
Test(verdict, reports_of_few_samples)
{
    for (int kind = 0; kind < 3; kind++) {
        GArray *metrics = curve();
        for (int i = 0; i < 30; i++)
            add(metrics, i == 28 ? 9 : 3 - 0.01 * i + noise(0.01), 0.8 - 0.002 * i + noise(0.002));
        struct store_metric *odd = &g_array_index(metrics, struct store_metric, 28);
        odd->value_loss = 1.05;
        if (kind > 0)
            odd->samples = 28000 + 2;
        if (kind == 2)
            odd->policy_loss = NAN;
        expect(metrics, "go:9",
               kind == 0   ? VERDICT_STALLED
               : kind == 1 ? VERDICT_LEARNING
                           : VERDICT_BROKEN,
               "policy loss");
    }
}

/* A run that began with a trained net had little to gain, and its players become equal, so that results are harder to foretell. */
Test(verdict, closer_games_are_no_collapse)
{
    static const struct {
        double policy_fall, value[3];
        enum verdict_kind kind;
    } cases[] = {{0, {0.39, 0.376, 0.435}, VERDICT_STALLED}, /* continued */
                 {0.3, {0.39, 0.376, 0.435}, VERDICT_LEARNING},
                 {1.5, {0.69, 0.30, 0.55}, VERDICT_LEARNING},  /* from nothing */
                 {1.5, {0.69, 0.30, 0.69}, VERDICT_COLLAPSED}, /* nothing is left of it */
                 {0, {0.69, 0.30, 0.55}, VERDICT_COLLAPSED},
                 {0, {0.45, 0.30, 0.42}, VERDICT_STALLED}, /* less than half of the way to ln 2 */
                 {0, {0.45, 0.30, 0.52}, VERDICT_COLLAPSED}};
    for (size_t c = 0; c < G_N_ELEMENTS(cases); c++) {
        const double *value = cases[c].value;
        GArray *metrics = curve();
        for (int i = 0; i < 40; i++)
            add(metrics, 3 - cases[c].policy_fall * i / 40 + noise(0.02),
                (i < 12   ? value[0] + (value[1] - value[0]) * i / 12
                 : i < 24 ? value[1]
                          : value[2]) +
                    noise(0.002));
        expect(metrics, "go:9", cases[c].kind,
               cases[c].kind == VERDICT_COLLAPSED ? "the value loss fell" : "over the later half");
    }
}
