/* Declarations shared by the files of games/go/, apart from the board. */
#ifndef TENGEN_GAMES_GO_OPS_H
#define TENGEN_GAMES_GO_OPS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "games/game.h"

struct go_position;

/* Initialises an empty board, without the handicap stones of the options. */
void go_clear(const struct game *game, struct position *position);
/* The hash of the whole state: stones_hash, ko, passes and colour, the cleanup phase, and with territory scoring the
 * difference of prisoners. */
uint64_t go_hash(const struct game *game, const struct go_position *go);
/* Whether a pass now would end the game, or with a cleanup phase the first phase. */
bool go_pass_ends(const struct game *game, const struct go_position *go);
/* Ends the game: sets the outcome by scoring the board. */
void go_finish(const struct game *game, struct position *position);
/* Whether any move in this position can violate superko at all, and whether a stone on empty cell p, otherwise legal,
 * does. history: may be NULL in the first. */
bool go_may_violate_superko(const struct game *game, const struct go_position *go, const struct history *history);
bool go_violates_superko(const struct game *game, const struct go_position *go, const struct history *history, int p);
/* The largest fixed handicap on a board, 0 for none. */
int go_max_handicap(int size);
/* White's komi including the handicap bonus, in half points. */
int go_komi2(const struct game *game, const struct go_position *go);
/* As go_find_dead; returns whether no chain's fate is in doubt. contested: NULL, or filled as by go_find_settled. */
bool go_judge(const struct game *game, const struct position *position, uint8_t *dead, uint8_t *seki,
              uint8_t *contested);
/* Fills map[game->points]: on each point black's playouts less white's, of so many in which the sides take turns in
 * moving first. */
void go_sum_ownership(const struct game *game, const struct position *position, int playouts, struct rng *rng,
                      int *map);
/* Adds further playouts to the map. */
void go_add_ownership(const struct game *game, const struct position *position, int playouts, struct rng *rng,
                      int *map);
/* The sum of the map, whichever side holds a point: at most playouts * points. */
int go_owned(const struct game *game, const int *map);
/* Whether most points are held by the same side in most playouts, as towards the end of a game. */
bool go_is_decided(const struct game *game, const int *map, int playouts);
/* The least survival margin (playouts that a chain survives less those that it does not, as a share of all) with which it
 * is judged alive in a decided position. In other positions 0 is used. */
#define GO_LIVES (1.0 / 3)
/* The parts of go_find_dead. map: on each point black's playouts less white's, of `playouts`; chain: as go_chains fills
 * it; dead and seki: game->points entries, filled. go_judge_chains: by the share of playouts that a chain survives, and
 * pass-alive analysis where it decides. go_revive: dead chains that no living opponent encloses live. */
void go_judge_chains(const struct game *game, const struct position *position, const int *map, int playouts,
                     double lives, const int *chain, uint8_t *dead, bool *doubtful);
void go_revive(const struct game *game, const struct position *position, const int *chain, uint8_t *dead);
void go_find_seki(const struct game *game, const struct position *position, const int *chain, const uint8_t *dead,
                  uint8_t *seki);

/* Members of go_ops: from rules.c, score.c, playout.c, benson.c, features.c, komi.c, and setup.c (set_up, check). */
extern const struct game_option go_options[];
bool go_configure(struct game *game, GError **error);
void go_result(const struct game *game, const struct position *position, struct game_result *result);
void go_final_map(const struct game *game, const struct position *position, int8_t *map);
int go_playout(const struct game *game, struct position *position, struct rng *rng, struct game_result *result);
void go_prune(const struct game *game, const struct position *position, uint8_t *keep);
bool go_set_up(const struct game *game, struct position *position, const uint8_t *stones, enum game_colour colour,
               GError **error);
const char *go_check(const struct game *game, const struct position *position);
extern const struct game_features go_features_v1, go_features_v2;
extern const struct game_komi go_komi;

#endif
