/* The Gomocup (Piskvork) protocol, from the brain's side, with the extensions of Yixin that boards use.
 *
 *   stdin --reader thread--> lines --> dispatch table --> session: board, limits, agent --> stdout
 *
 * x is the column and y the row, both from 0 at the top left, as a game's points are numbered. The commands of the
 * protocol are in gomocup.c, what managers set by INFO in info.c, boards that are sent whole in
 * board.c, thinking in think.c, swap2 in swap.c, Yixin's commands in yixin.c. */
#ifndef TENGEN_ENGINE_PROTOCOLS_GOMOCUP_GOMOCUP_H
#define TENGEN_ENGINE_PROTOCOLS_GOMOCUP_GOMOCUP_H

#include <glib.h>
#include <stdint.h>

struct gomocup_config {
    const char *agent; /* spec */
    uint64_t seed;
    int threads;
};

struct gomocup;
/* Opens the agent on a board of 15, so that a wrong spec is known before a manager waits. 0, or -1 with the error. */
int gomocup_create(struct gomocup **out, const struct gomocup_config *config, GError **error);
/* Answers from `in` on `out` until END or the end of input. 0, or -1 when the output was closed. */
int gomocup_serve(struct gomocup *gomocup, int in, int out);
void gomocup_close(struct gomocup *gomocup); /* NULL is fine */

#endif
