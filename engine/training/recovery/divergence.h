/* When training has diverged: a loss that is not a number, or that rises within a few steps to several times of what it was. */
#ifndef TENGEN_ENGINE_TRAINING_RECOVERY_DIVERGENCE_H
#define TENGEN_ENGINE_TRAINING_RECOVERY_DIVERGENCE_H

#include <stdbool.h>
#include <stdint.h>

struct net_losses;
struct store;

/* Zero at the start of a session, and after weights were loaded. */
struct divergence {
    double fast, slow; /* exponential means of the loss, over some 5 and 50 steps */
    int64_t steps;
};
enum { DIVERGENCE_WHY = 96 };
/* After each step. Returns whether training has diverged: why is then a clause for a message. The first 50 steps only count as
 * diverged if a loss is not a number. */
bool divergence_step(struct divergence *divergence, const struct net_losses *losses, char why[DIVERGENCE_WHY]);

struct divergence_told {
    const char *why;
    int64_t steps, back_to; /* of the run */
    double rate_scale;      /* from now on */
    int times, most;
};
/* Says on stderr that training went back, and records it in the run. */
void divergence_tell(struct store *store, const struct divergence_told *told);

#endif
