/* What a thread needs to play games of a match: agents of its own, one for each player, opened on first use. */
#ifndef TENGEN_ENGINE_MATCH_WORKER_H
#define TENGEN_ENGINE_MATCH_WORKER_H

#include <stdatomic.h>
#include <stdint.h>

struct match_config;
struct match_game;
struct match_opening;

struct match_worker;
/* config: its players, referee, terms, agents and seed; outlives the worker. index: of the worker among those of this
 * machine, by which external programs get different CPUs. stop: ends games; set before match_worker_stop; may be NULL. */
struct match_worker *match_worker_new(const struct match_config *config, int index, const atomic_bool *stop);
/* Plays game `number` between side[0], which moves first, and side[1] (indices of players). An agent that cannot be opened
 * forfeits. Fills `game` in every case; the caller clears it. Always the same thread. */
void match_worker_play(struct match_worker *worker, int number, const int side[2], const struct match_opening *opening,
                       struct match_game *game);
/* Interrupts the agents that are playing. One that is about to start its search can miss it: to be repeated. Any thread. */
void match_worker_stop(struct match_worker *worker);
/* Closes the agents, in the thread that played. */
void match_worker_close(struct match_worker *worker);
void match_worker_free(struct match_worker *worker); /* NULL is fine */

/* Creates the error domains of all that plays, which GLib does at their first use, without a lock. Before there are
 * threads. */
void match_prepare_threads(void);

#endif
