/* The exact games of each tournament form, worked out by hand: who meets whom, who moves first, the number of the pair
 * and the opening. */
#include <criterion/criterion.h>

#include "engine/match/game.h"
#include "engine/match/schedule/schedule.h"
#include "games/game.h"

struct cup {
    const struct schedule_ops *ops;
    struct schedule_view view;
    bool withdrawn[MATCH_MAX_PLAYERS];
    GArray *records; /* struct match_record */
    const int *key;  /* the player with the smaller key wins, equal keys draw */
    int round;
};

static const int by_name[] = {0, 1, 2, 3, 4, 5, 6, 7}, reversed[] = {7, 6, 5, 4, 3, 2, 1, 0}, equal[8];

static void begin(struct cup *cup, const char *form, int players, int games, int rounds, const int *key)
{
    *cup = (struct cup){
        .ops = schedule_find(form), .key = key, .records = g_array_new(FALSE, TRUE, sizeof(struct match_record))};
    cr_assert_not_null(cup->ops);
    cup->view = (struct schedule_view){players, games, rounds, NULL, 0, cup->withdrawn};
}

/* Appends the next round to `text` as FIRST-SECOND:PAIR/OPENING; false when there is none. */
static bool play_round(struct cup *cup, GString *text)
{
    GArray *games = g_array_new(FALSE, FALSE, sizeof(struct schedule_game));
    cup->ops->make(&cup->view, cup->round, games);
    for (guint i = 0; i < games->len; i++) {
        const struct schedule_game *g = &g_array_index(games, struct schedule_game, i);
        int a = cup->key[g->side[0]], b = cup->key[g->side[1]];
        struct match_record r = {.side = {g->side[0], g->side[1]}, .round = cup->round, .pair = g->pair, .done = true};
        r.outcome = a == b ? GAME_DRAWN : a < b ? GAME_WON_0 : GAME_WON_1;
        g_array_append_val(cup->records, r);
        g_string_append_printf(text, "%s%d-%d:%d/%d", i ? " " : "", g->side[0], g->side[1], g->pair, g->opening);
    }
    cup->view.records = (const struct match_record *)(void *)cup->records->data;
    cup->view.count = (int)cup->records->len;
    cup->round++;
    bool any = games->len > 0;
    g_array_free(games, TRUE);
    return any;
}

static void expect_round(struct cup *cup, const char *expected)
{
    GString *text = g_string_new(NULL);
    play_round(cup, text);
    cr_assert_str_eq(text->str, expected);
    g_string_free(text, TRUE);
}

/* The final standings, best first. Frees the cup. */
static void expect_end(struct cup *cup, const char *standing)
{
    int order[MATCH_MAX_PLAYERS];
    GString *text = g_string_new(NULL);
    expect_round(cup, "");
    if (cup->ops->standing) {
        cup->ops->standing(&cup->view, order);
        for (int i = 0; i < cup->view.players; i++)
            g_string_append_printf(text, "%s%d", i ? " " : "", order[i]);
    }
    cr_assert_str_eq(text->str, standing);
    g_string_free(text, TRUE);
    g_array_free(cup->records, TRUE);
}

/* All first games before all second ones; a third game has the next opening and no partner. */
Test(schedule_pairings, round_robin)
{
    struct cup cup;
    begin(&cup, "round-robin", 3, 3, 0, by_name);
    expect_round(&cup, "0-1:0/0 0-2:1/0 1-2:2/0 1-0:0/0 2-0:1/0 2-1:2/0 0-1:3/1 0-2:4/1 1-2:5/1");
    expect_end(&cup, "");
}

Test(schedule_pairings, gauntlet)
{
    struct cup cup;
    begin(&cup, "gauntlet", 3, 3, 0, by_name);
    expect_round(&cup, "0-1:0/0 0-2:1/0 1-0:0/0 2-0:1/0 0-1:2/1 0-2:3/1");
    expect_end(&cup, "");
}

/* Six players in a bracket of eight: 0 and 1 have byes. A level has two openings, and four for breaking ties. */
Test(schedule_pairings, knockout)
{
    struct cup cup;
    begin(&cup, "knockout", 6, 3, 0, by_name);
    expect_round(&cup, "3-4:0/0 4-3:0/0 3-4:1/1 2-5:2/0 5-2:2/0 2-5:3/1");
    expect_round(&cup, "0-3:4/6 3-0:4/6 0-3:5/7 1-2:6/6 2-1:6/6 1-2:7/7");
    expect_round(&cup, "0-1:8/12 1-0:8/12 0-1:9/13");
    expect_end(&cup, "0 1 2 3 4 5");
    begin(&cup, "knockout", 4, 1, 0, reversed);
    expect_round(&cup, "0-3:0/0 1-2:1/0");
    expect_round(&cup, "2-3:2/5");
    expect_end(&cup, "3 2 0 1");
}

/* Four more pairs of games for a tie of three drawn games, which had used half of the second opening. */
Test(schedule_pairings, knockout_ties)
{
    struct cup cup;
    begin(&cup, "knockout", 2, 3, 0, equal);
    expect_round(&cup, "0-1:0/0 1-0:0/0 0-1:1/1");
    expect_round(&cup, "0-1:2/1 1-0:2/1");
    expect_round(&cup, "0-1:3/2 1-0:3/2");
    expect_round(&cup, "0-1:4/3 1-0:4/3");
    expect_round(&cup, "0-1:5/4 1-0:5/4");
    expect_end(&cup, "0 1");
    begin(&cup, "knockout", 2, 2, 0, equal);
    expect_round(&cup, "0-1:0/0 1-0:0/0");
    expect_round(&cup, "0-1:1/1 1-0:1/1");
    cup.key = reversed; /* the tie is broken here */
    expect_round(&cup, "0-1:2/2 1-0:2/2");
    expect_end(&cup, "1 0");
}

/* A player that withdraws loses its meeting, whatever the score; if both withdraw, the better seed advances, and loses.
 * */
Test(schedule_pairings, knockout_withdrawals)
{
    struct cup cup;
    begin(&cup, "knockout", 4, 2, 0, by_name);
    expect_round(&cup, "0-3:0/0 3-0:0/0 1-2:1/0 2-1:1/0");
    cup.withdrawn[0] = cup.withdrawn[1] = cup.withdrawn[2] = true;
    expect_end(&cup, "3 1 0 2");
    begin(&cup, "knockout", 4, 2, 0, by_name);
    cup.withdrawn[3] = true;
    expect_round(&cup, "1-2:0/0 2-1:0/0");
    expect_round(&cup, "0-1:1/5 1-0:1/5");
    expect_end(&cup, "0 1 2 3");
}

/* By score, then by the order given; no two players meet twice. */
Test(schedule_pairings, swiss)
{
    struct cup cup;
    begin(&cup, "swiss", 4, 2, 0, by_name);
    expect_round(&cup, "0-1:0/0 1-0:0/0 2-3:1/0 3-2:1/0"); /* 4 points each for 0 and 2, counting twice */
    expect_round(&cup, "0-2:2/1 2-0:2/1 1-3:3/1 3-1:3/1"); /* 8, 4, 4, 0 */
    expect_round(&cup, "0-3:4/2 3-0:4/2 1-2:5/2 2-1:5/2");
    expect_end(&cup, "0 1 2 3");
    begin(&cup, "swiss", 4, 1, 2, reversed);
    expect_round(&cup, "0-1:0/0 2-3:1/0");
    expect_round(&cup, "1-3:2/1 0-2:3/1");
    expect_end(&cup, "3 1 2 0");
    begin(&cup, "swiss", 4, 3, 2, equal); /* two openings a meeting; draws leave the order as it was given */
    expect_round(&cup, "0-1:0/0 1-0:0/0 0-1:1/1 2-3:2/0 3-2:2/0 2-3:3/1");
    expect_round(&cup, "0-2:4/2 2-0:4/2 0-2:5/3 1-3:6/2 3-1:6/2 1-3:7/3");
    expect_end(&cup, "0 1 2 3");
}

/* The bye goes to the lowest of those with the fewest byes, and counts as a meeting won: 0, 4, 4 after the first round
 * for 1, 0 and 2. */
Test(schedule_pairings, swiss_byes)
{
    struct cup cup;
    begin(&cup, "swiss", 3, 2, 0, by_name);
    expect_round(&cup, "0-1:0/0 1-0:0/0");
    expect_round(&cup, "0-2:1/1 2-0:1/1");
    expect_round(&cup, "1-2:2/2 2-1:2/2");
    expect_end(&cup, "0 1 2");
}

/* A player that withdraws is not paired, has no byes and keeps its points; a game that does not count gives none, but
 * the two have met. After the first round 0 and 2 lead; 2 has left, and of 0, 1 and 3 the last one sits out. */
Test(schedule_pairings, swiss_withdrawals)
{
    struct cup cup;
    begin(&cup, "swiss", 4, 2, 3, by_name);
    expect_round(&cup, "0-1:0/0 1-0:0/0 2-3:1/0 3-2:1/0");
    g_array_index(cup.records, struct match_record, 3).done = false; /* 2 has only half of its points: 4, 0, 2, 0 */
    cup.withdrawn[2] = true;
    expect_round(&cup, "0-1:2/1 1-0:2/1"); /* again: 3 has the bye, and there are no others */
    cup.key = reversed;
    expect_round(&cup, "0-3:3/2 3-0:3/2"); /* 8, 0, 2, 4: now 1 has it */
    expect_end(&cup, "0 3 1 2");           /* 8, 4, 2, 8 */
    begin(&cup, "swiss", 3, 1, 2, by_name);
    cup.withdrawn[0] = cup.withdrawn[2] = true;
    expect_end(&cup, "0 1 2");
}

/* The default number of rounds: two more than a knockout has levels, as long as all can have different opponents. */
Test(schedule_pairings, swiss_default_rounds)
{
    static const int rounds[] = {[2] = 1, [3] = 3, [4] = 3, [5] = 5, [8] = 5, [9] = 6, [16] = 6, [17] = 7};
    for (int players = 2; players <= 17; players++)
        if (rounds[players])
            cr_expect_eq(schedule_find("swiss")->rounds(players), rounds[players], "%d players", players);
    cr_expect_eq(schedule_find("swiss")->rounds(1), 1);
    cr_expect_eq(schedule_find("ladder")->rounds(5), 8);
}

/* Neighbours meet from the top and from the second place in turn. The strongest comes last and climbs. */
Test(schedule_pairings, ladder)
{
    struct cup cup;
    begin(&cup, "ladder", 5, 2, 3, reversed);
    expect_round(&cup, "0-1:0/0 1-0:0/0 2-3:1/0 3-2:1/0"); /* 1 0 3 2 4 */
    expect_round(&cup, "0-3:2/1 3-0:2/1 2-4:3/1 4-2:3/1"); /* 1 3 0 4 2 */
    expect_round(&cup, "1-3:4/2 3-1:4/2 0-4:5/2 4-0:5/2");
    expect_end(&cup, "3 1 4 0 2");
    begin(&cup, "ladder", 2, 1, 0, equal); /* a draw changes no places; two players meet in every round */
    expect_round(&cup, "0-1:0/0");
    expect_round(&cup, "0-1:1/1");
    expect_end(&cup, "0 1");
}

/* A player that withdraws before its meeting is over falls behind the one below. */
Test(schedule_pairings, ladder_withdrawals)
{
    struct cup cup;
    begin(&cup, "ladder", 3, 2, 2, by_name);
    expect_round(&cup, "0-1:0/0 1-0:0/0");
    g_array_index(cup.records, struct match_record, 1).done = false; /* 1-0 did not count */
    cup.withdrawn[0] = true;
    expect_round(&cup, "1-2:1/1 2-1:1/1"); /* two are left: they meet from the top */
    expect_end(&cup, "1 0 2");
    begin(&cup, "ladder", 3, 2, 2, by_name);
    expect_round(&cup, "0-1:0/0 1-0:0/0");
    cup.withdrawn[0] = true; /* after a meeting that it won */
    expect_round(&cup, "1-2:1/1 2-1:1/1");
    expect_end(&cup, "0 1 2");
}
