/* Helpers shared by the protocols; for their input see line_input.h. */
#ifndef TENGEN_ENGINE_PROTOCOLS_COMMON_PROTOCOL_H
#define TENGEN_ENGINE_PROTOCOLS_COMMON_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>

#include "games/game.h"

/* Writes all `length` bytes. Returns false if the output was closed. */
bool protocol_write(int fd, const char *text, size_t length);
/* A move of either colour, which need not be the one to move. */
struct protocol_move {
    uint8_t colour;
    game_move move;
};
/* The number of handicap stones that the first moves of a game of Go amount to: servers and clients that know no
 * handicap let black play several moves in a row, white passing or not. As in KataGo, a single stone is none (0), and
 * neither are stones after which white plays several in a row, too: such moves set up a position. */
int protocol_handicap(const struct game *game, const struct protocol_move *moves, int count);

/* Parses "b", "black", "w" or "white", case-insensitively. Returns false for anything else. */
bool protocol_is_colour(const char *text, enum game_colour *colour);

#endif
