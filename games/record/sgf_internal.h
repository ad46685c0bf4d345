/* For games/record/sgf_*.c alone. */
#ifndef TENGEN_GAMES_RECORD_SGF_INTERNAL_H
#define TENGEN_GAMES_RECORD_SGF_INTERNAL_H

#include "games/record/sgf.h"

/* Sets the error to the message, with the node's line and column where a file had it. Returns false. */
bool sgf_refuse(const struct sgf_node *node, GError **error, const char *format, ...) G_GNUC_PRINTF(3, 4);

#endif
