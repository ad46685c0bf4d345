/* The memory by likeness (mcts/likeness.h) that a run's games give a net. */
#ifndef TENGEN_ENGINE_EXCHANGE_LIKENESS_H
#define TENGEN_ENGINE_EXCHANGE_LIKENESS_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

struct net;
struct store;

struct likeness_summary {
    size_t positions, games; /* remembered, and of how many games */
    size_t asked;            /* held-out positions, of newer games */
    double weight;           /* fitted on those, 0..1 */
    double explained;        /* by how much of itself the mean square of the error falls there with this weight */
};
/* Takes every fourth searched position, drawn at random, of the run's newest games, about `positions` (at least 20) in all. The error of a
 * position is the value that the run's search found minus that of the net. The positions of the newest games, a tenth of all, are held out to
 * fit the weight. Writes the file. False with the error set, also if the run has too few games. */
bool likeness_of_run(struct store *store, struct net *net, size_t positions, const char *path,
                     struct likeness_summary *summary, GError **error);

#endif
