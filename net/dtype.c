/* Number types: names, and the choice of the one in which a net computes. */
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/kernels/arithmetic.h"
#include "net/kernels/int8/int8.h"
#include "net/net.h"
#include "net/net_internal.h"

#include <string.h>

const char *const net_dtype_names[] = {"auto", "f32", "bf16", "int8", NULL};

const char *net_dtype_name(enum net_dtype dtype)
{
    return net_dtype_names[dtype];
}

bool net_dtype_parse(enum net_dtype *dtype, const char *name, GError **error)
{
    for (int i = 0; net_dtype_names[i]; i++)
        if (strcmp(name, net_dtype_names[i]) == 0) {
            *dtype = (enum net_dtype)i;
            return true;
        }
    g_set_error(error, NET_ERROR, NET_ERROR_SPEC, "unknown number type \"%s\"; use auto, f32, bf16 or int8", name);
    return false;
}

bool net_has_int8(void)
{
    return net_int8_kernel_best() != NULL;
}

enum net_dtype net_dtype_best(enum net_backend backend)
{
    return backend == NET_BACKEND_FAST && net_dnnl_has_bf16() ? NET_BF16 : NET_F32;
}

bool net_supports(const struct net *net, enum net_dtype dtype)
{
    return dtype == NET_AUTO || net_graph_unsupported(net->graph, dtype, NET_INFERENCE) < 0;
}

const struct net_arithmetic *net_arithmetic_select(enum net_backend backend, enum net_dtype dtype)
{
    if (backend == NET_BACKEND_PLAIN)
        return dtype == NET_F32 ? &net_arithmetic_plain : NULL;
    if (dtype == NET_BF16)
        return net_dnnl_has_bf16() ? &net_arithmetic_dnnl_bf16 : NULL;
    if (dtype == NET_INT8)
        return net_has_int8() ? &net_arithmetic_int8 : NULL;
    return &net_arithmetic_dnnl;
}

static void refuse_machine(enum net_backend backend, enum net_dtype dtype, GError **error)
{
    const char *why =
        backend == NET_BACKEND_PLAIN ? "the plain backend computes in f32 only; use dtype=f32"
        : dtype == NET_INT8
            ? "int8 would be slower than f32 on this processor: it needs AVX2, VNNI on AVX-512 processors, or "
              "ARM's dot product; use dtype=auto"
            : "this processor has no bf16 instructions (AVX-512 BF16); use dtype=f32";
    g_set_error_literal(error, NET_ERROR, NET_ERROR_SPEC, why);
}

static bool is_supported(const struct net_graph *graph, enum net_backend backend, enum net_dtype dtype,
                         enum net_flavour flavour)
{
    return net_arithmetic_select(backend, dtype) && net_graph_unsupported(graph, dtype, flavour) < 0;
}

/* The fastest number type that the graph and the machine support; int8 only if `int8` allows it. */
static enum net_dtype fastest(const struct net_graph *graph, enum net_backend backend, enum net_flavour flavour,
                              bool int8)
{
    if (int8 && flavour == NET_INFERENCE && is_supported(graph, backend, NET_INT8, flavour))
        return NET_INT8;
    return is_supported(graph, backend, NET_BF16, flavour) ? NET_BF16 : NET_F32;
}

enum net_dtype net_dtype_fastest(const struct net *net, enum net_backend backend)
{
    return fastest(net->graph, backend, NET_INFERENCE, true);
}

const struct net_arithmetic *net_arithmetic_for(const struct net_graph *graph, enum net_backend backend,
                                                enum net_dtype *dtype, enum net_flavour flavour, bool calibrated,
                                                GError **error)
{
    if (*dtype == NET_AUTO)
        *dtype = fastest(graph, backend, flavour, calibrated);
    if (flavour == NET_TRAINING && *dtype == NET_INT8) {
        g_set_error(error, NET_ERROR, NET_ERROR_SPEC, "int8 does not support training; use dtype=auto");
        return NULL;
    }
    const struct net_arithmetic *arithmetic = net_arithmetic_select(backend, *dtype);
    int op = net_graph_unsupported(graph, *dtype, flavour);
    if (!arithmetic) {
        refuse_machine(backend, *dtype, error);
    } else if (op >= 0) {
        char *where = net_graph_where(graph, op);
        g_set_error(error, NET_ERROR, NET_ERROR_SPEC, "%s does not support %s in %s (operation \"%s\"); use dtype=auto",
                    where, flavour == NET_TRAINING ? "training" : "inference", net_dtype_name(*dtype),
                    graph->op[op].kind->name);
        g_free(where);
    } else if (arithmetic->quantisation && !calibrated) {
        g_set_error(error, NET_ERROR, NET_ERROR_SPEC,
                    "this net is not calibrated for int8; use a calibrated one, or dtype=auto");
    } else {
        return arithmetic;
    }
    return NULL;
}

bool net_check_dtype(const struct net *net, enum net_backend backend, enum net_dtype dtype, bool training,
                     GError **error)
{
    return net_arithmetic_for(net->graph, backend, &dtype, training ? NET_TRAINING : NET_INFERENCE, true, error) !=
           NULL;
}
