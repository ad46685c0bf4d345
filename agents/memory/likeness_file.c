#include "agents/memory/likeness_file.h"

#include <math.h>
#include <string.h>

#include "agents/memory/file.h"
#include "mcts/likeness.h"
#include "net/io/safetensors.h"
#include "net/net.h"

#define FORMAT "tengen-likeness-1"

bool likeness_file_write(const char *path, const struct net *net, const struct likeness_positions *positions,
                         const char *source, GError **error)
{
    char weight[G_ASCII_DTOSTR_BUF_SIZE], *fingerprint = net_fingerprint(net);
    g_ascii_formatd(weight, sizeof weight, "%.6g", (double)positions->weight);
    const struct safetensors_tensor tensors[] = {
        {"features", 2, {(int64_t)positions->count, (int64_t)positions->size}, positions->features},
        {"errors", 1, {(int64_t)positions->count}, positions->errors}};
    const struct safetensors_text texts[] = {
        {"format", FORMAT}, {"net", fingerprint}, {"weight", weight}, {"source", source}};
    const bool good = safetensors_save(path, safetensors_write(tensors, 2, texts, G_N_ELEMENTS(texts)), error) == 0;
    g_free(fingerprint);
    return good;
}

static bool all_finite(const struct safetensors_tensor *tensor)
{
    const size_t count = safetensors_elements(tensor);
    for (size_t i = 0; i < count; i++)
        if (!isfinite(tensor->data[i]))
            return false;
    return true;
}

/* What is wrong with the file; NULL: nothing. */
static const char *fault(const struct safetensors *file, const struct net *net, double *weight)
{
    const struct safetensors_tensor *features = safetensors_find(file, "features"),
                                    *errors = safetensors_find(file, "errors");
    const char *format = safetensors_metadata(file, "format"), *of = safetensors_metadata(file, "net"),
               *text = safetensors_metadata(file, "weight");
    if (g_strcmp0(format, FORMAT) != 0 || !of || !text)
        return "no memory by likeness; make one with `tengen export RUN --likeness FILE`";
    char *fingerprint = net_fingerprint(net);
    const bool own = strcmp(of, fingerprint) == 0;
    g_free(fingerprint);
    if (!own)
        return "of another net; make one for this net with `tengen export RUN --likeness FILE --net NET`";
    *weight = g_ascii_strtod(text, NULL);
    if (!features || !errors || features->rank != 2 || errors->rank != 1 || features->shape[0] != errors->shape[0] ||
        features->shape[0] < 1 || features->shape[0] > LIKENESS_FILE_MOST ||
        features->shape[1] != (int64_t)net_pooled_size(net) || !(fabs(*weight) <= 10) || !all_finite(features) ||
        !all_finite(errors))
        return "damaged; make it again with `tengen export RUN --likeness FILE`";
    return NULL;
}

struct likeness *likeness_file_read(const char *path, const struct net *net, GError **error)
{
    struct safetensors *file;
    struct likeness *likeness = NULL;
    double weight = 0;
    if (safetensors_load(&file, path, error) != 0)
        return NULL;
    const char *wrong = fault(file, net, &weight);
    if (wrong) {
        g_set_error(error, MEMORY_ERROR, MEMORY_ERROR_FILE, "%s is %s", path, wrong);
    } else {
        const struct safetensors_tensor *features = safetensors_find(file, "features");
        likeness = likeness_new((size_t)features->shape[1], (size_t)features->shape[0], features->data,
                                safetensors_find(file, "errors")->data, (float)weight);
    }
    safetensors_close(file);
    return likeness;
}
