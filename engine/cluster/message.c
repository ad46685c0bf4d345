#include "engine/cluster/message.h"

#include <string.h>

GByteArray *message_new(enum message_kind kind)
{
    const guint8 byte = (guint8)kind;
    return g_byte_array_append(g_byte_array_new(), &byte, 1);
}

void message_put_u64(GByteArray *message, uint64_t value)
{
    const guint64 little = GUINT64_TO_LE(value);
    g_byte_array_append(message, (const guint8 *)&little, sizeof little);
}

void message_put_f64(GByteArray *message, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    message_put_u64(message, bits);
}

void message_put_bytes(GByteArray *message, const void *data, size_t size)
{
    message_put_u64(message, size);
    if (size)
        g_byte_array_append(message, data, (guint)size);
}

void message_put_text(GByteArray *message, const char *text)
{
    message_put_bytes(message, text, strlen(text));
}

GBytes *message_finish(GByteArray *message)
{
    return g_byte_array_free_to_bytes(message);
}

GBytes *message_of(enum message_kind kind)
{
    return message_finish(message_new(kind));
}

GBytes *message_end(int status, const char *text)
{
    GByteArray *message = message_new(MESSAGE_END);
    message_put_u64(message, (uint64_t)status);
    message_put_text(message, text ? text : "");
    return message_finish(message);
}

static const void *take(struct message_reader *reader, size_t size)
{
    reader->good = reader->good && size <= reader->left;
    if (!reader->good)
        return NULL;
    const void *data = reader->at;
    reader->at += size;
    reader->left -= size;
    return data;
}

enum message_kind message_read(struct message_reader *reader, const void *data, size_t size)
{
    *reader = (struct message_reader){.at = data, .left = size, .good = true};
    const uint8_t *kind = take(reader, 1);
    return kind && *kind < MESSAGE_KINDS ? (enum message_kind) * kind : MESSAGE_KINDS;
}

uint64_t message_take_u64(struct message_reader *reader)
{
    uint64_t value = 0;
    const void *data = take(reader, sizeof value);
    if (data)
        memcpy(&value, data, sizeof value);
    return GUINT64_FROM_LE(value);
}

double message_take_f64(struct message_reader *reader)
{
    const uint64_t bits = message_take_u64(reader);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

const void *message_take_bytes(struct message_reader *reader, size_t *size)
{
    *size = message_take_u64(reader);
    const void *data = take(reader, *size);
    if (!data)
        *size = 0;
    return data;
}

char *message_take_text(struct message_reader *reader)
{
    size_t size;
    const void *data = message_take_bytes(reader, &size);
    return g_strndup(data ? data : "", size);
}
