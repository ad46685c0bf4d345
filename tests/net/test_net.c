/* Nets as a whole: their shapes, fresh weights and inference. */
#include "games/rng.h"
#include "net/net.h"
#include "tests/net/fixtures.h"
#include "tests/net/nets.h"

#include <criterion/criterion.h>
#include <math.h>

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

/* Multiply-accumulates. Per point: conv 4, 7*4*9; the two of gpool 4, 4*4*9 each; heads, 4*16 and 16*4. Once: globals
 * 3*4, pool 3*3, policy.pool 12*4, others 12*3, value.hidden 24*16, out 16*7. */
Test(net, flops_are_counted)
{
    struct net *net = net_of("conv:4 gpool:4", 1, 1);
    double per_point = 252 + 144 + 144 + 64 + 64, once = 12 + 9 + 48 + 36 + 384 + 112;
    cr_expect_float_eq(net_flops(net, 5, 5), 2 * (25 * per_point + once), 0.5);
    cr_expect_float_eq(net_flops(net, 7, 6), 2 * (42 * per_point + once), 0.5);
    net_unref(net);
}

Test(net, the_seed_determines_the_net)
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

/* Without normalisation the activations of a deep net neither explode nor vanish: a fresh net has nearly, but not
 * exactly, uniform logits. */
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
        cr_expect(spread > 0.005 && spread < 0.7, "%s: the spread of the logits is %g", shapes[i], spread);
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

/* One runner, sizes and batches in any order, and back to the first: no state is left from another size. */
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

Test(net, unavailable_number_types)
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
