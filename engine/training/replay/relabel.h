/* Relabelling of training rows with another komi.
 *
 * Self-play centres komi on what is fair, so that most games are decided by few points, and a net that is trained on them alone
 * has seen little of what a komi of 20 means. But a finished game says what its result would have been under any komi: the
 * margin moves by the difference. A relabelled row has another komi in its inputs, and value and score as the margin then gives. The
 * moves were played for the old komi, so the row has no policy, reply or short-term value. Only rows of a game's last third are
 * relabelled, where little is left to decide: earlier labels describe play that did not know of the change. In 7 of 100 even games on
 * 9x9 black wins by more than 23 points; but at a komi of 30 white has a lead of 23 and defends it, so that black never wins, yet a
 * net trained with relabelled openings gives black 7 %.
 *
 * The new komi is drawn without regard to the result: a komi close to the margin would tell the net what the margin was. */
#ifndef TENGEN_ENGINE_TRAINING_REPLAY_RELABEL_H
#define TENGEN_ENGINE_TRAINING_REPLAY_RELABEL_H

#include <stdbool.h>

struct record;
struct rng;

/* Whether this row of a record can be relabelled: the ply is late, the game has komi, and its result is that of its margin. */
bool relabel_applies(const struct record *record, int ply);
/* Draws a komi, in half points: in half of the cases from a normal distribution around the fair komi, or the record's own where
 * that is not known, with a standard deviation of 15 points; in the others uniformly. From -m to m in both cases, where m is 80
 * points, or the number of points of a smaller board. */
int relabel_draw(const struct record *record, struct rng *rng);

#endif
