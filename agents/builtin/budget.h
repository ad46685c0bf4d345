/* Time planning: how much of a clock the next move may take.
 *
 * Main time is divided by the number of own moves that the game is expected to last: see game_plies_left. It is divided
 * anew for each move, so that what one move leaves over serves those after it, and a long game does not run dry. Where
 * searches are known to leave time unused (game_ops.unused_percent), a move may take more than its share. */
#ifndef TENGEN_AGENTS_BUILTIN_BUDGET_H
#define TENGEN_AGENTS_BUILTIN_BUDGET_H

#include <stdint.h>

struct agent;
struct agent_clock;

enum {
    BUDGET_LAG_MS = 30, /* kept back from each move: the delay between our reply and the stop of the clock */
};

/* The time for the next move in milliseconds, at least 1; 0: no time limit. */
int64_t budget_plan_ms(const struct agent *agent, const struct agent_clock *clock);

#endif
