/* A round of deterministic training whose games are played by whichever rank is free. A game depends only on the net, the
 * settings and its number, and the games are added in order of their numbers, so it does not matter which rank plays which.
 *
 * Threads: shared_round_next, shared_round_hand_in, shared_round_is_stopped and shared_round_has_failed are locked, and the cluster
 * link's thread calls the first two for the other ranks. All others are for the training thread alone. */
#ifndef TENGEN_ENGINE_TRAINING_SHARED_ROUND_H
#define TENGEN_ENGINE_TRAINING_SHARED_ROUND_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct net;
struct record;
struct selfplay_assignment;
struct start_archive;
struct training_options;

struct shared_round;
/* Serves the other ranks of options->cluster. starts: may be NULL; changed only while no round is open. */
struct shared_round *shared_round_new(const struct training_options *options, const struct start_archive *starts);
/* The other ranks play no more. NULL is fine. */
void shared_round_free(struct shared_round *round);
/* Begins a round with the game of this number. net: with which all its games are played; progress: of the visits' schedule. */
void shared_round_open(struct shared_round *round, const struct net *net, uint32_t generation, uint64_t first,
                       double progress);
/* Fills in the next game for this rank; false if all are given. */
bool shared_round_next(struct shared_round *round, struct selfplay_assignment *next);
/* Takes ownership of a game that this rank has played. */
void shared_round_hand_in(struct shared_round *round, struct record *record, uint64_t evaluations);
/* Waits for at most `seconds` until all games of the round are there, or the run is to end (shared_round_is_stopped). If all are
 * there, the round is closed, and they are returned, in order, with the evaluations that they took; g_ptr_array_unref frees them.
 * Otherwise returns NULL. */
GPtrArray *shared_round_wait(struct shared_round *round, double seconds, uint64_t *evaluations);
/* The games of the round are committed. */
void shared_round_committed(struct shared_round *round);
/* Whether the run is to end because another rank was told to stop or has failed. */
bool shared_round_is_stopped(struct shared_round *round);
/* Whether one has failed; then sets the error. */
bool shared_round_has_failed(struct shared_round *round, GError **error);

#endif
