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
    size_t asked;            /* positions of newer games by which the memory was measured */
    double
        explained; /* share of the mean square of the error there that it takes away, with the weight that fits best */
    double weight; /* that one, within 0..1 */
};
/* Every fourth searched position, drawn at random, of the run's newest games, up to about so many in all; the error of each is the value
 * that the run's search found minus the net's own value now. A tenth of the positions, those of the newest games, is not remembered:
 * by them the weight is fitted. positions: at least 20. Writes the file. False with the error set, also if the run has too few games. */
bool likeness_of_run(struct store *store, struct net *net, size_t positions, const char *path,
                     struct likeness_summary *summary, GError **error);

#endif
