/* Clock, signals, announcements: what both training loops need. */
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "engine/training/training_internal.h"

double training_clock(void)
{
    return 1e-6 * (double)g_get_monotonic_time();
}

uint64_t training_game_seed(const struct settings *settings, uint64_t number)
{
    return rng_mix(rng_mix((uint64_t)settings->seed ^ 0x67616d6573u /* "games" */) + number);
}

struct learner_config training_learner_config(const struct training_options *options, double most_credit)
{
    return (struct learner_config){.store = options->store,
                                   .settings = options->settings,
                                   .games = options->games,
                                   .game_count = options->game_count,
                                   .backend = options->backend,
                                   .dtype = options->dtype,
                                   .command = options->command,
                                   .most_credit = most_credit};
}

void training_announce_games(const struct training_options *options, int64_t games)
{
    if (options->style != PROGRESS_JSON)
        return;
    fprintf(options->out, "{\"event\":\"committed\",\"games\":%" G_GINT64_FORMAT "}\n", games);
    fflush(options->out);
}

void training_announce_checkpoint(const struct training_options *options, const struct store_checkpoint *checkpoint)
{
    if (options->style != PROGRESS_JSON)
        return;
    fprintf(options->out, "{\"event\":\"checkpoint\",\"generation\":%u,\"steps\":%" G_GINT64_FORMAT "}\n",
            checkpoint->generation, checkpoint->steps);
    fflush(options->out);
}

/* ---- signals ---- */

struct training_signals {
    sigset_t taken, before;
};

struct training_signals *training_signals_take(void)
{
    struct training_signals *signals = g_new0(struct training_signals, 1);
    sigemptyset(&signals->taken);
    sigaddset(&signals->taken, SIGINT);
    sigaddset(&signals->taken, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals->taken, &signals->before);
    return signals;
}

bool training_signals_wait(struct training_signals *signals, double seconds)
{
    seconds = fmax(seconds, 0);
    struct timespec timeout = {.tv_sec = (time_t)seconds, .tv_nsec = (long)((seconds - floor(seconds)) * 1e9)};
    if (sigtimedwait(&signals->taken, NULL, &timeout) < 0)
        return false;
    /* From now on a second one does what it always does. */
    pthread_sigmask(SIG_UNBLOCK, &signals->taken, NULL);
    return true;
}

void training_signals_give_back(struct training_signals *signals)
{
    pthread_sigmask(SIG_SETMASK, &signals->before, NULL);
    g_free(signals);
}

/* ---- losses ---- */

void loss_sums_add(struct loss_sums *sums, const struct net_losses *losses)
{
    if (!losses->finite)
        return;
    sums->sum.total += losses->total;
    sums->sum.policy += losses->policy;
    sums->sum.soft += losses->soft;
    sums->sum.reply += losses->reply;
    sums->sum.value += losses->value;
    sums->sum.soon += losses->soon;
    sums->sum.score += losses->score;
    sums->sum.map += losses->map;
    sums->sum.grad_norm += losses->grad_norm;
    sums->count++;
}

bool loss_sums_take(struct loss_sums *sums, struct net_losses *means)
{
    if (sums->count == 0)
        return false;
    float n = (float)sums->count;
    *means = (struct net_losses){.total = sums->sum.total / n,
                                 .policy = sums->sum.policy / n,
                                 .soft = sums->sum.soft / n,
                                 .reply = sums->sum.reply / n,
                                 .value = sums->sum.value / n,
                                 .soon = sums->sum.soon / n,
                                 .score = sums->sum.score / n,
                                 .map = sums->sum.map / n,
                                 .grad_norm = sums->sum.grad_norm / n,
                                 .finite = true};
    *sums = (struct loss_sums){0};
    return true;
}

void training_store_metric(const struct training_options *options, const struct progress_report *r)
{
    struct store_metric metric = {.seconds = r->seconds,
                                  .games = r->games,
                                  .positions = r->positions,
                                  .steps = r->steps,
                                  .samples = r->samples,
                                  .generation = r->generation,
                                  .loss = r->losses.total,
                                  .policy_loss = r->losses.policy,
                                  .value_loss = r->losses.value,
                                  .games_per_s = r->games_per_s,
                                  .evals_per_s = r->evals_per_s,
                                  .plies_per_game = r->plies_per_game,
                                  .diversity = r->diversity};
    GError *error = NULL;
    if (!store_add_metric(options->store, &metric, &error))
        g_clear_error(&error); /* a full disk ends the run at its next game or checkpoint, with that error */
}
