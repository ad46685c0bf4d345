/* Plays uniformly random moves: the simplest agent. Excludes moves that the game prunes (in Go, filling one's own eye),
 * and passes only if no other move is left: otherwise games would never end, or end immediately. */
#include "agents/agent.h"
#include "games/game.h"

static bool open_random(struct agent *agent, const char *argument, GError **error)
{
    (void)agent;
    if (!*argument)
        return true;
    g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC, "random takes no argument, not \"%s\"", argument);
    return false;
}

static bool choose(struct agent *agent, const struct agent_clock *clock, struct agent_choice *choice, GError **error)
{
    (void)clock, (void)error;
    const struct game *game = agent->game;
    game_move moves[GAME_MAX_MOVES];
    uint8_t keep[GAME_MAX_MOVES];
    int count = game->ops->legal_moves(game, agent->position, &agent->history, moves), good = 0;
    bool points_only = false, can_pass = game->pass != GAME_NO_MOVE;
    memset(keep, 1, sizeof keep);
    if (game->ops->prune)
        game->ops->prune(game, agent->position, keep);
    for (int i = 0; i < count && can_pass; i++)
        points_only |= keep[moves[i]] && moves[i] < game->points;
    for (int i = 0; i < count; i++)
        if (keep[moves[i]] && (moves[i] < game->points || !points_only))
            moves[good++] = moves[i];
    choice->move = moves[rng_below(&agent->rng, (uint32_t)(good ? good : count))];
    return true;
}

const struct agent_ops agent_random_ops = {
    .name = "random",
    .usage = "random",
    .summary = "uniformly random moves",
    .open = open_random,
    .choose = choose,
};
