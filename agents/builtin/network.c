/* The player that searches with a network. */
#include "agents/agent.h"
#include "agents/builtin/net_spec.h"
#include "agents/builtin/player.h"
#include "games/game.h"
#include "games/option.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"

static const char *const selections[] = {"puct", "gumbel", NULL};
static const char *const noyes[] = {"no", "yes", NULL};

static const struct option_row search_options[] = {
    {"visits", OPTION_WHOLE, NET_SPEC_OF(visits), 1, 1e9,
     .help = "root visits per move; with puct, including those of a reused subtree (400 if no time is set)"},
    {"time", OPTION_TIME, NET_SPEC_OF(time_ms), 1, 3600000, .help = "thinking time per move"},
    {"threads", OPTION_WHOLE, NET_SPEC_OF(threads), 1, AGENT_MAX_THREADS, .help = "search threads, sharing one tree"},
    {"selection", OPTION_CHOICE, NET_SPEC_OF(selection), 0, 0, selections, .help = "search algorithm (puct)"},
    {"noise", OPTION_CHOICE, NET_SPEC_OF(noise), 0, 0, noyes, .help = "Dirichlet or Gumbel noise at the root (no)"},
    {"temperature", OPTION_REAL, NET_SPEC_OF(temperature), 0, 10,
     .help = "of sampling the move by visits; 0: best move (0)"},
    {"resign", OPTION_REAL, NET_SPEC_OF(resign), 0, 0.5,
     .help = "resign if the win probability is below this twice in a row; 0: never (0)"},
    {"cpuct", OPTION_REAL, NET_SPEC_OF(cpuct), 0.01, 100, .help = "exploration constant of puct"},
    {"stdev", OPTION_REAL, NET_SPEC_OF(stdev), 0, 1,
     .help = "how far exploration by puct follows the standard deviation of the values; 0: not at all (0)"},
    {"bias", OPTION_REAL, NET_SPEC_OF(bias), 0, 1,
     .help = "fraction of the mean error seen after the same local play that is subtracted from a value; 0: none (0)"},
    {"uncertainty", OPTION_REAL, NET_SPEC_OF(uncertainty), 0, 2,
     .help = "how strongly values with a large expected error are down-weighted; 0: not at all (0)"},
    {"fpu", OPTION_REAL, NET_SPEC_OF(fpu), -2, 2, .help = "first-play urgency: reduction from the parent's value"},
    {"score", OPTION_REAL, NET_SPEC_OF(score), 0, 10,
     .help = "weight of the expected margin beside the win probability, in games with points (0)"},
    {"cscale", OPTION_REAL, NET_SPEC_OF(c_scale), 0.001, 100, .help = "weight of Q values in gumbel (c_scale)"},
    {"considered", OPTION_INT, NET_SPEC_OF(considered), 1, 400, .help = "moves that gumbel considers at first (16)"},
    {"hold", OPTION_CHOICE, NET_SPEC_OF(hold), 0, 0, noyes,
     .help = "keep the time saved by early stops for moves that need it; time is then an average (no)"},
    {"threats", OPTION_INT, NET_SPEC_OF(threats), 0, MCTS_MAX_THREATS,
     .help = "search for wins by threats: 0 none; in Gomoku 1 fours, 2 at the root also threes, but not in caro (1)"},
    NET_SPEC_OPTIONS,
    {"memory", OPTION_WHOLE, NET_SPEC_OF(memory_mb), 1, 1 << 20, .help = "memory limit of the tree, MiB (256)"},
    {"remember", OPTION_STRING, NET_SPEC_OF(memory_file), .argument = "FILE",
     .help = "file of memories of lost games, which the player consults and adds to; none: no memory (none)"},
    {"like", OPTION_STRING, NET_SPEC_OF(like), .argument = "FILE",
     .help = "correct values by search results in similar positions: a file written by tengen export RUN --likeness (none)"},
    {"against", OPTION_STRING, NET_SPEC_OF(opponent), .argument = "NET",
     .help = "model the opponent as this network playing by its policy, and search for moves against it (none)"},
    {"rationality", OPTION_REAL, NET_SPEC_OF(rationality), 0, 1000,
     .help = "with against: how far that opponent's policy is shifted towards moves of higher value; 0: not at all (0)"},
    {"cache", OPTION_WHOLE, NET_SPEC_OF(cache_mb), 0, 1 << 20, .help = "size of the evaluation cache, MiB (16)"},
    {.name = NULL},
};

static struct player_config search_config(const struct net_spec *s)
{
    struct player_config config = {.search = mcts_defaults(s->selection ? MCTS_GUMBEL : MCTS_PUCT),
                                   .visits = s->visits,
                                   .time_ms = s->time_ms,
                                   .hold = s->hold,
                                   .checks = true,
                                   .reuse = true,
                                   .temperature = s->temperature,
                                   .resign = s->resign};
    config.search.cpuct = (float)s->cpuct;
    config.search.cpuct_stdev = (float)s->stdev;
    config.search.value_bias = (float)s->bias;
    config.search.uncertainty = (float)s->uncertainty;
    config.search.fpu_reduction = (float)s->fpu;
    config.search.gumbel_c_scale = (float)s->c_scale;
    config.search.gumbel_considered = s->considered;
    config.search.score_utility = (float)s->score;
    config.search.gumbel_noise = s->noise;
    config.search.threats = s->threats;
    config.search.model_opponent = s->opponent != NULL;
    config.search.model_rationality = (float)s->rationality;
    config.search.dirichlet_weight = s->noise ? 0.25f : 0;
    config.search.threads = (int)s->threads;
    config.search.memory_bytes = (size_t)s->memory_mb << 20;
    if (!s->visits && !s->time_ms)
        config.visits = 400;
    return config;
}

/* Limits tree and cache to the agent's memory: an eighth for the cache, the rest for the tree. */
static void limit_memory(struct agent *agent, struct net_spec *spec)
{
    if (agent->memory_bytes > 0) {
        spec->cache_mb = MIN(spec->cache_mb, agent->memory_bytes >> 23);
        agent->memory_bytes -= spec->cache_mb << 20;
    }
    if (agent->memory_bytes > 0 && spec->memory_mb > agent->memory_bytes >> 20)
        spec->memory_mb = MAX(agent->memory_bytes >> 20, 1);
}

/* Takes ownership of name, unless it returns it: options that would have no effect are refused. */
static char *check_options(char *name, const struct net_spec *spec, GError **error)
{
    if (!name)
        return NULL;
    if (spec->selection && (spec->stdev > 0 || spec->hold))
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC, "net: %s needs selection=puct, not %s",
                    spec->hold ? "hold" : "stdev", selections[spec->selection]);
    else if (spec->hold && spec->visits > 0)
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC,
                    "net: hold=yes distributes time, which visits=%" G_GINT64_FORMAT
                    " does not use; remove one of them",
                    spec->visits);
    else if (spec->opponent && (spec->memory_file || spec->uncertainty > 0))
        g_set_error(
            error, AGENT_ERROR, AGENT_ERROR_SPEC,
            "net: %s does not go with against=%s, whose moves count as often as it plays them; remove one of them",
            spec->memory_file ? "remember" : "uncertainty", spec->opponent);
    else if (!spec->opponent && spec->rationality > 0)
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC,
                    "net: rationality=%g is that of the opponent named by against=NET; name one, or remove it",
                    spec->rationality);
    else
        return name;
    g_free(name);
    return NULL;
}

static bool open_search(struct agent *agent, const char *argument, GError **error)
{
    struct net_spec spec;
    struct evaluator *evaluators[AGENT_MAX_THREADS];
    struct remember *remember = NULL;
    char *name = net_spec_read(agent, argument, search_options, &spec, error);
    name = check_options(name, &spec, error);
    if (name) {
        limit_memory(agent, &spec);
        evaluators[0] = net_spec_evaluator(agent, name, &spec, &remember, error);
    }
    struct player_config config = search_config(&spec);
    g_free(spec.memory_file);
    g_free(spec.like);
    g_free(spec.opponent);
    if (!name)
        return false;
    g_free(name);
    if (!evaluators[0])
        return false;
    for (int i = 1; i < spec.threads; i++)
        evaluators[i] = evaluator_clone(evaluators[0]);
    config.remember = remember;
    return player_create((struct player **)&agent->own, agent, &config, evaluators, error) == 0;
}

static bool new_game(struct agent *agent, GError **error)
{
    (void)error;
    player_new_game(agent->own, agent);
    return true;
}

static bool moved(struct agent *agent, game_move move, GError **error)
{
    (void)error;
    player_moved(agent->own, move);
    return true;
}

static bool choose(struct agent *agent, const struct agent_clock *clock, struct agent_choice *choice, GError **error)
{
    (void)error;
    player_analyse(agent->own, agent, clock, NULL, choice);
    return true;
}

static bool analyse(struct agent *agent, const struct agent_clock *clock, const struct agent_analysis *analysis,
                    struct agent_choice *choice, GError **error)
{
    (void)error;
    player_analyse(agent->own, agent, clock, analysis, choice);
    return true;
}

static void stop(struct agent *agent)
{
    player_stop(agent->own);
}
static void release(struct agent *agent)
{
    player_close(agent->own);
}

const struct agent_ops agent_net_ops = {
    .name = "net",
    .usage = "net:NET[,visits=N][,time=1s]...",
    .summary = "search with a network; NET: a weights file, a run, or default",
    .options = search_options,
    .open = open_search,
    .new_game = new_game,
    .moved = moved,
    .choose = choose,
    .analyse = analyse,
    .stop = stop,
    .close = release,
    .finished = player_finished,
    .study = player_study,
};
