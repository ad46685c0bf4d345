/** @file tengen/game.h
 *  A game in progress: its rules, the current position, and the moves that led to it.
 *
 *  Points are numbered `y * width + x` with (0, 0) at the top left, x to the right and y downwards. A move is a number in
 *  0 .. tengen_game_move_count() - 1: first the points, then the game's other moves (Go: pass; Gomoku: swap, stay, place
 *  two), so a move is also an index into a policy.
 *
 *  Player 0 moves first. Players are distinct from colours: an opening rule may let the players swap colours. Results
 *  refer to players. */
#ifndef TENGEN_GAME_H
#define TENGEN_GAME_H

#include <stdbool.h>
#include <stddef.h>

#include <tengen/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Bounds for arrays that the caller allocates. */
enum {
    TENGEN_NO_MOVE = -1,       /**< no move */
    TENGEN_MAX_POINTS = 400,   /**< maximum number of points of any game */
    TENGEN_MAX_MOVES = 404,    /**< maximum number of moves of any game */
    TENGEN_MOVE_TEXT_SIZE = 16 /**< bytes of a move's text, its terminating NUL included */
};

/** The state of a point. */
enum tengen_colour {
    TENGEN_EMPTY = 0, /**< no stone */
    TENGEN_BLACK = 1, /**< a black stone */
    TENGEN_WHITE = 2  /**< a white stone */
};

/** The result of a game, or its provisional result. */
struct tengen_result {
    bool over;    /**< the game has ended */
    int winner;   /**< the winner, 0 or 1; -1 for a draw. While `over` is false: who would win if the game ended now
                       (Go: area scoring of the board as it is; Gomoku: a draw) */
    float margin; /**< points, player 0 minus player 1, komi included; 0 in games without points */
};

/** A game in progress (opaque). */
struct tengen_game;

/** Starts a game.
 *  @param spec   the game and its options, e.g. "go:9,komi=7", "gomoku:15,rules=renju"; `man tengen` lists them
 *  @param error  filled on failure; may be NULL
 *  @return the game, to be freed with tengen_game_free(); NULL if the spec is not valid */
TENGEN_API struct tengen_game *tengen_game_new(const char *spec, struct tengen_error *error);

/** Copies a game with all its moves.
 *  @param game  the original, unchanged
 *  @return the copy, to be freed with tengen_game_free() */
TENGEN_API struct tengen_game *tengen_game_copy(const struct tengen_game *game);

/** Frees a game.
 *  @param game  the game; NULL does nothing */
TENGEN_API void tengen_game_free(struct tengen_game *game);

/** The canonical spec: game, size and every option that differs from its default.
 *  @param game  the game
 *  @return the text, valid for the lifetime of the game */
TENGEN_API const char *tengen_game_spec(const struct tengen_game *game);

/** The number of columns of the board.
 *  @param game  the game
 *  @return 2 to 20 */
TENGEN_API int tengen_game_width(const struct tengen_game *game);

/** The number of rows of the board.
 *  @param game  the game
 *  @return 2 to 20; the board has width * height points */
TENGEN_API int tengen_game_height(const struct tengen_game *game);

/** The number of moves, legal or not: the length of a policy.
 *  @param game  the game
 *  @return width * height plus the number of the game's other moves, at most TENGEN_MAX_MOVES */
TENGEN_API int tengen_game_move_count(const struct tengen_game *game);

/** The number of moves played so far, including passes and opening decisions.
 *  @param game  the game
 *  @return 0 at the start */
TENGEN_API int tengen_game_ply(const struct tengen_game *game);

/** The move played at a ply.
 *  @param game  the game
 *  @param ply   0 is the first move
 *  @return the move; TENGEN_NO_MOVE for a ply outside 0 .. tengen_game_ply() - 1 */
TENGEN_API int tengen_game_move_at(const struct tengen_game *game, int ply);

/** The player to move.
 *  @param game  the game
 *  @return player 0 or 1 */
TENGEN_API int tengen_game_player(const struct tengen_game *game);

/** The colour of the next stone.
 *  @param game  the game
 *  @return TENGEN_BLACK or TENGEN_WHITE */
TENGEN_API enum tengen_colour tengen_game_colour(const struct tengen_game *game);

/** The stone on a point.
 *  @param game   the game
 *  @param point  0 .. width * height - 1
 *  @return the stone's colour; TENGEN_EMPTY for an empty point or an invalid number */
TENGEN_API enum tengen_colour tengen_game_stone(const struct tengen_game *game, int point);

/** Lists the legal moves.
 *  @param game   the game
 *  @param moves  filled in ascending order; TENGEN_MAX_MOVES entries are always sufficient
 *  @return their number; 0 if the game is over */
TENGEN_API int tengen_game_legal_moves(const struct tengen_game *game, int *moves);

/** Whether a move is legal.
 *  @param game  the game
 *  @param move  any number
 *  @return false for an illegal move, for a number that is not a move, and for every move once the game is over */
TENGEN_API bool tengen_game_is_legal(const struct tengen_game *game, int move);

/** Plays a move for the player to move.
 *  @param game   the game; unchanged on failure
 *  @param move   the move
 *  @param error  filled on failure; may be NULL
 *  @return 0; -1 if the move is not legal */
TENGEN_API int tengen_game_play(struct tengen_game *game, int move, struct tengen_error *error);

/** Takes back the last move.
 *  @param game  the game
 *  @return 0; -1, with the game unchanged, at the start of the game */
TENGEN_API int tengen_game_undo(struct tengen_game *game);

/** The result of the game.
 *  @param game  the game
 *  @return the result; see struct tengen_result */
TENGEN_API struct tengen_result tengen_game_result(const struct tengen_game *game);

/** Parses a move in the usual notation: a letter (without I) and a row counted from the bottom, "D4", or "pass", "swap".
 *  @param game  the game
 *  @param text  the text; case does not matter
 *  @return the move, legal or not; TENGEN_NO_MOVE if the text is not a move of this game */
TENGEN_API int tengen_game_parse_move(const struct tengen_game *game, const char *text);

/** Formats a move in the usual notation.
 *  @param game    the game
 *  @param move    the move
 *  @param buffer  TENGEN_MOVE_TEXT_SIZE bytes; filled with "-" for a number that is not a move
 *  @return buffer */
TENGEN_API char *tengen_game_format_move(const struct tengen_game *game, int move, char *buffer);

/** Draws the board as text, with coordinates: X is black, O is white, the last move is in brackets.
 *  @param game    the game
 *  @param buffer  receives the text, truncated if it does not fit and always terminated; may be NULL if size is 0
 *  @param size    of the buffer in bytes
 *  @return the length of the whole text in bytes, without the terminating NUL, like snprintf() */
TENGEN_API size_t tengen_game_print(const struct tengen_game *game, char *buffer, size_t size);

#ifdef __cplusplus
}
#endif

#endif
