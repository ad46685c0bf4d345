/* Settings of a match: the effect of every setting, presets, and the errors for invalid ones. */
#include <criterion/criterion.h>

#include "agents/agent.h"
#include "agents/net_path.h"
#include "engine/match/game.h"
#include "engine/match/journal.h"
#include "engine/match/match.h"
#include "engine/match/openings.h"
#include "engine/match/schedule/schedule.h"
#include "engine/match/settings.h"
#include "engine/match/setup.h"
#include "engine/match/statistics/rating.h"
#include "engine/match/tournament_file.h"
#include "games/game.h"
#include "tests/delete_folder.h"

static struct match_settings settings;
static struct match_setup setup;
static char *folder;

static void set_up(void)
{
    folder = g_dir_make_tmp("tengen-setup-XXXXXX", NULL);
    g_setenv("TENGEN_DATA", TESTS_DIR "/../net/weights", TRUE);
    match_settings_init(&settings);
}

static void clear(void)
{
    match_setup_clear(&setup);
    match_settings_clear(&settings);
    setup = (struct match_setup){0};
    match_settings_init(&settings);
}

static void tear_down(void)
{
    clear();
    match_settings_clear(&settings);
    delete_folder(folder);
    g_free(folder);
}

TestSuite(match_setup, .init = set_up, .fini = tear_down);

/* The error message, freed by the caller; NULL if the match is set up. The text is YAML. */
static char *try(const char *text)
{
    GError *error = NULL;
    clear();
    cr_assert(match_file_parse(text, strlen(text), "cup.yaml", &settings, &error), "%s", error ? error->message : "");
    if (match_setup_make(&setup, &settings, &error))
        return NULL;
    char *message = g_strdup(error->message);
    g_clear_error(&error);
    return message;
}

static void make(const char *text)
{
    char *message = try(text);
    cr_assert_null(message, "%s\n%s", text, message);
}

/* ---- presets and settings ---- */

Test(match_setup, presets)
{
    make("agent: [random, random]\nseed: 1\n");
    const struct match_config *c = &setup.config;
    cr_assert(c->game == &setup.game && c->players == setup.players && c->player_count == 2 && !c->journal);
    cr_assert(setup.game.width == 9 && strcmp(setup.game.ops->name, "go") == 0);
    cr_assert(c->games == 100 && c->rounds == 0 && c->seed == 1 && c->withdraw == 10 && c->threads >= 1);
    cr_assert_str_eq(c->schedule->name, "round-robin");
    cr_assert(c->opening_count == 50 && c->openings == setup.openings && c->openings[49].count == 4);
    cr_assert(agent_clock_kind(&c->terms.clock) == AGENT_CLOCK_NONE && !c->terms.clock.visits);
    cr_assert(c->terms.margin_ms == 50 && !c->terms.win_moves && !c->terms.draw_moves && !c->terms.max_plies);
    cr_assert(!c->referee && !c->sprt && !setup.anchor_count && !setup.davidson && !setup.repeated);
    cr_assert(c->agent.threads == 1 && c->agent.reply_ms == 60000 && c->agent.memory_bytes == 0);
    cr_assert(!c->agent.limits.memory_bytes && !c->agent.limits.cpu_s && !c->agent.limits.cpus);
}

Test(match_setup, settings)
{
    make("game: gomoku:6\nagent: [a=random, 'rollout:5', c=random]\nseed: 5\ngames: 7\nrounds: 4\nschedule: swiss\n"
         "threads: 3\nopening-plies: 1\ntime-margin: 70\nvisits: 33\nreply-timeout: 9\nmemory: 5\ncpus: 2\n"
         "cpu-time: 77\nreferee: random\nwithdraw: 4\ndraw-model: davidson\nrepeated: true\nmove-time: 250\n"
         "anchor: [a=-7.5, 'rollout:5']\n");
    const struct match_config *c = &setup.config;
    cr_assert(c->player_count == 3 && c->games == 7 && c->rounds == 4 && c->threads == 3 && c->seed == 5);
    cr_assert_str_eq(c->schedule->name, "swiss");
    cr_assert(c->opening_count == 4 * 4 && c->openings[15].count == 1, "%d openings", c->opening_count);
    cr_assert(c->terms.clock.move_ms == 250 && c->terms.clock.visits == 33 && c->terms.margin_ms == 70);
    cr_assert(c->agent.reply_ms == 9000 && c->agent.memory_bytes == 5 << 20);
    cr_assert(c->agent.limits.memory_bytes == 5 << 20 && c->agent.limits.cpu_s == 77 && c->agent.limits.cpus == 2 &&
              c->agent.limits.first_cpu == 0);
    cr_assert_str_eq(c->referee, "random");
    cr_assert(c->withdraw == 4 && setup.davidson && setup.repeated && setup.anchor_count == 2);
    cr_assert(setup.anchors[0].player == 0 && setup.anchors[0].elo == -7.5);
    cr_assert(setup.anchors[1].player == 1 && setup.anchors[1].elo == 0);
    make("agent: [random, random]\ntime: 5m+3x30s\ndraw-model: halves\nanchor: mean\nopening-plies: 0\n");
    cr_assert(agent_clock_kind(&c->terms.clock) == AGENT_CLOCK_BYOYOMI && !setup.davidson && !setup.anchor_count);
    cr_assert(!c->openings && c->opening_count == 0);
}

/* By default four random plies from 7x7 on, two from 5x5 on; the shorter side counts. */
Test(match_setup, opening_plies)
{
    static const struct {
        const char *game;
        int plies;
    } cases[] = {{"go:19", 4}, {"go:7", 4}, {"go:6", 2}, {"go:5", 2}, {"go:4", 0}, {"gomoku:3,line=3", 0}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *text = g_strdup_printf("game: %s\nagent: [random, random]\ngames: 3\nseed: 1\n", cases[i].game);
        make(text);
        cr_assert_eq(setup.config.opening_count, cases[i].plies ? 2 : 0, "%s", cases[i].game);
        if (cases[i].plies)
            cr_assert_eq(setup.config.openings[1].count, cases[i].plies, "%s", cases[i].game);
        g_free(text);
    }
}

/* A name ends at the first '=' before any ':' or ','; specs without a name may repeat, and are numbered. */
Test(match_setup, names_of_agents)
{
    static const char *const names[] = {"a", "random", "random#2", "rollout:5,threads=1", "random#3", "=random"};
    static const char *const specs[] = {"random", "random", "random", "rollout:5,threads=1", "random", "=random"};
    make("game: go:5\ngames: 2\nagent: ['a=random', random, random, 'rollout:5,threads=1', random, '=random']\n");
    for (int i = 0; i < 6; i++) {
        cr_assert_str_eq(setup.players[i].name, names[i]);
        cr_assert_str_eq(setup.players[i].spec, specs[i]);
    }
}

Test(match_setup, openings_from_a_file)
{
    char *path = g_build_filename(folder, "o.txt", NULL), *sgf = g_build_filename(folder, "o.sgf", NULL), *text;
    cr_assert(g_file_set_contents(path, "A1\nB1 C1\nD1\n", -1, NULL));
    cr_assert(g_file_set_contents(sgf, "(;GM[1]SZ[5];B[aa];W[bb];B[cc])", -1, NULL));
    text = g_strdup_printf("game: go:5\nagent: [random, random]\nopenings: %s\n", path);
    make(text);
    cr_assert(setup.config.opening_count == 3 && setup.config.openings[1].moves[1] == 22);
    g_free(text);
    text = g_strdup_printf("game: go:5\nagent: [random, random]\nopenings: %s\nopening-plies: 2\n", sgf);
    make(text);
    cr_assert(setup.config.opening_count == 1 && setup.config.openings[0].count == 2);
    g_free(text);
    text = g_strdup_printf("game: go:5\nagent: [random, random]\nopenings: %s\nopening-plies: 2\n", path);
    char *message = try(text);
    cr_assert(message && strstr(message, "mutually exclusive"), "%s", message);
    g_free(message);
    g_free(text);
    g_free(path);
    g_free(sgf);
}

/* Selected with the seed of the match among those within 0.1. */
Test(match_setup, even_openings)
{
    struct match_opening expected[2];
    g_setenv("XDG_CACHE_HOME", folder, TRUE);
    make("game: go:5\nagent: [random, random]\ngames: 4\nopenings: even\nseed: 9\nopening-plies: 3\n");
    cr_assert(match_even_openings(&setup.game, "default", 3, 0.1, 9, expected, 2, NULL));
    cr_assert_eq(setup.config.opening_count, 2);
    cr_assert_eq(match_openings_hash(&setup.game, setup.openings, 2), match_openings_hash(&setup.game, expected, 2));
}

/* ---- errors ---- */

#define TWO "game: go:5\nopening-plies: 0\nagent: [a=random, b=random]\n"

Test(match_setup, refusals)
{
    static const char *const cases[][2] = {
        {"agent: random\n", "cup.yaml, line 1: agent is required for each player; a match needs two agents or more"},
        {"agent: [a=random, b=random, a=rollout:5]\n",
         "cup.yaml, line 1: two agents have the name \"a\"; give each a different one"},
        {TWO "anchor: c\n", "cup.yaml, line 4: anchor \"c\" is none of the agents; give NAME, NAME=ELO or mean"},
        {TWO "anchor: a=\n", "cup.yaml, line 4: anchor \"a=\" is none of the agents; give NAME, NAME=ELO or mean"},
        {TWO "anchor: a=5x\n", "cup.yaml, line 4: anchor \"a=5x\" is none of the agents; give NAME, NAME=ELO or mean"},
        {TWO "anchor: a=100000\n",
         "cup.yaml, line 4: anchor \"a=100000\" is none of the agents; give NAME, NAME=ELO or mean"},
        {TWO "anchor: a=-100000\n",
         "cup.yaml, line 4: anchor \"a=-100000\" is none of the agents; give NAME, NAME=ELO or mean"},
        {TWO "anchor: aa=1\n", "cup.yaml, line 4: anchor \"aa=1\" is none of the agents; give NAME, NAME=ELO or mean"},
        {TWO "anchor: [a, a=5]\n", "cup.yaml, line 4: anchor names the same agent twice"},
        {TWO "anchor: [mean, a]\n",
         "cup.yaml, line 4: anchor \"mean\" is none of the agents; give NAME, NAME=ELO or mean"},
        {TWO "time: 5m\nmove-time: 5\n",
         "cup.yaml, line 5: move-time and time are mutually exclusive; give one of them, or both limits as "
         "time, for example 5m,30s/move"},
        {TWO "schedule: cup\n", "cup.yaml, line 4: schedule must be round-robin, gauntlet, knockout, swiss or ladder"},
        {TWO "rounds: 2\n", "cup.yaml, line 4: rounds applies to --schedule swiss and ladder only; remove it"},
        {TWO "schedule: knockout\nsprt: elo1=5\n",
         "cup.yaml, line 5: sprt requires exactly two agents and the round-robin schedule"},
        {"game: go:5\nagent: [a=random, b=random, c=random]\nsprt: elo1=5\n",
         "cup.yaml, line 3: sprt requires exactly two agents and the round-robin schedule"},
        {TWO "opening-net: default\n", "cup.yaml, line 4: opening-net applies to --openings even only"},
        {TWO "format: pdf\n", "cup.yaml, line 4: format must be sgf or psq"},
        {TWO "format: psq\n", "cup.yaml, line 4: format psq supports Gomoku only; use sgf"},
        {TWO "format: sgf\n", "cup.yaml, line 4: format applies to the games in --out DIR; give that too"},
        {TWO "draw-model: thirds\n", "cup.yaml, line 4: draw-model must be halves or davidson"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *message = try(cases[i][0]);
        cr_assert_not_null(message, "%s", cases[i][0]);
        cr_expect_str_eq(message, cases[i][1], "%s", message);
        g_free(message);
    }
}

/* The errors of other parsers, preceded by the place. */
Test(match_setup, refusals_from_below)
{
    static const char *const cases[][2] = {
        {"game: go:99\nagent: [random, random]\n", "cup.yaml, line 1: game: "},
        {TWO "time: soon\n", "cup.yaml, line 4: time: "},
        {TWO "adjudicate: win=3\n", "cup.yaml, line 4: adjudicate: "},
        {TWO "sprt: elo0=9,elo1=1\n", "cup.yaml, line 4: sprt: "},
        {TWO "openings: /nowhere/o.sgf\n", "cup.yaml, line 4: openings: "},
        {"game: go:5\nopenings: even\nopening-net: absent\nagent: [random, random]\n", "cup.yaml, line 2: openings: "}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *message = try(cases[i][0]);
        cr_assert(message && g_str_has_prefix(message, cases[i][1]), "%s: %s", cases[i][0], message);
        g_free(message);
    }
    /* On the command line the parsers' messages already name the option or the file. */
    GError *error = NULL;
    static const char *const options[][2] = {{"agent", "random"}, {"agent", "random"}, {"openings", "/nowhere/o.sgf"}};
    clear();
    for (int i = 0; i < 3; i++)
        cr_assert(match_settings_set(&settings, match_option_find(options[i][0]), options[i][1], 0, NULL));
    cr_assert(!match_setup_make(&setup, &settings, &error));
    cr_assert(strstr(error->message, "/nowhere/o.sgf") && !strstr(error->message, "--openings"), "%s", error->message);
    g_clear_error(&error);
    clear();
    cr_assert(match_settings_set(&settings, match_option_find("game"), "go:99", 0, NULL));
    cr_assert(!match_setup_make(&setup, &settings, &error) && !g_str_has_prefix(error->message, "--game"), "%s",
              error->message);
    g_clear_error(&error);
}

static char *many_agents(int count, const char *more)
{
    GString *text = g_string_new("game: go:5\nopening-plies: 0\n");
    g_string_append_printf(text, "%sagent: [", more);
    for (int i = 0; i < count; i++)
        g_string_append_printf(text, "%sp%d=random", i ? ", " : "", i);
    g_string_append(text, "]\n");
    return g_string_free(text, FALSE);
}

static bool accepts(int agents, const char *more)
{
    char *text = many_agents(agents, more), *message = try(text);
    bool fine = !message;
    g_free(text);
    g_free(message);
    return fine;
}

/* At most 64 agents, and ten million games: N (N - 1) / 2 meetings, or N / 2 in each of the rounds, at least 2 N. */
Test(match_setup, largest_tournaments)
{
    cr_expect(accepts(64, "games: 1\n") && !accepts(65, "games: 1\n"));
    cr_expect(accepts(5, "games: 1000000\n"), "10 meetings");
    cr_expect(accepts(6, "games: 666666\n") && !accepts(6, "games: 666667\n"), "15 meetings");
    cr_expect(accepts(4, "games: 625000\nschedule: swiss\n") && !accepts(4, "games: 625001\nschedule: swiss\n"));
    cr_expect(accepts(4, "games: 500000\nrounds: 10\nschedule: ladder\n") &&
              !accepts(4, "games: 500001\nrounds: 10\nschedule: ladder\n"));
    cr_expect(accepts(4, "games: 625000\nrounds: 3\nschedule: swiss\n"));
}

/* ---- the journal ---- */

static void expect_kept(const char *name, const char *value)
{
    char *kept = journal_setting(setup.journal, name);
    cr_expect(g_strcmp0(kept, value) == 0, "%s is \"%s\", not \"%s\"", name, kept ? kept : "nothing", value);
    g_free(kept);
}

/* Settings that affect results are stored; nets by the first half of the hash of their file. */
Test(match_setup, what_the_journal_stores)
{
    char *path = net_path_find("default", "go", NULL), *sum = match_net_sum(path, NULL), *text, *openings;
    sum[16] = '\0';
    text = g_strdup_printf("game: go:5\nagent: ['a=net:%s,visits=3', random, 'p=policy:default']\nseed: 8\ngames: 3\n"
                           "time: 5m\nout: %s\nthreads: 2\n",
                           path, folder);
    make(text);
    openings = g_strdup_printf("2, number %016" G_GINT64_MODIFIER "x",
                               match_openings_hash(&setup.game, setup.openings, setup.config.opening_count));
    expect_kept("game", "go:5");
    expect_kept("rules", "go:5");
    expect_kept("games", "3");
    expect_kept("seed", "8");
    expect_kept("time", "5m");
    expect_kept("time-margin", "50");
    expect_kept("sprt", "");
    expect_kept("agent 2", "random=random");
    expect_kept("agent 3", "p=policy:default");
    expect_kept("number of agents", "3");
    expect_kept("net of agent 1", sum);
    expect_kept("net of agent 2", NULL);
    expect_kept("net of agent 3", sum);
    expect_kept("set of openings", openings);
    expect_kept("threads", NULL);
    expect_kept("out", NULL);
    g_free(openings);
    g_free(text);
    g_free(path);
    g_free(sum);
}

/* Without --seed, the seed comes from the journal if there is one, otherwise from the clock. */
Test(match_setup, seed)
{
    make(TWO);
    uint64_t first = setup.config.seed;
    cr_assert_gt(first, UINT64_C(1600000000000000), "microseconds since 1970");
    make(TWO);
    cr_assert_gt(setup.config.seed, first);
    char *text = g_strdup_printf(TWO "out: %s\n", folder);
    make(text);
    uint64_t kept = setup.config.seed;
    make(text);
    cr_assert(setup.config.seed == kept && settings.seed == (gint64)kept);
    char *other = g_strdup_printf("%sseed: 0\n", text);
    make(other);
    cr_assert_eq(setup.config.seed, 0, "no game was played, so the seed may change");
    g_free(other);
    g_free(text);
}
