#include "engine/commands/rank.h"

#include <glib.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "engine/cluster/host.h"
#include "engine/cluster/load.h"
#include "engine/cluster/message.h"
#include "engine/cluster/ranks.h"
#include "engine/cluster/worker.h"
#include "engine/lab/ranks/ranks.h"
#include "engine/match/ranks/ranks.h"

/* The work that a rank can do, by the first field of rank 0's message. */
static const struct work {
    const char *name;
    void (*run)(struct cluster_worker *worker, struct message_reader *fields, int threads);
} works[] = {{MATCH_WORK, match_rank_play}, {LAB_WORK, lab_rank_train}};

static void work(struct ranks *ranks, struct message_reader *fields, int threads)
{
    char *name = message_take_text(fields);
    size_t i = 0;
    while (i < G_N_ELEMENTS(works) && strcmp(works[i].name, name) != 0)
        i++;
    g_free(name);
    if (i < G_N_ELEMENTS(works)) {
        works[i].run(ranks->worker, fields, threads);
        return;
    }
    cluster_worker_fail(ranks->worker,
                        g_error_new_literal(CLUSTER_ERROR, CLUSTER_ERROR_LOST, "a damaged message from rank 0"));
    cluster_worker_finish(ranks->worker);
}

void command_work_as_rank(struct ranks *ranks, int argc, char **argv)
{
    struct ranks_signals *signals = ranks_signals_take(ranks);
    struct message_reader fields;
    while (cluster_worker_welcome(ranks->worker, &fields))
        work(ranks, &fields, ranks_own_threads(argc, argv));
    ranks_signals_give_back(signals);
}

void command_print_ranks(struct cluster_host *host, const char *done)
{
    int64_t sum = 0, most = 0, least = INT64_MAX;
    if (!host)
        return;
    for (int i = 1; i < cluster_host_ranks(host); i++) {
        const struct cluster_figures figures = cluster_host_figures(host, i);
        sum += figures.games;
        most = MAX(most, figures.games);
        least = MIN(least, figures.games);
    }
    fprintf(stderr, "Ranks 1 to %d %s: %" PRId64 " (%" PRId64 " to %" PRId64 " each)\n", cluster_host_ranks(host) - 1,
            done, sum, least, most);
}
