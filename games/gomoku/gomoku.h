/* Gomoku, an m,n,k game on boards from 3x3 to 20x20: freestyle, standard, renju, caro; opening rules.
 *
 * Black moves first. position->black_player has black; a swap exchanges the colours. The moves after the points are
 * decisions, legal only in certain phases of the opening:
 *   swap       the player to move changes colours with the opponent
 *   stay       the player to move keeps the colour
 *   place-two  (swap2) the player to move places one more white and one more black stone; then the other player decides
 * After a swap or a stay white places the next stone, so a player who stays with white moves twice in a row. Before the
 * first decision player 0 has black and player 1 white. In protocols where a player decides by placing a stone, that
 * player takes white: after three stones this is "stay" and the stone, after five (player 0) "swap" and the stone.
 *
 * A game ends with a winning line, or as a draw when the board is full. It is also a draw when renju forbids black
 * every empty point: the rules of renju let black pass there, but this game has no pass. A forbidden move is illegal
 * here. A referee or protocol under which it loses the game can call gomoku_forbidden_kind to learn why it was illegal.
 * gomoku_ops.forced keeps the moves that win at once, or else those that stop the opponent from doing so. Playouts do
 * not use it: they are uniformly random over the legal moves. gomoku_ops.solve looks for wins by fours and threes. */
#ifndef TENGEN_GAMES_GOMOKU_GOMOKU_H
#define TENGEN_GAMES_GOMOKU_GOMOKU_H

#include "games/game.h"

extern const struct game_ops gomoku_ops;

/* Values of the options `rules` and `opening`. */
enum gomoku_rules {
    GOMOKU_FREESTYLE,  /* `line` stones in a row or more win */
    GOMOKU_STANDARD,   /* exactly `line` win */
    GOMOKU_RENJU,      /* black: exactly five win, 3-3, 4-4 and overline are forbidden; white: five or more win */
    GOMOKU_CARO,       /* exactly `line` win unless enemy stones are at both ends; more always win */
    GOMOKU_CARO_EXACT, /* like caro, but more than `line` never win */
};
enum gomoku_opening { GOMOKU_FREE, GOMOKU_PRO, GOMOKU_LONGPRO, GOMOKU_SWAP, GOMOKU_SWAP2 };

/* position->phase */
enum gomoku_phase {
    GOMOKU_PLAY,         /* ordinary play */
    GOMOKU_CENTRE,       /* pro, longpro: black's first stone, on the centre (size / 2, size / 2) */
    GOMOKU_SECOND,       /* white's first stone, anywhere */
    GOMOKU_FAR,          /* black's second stone: outside the central 5x5 (pro) or 7x7 (longpro) */
    GOMOKU_FIRST_THREE,  /* swap, swap2: player 0 places black, white, black */
    GOMOKU_CHOOSE,       /* player 1: swap, stay, or (swap2) place-two */
    GOMOKU_TWO_MORE,     /* player 1 places white, then black */
    GOMOKU_CHOOSE_AGAIN, /* player 0: swap or stay */
    GOMOKU_PHASES,
};

/* The moves after the points. */
static inline game_move gomoku_swap(const struct game *game) { return game->points; }
static inline game_move gomoku_stay(const struct game *game) { return (game_move)(game->points + 1); }
static inline game_move gomoku_place_two(const struct game *game) { return (game_move)(game->points + 2); }

/* Why renju forbids black a point. If several kinds apply, the first of this order is reported. A stone that makes
 * exactly five is always allowed, and wins. */
enum gomoku_forbidden { GOMOKU_ALLOWED, GOMOKU_DOUBLE_FOUR, GOMOKU_DOUBLE_THREE, GOMOKU_OVERLINE };

/* Whether and why black is forbidden to play on this point of the present board, whichever side is to move;
 * GOMOKU_ALLOWED under other rules and on occupied points. Follows the International Rules of Renju (Renju
 * International Federation): a three counts only if a stone that is not itself forbidden can make it a straight four.
 * Any thread. */
enum gomoku_forbidden gomoku_forbidden_kind(const struct game *game, const struct position *position, int point);

#endif
