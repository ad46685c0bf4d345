/* Compares optimisers on the same stored rows: a new net of the run's shape is trained on the games of a run, once for each
 * OPTIMISER=RATE, with the same batches. The newest tenth of the games is left out and serves to measure the losses
 * afterwards, with the averaged weights, which are those that play. Weight decay, warm-up, the decay of the rate and the batch
 * are the run's and the optimisers' presets; the decay is tied to the steps. Repeatable bit for bit on one machine.
 *
 * Usage: acceptance_optimisers RUN STEPS [net=SHAPE] [seed=N] OPTIMISER=RATE...
 * For example: acceptance_optimisers ./go7 400 net=4x48 sgd=0.015 muon=0.001 */
#include "engine/settings/settings.h"
#include "engine/store/store.h"
#include "engine/training/learner.h"
#include "engine/training/replay/replay_window.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"
#include "net/targets.h"
#include "net/train.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TEST_BATCHES = 16 };

struct setting {
    struct settings settings;
    struct game games[SETTINGS_MAX_GAMES];
    int game_count;
    const struct game_features *features;
    struct window *train, *test;
    long steps;
    uint64_t seed;
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool load(struct setting *s, const char *run, GError **error)
{
    struct store *store;
    struct game game;
    GPtrArray *records;
    bool found = false;
    if (store_open(&store, run, STORE_READ, error) != 0 || !store_load_settings(store, &s->settings, &found, error) ||
        !found || !game_parse(&game, s->settings.game, error))
        return false;
    settings_presets(&s->settings, &game);
    if (!store_load_settings(store, &s->settings, &found, error) ||
        !(s->game_count = settings_games(&s->settings, s->games, error)) ||
        !(s->features = settings_features(&s->settings, &s->games[0], error)) ||
        !store_load_games(store, s->games, s->game_count, INT64_MAX, &records, error))
        return false;
    s->settings.window = 100000000; /* all rows */
    s->train = window_new(s->games, s->game_count, &s->settings);
    s->test = window_new(s->games, s->game_count, &s->settings);
    for (guint i = 0; i < records->len; i++)
        window_add(i < records->len * 9 / 10 ? s->train : s->test, records->pdata[i]);
    printf("%s: %u games, %ld rows to train on, %ld to measure, batches of %d\n", s->settings.game, records->len,
           (long)window_rows(s->train), (long)window_rows(s->test), (int)s->settings.batch);
    printf("%-6s %-8s %-6s %8s %8s %8s %8s %9s\n", "", "rate", "seed", "loss", "held out", "policy", "value",
           "seconds");
    g_ptr_array_unref(records);
    store_close(store);
    return true;
}

static struct net_samples *draw(const struct setting *s, const struct window *window, const struct net_info *info,
                                struct rng *rng)
{
    struct game_shape shape = window_draw_shape(window, rng);
    struct net_samples *samples = net_samples_new(info, shape.width, shape.height, (int)s->settings.batch);
    window_fill(window, s->features, rng, samples);
    return samples;
}

/* Means over TEST_BATCHES batches, always the same. */
static struct net_losses measure(const struct setting *s, const struct window *window, struct net *net)
{
    struct net_trainer *trainer;
    struct net_trainer_config config = net_trainer_defaults();
    struct net_losses sum = {0}, losses;
    struct rng rng;
    config.batch = (int)s->settings.batch;
    config.dtype = NET_F32;
    g_assert(net_trainer_create(&trainer, net, &config, NULL) == 0);
    rng_seed(&rng, 1);
    for (int i = 0; i < TEST_BATCHES; i++) {
        struct net_samples *samples = draw(s, window, net_info(net), &rng);
        net_trainer_losses(trainer, samples, &losses);
        sum.total += losses.total / TEST_BATCHES;
        for (int t = 0; t < NET_TARGETS; t++)
            sum.target[t] += losses.target[t] / TEST_BATCHES;
        net_samples_free(samples);
    }
    net_trainer_close(trainer);
    return sum;
}

static bool train(const struct setting *s, enum net_optimiser optimiser, double rate, GError **error)
{
    struct settings settings = s->settings;
    struct net *net;
    struct net_trainer *trainer;
    struct net_trainer_config config = net_trainer_defaults();
    struct rng rng;
    settings.rate = rate;
    net_trainer_choose(&config, optimiser);
    config.batch = (int)settings.batch;
    config.average_decay = (float)settings.average_decay;
    config.seed = s->seed;
    if (evaluator_net_fresh_for(&net, &s->games[0], s->features, settings.net, s->seed, error) != 0 ||
        net_trainer_create(&trainer, net, &config, error) != 0)
        return false;
    rng_seed(&rng, rng_mix(s->seed));
    double spent = 0;
    long bad = 0;
    for (long i = 0; i < s->steps; i++) {
        struct net_samples *samples = draw(s, s->train, net_info(net), &rng);
        struct net_losses losses;
        double start = now();
        net_trainer_step(trainer, samples, (float)learner_rate(&settings, i, (double)i / (double)s->steps), &losses);
        spent += now() - start;
        bad += !losses.finite;
        net_samples_free(samples);
    }
    net_unref(net);
    net = net_trainer_snapshot(trainer, true);
    struct net_losses known = measure(s, s->train, net), held = measure(s, s->test, net);
    printf("%-6s %-8g %-6d %8.4f %8.4f %8.4f %8.4f %9.1f%s\n", net_optimiser_names[optimiser], rate, (int)s->seed,
           (double)known.total, (double)held.total, (double)held.target[NET_TARGET_POLICY],
           (double)held.target[NET_TARGET_VALUE], spent, bad ? "  with steps that were not finite" : "");
    fflush(stdout);
    net_trainer_close(trainer);
    net_unref(net);
    return true;
}

/* NAME=VALUE: the net, the seed, or an optimiser to train with. */
static bool apply(struct setting *s, const char *argument, GError **error)
{
    char **pair = g_strsplit(argument, "=", 2);
    enum net_optimiser optimiser;
    double rate = pair[0] && pair[1] ? g_ascii_strtod(pair[1], NULL) : 0;
    bool good = true;
    if (rate > 0 && strcmp(pair[0], "seed") == 0)
        s->seed = (uint64_t)rate;
    else if (pair[1] && strcmp(pair[0], "net") == 0)
        g_strlcpy(s->settings.net, pair[1], sizeof s->settings.net);
    else
        good = net_optimiser_parse(&optimiser, pair[0], error) && rate > 0 && train(s, optimiser, rate, error);
    g_strfreev(pair);
    return good;
}

int main(int argc, char **argv)
{
    struct setting s = {.steps = argc > 2 ? atol(argv[2]) : 0, .seed = 1};
    GError *error = NULL;
    if (argc < 4 || s.steps < 1) {
        fprintf(stderr, "usage: acceptance_optimisers RUN STEPS [net=SHAPE] [seed=N] OPTIMISER=RATE...\n");
        return 2;
    }
    bool good = load(&s, argv[1], &error);
    for (int i = 3; good && i < argc; i++)
        good = apply(&s, argv[i], &error);
    if (!good)
        fprintf(stderr, "acceptance_optimisers: %s\n", error ? error->message : "every argument is NAME=NUMBER");
    return good ? 0 : 2;
}
