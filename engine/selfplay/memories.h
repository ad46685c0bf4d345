/* Self-play games that begin where a player went wrong in a lost game (agents/memory): memory_share of the games begin at a lesson's
 * decision, or after the losing move there, until the net without search judges both right. Then the lesson is forgotten.
 *
 *   memories_draw    where a game begins, by its seed
 *   memories_judge   after each new net: which lessons it has learned
 *
 * (The analogy is replay from the hippocampus while the cortex learns: McClelland, McNaughton, O'Reilly 1995.)
 * Threads: memories_draw from any; memories_judge from one. */
#ifndef TENGEN_ENGINE_SELFPLAY_MEMORIES_H
#define TENGEN_ENGINE_SELFPLAY_MEMORIES_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "games/game.h"
#include "net/net.h"

struct memories;
struct record;
struct settings;

enum { MEMORIES_TIMES = 3 }; /* nets in a row that have to judge a lesson right */
#define MEMORIES_SURE 0.3f   /* value that a net has to find for the winner after the move that lost */

/* The lessons of settings->memory whose games are of one of these sizes. *out is NULL if memory_share is 0. settings and
 * games: borrowed. False with the error set if the file cannot be used. */
bool memories_open(struct memories **out, const struct settings *settings, const struct game *games, int count,
                   GError **error);
void memories_close(struct memories *memories); /* NULL is allowed */
int memories_count(struct memories *memories);
/* Whether the game with this seed begins at a memory; if so, *start is a game, with a reference for the caller, and *plies
 * the number of its plies before the position, at least 1. */
bool memories_draw(struct memories *memories, uint64_t seed, struct record **start, int *plies);
/* Has the net judge each lesson, without a search: whether it prefers the better move, where one is known, to the one that
 * lost, and knows the position after that to be lost. Lessons that MEMORIES_TIMES nets in a row judged right are forgotten,
 * also in the file. Returns their number, or -1 with the error set if the file could not be changed: they are judged
 * again. */
int memories_judge(struct memories *memories, struct net *net, enum net_backend backend, GError **error);

#endif
