/* What a net with a loop gains by each step: its losses on the games of a run that the lab holds out (engine/lab, kind:
 * same-data), with every number of steps, also more than it was trained with; and with as many as it takes to settle, at several
 * thresholds, with the mean number of steps. A net without a loop is measured once. Losses are those of lab: the policy's and
 * the outcome's cross entropy, on the same rows for every net.
 *
 * Usage: loop_depths RUN SIZES NET...   (RUN: the lab's data; SIZES: its sizes, as in 9 or 7:8,9:32) */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/settings/settings.h"
#include "engine/store/store.h"
#include "engine/training/replay/replay_window.h"
#include "engine/training/stored.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"
#include "net/targets.h"
#include "net/train.h"

enum { BATCHES = 24, BATCH = 128, ROWS = 20000, CHUNK = 16 };
static const double HELD_OUT = 0.1; /* the lab's */

struct data {
    struct store *store;
    struct game games[SETTINGS_MAX_GAMES];
    int game_count;
    struct settings settings;
    struct window *window;
};

static void stop(const char *what, GError *error)
{
    g_printerr("loop_depths: %s: %s\n", what, error ? error->message : "?");
    exit(1);
}

static void data_open(struct data *data, const char *run, const char *sizes)
{
    GError *error = NULL;
    struct game game;
    GPtrArray *records;
    if (!game_parse(&game, "go:9", &error))
        stop("go:9", error);
    settings_presets(&data->settings, &game);
    if (!settings_set(&data->settings, "sizes", sizes, &error) ||
        (data->game_count = settings_games(&data->settings, data->games, &error)) <= 0)
        stop(sizes, error);
    data->settings.window = (int64_t)1e8;
    data->settings.surprise_weight = data->settings.surprise_value = data->settings.value_search_mix =
        data->settings.komi_relabel_share = 0;
    if (store_open(&data->store, run, STORE_READ, &error) != 0)
        stop(run, error);
    const struct stored_games held = {.store = data->store, .before = STORE_ALL_GAMES, .held_out = HELD_OUT};
    if (!stored_games_load(&held, data->games, data->game_count, ROWS, 0, true, &records, &error))
        stop(run, error);
    data->window = window_new(data->games, data->game_count, &data->settings);
    for (guint i = 0; i < records->len; i++)
        window_add(data->window, records->pdata[i]);
    g_ptr_array_unref(records);
    if (window_rows(data->window) == 0)
        stop(run, NULL);
}

struct sums {
    double policy, policy_weight, outcome, outcome_weight, steps, rows;
};

static double logit_entropy(const float *x, const float *target, int count)
{
    double most = -INFINITY, sum = 0, loss = 0;
    for (int i = 0; i < count; i++)
        most = fmax(most, (double)x[i]);
    for (int i = 0; i < count; i++)
        sum += exp((double)x[i] - most);
    for (int i = 0; i < count; i++)
        loss += (double)target[i] * (log(sum) + most - (double)x[i]);
    return loss;
}

static void add_row(const struct net_samples *s, int row, const float *policy, const float *wdl, int steps,
                    struct sums *sums)
{
    double weight = (double)(s->row_weight[row] * s->weight[NET_TARGET_POLICY][row]);
    if (weight > 0)
        sums->policy += weight * logit_entropy(policy, net_samples_row(s, NET_TARGET_POLICY, row), s->moves);
    sums->policy_weight += weight;
    weight = (double)(s->row_weight[row] * s->weight[NET_TARGET_VALUE][row]);
    for (int i = 0; i < NET_OUTCOMES && weight > 0; i++)
        sums->outcome -=
            weight * (double)net_samples_row(s, NET_TARGET_VALUE, row)[i] * log(fmax((double)wdl[i], 1e-12));
    sums->outcome_weight += weight;
    sums->steps += steps;
    sums->rows++;
}

static void add_batch(struct net_runner *runner, const struct net_info *info, const struct net_samples *s,
                      struct sums *sums)
{
    static float policy[CHUNK * GAME_MAX_MOVES], wdl[CHUNK * NET_OUTCOMES];
    const struct net_outputs outputs = {.policy = policy, .wdl = wdl};
    const size_t points = (size_t)(s->width * s->height);
    for (int first = 0; first < s->n; first += CHUNK) {
        net_runner_infer(runner, s->width, s->height, CHUNK, s->planes + (size_t)(first * info->planes) * points,
                         s->globals + (size_t)(first * info->globals), &outputs);
        for (int row = 0; row < CHUNK; row++)
            add_row(s, first + row, policy + row * s->moves, wdl + row * NET_OUTCOMES, net_runner_steps(runner)[row],
                    sums);
    }
}

static void measure(const struct data *data, struct net *net, struct net_effort effort)
{
    const struct net_info *info = net_info(net);
    GError *error = NULL;
    struct net_runner *runner;
    struct sums sums = {0};
    struct rng rng;
    const struct game_features *features = evaluator_net_features(net, &data->games[0], &error);
    if (!features || net_runner_create(&runner, net, NET_BACKEND_FAST, NET_F32, CHUNK, &error) != 0 ||
        net_runner_set_effort(runner, &effort, &error) != 0)
        stop("net", error);
    rng_seed(&rng, 1);
    for (int i = 0; i < BATCHES; i++) {
        const struct game_shape shape = window_draw_shape(data->window, &rng);
        struct net_samples *samples = net_samples_new(info, shape.width, shape.height, BATCH);
        window_fill(data->window, features, &rng, samples);
        add_batch(runner, info, samples, &sums);
        net_samples_free(samples);
    }
    net_runner_close(runner);
    printf("  steps %2d settle %-6g  mean steps %5.2f  policy %.4f  outcome %.4f\n", effort.steps,
           (double)effort.settle, sums.steps / sums.rows, sums.policy / sums.policy_weight,
           sums.outcome / sums.outcome_weight);
    fflush(stdout);
}

static void measure_net(const struct data *data, const char *path)
{
    static const int steps[] = {1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16};
    static const float settle[] = {0.2f, 0.1f, 0.05f, 0.03f, 0.02f, 0.01f, 0.005f};
    struct net *net;
    GError *error = NULL;
    if (net_load(&net, path, &error) != 0)
        stop(path, error);
    printf("%s: %s\n", path, net_info(net)->trunk);
    if (net_steps(net) == 0)
        measure(data, net, (struct net_effort){.steps = 0});
    for (size_t i = 0; i < G_N_ELEMENTS(steps) && net_steps(net) > 0; i++)
        measure(data, net, (struct net_effort){.steps = steps[i]});
    for (size_t i = 0; i < G_N_ELEMENTS(settle) && net_steps(net) > 0; i++)
        measure(data, net, (struct net_effort){.settle = settle[i]});
    net_unref(net);
}

int main(int argc, char **argv)
{
    struct data data = {.store = NULL};
    if (argc < 4) {
        g_printerr("usage: loop_depths RUN SIZES NET...\n");
        return 2;
    }
    data_open(&data, argv[1], argv[2]);
    for (int i = 3; i < argc; i++)
        measure_net(&data, argv[i]);
    window_free(data.window);
    store_close(data.store);
    return 0;
}
