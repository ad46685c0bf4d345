/* Gomoku, an m,n,k game on boards of 3 to 20: freestyle, standard, renju, caro; opening rules.
 *
 * Black moves first; who holds black is position->black_player, which a "swap" exchanges. The moves after the points
 * are decisions, legal only in the phase that asks for them:
 *   swap       the player to move takes the other colour than the one held so far
 *   stay       the player to move keeps it
 *   place-two  (swap2) the player to move puts one white and one black stone more; the other then chooses
 * White is next to place a stone after every decision, so a player who stays with white moves twice running.
 * Before a choice the holder is player 0 for black, player 1 for white. A protocol in which a player "answers with a
 * stone" takes white: after three stones that is stay and the stone, after five (player 0) swap and the stone.
 *
 * A game ends with a winning line; as a draw when the board is full; and as a draw when renju forbids black every point
 * that is left, since the rules let a player pass there and passing is no move of this game. A forbidden move is
 * illegal here; a referee or protocol that loses the game for it asks gomoku_forbidden_kind why it was refused.
 * gomoku_ops.forced keeps the moves that win at once, or else those that stop the opponent from doing so; playouts do
 * not use it: they are uniformly random over the legal moves. */
#ifndef TENGEN_GAMES_GOMOKU_GOMOKU_H
#define TENGEN_GAMES_GOMOKU_GOMOKU_H

#include "games/game.h"

extern const struct game_ops gomoku_ops;

/* Values of the options `rules` and `opening`. */
enum gomoku_rules {
    GOMOKU_FREESTYLE,  /* line or more wins */
    GOMOKU_STANDARD,   /* exactly line wins */
    GOMOKU_RENJU,      /* black: exactly five, 3-3, 4-4 and overline forbidden; white: five or more */
    GOMOKU_CARO,       /* a line with enemy stones at both ends does not win, a longer one always does */
    GOMOKU_CARO_EXACT, /* as caro, but a longer one never wins */
};
enum gomoku_opening { GOMOKU_FREE, GOMOKU_PRO, GOMOKU_LONGPRO, GOMOKU_SWAP, GOMOKU_SWAP2 };

/* position->phase */
enum gomoku_phase {
    GOMOKU_PLAY,         /* ordinary play */
    GOMOKU_CENTRE,       /* pro, longpro: black's first stone, on the centre (size / 2, size / 2) */
    GOMOKU_SECOND,       /* white's first stone, anywhere */
    GOMOKU_FAR,          /* black's second stone: outside the central 5x5 (pro) or 7x7 (longpro) */
    GOMOKU_FIRST_THREE,  /* swap, swap2: player 0 puts black, white, black */
    GOMOKU_CHOOSE,       /* player 1: swap, stay, or (swap2) place-two */
    GOMOKU_TWO_MORE,     /* player 1 puts white, then black */
    GOMOKU_CHOOSE_AGAIN, /* player 0: swap or stay */
    GOMOKU_PHASES,
};

/* The moves after the points. */
static inline game_move gomoku_swap(const struct game *game) { return game->points; }
static inline game_move gomoku_stay(const struct game *game) { return (game_move)(game->points + 1); }
static inline game_move gomoku_place_two(const struct game *game) { return (game_move)(game->points + 2); }

/* Why black may not play on a point under renju, in the order in which kinds are named when several apply; a stone
 * that makes exactly five is always allowed and wins. */
enum gomoku_forbidden { GOMOKU_ALLOWED, GOMOKU_DOUBLE_FOUR, GOMOKU_DOUBLE_THREE, GOMOKU_OVERLINE };

/* The kind for black on this point of the present board, whoever is to move; GOMOKU_ALLOWED under other rules and on
 * occupied points. Source: the Renju International Federation's International Rules of Renju: a three counts only
 * where a stone, not itself forbidden, makes it a straight four. Any thread. */
enum gomoku_forbidden gomoku_forbidden_kind(const struct game *game, const struct position *position, int point);

#endif
