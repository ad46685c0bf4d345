/** @file tengen/tengen.h
 *  The whole library: games, networks and players.
 *
 *      struct tengen_game *game = tengen_game_new("go:9", &error);
 *      struct tengen_agent *agent = tengen_agent_open("net:default,visits=400", game, 1, 1, &error);
 *      struct tengen_choice choice;
 *      while (!tengen_game_result(game).over && tengen_agent_choose(agent, game, NULL, &choice, &error) == 0)
 *          tengen_game_play(game, choice.move, &error);
 *
 *  Compile and link with `pkg-config --cflags --libs tengen`; add --static for the static library. */
#ifndef TENGEN_TENGEN_H
#define TENGEN_TENGEN_H

/* IWYU pragma: begin_exports */
#include <tengen/agent.h>
#include <tengen/error.h>
#include <tengen/game.h>
#include <tengen/net.h>
/* IWYU pragma: end_exports */

#ifdef __cplusplus
extern "C" {
#endif

/** The version of these headers. */
enum {
    TENGEN_VERSION_MAJOR = 0, /**< incremented by changes that require recompilation */
    TENGEN_VERSION_MINOR = 1  /**< incremented by additions */
};

/** The version of the library at run time.
 *  @return e.g. "0.1"; a static string */
TENGEN_API const char *tengen_version(void);

#ifdef __cplusplus
}
#endif

#endif
