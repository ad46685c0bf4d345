/* Games that others played, from SGF files into a run, where they are trained on like those of self-play: the policy is the move
 * that was played, the value is the result.
 *
 * Of each game tree the main line is taken, played again by the rules. Its result is that of the final position if the game is
 * over by the rules and the record states no other; else the stated one (see enum record_source). */
#ifndef TENGEN_ENGINE_EXCHANGE_COLLECTION_H
#define TENGEN_ENGINE_EXCHANGE_COLLECTION_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct game;
struct record;
struct sgf_node;
struct store;

/* Why a game is left out. */
enum collection_skip {
    COLLECTION_TAKEN,
    COLLECTION_UNREADABLE, /* the whole file */
    COLLECTION_OTHER_GAME,
    COLLECTION_SET_UP,
    COLLECTION_ILLEGAL,
    COLLECTION_EMPTY,
    COLLECTION_NO_RESULT,
    COLLECTION_DUPLICATE,
    COLLECTION_SKIPS
};
/* Completes "3 games ..." (of unreadable ones "3 files ..."). */
extern const char *const collection_skip_texts[COLLECTION_SKIPS];

struct collection_summary {
    int64_t files, games, rows;
    int64_t skipped[COLLECTION_SKIPS];
    char *example[COLLECTION_SKIPS]; /* of the first one, "FILE: why"; NULL if there is none */
};
void collection_summary_clear(struct collection_summary *summary);

/* Adds the games of a file, or of all files named *.sgf in a folder and those in it, that are of the kinds and sizes of
 * `games`; what a record does not say, such as komi, is that of the first one of its kind and size. Games whose moves the run has
 * already are left out, so that the same folder can be given again. False with the error set if the path cannot be read, or the run
 * not be written; what was added before stays. */
bool collection_add(struct store *store, const struct game *games, int game_count, const char *path,
                    struct collection_summary *summary, GError **error);

/* A game tree as a record; `record` is NULL for anything but COLLECTION_TAKEN, and then *why says more, freed by the
 * caller. */
enum collection_skip collection_read(const struct sgf_node *root, const struct game *games, int game_count,
                                     uint64_t number, struct record **record, char **why);

#endif
