/* The Gomocup (Piskvork) protocol, engine side, with the Yixin extensions that graphical interfaces use.
 *
 *   stdin --reader thread--> lines --> dispatch table --> session: board, limits, agent --> stdout
 *
 * x is the column and y the row, both from 0 at the top left, like the numbering of points in a game. The manager is
 * the program at the other end, which runs the game; a move that it sends by TURN is the opponent's, whoever is to move by
 * the stones on the board. Basic commands are in gomocup.c, INFO in info.c, BOARD in board.c,
 * the search in think.c, swap2 in swap.c, Yixin's commands in yixin.c. */
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
/* Creates a session and opens the agent for a 15x15 board, so that an invalid spec is reported before a manager
 * connects. Copies the spec. Returns 0, or -1 with the error set. */
int gomocup_create(struct gomocup **out, const struct gomocup_config *config, GError **error);
/* Runs commands from `in` and answers on `out` until END or the end of input. Ignores SIGPIPE from now on. Returns 0,
 * or -1 if the output was closed. */
int gomocup_serve(struct gomocup *gomocup, int in, int out);
void gomocup_close(struct gomocup *gomocup); /* may be NULL */

#endif
