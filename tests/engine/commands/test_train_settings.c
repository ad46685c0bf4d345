/* The optimiser among a run's settings, and the presets that come with it. */
#include <criterion/criterion.h>
#include <string.h>

#include "engine/commands/train/train.h"
#include "engine/settings/settings.h"
#include "games/game.h"
#include "net/train.h"

static struct game game;

static void set_up(void)
{
    cr_assert(game_parse(&game, "go:9", NULL));
}

TestSuite(train_settings, .init = set_up);

static void expect(const struct settings *s, enum net_optimiser optimiser, double rate, double decay, const char *what)
{
    cr_expect(s->optimiser == (int)optimiser && s->rate == rate && s->weight_decay == decay,
              "%s: %d, rate %g, decay %g", what, s->optimiser, s->rate, s->weight_decay);
}

/* --set for each text, separated by blanks; run: of an existing run, NULL for a new one. */
static struct settings settings_of(const char *sets, const struct settings *run)
{
    struct train_arguments arguments = {.seed = -1, .visits = -1, .games = -1};
    struct settings settings;
    GError *error = NULL;
    arguments.set = g_strsplit(sets, " ", -1);
    if (run)
        settings = *run;
    bool good = run ? train_resume_settings(&arguments, &game, &settings, &error)
                    : train_make_settings(&arguments, &game, 0, &settings, &error);
    cr_assert(good, "%s: %s", sets, error ? error->message : "");
    g_strfreev(arguments.set);
    return settings;
}

/* SGD, unless another optimiser is set; that brings its presets, which other settings override in any order. */
Test(train_settings, an_optimiser_brings_its_presets)
{
    const struct net_optimiser_preset *sgd = &net_optimiser_presets[NET_SGD], *muon = &net_optimiser_presets[NET_MUON],
                                      *adamw = &net_optimiser_presets[NET_ADAMW];
    static const char *const given[] = {"optimiser=muon rate=0.25", "rate=0.25 optimiser=muon"};
    struct settings s;
    settings_presets(&s, &game);
    expect(&s, NET_SGD, 0.015, 1e-4, "presets");
    cr_expect(sgd->rate == 0.015 && muon->rate < 0.01 && adamw->rate < 0.01);
    s = settings_of("visits=20", NULL);
    expect(&s, NET_SGD, sgd->rate, sgd->weight_decay, "nothing set");
    s = settings_of("rate=0.25", NULL);
    expect(&s, NET_SGD, 0.25, sgd->weight_decay, "only the rate");
    s = settings_of("optimiser=adamw", NULL);
    expect(&s, NET_ADAMW, adamw->rate, adamw->weight_decay, "AdamW");
    s = settings_of("optimiser=muon", NULL);
    expect(&s, NET_MUON, muon->rate, muon->weight_decay, "Muon");
    for (size_t i = 0; i < G_N_ELEMENTS(given); i++) {
        s = settings_of(given[i], NULL);
        expect(&s, NET_MUON, 0.25, muon->weight_decay, given[i]);
    }
    s = settings_of("weight_decay=0.5 optimiser=muon", NULL);
    expect(&s, NET_MUON, muon->rate, 0.5, "the decay, too");
}

/* The same for an existing run, whose own rate belongs to its optimiser; without a change it keeps its rate. */
Test(train_settings, an_existing_run_changes_its_optimiser)
{
    const struct net_optimiser_preset *sgd = &net_optimiser_presets[NET_SGD], *muon = &net_optimiser_presets[NET_MUON];
    struct settings run, s;
    settings_presets(&run, &game);
    run.rate = 0.03; /* as loaded from a store */
    s = settings_of("visits=20", &run);
    expect(&s, NET_SGD, 0.03, sgd->weight_decay, "no change");
    s = settings_of("optimiser=sgd", &run);
    expect(&s, NET_SGD, 0.03, sgd->weight_decay, "the same optimiser");
    s = settings_of("optimiser=muon", &run);
    expect(&s, NET_MUON, muon->rate, muon->weight_decay, "another one");
    cr_assert(settings_set(&s, "rate", "0.125", NULL));
    settings_forget_given(&s);
    s = settings_of("optimiser=muon", &s);
    expect(&s, NET_MUON, 0.125, muon->weight_decay, "the same command line again");
    s = settings_of("optimiser=sgd", &s);
    expect(&s, NET_SGD, sgd->rate, sgd->weight_decay, "and back");
}

static void expect_searches(const char *sets, int64_t considered, bool reuse)
{
    struct settings s = settings_of(sets, NULL);
    cr_expect(s.considered == considered && s.tree_reuse == reuse, "%s: %d, %d", sets, (int)s.considered,
              (int)s.tree_reuse);
}

/* A net to start from is searched deeper, among fewer moves: a quarter of the visits. What is given stays. */
Test(train_settings, a_net_to_start_from_brings_deeper_searches)
{
    struct settings run;
    expect_searches("visits=32", 16, false);
    expect_searches("from=default", 4, true);
    expect_searches("from=default visits=32", 8, true);
    expect_searches("visits=32 from=default", 8, true);
    expect_searches("from=default visits=8", 4, true);
    expect_searches("from=default visits=200", 16, true);
    expect_searches("considered=12 from=default visits=32", 12, true);
    expect_searches("from=default tree_reuse=0", 4, false);
    run = settings_of("from=default", NULL);
    run.considered = 16; /* as loaded from a store */
    run.tree_reuse = 0;
    settings_forget_given(&run);
    run = settings_of("visits=64", &run);
    cr_expect(run.considered == 16 && run.tree_reuse == 0, "a run's searches stay as they are");
}

static void expect_replay(const char *sets, const struct settings *run, int64_t window, int64_t first_rows, double rate)
{
    struct settings s;
    char **each = g_strsplit(sets, " ", -1);
    settings_presets(&s, &game);
    if (run)
        s = *run;
    for (int i = 0; each[i]; i++) {
        char *value = strchr(each[i], '=');
        *value = 0;
        cr_assert(settings_set(&s, each[i], value + 1, NULL));
    }
    cr_expect(s.window == window && s.first_rows == first_rows, "%s: %d, %d", sets, (int)s.window, (int)s.first_rows);
    cr_expect_float_eq(s.rate, rate, 1e-9, "%s: %g", sets, s.rate);
    if (!run && !strstr(sets, "samples"))
        cr_expect(s.samples_per_row == (s.from[0] ? 2 : 6) && s.samples_floor == (s.from[0] ? 1 : 2), "%s", sets);
    if (strstr(sets, "samples"))
        cr_expect(s.samples_per_row == 4 && s.samples_floor == 3, "%s", sets);
    g_strfreev(each);
}

/* A net to start from brings a window that holds many games, and training begins when that many were played; what is given
 * stays, in whatever order, and so does what a run has. */
Test(train_settings, a_net_to_start_from_brings_its_window)
{
    const double sgd = net_optimiser_presets[NET_SGD].rate, muon = net_optimiser_presets[NET_MUON].rate;
    struct settings run;
    expect_replay("visits=20", NULL, 20000, 2000, sgd);
    expect_replay("from=default", NULL, 300000, 150000, sgd / 3);
    expect_replay("window=500 from=default", NULL, 500, 150000, sgd / 3);
    expect_replay("from=default first_rows=700", NULL, 300000, 700, sgd / 3);
    expect_replay("samples_per_row=4 from=default samples_floor=3", NULL, 300000, 150000, sgd / 3);
    expect_replay("from=default optimiser=muon", NULL, 300000, 150000, muon / 3);
    expect_replay("optimiser=muon from=default", NULL, 300000, 150000, muon / 3);
    expect_replay("rate=0.25 from=default", NULL, 300000, 150000, 0.25);
    settings_presets(&run, &game);
    cr_assert(settings_set(&run, "from", "default", NULL));
    run.window = 20000; /* as loaded from a store */
    run.rate = 0.25;
    expect_replay("from=default", &run, 20000, 150000, 0.25);
}

/* Runs from before the settings used SGD and its weight decay. */
Test(train_settings, older_runs)
{
    struct settings s;
    settings_presets(&s, &game);
    s.optimiser = NET_MUON;
    s.weight_decay = 1;
    cr_assert(settings_set(&s, "optimiser", settings_before("optimiser"), NULL));
    cr_assert(settings_set(&s, "weight_decay", settings_before("weight_decay"), NULL));
    expect(&s, NET_SGD, s.rate, net_optimiser_presets[NET_SGD].weight_decay, "older runs");
}

static void check_help(const char *name, bool fixed, const char *help, void *user)
{
    (void)fixed;
    int *found = user;
    bool rate = strcmp(name, "rate") == 0;
    if (!rate && strcmp(name, "weight_decay") != 0)
        return;
    for (int i = 0; i < NET_OPTIMISERS; i++) {
        const struct net_optimiser_preset *preset = &net_optimiser_presets[i];
        char *value = g_strdup_printf(" %g (", rate ? preset->rate : preset->weight_decay);
        const char *at = strstr(help, value), *end = at ? strchr(at, ')') : NULL;
        cr_expect(end && g_strstr_len(at, end - at, net_optimiser_names[i]), "\"%s\" lacks%s%s)", help, value,
                  net_optimiser_names[i]);
        *found += end != NULL;
        g_free(value);
    }
}

/* The help says which presets an optimiser brings. */
Test(train_settings, help_names_the_presets)
{
    int found = 0;
    settings_each(check_help, &found);
    cr_expect_eq(found, 2 * NET_OPTIMISERS);
}
