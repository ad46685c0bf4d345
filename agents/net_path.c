#include "agents/net_path.h"

#include <string.h>

#include "agents/agent.h"
#include "mcts/evaluator.h"

static char *if_file(char *path)
{
    if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
        return path;
    g_free(path);
    return NULL;
}

/* net/weights in a folder above the program (a build lies in build/NAME of its tree), or share/tengen. */
static char *beside_program(const char *file)
{
    char *program = g_file_read_link("/proc/self/exe", NULL), *found = NULL;
    char *folder = program ? g_path_get_dirname(program) : NULL;
    for (int up = 0; folder && !found && up < 4; up++) {
        found = if_file(g_build_filename(folder, "net", "weights", file, NULL));
        if (!found)
            found = if_file(g_build_filename(folder, "share", "tengen", file, NULL));
        char *parent = g_path_get_dirname(folder);
        g_free(folder);
        folder = parent;
    }
    g_free(folder);
    g_free(program);
    return found;
}

static char *find_default(const char *game_name, GError **error)
{
    char *file = g_strdup_printf("default-%s.safetensors", game_name), *found = NULL;
    const char *data = g_getenv("TENGEN_DATA");
    if (data)
        found = if_file(g_build_filename(data, file, NULL));
    if (!found)
        found = beside_program(file);
#ifdef TENGEN_SOURCE_DIR
    if (!found)
        found = if_file(g_build_filename(TENGEN_SOURCE_DIR, "net", "weights", file, NULL));
#endif
    if (!found)
        g_set_error(
            error, AGENT_ERROR, AGENT_ERROR_SPEC,
            "no net ships for %s: there is no %s; name a weights file or a run, or set TENGEN_DATA to its folder",
            game_name, file);
    g_free(file);
    return found;
}

/* The last weights by name (generations are numbered with leading zeros), a trainer's states left out. */
static char *last_in(const char *folder)
{
    GDir *dir = g_dir_open(folder, 0, NULL);
    char *last = NULL;
    const char *name;
    while (dir && (name = g_dir_read_name(dir)))
        if (g_str_has_suffix(name, ".safetensors") && !g_str_has_prefix(name, "state-") &&
            (!last || strcmp(name, last) > 0)) {
            g_free(last);
            last = g_strdup(name);
        }
    if (dir)
        g_dir_close(dir);
    char *path = last ? g_build_filename(folder, last, NULL) : NULL;
    g_free(last);
    return path;
}

static char *best_of_run(const char *run, GError **error)
{
    char *nets = g_build_filename(run, "nets", NULL);
    char *found = if_file(g_build_filename(nets, "best.safetensors", NULL));
    if (!found)
        found = last_in(nets);
    if (!found)
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC,
                    "the run %s has no net yet: nothing in %s; train it for longer, or name a weights file", run, nets);
    g_free(nets);
    return found;
}

char *net_path_find(const char *net, const char *game_name, GError **error)
{
    if (strcmp(net, "default") == 0)
        return find_default(game_name, error);
    if (g_file_test(net, G_FILE_TEST_IS_DIR))
        return best_of_run(net, error);
    if (*net && g_file_test(net, G_FILE_TEST_EXISTS))
        return g_strdup(net);
    char *run = g_build_filename("runs", net, NULL), *found = NULL;
    if (*net && !strchr(net, '/') && g_file_test(run, G_FILE_TEST_IS_DIR))
        found = best_of_run(run, error);
    else
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC,
                    "there is no net \"%s\"; give a weights file, a run's directory or its name in runs/, or default",
                    net);
    g_free(run);
    return found;
}

int net_path_load(struct net **out, const char *net, const struct game *game, GError **error)
{
    char *path = net_path_find(net, game->ops->name, error);
    *out = NULL;
    if (path && net_load(out, path, error) == 0 && !evaluator_net_features(*out, game, error)) {
        g_prefix_error(error, "%s: ", path);
        net_unref(*out);
        *out = NULL;
    }
    g_free(path);
    return *out ? 0 : -1;
}
