/* Rows of a batch on their way from rank 0 to the other trainers. */
#include <string.h>

#include "engine/cluster/message.h"
#include "engine/cluster/net_bytes.h"
#include "engine/training/team/team.h"
#include "games/game.h"
#include "net/net.h"
#include "net/targets.h"
#include "net/train.h"

/* An array of a batch: so many numbers for each row. */
struct part {
    float *values;
    size_t count;
};
enum { PARTS = 4 + 2 * NET_TARGETS };

int team_first_row(const struct net_samples *samples, int trainer, int trainers)
{
    const int length = samples->sequence, sequences = (samples->n + length - 1) / length;
    return MIN((int)((int64_t)sequences * trainer / trainers) * length, samples->n);
}

/* All arrays, those that several targets share once. Returns their number. */
static int list_parts(const struct net_samples *samples, const struct net_info *info, struct part parts[PARTS])
{
    const size_t points = (size_t)(samples->width * samples->height);
    int count = 0;
    parts[count++] = (struct part){samples->planes, (size_t)info->planes * points};
    parts[count++] = (struct part){samples->globals, (size_t)info->globals};
    parts[count++] = (struct part){samples->row_weight, 1};
    parts[count++] = (struct part){samples->back, 1};
    for (int t = 0; t < NET_TARGETS; t++) {
        bool shared = false;
        for (int other = 0; other < t; other++)
            shared = shared || samples->target[other] == samples->target[t];
        if (shared)
            continue;
        parts[count++] = (struct part){samples->target[t], (size_t)net_samples_count(samples, t)};
        parts[count++] = (struct part){samples->weight[t], 1};
    }
    return count;
}

void team_put_rows(GByteArray *message, const struct net_info *info, const struct net_samples *samples, int first,
                   int n)
{
    struct part parts[PARTS];
    const int count = list_parts(samples, info, parts);
    GByteArray *bytes = g_byte_array_new();
    for (int i = 0; i < count; i++)
        g_byte_array_append(bytes, (const guint8 *)(parts[i].values + (size_t)first * parts[i].count),
                            (guint)((size_t)n * parts[i].count * sizeof(float)));
    GBytes *packed = cluster_pack_floats(bytes->data, bytes->len);
    gsize size;
    const void *data = g_bytes_get_data(packed, &size);
    message_put_u64(message, (uint64_t)samples->width);
    message_put_u64(message, (uint64_t)samples->height);
    message_put_u64(message, (uint64_t)n);
    message_put_bytes(message, data, size);
    g_bytes_unref(packed);
    g_byte_array_unref(bytes);
}

static size_t bytes_of_row(const struct net_info *info, int width, int height)
{
    struct part parts[PARTS];
    struct net_samples *one = net_samples_new(info, width, height, 1);
    const int count = list_parts(one, info, parts);
    size_t numbers = 0;
    for (int i = 0; i < count; i++)
        numbers += parts[i].count;
    net_samples_free(one);
    return numbers * sizeof(float);
}

/* The bytes hold the arrays one after the other. */
static void fill(struct net_samples *samples, const struct net_info *info, const unsigned char *bytes)
{
    struct part parts[PARTS];
    const int count = list_parts(samples, info, parts);
    for (int i = 0; i < count; i++) {
        const size_t size = (size_t)samples->n * parts[i].count * sizeof(float);
        memcpy(parts[i].values, bytes, size);
        bytes += size;
    }
}

struct net_samples *team_take_rows(struct message_reader *reader, const struct net_info *info)
{
    enum { MOST_ROWS = 1 << 20 };
    const uint64_t width = message_take_u64(reader), height = message_take_u64(reader), n = message_take_u64(reader);
    size_t size;
    const void *data = message_take_bytes(reader, &size);
    if (!reader->good || width < 1 || width > GAME_MAX_SIZE || height < 1 || height > GAME_MAX_SIZE || n < 1 ||
        n > MOST_ROWS)
        return NULL;
    GBytes *bytes = cluster_unpack_floats(data, size, NULL);
    if (!bytes)
        return NULL;
    struct net_samples *samples = NULL;
    data = g_bytes_get_data(bytes, &size);
    if (size == n * bytes_of_row(info, (int)width, (int)height)) {
        samples = net_samples_new(info, (int)width, (int)height, (int)n);
        fill(samples, info, data);
    }
    g_bytes_unref(bytes);
    return samples;
}
