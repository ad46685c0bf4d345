/* Pairings: a table of tournament forms. Each generates its games round by round from the previous results alone, so a
 * tournament has the same games when it is resumed or played with more threads.
 *
 * A meeting is `games` games between two players, each opening played twice with colours swapped. */
#ifndef TENGEN_ENGINE_MATCH_SCHEDULE_SCHEDULE_H
#define TENGEN_ENGINE_MATCH_SCHEDULE_SCHEDULE_H

#include <glib.h>
#include <stdbool.h>

struct schedule_game {
    int side[2]; /* side[0] moves first */
    int pair;    /* shared by the two games of an opening with swapped colours; ascending from 0 */
    int opening;
};

/* Input of a tournament form. All records are done or void. */
struct schedule_view {
    int players, games, rounds; /* rounds 0: the form's default */
    const struct match_record *records;
    int count;
    const bool *withdrawn; /* [players] */
};

struct schedule_ops {
    const char *name, *summary;
    /* Default number of rounds; NULL if it cannot be chosen. */
    int (*rounds)(int players);
    /* Appends the games of round `round` (from 0); none if the tournament is over. */
    void (*make)(const struct schedule_view *view, int round, GArray *games);
    /* Whether more games a meeting only append to the list: such a tournament can be lengthened. */
    bool extends;
    /* Maximum number of openings used. */
    int (*openings)(const struct schedule_view *view);
    /* Final standings, order[players], best first; NULL if decided by points alone. */
    void (*standing)(const struct schedule_view *view, int *order);
};
extern const struct schedule_ops *const schedule_table[];   /* NULL-terminated */
const struct schedule_ops *schedule_find(const char *name); /* NULL: not found */

#endif
