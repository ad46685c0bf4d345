/* .npz files: the input as one, and as the .npy of a sound zip, whose checksum would else keep the fuzzer out. Every array that
 * is read has the size that its shape says. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "engine/exchange/npz.h"

/* A bug for the build with planted bugs: triggered by a tilde in the name of an array that is read. */
static void plant(const struct npz_array *array)
{
#ifdef FUZZ_PLANTED
    if (strchr(array->name, '~'))
        abort();
#else
    (void)array;
#endif
}

static void try_parse(const void *data, size_t size)
{
    GError *error = NULL;
    GArray *arrays = npz_parse(data, size, "input", &error);
    assert(!arrays == (error != NULL));
    g_clear_error(&error);
    for (guint i = 0; arrays && i < arrays->len; i++) {
        const struct npz_array *array = &g_array_index(arrays, struct npz_array, i);
        size_t count = 1;
        for (int d = 0; d < array->rank; d++)
            count *= (size_t)array->shape[d];
        assert(array->rank <= NPZ_MAX_RANK && count == array->count);
        plant(array);
        g_free(npz_floats(array));
    }
    if (arrays)
        g_array_unref(arrays);
}

static void put(GByteArray *out, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        g_byte_array_append(out, (const guint8[]){(guint8)(value >> (8 * i))}, 1);
}

/* The fields that a local header and the directory share, of a stored member "a". */
static void put_member(GByteArray *out, const uint8_t *data, size_t size)
{
    put(out, 20, 2);
    put(out, 0, 8); /* flags, stored, time, date */
    put(out, crc32(crc32(0, NULL, 0), data, (uInt)size), 4);
    put(out, size, 4);
    put(out, size, 4);
    put(out, 1, 2);
    put(out, 0, 2);
}

static void try_member(const uint8_t *data, size_t size)
{
    GByteArray *zip = g_byte_array_new();
    put(zip, 0x04034b50, 4);
    put_member(zip, data, size);
    put(zip, 'a', 1);
    g_byte_array_append(zip, data, (guint)size);
    const guint at = zip->len;
    put(zip, 0x02014b50, 4);
    put(zip, 20, 2);
    put_member(zip, data, size);
    put(zip, 0, 8);
    put(zip, 0, 6);
    put(zip, 'a', 1);
    const guint length = zip->len - at;
    put(zip, 0x06054b50, 4);
    put(zip, 0, 4);
    put(zip, 1, 2);
    put(zip, 1, 2);
    put(zip, length, 4);
    put(zip, at, 4);
    put(zip, 0, 2);
    try_parse(zip->data, zip->len);
    g_byte_array_unref(zip);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try_parse(data, size);
    try_member(data, size);
    return 0;
}
