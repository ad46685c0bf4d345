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

/* ---- the reserve ---- */

enum { KEPT_MAIN_PART = 4, KEPT_MOVES = 8, EXTRA_PLANS = 2 };
/* How close the second move has to come in visits, and how far the value has to fall. */
static const double close_share = 0.6, fall = 0.1;

/* The most that may be kept if the clock, when the move is over, has so much less main time. */
static int64_t most_kept_ms(const struct agent_clock *clock, int64_t planned_ms, int64_t spent_ms)
{
    if (clock->main_ms > 0)
        return MAX(clock->main_ms - spent_ms, 0) / KEPT_MAIN_PART;
    return agent_clock_limit_ms(clock) > 0 ? 0 : planned_ms * KEPT_MOVES;
}

int64_t budget_plan_rest_ms(const struct agent *agent, const struct agent_clock *clock,
                            const struct budget_reserve *reserve)
{
    struct agent_clock rest = *clock;
    rest.main_ms -= MIN(reserve->kept_ms, most_kept_ms(clock, 0, 0));
    return budget_plan_ms(agent, &rest);
}

int64_t budget_extra_ms(const struct budget_reserve *reserve, const struct agent_clock *clock, int64_t planned_ms)
{
    int64_t extra = MIN(reserve->kept_ms, most_kept_ms(clock, planned_ms, 0)) / 2;
    extra = MIN(extra, EXTRA_PLANS * planned_ms);
    return clock->move_ms > 0 ? MIN(extra, MAX(clock->move_ms - BUDGET_LAG_MS - planned_ms, 0)) : extra;
}

bool budget_unsettled(const struct budget_reserve *reserve, const struct budget_outlook *outlook)
{
    return !outlook->agreed || (double)outlook->second >= close_share * (double)outlook->first ||
           (reserve->moved && (double)reserve->value - (double)outlook->value >= fall);
}

void budget_settle(struct budget_reserve *reserve, const struct agent_clock *clock, int64_t planned_ms,
                   int64_t spent_ms, float value)
{
    const int64_t kept = reserve->kept_ms + planned_ms - spent_ms;
    reserve->kept_ms = CLAMP(kept, 0, most_kept_ms(clock, planned_ms, spent_ms));
    reserve->moved = true;
    reserve->value = value;
}
