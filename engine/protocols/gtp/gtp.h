/* The Go Text Protocol, version 2 (draft 2, Farnebäck 2002), with the extensions that clients use: the analysis
 * commands of Leela Zero, KataGo and Sabaki, and commands of GoGui, KGS and CGOS. All games can be played over it, not
 * only Go.
 *
 *   stdin --reader thread--> lines --> dispatch table --> session: board, clocks, agent --> stdout
 *              |                                                    |
 *              `-- any input stops an analysis, "# interrupt" stops a search
 *
 * A reader thread reads the input; the thread that calls gtp_serve runs commands and the agent. Each command is a row
 * of a table in the file of its topic. */
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
/* Creates a session and opens the agent for the game, so that invalid specs are reported before a client connects.
 * Copies the agent spec; the game spec is only read during the call. Returns 0, or -1 with the error set. */
int gtp_create(struct gtp **out, const struct gtp_config *config, GError **error);
/* Runs commands from `in` and answers on `out` until quit or the end of input. Ignores SIGPIPE from now on. Returns 0,
 * or -1 if the output was closed. */
int gtp_serve(struct gtp *gtp, int in, int out);
void gtp_close(struct gtp *gtp); /* may be NULL */

#endif
