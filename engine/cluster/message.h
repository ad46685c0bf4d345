/* The messages between rank 0 and the others, as bytes: a kind, then fields in the order in which they were put. Numbers
 * are little-endian, so that different processors can work together. */
#ifndef TENGEN_ENGINE_CLUSTER_MESSAGE_H
#define TENGEN_ENGINE_CLUSTER_MESSAGE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum message_kind {
    MESSAGE_ALIVE, /* nothing but a sign of life: sent and taken by struct link itself */
    /* To rank 0. */
    MESSAGE_HELLO,  /* version, arguments, host */
    MESSAGE_WANT,   /* u64: games that the rank has asked for since the start */
    MESSAGE_GAME,   /* u64 sequence from 1, u64 number, u64 evaluations, bytes; in training: record_pack */
    MESSAGE_STATUS, /* f64: seconds that its threads waited for a game; f64: its processor time */
    MESSAGE_SIGNAL, /* the rank was told to stop */
    MESSAGE_FAILED, /* text */
    MESSAGE_BYE,    /* the rank plays no more, and all its games have arrived */
    /* From rank 0. */
    MESSAGE_WELCOME, /* what the command needs to know; in training: struct cluster_terms */
    MESSAGE_ASSIGN,  /* u64 number; in training: u64 seed, f64 progress, u64 opponent_visits, u64 start_plies, bytes:
                      * record_pack of the start, or empty */
    MESSAGE_NET,     /* u64 generation, bytes: cluster_pack_net */
    MESSAGE_ACK,     /* u64: games that arrived, in sequence; u64: of these, those that are committed */
    MESSAGE_STATE,   /* to trainers. bytes: a trainer's file, packed by cluster_pack_floats */
    MESSAGE_STEP,    /* to trainers. Rows of a batch: see engine/training/team/team.h */
    MESSAGE_CHECK,   /* to trainers. u64: net_trainer_hash of rank 0 */
    MESSAGE_FINISH,  /* play no more, send what is finished, then BYE */
    MESSAGE_END,     /* u64: exit status; text: what the rank is to say, or empty */
    MESSAGE_KINDS
};

/* A message under construction; message_finish turns it into bytes. */
GByteArray *message_new(enum message_kind kind);
void message_put_u64(GByteArray *message, uint64_t value);
void message_put_f64(GByteArray *message, double value);
void message_put_bytes(GByteArray *message, const void *data, size_t size);
void message_put_text(GByteArray *message, const char *text);
GBytes *message_finish(GByteArray *message);
/* A message without fields. */
GBytes *message_of(enum message_kind kind);
/* MESSAGE_END. text: NULL is empty. */
GBytes *message_end(int status, const char *text);

/* Reads a message, which must stay in place. After a field that it does not have, `good` is false, and fields are 0 or
 * empty. */
struct message_reader {
    const uint8_t *at;
    size_t left;
    bool good;
};
/* Returns the kind; MESSAGE_KINDS if it is none. */
enum message_kind message_read(struct message_reader *reader, const void *data, size_t size);
uint64_t message_take_u64(struct message_reader *reader);
double message_take_f64(struct message_reader *reader);
/* Points into the message. */
const void *message_take_bytes(struct message_reader *reader, size_t *size);
char *message_take_text(struct message_reader *reader); /* freed by the caller */

#endif
