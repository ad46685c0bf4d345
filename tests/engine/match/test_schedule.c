/* Schedules, with simulated results: who meets whom, how often, with which colours. */
#include <criterion/criterion.h>

#include "engine/match/game.h"
#include "engine/match/schedule/schedule.h"
#include "games/game.h"

struct cup {
    const struct schedule_ops *ops;
    struct schedule_view view;
    bool withdrawn[MATCH_MAX_PLAYERS];
    GArray *records; /* struct match_record */
    int round;
};

static void begin(struct cup *cup, const char *name, int players, int games, int rounds)
{
    *cup = (struct cup){.ops = schedule_find(name), .records = g_array_new(FALSE, FALSE, sizeof(struct match_record))};
    cup->view = (struct schedule_view){players, games, rounds, NULL, 0, cup->withdrawn};
    cr_assert_not_null(cup->ops);
}

static void look(struct cup *cup)
{
    cup->view.records = (const struct match_record *)(void *)cup->records->data;
    cup->view.count = (int)cup->records->len;
}

/* Plays the next round: the player with the smaller key wins, equal keys draw. False if there is none. */
static bool play(struct cup *cup, const int *key)
{
    GArray *games = g_array_new(FALSE, FALSE, sizeof(struct schedule_game));
    look(cup);
    cup->ops->make(&cup->view, cup->round, games);
    for (guint i = 0; i < games->len; i++) {
        const struct schedule_game *g = &g_array_index(games, struct schedule_game, i);
        int a = key[g->side[0]], b = key[g->side[1]];
        struct match_record r = {.side = {g->side[0], g->side[1]},
                                 .round = cup->round,
                                 .pair = g->pair,
                                 .opening = g->opening,
                                 .done = !cup->withdrawn[g->side[0]] && !cup->withdrawn[g->side[1]],
                                 .outcome = a == b  ? GAME_DRAWN
                                            : a < b ? GAME_WON_0
                                                    : GAME_WON_1};
        r.void_game = !r.done;
        g_array_append_val(cup->records, r);
    }
    bool any = games->len > 0;
    g_array_free(games, TRUE);
    cup->round++;
    look(cup);
    return any;
}

static void play_out(struct cup *cup, const int *key)
{
    while (play(cup, key))
        cr_assert(cup->round < 1000, "%s does not end", cup->ops->name);
}

static int meetings(const struct cup *cup, int a, int b)
{
    int count = 0;
    for (int i = 0; i < cup->view.count; i++) {
        const struct match_record *r = &cup->view.records[i];
        count += (r->side[0] == a && r->side[1] == b) || (r->side[0] == b && r->side[1] == a);
    }
    return count;
}

/* In every schedule the two games of a pair have the same players with colours swapped and the same opening, pairs are
 * numbered without gaps, and openings are within range. */
static void check_pairs(struct cup *cup)
{
    int most = cup->ops->openings(&cup->view), last = -1;
    for (int i = 0; i < cup->view.count; i++) {
        const struct match_record *r = &cup->view.records[i];
        int partners = 0;
        cr_assert(r->side[0] != r->side[1] && r->opening >= 0 && r->opening < most, "%s: opening %d of %d",
                  cup->ops->name, r->opening, most);
        for (int j = 0; j < cup->view.count; j++) {
            const struct match_record *q = &cup->view.records[j];
            if (j == i || q->pair != r->pair)
                continue;
            partners++;
            cr_assert(q->side[0] == r->side[1] && q->side[1] == r->side[0] && q->opening == r->opening &&
                      q->round == r->round);
        }
        cr_assert(partners == 1, "%s: game %d has %d partners", cup->ops->name, i, partners);
        last = MAX(last, r->pair);
    }
    cr_assert(2 * (last + 1) == cup->view.count);
}

static const int by_name[MATCH_MAX_PLAYERS] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

Test(schedule, every_form_pairs_colours_and_ends)
{
    for (int f = 0; schedule_table[f]; f++)
        for (int n = 2; n <= 16; n++)
            for (int games = 2; games <= 4; games += 2) {
                struct cup cup;
                begin(&cup, schedule_table[f]->name, n, games, 0);
                play_out(&cup, by_name);
                check_pairs(&cup);
                cr_assert(cup.view.count > 0);
                if (schedule_table[f]->standing) {
                    int order[MATCH_MAX_PLAYERS], seen = 0;
                    schedule_table[f]->standing(&cup.view, order);
                    for (int i = 0; i < n; i++)
                        seen |= 1 << order[i];
                    cr_assert(seen == (1 << n) - 1 && order[0] == 0, "%s of %d: %d first", schedule_table[f]->name, n,
                              order[0]);
                }
                g_array_free(cup.records, TRUE);
            }
}

Test(schedule, round_robin_and_gauntlet)
{
    struct cup cup;
    begin(&cup, "round-robin", 5, 6, 0);
    play_out(&cup, by_name);
    for (int a = 0; a < 5; a++)
        for (int b = 0; b < a; b++)
            cr_assert(meetings(&cup, a, b) == 6);
    g_array_free(cup.records, TRUE);
    begin(&cup, "gauntlet", 5, 6, 0);
    play_out(&cup, by_name);
    for (int a = 0; a < 5; a++)
        for (int b = 0; b < a; b++)
            cr_assert(meetings(&cup, a, b) == (b == 0 ? 6 : 0));
    g_array_free(cup.records, TRUE);
}

/* With eight players the two top seeds can only meet in the final; the favourites advance. */
Test(schedule, knockout_of_eight)
{
    struct cup cup;
    begin(&cup, "knockout", 8, 2, 0);
    cr_assert(play(&cup, by_name));
    cr_assert(meetings(&cup, 0, 7) == 2 && meetings(&cup, 1, 6) == 2 && meetings(&cup, 2, 5) == 2 &&
              meetings(&cup, 3, 4) == 2 && cup.view.count == 8);
    cr_assert(play(&cup, by_name));
    cr_assert(meetings(&cup, 0, 3) == 2 && meetings(&cup, 1, 2) == 2);
    cr_assert(play(&cup, by_name));
    cr_assert(meetings(&cup, 0, 1) == 2);
    cr_assert(!play(&cup, by_name));
    int order[8];
    cup.ops->standing(&cup.view, order);
    cr_assert(order[0] == 0 && order[1] == 1 && order[2] == 2 && order[3] == 3);
    g_array_free(cup.records, TRUE);
}

/* Five players: three byes. A tie is extended by up to four pairs of games, then the better seed advances. */
Test(schedule, knockout_byes_and_ties)
{
    static const int key[5] = {3, 1, 1, 5, 4}; /* 1 and 2 always draw; 0 loses to them and beats 3 and 4 */
    struct cup cup;
    begin(&cup, "knockout", 5, 2, 0);
    cr_assert(play(&cup, key));
    cr_assert(cup.view.count == 2 && meetings(&cup, 3, 4) == 2, "the others have byes");
    cr_assert(play(&cup, key));
    cr_assert(meetings(&cup, 0, 4) == 2 && meetings(&cup, 1, 2) == 2);
    for (int extra = 1; extra <= 4; extra++) {
        cr_assert(play(&cup, key));
        cr_assert(meetings(&cup, 1, 2) == 2 + 2 * extra && cup.view.count == 6 + 2 * extra);
    }
    cr_assert(play(&cup, key));
    cr_assert(meetings(&cup, 0, 1) == 2, "the better seed of the two that drew");
    cr_assert(!play(&cup, key));
    check_pairs(&cup);
    int order[5];
    cup.ops->standing(&cup.view, order);
    cr_assert(order[0] == 1 && order[1] == 0);
    g_array_free(cup.records, TRUE);
}

/* A withdrawn player plays no more games, and its opponents advance. */
Test(schedule, withdrawal)
{
    int order[MATCH_MAX_PLAYERS];
    struct cup cup;
    begin(&cup, "knockout", 4, 2, 0);
    cup.withdrawn[0] = true;
    play_out(&cup, by_name);
    cup.ops->standing(&cup.view, order);
    cr_assert(order[0] == 1);
    g_array_free(cup.records, TRUE);

    begin(&cup, "swiss", 6, 2, 4);
    cr_assert(play(&cup, by_name));
    cup.withdrawn[2] = true;
    int before = cup.view.count;
    play_out(&cup, by_name);
    for (int i = before; i < cup.view.count; i++)
        cr_assert(cup.view.records[i].side[0] != 2 && cup.view.records[i].side[1] != 2);
    g_array_free(cup.records, TRUE);

    begin(&cup, "ladder", 4, 2, 3);
    cup.withdrawn[0] = true;
    play_out(&cup, by_name);
    for (int i = 0; i < cup.view.count; i++)
        cr_assert(cup.view.records[i].side[0] != 0 && cup.view.records[i].side[1] != 0);
    g_array_free(cup.records, TRUE);
}

/* Players do not meet twice if that can be avoided; everybody plays in each round, except for at most one bye per
 * player. */
Test(schedule, swiss)
{
    for (int n = 4; n <= 15; n++) {
        struct cup cup;
        int rounds = n / 2, byes[MATCH_MAX_PLAYERS] = {0};
        begin(&cup, "swiss", n, 2, rounds);
        play_out(&cup, by_name);
        cr_assert(cup.round == rounds + 1, "%d rounds of %d", cup.round - 1, rounds);
        for (int a = 0; a < n; a++)
            for (int b = 0; b < a; b++)
                cr_assert(meetings(&cup, a, b) == 0 || meetings(&cup, a, b) == 2, "%d players: %d and %d met twice", n,
                          a, b);
        for (int round = 0; round < rounds; round++)
            for (int p = 0; p < n; p++) {
                int games = 0;
                for (int i = 0; i < cup.view.count; i++) {
                    const struct match_record *r = &cup.view.records[i];
                    games += r->round == round && (r->side[0] == p || r->side[1] == p);
                }
                cr_assert(games == 0 || games == 2);
                byes[p] += games == 0;
            }
        for (int p = 0; p < n; p++)
            cr_assert(byes[p] <= 1 && (n & 1 || byes[p] == 0), "%d players: %d has %d byes", n, p, byes[p]);
        g_array_free(cup.records, TRUE);
    }
    /* With more rounds than opponents, players meet again. */
    struct cup cup;
    begin(&cup, "swiss", 4, 2, 5);
    play_out(&cup, by_name);
    cr_assert(cup.view.count == 5 * 4);
    g_array_free(cup.records, TRUE);
}

/* The strongest player starts last and climbs one place per round. */
Test(schedule, ladder_climb)
{
    static const int key[4] = {3, 2, 1, 0};
    struct cup cup;
    int order[4];
    begin(&cup, "ladder", 4, 2, 8);
    play_out(&cup, key);
    cup.ops->standing(&cup.view, order);
    for (int i = 0; i < 4; i++)
        cr_assert(order[i] == 3 - i, "place %d: %d", i + 1, order[i]);
    g_array_free(cup.records, TRUE);
}

/* Five games against each other need three openings. A knockout of five players has three rounds, and up to four
 * additional pairs of games to break a tie. */
Test(schedule, how_many_openings_at_most)
{
    static const struct {
        const char *form;
        int players, rounds, openings;
    } cases[] = {{"round-robin", 5, 0, 3}, {"gauntlet", 5, 0, 3}, {"knockout", 5, 0, 21}, {"knockout", 8, 0, 21},
                 {"knockout", 9, 0, 28},   {"swiss", 8, 4, 12},   {"ladder", 5, 2, 6}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct cup cup;
        begin(&cup, cases[i].form, cases[i].players, 5, cases[i].rounds);
        cr_expect_eq(cup.ops->openings(&cup.view), cases[i].openings, "%s of %d", cases[i].form, cases[i].players);
        g_array_free(cup.records, TRUE);
    }
}
