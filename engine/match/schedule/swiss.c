/* Swiss: each round pairs players with similar scores that have not met. */
#include <string.h>

#include "engine/match/game.h"
#include "engine/match/schedule/internal.h"
#include "engine/match/schedule/schedule.h"
#include "games/game.h"

enum { STEPS = 20000 /* limit of the backtracking search for a pairing */ };

struct swiss {
    int points2[MATCH_MAX_PLAYERS], byes[MATCH_MAX_PLAYERS];
    bool met[MATCH_MAX_PLAYERS][MATCH_MAX_PLAYERS];
};

static void swiss_count(const struct schedule_view *view, int rounds, struct swiss *s)
{
    memset(s, 0, sizeof *s);
    for (int round = 0; round < rounds; round++) {
        bool played[MATCH_MAX_PLAYERS] = {false};
        for (int i = 0; i < view->count; i++) {
            const struct match_record *r = &view->records[i];
            if (r->round != round)
                continue;
            played[r->side[0]] = played[r->side[1]] = true;
            s->met[r->side[0]][r->side[1]] = s->met[r->side[1]][r->side[0]] = true;
            if (!r->done)
                continue;
            s->points2[r->side[0]] += r->outcome == GAME_DRAWN ? 1 : r->outcome == GAME_WON_0 ? 2 : 0;
            s->points2[r->side[1]] += r->outcome == GAME_DRAWN ? 1 : r->outcome == GAME_WON_1 ? 2 : 0;
        }
        for (int p = 0; p < view->players; p++)
            if (!played[p] && !view->withdrawn[p]) { /* a bye counts as a won meeting */
                s->byes[p]++;
                s->points2[p] += 2 * view->games;
            }
    }
}

/* Pairs order[0..n) by backtracking: the first unpaired player with the next one that it has not met (or, if `again`,
 * any). */
static bool swiss_pair(const struct swiss *s, const int *order, int n, int *partner, int *steps, bool again)
{
    int i = 0;
    while (i < n && partner[order[i]] >= 0)
        i++;
    if (i == n)
        return true;
    for (int j = i + 1; j < n; j++) {
        int a = order[i], b = order[j];
        if (partner[b] >= 0 || (s->met[a][b] && !again) || --*steps < 0)
            continue;
        partner[a] = b;
        partner[b] = a;
        if (swiss_pair(s, order, n, partner, steps, again))
            return true;
        partner[a] = partner[b] = -1;
    }
    return false;
}

static int swiss_rounds(int players)
{
    int levels = 0;
    while ((1 << levels) < players)
        levels++;
    return MIN(levels + 2, MAX(players - 1 + (players & 1), 1));
}

/* Removes the player that gets the bye: the lowest-ranked of those with the fewest byes. */
static int take_out_bye(const struct swiss *s, int *order, int n)
{
    int at = n - 1;
    for (int i = n - 1; i >= 0; i--)
        if (s->byes[order[i]] < s->byes[order[at]])
            at = i;
    memmove(order + at, order + at + 1, sizeof *order * (size_t)(n - 1 - at));
    return n - 1;
}

static void make_swiss(const struct schedule_view *view, int round, GArray *games)
{
    struct swiss s;
    int sorted[MATCH_MAX_PLAYERS], order[MATCH_MAX_PLAYERS], partner[MATCH_MAX_PLAYERS], n = 0, steps = STEPS;
    if (round >= schedule_rounds(view, &schedule_swiss))
        return;
    swiss_count(view, round, &s);
    schedule_sort(s.points2, view->players, sorted);
    for (int i = 0; i < view->players; i++) {
        partner[i] = -1;
        if (!view->withdrawn[sorted[i]])
            order[n++] = sorted[i];
    }
    if (n & 1)
        n = take_out_bye(&s, order, n);
    if (!swiss_pair(&s, order, n, partner, &steps, false)) {
        steps = STEPS;
        swiss_pair(&s, order, n, partner, &steps, true); /* no such pairing: allow rematches */
    }
    for (int i = 0; i < n; i++)
        if (order[i] < partner[order[i]])
            schedule_add_meeting(view, order[i], partner[order[i]], view->games,
                                 round * schedule_openings_per_meeting(view), games);
}

static int swiss_openings(const struct schedule_view *view)
{
    return schedule_openings_per_meeting(view) * schedule_rounds(view, &schedule_swiss);
}

static void swiss_standing(const struct schedule_view *view, int *order)
{
    struct swiss s;
    swiss_count(view, schedule_rounds_played(view), &s);
    schedule_sort(s.points2, view->players, order);
}

const struct schedule_ops schedule_swiss = {
    .name = "swiss",
    .summary = "each round pairs agents with similar scores that have not met; a bye counts as a won meeting",
    .rounds = swiss_rounds,
    .make = make_swiss,
    .openings = swiss_openings,
    .standing = swiss_standing,
};
