/* Several ranks that train one net together. Rank 0 has the window and draws every batch; it keeps the first part of the rows
 * and sends the others theirs, while all compute the gradients of their own rows and apply the sum. So all have the same
 * weights, bit for bit; at every checkpoint but the first, generation 0, they make sure of it.
 *
 *   rank 0    STATE ... STEP (rows, rate) ... sum, meanwhile the next STEP ... sum ... CHECK (hash of the weights)
 *   others    load      compute .............. sum, compute                      (engine/training/mate.c)
 *
 * With deterministic runs, the same number of trainers gives the same weights; another number adds in another order. */
#ifndef TENGEN_ENGINE_TRAINING_TEAM_TEAM_H
#define TENGEN_ENGINE_TRAINING_TEAM_TEAM_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

struct cluster_host;
struct message_reader;
struct net_info;
struct net_losses;
struct net_samples;
struct net_trainer;

/* ---- on rank 0 ---- */

struct team;
/* host: borrowed. trainers: ranks, with rank 0; 2 or more. */
struct team *team_new(struct cluster_host *host, int trainers);
void team_free(struct team *team); /* NULL is fine */
/* The others continue with the state of this trainer. False with the error set if it cannot be written to a temporary file. */
bool team_restore(struct team *team, const struct net_trainer *trainer, GError **error);
/* Deals out the rows of the next step, which team_step then only has to join in: the others begin with them as soon as they have finished
 * the step before. Every batch that was dealt must be stepped. */
void team_deal(struct team *team, const struct net_trainer *trainer, const struct net_samples *samples, float rate);
/* A step of all, as net_trainer_step, with the batch that was dealt out, or else with this one after dealing it out. meanwhile (NULL:
 * nothing): called once, while the gradients are added up; it may refill the samples and deal out the next batch. False with
 * the error set if a rank is lost. */
bool team_step(struct team *team, struct net_trainer *trainer, struct net_samples *samples, float rate,
               void (*meanwhile)(void *user), void *user, struct net_losses *losses, GError **error);
/* The others compare their weights with those of this trainer. */
void team_check(struct team *team, const struct net_trainer *trainer);

/* ---- on all ---- */

/* Whether each trainer gets a sequence of a batch with so many rows, for a net that learns from sequences of `length` rows
 * (net_sequence). False with the error set. Any process. */
bool team_fits(int trainers, int rows, int length, GError **error);
/* The first row of a trainer's part of a batch: parts differ by at most one row, or one sequence of rows. */
int team_first_row(const struct net_samples *samples, int trainer, int trainers);
/* Rows [first, first + n) of a batch for a net with this info, as a field of a message, and back: samples of their own, for the
 * caller to free, or NULL if the message is damaged. */
void team_put_rows(GByteArray *message, const struct net_info *info, const struct net_samples *samples, int first,
                   int n);
struct net_samples *team_take_rows(struct message_reader *reader, const struct net_info *info);

#endif
