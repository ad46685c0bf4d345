/* tengen train on the other ranks of a job: they play games, and have no run of their own. */
#include <sched.h>

#include "engine/cluster/load.h"
#include "engine/cluster/terms.h"
#include "engine/cluster/worker.h"
#include "engine/commands/ranks.h"
#include "engine/commands/train.h"

static int count_cores(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0 ? CPU_COUNT(&set) : 1;
}

int train_threads(const struct train_arguments *a, bool deterministic)
{
    return deterministic ? 1 : a->threads > 0 ? a->threads : cluster_threads(count_cores());
}

void train_as_rank(struct ranks *ranks, int argc, char **argv)
{
    struct train_arguments a = TRAIN_NO_ARGUMENTS;
    struct cluster_terms terms;
    struct ranks_signals *signals = ranks_signals_take(ranks);
    int status;
    /* Rank 0 has checked the same arguments before it sends the terms. */
    if (cluster_worker_wait(ranks->worker, &terms) && train_parse_arguments(&argc, &argv, &a, &status))
        cluster_worker_play(ranks->worker, &terms, train_threads(&a, terms.settings.deterministic));
    train_free_arguments(&a);
    ranks_signals_give_back(signals);
}
