/* Reads and writes nets as .safetensors files. */
#include "net/graph/graph.h"
#include "net/io/safetensors.h"
#include "net/net.h"
#include "net/targets.h"

#include "net/net_internal.h"

#include <math.h>
#include <string.h>

#define NET_FORMAT "tengen-net-1"

void net_metadata_add(struct net_metadata *metadata, const char *key, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct safetensors_text text = {key, g_strdup_vprintf(format, arguments)};
    va_end(arguments);
    g_array_append_val(metadata->texts, text);
}

void net_metadata_init(struct net_metadata *metadata, const struct net_info *info, const char *format)
{
    metadata->texts = g_array_new(FALSE, FALSE, sizeof(struct safetensors_text));
    net_metadata_add(metadata, "format", "%s", format);
    net_metadata_add(metadata, "game", "%s", info->game);
    net_metadata_add(metadata, "features", "%s", info->features);
    net_metadata_add(metadata, "trunk", "%s", info->trunk);
    net_metadata_add(metadata, "planes", "%d", info->planes);
    net_metadata_add(metadata, "globals", "%d", info->globals);
    net_metadata_add(metadata, "other_moves", "%d", info->other_moves);
    if (info->horizons > 0)
        net_metadata_add(metadata, "horizons", "%d", info->horizons);
    if (info->value_error)
        net_metadata_add(metadata, "value_error", "%d", info->value_error);
    if (info->head_experts > 0)
        net_metadata_add(metadata, "head_experts", "%d", info->head_experts);
    if (info->tally > 0)
        net_metadata_add(metadata, "tally", "%d", info->tally);
}

void net_metadata_clear(struct net_metadata *metadata)
{
    for (guint i = 0; i < metadata->texts->len; i++)
        g_free((char *)g_array_index(metadata->texts, struct safetensors_text, i).value);
    g_array_free(metadata->texts, TRUE);
}

static bool text_read(const struct safetensors *file, const char *path, const char *key, char *out, size_t size,
                      GError **error)
{
    const char *text = safetensors_metadata(file, key);
    if (!text || strlen(text) >= size) {
        g_set_error(error, NET_ERROR, NET_ERROR_FILE,
                    "%s: missing or invalid metadata \"%s\"; the file was not written by Tengen, or was modified", path,
                    key);
        return false;
    }
    g_strlcpy(out, text, size);
    return true;
}

static bool number_read(const struct safetensors *file, const char *path, const char *key, int *out, GError **error)
{
    char text[16];
    gint64 value;
    if (!text_read(file, path, key, text, sizeof text, error))
        return false;
    if (!g_ascii_string_to_signed(text, 10, 0, 100000, &value, NULL)) {
        g_set_error(error, NET_ERROR, NET_ERROR_FILE, "%s: metadata \"%s\" is \"%s\", not a number", path, key, text);
        return false;
    }
    *out = (int)value;
    return true;
}

bool net_metadata_info(const struct safetensors *file, const char *path, const char *format, struct net_info *info,
                       GError **error)
{
    const char *found = safetensors_metadata(file, "format");
    *info = (struct net_info){0};
    if (!found || strcmp(found, format) != 0) {
        g_set_error(error, NET_ERROR, NET_ERROR_FILE, "%s: the format is \"%s\"; expected \"%s\"", path,
                    found ? found : "unknown", format);
        return false;
    }
    return text_read(file, path, "game", info->game, sizeof info->game, error) &&
           text_read(file, path, "features", info->features, sizeof info->features, error) &&
           text_read(file, path, "trunk", info->trunk, sizeof info->trunk, error) &&
           number_read(file, path, "planes", &info->planes, error) &&
           number_read(file, path, "globals", &info->globals, error) &&
           number_read(file, path, "other_moves", &info->other_moves, error) &&
           (!safetensors_metadata(file, "horizons") || number_read(file, path, "horizons", &info->horizons, error)) &&
           (!safetensors_metadata(file, "value_error") ||
            number_read(file, path, "value_error", &info->value_error, error)) &&
           (!safetensors_metadata(file, "head_experts") ||
            number_read(file, path, "head_experts", &info->head_experts, error)) &&
           (!safetensors_metadata(file, "tally") || number_read(file, path, "tally", &info->tally, error));
}

static void tensor_clear(gpointer tensor)
{
    g_free((char *)((struct safetensors_tensor *)tensor)->name);
}

GArray *net_tensors_new(void)
{
    GArray *tensors = g_array_new(FALSE, TRUE, sizeof(struct safetensors_tensor));
    g_array_set_clear_func(tensors, tensor_clear);
    return tensors;
}

void net_tensors_add(GArray *tensors, const struct net_graph *graph, const char *prefix, const float *values)
{
    for (int i = 0; i < graph->params; i++) {
        const struct net_param *param = &graph->param[i];
        struct safetensors_tensor tensor = {
            .name = g_strconcat(prefix, param->name, NULL), .rank = param->rank, .data = values + param->offset};
        for (int d = 0; d < param->rank; d++)
            tensor.shape[d] = param->shape[d];
        g_array_append_val(tensors, tensor);
    }
}

static bool same_shape(const struct safetensors_tensor *tensor, const struct net_param *param)
{
    bool same = tensor->rank == param->rank;
    for (int d = 0; same && d < param->rank; d++)
        same = tensor->shape[d] == param->shape[d];
    return same;
}

static bool tensor_check(const struct safetensors_tensor *tensor, const char *name, const char *path,
                         const struct net_param *param, GError **error)
{
    if (!tensor) {
        g_set_error(error, NET_ERROR, NET_ERROR_FILE, "%s: its trunk needs a tensor \"%s\", which is missing", path,
                    name);
        return false;
    }
    if (!same_shape(tensor, param)) {
        GString *shape = g_string_new(NULL);
        for (int d = 0; d < param->rank; d++)
            g_string_append_printf(shape, "%s%d", d ? "x" : "", param->shape[d]);
        g_set_error(error, NET_ERROR, NET_ERROR_FILE,
                    "%s: the shape of tensor \"%s\" does not match the trunk, which needs %s", path, name, shape->str);
        g_string_free(shape, TRUE);
        return false;
    }
    for (size_t j = 0; j < param->count; j++)
        if (!isfinite(tensor->data[j])) {
            g_set_error(error, NET_ERROR, NET_ERROR_FILE,
                        "%s: tensor \"%s\" has a value that is not finite (element %zu); use an earlier file", path,
                        name, j);
            return false;
        }
    return true;
}

/* The shape of a parameter when the table of targets had only its first `targets` entries. Outputs are the second
 * dimension of dense weights and the first one of all other parameters. */
static struct net_param param_before(const struct net_graph *graph, const struct net_param *param, int targets)
{
    struct net_places places = net_places_of(net_targets, targets, graph->info.horizons, graph->info.value_error);
    const int outputs[] = {[NET_OUTPUT_POINTS] = places.points,
                           [NET_OUTPUT_OTHERS] = places.groups * graph->info.other_moves,
                           [NET_OUTPUT_VALUES] = places.values};
    struct net_param before = *param;
    int *size = &before.shape[param->rank == 2];
    if (param->makes != NET_OUTPUT_NONE) {
        before.count = before.count / (size_t)*size * (size_t)outputs[param->makes];
        *size = outputs[param->makes];
    }
    return before;
}

/* The number of targets in the table when a file was written, deduced from the sizes of its outputs; all of them if
 * nothing fits. */
static int file_targets(const struct safetensors *file, const struct net_graph *graph, const char *prefix)
{
    for (int targets = NET_TARGETS; targets > 0; targets--) {
        bool fits = true;
        for (int i = 0; i < graph->params && fits; i++) {
            char *name = g_strconcat(prefix, graph->param[i].name, NULL);
            const struct safetensors_tensor *tensor = safetensors_find(file, name);
            struct net_param before = param_before(graph, &graph->param[i], targets);
            fits = before.makes == NET_OUTPUT_NONE || (tensor && same_shape(tensor, &before));
            g_free(name);
        }
        if (fits)
            return targets;
    }
    return NET_TARGETS;
}

/* Copies a parameter; outputs that are not in the file become 0. */
static void copy_outputs(const struct net_param *before, const float *from, const struct net_param *param, float *to)
{
    size_t rows = param->rank == 2 ? (size_t)param->shape[0] : 1, had = before->count / rows, has = param->count / rows;
    memset(to, 0, param->count * sizeof *to);
    for (size_t row = 0; row < rows; row++)
        memcpy(to + row * has, from + row * had, had * sizeof *to);
}

bool net_tensors_read(const struct safetensors *file, const char *path, const struct net_graph *graph,
                      const char *prefix, float *values, GError **error)
{
    int targets = file_targets(file, graph, prefix);
    for (int i = 0; i < graph->params; i++) {
        const struct net_param *param = &graph->param[i], before = param_before(graph, param, targets);
        char *name = g_strconcat(prefix, param->name, NULL);
        const struct safetensors_tensor *tensor = safetensors_find(file, name);
        bool good = tensor_check(tensor, name, path, &before, error);
        g_free(name);
        if (!good)
            return false;
        copy_outputs(&before, tensor->data, param, values + param->offset);
    }
    return true;
}

/* Maxima and means of the channels of quantised tensors follow the weights, as "highest/NAME" and "mean/NAME". */
static const char *const range_kinds[] = {"highest", "mean"};

/* The name of the k-th kind of range of quantised tensor t; freed with g_free. */
static char *range_name(const struct net_graph *graph, int k, int t)
{
    char name[56];
    return g_strconcat(range_kinds[k], "/", net_graph_range_name(graph, t, name, sizeof name), NULL);
}

static size_t range_offset(const struct net_graph *graph, int k, int t)
{
    return (size_t)(k * graph->ranges + graph->tensor[t].range);
}

static int ranges_count(const struct net_graph *graph)
{
    int count = 0;
    for (int t = 0; t < graph->tensors; t++)
        count += net_graph_owns_range(graph, t);
    return count * (int)G_N_ELEMENTS(range_kinds);
}

static bool ranges_read(const struct safetensors *file, const char *path, const struct net_graph *graph, float *ranges,
                        GError **error)
{
    for (int k = 0; k < (int)G_N_ELEMENTS(range_kinds); k++)
        for (int t = 0; t < graph->tensors; t++) {
            int channels = graph->tensor[t].channels;
            const struct net_param like = {.rank = 1, .shape = {channels}, .count = (size_t)channels};
            if (!net_graph_owns_range(graph, t))
                continue;
            char *name = range_name(graph, k, t);
            const struct safetensors_tensor *tensor = safetensors_find(file, name);
            bool good = tensor_check(tensor, name, path, &like, error);
            g_free(name);
            if (!good)
                return false;
            for (int c = 0; c < channels; c++)
                ranges[range_offset(graph, k, t) + (size_t)c] = MAX(0, tensor->data[c]);
        }
    return true;
}

static void ranges_add(GArray *tensors, const struct net_graph *graph, const float *ranges)
{
    for (int k = 0; k < (int)G_N_ELEMENTS(range_kinds); k++)
        for (int t = 0; t < graph->tensors; t++) {
            if (!net_graph_owns_range(graph, t))
                continue;
            struct safetensors_tensor tensor = {.name = range_name(graph, k, t),
                                                .rank = 1,
                                                .shape = {graph->tensor[t].channels},
                                                .data = ranges + range_offset(graph, k, t)};
            g_array_append_val(tensors, tensor);
        }
}

static int file_to_net(struct net **out, const struct safetensors *file, const char *path, GError **error)
{
    struct net_info info;
    struct net_graph *graph;
    if (!net_metadata_info(file, path, NET_FORMAT, &info, error))
        return -1;
    if (net_graph_create(&graph, &info, error) != 0) {
        g_prefix_error(error, "%s: ", path);
        return -1;
    }
    float *params = NULL, *ranges = NULL;
    int range_count = ranges_count(graph);
    bool calibrated = safetensors_count(file) == graph->params + range_count;
    if (safetensors_count(file) != graph->params && !calibrated) {
        g_set_error(error, NET_ERROR, NET_ERROR_FILE,
                    "%s: the file has %d tensors; its trunk needs %d, and %d more if it is calibrated", path,
                    safetensors_count(file), graph->params, range_count);
        goto error;
    }
    params = g_new(float, graph->parameters);
    if (!net_tensors_read(file, path, graph, "", params, error))
        goto error;
    if (calibrated) {
        ranges = g_new0(float, 2 * graph->ranges);
        if (!ranges_read(file, path, graph, ranges, error))
            goto error;
    }
    *out = net_wrap(graph, params);
    net_set_text(&(*out)->note, safetensors_metadata(file, "note"));
    net_set_text(&(*out)->scope, safetensors_metadata(file, "scope"));
    net_set_text(&(*out)->history, safetensors_metadata(file, "history"));
    (*out)->ranges = ranges;
    (*out)->calibrations = calibrated;
    return 0;
error:
    g_free(ranges);
    g_free(params);
    g_free(graph);
    return -1;
}

int net_load(struct net **out, const char *path, GError **error)
{
    struct safetensors *file;
    *out = NULL;
    if (safetensors_load(&file, path, error) != 0)
        return -1;
    int status = file_to_net(out, file, path, error);
    safetensors_close(file);
    return status;
}

int net_read_bytes(struct net **out, const void *bytes, size_t size, const char *source, GError **error)
{
    struct safetensors *file;
    *out = NULL;
    if (safetensors_parse(&file, bytes, size, source, error) != 0)
        return -1;
    int status = file_to_net(out, file, source, error);
    safetensors_close(file);
    return status;
}

GBytes *net_tensors_write(GArray *tensors, struct net_metadata *metadata)
{
    GBytes *bytes =
        safetensors_write((const struct safetensors_tensor *)tensors->data, (int)tensors->len,
                          (const struct safetensors_text *)metadata->texts->data, (int)metadata->texts->len);
    g_array_free(tensors, TRUE);
    net_metadata_clear(metadata);
    return bytes;
}

GBytes *net_write_bytes(const struct net *net, const char *note)
{
    struct net_metadata metadata;
    net_metadata_init(&metadata, net_info(net), NET_FORMAT);
    net_metadata_add(&metadata, "note", "%s", note ? note : "");
    if (*net->scope)
        net_metadata_add(&metadata, "scope", "%s", net->scope);
    if (*net->history)
        net_metadata_add(&metadata, "history", "%s", net->history);
    GArray *tensors = net_tensors_new();
    net_tensors_add(tensors, net->graph, "", net->params);
    if (net->ranges)
        ranges_add(tensors, net->graph, net->ranges);
    return net_tensors_write(tensors, &metadata);
}

int net_save(const struct net *net, const char *path, const char *note, GError **error)
{
    return safetensors_save(path, net_write_bytes(net, note), error);
}
