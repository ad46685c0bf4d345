/* The measurement: for each network a few seconds of self-play in all threads, then of training steps in one. */
#include <math.h>

#include "engine/bench/bench.h"
#include "engine/plan/plan.h"
#include "engine/settings/settings.h"
#include "engine/training/first_net.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"

static const char *const shapes[PLAN_NETS] = {"4x48", "5x64", "6x96", "8x128"};
static const double most_seconds = 60, most_share = 0.03, selfplay_share = 0.7;

static bool measure_rates(struct plan_rates *rates, const struct plan_question *question, struct bench *bench,
                          double seconds, GError **error)
{
    const struct settings *settings = question->settings;
    const struct bench_selfplay_run run = {.games = question->games,
                                           .game_count = question->game_count,
                                           .settings = settings,
                                           .net = bench->net,
                                           .dtype = bench->dtype,
                                           .threads = question->threads,
                                           .seed = bench->seed};
    struct bench_selfplay_rates selfplay;
    if (evaluator_net_prepare(bench->net, &bench->game, NET_BACKEND_FAST, bench->dtype, bench->seed, error) != 0 ||
        !bench_selfplay_measure(&run, selfplay_share * seconds, &selfplay, error) ||
        !bench_training_rate(bench, (1 - selfplay_share) * seconds, &rates->samples, error))
        return false;
    rates->evaluations = selfplay.evaluations;
    rates->rows = fmax(selfplay.moves * settings->full_share, 1e-3);
    rates->flops = net_flops(bench->net, bench->game.width, bench->game.height);
    return true;
}

static bool measure_net(struct plan_rates *rates, const struct plan_question *question, const char *shape,
                        double seconds, GError **error)
{
    struct settings settings = *question->settings;
    g_strlcpy(settings.net, shape, sizeof settings.net);
    g_strlcpy(rates->net, shape, sizeof rates->net);
    struct bench bench = {.game = question->games[0],
                          .optimiser = settings.optimiser,
                          .seed = (uint64_t)settings.seed,
                          .dtype = question->dtype};
    if (first_net_fresh(&bench.net, &settings, &bench.game, error) != 0)
        return false;
    if (bench.dtype == NET_AUTO)
        bench.dtype = net_dtype_fastest(bench.net, NET_BACKEND_FAST);
    bool good = measure_rates(rates, question, &bench, seconds, error);
    net_unref(bench.net);
    return good;
}

bool plan_measure(struct plan *plan, const struct plan_question *question, GError **error)
{
    const double began = bench_now(), share = fmin(most_seconds, most_share * question->seconds) / PLAN_NETS;
    *plan = (struct plan){.threads = question->threads};
    while (plan->count < PLAN_NETS) {
        struct plan_rates *rates = &plan->rates[plan->count];
        if (!measure_net(rates, question, shapes[plan->count], share, error))
            return false;
        bool worth = plan->count == 0 || plan_is_worth(rates, question->settings, &question->games[0],
                                                       question->threads, question->seconds);
        if (worth)
            plan->chosen = plan->count;
        plan->count++;
        if (!worth)
            break;
    }
    plan->spent = bench_now() - began;
    plan->seconds = fmax(question->seconds - plan->spent, 1);
    return true;
}
