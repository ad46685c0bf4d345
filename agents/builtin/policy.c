/* The player that plays from a network's policy, without search. */
#include "agents/agent.h"
#include "agents/builtin/budget.h"
#include "agents/builtin/finish.h"
#include "agents/builtin/net_spec.h"
#include "agents/builtin/priors.h"
#include "games/game.h"
#include "games/option.h"
#include "mcts/evaluator.h"

static const struct option_row policy_options[] = {
    {"temperature", OPTION_REAL, NET_SPEC_OF(temperature), 0, 10,
     .help = "of sampling from the policy; 0: most probable move (0)"},
    NET_SPEC_OPTIONS,
    {.name = NULL},
};

struct policy {
    struct evaluator *evaluator;
    double temperature;
};

static bool open_policy(struct agent *agent, const char *argument, GError **error)
{
    struct net_spec spec;
    struct policy *own = agent->own = g_new0(struct policy, 1);
    char *name = net_spec_read(agent, argument, policy_options, &spec, error);
    if (!name)
        return false;
    spec.cache_mb = 0; /* each position is evaluated only once or twice */
    own->evaluator = net_spec_evaluator(agent, name, &spec, NULL, error);
    own->temperature = spec.temperature;
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
                                  .steps = (float)eval.steps,
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
