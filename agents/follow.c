/* Bringing an agent to a position: by sending further moves, or by a new game. */
#include <string.h>

#include "agents/agent.h"
#include "games/game.h"

/* Whether the agent's game started from this position, without history, and its moves are a prefix of `moves`. */
static bool is_prefix(const struct agent *agent, const struct position *start, const game_move *moves, int count)
{
    int sent = (int)agent->moves->len;
    return agent->start_plies == 0 && sent > 0 && sent <= count &&
           memcmp(agent->start, start, agent->game->position_bytes) == 0 &&
           memcmp(agent->moves->data, moves, sizeof *moves * (size_t)sent) == 0;
}

bool agent_follow(struct agent *agent, const struct position *start, const game_move *moves, int count, uint64_t seed,
                  GError **error)
{
    union any_position first;
    if (start)
        game_copy(agent->game, &first.p, start);
    else
        game_init(agent->game, &first.p);
    if (!(seed == agent->seed && is_prefix(agent, &first.p, moves, count)) &&
        !agent_start_from(agent, &first.p, NULL, seed, error))
        return false;
    for (int i = (int)agent->moves->len; i < count; i++)
        if (!agent_moved(agent, moves[i], error))
            return false;
    return true;
}

bool agent_start_from(struct agent *agent, const struct position *position, const struct history *history,
                      uint64_t seed, GError **error)
{
    static const struct history none;
    if (!agent_new_game(agent, seed, error))
        return false;
    bool reached =
        (!history || history->count == 0) && memcmp(agent->position, position, agent->game->position_bytes) == 0;
    return reached || agent_set_position(agent, position, history ? history : &none, error);
}
