/* One side of the protocol played by hand, against the other side as it is in the program. */
#ifndef TENGEN_TESTS_ENGINE_CLUSTER_PEER_H
#define TENGEN_TESTS_ENGINE_CLUSTER_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/cluster/message.h"

struct cluster_terms;
struct record;
struct transport;

/* Waits, at most ten seconds, for the next message of this kind, past others. Returns its bytes, for the caller to release;
 * NULL if none came. */
GBytes *peer_expect(struct transport *transport, enum message_kind kind);
/* How many messages of this kind come within these seconds. */
int peer_count(struct transport *transport, enum message_kind kind, double seconds);
/* Whether as many come as expected, and no more within a tenth of a second. */
bool peer_gets(struct transport *transport, enum message_kind kind, int count);
/* Reads a message's kind and leaves its fields. */
struct message_reader peer_read(GBytes *message);
/* Sends; takes ownership. */
void peer_send(struct transport *transport, int to, GBytes *message);

/* A finished game of gomoku:3,line=3 with this number. */
struct record *peer_game(uint64_t number);
/* A message with that game, as a rank hands it in. */
GBytes *peer_game_message(uint64_t number, uint64_t sequence, uint64_t evaluations);
/* The terms of a run of that game with a small net. */
void peer_terms(struct cluster_terms *terms);

#endif
