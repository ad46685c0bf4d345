/* Weights in files and in memory: every bit is kept, damaged files are refused, old ones load. */
#include "net/io/safetensors.h"
#include "net/net.h"
#include "net/targets.h"
#include "tests/net/nets.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

static char *temporary_path(const char *name)
{
    char *folder = g_dir_make_tmp("tengen-net-XXXXXX", NULL), *path = g_build_filename(folder, name, NULL);
    g_free(folder);
    return path;
}

static void path_free(char *path)
{
    char *folder = g_path_get_dirname(path);
    unlink(path);
    rmdir(folder);
    g_free(folder);
    g_free(path);
}

Test(net, files_keep_every_bit)
{
    struct net *net = net_of("conv:16 res:16 gpool:16", 2, 4), *back;
    char *path = temporary_path("net.safetensors");
    GError *error = NULL;
    net_set_scope(net, "12 size:9=12");
    net_set_history(net, "[{\"run\":\"a\"}]");
    cr_assert_eq(net_save(net, path, "2 hours, \"quoted\"\nand a second line", &error), 0);
    cr_assert_eq(net_load(&back, path, &error), 0, "%s", error ? error->message : "");
    cr_expect_str_eq(net_note(back), "2 hours, \"quoted\"\nand a second line");
    cr_expect_str_eq(net_scope(back), "12 size:9=12");
    cr_expect_str_eq(net_history(back), "[{\"run\":\"a\"}]");
    cr_expect_str_eq(net_info(back)->trunk, net_info(net)->trunk);
    cr_expect_str_eq(net_info(back)->game, "go");
    cr_expect_str_eq(net_info(back)->features, "go-v1");
    cr_expect_eq(net_info(back)->planes, 7);
    cr_expect_eq(net_info(back)->globals, 3);
    cr_expect_eq(net_info(back)->other_moves, 2);
    cr_expect_neq(net_generation(back), net_generation(net));
    struct net_runner *a = runner_of(net, NET_BACKEND_PLAIN, 1), *b = runner_of(back, NET_BACKEND_PLAIN, 1);
    float planes[7 * 36], globals[3];
    struct results ra, rb;
    input_fill(5, 6, 1, planes, globals);
    infer(a, 6, 1, planes, globals, &ra);
    infer(b, 6, 1, planes, globals, &rb);
    cr_expect_arr_eq(&ra, &rb, sizeof ra);
    net_runner_close(a);
    net_runner_close(b);
    net_unref(net);
    net_unref(back);
    path_free(path);
}

/* Memory has the contents of a file, byte for byte, and is read in the same way. */
Test(net, memory_equals_a_file)
{
    struct net *net = net_of("conv:16 gpool:16", 1, 4), *back;
    char *path = temporary_path("net.safetensors"), *file;
    gsize size, file_size;
    GError *error = NULL;
    cr_assert_eq(net_save(net, path, "a note", NULL), 0);
    cr_assert(g_file_get_contents(path, &file, &file_size, NULL));
    GBytes *bytes = net_write_bytes(net, "a note");
    const char *data = g_bytes_get_data(bytes, &size);
    cr_assert_eq(size, file_size);
    cr_expect_eq(memcmp(data, file, size), 0);
    cr_assert_eq(net_read_bytes(&back, data, size, "message 7", &error), 0, "%s", error ? error->message : "");
    cr_expect_str_eq(net_note(back), "a note");
    GBytes *again = net_write_bytes(back, "a note");
    cr_expect(g_bytes_equal(bytes, again));
    net_unref(back);
    for (gsize keep = 0; keep < size; keep += size / 20 + 1) {
        cr_expect_neq(net_read_bytes(&back, data, keep, "message 7", &error), 0);
        cr_expect(!back && error && strstr(error->message, "message 7"));
        g_clear_error(&error);
    }
    g_bytes_unref(bytes);
    g_bytes_unref(again);
    g_free(file);
    net_unref(net);
    path_free(path);
}

/* Writes the net again with one change, and expects net_load to refuse it with a message that contains `word`. */
static void expect_refused(const char *source, const char *key, const char *value, int tensor,
                           void (*change)(struct safetensors_tensor *), int leave_out, const char *word)
{
    struct safetensors *file;
    cr_assert_eq(safetensors_load(&file, source, NULL), 0);
    const char *const keys[] = {"format", "game", "features", "trunk", "planes", "globals", "other_moves", "note"};
    struct safetensors_text texts[8];
    struct safetensors_tensor tensors[64];
    int count = 0, text_count = 0;
    for (int i = 0; i < 8; i++) {
        const char *text = key && strcmp(key, keys[i]) == 0 ? value : safetensors_metadata(file, keys[i]);
        if (text)
            texts[text_count++] = (struct safetensors_text){keys[i], text};
    }
    for (int i = 0; i < safetensors_count(file); i++)
        if (i != leave_out)
            tensors[count++] = *safetensors_at(file, i);
    float *data = NULL;
    if (change) {
        data = g_memdup2(tensors[tensor].data, safetensors_elements(&tensors[tensor]) * sizeof(float));
        tensors[tensor].data = data;
        change(&tensors[tensor]);
    }
    char *path = temporary_path("bad.safetensors");
    struct net *net;
    GError *error = NULL;
    cr_assert_eq(safetensors_save(path, safetensors_write(tensors, count, texts, text_count), &error), 0);
    cr_expect_neq(net_load(&net, path, &error), 0, "%s=%s was accepted", key ? key : "", value ? value : "");
    cr_expect_null(net);
    cr_expect(error && strstr(error->message, word) && strstr(error->message, path), "said: %s",
              error ? error->message : "nothing");
    g_clear_error(&error);
    g_free(data);
    safetensors_close(file);
    path_free(path);
}

static void make_nan(struct safetensors_tensor *tensor)
{
    ((float *)tensor->data)[1] = NAN;
}
static void make_infinite(struct safetensors_tensor *tensor)
{
    ((float *)tensor->data)[0] = -INFINITY;
}
static void transpose(struct safetensors_tensor *tensor)
{
    int64_t keep = tensor->shape[0];
    tensor->shape[0] = tensor->shape[1];
    tensor->shape[1] = keep;
}
static void rename_it(struct safetensors_tensor *tensor)
{
    tensor->name = "elsewhere";
}

Test(net, broken_files_are_refused)
{
    struct net *net = net_of("conv:8 res:8", 1, 4);
    char *path = temporary_path("net.safetensors");
    cr_assert_eq(net_save(net, path, NULL, NULL), 0);
    expect_refused(path, "format", "another", 0, NULL, -1, "format");
    expect_refused(path, "format", NULL, 0, NULL, -1, "format");
    expect_refused(path, "trunk", "conv:8 res:16", 0, NULL, -1, "res:16");
    expect_refused(path, "trunk", "conv:8 gru:8", 0, NULL, -1, "gru");
    expect_refused(path, "trunk", "conv:8 gpool:8", 0, NULL, -1, "tensor");
    expect_refused(path, "trunk", "conv:16 res:16", 0, NULL, -1, "shape");
    expect_refused(path, "planes", "9", 0, NULL, -1, "shape");
    expect_refused(path, "planes", "0", 0, NULL, -1, "planes");
    expect_refused(path, "planes", "many", 0, NULL, -1, "planes");
    expect_refused(path, "globals", "4", 0, NULL, -1, "shape");
    expect_refused(path, "other_moves", "2", 0, NULL, -1, "shape");
    expect_refused(path, "game", "", 0, NULL, -1, "game");
    expect_refused(path, NULL, NULL, 0, make_nan, -1, "finite");
    expect_refused(path, NULL, NULL, 3, make_infinite, -1, "finite");
    expect_refused(path, NULL, NULL, 0, transpose, -1, "shape");
    expect_refused(path, NULL, NULL, 2, rename_it, -1, "tensor");
    expect_refused(path, NULL, NULL, 0, NULL, 4, "tensors");
    net_unref(net);
    path_free(path);
}

Test(net, files_cut_short_are_refused)
{
    struct net *net = net_of("conv:8", 1, 4);
    char *path = temporary_path("net.safetensors"), *bytes;
    gsize size;
    cr_assert_eq(net_save(net, path, NULL, NULL), 0);
    net_unref(net);
    cr_assert(g_file_get_contents(path, &bytes, &size, NULL));
    for (gsize keep = 0; keep < size; keep += size / 40 + 1) {
        GError *error = NULL;
        cr_assert(g_file_set_contents(path, bytes, (gssize)keep, NULL));
        cr_expect_neq(net_load(&net, path, &error), 0, "%zu of %zu bytes were accepted", keep, size);
        cr_expect(error && strstr(error->message, path));
        g_clear_error(&error);
    }
    cr_assert(unlink(path) == 0);
    GError *error = NULL;
    cr_expect_neq(net_load(&net, path, &error), 0);
    g_clear_error(&error);
    g_free(bytes);
    path_free(path);
}

/* ---- files written before a target was appended ---- */

/* The same weights in a file as it was written when the table was shorter: with `spatial` targets among its outputs
 * over the points and of other moves, and with `values` values. */
static int net_from_before(struct net **out, const struct net *net, int spatial, int values, GError **error)
{
    GBytes *bytes = net_write_bytes(net, NULL);
    struct net_places points = net_places_of(net_targets, spatial, 0, false),
                      numbers = net_places_of(net_targets, values, 0, false);
    struct safetensors *file;
    struct safetensors_tensor tensors[64];
    float *cut[64];
    int count;
    cr_assert_eq(safetensors_parse(&file, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), "net", NULL), 0);
    for (count = 0; count < safetensors_count(file); count++) {
        struct safetensors_tensor *tensor = &tensors[count];
        *tensor = *safetensors_at(file, count);
        int64_t *size = &tensor->shape[tensor->rank == 2], had = *size;
        if (g_str_has_prefix(tensor->name, "heads.points."))
            *size = points.points;
        if (g_str_has_prefix(tensor->name, "heads.policy.others."))
            *size = points.groups * net_info(net)->other_moves;
        if (g_str_has_prefix(tensor->name, "heads.value.out."))
            *size = numbers.values;
        size_t rows = tensor->rank == 2 ? (size_t)tensor->shape[0] : 1, kept = safetensors_elements(tensor) / rows;
        size_t stride = kept / (size_t)*size * (size_t)had;
        cut[count] = g_new(float, rows *kept);
        for (size_t row = 0; row < rows; row++)
            memcpy(cut[count] + row * kept, tensor->data + row * stride, kept * sizeof(float));
        tensor->data = cut[count];
    }
    static const char *const keys[] = {"format", "game", "features", "trunk", "planes", "globals", "other_moves"};
    struct safetensors_text texts[G_N_ELEMENTS(keys)];
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        texts[i] = (struct safetensors_text){keys[i], safetensors_metadata(file, keys[i])};
    GBytes *before = safetensors_write(tensors, count, texts, (int)G_N_ELEMENTS(keys));
    int result = net_read_bytes(out, g_bytes_get_data(before, NULL), g_bytes_get_size(before), "before", error);
    while (count-- > 0)
        g_free(cut[count]);
    g_bytes_unref(before);
    g_bytes_unref(bytes);
    safetensors_close(file);
    return result;
}

/* They load; the outputs that they had are the same bit for bit, and those that they lack are 0. */
Test(net, files_of_a_shorter_table_load)
{
    float planes[2 * 7 * 25], globals[2 * 3];
    input_fill(3, 5, 2, planes, globals);
    for (int other_moves = 0; other_moves < 3; other_moves += 2)
        for (int targets = NET_TARGET_SCORE; targets <= NET_TARGETS; targets++) { /* without score and map, map, none */
            struct net *net = net_of("conv:8 gpool:8", other_moves, 5), *before;
            struct results now, then, nothing;
            GError *error = NULL;
            memset(&nothing, 0, sizeof nothing);
            cr_assert_eq(net_from_before(&before, net, targets, targets, &error), 0, "%s", error ? error->message : "");
            struct net_runner *a = runner_of(net, NET_BACKEND_PLAIN, 2), *b = runner_of(before, NET_BACKEND_PLAIN, 2);
            infer(a, 5, 2, planes, globals, &now);
            infer(b, 5, 2, planes, globals, &then);
            cr_expect_arr_eq(now.policy, then.policy, sizeof now.policy);
            cr_expect_arr_eq(now.wdl, then.wdl, sizeof now.wdl);
            cr_expect_arr_eq(targets > NET_TARGET_SCORE ? now.score : nothing.score, then.score, sizeof now.score);
            cr_expect_arr_eq(targets > NET_TARGET_MAP ? now.map : nothing.map, then.map, sizeof now.map);
            cr_expect(now.score[0] != 0 && now.map[0] != 0);
            net_runner_close(a);
            net_runner_close(b);
            net_unref(net);
            net_unref(before);
        }
}

/* Further horizons and the value's error are named in the metadata of the nets that have them, and of no others. */
Test(net, further_outputs_are_stored)
{
    for (int horizons = 0; horizons <= NET_HORIZONS; horizons++) {
        struct net *net = net_of("conv:8 gpool:8", 1, 5), *more, *back;
        struct safetensors *file;
        cr_assert_eq(net_set_outputs(&more, net, horizons, horizons % 2, NULL), 0);
        GBytes *bytes = net_write_bytes(more, NULL);
        const void *data = g_bytes_get_data(bytes, NULL);
        cr_assert_eq(net_read_bytes(&back, data, g_bytes_get_size(bytes), "net", NULL), 0);
        cr_expect_eq(net_info(back)->horizons, horizons);
        cr_expect_eq(net_info(back)->value_error, horizons % 2);
        cr_assert_eq(safetensors_parse(&file, data, g_bytes_get_size(bytes), "net", NULL), 0);
        const char *text = safetensors_metadata(file, "horizons");
        cr_expect(horizons ? text && atoi(text) == horizons : !text);
        cr_expect_eq(safetensors_metadata(file, "value_error") != NULL, horizons % 2 == 1);
        safetensors_close(file);
        g_bytes_unref(bytes);
        net_unref(back);
        net_unref(more);
        net_unref(net);
    }
}

/* Outputs that end at different targets match no table. */
Test(net, outputs_that_contradict_one_another_are_refused)
{
    struct net *net = net_of("conv:8", 1, 5), *before;
    GError *error = NULL;
    cr_expect_neq(net_from_before(&before, net, NET_TARGETS, NET_TARGET_SCORE, &error), 0);
    cr_expect(error && strstr(error->message, "does not match"), "%s", error ? error->message : "nothing");
    g_clear_error(&error);
    net_unref(net);
}
