/* Weights files: the errors for damaged ones, and the ranges of a calibrated net. */
#include "net/graph/graph.h"
#include "net/io/safetensors.h"
#include "net/net.h"
#include "net/net_internal.h"
#include "net/train.h"
#include "tests/net/fixtures.h"
#include "tests/net/io/rewrite.h"

#include <criterion/criterion.h>
#include <math.h>

static const char *const keys[] = {"format",      "game",         "features", "trunk",    "planes",
                                   "globals",     "other_moves",  "note",     "horizons", "tally",
                                   "value_error", "head_experts", NULL};

/* conv:4 res:4 with 3 planes, 2 globals, 1 other move and 1 further horizon and its value's error, calibrated. */
static struct net *net_new(void)
{
    struct net_info info = fixture_info("conv:4 res:4", 3, 2, 1);
    info.horizons = info.tally = info.value_error = 1;
    info.head_experts = 2;
    struct net_samples *s = fixture_samples(&info, 3, 4, false, 2);
    struct net *net;
    cr_assert_eq(net_create(&net, &info, 1, NULL), 0);
    cr_assert_eq(net_calibrate(net, 3, 3, 4, s->planes, s->globals, NULL), 0);
    net_samples_free(s);
    return net;
}

static void open_file(struct rewrite *r)
{
    struct net *net = net_new();
    GBytes *bytes = net_write_bytes(net, "a note");
    rewrite_open(r, bytes, keys);
    g_bytes_unref(bytes);
    net_unref(net);
}

static struct net *read_back(struct rewrite *r, GError **error)
{
    GBytes *bytes = rewrite_close(r);
    gsize size;
    const void *data = g_bytes_get_data(bytes, &size);
    struct net *net;
    int failed = net_read_bytes(&net, data, size, "net", error);
    cr_assert(failed == (net ? 0 : -1));
    g_bytes_unref(bytes);
    return net;
}

static void expect_refused(struct rewrite *r, const char *message)
{
    GError *error = NULL;
    struct net *net = read_back(r, &error);
    cr_expect_null(net, "accepted, instead of: %s", message);
    cr_assert_not_null(error);
    cr_expect_str_eq(error->message, message);
    g_clear_error(&error);
}

static void expect_text_refused(const char *key, const char *value, const char *message)
{
    struct rewrite r;
    open_file(&r);
    rewrite_text(&r, key, value);
    expect_refused(&r, message);
}

static void expect_no_usable(const char *key, const char *value)
{
    char *message = g_strdup_printf(
        "net: missing or invalid metadata \"%s\"; the file was not written by Tengen, or was modified", key);
    expect_text_refused(key, value, message);
    g_free(message);
}

Test(net_file, metadata)
{
    expect_text_refused("format", "tengen-net-2", "net: the format is \"tengen-net-2\"; expected \"tengen-net-1\"");
    expect_text_refused("format", NULL, "net: the format is \"unknown\"; expected \"tengen-net-1\"");
    for (int i = 1; i < 7; i++)
        expect_no_usable(keys[i], NULL);
    expect_no_usable("game", "a name of thirty-two characters.");
    expect_no_usable("planes", "0000000000000003");
    expect_text_refused("planes", "many", "net: metadata \"planes\" is \"many\", not a number");
    expect_text_refused("globals", "-1", "net: metadata \"globals\" is \"-1\", not a number");
    expect_text_refused("other_moves", "100001", "net: metadata \"other_moves\" is \"100001\", not a number");
    expect_text_refused("other_moves", "100000",
                        "net: a net of 3 planes, 2 globals and 100000 other moves: planes and globals are 1 to 1024, "
                        "other moves 0 to 64");
    expect_text_refused("horizons", "4", "net: 4 further horizons: a net has 0 to 3");
    expect_text_refused("tally", "3", "net: tally 3: it must be 0 to 2");
    expect_text_refused("head_experts", "1", "net: head_experts 1: it must be 0, or 2 to 8");
    expect_text_refused("head_experts", "9", "net: head_experts 9: it must be 0, or 2 to 8");
    expect_text_refused("value_error", "2", "net: value_error 2: it must be 0 or 1");
    expect_text_refused("value_error", "yes", "net: metadata \"value_error\" is \"yes\", not a number");
    expect_text_refused("horizons", "-1", "net: metadata \"horizons\" is \"-1\", not a number");
    expect_text_refused(
        "horizons", NULL,
        "net: the shape of tensor \"heads.value.out.weight\" does not match the trunk, which needs 19x8");
    expect_text_refused("trunk", "res:4", "net: a trunk must begin with a conv block, as in \"conv:64 res:64\"");
}

Test(net_file, unusual_metadata)
{
    struct rewrite r;
    GError *error = NULL;
    open_file(&r);
    rewrite_text(&r, "game", "a name of thirty-one characters");
    rewrite_text(&r, "planes", "000000000000003");
    rewrite_text(&r, "note", NULL);
    struct net *net = read_back(&r, &error);
    cr_assert_not_null(net, "%s", error ? error->message : "");
    cr_expect_str_eq(net_info(net)->game, "a name of thirty-one characters");
    cr_expect_eq(net_info(net)->planes, 3);
    cr_expect_str_eq(net_note(net), "");
    net_unref(net);
}

Test(net_file, tensors)
{
    struct rewrite r;
    open_file(&r);
    r.tensors[rewrite_find(&r, "1.res.conv2.bias")].name = "elsewhere";
    expect_refused(&r, "net: its trunk needs a tensor \"1.res.conv2.bias\", which is missing");
    open_file(&r);
    r.tensors[rewrite_find(&r, "1.res.conv1.weight")].shape[1] = 2;
    expect_refused(&r, "net: the shape of tensor \"1.res.conv1.weight\" does not match the trunk, which needs 4x4x3x3");
    open_file(&r);
    r.tensors[rewrite_find(&r, "1.res.conv1.bias")].rank = 2;
    r.tensors[rewrite_find(&r, "1.res.conv1.bias")].shape[1] = 1;
    expect_refused(&r, "net: the shape of tensor \"1.res.conv1.bias\" does not match the trunk, which needs 4");
    open_file(&r);
    r.data[rewrite_find(&r, "heads.points.bias")][3] = INFINITY;
    expect_refused(&r,
                   "net: tensor \"heads.points.bias\" has a value that is not finite (element 3); use an earlier file");
    open_file(&r);
    r.data[rewrite_find(&r, "0.conv.conv.weight")][0] = NAN;
    expect_refused(
        &r, "net: tensor \"0.conv.conv.weight\" has a value that is not finite (element 0); use an earlier file");
}

/* Eight weights in the trunk and its stem, 22 in the heads with two experts, and two ranges for each of four quantised tensors. */
Test(net_file, number_of_tensors)
{
    struct rewrite r;
    open_file(&r);
    cr_expect_eq(r.count, 8 + 22 + 8);
    rewrite_remove(&r, "mean/planes");
    expect_refused(&r, "net: the file has 37 tensors; its trunk needs 30, and 8 more if it is calibrated");
}

/* ---- ranges ---- */

static const char *const ranges[] = {"planes", "0.conv.conv", "1.res.conv1", "1.res.conv2"};

Test(net_file, ranges_by_name)
{
    struct rewrite r;
    struct net *net;
    open_file(&r);
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < 4; i++) {
            char *name = g_strconcat(k ? "mean/" : "highest/", ranges[i], NULL);
            int at = rewrite_find(&r, name);
            for (size_t c = 0; c < safetensors_elements(&r.tensors[at]); c++)
                r.data[at][c] = (float)(100 * k + 10 * i + (int)c);
            g_free(name);
        }
    r.data[rewrite_find(&r, "highest/planes")][1] = -1;
    cr_assert_not_null(net = read_back(&r, NULL));
    cr_expect(net_is_calibrated(net));
    cr_expect_eq(net->graph->ranges, 3 + 4 + 4 + 4);
    for (int k = 0; k < 2; k++)
        for (int i = 0, at = k * net->graph->ranges; i < 4; i++)
            for (int c = 0; c < (i ? 4 : 3); c++, at++)
                cr_expect_eq(net->ranges[at], k + i == 0 && c == 1 ? 0 : 100 * k + 10 * i + c, "%d %d %d", k, i, c);
    net_unref(net);
}

/* Calibrating a net from a file continues from the file's ranges: maxima stay, means cover both. */
Test(net_file, calibration_continues)
{
    struct rewrite r;
    struct net *net;
    float planes[27] = {0}, globals[2] = {0};
    open_file(&r);
    for (int c = 0; c < 3; c++) {
        r.data[rewrite_find(&r, "highest/planes")][c] = 0.75f;
        r.data[rewrite_find(&r, "mean/planes")][c] = 0.5f;
    }
    cr_assert_not_null(net = read_back(&r, NULL));
    cr_assert_eq(net_calibrate(net, 3, 3, 1, planes, globals, NULL), 0);
    cr_expect_eq(net->ranges[0], 0.75f);
    cr_expect_float_eq(net->ranges[net->graph->ranges], 0.25, 1e-6);
    net_unref(net);
}

Test(net_file, damaged_ranges)
{
    struct rewrite r;
    open_file(&r);
    r.tensors[rewrite_find(&r, "highest/1.res.conv1")].name = "highest/elsewhere";
    expect_refused(&r, "net: its trunk needs a tensor \"highest/1.res.conv1\", which is missing");
    open_file(&r);
    r.tensors[rewrite_find(&r, "mean/planes")].shape[0] = 2;
    expect_refused(&r, "net: the shape of tensor \"mean/planes\" does not match the trunk, which needs 3");
    open_file(&r);
    r.data[rewrite_find(&r, "mean/1.res.conv2")][2] = NAN;
    expect_refused(&r,
                   "net: tensor \"mean/1.res.conv2\" has a value that is not finite (element 2); use an earlier file");
}

/* The file of an uncalibrated net has none. */
Test(net_file, no_ranges)
{
    struct rewrite r;
    struct net *net;
    open_file(&r);
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < 4; i++) {
            char *name = g_strconcat(k ? "mean/" : "highest/", ranges[i], NULL);
            rewrite_remove(&r, name);
            g_free(name);
        }
    cr_assert_not_null(net = read_back(&r, NULL));
    cr_expect(!net_is_calibrated(net));
    cr_expect_eq(net->calibrations, 0);
    net_unref(net);
}
