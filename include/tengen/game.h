/** @file tengen/game.h
 *  A game in progress: its rules, the present position, and every move that led there.
 *
 *  Points are numbered `y * width + x` with (0, 0) at the top left, x to the right and y downwards. A move is a number in
 *  0 .. tengen_game_move_count() - 1: first the points, then the game's other moves (Go: pass; Gomoku: swap, stay, place
 *  two), so that a move is also an index into a policy.
 *
 *  Player 0 moves first. A player is not a colour: an opening rule may let the players swap colours. Results are by
 *  player. */
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
    TENGEN_NO_MOVE = -1,       /**< in place of a move: there is none */
    TENGEN_MAX_POINTS = 400,   /**< no game has more points */
    TENGEN_MAX_MOVES = 404,    /**< no game has more moves */
    TENGEN_MOVE_TEXT_SIZE = 16 /**< bytes of a move's text, its terminating NUL included */
};

/** What stands on a point. */
enum tengen_colour {
    TENGEN_EMPTY = 0, /**< no stone */
    TENGEN_BLACK = 1, /**< a black stone */
    TENGEN_WHITE = 2  /**< a white stone */
};

/** How a game stands. */
struct tengen_result {
    bool over;    /**< the rules have ended the game */
    int winner;   /**< the player who wins, 0 or 1; -1 for a draw. Where `over` is false: who would win if the game ended
                       here (Go: by area as it stands; Gomoku: nobody) */
    float margin; /**< points, player 0 minus player 1, komi included; 0 in a game that has no points */
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

/** The canonical spec: the size, and every option that does not have its default value.
 *  @param game  the game
 *  @return the text, valid as long as the game */
TENGEN_API const char *tengen_game_spec(const struct tengen_game *game);

/** The width of the board: how many columns it has.
 *  @param game  the game
 *  @return 2 to 20 */
TENGEN_API int tengen_game_width(const struct tengen_game *game);

/** The height of the board: how many rows it has.
 *  @param game  the game
 *  @return 2 to 20; the board has width * height points */
TENGEN_API int tengen_game_height(const struct tengen_game *game);

/** How many moves there are, legal or not: the length of a policy.
 *  @param game  the game
 *  @return width * height plus the number of the game's other moves, at most TENGEN_MAX_MOVES */
TENGEN_API int tengen_game_move_count(const struct tengen_game *game);

/** How many moves have been made, passes and decisions included.
 *  @param game  the game
 *  @return 0 at the start */
TENGEN_API int tengen_game_ply(const struct tengen_game *game);

/** The move that was made at a ply.
 *  @param game  the game
 *  @param ply   0 is the first move
 *  @return the move; TENGEN_NO_MOVE for a ply outside 0 .. tengen_game_ply() - 1 */
TENGEN_API int tengen_game_move_at(const struct tengen_game *game, int ply);

/** Who moves next.
 *  @param game  the game
 *  @return player 0 or 1 */
TENGEN_API int tengen_game_player(const struct tengen_game *game);

/** The colour of the stone that a move on a point would place.
 *  @param game  the game
 *  @return TENGEN_BLACK or TENGEN_WHITE */
TENGEN_API enum tengen_colour tengen_game_colour(const struct tengen_game *game);

/** What stands on a point.
 *  @param game   the game
 *  @param point  0 .. width * height - 1
 *  @return the stone's colour; TENGEN_EMPTY for an empty point and for a number that is no point */
TENGEN_API enum tengen_colour tengen_game_stone(const struct tengen_game *game, int point);

/** Lists the legal moves.
 *  @param game   the game
 *  @param moves  filled in ascending order; TENGEN_MAX_MOVES entries always suffice
 *  @return how many were written; 0 when the game is over */
TENGEN_API int tengen_game_legal_moves(const struct tengen_game *game, int *moves);

/** Tells whether a move is legal.
 *  @param game  the game
 *  @param move  any number
 *  @return false for an illegal move, for a number that is no move, and for every move once the game is over */
TENGEN_API bool tengen_game_is_legal(const struct tengen_game *game, int move);

/** Plays a move for the player whose turn it is.
 *  @param game   the game; unchanged on failure
 *  @param move   the move
 *  @param error  filled on failure; may be NULL
 *  @return 0; -1 if the move is not legal */
TENGEN_API int tengen_game_play(struct tengen_game *game, int move, struct tengen_error *error);

/** Takes back the last move.
 *  @param game  the game
 *  @return 0; -1, with nothing changed, at the start of the game */
TENGEN_API int tengen_game_undo(struct tengen_game *game);

/** Says how the game stands.
 *  @param game  the game
 *  @return the result; see struct tengen_result */
TENGEN_API struct tengen_result tengen_game_result(const struct tengen_game *game);

/** Reads a move as players write it: a letter (without I) and a row counted from the bottom, "D4", or "pass", "swap".
 *  @param game  the game
 *  @param text  the text; case does not matter
 *  @return the move, legal or not; TENGEN_NO_MOVE if the text names no move of this game */
TENGEN_API int tengen_game_parse_move(const struct tengen_game *game, const char *text);

/** Writes a move as players write it.
 *  @param game    the game
 *  @param move    the move
 *  @param buffer  TENGEN_MOVE_TEXT_SIZE bytes; filled with "-" for a number that is no move
 *  @return buffer */
TENGEN_API char *tengen_game_format_move(const struct tengen_game *game, int move, char *buffer);

/** Draws the board as text, with coordinates: X is black, O is white, the last move stands in brackets.
 *  @param game    the game
 *  @param buffer  receives the drawing, cut short where it does not fit and always terminated; may be NULL if size is 0
 *  @param size    of the buffer in bytes
 *  @return the length of the whole drawing in bytes, without the terminating NUL, as snprintf() does */
TENGEN_API size_t tengen_game_print(const struct tengen_game *game, char *buffer, size_t size);

#ifdef __cplusplus
}
#endif

#endif
