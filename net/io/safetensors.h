/* The .safetensors format, as far as networks need it: named f32 tensors, and a map of strings.
 *
 *   8 bytes     length of the header, little endian
 *   header      JSON: {"__metadata__": {key: text}, name: {"dtype": "F32", "shape": [..], "data_offsets": [a, b]}}
 *   data        the tensors one after another, without holes or overlaps
 *
 * NumPy and PyTorch can read these files with the safetensors module. The reader trusts nothing: all lengths, offsets
 * and shapes are checked against the file's size before they are used. */
#ifndef TENGEN_NET_IO_SAFETENSORS_H
#define TENGEN_NET_IO_SAFETENSORS_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

enum { SAFETENSORS_MAX_RANK = 8 };

#define SAFETENSORS_ERROR (safetensors_error_quark())
GQuark safetensors_error_quark(void);
enum safetensors_error { SAFETENSORS_ERROR_FILE };

struct safetensors_tensor {
    const char *name;
    int rank; /* 0: a scalar */
    int64_t shape[SAFETENSORS_MAX_RANK];
    const float *data; /* row-major; 4-byte aligned */
};
/* Product of the shape. */
size_t safetensors_elements(const struct safetensors_tensor *tensor);

struct safetensors_text {
    const char *key, *value; /* UTF-8 */
};

/* Serialises to the bytes of a file, released by the caller with g_bytes_unref. Names must be distinct. */
GBytes *safetensors_write(const struct safetensors_tensor *tensors, int count, const struct safetensors_text *metadata,
                          int metadata_count);
/* Writes the bytes to a file atomically (see atomic_file.h) and releases them. Returns 0, or -1 with the error set. */
int safetensors_save(const char *path, GBytes *bytes, GError **error);

struct safetensors;
/* Loads a file into memory. Returns 0, or -1 with the error set to what is wrong with the file: truncated, invalid
 * header, overlapping or missing data, a type other than F32. Values are not checked: they may be NaN. */
int safetensors_load(struct safetensors **out, const char *path, GError **error);
/* Like safetensors_load, from memory; `where` names the origin in errors. The bytes are copied. */
int safetensors_parse(struct safetensors **out, const void *bytes, size_t size, const char *where, GError **error);
void safetensors_close(struct safetensors *file); /* NULL is allowed */

/* Access to the contents, which are valid as long as the file object; NULL if there is none of that name. */
const struct safetensors_tensor *safetensors_find(const struct safetensors *file, const char *name);
const char *safetensors_metadata(const struct safetensors *file, const char *key);
int safetensors_count(const struct safetensors *file);
const struct safetensors_tensor *safetensors_at(const struct safetensors *file, int index); /* by data offset */

#endif
