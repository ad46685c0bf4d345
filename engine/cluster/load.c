#include "engine/cluster/load.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/cluster/transport.h"

GQuark cluster_error_quark(void)
{
    return g_quark_from_static_string("cluster-error-quark");
}

/* Those who start ranks say so in the environment. */
struct starter {
    const char *size, *rank; /* variables */
    const char *module;      /* the MPI that understands them */
};

static const struct starter starters[] = {
    {"OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "openmpi"}, /* Open MPI's mpirun */
    {"PMI_SIZE", "PMI_RANK", "mpich"},                           /* MPICH's mpirun, srun --mpi=pmi2 */
    {"SLURM_STEP_NUM_TASKS", "PMIX_RANK", "openmpi"},            /* srun --mpi=pmix */
};

/* The packages of Debian and Ubuntu that bring an MPI with its headers. */
static const char *package_of(const char *module)
{
    return strcmp(module, "openmpi") == 0 ? "libopenmpi-dev" : "libmpich-dev";
}

static int number_of(const char *variable)
{
    const char *text = g_getenv(variable);
    return text ? atoi(text) : -1;
}

static const struct starter *find_starter(int least, int *size, int *rank)
{
    for (size_t i = 0; i < G_N_ELEMENTS(starters); i++) {
        *size = number_of(starters[i].size);
        *rank = number_of(starters[i].rank);
        if (*size >= least && *rank >= 0)
            return &starters[i];
    }
    *size = 1;
    *rank = 0;
    return NULL;
}

int cluster_environment(int *rank)
{
    int size, own;
    find_starter(2, &size, &own);
    if (rank)
        *rank = own;
    return size;
}

int cluster_threads(int cores)
{
    static const char *const local[] = {"OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS"};
    const long online = sysconf(_SC_NPROCESSORS_ONLN);
    if (cluster_environment(NULL) > 1 && number_of("SLURM_CPUS_PER_TASK") > 0)
        return MIN(cores, number_of("SLURM_CPUS_PER_TASK"));
    for (size_t i = 0; i < G_N_ELEMENTS(local); i++)
        if (number_of(local[i]) > 1)
            return MAX(1,
                       MIN(cores, (int)(online / number_of(local[i])))); /* bound to cores of its own, it has fewer */
    return cores;
}

int cluster_local_rank(void)
{
    static const char *const names[] = {"OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID", "SLURM_LOCALID"};
    for (size_t i = 0; cluster_environment(NULL) > 1 && i < G_N_ELEMENTS(names); i++)
        if (number_of(names[i]) >= 0)
            return number_of(names[i]);
    return 0;
}

/* Beside the program, in ../lib/tengen, or where it was to be installed. */
static char *find_module(const char *name)
{
    char *file = g_strdup_printf("tengen-mpi-%s.so", name), *program = g_file_read_link("/proc/self/exe", NULL);
    char *folder = program ? g_path_get_dirname(program) : g_strdup(".");
    char *places[] = {g_build_filename(folder, file, NULL), g_build_filename(folder, "..", "lib", "tengen", file, NULL),
                      g_build_filename(TENGEN_LIBDIR, file, NULL)};
    char *found = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
        if (!found && g_file_test(places[i], G_FILE_TEST_IS_REGULAR))
            found = g_steal_pointer(&places[i]);
        g_free(places[i]);
    }
    g_free(folder);
    g_free(program);
    g_free(file);
    return found;
}

/* The module to load: TENGEN_MPI, else one that was built for this machine's own MPI, else the starter's. */
static char *choose_module(const struct starter *starter, GError **error)
{
    const char *asked = g_getenv("TENGEN_MPI");
    if (asked && strcmp(asked, "openmpi") != 0 && strcmp(asked, "mpich") != 0 && strcmp(asked, "own") != 0) {
        g_set_error(error, CLUSTER_ERROR, CLUSTER_ERROR_INPUT, "TENGEN_MPI=%s: must be openmpi, mpich or own", asked);
        return NULL;
    }
    char *own = asked ? NULL : find_module("own");
    if (own)
        return own;
    const char *name = asked ? asked : starter->module;
    char *found = find_module(name);
    if (!found && strcmp(name, "own") == 0)
        g_set_error_literal(error, CLUSTER_ERROR, CLUSTER_ERROR_INPUT,
                            "there is no tengen-mpi-own.so; build with cmake -DTENGEN_MPICC=/path/to/mpicc");
    else if (!found)
        g_set_error(error, CLUSTER_ERROR, CLUSTER_ERROR_INPUT,
                    "started as one of several processes of an MPI job (%s is set), but there is no tengen-mpi-%s.so; "
                    "install %s and build again, or start without mpirun",
                    starter->rank, name, package_of(name));
    return found;
}

/* RTLD_GLOBAL: Open MPI loads components that expect its symbols. Modules stay loaded: MPI leaves threads and handlers. */
static struct transport *load(const char *path, const struct transport_start *start, GError **error)
{
    char problem[512] = "";
    void *module = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
    void *symbol = module ? dlsym(module, "tengen_transport_open") : NULL;
    transport_open_function *open_transport;
    if (!symbol) {
        g_set_error(error, CLUSTER_ERROR, CLUSTER_ERROR_INPUT, "cannot load %s: %s", path, dlerror());
        return NULL;
    }
    memcpy(&open_transport, &symbol, sizeof open_transport); /* ISO C has no cast from void * to a function */
    struct transport *transport = open_transport(TRANSPORT_VERSION, start, problem, sizeof problem);
    if (!transport)
        g_set_error(error, CLUSTER_ERROR, CLUSTER_ERROR_INPUT, "%s: %s", path, problem);
    return transport;
}

bool cluster_open(struct transport **out, const struct transport_start *start, GError **error)
{
    int size, rank;
    const bool alone = !start->accept && !start->join;
    const struct starter *starter = find_starter(alone ? 2 : 1, &size, &rank);
    *out = NULL;
    if (!starter && alone)
        return true;
    if (!starter) {
        g_set_error(error, CLUSTER_ERROR, CLUSTER_ERROR_INPUT,
                    "--%s needs MPI; start the command with mpirun, if only with mpirun -n 1",
                    start->join ? "join" : "accept");
        return false;
    }
    char *path = choose_module(starter, error);
    sigset_t all, before; /* threads that MPI starts must not get the signals that are for this one */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    struct transport *transport = path ? load(path, start, error) : NULL;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (transport && !start->join && transport->size != size) {
        g_set_error(
            error, CLUSTER_ERROR, CLUSTER_ERROR_INPUT,
            "%s finds %d process%s, but %s says %d: it belongs to another MPI than the one that started the job; "
            "set TENGEN_MPI to openmpi, mpich or own",
            path, transport->size, transport->size == 1 ? "" : "es", starter->size, size);
        transport->ops->close(transport);
        transport = NULL;
    }
    g_free(path);
    *out = transport;
    return transport != NULL;
}
