/* Go on boards from 2x2 to 19x19: rule sets, suicide, ko rules, handicap, komi, area and territory scoring, pass-alive
 * groups.
 *
 * Black is always player 0. Search and training score by area; go_count also counts territory, given the dead stones.
 * Points are numbered y * width + x, as in game.h. */
#ifndef TENGEN_GAMES_GO_GO_H
#define TENGEN_GAMES_GO_GO_H

#include "games/game.h"

extern const struct game_ops go_ops;

/* The rules in force: those of the rule set, with the changes by other options. */
enum go_ko { GO_KO_SIMPLE, GO_KO_POSITIONAL, GO_KO_SITUATIONAL };
enum go_scoring { GO_AREA, GO_TERRITORY };
enum go_bonus { GO_BONUS_NONE, GO_BONUS_N, GO_BONUS_N_LESS_ONE }; /* white's points for N handicap stones */
struct go_rules {
    bool suicide;
    enum go_ko ko;
    enum go_scoring scoring;
    enum go_bonus bonus;
    int passes;       /* consecutive passes that end the game */
    bool white_last;  /* the last of these passes must be white's (AGA) */
    bool pass_stones; /* a pass gives the opponent a prisoner (AGA) */
};
struct go_rules go_rules(const struct game *game);

/* The fixed handicap of GTP 2: fills points[count], in the order of placement; false if the board does not allow that
 * many (2 to 9 on odd boards from 9x9, 2 to 4 on 7x7 and on even boards from 8x8). */
bool go_fixed_handicap(int size, int count, game_move *points);
/* Free handicap: puts black stones on an empty board before the first move, with white to move. False, with the error
 * set and the position unchanged, if the game has begun or a point is off the board or listed twice. */
bool go_place_handicap(const struct game *game, struct position *position, const game_move *points, int count,
                       GError **error);

/* Area: stones, and empty regions that border on one colour only. Fills owner[game->points] with +1 for black, -1 for
 * white, 0 for neither; owner may be NULL. Returns black's points minus white's, without komi. */
int go_area(const struct game *game, const struct position *position, int8_t *owner);

/* Pass-alive chains (Benson 1976): +1 on chains of black, -1 on chains of white that the opponent cannot capture even
 * if their owner always passes (and the opponent may play suicide, where it is legal), and on the regions that they
 * enclose in which the opponent can never live; 0 elsewhere. owner: game->points entries. */
void go_pass_alive(const struct game *game, const struct position *position, int8_t *owner);

/* The functions of struct game_counting. See dead.c for how dead stones are found. */
void go_find_dead(const struct game *game, const struct position *position, uint8_t *dead, uint8_t *seki);
bool go_is_finished(const struct game *game, const struct position *position, uint8_t *dead);
bool go_find_settled(const struct game *game, const struct position *position, int8_t *owner, uint8_t *contested);
void go_chains(const struct game *game, const struct position *position, int *chain);
void go_count(const struct game *game, const struct position *position, const uint8_t *dead, struct game_count *count,
              int8_t *owner);

/* The exact number of liberties of the chain on a point; 0 if the point is empty. */
int go_liberties(const struct game *game, const struct position *position, int point);
/* The point where simple ko forbids the side to move to play, or GAME_NO_MOVE. */
game_move go_ko_point(const struct game *game, const struct position *position);
/* Prisoners that black (0) or white (1) has taken; number of handicap stones placed. */
int go_prisoners(const struct position *position, int player);
int go_handicap_stones(const struct position *position);
/* Says how many stones on the board count as handicap, for which white's bonus is reckoned. */
void go_set_handicap_stones(struct position *position, int stones);

/* Executes a move as SGF defines it, whatever the rules: a stone on the point is replaced, then chains without a liberty
 * are removed, the opponent's first. The removed stones are prisoners; there is no ko afterwards. */
void go_force(const struct game *game, struct position *position, game_move move, enum game_colour colour);
/* Removes the chains of one colour that have no liberty from a drawing, stones[points]; returns how many stones. */
int go_remove_dead(const struct game *game, uint8_t *stones, enum game_colour colour);

#endif
