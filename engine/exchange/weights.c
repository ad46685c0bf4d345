#include "engine/exchange/weights.h"

#include "engine/exchange/npz.h"
#include "net/io/safetensors.h"
#include "net/net.h"

#include <string.h>

/* What a file of the net has, without a detour over internals of the net: its tensors and metadata, as saved. */
static struct safetensors *as_saved(const struct net *net, GError **error)
{
    struct safetensors *file = NULL;
    GBytes *bytes = net_write_bytes(net, net_note(net));
    gsize size;
    const void *data = g_bytes_get_data(bytes, &size);
    safetensors_parse(&file, data, size, "net", error);
    g_bytes_unref(bytes);
    return file;
}

/* Ranges of quantised tensors are "highest/NAME" and "mean/NAME"; parameters have no slash. */
static bool is_parameter(const struct safetensors_tensor *tensor)
{
    return !strchr(tensor->name, '/');
}

bool weights_write_npz(const struct net *net, const char *path, GError **error)
{
    struct safetensors *file = as_saved(net, error);
    struct npz_writer *writer = file ? npz_create(path, error) : NULL;
    bool good = writer != NULL;
    for (int i = 0; good && i < safetensors_count(file); i++) {
        const struct safetensors_tensor *tensor = safetensors_at(file, i);
        good = !is_parameter(tensor) || npz_add(writer, tensor->name, "<f4", tensor->rank, tensor->shape, tensor->data,
                                                safetensors_elements(tensor) * sizeof *tensor->data, error);
    }
    if (good)
        good = npz_commit(writer, error);
    else
        npz_abort(writer);
    safetensors_close(file);
    return good;
}

/* ---- back ---- */

/* "(64, 22, 3, 3)". */
static char *shape_text(int rank, const int64_t *shape)
{
    GString *text = g_string_new("(");
    for (int d = 0; d < rank; d++)
        g_string_append_printf(text, "%s%" G_GINT64_FORMAT, d ? ", " : "", shape[d]);
    return g_string_free(g_string_append_c(text, ')'), FALSE);
}

/* Replaces a tensor's data by that of the array of its name, which goes to `owned`, too. */
static bool replace(struct safetensors_tensor *tensor, const GArray *arrays, GPtrArray *owned, const char *path,
                    GError **error)
{
    const struct npz_array *array = npz_find(arrays, tensor->name);
    char *needs = shape_text(tensor->rank, tensor->shape), *has = array ? shape_text(array->rank, array->shape) : NULL;
    float *data = NULL;
    if (!array || !has)
        g_set_error(error, NPZ_ERROR, NPZ_ERROR_FILE, "%s: the net needs an array \"%s\" of shape %s, which is missing",
                    path, tensor->name, needs);
    else if (strcmp(needs, has) != 0)
        g_set_error(error, NPZ_ERROR, NPZ_ERROR_FILE, "%s: array \"%s\" has the shape %s; the net needs %s", path,
                    tensor->name, has, needs);
    else if (!(data = npz_floats(array)))
        g_set_error(error, NPZ_ERROR, NPZ_ERROR_FILE,
                    "%s: array \"%s\" is of type %s; weights are of float32 or float64, as astype(\"<f4\") makes them",
                    path, tensor->name, array->type);
    tensor->data = data;
    if (data)
        g_ptr_array_add(owned, data);
    g_free(needs);
    g_free(has);
    return data != NULL;
}

/* All parameters of the file, with the data of the arrays, which `owned` frees. */
static GArray *replaced(const struct safetensors *file, const GArray *arrays, GPtrArray *owned, const char *path,
                        GError **error)
{
    GArray *tensors = g_array_new(FALSE, FALSE, sizeof(struct safetensors_tensor));
    bool good = true;
    for (int i = 0; good && i < safetensors_count(file); i++) {
        struct safetensors_tensor tensor = *safetensors_at(file, i);
        if (!is_parameter(&tensor))
            continue;
        good = replace(&tensor, arrays, owned, path, error);
        g_array_append_val(tensors, tensor);
    }
    for (guint i = 0; good && i < arrays->len; i++) {
        const char *name = g_array_index(arrays, struct npz_array, i).name;
        const struct safetensors_tensor *tensor = safetensors_find(file, name);
        good = tensor && is_parameter(tensor);
        if (!good)
            g_set_error(error, NPZ_ERROR, NPZ_ERROR_FILE, "%s: the net has no tensor \"%s\"", path, name);
    }
    if (good)
        return tensors;
    g_array_unref(tensors);
    return NULL;
}

static const char *const metadata_keys[] = {"format",  "game",        "features", "trunk",       "planes",
                                            "globals", "other_moves", "horizons", "value_error", "head_experts",
                                            "tally",   "note",        "scope",    "history"};

/* The net of a file with these tensors and the metadata of another. */
static int assemble(struct net **out, const struct safetensors *like, const GArray *tensors, const char *path,
                    GError **error)
{
    struct safetensors_text texts[G_N_ELEMENTS(metadata_keys)];
    int count = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(metadata_keys); i++)
        if (safetensors_metadata(like, metadata_keys[i]))
            texts[count++] = (struct safetensors_text){metadata_keys[i], safetensors_metadata(like, metadata_keys[i])};
    GBytes *bytes =
        safetensors_write((const struct safetensors_tensor *)tensors->data, (int)tensors->len, texts, count);
    gsize size;
    const void *data = g_bytes_get_data(bytes, &size);
    int status = net_read_bytes(out, data, size, path, error);
    g_bytes_unref(bytes);
    return status;
}

int weights_read_npz(struct net **out, const struct net *like, const char *path, GError **error)
{
    *out = NULL;
    GPtrArray *owned = g_ptr_array_new_with_free_func(g_free);
    GArray *arrays = npz_load(path, error);
    struct safetensors *file = arrays ? as_saved(like, error) : NULL;
    GArray *tensors = file ? replaced(file, arrays, owned, path, error) : NULL;
    int status = tensors ? assemble(out, file, tensors, path, error) : -1;
    if (tensors)
        g_array_unref(tensors);
    safetensors_close(file);
    if (arrays)
        g_array_unref(arrays);
    g_ptr_array_unref(owned);
    return status;
}
