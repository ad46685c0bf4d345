/* Shared by module.c (messages, sums, start and end) and joined.c (processes that join the job and leave it). */
#ifndef TENGEN_ENGINE_CLUSTER_MPI_MODULE_H
#define TENGEN_ENGINE_CLUSTER_MPI_MODULE_H

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>

#include "engine/cluster/transport.h"

/* TAG_FIRST: rank 0 to one that joins, TAG_LAST: back; both are empty. */
enum { TAG_MESSAGE = 1, TAG_FIRST, TAG_LAST };

/* A message under way, in either direction. */
struct parcel {
    struct parcel *next;
    MPI_Request request;
    int peer;
    size_t size;
    void *data;
};

struct queue {
    struct parcel *first, **end; /* end: where the next one is appended */
};

/* A process that has joined, or, for one that joins, rank 0. Each has a communicator of its own, with rank 0 there. */
struct peer {
    MPI_Comm comm;
    bool leaving; /* it is gone after its last message */
    bool gone;    /* nothing is sent to it or received from it any more */
};

struct joining;
struct mpi_transport {
    struct transport base;
    struct queue sending, arriving; /* arriving: in the order of their arrival, which is kept */
    struct queue lost;              /* to processes that had joined, and are lost: MPI may still read them */
    int *sent, *received;           /* [started], messages to and from each rank */
    MPI_Comm summing;               /* of the ranks that sum; MPI_COMM_NULL on the others */
    MPI_Request sum;
    struct peer *peers;                      /* [room - started], of the ranks from `started` on */
    struct joining *joining;                 /* where others can join; NULL: they cannot */
    bool joins;                              /* this process has joined: it has one peer, rank 0 */
    char problem[MPI_MAX_ERROR_STRING + 64]; /* empty: none */
};

/* Notes the first failure; returns whether the call succeeded. */
bool module_check(struct mpi_transport *t, const char *what, int code);
bool module_fail(struct mpi_transport *t, const char *text);
/* The communicator by which a rank is reached, and its rank there. */
MPI_Comm module_comm(const struct mpi_transport *t, int rank, int *there);
/* The peer with this rank; NULL for those that began the job. */
struct peer *module_peer(const struct mpi_transport *t, int rank);

/* Whether others can join, or this process joins: then MPI must be started for several threads. Rank 0 opens a port, writes it
 * to the file, and from then on a thread waits for those that connect. False, noted as a problem, on failure. */
bool joined_open(struct mpi_transport *t, const char *file);
/* Connects to the job whose rank 0 has written the file. */
bool joined_connect(struct mpi_transport *t, const char *file);
/* The table's functions. */
bool joined_arrive(struct transport *transport);
void joined_leave(struct transport *transport, int rank, bool in_order);
/* Lets go peers whose last message has arrived. */
void joined_advance(struct mpi_transport *t);
/* At the end of the job: no more can join; waits a few seconds for those that leave. */
void joined_close(struct mpi_transport *t);
/* The process that has joined leaves. */
void joined_go(struct mpi_transport *t);

#endif
