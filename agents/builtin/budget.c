#include "agents/builtin/budget.h"

#include <glib.h>

#include "agents/agent.h"
#include "games/game.h"

/* A move takes some time even if it is played at once. This much is reserved for each move that the board still allows, up
 * to a quarter of the main time in all. */
enum { INSTANT_MS = 5 };

static int64_t reserve_ms(const struct agent *agent, const struct agent_clock *clock)
{
    const int moves = MAX(agent->game->points - agent->position->ply, 0) / 2;
    return MIN((int64_t)INSTANT_MS * moves, clock->main_ms / 4);
}

/* The main time for one move, so that on average each of the moves to come can take as much. cost_ms: what each of them
 * takes besides thinking. */
static int64_t share_ms(const struct agent *agent, const struct agent_clock *clock, int64_t cost_ms)
{
    const int moves = (game_plies_left(agent->game, agent->position) + 1) / 2;
    const int64_t spare = clock->main_ms - reserve_ms(agent, clock);
    int64_t used = MAX(spare / moves - cost_ms, 0), limit = used * 100 / (100 - agent->game->ops->unused_percent);
    /* However few moves are expected, more may follow: at most a third of the time. */
    return MIN(limit, spare / 3);
}

/* The share of the main time, and what renews itself: the increment, or a period's time per move, which may be used from
 * the start. Never so much that the clock runs out. */
static int64_t plan_game_ms(const struct agent *agent, const struct agent_clock *clock)
{
    int64_t gain = clock->increment_ms * 9 / 10 - BUDGET_LAG_MS, max = clock->main_ms;
    int64_t budget = share_ms(agent, clock, MAX(-gain, 0)) + MAX(gain, 0);
    if (clock->byo_moves > 0) {
        int64_t each = clock->byo_ms / MAX(clock->byo_moves, 1);
        budget = MAX(budget, each - BUDGET_LAG_MS);
        max += each;
    } else if (max <= 0) {
        max = clock->increment_ms;
    }
    return MAX(MIN(budget, max - BUDGET_LAG_MS), 1);
}

int64_t budget_plan_ms(const struct agent *agent, const struct agent_clock *clock)
{
    int64_t budget = 0;
    if (clock->main_ms > 0 || clock->increment_ms > 0 || clock->byo_moves > 0)
        budget = plan_game_ms(agent, clock);
    if (clock->move_ms > 0) {
        int64_t move = MAX(clock->move_ms - BUDGET_LAG_MS, 1);
        budget = budget ? MIN(budget, move) : move;
    }
    return budget;
}
