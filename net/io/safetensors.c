#include "net/io/safetensors.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "net/io/atomic_file.h"

GQuark safetensors_error_quark(void)
{
    return g_quark_from_static_string("safetensors-error-quark");
}

static const char metadata_name[] = "__metadata__";
/* A header of this size could describe a hundred thousand tensors; a larger one is an attack or an error. */
static const uint64_t header_max = 16u << 20;
static const double integer_max = 9007199254740992.0; /* 2^53: integers up to here are exact in JSON's doubles */

struct entry {
    struct safetensors_tensor tensor;
    uint64_t begin, end;
};

struct safetensors {
    cJSON *header;         /* owns the names and texts */
    struct entry *entries; /* by offset */
    int count;
    GHashTable *by_name;
    float *data;
    uint64_t data_bytes;
};

size_t safetensors_elements(const struct safetensors_tensor *tensor)
{
    size_t n = 1;
    for (int i = 0; i < tensor->rank; i++)
        n *= (size_t)tensor->shape[i];
    return n;
}

/* ---- writing ---- */

static cJSON *describe(const struct safetensors_tensor *tensor, uint64_t begin)
{
    cJSON *entry = cJSON_CreateObject(), *shape = cJSON_CreateArray(), *offsets = cJSON_CreateArray();
    for (int i = 0; i < tensor->rank; i++)
        cJSON_AddItemToArray(shape, cJSON_CreateNumber((double)tensor->shape[i]));
    cJSON_AddItemToArray(offsets, cJSON_CreateNumber((double)begin));
    cJSON_AddItemToArray(offsets, cJSON_CreateNumber((double)(begin + 4 * safetensors_elements(tensor))));
    cJSON_AddStringToObject(entry, "dtype", "F32");
    cJSON_AddItemToObject(entry, "shape", shape);
    cJSON_AddItemToObject(entry, "data_offsets", offsets);
    return entry;
}

/* The header, padded with spaces so that the data begin at a multiple of 8. */
static GString *make_header(const struct safetensors_tensor *tensors, int count,
                            const struct safetensors_text *metadata, int metadata_count)
{
    cJSON *root = cJSON_CreateObject();
    if (metadata_count > 0) {
        cJSON *texts = cJSON_AddObjectToObject(root, metadata_name);
        for (int i = 0; i < metadata_count; i++)
            cJSON_AddStringToObject(texts, metadata[i].key, metadata[i].value);
    }
    uint64_t offset = 0;
    for (int i = 0; i < count; i++) {
        cJSON_AddItemToObject(root, tensors[i].name, describe(&tensors[i], offset));
        offset += 4 * safetensors_elements(&tensors[i]);
    }
    char *text = cJSON_PrintUnformatted(root);
    cJSON_Delete(root);
    GString *header = g_string_new(text);
    cJSON_free(text);
    while (header->len % 8)
        g_string_append_c(header, ' ');
    return header;
}

GBytes *safetensors_write(const struct safetensors_tensor *tensors, int count, const struct safetensors_text *metadata,
                          int metadata_count)
{
    GString *header = make_header(tensors, count, metadata, metadata_count);
    uint64_t length = GUINT64_TO_LE((uint64_t)header->len);
    size_t bytes = sizeof length + header->len;
    for (int i = 0; i < count; i++)
        bytes += 4 * safetensors_elements(&tensors[i]);
    char *data = g_malloc(bytes), *at = data;
    memcpy(at, &length, sizeof length);
    memcpy(at += sizeof length, header->str, header->len);
    at += header->len;
    for (int i = 0; i < count; i++) {
        size_t each = 4 * safetensors_elements(&tensors[i]);
        if (each > 0)
            memcpy(at, tensors[i].data, each);
        at += each;
    }
    g_string_free(header, TRUE);
    return g_bytes_new_take(data, bytes);
}

int safetensors_save(const char *path, GBytes *bytes, GError **error)
{
    struct atomic_file file;
    gsize size;
    const void *data = g_bytes_get_data(bytes, &size);
    bool good = atomic_file_open(&file, path, error) && atomic_file_write(&file, data, size, error) &&
                atomic_file_commit(&file, error);
    g_bytes_unref(bytes);
    return good ? 0 : -1;
}

/* ---- reading ---- */

static bool refuse(GError **error, const char *where, const char *format, ...) G_GNUC_PRINTF(3, 4);
static bool refuse(GError **error, const char *where, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *what = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error(error, SAFETENSORS_ERROR, SAFETENSORS_ERROR_FILE, "%s is not a usable .safetensors file: %s", where,
                what);
    g_free(what);
    return false;
}

static bool read_integer(const cJSON *item, uint64_t *out)
{
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0) || item->valuedouble > integer_max)
        return false;
    *out = (uint64_t)item->valuedouble;
    return (double)*out == item->valuedouble;
}

static bool read_shape(const cJSON *shape, struct safetensors_tensor *tensor, uint64_t *bytes)
{
    if (!cJSON_IsArray(shape) || cJSON_GetArraySize(shape) > SAFETENSORS_MAX_RANK)
        return false;
    *bytes = 4;
    const cJSON *item;
    cJSON_ArrayForEach(item, shape)
    {
        uint64_t extent;
        if (!read_integer(item, &extent) || __builtin_mul_overflow(*bytes, extent, bytes))
            return false;
        tensor->shape[tensor->rank++] = (int64_t)extent;
    }
    return true;
}

static bool read_entry(struct safetensors *file, const cJSON *item, struct entry *entry, const char *where,
                       GError **error)
{
    const char *name = item->string;
    *entry = (struct entry){.tensor.name = name};
    const cJSON *dtype = cJSON_GetObjectItemCaseSensitive(item, "dtype");
    const cJSON *offsets = cJSON_GetObjectItemCaseSensitive(item, "data_offsets");
    uint64_t bytes;
    if (!cJSON_IsObject(item) || !cJSON_IsString(dtype))
        return refuse(error, where, "tensor \"%.64s\" has no type", name);
    if (strcmp(dtype->valuestring, "F32") != 0)
        return refuse(error, where, "tensor \"%.64s\" has type %.16s; only F32 is supported", name, dtype->valuestring);
    if (!read_shape(cJSON_GetObjectItemCaseSensitive(item, "shape"), &entry->tensor, &bytes))
        return refuse(error, where, "tensor \"%.64s\" has an invalid shape", name);
    if (!cJSON_IsArray(offsets) || cJSON_GetArraySize(offsets) != 2 || !read_integer(offsets->child, &entry->begin) ||
        !read_integer(offsets->child->next, &entry->end))
        return refuse(error, where, "tensor \"%.64s\" has no data offsets", name);
    if (entry->end < entry->begin || entry->end > file->data_bytes)
        return refuse(error, where, "tensor \"%.64s\" is outside the file, which is truncated or damaged", name);
    if (entry->end - entry->begin != bytes)
        return refuse(error, where, "the shape of tensor \"%.64s\" does not match its data", name);
    return true;
}

static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return x->end < y->end ? -1 : x->end > y->end;
}

static bool read_metadata(const cJSON *texts, const char *where, GError **error)
{
    if (!cJSON_IsObject(texts))
        return refuse(error, where, "its metadata are not a map of strings");
    const cJSON *item;
    cJSON_ArrayForEach(item, texts) if (!cJSON_IsString(item)) return refuse(
        error, where, "its metadata \"%.64s\" are not a string", item->string);
    return true;
}

static bool read_entries(struct safetensors *file, const char *where, GError **error)
{
    file->entries = g_new0(struct entry, (gsize)cJSON_GetArraySize(file->header) + 1);
    file->by_name = g_hash_table_new(g_str_hash, g_str_equal);
    const cJSON *item;
    cJSON_ArrayForEach(item, file->header)
    {
        if (strcmp(item->string, metadata_name) == 0) {
            if (!read_metadata(item, where, error))
                return false;
        } else if (!read_entry(file, item, &file->entries[file->count++], where, error)) {
            return false;
        }
        if (!g_hash_table_add(file->by_name, item->string))
            return refuse(error, where, "duplicate name \"%.64s\"", item->string);
    }
    g_hash_table_remove_all(file->by_name);
    qsort(file->entries, (size_t)file->count, sizeof *file->entries, compare_entries);
    uint64_t at = 0;
    for (int i = 0; i < file->count; i++) {
        struct entry *entry = &file->entries[i];
        if (entry->begin != at)
            return refuse(error, where, "tensor \"%.64s\" %s", entry->tensor.name,
                          entry->begin < at ? "overlaps another" : "follows a gap in the data");
        at = entry->end;
        entry->tensor.data = file->data + entry->begin / 4;
        g_hash_table_insert(file->by_name, (char *)entry->tensor.name, &entry->tensor);
    }
    if (at != file->data_bytes)
        return refuse(error, where, "%" G_GUINT64_FORMAT " bytes follow the last tensor", file->data_bytes - at);
    return true;
}

static bool read_header(struct safetensors *file, const char *text, uint64_t length, const char *where, GError **error)
{
    if (length == 0 || text[0] != '{' || !g_utf8_validate(text, (gssize)length, NULL))
        return refuse(error, where, "its header is not JSON");
    const char *end = NULL;
    file->header = cJSON_ParseWithLengthOpts(text, length, &end, 0);
    if (!file->header || !cJSON_IsObject(file->header))
        return refuse(error, where, "its header is not JSON");
    for (; end < text + length; end++)
        if (*end != ' ')
            return refuse(error, where, "its header has text after the JSON object");
    return true;
}

static bool parse_into(struct safetensors *file, const char *bytes, size_t size, const char *where, GError **error)
{
    uint64_t length;
    if (size < sizeof length)
        return refuse(error, where, "it is only %zu bytes long", size);
    memcpy(&length, bytes, sizeof length);
    length = GUINT64_FROM_LE(length);
    if (length > header_max || length > size - sizeof length)
        return refuse(error, where,
                      "its header claims to have %" G_GUINT64_FORMAT
                      " bytes; the file is truncated or in another format",
                      length);
    file->data_bytes = size - sizeof length - length;
    if (!read_header(file, bytes + sizeof length, length, where, error))
        return false;
    /* Copied, because the data may be unaligned in the file. The extra bytes are for odd lengths, which are rejected
     * later. */
    file->data = g_malloc(file->data_bytes + 4);
    memcpy(file->data, bytes + sizeof length + length, file->data_bytes);
    return read_entries(file, where, error);
}

int safetensors_parse(struct safetensors **out, const void *bytes, size_t size, const char *where, GError **error)
{
    *out = NULL;
    struct safetensors *file = g_new0(struct safetensors, 1);
    if (!parse_into(file, bytes, size, where, error)) {
        safetensors_close(file);
        return -1;
    }
    *out = file;
    return 0;
}

int safetensors_load(struct safetensors **out, const char *path, GError **error)
{
    *out = NULL;
    struct stat status;
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
        refuse(error, path, "it is not a file");
        return -1;
    }
    char *bytes;
    gsize size;
    GError *cause = NULL;
    if (!g_file_get_contents(path, &bytes, &size, &cause)) {
        g_set_error(error, SAFETENSORS_ERROR, SAFETENSORS_ERROR_FILE, "cannot read it: %s", cause->message);
        g_clear_error(&cause);
        return -1;
    }
    int result = safetensors_parse(out, bytes, size, path, error);
    g_free(bytes);
    return result;
}

void safetensors_close(struct safetensors *file)
{
    if (!file)
        return;
    cJSON_Delete(file->header);
    if (file->by_name)
        g_hash_table_destroy(file->by_name);
    g_free(file->entries);
    g_free(file->data);
    g_free(file);
}

/* ---- access ---- */

const struct safetensors_tensor *safetensors_find(const struct safetensors *file, const char *name)
{
    return g_hash_table_lookup(file->by_name, name);
}

const char *safetensors_metadata(const struct safetensors *file, const char *key)
{
    const cJSON *texts = cJSON_GetObjectItemCaseSensitive(file->header, metadata_name);
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(texts, key);
    return item ? item->valuestring : NULL;
}

int safetensors_count(const struct safetensors *file)
{
    return file->count;
}

const struct safetensors_tensor *safetensors_at(const struct safetensors *file, int index)
{
    return &file->entries[index].tensor;
}
