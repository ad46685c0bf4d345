/* Who plays whom: a table of tournament forms. Each makes its games round by round, from what was played before and
 * from nothing else, so that a tournament that is taken up again, or played by more threads, has the same games.
 *
 * A meeting is `games` games between two players: each opening twice with the colours swapped. */
#ifndef TENGEN_ENGINE_MATCH_SCHEDULE_H
#define TENGEN_ENGINE_MATCH_SCHEDULE_H

#include <glib.h>
#include <stdbool.h>

#include "engine/match/game.h"

struct schedule_game {
    int side[2]; /* side[0] moves first */
    int pair;    /* the two games of an opening with swapped colours share it; ascending from 0 */
    int opening;
};

/* What a form may look at. All records are settled: done, or void. */
struct schedule_view {
    int players, games, rounds; /* rounds 0: the form's own number */
    const struct match_record *records;
    int count;
    const bool *withdrawn; /* [players] */
};

struct schedule_ops {
    const char *name, *summary;
    /* Rounds when nobody says how many; NULL where rounds are no choice. */
    int (*rounds)(int players);
    /* Appends the games of round `round` (from 0); none when the tournament is over. */
    void (*make)(const struct schedule_view *view, int round, GArray *games);
    /* How many openings it takes at most. */
    int (*openings)(const struct schedule_view *view);
    /* order[players], best first; NULL where the points alone decide. */
    void (*standing)(const struct schedule_view *view, int *order);
};
extern const struct schedule_ops *const schedule_table[];   /* NULL-terminated */
const struct schedule_ops *schedule_find(const char *name); /* NULL: there is none */

#endif
