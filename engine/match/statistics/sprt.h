/* Sequential probability ratio test of two players over pairs of games with the same opening and swapped colours, so
 * that an opening that favours one colour adds no noise. It uses the generalised likelihood ratio of the pentanomial
 * results: the maximum likelihood under each hypothesis, which fixes the mean (Elo), or the mean in units of a game's
 * standard deviation (normalised Elo; Van den Bergh, "Comments on normalized Elo", 2020). Bounds after Wald 1945. */
#ifndef TENGEN_ENGINE_MATCH_STATISTICS_SPRT_H
#define TENGEN_ENGINE_MATCH_STATISTICS_SPRT_H

#include <glib.h>
#include <stdbool.h>

enum sprt_model { SPRT_LOGISTIC, SPRT_NORMALISED };
struct sprt {
    double elo0, elo1;  /* the first player's advantage under H0 and H1; elo0 < elo1 */
    double alpha, beta; /* probability of accepting H1 under H0, and H0 under H1 */
    enum sprt_model model;
};
/* Reads "elo0=0,elo1=10,alpha=0.05,beta=0.05,model=normalised"; missing keys keep their
 * defaults (0, 10, 0.05, 0.05, logistic). */
bool sprt_parse(const char *text, struct sprt *sprt, GError **error);

enum sprt_decision { SPRT_OPEN, SPRT_ACCEPTS_H0, SPRT_ACCEPTS_H1 };
struct sprt_state {
    int64_t pairs[5]; /* by the first player's points in a pair: 0, 1/2, 1, 3/2, 2 */
    double llr, lower, upper;
    enum sprt_decision decision;
};
void sprt_begin(const struct sprt *sprt, struct sprt_state *state);
/* Adds a pair of games in which the first player scored points4 / 2 points (points4 0 to 4); no effect once decided. */
void sprt_add(const struct sprt *sprt, struct sprt_state *state, int points4);
/* Log-likelihood ratio of H1 to H0 for these counts. */
double sprt_llr(const struct sprt *sprt, const int64_t pairs[5]);

#endif
