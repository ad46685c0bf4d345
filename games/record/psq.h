/* Gomoku records of the Piskvork manager: .psq files.
 *
 *   Piskvorky 15x15, 11:11, 1     board size; the other fields are ignored
 *   8,8,1250                      column, row (from 1 at the top left), milliseconds
 *   ...
 *   first.zip                     the players' names, the first to move first
 *   second.zip
 *   0                             code for how the game ended
 */
#ifndef TENGEN_GAMES_RECORD_PSQ_H
#define TENGEN_GAMES_RECORD_PSQ_H

#include "games/game.h"

enum { PSQ_MAX_BYTES = 1 << 20 };

struct psq_move {
    game_move point;
    int64_t time_ms;
};

struct psq {
    int size;
    int count;
    struct psq_move *moves; /* owned */
    char *names[2];         /* owned; NULL if the file has none */
    int end_code;           /* as in the file; -1 if it has none */
};

/* Parses a record; `name` is the file's name for messages. On failure returns false, with the error set to line and
 * cause and nothing to clear. */
bool psq_parse(struct psq *out, const char *bytes, size_t length, const char *name, GError **error);
/* The game of a record: freestyle Gomoku of its size. False, with the error set, if there is no such game. */
bool psq_game(const struct psq *psq, struct game *game, GError **error);
/* Whether this format can hold records of the game. */
bool psq_supports(const struct game *game);
void psq_clear(struct psq *psq);
/* The text of the file, freed by the caller. Line breaks in names become blanks. */
char *psq_format(const struct psq *psq);

#endif
