/* Values of positions that are known, to hold a net's values against. */
#ifndef TENGEN_ENGINE_TRAINING_JUDGE_TRUTH_H
#define TENGEN_ENGINE_TRAINING_JUDGE_TRUTH_H

#include <stdbool.h>
#include <stdint.h>

struct game;
struct position;
struct record;

/* Where the truth is from: a search of all continuations, which is possible near the end of games without repetition (in tiny games
 * from the first move on); a win by threats (game_ops.solve); or, unless a cleanup phase is to come, the count of a position in which,
 * by playouts and reading, nothing is left to play (game_counting.finished). The first two are certain; the last is an estimate,
 * rarely wrong. */
enum truth_source { TRUTH_EXACT, TRUTH_THREATS, TRUTH_FINISHED, TRUTH_SOURCES };

struct truth {
    void *memory; /* of the search for threats; NULL until it is needed */
    int64_t left; /* work that may still be done, in units of about a microsecond */
};
/* work: see struct truth. */
void truth_init(struct truth *truth, int64_t work);
void truth_clear(struct truth *truth);

/* The points of the player to move, with best play: 1 a win, 0.5 a draw, 0 a loss. False if they are not known, or all work is done. */
bool truth_find(struct truth *truth, const struct game *game, const struct position *position, double *points,
                enum truth_source *source);

/* What nets and searches said about positions whose value is known, of a run's games. */
struct truth_tally {
    int64_t positions[TRUTH_SOURCES];
    double raw_error, searched_error;  /* sums of |expected points - true points|, of all sources */
    int64_t raw_right, searched_right; /* whose expected points are closer to the truth than to the other two results */
};
/* All positions that were counted. */
int64_t truth_known(const struct truth_tally *tally);
/* Looks at the searched plies of a game whose value can be found with little work. */
void truth_count(struct truth *truth, const struct record *record, struct truth_tally *tally);

#endif
