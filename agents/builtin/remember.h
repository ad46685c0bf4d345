/* A player's memory of the games it lost (agents/memory): notes its choices during a game, and studies a lost one. */
#ifndef TENGEN_AGENTS_BUILTIN_REMEMBER_H
#define TENGEN_AGENTS_BUILTIN_REMEMBER_H

#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "games/game.h"

struct agent;
struct agent_choice;
struct evaluator;
struct mcts;
struct net;
struct remember;

/* Opens the file and puts a memory on top of the evaluator, of which it takes ownership. Where the file cannot be used,
 * agent->memory_problem says why, and the player plays without. Returns NULL, with the evaluator left as it is, then and
 * for the path "none". net: whose memories are the newest; borrowed. */
struct remember *remember_open(struct agent *agent, const char *path, const struct net *net,
                               struct evaluator **evaluator);
void remember_close(struct remember *remember); /* NULL is allowed, here and below */

/* Takes up what other processes learned. Before the searches of a new game. */
void remember_new_game(struct remember *remember);
/* Notes what was chosen in agent->position, and sets agent->recalled. visits: of the search. */
void remember_chose(struct remember *remember, struct agent *agent, const struct agent_choice *choice, int64_t visits);
/* Where a player studies: its search, whose tree is discarded, and its evaluators. */
struct remember_desk {
    struct mcts *search;
    struct evaluator *const *evaluators;
    int threads; /* number of evaluators */
};
/* Like agent_finished. */
bool remember_finished(struct remember *remember, const struct agent *agent, enum game_outcome outcome,
                       const struct remember_desk *desk, const atomic_bool *stop, GError **error);
/* Like agent_study. *studied: whether there was a game to study, so that the desk was used. */
bool remember_study(struct remember *remember, const struct agent *agent, const struct remember_desk *desk,
                    const atomic_bool *stop, bool *studied, GError **error);

#endif
