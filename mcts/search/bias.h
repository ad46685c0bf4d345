/* clang-format off */
/* Subtree value bias correction (KataGo, docs/KataGoMethods.md): an evaluation is corrected by the errors that the search
 * has seen in evaluations after the same local play.
 *
 *   position --last two moves, 5x5 points around the last--> key --> bucket: mean error, weighted by below^0.8
 *
 * The error of a node is its raw value minus the mean value of the visits below it; below: their number. A node's own
 * evaluation counts in its sums as raw value - config.value_bias * the bucket's mean error, brought up to date whenever a
 * playout passes through the node. Errors are from the view of player 0; the key says who moved.
 *
 * The table has a fixed size. A key that finds no room has no bucket, and its nodes count with their raw values. */
/* clang-format on */
#ifndef TENGEN_MCTS_SEARCH_BIAS_H
#define TENGEN_MCTS_SEARCH_BIAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct game;
struct mcts;
struct mcts_config;
struct position;

struct bias;

/* Size of the table; 0 if the search does without. Its nodes have a struct node_extra. */
size_t bias_bytes(const struct mcts_config *config);
/* An empty table; NULL for 0 bytes, or if the system refuses the memory: then the search does without. shared: several
 * threads call bias_update. */
struct bias *bias_create(size_t bytes, bool shared);
void bias_close(struct bias *bias); /* NULL is allowed */
/* Exclusive. Empties the table; NULL is allowed. */
void bias_forget(struct bias *bias);
/* Exclusive. Rebuilds the table from the nodes that are still in the tree; does nothing without a table. */
void bias_rebuild(struct mcts *search);
/* Exclusive. Verifies that each bucket holds what the nodes of the tree contribute; NULL if so, or without a table. */
const char *bias_check(const struct mcts *search);

/* The key of a position; 0 only if no move led to it. */
uint64_t bias_key(const struct game *game, const struct position *position);

/* The change in the node's sums, and in those of all its ancestors, made by a new correction. In TREE_VALUE_ONE. */
struct bias_shift {
    int64_t value, square;
};
/* After a visit of the node has been added to its sums: updates its bucket and its correction. Any thread that is in the
 * tree and holds no node lock. */
struct bias_shift bias_update(struct mcts *search, uint32_t index);

#endif
