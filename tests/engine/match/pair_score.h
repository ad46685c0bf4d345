/* A cell of a match's result table, or the sum of a row, for tests. */
#ifndef TENGEN_TESTS_PAIR_SCORE_H
#define TENGEN_TESTS_PAIR_SCORE_H

#include "engine/match/count.h"

/* The result of `player` against `opponent`, or against all with opponent -1. */
static inline struct match_score pair_score(const struct match_report *report, int player, int opponent)
{
    struct match_score sum = {0}, *table = match_report_cross(report);
    for (int other = 0; other < report->player_count; other++) {
        const struct match_score *cell = &table[player * report->player_count + other];
        if (opponent >= 0 && other != opponent)
            continue;
        sum.games += cell->games;
        sum.wins += cell->wins;
        sum.draws += cell->draws;
        sum.losses += cell->losses;
        sum.forfeits += cell->forfeits;
        sum.first_games += cell->first_games;
        sum.first_points2 += cell->first_points2;
    }
    g_free(table);
    return sum;
}

#endif
