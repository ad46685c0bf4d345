/* Players end games that are finished, first or second, and fill no eyes. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

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

static bool passes(const struct agent *agent, int64_t budget_ms, float *value)
{
    return finish_passes(agent, budget_ms, &(struct finish_look){.taken = false}, value);
}

/* Black has 27 points and white 54, whoever is to move. */
static const char closed[] =
    "..XO..... ..XO..... ..XO..... ..XO..... ..XO..... ..XO..... ..XO..... ..XO..... ..XO.....";

/* Nobody can live in so narrow an area, whoever begins. Black has 18 points and white 18, without komi and stones. */
static const char narrow[] =
    ".X.XO.O.O .X.XO.O.O .X.XO.O.O .X.XO.O.O .X.XO.O.O .X.XO.O.O .X.XO.O.O .X.XO.O.O .X.XO.O.O";

Test(finish, every_player_passes_first_in_a_finished_game)
{
    static const char *const specs[] = {"rollout:20", "net:default,visits=4", "policy:default"};
    static const char *const games[] = {"go:9,rules=chinese", "go:9,rules=japanese", "go:9,rules=tromp-taylor"};
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++)
        for (size_t k = 0; k < G_N_ELEMENTS(games); k++) {
            struct game game;
            float value;
            struct agent *agent = open_agent_for(specs[i], &game, games[k]);
            for (int wide = 0; wide < 2; wide++) {
                const char *drawing = wide ? closed : narrow;
                if (wide && i == 1 && k == 1) /* a search by territory sees that the wide area can be invaded */
                    continue;
                if (k < 2) { /* by Tromp-Taylor who is behind plays on */
                    cr_expect_eq(choose(agent, drawing, GAME_BLACK, 1, &value), game.pass, "%s, %s", specs[i], games[k]);
                    cr_expect_float_eq(value, -1, 1e-6f);
                }
                cr_expect_eq(choose(agent, drawing, GAME_WHITE, 1, &value), game.pass, "%s, %s", specs[i], games[k]);
                cr_expect_float_eq(value, 1, 1e-6f);
            }
            agent_close(agent);
        }
}

/* Black leads by 9 points, but on the board as it stands white's dead stone at A9 makes black's territory neutral. */
Test(finish, dead_stones_that_decide_are_captured_where_none_are_removed)
{
    static const char drawing[] =
        "O...XO... ....XO... ....XO... ....XO... ....XO... ....XO... ....XO... ....XO... ....XO...";
    struct game game;
    float value;
    struct agent *agent = open_agent_for("rollout:200", &game, "go:9,rules=tromp-taylor,komi=0");
    cr_expect_neq(choose(agent, drawing, GAME_BLACK, 1, &value), game.pass);
    agent_close(agent);
    agent = open_agent_for("rollout:200", &game, "go:9,rules=chinese,komi=0");
    cr_expect_eq(choose(agent, drawing, GAME_BLACK, 1, &value), game.pass);
    agent_close(agent);
}

/* An opponent who plays on after a pass sees something. Where moves are free, the search answers it. */
Test(finish, who_plays_on_is_answered_where_moves_are_free)
{
    static const struct {
        const char *game;
        bool passes;
    } cases[] = {{"go:9,rules=chinese", false}, {"go:9,rules=tromp-taylor", false}, {"go:9,rules=japanese", true}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct game game;
        union any_position position;
        float value;
        struct agent *agent = open_agent_for("random", &game, cases[i].game);
        cr_assert(game_set_up_drawing(&game, &position.p, closed, GAME_WHITE, NULL));
        cr_assert(agent_start_from(agent, &position.p, NULL, 1, NULL));
        cr_expect(passes(agent, 0, &value), "%s", cases[i].game);
        cr_assert(agent_moved(agent, game.pass, NULL) && agent_moved(agent, 8, NULL)); /* black plays J9 */
        cr_expect_eq(passes(agent, 0, &value), cases[i].passes, "%s", cases[i].game);
        agent_close(agent);
    }
}

/* A budget too small for the examination leaves it out. */
Test(finish, no_examination_without_time)
{
    struct game game;
    float value;
    struct agent *agent = open_agent_for("rollout:20", &game, "go:9,rules=chinese");
    choose(agent, closed, GAME_WHITE, 1, &value);
    cr_expect(passes(agent, 0, &value));
    cr_expect(passes(agent, 81, &value));
    cr_expect_not(passes(agent, 80, &value));
    agent_close(agent);
}

/* At a high temperature all moves are about equally probable; A9 and C9 are black's eyes. White's territory is open. */
Test(finish, the_policy_plays_into_no_eyes)
{
    static const char drawing[] =
        ".X.X..... XXXX..... ......... ......... ....O.... ......... ......... ......... .........";
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

/* By territory every empty point of a finished position costs, and none does elsewhere. */
Test(finish, moves_that_cost_a_point)
{
    static const struct {
        const char *game, *drawing;
        bool any;
    } cases[] = {
        {"go:9,rules=japanese", closed, true},
        {"go:9,rules=chinese", closed, false},
        {"go:9,rules=japanese,cleanup=yes", closed, false}, /* a pass costs one, too */
        {"go:9,rules=japanese",
         "......... ......... ..X...O.. ......... ......... ......... ..O...X.. ......... .........", false},
    };
    uint8_t costs[GAME_MAX_MOVES], contested[GAME_MAX_MOVES];
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct game game;
        union any_position position;
        struct agent *agent = open_agent_for("random", &game, cases[i].game);
        cr_assert(game_set_up_drawing(&game, &position.p, cases[i].drawing, GAME_WHITE, NULL));
        cr_assert(agent_start_from(agent, &position.p, NULL, 1, NULL));
        cr_expect_eq(finish_costly_moves(agent, 0, costs, contested), cases[i].any, "%s", cases[i].game);
        if (cases[i].any) {
            cr_expect_not(finish_costly_moves(agent, 80, costs, contested), "no time");
            for (int p = 0; p < game.points; p++)
                cr_expect(costs[p] || game.ops->stone(&game, &position.p, p) != GAME_EMPTY, "point %d", p);
            cr_expect_not(costs[game.pass]);
        }
        agent_close(agent);
    }
}

/* An agent whose turn it is with black, by Japanese rules. */
static struct agent *open_at(struct game *game, const char *drawing)
{
    union any_position position;
    struct agent *agent = open_agent_for("random", game, "go:9,rules=japanese");
    cr_assert(game_set_up_drawing(game, &position.p, drawing, GAME_BLACK, NULL));
    cr_assert(agent_start_from(agent, &position.p, NULL, 1, NULL));
    return agent;
}

/* A stone thrown into a settled area takes nothing; one that kills does. */
Test(finish, holds_what_is_settled)
{
    static const char lives[] =
        "..XO..OX. ..XO..OX. ..XO..OX. ..XO..OX. ..XO..OX. ..XO..OX. ..XO..OX. ..XO..OX. ..XO..OX.";
    static const char dies[] =
        "OXXXXXOOO OX...XO.O OXXXXXOOO OOOOOOOOO ......... XXXXXXXXX X.X.X.X.X XXXXXXXXX .X.X.X.X.";
    static const struct {
        const char *drawing, *reply;
        bool holds;
    } cases[] = {
        {lives, "A5", true}, {lives, "J2", true}, {lives, "E5", true}, {lives, "pass", true}, {dies, "D8", false}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct game game;
        struct agent *agent = open_at(&game, cases[i].drawing);
        cr_expect_eq(finish_holds(agent, game_move_parse(&game, cases[i].reply)), cases[i].holds, "%zu: %s", i,
                     cases[i].reply);
        agent_close(agent);
    }
}

/* What counts is the board after the move and the reply beside that after a pass and its answer. Black's D6 takes a stone in an area that
 * counts as White's; a stone in Black's own area, or one that White takes, gains nothing. */
Test(finish, gains_by_what_it_takes)
{
    static const char ko[] =
        "..XO..... ..XO..... ..XO..... .XO.O.... ..XO..... ..XO..... ..XO..... ..XO..... ..XO.....";
    static const struct {
        const char *drawing, *move, *reply, *answer;
        bool gains;
    } cases[] = {{ko, "D6", "pass", "D6", true},
                 {ko, "D6", "pass", "pass", true},
                 {closed, "A5", "pass", "pass", false},
                 {closed, "G5", "F5", "pass", false}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct game game;
        struct agent *agent = open_at(&game, cases[i].drawing);
        cr_expect_eq(finish_gains(agent, game_move_parse(&game, cases[i].move), game_move_parse(&game, cases[i].reply),
                                  game_move_parse(&game, cases[i].answer)),
                     cases[i].gains, "%zu: %s", i, cases[i].move);
        agent_close(agent);
    }
}

/* Reading calls this finished; the net gives H5, which wins seven points, a prior of more than 0.8. */
Test(finish, plays_what_reading_overlooks)
{
    static const char drawing[] =
        ".......X. .O..OOO.O O.OOXX.OO .OXX..XXO O.O.X...X XOOOOXX.. XXXXXO... O...X.... .........";
    struct game game;
    union any_position position;
    uint8_t dead[GAME_MAX_POINTS];
    float value;
    struct agent *agent = open_agent_for("net:default,visits=64", &game, "go:9,komi=6.5,rules=japanese");
    cr_assert(game_set_up_drawing(&game, &position.p, drawing, GAME_WHITE, NULL));
    cr_assert(game.ops->counting->finished(&game, &position.p, dead),
              "reading has become better: find another position");
    for (uint64_t seed = 1; seed <= 5; seed++)
        cr_expect_eq(choose(agent, drawing, GAME_WHITE, seed, &value), game_move_parse(&game, "H5"));
    agent_close(agent);
}

/* Something is left to play, D4 to D6, though worth nothing by territory. With so much exploration and temperature many moves would be
 * played in a settled area, were the pass not compared with them; a few still are. */
Test(finish, passes_rather_than_lose_a_point)
{
    static const char drawing[] =
        "..XO..OX. ..XO..OX. ..XO..OX. ..X.O.OX. ..X.O.OX. ..X.O.OX. ..XO..OX. ..XO..OX. ..XO..OX.";
    struct game game;
    float value;
    int passes = 0, neutral = 0;
    struct agent *agent = open_agent_for("net:default,visits=100,temperature=10,cpuct=8", &game, "go:9,rules=japanese");
    for (uint64_t seed = 1; seed <= 30; seed++) {
        game_move move = choose(agent, drawing, GAME_BLACK, seed, &value);
        passes += move == game.pass;
        neutral += move < game.points && move % 9 == 3;
    }
    cr_expect_geq(passes + neutral, 25, "%d passes, %d neutral points", passes, neutral);
    agent_close(agent);
}

struct seen {
    struct agent_report report;
    struct agent_candidate first, second;
    float map[81];
    bool has_map;
};

static void see(const struct agent_report *report, void *data)
{
    struct seen *seen = data;
    seen->report = *report;
    cr_assert_geq(report->count, 2);
    seen->first = report->candidates[0];
    seen->second = report->candidates[1];
    seen->has_map = report->map != NULL;
    if (report->map)
        memcpy(seen->map, report->map, sizeof seen->map);
}

static struct seen analyse_in(const char *spec, const char *rules, const char *drawing, enum game_colour colour,
                              const struct agent_clock *clock)
{
    struct game game;
    union any_position position;
    struct agent_choice choice;
    struct seen seen = {.has_map = false};
    const struct agent_analysis analysis = {.report = see, .data = &seen, .map = true};
    struct agent *agent = open_agent_for(spec, &game, rules);
    cr_assert(game_set_up_drawing(&game, &position.p, drawing, colour, NULL));
    cr_assert(agent_start_from(agent, &position.p, NULL, 1, NULL));
    cr_assert(agent_analyse(agent, clock, &analysis, &choice, NULL));
    agent_close(agent);
    return seen;
}

static struct seen analyse(const char *spec, const char *rules, const char *drawing, enum game_colour colour)
{
    return analyse_in(spec, rules, drawing, colour, NULL);
}

/* Analysis counts a finished position: with every komi the score is exact and the result certain but for the small weight of the
 * search, whoever is to move. Candidates move with the first. */
Test(finish, analysis_counts)
{
    static const char *const specs[] = {"rollout:20", "net:default,visits=20", "policy:default"};
    static const char *const rules[] = {"tromp-taylor", "chinese", "japanese"};
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++)
        for (int komi = -60; komi <= 30; komi += 30)
            for (size_t r = 0; r < G_N_ELEMENTS(rules); r++)
                for (enum game_colour colour = GAME_BLACK; colour <= GAME_WHITE; colour++) {
                    char *game = g_strdup_printf("go:9,rules=%s,komi=%d", rules[r], komi);
                    const struct seen seen = analyse(specs[i], game, closed, colour);
                    /* By area 27 against 54; by territory 18 against 45. */
                    const float margin = (float)(-27 - komi) * (colour == GAME_BLACK ? 1 : -1);
                    cr_expect_float_eq(seen.report.score, margin, 1e-4f, "%s, %s: %g", specs[i], game,
                                       seen.report.score);
                    cr_expect_gt(seen.report.value * (margin > 0 ? 1 : -1), 0.95f);
                    cr_expect_lt(fabsf(seen.report.value), 1.0001f);
                    cr_expect_float_eq(seen.first.score, margin, 1e-3f);
                    cr_expect(fabsf(seen.second.value) <= 1 && fabsf(seen.second.lcb) <= 1);
                    cr_expect(!seen.has_map || (seen.map[0] == (colour == GAME_BLACK) - (colour == GAME_WHITE) &&
                                                seen.map[8] == (colour == GAME_WHITE) - (colour == GAME_BLACK)));
                    g_free(game);
                }
}

/* To examine whether a position is finished takes up to a millisecond for every four points, which a move may not have. */
Test(finish, analysis_counts_if_there_is_time)
{
    static const char *const specs[] = {"net:default,visits=20", "policy:default"};
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++)
        for (int64_t move_ms = 100; move_ms <= 2000; move_ms += 1900) {
            const struct agent_clock clock = {.move_ms = move_ms, .visits = 20};
            const struct seen seen = analyse_in(specs[i], "go:9,rules=tromp-taylor,komi=7", closed, GAME_BLACK, &clock);
            cr_expect((seen.report.score == -34) == (move_ms == 2000), "%s, %d ms: %g", specs[i], (int)move_ms,
                      seen.report.score);
        }
}

/* Where something is left to play, the answer is the search's. */
Test(finish, analysis_estimates)
{
    static const char open[] =
        "......... ......... ..X...O.. ......... ......... ......... ..O...X.. ......... .........";
    const struct seen seen = analyse("net:default,visits=20", "go:9,komi=7", open, GAME_BLACK);
    cr_expect(seen.report.score != roundf(seen.report.score) && fabsf(seen.report.value) < 0.95f);
    struct agent_candidate candidates[3] = {{.visits = 5, .value = 0.5f, .score = 3, .lcb = 0.25f, .draw = 0.5f},
                                            {.visits = 2, .value = -0.25f, .score = -2, .lcb = -0.5f},
                                            {.visits = 0, .value = 0.125f, .score = 7}};
    struct agent_report report = {.value = 0.5f, .draw = 0.5f, .score = 3, .count = 3, .candidates = candidates};
    finish_report(&(struct finish_count){.margin = -1}, &report, candidates);
    cr_expect(fabsf(report.value + 0.97f) < 1e-4f && report.score == -1 && report.map == NULL &&
              fabsf(report.draw - 0.01f) < 1e-4f);
    cr_expect(fabsf(candidates[0].value + 0.97f) < 1e-4f && candidates[0].score == -1);
    cr_expect(candidates[1].value == -1 && candidates[1].score == -6 && candidates[1].lcb == -1,
              "as far from the first");
    cr_expect(candidates[2].value == 0.125f && candidates[2].score == 7, "not searched");
}
