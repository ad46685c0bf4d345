/* A game from the bytes of a file: SGF, or Piskvork's .psq as a tree of SGF; and back into a file. */
#ifndef TENGEN_ENGINE_VIEWER_SESSION_RECORD_FILE_H
#define TENGEN_ENGINE_VIEWER_SESSION_RECORD_FILE_H

#include "games/record/sgf.h"

/* NULL, with the error set to where and what is wrong. `name` stands in messages. */
struct sgf *record_file_parse(const char *bytes, size_t length, const char *name, GError **error);
/* By the path's ending: .psq (the main line of a game of Gomoku alone), else SGF. */
bool record_file_save(const struct sgf *sgf, const struct game *game, const char *path, GError **error);

#endif
