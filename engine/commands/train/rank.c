/* tengen train on the other ranks of a job: they play games, and have no run of their own. */
#include <glib.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "engine/cluster/load.h"
#include "engine/cluster/ranks.h"
#include "engine/cluster/terms.h"
#include "engine/cluster/transport.h"
#include "engine/cluster/worker.h"
#include "engine/commands/train/train.h"
#include "engine/settings/settings.h"
#include "engine/training/training.h"
#include "net/net.h"

static int count_cores(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0 ? CPU_COUNT(&set) : 1;
}

int train_threads(const struct train_arguments *a, bool deterministic)
{
    return deterministic ? 1 : a->threads > 0 ? a->threads : cluster_threads(count_cores());
}

bool train_check_join(int argc, char **argv, GError **error)
{
    static const char *const allowed[] = {"--join", "--threads"};
    const char *other = NULL;
    bool joins = false;
    for (int i = 1; i < argc; i++) {
        bool known = false;
        for (size_t n = 0; !known && n < G_N_ELEMENTS(allowed); n++) {
            const size_t length = strlen(allowed[n]);
            known = strncmp(argv[i], allowed[n], length) == 0 && (argv[i][length] == '=' || !argv[i][length]);
            joins = joins || (known && n == 0);
            i += known && !argv[i][length];
        }
        if (!known)
            other = argv[i];
    }
    if (!joins || !other)
        return true;
    return settings_fail(error, "--join takes everything but --threads from the job that it joins; remove %s", other);
}

struct training_thread {
    struct cluster_worker *worker;
    const struct cluster_terms *terms;
};

static void *run_trainer(void *user)
{
    const struct training_thread *trainer = user;
    training_run_mate(trainer->worker, trainer->terms);
    return NULL;
}

/* Plays, and trains if it is one of the trainers. */
static void work(struct ranks *ranks, const struct cluster_terms *terms, int threads, bool trains)
{
    struct training_thread trainer = {ranks->worker, terms};
    pthread_t thread;
    if (trains && pthread_create(&thread, NULL, run_trainer, &trainer) != 0) {
        cluster_worker_fail(ranks->worker, g_error_new_literal(G_THREAD_ERROR, G_THREAD_ERROR_AGAIN,
                                                               "the system refuses another thread; free memory or "
                                                               "raise its limit of processes"));
        return;
    }
    cluster_worker_play(ranks->worker, terms, threads);
    if (trains)
        pthread_join(thread, NULL);
}

void train_as_rank(struct ranks *ranks, int argc, char **argv)
{
    struct train_arguments a = TRAIN_NO_ARGUMENTS;
    struct cluster_terms terms = {.opponent = NULL};
    struct ranks_signals *signals = ranks_signals_take(ranks);
    int status;
    /* Rank 0 has checked the same arguments before it sends the terms. */
    if (cluster_worker_wait(ranks->worker, &terms) && train_parse_arguments(&argc, &argv, &a, &status))
        work(ranks, &terms, train_threads(&a, terms.settings.deterministic),
             !a.join && ranks->transport->rank < terms.trainers);
    net_unref(terms.opponent);
    train_free_arguments(&a);
    ranks_signals_give_back(signals);
}
