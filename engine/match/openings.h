/* Where games begin: openings at random, from a file, or random ones that a net holds to be even. */
#ifndef TENGEN_ENGINE_MATCH_OPENINGS_H
#define TENGEN_ENGINE_MATCH_OPENINGS_H

#include "engine/match/game.h"

/* `plies` random moves (points only) that end no game and leave no one-move win. Repeats none of the `count` openings
 * made in one call while others can be found. */
void match_random_openings(const struct game *game, int plies, uint64_t seed, struct match_opening *openings,
                           int count);

/* `count` openings of `plies` random moves after which the net (a NET as in agent specs) sees a chance between the
 * players of no more than `value` (0..1: winning less losing) from even; the least uneven ones where there are too few
 * of those. Kept in a file named after game, net's content, plies and seed in the user's cache folder, so that the
 * second match need not look for them again. Error: the net. */
bool match_even_openings(const struct game *game, const char *net, int plies, double value, uint64_t seed,
                         struct match_opening *openings, int count, GError **error);

/* A text file: one opening a line, moves separated by spaces or commas, '#' starts a comment. Or an SGF file (a name
 * ending in .sgf): every branch of every game is an opening, of which the first `plies` moves are taken (-1: all).
 * Errors name the line. The caller frees *openings. */
bool match_read_openings(const struct game *game, const char *path, int plies, struct match_opening **openings,
                         int *count, GError **error);

/* The SHA-256 of a net's file, in hexadecimal, freed by the caller; NULL with an error. */
char *match_net_sum(const char *net_path, GError **error);

/* A number that tells sets of openings apart. */
uint64_t match_openings_hash(const struct game *game, const struct match_opening *openings, int count);

#endif
