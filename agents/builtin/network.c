/* Players with a network: `net` searches with it, `policy` plays from its policy without search. */
#include <stddef.h>

#include "agents/agent.h"
#include "agents/builtin/budget.h"
#include "agents/builtin/finish.h"
#include "agents/builtin/player.h"
#include "agents/builtin/priors.h"
#include "agents/builtin/remember.h"
#include "agents/net_path.h"
#include "agents/option.h"
#include "games/game.h"
#include "games/option.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"
#include "net/net.h"

enum symmetry { SYMMETRY_RANDOM, SYMMETRY_ALL, SYMMETRY_NONE };
static const char *const symmetries[] = {"random", "all", "none", NULL};
static const char *const selections[] = {"puct", "gumbel", NULL};
enum { CALIBRATION_SEED = 1 }; /* fixed, so that a net always plays the same */
static const char *const backends[] = {"fast", "plain", NULL};
static const char *const noyes[] = {"no", "yes", NULL};

enum { THREATS = 1 }; /* the preset */

struct settings {
    int64_t visits, time_ms, threads, memory_mb, cache_mb;
    int selection, backend, dtype, symmetry, noise, threats, hold;
    double temperature, resign, cpuct, fpu, c_scale, score, stdev, bias, uncertainty;
    char *memory_file; /* NULL: not given */
    char *opponent;    /* net of a known opponent; NULL: none */
};

#define OPTION_OF(member) offsetof(struct settings, member)

static const struct option_row search_options[] = {
    {"visits", OPTION_WHOLE, OPTION_OF(visits), 1, 1e9,
     .help = "root visits per move; with puct, including those of a reused subtree (400 if no time is set)"},
    {"time", OPTION_TIME, OPTION_OF(time_ms), 1, 3600000, .help = "thinking time per move"},
    {"threads", OPTION_WHOLE, OPTION_OF(threads), 1, AGENT_MAX_THREADS, .help = "search threads, sharing one tree"},
    {"selection", OPTION_CHOICE, OPTION_OF(selection), 0, 0, selections, .help = "search algorithm (puct)"},
    {"noise", OPTION_CHOICE, OPTION_OF(noise), 0, 0, noyes, .help = "Dirichlet or Gumbel noise at the root (no)"},
    {"temperature", OPTION_REAL, OPTION_OF(temperature), 0, 10,
     .help = "of sampling the move by visits; 0: best move (0)"},
    {"resign", OPTION_REAL, OPTION_OF(resign), 0, 0.5,
     .help = "resign if the win probability is below this twice in a row; 0: never (0)"},
    {"cpuct", OPTION_REAL, OPTION_OF(cpuct), 0.01, 100, .help = "exploration constant of puct"},
    {"stdev", OPTION_REAL, OPTION_OF(stdev), 0, 1,
     .help = "how far exploration by puct follows the standard deviation of the values; 0: not at all (0)"},
    {"bias", OPTION_REAL, OPTION_OF(bias), 0, 1,
     .help = "how much of the errors seen after the same local play is taken off a value; 0: nothing (0)"},
    {"uncertainty", OPTION_REAL, OPTION_OF(uncertainty), 0, 2,
     .help = "how strongly values that are likely to be far off are weighed down; 0: not at all (0)"},
    {"fpu", OPTION_REAL, OPTION_OF(fpu), -2, 2, .help = "first-play urgency: reduction from the parent's value"},
    {"score", OPTION_REAL, OPTION_OF(score), 0, 10,
     .help = "weight of the expected margin beside the win probability, in games with points (0)"},
    {"cscale", OPTION_REAL, OPTION_OF(c_scale), 0.001, 100, .help = "weight of Q values in gumbel (c_scale)"},
    {"hold", OPTION_CHOICE, OPTION_OF(hold), 0, 0, noyes,
     .help = "keep the time saved by early stops for moves that need it; time is then an average (no)"},
    {"threats", OPTION_INT, OPTION_OF(threats), 0, MCTS_MAX_THREATS,
     .help = "search for wins by threats: 0 none; in Gomoku 1 fours, 2 at the root also threes, but not in caro (1)"},
    {"symmetry", OPTION_CHOICE, OPTION_OF(symmetry), 0, 0, symmetries,
     .help = "board symmetries of the net's input: a random one, the average of all, none (random)"},
    {"backend", OPTION_CHOICE, OPTION_OF(backend), 0, 0, backends, .help = "inference backend (fast)"},
    {"dtype", OPTION_CHOICE, OPTION_OF(dtype), 0, 0, net_dtype_names,
     .help = "inference precision (auto: the fastest on this machine)"},
    {"memory", OPTION_WHOLE, OPTION_OF(memory_mb), 1, 1 << 20, .help = "memory limit of the tree, MiB (256)"},
    {"remember", OPTION_STRING, OPTION_OF(memory_file), .argument = "FILE",
     .help = "file of memories of lost games, which the player consults and adds to; none: no memory (none)"},
    {"against", OPTION_STRING, OPTION_OF(opponent), .argument = "NET",
     .help = "search for moves against this network, which is taken to play by its policy (none)"},
    {"cache", OPTION_WHOLE, OPTION_OF(cache_mb), 0, 1 << 20, .help = "size of the evaluation cache, MiB (16)"},
    {.name = NULL},
};

static const struct option_row policy_options[] = {
    {"temperature", OPTION_REAL, OPTION_OF(temperature), 0, 10,
     .help = "of sampling from the policy; 0: most probable move (0)"},
    {"symmetry", OPTION_CHOICE, OPTION_OF(symmetry), 0, 0, symmetries,
     .help = "board symmetries of the net's input: a random one, the average of all, none (random)"},
    {"backend", OPTION_CHOICE, OPTION_OF(backend), 0, 0, backends, .help = "inference backend (fast)"},
    {"dtype", OPTION_CHOICE, OPTION_OF(dtype), 0, 0, net_dtype_names,
     .help = "inference precision (auto: the fastest on this machine)"},
    {.name = NULL},
};

static struct settings preset(const struct agent *agent)
{
    struct mcts_config search = mcts_defaults(MCTS_PUCT);
    return (struct settings){.threads = agent->threads,
                             .memory_mb = 256,
                             .cache_mb = 16,
                             .threats = THREATS,
                             .cpuct = search.cpuct,
                             .fpu = search.fpu_reduction,
                             .c_scale = search.gumbel_c_scale};
}

/* Reads "NET,options". Returns NET, to be freed by the caller, or NULL with the error set. */
static char *read_spec(const struct agent *agent, const char *argument, const struct option_row *options,
                       struct settings *settings, GError **error)
{
    *settings = preset(agent);
    size_t length = strcspn(argument, ",");
    if (length == 0) {
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC,
                    "%s needs a net: %s; NET is a weights file, a run's directory or name, or default",
                    agent->ops->name, agent->ops->usage);
        return NULL;
    }
    if (!agent_options_parse_after(agent->ops->name, argument, options, settings, error))
        return NULL;
    return g_strndup(argument, length);
}

/* Puts the policy of settings->opponent on top, which the search then models. */
static bool add_opponent(struct agent *agent, struct evaluator_config config, const struct settings *settings,
                         struct evaluator **evaluator, GError **error)
{
    struct evaluator *policy = NULL;
    config.net = NULL;
    if (net_path_load(&config.net, settings->opponent, agent->game, error) == 0 &&
        evaluator_net_prepare(config.net, agent->game, config.backend, config.dtype, CALIBRATION_SEED, error) == 0 &&
        evaluator_create(&policy, &agent->search_game, &config, error) == 0)
        *evaluator = evaluator_opponent_create(*evaluator, policy);
    else
        g_prefix_error(error, "against=%s: ", settings->opponent);
    net_unref(config.net);
    return policy != NULL;
}

/* Creates an evaluator for the net, with a cache unless cache_mb is 0; NULL with the error set. remember: set to the
 * memory on top, or NULL; the agent has none if `remember` is NULL. */
static struct evaluator *make_evaluator(struct agent *agent, const char *name, const struct settings *settings,
                                        struct remember **remember, GError **error)
{
    static const int modes[] = {EVALUATOR_SYMMETRY_RANDOM, EVALUATOR_SYMMETRY_ALL, 0};
    static const enum net_backend kinds[] = {NET_BACKEND_FAST, NET_BACKEND_PLAIN};
    struct evaluator_config config = {.kind = EVALUATOR_NET,
                                      .backend = kinds[settings->backend],
                                      .dtype = (enum net_dtype)settings->dtype,
                                      .symmetry = modes[settings->symmetry],
                                      .cache_bytes = (size_t)settings->cache_mb << 20};
    struct evaluator *evaluator = NULL;
    if (net_path_load(&config.net, name, agent->game, error) != 0)
        return NULL;
    agent->scope = net_path_scope(config.net, &agent->whole_scope);
    config.seed = rng_next(&agent->rng);
    agent->unattended = true;
    agent_sync_search_game(agent);
    if (evaluator_net_prepare(config.net, agent->game, config.backend, config.dtype, CALIBRATION_SEED, error) != 0 ||
        evaluator_create(&evaluator, &agent->search_game, &config, error) != 0)
        g_prefix_error(error, "%s: ", name);
    if (evaluator && settings->opponent && !add_opponent(agent, config, settings, &evaluator, error)) {
        evaluator_free(evaluator);
        evaluator = NULL;
    }
    const char *file = settings->memory_file ? settings->memory_file : agent->memory;
    if (evaluator && remember && file)
        *remember = remember_open(agent, file, config.net, &evaluator);
    net_unref(config.net);
    return evaluator;
}

/* ---- net ---- */

static struct player_config search_config(const struct settings *s)
{
    struct player_config config = {.search = mcts_defaults(s->selection ? MCTS_GUMBEL : MCTS_PUCT),
                                   .visits = s->visits,
                                   .time_ms = s->time_ms,
                                   .hold = s->hold,
                                   .reuse = true,
                                   .temperature = s->temperature,
                                   .resign = s->resign};
    config.search.cpuct = (float)s->cpuct;
    config.search.cpuct_stdev = (float)s->stdev;
    config.search.value_bias = (float)s->bias;
    config.search.uncertainty = (float)s->uncertainty;
    config.search.fpu_reduction = (float)s->fpu;
    config.search.gumbel_c_scale = (float)s->c_scale;
    config.search.score_utility = (float)s->score;
    config.search.gumbel_noise = s->noise;
    config.search.threats = s->threats;
    config.search.model_opponent = s->opponent != NULL;
    config.search.dirichlet_weight = s->noise ? 0.25f : 0;
    config.search.threads = (int)s->threads;
    config.search.memory_bytes = (size_t)s->memory_mb << 20;
    if (!s->visits && !s->time_ms)
        config.visits = 400;
    return config;
}

/* Limits tree and cache to the agent's memory: an eighth for the cache, the rest for the tree. */
static void limit_memory(struct agent *agent, struct settings *settings)
{
    if (agent->memory_bytes > 0) {
        settings->cache_mb = MIN(settings->cache_mb, agent->memory_bytes >> 23);
        agent->memory_bytes -= settings->cache_mb << 20;
    }
    if (agent->memory_bytes > 0 && settings->memory_mb > agent->memory_bytes >> 20)
        settings->memory_mb = MAX(agent->memory_bytes >> 20, 1);
}

/* Takes ownership of name, unless it returns it: options that would have no effect are refused. */
static char *check_options(char *name, const struct settings *settings, GError **error)
{
    if (!name)
        return NULL;
    if (settings->selection && (settings->stdev > 0 || settings->hold))
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC, "net: %s needs selection=puct, not %s",
                    settings->hold ? "hold" : "stdev", selections[settings->selection]);
    else if (settings->hold && settings->visits > 0)
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC,
                    "net: hold=yes distributes time, which visits=%" G_GINT64_FORMAT
                    " does not use; remove one of them",
                    settings->visits);
    else
        return name;
    g_free(name);
    return NULL;
}

static bool open_search(struct agent *agent, const char *argument, GError **error)
{
    struct settings settings;
    struct evaluator *evaluators[AGENT_MAX_THREADS];
    struct remember *remember = NULL;
    char *name = read_spec(agent, argument, search_options, &settings, error);
    name = check_options(name, &settings, error);
    if (name) {
        limit_memory(agent, &settings);
        evaluators[0] = make_evaluator(agent, name, &settings, &remember, error);
    }
    struct player_config config = search_config(&settings);
    g_free(settings.memory_file);
    g_free(settings.opponent);
    if (!name)
        return false;
    g_free(name);
    if (!evaluators[0])
        return false;
    for (int i = 1; i < settings.threads; i++)
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

/* ---- policy ---- */

struct policy {
    struct evaluator *evaluator;
    double temperature;
};

static bool open_policy(struct agent *agent, const char *argument, GError **error)
{
    struct settings settings;
    struct policy *own = agent->own = g_new0(struct policy, 1);
    char *name = read_spec(agent, argument, policy_options, &settings, error);
    if (!name)
        return false;
    settings.cache_mb = 0; /* each position is evaluated only once or twice */
    own->evaluator = make_evaluator(agent, name, &settings, NULL, error);
    own->temperature = settings.temperature;
    g_free(name);
    return own->evaluator != NULL;
}

/* The move with the highest logit, or one sampled from the softmax at a temperature. */
static game_move pick(struct rng *rng, const struct eval *eval, const game_move *moves, int count, double temperature)
{
    float probability[GAME_MAX_MOVES];
    if (temperature > 0) {
        eval_softmax(eval, moves, count, (float)temperature, probability);
        return eval_sample(moves, probability, count, rng);
    }
    int best = 0;
    for (int i = 1; i < count; i++)
        if (eval->logits[moves[i]] > eval->logits[moves[best]])
            best = i;
    return moves[best];
}

/* look: of the position. */
static void choose_move(struct agent *agent, const struct agent_clock *clock, struct finish_look *look,
                        struct agent_choice *choice)
{
    struct policy *own = agent->own;
    const struct game *game = agent->game;
    struct eval eval;
    choice->visits = 1;
    if (finish_passes(agent, budget_plan_ms(agent, clock), look, &choice->value)) {
        choice->move = game->pass;
        return;
    }
    const struct eval_query query = {
        .position = agent->position, .history = &agent->history, .want = EVAL_POLICY | EVAL_VALUE};
    evaluator_evaluate(own->evaluator, 1, &query, &eval);
    game_move legal[GAME_MAX_MOVES], moves[GAME_MAX_MOVES];
    int count = game->ops->legal_moves(game, agent->position, &agent->history, legal);
    count = game_sensible_moves(game, agent->position, true, legal, count, moves);
    choice->move = pick(&agent->rng, &eval, moves, count, own->temperature);
    choice->value = eval_value(&eval);
}

static bool choose_policy(struct agent *agent, const struct agent_clock *clock, struct agent_choice *choice,
                          GError **error)
{
    (void)error;
    choose_move(agent, clock, &(struct finish_look){.taken = false}, choice);
    return true;
}

static bool analyse_policy(struct agent *agent, const struct agent_clock *clock, const struct agent_analysis *analysis,
                           struct agent_choice *choice, GError **error)
{
    (void)error;
    struct policy *own = agent->own;
    struct eval eval = {.score = 0};
    const struct eval_query query = {.position = agent->position,
                                     .history = &agent->history,
                                     .want = EVAL_POLICY | EVAL_VALUE | EVAL_SCORE | EVAL_MAP};
    evaluator_evaluate(own->evaluator, 1, &query, &eval);
    struct agent_candidate *candidates = g_new0(struct agent_candidate, agent->game->moves);
    int count = priors_list(agent, &eval, analysis->allowed, candidates);
    if (count)
        candidates[0].visits = 1;
    struct agent_report report = {.visits = 1,
                                  .value = eval_value(&eval),
                                  .draw = eval.wdl[1],
                                  .score = eval.score,
                                  .raw_value = eval_value(&eval),
                                  .raw_draw = eval.wdl[1],
                                  .raw_score = eval.score,
                                  .count = analysis->candidates ? MIN(count, analysis->candidates) : count,
                                  .candidates = candidates,
                                  .map = analysis->map && (eval.filled & EVAL_MAP) ? eval.map : NULL};
    struct finish_look look = {.taken = false};
    struct finish_count counted;
    if (analysis->report && finish_counts(agent, budget_plan_ms(agent, clock), &look, &counted))
        finish_report(&counted, &report, candidates);
    if (analysis->report)
        analysis->report(&report, analysis->data);
    if (choice)
        choose_move(agent, clock, &look, choice);
    if (choice && analysis->allowed && count && !analysis->allowed[choice->move])
        choice->move = candidates[0].move;
    g_free(candidates);
    return true;
}

static void release_policy(struct agent *agent)
{
    struct policy *own = agent->own;
    if (own)
        evaluator_free(own->evaluator);
    g_free(own);
}

const struct agent_ops agent_policy_ops = {
    .name = "policy",
    .usage = "policy:NET[,temperature=T]...",
    .summary = "plays from the network's policy, without search",
    .options = policy_options,
    .open = open_policy,
    .choose = choose_policy,
    .analyse = analyse_policy,
    .close = release_policy,
};
