/* Time planning: how much of a clock the next move may take.
 *
 * Main time is divided by the number of own moves that the game is expected to last: see game_plies_left. It is divided
 * anew for each move, so that what one move leaves over serves those after it, and a long game does not run dry. Where
 * searches are known to leave time unused (game_ops.unused_percent), a move may take more than its share. */
#ifndef TENGEN_AGENTS_BUILTIN_BUDGET_H
#define TENGEN_AGENTS_BUILTIN_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

struct agent;
struct agent_clock;

enum {
    BUDGET_LAG_MS = 30, /* kept back from each move: the delay between our reply and the stop of the clock */
};

/* The time for the next move in milliseconds, at least 1; 0: no time limit. */
int64_t budget_plan_ms(const struct agent *agent, const struct agent_clock *clock);

/* ---- time kept for moves that need it ----
 *
 * A search that stops early leaves time unused. Without a reserve all later moves share it; with one it is kept for moves
 * whose search has not settled when its time is up: such a move gets up to half of the reserve, and at most three times
 * the planned time in all. Only time that can be saved goes into the reserve: main time, or the agent's own time per move,
 * which thus becomes an average; not byo-yomi or a limit per move. The reserve holds at most a quarter of the main time,
 * or eight moves' time; the rest is shared among all moves as usual. */

struct budget_reserve { /* of one game; zeroed at its start */
    int64_t kept_ms;
    bool moved;  /* there was an own move */
    float value; /* of the search for it, -1 .. 1 for the player */
};
/* What a search has found about the move to play. */
struct budget_outlook {
    int64_t first, second; /* visits of the two most visited moves */
    bool agreed;           /* the most visited one is to be played */
    float value;           /* of the position, -1 .. 1 for the player */
};

/* Like budget_plan_ms, but leaves what is kept. */
int64_t budget_plan_rest_ms(const struct agent *agent, const struct agent_clock *clock,
                            const struct budget_reserve *reserve);
/* The time that the move may take beyond planned_ms if it has not settled. planned_ms: of the clock, or if that sets no
 * limit, the agent's own time per move. */
int64_t budget_extra_ms(const struct budget_reserve *reserve, const struct agent_clock *clock, int64_t planned_ms);
/* Whether the search should go on: another move has nearly as many visits or looks better with fewer, or the value has
 * fallen since the own move before. */
bool budget_unsettled(const struct budget_reserve *reserve, const struct budget_outlook *outlook);
/* After a move: keeps what it left of planned_ms, or takes off what it took beyond. value: as in budget_outlook. */
void budget_settle(struct budget_reserve *reserve, const struct agent_clock *clock, int64_t planned_ms,
                   int64_t spent_ms, float value);

#endif
