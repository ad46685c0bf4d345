/* Go, on boards of 2 to 19: rule sets, suicide, ko rules, handicap, komi, area and territory scoring, Benson.
 *
 * Black is player 0 and white player 1, always. Search and training score by area; go_count also counts territory for
 * a given set of dead stones. Points are game points (y * width + x) in everything here. */
#ifndef TENGEN_GAMES_GO_GO_H
#define TENGEN_GAMES_GO_GO_H

#include "games/game.h"

extern const struct game_ops go_ops;

/* The rules in force: what the rule set says unless an option says otherwise. */
enum go_ko { GO_KO_SIMPLE, GO_KO_POSITIONAL, GO_KO_SITUATIONAL };
enum go_scoring { GO_AREA, GO_TERRITORY };
enum go_bonus { GO_BONUS_NONE, GO_BONUS_N, GO_BONUS_N_LESS_ONE }; /* white's points for N handicap stones */
struct go_rules {
    bool suicide;
    enum go_ko ko;
    enum go_scoring scoring;
    enum go_bonus bonus;
    int passes;       /* in a row that end the game */
    bool white_last;  /* ... of which the last must be white's (AGA) */
    bool pass_stones; /* a pass gives the opponent a prisoner (AGA) */
};
struct go_rules go_rules(const struct game *game);

/* Fixed handicap of GTP: fills points[count], ascending by placing order; false when the board does not take so many
 * (2 to 9 on odd boards from 9x9, 2 to 4 on 7x7 and even boards from 8x8). */
bool go_fixed_handicap(int size, int count, game_move *points);
/* Free handicap: puts black stones on an empty board that no move has changed, white to move. False, with the error
 * set and the position unchanged, for a point off the board or given twice, or a board that is not at its start. */
bool go_place_handicap(const struct game *game, struct position *position, const game_move *points, int count,
                       GError **error);

/* Who holds each point by area (+1 black, -1 white, 0 neither): stones, and empty regions that reach one colour only.
 * owner: game->points entries. Returns black's points less white's, komi left out. */
int go_area(const struct game *game, const struct position *position, int8_t *owner);

/* Benson 1976: +1 / -1 on chains of black / white that no sequence of the opponent's moves captures even if their owner
 * always passes (suicides included, where they are legal), and on the regions they enclose in which the opponent can
 * never live; 0 elsewhere. */
void go_pass_alive(const struct game *game, const struct position *position, int8_t *owner);

/* struct game_counting: see there. What Benson proves dead or alive comes first, then what random playouts give to the
 * other side. */
void go_find_dead(const struct game *game, const struct position *position, uint8_t *dead, uint8_t *seki);
void go_chains(const struct game *game, const struct position *position, int *chain);
void go_count(const struct game *game, const struct position *position, const uint8_t *dead, struct game_count *count,
              int8_t *owner);

/* The exact number of liberties of the chain on a point, 0 when it is empty. */
int go_liberties(const struct game *game, const struct position *position, int point);
/* The simple-ko point that the side to move may not retake, or GAME_NO_MOVE. */
game_move go_ko_point(const struct game *game, const struct position *position);
/* Stones that black (0) or white (1) has taken so far, and handicap stones placed. */
int go_prisoners(const struct position *position, int player);
int go_handicap_stones(const struct position *position);

#endif
