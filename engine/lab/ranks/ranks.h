/* A lab on several processes (engine/cluster/ranks.h): its arms are trained by whichever rank is free, a slice at a time, and
 * the final nets play each other on all ranks (engine/match/ranks/). Rank 0 has the ledger, the measures and the report.
 *
 * All ranks write into the lab's folder, each into the run of the arm that it trains, so that nothing has to travel, and a
 * rank that dies leaves its run as a kill leaves it in one process: with all that was committed. */
#ifndef TENGEN_ENGINE_LAB_RANKS_RANKS_H
#define TENGEN_ENGINE_LAB_RANKS_RANKS_H

#include <glib.h>
#include <stdio.h>

#include "engine/lab/lab.h"

struct cluster_worker;
struct message_reader;

/* The first field of the message by which ranks are told to train. */
#define LAB_WORK "lab"

/* Rank 0: does what lab_train does, on all ranks of lab->cluster. */
enum lab_end lab_train_on_ranks(struct lab *lab, FILE *out, GError **error);

/* Other ranks: train what rank 0 hands out, after LAB_WORK has been read from its message. threads: 0 for as many as there are
 * cores for this rank. Returns once rank 0 wants no more. Failures are told to rank 0. From the main thread. */
void lab_rank_train(struct cluster_worker *worker, struct message_reader *fields, int threads);

/* ---- both sides (bytes.c) ---- */

struct ledger_progress;
void lab_put_progress(GByteArray *message, const struct ledger_progress *progress);
/* If the message is too short, fields->good becomes false, and what is missing is 0. Other damage is not noticed. */
void lab_take_progress(struct message_reader *fields, struct ledger_progress *progress);
/* A file in the lab's folder by which ranks find out whether they see the same one; freed by the caller. */
char *lab_mark_path(const char *folder);

#endif
