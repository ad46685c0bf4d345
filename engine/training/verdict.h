/* What the curve of a run's losses says about its learning. Losses alone: targets move with the player that makes them,
 * so that a player may grow stronger while its losses stand still; `tengen match` measures strength. */
#ifndef TENGEN_ENGINE_TRAINING_VERDICT_H
#define TENGEN_ENGINE_TRAINING_VERDICT_H

#include <glib.h>
#include <stdbool.h>

struct game;

enum verdict_kind {
    VERDICT_EARLY,     /* too few rows to tell */
    VERDICT_LEARNING,  /* a loss fell over the later half of the run, beyond its noise */
    VERDICT_SLOW,      /* the same, by less than VERDICT_SLOW_SHARE of its value */
    VERDICT_STALLED,   /* neither loss fell over the later half */
    VERDICT_COLLAPSED, /* a loss has lost much of what it had gained */
    VERDICT_BROKEN,    /* losses are not finite, or the policy is uniform: the net computes nothing */
    VERDICTS
};
#define VERDICT_SLOW_SHARE 0.01

struct verdict {
    enum verdict_kind kind;
    char why[240]; /* a sentence with figures, without a full stop */
    /* The same for texts in other languages. EARLY: reports with losses, and how many are needed. LEARNING, SLOW, STALLED: the policy
     * loss at the start and at the end of the later half, then the value loss. COLLAPSED: the loss at first, at best and at last.
     * BROKEN: the policy loss, and the moves that are all as likely; {NAN}: a loss is not finite. */
    double figures[4];
    bool of_value; /* COLLAPSED, and BROKEN with {NAN}: it is the value loss; otherwise the policy loss */
};
/* metrics: struct store_metric in order; rows without a loss are ignored. games: the run's, which give the loss of a
 * uniform policy, ln(moves). */
struct verdict verdict_of(const GArray *metrics, const struct game *games, int game_count);
/* "learning", ... */
const char *verdict_name(enum verdict_kind kind);

#endif
