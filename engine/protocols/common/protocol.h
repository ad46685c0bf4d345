/* Helpers shared by the protocols; for their input see line_input.h. */
#ifndef TENGEN_ENGINE_PROTOCOLS_COMMON_PROTOCOL_H
#define TENGEN_ENGINE_PROTOCOLS_COMMON_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>

#include "games/game.h"

/* Writes all `length` bytes. Returns false if the output was closed. */
bool protocol_write(int fd, const char *text, size_t length);
/* Parses "b", "black", "w" or "white", case-insensitively. Returns false for anything else. */
bool protocol_is_colour(const char *text, enum game_colour *colour);

#endif
