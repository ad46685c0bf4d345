/* How a run fares against the fixed opponent of settings.against, whose visits double when it loses too often: a curriculum, as in Wang et
 * al. 2022, "Adversarial Policies Beat Superhuman Go AIs" (arXiv 2211.00241). Not thread-safe. */
#ifndef TENGEN_ENGINE_SELFPLAY_AGAINST_H
#define TENGEN_ENGINE_SELFPLAY_AGAINST_H

#include <stdbool.h>
#include <stdint.h>

struct record;
struct settings;

enum { AGAINST_GAMES = 50 }; /* of a judgement */

struct against {
    int64_t visits, most; /* of the opponent's searches: now, and at most */
    int games;            /* since the last judgement */
    double points;        /* the run's in these, not the opponent's; a draw counts half */
    double score;         /* the run's in the last AGAINST_GAMES that were judged, 0..1; negative before */
};
/* With the visits of the settings. */
void against_init(struct against *against, const struct settings *settings);
/* Counts a finished game, if it was against the opponent; true if the visits have changed, after AGAINST_GAMES of which the run won more
 * than half. */
bool against_note(struct against *against, const struct record *record);

#endif
