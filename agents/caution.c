/* Tells the user when a net plays a game that it has not learned. */
#include "agents/agent.h"
#include "games/game.h"
#include "games/scope.h"

char *agent_caution(const struct agent *agent)
{
    struct game_scope *scope = game_scope_new();
    char *outside = NULL, *caution = NULL;
    if (agent->scope && game_scope_read(scope, agent->scope))
        outside = game_scope_outside(scope, agent->game);
    if (outside)
        caution = g_strdup_printf("this net was not trained on %s", outside);
    g_free(outside);
    game_scope_free(scope);
    return caution;
}
