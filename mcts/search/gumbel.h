/* The arithmetic of Gumbel AlphaZero (Danihelka, Guez, Schrittwieser, Silver: Policy improvement by planning with
 * Gumbel, ICLR 2022), apart from any tree, so that it can be held against vectors worked out by hand.
 *
 *   sigma(q) = (c_visit + max_b N(b)) c_scale q, q in [0, 1]                       (their equation 8)
 *   v_mix    = (v + sum N * sum_{N>0} p q / sum_{N>0} p) / (1 + sum N)             (equation 33)
 *   completed q = q where visited, else v_mix                                      (equation 10)
 *   improved policy = softmax(logits + sigma(completed q))                         (equation 11)
 *   below the root: argmax of improved(a) - N(a) / (1 + sum N)                     (equation 14)
 *
 * Sequential halving (Karnin et al. 2013) shares n visits out: m moves are considered at first; each phase gives every
 * move still considered max(1, n / (ceil(log2 m) * considered)) visits, then the better half stays, never fewer than
 * two; the last phase goes on until the n visits are used. */
#ifndef TENGEN_MCTS_SEARCH_GUMBEL_H
#define TENGEN_MCTS_SEARCH_GUMBEL_H

#include <stdbool.h>
#include <stdint.h>

struct gumbel_scale {
    float c_visit, c_scale;
};

/* Where sequential halving stands; move k of a phase goes to order[k % considered]. */
struct halving {
    int64_t budget; /* n */
    int64_t spent;
    int first, considered; /* m, and how many are left */
    int64_t phase_left;    /* visits not yet given out in this phase */
    int64_t phase_given;
};

/* m is cut to n: no move is considered that cannot be visited. m, n >= 1. */
void halving_start(struct halving *halving, int m, int64_t n);
/* Whether the next visit begins a new phase: the caller ranks, keeps the best `halving_next_phase()` and goes on. */
static inline bool halving_phase_over(const struct halving *halving)
{
    return halving->phase_left == 0;
}
/* Begins the next phase; returns how many moves are considered in it. */
int halving_next_phase(struct halving *halving);
/* Gives out one visit: the rank (0 ..) among the moves considered. Only while the phase is not over. */
int halving_take(struct halving *halving);
static inline bool halving_over(const struct halving *halving)
{
    return halving->spent >= halving->budget;
}

/* One move as the formulas see it. */
struct gumbel_arm {
    float logit, prior; /* prior: softmax of the logits over all arms */
    float q;            /* 0..1, where visits > 0 */
    int64_t visits;     /* all that q is the mean of */
};

float gumbel_sigma(const struct gumbel_scale *scale, int64_t max_visits, float q);
/* value: the evaluator's own, 0..1. */
float gumbel_mixed_value(float value, int n, const struct gumbel_arm *arms);
/* improved[n] = softmax(logit + sigma(completed q)); completed[n] may be NULL. max_visits: for sigma (counted from zero
 * at a reused root, which the arms' visits are not). */
void gumbel_improve(const struct gumbel_scale *scale, float value, int64_t max_visits, int n,
                    const struct gumbel_arm *arms, float *completed, float *improved);

#endif
