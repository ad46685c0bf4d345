#include "engine/exchange/npz.h"

#include <string.h>
#include <zlib.h>

enum { MAX_MEMBERS = 10000, MAX_RATIO = 1032 /* of deflate */ };
#define MAX_BYTES ((uint64_t)1 << 30) /* of all arrays */

struct reader {
    const guint8 *bytes;
    size_t size;
    const char *where;
    GError **error;
    GArray *arrays;
    uint64_t left; /* of MAX_BYTES */
};

struct member {
    char *name; /* of the file in the zip */
    int flags, method;
    uint32_t crc;
    uint64_t packed, bytes, place; /* place: of the local header */
};

static bool damaged(const struct reader *reader, const char *what)
{
    g_set_error(reader->error, NPZ_ERROR, NPZ_ERROR_FILE, "%s: %s; expected an .npz file as numpy.savez writes it",
                reader->where, what);
    return false;
}

/* A number at a place that is known to be in the data. */
static uint64_t number(const guint8 *at, int bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++)
        value |= (uint64_t)at[i] << (8 * i);
    return value;
}

/* `length` bytes at `place`; NULL if they are not all there. */
static const guint8 *bytes_at(const struct reader *reader, uint64_t place, uint64_t length)
{
    return place <= reader->size && length <= reader->size - place ? reader->bytes + place : NULL;
}

/* ---- the .npy in a member ---- */

static bool refuse(const struct reader *reader, const char *name, const char *what)
{
    g_set_error(reader->error, NPZ_ERROR, NPZ_ERROR_FILE, "%s: array \"%s\" %s", reader->where, name, what);
    return false;
}

/* "3, 4" or "3,". */
static bool read_shape(const char *text, struct npz_array *array, uint64_t *count)
{
    char **words = g_strsplit(text, ",", -1);
    bool good = true;
    *count = 1;
    for (int i = 0; words[i] && good; i++) {
        guint64 size = 0;
        if (!*g_strstrip(words[i]))
            continue;
        good = array->rank < NPZ_MAX_RANK && g_ascii_string_to_unsigned(words[i], 10, 0, MAX_BYTES, &size, NULL);
        if (good)
            array->shape[array->rank++] = (int64_t)size;
        *count = good ? *count * size : 0;
        good = good && *count <= MAX_BYTES;
    }
    g_strfreev(words);
    return good;
}

/* The bytes of an element; 0 for types that are not read: of another byte order, with objects or fields. */
static uint64_t element_bytes(const char *type)
{
    guint64 bytes = 0;
    const bool number = type[0] == '<' && strchr("fiu", type[1]) && type[1], text = g_str_has_prefix(type, "|S");
    if ((number || text) && g_ascii_string_to_unsigned(type + 2, 10, 1, number ? 8 : 1 << 20, &bytes, NULL))
        return bytes;
    return 0;
}

const struct npz_array *npz_find(const GArray *arrays, const char *name)
{
    for (guint i = 0; i < arrays->len; i++)
        if (strcmp(g_array_index(arrays, struct npz_array, i).name, name) == 0)
            return &g_array_index(arrays, struct npz_array, i);
    return NULL;
}

float *npz_floats(const struct npz_array *array)
{
    const int width = strcmp(array->type, "<f4") == 0 ? 4 : strcmp(array->type, "<f8") == 0 ? 8 : 0;
    if (!width)
        return NULL;
    float *data = g_new(float, array->count + 1);
    for (size_t i = 0; i < array->count; i++) {
        const uint64_t bits = number(array->data + i * (size_t)width, width);
        const uint32_t low = (uint32_t)bits;
        double wide;
        memcpy(&wide, &bits, sizeof wide);
        if (width == 4)
            memcpy(&data[i], &low, sizeof low);
        else
            data[i] = (float)wide;
    }
    return data;
}

/* The three fields of a header, which begins an array, and its elements. */
static bool read_fields(struct reader *reader, const char *name, GMatchInfo *match, const guint8 *elements,
                        uint64_t size)
{
    char *type = g_match_info_fetch(match, 1), *order = g_match_info_fetch(match, 2),
         *shape = g_match_info_fetch(match, 3);
    struct npz_array array = {.rank = 0};
    const uint64_t width = strlen(type) < sizeof array.type ? element_bytes(type) : 0;
    uint64_t count = 0;
    bool good = false;
    if (!width)
        refuse(reader, name, "is not of numbers (little endian) or texts; convert it with astype(\"<f4\")");
    else if (!read_shape(shape, &array, &count))
        refuse(reader, name, "has an invalid shape");
    else if (strcmp(order, "True") == 0 && array.rank > 1)
        refuse(reader, name, "is in Fortran's order; convert it with numpy.ascontiguousarray");
    else if (count * width != size)
        refuse(reader, name, "has more or fewer elements than its shape says");
    else
        good = true;
    if (good) {
        array.name = g_strdup(name);
        g_strlcpy(array.type, type, sizeof array.type);
        array.count = count;
        array.data = g_malloc(size + 1);
        memcpy(array.data, elements, size);
        g_array_append_val(reader->arrays, array);
    }
    g_free(type);
    g_free(order);
    g_free(shape);
    return good;
}

static bool read_npy(struct reader *reader, const char *name, const char *header, const guint8 *elements, uint64_t size)
{
    static const char pattern[] = "^\\{(?=.*'descr': *'([^']*)')(?=.*'fortran_order': *(True|False))"
                                  "(?=.*'shape': *\\(([0-9, ]*)\\)).*\\}\\s*$";
    GRegex *regex = g_regex_new(pattern, G_REGEX_RAW | G_REGEX_OPTIMIZE, 0, NULL);
    GMatchInfo *match = NULL;
    const bool good = g_regex_match(regex, header, 0, &match)
                          ? read_fields(reader, name, match, elements, size)
                          : refuse(reader, name, "has no header of the .npy format");
    g_match_info_free(match);
    g_regex_unref(regex);
    return good;
}

static bool split_npy(struct reader *reader, const char *name, const guint8 *data, uint64_t size)
{
    const int version = size >= 12 && memcmp(data, "\x93NUMPY", 6) == 0 ? data[6] : 0;
    const uint64_t fixed = version == 1 ? 10 : 12;
    const uint64_t length = version >= 1 && version <= 3 ? number(data + 8, version == 1 ? 2 : 4) : 0;
    if (length == 0 || length > size - fixed)
        return refuse(reader, name, "has no header of the .npy format");
    char *header = g_strndup((const char *)data + fixed, length);
    bool good = read_npy(reader, name, header, data + fixed + length, size - fixed - length);
    g_free(header);
    return good;
}

/* ---- members ---- */

static bool inflate_whole(const guint8 *packed, uint64_t size, guint8 *out, uint64_t bytes)
{
    z_stream z = {.next_in = (Bytef *)packed, .avail_in = (uInt)size, .next_out = out, .avail_out = (uInt)bytes};
    if (inflateInit2(&z, -MAX_WBITS) != Z_OK)
        return false;
    bool good = inflate(&z, Z_FINISH) == Z_STREAM_END && z.total_out == bytes;
    inflateEnd(&z);
    return good;
}

static bool unpack(struct reader *reader, const struct member *member, const char *name, const guint8 *packed)
{
    guint8 *own = NULL;
    const guint8 *data = packed;
    bool good = true;
    if (member->method == Z_DEFLATED) {
        data = own = g_malloc(member->bytes + 1);
        good = inflate_whole(packed, member->packed, own, member->bytes);
    }
    good = good && crc32(crc32(0, NULL, 0), data, (uInt)member->bytes) == member->crc;
    good =
        good ? split_npy(reader, name, data, member->bytes) : refuse(reader, name, "is damaged: its checksum differs");
    g_free(own);
    return good;
}

static bool read_member(struct reader *reader, const struct member *member)
{
    char *name = g_str_has_suffix(member->name, ".npy") ? g_strndup(member->name, strlen(member->name) - 4)
                                                        : g_strdup(member->name);
    const guint8 *local = bytes_at(reader, member->place, 30);
    const guint8 *packed = NULL;
    if (local && number(local, 4) == 0x04034b50)
        packed = bytes_at(reader, member->place + 30 + number(local + 26, 2) + number(local + 28, 2), member->packed);
    const bool stored = member->method == 0,
               sound = stored ? member->packed == member->bytes : member->bytes / MAX_RATIO <= member->packed + 1;
    bool good;
    if (member->flags & 1 || (!stored && member->method != Z_DEFLATED))
        good = refuse(reader, name, "is encrypted, or compressed by another method than deflate");
    else if (!packed || !sound)
        good = refuse(reader, name, "is damaged: it does not lie within the file");
    else if (member->bytes > reader->left)
        good = damaged(reader, "its arrays have more than 1 GiB");
    else
        good = unpack(reader, member, name, packed);
    reader->left -= good ? member->bytes : 0;
    g_free(name);
    return good;
}

/* Sizes and place of an entry whose fields are full are in the extra field of zip64, in this order. */
static bool read_wide(const guint8 *extra, size_t length, struct member *member)
{
    uint64_t *const fields[] = {&member->bytes, &member->packed, &member->place};
    for (size_t at = 0; at + 4 <= length;) {
        const size_t size = number(extra + at + 2, 2), begin = at + 4;
        if (size > length - begin)
            return false;
        size_t from = begin;
        for (int i = 0; i < 3 && number(extra + at, 2) == 1; i++) {
            if (*fields[i] != UINT32_MAX)
                continue;
            if (from + 8 > begin + size)
                return false;
            *fields[i] = number(extra + from, 8);
            from += 8;
        }
        at = begin + size;
    }
    return true;
}

/* The entry of the directory at *place, which moves behind it. */
static bool read_entry(struct reader *reader, uint64_t *place)
{
    const guint8 *at = bytes_at(reader, *place, 46);
    if (!at || number(at, 4) != 0x02014b50)
        return damaged(reader, "its directory is damaged");
    const uint64_t name = number(at + 28, 2), extra = number(at + 30, 2), comment = number(at + 32, 2);
    struct member member = {.flags = (int)number(at + 8, 2),
                            .method = (int)number(at + 10, 2),
                            .crc = (uint32_t)number(at + 16, 4),
                            .packed = number(at + 20, 4),
                            .bytes = number(at + 24, 4),
                            .place = number(at + 42, 4)};
    if (!bytes_at(reader, *place, 46 + name + extra + comment) || !read_wide(at + 46 + name, extra, &member) ||
        !g_utf8_validate((const char *)at + 46, (gssize)name, NULL))
        return damaged(reader, "its directory is damaged");
    member.name = g_strndup((const char *)at + 46, name);
    *place += 46 + name + extra + comment;
    bool good = read_member(reader, &member);
    g_free(member.name);
    return good;
}

/* ---- the file ---- */

/* The number of members and the place of the directory, from the record at the end. */
static bool read_end(const struct reader *reader, uint64_t *members, uint64_t *place)
{
    enum { END = 22, LOCATOR = 20, COMMENT_MAX = 65535 };
    if (reader->size < END)
        return false;
    const uint64_t least = reader->size > END + COMMENT_MAX ? reader->size - END - COMMENT_MAX : 0;
    for (uint64_t at = reader->size - END + 1; at-- > least;) {
        const guint8 *end = reader->bytes + at;
        if (number(end, 4) != 0x06054b50)
            continue;
        *members = number(end + 10, 2);
        *place = number(end + 16, 4);
        const guint8 *locator = at >= LOCATOR ? end - LOCATOR : NULL;
        if (!locator || number(locator, 4) != 0x07064b50)
            return true;
        const guint8 *wide = bytes_at(reader, number(locator + 8, 8), 56);
        if (!wide || number(wide, 4) != 0x06064b50)
            return false;
        *members = number(wide + 32, 8);
        *place = number(wide + 48, 8);
        return true;
    }
    return false;
}

static void array_clear(gpointer array)
{
    g_free(((struct npz_array *)array)->name);
    g_free(((struct npz_array *)array)->data);
}

GArray *npz_parse(const void *bytes, size_t size, const char *where, GError **error)
{
    struct reader reader = {.bytes = bytes, .size = size, .where = where, .error = error, .left = MAX_BYTES};
    uint64_t members = 0, place = 0;
    reader.arrays = g_array_new(FALSE, FALSE, sizeof(struct npz_array));
    g_array_set_clear_func(reader.arrays, array_clear);
    bool good = read_end(&reader, &members, &place) && members <= MAX_MEMBERS;
    if (!good)
        damaged(&reader, "it is no zip, or is cut off");
    for (uint64_t i = 0; i < members && good; i++)
        good = read_entry(&reader, &place);
    if (good)
        return reader.arrays;
    g_array_unref(reader.arrays);
    return NULL;
}

GArray *npz_load(const char *path, GError **error)
{
    GMappedFile *file = g_mapped_file_new(path, FALSE, error);
    if (!file)
        return NULL;
    GArray *arrays = npz_parse(g_mapped_file_get_contents(file), g_mapped_file_get_length(file), path, error);
    g_mapped_file_unref(file);
    return arrays;
}
