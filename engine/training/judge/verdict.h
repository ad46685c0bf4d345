/* A verdict on how a run is learning, from its curves: from its strength on the ladder where that shows a difference, else from its
 * losses, which say less, since their targets move with the player that generates them. */
#ifndef TENGEN_ENGINE_TRAINING_JUDGE_VERDICT_H
#define TENGEN_ENGINE_TRAINING_JUDGE_VERDICT_H

#include <glib.h>
#include <stdbool.h>

struct game;
struct ladder_gain;
struct settings;

enum verdict_kind {
    VERDICT_EARLY, /* too few reports or steps to tell */
    VERDICT_LEARNING, /* later checkpoints are stronger beyond chance; or a loss fell over the later half, beyond its noise */
    VERDICT_SLOW,    /* the same, by less than VERDICT_SLOW_SHARE of its value */
    VERDICT_STALLED, /* neither loss fell over the later half, and no gain of strength is known */
    VERDICT_OVERFITTED, /* the value's loss is lower by VERDICT_OVERFIT_SHARE on rows that were trained on than on new games */
    VERDICT_COLLAPSED, /* later checkpoints are weaker beyond chance; or most openings are the same; or a loss has risen again by
                        * half or more of its fall, and much of the way to the loss of guessing (value loss: nearly all of it while the
                        * policy loss falls) */
    VERDICT_BROKEN, /* losses are not finite, the policy is uniform, or a loss is VERDICT_GUESS times that of random guessing */
    VERDICTS
};
#define VERDICT_SLOW_SHARE 0.01
#define VERDICT_FALLS (-2) /* standard errors of the slope below which a loss falls beyond noise */
#define VERDICT_WARMUPS 3
#define VERDICT_GUESS 1.2
/* Measured where runs began from a trained net (docs/learning.md): 0.37 and more with 500 games, which cost strength, 0.08 to 0.27
 * with 1,600. */
#define VERDICT_OVERFIT_SHARE 0.3

/* What the verdict rests on besides strength, for texts in other languages than that of `why`. */
enum verdict_reason {
    VERDICT_BY_COUNT,   /* figures: the reports with losses, and how many are needed */
    VERDICT_BY_STEPS,   /* the steps, and how many are needed: VERDICT_WARMUPS times the warm-up of the learning rate */
    VERDICT_BY_TREND,   /* the policy loss at the start and at the end of the later half, then the value loss */
    VERDICT_BY_LOSS,    /* a loss at first, at best and at last */
    VERDICT_BY_UNIFORM, /* the policy loss, and the number of equally likely moves */
    VERDICT_BY_GUESS,   /* a loss, and that of random guessing: all moves or results equally likely */
    VERDICT_BY_NAN,     /* none: a loss is not finite */
    VERDICT_BY_OPENINGS, /* the distinct part of the latest openings, 0..1 */
    VERDICT_BY_HEART,    /* the value loss on rows that were trained on, and on new games */
};
/* Owns nothing. */
struct verdict {
    enum verdict_kind kind;
    char why[320]; /* a sentence with figures, without a full stop */
    enum verdict_reason reason;
    double figures[4];
    bool low_rate; /* the learning rate is so far below the preset that nothing can be learned in a night */
    bool of_value; /* BY_LOSS, BY_NAN, BY_GUESS: it is the value loss; otherwise the policy loss */
};
/* reports: struct store_metric in order; those without a loss are ignored, and those of few samples are joined to the next. gain: of
 * the run's ladder. settings, games: the run's; the games give the loss of a uniform policy, the mean of ln(moves) by their shares.
 * Any thread: it only reads its arguments. */
struct verdict verdict_of(const GArray *reports, const struct ladder_gain *gain, const struct settings *settings,
                          const struct game *games, int game_count);
/* "learning", ... */
const char *verdict_name(enum verdict_kind kind);

#endif
