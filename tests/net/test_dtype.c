/* Number types: their names, the choice of the type in which a net computes, and the errors for those in which it
 * cannot. */
#include "net/graph/op.h"
#include "net/kernels/arithmetic.h"
#include "net/kernels/int8/int8.h"
#include "net/net.h"
#include "net/net_internal.h"
#include "tests/net/fixtures.h"

#include <criterion/criterion.h>

Test(dtype, names)
{
    static const char *const names[] = {"auto", "f32", "bf16", "int8"};
    enum net_dtype dtype = NET_AUTO;
    GError *error = NULL;
    for (int i = 0; i < 4; i++) {
        cr_expect_str_eq(net_dtype_name((enum net_dtype)i), names[i]);
        cr_expect(net_dtype_parse(&dtype, names[i], NULL));
        cr_expect_eq((int)dtype, i);
    }
    cr_expect_null(net_dtype_names[4]);
    dtype = NET_BF16;
    cr_expect_not(net_dtype_parse(&dtype, "f16", &error));
    cr_assert(g_error_matches(error, NET_ERROR, NET_ERROR_SPEC));
    cr_expect_str_eq(error->message, "unknown number type \"f16\"; use auto, f32, bf16 or int8");
    cr_expect_eq(dtype, NET_BF16, "unchanged");
    g_clear_error(&error);
}

static bool has_bf16(void)
{
    return fixture_library_has(dnnl_cpu_isa_avx512_core_bf16);
}

/* The int8 kernel that this processor should use: the first of the list with its instructions, but f32 if that is faster than it. */
static const struct net_int8_kernel *expected_kernel(void)
{
#ifdef __aarch64__
    return net_int8_neon.fits() ? &net_int8_neon : NULL;
#else
    const bool f32_is_faster = fixture_library_has(dnnl_cpu_isa_avx512_core);
    return net_int8_amx.fits()                      ? &net_int8_amx
           : net_int8_avx512.fits()                 ? &net_int8_avx512
           : net_int8_avx.fits()                    ? &net_int8_avx
           : net_int8_avx2.fits() && !f32_is_faster ? &net_int8_avx2
                                                    : NULL;
#endif
}

Test(dtype, what_this_machine_has)
{
    cr_expect_eq(net_dnnl_has_bf16(), has_bf16());
    cr_expect_eq(net_dtype_best(NET_BACKEND_FAST), has_bf16() ? NET_BF16 : NET_F32);
    cr_expect_eq(net_dtype_best(NET_BACKEND_PLAIN), NET_F32);
    cr_expect_eq(net_arithmetic_select(NET_BACKEND_PLAIN, NET_F32), &net_arithmetic_plain);
    cr_expect_null(net_arithmetic_select(NET_BACKEND_PLAIN, NET_BF16));
    cr_expect_null(net_arithmetic_select(NET_BACKEND_PLAIN, NET_INT8));
    cr_expect_eq(net_arithmetic_select(NET_BACKEND_FAST, NET_F32), &net_arithmetic_dnnl);
    cr_expect_eq(net_arithmetic_select(NET_BACKEND_FAST, NET_BF16), has_bf16() ? &net_arithmetic_dnnl_bf16 : NULL);
    cr_expect_eq(net_arithmetic_select(NET_BACKEND_FAST, NET_INT8), net_has_int8() ? &net_arithmetic_int8 : NULL);
    const struct net_int8_kernel *expected = expected_kernel();
    cr_expect_eq(net_has_int8(), expected != NULL);
    cr_expect_eq(net_int8_kernel_best(), expected);
    cr_expect(net_int8_plain.fits() && !net_int8_plain.pays());
    int last = 0;
    while (net_int8_kernels[last + 1])
        last++;
    cr_expect_eq(net_int8_kernels[last], &net_int8_plain);
}

static struct net *net_of(const char *trunk)
{
    struct net_info info = fixture_info(trunk, 3, 2, 1);
    struct net *net;
    cr_assert_eq(net_create(&net, &info, 1, NULL), 0);
    return net;
}

static void expect(const struct net *net, enum net_backend backend, enum net_dtype asked, enum net_flavour flavour,
                   bool calibrated, enum net_dtype wanted)
{
    enum net_dtype dtype = asked;
    GError *error = NULL;
    const struct net_arithmetic *arithmetic =
        net_arithmetic_for(net->graph, backend, &dtype, flavour, calibrated, &error);
    cr_assert_not_null(arithmetic, "%s", error ? error->message : "");
    cr_expect_eq(dtype, wanted, "%s instead of %s", net_dtype_name(dtype), net_dtype_name(wanted));
    cr_expect_eq(arithmetic, net_arithmetic_select(backend, wanted));
}

static void expect_refused(const struct net *net, enum net_backend backend, enum net_dtype asked,
                           enum net_flavour flavour, bool calibrated, const char *message)
{
    enum net_dtype dtype = asked;
    GError *error = NULL;
    cr_expect_null(net_arithmetic_for(net->graph, backend, &dtype, flavour, calibrated, &error));
    cr_assert(g_error_matches(error, NET_ERROR, NET_ERROR_SPEC));
    cr_expect_str_eq(error->message, message);
    g_clear_error(&error);
}

Test(dtype, the_fastest_that_a_net_supports)
{
    struct net *res = net_of("conv:8 res:8"), *se = net_of("conv:8 se:8");
    enum net_dtype best = net_dtype_best(NET_BACKEND_FAST), int8 = net_has_int8() ? NET_INT8 : best;
    expect(res, NET_BACKEND_FAST, NET_AUTO, NET_INFERENCE, true, int8);
    expect(res, NET_BACKEND_FAST, NET_AUTO, NET_INFERENCE, false, best);
    expect(res, NET_BACKEND_FAST, NET_AUTO, NET_TRAINING, true, best);
    expect(res, NET_BACKEND_FAST, NET_F32, NET_INFERENCE, true, NET_F32);
    expect(res, NET_BACKEND_PLAIN, NET_AUTO, NET_INFERENCE, true, NET_F32);
    expect(res, NET_BACKEND_PLAIN, NET_AUTO, NET_TRAINING, false, NET_F32);
    expect(se, NET_BACKEND_FAST, NET_AUTO, NET_INFERENCE, true, best);
    cr_expect_eq(net_dtype_fastest(res, NET_BACKEND_FAST), int8);
    cr_expect_eq(net_dtype_fastest(se, NET_BACKEND_FAST), best);
    cr_expect_eq(net_dtype_fastest(res, NET_BACKEND_PLAIN), NET_F32);
    cr_expect(net_supports(res, NET_INT8) && net_supports(res, NET_AUTO) && net_supports(se, NET_AUTO));
    cr_expect(net_supports(se, NET_BF16) && !net_supports(se, NET_INT8));
    net_unref(res);
    net_unref(se);
}

Test(dtype, messages)
{
    struct net *res = net_of("conv:8 res:8"), *se = net_of("conv:8 se:8");
    GError *error = NULL;
    static const char plain[] = "the plain backend computes in f32 only; use dtype=f32";
    static const char training[] = "int8 does not support training; use dtype=auto";
    expect_refused(res, NET_BACKEND_PLAIN, NET_BF16, NET_INFERENCE, true, plain);
    expect_refused(res, NET_BACKEND_PLAIN, NET_INT8, NET_INFERENCE, true, plain);
    expect_refused(res, NET_BACKEND_FAST, NET_INT8, NET_TRAINING, true, training);
    expect_refused(res, NET_BACKEND_PLAIN, NET_INT8, NET_TRAINING, true, training);
    expect_refused(
        res, NET_BACKEND_FAST, NET_INT8, NET_INFERENCE, false,
        net_has_int8()
            ? "this net is not calibrated for int8; use a calibrated one, or dtype=auto"
            : "int8 would be slower than f32 on this processor: it needs AVX2, VNNI on AVX-512 processors, or "
              "ARM's dot product; use dtype=auto");
    if (net_has_int8())
        expect_refused(se, NET_BACKEND_FAST, NET_INT8, NET_INFERENCE, true,
                       "block 2, \"se:8\" does not support inference in int8 (operation \"gate\"); use dtype=auto");
    cr_expect(net_check_dtype(res, NET_BACKEND_PLAIN, NET_F32, true, NULL));
    cr_expect_eq(net_check_dtype(res, NET_BACKEND_FAST, NET_INT8, false, NULL), net_has_int8());
    cr_expect_not(net_check_dtype(se, NET_BACKEND_FAST, NET_INT8, false, NULL));
    cr_assert_not(net_check_dtype(res, NET_BACKEND_FAST, NET_INT8, true, &error));
    cr_expect_str_eq(error->message, training);
    g_clear_error(&error);
    if (!has_bf16())
        expect_refused(res, NET_BACKEND_FAST, NET_BF16, NET_INFERENCE, true,
                       "this processor has no bf16 instructions (AVX-512 BF16); use dtype=f32");
    net_unref(res);
    net_unref(se);
}
