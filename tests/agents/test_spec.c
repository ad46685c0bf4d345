/* Agent specs: invalid ones are rejected with a message that says what would be accepted. */
#include <criterion/criterion.h>
#include <sys/resource.h>

#include "agents/agent.h"
#include "agents/option.h"
#include "games/game.h"
#include "games/option.h"

static void expect_error(const char *game_spec, const char *spec, int code, const char *says)
{
    struct game game;
    struct agent *agent;
    GError *error = NULL;
    const struct agent_config config = {.seed = 1, .threads = 1};
    cr_assert(game_parse(&game, game_spec, NULL));
    cr_assert(agent_open(&agent, spec, &game, &config, &error) < 0, "\"%s\" was accepted", spec);
    cr_assert_null(agent);
    cr_assert(error->domain == AGENT_ERROR && error->code == code, "\"%s\": %s %d", spec, error->message, error->code);
    cr_assert(strstr(error->message, says), "\"%s\": \"%s\" does not say \"%s\"", spec, error->message, says);
    cr_assert(!strchr(error->message, '\n'), "one line: %s", error->message);
    g_clear_error(&error);
}

Test(spec, unknown_agent_lists_the_agents)
{
    expect_error("go:9", "rollouts:100", AGENT_ERROR_SPEC, "unknown agent \"rollouts\"");
    expect_error("go:9", "", AGENT_ERROR_SPEC, "random, rollout:PLAYOUTS");
    expect_error("go:9", "Random", AGENT_ERROR_SPEC, "unknown agent \"Random\"");
}

Test(spec, arguments_out_of_place)
{
    expect_error("go:9", "random:1", AGENT_ERROR_SPEC, "takes no argument");
    expect_error("go:9", "rollout", AGENT_ERROR_SPEC, "playouts takes a whole number, 1 to 1000000000");
    expect_error("go:9", "rollout:0", AGENT_ERROR_SPEC, "1 to 1000000000, not \"0\"");
    expect_error("go:9", "rollout:1.5", AGENT_ERROR_SPEC, "not \"1.5\"");
    expect_error("go:9", "rollout:1e99", AGENT_ERROR_SPEC, "not \"1e99\"");
    expect_error("go:9", "rollout:nan", AGENT_ERROR_SPEC, "not \"nan\"");
    expect_error("go:9", "rollout:100 ", AGENT_ERROR_SPEC, "not \"100 \"");
    expect_error("go:9", "perfect:3", AGENT_ERROR_SPEC, "takes no argument");
    expect_error("go:9", "gtp:", AGENT_ERROR_SPEC, "needs a command line");
}

Test(spec, options)
{
    expect_error("go:9", "rollout:100,threads", AGENT_ERROR_SPEC,
                 "threads takes a whole number, 1 to 64; no value was given");
    expect_error("go:9", "rollout:100,threads=65", AGENT_ERROR_SPEC,
                 "threads takes a whole number, 1 to 64, not \"65\"");
    expect_error("go:9", "rollout:100,speed=1", AGENT_ERROR_SPEC, "no option \"speed\"; there are threads");
    expect_error("go:9", "rollout:100,threads=1,threads=2", AGENT_ERROR_SPEC, "given twice");
    expect_error("go:9", "rollout:100,", AGENT_ERROR_SPEC, "no option \"\"");
    expect_error("go:9", "net:x,selection=ucb", AGENT_ERROR_SPEC, "selection takes puct|gumbel, not");
    expect_error("go:9", "net:x,time=1", AGENT_ERROR_SPEC, "time takes a time, 1ms to 3600s");
    expect_error("go:9", "policy:x,visits=3", AGENT_ERROR_SPEC, "no option \"visits\"");
}

Test(spec, games_that_an_agent_does_not_play)
{
    expect_error("gomoku:15", "gtp:gnugo --mode gtp", AGENT_ERROR_GAME, "plays Go only, not gomoku");
    expect_error("go:9", "perfect", AGENT_ERROR_GAME, "perfect cannot solve go:9");
    expect_error("gomoku:15", "perfect", AGENT_ERROR_GAME, "perfect cannot solve gomoku:15");
}

Test(spec, missing_nets)
{
    expect_error("go:9", "net", AGENT_ERROR_SPEC, "net needs a net");
    expect_error("go:9", "net:,visits=3", AGENT_ERROR_SPEC, "net needs a net");
    expect_error("go:9", "net:no-such-run,visits=3", AGENT_ERROR_SPEC, "unknown net \"no-such-run\"");
    expect_error("go:9", "policy:/no/such/file", AGENT_ERROR_SPEC, "a weights file, a run's directory or its name");
}

struct values {
    int64_t count, time_ms;
    double real;
    int choice;
};
static const char *const choices[] = {"left", "right", NULL};
static const struct option_row table[] = {
    {"count", OPTION_WHOLE, offsetof(struct values, count), 1, 100, .help = ""},
    {"time", OPTION_TIME, offsetof(struct values, time_ms), 10, 120000, .help = ""},
    {"real", OPTION_REAL, offsetof(struct values, real), -1, 1, .help = ""},
    {"side", OPTION_CHOICE, offsetof(struct values, choice), 0, 0, choices, .help = ""},
    {.name = NULL},
};

Test(spec, values_are_stored_in_their_units)
{
    struct values v = {.count = 5, .time_ms = 7, .real = 0.5, .choice = 0};
    cr_assert(agent_options_parse("x", "", table, &v, NULL));
    cr_assert(v.count == 5 && v.time_ms == 7 && v.real == 0.5 && v.choice == 0,
              "options that are not named keep their values");
    cr_assert(agent_options_parse("x", "time=1.5s,side=RIGHT,real=-0.25,count=1e2", table, &v, NULL));
    cr_assert(v.count == 100 && v.time_ms == 1500 && v.real == -0.25 && v.choice == 1);
    cr_assert(agent_options_parse("x", "time=2m", table, &v, NULL) && v.time_ms == 120000);
    cr_assert(agent_options_parse("x", "time=250ms", table, &v, NULL) && v.time_ms == 250);
    const char *const bad[] = {"time=9ms", "time=3m", "time=1h", "time=s", "real=inf",        "real=1.01", "count=-1",
                               "side=up",  "side",    "=1",      ",",      "count=5,,real=0", "count=0x10"};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        cr_assert(!agent_options_parse("x", bad[i], table, &v, NULL), "\"%s\" was accepted", bad[i]);
}

/* Neither many processors nor a client that asks for many threads give more than an agent can have. */
Test(spec, threads)
{
    static const struct {
        unsigned processors;
        int searches, threads;
    } cases[] = {{96, 1, AGENT_MAX_THREADS}, {8, 1, 8}, {8, 3, 2}, {1, 4, 1}, {1024, 4, AGENT_MAX_THREADS}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        cr_expect_eq(agent_share_of_threads(cases[i].processors, cases[i].searches), cases[i].threads);
    const int asked[][2] = {{65, AGENT_MAX_THREADS}, {1000000, AGENT_MAX_THREADS}, {0, 1}, {-3, 1}, {5, 5}};
    for (size_t i = 0; i < G_N_ELEMENTS(asked); i++) {
        struct game game;
        struct agent *agent;
        struct agent_choice choice;
        const struct agent_config config = {.threads = asked[i][0]};
        cr_assert(game_parse(&game, "gomoku:9", NULL));
        cr_assert(agent_open(&agent, "net:default,visits=70", &game, &config, NULL) == 0);
        cr_expect_eq(agent->threads, asked[i][1]);
        cr_expect(agent_choose(agent, NULL, &choice, NULL) && choice.move < game.points);
        agent_close(agent);
    }
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* they need terabytes of address space */
/* An error for memory that the system refuses is distinguishable, so that callers can try a lower limit. */
Test(spec, memory_that_the_system_refuses)
{
    struct game game;
    struct agent *agent;
    GError *error = NULL;
    const struct agent_config config = {.threads = 1};
    struct rlimit before, low;
    cr_assert(game_parse(&game, "gomoku:9", NULL) && getrlimit(RLIMIT_AS, &before) == 0);
    low = before;
    low.rlim_cur = (rlim_t)1 << 33;
    cr_assert(setrlimit(RLIMIT_AS, &low) == 0);
    cr_assert(agent_open(&agent, "net:default,memory=1000000", &game, &config, &error) != 0);
    setrlimit(RLIMIT_AS, &before);
    cr_assert(g_error_matches(error, AGENT_ERROR, AGENT_ERROR_MEMORY), "%s", error->message);
    g_clear_error(&error);
}
#endif
