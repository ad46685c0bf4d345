/* Networks: the processor's peak, the bare tower, inference through the evaluator interface, and the training step. */
#include <stdio.h>
#include <string.h>

#include "engine/bench/bench.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/bench.h"
#include "net/net.h"
#include "net/targets.h"
#include "net/train.h"

/* Reports a net for another game before any measurement. */
static bool net_fits(const struct bench *bench, const char *file, GError **error)
{
    bool fits = evaluator_net_features(bench->net, &bench->game, error) != NULL;
    if (!fits)
        g_prefix_error(error, "%s: ", file);
    return fits;
}

/* What auto stands for, and the ranges that it may need. */
static bool prepare(struct bench *bench, GError **error)
{
    if (bench->dtype == NET_AUTO)
        bench->dtype = net_dtype_fastest(bench->net, NET_BACKEND_FAST);
    return evaluator_net_prepare(bench->net, &bench->game, NET_BACKEND_FAST, bench->dtype, bench->seed, error) == 0;
}

bool bench_open_net(struct bench *bench, const char *shape_or_file, GError **error)
{
    if (g_file_test(shape_or_file, G_FILE_TEST_IS_REGULAR)) {
        char *base = g_path_get_basename(shape_or_file);
        g_strlcpy(bench->net_name, base, sizeof bench->net_name);
        g_free(base);
        return net_load(&bench->net, shape_or_file, error) == 0 && net_fits(bench, shape_or_file, error) &&
               prepare(bench, error);
    }
    g_strlcpy(bench->net_name, shape_or_file, sizeof bench->net_name);
    return evaluator_net_fresh(&bench->net, &bench->game, shape_or_file, bench->seed, error) == 0 &&
           prepare(bench, error);
}

struct tower_run {
    enum net_dtype dtype;
    int blocks, channels, width, height, batch;
};

static double measure_peak(void *data, double seconds)
{
    const enum net_dtype *dtype = data;
    return net_bench_peak(*dtype, seconds) / 1e9;
}

static double measure_tower(void *data, double seconds)
{
    struct tower_run *run = data;
    return net_bench_tower(run->blocks, run->channels, run->width, run->height, run->batch, run->dtype, seconds);
}

struct evaluator_run {
    struct evaluator *evaluator;
    int batch;
    struct eval_query *queries;
    struct eval *evals;
};

/* Evaluations per second, including encoding and heads, without a cache. */
static double measure_evaluator(void *data, double seconds)
{
    struct evaluator_run *run = data;
    uint64_t count = 0;
    double begin = bench_cpu_now(), end;
    do {
        for (int i = 0; i < 16; i++, count += (uint64_t)run->batch)
            evaluator_evaluate(run->evaluator, run->batch, run->queries, run->evals);
        end = bench_cpu_now();
    } while (end - begin < seconds);
    return (double)count / (end - begin);
}

bool bench_evaluations(struct bench *bench, int batch, double *rate, double *steps, GError **error)
{
    const struct evaluator_config config = {.kind = EVALUATOR_NET,
                                            .net = bench->net,
                                            .backend = NET_BACKEND_FAST,
                                            .dtype = bench->dtype,
                                            .max_batch = batch,
                                            .symmetry = EVALUATOR_SYMMETRY_RANDOM,
                                            .effort = bench->effort,
                                            .seed = bench->seed};
    struct evaluator_run run = {.batch = batch};
    if (evaluator_create(&run.evaluator, &bench->game, &config, error) != 0)
        return false;
    union any_position *positions = g_new(union any_position, batch);
    run.queries = g_new0(struct eval_query, batch);
    run.evals = g_new0(struct eval, batch);
    for (int i = 0; i < batch; i++) {
        struct rng rng;
        rng_seed(&rng, bench->seed + (uint64_t)i);
        bench_random_position(&bench->game, i % bench->game.points, &rng, &positions[i].p);
        run.queries[i] = (struct eval_query){.position = &positions[i].p, .want = EVAL_POLICY | EVAL_VALUE};
    }
    *rate = bench_median(bench, measure_evaluator, &run);
    if (steps)
        *steps = (double)evaluator_net_steps(run.evaluator) / (double)evaluator_net_count(run.evaluator);
    g_free(run.queries);
    g_free(run.evals);
    g_free(positions);
    evaluator_free(run.evaluator);
    return true;
}

static bool bench_inference(struct bench *bench, int batch, double tower, GError **error)
{
    double rate, steps;
    if (!bench_evaluations(bench, batch, &rate, &steps, error))
        return false;
    bench_report(
        bench, &(struct bench_figure){.part = "net",
                                      .name = "evaluation, planes and heads in",
                                      .unit = "evaluations/s",
                                      .net = bench->net_name,
                                      .dtype = net_dtype_name(bench->dtype),
                                      .batch = batch,
                                      .threads = 1,
                                      .value = rate,
                                      .peak = tower,
                                      .flop = net_flops_at(bench->net, bench->game.width, bench->game.height, steps)});
    if (steps > 0)
        bench_report(bench, &(struct bench_figure){.part = "net",
                                                   .name = "steps of the loop",
                                                   .unit = "steps/evaluation",
                                                   .net = bench->net_name,
                                                   .dtype = net_dtype_name(bench->dtype),
                                                   .batch = batch,
                                                   .threads = 1,
                                                   .value = steps});
    return true;
}

/* Prints the library's implementation of every operation; fails if one is a reference implementation. */
static bool check_implementations(struct bench *bench, int batch, GError **error)
{
    struct net_runner *runner = NULL;
    if (net_runner_create(&runner, bench->net, NET_BACKEND_FAST, bench->dtype, batch, error) != 0)
        return false;
    char *description = net_runner_describe(runner, bench->game.width, bench->game.height, batch);
    if (!bench->json)
        printf("implementations at batch %d:\n%s", batch, description);
    bool reference = strstr(description, "ref") != NULL;
    if (reference)
        g_set_error(error, NET_ERROR, NET_ERROR_LIBRARY,
                    "oneDNN chose a reference implementation, which is slow, at batch %d:\n%s", batch, description);
    g_free(description);
    net_runner_close(runner);
    return !reference;
}

bool bench_net(struct bench *bench, GError **error)
{
    struct tower_run run = {.dtype = bench->dtype, .width = bench->game.width, .height = bench->game.height};
    net_tower_like(bench->net, &run.blocks, &run.channels);
    double peak = bench_median(bench, measure_peak, &bench->dtype);
    bench_report(bench, &(struct bench_figure){.part = "net",
                                               .name = "peak of one core",
                                               .unit = "GFLOP/s",
                                               .dtype = net_dtype_name(bench->dtype),
                                               .threads = 1,
                                               .value = peak});
    /* Two 3x3 convolutions per block, two operations per multiply-add. */
    double gflop = 2e-9 * 9 * run.channels * run.channels * bench->game.points * 2 * run.blocks;
    for (int i = 0; i < 2; i++) {
        run.batch = i ? bench->batch : 1;
        if (i && run.batch == 1)
            break;
        double tower = bench_median(bench, measure_tower, &run);
        bench_report(bench, &(struct bench_figure){.part = "net",
                                                   .name = "bare oneDNN tower",
                                                   .unit = "towers/s",
                                                   .net = bench->net_name,
                                                   .dtype = net_dtype_name(bench->dtype),
                                                   .batch = run.batch,
                                                   .threads = 1,
                                                   .value = tower,
                                                   .peak = peak / gflop,
                                                   .flop = 1e9 * gflop});
        if (!bench_inference(bench, run.batch, tower, error))
            return false;
    }
    return check_implementations(bench, 1, error) &&
           (bench->batch == 1 || check_implementations(bench, bench->batch, error));
}

struct train_run {
    struct net_trainer *trainer;
    struct net_samples *samples;
    double (*now)(void);
};

static double measure_steps(void *data, double seconds)
{
    struct train_run *run = data;
    uint64_t samples = 0;
    double begin = run->now(), end;
    do {
        net_trainer_step(run->trainer, run->samples, 1e-3f, NULL);
        samples += (uint64_t)run->samples->n;
        end = run->now();
    } while (end - begin < seconds);
    return (double)samples / (end - begin);
}

/* Rows shaped like training data; their contents do not affect the time. */
static void fill_samples(struct net_samples *samples, const struct net_info *info, uint64_t seed)
{
    struct rng rng;
    rng_seed(&rng, seed);
    int points = samples->width * samples->height;
    for (int i = 0; i < samples->n * info->planes * points; i++)
        samples->planes[i] = rng_below(&rng, 4) == 0;
    for (int i = 0; i < samples->n; i++) {
        samples->row_weight[i] = 1;
        for (int t = 0; t < NET_TARGETS; t++) {
            int count = net_samples_count(samples, t);
            samples->weight[t][i] = 1;
            memset(net_samples_row(samples, t, i), 0, (size_t)count * sizeof(float));
            net_samples_row(samples, t, i)[rng_below(&rng, (uint32_t)count)] = 1;
        }
    }
}

/* One thread is measured by its own time; several by the clock, since they wait for each other. */
static void use_threads(struct train_run *run, int threads)
{
    net_trainer_set_threads(run->trainer, threads);
    run->now = threads == 1 ? bench_cpu_now : bench_now;
}

static bool open_training(struct train_run *run, const struct bench *bench, struct net_trainer_config *config,
                          GError **error)
{
    *config = net_trainer_defaults();
    config->dtype = bench->dtype == NET_INT8 ? net_dtype_best(NET_BACKEND_FAST) : bench->dtype;
    net_trainer_choose(config, bench->optimiser);
    if (net_trainer_create(&run->trainer, bench->net, config, error) != 0)
        return false;
    run->samples = net_samples_new(net_info(bench->net), bench->game.width, bench->game.height, config->batch);
    fill_samples(run->samples, net_info(bench->net), bench->seed);
    use_threads(run, 1);
    return true;
}

static void close_training(struct train_run *run)
{
    net_samples_free(run->samples);
    net_trainer_close(run->trainer);
}

bool bench_training_rate(const struct bench *bench, double seconds, double *samples, GError **error)
{
    struct train_run run = {0};
    struct net_trainer_config config;
    if (!open_training(&run, bench, &config, error))
        return false;
    net_trainer_step(run.trainer, run.samples, 1e-3f, NULL); /* creates what later steps reuse */
    *samples = measure_steps(&run, seconds);
    close_training(&run);
    return true;
}

bool bench_train(struct bench *bench, GError **error)
{
    struct net_trainer_config config;
    struct train_run run = {0};
    char name[48] = "training step";
    if (bench->optimiser != NET_SGD) /* the name without one is that of earlier versions' figures */
        g_snprintf(name, sizeof name, "training step, %s", net_optimiser_names[bench->optimiser]);
    if (!open_training(&run, bench, &config, error))
        return false;
    enum net_dtype dtype = config.dtype;
    /* A step is a forward pass plus a backward pass of about twice the work; a loop's steps are drawn from its range. */
    double flop = 3 * net_flops_at(bench->net, bench->game.width, bench->game.height,
                                   (net_steps_least(bench->net) + net_steps(bench->net)) / 2.0);
    double peak = bench_median(bench, measure_peak, &dtype) * 1e9 / flop;
    for (int threads = 1; threads <= bench->threads;
         threads = threads < bench->threads ? bench->threads : threads + 1) {
        use_threads(&run, threads);
        struct bench_figure figure = {.part = "train",
                                      .name = name,
                                      .unit = "samples/s",
                                      .net = bench->net_name,
                                      .dtype = net_dtype_name(dtype),
                                      .batch = config.batch,
                                      .threads = threads,
                                      .value = bench_median(bench, measure_steps, &run),
                                      .peak = peak * threads,
                                      .flop = flop};
        bench_report(bench, &figure);
    }
    close_training(&run);
    return true;
}
