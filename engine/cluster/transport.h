/* Messages between the processes ("ranks") of one job, which started together and end together. The program is written
 * against this table; MPI fills it from a module of its own (mpi/module.c), which is compiled once for each MPI and loaded
 * at run time, because the binary interfaces of Open MPI and MPICH differ. Tests fill it with queues in memory.
 *
 * Messages from one rank to another arrive in the order in which they were sent. No function waits for another rank,
 * except close. One thread at a time uses a transport. Plain C types only: modules need no library of the program. */
#ifndef TENGEN_ENGINE_CLUSTER_TRANSPORT_H
#define TENGEN_ENGINE_CLUSTER_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>

struct transport;
struct transport_ops {
    /* Starts to send a copy of the bytes to another rank. False on failure: see problem. */
    bool (*send)(struct transport *transport, int to, const void *data, size_t size);
    /* Advances everything that is under way, and takes a message that has arrived: *data is to be released with free.
     * False if there is none. */
    bool (*receive)(struct transport *transport, int *from, void **data, size_t *size);
    /* Whether messages are still on their way out. */
    bool (*is_sending)(struct transport *transport);
    /* Starts to replace values[count], which must stay in place, by their sums over the ranks that sum, each of which calls it
     * with the same count, and with one sum at a time. All of them get the same bits. */
    bool (*sum)(struct transport *transport, float *values, size_t count);
    /* Advances the sum; true once values hold it. */
    bool (*sum_is_done)(struct transport *transport);
    /* What went wrong, in words; NULL: nothing. Other functions do nothing from then on. */
    const char *(*problem)(struct transport *transport);
    /* Ends the processes of all ranks as far as they can be reached, this one included. */
    void (*abort)(struct transport *transport, int status);
    /* Every rank calls it, at the end of the job; it may wait for the others. */
    void (*close)(struct transport *transport);
};

struct transport {
    const struct transport_ops *ops;
    int rank, size; /* 0 <= rank < size */
};

/* What a module exports, under the name tengen_transport_open. Returns NULL, with text in problem[size], on failure.
 * version: of this header, TRANSPORT_VERSION of the program. summing: the ranks below this number sum. Every rank calls it,
 * and waits for the others. */
enum { TRANSPORT_VERSION = 1 };
typedef struct transport *transport_open_function(int version, int summing, char *problem, size_t size);

#endif
