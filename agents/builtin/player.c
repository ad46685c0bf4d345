#include "agents/builtin/player.h"

#include "agents/agent.h"
#include "agents/builtin/budget.h"
#include "agents/builtin/finish.h"
#include "agents/builtin/remember.h"
#include "agents/builtin/spare.h"
#include "mcts/evaluator.h"

struct player {
    struct player_config config;
    struct evaluator *evaluators[AGENT_MAX_THREADS];
    struct mcts *search;
    atomic_bool stop;
    int bad_moves; /* consecutive own moves below the resign threshold */
    struct budget_reserve reserve;
};

int player_create(struct player **out, struct agent *agent, const struct player_config *config,
                  struct evaluator *const *evaluators, GError **error)
{
    struct player *player = g_new0(struct player, 1);
    player->config = *config;
    for (int i = 0; i < config->search.threads; i++)
        player->evaluators[i] = evaluators[i];
    *out = NULL;
    GError *why = NULL;
    if (mcts_create(&player->search, &agent->search_game, &config->search, evaluators, &why) < 0) {
        if (g_error_matches(why, MCTS_ERROR, MCTS_ERROR_MEMORY)) {
            why->domain = AGENT_ERROR;
            why->code = AGENT_ERROR_MEMORY;
        }
        g_propagate_error(error, why);
        player_close(player);
        return -1;
    }
    *out = player;
    return 0;
}

void player_close(struct player *player)
{
    if (!player)
        return;
    mcts_close(player->search);
    for (int i = 0; i < player->config.search.threads; i++)
        evaluator_free(player->evaluators[i]);
    remember_close(player->config.remember);
    g_free(player);
}

void player_new_game(struct player *player, struct agent *agent)
{
    remember_new_game(player->config.remember);
    mcts_forget(player->search);
    mcts_set_root(player->search, agent->position, &agent->history);
    player->bad_moves = 0;
    player->reserve = (struct budget_reserve){0};
}

void player_moved(struct player *player, game_move move)
{
    mcts_advance(player->search, move);
}

static struct mcts_limits limits_of(const struct player *player, struct agent *agent, const struct agent_clock *clock,
                                    bool choosing)
{
    struct mcts_limits limits = {.early_stop = choosing};
    limits.time_ms = budget_plan_rest_ms(agent, clock, &player->reserve);
    limits.visits = clock->visits;
    if (!limits.time_ms && !limits.visits && choosing) {
        limits.time_ms = player->config.time_ms;
        limits.visits = player->config.visits;
    }
    return limits;
}

/* The visit limit applies to the root and so includes visits of a reused subtree, known only once a run has started.
 * Sequential halving instead allocates its whole budget of new visits at the start. Returns the new visits. */
static int64_t run(struct player *player, struct mcts_limits limits)
{
    struct mcts_root root;
    int64_t before = 0;
    if (player->config.reuse && player->config.search.selection == MCTS_PUCT && limits.visits > 1) {
        const struct mcts_limits first = {.visits = 1, .time_ms = limits.time_ms, .stop = limits.stop};
        const int64_t start_us = g_get_monotonic_time();
        mcts_run(player->search, &first);
        if (limits.time_ms)
            limits.time_ms = MAX(limits.time_ms - (g_get_monotonic_time() - start_us) / 1000, 1);
        mcts_root(player->search, &root);
        before = root.new_visits;
        limits.visits -= root.visits - 1; /* one is the root's own evaluation, which limits do not count */
        if (limits.visits <= 0)
            return before;
    }
    mcts_run(player->search, &limits);
    mcts_root(player->search, &root);
    return before + root.new_visits;
}

/* ---- time kept for moves that need it ---- */

static struct budget_outlook outlook_of(const struct mcts *search)
{
    struct mcts_move moves[2];
    struct mcts_root root;
    const int count = mcts_moves(search, moves, 2);
    mcts_root(search, &root);
    return (struct budget_outlook){.first = count > 0 ? moves[0].visits : 0,
                                   .second = count > 1 ? moves[1].visits : 0,
                                   .agreed = count > 0 && moves[0].move == mcts_choose(search, 0, NULL),
                                   .value = root.value};
}

/* After a search for a move within these limits that began at start_us: searches on while the result has not settled, and
 * keeps the time that is left. Returns the new visits. */
static int64_t run_on(struct player *player, const struct agent_clock *clock, struct mcts_limits limits,
                      int64_t start_us)
{
    const int64_t planned = limits.time_ms, spent = (g_get_monotonic_time() - start_us) / 1000;
    struct budget_outlook outlook = outlook_of(player->search);
    struct mcts_root root;
    mcts_root(player->search, &root);
    int64_t visits = 0;
    if (!limits.visits && !root.proven && root.moves > 1 && budget_unsettled(&player->reserve, &outlook)) {
        limits.time_ms = planned + budget_extra_ms(&player->reserve, clock, planned) - spent;
        if (limits.time_ms > 0) {
            mcts_run(player->search, &limits);
            mcts_root(player->search, &root);
            visits = root.new_visits;
        }
    }
    budget_settle(&player->reserve, clock, planned, (g_get_monotonic_time() - start_us) / 1000, root.value);
    return visits;
}

static bool seems_lost(struct player *player, float value)
{
    if ((value + 1) / 2 >= player->config.resign)
        player->bad_moves = 0;
    else
        player->bad_moves++;
    return player->bad_moves >= 2;
}

/* ---- analysis ---- */

struct watch {
    struct player *player;
    const struct game *game;
    const struct agent_analysis *analysis;
    const struct finish_count *count; /* NULL: something is left to play */
    int64_t start_us;
    uint64_t evaluations, steps; /* of the net, before the search */
};

/* Positions evaluated by the net so far, and the steps of its loop for them. */
static void count_work(const struct player *player, uint64_t *evaluations, uint64_t *steps)
{
    *evaluations = *steps = 0;
    for (int64_t i = 0; i < player->config.search.threads; i++) {
        *evaluations += evaluator_net_count(player->evaluators[i]);
        *steps += evaluator_net_steps(player->evaluators[i]);
    }
}

static float mean_steps(const struct watch *watch)
{
    uint64_t evaluations, steps;
    count_work(watch->player, &evaluations, &steps);
    return evaluations > watch->evaluations
               ? (float)((double)(steps - watch->steps) / (double)(evaluations - watch->evaluations))
               : 0;
}

static int list_candidates(const struct watch *watch, struct agent_candidate *candidates)
{
    const struct mcts *search = watch->player->search;
    const struct agent_analysis *analysis = watch->analysis;
    struct mcts_move moves[GAME_MAX_MOVES];
    int found = mcts_moves(search, moves, GAME_MAX_MOVES), count = 0;
    int max = analysis->candidates > 0 ? analysis->candidates : GAME_MAX_MOVES;
    for (int i = 0; i < found && count < max; i++) {
        if (analysis->allowed && !analysis->allowed[moves[i].move])
            continue;
        struct agent_candidate *to = &candidates[count++];
        *to = (struct agent_candidate){.move = moves[i].move,
                                       .visits = moves[i].visits,
                                       .prior = moves[i].prior,
                                       .value = moves[i].value,
                                       .draw = moves[i].draw,
                                       .lcb = moves[i].lcb,
                                       .score = moves[i].score,
                                       .proven = moves[i].proven};
        to->length = mcts_variation(search, to->move, to->line, to->line_visits, AGENT_MAX_LINE);
    }
    return count;
}

/* Puts the move that would be played first, whatever its visits. */
static void put_first(const struct watch *watch, struct agent_candidate *candidates, int count)
{
    game_move best = mcts_choose(watch->player->search, 0, NULL);
    for (int i = 1; i < count; i++)
        if (candidates[i].move == best) {
            struct agent_candidate chosen = candidates[i];
            memmove(candidates + 1, candidates, (size_t)i * sizeof *candidates);
            candidates[0] = chosen;
            return;
        }
}

static void report(void *data)
{
    const struct watch *watch = data;
    const struct mcts *search = watch->player->search;
    struct agent_candidate *candidates = g_new(struct agent_candidate, watch->game->moves);
    float map[GAME_MAX_POINTS];
    struct mcts_root root;
    mcts_root(search, &root);
    struct agent_report out = {.visits = root.visits,
                               .time_ms = (g_get_monotonic_time() - watch->start_us) / 1000,
                               .value = root.value,
                               .draw = root.wdl[1],
                               .score = root.score,
                               .raw_value = root.raw_wdl[0] - root.raw_wdl[2],
                               .raw_draw = root.raw_wdl[1],
                               .raw_score = root.raw_score,
                               .steps = mean_steps(watch),
                               .candidates = candidates};
    out.count = list_candidates(watch, candidates);
    put_first(watch, candidates, out.count);
    out.map = watch->analysis->map && mcts_map(search, map) ? map : NULL;
    if (watch->count)
        finish_report(watch->count, &out, candidates);
    watch->analysis->report(&out, watch->analysis->data);
    g_free(candidates);
}

static void choose_found(struct player *player, struct agent *agent, struct agent_choice *choice)
{
    struct mcts_root root;
    mcts_root(player->search, &root);
    choice->move = mcts_choose(player->search, (float)player->config.temperature, &agent->rng);
    if (choice->move == GAME_NO_MOVE) { /* stopped before the first visit: play any legal move */
        game_move moves[GAME_MAX_MOVES];
        int count = agent->game->ops->legal_moves(agent->game, agent->position, &agent->history, moves);
        choice->move = moves[rng_below(&agent->rng, (uint32_t)count)];
    }
    choice->value = root.value;
    if (player->config.resign > 0 && seems_lost(player, root.value))
        choice->action = AGENT_RESIGNS;
}

static void choose_pass(const struct agent *agent, float outcome, struct agent_choice *choice)
{
    choice->move = agent->game->pass;
    choice->value = outcome;
}

void player_analyse(struct player *player, struct agent *agent, const struct agent_clock *clock,
                    const struct agent_analysis *analysis, struct agent_choice *choice)
{
    static const struct agent_analysis none;
    struct finish_look look = {.taken = false};
    struct finish_count count;
    struct watch watch = {.player = player,
                          .game = agent->game,
                          .analysis = analysis ? analysis : &none,
                          .start_us = g_get_monotonic_time()};
    count_work(player, &watch.evaluations, &watch.steps);
    analysis = watch.analysis;
    atomic_store(&player->stop, false);
    evaluator_opponent_is(player->evaluators[0],
                          !agent->position->player); /* a known opponent is whoever is not to move */
    float outcome = 0;
    struct spare spare = {.kind = SPARE_NOTHING};
    struct mcts_limits limits = limits_of(player, agent, clock, choice != NULL);
    if (analysis->report && finish_counts(agent, limits.time_ms, &look, &count))
        watch.count = &count;
    const bool free = choice && !analysis->allowed;
    const bool passes = free && finish_passes(agent, limits.time_ms, &look, &outcome);
    if (free && (!passes || player->config.checks))
        spare_look(player->evaluators[0], agent, limits.time_ms, passes, outcome, &spare);
    const bool spares = spare.kind != SPARE_NOTHING;
    if (passes && !spares && !analysis->report) {
        choose_pass(agent, outcome, choice);
        return;
    }
    struct mcts_limits spared = {.time_ms = spares ? limits.time_ms / 4 : 0};
    limits.time_ms -= spared.time_ms;
    if (!player->config.reuse)
        mcts_forget(player->search);
    mcts_seed(player->search, rng_next(&agent->rng));
    mcts_allow(player->search, analysis->allowed);
    mcts_want_map(player->search, analysis->map || player->config.search.map);
    limits.stop = analysis->stop ? analysis->stop : &player->stop;
    if (analysis->report && analysis->interval_ms > 0) {
        limits.report = report;
        limits.report_ms = analysis->interval_ms;
        limits.data = &watch;
    }
    int64_t visits = run(player, limits);
    if (choice && limits.time_ms && player->config.hold)
        visits += run_on(player, clock, limits, watch.start_us);
    mcts_observe(player->search);
    if (analysis->report)
        report(&watch);
    if (!choice)
        return;
    choice->visits = visits;
    if (passes && !spares)
        choice->move = agent->game->pass;
    else
        choose_found(player, agent, choice);
    spared.stop = limits.stop;
    if (spares && choice->action == AGENT_PLAYS)
        choice->move = spare_choose(player->search, agent, spared, &spare, choice->move, &choice->visits);
    if (passes && choice->move == agent->game->pass)
        choose_pass(agent, outcome, choice);
    remember_chose(player->config.remember, agent, choice, MAX(visits, player->config.visits));
}

static struct remember_desk desk_of(const struct player *player)
{
    return (struct remember_desk){player->search, player->evaluators, player->config.search.threads};
}

bool player_finished(struct agent *agent, enum game_outcome outcome, const atomic_bool *stop, GError **error)
{
    struct player *player = agent->own;
    const struct remember_desk desk = desk_of(player);
    const bool good = remember_finished(player->config.remember, agent, outcome, &desk, stop, error);
    mcts_set_root(player->search, agent->position, &agent->history);
    return good;
}

bool player_study(struct agent *agent, const atomic_bool *stop, GError **error)
{
    struct player *player = agent->own;
    const struct remember_desk desk = desk_of(player);
    bool studied;
    const bool good = remember_study(player->config.remember, agent, &desk, stop, &studied, error);
    if (studied)
        mcts_set_root(player->search, agent->position, &agent->history);
    return good;
}

void player_stop(struct player *player)
{
    atomic_store(&player->stop, true);
}
