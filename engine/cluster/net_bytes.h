/* Nets on their way to the ranks that play: their weights file in memory, compressed without loss. The four bytes of each
 * number travel apart, because those with sign and exponent are alike from weight to weight. */
#ifndef TENGEN_ENGINE_CLUSTER_NET_BYTES_H
#define TENGEN_ENGINE_CLUSTER_NET_BYTES_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

struct net;

/* Any bytes, of which most are f32; the inverse. Returns NULL with the error set if they are damaged. */
GBytes *cluster_pack_floats(const void *data, size_t size);
GBytes *cluster_unpack_floats(const void *data, size_t size, GError **error);
GBytes *cluster_pack_net(const struct net *net);
/* False with the error set if the bytes are damaged. The caller owns the net. */
bool cluster_unpack_net(struct net **out, const void *data, size_t size, GError **error);

#endif
