#include "engine/cluster/net_bytes.h"

#include <stdint.h>
#include <string.h>
#include <zstd.h>

#include "engine/cluster/load.h"
#include "net/net.h"

enum { LEVEL = 3, WORD = 4, MAX_BYTES = INT32_MAX };

/* Puts byte b of each word at b * words, and leaves what is behind the last whole word; or back. */
static void split(const uint8_t *from, uint8_t *to, size_t size)
{
    const size_t words = size / WORD;
    for (size_t i = 0; i < words; i++)
        for (size_t b = 0; b < WORD; b++)
            to[b * words + i] = from[i * WORD + b];
    memcpy(to + words * WORD, from + words * WORD, size % WORD);
}

static void join(const uint8_t *from, uint8_t *to, size_t size)
{
    const size_t words = size / WORD;
    for (size_t i = 0; i < words; i++)
        for (size_t b = 0; b < WORD; b++)
            to[i * WORD + b] = from[b * words + i];
    memcpy(to + words * WORD, from + words * WORD, size % WORD);
}

GBytes *cluster_pack_floats(const void *data, size_t size)
{
    uint8_t *apart = g_malloc(size + 1);
    split(data, apart, size);
    const size_t bound = ZSTD_compressBound(size);
    void *packed = g_malloc(bound);
    const size_t length = ZSTD_compress(packed, bound, apart, size, LEVEL);
    g_assert(!ZSTD_isError(length));
    g_free(apart);
    return g_bytes_new_take(g_realloc(packed, length), length);
}

GBytes *cluster_unpack_floats(const void *data, size_t size, GError **error)
{
    const unsigned long long length = ZSTD_getFrameContentSize(data, size);
    uint8_t *apart = length <= MAX_BYTES ? g_try_malloc(length + 1) : NULL;
    uint8_t *whole = apart ? g_try_malloc(length + 1) : NULL;
    const bool good = whole && ZSTD_decompress(apart, length, data, size) == length;
    if (good)
        join(apart, whole, length);
    g_free(apart);
    if (good)
        return g_bytes_new_take(whole, length);
    g_free(whole);
    g_set_error_literal(error, CLUSTER_ERROR, CLUSTER_ERROR_LOST, "damaged data from another rank");
    return NULL;
}

GBytes *cluster_pack_net(const struct net *net)
{
    GBytes *file = net_write_bytes(net, NULL);
    gsize size;
    const void *data = g_bytes_get_data(file, &size);
    GBytes *packed = cluster_pack_floats(data, size);
    g_bytes_unref(file);
    return packed;
}

bool cluster_unpack_net(struct net **out, const void *data, size_t size, GError **error)
{
    *out = NULL;
    GBytes *file = cluster_unpack_floats(data, size, error);
    if (!file)
        return false;
    gsize length;
    const void *bytes = g_bytes_get_data(file, &length);
    const bool good = net_read_bytes(out, bytes, length, "rank 0", error) == 0;
    g_bytes_unref(file);
    return good;
}
