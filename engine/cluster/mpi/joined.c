/* Processes that join a running job: started by an mpirun of their own, each connects to the port of rank 0, where a thread waits
 * for them (MPI_Comm_accept does not return before one comes). The rest is as between other ranks. They leave by an empty last
 * message. MPI_Comm_disconnect of Open MPI 4.1.4 may then wait forever, if several leave at the same time, and after MPI_Comm_free
 * rank 0 may read memory that it had shared with them: so it keeps its communicators until the job ends. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine/cluster/mpi/module.h"

enum { MOST_JOINED = 4096, CLOSE_MS = 5000, POLL_MS = 5 };

struct joining {
    char port[MPI_MAX_PORT_NAME];
    char file[1024];
    pthread_mutex_t lock;
    MPI_Comm arrived[MOST_JOINED]; /* guarded */
    int count;                     /* of them; guarded */
};

static void sleep_ms(int milliseconds)
{
    const struct timespec pause = {.tv_nsec = milliseconds * 1000000L};
    nanosleep(&pause, NULL);
}

/* ---- arrivals ---- */

/* Ends with the process: MPI has no call that ends the waiting. */
static void *wait_for_arrivals(void *user)
{
    struct joining *joining = user;
    for (int i = 0; i < MOST_JOINED; i++) {
        MPI_Comm comm;
        if (MPI_Comm_accept(joining->port, MPI_INFO_NULL, 0, MPI_COMM_SELF, &comm) != MPI_SUCCESS)
            return NULL;
        MPI_Comm_set_errhandler(comm, MPI_ERRORS_RETURN);
        MPI_Send(NULL, 0, MPI_BYTE, 0, TAG_FIRST, comm); /* does not wait: it is empty */
        pthread_mutex_lock(&joining->lock);
        joining->arrived[joining->count++] = comm;
        pthread_mutex_unlock(&joining->lock);
    }
    return NULL;
}

/* A file that is there is whole. */
static bool write_port(const struct joining *joining)
{
    char temporary[sizeof joining->file + 8];
    snprintf(temporary, sizeof temporary, "%s.new", joining->file);
    FILE *file = fopen(temporary, "w");
    const bool good = file && fprintf(file, "%s\n", joining->port) > 0;
    return file && fclose(file) == 0 && good && rename(temporary, joining->file) == 0;
}

static bool describe(struct mpi_transport *t, const char *format, const char *what)
{
    char text[MPI_MAX_ERROR_STRING];
    snprintf(text, sizeof text, format, what);
    return module_fail(t, text);
}

bool joined_open(struct mpi_transport *t, const char *file)
{
    struct joining *joining = calloc(1, sizeof *joining);
    pthread_t thread;
    t->base.room = t->base.started + MOST_JOINED;
    t->peers = calloc(MOST_JOINED, sizeof *t->peers);
    if (!joining || !t->peers || strlen(file) >= sizeof joining->file) {
        free(joining);
        return module_fail(t, "out of memory, or the name of the file for those that join is too long");
    }
    strcpy(joining->file, file);
    pthread_mutex_init(&joining->lock, NULL);
    t->joining = joining; /* freed with the process: its thread goes on */
    if (MPI_Open_port(MPI_INFO_NULL, joining->port) != MPI_SUCCESS)
        return module_fail(t,
                           "this MPI cannot let processes join (MPI_Open_port); leave out --accept, or use Open MPI");
    if (!write_port(joining))
        return describe(t, "cannot write %s; --accept takes the name of a file to create", joining->file);
    if (pthread_create(&thread, NULL, wait_for_arrivals, joining) != 0)
        return module_fail(t, "the system refuses another thread");
    pthread_detach(thread);
    return true;
}

bool joined_arrive(struct transport *transport)
{
    struct mpi_transport *t = (struct mpi_transport *)transport;
    const int known = t->base.size - t->base.started;
    if (!t->joining)
        return false;
    pthread_mutex_lock(&t->joining->lock);
    const bool any = t->joining->count > known;
    if (any)
        t->peers[known] = (struct peer){.comm = t->joining->arrived[known]};
    pthread_mutex_unlock(&t->joining->lock);
    t->base.size += any;
    return any;
}

/* ---- departures ---- */

/* What is under way to it cannot be given back before MPI has done with it, which may be never. */
static void give_up(struct mpi_transport *t, int rank)
{
    for (struct parcel **place = &t->sending.first; *place;) {
        struct parcel *parcel = *place;
        if (parcel->peer != rank) {
            place = &parcel->next;
            continue;
        }
        *place = parcel->next;
        if (!parcel->next)
            t->sending.end = place;
        parcel->next = t->lost.first;
        t->lost.first = parcel;
    }
}

void joined_leave(struct transport *transport, int rank, bool in_order)
{
    struct mpi_transport *t = (struct mpi_transport *)transport;
    struct peer *peer = module_peer(t, rank);
    if (!peer || peer->gone)
        return;
    peer->leaving = in_order;
    peer->gone = !in_order;
    if (!in_order)
        give_up(t, rank);
}

static bool is_sending_to(const struct mpi_transport *t, int rank)
{
    for (const struct parcel *parcel = t->sending.first; parcel; parcel = parcel->next)
        if (parcel->peer == rank)
            return true;
    return false;
}

void joined_advance(struct mpi_transport *t)
{
    for (int rank = t->base.started; t->joining && rank < t->base.size; rank++) {
        struct peer *peer = module_peer(t, rank);
        int found = 0;
        if (!peer->leaving || peer->gone || is_sending_to(t, rank) ||
            MPI_Iprobe(0, TAG_LAST, peer->comm, &found, MPI_STATUS_IGNORE) != MPI_SUCCESS || !found)
            continue;
        MPI_Recv(NULL, 0, MPI_BYTE, 0, TAG_LAST, peer->comm, MPI_STATUS_IGNORE); /* does not wait: it has arrived */
        peer->gone = true;
    }
}

static bool are_leaving(const struct mpi_transport *t)
{
    bool any = false;
    for (int rank = t->base.started; rank < t->base.size; rank++)
        any = any || (module_peer(t, rank)->leaving && !module_peer(t, rank)->gone);
    return any;
}

void joined_close(struct mpi_transport *t)
{
    if (!t->joining)
        return;
    unlink(t->joining->file);
    for (int waited = 0; are_leaving(t) && waited < CLOSE_MS; waited += POLL_MS) {
        int from;
        void *data;
        size_t size;
        while (t->base.ops->receive(&t->base, &from, &data, &size))
            free(data);
        sleep_ms(POLL_MS);
    }
    for (int rank = t->base.started; rank < t->base.size; rank++)
        MPI_Comm_free(&module_peer(t, rank)->comm); /* MPI_Finalize would wait for it */
}

/* ---- the process that joins ---- */

bool joined_connect(struct mpi_transport *t, const char *path)
{
    char port[MPI_MAX_PORT_NAME] = "";
    FILE *file = fopen(path, "r+");
    const bool read = file && fgets(port, sizeof port, file) && strchr(port, '\n');
    if (!read && file)
        fclose(file);
    if (!read)
        return describe(t, "cannot read %s; --join takes the file that the running job was given as --accept", path);
    *strchr(port, '\n') = '\0';
    t->peers = calloc(1, sizeof *t->peers);
    if (!t->peers)
        return module_fail(t, "out of memory");
    /* One after the other: Open MPI confuses processes that connect to a port at the same time. A lock that the file system does
     * not have is no reason not to try. */
    if (lockf(fileno(file), F_LOCK, 0) != 0 && errno == EINTR)
        return module_fail(t, "interrupted while it waited for others that join");
    const int code = MPI_Comm_connect(port, MPI_INFO_NULL, 0, MPI_COMM_SELF, &t->peers->comm);
    if (code == MPI_SUCCESS)
        MPI_Recv(NULL, 0, MPI_BYTE, 0, TAG_FIRST, t->peers->comm, MPI_STATUS_IGNORE); /* rank 0 is done, too */
    fclose(file);
    if (code != MPI_SUCCESS)
        return describe(
            t,
            "cannot connect to the job of %s: it has ended, this MPI cannot join jobs, or both need the same "
            "ompi-server (see docs/cluster.md)",
            path);
    t->joins = true;
    t->base.started = t->base.size = t->base.room = 2;
    t->base.rank = 1;
    return module_check(t, "MPI_Comm_set_errhandler", MPI_Comm_set_errhandler(t->peers->comm, MPI_ERRORS_RETURN));
}

void joined_go(struct mpi_transport *t)
{
    MPI_Request request;
    int done = 0;
    if (!module_check(t, "MPI_Isend", MPI_Isend(NULL, 0, MPI_BYTE, 0, TAG_LAST, t->peers->comm, &request)))
        return;
    while (!done || t->base.ops->is_sending(&t->base)) { /* the caller's alarm ends this if rank 0 is lost */
        int from;
        void *data;
        size_t size;
        if (!done && MPI_Test(&request, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS)
            return;
        while (t->base.ops->receive(&t->base, &from, &data, &size))
            free(data);
        sleep_ms(1);
    }
    MPI_Comm_free(&t->peers->comm);
}
