/* The runs before this one: its newest net names them. */
#include "engine/report/internal.h"
#include "engine/store/store.h"
#include "engine/training/provenance/lineage.h"
#include "net/net.h"

GArray *report_read_before(struct store *store, const struct store_checkpoint *at)
{
    struct net *net;
    char *name = store_generation_name(at->generation), *path = store_net_path(store, name);
    GArray *runs = lineage_parse_before(net_load(&net, path, NULL) == 0 ? net_history(net) : "");
    net_unref(net);
    g_free(name);
    g_free(path);
    return runs;
}
