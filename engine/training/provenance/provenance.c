#include "engine/training/provenance/provenance.h"

#include "engine/settings/settings.h"
#include "engine/store/store.h"
#include "engine/training/provenance/lineage.h"
#include "games/scope.h"
#include "net/net.h"

void provenance_init(struct provenance *provenance)
{
    *provenance = (struct provenance){game_scope_new(), lineage_parse("")};
}

void provenance_clear(struct provenance *provenance)
{
    game_scope_free(provenance->scope);
    if (provenance->before)
        g_array_unref(provenance->before);
    *provenance = (struct provenance){0};
}

/* Takes ownership of the runs. */
static void set_before(struct provenance *provenance, GArray *before)
{
    g_array_unref(provenance->before);
    provenance->before = before;
}

void provenance_start(struct provenance *provenance, const struct net *first)
{
    game_scope_read(provenance->scope, net_scope(first));
    set_before(provenance, lineage_parse(net_history(first)));
}

/* The newest net of those that are left and can be read; NULL if there is none. */
static struct net *newest_left(struct store *store)
{
    GArray *all = store_checkpoints(store);
    struct net *net = NULL;
    for (guint i = all->len; i-- > 0 && !net;) {
        const struct store_listed_checkpoint *checkpoint = &g_array_index(all, struct store_listed_checkpoint, i);
        char *name = store_generation_name(checkpoint->at.generation), *path = store_net_path(store, name);
        if (checkpoint->has_net && net_load(&net, path, NULL) != 0)
            net = NULL;
        g_free(name);
        g_free(path);
    }
    g_array_unref(all);
    return net;
}

bool provenance_resume(struct provenance *provenance, struct store *store, const struct net *newest)
{
    struct net *left = newest ? NULL : newest_left(store);
    const struct net *net = newest ? newest : left;
    if (net)
        set_before(provenance, lineage_parse_before(net_history(net)));
    net_unref(left);
    return newest && game_scope_read(provenance->scope, net_scope(newest));
}

char *provenance_write(const struct provenance *provenance, struct net *net, struct store *store,
                       const struct settings *settings, const struct store_checkpoint *at, bool plays,
                       const char *command)
{
    if (game_scope_games(provenance->scope) > 0) {
        char *scope = game_scope_write(provenance->scope);
        net_set_scope(net, scope);
        g_free(scope);
    }
    struct lineage_run run;
    GArray *runs = g_array_copy(provenance->before);
    lineage_of_store(store, at, &run);
    if (!plays)
        run.games = run.rows = 0;
    g_array_append_val(runs, run);
    char *history = lineage_write(runs);
    net_set_history(net, history);
    g_free(history);
    g_array_unref(runs);
    return g_strdup_printf(
        "%s; game %s; generation %u, %" G_GINT64_FORMAT " steps, %" G_GINT64_FORMAT " games, %.0f seconds",
        command ? command : "tengen train", settings->game, at->generation, at->steps, at->games, at->seconds);
}
