/* Searching players report the results of searches to their evaluators. The linker replaces evaluator_create by the
 * function below, so that the stacks that agents create contain an observer. */
#include <criterion/criterion.h>
#include <unistd.h>

#include "agents/agent.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"
#include "tests/agents/open.h"
#include "tests/mcts/observer.h"

static struct observer_log *observing;

int __real_evaluator_create(struct evaluator **out, const struct game *game, const struct evaluator_config *config,
                            GError **error);
int __wrap_evaluator_create(struct evaluator **out, const struct game *game, const struct evaluator_config *config,
                            GError **error)
{
    return observing ? observer_stack(out, game, config, observing, error, __real_evaluator_create)
                     : __real_evaluator_create(out, game, config, error);
}

static struct agent *open_observed(const struct game *game, const char *spec)
{
    observing = g_new0(struct observer_log, 1);
    struct agent *agent = open_agent(game, spec);
    cr_assert(agent_new_game(agent, 1, NULL));
    return agent;
}

static void close_agent(struct agent *agent)
{
    agent_close(agent);
    g_free(observing);
    observing = NULL;
}

/* A few moves, then an analysis: each is observed once, with the position that was searched. */
static void expect_observations(const struct game *game, const char *spec, int64_t visits)
{
    struct agent *agent = open_observed(game, spec);
    struct agent_choice choice;
    for (int ply = 0; ply < 6; ply++) {
        cr_assert(agent_choose(agent, NULL, &choice, NULL));
        const struct observed *seen = &observing->seen[ply];
        cr_assert_eq(observing->count, ply + 1, "%s: one observation per search", spec);
        cr_assert(seen->hash == agent->position->hash && seen->ply == ply && seen->history_count == ply);
        cr_assert_geq(seen->visits, visits, "%s: observed before the search had ended", spec);
        cr_assert_gt(seen->share[choice.move], 0);
        cr_assert_float_eq(seen->wdl[0] - seen->wdl[2], choice.value, 1e-6, "from the mover's view");
        cr_assert(agent_moved(agent, choice.move, NULL));
    }
    const struct agent_clock clock = {.visits = 30};
    const struct agent_analysis analysis = {.candidates = 3};
    cr_assert(agent_analyse(agent, &clock, &analysis, NULL, NULL));
    cr_assert_eq(observing->count, 7);
    cr_assert_eq(observing->seen[6].hash, agent->position->hash);
    close_agent(agent);
}

Test(observe, net_agent)
{
    char folder[] = "/tmp/tengen-observe-XXXXXX";
    struct game game;
    struct net *net;
    cr_assert(mkdtemp(folder) && chdir(folder) == 0);
    cr_assert(game_parse(&game, "go:5", NULL));
    cr_assert_eq(evaluator_net_fresh(&net, &game, "conv:8", 1, NULL), 0);
    cr_assert_eq(net_save(net, "net.safetensors", NULL, NULL), 0);
    net_unref(net);
    expect_observations(&game, "net:net.safetensors,backend=plain,visits=40", 40);
    expect_observations(&game, "net:net.safetensors,backend=plain,visits=40,threads=2,cache=0", 40);
    expect_observations(&game, "net:net.safetensors,backend=plain,visits=40,selection=gumbel", 40);
    cr_assert_eq(unlink("net.safetensors"), 0);
    cr_assert_eq(rmdir(folder), 0);
}

Test(observe, rollout_agent)
{
    struct game game;
    cr_assert(game_parse(&game, "go:5", NULL));
    expect_observations(&game, "rollout:60", 60);
}
