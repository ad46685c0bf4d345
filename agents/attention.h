/* What a net's attention looks at, for display. One thread at a time. */
#ifndef TENGEN_AGENTS_ATTENTION_H
#define TENGEN_AGENTS_ATTENTION_H

#include <glib.h>
#include <stdbool.h>

struct game;
struct history;
struct net_head;
struct position;
struct attention;

/* Loads a net, as in net:NET. False with the error set if it cannot be loaded or does not play the game, or has no block with
 * attention. */
bool attention_open(struct attention **out, const char *net, const struct game *game, GError **error);
void attention_close(struct attention *attention); /* NULL is allowed */
/* The number of heads, at least 1, in the order of the trunk; and which one the i-th is. */
int attention_heads(const struct attention *attention);
void attention_head(const struct attention *attention, int i, struct net_head *head);
/* How much the i-th head attends to each point from `point`, [points], the sum being 1. Evaluates the net when the point, the
 * position or the game differs from those of the last call. game: on a board of any size that the game allows, with the options of the
 * position. Valid until the next call. */
const float *attention_look(struct attention *attention, const struct game *game, const struct position *position,
                            const struct history *history, int point, int i);

#endif
