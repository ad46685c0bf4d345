/* The nets that a run begins with: its own, and that of a fixed opponent. */
#ifndef TENGEN_ENGINE_TRAINING_FIRST_NET_H
#define TENGEN_ENGINE_TRAINING_FIRST_NET_H

#include <glib.h>
#include <stdbool.h>

#include "net/net.h"

struct game;
struct settings;

/* Initialises a net of shape settings->net from the seed, whatever `from` is. The caller owns the reference. Returns 0, or -1
 * with the error set. */
int first_net_fresh(struct net **out, const struct settings *settings, const struct game *game, GError **error);
/* Loads the net named by settings->from, which must support this game, extends its inputs to the run's features and its
 * outputs to the run's horizons, and gives it the shape settings->net (net_reshape); if `from` is empty, the same as
 * first_net_fresh. */
int first_net_open(struct net **out, const struct settings *settings, const struct game *game, GError **error);
/* Writes settings->net as a list of blocks if `from` names a net: that net's own unless another was given; and settings->tally
 * if that net has one. preset: the
 * shape that settings->net has if the user gave none. Returns false with the error set if a shape was given that is
 * invalid, or that the net cannot be given, or tally=0 for a net that has a tally. */
bool first_net_settle(struct settings *settings, const struct game *game, const char *preset, GError **error);
/* Loads the net named by settings->against, for this game, prepared for self-play with this backend and number type. *out is NULL if there
 * is no such opponent. Returns 0, or -1 with the error set. */
int first_net_opponent(struct net **out, const struct settings *settings, const struct game *game,
                       enum net_backend backend, enum net_dtype dtype, GError **error);
/* Whether this machine can train a net of shape settings->net and evaluate it in self-play with this backend and number
 * type (NET_INT8: in self-play only), and the net of settings->against, if any. Returns false with the error set. */
bool first_net_check(const struct settings *settings, const struct game *game, enum net_backend backend,
                     enum net_dtype dtype, GError **error);

#endif
