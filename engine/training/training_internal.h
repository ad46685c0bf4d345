/* Shared by the loops of training.c (threads), rounds.c (deterministic) and stored.c (stored games), and by what serves them. */
#ifndef TENGEN_ENGINE_TRAINING_TRAINING_INTERNAL_H
#define TENGEN_ENGINE_TRAINING_TRAINING_INTERNAL_H

#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/selfplay/selfplay.h"
#include "engine/training/learner.h"
#include "engine/training/training.h"

struct learner;
struct memories;
struct net;
struct start_archive;
struct store_checkpoint;

/* Monotonic time in seconds, from an arbitrary origin, less what the process was stopped for. */
double training_clock(void);
/* To be called several times a second by one thread, and once when a session begins (training_watch_stops): notices when the process was
 * stopped (SIGSTOP, Ctrl-Z) for more than two seconds since the last call of either. Time in which it computes is never mistaken for a
 * stop. */
void training_watch_stops(void);
void training_notice_stops(void);
/* Seconds of processor time of all threads of this process, and of the calling thread. */
double training_processor_clock(void);
double training_thread_clock(void);
/* The time that options->seconds limits, in seconds, from an arbitrary origin. */
double training_limited_clock(const struct training_options *options);
/* Seconds of work to be stored with checkpoints. started: by training_clock; began: by training_limited_clock. */
double training_worked(const struct training_options *options, double started, double began);
/* How much of the learning rate's schedule is over, 0..1. used: of options->seconds; steps: of the run. */
double training_schedule(const struct training_options *options, double used, int64_t steps);
/* How much of the schedule of visits is over: of settings->visits_rows, or else as training_schedule. rows: of the run. */
double training_visits_schedule(const struct training_options *options, double used, int64_t steps, int64_t rows);
/* Seconds between two checkpoints: nets are published often at first; later, when each changes little, less often to
 * spare the disk. */
double training_checkpoint_interval(const struct settings *settings, const struct learner *learner);
/* Whether most of the run's games are against a fixed opponent that it learns to beat: then those games measure it, not the ladder. */
bool training_is_adversary(const struct settings *settings);
/* The seed of a game of the run. */
uint64_t training_game_seed(const struct settings *settings, uint64_t number);
/* max_credit: as in struct learner_config. */
struct learner_config training_learner_config(const struct training_options *options, double max_credit);
/* For selfplay_worker_run; without an evaluation cache. */
struct selfplay_config training_selfplay_config(const struct training_options *options);
/* The archive of positions at which games begin, with the newest games of the store. *out is NULL if the settings let no
 * game begin there. False with the error set if the games cannot be read. */
bool training_open_starts(const struct training_options *options, struct start_archive **out, GError **error);
/* Chooses where the game with the assignment's seed begins: at a memory, or else in the archive. Both may be NULL. */
void training_draw_start(struct memories *memories, const struct start_archive *starts,
                         struct selfplay_assignment *next);
/* Has a new net judge the memories, and says how many it has learned. memories: may be NULL. */
void training_judge_memories(const struct training_options *options, struct memories *memories, struct net *net);
/* With --json: {"event":"committed","games":N} and {"event":"checkpoint","generation":G,"steps":S}; call only after the
 * commit in question. */
void training_announce_games(const struct training_options *options, int64_t games);
void training_announce_checkpoint(const struct training_options *options, const struct store_checkpoint *checkpoint);

/* The evaluation cache of each self-play thread, except in deterministic mode: positions recur within a game's searches and
 * across openings. */
enum { TRAINING_CACHE_BYTES = 8 << 20 };
/* What the other ranks need to know of the run. spare, opponent: see struct cluster_terms. */
struct cluster_terms;
void training_fill_terms(const struct training_options *options, size_t cache_bytes, int spare, struct net *opponent,
                         struct cluster_terms *terms);
/* To be called after a report: prints what the other ranks do and how long they wait. Does nothing without options->cluster.
 * started: start of the session, by training_clock. */
void training_report_ranks(const struct training_options *options, double started);

/* SIGINT, SIGTERM and, unless it is ignored, SIGHUP: blocked in this thread and in all threads created afterwards. Once the first has
 * been received, another one kills the process, unless the program had blocked them itself or has a handler, which then gets all. */
struct training_signals;
/* stop: counts as a signal once it is set; may be NULL. */
struct training_signals *training_signals_take(const atomic_bool *stop);
/* Waits up to `seconds` for a signal; returns true if one arrived. */
bool training_signals_wait(struct training_signals *signals, double seconds);
/* For a job of several ranks: further signals do not kill the process, not even while the job ends. Slurm sends each signal twice, to
 * the ranks and to srun, which passes it on. */
void training_signals_keep(struct training_signals *signals);
void training_signals_give_back(struct training_signals *signals);

/* --deterministic: rounds of games, then steps, in the calling thread. */
enum training_end training_run_rounds(const struct training_options *options, GError **error);
/* options->data: steps on stored games, in the calling thread. */
enum training_end training_run_stored(const struct training_options *options, GError **error);

#endif
