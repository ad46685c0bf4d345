/* The net that a run begins with. */
#ifndef TENGEN_ENGINE_TRAINING_FIRST_NET_H
#define TENGEN_ENGINE_TRAINING_FIRST_NET_H

#include "engine/store/settings.h"

/* settings->from's, which must play this game with its newest features; fresh weights of settings->net from the seed
 * where `from` is empty. One reference, the caller's. 0, or -1 with the error set. */
int first_net_open(struct net **out, const struct settings *settings, const struct game *game, GError **error);

#endif
