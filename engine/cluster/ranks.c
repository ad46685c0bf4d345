#include "engine/cluster/ranks.h"

#include <glib.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/cluster/host.h"
#include "engine/cluster/load.h"
#include "engine/cluster/terms.h"
#include "engine/cluster/transport.h"
#include "engine/cluster/worker.h"

/* MPI may wait for ranks that are gone: then the process ends without having ended MPI. */
enum { CLOSE_S = 15, ABORT_S = 3, OTHERS_WAIT_S = 3, LOST_STATUS = 3 };

/* The value of an option, which is needed before the options are parsed; NULL without it. */
static const char *text_after(const char *option, int argc, char **argv)
{
    const size_t length = strlen(option);
    const char *text = NULL;
    for (int i = 1; i < argc; i++)
        if (strncmp(argv[i], option, length) == 0 && argv[i][length] == '=')
            text = argv[i] + length + 1;
        else if (strcmp(argv[i], option) == 0 && i + 1 < argc)
            text = argv[++i];
    return text;
}

/* The same as a number; 0 without it. */
static int number_after(const char *option, int argc, char **argv)
{
    const char *text = text_after(option, argc, argv);
    return text ? atoi(text) : 0;
}

int ranks_own_threads(int argc, char **argv)
{
    enum { MOST = 1024 };
    return CLAMP(number_after("--threads", argc, argv), 0, MOST);
}

bool ranks_open(struct ranks *ranks, const char *command, int argc, char **argv)
{
    int rank;
    GError *error = NULL;
    *ranks = (struct ranks){0};
    cluster_environment(&rank);
    const struct transport_start start = {.summing = number_after("--trainers", argc, argv),
                                          .accept = text_after("--accept", argc, argv),
                                          .join = text_after("--join", argc, argv)};
    if (!cluster_open(&ranks->transport, &start, &error)) {
        /* If it is the same everywhere, rank 0 says so, and mpirun ends the others meanwhile. */
        if (rank > 0)
            g_usleep(OTHERS_WAIT_S * G_USEC_PER_SEC);
        fprintf(stderr, "tengen %s: %s\n", command, error->message);
        g_error_free(error);
        return false;
    }
    if (!ranks->transport)
        return true;
    char *arguments = cluster_arguments(argc, argv);
    if (ranks->transport->rank == 0)
        ranks->host =
            cluster_host_open(ranks->transport, &(struct cluster_host_config){.arguments = arguments}, &error);
    else
        ranks->worker =
            cluster_worker_open(ranks->transport, &(struct cluster_worker_config){.arguments = arguments}, &error);
    g_free(arguments);
    if (ranks->host || ranks->worker)
        return true;
    fprintf(stderr, "tengen %s: %s\n", command, error->message);
    ranks->transport->ops->abort(ranks->transport, LOST_STATUS);
    g_error_free(error);
    return false;
}

int ranks_close(struct ranks *ranks, int status)
{
    bool lost = false;
    if (ranks->host) {
        lost = cluster_host_has_failed(ranks->host);
        cluster_host_close(ranks->host, status);
    } else if (ranks->worker)
        status = cluster_worker_close(ranks->worker, &lost);
    if (!ranks->transport)
        return status;
    fflush(stdout);
    if (lost) {
        alarm(ABORT_S);
        ranks->transport->ops->abort(ranks->transport, status);
        _exit(status);
    }
    alarm(CLOSE_S);
    ranks->transport->ops->close(ranks->transport);
    alarm(0);
    return status;
}

/* ---- signals ---- */

struct ranks_signals {
    struct ranks *ranks;
    sigset_t taken;
    pthread_t thread;
    bool running;
    atomic_bool over;
};

static void *watch(void *user)
{
    struct ranks_signals *signals = user;
    const struct timespec often = {.tv_nsec = 200000000};
    while (!signals->over) {
        if (sigtimedwait(&signals->taken, NULL, &often) >= 0)
            cluster_worker_stop(signals->ranks->worker);
    }
    return NULL;
}

struct ranks_signals *ranks_signals_take(struct ranks *ranks)
{
    struct ranks_signals *signals = g_new0(struct ranks_signals, 1);
    signals->ranks = ranks;
    sigemptyset(&signals->taken);
    sigaddset(&signals->taken, SIGINT);
    sigaddset(&signals->taken, SIGTERM);
    sigaddset(&signals->taken, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals->taken, NULL);
    signals->running = pthread_create(&signals->thread, NULL, watch, signals) == 0;
    return signals;
}

void ranks_signals_give_back(struct ranks_signals *signals)
{
    signals->over = true;
    if (signals->running)
        pthread_join(signals->thread, NULL);
    g_free(signals); /* signals stay blocked while the job ends: Slurm sends them twice */
}
