/* What the protocols have in common besides their input (line_input.h). */
#ifndef TENGEN_ENGINE_PROTOCOLS_COMMON_PROTOCOL_H
#define TENGEN_ENGINE_PROTOCOLS_COMMON_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>

#include "games/game.h"

/* Writes all of it, in one or more parts; false when nobody reads any more. */
bool protocol_write(int fd, const char *text, size_t length);
/* "b", "black", "w", "white", in any case. */
bool protocol_is_colour(const char *text, enum game_colour *colour);

#endif
