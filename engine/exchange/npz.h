/* NumPy's .npz files: a zip (PKWARE's APPNOTE, 6.3.10) of arrays, each a .npy (NumPy enhancement proposal 1, format 1.0).
 *
 *   writing   arrays are compressed (deflate) into unnamed files beside the target while they are made, several at a time;
 *             at the end each moves into the zip, which becomes visible once it is complete. Sizes of 64 bits throughout
 *   reading   the whole file in memory, stored or deflated members, of numbers and texts of a fixed size. Nothing in it is
 *             trusted: lengths, offsets and shapes are checked before they are used
 *
 * A struct belongs to one thread. */
#ifndef TENGEN_ENGINE_EXCHANGE_NPZ_H
#define TENGEN_ENGINE_EXCHANGE_NPZ_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NPZ_ERROR (npz_error_quark())
GQuark npz_error_quark(void);
/* WRITE: the machine failed; FILE: what was read is no .npz, or not one of these. */
enum npz_error { NPZ_ERROR_WRITE, NPZ_ERROR_FILE };

enum { NPZ_MAX_RANK = 8 };

/* ---- writing ---- */

struct npz_writer;
/* NULL with the error set if the file cannot be made. */
struct npz_writer *npz_create(const char *path, GError **error);
/* Moves the file to its name. Frees the writer in either case. False with the error set, and an old file of that name
 * unchanged. */
bool npz_commit(struct npz_writer *writer, GError **error);
void npz_abort(struct npz_writer *writer); /* NULL is fine */

struct npz_stream;
/* Begins an array; type: as NumPy writes it, "<f4". The name is copied. NULL with the error set on failure. */
struct npz_stream *npz_begin(struct npz_writer *writer, const char *name, const char *type, GError **error);
bool npz_append(struct npz_stream *stream, const void *data, size_t bytes, GError **error);
/* Ends the array, whose elements are those that were appended, and frees the stream, in either case. */
bool npz_end(struct npz_stream *stream, int rank, const int64_t *shape, GError **error);
void npz_drop(struct npz_stream *stream); /* instead of npz_end; NULL is fine */
/* All of it at once. */
bool npz_add(struct npz_writer *writer, const char *name, const char *type, int rank, const int64_t *shape,
             const void *data, size_t bytes, GError **error);

/* ---- reading ---- */

struct npz_array {
    char *name; /* without ".npy" */
    int rank;   /* 0: a single number */
    int64_t shape[NPZ_MAX_RANK];
    char type[16]; /* as NumPy writes it: "<f4", "<i8", "|S20" */
    size_t count;  /* of the elements: the product of the shape */
    guint8 *data;  /* the elements, row-major */
};

/* The arrays of a file (struct npz_array), in its order; freed with g_array_unref. NULL with the error set. */
GArray *npz_load(const char *path, GError **error);
/* The same from memory; `where` names the origin in errors. */
GArray *npz_parse(const void *bytes, size_t size, const char *where, GError **error);
/* The array of this name among npz_load's; NULL: there is none. */
const struct npz_array *npz_find(const GArray *arrays, const char *name);
/* The elements of an array of float32 or float64; freed by the caller. NULL for other types. */
float *npz_floats(const struct npz_array *array);

#endif
