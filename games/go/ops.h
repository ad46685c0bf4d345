/* What the files of Go need of one another besides the board. */
#ifndef TENGEN_GAMES_GO_OPS_H
#define TENGEN_GAMES_GO_OPS_H

#include "games/go/board.h"

/* An empty board at the start, without the handicap of the options. */
void go_clear(const struct game *game, struct position *position);
/* The hash of all that decides play, from stones_hash, ko, passes and colour. */
uint64_t go_hash(const struct go_position *go);
/* Sets the outcome by the board as it lies. */
void go_finish(const struct game *game, struct position *position);
/* Whether any move of this position can break superko at all, and whether a stone on empty cell p, legal otherwise,
 * does. history: may be NULL. */
bool go_may_break_superko(const struct game *game, const struct go_position *go, const struct history *history);
bool go_breaks_superko(const struct game *game, const struct go_position *go, const struct history *history, int p);
/* The largest fixed handicap on a board, 0 for none. */
int go_handicap_most(int size);
/* Twice white's komi with the handicap bonus. */
int go_komi2(const struct game *game, const struct go_position *go);
/* Distinct liberties of the chain at `root`, counted up to `most`. */
int go_count_liberties(const struct go_cell *cells, int stride, int root, int most);

/* struct game_ops, by file: rules.c, score.c, playout.c, benson.c, features.c, komi.c, setup.c (set_up, check). */
extern const struct game_option go_options[];
bool go_configure(struct game *game, GError **error);
void go_result(const struct game *game, const struct position *position, struct game_result *result);
void go_final_map(const struct game *game, const struct position *position, int8_t *map);
int go_playout(const struct game *game, struct position *position, struct rng *rng, struct game_result *result);
void go_prune(const struct game *game, const struct position *position, uint8_t *keep);
bool go_set_up(const struct game *game, struct position *position, const uint8_t *stones, enum game_colour colour,
               GError **error);
const char *go_check(const struct game *game, const struct position *position);
extern const struct game_features go_features_v1;
extern const struct game_komi go_komi;

#endif
