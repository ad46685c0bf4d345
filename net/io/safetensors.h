/* The .safetensors format, as far as a network needs it: f32 tensors by name, and a map of strings.
 *
 *   8 bytes     length of the header, little endian
 *   header      JSON: {"__metadata__": {key: text}, name: {"dtype": "F32", "shape": [..], "data_offsets": [a, b]}}
 *   data        the tensors one after another, without holes or overlaps
 *
 * NumPy and PyTorch open these files through their safetensors module. A reader trusts nothing: every length, offset
 * and shape is held against the file's size before it is used. */
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
    int rank; /* 0: a single number */
    int64_t shape[SAFETENSORS_MAX_RANK];
    const float *data; /* row-major; 4-byte aligned */
};
/* Product of the shape. */
size_t safetensors_elements(const struct safetensors_tensor *tensor);

struct safetensors_text {
    const char *key, *value; /* UTF-8 */
};

/* A file's bytes, which the caller frees with g_bytes_unref. Names must be distinct. */
GBytes *safetensors_write(const struct safetensors_tensor *tensors, int count, const struct safetensors_text *metadata,
                          int metadata_count);
/* Writes bytes to a file whole or not at all (see atomic_file.h), and frees them. 0, or -1 with an error. */
int safetensors_save(const char *path, GBytes *bytes, GError **error);

struct safetensors;
/* Reads a whole file into memory. -1 with an error that says what is wrong with the file: cut short, hostile header,
 * overlapping or missing data, a type other than F32. Does not look at the numbers: NaN is its caller's matter. */
int safetensors_load(struct safetensors **out, const char *path, GError **error);
/* The same from memory; `where` names the source in errors. The bytes are copied. */
int safetensors_parse(struct safetensors **out, const void *bytes, size_t size, const char *where, GError **error);
void safetensors_close(struct safetensors *file); /* NULL is fine */

/* What was found; it lives as long as the file object. NULL when there is none of that name. */
const struct safetensors_tensor *safetensors_find(const struct safetensors *file, const char *name);
const char *safetensors_metadata(const struct safetensors *file, const char *key);
int safetensors_count(const struct safetensors *file);
const struct safetensors_tensor *safetensors_at(const struct safetensors *file, int index); /* by data offset */

#endif
