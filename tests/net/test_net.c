/* Nets as a whole: their text, fresh weights, inference and files. */
#include "net/io/safetensors.h"
#include "net/net.h"
#include "net/targets.h"
#include "tests/net/fixtures.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

static struct net *net_of(const char *trunk, int other_moves, uint64_t seed)
{
    struct net_info info = fixture_info(trunk, 7, 3, other_moves);
    struct net *net;
    GError *error = NULL;
    cr_assert_eq(net_create(&net, &info, seed, &error), 0, "%s", error ? error->message : "");
    return net;
}

static struct net_runner *runner_of(struct net *net, enum net_backend backend, int max_batch)
{
    struct net_runner *runner;
    GError *error = NULL;
    cr_assert_eq(net_runner_create(&runner, net, backend, NET_F32, max_batch, &error), 0, "%s",
                 error ? error->message : "");
    return runner;
}

struct results {
    float policy[8 * 401], wdl[8 * 3], score[8], map[8 * 400];
};

static void infer(struct net_runner *runner, int size, int n, const float *planes, const float *globals,
                  struct results *r)
{
    struct net_outputs outputs = {r->policy, r->wdl, r->score, r->map};
    memset(r, 0, sizeof *r);
    net_runner_infer(runner, size, size, n, planes, globals, &outputs);
}

static void input_fill(uint64_t seed, int size, int n, float *planes, float *globals)
{
    struct rng rng;
    rng_seed(&rng, seed);
    fixture_fill(&rng, (size_t)(n * 7 * size * size), 0, 1, planes);
    fixture_fill(&rng, (size_t)(n * 3), -1, 1, globals);
}

Test(net, shapes_expand)
{
    char trunk[NET_TRUNK_MAX];
    cr_expect(net_expand_shape("3x32", trunk, NULL));
    cr_expect_str_eq(trunk, "conv:32 res:32 gpool:32 res:32");
    cr_expect(net_expand_shape("conv:8 res:8", trunk, NULL));
    cr_expect_str_eq(trunk, "conv:8 res:8");
    cr_expect(net_expand_shape("conv:8,res:8, gpool:8", trunk, NULL));
    struct net *commas = net_of(trunk, 1, 1), *spaces = net_of("conv:8 res:8 gpool:8", 1, 1);
    GBytes *a = net_write_bytes(commas, NULL), *b = net_write_bytes(spaces, NULL);
    cr_expect_eq(g_bytes_get_size(a), g_bytes_get_size(b));
    g_bytes_unref(a);
    g_bytes_unref(b);
    net_unref(commas);
    net_unref(spaces);
    cr_expect(net_expand_shape("0x16", trunk, NULL));
    cr_expect_str_eq(trunk, "conv:16");
}

Test(net, bad_shapes_are_refused)
{
    const char *bad[] = {"",
                         "5",
                         "5x",
                         "x64",
                         "5x64x",
                         "-1x64",
                         "41x64",
                         "5x2",
                         "5x2000",
                         "res:64",
                         "conv:64 res:32",
                         "conv:64 attention:64",
                         "conv:3",
                         "conv:",
                         "conv:9999",
                         "conv:64 gpool:64x",
                         ":",
                         " ",
                         "con:8",
                         "conv:8,,"
                         "res:9"};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        char trunk[NET_TRUNK_MAX];
        GError *error = NULL;
        cr_expect(!net_expand_shape(bad[i], trunk, &error), "\"%s\" was taken", bad[i]);
        cr_expect(error && strlen(error->message) > 20);
        g_clear_error(&error);
    }
}

/* Multiply-accumulates. A point: conv 4, 7*4*9; the two of gpool 4, 4*4*9 each; heads, 4*16 and 16*4. Once: globals
 * 3*4, pool 3*3, policy.pool 12*4, others 12*3, value.hidden 24*16, out 16*7. */
Test(net, work_is_counted)
{
    struct net *net = net_of("conv:4 gpool:4", 1, 1);
    double per_point = 252 + 144 + 144 + 64 + 64, once = 12 + 9 + 48 + 36 + 384 + 112;
    cr_expect_float_eq(net_flops(net, 5, 5), 2 * (25 * per_point + once), 0.5);
    cr_expect_float_eq(net_flops(net, 7, 6), 2 * (42 * per_point + once), 0.5);
    net_unref(net);
}

Test(net, seeds_make_nets)
{
    struct net *a = net_of("conv:8 res:8", 1, 5), *b = net_of("conv:8 res:8", 1, 5), *c = net_of("conv:8 res:8", 1, 6);
    struct net *nets[] = {a, b, c};
    float planes[7 * 25], globals[3];
    struct results r[3];
    input_fill(1, 5, 1, planes, globals);
    for (int i = 0; i < 3; i++) {
        struct net_runner *runner = runner_of(nets[i], NET_BACKEND_PLAIN, 1);
        infer(runner, 5, 1, planes, globals, &r[i]);
        net_runner_close(runner);
    }
    cr_expect_arr_eq(&r[0], &r[1], sizeof r[0]);
    cr_expect_neq(r[0].policy[0], r[2].policy[0]);
    cr_expect_neq(net_generation(a), net_generation(b));
    for (int i = 0; i < 3; i++)
        net_unref(nets[i]);
}

/* Without normalisation a deep net neither explodes nor dies: a fresh one says nearly the same of every move, and
 * still something. */
Test(net, fresh_nets_keep_their_scale)
{
    const char *shapes[] = {"1x16", "6x32", "20x32"};
    float planes[4 * 7 * 81], globals[4 * 3];
    input_fill(2, 9, 4, planes, globals);
    for (int i = 0; i < 3; i++) {
        char trunk[NET_TRUNK_MAX];
        cr_assert(net_expand_shape(shapes[i], trunk, NULL));
        struct net *net = net_of(trunk, 1, 3);
        struct net_runner *runner = runner_of(net, NET_BACKEND_FAST, 4);
        struct results r;
        infer(runner, 9, 4, planes, globals, &r);
        double sum = 0, squares = 0;
        for (int m = 0; m < 82 * 4; m++) {
            sum += (double)r.policy[m];
            squares += (double)r.policy[m] * (double)r.policy[m];
        }
        double mean = sum / (82 * 4), spread = sqrt(squares / (82 * 4) - mean * mean);
        cr_expect(spread > 0.005 && spread < 0.7, "%s: logits spread by %g", shapes[i], spread);
        cr_expect(fabs((double)r.score[0]) < 10, "%s: score %g", shapes[i], (double)r.score[0]);
        net_runner_close(runner);
        net_unref(net);
    }
}

static void batch_check(enum net_backend backend, int size)
{
    struct net *net = net_of("conv:16 res:16 gpool:16", 1, 7);
    struct net_runner *runner = runner_of(net, backend, 8);
    float planes[8 * 7 * 361], globals[8 * 3];
    struct results all, one;
    int points = size * size;
    input_fill(3, size, 8, planes, globals);
    infer(runner, size, 8, planes, globals, &all);
    for (int row = 0; row < 8; row++) {
        infer(runner, size, 1, planes + row * 7 * points, globals + row * 3, &one);
        for (int m = 0; m <= points; m++)
            cr_assert_float_eq(one.policy[m], all.policy[row * (points + 1) + m], 1e-5);
        for (int p = 0; p < points; p++)
            cr_assert_float_eq(one.map[p], all.map[row * points + p], 1e-5);
        for (int i = 0; i < 3; i++)
            cr_assert_float_eq(one.wdl[i], all.wdl[row * 3 + i], 1e-5);
        cr_assert_float_eq(one.score[0], all.score[row], 1e-3);
        cr_assert_float_eq(one.wdl[0] + one.wdl[1] + one.wdl[2], 1, 1e-5);
    }
    net_runner_close(runner);
    net_unref(net);
}

Test(net, a_batch_is_its_rows_plain)
{
    batch_check(NET_BACKEND_PLAIN, 7);
}
Test(net, a_batch_is_its_rows_fast)
{
    batch_check(NET_BACKEND_FAST, 7);
    batch_check(NET_BACKEND_FAST, 19);
}

/* One runner, sizes and batches in any order, and back to the first: nothing is left over from another size. */
Test(net, sizes_and_nets_in_turn)
{
    struct net *nets[] = {net_of("conv:16 res:16 gpool:16", 1, 1), net_of("conv:16 res:16 gpool:16", 1, 2),
                          net_of("conv:24 res:24", 0, 3)};
    struct net_runner *fast = runner_of(nets[0], NET_BACKEND_FAST, 5);
    struct net_runner *plain = runner_of(nets[0], NET_BACKEND_PLAIN, 5);
    float planes[5 * 7 * 361], globals[5 * 3];
    struct rng rng;
    rng_seed(&rng, 9);
    for (int i = 0; i < 30; i++) {
        int size = 2 + (int)rng_below(&rng, 18), n = 1 + (int)rng_below(&rng, 5), which = (int)rng_below(&rng, 3);
        int moves = size * size + net_info(nets[which])->other_moves;
        struct results a, b;
        cr_assert_eq(net_runner_set_net(fast, nets[which], NULL), 0);
        cr_assert_eq(net_runner_set_net(plain, nets[which], NULL), 0);
        input_fill((uint64_t)i, size, n, planes, globals);
        infer(fast, size, n, planes, globals, &a);
        infer(plain, size, n, planes, globals, &b);
        for (int m = 0; m < n * moves; m++)
            cr_assert_float_eq(a.policy[m], b.policy[m], 1e-4, "net %d on %dx%d, batch %d, move %d", which, size, size,
                               n, m);
        for (int p = 0; p < n * size * size; p++)
            cr_assert_float_eq(a.map[p], b.map[p], 1e-4);
        for (int row = 0; row < n; row++)
            cr_assert_float_eq(a.score[row], b.score[row], 1e-3);
    }
    net_runner_close(fast);
    net_runner_close(plain);
    for (int i = 0; i < 3; i++)
        net_unref(nets[i]);
}

Test(net, nothing_runs_on_the_reference_kernel)
{
    if (!fixture_library_has(dnnl_cpu_isa_avx2))
        cr_skip_test("the library has no AVX2 here");
    struct net *net = net_of("conv:64 res:64 gpool:64", 1, 1);
    struct net_runner *runner = runner_of(net, NET_BACKEND_FAST, 16);
    for (int size = 2; size <= 20; size++)
        for (int n = 1; n <= 16; n *= 4) {
            char *text = net_runner_describe(runner, size, size, n);
            cr_expect(!strstr(text, "ref"), "%dx%d, batch %d:\n%s", size, size, n, text);
            g_free(text);
        }
    net_runner_close(runner);
    net_unref(net);
}

/* bf16 keeps 8 bits of every number: logits of this size differ by a few hundredths, probabilities by less. */
Test(net, bf16_is_near_f32)
{
    if (net_dtype_best(NET_BACKEND_FAST) != NET_BF16)
        cr_skip_test("this processor does not compute in bf16");
    struct net *net = net_of("conv:32 res:32 gpool:32 res:32", 1, 1);
    float planes[4 * 7 * 81], globals[4 * 3];
    struct results a, b;
    struct net_runner *f32 = runner_of(net, NET_BACKEND_FAST, 4), *bf16;
    cr_assert_eq(net_runner_create(&bf16, net, NET_BACKEND_FAST, NET_BF16, 4, NULL), 0);
    input_fill(5, 9, 4, planes, globals);
    infer(f32, 9, 4, planes, globals, &a);
    infer(bf16, 9, 4, planes, globals, &b);
    for (int m = 0; m < 4 * 82; m++)
        cr_expect_float_eq(a.policy[m], b.policy[m], 0.03);
    for (int i = 0; i < 4 * 3; i++)
        cr_expect_float_eq(a.wdl[i], b.wdl[i], 0.01);
    for (int p = 0; p < 4 * 81; p++)
        cr_expect_float_eq(a.map[p], b.map[p], 0.03);
    net_runner_close(f32);
    net_runner_close(bf16);
    net_unref(net);
}

Test(net, number_types_that_cannot_be_had)
{
    struct net *net = net_of("conv:8", 1, 1);
    const struct {
        enum net_backend backend;
        enum net_dtype dtype;
        const char *word;
    } cases[] = {{NET_BACKEND_FAST, NET_INT8, "int8"},
                 {NET_BACKEND_PLAIN, NET_INT8, "dtype=f32"},
                 {NET_BACKEND_PLAIN, NET_BF16, "dtype=f32"}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct net_runner *runner;
        GError *error = NULL;
        cr_expect_neq(net_runner_create(&runner, net, cases[i].backend, cases[i].dtype, 1, &error), 0);
        cr_expect_null(runner);
        cr_expect(error && strstr(error->message, cases[i].word));
        g_clear_error(&error);
    }
    net_unref(net);
}

/* ---- files ---- */

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
    cr_assert_eq(net_save(net, path, "2 hours, \"quoted\"\nand a second line", &error), 0);
    cr_assert_eq(net_load(&back, path, &error), 0, "%s", error ? error->message : "");
    cr_expect_str_eq(net_note(back), "2 hours, \"quoted\"\nand a second line");
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

/* Memory holds what a file holds, byte for byte, and is read alike. */
Test(net, memory_is_as_good_as_a_file)
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

/* Writes the net again with one thing changed, and expects net_load to refuse it, naming `word`. */
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
    cr_expect_neq(net_load(&net, path, &error), 0, "%s=%s was taken", key ? key : "", value ? value : "");
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
static void turn(struct safetensors_tensor *tensor)
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
    expect_refused(path, "trunk", "conv:8 lstm:8", 0, NULL, -1, "lstm");
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
    expect_refused(path, NULL, NULL, 0, turn, -1, "shape");
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
        cr_expect_neq(net_load(&net, path, &error), 0, "%zu of %zu bytes were taken", keep, size);
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

/* ---- files of before a target was appended ---- */

/* The same numbers in a file as it was written when the table ended earlier: that of its outputs over the points and of
 * other moves after `spatial` targets, that of its values after `values`. */
static int net_from_before(struct net **out, const struct net *net, int spatial, int values, GError **error)
{
    GBytes *bytes = net_write_bytes(net, NULL);
    struct net_places points = net_places_of(net_targets, spatial), numbers = net_places_of(net_targets, values);
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

/* They load; what they had is as it was, bit for bit, and what they lack is 0, of which nothing is known. */
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

/* Outputs that end at different targets are no table's. */
Test(net, outputs_that_contradict_one_another_are_refused)
{
    struct net *net = net_of("conv:8", 1, 5), *before;
    GError *error = NULL;
    cr_expect_neq(net_from_before(&before, net, NET_TARGETS, NET_TARGET_SCORE, &error), 0);
    cr_expect(error && strstr(error->message, "does not match"), "%s", error ? error->message : "nothing");
    g_clear_error(&error);
    net_unref(net);
}
