/* The self-play games in progress, for viewing from another process: a small file in the run's folder.
 *
 *   RUN/live   head | board 0 | board 1 | ...     one board per worker: game spec, generation, moves so far
 *
 * A worker only appends to its own board, by pwrite without locks, and readers use pread: a file that a third process
 * truncates or replaces ends the view, never the process (a mapping would raise SIGBUS). A reader may see a prefix of a
 * game, never a mixture of two games. The file is not part of the run's state: training works without it. */
#ifndef TENGEN_ENGINE_STORE_LIVE_H
#define TENGEN_ENGINE_STORE_LIVE_H

#include "games/game.h"

enum { LIVE_MAX_BOARDS = 64, LIVE_MAX_MOVES = 2048 };

struct live;
/* Recreates the file, for `boards` workers; of more than LIVE_MAX_BOARDS only the first are shown, without an error. Returns NULL with
 * the error set on failure. */
struct live *live_create(const char *folder, int boards, GError **error);
/* A worker starts a game: spec including komi and rules, number, the net's generation. board: from 0; one that is not shown is ignored,
 * here and in live_move. NULL `live` is fine. */
void live_begin(struct live *live, int board, const struct game *game, uint64_t number, uint32_t generation);
/* A worker plays a move; value_player_0: the value after it from player 0's perspective, -1..1; NAN: unknown. Moves after
 * LIVE_MAX_MOVES are not shown. NULL `live` is fine. */
void live_move(struct live *live, int board, game_move move, float value_player_0);
/* Closes the file; a writer first marks it as closed. NULL is fine. */
void live_close(struct live *live);

/* Opens a file that another process writes. Returns NULL if there is none or its format is not supported. */
struct live *live_open(const char *folder);
int live_boards(const struct live *live);
/* Whether the file is open for writing and was written to within the last `seconds`. */
bool live_is_fresh(const struct live *live, int seconds);
/* A counter of updates, for detecting changes. */
uint64_t live_changes(const struct live *live);

struct live_game {
    struct game game;
    uint64_t number;
    uint32_t generation;
    float value_player_0;
    int count; /* of moves, 0 .. LIVE_MAX_MOVES */
    game_move moves[LIVE_MAX_MOVES];
};
/* board: 0 .. live_boards - 1. Returns false if the board has no game yet or cannot be read consistently; retry later. */
bool live_read(const struct live *live, int board, struct live_game *out);

#endif
