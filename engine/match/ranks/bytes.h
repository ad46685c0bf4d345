/* Games of a match on their way between the ranks of a job, as fields of messages. */
#ifndef TENGEN_ENGINE_MATCH_RANKS_BYTES_H
#define TENGEN_ENGINE_MATCH_RANKS_BYTES_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

struct game;
struct match_game;
struct match_opening;
struct match_settings;
struct message_reader;

/* A game to be played: side[0] moves first. opening: NULL for none. */
void match_put_pairing(GByteArray *message, const int side[2], const struct match_opening *opening);
/* False if the message is damaged, or names a player that there is not. */
bool match_take_pairing(struct message_reader *fields, const struct game *game, int players, int side[2],
                        struct match_opening *opening);

/* A game that was played. What concerns only the agents, which of them broke, is left out. */
GBytes *match_pack_game(const struct match_game *played);
/* False with the error set, and nothing to clear, if the bytes are damaged. */
bool match_unpack_game(struct match_game *played, const struct game *game, const void *data, size_t size,
                       GError **error);

/* The settings that whoever plays single games needs (MATCH_OF_GAMES), without the agents. */
void match_put_settings(GByteArray *message, const struct match_settings *settings);
bool match_take_settings(struct message_reader *fields, struct match_settings *settings, GError **error);

#endif
