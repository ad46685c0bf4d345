/* Private to games/record/sgf_*.c. */
#ifndef TENGEN_GAMES_RECORD_SGF_INTERNAL_H
#define TENGEN_GAMES_RECORD_SGF_INTERNAL_H

#include <glib.h>
#include <stdbool.h>

struct sgf;
struct sgf_node;
struct sgf_property;

/* Sets the error to the message, preceded by the node's line and column if it was read from a file. Returns false. */
bool sgf_refuse(const struct sgf_node *node, GError **error, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* Adds a note about something that was repaired while reading: to the tree of which `node` is a part, once. */
void sgf_note(const struct sgf_node *node, const char *text);
/* The same, preceded by the node's line and column. */
void sgf_note_at(const struct sgf_node *node, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* Frees what a property owns. */
void sgf_clear_property(struct sgf_property *property);

/* Of a known character set (CA, or NULL) and the bytes, the set in which to read them: a constant name for iconv. */
const char *sgf_choose_charset(const char *known, const char *bytes, size_t length);
/* Converts to UTF-8, freed by the caller. What is invalid becomes U+FFFD, is counted in *bad and reported by its offset
 * (report may be NULL). */
GString *sgf_convert(const char *charset, const char *bytes, size_t length, int *bad,
                     void (*report)(void *user, size_t offset), void *user);
/* In a double-byte set whose second bytes include ']', a character that was cut takes the end of its value with it. Such
 * first bytes are overwritten by 0xff, which is invalid in all of these sets; returns how many. */
int sgf_mark_cut_characters(const char *charset, char *bytes, size_t length);
/* Bytes of an invalid sequence that are replaced by one U+FFFD: the part of a cut character that is there, or one. */
size_t sgf_utf8_subpart(const char *at, const char *end);
/* Whether the bytes of a file are read as this text again. */
bool sgf_reads_back(const char *bytes, size_t length, const char *text, size_t text_length);

/* Reads UTF-8 text into an empty tree, up to max_nodes nodes (-1: all). False, with the error set, if it contains no game
 * tree or exceeds a limit; the tree then contains what was read. */
bool sgf_read_trees(struct sgf *sgf, const char *text, size_t length, int max_nodes, const char *name, GError **error);
/* Of UTF-8 text, here and below up to `end`: the next character that is no white space. */
const char *sgf_after_space(const char *at, const char *end);
/* Whether a property begins here: letters, then, possibly after white space, '['. */
bool sgf_is_property(const char *at, const char *end);
/* Whether one of the properties of these names (NULL at the end) begins here. */
bool sgf_is_one_of(const char *at, const char *end, const char *const *names);
/* Whether ';' and a property begin here. */
bool sgf_is_node(const char *at, const char *end);
/* Whether a file begins here whose first '(' is missing: with a node or only a property, but one of SGF. */
bool sgf_is_first_node(const char *at, const char *end);
/* Where a value ends whose own ']' is missing; NULL if its ']' is at `close`. A '[' does not occur in numbers and points,
 * and no text ends like a move, whose ']' would have to be escaped in it. */
const char *sgf_missing_close(const char *name, const char *start, const char *close, const char *end);
/* The length of a value whose end was cut: without a last '\\', which would escape the ']' that is added. */
size_t sgf_sound_length(const char *start, const char *end);
/* Whether the text becomes SGF again here, after something that is none: a node, a variation or a property begins, or a
 * ')' is followed by more of them. */
bool sgf_resumes(const char *at, const char *end);
/* The line and column, from 1, of a byte. */
void sgf_place(const char *text, size_t length, size_t offset, int *line, int *column);

#endif
