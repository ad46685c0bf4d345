/* What the tournament forms share. For the files of the schedule alone. */
#ifndef TENGEN_ENGINE_MATCH_SCHEDULE_INTERNAL_H
#define TENGEN_ENGINE_MATCH_SCHEDULE_INTERNAL_H

#include "engine/match/schedule.h"

extern const struct schedule_ops schedule_knockout, schedule_swiss;

struct schedule_tally {
    int games, points2[2]; /* twice the points of a and of b */
};

/* Of the games between a and b, in one round or with round -1 in all. */
struct schedule_tally schedule_tally(const struct schedule_view *view, int a, int b, int round);
/* `count` games between a and b with openings from `opening` on; a moves first in the first one. */
void schedule_add_meeting(const struct schedule_view *view, int a, int b, int count, int opening, GArray *games);
/* An opening serves two games. */
int schedule_openings_per_meeting(const struct schedule_view *view);
/* The rounds asked for, else the form's own number. */
int schedule_rounds(const struct schedule_view *view, const struct schedule_ops *ops);
/* Sorts 0 .. n-1 by falling key; equal ones stay in the order in which they were given. */
void schedule_sort(const int *key, int n, int *order);

#endif
