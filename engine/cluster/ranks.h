/* A command on several ranks: the same command line runs on each of them. Rank 0 does what the command does anyway, and
 * alone reads and writes files and prints; the others work for it. */
#ifndef TENGEN_ENGINE_CLUSTER_RANKS_H
#define TENGEN_ENGINE_CLUSTER_RANKS_H

#include <stdbool.h>

struct cluster_host;
struct cluster_worker;
struct transport;

struct ranks {
    struct transport *transport;   /* NULL: this process is the only one, as are both below */
    struct cluster_host *host;     /* on rank 0 */
    struct cluster_worker *worker; /* on the others */
};
/* The value of --threads, which each rank has for itself; 0 without it. The command line of rank 0 is checked by the command
 * itself. */
int ranks_own_threads(int argc, char **argv);
/* False, after a message from rank 0, if the job's MPI cannot be used. Heeds --trainers N, --accept FILE and --join FILE. */
bool ranks_open(struct ranks *ranks, const char *command, int argc, char **argv);
/* Ends the job. status: of the command on rank 0. Returns the exit status of this process. */
int ranks_close(struct ranks *ranks, int status);

/* On other ranks: a signal that tells this process to stop asks rank 0 to end the run. */
struct ranks_signals;
struct ranks_signals *ranks_signals_take(struct ranks *ranks);
void ranks_signals_give_back(struct ranks_signals *signals);

#endif
