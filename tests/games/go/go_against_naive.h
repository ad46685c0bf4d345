/* Holds the fast Go board against the naive one over random games: for the unit test and for the long command. */
#ifndef TENGEN_TESTS_GO_AGAINST_NAIVE_H
#define TENGEN_TESTS_GO_AGAINST_NAIVE_H

#include <stdbool.h>
#include <stdint.h>

/* What happened in the games, so that a run that never met a ko or a suicide cannot pass for one that did. */
struct naive_tally {
    long moves, games, kos, superkos, suicides, captures, ended, areas;
};
/* Plays random games of spec until `moves` are made, comparing legality of every point (all: else of a sample), stones,
 * liberties, prisoners and area. Returns NULL, or what differed first (a static buffer). */
const char *go_against_naive(const char *spec, long moves, bool all, uint64_t seed, struct naive_tally *tally);

#endif
