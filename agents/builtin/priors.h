/* The moves of a position by an evaluator's policy alone, for players and analyses without a search. */
#ifndef TENGEN_AGENTS_BUILTIN_PRIORS_H
#define TENGEN_AGENTS_BUILTIN_PRIORS_H

#include <stdint.h>

struct agent;
struct agent_candidate;
struct eval;

/* Fills candidates[game->moves] with the sensible moves of the agent's position that are allowed (a byte for each move; NULL:
 * all), sorted by prior; if there are none, with all that are allowed. Returns their number. */
int priors_list(const struct agent *agent, const struct eval *eval, const uint8_t *allowed,
                struct agent_candidate *candidates);

#endif
