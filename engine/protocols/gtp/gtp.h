/* The Go Text Protocol, version 2 (draft 2, Farnebäck 2002), with the extensions that clients use: Leela Zero's,
 * KataGo's and Sabaki's analysis, GoGui's, KGS's and CGOS's commands. Gomoku is played over it as well.
 *
 *   stdin --reader thread--> lines --> dispatch table --> session: board, clocks, agent --> stdout
 *              |                                                    |
 *              `-- next byte stops an analysis, "# interrupt" ends a search soon
 *
 * One thread reads, the one that calls gtp_serve runs commands and the agent; each command is one row of a table in the
 * gtp_*.c file of its topic. */
#ifndef TENGEN_ENGINE_PROTOCOLS_GTP_GTP_H
#define TENGEN_ENGINE_PROTOCOLS_GTP_GTP_H

#include <glib.h>
#include <stdint.h>

struct gtp_config {
    const char *agent, *game; /* specs */
    uint64_t seed;
    int threads;
};

struct gtp;
/* Opens the agent for the game, so that a wrong spec is known before a client waits. 0, or -1 with the error set. */
int gtp_create(struct gtp **out, const struct gtp_config *config, GError **error);
/* Answers commands from `in` on `out` until quit or the end of input. 0, or -1 when the output was closed. */
int gtp_serve(struct gtp *gtp, int in, int out);
void gtp_close(struct gtp *gtp); /* NULL is fine */

#endif
