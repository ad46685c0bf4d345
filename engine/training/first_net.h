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
/* If `from` names a net, replaces settings->net by a list of blocks, which are that net's own unless the user gave a shape, and tally,
 * value_error and head_experts by those of the net that then trains; otherwise only checks the shape. preset: the shape that
 * settings->net has if the user gave none. Returns false with the error set if the shape given is invalid or the net cannot take it, or
 * if the user gave a lower tally than the net has. */
bool first_net_settle(struct settings *settings, const struct game *game, const char *preset, GError **error);
/* Loads the net that settings->against names, for this game, prepared for self-play with this backend and number type, and keeps it in the
 * run's folder as opponent.safetensors, from where it is loaded from then on: a fixed opponent is the same when a run is resumed, whatever
 * has become of the name. *out is NULL if there is no opponent. Returns 0, or -1 with the error set. */
int first_net_opponent(struct net **out, const char *folder, const struct settings *settings, const struct game *game,
                       enum net_backend backend, enum net_dtype dtype, GError **error);
/* Whether this machine can train a net of shape settings->net, and evaluate it and the net of settings->against, if any, in
 * self-play with this backend and number type (NET_INT8: in self-play only). folder: of the run, which need not exist; NULL:
 * none. Otherwise returns false with the error set. */
bool first_net_check(const char *folder, const struct settings *settings, const struct game *game,
                     enum net_backend backend, enum net_dtype dtype, GError **error);

#endif
