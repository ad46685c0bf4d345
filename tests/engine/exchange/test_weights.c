/* Weights to NumPy's format and back. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "engine/exchange/npz.h"
#include "engine/exchange/weights.h"
#include "net/net.h"
#include "tests/engine/exchange/folder.h"

TestSuite(weights, .init = folder_make, .fini = folder_remove);

static struct net *make(const char *trunk, uint64_t seed)
{
    struct net_info info = {.game = "go", .features = "go-v1", .planes = 4, .globals = 3, .other_moves = 1, .tally = 1};
    struct net *net;
    g_strlcpy(info.trunk, trunk, sizeof info.trunk);
    cr_assert_eq(net_create(&net, &info, seed, NULL), 0);
    return net;
}

static GBytes *bytes_of(const struct net *net)
{
    return net_write_bytes(net, "");
}

static bool same(const struct net *a, const struct net *b)
{
    GBytes *left = bytes_of(a), *right = bytes_of(b);
    bool equal = g_bytes_equal(left, right);
    g_bytes_unref(left);
    g_bytes_unref(right);
    return equal;
}

static char *path_of(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

Test(weights, round_trip)
{
    struct net *net = make("conv:8 res:8 attn:8+heads=2", 1), *other = make("conv:8 res:8 attn:8+heads=2", 2), *back;
    char *path = path_of("w.npz");
    GError *error = NULL;
    cr_assert(weights_write_npz(net, path, &error), "%s", error ? error->message : "");
    cr_assert_not(same(net, other));
    cr_assert_eq(weights_read_npz(&back, other, path, &error), 0, "%s", error ? error->message : "");
    cr_assert(same(net, back));
    net_unref(net);
    net_unref(other);
    net_unref(back);
    g_free(path);
}

/* The ranges of int8 are of the old weights. */
Test(weights, calibration_is_not_kept)
{
    struct net *net = make("conv:8 res:8", 1), *back;
    char *path = path_of("w.npz");
    GError *error = NULL;
    float planes[4 * 25], globals[3] = {0};
    for (size_t i = 0; i < G_N_ELEMENTS(planes); i++)
        planes[i] = (float)(i % 3) / 2;
    cr_assert_eq(net_calibrate(net, 5, 5, 1, planes, globals, &error), 0);
    cr_assert(weights_write_npz(net, path, &error) && weights_read_npz(&back, net, path, &error) == 0, "%s",
              error ? error->message : "");
    cr_assert_not(net_is_calibrated(back));
    net_unref(net);
    net_unref(back);
    g_free(path);
}

static void refuse(const struct net *like, const char *path, const char *part)
{
    struct net *net;
    GError *error = NULL;
    cr_assert_neq(weights_read_npz(&net, like, path, &error), 0);
    cr_assert(error && strstr(error->message, part), "\"%s\" is not in \"%s\"", part, error ? error->message : "");
    cr_assert_null(net);
    g_clear_error(&error);
}

/* The weights of `net` with one array replaced: of another type, name or value. */
static void write_changed(const struct net *net, const char *path, const char *name, const char *new_name,
                          const char *type, float value)
{
    char *plain = path_of("plain.npz");
    GError *error = NULL;
    cr_assert(weights_write_npz(net, plain, &error));
    GArray *arrays = npz_load(plain, &error);
    struct npz_writer *writer = npz_create(path, &error);
    for (guint i = 0; i < arrays->len; i++) {
        const struct npz_array *a = &g_array_index(arrays, struct npz_array, i);
        const bool it = strcmp(a->name, name) == 0;
        if (it)
            memcpy(a->data, &value, sizeof value);
        cr_assert(npz_add(writer, it ? new_name : a->name, it ? type : a->type, a->rank, a->shape, a->data,
                          a->count * 4, &error));
    }
    cr_assert(npz_commit(writer, &error));
    g_array_unref(arrays);
    g_free(plain);
}

Test(weights, refusals)
{
    struct net *net = make("conv:8 res:8", 1), *wide = make("conv:12 res:12", 1), *deep = make("conv:8 res:8 res:8", 1);
    char *path = path_of("w.npz");
    const char *name = "1.res.conv1.weight";
    cr_assert(weights_write_npz(net, path, NULL));
    refuse(wide, path, "has the shape (8, 4, 3, 3); the net needs (12, 4, 3, 3)");
    refuse(deep, path, "needs an array \"2.res.conv1.weight\" of shape (8, 8, 3, 3), which is missing");
    cr_assert(weights_write_npz(deep, path, NULL));
    refuse(net, path, "has no tensor \"2.res.conv1.weight\"");
    write_changed(net, path, name, "other", "<f4", 1);
    refuse(net, path, name);
    write_changed(net, path, name, name, "<i4", 1);
    refuse(net, path, "of type <i4");
    write_changed(net, path, name, name, "<f4", NAN);
    refuse(net, path, "not finite");
    net_unref(net);
    net_unref(wide);
    net_unref(deep);
    g_free(path);
}
