/* The loop of a self-play worker. All that it takes and gives goes through one table of functions, so the same loop
 * runs in a thread beside the trainer (engine/training/worker.c), in turns with it (engine/training/rounds.c), or
 * anywhere else where somebody implements the table.
 *
 *   take_net    the net to begin with
 *   next_game   a number and a seed
 *     take_net, began, moved for each ply of the opening
 *     before_move, take_net, search, moved      once a searched ply
 *   hand_in     the finished record; then next_game again
 *
 * Threads: the worker calls the table only from the thread that runs selfplay_worker_run, one function at a time, and
 * holds no lock meanwhile: each may block. Workers share nothing; what several tables share is theirs to lock. */
#ifndef TENGEN_ENGINE_SELFPLAY_WORKER_H
#define TENGEN_ENGINE_SELFPLAY_WORKER_H

#include "engine/selfplay/selfplay.h"

/* A game to be played; it depends on the seed, the settings and the net alone. */
struct selfplay_assignment {
    uint64_t number; /* of the game in its run */
    uint64_t seed;
};

struct selfplay_net {
    struct net *net; /* NULL: none */
    uint32_t generation;
};

struct selfplay_worker_ops {
    /* Fills in the next game; may wait until one is needed. False ends the worker: with an error set it has failed,
     * without one there is nothing left to do. */
    bool (*next_game)(void *user, struct selfplay_assignment *next, GError **error);
    /* Fills in the newest net, with a reference for the worker, where it is of another generation than the one in use;
     * otherwise leaves `newest` empty. When the worker starts, in_use->net is NULL and a net must come, by waiting for
     * one if need be. False, with an error set, ends the worker; a game in play is abandoned. */
    bool (*take_net)(void *user, const struct selfplay_net *in_use, struct selfplay_net *newest, GError **error);
    /* Takes over a finished game. evaluations: by the network since the last call. */
    void (*hand_in)(void *user, struct record *record, uint64_t evaluations);
    /* Before each search. False abandons the game and ends the worker. */
    bool (*before_move)(void *user);
    /* For whoever watches: see struct selfplay_config. May be NULL, both or neither. */
    void (*began)(void *user, const struct game *game, uint64_t number, uint32_t generation);
    void (*moved)(void *user, game_move move, float value_player_0);
};

/* Plays games until the table ends it, in the calling thread. config: as for selfplay_create, but with the members that
 * the table stands for (net, callbacks, user) left empty. Returns 0, or -1 with the error set. */
int selfplay_worker_run(const struct selfplay_worker_ops *ops, void *user, const struct selfplay_config *config,
                        GError **error);

#endif
