/** @file tengen/agent.h
 *  Players: a search with a network, plain Monte Carlo tree search, a random mover, or another program behind a pipe.
 *
 *  An agent is shown a game and asked for a move or an evaluation. It follows the game by itself: between two calls any
 *  number of moves may be made or taken back, and a search keeps what it can of its tree. The caller plays the move.
 *
 *  Perspective: everything that an agent says is from the view of the player whose turn it is.
 *
 *  Threads: an agent may be used from any thread, by one at a time; tengen_agent_stop() may be called from another one
 *  meanwhile. An agent may start threads of its own, which end with the call. An agent that runs another program (gtp,
 *  gomocup) ignores SIGPIPE in the whole process. */
#ifndef TENGEN_AGENT_H
#define TENGEN_AGENT_H

#include <stdbool.h>
#include <stdint.h>

#include <tengen/error.h>
#include <tengen/game.h>
#include <tengen/net.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What an agent may spend on one move. 0 means no such limit; with neither, the agent's own spec decides. */
struct tengen_limits {
    int64_t visits;  /**< of the root of the search */
    int64_t time_ms; /**< wall-clock time in milliseconds */
};

/** What an agent chose. */
struct tengen_choice {
    int move;        /**< the move; TENGEN_NO_MOVE when the agent resigns */
    bool resigns;    /**< the agent gives the game up; only agents whose spec has a `resign` option, and external ones, do */
    float value;     /**< winning less losing chance, -1 to 1; NAN for an agent that has no view */
    int64_t visits;  /**< what the search made, 0 for an agent without one */
    int64_t time_ms; /**< what the choice took */
};

/** A player (opaque). */
struct tengen_agent;

/** Opens an agent.
 *  @param spec     e.g. "net:default,visits=400", "rollout:1000", "policy:default", "random", "perfect",
 *                  "gtp:gnugo --mode gtp"; `man tengen` lists them. Networks are found as tengen_net_open() says.
 *  @param game     a game with the rules and board size that will be played; not kept
 *  @param seed     of every random choice: one thread, the same seed and the same limits in visits give the same moves
 *  @param threads  that a search may use, at least 1, unless the spec says otherwise
 *  @param error    filled on failure; may be NULL
 *  @return the agent, to be closed with tengen_agent_close(); NULL if the spec is not valid or the agent cannot start */
TENGEN_API struct tengen_agent *tengen_agent_open(const char *spec, const struct tengen_game *game, uint64_t seed,
                                                  int threads, struct tengen_error *error);

/** Closes an agent, and ends the program behind it if there is one.
 *  @param agent  the agent; NULL does nothing */
TENGEN_API void tengen_agent_close(struct tengen_agent *agent);

/** Asks for a move. Does not play it.
 *  @param agent   the agent
 *  @param game    the game, with the rules and size that the agent was opened for; not over
 *  @param limits  for this move; NULL for those of the agent's spec
 *  @param choice  filled; the move is legal
 *  @param error   filled on failure; may be NULL
 *  @return 0; -1 if the game is over or is not the agent's, or if an external program failed */
TENGEN_API int tengen_agent_choose(struct tengen_agent *agent, const struct tengen_game *game,
                                   const struct tengen_limits *limits, struct tengen_choice *choice,
                                   struct tengen_error *error);

/** Evaluates a position by the agent's search.
 *  @param agent       the agent; one without a search or a network of its own (random, perfect, gtp, gomocup)
 *                     cannot
 *  @param game        the game, with the rules and size that the agent was opened for; not over
 *  @param limits      for this evaluation; NULL for those of the agent's spec
 *  @param evaluation  filled; not NULL
 *  @param policy      filled with each move's share of the search's visits, [tengen_game_move_count()] indexed by move;
 *                     sums to 1 (`policy:NET`, which does not search: the network's probabilities); may be NULL
 *  @param ownership   filled as by tengen_net_evaluate(), all 0 where the agent has no view of it; may be NULL
 *  @param error       filled on failure; may be NULL
 *  @return 0; -1 if the game is over or is not the agent's, or if the agent cannot evaluate */
TENGEN_API int tengen_agent_evaluate(struct tengen_agent *agent, const struct tengen_game *game,
                                     const struct tengen_limits *limits, struct tengen_evaluation *evaluation,
                                     float *policy, float *ownership, struct tengen_error *error);

/** Ends a running tengen_agent_choose() or tengen_agent_evaluate() soon: it returns with what was found so far. Has no
 *  effect on a call that begins later. May be called from any thread while the agent is open.
 *  @param agent  the agent */
TENGEN_API void tengen_agent_stop(struct tengen_agent *agent);

#ifdef __cplusplus
}
#endif

#endif
