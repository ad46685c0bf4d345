/* Compression of the trainer's state for a pack. A .safetensors file is a header followed by floats: those are rounded to
 * their upper `kept` bytes and written by byte plane, so that exponents are adjacent and zstd compresses them well. */
#ifndef TENGEN_ENGINE_STORE_PACK_STATE_H
#define TENGEN_ENGINE_STORE_PACK_STATE_H

#include <glib.h>

/* kept: 2 to 4 bytes of each float. Never NULL; freed by the caller with g_bytes_unref. */
GBytes *pack_compress_state(const guint8 *bytes, size_t size, int kept);
/* The inverse; NULL if the data is invalid or claims more than `limit` bytes. Freed by the caller with g_free. */
guint8 *pack_expand_state(const void *packed, size_t length, size_t limit, size_t *size);

#endif
