#include "engine/store/pack/state.h"

#include <stdint.h>
#include <string.h>
#include <zstd.h>

enum { LEVEL = 12 };

static size_t data_start(const guint8 *bytes, size_t size)
{
    uint64_t length = 0;
    for (int i = 0; i < 8 && size >= 8; i++)
        length |= (uint64_t)bytes[i] << (8 * i);
    return size < 8 || length > size - 8 ? size : 8 + (size_t)length;
}

static uint32_t round_float(uint32_t bits, int kept)
{
    int drop = 8 * (4 - kept);
    if (drop == 0 || (bits & 0x7f800000u) == 0x7f800000u)
        return bits;
    uint32_t rounded = bits + (1u << (drop - 1));
    if ((rounded & 0x7f800000u) == 0x7f800000u) /* never round to infinity */
        rounded = bits;
    return rounded >> drop << drop;
}

GBytes *pack_compress_state(const guint8 *bytes, size_t size, int kept)
{
    size_t start = data_start(bytes, size), count = (size - start) / 4;
    guint8 *planes = g_malloc(size + 1);
    memcpy(planes, bytes, start);
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, bytes + start + 4 * i, 4);
        bits = round_float(GUINT32_FROM_LE(bits), kept);
        for (int b = 0; b < 4; b++)
            planes[start + (size_t)b * count + i] = (guint8)(bits >> (8 * b));
    }
    memcpy(planes + start + 4 * count, bytes + start + 4 * count, size - start - 4 * count);
    size_t bound = ZSTD_compressBound(size);
    guint8 *packed = g_malloc(bound);
    size_t length = ZSTD_compress(packed, bound, planes, size, LEVEL);
    g_assert(!ZSTD_isError(length));
    g_free(planes);
    return g_bytes_new_take(packed, length);
}

guint8 *pack_expand_state(const void *packed, size_t length, size_t limit, size_t *size)
{
    unsigned long long raw = ZSTD_getFrameContentSize(packed, length);
    if (raw == ZSTD_CONTENTSIZE_ERROR || raw == ZSTD_CONTENTSIZE_UNKNOWN || raw > limit)
        return NULL;
    guint8 *planes = g_malloc(raw + 1);
    size_t got = ZSTD_decompress(planes, raw, packed, length);
    if (ZSTD_isError(got) || got != raw) {
        g_free(planes);
        return NULL;
    }
    guint8 *bytes = g_malloc(raw + 1);
    *size = (size_t)raw;
    size_t start = data_start(planes, *size), count = (*size - start) / 4;
    memcpy(bytes, planes, *size);
    for (size_t i = 0; i < count; i++)
        for (size_t b = 0; b < 4; b++)
            bytes[start + 4 * i + b] = planes[start + b * count + i];
    g_free(planes);
    return bytes;
}
