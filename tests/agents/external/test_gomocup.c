/* Gomocup programs as agents: every fault is one error with its reason, and other output is skipped. */
#include <criterion/criterion.h>

#include "agents/agent.h"
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
    cr_assert(!open_brain("refuse", "gomoku:15", &game, &error) && strstr(error->message, "bad size"));
    g_clear_error(&error);
}

Test(gomocup_client, talk_is_passed_over)
{
    static const char *const modes[] = {"chat", "plain", "late", "unheard"};
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
Test(gomocup_client, clocks_that_it_cannot_be_told)
{
    static const struct {
        const char *clock;
        bool fine;
    } cases[] = {{"none", true},      {"5m", true},         {"5m+2s", true},    {"2s/move", true},
                 {"5m+3x30s", false}, {"5m+25/10m", false}, {"0s+1x1s", false}, {"10m+5m/20", false}};
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
