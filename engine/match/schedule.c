#include "engine/match/schedule.h"

enum { TIE_BREAKS = 4 /* extra pairs of games before the seeding decides a knockout tie */, SWISS_STEPS = 20000 };

/* ---- what was played ---- */

struct tally {
    int games, points2[2]; /* twice the points of a and of b */
};

/* Of the games between a and b, in one round or with round -1 in all. */
static struct tally tally_of(const struct schedule_view *view, int a, int b, int round)
{
    struct tally t = {0};
    for (int i = 0; i < view->count; i++) {
        const struct match_record *r = &view->records[i];
        int me = r->side[1] == a;
        if (!r->done || r->side[me] != a || r->side[1 - me] != b || (round >= 0 && r->round != round))
            continue;
        int points2 = r->outcome == GAME_DRAWN ? 1 : (r->outcome == GAME_WON_1) == me ? 2 : 0;
        t.games++;
        t.points2[0] += points2;
        t.points2[1] += 2 - points2;
    }
    return t;
}

static int next_pair(const struct schedule_view *view, const GArray *games)
{
    if (games->len)
        return g_array_index(games, struct schedule_game, games->len - 1).pair + 1;
    return view->count ? view->records[view->count - 1].pair + 1 : 0;
}

/* `count` games between a and b with openings from `opening` on; a moves first in the first one. */
static void add_meeting(const struct schedule_view *view, int a, int b, int count, int opening, GArray *games)
{
    int pair = next_pair(view, games);
    for (int i = 0; i < count; i++) {
        const struct schedule_game game = {{i & 1 ? b : a, i & 1 ? a : b}, pair + i / 2, opening + i / 2};
        g_array_append_val(games, game);
    }
}

static int openings_per_meeting(const struct schedule_view *view)
{
    return (view->games + 1) / 2;
}

static int rounds_of(const struct schedule_view *view, const struct schedule_ops *ops)
{
    return view->rounds > 0 ? view->rounds : ops->rounds(view->players);
}

/* ---- all in one round ---- */

/* Pairs in turn, so that a match that is stopped has been fair to all: the first game of every pair, then the second
 * with the colours swapped, and so on. */
static void make_pairs(const struct schedule_view *view, bool first_only, GArray *games)
{
    int n = view->players, pairs = first_only ? n - 1 : n * (n - 1) / 2;
    for (int g = 0; g < view->games; g++) {
        int index = 0;
        for (int a = 0; a < (first_only ? 1 : n); a++)
            for (int b = a + 1; b < n; b++, index++) {
                const struct schedule_game game = {{g & 1 ? b : a, g & 1 ? a : b}, g / 2 * pairs + index, g / 2};
                g_array_append_val(games, game);
            }
    }
}

static void make_round_robin(const struct schedule_view *view, int round, GArray *games)
{
    if (round == 0)
        make_pairs(view, false, games);
}

static void make_gauntlet(const struct schedule_view *view, int round, GArray *games)
{
    if (round == 0)
        make_pairs(view, true, games);
}

static const struct schedule_ops round_robin = {
    .name = "round-robin",
    .summary = "everybody against everybody",
    .make = make_round_robin,
    .openings = openings_per_meeting,
};
static const struct schedule_ops gauntlet = {
    .name = "gauntlet",
    .summary = "the first agent against each of the others",
    .make = make_gauntlet,
    .openings = openings_per_meeting,
};

/* ---- knockout ---- */

/* The bracket: seed[i] is who stands in place i of 2^k, so that the best two can meet in the final only; -1: a bye. */
static int make_bracket(int players, int *seed)
{
    int size = 1;
    seed[0] = 0;
    while (size < players) {
        for (int i = size - 1; i >= 0; i--) {
            int s = seed[i];
            seed[2 * i] = s;
            seed[2 * i + 1] = 2 * size - 1 - s;
        }
        size *= 2;
    }
    for (int i = 0; i < size; i++)
        if (seed[i] >= players)
            seed[i] = -1;
    return size;
}

/* Who goes on from a tie; -1 when `need` more games are to be played first. The one listed first is the better seed. */
static int tie_winner(const struct schedule_view *view, int a, int b, int *need)
{
    *need = 0;
    if (a < 0 || b < 0)
        return MAX(a, b);
    struct tally t = tally_of(view, a, b, -1);
    if (view->withdrawn[a] || view->withdrawn[b])
        return view->withdrawn[a] == view->withdrawn[b] ? MIN(a, b) : view->withdrawn[a] ? b : a;
    if (t.games < view->games)
        *need = view->games - t.games;
    else if (t.points2[0] == t.points2[1] && t.games < view->games + 2 * TIE_BREAKS)
        *need = 2;
    else if (t.points2[0] == t.points2[1])
        return MIN(a, b);
    else
        return t.points2[0] > t.points2[1] ? a : b;
    return -1;
}

/* Plays the bracket through as far as it is decided. `games` (may be NULL) gets what the first undecided level needs;
 * level[p] (may be NULL) how far player p came. Returns whether it is decided to the end. */
static bool run_bracket(const struct schedule_view *view, GArray *games, int *level)
{
    int seed[2 * MATCH_MAX_PLAYERS], size = make_bracket(view->players, seed);
    for (int depth = 0; size > 1; size /= 2, depth++) {
        bool decided = true;
        for (int i = 0; i < size / 2; i++) {
            int a = seed[2 * i], b = seed[2 * i + 1], need;
            int winner = tie_winner(view, a, b, &need);
            if (need && games)
                add_meeting(view, MIN(a, b), MAX(a, b), need,
                            depth * (openings_per_meeting(view) + TIE_BREAKS) + tally_of(view, a, b, -1).games / 2,
                            games);
            decided &= need == 0;
            seed[i] = winner;
            if (level && winner >= 0 && need == 0)
                level[winner] = depth + 1;
        }
        if (!decided)
            return false;
    }
    return true;
}

static void make_knockout(const struct schedule_view *view, int round, GArray *games)
{
    (void)round; /* the bracket stands where the records say */
    run_bracket(view, games, NULL);
}

static int knockout_openings(const struct schedule_view *view)
{
    int levels = 0;
    while ((1 << levels) < view->players)
        levels++;
    return levels * (openings_per_meeting(view) + TIE_BREAKS);
}

/* Sorts 0 .. n-1 by falling key; equal ones stay in the order in which they were given. */
static void sort_by(const int *key, int n, int *order)
{
    for (int i = 0; i < n; i++) {
        int at = i;
        for (; at > 0 && key[order[at - 1]] < key[i]; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
}

static void knockout_standing(const struct schedule_view *view, int *order)
{
    int level[MATCH_MAX_PLAYERS] = {0};
    run_bracket(view, NULL, level);
    sort_by(level, view->players, order);
}

static const struct schedule_ops knockout = {
    .name = "knockout",
    .summary = "seeded in the order given; a tie goes on by pairs of games, then to the one named first",
    .make = make_knockout,
    .openings = knockout_openings,
    .standing = knockout_standing,
};

/* ---- Swiss ---- */

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
            if (!played[p] && !view->withdrawn[p]) { /* a bye is worth a meeting won */
                s->byes[p]++;
                s->points2[p] += 2 * view->games;
            }
    }
}

/* Pairs order[from..n): the first that is free with the next that it has not met; goes back where that ends badly. */
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

/* Takes the one who gets the bye out of the order: the lowest of those who had the fewest. */
static int take_out_bye(const struct swiss *s, int *order, int n)
{
    int at = n - 1;
    for (int i = n - 1; i >= 0; i--)
        if (s->byes[order[i]] < s->byes[order[at]])
            at = i;
    memmove(order + at, order + at + 1, sizeof *order * (size_t)(n - 1 - at));
    return n - 1;
}

static const struct schedule_ops swiss;
static void make_swiss(const struct schedule_view *view, int round, GArray *games)
{
    struct swiss s;
    int sorted[MATCH_MAX_PLAYERS], order[MATCH_MAX_PLAYERS], partner[MATCH_MAX_PLAYERS], n = 0, steps = SWISS_STEPS;
    if (round >= rounds_of(view, &swiss))
        return;
    swiss_count(view, round, &s);
    sort_by(s.points2, view->players, sorted);
    for (int i = 0; i < view->players; i++) {
        partner[i] = -1;
        if (!view->withdrawn[sorted[i]])
            order[n++] = sorted[i];
    }
    if (n < 2)
        return;
    if (n & 1)
        n = take_out_bye(&s, order, n);
    if (!swiss_pair(&s, order, n, partner, &steps, false)) {
        steps = SWISS_STEPS;
        swiss_pair(&s, order, n, partner, &steps, true); /* all have met: they meet again */
    }
    for (int i = 0; i < n; i++)
        if (partner[order[i]] >= 0 && order[i] < partner[order[i]])
            add_meeting(view, order[i], partner[order[i]], view->games, round * openings_per_meeting(view), games);
}

static int swiss_openings(const struct schedule_view *view)
{
    return openings_per_meeting(view) * rounds_of(view, &swiss);
}

static void swiss_standing(const struct schedule_view *view, int *order)
{
    struct swiss s;
    int rounds = 0;
    for (int i = 0; i < view->count; i++)
        rounds = MAX(rounds, view->records[i].round + 1);
    swiss_count(view, rounds, &s);
    sort_by(s.points2, view->players, order);
}

static const struct schedule_ops swiss = {
    .name = "swiss",
    .summary = "each round equals meet who have not met; a bye counts as a meeting won",
    .rounds = swiss_rounds,
    .make = make_swiss,
    .openings = swiss_openings,
    .standing = swiss_standing,
};

/* ---- ladder ---- */

static int ladder_rounds(int players)
{
    return 2 * (players - 1);
}

/* The order after `rounds` rounds: who beat the one above changed places with it. */
static void ladder_order(const struct schedule_view *view, int rounds, int *order)
{
    int place[MATCH_MAX_PLAYERS];
    for (int i = 0; i < view->players; i++)
        order[i] = place[i] = i;
    for (int round = 0; round < rounds; round++)
        for (int i = 0; i < view->count; i++) {
            const struct match_record *r = &view->records[i];
            if (r->round != round || place[r->side[0]] > place[r->side[1]])
                continue; /* each meeting has a game in which the one above moves first */
            int above = r->side[0], below = r->side[1];
            struct tally t = tally_of(view, above, below, round);
            bool left = t.games < view->games && view->withdrawn[above] && !view->withdrawn[below];
            if (t.points2[1] <= t.points2[0] && !left)
                continue;
            order[place[above]] = below;
            order[place[below]] = above;
            int p = place[above];
            place[above] = place[below];
            place[below] = p;
        }
}

static const struct schedule_ops ladder;
/* Neighbours meet: first and second, third and fourth; in the next round second and third, and so on. */
static void make_ladder(const struct schedule_view *view, int round, GArray *games)
{
    int order[MATCH_MAX_PLAYERS], n = 0;
    if (round >= rounds_of(view, &ladder))
        return;
    ladder_order(view, round, order);
    for (int i = 0; i < view->players; i++)
        if (!view->withdrawn[order[i]])
            order[n++] = order[i];
    for (int i = n > 2 ? round & 1 : 0; i + 1 < n; i += 2)
        add_meeting(view, order[i], order[i + 1], view->games, round * openings_per_meeting(view), games);
}

static int ladder_openings(const struct schedule_view *view)
{
    return openings_per_meeting(view) * rounds_of(view, &ladder);
}

static void ladder_standing(const struct schedule_view *view, int *order)
{
    int rounds = 0;
    for (int i = 0; i < view->count; i++)
        rounds = MAX(rounds, view->records[i].round + 1);
    ladder_order(view, rounds, order);
}

static const struct schedule_ops ladder = {
    .name = "ladder",
    .summary = "in the order given; neighbours meet, and who wins from below moves up",
    .rounds = ladder_rounds,
    .make = make_ladder,
    .openings = ladder_openings,
    .standing = ladder_standing,
};

const struct schedule_ops *const schedule_table[] = {&round_robin, &gauntlet, &knockout, &swiss, &ladder, NULL};

const struct schedule_ops *schedule_find(const char *name)
{
    for (int i = 0; schedule_table[i]; i++)
        if (strcmp(schedule_table[i]->name, name) == 0)
            return schedule_table[i];
    return NULL;
}
