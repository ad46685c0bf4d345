/* A match on several processes (engine/cluster/ranks.h): rank 0 has the schedule, the journal and the report, as match_run
 * does without others, and plays too; the other ranks play single games, with agents and programs that they start
 * themselves, and nets that rank 0 sends them.
 *
 *   rank 0:  match_run -- schedule --> next game ...... --> records, journal --> commits
 *   others:                               | pairing, opening        ^ moves, result
 *                                         +--> match_rank_play -----+ */
#ifndef TENGEN_ENGINE_MATCH_RANKS_RANKS_H
#define TENGEN_ENGINE_MATCH_RANKS_RANKS_H

#include <glib.h>
#include <stdbool.h>

struct cluster_worker;
struct match;
struct match_settings;
struct match_setup;
struct message_reader;

/* ---- rank 0 ---- */

/* The first field of the message by which ranks are told to play games of a match. */
#define MATCH_WORK "match"
/* Makes the match be played on the other ranks, too: fills in setup->config.welcome, for match_run; freed by
 * match_setup_clear. settings: those that the setup was made with. False with the error set if a net cannot be read. */
bool match_setup_ranks(struct match_setup *setup, const struct match_settings *settings, GError **error);

/* Of match_run: the other ranks play from now on, until there is nothing left to play, or the match is stopped, and no worker
 * of this process runs. */
struct match_ranks;
struct match_ranks *match_ranks_start(struct match *match);
/* Waits until everything that was finished is in the records and the journal. NULL is fine. */
void match_ranks_stop(struct match_ranks *ranks);

/* ---- other ranks ---- */

/* Plays what rank 0 hands out, after MATCH_WORK has been read from its message. threads: 0 for as many as the tournament file says,
 * or as there are cores for this rank. Returns once rank 0 wants no more. Failures are told to rank 0. */
void match_rank_play(struct cluster_worker *worker, struct message_reader *fields, int threads);

#endif
