/* Private to games/record/sgf_*.c. */
#ifndef TENGEN_GAMES_RECORD_SGF_INTERNAL_H
#define TENGEN_GAMES_RECORD_SGF_INTERNAL_H

#include <glib.h>
#include <stdbool.h>

struct sgf_node;

/* Sets the error to the message, preceded by the node's line and column if it was read from a file. Returns false. */
bool sgf_refuse(const struct sgf_node *node, GError **error, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* Adds a note about something that was repaired while reading: to the tree of which `node` is a part, once. */
void sgf_note(const struct sgf_node *node, const char *text);
/* The same, preceded by the node's line and column. */
void sgf_note_at(const struct sgf_node *node, const char *text);
/* Frees what a property owns. */
void sgf_clear_property(struct sgf_property *property);

/* Reads UTF-8 text into an empty tree, up to max_nodes nodes (-1: all). False, with the error set, if it contains no game
 * tree or exceeds a limit; the tree then contains what was read. */
bool sgf_read_trees(struct sgf *sgf, const char *text, size_t length, int max_nodes, const char *name, GError **error);
/* The line and column, from 1, of a byte. */
void sgf_place(const char *text, size_t length, size_t offset, int *line, int *column);

#endif
