/* The loop of a self-play worker. All its input and output goes through a table of functions, so the same loop runs in
 * a thread alongside the trainer (engine/training/worker.c), alternating with it (engine/training/rounds.c), or in any
 * other setting that implements the table.
 *
 *   take_net    the initial net
 *   next_game   a number, a seed and, for some, where it begins
 *     take_net, began, moved for each ply of the opening
 *     before_move, take_net, search, moved      for each searched ply
 *   hand_in     the finished record; then next_game again
 *
 * Threads: the worker calls the table only from the thread that runs selfplay_worker_run and holds no lock meanwhile,
 * so each function may block. Workers share no state; state shared by the tables of several workers must be locked by
 * them. */
#ifndef TENGEN_ENGINE_SELFPLAY_WORKER_H
#define TENGEN_ENGINE_SELFPLAY_WORKER_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "games/game.h"

struct record;
struct selfplay_assignment;
struct selfplay_config;

struct selfplay_net {
    struct net *net; /* NULL: none */
    uint32_t generation;
};

struct selfplay_worker_ops {
    /* Fills in the next game, which is zeroed; may wait until one is needed. Passes a reference to `start`, if any. False
     * ends the worker: with an error set as a failure, otherwise because there are no more games to play. */
    bool (*next_game)(void *user, struct selfplay_assignment *next, GError **error);
    /* If the generation has changed, fills in the newest net, with a reference for the worker; otherwise leaves
     * `newest` empty. When the worker starts, in_use->net is NULL and a net must be returned, waiting for one if
     * necessary. False, with an error set, ends the worker; a game in progress is abandoned. */
    bool (*take_net)(void *user, const struct selfplay_net *in_use, struct selfplay_net *newest, GError **error);
    /* Takes ownership of a finished game. evaluations: of the network since the previous call. */
    void (*hand_in)(void *user, struct record *record, uint64_t evaluations);
    /* Called before each search; must not be NULL. False abandons the game and ends the worker. */
    bool (*before_move)(void *user);
    /* For live viewing: see struct selfplay_config. Either both or neither are NULL. */
    void (*began)(void *user, const struct game *game, uint64_t number, uint32_t generation);
    void (*moved)(void *user, game_move move, float value_player_0);
};

/* Plays games in the calling thread until the table ends the worker. config: as for selfplay_create, but the members
 * that the table replaces (net, callbacks, user) must be NULL. Returns 0, or -1 with the error set. */
int selfplay_worker_run(const struct selfplay_worker_ops *ops, void *user, const struct selfplay_config *config,
                        GError **error);

#endif
