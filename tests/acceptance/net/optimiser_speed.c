/* What each optimiser costs: the processor time of a training step, and the share of it that the update of the weights takes.
 * The optimisers alternate, so that other load affects all of them equally; medians of several rounds. Target: Muon's update,
 * with its matrix products, takes less than 10 % of its step.
 *
 * Usage: optimiser_speed [f32|bf16 [BLOCKSxCHANNELS [SIZE [BATCH]]]] */
#include "net/net.h"
#include "net/train.h"
#include "net/train/optimiser.h"
#include "net/train/trainer_internal.h"
#include "tests/net/fixtures.h"
#include "tests/net/train/apply.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 9, STEPS = 5 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values)
{
    qsort(values, ROUNDS, sizeof *values, compare);
    return values[ROUNDS / 2];
}

static double step_seconds(struct net_trainer *trainer, const struct net_samples *samples)
{
    double start = now();
    for (int i = 0; i < STEPS; i++)
        net_trainer_step(trainer, samples, 1e-4f, NULL);
    return (now() - start) / STEPS;
}

/* Of the update alone, on the gradient of the last step. */
static double update_seconds(struct net_trainer *trainer)
{
    const struct optimiser_step step = {.kind = trainer->config.optimiser,
                                        .step = trainer->steps,
                                        .rate = 1e-4f,
                                        .momentum = trainer->config.momentum,
                                        .weight_decay = trainer->config.weight_decay,
                                        .scale = 1,
                                        .arithmetic = trainer->arithmetic};
    double start = now();
    trainer_enter(trainer);
    for (int i = 0; i < STEPS; i++)
        apply_all(trainer->graph, &step, trainer->gradient, trainer->params, trainer->first, trainer->second);
    return (now() - start) / STEPS;
}

int main(int argc, char **argv)
{
    const char *shape = argc > 2 ? argv[2] : "5x64";
    int size = argc > 3 ? atoi(argv[3]) : 9, batch = argc > 4 ? atoi(argv[4]) : 128;
    struct net_info info = fixture_info("", 20, 8, 1);
    struct net_trainer_config config = net_trainer_defaults();
    struct net_trainer *trainers[NET_OPTIMISERS];
    double step[NET_OPTIMISERS][ROUNDS], update[NET_OPTIMISERS][ROUNDS];
    struct net *net;
    GError *error = NULL;
    config.batch = batch;
    bool good = net_dtype_parse(&config.dtype, argc > 1 ? argv[1] : "f32", &error) && size >= 2 && size <= 20 &&
                net_expand_shape(shape, info.trunk, &error) && net_create(&net, &info, 1, &error) == 0;
    for (int i = 0; i < NET_OPTIMISERS && good; i++) {
        net_trainer_choose(&config, (enum net_optimiser)i);
        good = net_trainer_create(&trainers[i], net, &config, &error) == 0;
    }
    if (!good) {
        fprintf(stderr, "%s\n", error ? error->message : "usage: optimiser_speed [f32|bf16 [5x64 [SIZE [BATCH]]]]");
        return 2;
    }
    struct net_samples *samples = fixture_samples(&info, size, batch, true, 1);
    for (int round = -1; round < ROUNDS; round++) /* the first is not counted */
        for (int i = 0; i < NET_OPTIMISERS; i++) {
            step[i][MAX(round, 0)] = step_seconds(trainers[i], samples);
            update[i][MAX(round, 0)] = update_seconds(trainers[i]);
        }
    printf("training %s on %dx%d, batch %d, %s, one core, medians of %d rounds:\n", shape, size, size, batch,
           argc > 1 ? argv[1] : "f32", ROUNDS);
    double share = 0, sgd = median(step[NET_SGD]);
    for (int i = 0; i < NET_OPTIMISERS; i++) {
        double whole = median(step[i]), part = median(update[i]);
        printf("%-6s %7.2f ms a step (%.3f of sgd's), update %6.3f ms, share %.1f %%\n", net_optimiser_names[i],
               1e3 * whole, whole / sgd, 1e3 * part, 100 * part / whole);
        share = i == NET_MUON ? part / whole : share;
        net_trainer_close(trainers[i]);
    }
    printf("target: Muon's share below 10 %%\n");
    net_samples_free(samples);
    net_unref(net);
    return share < 0.1 ? 0 : 1;
}
