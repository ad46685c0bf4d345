#include "net/net.h"

#include "games/rng.h"
#include "net/kernels/int8.h"
#include "net/net_internal.h"

#include <math.h>
#include <string.h>

G_DEFINE_QUARK(net - error - quark, net_error)

struct net *net_wrap(struct net_graph *graph, float *params, const char *note)
{
    static atomic_ullong generations;
    struct net *net = g_new0(struct net, 1);
    net->graph = graph;
    net->params = params;
    net->note = g_strdup(note ? note : "");
    net->generation = atomic_fetch_add(&generations, 1) + 1;
    atomic_init(&net->references, 1);
    return net;
}

/* Box and Muller's method on two uniform numbers. */
static double normal(struct rng *rng)
{
    double radius = sqrt(-2 * log(1 - rng_uniform(rng)));
    return radius * cos(6.283185307179586 * rng_uniform(rng));
}

int net_create(struct net **out, const struct net_info *info, uint64_t seed, GError **error)
{
    *out = NULL;
    struct net_graph *graph;
    if (net_graph_create(&graph, info, error) != 0)
        return -1;
    float *params = g_new0(float, graph->parameters);
    struct rng rng;
    rng_seed(&rng, seed);
    for (int i = 0; i < graph->params; i++) {
        const struct net_param *param = &graph->param[i];
        for (size_t j = 0; param->spread > 0 && j < param->count; j++) {
            double x;
            do
                x = normal(&rng);
            while (fabs(x) > 2.5);
            params[param->offset + j] = (float)(param->spread * x);
        }
    }
    *out = net_wrap(graph, params, NULL);
    return 0;
}

struct net *net_ref(struct net *net)
{
    atomic_fetch_add_explicit(&net->references, 1, memory_order_relaxed);
    return net;
}

void net_unref(struct net *net)
{
    if (!net || atomic_fetch_sub_explicit(&net->references, 1, memory_order_acq_rel) != 1)
        return;
    g_free(net->graph);
    g_free(net->params);
    g_free(net->ranges);
    g_free(net->note);
    g_free(net);
}

const struct net_info *net_info(const struct net *net)
{
    return &net->graph->info;
}

const char *net_note(const struct net *net)
{
    return net->note;
}

uint64_t net_generation(const struct net *net)
{
    return net->generation;
}

double net_flops(const struct net *net, int size)
{
    return net_graph_flops(net->graph, size);
}

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
    g_set_error(error, NET_ERROR, NET_ERROR_SPEC, "there is no number type \"%s\"; there are auto, f32, bf16 and int8",
                name);
    return false;
}

bool net_has_int8(void)
{
    return net_int8_kernel_best() != NULL;
}

enum net_dtype net_dtype_resolve(const struct net *net, enum net_backend backend, enum net_dtype dtype)
{
    if (dtype != NET_AUTO)
        return dtype;
    return backend == NET_BACKEND_FAST && net->ranges && net_has_int8() ? NET_INT8 : net_dtype_best(backend);
}

enum net_dtype net_dtype_best(enum net_backend backend)
{
    return backend == NET_BACKEND_FAST && net_ops_dnnl_has_bf16() ? NET_BF16 : NET_F32;
}

const struct net_ops *net_ops_select(enum net_backend backend, enum net_dtype dtype, GError **error)
{
    if (dtype == NET_AUTO)
        dtype = net_dtype_best(backend);
    if (backend == NET_BACKEND_PLAIN && dtype == NET_F32)
        return &net_ops_plain;
    if (backend == NET_BACKEND_FAST && dtype == NET_F32)
        return &net_ops_dnnl;
    if (backend == NET_BACKEND_FAST && dtype == NET_BF16 && net_dtype_best(backend) == NET_BF16)
        return &net_ops_dnnl_bf16;
    if (backend == NET_BACKEND_FAST && dtype == NET_INT8 && net_has_int8())
        return &net_ops_int8;
    if (dtype == NET_INT8 && backend == NET_BACKEND_FAST)
        g_set_error(error, NET_ERROR, NET_ERROR_SPEC,
                    "this processor has no instructions for int8 (AVX-512 VNNI); ask for dtype=auto");
    else if (backend == NET_BACKEND_PLAIN)
        g_set_error(error, NET_ERROR, NET_ERROR_SPEC, "the plain backend computes in f32; ask for dtype=f32");
    else
        g_set_error(error, NET_ERROR, NET_ERROR_SPEC,
                    "this processor does not compute in bf16 (AVX-512 BF16); ask for dtype=f32");
    return NULL;
}
