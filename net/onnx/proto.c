#include "net/onnx/proto.h"

#include <string.h>

enum wire { WIRE_VARINT = 0, WIRE_BYTES = 2 };

/* Seven bits a byte, the lowest first; the top bit says that more follow. */
static void varint(GByteArray *message, uint64_t value)
{
    guint8 bytes[10];
    guint count = 0;
    do {
        bytes[count++] = (guint8)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
        value >>= 7;
    } while (value);
    g_byte_array_append(message, bytes, count);
}

static void key(GByteArray *message, int field, enum wire wire)
{
    varint(message, (uint64_t)field << 3 | wire);
}

void proto_int(GByteArray *message, int field, int64_t value)
{
    key(message, field, WIRE_VARINT);
    varint(message, (uint64_t)value);
}

void proto_bytes(GByteArray *message, int field, const void *data, size_t size)
{
    key(message, field, WIRE_BYTES);
    varint(message, size);
    g_byte_array_append(message, data, (guint)size);
}

void proto_text(GByteArray *message, int field, const char *text)
{
    proto_bytes(message, field, text, strlen(text));
}

void proto_message(GByteArray *message, int field, GByteArray *inner)
{
    proto_bytes(message, field, inner->data, inner->len);
    g_byte_array_unref(inner);
}
