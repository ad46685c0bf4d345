/* Players end games that are finished, first or second, and fill no eyes. */
#include <criterion/criterion.h>

#include "agents/agent.h"
#include "agents/builtin/finish.h"
#include "games/game.h"
#include "tests/agents/open.h"

static game_move choose(struct agent *agent, const char *drawing, enum game_colour colour, uint64_t seed, float *value)
{
    union any_position position;
    struct agent_choice choice;
    cr_assert(game_set_up_drawing(agent->game, &position.p, drawing, colour, NULL));
    cr_assert(agent_start_from(agent, &position.p, NULL, seed, NULL));
    cr_assert(agent_choose(agent, NULL, &choice, NULL));
    *value = choice.value;
    return choice.move;
}

/* Black has 27 points and white 54, whoever is to move. */
static const char closed[] = "..XO..... ..XO..... ..XO..... ..XO..... ..XO..... ..XO..... ..XO..... ..XO..... ..XO.....";

Test(finish, every_player_passes_first_in_a_finished_game)
{
    static const char *const specs[] = {"rollout:20", "net:default,visits=4", "policy:default"};
    static const char *const games[] = {"go:9,rules=chinese", "go:9,rules=japanese", "go:9,rules=tromp-taylor"};
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++)
        for (size_t k = 0; k < G_N_ELEMENTS(games); k++) {
            struct game game;
            float value;
            struct agent *agent = open_agent_for(specs[i], &game, games[k]);
            if (k < 2) { /* by Tromp-Taylor who is behind plays on */
                cr_expect_eq(choose(agent, closed, GAME_BLACK, 1, &value), game.pass, "%s, %s", specs[i], games[k]);
                cr_expect_float_eq(value, -1, 1e-6f);
            }
            cr_expect_eq(choose(agent, closed, GAME_WHITE, 1, &value), game.pass, "%s, %s", specs[i], games[k]);
            cr_expect_float_eq(value, 1, 1e-6f);
            agent_close(agent);
        }
}

/* Black leads by 9 points, but on the board as it stands white's dead stone at A9 makes black's territory neutral. */
Test(finish, dead_stones_that_decide_are_captured_where_none_are_removed)
{
    static const char drawing[] = "O...XO... ....XO... ....XO... ....XO... ....XO... ....XO... ....XO... ....XO... ....XO...";
    struct game game;
    float value;
    struct agent *agent = open_agent_for("rollout:200", &game, "go:9,rules=tromp-taylor,komi=0");
    cr_expect_neq(choose(agent, drawing, GAME_BLACK, 1, &value), game.pass);
    agent_close(agent);
    agent = open_agent_for("rollout:200", &game, "go:9,rules=chinese,komi=0");
    cr_expect_eq(choose(agent, drawing, GAME_BLACK, 1, &value), game.pass);
    agent_close(agent);
}

/* A budget too small for the examination leaves it out. */
Test(finish, no_examination_without_time)
{
    struct game game;
    float value;
    struct agent *agent = open_agent_for("rollout:20", &game, "go:9,rules=chinese");
    choose(agent, closed, GAME_WHITE, 1, &value);
    cr_expect(finish_passes(agent, 0, &value));
    cr_expect(finish_passes(agent, 81, &value));
    cr_expect_not(finish_passes(agent, 80, &value));
    agent_close(agent);
}

/* At a high temperature all moves are about equally probable; A9 and C9 are black's eyes. White's territory is open. */
Test(finish, the_policy_plays_into_no_eyes)
{
    static const char drawing[] = ".X.X..... XXXX..... ......... ......... ....O.... ......... ......... ......... .........";
    struct game game;
    float value;
    bool others = false;
    struct agent *agent = open_agent_for("policy:default,temperature=10", &game, "go:9,rules=chinese");
    for (uint64_t seed = 1; seed <= 200; seed++) {
        game_move move = choose(agent, drawing, GAME_BLACK, seed, &value);
        cr_assert(move != 0 && move != 2, "%d", move);
        others |= move > 40 && move != game.pass;
    }
    cr_expect(others);
    agent_close(agent);
}
