/* Game records in SGF or Piskvork's .psq format; both are represented as an SGF tree. */
#ifndef TENGEN_ENGINE_VIEWER_SESSION_RECORD_FILE_H
#define TENGEN_ENGINE_VIEWER_SESSION_RECORD_FILE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

struct game;
struct sgf;

/* Parses the contents of a file, whose format is detected. name: for error messages. Freed by sgf_free. Returns NULL
 * with the error set. */
struct sgf *record_file_parse(const char *bytes, size_t length, const char *name, GError **error);
/* Saves as .psq (Gomoku only, main line only) if the path ends in .psq, otherwise as SGF. Returns false with the error
 * set. */
bool record_file_save(const struct sgf *sgf, const struct game *game, const char *path, GError **error);

#endif
