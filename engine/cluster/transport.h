/* Messages between the processes ("ranks") of one job, which started together and end together; where the MPI at hand can,
 * others join later, and leave before the end: they only exchange messages with rank 0. The program is written
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
    /* On rank 0, where others can join: takes one that has joined since, which is now the last rank, size - 1. False if there is
     * none. */
    bool (*arrive)(struct transport *transport);
    /* One that has joined leaves; its number is not used again. In order: what was sent to it before still arrives. Otherwise it
     * is lost, and so is that. */
    void (*leave)(struct transport *transport, int rank, bool in_order);
    /* Ends the processes of all ranks as far as they can be reached, this one included. */
    void (*abort)(struct transport *transport, int status);
    /* Every rank calls it, at the end of the job; it may wait for the others. */
    void (*close)(struct transport *transport);
};

struct transport {
    const struct transport_ops *ops;
    int rank, size; /* 0 <= rank < size */
    int started;    /* ranks below this number began the job, the others have joined it */
    int room;       /* more than the highest number that a rank can ever have */
};

/* How a rank begins. */
struct transport_start {
    int summing; /* the ranks below this number sum */
    const char
        *accept; /* a file in which rank 0 writes how others can join, until the end of the job; NULL: they cannot */
    const char *join; /* such a file, of the job to join, in which this process is rank 1 of 2; NULL: none */
};
/* What a module exports, under the name tengen_transport_open. Returns NULL, with text in problem[size], on failure.
 * version: of this header, TRANSPORT_VERSION of the program. Every rank calls it, and waits for the others. */
enum { TRANSPORT_VERSION = 2 };
typedef struct transport *transport_open_function(int version, const struct transport_start *start, char *problem,
                                                  size_t size);

#endif
