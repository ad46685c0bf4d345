/* Labs: the order of the work, what is kept, and that a lab which is stopped or killed goes on where it was. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/lab/lab.h"
#include "engine/lab/ledger.h"
#include "engine/lab/plan.h"
#include "engine/lab/report.h"
#include "engine/lab/results.h"
#include "engine/settings/settings.h"
#include "engine/store/store.h"
#include "engine/training/training.h"
#include "games/game.h"
#include "net/net.h"
#include "tests/delete_folder.h"

static char *folder;

static void set_up(void)
{
    folder = g_dir_make_tmp("tengen-lab-XXXXXX", NULL);
    cr_assert(folder);
}

static void tear_down(void)
{
    delete_folder(folder);
    g_free(folder);
}
TestSuite(lab_run, .init = set_up, .fini = tear_down);

/* A run of 24 games that all arms learn. */
static void make_data(void)
{
    struct game game;
    struct settings settings;
    struct store *store;
    char *path = g_build_filename(folder, "data", NULL);
    FILE *out = fopen("/dev/null", "w");
    cr_assert(game_parse(&game, "gomoku:3,line=3", NULL));
    settings_presets(&settings, &game);
    g_strlcpy(settings.net, "conv:8 res:8", sizeof settings.net);
    settings.deterministic = 1;
    settings.visits = 6;
    settings.batch = 16;
    settings.first_rows = 20;
    settings.round_games = 8;
    cr_assert_eq(store_open(&store, path, STORE_CREATE, NULL), 0);
    cr_assert(store_save_settings(store, &settings, NULL));
    const struct training_options options = {.store = store,
                                             .settings = &settings,
                                             .games = &game,
                                             .game_count = 1,
                                             .threads = 1,
                                             .generations = 3,
                                             .backend = NET_BACKEND_PLAIN,
                                             .out = out};
    cr_assert_eq(training_run(&options, NULL), TRAINING_GENERATIONS);
    fclose(out);
    store_close(store);
    g_free(path);
}

static void read_plan(struct lab_plan *plan, const char *kind, const char *more)
{
    GError *error = NULL;
    char *text = g_strdup_printf("%s\ngame: gomoku:3,line=3\nseeds: [1, 2]\n"
                                 "settings: {net: 'conv:8 res:8', batch: 16, warmup: 5%s}\n"
                                 "arms: [{name: a, rate: 0.01}, {name: b, rate: 0.02}]\n"
                                 "compare: {games: 2, visits: 4, anchors: [random]}\n%s",
                                 kind, strstr(kind, "same-data") ? "" : ", visits: 4, first_rows: 20", more);
    cr_assert(lab_plan_parse(plan, text, strlen(text), "lab.yaml", &error) && lab_plan_settle(plan, &error), "%s",
              error ? error->message : "");
    g_free(text);
}

static void read_same_data(struct lab_plan *plan, const char *more)
{
    char *kind = g_strdup_printf("kind: same-data\ndata: %s/data", folder);
    read_plan(plan, kind, more);
    g_free(kind);
}

static void open_lab(struct lab *lab, const struct lab_plan *plan, const char *name)
{
    GError *error = NULL;
    char *path = g_build_filename(folder, name, NULL);
    cr_assert(lab_open(lab, plan, path, &error), "%s", error ? error->message : "");
    g_free(path);
}

static enum lab_end run(struct lab *lab, struct lab_results *results)
{
    GError *error = NULL;
    enum lab_end end = lab_run(lab, results, &error);
    cr_assert_neq(end, LAB_FAILED, "%s", error ? error->message : "");
    return end;
}

/* The trainer's state at the end of an arm. */
static GBytes *state_of(const struct lab *lab, int arm, int seed, int64_t steps)
{
    struct store *store;
    struct store_checkpoint at;
    bool found;
    char *bytes, *path = lab_run_folder(lab, arm, seed);
    gsize size;
    cr_assert_eq(store_open(&store, path, STORE_READ, NULL), 0);
    cr_assert(store_last_checkpoint(store, &at, &found, NULL) && found);
    cr_assert_eq(at.steps, steps);
    char *name = store_state_name(at.generation), *file = store_net_path(store, name);
    cr_assert(g_file_get_contents(file, &bytes, &size, NULL));
    store_close(store);
    g_free(name);
    g_free(file);
    g_free(path);
    return g_bytes_new_take(bytes, size);
}

static void assert_same_nets(const struct lab *x, const struct lab *y, int64_t steps)
{
    for (int arm = 0; arm < 2; arm++)
        for (int seed = 0; seed < 2; seed++) {
            GBytes *a = state_of(x, arm, seed, steps), *b = state_of(y, arm, seed, steps);
            cr_assert(g_bytes_equal(a, b), "arm %d, seed %d", arm, seed);
            g_bytes_unref(a);
            g_bytes_unref(b);
        }
}

/* Two arms, two seeds, two slices. */
Test(lab_run, arms_take_turns)
{
    static const int expected[][3] = {{0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, 1},
                                      {1, 0, 0}, {1, 0, 1}, {1, 1, 0}, {1, 1, 1}};
    const struct lab_plan plan = {.arm_count = 2, .seed_count = 2, .keys = {.slices = 2}};
    for (int step = 0; step < 8; step++) {
        int64_t slice;
        int seed, arm;
        lab_order(&plan, step, &slice, &seed, &arm);
        cr_assert(slice == expected[step][0] && seed == expected[step][1] && arm == expected[step][2], "%d", step);
    }
}

Test(lab_run, same_data_has_every_result)
{
    struct lab_plan plan;
    struct lab lab;
    struct lab_results results;
    make_data();
    read_same_data(&plan, "budget: {steps: 12}\nheld-out: 0.4\n");
    open_lab(&lab, &plan, "lab");
    lab_results_init(&results, &plan);
    cr_assert_eq(run(&lab, &results), LAB_FINISHED);
    for (int arm = 0; arm < 2; arm++)
        for (int seed = 0; seed < 2; seed++) {
            const struct lab_value *v = results.values[arm][seed];
            cr_assert(v[LAB_STEPS].value == 12 && v[LAB_SAMPLES].value == 12 * 16 && v[LAB_GAMES].value == 24);
            cr_assert(v[LAB_EVALUATIONS].value > 100 && v[LAB_SECONDS].value > 0 && v[LAB_PARAMETERS].value > 100 &&
                      v[LAB_ACTIVE].value == v[LAB_PARAMETERS].value);
            cr_assert(isnan(lab_summarise(&results, 1, LAB_GAMES).difference));
            cr_assert(v[LAB_LOSS].value > 0 && v[LAB_HELD_LOSS].value > 0 &&
                      v[LAB_LOSS].value != v[LAB_HELD_LOSS].value);
            cr_assert(v[LAB_ELO_VISITS].low <= v[LAB_ELO_VISITS].value && isnan(v[LAB_ELO_TIME].value));
        }
    cr_assert_eq(results.others->len, 1);
    const struct lab_other *other = &g_array_index(results.others, struct lab_other, 0);
    cr_assert_str_eq(other->name, "random");
    cr_assert_eq(other->elo[0].value, 0, "the anchor has %g", other->elo[0].value);
    lab_results_clear(&results);
    lab_close(&lab);
    lab_plan_clear(&plan);
}

/* The slices, and a kill in the middle of one, have no effect on the nets: the second lab's first arm is found with a
 * checkpoint at step 5 of which its ledger knows nothing. */
Test(lab_run, slices_and_kills_change_nothing)
{
    struct lab_plan one, three;
    struct lab whole, killed;
    struct lab_results results;
    make_data();
    read_same_data(&one, "budget: {steps: 12}\n");
    read_same_data(&three, "budget: {steps: 12}\nslices: 3\n");
    open_lab(&whole, &one, "whole");
    lab_results_init(&results, &one);
    cr_assert_eq(run(&whole, &results), LAB_FINISHED);
    lab_results_clear(&results);

    open_lab(&killed, &three, "killed");
    struct settings settings = lab_plan_settings(&three, 0, 0);
    struct store *store;
    FILE *out = fopen("/dev/null", "w");
    char *path = lab_run_folder(&killed, 0, 0);
    cr_assert_eq(store_open(&store, path, STORE_CREATE, NULL), 0);
    const struct training_options options = {.store = store,
                                             .settings = &settings,
                                             .games = three.arms[0].games,
                                             .game_count = 1,
                                             .threads = 1,
                                             .data = &killed.data,
                                             .steps = 5,
                                             .schedule_to = 5 / 12.0,
                                             .backend = NET_BACKEND_FAST,
                                             .out = out};
    cr_assert_eq(training_run(&options, NULL), TRAINING_STEPS);
    store_close(store);
    fclose(out);
    lab_results_init(&results, &three);
    cr_assert_eq(run(&killed, &results), LAB_FINISHED);
    assert_same_nets(&whole, &killed, 12);
    lab_results_clear(&results);
    g_free(path);
    lab_close(&whole);
    lab_close(&killed);
    lab_plan_clear(&one);
    lab_plan_clear(&three);
}

/* A stopped lab does nothing more; a finished one does nothing again, and reports the same. */
Test(lab_run, what_is_done_is_not_done_again)
{
    struct lab_plan plan;
    struct lab lab;
    struct lab_results first, second;
    atomic_bool stop = true;
    char *text[2] = {NULL}, *log = NULL;
    size_t length;
    make_data();
    read_same_data(&plan, "budget: {steps: 4}\n");
    open_lab(&lab, &plan, "lab");
    lab.stop = &stop;
    lab_results_init(&first, &plan);
    cr_assert_eq(run(&lab, &first), LAB_STOPPED);
    cr_assert(!first.finished && !lab_results_has(&first, LAB_STEPS));
    char *folder_of_first = lab_run_folder(&lab, 0, 0);
    cr_assert_not(store_exists(folder_of_first));
    g_free(folder_of_first);
    lab.stop = NULL;
    cr_assert_eq(run(&lab, &first), LAB_FINISHED);
    lab_close(&lab);

    open_lab(&lab, &plan, "lab");
    lab_results_init(&second, &plan);
    lab.log = open_memstream(&log, &length);
    cr_assert_eq(run(&lab, &second), LAB_FINISHED);
    fclose(lab.log);
    cr_assert_not(strstr(log, "Arm") || strstr(log, "Measured"), "%s", log);
    for (int i = 0; i < 2; i++) {
        FILE *out = open_memstream(&text[i], &length);
        lab_print_csv(i ? &second : &first, out);
        fclose(out);
    }
    cr_assert_str_eq(text[0], text[1]);
    lab_results_clear(&first);
    lab_results_clear(&second);
    lab_close(&lab);
    lab_plan_clear(&plan);
    free(text[0]);
    free(text[1]);
    free(log);
}

/* The budget of processor time, in two slices, within a move and a step. */
Test(lab_run, loop_spends_its_budget)
{
    struct lab_plan plan;
    struct lab lab;
    struct lab_results results;
    read_plan(&plan, "kind: loop", "budget: {seconds: 0.8}\nslices: 2\n");
    open_lab(&lab, &plan, "lab");
    lab_results_init(&results, &plan);
    cr_assert_eq(run(&lab, &results), LAB_FINISHED);
    for (int arm = 0; arm < 2; arm++)
        for (int seed = 0; seed < 2; seed++) {
            const struct lab_value *v = results.values[arm][seed];
            cr_assert(v[LAB_SECONDS].value >= 0.8 && v[LAB_SECONDS].value < 1.4, "%g s", v[LAB_SECONDS].value);
            cr_assert(v[LAB_GAMES].value > 5 && v[LAB_ROWS].value > 20 && v[LAB_STEPS].value > 0);
            cr_assert(v[LAB_LOSS].value > 0 && isnan(v[LAB_HELD_LOSS].value));
        }
    lab_results_clear(&results);
    lab_close(&lab);
    lab_plan_clear(&plan);
}

/* An arm whose budget ends before it has the rows that training begins with. */
Test(lab_run, an_arm_that_was_not_trained_is_named)
{
    static const char text[] = "kind: loop\ngame: gomoku:3,line=3\nseeds: [1]\nbudget: {seconds: 0.8}\n"
                               "settings: {net: 'conv:8', visits: 4}\n"
                               "arms: [{name: a, first_rows: 20, batch: 16}, {name: b, first_rows: 100000}]\n"
                               "compare: {games: 2, visits: 4}\n";
    struct lab_plan plan;
    struct lab lab;
    struct lab_results results;
    char *log = NULL;
    size_t length;
    cr_assert(lab_plan_parse(&plan, text, strlen(text), "lab.yaml", NULL) && lab_plan_settle(&plan, NULL));
    open_lab(&lab, &plan, "lab");
    lab_results_init(&results, &plan);
    lab.log = open_memstream(&log, &length);
    cr_assert_eq(run(&lab, &results), LAB_FINISHED);
    fclose(lab.log);
    cr_expect(strstr(log, "Arm b, seed 1: NOT TRAINED") && strstr(log, "of the 100000 with which training begins"),
              "%s", log);
    cr_expect_not(strstr(log, "Arm a, seed 1: NOT TRAINED"), "%s", log);
    lab_results_clear(&results);
    lab_close(&lab);
    lab_plan_clear(&plan);
    free(log);
}

/* ---- the comparison, before anything is trained ---- */

/* Of a lab with this comparison, freed by the caller; NULL if it is accepted. */
static char *refusal_of(const char *game, const char *compare)
{
    struct lab_plan plan;
    GError *error = NULL;
    char *text = g_strdup_printf("game: %s\nseeds: [1]\nbudget: {steps: 1}\nsettings: {net: 'conv:4'}\n"
                                 "arms: [{name: a}, {name: b}]\ncompare: {games: 2, %s}\n",
                                 game, compare);
    cr_assert(lab_plan_parse(&plan, text, strlen(text), "lab.yaml", NULL) && lab_plan_settle(&plan, NULL));
    bool good = lab_check(&plan, folder, &error);
    cr_assert_eq(good, error == NULL);
    char *why = error ? g_strdup(error->message) : NULL;
    g_clear_error(&error);
    lab_plan_clear(&plan);
    g_free(text);
    return why;
}

static void expect_refused(const char *game, const char *compare, const char *message)
{
    char *why = refusal_of(game, compare);
    cr_expect(why && strstr(why, message), "%s: %s", compare, why ? why : "accepted");
    g_free(why);
}

/* Nets play any size and rules of their game, and no other game. */
Test(lab_run, nets_must_be_able_to_play_the_comparison)
{
    char *none = refusal_of("go:5", "game: 'go:7,komi=3'");
    cr_expect_null(none, "%s", none);
    none = refusal_of("gomoku:5,line=4", "game: 'gomoku:7'");
    cr_expect_null(none, "%s", none);
    expect_refused("go:5", "game: 'gomoku:9'",
                   "lab.yaml: compare: game must be go, which the arms are trained on, not gomoku");
    expect_refused("gomoku:5,line=4", "game: 'connect4:7x6'", "game must be gomoku");
    expect_refused("go:5", "anchors: [nobody]", "unknown agent");
}

/* ---- what is kept ---- */

static bool reopen(const char *more, GError **error)
{
    struct lab_plan plan;
    struct lab lab;
    char *path = g_build_filename(folder, "lab", NULL);
    read_plan(&plan, "kind: loop", more);
    bool good = lab_open(&lab, &plan, path, error);
    if (good)
        lab_close(&lab);
    lab_plan_clear(&plan);
    g_free(path);
    return good;
}

Test(lab_run, a_changed_file_is_refused_by_what_changed)
{
    GError *error = NULL;
    cr_assert(reopen("budget: {steps: 4}\n", NULL));
    cr_assert(reopen("budget: {steps: 4}\n", NULL));
    cr_assert_not(reopen("budget: {steps: 5}\nslices: 2\n", &error));
    cr_assert(strstr(error->message, "slices was \"1\" and is now \"2\""), "%s", error->message);
    cr_assert(strstr(error->message, "budget was \"4 steps\" and is now \"5 steps\""), "%s", error->message);
    cr_assert_not(strstr(error->message, "rate"), "%s", error->message);
    g_clear_error(&error);
    cr_assert(reopen("budget: {steps: 4}\n", NULL), "a refused file changed the ledger");
}

Test(lab_run, the_ledger_lets_only_the_games_grow)
{
    struct ledger *ledger;
    GError *error = NULL;
    GPtrArray *names = g_ptr_array_new(), *values = g_ptr_array_new();
    const char *const first[][2] = {{"arm a", "rate=1"}, {"arm b", ""}, {"games", "20"}};
    for (int i = 0; i < 3; i++) {
        g_ptr_array_add(names, (char *)first[i][0]);
        g_ptr_array_add(values, (char *)first[i][1]);
    }
    cr_assert_eq(ledger_open(&ledger, folder, NULL), 0);
    cr_assert(ledger_check(ledger, names, values, "games", NULL));
    values->pdata[2] = "40";
    cr_assert(ledger_check(ledger, names, values, "games", NULL));
    values->pdata[2] = "30";
    cr_assert_not(ledger_check(ledger, names, values, "games", &error));
    cr_assert(strstr(error->message, "games was \"40\" and is now \"30\""), "%s", error->message);
    g_clear_error(&error);
    values->pdata[2] = "40";
    names->pdata[0] = "arm c";
    cr_assert_not(ledger_check(ledger, names, values, "games", &error));
    cr_assert(strstr(error->message, "arm c \"rate=1\" is new") &&
                  strstr(error->message, "arm a \"rate=1\" is missing"),
              "%s", error->message);
    g_clear_error(&error);
    ledger_close(ledger);
    g_ptr_array_unref(names);
    g_ptr_array_unref(values);
}

Test(lab_run, the_ledger_keeps_numbers)
{
    struct ledger *ledger;
    struct ledger_progress progress = {.slices = 2, .seconds = 1.5, .seconds_at_stored = 1.25};
    static const char *const names[] = {"x", "y"};
    double values[] = {3.5, NAN}, read[2];
    bool found;
    cr_assert_eq(ledger_open(&ledger, folder, NULL), 0);
    cr_assert_eq(ledger_number(ledger, "n", 7, NULL), 7);
    cr_assert(ledger_keep_progress(ledger, "a", 1, &progress, NULL));
    cr_assert(ledger_keep_measures(ledger, "a", 1, names, values, 2, NULL));
    ledger_close(ledger);
    cr_assert_eq(ledger_open(&ledger, folder, NULL), 0);
    cr_assert_eq(ledger_number(ledger, "n", 9, NULL), 7);
    progress = (struct ledger_progress){0};
    cr_assert(ledger_progress(ledger, "a", 1, &progress, NULL));
    cr_assert(progress.slices == 2 && progress.seconds == 1.5 && progress.seconds_at_stored == 1.25);
    cr_assert(ledger_progress(ledger, "a", 2, &progress, NULL) && progress.slices == 0 && progress.seconds == 0);
    cr_assert(ledger_measures(ledger, "a", 1, names, read, 2, &found, NULL) && found && read[0] == 3.5 &&
              isnan(read[1]));
    cr_assert(ledger_measures(ledger, "b", 1, names, read, 2, &found, NULL) && !found);
    ledger_close(ledger);
}
