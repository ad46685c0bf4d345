/* The other ranks of a job in training: they get games as the threads of this process do, and hand them in. */
#include <math.h>

#include "engine/cluster/host.h"
#include "engine/cluster/terms.h"
#include "engine/training/progress.h"
#include "engine/training/training.h"
#include "engine/training/training_internal.h"
#include "engine/training/training_threads.h"

static bool next_game(void *user, struct selfplay_assignment *next)
{
    struct training *t = user;
    pthread_mutex_lock(&t->lock);
    const bool proceed = !t->stopping && !training_is_behind(t);
    if (proceed)
        training_assign(t, next);
    pthread_mutex_unlock(&t->lock);
    return proceed;
}

static int64_t hand_in(void *user, struct record *record, uint64_t evaluations)
{
    return training_take_game(user, record, evaluations);
}

static void stop(void *user)
{
    struct training *t = user;
    pthread_mutex_lock(&t->lock);
    t->stopping = t->told_to_stop = true;
    pthread_cond_broadcast(&t->changed);
    pthread_mutex_unlock(&t->lock);
}

static void failed(void *user, GError *error)
{
    training_fail(user, error);
}

static const struct cluster_host_ops training_ops = {
    .next_game = next_game,
    .hand_in = hand_in,
    .stop = stop,
    .failed = failed,
};

void training_fill_terms(const struct training_options *options, size_t cache_bytes, int spare, struct net *opponent,
                         struct cluster_terms *terms)
{
    *terms = (struct cluster_terms){.settings = *options->settings,
                                    .backend = options->backend,
                                    .dtype = options->dtype,
                                    .cache_bytes = cache_bytes,
                                    .spare = spare,
                                    .trainers = options->trainers,
                                    .opponent = opponent};
}

void training_serve_ranks(struct training *t)
{
    struct cluster_terms terms;
    if (!t->options->cluster)
        return;
    training_fill_terms(t->options, TRAINING_CACHE_BYTES, 1, t->opponent, &terms);
    cluster_host_serve(t->options->cluster, &terms, &training_ops, t);
}

/* ---- reports ---- */

static void print_json(const struct training_options *options, double seconds, uint64_t messages, uint64_t bytes)
{
    const int ranks = cluster_host_ranks(options->cluster);
    fprintf(options->out, "{\"event\":\"ranks\",\"messages_per_s\":%.2f,\"bytes_per_s\":%.0f,\"ranks\":[",
            (double)messages / seconds, (double)bytes / seconds);
    for (int i = 1; i < ranks; i++) {
        const struct cluster_figures f = cluster_host_figures(options->cluster, i);
        fprintf(options->out,
                "%s{\"rank\":%d,\"games\":%" G_GINT64_FORMAT
                ",\"evals_per_s\":%.1f,\"waited_s\":%.3f,\"processor_s\":%.3f}",
                i > 1 ? "," : "", i, f.games, (double)f.evaluations / seconds, f.waited_s, f.processor_s);
    }
    fprintf(options->out, "]}\n");
}

/* The sum over the ranks, and those that played most and least: a rank that lags behind is one to look at. */
static void print_text(const struct training_options *options, double seconds, uint64_t messages, uint64_t bytes)
{
    const int ranks = cluster_host_ranks(options->cluster);
    struct cluster_figures sum = {0};
    int64_t most = 0, least = INT64_MAX;
    for (int i = 1; i < ranks; i++) {
        const struct cluster_figures f = cluster_host_figures(options->cluster, i);
        sum.games += f.games;
        sum.waited_s += f.waited_s;
        sum.processor_s += f.processor_s;
        most = MAX(most, f.games);
        least = MIN(least, f.games);
    }
    fprintf(options->out,
            "         ranks 1 to %d: %" G_GINT64_FORMAT " games (%" G_GINT64_FORMAT " to %" G_GINT64_FORMAT
            " each), %.1f cores busy, waited %.1f s for games; %.1f messages/s, %.1f kB/s\n",
            ranks - 1, sum.games, least, most, sum.processor_s / seconds, sum.waited_s, (double)messages / seconds,
            (double)bytes / seconds / 1e3);
}

void training_report_ranks(const struct training_options *options, double started)
{
    uint64_t messages, bytes;
    if (!options->cluster)
        return;
    const double seconds = fmax(training_clock() - started, 1e-3);
    cluster_host_traffic(options->cluster, &messages, &bytes);
    if (options->style == PROGRESS_JSON)
        print_json(options, seconds, messages, bytes);
    else if (options->style == PROGRESS_PLAIN)
        print_text(options, seconds, messages, bytes);
    fflush(options->out);
}
