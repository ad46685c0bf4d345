/* Counting for games that end by passes and in which the players agree on dead stones, as in Go: an optional part of
 * struct game_ops. Without it the rules alone decide the result. */
#ifndef TENGEN_GAMES_COUNTING_H
#define TENGEN_GAMES_COUNTING_H

#include <stdbool.h>
#include <stdint.h>

struct game;
struct position;

/* A count; [0] is black's, [1] white's. */
struct game_count {
    int stones[2];                  /* on the board, excluding dead ones */
    int territory[2];               /* empty points, including those under dead stones, that reach one colour only */
    int prisoners[2];               /* taken by black, by white: captures, pass stones, dead stones */
    int dame;                       /* neutral points */
    float komi;                     /* white's, including the handicap bonus */
    float area[2], by_territory[2]; /* totals by area and by territory; white's include komi */
    bool prisoners_count;           /* the game's rules count by territory, not by area */
    bool dead_removed;              /* under the rules the players agree on dead stones, which are removed before the
                                     * count; false: the board counts as it stands (area by Tromp-Taylor),
                                     * or a cleanup phase decides */
    float margin;                   /* black less white by the game's rules */
};

/* All take and fill arrays of game->points entries; any thread. */
struct game_counting {
    /* Marks with non-zero the stones of a finished position that are dead, and those that live in seki. Deterministic:
     * the same position gives the same result. */
    void (*find_dead)(const struct game *game, const struct position *position, uint8_t *dead, uint8_t *seki);
    /* Whether neither side can gain anything by playing on, so that both should pass; false where that is in doubt. If
     * true, has filled `dead` as find_dead does. Quick in the middle of a game. */
    bool (*finished)(const struct game *game, const struct position *position, uint8_t *dead);
    /* Judges dead stones and fills owner as `count` does without them; the position need not be finished. contested: NULL, or
     * filled with non-zero on the empty points where chains can be attacked or defended whose fate depends on which side moves
     * first. False, with nothing filled, in the middle of a game. */
    bool (*settled)(const struct game *game, const struct position *position, int8_t *owner, uint8_t *contested);
    /* Labels each stone with the lowest point of its chain, which is alive or dead as a unit; -1 elsewhere. */
    void (*chains)(const struct game *game, const struct position *position, int *chain);
    /* dead: NULL, or non-zero on dead stones, which are removed first and become prisoners; by territory rules the points
     * that groups in seki enclose then count for nobody. owner: NULL, or filled
     * with +1 on black's points, -1 on white's, 0 on neutral ones. */
    void (*count)(const struct game *game, const struct position *position, const uint8_t *dead,
                  struct game_count *count, int8_t *owner);
};

#endif
