/* The initial net of a run. */
#ifndef TENGEN_ENGINE_TRAINING_FIRST_NET_H
#define TENGEN_ENGINE_TRAINING_FIRST_NET_H

#include <glib.h>

struct game;
struct net;
struct settings;

/* Loads the net named by settings->from, which must support this game, and extends its inputs to the run's features; if
 * `from` is empty, initialises settings->net from the seed. The caller owns the reference. Returns 0, or -1 with the error set. */
int first_net_open(struct net **out, const struct settings *settings, const struct game *game, GError **error);

#endif
