#include "agents/builtin/net_spec.h"

#include <string.h>

#include "agents/agent.h"
#include "agents/builtin/remember.h"
#include "agents/memory/likeness_file.h"
#include "agents/net_path.h"
#include "agents/option.h"
#include "games/rng.h"
#include "mcts/evaluator.h"
#include "mcts/likeness.h"
#include "mcts/search.h"
#include "net/net.h"

enum { CALIBRATION_SEED = 1 }; /* fixed, so that a net always plays the same */
enum { THREATS = 1 };          /* the preset */

const char *const net_spec_symmetries[] = {"random", "all", "none", NULL};
const char *const net_spec_backends[] = {"fast", "plain", NULL};

static struct net_spec preset(const struct agent *agent)
{
    struct mcts_config search = mcts_defaults(MCTS_PUCT);
    return (struct net_spec){.threads = agent->threads,
                             .memory_mb = 256,
                             .cache_mb = 16,
                             .threats = THREATS,
                             .cpuct = search.cpuct,
                             .fpu = search.fpu_reduction,
                             .c_scale = search.gumbel_c_scale,
                             .considered = search.gumbel_considered};
}

char *net_spec_read(const struct agent *agent, const char *argument, const struct option_row *options,
                    struct net_spec *spec, GError **error)
{
    *spec = preset(agent);
    size_t length = strcspn(argument, ",");
    if (length == 0) {
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC,
                    "%s needs a net: %s; NET is a weights file, a run's directory or name, or default",
                    agent->ops->name, agent->ops->usage);
        return NULL;
    }
    if (!agent_options_parse_after(agent->ops->name, argument, options, spec, error))
        return NULL;
    return g_strndup(argument, length);
}

/* Puts the policy of spec->opponent on top, which the search then models. */
static bool add_opponent(struct agent *agent, struct evaluator_config config, const struct net_spec *spec,
                         struct evaluator **evaluator, GError **error)
{
    struct evaluator *policy = NULL;
    config.net = NULL;
    config.effort = (struct net_effort){0};
    config.cache_bytes /= 2;
    if (net_path_load(&config.net, spec->opponent, agent->game, error) == 0 &&
        evaluator_net_prepare(config.net, agent->game, config.backend, config.dtype, CALIBRATION_SEED, error) == 0 &&
        evaluator_create(&policy, &agent->search_game, &config, error) == 0)
        *evaluator = evaluator_opponent_create(*evaluator, policy);
    else
        g_prefix_error(error, "against=%s: ", spec->opponent);
    net_unref(config.net);
    return policy != NULL;
}

struct evaluator *net_spec_evaluator(struct agent *agent, const char *name, const struct net_spec *spec,
                                     struct remember **remember, GError **error)
{
    static const int modes[] = {EVALUATOR_SYMMETRY_RANDOM, EVALUATOR_SYMMETRY_ALL, 0};
    static const enum net_backend kinds[] = {NET_BACKEND_FAST, NET_BACKEND_PLAIN};
    struct evaluator_config config = {.kind = EVALUATOR_NET,
                                      .backend = kinds[spec->backend],
                                      .dtype = (enum net_dtype)spec->dtype,
                                      .symmetry = modes[spec->symmetry],
                                      .effort = {spec->steps, (float)spec->settle},
                                      .cache_bytes = (size_t)spec->cache_mb << 20};
    struct evaluator *evaluator = NULL;
    if (net_path_load(&config.net, name, agent->game, error) != 0)
        return NULL;
    agent->scope = net_path_scope(config.net, &agent->whole_scope);
    config.seed = rng_next(&agent->rng);
    agent->unattended = true;
    agent_sync_search_game(agent);
    if (spec->like && !(config.likeness = likeness_file_read(spec->like, config.net, error)))
        g_prefix_error(error, "like=%s: ", spec->like);
    else if (evaluator_net_prepare(config.net, agent->game, config.backend, config.dtype, CALIBRATION_SEED, error) != 0 ||
             evaluator_create(&evaluator, &agent->search_game, &config, error) != 0)
        g_prefix_error(error, "%s: ", name);
    likeness_unref(config.likeness);
    config.likeness = NULL;
    if (evaluator && spec->opponent && !add_opponent(agent, config, spec, &evaluator, error)) {
        evaluator_free(evaluator);
        evaluator = NULL;
    }
    const char *file = spec->memory_file ? spec->memory_file : agent->memory;
    if (evaluator && remember && file && !spec->opponent)
        *remember = remember_open(agent, file, config.net, &evaluator);
    net_unref(config.net);
    return evaluator;
}
