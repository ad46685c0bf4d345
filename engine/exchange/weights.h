/* A net's weights in NumPy's format: one array for each tensor of the .safetensors file, under the same name and with the
 * same shape (docs/exchange.md). */
#ifndef TENGEN_ENGINE_EXCHANGE_WEIGHTS_H
#define TENGEN_ENGINE_EXCHANGE_WEIGHTS_H

#include <glib.h>
#include <stdbool.h>

struct net;

/* Writes the parameters, without the ranges of int8. False with the error set. */
bool weights_write_npz(const struct net *net, const char *path, GError **error);
/* A net with the game, features, trunk, scope and note of `like` and the weights of a file, which has exactly its arrays. It
 * is not calibrated for int8: the ranges depend on the weights. 0, or -1 with the error set. */
int weights_read_npz(struct net **out, const struct net *like, const char *path, GError **error);

#endif
