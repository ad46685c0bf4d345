/* Compares the fast Go board with the naive one over random games: for the unit test and the long acceptance
 * command. */
#ifndef TENGEN_TESTS_GO_AGAINST_NAIVE_H
#define TENGEN_TESTS_GO_AGAINST_NAIVE_H

#include <stdbool.h>
#include <stdint.h>

/* Counts of events in the games, to verify that kos and suicides were actually tested. */
struct naive_tally {
    long moves, games, kos, superkos, suicides, captures, ended, areas;
};
/* Plays random games of this spec, `moves` moves in total, and compares legality (of all points, or of a sample if
 * `all` is false), stones, liberties, prisoners and area. Returns NULL, or the first difference (in a static
 * buffer). */
const char *go_against_naive(const char *spec, long moves, bool all, uint64_t seed, struct naive_tally *tally);

#endif
