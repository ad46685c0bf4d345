#include "tests/engine/cluster/rank_crew.h"

#include <criterion/criterion.h>
#include <glib.h>

#include "engine/cluster/host.h"
#include "engine/cluster/message.h"
#include "engine/cluster/worker.h"
#include "tests/engine/cluster/local_job.h"

#define REPEAT_S 0.05 /* games that were lost come again in the time of a test */

void *rank_crew_run_member(void *user)
{
    struct rank_crew_member *member = user;
    struct message_reader fields;
    bool lost;
    while (cluster_worker_welcome(member->worker, &fields)) {
        char *name = message_take_text(&fields);
        member->work(member->worker, name, &fields);
        g_free(name);
    }
    cluster_worker_close(member->worker, &lost);
    g_free(member);
    return NULL;
}

void rank_crew_begin(struct rank_crew *crew, const struct cluster_host_config *config, rank_crew_work *work)
{
    const struct cluster_worker_config worker = {.arguments = config->arguments, .repeat_s = REPEAT_S};
    *crew = (struct rank_crew){.job = local_job_new(CREW_RANKS)};
    crew->host = cluster_host_open(local_job_rank(crew->job, 0), config, NULL);
    for (int i = 1; i < CREW_RANKS; i++) {
        struct rank_crew_member *member = g_new(struct rank_crew_member, 1);
        crew->workers[i] = cluster_worker_open(local_job_rank(crew->job, i), &worker, NULL);
        *member = (struct rank_crew_member){crew->workers[i], work};
        cr_assert(crew->workers[i] && pthread_create(&crew->threads[i], NULL, rank_crew_run_member, member) == 0);
    }
    cr_assert(crew->host && cluster_host_gather(crew->host, NULL));
}

void rank_crew_end(struct rank_crew *crew, int status, int without)
{
    cluster_host_close(crew->host, status);
    for (int i = 1; i < CREW_RANKS; i++)
        if (i != without)
            pthread_join(crew->threads[i], NULL);
    if (!without)
        local_job_free(crew->job);
}

int64_t rank_crew_games(const struct rank_crew *crew)
{
    int64_t sum = 0;
    for (int i = 1; i < CREW_RANKS; i++)
        sum += cluster_host_figures(crew->host, i).games;
    return sum;
}
