/* The moves of a game as a journal keeps them: texts with an entry for each move, readable without this program. */
#ifndef TENGEN_ENGINE_MATCH_JOURNAL_MOVES_H
#define TENGEN_ENGINE_MATCH_JOURNAL_MOVES_H

struct game;
struct match_game;

/* Entries are separated by spaces: moves, milliseconds, values ("-": unknown), visits. */
enum { JOURNAL_TEXTS = 4 };

/* Fills in the texts, which the caller frees with g_free. */
void journal_format_moves(const struct game *game, const struct match_game *played, char *texts[JOURNAL_TEXTS]);
/* The inverse: fills in the moves and what was told with them, up to the first illegal move. texts: NULL for an empty one. */
void journal_parse_moves(const struct game *game, const char *const texts[JOURNAL_TEXTS], struct match_game *played);

#endif
