/* Reads whether one chain of a finished position can be captured, by a Monte Carlo tree search of the region around it.
 * Private to games/go/. */
#ifndef TENGEN_GAMES_GO_READING_H
#define TENGEN_GAMES_GO_READING_H

#include <stdint.h>

struct go_position;
struct go_tables;
struct rng;

enum { GO_READING_EMPTIES = 20 }; /* the largest region that is read, in empty points */
/* The probability that the stone on cell `target` survives if colour `first` moves first; both sides may pass, and two
 * passes leave the board as it is. solid[cell]: stones that nobody can capture, which bound the region. The position
 * is copied. Superko and ko threats elsewhere are ignored. -1 if the region is too large. */
double go_read_survival(const struct go_tables *t, const struct go_position *go, const uint8_t *solid, int target,
                        int first, int playouts, struct rng *rng);

#endif
