/** @file tengen/agent.h
 *  Players: search with a network, plain Monte Carlo tree search, a random player, or an external program.
 *
 *  An agent is given a game and asked for a move or an evaluation. It synchronises with the game on each call: between two
 *  calls any number of moves may be played or undone, and a search reuses its tree where possible. The caller plays the
 *  move.
 *
 *  Perspective: all values are from the perspective of the player to move.
 *
 *  Threads: an agent may be used from any thread, but by only one at a time, except that tengen_agent_stop() may be called
 *  concurrently. An agent may start threads of its own, which end with the call. Opening an agent that runs an external
 *  program (gtp, gomocup) makes the whole process ignore SIGPIPE. */
#ifndef TENGEN_AGENT_H
#define TENGEN_AGENT_H

#include <stdbool.h>
#include <stdint.h>

#include <tengen/error.h>
/* IWYU pragma: begin_exports */
#include <tengen/game.h>
#include <tengen/net.h>
/* IWYU pragma: end_exports */

#ifdef __cplusplus
extern "C" {
#endif

/** Limits for one move. 0 means no limit; if both are 0, the limits of the agent's spec apply. */
struct tengen_limits {
    int64_t visits;  /**< root visits of the search */
    int64_t time_ms; /**< wall-clock time in milliseconds */
};

/** An agent's choice. */
struct tengen_choice {
    int move;        /**< the move; TENGEN_NO_MOVE if the agent resigns */
    bool resigns;    /**< the agent resigns; only agents with a `resign` option and external ones do */
    float value;     /**< P(win) - P(loss), -1 to 1; NAN if unknown */
    int64_t visits;  /**< new visits of the search; 0 without search */
    int64_t time_ms; /**< time taken, in milliseconds */
};

/** A player (opaque). */
struct tengen_agent;

/** Opens an agent.
 *  @param spec     e.g. "net:default,visits=400", "rollout:1000", "policy:default", "random", "perfect",
 *                  "gtp:gnugo --mode gtp"; `man tengen` lists them. Networks are located as described at tengen_net_open().
 *  @param game     a game with the rules and board size to be played; not retained
 *  @param seed     random seed; with one thread, the same seed and the same visit limits give the same moves
 *  @param threads  number of search threads, at least 1, unless set in the spec
 *  @param error    filled on failure; may be NULL
 *  @return the agent, to be closed with tengen_agent_close(); NULL if the spec is not valid or the agent cannot start */
TENGEN_API struct tengen_agent *tengen_agent_open(const char *spec, const struct tengen_game *game, uint64_t seed,
                                                  int threads, struct tengen_error *error);

/** Closes an agent and ends its external program, if any.
 *  @param agent  the agent; NULL does nothing */
TENGEN_API void tengen_agent_close(struct tengen_agent *agent);

/** Asks for a move. Does not play it.
 *  @param agent   the agent
 *  @param game    the game, with the rules and size for which the agent was opened; not over
 *  @param limits  for this move; NULL: those of the agent's spec
 *  @param choice  filled; the move is legal
 *  @param error   filled on failure; may be NULL
 *  @return 0; -1 if the game is over or does not match the agent, or if an external program failed */
TENGEN_API int tengen_agent_choose(struct tengen_agent *agent, const struct tengen_game *game,
                                   const struct tengen_limits *limits, struct tengen_choice *choice,
                                   struct tengen_error *error);

/** Evaluates a position with the agent's search.
 *  @param agent       the agent; those without search or network (random, perfect, gtp, gomocup) cannot evaluate
 *  @param game        the game, with the rules and size for which the agent was opened; not over
 *  @param limits      for this evaluation; NULL: those of the agent's spec
 *  @param evaluation  filled; not NULL
 *  @param policy      filled with each move's fraction of the search's visits, [tengen_game_move_count()] indexed by move;
 *                     sums to 1 (`policy:NET`, which does not search: the network's policy); may be NULL
 *  @param ownership   filled as by tengen_net_evaluate(), all 0 if not available; may be NULL
 *  @param error       filled on failure; may be NULL
 *  @return 0; -1 if the game is over or does not match the agent, or if the agent cannot evaluate */
TENGEN_API int tengen_agent_evaluate(struct tengen_agent *agent, const struct tengen_game *game,
                                     const struct tengen_limits *limits, struct tengen_evaluation *evaluation,
                                     float *policy, float *ownership, struct tengen_error *error);

/** Ends a running tengen_agent_choose() or tengen_agent_evaluate() soon: it returns with the result so far. Has no
 *  effect on later calls. May be called from any thread while the agent is open.
 *  @param agent  the agent */
TENGEN_API void tengen_agent_stop(struct tengen_agent *agent);

#ifdef __cplusplus
}
#endif

#endif
