/* What self-play is doing now, for a second process to look at: a small file in the run's folder, mapped by both.
 *
 *   RUN/live   head | board 0 | board 1 | ...     one board for each worker: the game's spec, generation, moves so far
 *
 * A worker only appends to its own board, by a few relaxed stores and one with release: it takes no lock and no system
 * call, and whether anybody looks makes no difference to it. A reader may see a game cut off between two moves, never a
 * mixture of two. The file says nothing that the run needs: without it training goes on. */
#ifndef TENGEN_ENGINE_STORE_LIVE_H
#define TENGEN_ENGINE_STORE_LIVE_H

#include "games/game.h"

enum { LIVE_MAX_BOARDS = 64, LIVE_MAX_MOVES = 2048 };

struct live;
/* Makes the file anew, for `boards` workers. NULL, with the error set, when it cannot. */
struct live *live_create(const char *folder, int boards, GError **error);
/* A worker begins a game: komi and rules, its number, the net's generation. */
void live_begin(struct live *live, int board, const struct game *game, uint64_t number, uint32_t generation);
/* ... and makes a move, after which player 0 has this value (-1..1; NAN: not known). */
void live_move(struct live *live, int board, game_move move, float value_player_0);
/* Of a writer: marks the file as no longer written. Of a reader: unmaps it. NULL is fine. */
void live_close(struct live *live);

/* Opens what another process writes. NULL when there is none, or one that this program does not know. */
struct live *live_open(const char *folder);
int live_boards(const struct live *live);
/* Whether a process has written to it within the last seconds and has not closed it. */
bool live_is_fresh(const struct live *live, int seconds);
/* Counts all moves ever made: changes whenever anything has. */
uint64_t live_changes(const struct live *live);

struct live_game {
    struct game game;
    uint64_t number;
    uint32_t generation;
    float value_player_0;
    int count;
    game_move moves[LIVE_MAX_MOVES];
};
/* False when the board holds no game yet, or one that cannot be read. */
bool live_read(const struct live *live, int board, struct live_game *out);

#endif
