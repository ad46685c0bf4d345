#include "engine/match/ranks/nets.h"

#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#include "agents/net_path.h"
#include "engine/cluster/load.h"
#include "engine/cluster/message.h"
#include "engine/cluster/net_bytes.h"

/* ---- rank 0 ---- */

static bool put_net(GByteArray *message, const char *net, const char *game, GError **error)
{
    char *path = net_path_find(net, game, error), *file = NULL;
    gsize size, packed_size;
    const bool good = path && g_file_get_contents(path, &file, &size, error);
    if (good) {
        GBytes *packed = cluster_pack_floats(file, size);
        const void *data = g_bytes_get_data(packed, &packed_size);
        message_put_text(message, net);
        message_put_bytes(message, data, packed_size);
        g_bytes_unref(packed);
    }
    g_free(file);
    g_free(path);
    return good;
}

static void add_names(GPtrArray *names, const char *spec)
{
    size_t length;
    for (const char *net = NULL; net_path_next(spec, &net, &length);) {
        char *name = g_strndup(net, length);
        if (g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
            g_free(name);
        else
            g_ptr_array_add(names, name);
    }
}

bool match_put_nets(GByteArray *message, const char *const *specs, int count, const char *game, GError **error)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    bool good = true;
    for (int i = 0; i < count; i++)
        add_names(names, specs[i]);
    message_put_u64(message, names->len);
    for (guint i = 0; good && i < names->len; i++)
        good = put_net(message, names->pdata[i], game, error);
    g_ptr_array_unref(names);
    return good;
}

/* ---- the other ranks ---- */

struct match_nets {
    GHashTable *files; /* name -> GINT_TO_POINTER(descriptor + 1) */
};

static bool write_all(int fd, const char *data, gsize size)
{
    while (size > 0) {
        const ssize_t written = write(fd, data, size);
        if (written < 0 && errno != EINTR)
            return false;
        data += MAX(written, 0);
        size -= (gsize)MAX(written, 0);
    }
    return true;
}

/* Returns the descriptor; -1 with the error set. */
static int keep_file(GBytes *file, GError **error)
{
    gsize size;
    const char *data = g_bytes_get_data(file, &size);
    int fd = memfd_create("tengen-net", MFD_CLOEXEC);
    if (fd >= 0 && write_all(fd, data, size))
        return fd;
    g_set_error(error, CLUSTER_ERROR, CLUSTER_ERROR_LOST, "cannot keep a net in memory: %s", g_strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

static bool take_net(struct match_nets *nets, struct message_reader *fields, GError **error)
{
    size_t size;
    char *name = message_take_text(fields);
    const void *packed = message_take_bytes(fields, &size);
    GBytes *file = cluster_unpack_floats(packed, size, error);
    const int fd = file ? keep_file(file, error) : -1;
    g_bytes_unref(file);
    if (fd >= 0)
        g_hash_table_insert(nets->files, name, GINT_TO_POINTER(fd + 1));
    else
        g_free(name);
    return fd >= 0;
}

static void close_file(void *file)
{
    close(GPOINTER_TO_INT(file) - 1);
}

struct match_nets *match_take_nets(struct message_reader *fields, GError **error)
{
    struct match_nets *nets = g_new0(struct match_nets, 1);
    bool good = true;
    nets->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, close_file);
    for (uint64_t count = message_take_u64(fields); good && count > 0; count--)
        good = take_net(nets, fields, error);
    if (good && fields->good)
        return nets;
    if (good)
        g_set_error_literal(error, CLUSTER_ERROR, CLUSTER_ERROR_LOST, "a damaged message from rank 0");
    match_nets_free(nets);
    return NULL;
}

void match_nets_free(struct match_nets *nets)
{
    if (!nets)
        return;
    g_hash_table_destroy(nets->files);
    g_free(nets);
}

char *match_nets_place(const struct match_nets *nets, const char *spec)
{
    GString *placed = g_string_new(NULL);
    const char *rest = spec;
    size_t length;
    for (const char *net = NULL; net_path_next(spec, &net, &length);) {
        char *name = g_strndup(net, length);
        const int file = GPOINTER_TO_INT(g_hash_table_lookup(nets->files, name));
        g_string_append_len(placed, rest, net - rest);
        if (file)
            g_string_append_printf(placed, "/proc/self/fd/%d", file - 1);
        else
            g_string_append(placed, name);
        rest = net + length;
        g_free(name);
    }
    g_string_append(placed, rest);
    return g_string_free(placed, FALSE);
}
