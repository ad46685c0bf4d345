/* Finds out whether this process is one rank of a job that mpirun or srun started, and loads the module for its MPI. */
#ifndef TENGEN_ENGINE_CLUSTER_LOAD_H
#define TENGEN_ENGINE_CLUSTER_LOAD_H

#include <glib.h>
#include <stdbool.h>

struct transport;
struct transport_start;

#define CLUSTER_ERROR (cluster_error_quark())
GQuark cluster_error_quark(void);
enum cluster_error {
    CLUSTER_ERROR_INPUT, /* unequal ranks, an MPI without a module */
    CLUSTER_ERROR_LOST,  /* a rank failed, or cannot be reached */
};

/* How many ranks the job has according to the environment, and which one this is; 1 and 0 if the process was started alone.
 * Loads nothing. *rank may be NULL. */
int cluster_environment(int *rank);
/* The threads that this rank should use of those `cores` that it may run on: fewer if ranks on this machine share them. */
int cluster_threads(int cores);
/* The number of this rank among those on this machine, from 0; 0 if the starter does not say. */
int cluster_local_rank(void);
/* Opens the transport of the job: *out is NULL if this process is the only one, others cannot join it, and it does not join. The
 * thread that calls it closes it. start: see engine/cluster/transport.h. False with the error set if the job's MPI has no module,
 * or cannot be initialised. */
bool cluster_open(struct transport **out, const struct transport_start *start, GError **error);

#endif
