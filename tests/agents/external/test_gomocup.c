/* Gomocup programs as agents: every fault is one error with its reason, and other output is skipped. */
#include <criterion/criterion.h>
#include <unistd.h>

#include "agents/agent.h"
#include "games/game.h"
#include "games/gomoku/gomoku.h"

static struct agent *open_brain(const char *mode, const char *game_spec, struct game *game, GError **error)
{
    struct agent *agent = NULL;
    const struct agent_config config = {.seed = 1, .threads = 1, .reply_ms = 1500};
    char *spec = g_strdup_printf("gomocup:sh %s/agents/external/brain.sh %s", TESTS_DIR, mode);
    cr_assert(game_parse(game, game_spec, NULL));
    agent_open(&agent, spec, game, &config, error);
    g_free(spec);
    return agent;
}

static const struct {
    const char *mode;
    int code;
    const char *message;
} faults[] = {
    {"exit", AGENT_ERROR_DIED, "exited with status 7; stderr: last words"},
    {"hang", AGENT_ERROR_TIMEOUT, "did not answer in time"},
    {"flood", AGENT_ERROR_PROTOCOL, "flooded"},
    {"error", AGENT_ERROR_PROTOCOL, "I will not"},
    {"unknown", AGENT_ERROR_PROTOCOL, "UNKNOWN"},
    {"size", AGENT_ERROR_PROTOCOL, "illegal move 3"},
    {"off", AGENT_ERROR_PROTOCOL, "off the board of 15"},
    {"unasked", AGENT_ERROR_TIMEOUT, "last output \"ERROR Unknown command: TIME_LEFT\""},
    {"junk", AGENT_ERROR_TIMEOUT, "last output \"3;3\""},
};

Test(gomocup_client, faults_have_reasons)
{
    const struct agent_clock clock = {.move_ms = 300};
    for (size_t i = 0; i < G_N_ELEMENTS(faults); i++) {
        struct game game;
        struct agent_choice choice;
        GError *error = NULL;
        struct agent *agent = open_brain(faults[i].mode, "gomoku:15", &game, &error);
        cr_assert(agent && agent_new_game(agent, 1, &error), "%s: %s", faults[i].mode, error ? error->message : "");
        cr_assert(!agent_choose(agent, &clock, &choice, &error), "%s did not fail", faults[i].mode);
        cr_assert(error->code == faults[i].code && strstr(error->message, faults[i].message), "%s: %s", faults[i].mode,
                  error->message);
        g_clear_error(&error);
        agent_close(agent);
    }
    struct game game;
    GError *error = NULL;
    static const char *const refusals[][2] = {
        {"refuse", "bad size"}, {"number", "unsupported size 15"}, {"command", "UNKNOWN command START 15"}};
    for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++) {
        cr_assert(!open_brain(refusals[i][0], "gomoku:15", &game, &error));
        cr_assert(error->code == AGENT_ERROR_PROTOCOL && strstr(error->message, refusals[i][1]), "%s", error->message);
        g_clear_error(&error);
    }
}

Test(gomocup_client, other_output_is_skipped)
{
    static const char *const modes[] = {"chat", "plain", "late", "unheard", "told"};
    for (size_t i = 0; i < G_N_ELEMENTS(modes); i++) {
        struct game game;
        GError *error = NULL;
        struct agent *agent = open_brain(modes[i], "gomoku:15,rules=standard", &game, &error);
        cr_assert(agent && agent_new_game(agent, 1, &error), "%s: %s", modes[i], error ? error->message : "");
        for (int ply = 0; ply < 6; ply++) {
            struct agent_choice choice;
            game_move move = (game_move)(14 * 15 + ply);
            if (ply % 2 == 0) {
                cr_assert(agent_choose(agent, NULL, &choice, &error), "%s: %s", modes[i], error ? error->message : "");
                cr_assert_eq(choice.move, ply / 2);
                move = choice.move;
            }
            cr_assert(agent_moved(agent, move, &error));
        }
        agent_close(agent);
    }
}

/* The time information that a program receives before each of two moves of a game. */
static void check_told(const char *clock_text, const char *const *wanted, const char *unwanted)
{
    char *log = g_strdup_printf("%s/tengen-told-%d", g_get_tmp_dir(), (int)getpid()), *text = NULL;
    char *mode = g_strconcat("plain ", log, NULL);
    struct game game;
    struct agent_clock clock;
    GError *error = NULL;
    struct agent *agent = open_brain(mode, "gomoku:15", &game, &error);
    cr_assert(agent && agent_new_game(agent, 1, &error), "%s", error ? error->message : "");
    cr_assert(agent_clock_parse(clock_text, &clock, NULL));
    for (int turn = 0; turn < 2; turn++) {
        struct agent_choice choice;
        cr_assert(agent_choose(agent, &clock, &choice, &error), "%s", error ? error->message : "");
        cr_assert(agent_moved(agent, choice.move, &error) && agent_moved(agent, (game_move)(100 + turn), &error));
    }
    agent_close(agent);
    cr_assert(g_file_get_contents(log, &text, NULL, NULL));
    for (int i = 0; wanted[i]; i++) {
        int times = 0;
        for (const char *at = text; (at = strstr(at, wanted[i])); at++)
            times++;
        bool every = g_str_has_prefix(wanted[i], "INFO time_");
        cr_expect(times == (every ? 2 : 1), "%s: \"%s\" occurs %d times in\n%s", clock_text, wanted[i], times, text);
    }
    cr_expect(!unwanted || !strstr(text, unwanted), "%s: \"%s\" is sent", clock_text, unwanted);
    unlink(log);
    g_free(log);
    g_free(text);
    g_free(mode);
}

/* Increments are Yixin's extension and are sent before each move; both limits are Gomocup's own. */
Test(gomocup_client, time_information_is_sent)
{
    static const char *const increment[] = {"INFO timeout_match 10000\n", "INFO time_left 10000\n",
                                            "INFO time_increment 100\n", NULL};
    static const char *const both[] = {"INFO timeout_turn 5000\n", "INFO timeout_match 180000\n",
                                       "INFO time_left 180000\n", NULL};
    check_told("10s+0.1s", increment, NULL);
    check_told("3m,5s/move", both, "time_increment");
}

/* Rapfi rejects stones of SWAP2BOARD without an owner and then replies as for an empty board. */
Test(gomocup_client, swap2_with_owners)
{
    struct game game;
    GError *error = NULL;
    struct agent *agent = open_brain("owners", "gomoku:15,opening=swap2", &game, &error);
    for (int round = 0; round < 2; round++) {
        struct agent_choice choice;
        cr_assert(agent && agent_new_game(agent, 1, &error), "%s", error ? error->message : "");
        for (game_move point = 100; point < 103; point++)
            cr_assert(agent_moved(agent, point, &error));
        cr_assert(agent_choose(agent, NULL, &choice, &error), "%s", error ? error->message : "");
        cr_assert_eq(choice.move, gomoku_swap(&game));
    }
    agent_close(agent);
}

/* The protocol supports time per game and per move, but not byo-yomi. */
Test(gomocup_client, clocks_that_the_protocol_lacks)
{
    static const struct {
        const char *clock;
        bool fine;
    } cases[] = {{"none", true},       {"5m", true},         {"5m+2s", true},
                 {"2s/move", true},    {"5m,5s/move", true}, {"5m+3x30s", false},
                 {"5m+25/10m", false}, {"0s+1x1s", false},   {"10m+5m/20", false}};
    struct game game;
    GError *error = NULL;
    struct agent *agent = open_brain("plain", "gomoku:15", &game, &error);
    cr_assert(agent, "%s", error ? error->message : "");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct agent_clock control;
        struct agent_choice choice;
        cr_assert(agent_clock_parse(cases[i].clock, &control, NULL));
        cr_assert_eq(agent_takes_clock(agent, &control, &error), cases[i].fine, "%s", cases[i].clock);
        if (cases[i].fine)
            continue;
        cr_assert(strstr(error->message, "the Gomocup protocol does not support byo-yomi"), "%s", error->message);
        g_clear_error(&error);
        cr_assert(!agent_choose(agent, &control, &choice, &error) && error->code == AGENT_ERROR_SPEC);
        g_clear_error(&error);
    }
    agent_close(agent);
}

Test(gomocup_client, games_that_it_cannot_play)
{
    static const char *const games[] = {"go:9", "gomoku:3,line=3", "gomoku:15,opening=pro", "gomoku:8,line=4"};
    for (size_t i = 0; i < G_N_ELEMENTS(games); i++) {
        struct game game;
        GError *error = NULL;
        cr_assert(!open_brain("plain", games[i], &game, &error));
        cr_assert_eq(error->code, AGENT_ERROR_GAME);
        g_clear_error(&error);
    }
}
