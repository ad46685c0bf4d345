/* Players and networks. Both are implemented as agents: a network for evaluation is the agent `policy:NET`. */
#include <tengen/agent.h>

#include <string.h>

#include "agents/agent.h"
#include "agents/library/library.h"
#include "games/game.h"

struct tengen_agent {
    struct game rules;
    struct agent *agent;
    uint64_t seed;     /* of the next new game */
    bool in_sync;      /* the agent has received the moves below */
    int ply, capacity; /* number of moves; capacity of the array */
    game_move *moves;  /* [capacity] */
};

struct tengen_agent *tengen_agent_open(const char *spec, const struct tengen_game *game, uint64_t seed, int threads,
                                       struct tengen_error *error)
{
    GError *cause = NULL;
    if (threads < 1) {
        library_refuse(error, "an agent needs at least one thread, not %d", threads);
        return NULL;
    }
    struct tengen_agent *self = g_new0(struct tengen_agent, 1);
    self->rules = game->rules;
    self->seed = seed;
    const struct agent_config config = {.seed = seed, .threads = threads};
    if (agent_open(&self->agent, spec, &self->rules, &config, &cause) != 0) {
        library_fail(error, cause);
        tengen_agent_close(self);
        return NULL;
    }
    return self;
}

void tengen_agent_close(struct tengen_agent *agent)
{
    if (!agent)
        return;
    agent_close(agent->agent);
    g_free(agent->moves);
    g_free(agent);
}

/* Whether the game is the one the agent has received, possibly with further moves. */
static bool continues(const struct tengen_agent *self, const struct tengen_game *game)
{
    return self->in_sync && self->ply <= game->ply &&
           (self->ply == 0 || memcmp(self->moves, game->moves, (size_t)self->ply * sizeof *self->moves) == 0);
}

/* Brings the agent to the current position of the game. A game that does not continue the agent's is sent from the
 * start, which every agent supports, including external programs. */
static bool follow(struct tengen_agent *self, const struct tengen_game *game, GError **cause)
{
    bool fine = true;
    if (!continues(self, game)) {
        self->ply = 0;
        fine = agent_new_game(self->agent, self->seed++, cause);
    }
    if (self->capacity < game->ply) {
        self->capacity = game->capacity;
        self->moves = g_renew(game_move, self->moves, self->capacity);
    }
    for (; fine && self->ply < game->ply; self->ply++) {
        self->moves[self->ply] = game->moves[self->ply];
        fine = agent_moved(self->agent, game->moves[self->ply], cause);
    }
    self->in_sync = fine;
    return fine;
}

/* Rejects a game that cannot be searched; otherwise brings the agent to its position. */
static int begin(struct tengen_agent *self, const struct tengen_game *game, struct tengen_error *error)
{
    char spec[GAME_SPEC_MAX];
    GError *cause = NULL;
    if (!game_equal(&self->rules, &game->rules))
        return library_refuse(error, "%s was opened for %s and cannot be used for %s; open another one",
                              self->agent->spec, game_format(&self->rules, spec), game->spec);
    if (game_over(library_present(game)))
        return library_refuse(error, "the game is over: there is no move to choose");
    return follow(self, game, &cause) ? 0 : library_fail(error, cause);
}

static struct agent_clock clock_of(const struct tengen_limits *limits)
{
    return limits ? (struct agent_clock){.visits = limits->visits, .move_ms = limits->time_ms}
                  : (struct agent_clock){.visits = 0};
}

int tengen_agent_choose(struct tengen_agent *agent, const struct tengen_game *game, const struct tengen_limits *limits,
                        struct tengen_choice *choice, struct tengen_error *error)
{
    GError *cause = NULL;
    const struct agent_clock clock = clock_of(limits);
    struct agent_choice chosen;
    if (begin(agent, game, error) != 0)
        return -1;
    if (!agent_choose(agent->agent, &clock, &chosen, &cause)) {
        agent->moves = false; /* after a failure an external program may be out of sync */
        return library_fail(error, cause);
    }
    bool resigns = chosen.action == AGENT_RESIGNS;
    if (!resigns && !tengen_game_is_legal(game, chosen.move)) {
        char text[GAME_MOVE_TEXT_MAX];
        cause = g_error_new(AGENT_ERROR, AGENT_ERROR_PROTOCOL, "%s chose %s, which is not legal", agent->agent->spec,
                            game_move_format(&game->rules, chosen.move, text));
        return library_fail(error, cause);
    }
    *choice = (struct tengen_choice){.move = resigns ? TENGEN_NO_MOVE : chosen.move,
                                     .resigns = resigns,
                                     .value = chosen.value,
                                     .visits = chosen.visits,
                                     .time_ms = chosen.time_ms};
    return 0;
}

/* ---- evaluation ---- */

/* Receives the final report of an analysis. */
struct sink {
    const struct tengen_game *game;
    struct tengen_evaluation *evaluation;
    float *policy, *ownership;
    bool priors; /* policy: the network's probabilities rather than visit fractions */
};

static void fill_policy(const struct sink *sink, const struct agent_report *report)
{
    double visits = 0, total = 0;
    for (int i = 0; i < report->count; i++)
        visits += (double)report->candidates[i].visits;
    bool priors = sink->priors || visits == 0; /* no visits: the search was stopped immediately */
    memset(sink->policy, 0, sink->game->rules.moves * sizeof *sink->policy);
    for (int i = 0; i < report->count; i++) {
        const struct agent_candidate *candidate = &report->candidates[i];
        sink->policy[candidate->move] = priors ? candidate->prior : (float)candidate->visits;
        total += sink->policy[candidate->move];
    }
    for (int i = 0; total > 0 && i < sink->game->rules.moves; i++)
        sink->policy[i] = (float)(sink->policy[i] / total);
}

static void take_report(const struct agent_report *report, void *data)
{
    const struct sink *sink = data;
    float decided = 1 - report->draw;
    *sink->evaluation = (struct tengen_evaluation){.win = MAX((decided + report->value) / 2, 0),
                                                   .draw = report->draw,
                                                   .loss = MAX((decided - report->value) / 2, 0),
                                                   .score = sink->game->rules.has_score ? report->score : 0};
    if (sink->policy)
        fill_policy(sink, report);
    for (int p = 0; sink->ownership && p < sink->game->rules.points; p++)
        sink->ownership[p] = report->map ? report->map[p] : 0;
}

int tengen_agent_evaluate(struct tengen_agent *agent, const struct tengen_game *game,
                          const struct tengen_limits *limits, struct tengen_evaluation *evaluation, float *policy,
                          float *ownership, struct tengen_error *error)
{
    if (!agent->agent->ops->analyse)
        return library_refuse(error, "%s cannot evaluate a position; an agent that searches or has a network can",
                              agent->agent->spec);
    if (begin(agent, game, error) != 0)
        return -1;
    struct sink sink = {.game = game,
                        .evaluation = evaluation,
                        .policy = policy,
                        .ownership = ownership,
                        .priors = strcmp(agent->agent->ops->name, "policy") == 0};
    /* Passing all moves as `allowed`, rather than NULL, disables the shortcut for an immediately winning pass. */
    uint8_t allowed[GAME_MAX_MOVES];
    memset(allowed, 1, sizeof allowed);
    const struct agent_clock clock = clock_of(limits);
    const struct agent_analysis analysis = {
        .map = ownership != NULL, .allowed = allowed, .report = take_report, .data = &sink};
    struct agent_choice choice; /* not NULL, so that the limits of the agent's spec apply */
    GError *cause = NULL;
    if (!agent_analyse(agent->agent, &clock, &analysis, &choice, &cause)) {
        agent->moves = false;
        return library_fail(error, cause);
    }
    return 0;
}

void tengen_agent_stop(struct tengen_agent *agent)
{
    agent_stop(agent->agent);
}

/* ---- networks ---- */

struct tengen_net {
    struct tengen_agent *agent;
};

struct tengen_net *tengen_net_open(const char *net, const struct tengen_game *game, struct tengen_error *error)
{
    char *spec = g_strdup_printf("policy:%s", net);
    struct tengen_agent *agent = tengen_agent_open(spec, game, 1, 1, error);
    g_free(spec);
    if (!agent)
        return NULL;
    struct tengen_net *self = g_new(struct tengen_net, 1);
    self->agent = agent;
    return self;
}

void tengen_net_close(struct tengen_net *net)
{
    if (!net)
        return;
    tengen_agent_close(net->agent);
    g_free(net);
}

int tengen_net_evaluate(struct tengen_net *net, const struct tengen_game *game, struct tengen_evaluation *evaluation,
                        float *policy, float *ownership, struct tengen_error *error)
{
    return tengen_agent_evaluate(net->agent, game, NULL, evaluation, policy, ownership, error);
}
