/* Benson's algorithm as it is written down: all chains, all regions, a table of which is vital to which, struck out
 * until nothing changes. It shares no code with games/ and is slow. Black is 1, white 2, points are y * size + x. */
#ifndef TENGEN_TESTS_NAIVE_BENSON_H
#define TENGEN_TESTS_NAIVE_BENSON_H

#include <stdbool.h>

/* alive[size * size]: whether a point is of a pass-alive chain of the colour, or in a region at whose rim all chains
 * are and in which at most one point touches none of the colour's stones. */
void naive_pass_alive(int size, const unsigned char *stone, int colour, bool suicide, bool *alive);

#endif
