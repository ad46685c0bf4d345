/* The arithmetic of Gumbel AlphaZero (Danihelka, Guez, Schrittwieser, Silver: Policy improvement by planning with
 * Gumbel, ICLR 2022), independent of any tree, so that it can be tested against hand-computed vectors.
 *
 *   sigma(q) = (c_visit + max_b N(b)) c_scale q, q in [0, 1]                       (their equation 8)
 *   v_mix    = (v + sum N * sum_{N>0} p q / sum_{N>0} p) / (1 + sum N)             (equation 33)
 *   completed q = q where visited, else v_mix                                      (equation 10)
 *   improved policy = softmax(logits + sigma(completed q))                         (equation 11)
 *   below the root: argmax of improved(a) - N(a) / (1 + sum N)                     (equation 14)
 *
 * Sequential halving (Karnin et al. 2013) allocates n visits: it starts with m moves; each phase gives every move still
 * considered max(1, n / (ceil(log2 m) * considered)) visits, then keeps the better half, but at least two; phases with
 * two moves repeat until all n visits are used. */
#ifndef TENGEN_MCTS_SEARCH_GUMBEL_H
#define TENGEN_MCTS_SEARCH_GUMBEL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct gumbel_scale {
    float c_visit, c_scale;
};

/* State of sequential halving; visit k of a phase goes to order[k % considered]. */
struct halving {
    int64_t budget;        /* n */
    int64_t spent;         /* in the phases before this one */
    int first, considered; /* m, and the moves remaining */
    int64_t phase_visits;  /* of this phase, in all */
    /* Those that have been allocated; briefly more, while several threads ask for the last one. */
    _Atomic int64_t phase_given;
};

/* m is limited to n, so that every move considered gets a visit. m, n >= 1. */
void halving_start(struct halving *halving, int m, int64_t n);
/* Whether the next visit starts a new phase: the caller must first rank the moves and call halving_next_phase. */
static inline bool halving_phase_over(const struct halving *halving)
{
    return atomic_load_explicit(&halving->phase_given, memory_order_relaxed) >= halving->phase_visits;
}
/* Starts the next phase; returns the number of moves considered in it. */
int halving_next_phase(struct halving *halving);
/* Allocates one visit: returns the rank (0 ..) of the move among those considered; -1 if the phase is over. Any thread. */
int halving_take(struct halving *halving);
/* No thread may be in halving_take. */
static inline bool halving_over(const struct halving *halving)
{
    return halving->spent + atomic_load_explicit(&halving->phase_given, memory_order_relaxed) >= halving->budget;
}

/* One root move in the formulas. */
struct gumbel_arm {
    float logit, prior; /* prior: softmax of the logits over all arms */
    float q;            /* 0..1, where visits > 0 */
    int64_t visits;     /* number of values averaged in q */
    bool out;           /* has no part in the improved policy, though it has in the mixed value */
};

float gumbel_sigma(const struct gumbel_scale *scale, int64_t max_visits, float q);
/* value: the raw network value, 0..1. */
float gumbel_mixed_value(float value, int n, const struct gumbel_arm *arms);
/* improved[n] = softmax(logit + sigma(completed q)) over the arms that are not out, of which there must be one; 0 for others. max_visits: for sigma; excludes the visits of a reused tree, unlike the
 * arms' visits. */
void gumbel_improve(const struct gumbel_scale *scale, float value, int64_t max_visits, int n,
                    const struct gumbel_arm *arms, float *improved);

#endif
