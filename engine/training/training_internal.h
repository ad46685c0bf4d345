/* What training.c (threads) and rounds.c (deterministic) share. */
#ifndef TENGEN_ENGINE_TRAINING_TRAINING_INTERNAL_H
#define TENGEN_ENGINE_TRAINING_TRAINING_INTERNAL_H

#include "engine/selfplay/worker.h"
#include "engine/store/writer.h"
#include "engine/training/learner.h"
#include "engine/training/training.h"

/* Seconds since an arbitrary moment. */
double training_clock(void);
/* The seed of a game of the run. */
uint64_t training_game_seed(const struct settings *settings, uint64_t number);
/* most_credit: as in struct learner_config. */
struct learner_config training_learner_config(const struct training_options *options, double most_credit);
/* For selfplay_worker_run; without a cache. */
struct selfplay_config training_selfplay_config(const struct training_options *options);
/* With --json: {"event":"committed","games":N} and {"event":"checkpoint","generation":G,"steps":S}, only after the
 * commit they speak of. */
void training_announce_games(const struct training_options *options, int64_t games);
void training_announce_checkpoint(const struct training_options *options, const struct store_checkpoint *checkpoint);

/* Signals: blocked in every thread made after this; a second SIGINT kills once the first was seen. */
struct training_signals;
struct training_signals *training_signals_take(void);
/* Waits for a signal for at most so long; true when one came. */
bool training_signals_wait(struct training_signals *signals, double seconds);
void training_signals_give_back(struct training_signals *signals);

/* --deterministic: rounds of games, then steps, in the calling thread. */
enum training_end training_run_rounds(const struct training_options *options, GError **error);

#endif
