/* Counting at the end of a game that passes end and in which the players agree on dead stones, as in Go: an optional
 * part of struct game_ops. A game without it ends with the result that its rules give. */
#ifndef TENGEN_GAMES_COUNTING_H
#define TENGEN_GAMES_COUNTING_H

#include <stdbool.h>
#include <stdint.h>

struct game;
struct position;

/* A count; [0] is black's, [1] white's. */
struct game_count {
    int stones[2];                  /* on the board, dead ones left out */
    int territory[2];               /* empty points (dead stones' too) that reach one colour only */
    int prisoners[2];               /* taken by black, by white: captured, given by passing, dead */
    int dame;                       /* points that are nobody's */
    float komi;                     /* white's, the handicap bonus included */
    float area[2], by_territory[2]; /* totals by either way of counting, komi in white's */
    bool prisoners_count;           /* the game's rules count by territory, not by area */
    float margin;                   /* black less white by the game's rules */
};

/* All take and fill arrays of game->points entries; any thread. */
struct game_counting {
    /* Which stones of a finished position are dead, and which live in seki: non-zero on them. The same answer for the
     * same position. */
    void (*find_dead)(const struct game *game, const struct position *position, uint8_t *dead, uint8_t *seki);
    /* Labels each stone with the lowest point of its chain, which lives or dies as one; -1 elsewhere. */
    void (*chains)(const struct game *game, const struct position *position, int *chain);
    /* dead: NULL, or non-zero on dead stones, which are taken off first and become prisoners. owner: NULL, or filled
     * with +1 on black's points, -1 on white's, 0 on nobody's. */
    void (*count)(const struct game *game, const struct position *position, const uint8_t *dead,
                  struct game_count *count, int8_t *owner);
};

#endif
