/* What the records of a match add up to. */
#ifndef TENGEN_ENGINE_MATCH_COUNT_H
#define TENGEN_ENGINE_MATCH_COUNT_H

#include "engine/match/game.h"
#include "engine/match/statistics/sprt.h"

struct match_report {
    struct match_record *records; /* by game number */
    int count;                    /* of records: those of the rounds so far */
    int done, void_games;         /* counted games; games that are not to be counted */
    int player_count;
    bool withdrawn[MATCH_MAX_PLAYERS];
    struct sprt_state sprt; /* where the match has a test */
    double seconds;         /* of all sessions */
    bool finished;
};

void match_report_clear(struct match_report *report);

struct match_score {
    int games, wins, draws, losses;
    int forfeits;                   /* losses by a fault, among `losses` */
    int first_games, first_points2; /* games in which it moved first, and twice the points scored in them */
};
/* table[a * player_count + b] is a's result against b; freed by the caller. */
struct match_score *match_report_cross(const struct match_report *report);
int match_report_distinct(const struct match_report *report, bool symmetric);
/* repeated[number]: an earlier game had the same players, sides and moves, so that this one adds no knowledge. Freed
 * by the caller. */
bool *match_report_repeated(const struct match_report *report, int *count);

#endif
