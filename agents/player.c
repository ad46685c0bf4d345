#include "agents/player.h"

#include <math.h>

struct player {
    struct player_config config;
    struct evaluator *evaluators[PLAYER_MAX_THREADS];
    struct mcts *search;
    atomic_bool stop;
    int bad_moves; /* how many own moves in a row seemed lost */
};

int player_create(struct player **out, struct agent *agent, const struct player_config *config,
                  struct evaluator *const *evaluators, GError **error)
{
    struct player *player = g_new0(struct player, 1);
    player->config = *config;
    for (int i = 0; i < config->search.threads; i++)
        player->evaluators[i] = evaluators[i];
    *out = NULL;
    if (mcts_create(&player->search, agent->game, &config->search, evaluators, error) < 0) {
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
    g_free(player);
}

void player_new_game(struct player *player, struct agent *agent)
{
    mcts_forget(player->search);
    mcts_set_root(player->search, agent->position, &agent->history);
    player->bad_moves = 0;
}

void player_moved(struct player *player, game_move move)
{
    mcts_advance(player->search, move);
}

int64_t player_budget_ms(const struct agent *agent, const struct agent_clock *clock)
{
    enum { LAG_MS = 30 }; /* between our answer and the clock's stop */
    int64_t budget = 0;
    if (clock->main_ms > 0 || clock->increment_ms > 0) {
        /* Plies still to come: about three quarters of the board in all, and never so few that the clock runs out. */
        int left = MAX(agent->game->points * 3 / 4 - agent->position->ply, 24) / 2;
        budget = clock->main_ms / left + clock->increment_ms * 9 / 10;
        budget = MIN(budget, MAX(clock->main_ms + clock->increment_ms - LAG_MS, 0));
        budget = MAX(budget - LAG_MS, 1);
    }
    if (clock->move_ms > 0) {
        int64_t move = MAX(clock->move_ms - LAG_MS, 1);
        budget = budget ? MIN(budget, move) : move;
    }
    return budget;
}

game_move player_winning_pass(const struct agent *agent)
{
    const struct game *game = agent->game;
    game_move pass = game_move_parse(game, "pass");
    if (pass == GAME_NO_MOVE || agent->position->ply == 0 || agent->position->recent[0] != pass ||
        !game->ops->legal(game, agent->position, &agent->history, pass))
        return GAME_NO_MOVE;
    union any_position next;
    game_copy(game, &next.p, agent->position);
    game->ops->play(game, &next.p, &agent->history, pass);
    if (!game_over(&next.p))
        return GAME_NO_MOVE;
    struct game_result result = game_result(game, &next.p);
    return game_result_sign(&result, agent->position->player) > 0 ? pass : GAME_NO_MOVE;
}

static struct mcts_limits limits_of(struct player *player, struct agent *agent, const struct agent_clock *clock)
{
    struct mcts_limits limits = {.stop = &player->stop, .early_stop = true};
    limits.time_ms = player_budget_ms(agent, clock);
    limits.visits = clock->visits;
    if (!limits.time_ms && !limits.visits) {
        limits.time_ms = player->config.time_ms;
        limits.visits = player->config.visits;
    }
    return limits;
}

/* Visits are the root's, so those that a kept subtree brings along count; only a run under way knows them. Sequential
 * halving is different: it plans its whole budget at the start, all of it new. Returns the new visits. */
static int64_t run(struct player *player, struct mcts_limits limits)
{
    struct mcts_root root;
    int64_t before = 0;
    if (player->config.reuse && player->config.search.selection == MCTS_PUCT && limits.visits > 1) {
        const struct mcts_limits first = {.visits = 1, .stop = limits.stop};
        mcts_run(player->search, &first);
        mcts_root(player->search, &root);
        before = root.new_visits;
        limits.visits -= root.visits - 1; /* one is the root's own evaluation, which no limit counts */
        if (limits.visits <= 0)
            return before;
    }
    mcts_run(player->search, &limits);
    mcts_root(player->search, &root);
    return before + root.new_visits;
}

static bool seems_lost(struct player *player, float value)
{
    if ((value + 1) / 2 >= player->config.resign)
        player->bad_moves = 0;
    else
        player->bad_moves++;
    return player->bad_moves >= 2;
}

void player_choose(struct player *player, struct agent *agent, const struct agent_clock *clock,
                   struct agent_choice *choice)
{
    atomic_store(&player->stop, false);
    choice->move = player_winning_pass(agent);
    if (choice->move != GAME_NO_MOVE) {
        choice->value = 1;
        return;
    }
    if (!player->config.reuse)
        mcts_forget(player->search);
    mcts_seed(player->search, rng_next(&agent->rng));
    choice->visits = run(player, limits_of(player, agent, clock));
    struct mcts_root root;
    mcts_root(player->search, &root);
    choice->move = mcts_choose(player->search, (float)player->config.temperature, &agent->rng);
    if (choice->move == GAME_NO_MOVE) { /* stopped before the first visit: any legal move will do */
        game_move moves[GAME_MAX_MOVES];
        int count = agent->game->ops->legal_moves(agent->game, agent->position, &agent->history, moves);
        choice->move = moves[rng_below(&agent->rng, (uint32_t)count)];
    }
    choice->value = root.value;
    if (player->config.resign > 0 && seems_lost(player, root.value))
        choice->action = AGENT_RESIGNS;
}

void player_stop(struct player *player)
{
    atomic_store(&player->stop, true);
}
