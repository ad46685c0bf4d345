/* Benson's algorithm, directly from its definition: all chains, all regions, and a table of which region is vital to
 * which chain, from which entries are removed until nothing changes. It shares no code with games/ and is slow. Black
 * is 1, white 2, points are y * size + x. */
#ifndef TENGEN_TESTS_NAIVE_BENSON_H
#define TENGEN_TESTS_NAIVE_BENSON_H

#include <stdbool.h>

/* alive[size * size]: whether a point belongs to a pass-alive chain of the colour, or to a region that only such chains
 * border on and in which at most one point is not adjacent to stones of the colour. */
void naive_pass_alive(int size, const unsigned char *stone, int colour, bool suicide, bool *alive);

#endif
