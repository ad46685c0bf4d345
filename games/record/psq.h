/* Piskvork's records of Gomoku: .psq files.
 *
 *   Piskvorky 15x15, 11:11, 1     size, levels, who moved first or what for
 *   8,8,1250                      column, row (from 1 at the top left), milliseconds
 *   ...
 *   first.zip                     the players' names, first mover first
 *   second.zip
 *   0                             how it ended
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
    char *names[2];         /* NULL where the file does not say */
    int end_code;           /* as the file has it; -1 where it does not say */
};

/* Reads a record; false, with the error set to line and cause, and nothing to clear, when it is none. `name` stands in
 * messages. */
bool psq_parse(struct psq *out, const char *bytes, size_t length, const char *name, GError **error);
/* The game of a record (freestyle Gomoku of its size). False with the error set when there is none. */
bool psq_game(const struct psq *psq, struct game *game, GError **error);
/* Whether records of this game can be kept in this format. */
bool psq_keeps(const struct game *game);
void psq_clear(struct psq *psq);
/* The file's text, to be freed. Line ends in names become blanks. */
char *psq_format(const struct psq *psq);

#endif
