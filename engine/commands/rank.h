/* Commands whose work is handed out by rank 0 of a job (engine/cluster/ranks.h) piece by piece: what their other ranks do. */
#ifndef TENGEN_ENGINE_COMMANDS_RANK_H
#define TENGEN_ENGINE_COMMANDS_RANK_H

#include <stdbool.h>

struct cluster_host;
struct ranks;

/* Does what rank 0 serves, whatever it is, until the job ends. */
void command_work_as_rank(struct ranks *ranks, int argc, char **argv);
/* Prints on stderr how many pieces of work the other ranks have done. host: NULL for nothing. */
void command_print_ranks(struct cluster_host *host, const char *done);

#endif
