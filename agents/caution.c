/* Tells the user when a net plays a game that it has not learned, or plays without its memory. */
#include "agents/agent.h"
#include "games/scope.h"

char *agent_caution(const struct agent *agent)
{
    struct game_scope *scope = game_scope_new();
    char *outside = NULL, *caution = NULL;
    if (agent->scope && game_scope_read(scope, agent->scope))
        outside = game_scope_outside(scope, agent->game);
    if (outside)
        caution = g_strdup_printf(agent->whole_scope
                                      ? "this net was not trained on %s"
                                      : "this net's file names only one game that it was trained on; this game differs in %s",
                                  outside);
    if (agent->memory_problem) {
        char *scope_caution = caution;
        caution = g_strconcat(caution ? caution : "", caution ? "; " : "", agent->memory_problem, NULL);
        g_free(scope_caution);
    }
    g_free(outside);
    game_scope_free(scope);
    return caution;
}

char *agent_caution_once(const struct agent *agent, GHashTable **said)
{
    char *caution = agent_caution(agent);
    if (!*said)
        *said = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (caution && !g_hash_table_add(*said, g_strdup(caution)))
        g_clear_pointer(&caution, g_free);
    return caution;
}
