#include "net/bench.h"

#include "net/kernels/arithmetic.h"
#include "net/kernels/int8/int8.h"
#include "net/kernels/packed.h"
#include "net/kernels/tiles.h"
#include "net/memory.h"
#include "net/net_internal.h"

#include <stdlib.h>
#include <time.h>

enum { STRETCHES = 7, STEM_PLANES = 32 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- a tower of convolutions ---- */

struct tower {
    const struct net_arithmetic *arithmetic;
    int blocks;
    struct net_extent extent;
    struct net_conv **conv;
    struct net_conv_plan **plan;
    void *planes, *x, *h;
    void *scratch;
};

static void *tensor(const struct tower *tower, int channels)
{
    struct net_layout layout = tower->arithmetic->layout(channels);
    size_t points = net_extent_points(tower->extent) * (size_t)tower->extent.n;
    size_t count = (size_t)channels * points;
    size_t bytes = (size_t)layout.padded * points * tower->arithmetic->packed->bytes;
    void *data = net_memory_new(bytes);
    float *planes = g_new(float, count);
    for (size_t i = 0; i < count; i++)
        planes[i] = (float)(i % 7) / 7;
    tower->arithmetic->packed->load(tower->extent, layout, planes, data);
    g_free(planes);
    return data;
}

static void weights_set(const struct net_arithmetic *arithmetic, struct net_conv *conv, int in, int out)
{
    size_t count = (size_t)in * (size_t)out * 9;
    float *weight = g_new(float, count), *bias = g_new0(float, out);
    for (size_t i = 0; i < count; i++)
        weight[i] = (float)((int)(i * 7919 % 13) - 6) / 6 / (float)(in * 9);
    arithmetic->conv_set(conv, weight, bias, NULL, NULL);
    g_free(weight);
    g_free(bias);
}

static bool tower_create(struct tower *tower, int channels)
{
    size_t scratch = 0;
    int count = 1 + 2 * tower->blocks;
    tower->conv = g_new0(struct net_conv *, count);
    tower->plan = g_new0(struct net_conv_plan *, count);
    for (int i = 0; i < count; i++) {
        struct net_conv_spec spec = {
            .in = i ? channels : STEM_PLANES, .out = channels, .kernel = 3, .relu = true, .add = i && i % 2 == 0};
        if (!(tower->conv[i] = tower->arithmetic->conv_create(&spec, NULL)))
            return false;
        weights_set(tower->arithmetic, tower->conv[i], spec.in, spec.out);
        if (!(tower->plan[i] = tower->arithmetic->plan_create(tower->conv[i], tower->extent, NULL)))
            return false;
        scratch = MAX(scratch, tower->arithmetic->plan_scratch(tower->plan[i]));
    }
    tower->planes = tensor(tower, STEM_PLANES);
    tower->x = tensor(tower, channels);
    tower->h = tensor(tower, channels);
    tower->scratch = net_memory_new(scratch);
    return true;
}

static void tower_free(struct tower *tower)
{
    for (int i = 0; i < 1 + 2 * tower->blocks; i++) {
        if (tower->plan[i])
            tower->arithmetic->plan_free(tower->plan[i]);
        if (tower->conv[i])
            tower->arithmetic->conv_free(tower->conv[i]);
    }
    g_free(tower->conv);
    g_free(tower->plan);
    free(tower->planes);
    free(tower->x);
    free(tower->h);
    free(tower->scratch);
}

static void tower_run(const struct tower *tower)
{
    tower->arithmetic->forward(tower->plan[0], tower->planes, tower->x, tower->scratch);
    for (int i = 0; i < tower->blocks; i++) {
        tower->arithmetic->forward(tower->plan[1 + 2 * i], tower->x, tower->h, tower->scratch);
        tower->arithmetic->forward(tower->plan[2 + 2 * i], tower->h, tower->x, tower->scratch);
    }
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void own_run(void *data)
{
    tower_run(data);
}

static void library_run(void *data)
{
    net_dnnl_tower_run(data);
}

/* Positions per second: the median of several measurements. */
static double run_for(double seconds, int batch, void (*run)(void *), void *data)
{
    double rates[STRETCHES];
    run(data);
    for (int i = 0; i < STRETCHES; i++) {
        double start = now(), spent;
        long runs = 0;
        do {
            run(data);
            runs++;
        } while ((spent = now() - start) < seconds / STRETCHES);
        rates[i] = (double)runs * batch / spent;
    }
    qsort(rates, STRETCHES, sizeof *rates, compare);
    return rates[STRETCHES / 2];
}

static double int8_tower(int blocks, int channels, struct net_extent extent, double seconds)
{
    struct net_dnnl_tower *tower = net_dnnl_tower_create(blocks, STEM_PLANES, channels, extent);
    double rate = tower ? run_for(seconds, extent.n, library_run, tower) : 0;
    net_dnnl_tower_free(tower);
    return rate;
}

double net_bench_tower(int blocks, int channels, int width, int height, int batch, enum net_dtype dtype, double seconds)
{
    const struct net_arithmetic *arithmetic = net_arithmetic_select(NET_BACKEND_FAST, dtype);
    const struct net_extent extent = {width, height, batch};
    if (!arithmetic || blocks < 0 || channels < 1 || !net_extent_valid(extent))
        return 0;
    if (dtype == NET_INT8)
        return int8_tower(blocks, channels, extent, seconds);
    net_dnnl_enter();
    struct tower tower = {.arithmetic = arithmetic, .blocks = blocks, .extent = extent};
    double rate = tower_create(&tower, channels) ? run_for(seconds, batch, own_run, &tower) : 0;
    tower_free(&tower);
    return rate;
}

/* ---- peak arithmetic throughput ---- */

enum { LOOPS = 20000, SUMS = 16 };

#ifdef __x86_64__
#include <immintrin.h>

__attribute__((target("avx512f"))) static double f32_avx512(void)
{
    __m512 sum[SUMS], a = _mm512_set1_ps(1.0001f), b = _mm512_set1_ps(0.0001f);
    for (int i = 0; i < SUMS; i++)
        sum[i] = _mm512_set1_ps((float)i);
    for (int loop = 0; loop < LOOPS; loop++)
        for (int i = 0; i < SUMS; i++)
            sum[i] = _mm512_fmadd_ps(sum[i], a, b);
    float all = 0;
    for (int i = 0; i < SUMS; i++)
        all += _mm512_reduce_add_ps(sum[i]);
    return all > 0 ? 2.0 * 16 * LOOPS * SUMS : 0;
}

__attribute__((target("avx2,fma"))) static double f32_avx2(void)
{
    __m256 sum[12], a = _mm256_set1_ps(1.0001f), b = _mm256_set1_ps(0.0001f);
    for (int i = 0; i < 12; i++)
        sum[i] = _mm256_set1_ps((float)i);
    for (int loop = 0; loop < LOOPS; loop++)
        for (int i = 0; i < 12; i++)
            sum[i] = _mm256_fmadd_ps(sum[i], a, b);
    for (int i = 1; i < 12; i++)
        sum[0] = _mm256_add_ps(sum[0], sum[i]);
    return _mm256_cvtss_f32(sum[0]) > 0 ? 2.0 * 8 * LOOPS * 12 : 0;
}

__attribute__((target("avx512f,avx512bf16"))) static double bf16_avx512(void)
{
    __m512 sum[SUMS];
    __m512i bits = _mm512_set1_epi16(0x3c00); /* a small bf16 value */
    __m512bh a = (__m512bh)bits;
    for (int i = 0; i < SUMS; i++)
        sum[i] = _mm512_set1_ps((float)i);
    for (int loop = 0; loop < LOOPS; loop++)
        for (int i = 0; i < SUMS; i++)
            sum[i] = _mm512_dpbf16_ps(sum[i], a, a);
    float all = 0;
    for (int i = 0; i < SUMS; i++)
        all += _mm512_reduce_add_ps(sum[i]);
    return all > 0 ? 2.0 * 32 * LOOPS * SUMS : 0;
}

__attribute__((target("avx512f,avx512vnni"))) static double int8_avx512(void)
{
    __m512i sum[SUMS], a = _mm512_set1_epi32(0x01010101);
    for (int i = 0; i < SUMS; i++)
        sum[i] = _mm512_set1_epi32(i);
    for (int loop = 0; loop < LOOPS; loop++)
        for (int i = 0; i < SUMS; i++)
            sum[i] = _mm512_dpbusd_epi32(sum[i], a, a);
    int all = 0;
    for (int i = 0; i < SUMS; i++)
        all |= _mm512_reduce_or_epi32(sum[i]);
    return all != 0 ? 2.0 * 64 * LOOPS * SUMS : 0;
}

/* Four sums, each of two tiles by two. */
#define TILES_PEAK(name, product, per_tile)                                                                            \
    NET_TILES_TARGET static double name(void)                                                                          \
    {                                                                                                                  \
        net_tiles_configure();                                                                                         \
        _tile_zero(0);                                                                                                 \
        _tile_zero(1);                                                                                                 \
        _tile_zero(2);                                                                                                 \
        _tile_zero(3);                                                                                                 \
        _tile_zero(4);                                                                                                 \
        _tile_zero(5);                                                                                                 \
        _tile_zero(6);                                                                                                 \
        _tile_zero(7);                                                                                                 \
        for (int loop = 0; loop < LOOPS; loop++) {                                                                     \
            product(0, 4, 6);                                                                                          \
            product(1, 4, 7);                                                                                          \
            product(2, 5, 6);                                                                                          \
            product(3, 5, 7);                                                                                          \
        }                                                                                                              \
        return 2.0 * 4 * LOOPS * NET_TILE_ROWS * 16 * (per_tile);                                                      \
    }
TILES_PEAK(int8_amx, _tile_dpbusd, 64)
TILES_PEAK(bf16_amx, _tile_dpbf16ps, 32)

enum { SUMS_AVX = 12 }; /* half as many registers */

__attribute__((target("avx2"))) static bool any_bit(const __m256i *sum)
{
    __m256i all = sum[0];
    for (int i = 1; i < SUMS_AVX; i++)
        all = _mm256_or_si256(all, sum[i]);
    return !_mm256_testz_si256(all, all);
}

__attribute__((target("avx2,avxvnni"))) static double int8_avx(void)
{
    __m256i sum[SUMS_AVX], a = _mm256_set1_epi32(0x01010101);
    for (int i = 0; i < SUMS_AVX; i++)
        sum[i] = _mm256_set1_epi32(i);
    for (int loop = 0; loop < LOOPS; loop++)
        for (int i = 0; i < SUMS_AVX; i++)
            sum[i] = _mm256_dpbusd_avx_epi32(sum[i], a, a);
    return any_bit(sum) ? 2.0 * 32 * LOOPS * SUMS_AVX : 0;
}

/* Without a dot product of bytes: three instructions, of which the first saturates, so that exact sums stay below this peak. */
__attribute__((target("avx2"))) static double int8_avx2(void)
{
    __m256i sum[SUMS_AVX], a = _mm256_set1_epi8(1), ones = _mm256_set1_epi16(1);
    for (int i = 0; i < SUMS_AVX; i++)
        sum[i] = _mm256_set1_epi32(i);
    for (int loop = 0; loop < LOOPS; loop++)
#pragma GCC unroll 12
        for (int i = 0; i < SUMS_AVX; i++) {
            __asm__ volatile("" : "+x"(a)); /* or the products would be taken out of the loop */
            sum[i] = _mm256_add_epi32(sum[i], _mm256_madd_epi16(_mm256_maddubs_epi16(a, a), ones));
        }
    return any_bit(sum) ? 2.0 * 32 * LOOPS * SUMS_AVX : 0;
}
#endif

static double f32_plain(void)
{
    float sum[SUMS];
    for (int i = 0; i < SUMS; i++)
        sum[i] = (float)i;
    for (int loop = 0; loop < LOOPS; loop++)
        for (int i = 0; i < SUMS; i++)
            sum[i] = sum[i] * 1.0001f + 0.0001f;
    for (int i = 1; i < SUMS; i++)
        sum[0] += sum[i];
    return sum[0] > 0 ? 2.0 * LOOPS * SUMS : 0;
}

static double (*peak_select(enum net_dtype dtype))(void)
{
#ifdef __x86_64__
    __builtin_cpu_init();
    if (dtype == NET_BF16)
        return net_tiles_available() ? bf16_amx : __builtin_cpu_supports("avx512bf16") ? bf16_avx512 : NULL;
    if (dtype == NET_INT8)
        return net_tiles_available()    ? int8_amx
               : net_int8_avx512.fits() ? int8_avx512
               : net_int8_avx.fits()    ? int8_avx
               : net_int8_avx2.fits()   ? int8_avx2
                                        : NULL;
    if (__builtin_cpu_supports("avx512f"))
        return f32_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return f32_avx2;
#endif
    return dtype == NET_F32 ? f32_plain : NULL;
}

double net_bench_peak(enum net_dtype dtype, double seconds)
{
    double (*kernel)(void) = peak_select(dtype), best = 0;
    for (int i = 0; i < STRETCHES && kernel; i++) {
        double start = now(), spent, operations = 0;
        do
            operations += kernel();
        while ((spent = now() - start) < seconds / STRETCHES);
        best = MAX(best, operations / spent);
    }
    return best;
}
