/* Speed measurements: loose bounds that hold on any machine under any load, as processor time is measured. */
#include "net/bench.h"
#include "net/kernels/arithmetic.h"
#include "net/kernels/tiles.h"
#include "net/net.h"
#include "tests/net/fixtures.h"

#include <criterion/criterion.h>

enum { BLOCKS = 3, CHANNELS = 64, SIZE = 9, BATCH = 8 };

/* FLOP per position: the stem has 32 input planes, each block two convolutions. */
static double flops_of(int blocks)
{
    return 2.0 * 9 * SIZE * SIZE * CHANNELS * (32 + 2 * blocks * CHANNELS);
}

static bool has(enum net_dtype dtype)
{
    return dtype == NET_F32 || (dtype == NET_BF16 ? net_dnnl_has_bf16() : net_has_int8());
}

/* Without optimisation, or under a sanitizer, a peak is meaningless. */
static void skip_where_slow(void)
{
#if !defined(__OPTIMIZE__) || defined(__SANITIZE_ADDRESS__)
    cr_skip_test("not an optimised build");
#endif
}

/* From half an operation per nanosecond to five thousand; narrower types are at least as fast,
 * and with tiles (AMX) int8 is 32 times as fast as f32. */
Test(bench, peaks)
{
    skip_where_slow();
    double f32 = net_bench_peak(NET_F32, 0.02);
    cr_expect(f32 > 5e8 && f32 < 5e12, "%g", f32);
    for (enum net_dtype dtype = NET_BF16; dtype <= NET_INT8; dtype++) {
        double peak = net_bench_peak(dtype, 0.02);
        if (fixture_library_has(dtype == NET_BF16 ? dnnl_cpu_isa_avx512_core_bf16 : dnnl_cpu_isa_avx512_core_vnni))
            cr_expect(peak > 0.9 * f32 && peak < (net_tiles_available() ? 40 : 20) * f32, "%s: %g, f32 %g",
                      net_dtype_name(dtype), peak, f32);
    }
}

/* A tower takes at least as long as its work does at the peak, and less than 30 times as long; twice the blocks take
 * about twice as long, apart from the stem. */
Test(bench, towers)
{
    skip_where_slow();
    for (enum net_dtype dtype = NET_F32; dtype <= NET_INT8; dtype++) {
        double peak = net_bench_peak(dtype, 0.02);
        if (!has(dtype) || peak == 0) /* no loop for the peak of these instructions */
            continue;
        double one = net_bench_tower(BLOCKS, CHANNELS, SIZE, SIZE, BATCH, dtype, 0.06),
               two = net_bench_tower(3 * BLOCKS, CHANNELS, SIZE, SIZE, BATCH, dtype, 0.06);
        cr_expect(one > 0 && two > 0, "%s", net_dtype_name(dtype));
        double share = one * flops_of(BLOCKS) / peak, ratio = one / two, work = flops_of(3 * BLOCKS) / flops_of(BLOCKS);
        cr_expect(share > 0.03 && share < 1.3, "%s: %g of the peak", net_dtype_name(dtype), share);
        cr_expect(ratio > 0.6 * work && ratio < 1.7 * work, "%s: %g times slower, with %g times the work",
                  net_dtype_name(dtype), ratio, work);
    }
}

/* A measurement takes the requested time. */
Test(bench, seconds)
{
    struct timespec begin, end;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
    net_bench_tower(1, 16, 5, 5, 1, NET_F32, 0.07);
    net_bench_peak(NET_F32, 0.07);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
    double spent = (double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec);
    cr_expect(spent > 0.13 && spent < 0.4, "%g s", spent);
}

Test(bench, impossible_measurements)
{
    cr_expect_eq(net_bench_tower(-1, 16, 5, 5, 1, NET_F32, 0.01), 0);
    cr_expect_eq(net_bench_tower(1, 0, 5, 5, 1, NET_F32, 0.01), 0);
    cr_expect_eq(net_bench_tower(1, 16, 0, 5, 1, NET_F32, 0.01), 0);
    cr_expect_eq(net_bench_tower(1, 16, 5, 0, 1, NET_F32, 0.01), 0);
    cr_expect_eq(net_bench_tower(1, 16, 5, 5, 0, NET_F32, 0.01), 0);
    cr_expect_gt(net_bench_tower(0, 1, 1, 1, 1, NET_F32, 0.01), 0, "the minimum: a stem of one channel on one point");
    cr_expect_eq(net_bench_tower(1, 16, 5, 5, 1, NET_BF16, 0.01) > 0, has(NET_BF16));
    cr_expect_eq(net_bench_tower(1, 16, 5, 5, 1, NET_INT8, 0.01) > 0, has(NET_INT8));
}

static void expect_tower(const char *trunk, int blocks, int channels)
{
    struct net_info info = fixture_info(trunk, 5, 2, 1);
    struct net *net;
    int had_blocks, had_channels;
    cr_assert_eq(net_create(&net, &info, 1, NULL), 0);
    net_tower_like(net, &had_blocks, &had_channels);
    cr_expect(had_blocks == blocks && had_channels == channels, "%s: %d blocks of %d channels", trunk, had_blocks,
              had_channels);
    net_unref(net);
}

/* Pairs of 3x3 convolutions, which blocks of attention do not have. */
Test(bench, tower_comparable_to_a_net)
{
    expect_tower("conv:8", 0, 8);
    expect_tower("conv:8+drop=0.1 res:8+drop=0.1 gpool:8 se:8", 3, 8);
    expect_tower("conv:8 res:8 attn:8 res:8 tokens:8", 2, 8);
    expect_tower("conv:12 conv:8 conv:8 res:8", 2, 12);
}
