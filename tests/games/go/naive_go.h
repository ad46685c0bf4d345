/* A naive implementation of Go, directly from the rules: a grid, flood fill, and the list of all earlier boards. It
 * shares no code with games/ and is slow; tests compare the fast board with it. Black is 1, white 2, points are y *
 * size + x. */
#ifndef TENGEN_TESTS_NAIVE_GO_H
#define TENGEN_TESTS_NAIVE_GO_H

#include <stdbool.h>

enum naive_ko { NAIVE_SIMPLE, NAIVE_POSITIONAL, NAIVE_SITUATIONAL };
enum { NAIVE_MAX_POINTS = 19 * 19, NAIVE_MAX_PLIES = 4096 };

struct naive_board {
    unsigned char stone[NAIVE_MAX_POINTS];
    int to_move;
};
struct naive_go {
    int size, points;
    bool suicide;
    enum naive_ko ko;
    struct naive_board now;
    struct naive_board past[NAIVE_MAX_PLIES]; /* past[i]: before move i */
    int plies, passes, prisoners[3];          /* taken by black [1], by white [2] */
    bool last_captured;
};

void naive_start(struct naive_go *go, int size, bool suicide, enum naive_ko ko);
/* point == size * size is a pass. */
bool naive_legal(const struct naive_go *go, int point);
void naive_play(struct naive_go *go, int point);
/* Liberties of the chain on a point. */
int naive_liberties(const struct naive_go *go, const struct naive_board *board, int point);
/* Black's area minus white's. */
int naive_area(const struct naive_go *go, const struct naive_board *board);
/* Plays `to_move` on an empty point, with captures and suicide; returns the number of stones that the mover loses. */
int naive_put(const struct naive_go *go, struct naive_board *board, int point, int *captured);

#endif
