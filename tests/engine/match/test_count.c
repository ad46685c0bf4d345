/* Totals over hand-written records. */
#include <criterion/criterion.h>

#include "engine/match/count.h"
#include "engine/match/game.h"
#include "games/game.h"

static struct match_record records[16];
static struct match_report report;

static void set_up(void)
{
    memset(records, 0, sizeof records);
    report = (struct match_report){.records = records, .player_count = 3};
}

TestSuite(match_count, .init = set_up);

static struct match_record *add(int first, int second, enum game_outcome outcome, uint64_t hash)
{
    struct match_record *r = &records[report.count++];
    *r = (struct match_record){
        .side = {first, second}, .done = true, .outcome = outcome, .hash = hash, .symmetric = hash / 2};
    return r;
}

static void expect(const struct match_score *s, const struct match_score *w)
{
    cr_assert(s->games == w->games && s->wins == w->wins && s->draws == w->draws && s->losses == w->losses);
    cr_assert(s->forfeits == w->forfeits && s->first_games == w->first_games && s->first_points2 == w->first_points2);
}

/* Two wins, a draw and two losses of 0 against 1, of which one loss is by fault; a game of 2 that does not count. */
Test(match_count, cross_table)
{
    add(0, 1, GAME_WON_0, 1);
    add(1, 0, GAME_WON_1, 2);
    add(0, 1, GAME_DRAWN, 3);
    struct match_record *late = add(1, 0, GAME_WON_0, 4), *resigned = add(0, 1, GAME_WON_1, 5);
    late->end = MATCH_TIME;
    late->loser = 1;
    resigned->end = MATCH_RESIGNED;
    resigned->loser = 0;
    add(2, 1, GAME_WON_0, 6)->done = false;
    struct match_score *table = match_report_cross(&report);
    static const struct match_score none, zero = {5, 2, 1, 2, 1, 3, 3}, one = {5, 2, 1, 2, 0, 2, 2};
    expect(&table[1], &zero);
    expect(&table[3], &one);
    for (int i = 0; i < 9; i++)
        if (i != 1 && i != 3)
            expect(&table[i], &none);
    g_free(table);
}

/* The same moves by other players, or with sides swapped, are not a repetition; nor are games that end by a fault or do
 * not count. */
Test(match_count, repetitions)
{
    static const struct {
        int first, second;
        uint64_t hash;
        bool repeated;
    } cases[] = {{0, 1, 1, false}, {1, 0, 1, false}, {0, 2, 1, false}, {2, 0, 1, false},
                 {1, 2, 1, false}, {2, 1, 1, false}, {0, 1, 2, false}, {1, 0, 1, true},
                 {2, 1, 1, true},  {0, 1, 2, true},  {0, 1, 2, true},  {2, 0, 2, false}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        add(cases[i].first, cases[i].second, GAME_DRAWN, cases[i].hash);
    add(0, 1, GAME_WON_0, 1)->end = MATCH_FORFEIT;
    add(1, 2, GAME_WON_0, 9)->done = false;
    add(1, 2, GAME_WON_0, 9);
    int count;
    bool *repeated = match_report_repeated(&report, &count);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        cr_assert_eq(repeated[i], cases[i].repeated, "game %d", (int)i);
    cr_assert(!repeated[12] && !repeated[13] && !repeated[14] && count == 4, "%d", count);
    g_free(repeated);
}

Test(match_count, distinct_games)
{
    static const uint64_t hashes[] = {2, 3, 4, 2, 9};
    cr_assert_eq(match_report_distinct(&report, false), 0);
    for (int i = 0; i < 5; i++)
        add(0, 1, GAME_DRAWN, hashes[i]);
    add(0, 1, GAME_DRAWN, 77)->done = false;
    cr_assert_eq(match_report_distinct(&report, false), 4);
    cr_assert_eq(match_report_distinct(&report, true), 3); /* 1, 2 and 4 */
}

Test(match_count, clearing)
{
    report.records = g_new0(struct match_record, 2);
    report.count = report.done = report.player_count = 2;
    report.records[0].reason = g_strdup("a");
    report.finished = true;
    match_report_clear(&report);
    cr_assert(!report.records && !report.count && !report.done && !report.player_count && !report.finished);
}
