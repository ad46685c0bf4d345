/* Opens agents for tests. */
#ifndef TENGEN_TESTS_AGENTS_OPEN_H
#define TENGEN_TESTS_AGENTS_OPEN_H

#include <criterion/criterion.h>

#include "agents/agent.h"
#include "games/game.h"

/* An agent with seed 1 and one thread; fails the test if it cannot be opened. */
static inline struct agent *open_agent(const struct game *game, const char *spec)
{
    struct agent *agent;
    GError *error = NULL;
    const struct agent_config config = {.seed = 1, .threads = 1};
    cr_assert(agent_open(&agent, spec, game, &config, &error) == 0, "%s: %s", spec, error ? error->message : "");
    return agent;
}

/* The same, for a game that is parsed first. */
static inline struct agent *open_agent_for(const char *spec, struct game *game, const char *game_spec)
{
    cr_assert(game_parse(game, game_spec, NULL));
    return open_agent(game, spec);
}

#endif
