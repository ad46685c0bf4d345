/* The clock commands that a GTP program receives, depending on the commands that it supports. */
#include <criterion/criterion.h>
#include <unistd.h>

#include "agents/agent.h"
#include "games/game.h"

static struct agent *open_program(const char *mode, const char *log, struct game *game)
{
    struct agent *agent = NULL;
    GError *error = NULL;
    const struct agent_config config = {.seed = 1, .threads = 1, .reply_ms = 5000};
    char *spec = g_strdup_printf("gtp:sh %s/agents/external/fault.sh %s %s 99", TESTS_DIR, mode, log);
    cr_assert(game_parse(game, "go:9", NULL));
    cr_assert(agent_open(&agent, spec, game, &config, &error) == 0, "%s", error ? error->message : "");
    g_free(spec);
    return agent;
}

/* The time commands before a first move and a second one with this clock. */
static char *told(const char *mode, const char *control_text, const struct agent_clock *second)
{
    char *log = g_strdup_printf("%s/tengen-clocks-%d", g_get_tmp_dir(), (int)getpid()), *text = NULL;
    struct game game;
    struct agent_clock control;
    struct agent_choice choice;
    GError *error = NULL;
    struct agent *agent = open_program(mode, log, &game);
    cr_assert(agent_clock_parse(control_text, &control, NULL));
    cr_assert(agent_takes_clock(agent, &control, &error), "%s", error ? error->message : "");
    cr_assert(agent_new_game(agent, 1, &error) && agent_choose(agent, &control, &choice, &error), "%s",
              error ? error->message : "");
    cr_assert(agent_moved(agent, choice.move, &error) && agent_moved(agent, 0, &error));
    cr_assert(agent_choose(agent, second, &choice, &error), "%s", error ? error->message : "");
    agent_close(agent);
    cr_assert(g_file_get_contents(log, &text, NULL, NULL));
    unlink(log);
    g_free(log);
    return text;
}

/* Under Japanese byo-yomi the number in time_left is of periods; under Canadian of moves. */
Test(gtp_clocks, periods_and_moves)
{
    const struct agent_clock japanese = {.byo_ms = 20000, .byo_moves = 1, .periods = 4},
                             canadian = {.byo_ms = 20000, .byo_moves = 7, .periods = 1};
    char *text = told("kgs", "60s+5x30s", &japanese);
    cr_expect_str_eq(text, "kgs-time_settings byoyomi 60 30 5\ntime_left black 60 0\ntime_left black 20 4\n");
    g_free(text);
    text = told("kgs", "60s+10/30s", &canadian);
    cr_expect_str_eq(text, "time_settings 60 30 10\ntime_left black 60 0\ntime_left black 20 7\n");
    g_free(text);
}

/* Only KataGo's command has both limits; a program without it cannot play under them. */
Test(gtp_clocks, limits_per_game_and_per_move)
{
    const struct agent_clock later = {.main_ms = 100000, .move_ms = 5000};
    struct agent_clock both;
    struct game game;
    GError *error = NULL;
    char *text = told("kata", "3m+2s,5s/move", &later);
    cr_expect(g_pattern_match_simple("kata-time_settings fischer-capped 180.000 2.000 * 5.000\ntime_left black 180 0\n"
                                     "time_left black 100 0\n",
                                     text),
              "%s", text);
    g_free(text);
    struct agent *agent = open_program("kgs", "/dev/null", &game);
    cr_assert(agent_clock_parse("3m,5s/move", &both, NULL));
    cr_assert(!agent_takes_clock(agent, &both, &error) && strstr(error->message, "kata-time_settings"));
    g_clear_error(&error);
    cr_assert(agent_clock_parse("5s/move", &both, NULL) && agent_takes_clock(agent, &both, NULL));
    agent_close(agent);
}
