/* A parsed .safetensors file, to be written again with changes. */
#ifndef TENGEN_TESTS_NET_IO_REWRITE_H
#define TENGEN_TESTS_NET_IO_REWRITE_H

#include "net/io/safetensors.h"

#include <string.h>

enum { REWRITE_MAX_TENSORS = 256 };

struct rewrite {
    struct safetensors *file;
    struct safetensors_tensor tensors[REWRITE_MAX_TENSORS];
    struct safetensors_text texts[16];
    float *data[REWRITE_MAX_TENSORS]; /* copies of the tensors' values, for changes */
    int count, text_count;
};

/* keys: of the metadata to keep, as far as the file has them, NULL-terminated. */
static inline void rewrite_open(struct rewrite *r, GBytes *bytes, const char *const *keys)
{
    gsize size;
    const void *data = g_bytes_get_data(bytes, &size);
    memset(r, 0, sizeof *r);
    g_assert(safetensors_parse(&r->file, data, size, "rewrite", NULL) == 0);
    g_assert(safetensors_count(r->file) <= REWRITE_MAX_TENSORS);
    for (r->count = 0; r->count < safetensors_count(r->file); r->count++) {
        struct safetensors_tensor *tensor = &r->tensors[r->count];
        *tensor = *safetensors_at(r->file, r->count);
        r->data[r->count] = g_memdup2(tensor->data, (safetensors_elements(tensor) + 1) * sizeof(float));
        tensor->data = r->data[r->count];
    }
    for (; *keys; keys++)
        if (safetensors_metadata(r->file, *keys))
            r->texts[r->text_count++] = (struct safetensors_text){*keys, safetensors_metadata(r->file, *keys)};
}

/* Index of a tensor. */
static inline int rewrite_find(const struct rewrite *r, const char *name)
{
    int i = 0;
    while (strcmp(r->tensors[i].name, name) != 0)
        g_assert(++i < r->count);
    return i;
}

static inline void rewrite_remove(struct rewrite *r, const char *name)
{
    int i = rewrite_find(r, name);
    r->tensors[i] = r->tensors[--r->count];
    g_free(r->data[i]);
    r->data[i] = r->data[r->count];
}

/* value NULL: the key is omitted. */
static inline void rewrite_text(struct rewrite *r, const char *key, const char *value)
{
    int i = 0;
    while (strcmp(r->texts[i].key, key) != 0)
        g_assert(++i < r->text_count);
    if (value)
        r->texts[i].value = value;
    else
        r->texts[i] = r->texts[--r->text_count];
}

static inline GBytes *rewrite_close(struct rewrite *r)
{
    GBytes *bytes = safetensors_write(r->tensors, r->count, r->texts, r->text_count);
    for (int i = 0; i < r->count; i++)
        g_free(r->data[i]);
    safetensors_close(r->file);
    return bytes;
}

#endif
