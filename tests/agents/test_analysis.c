/* Analysis: consistency of reports during a search, restricted moves, stopping; arbitrary starting positions. */
#include <criterion/criterion.h>
#include <math.h>

#include "agents/agent.h"
#include "games/game.h"
#include "tests/agents/open.h"

struct seen {
    int reports, count;
    int64_t visits;
    float value;
    bool map, sound;
    struct agent_candidate first;
    float owner[GAME_MAX_POINTS];
    const struct game *game;
    atomic_bool stop;
    int stop_after;
};

static void see(const struct agent_report *report, void *data)
{
    struct seen *seen = data;
    seen->reports++;
    seen->count = report->count;
    seen->sound = report->visits >= seen->visits && report->count > 0;
    for (int i = 0; i < report->count; i++) {
        const struct agent_candidate *c = &report->candidates[i];
        seen->sound &= c->length >= 1 && c->line[0] == c->move && c->value >= -1 && c->value <= 1 && c->prior >= 0 &&
                       c->prior <= 1;
    }
    seen->visits = report->visits;
    seen->value = report->value;
    seen->map = report->map != NULL;
    if (report->map)
        memcpy(seen->owner, report->map, sizeof *report->map * seen->game->points);
    if (report->count)
        seen->first = report->candidates[0];
    if (seen->reports == seen->stop_after)
        atomic_store(&seen->stop, true);
}

static void set_up(struct agent *agent, const char *diagram, enum game_colour colour)
{
    union any_position at;
    struct history none;
    history_init(&none, 1);
    cr_assert(game_set_up_drawing(agent->game, &at.p, diagram, colour, NULL));
    cr_assert(agent_set_position(agent, &at.p, &none, NULL));
    history_clear(&none);
}

Test(analysis, reports_until_stopped)
{
    struct game game;
    struct agent *agent = open_agent_for("rollout:100", &game, "go:7");
    struct seen seen = {.game = &game, .stop_after = 4};
    struct agent_analysis analysis = {
        .interval_ms = 10, .candidates = 5, .map = true, .stop = &seen.stop, .report = see, .data = &seen};
    cr_assert(agent_analyse(agent, NULL, &analysis, NULL, NULL));
    cr_assert(seen.reports == 5 && seen.sound && seen.count == 5 && seen.map, "%d reports, %d moves", seen.reports,
              seen.count);
    /* A stop request from before the call counts, too. */
    seen.reports = 0;
    cr_assert(agent_analyse(agent, NULL, &analysis, NULL, NULL));
    cr_assert_eq(seen.reports, 1);
    /* The clock's limits also end it. */
    atomic_store(&seen.stop, false);
    seen = (struct seen){.game = &game};
    const struct agent_clock clock = {.visits = 30};
    analysis.candidates = analysis.map = 0;
    cr_assert(agent_new_game(agent, 1, NULL) && agent_analyse(agent, &clock, &analysis, NULL, NULL));
    cr_assert(seen.visits >= 30 && seen.visits <= 31 && !seen.map && seen.count == 50, "%d visits, %d moves",
              (int)seen.visits, seen.count);
    agent_close(agent);
}

/* Reports do not change an agent's choice. */
Test(analysis, watching_changes_no_choice)
{
    static const char *const specs[] = {"rollout:300", "net:default,visits=40",
                                        "net:default,visits=40,selection=gumbel", "policy:default", "random"};
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++) {
        struct game game;
        struct agent *agent = open_agent_for(specs[i], &game, "go:7");
        struct seen seen = {.game = &game};
        const struct agent_analysis analysis = {.interval_ms = 1, .report = see, .data = &seen};
        struct agent_choice plain, watched;
        cr_assert(agent_new_game(agent, 7, NULL) && agent_choose(agent, NULL, &plain, NULL));
        cr_assert(agent_new_game(agent, 7, NULL) && agent_analyse(agent, NULL, &analysis, &watched, NULL));
        cr_assert(plain.move == watched.move && plain.visits == watched.visits, "%s", specs[i]);
        cr_assert(seen.reports >= 1 && seen.sound, "%s: %d reports", specs[i], seen.reports);
        agent_close(agent);
    }
}

static const char four_wins[] = ".......\n.......\n.......\n..XXX..\n..OO...\n.......\n.......";

Test(analysis, finds_and_bars_moves)
{
    static const char *const specs[] = {"rollout:400", "rollout:400,threads=2"};
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++) {
        struct game game;
        struct agent *agent = open_agent_for(specs[i], &game, "gomoku:7,line=4");
        struct seen seen = {.game = &game};
        uint8_t allowed[GAME_MAX_MOVES];
        struct agent_analysis analysis = {.report = see, .data = &seen, .map = true};
        struct agent_choice choice;
        const game_move left = 3 * 7 + 1, right = 3 * 7 + 5;
        set_up(agent, four_wins, GAME_BLACK);
        cr_assert(agent_analyse(agent, NULL, &analysis, &choice, NULL));
        cr_assert((choice.move == left || choice.move == right) && seen.first.move == choice.move &&
                  seen.first.value > 0.99f && seen.value > 0.5f);
        memset(allowed, 1, sizeof allowed);
        allowed[left] = 0;
        analysis.allowed = allowed;
        cr_assert(agent_analyse(agent, NULL, &analysis, &choice, NULL));
        cr_assert_eq(choice.move, right);
        allowed[right] = 0;
        cr_assert(agent_analyse(agent, NULL, &analysis, &choice, NULL));
        cr_assert(choice.move != left && choice.move != right);
        memset(allowed, 0, sizeof allowed); /* a mask that excludes everything is ignored */
        cr_assert(agent_analyse(agent, NULL, &analysis, &choice, NULL));
        cr_assert(choice.move == left || choice.move == right);
        agent_close(agent);
    }
}

Test(analysis, a_map_says_whose_a_point_is)
{
    struct game game;
    struct agent *agent = open_agent_for("rollout:300", &game, "go:5");
    struct seen seen = {.game = &game};
    const struct agent_analysis analysis = {.report = see, .data = &seen, .map = true};
    struct agent_choice choice;
    set_up(agent, ".X.X.\nXX.X.\n.X.XO\nXX.X.\n.X.X.", GAME_WHITE);
    cr_assert(agent_analyse(agent, NULL, &analysis, &choice, NULL));
    cr_assert(seen.map && seen.owner[0] < -0.9f && seen.owner[6] < -0.9f && seen.owner[2] < -0.5f, "%g %g",
              (double)seen.owner[0], (double)seen.owner[6]);
    agent_close(agent);
}

/* An agent plays from an arbitrary position as from one reached by moves. */
Test(analysis, positions_in_the_middle)
{
    struct game game;
    struct agent *agent = open_agent_for("rollout:50", &game, "go:7");
    struct agent_choice choice;
    game_move pass = game.points;
    set_up(agent, ".......\n..XX...\n..OO...\n.......\n.......\n.......\n.......", GAME_WHITE);
    cr_assert(agent_choose(agent, NULL, &choice, NULL));
    cr_assert(game.ops->legal(&game, agent->position, &agent->history, choice.move));
    cr_assert(agent_moved(agent, choice.move, NULL) && agent_moved(agent, pass, NULL) &&
              agent_moved(agent, pass, NULL) && game_over(agent->position));
    agent_close(agent);
}

/* Byo-yomi limits are respected, and main time is added to them. */
Test(analysis, byo_yomi)
{
    struct game game;
    struct agent *agent = open_agent_for("rollout:1000000", &game, "go:9");
    const struct {
        struct agent_clock clock;
        int least, most;
    } cases[] = {
        {{.byo_ms = 300, .byo_moves = 1}, 0, 330},
        {{.byo_ms = 1000, .byo_moves = 10}, 0, 130},
        {{.main_ms = 4000, .byo_ms = 100, .byo_moves = 1}, 0, 260},
        {{.main_ms = 2000}, 0, 200},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct agent_choice choice;
        cr_assert(agent_new_game(agent, 1, NULL) && agent_choose(agent, &cases[i].clock, &choice, NULL));
        cr_assert(choice.time_ms >= cases[i].least && choice.time_ms <= cases[i].most, "case %d took %d ms", (int)i,
                  (int)choice.time_ms);
    }
    agent_close(agent);
}

Test(analysis, what_is_worth_telling)
{
    const struct agent_candidate candidates[] = {
        {.visits = 0}, {.visits = 9}, {.visits = 2}, {.visits = 0}, {.visits = 0}};
    const struct agent_report report = {.count = 5, .candidates = candidates}, none = {0};
    cr_assert_eq(agent_report_count(&report, 0, 0), 3, "the first, and all that were visited");
    cr_assert_eq(agent_report_count(&report, 4, 0), 4);
    cr_assert_eq(agent_report_count(&report, 9, 0), 5);
    cr_assert_eq(agent_report_count(&report, 4, 2), 2);
    cr_assert_eq(agent_report_count(&none, 4, 0), 0);
    cr_assert(agent_chance(-1) == 0 && agent_chance(0) == 0.5 && agent_chance(1) == 1 && agent_chance(1.5f) == 1);
    cr_assert_eq(agent_chance(NAN), 0.5);
}
