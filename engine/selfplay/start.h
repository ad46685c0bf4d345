/* Where games begin: at the start of a game or, in start_share of them, at a position of one of the run's latest games.
 *
 *   archive   the newest games that together have START_ARCHIVE_ROWS training rows
 *   draw      a searched ply of them: uniformly or, in start_surprise of the draws, in proportion to its surprise
 *
 * (Trudeau and Bowling 2023, "Targeted Search Control in AlphaZero for Effective Policy Improvement", arXiv 2302.12359.)
 * A draw depends on the games, the settings and the seed alone, and the games are those that store_load_games returns for
 * START_ARCHIVE_ROWS, so a resumed run draws as if it had not been interrupted. Not thread-safe. */
#ifndef TENGEN_ENGINE_SELFPLAY_START_H
#define TENGEN_ENGINE_SELFPLAY_START_H

#include <stdbool.h>
#include <stdint.h>

struct record;
struct settings;

enum { START_ARCHIVE_ROWS = 20000 };

struct start_archive;
/* settings: borrowed. */
struct start_archive *start_archive_new(const struct settings *settings);
void start_archive_free(struct start_archive *archive); /* NULL is fine */
/* Adds the run's next game; takes a reference. */
void start_archive_add(struct start_archive *archive, struct record *record);
/* Whether the game with this seed begins in the archive; if so, *start is the earlier game, with a reference for the
 * caller, and *plies the number of its plies before the position, at least 1 and below the limit of a game's length. */
bool start_archive_draw(const struct start_archive *archive, uint64_t seed, struct record **start, int *plies);

#endif
