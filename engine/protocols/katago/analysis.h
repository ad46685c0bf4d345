/* KataGo's analysis protocol: positions asked for and answered as JSON, one object a line, in any order. What KaTrain
 * and other tools that review whole games start instead of GTP.
 *
 *   stdin --reader thread--> lines --> queries --tasks, by priority--> workers, an agent each --> answers --> stdout
 *                              |                                          ^
 *                              `-- "terminate" stops a task --------------'
 *
 * The thread that calls analysis_serve reads queries (query.c) and runs actions (analysis.c); a query is a
 * task for each turn that it wants (queue.c), whose position a worker builds (position.c) and has its
 * agent search; what the agent reports becomes the answer (answer.c). */
#ifndef TENGEN_ENGINE_PROTOCOLS_KATAGO_ANALYSIS_H
#define TENGEN_ENGINE_PROTOCOLS_KATAGO_ANALYSIS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* From whose view winning chances, scores and ownership are told. */
enum analysis_view { ANALYSIS_VIEW_BLACK, ANALYSIS_VIEW_WHITE, ANALYSIS_VIEW_MOVER };
bool analysis_view_parse(const char *text, enum analysis_view *view); /* BLACK, WHITE, SIDETOMOVE, in any case */

enum { ANALYSIS_MAX_WORKERS = 64 };

struct analysis_config {
    const char *agent, *game; /* specs; the game's size, komi and rules give way to the query's */
    uint64_t seed;
    int workers;             /* positions searched at once */
    int threads;             /* of each search */
    int64_t visits, time_ms; /* of a query that names none; time 0: no limit */
    enum analysis_view view;
    bool hurry; /* the end of input ends what is queued and under way, without an answer */
};

struct analysis;
/* Opens the first agent for the game, so that a wrong spec is known before a client waits. 0, or -1 with the error set.
 */
int analysis_create(struct analysis **out, const struct analysis_config *config, GError **error);
/* Answers queries from `in` on `out` until the end of input. 0, or -1 when the output was closed. */
int analysis_serve(struct analysis *analysis, int in, int out);
void analysis_close(struct analysis *analysis); /* NULL is fine */

#endif
