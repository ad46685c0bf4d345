/* Lab files: what they mean, and that each error names its place. */
#include <criterion/criterion.h>
#include <string.h>

#include "engine/lab/plan.h"
#include "engine/settings/settings.h"
#include "games/game.h"

static struct lab_plan plan;

static void tear_down(void)
{
    lab_plan_clear(&plan);
}
TestSuite(lab_file, .fini = tear_down);

static bool parse(const char *text, GError **error)
{
    lab_plan_clear(&plan);
    return lab_plan_parse(&plan, text, strlen(text), "lab.yaml", error);
}

static const char whole[] = "kind: loop\n"
                            "game: go:5\n"
                            "seeds: [3, 1]\n"
                            "budget: {minutes: 1.5}\n"
                            "slices: 4\n"
                            "settings: {net: 1x8, visits: 8}\n"
                            "arms:\n"
                            "  - name: slow\n"
                            "  - {name: fast, rate: 0.05, visits: 12}\n"
                            "compare: {games: 10, visits: 32, time: 100ms, anchors: [random, x=rollout:10]}\n";

Test(lab_file, every_key_is_read)
{
    GError *error = NULL;
    cr_assert(parse(whole, &error), "%s", error ? error->message : "");
    cr_assert(plan.keys.kind == LAB_LOOP && plan.seed_count == 2 && plan.seeds[0] == 3 && plan.seeds[1] == 1);
    cr_assert(plan.seconds == 90 && plan.budget.steps == 0 && plan.keys.slices == 4 && plan.arm_count == 2);
    cr_assert_str_eq(plan.arms[0].name, "slow");
    cr_assert_str_eq(plan.arms[1].name, "fast");
    cr_assert(plan.compare.games == 10 && plan.compare.visits == 32 && plan.compare.time_ms == 100);
    cr_assert(plan.compare.opening_plies == -1 && plan.compare.anchors->len == 2);
    cr_assert_str_eq(plan.compare.anchors->pdata[1], "x=rollout:10");
}

/* Presets, then the shared settings, then the arm's; the seed is one of the file's. */
Test(lab_file, settings_of_an_arm)
{
    GError *error = NULL;
    struct settings presets;
    struct game game;
    cr_assert(game_parse(&game, "go:5", NULL));
    settings_presets(&presets, &game);
    cr_assert(parse(whole, NULL) && lab_plan_settle(&plan, &error), "%s", error ? error->message : "");
    const struct settings slow = lab_plan_settings(&plan, 0, 1), fast = lab_plan_settings(&plan, 1, 0);
    cr_assert(slow.visits == 8 && slow.rate == presets.rate && slow.seed == 1 && slow.batch == presets.batch);
    cr_assert(fast.visits == 12 && fast.rate == 0.05 && fast.seed == 3);
    cr_assert_str_eq(slow.net, "1x8");
    char *given = lab_arm_describe(&plan.arms[1]);
    cr_assert_str_eq(given, "rate=0.05 visits=12");
    g_free(given);
}

Test(lab_file, what_is_not_given)
{
    cr_assert(parse("game: go:5\nseeds: [1]\nbudget: {steps: 7}\narms: [{name: a}, {name: b}]\n", NULL));
    cr_assert(plan.budget.steps == 7 && plan.seconds == 0 && plan.keys.slices == 1 && plan.keys.held_out == 0.1);
    cr_assert(plan.compare.games == 20 && plan.compare.visits == 64 && plan.compare.time_ms == 0);
    cr_assert(
        parse("game: go:5\nseeds: [1]\nbudget: {hours: 2}\narms: [{name: a}, {name: b}]\ncompare: {time: 1s}\n", NULL));
    cr_assert(plan.seconds == 7200 && plan.compare.visits == 0 && plan.compare.time_ms == 1000);
}

#define REST "seeds: [1]\nbudget: {steps: 7}\narms: [{name: a}, {name: b}]\n"

Test(lab_file, errors_name_line_and_column)
{
    static const char *const cases[][2] = {
        {"game: [\n", "lab.yaml, line 2, column 1: invalid YAML"},
        {"", "lab.yaml, line 1, column 1: a lab file is a mapping"},
        {"- x\n", "lab.yaml, line 1, column 1: a lab file is a mapping"},
        {"game: go:5\ngame: go:5\n", "lab.yaml, line 2, column 1: duplicate key game"},
        {"game: go:5\nspeed: 3\n", "lab.yaml, line 2, column 1: there is no key \"speed\""},
        {"kind: both\n", "lab.yaml, line 1, column 7: kind takes loop|same-data, not \"both\""},
        {"slices: 0\n", "lab.yaml, line 1, column 9: slices takes a whole number, 1 to 1000"},
        {"game: {a: b}\n", "lab.yaml, line 1, column 7: game takes one value"},
        {"seeds: 5\n", "lab.yaml, line 1, column 8: seeds takes a list"},
        {"seeds: []\n", "lab.yaml, line 1, column 8: seeds takes at least one"},
        {"seeds: [1, -2]\n", "lab.yaml, line 1, column 12: seeds takes a whole number"},
        {"seeds: [4, 4]\n", "lab.yaml, line 1, column 12: the seed 4 is given twice"},
        {"budget: 5\n", "lab.yaml, line 1, column 9: budget takes a mapping"},
        {"budget: {}\n", "lab.yaml, line 1, column 9: budget takes one of"},
        {"budget: {steps: 1, hours: 1}\n", "lab.yaml, line 1, column 9: budget takes one of"},
        {"budget: {days: 1}\n", "lab.yaml, line 1, column 10: there is no key of budget \"days\""},
        {"settings: [a]\n", "lab.yaml, line 1, column 11: settings takes a mapping"},
        {"settings: {seed: 1}\n", "lab.yaml, line 1, column 12: seed is the same for all arms"},
        {"settings: {rate: 1, rate: 2}\n", "lab.yaml, line 1, column 21: duplicate key rate"},
        {"settings: {rate: [1]}\n", "lab.yaml, line 1, column 18: a setting takes one value"},
        {"arms: x\n", "lab.yaml, line 1, column 7: arms takes a list"},
        {"arms: [x, y]\n", "lab.yaml, line 1, column 8: an arm is a mapping"},
        {"arms:\n- name: a\n- rate: 1\n", "lab.yaml, line 3, column 3: this arm has no name"},
        {"arms:\n- name: a/b\n", "lab.yaml, line 2, column 9: an arm's name has"},
        {"arms:\n- name: a\n- name: a\n", "lab.yaml, line 3, column 9: two arms have the name \"a\""},
        {"arms:\n- name: a\n", "lab.yaml, line 2, column 1: a comparison needs two arms"},
        {"arms:\n- name: a\n  name: b\n", "lab.yaml, line 3, column 9: duplicate key name"},
        {"compare: {time: 5}\n", "lab.yaml, line 1, column 17: time takes a time"},
        {"compare: {anchors: [[a]]}\n", "lab.yaml, line 1, column 21: anchors takes a list of texts"},
        {REST, "lab.yaml, line 1, column 1: the key game is missing"},
        {"game: go:5\nkind: same-data\n" REST, "lab.yaml, line 1, column 1: kind: same-data needs data"},
        {"game: go:5\nheld-out: 0.2\n" REST, "lab.yaml, line 1, column 1: held-out applies to kind: same-data only"},
        {"game: go:5\ndata: x\n" REST, "lab.yaml, line 1, column 1: data applies to kind: same-data only"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        GError *error = NULL;
        cr_assert_not(parse(cases[i][0], &error), "%s", cases[i][0]);
        cr_assert(g_str_has_prefix(error->message, cases[i][1]), "\"%s\": %s", cases[i][0], error->message);
        g_clear_error(&error);
    }
}

#define STORED "kind: same-data\ndata: x\ngame: go:5\nseeds: [1]\nbudget: {steps: 7}\n"

/* Of stored games no arm plays any. What is of training remains. */
Test(lab_file, settings_of_self_play_need_self_play)
{
    static const char *const ignored[] = {"rules: chinese",
                                          "deterministic: 1",
                                          "visits: 8",
                                          "fast_visits: 4",
                                          "full_share: 0.5",
                                          "considered: 8",
                                          "value_scale: 1",
                                          "score: 1",
                                          "tree_reuse: 1",
                                          "largest_share: 0",
                                          "komi_stdev: 1",
                                          "komi_even: 1",
                                          "komi_wide_share: 0.1",
                                          "komi_wide_stdev: 1",
                                          "komi_fair_share: 0.1",
                                          "handicap_share: 0.1",
                                          "cleanup: 1",
                                          "handicap_fair_share: 1",
                                          "weak_share: 0.1",
                                          "opening_plies: 1",
                                          "opening_uniform: 1",
                                          "opening_balance: 1",
                                          "sample_plies: 1",
                                          "temperature: 1",
                                          "random_moves: 0.1",
                                          "max_plies: 9",
                                          "first_rows: 9",
                                          "samples_per_row: 1",
                                          "samples_floor: 1",
                                          "round_games: 1",
                                          "start_share: 0.1",
                                          "start_surprise: 1",
                                          "start_fork: 1",
                                          "start_fair_share: 1",
                                          "visits_final: 64",
                                          "visits_rows: 9",
                                          "decided: 0.9",
                                          "decided_full: 0.5",
                                          "improved_value: 0",
                                          "komi_wide_scaled: 1",
                                          "late_temperature: 0.5"};
    static const char *const obeyed[] = {"net: 1x16",
                                         "window: 900",
                                         "window_alpha: 0.5",
                                         "window_beta: 0.5",
                                         "batch: 9",
                                         "optimiser: adamw",
                                         "rate: 0.1",
                                         "weight_decay: 0.1",
                                         "rate_end: 0.1",
                                         "warmup: 9",
                                         "average_decay: 0.9",
                                         "horizon: 9",
                                         "features: go-v1",
                                         "generation_steps: 9",
                                         "generation_seconds: 9",
                                         "surprise_weight: 1",
                                         "surprise_value: 1",
                                         "value_search_mix: 1",
                                         "horizons: 6"};
    for (size_t i = 0; i < G_N_ELEMENTS(ignored) + G_N_ELEMENTS(obeyed); i++) {
        bool bad = i < G_N_ELEMENTS(ignored);
        const char *setting = bad ? ignored[i] : obeyed[i - G_N_ELEMENTS(ignored)];
        GError *error = NULL;
        char *text = g_strdup_printf(STORED "arms:\n- {name: a, %s}\n- name: b\n", setting);
        cr_assert(parse(text, NULL), "%s", setting);
        cr_expect_eq(lab_plan_settle(&plan, &error), !bad, "%s: %s", setting, error ? error->message : "accepted");
        char *name = g_strndup(setting, strcspn(setting, ":"));
        char *message = g_strdup_printf("lab.yaml, line 7, column 13: %s has no effect with kind: same-data", name);
        cr_expect(!error || g_str_has_prefix(error->message, message), "%s", error->message);
        g_clear_error(&error);
        g_free(name);
        g_free(message);
        g_free(text);
    }
    cr_assert(parse(STORED "arms: [{name: a}, {name: b}]\nsettings: {visits: 8}\n", NULL));
    cr_expect_not(lab_plan_settle(&plan, NULL), "accepted among the shared settings");
}

Test(lab_file, errors_of_settings_name_line_and_column)
{
    static const char *const cases[][2] = {
        {"game: chess:8\n" REST, "lab.yaml, line 1, column 7: "},
        {"game: go:5\nsettings:\n  rates: 1\n" REST, "lab.yaml, line 3, column 3: there is no setting \"rates\""},
        {"game: go:5\nsettings:\n  rate: 99\n" REST, "lab.yaml, line 3, column 3: rate takes a number"},
        {"game: go:5\nfrom: nowhere\n" REST, "lab.yaml, line 5, column 8: arm a: from=nowhere"},
        {"game: go:5\nsizes: 5,99\n" REST, "lab.yaml, line 5, column 8: arm a: "},
        {"game: go:5\nsettings: {net: nonsense}\n" REST, "lab.yaml, line 5, column 8: arm a: "},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        GError *error = NULL;
        cr_assert(parse(cases[i][0], &error), "%s", error ? error->message : "");
        cr_assert_not(lab_plan_settle(&plan, &error), "%s", cases[i][0]);
        cr_assert(g_str_has_prefix(error->message, cases[i][1]), "\"%s\": %s", cases[i][0], error->message);
        g_clear_error(&error);
    }
}

/* The files that come with the documentation. */
Test(lab_file, documented_files)
{
    const char *folder = TESTS_DIR "/../docs/lab", *name;
    GDir *files = g_dir_open(folder, 0, NULL);
    int count = 0;
    cr_assert_not_null(files);
    while ((name = g_dir_read_name(files))) {
        if (!g_str_has_suffix(name, ".yaml"))
            continue; /* games to look at */
        char *path = g_build_filename(folder, name, NULL);
        GError *error = NULL;
        lab_plan_clear(&plan);
        cr_expect(lab_plan_read(&plan, path, &error) && lab_plan_settle(&plan, &error), "%s",
                  error ? error->message : "");
        g_clear_error(&error);
        g_free(path);
        count++;
    }
    g_dir_close(files);
    cr_expect_geq(count, 3);
}
