#include "agents/net_path.h"

#include <dlfcn.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>

#include "agents/agent.h"
#include "games/game.h"
#include "games/scope.h"
#include "mcts/evaluator.h"
#include "net/net.h"

static char *if_file(char *path)
{
    if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
        return path;
    g_free(path);
    return NULL;
}

/* The file that contains this code: the shared library, or the program it is linked into. */
static char *own_file(void)
{
    static const char here;
    struct link_map *map = NULL;
    Dl_info info;
    if (dladdr1(&here, &info, (void **)&map, RTLD_DL_LINKMAP) && map && map->l_name && map->l_name[0])
        return realpath(map->l_name, NULL);
    return g_file_read_link("/proc/self/exe", NULL);
}

/* In net/weights or share/tengen of a folder above this code: a build is below its source tree, an installed program or
 * library below its prefix. */
static char *beside_code(const char *file)
{
    char *code = own_file(), *found = NULL;
    char *folder = code ? g_path_get_dirname(code) : NULL;
    for (int up = 0; folder && !found && up < 4; up++) {
        found = if_file(g_build_filename(folder, "net", "weights", file, NULL));
        if (!found)
            found = if_file(g_build_filename(folder, "share", "tengen", file, NULL));
        char *parent = g_path_get_dirname(folder);
        g_free(folder);
        folder = parent;
    }
    g_free(folder);
    g_free(code);
    return found;
}

/* In the configured install location, then in the system's data directories: for other programs linked with the static
 * library. */
static char *installed(const char *file)
{
    char *found = if_file(g_build_filename(TENGEN_DATADIR, file, NULL));
    const char *const *folders = g_get_system_data_dirs();
    for (int i = 0; !found && folders[i]; i++)
        found = if_file(g_build_filename(folders[i], "tengen", file, NULL));
    return found;
}

static char *find_default(const char *game_name, GError **error)
{
    char *file = g_strdup_printf("default-%s.safetensors", game_name), *found = NULL;
    const char *data = g_getenv("TENGEN_DATA");
    if (data)
        found = if_file(g_build_filename(data, file, NULL));
    if (!found)
        found = beside_code(file);
    if (!found)
        found = installed(file);
    if (!found)
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC,
                    "no net ships for %s: %s not found; give a weights file or a run, or set TENGEN_DATA to the folder "
                    "of that file",
                    game_name, file);
    g_free(file);
    return found;
}

/* The last weights file by name (generations are numbered with leading zeros), excluding trainer states. */
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
                    "the run %s has no net yet: %s contains no weights; train it for longer, or give a weights file",
                    run, nets);
    g_free(nets);
    return found;
}

bool net_path_next(const char *spec, const char **net, size_t *length)
{
    static const char option[] = ",against=";
    const size_t kind = strcspn(spec, ":");
    if (spec[kind] != ':' || kind == 0 || (strncmp(spec, "net", kind) != 0 && strncmp(spec, "policy", kind) != 0))
        return false;
    if (!*net) {
        *net = spec + kind + 1;
    } else {
        const char *found = strstr(*net, option);
        if (!found)
            return false;
        *net = found + strlen(option);
    }
    *length = strcspn(*net, ",");
    return true;
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
                    "unknown net \"%s\"; give a weights file, a run's directory or its name in runs/, or default", net);
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

/* "COMMAND; game SPEC; generation N, S steps, G games, T seconds" */
static char *scope_of_note(const char *note)
{
    struct game game;
    char *scope = NULL;
    const char *from = strstr(note, "; game "), *end = from ? strchr(from + 1, ';') : NULL;
    char *spec = end ? g_strndup(from + 7, (size_t)(end - from - 7)) : NULL;
    if (spec && game_parse(&game, spec, NULL)) {
        struct game_scope *one = game_scope_new();
        game_scope_add(one, &game, 1);
        scope = game_scope_write(one);
        game_scope_free(one);
    }
    g_free(spec);
    return scope;
}

char *net_path_scope(const struct net *net, bool *whole)
{
    *whole = *net_scope(net) != '\0';
    return *whole ? g_strdup(net_scope(net)) : scope_of_note(net_note(net));
}
