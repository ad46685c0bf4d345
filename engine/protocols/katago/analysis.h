/* KataGo's analysis protocol: queries and responses are JSON objects, one per line; responses come in any order.
 * KaTrain and other tools that review whole games use it instead of GTP.
 *
 *   stdin --reader thread--> lines --> queries --tasks, by priority--> workers, an agent each --> responses --> stdout
 *                              |                                          ^
 *                              `-- "terminate" stops a task --------------'
 *
 * The thread that calls analysis_serve reads queries (query.c) and runs actions (analysis.c). A query becomes a task
 * for each requested turn (queue.c). A worker sets up its position (position.c), has its agent search it (search.c) and
 * converts the agent's report to the response (answer.c). */
#ifndef TENGEN_ENGINE_PROTOCOLS_KATAGO_ANALYSIS_H
#define TENGEN_ENGINE_PROTOCOLS_KATAGO_ANALYSIS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* The perspective of win rates, scores and ownership. */
enum analysis_view { ANALYSIS_VIEW_BLACK, ANALYSIS_VIEW_WHITE, ANALYSIS_VIEW_MOVER };
/* Parses BLACK, WHITE or SIDETOMOVE, case-insensitively. Returns false for anything else. */
bool analysis_view_parse(const char *text, enum analysis_view *view);

enum { ANALYSIS_MAX_WORKERS = 64 };

struct analysis_config {
    const char *agent, *game; /* specs; size, komi and rules of the query override those of the game */
    uint64_t seed;
    int workers;             /* positions searched in parallel, 1 to ANALYSIS_MAX_WORKERS */
    int threads;             /* per search */
    int64_t visits, time_ms; /* for queries that do not specify them; time_ms 0: no limit */
    enum analysis_view view;
    bool quit_without_waiting; /* at the end of input, cancel queued and running tasks without a response */
};

struct analysis;
/* Creates a session and opens the first agent for the game, so that invalid specs are reported before a client
 * connects. Copies the agent spec; the game spec is only read during the call. Returns 0, or -1 with the error set. */
int analysis_create(struct analysis **out, const struct analysis_config *config, GError **error);
/* Runs queries from `in` and answers on `out` until the end of input. Ignores SIGPIPE from now on. Returns 0, or -1 if
 * the output was closed. */
int analysis_serve(struct analysis *analysis, int in, int out);
void analysis_close(struct analysis *analysis); /* may be NULL */

#endif
