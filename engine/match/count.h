/* Totals over the records of a match. */
#ifndef TENGEN_ENGINE_MATCH_COUNT_H
#define TENGEN_ENGINE_MATCH_COUNT_H

#include "engine/match/game.h"
#include "engine/match/statistics/sprt.h"

struct match_report {
    struct match_record *records; /* by game number */
    int count;                    /* number of records, in all rounds so far */
    int done, void_games;         /* games that count; games that do not */
    int player_count;
    bool withdrawn[MATCH_MAX_PLAYERS];
    struct sprt_state sprt; /* if the match has a test */
    double seconds;         /* over all sessions */
    bool finished;
};

void match_report_clear(struct match_report *report);

struct match_score {
    int games, wins, draws, losses;
    int forfeits;                   /* losses by fault, included in `losses` */
    int first_games, first_points2; /* games moving first, and twice the points scored in them */
};
/* table[a * player_count + b] is a's score against b; freed by the caller. */
struct match_score *match_report_cross(const struct match_report *report);
int match_report_distinct(const struct match_report *report, bool symmetric);
/* repeated[number]: an earlier game had the same players, sides and moves, so this one adds no information. Freed by
 * the caller. */
bool *match_report_repeated(const struct match_report *report, int *count);

#endif
