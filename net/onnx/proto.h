/* Messages of ONNX in the wire format of protocol buffers, for writing alone
 * (https://protobuf.dev/programming-guides/encoding, https://github.com/onnx/onnx/blob/v1.12.0/onnx/onnx.proto).
 *
 * A message is a sequence of fields: a number with its kind, then a varint, or a length and as many bytes. A model needs some
 * thirty fields of nine messages, too few to justify a schema compiler and its library in the build. Field numbers are defined where the
 * fields are written. */
#ifndef TENGEN_NET_ONNX_PROTO_H
#define TENGEN_NET_ONNX_PROTO_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

/* Each appends one field. */
void proto_int(GByteArray *message, int field, int64_t value);
void proto_bytes(GByteArray *message, int field, const void *data, size_t size);
void proto_text(GByteArray *message, int field, const char *text);
/* A message within a message; frees it. */
void proto_message(GByteArray *message, int field, GByteArray *inner);

#endif
