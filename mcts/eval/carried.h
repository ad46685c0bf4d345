/* The state that a net has carried along the moves of a game, for the net evaluator: see net/graph/blocks/lstm.c.
 *
 *   start --move--> ... --move--> [ the last net_moves positions ] --move--> root --search--> position that is asked for
 *                                   state: 0 -> ... -> the root's, which serves all positions below
 *
 * The state depends only on the moves played up to the root: the positions are found by replaying the moves in a query's history.
 * If these do not lead to the root, because stones were set up or the turn was changed on the way, nothing is carried. Nodes that a
 * search keeps when its root advances were evaluated with the old root's state. A state belongs to one thread. */
#ifndef TENGEN_MCTS_EVAL_CARRIED_H
#define TENGEN_MCTS_EVAL_CARRIED_H

#include <stdint.h>

struct carried;
struct eval_query;
struct game;
struct game_features;
struct net;
struct net_runner;

/* A hash of the moves that were played up to the root of a query, with those boards; 0 if there were none. Any thread. */
uint64_t carried_key(const struct eval_query *query);

struct carried *carried_new(void);
void carried_free(struct carried *carried); /* NULL is allowed */
/* The state with which a net that carries one (net_moves) sees a query's position under a symmetry; NULL: none. Valid until the
 * next call. Computed once for each root and symmetry, with as many passes of the runner as the net has moves. */
const float *carried_state(struct carried *carried, struct net_runner *runner, const struct net *net,
                           const struct game *game, const struct game_features *features,
                           const struct eval_query *query, int symmetry);

#endif
