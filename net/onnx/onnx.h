/* A net as an ONNX model, for other programs and their runtimes: opset 17, f32, of every board size and batch.
 *
 *   planes [n][planes][height][width]   -->   policy [n][moves], wdl [n][3], score [n], map [n][points]
 *   globals [n][globals]
 *
 * Names, layout, units and perspective are those of struct net_outputs. The weights keep the names and shapes that they
 * have in the .safetensors file. The model's metadata has the net's game, features, trunk, scope and note. */
#ifndef TENGEN_NET_ONNX_ONNX_H
#define TENGEN_NET_ONNX_ONNX_H

#include <glib.h>

struct net;

enum { NET_ONNX_OPSET = 17 };

/* The bytes of a model's file; released by the caller with g_bytes_unref. NULL with the error set if the net has an operation
 * that has no entry in the table of onnx.c: the message names its block. Any thread. */
GBytes *net_onnx_write(const struct net *net, GError **error);

#endif
