/* Playouts that know tactics, for judging which stones of a finished position are dead. Private to games/go/.
 *
 * Uniform playouts are fast and unbiased, which a search wants; but in them a group of many stones with two large eyes
 * often dies, and a dead one lives. Here chains in atari are captured or saved, and neither side puts more of its own
 * stones into atari than a throw-in or a killing shape needs, so that a seki stays as it is. */
#ifndef TENGEN_GAMES_GO_SETTLE_H
#define TENGEN_GAMES_GO_SETTLE_H

#include <stdbool.h>
#include <stdint.h>

struct go_cell;
struct go_empties;
struct go_position;
struct rng;

/* Collects at most `max` liberties of the chain at `root` in found[]; returns their number. */
int go_find_liberties(const struct go_cell *cells, int stride, int root, int max, uint16_t *found);
/* Whether so many connected points make a shape in which the opponent's stone on the vital point prevents two eyes: up
 * to three points, the square, the T, the cross, and five or six points around a square. of_degree[n]: how many of them
 * have n neighbours among them. */
bool go_is_killing_shape(int points, const int *of_degree);
/* Whether a stone on empty cell p, a legal move, would leave its chain in atari without capturing anything, and is
 * neither a single stone nor one of the shapes that leave no room for two eyes once they are captured. */
bool go_is_blunder(const struct go_cell *cells, int p, int stride, int colour);
/* Plays on from a position with `colour` to move, `last` being the cell of the opponent's last move (0: none), until
 * neither side has a move in `empties`, or for max_moves. first: NULL, or by cell the colour that first played there,
 * zero before; filled. */
void go_settle_playout(struct go_position *go, int stride, int colour, int last, int max_moves,
                       struct go_empties *empties, uint8_t *first, struct rng *rng);

#endif
