/** @file tengen/net.h
 *  A policy/value network and its raw evaluation of positions, without search.
 *
 *  Perspective: all values of an evaluation are from the perspective of the player to move.
 *
 *  Threads: a net may be used from any thread, but by only one at a time. To evaluate in several threads concurrently, open
 *  it once per thread. Evaluation sets OpenMP's number of threads to one in the calling thread. */
#ifndef TENGEN_NET_H
#define TENGEN_NET_H


#include <tengen/error.h>
/* IWYU pragma: begin_exports */
#include <tengen/game.h>
/* IWYU pragma: end_exports */

#ifdef __cplusplus
extern "C" {
#endif

/** The expected outcome of a game, from the perspective of the player to move. */
struct tengen_evaluation {
    float win;   /**< probability of a win; win, draw and loss sum to 1 */
    float draw;  /**< probability of a draw */
    float loss;  /**< probability of a loss */
    float score; /**< expected margin in points; 0 in games without points */
};

/** A network for evaluating positions of one game (opaque). */
struct tengen_net;

/** Opens a network.
 *  @param net    NET[,option=value...] as in an agent's spec. NET is "default" for the network that ships for the game, a
 *                weights file, a run's directory, or the name of a run in runs/. Options are `dtype` (auto, f32, bf16,
 *                int8: the precision, by default the fastest on this machine), `symmetry` (random, all, none: the board
 *                symmetries applied to the input) and `backend` (fast, plain). A path must not contain a comma.
 *                "default" is searched for in $TENGEN_DATA; in share/tengen under the prefix of the shared library, or
 *                of the program if it is linked statically; and in tengen/ below the directories of $XDG_DATA_DIRS.
 *  @param game   a game with the rules and board size to be evaluated; not retained
 *  @param error  filled on failure; may be NULL
 *  @return the network, to be closed with tengen_net_close(); NULL if the network is not found, cannot be read or is for
 *          another game */
TENGEN_API struct tengen_net *tengen_net_open(const char *net, const struct tengen_game *game,
                                              struct tengen_error *error);

/** Closes a network.
 *  @param net  the network; NULL does nothing */
TENGEN_API void tengen_net_close(struct tengen_net *net);

/** Evaluates a position.
 *  @param net         the network
 *  @param game        the position, with the rules and size for which the network was opened; not over
 *  @param evaluation  filled with the network's evaluation; not NULL
 *  @param policy      filled with the probability of each move, [tengen_game_move_count()] indexed by move: 0 for illegal
 *                     moves, sums to 1; may be NULL
 *  @param ownership   filled with the expected owner of each point at the end of the game, [width * height] indexed by
 *                     point, +1 the player to move, -1 the opponent (Gomoku: who will have a winning line through it); may
 *                     be NULL
 *  @param error       filled on failure; may be NULL
 *  @return 0; -1 if the game is over or does not match the network */
TENGEN_API int tengen_net_evaluate(struct tengen_net *net, const struct tengen_game *game,
                                   struct tengen_evaluation *evaluation, float *policy, float *ownership,
                                   struct tengen_error *error);

#ifdef __cplusplus
}
#endif

#endif
