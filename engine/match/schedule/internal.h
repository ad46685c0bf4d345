/* Shared by the tournament forms; internal to schedule*.c. */
#ifndef TENGEN_ENGINE_MATCH_SCHEDULE_INTERNAL_H
#define TENGEN_ENGINE_MATCH_SCHEDULE_INTERNAL_H

#include "engine/match/schedule/schedule.h"

extern const struct schedule_ops schedule_knockout, schedule_swiss;

struct schedule_tally {
    int games, points2[2]; /* twice the points of a and b */
};

/* Tally of the games between a and b in one round, or in all (round -1). */
struct schedule_tally schedule_tally(const struct schedule_view *view, int a, int b, int round);
/* Adds `count` games between a and b, using openings from `opening` on; a moves first in the first one. */
void schedule_add_meeting(const struct schedule_view *view, int a, int b, int count, int opening, GArray *games);
/* Each opening is used for two games. */
int schedule_openings_per_meeting(const struct schedule_view *view);
/* The configured number of rounds, else the form's default. */
int schedule_rounds(const struct schedule_view *view, const struct schedule_ops *ops);
/* Rounds of which there are records, the last one included. */
int schedule_rounds_played(const struct schedule_view *view);
/* Stable sort of 0 .. n-1 by descending key. */
void schedule_sort(const int *key, int n, int *order);

#endif
