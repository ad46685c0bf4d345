/* Openings: random, from a file, or random ones that a net considers balanced. */
#ifndef TENGEN_ENGINE_MATCH_OPENINGS_H
#define TENGEN_ENGINE_MATCH_OPENINGS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct game;
struct match_opening;

/* The number of random opening plies unless something else is asked for: none on boards where a few moves decide the
 * game. */
int match_default_opening_plies(const struct game *game);

/* `plies` random moves (points only) that neither end the game nor leave a win in one move. The `count` openings are
 * distinct as far as possible. */
void match_random_openings(const struct game *game, int plies, uint64_t seed, struct match_opening *openings,
                           int count);

/* `count` openings of `plies` random moves whose absolute value, according to the net (a NET as in agent specs), is at
 * most `value` (0..1, P(win) - P(loss)); if there are too few, the most balanced ones. Cached in the user's cache
 * folder in a file named after game, net content, plies and seed. Fails if the net cannot be loaded. */
bool match_even_openings(const struct game *game, const char *net, int plies, double value, uint64_t seed,
                         struct match_opening *openings, int count, GError **error);
/* The same without the cache, for openings that are not needed again. */
bool match_find_even_openings(const struct game *game, const char *net, int plies, double value, uint64_t seed,
                              struct match_opening *openings, int count, GError **error);

/* A text file with one opening per line, '#' starting a comment, each in one of these notations:
 *   D4 E5 pass      moves as this program prints them, separated by spaces or commas
 *   8,-3, 6,-4      offsets from the centre, x and y in turn, as Gomocup publishes
 *   h8i9j8          one word, columns from a with i, as Yixin's board and Rapfi write positions
 * Or a game of Piskvork (psq), whose first moves are one opening; or SGF (a name ending in .sgf): every branch of every
 * game is an opening. plies: where the latter two are truncated (-1: no limit). An opening after which the game is over
 * is an error, as an illegal move is. Errors name the line. The caller frees *openings. */
bool match_read_openings(const struct game *game, const char *path, int plies, struct match_opening **openings,
                         int *count, GError **error);

/* Puts openings into a random order that depends on the seed alone. */
void match_shuffle_openings(struct match_opening *openings, int count, uint64_t seed);

/* The SHA-256 of a net's file, in hexadecimal, freed by the caller; NULL with an error. */
char *match_net_sum(const char *net_path, GError **error);

/* A hash that identifies a set of openings. */
uint64_t match_openings_hash(const struct game *game, const struct match_opening *openings, int count);

#endif
