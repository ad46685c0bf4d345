/* The transport (engine/cluster/transport.h) over MPI 3. Compiled once for each MPI, since they have different binary
 * interfaces, into a module that needs nothing but that MPI. Only calls that do not wait are used, and MPI_Improbe with
 * MPI_Imrecv, so that a message of which only the beginning arrives cannot block either. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/cluster/mpi/module.h"

/* Requests are completed by MPI_Test, which this check does not know. NOLINTBEGIN(clang-analyzer-optin.mpi.MPI-Checker) */

transport_open_function tengen_transport_open;

static struct mpi_transport *of(struct transport *transport)
{
    return (struct mpi_transport *)transport;
}

bool module_check(struct mpi_transport *t, const char *what, int code)
{
    char text[MPI_MAX_ERROR_STRING];
    int length = 0;
    if (code == MPI_SUCCESS)
        return true;
    if (!t->problem[0]) {
        MPI_Error_string(code, text, &length);
        snprintf(t->problem, sizeof t->problem, "%s: %.*s", what, length, text);
    }
    return false;
}

bool module_fail(struct mpi_transport *t, const char *text)
{
    if (!t->problem[0])
        snprintf(t->problem, sizeof t->problem, "%s", text);
    return false;
}

struct peer *module_peer(const struct mpi_transport *t, int rank)
{
    return t->joins ? t->peers : rank < t->base.started ? NULL : &t->peers[rank - t->base.started];
}

MPI_Comm module_comm(const struct mpi_transport *t, int rank, int *there)
{
    const struct peer *peer = module_peer(t, rank);
    *there = peer ? 0 : rank;
    return peer ? peer->comm : MPI_COMM_WORLD;
}

/* A parcel at the end of the queue; NULL, noted as a problem, without memory. */
static struct parcel *add_parcel(struct mpi_transport *t, struct queue *queue, int peer, size_t size)
{
    struct parcel *parcel = calloc(1, sizeof *parcel);
    void *data = malloc(size ? size : 1);
    if (!parcel || !data) {
        free(parcel);
        free(data);
        module_fail(t, "out of memory for a message");
        return NULL;
    }
    *parcel = (struct parcel){.request = MPI_REQUEST_NULL, .peer = peer, .size = size, .data = data};
    *queue->end = parcel;
    queue->end = &parcel->next;
    return parcel;
}

/* What fails with a process that has joined is no failure of the job: it will fall silent. */
static bool is_complete(struct mpi_transport *t, struct parcel *parcel)
{
    int done = 0;
    if (module_peer(t, parcel->peer) && !t->joins)
        return MPI_Test(&parcel->request, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS || done;
    return module_check(t, "MPI_Test", MPI_Test(&parcel->request, &done, MPI_STATUS_IGNORE)) && done;
}

/* Removes the parcel at the place; returns its data. */
static void *remove_parcel(struct queue *queue, struct parcel **place)
{
    struct parcel *parcel = *place;
    void *data = parcel->data;
    *place = parcel->next;
    if (!parcel->next)
        queue->end = place;
    free(parcel);
    return data;
}

/* ---- the table ---- */

static bool mpi_send(struct transport *transport, int to, const void *data, size_t size)
{
    struct mpi_transport *t = of(transport);
    if (t->problem[0])
        return false;
    if (size > INT_MAX)
        return module_fail(t, "a message of more than 2 GB");
    struct peer *peer = module_peer(t, to);
    if (peer && peer->gone)
        return true;
    struct parcel *parcel = add_parcel(t, &t->sending, to, size);
    if (!parcel)
        return false;
    memcpy(parcel->data, data, size);
    if (!peer)
        t->sent[to]++;
    int there;
    const MPI_Comm comm = module_comm(t, to, &there);
    const int code = MPI_Isend(parcel->data, (int)size, MPI_BYTE, there, TAG_MESSAGE, comm, &parcel->request);
    return (peer && !t->joins) || module_check(t, "MPI_Isend", code);
}

static void finish_sends(struct mpi_transport *t)
{
    struct parcel **place = &t->sending.first;
    while (*place)
        if (is_complete(t, *place))
            free(remove_parcel(&t->sending, place));
        else
            place = &(*place)->next;
}

/* Starts to receive all messages whose beginning has arrived. peer, from: NULL and -1 for the ranks that began the job. */
static void accept_from(struct mpi_transport *t, const struct peer *peer, int from)
{
    const bool forgiving = peer && !t->joins;
    int found = 1;
    while (found && !t->problem[0]) {
        MPI_Message message;
        MPI_Status status;
        int bytes = 0;
        found = 0;
        const int code = MPI_Improbe(peer ? 0 : MPI_ANY_SOURCE, TAG_MESSAGE, peer ? peer->comm : MPI_COMM_WORLD, &found,
                                     &message, &status);
        if (!(forgiving ? code == MPI_SUCCESS : module_check(t, "MPI_Improbe", code)) || !found)
            return;
        MPI_Get_count(&status, MPI_BYTE, &bytes);
        struct parcel *parcel = add_parcel(t, &t->arriving, peer ? from : status.MPI_SOURCE, (size_t)bytes);
        if (parcel)
            module_check(t, "MPI_Imrecv", MPI_Imrecv(parcel->data, bytes, MPI_BYTE, &message, &parcel->request));
    }
}

static void accept_arrivals(struct mpi_transport *t)
{
    if (t->joins) {
        accept_from(t, t->peers, 0);
        return;
    }
    accept_from(t, NULL, -1);
    for (int rank = t->base.started; rank < t->base.size; rank++)
        if (!module_peer(t, rank)->gone)
            accept_from(t, module_peer(t, rank), rank);
    joined_advance(t);
}

static bool mpi_receive(struct transport *transport, int *from, void **data, size_t *size)
{
    struct mpi_transport *t = of(transport);
    if (t->problem[0])
        return false;
    finish_sends(t);
    accept_arrivals(t);
    struct parcel *first = t->arriving.first;
    if (t->problem[0] || !first || !is_complete(t, first))
        return false;
    *from = first->peer;
    *size = first->size;
    *data = remove_parcel(&t->arriving, &t->arriving.first);
    if (!module_peer(t, *from))
        t->received[*from]++;
    return true;
}

static bool mpi_is_sending(struct transport *transport)
{
    struct mpi_transport *t = of(transport);
    if (!t->problem[0])
        finish_sends(t);
    return !t->problem[0] && t->sending.first;
}

static bool mpi_sum(struct transport *transport, float *values, size_t count)
{
    struct mpi_transport *t = of(transport);
    if (t->problem[0])
        return false;
    if (count > INT_MAX)
        return module_fail(t, "a sum of more than 2^31 numbers");
    return module_check(t, "MPI_Iallreduce",
                        MPI_Iallreduce(MPI_IN_PLACE, values, (int)count, MPI_FLOAT, MPI_SUM, t->summing, &t->sum));
}

static bool mpi_sum_is_done(struct transport *transport)
{
    struct mpi_transport *t = of(transport);
    int done = 0;
    return !t->problem[0] && module_check(t, "MPI_Test", MPI_Test(&t->sum, &done, MPI_STATUS_IGNORE)) && done;
}

static const char *mpi_problem(struct transport *transport)
{
    return of(transport)->problem[0] ? of(transport)->problem : NULL;
}

static void mpi_abort(struct transport *transport, int status)
{
    (void)transport;
    MPI_Abort(MPI_COMM_WORLD, status);
}

static void free_queue(struct queue *queue)
{
    while (queue->first)
        free(remove_parcel(queue, &queue->first));
}

static bool has_all(const struct mpi_transport *t, const int *expected)
{
    for (int i = 0; i < t->base.started; i++)
        if (t->received[i] != expected[i])
            return false;
    return true;
}

/* MPI may only end once every message has been received: the ranks tell each other how many they have sent. */
static void receive_rest(struct mpi_transport *t)
{
    const struct timespec pause = {.tv_nsec = 500000};
    int *expected = calloc((size_t)t->base.started, sizeof *expected), done = 0;
    MPI_Request request = MPI_REQUEST_NULL;
    if (!expected ||
        !module_check(t, "MPI_Ialltoall",
                      MPI_Ialltoall(t->sent, 1, MPI_INT, expected, 1, MPI_INT, MPI_COMM_WORLD, &request))) {
        free(expected);
        return;
    }
    while (!t->problem[0] && (!done || t->sending.first || !has_all(t, expected))) {
        int from;
        void *data;
        size_t size;
        while (mpi_receive(&t->base, &from, &data, &size))
            free(data);
        if (!done && !module_check(t, "MPI_Test", MPI_Test(&request, &done, MPI_STATUS_IGNORE)))
            break;
        nanosleep(&pause, NULL);
    }
    free(expected);
}

static void mpi_close(struct transport *transport)
{
    struct mpi_transport *t = of(transport);
    if (t->joins)
        joined_go(t);
    else {
        joined_close(t);
        receive_rest(t);
    }
    if (t->summing != MPI_COMM_NULL)
        MPI_Comm_free(&t->summing);
    MPI_Finalize();
    free_queue(&t->sending);
    free_queue(&t->arriving);
    free(t->sent);
    free(t->received);
    free(t->peers);
    free(t);
}

static const struct transport_ops mpi_ops = {
    .send = mpi_send,
    .receive = mpi_receive,
    .is_sending = mpi_is_sending,
    .sum = mpi_sum,
    .sum_is_done = mpi_sum_is_done,
    .problem = mpi_problem,
    .arrive = joined_arrive,
    .leave = joined_leave,
    .abort = mpi_abort,
    .close = mpi_close,
};

/* The thread that initialises MPI also closes it; in between another one makes all the calls, but for those of joined.c. */
static bool initialise(struct mpi_transport *t, bool joining)
{
    const int needed = joining ? MPI_THREAD_MULTIPLE : MPI_THREAD_SERIALIZED;
    int provided = MPI_THREAD_SINGLE;
    if (!module_check(t, "MPI_Init_thread", MPI_Init_thread(NULL, NULL, needed, &provided)))
        return false;
    if (provided < needed)
        return module_fail(t, joining ? "this MPI was built without MPI_THREAD_MULTIPLE, which --accept and --join need"
                                      : "this MPI was built without support for threads (MPI_THREAD_SERIALIZED)");
    MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN);
    return true;
}

static bool start(struct mpi_transport *t, const struct transport_start *start)
{
    if (!initialise(t, start->accept || start->join))
        return false;
    if (start->join)
        return joined_connect(t, start->join);
    if (!module_check(t, "MPI_Comm_set_errhandler", MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN)) ||
        !module_check(t, "MPI_Comm_size", MPI_Comm_size(MPI_COMM_WORLD, &t->base.size)))
        return false;
    t->base.started = t->base.room = t->base.size;
    t->sent = calloc((size_t)t->base.size, sizeof *t->sent);
    t->received = calloc((size_t)t->base.size, sizeof *t->received);
    if (!t->sent || !t->received)
        return module_fail(t, "out of memory");
    return module_check(t, "MPI_Comm_rank", MPI_Comm_rank(MPI_COMM_WORLD, &t->base.rank)) &&
           module_check(t, "MPI_Comm_split",
                        MPI_Comm_split(MPI_COMM_WORLD, t->base.rank < start->summing ? 0 : MPI_UNDEFINED, t->base.rank,
                                       &t->summing)) &&
           (t->summing == MPI_COMM_NULL ||
            module_check(t, "MPI_Comm_set_errhandler", MPI_Comm_set_errhandler(t->summing, MPI_ERRORS_RETURN))) &&
           (!start->accept || t->base.rank > 0 || joined_open(t, start->accept));
}

__attribute__((visibility("default"))) struct transport *
tengen_transport_open(int version, const struct transport_start *how, char *problem, size_t size)
{
    struct mpi_transport *t = calloc(1, sizeof *t);
    if (version != TRANSPORT_VERSION || !t) {
        snprintf(problem, size, t ? "the module belongs to another version of tengen" : "out of memory");
        free(t);
        return NULL;
    }
    t->base.ops = &mpi_ops;
    t->sending.end = &t->sending.first;
    t->arriving.end = &t->arriving.first;
    t->lost.end = &t->lost.first;
    t->summing = MPI_COMM_NULL;
    t->sum = MPI_REQUEST_NULL;
    if (start(t, how))
        return &t->base;
    snprintf(problem, size, "%s", t->problem);
    free(t->sent);
    free(t->received);
    if (!t->joining)
        free(t->peers);
    free(t);
    return NULL;
}

/* NOLINTEND(clang-analyzer-optin.mpi.MPI-Checker) */
