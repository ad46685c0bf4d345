#include "fuzz_server.h"

#include <glib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mcts/evaluator.h"

void fuzz_enter_folder(void)
{
    static char *folder;
    if (folder)
        return;
    folder = g_dir_make_tmp("tengen-fuzz-XXXXXX", NULL);
    if (!folder || chdir(folder) != 0)
        g_error("cannot create a temporary folder");
}

const char *fuzz_agent(const char *game_spec)
{
    static char *spec;
    struct game game;
    struct net *net;
    if (spec)
        return spec;
    fuzz_enter_folder();
    if (!game_parse(&game, game_spec, NULL) || evaluator_net_fresh(&net, &game, "conv:4", 1, NULL) < 0 ||
        net_save(net, "net.safetensors", NULL, NULL) < 0)
        g_error("cannot create a net");
    net_unref(net);
    char *path = g_get_current_dir();
    spec = g_strdup_printf("policy:%s/net.safetensors,backend=plain", path);
    g_free(path);
    return spec;
}

int fuzz_input_is_safe(const uint8_t *data, size_t size)
{
    return !memchr(data, '/', size) && !memmem(data, size, "net.safetensors", 15);
}

/* A file descriptor of an in-memory file with these bytes, at offset 0. */
static int file_of(const uint8_t *data, size_t size)
{
    int fd = memfd_create("fuzz", 0);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0)
        g_error("cannot create an in-memory file");
    return fd;
}

int fuzz_serve(int (*serve)(void *server, int in, int out), void *server, const uint8_t *data, size_t size,
               const char *seen)
{
    int in = file_of(data, size), out = file_of(data, 0), found = 0;
    serve(server, in, out);
    off_t length = lseek(out, 0, SEEK_END);
    char *text = g_malloc0((size_t)length + 1);
    if (pread(out, text, (size_t)length, 0) != length)
        g_error("cannot read the output");
    for (const char *at = text; (at = memmem(at, (size_t)(text + length - at), seen, strlen(seen))); at++)
        found++;
    g_free(text);
    close(in);
    close(out);
    return found;
}
