/* f32 inference of a complete net, including heads, input and output, compared with the bare oneDNN tower of the same size
 * in the same run. Target: at least 70 % at batch 1. Measurements alternate, so that other load affects both equally.
 *
 * Usage: net_inference_speed [BLOCKSxCHANNELS [SIZE [BATCH]]]   (default 5x64 9 1) */
#include "net/bench.h"
#include "net/net.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 9, PLANES = 20, GLOBALS = 8, MAX_BATCH = 64, MAX_SIZE = 20 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double infer_rate(struct net_runner *runner, int size, int batch, double seconds)
{
    static float planes[MAX_BATCH * PLANES * MAX_SIZE * MAX_SIZE], globals[MAX_BATCH * GLOBALS];
    static float policy[MAX_BATCH * (MAX_SIZE * MAX_SIZE + 1)], wdl[MAX_BATCH * 3], score[MAX_BATCH];
    struct net_outputs outputs = {.policy = policy, .wdl = wdl, .score = score};
    for (int i = 0; i < batch * PLANES * size * size; i++)
        planes[i] = i % 3 == 0;
    net_runner_infer(runner, size, size, batch, planes, globals, &outputs);
    double start = now(), spent;
    long runs = 0;
    do {
        net_runner_infer(runner, size, size, batch, planes, globals, &outputs);
        runs++;
    } while ((spent = now() - start) < seconds);
    return (double)runs * batch / spent;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    const char *shape = argc > 1 ? argv[1] : "5x64";
    int size = argc > 2 ? atoi(argv[2]) : 9, batch = argc > 3 ? atoi(argv[3]) : 1, blocks, channels;
    struct net_info info = {.game = "go", .features = "go-v1", .planes = PLANES, .globals = GLOBALS, .other_moves = 1};
    struct net *net;
    struct net_runner *runner;
    GError *error = NULL;
    if (sscanf(shape, "%dx%d", &blocks, &channels) != 2 || size < 2 || size > MAX_SIZE || batch < 1 ||
        batch > MAX_BATCH || !net_expand_shape(shape, info.trunk, &error) || net_create(&net, &info, 1, &error) != 0 ||
        net_runner_create(&runner, net, NET_BACKEND_FAST, NET_F32, batch, &error) != 0) {
        fprintf(stderr, "%s\n", error ? error->message : "usage: net_inference_speed [5x64 [SIZE [BATCH]]]");
        return 2;
    }
    double whole[ROUNDS], bare[ROUNDS], ratio[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        whole[i] = infer_rate(runner, size, batch, 0.3);
        bare[i] = net_bench_tower(blocks, channels, size, size, batch, NET_F32, 0.3);
        ratio[i] = whole[i] / bare[i];
    }
    qsort(whole, ROUNDS, sizeof *whole, compare);
    qsort(bare, ROUNDS, sizeof *bare, compare);
    qsort(ratio, ROUNDS, sizeof *ratio, compare);
    char *text = net_runner_describe(runner, size, size, batch);
    bool reference = g_strrstr(text, "ref") != NULL;
    printf("net %s on %dx%d, batch %d, f32, one core: %.0f evaluations a second, bare tower %.0f (medians)\n", shape,
           size, size, batch, whole[ROUNDS / 2], bare[ROUNDS / 2]);
    printf("fraction %.3f (median of %d rounds, %.3f to %.3f), target at least 0.70%s\n", ratio[ROUNDS / 2], ROUNDS,
           ratio[0], ratio[ROUNDS - 1], reference ? "; a reference kernel was chosen" : "");
    g_free(text);
    net_runner_close(runner);
    net_unref(net);
    return ratio[ROUNDS / 2] >= 0.70 && !reference ? 0 : 1;
}
