/* Private to games/record/sgf_*.c. */
#ifndef TENGEN_GAMES_RECORD_SGF_INTERNAL_H
#define TENGEN_GAMES_RECORD_SGF_INTERNAL_H

#include <glib.h>
#include <stdbool.h>

struct sgf_node;

/* Sets the error to the message, preceded by the node's line and column if it was read from a file. Returns false. */
bool sgf_refuse(const struct sgf_node *node, GError **error, const char *format, ...) G_GNUC_PRINTF(3, 4);

#endif
