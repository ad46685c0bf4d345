/* Growth: the cost of each part as a function of board size, channels, blocks, batch, threads, tree and window. Each
 * table starts with its smallest case; `cost` is CPU time per unit of work relative to that case. */
#include <pthread.h>

#include "engine/bench/bench.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "engine/training/replay/replay_window.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"
#include "net/net.h"
#include "net/train.h"

/* ---- networks ---- */

struct table {
    struct bench *bench;
    double first; /* units per second of CPU time in the first case */
};

static void add_case(struct table *table, const struct bench *bench, struct bench_figure *figure)
{
    double rate = figure->value / (figure->threads > 1 ? figure->threads : 1);
    if (table->first == 0)
        table->first = rate;
    figure->part = "growth";
    figure->cost = table->first / rate;
    bench_report(bench, figure);
}

/* One case: a net shape (NULL: the bench's), a board (NULL: the bench's) and a batch size. */
static bool net_case(struct table *table, const char *name, const char *game, const char *shape, int batch,
                     GError **error)
{
    struct bench one = *table->bench;
    double rate;
    one.net = shape ? NULL : net_ref(one.net);
    bool good = (!game || game_parse(&one.game, game, error)) && (!shape || bench_open_net(&one, shape, error)) &&
                bench_evaluations(&one, batch, &rate, NULL, error);
    if (good) {
        game_format(&one.game, one.game_spec);
        add_case(table, &one,
                 &(struct bench_figure){.name = name,
                                        .unit = "evaluations/s",
                                        .net = one.net_name,
                                        .dtype = net_dtype_name(one.dtype),
                                        .batch = batch,
                                        .threads = 1,
                                        .value = rate,
                                        .flop = net_flops(one.net, one.game.width, one.game.height)});
    }
    net_unref(one.net);
    return good;
}

static bool grow_boards(struct bench *bench, GError **error)
{
    static const int sizes[] = {5, 7, 9, 13, 15, 19};
    struct table table = {.bench = bench};
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        char spec[40];
        g_snprintf(spec, sizeof spec, "%s:%d", bench->game.ops->name, sizes[i]);
        if (!net_case(&table, "board", spec, NULL, 1, error))
            return false;
    }
    return true;
}

static bool grow_nets(struct bench *bench, GError **error)
{
    static const char *const channels[] = {"5x16", "5x32", "5x64", "5x96", "5x128", "5x192"};
    static const char *const blocks[] = {"1x64", "2x64", "5x64", "10x64", "20x64"};
    struct table wide = {.bench = bench}, deep = {.bench = bench};
    for (size_t i = 0; i < G_N_ELEMENTS(channels); i++)
        if (!net_case(&wide, "channels", NULL, channels[i], 1, error))
            return false;
    for (size_t i = 0; i < G_N_ELEMENTS(blocks); i++)
        if (!net_case(&deep, "blocks", NULL, blocks[i], 1, error))
            return false;
    return true;
}

static bool grow_batch(struct bench *bench, GError **error)
{
    struct table table = {.bench = bench};
    for (int batch = 1; batch <= 64; batch *= 2)
        if (!net_case(&table, "batch", NULL, NULL, batch, error))
            return false;
    return true;
}

/* ---- threads, each with its own network runner ---- */

struct thread_run {
    struct bench bench;
    pthread_t thread;
    double rate;
    GError *error;
};

static void *evaluate_in_thread(void *data)
{
    struct thread_run *run = data;
    if (!bench_evaluations(&run->bench, 1, &run->rate, NULL, &run->error))
        run->rate = 0;
    return NULL;
}

static bool threads_case(struct table *table, int threads, GError **error)
{
    struct thread_run *runs = g_new0(struct thread_run, threads);
    double rate = 0;
    for (int i = 0; i < threads; i++) {
        runs[i].bench = *table->bench;
        if (pthread_create(&runs[i].thread, NULL, evaluate_in_thread, &runs[i]) != 0) {
            g_set_error(error, G_THREAD_ERROR, G_THREAD_ERROR_AGAIN, "the system refuses %d threads", threads);
            threads = i;
        }
    }
    for (int i = 0; i < threads; i++) {
        pthread_join(runs[i].thread, NULL);
        rate += runs[i].rate;
        if (runs[i].error && error && !*error)
            g_propagate_error(error, runs[i].error);
    }
    bool good = rate > 0;
    if (good)
        add_case(table, table->bench,
                 &(struct bench_figure){
                     .name = "threads",
                     .unit = "evaluations/s",
                     .net = table->bench->net_name,
                     .dtype = net_dtype_name(table->bench->dtype),
                     .batch = 1,
                     .threads = threads,
                     .value = rate,
                     .flop = net_flops(table->bench->net, table->bench->game.width, table->bench->game.height)});
    g_free(runs);
    return good;
}

static bool grow_threads(struct bench *bench, GError **error)
{
    struct table table = {.bench = bench};
    int most = MAX(bench->threads, (int)g_get_num_processors());
    for (int threads = 1; threads <= most; threads = threads < most && threads * 2 > most ? most : threads * 2)
        if (!threads_case(&table, threads, error))
            return false;
    return true;
}

/* ---- tree: visits per second at a given size ---- */

/* Grows the tree to 90 % of `nodes`, then times the rest. */
static double measure_tree(const struct bench *bench, struct mcts *search, int64_t nodes)
{
    union any_position position;
    int64_t last = nodes / 10;
    game_init(&bench->game, &position.p);
    mcts_forget(search);
    mcts_set_root(search, &position.p, NULL);
    mcts_run(search, &(struct mcts_limits){.visits = nodes - last});
    double begin = bench_cpu_now();
    mcts_run(search, &(struct mcts_limits){.visits = last});
    return (double)last / (bench_cpu_now() - begin);
}

static bool grow_tree(struct bench *bench, GError **error)
{
    struct table table = {.bench = bench};
    struct evaluator *evaluator = evaluator_uniform_create(&bench->game);
    struct mcts_config config = mcts_defaults(MCTS_PUCT);
    struct mcts *search;
    config.memory_bytes = (size_t)4 << 30; /* pages are touched only as it grows */
    bool good = mcts_create(&search, &bench->game, &config, &evaluator, error) == 0;
    for (int64_t nodes = 1000; good && nodes <= 1000000; nodes *= 10) {
        char name[64];
        g_snprintf(name, sizeof name, "tree of %d nodes, uniform evaluator", (int)nodes);
        int repeats = nodes <= 100000 ? bench->repeats : 1;
        double best = 0;
        for (int i = 0; i < repeats; i++)
            best = MAX(best, measure_tree(bench, search, nodes));
        add_case(&table, bench, &(struct bench_figure){.name = name, .unit = "visits/s", .threads = 1, .value = best});
    }
    mcts_close(good ? search : NULL);
    evaluator_free(evaluator);
    return good;
}

/* ---- replay window: rows per second into batches ---- */

static struct record *random_record(const struct game *game, int64_t number, struct rng *rng)
{
    struct record *record = record_new(game, (uint64_t)number, 0);
    union any_position position;
    game_move legal[GAME_MAX_MOVES];
    float policy[GAME_MAX_MOVES];
    static const float even[3] = {0.5f, 0, 0.5f};
    game_init(game, &position.p);
    while (!game_over(&position.p) && record->ply_count < 2 * game->points) {
        int count = game->ops->legal_moves(game, &position.p, NULL, legal);
        game_move move = legal[rng_below(rng, (uint32_t)count)];
        memset(policy, 0, sizeof policy);
        for (int i = 0; i < 8; i++)
            policy[legal[rng_below(rng, (uint32_t)count)]] += 0.125f;
        record_add(record, &position.p, move, policy, even, even, RECORD_SEARCHED | RECORD_TRAIN);
        game_play(game, &position.p, NULL, move);
    }
    record_finish(record, &position.p);
    return record;
}

struct window_run {
    const struct bench *bench;
    const struct settings *settings;
    struct window *window;
    struct net_samples *samples;
    struct rng rng;
};

static double measure_window(void *data, double seconds)
{
    struct window_run *run = data;
    const struct game_features *features = game_features_newest(&run->bench->game);
    uint64_t rows = 0;
    double begin = bench_cpu_now(), end;
    do {
        window_fill(run->window, features, &run->rng, run->samples);
        rows += (uint64_t)run->samples->n;
        end = bench_cpu_now();
    } while (end - begin < seconds);
    return (double)rows / (end - begin);
}

static bool grow_window(struct bench *bench, GError **error)
{
    (void)error;
    struct settings settings;
    struct table table = {.bench = bench};
    settings_presets(&settings, &bench->game);
    settings.window = 1000000; /* never full */
    struct window_run run = {.bench = bench, .settings = &settings};
    run.window = window_new(&bench->game, 1, &settings);
    run.samples = net_samples_new(net_info(bench->net), bench->game.width, bench->game.height, (int)settings.batch);
    rng_seed(&run.rng, bench->seed);
    int64_t number = 0;
    for (int64_t rows = 1000; rows <= 100000; rows *= 10) {
        char name[40];
        while (window_rows(run.window) < rows) {
            struct record *record = random_record(&bench->game, number++, &run.rng);
            window_add(run.window, record);
            record_unref(record);
        }
        g_snprintf(name, sizeof name, "batches from %d rows", (int)rows);
        add_case(&table, bench,
                 &(struct bench_figure){.name = name,
                                        .unit = "rows/s",
                                        .batch = (int)settings.batch,
                                        .threads = 1,
                                        .value = bench_median(bench, measure_window, &run)});
    }
    net_samples_free(run.samples);
    window_free(run.window);
    return true;
}

bool bench_growth(struct bench *bench, GError **error)
{
    return grow_boards(bench, error) && grow_nets(bench, error) && grow_batch(bench, error) &&
           grow_threads(bench, error) && grow_tree(bench, error) && grow_window(bench, error);
}
