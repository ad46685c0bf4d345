/* Piskvork's records of Gomoku (.psq) as SGF trees, and back.
 *
 *   Piskvorky 15x15, 11:11, 0     size, levels, who began
 *   8,8,120                       column, row, from 1; milliseconds
 *   ...
 *   first player                  names, then an end code */
#ifndef TENGEN_ENGINE_VIEWER_PSQ_H
#define TENGEN_ENGINE_VIEWER_PSQ_H

#include "games/sgf.h"

bool psq_looks_like(const char *text, size_t length);
/* NULL, with the error set to the line and what is wrong with it. `name` stands in messages. */
struct sgf *psq_parse(const char *text, size_t length, const char *name, GError **error);
/* The main line alone: the format has no variations. Refuses other games than Gomoku. */
bool psq_save(const struct sgf *sgf, const struct game *game, const char *path, GError **error);

#endif
