/* What the ranks of a job have to agree on before they work: the same program, called with the same arguments; and what rank 0
 * then tells the others about the run, so that they need no access to its folder. */
#ifndef TENGEN_ENGINE_CLUSTER_TERMS_H
#define TENGEN_ENGINE_CLUSTER_TERMS_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "engine/settings/settings.h"
#include "net/net.h"

struct message_reader;

struct cluster_terms {
    struct settings settings;
    enum net_backend backend;
    enum net_dtype dtype;
    size_t cache_bytes;   /* of each player's evaluation cache */
    int spare;            /* games that a rank gets ahead of need, for each of its threads */
    int trainers;         /* ranks, from 0, that train together */
    struct net *opponent; /* of the setting `against`; NULL: none */
};
GBytes *cluster_terms_pack(const struct cluster_terms *terms);
/* False with the error set if the message is damaged. The opponent is the caller's reference. */
bool cluster_terms_unpack(struct cluster_terms *terms, struct message_reader *reader, GError **error);

/* The arguments that must be alike, in one line: all but --threads N, of which each rank may have its own. Freed by the
 * caller. */
char *cluster_arguments(int argc, char **argv);
/* A rank's first message; and what is wrong with it, in words for the user, freed by the caller; NULL: nothing. arguments:
 * NULL where they may differ. *host: the name of its machine, freed by the caller. */
GBytes *cluster_hello(const char *arguments);
char *cluster_check_hello(struct message_reader *reader, int rank, const char *arguments, char **host);

#endif
