#include "engine/exchange/npz.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "net/io/atomic_file.h"

G_DEFINE_QUARK(npz - error - quark, npz_error)

enum { CHUNK = 1 << 16, NPY_ALIGN = 64 };

struct npz_writer {
    struct atomic_file file;
    uint64_t written;
    GByteArray *directory; /* the zip's central directory so far */
    uint64_t members;
};

struct npz_stream {
    struct npz_writer *writer;
    char *name, *type;
    int fd;
    z_stream deflate;
    uLong crc;
    uint64_t bytes, packed; /* of the elements; compressed */
    guint8 chunk[CHUNK];
};

static bool fail(GError **error, const char *path, const char *what)
{
    g_set_error(error, NPZ_ERROR, NPZ_ERROR_WRITE, "cannot write %s: %s", path, what);
    return false;
}

/* ---- the compressed elements ---- */

struct npz_stream *npz_begin(struct npz_writer *writer, const char *name, const char *type, GError **error)
{
    char *path = g_strconcat(writer->file.path, ATOMIC_FILE_MARK "XXXXXX", NULL);
    int fd = g_mkstemp_full(path, O_RDWR | O_CLOEXEC, 0600);
    int why = errno;
    if (fd >= 0)
        g_unlink(path);
    else
        fail(error, writer->file.path, g_strerror(why));
    g_free(path);
    if (fd < 0)
        return NULL;
    struct npz_stream *stream = g_new0(struct npz_stream, 1);
    *stream = (struct npz_stream){.writer = writer, .name = g_strdup(name), .type = g_strdup(type), .fd = fd};
    stream->crc = crc32(0, NULL, 0);
    /* Raw, as in a zip. Planes are mostly zeros: a higher level takes several times as long for little. */
    if (deflateInit2(&stream->deflate, 1, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK)
        return stream;
    fail(error, writer->file.path, "no memory for compression");
    npz_drop(stream);
    return NULL;
}

void npz_drop(struct npz_stream *stream)
{
    if (!stream)
        return;
    deflateEnd(&stream->deflate);
    close(stream->fd);
    g_free(stream->name);
    g_free(stream->type);
    g_free(stream);
}

static bool write_whole(int fd, const guint8 *data, size_t bytes)
{
    while (bytes > 0) {
        ssize_t done = write(fd, data, bytes);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        data += done;
        bytes -= (size_t)done;
    }
    return true;
}

static bool squeeze(struct npz_stream *stream, int flush, GError **error)
{
    z_stream *z = &stream->deflate;
    do {
        z->next_out = stream->chunk;
        z->avail_out = CHUNK;
        deflate(z, flush);
        size_t made = CHUNK - z->avail_out;
        if (!write_whole(stream->fd, stream->chunk, made))
            return fail(error, stream->writer->file.path, g_strerror(errno));
        stream->packed += made;
    } while (z->avail_out == 0);
    return true;
}

bool npz_append(struct npz_stream *stream, const void *data, size_t bytes, GError **error)
{
    for (size_t at = 0; at < bytes;) {
        const uInt part = (uInt)MIN(bytes - at, (size_t)1 << 30);
        stream->deflate.next_in = (Bytef *)data + at;
        stream->deflate.avail_in = part;
        stream->crc = crc32(stream->crc, stream->deflate.next_in, part);
        if (!squeeze(stream, Z_NO_FLUSH, error))
            return false;
        at += part;
    }
    stream->bytes += bytes;
    return true;
}

/* ---- the zip ---- */

static void put(GByteArray *out, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        g_byte_array_append(out, (const guint8[]){(guint8)(value >> (8 * i))}, 1);
}

static bool write_bytes(struct npz_writer *writer, const void *data, size_t bytes, GError **error)
{
    writer->written += bytes;
    return atomic_file_write(&writer->file, data, bytes, error);
}

static bool write_array(struct npz_writer *writer, GByteArray *bytes, GError **error)
{
    bool good = write_bytes(writer, bytes->data, bytes->len, error);
    g_byte_array_unref(bytes);
    return good;
}

/* The beginning of a .npy: magic, version, length, a Python dictionary, padded with blanks. */
static GByteArray *npy_header(const struct npz_stream *stream, int rank, const int64_t *shape)
{
    GString *text = g_string_new(NULL);
    g_string_printf(text, "{'descr': '%s', 'fortran_order': False, 'shape': (", stream->type);
    for (int d = 0; d < rank; d++)
        g_string_append_printf(text, "%s%" G_GINT64_FORMAT "%s", d ? " " : "", shape[d],
                               d + 1 < rank || rank == 1 ? "," : "");
    g_string_append(text, "), }");
    const size_t fixed = 10; /* magic, version, length */
    while ((fixed + text->len + 1) % NPY_ALIGN)
        g_string_append_c(text, ' ');
    g_string_append_c(text, '\n');
    GByteArray *out = g_byte_array_new();
    g_byte_array_append(out, (const guint8 *)"\x93NUMPY\x01\x00", 8);
    put(out, text->len, 2);
    g_byte_array_append(out, (const guint8 *)text->str, (guint)text->len);
    g_string_free(text, TRUE);
    return out;
}

/* What the local header and the entry of the directory have in common, from "version needed" on. Sizes are in the extra field
 * of zip64, whose marks stand in their places. */
static void put_member(GByteArray *out, uLong crc, const char *file)
{
    enum { ZIP64 = 45, DEFLATED = 8, NO_TIME = 0, NO_DATE = 1 << 5 | 1 /* 1 January 1980 */ };
    put(out, ZIP64, 2);
    put(out, 1 << 11, 2); /* the name is UTF-8 */
    put(out, DEFLATED, 2);
    put(out, NO_TIME, 2);
    put(out, NO_DATE, 2);
    put(out, crc, 4);
    put(out, UINT32_MAX, 4);
    put(out, UINT32_MAX, 4);
    put(out, strlen(file), 2);
}

/* The extra field: sizes, and in the directory the place. */
static void put_sizes(GByteArray *out, uint64_t bytes, uint64_t packed, const uint64_t *place)
{
    put(out, 1, 2);
    put(out, place ? 24 : 16, 2);
    put(out, bytes, 8);
    put(out, packed, 8);
    if (place)
        put(out, *place, 8);
}

static void put_directory(struct npz_writer *writer, uLong crc, const char *file, uint64_t bytes, uint64_t packed,
                          uint64_t place)
{
    GByteArray *out = writer->directory;
    put(out, 0x02014b50, 4);
    put(out, 3 << 8 | 45, 2); /* made by: Unix, zip64 */
    put_member(out, crc, file);
    put(out, 28, 2); /* length of the extra field */
    put(out, 0, 2);  /* of the comment */
    put(out, 0, 2);  /* disk */
    put(out, 0, 2);  /* attributes */
    put(out, (uint64_t)0100644 << 16, 4);
    put(out, UINT32_MAX, 4);
    g_byte_array_append(out, (const guint8 *)file, (guint)strlen(file));
    put_sizes(out, bytes, packed, &place);
    writer->members++;
}

/* The .npy's header goes in front of its compressed elements as a block of deflate that is not compressed. */
static void put_plain_block(GByteArray *out, const GByteArray *data)
{
    put(out, 0, 1); /* not the last block; not compressed */
    put(out, data->len, 2);
    put(out, ~(uint64_t)data->len, 2);
    g_byte_array_append(out, data->data, data->len);
}

static bool copy_packed(struct npz_stream *stream, GError **error)
{
    if (lseek(stream->fd, 0, SEEK_SET) != 0)
        return fail(error, stream->writer->file.path, g_strerror(errno));
    for (uint64_t left = stream->packed; left > 0;) {
        ssize_t got = read(stream->fd, stream->chunk, MIN(left, CHUNK));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return fail(error, stream->writer->file.path,
                        got < 0 ? g_strerror(errno) : "its temporary file ended early");
        if (!write_bytes(stream->writer, stream->chunk, (size_t)got, error))
            return false;
        left -= (uint64_t)got;
    }
    return true;
}

static bool write_member(struct npz_stream *stream, int rank, const int64_t *shape, GError **error)
{
    struct npz_writer *writer = stream->writer;
    if (!squeeze(stream, Z_FINISH, error))
        return false;
    char *file = g_strconcat(stream->name, ".npy", NULL);
    GByteArray *header = npy_header(stream, rank, shape), *out = g_byte_array_new(), *block = g_byte_array_new();
    put_plain_block(block, header);
    const uLong crc =
        crc32_combine(crc32(crc32(0, NULL, 0), header->data, header->len), stream->crc, (z_off_t)stream->bytes);
    const uint64_t bytes = header->len + stream->bytes, packed = block->len + stream->packed, place = writer->written;
    put(out, 0x04034b50, 4);
    put_member(out, crc, file);
    put(out, 20, 2); /* length of the extra field */
    g_byte_array_append(out, (const guint8 *)file, (guint)strlen(file));
    put_sizes(out, bytes, packed, NULL);
    g_byte_array_append(out, block->data, block->len);
    g_byte_array_unref(header);
    g_byte_array_unref(block);
    put_directory(writer, crc, file, bytes, packed, place);
    g_free(file);
    return write_array(writer, out, error) && copy_packed(stream, error);
}

bool npz_end(struct npz_stream *stream, int rank, const int64_t *shape, GError **error)
{
    bool good = write_member(stream, rank, shape, error);
    npz_drop(stream);
    return good;
}

bool npz_add(struct npz_writer *writer, const char *name, const char *type, int rank, const int64_t *shape,
             const void *data, size_t bytes, GError **error)
{
    struct npz_stream *stream = npz_begin(writer, name, type, error);
    if (!stream)
        return false;
    if (npz_append(stream, data, bytes, error))
        return npz_end(stream, rank, shape, error);
    npz_drop(stream);
    return false;
}

/* ---- the file ---- */

struct npz_writer *npz_create(const char *path, GError **error)
{
    struct npz_writer *writer = g_new0(struct npz_writer, 1);
    writer->directory = g_byte_array_new();
    if (atomic_file_open(&writer->file, path, error))
        return writer;
    g_byte_array_unref(writer->directory);
    g_free(writer);
    return NULL;
}

static void release(struct npz_writer *writer)
{
    g_byte_array_unref(writer->directory);
    g_free(writer);
}

void npz_abort(struct npz_writer *writer)
{
    if (!writer)
        return;
    atomic_file_abort(&writer->file);
    release(writer);
}

/* The directory and its ends: of zip64, its locator, and the one of old, which refers to it. */
static GByteArray *tail(const struct npz_writer *writer)
{
    GByteArray *out = g_byte_array_new();
    const uint64_t at = writer->written, size = writer->directory->len;
    g_byte_array_append(out, writer->directory->data, writer->directory->len);
    put(out, 0x06064b50, 4);
    put(out, 44, 8); /* what follows of this record */
    put(out, 3 << 8 | 45, 2);
    put(out, 45, 2);
    put(out, 0, 4 + 4); /* disks */
    put(out, writer->members, 8);
    put(out, writer->members, 8);
    put(out, size, 8);
    put(out, at, 8);
    put(out, 0x07064b50, 4);
    put(out, 0, 4);
    put(out, at + size, 8);
    put(out, 1, 4);
    put(out, 0x06054b50, 4);
    put(out, 0, 2 + 2);
    put(out, UINT16_MAX, 2);
    put(out, UINT16_MAX, 2);
    put(out, UINT32_MAX, 4);
    put(out, UINT32_MAX, 4);
    put(out, 0, 2); /* comment */
    return out;
}

bool npz_commit(struct npz_writer *writer, GError **error)
{
    bool good = write_array(writer, tail(writer), error) && atomic_file_commit(&writer->file, error);
    release(writer);
    return good;
}
