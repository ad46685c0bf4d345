#include "engine/match/schedule/internal.h"

#include "engine/match/game.h"
#include "engine/match/schedule/schedule.h"
#include "games/game.h"

/* ---- games played ---- */

struct schedule_tally schedule_tally(const struct schedule_view *view, int a, int b, int round)
{
    struct schedule_tally t = {0};
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

void schedule_add_meeting(const struct schedule_view *view, int a, int b, int count, int opening, GArray *games)
{
    int pair = next_pair(view, games);
    for (int i = 0; i < count; i++) {
        const struct schedule_game game = {{i & 1 ? b : a, i & 1 ? a : b}, pair + i / 2, opening + i / 2};
        g_array_append_val(games, game);
    }
}

int schedule_openings_per_meeting(const struct schedule_view *view)
{
    return (view->games + 1) / 2;
}

int schedule_rounds(const struct schedule_view *view, const struct schedule_ops *ops)
{
    return view->rounds > 0 ? view->rounds : ops->rounds(view->players);
}

int schedule_rounds_played(const struct schedule_view *view)
{
    return view->count ? view->records[view->count - 1].round + 1 : 0;
}

void schedule_sort(const int *key, int n, int *order)
{
    for (int i = 0; i < n; i++) {
        int at = i;
        for (; at > 0 && key[order[at - 1]] < key[i]; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
}

/* ---- single-round forms ---- */

/* Interleaves the pairs, so that a stopped match has been fair to all: the first game of every pair, then the second
 * with colours swapped, and so on. */
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
    .summary = "every agent plays every other",
    .extends = true,
    .make = make_round_robin,
    .openings = schedule_openings_per_meeting,
};
static const struct schedule_ops gauntlet = {
    .name = "gauntlet",
    .summary = "the first agent plays each of the others",
    .extends = true,
    .make = make_gauntlet,
    .openings = schedule_openings_per_meeting,
};

/* ---- ladder ---- */

static int ladder_rounds(int players)
{
    return 2 * (players - 1);
}

/* The order after `rounds` rounds: a player that beats the one above swaps places with it. */
static void ladder_order(const struct schedule_view *view, int rounds, int *order)
{
    int place[MATCH_MAX_PLAYERS];
    for (int i = 0; i < view->players; i++)
        order[i] = place[i] = i;
    for (int round = 0; round < rounds; round++) {
        bool met[MATCH_MAX_PLAYERS] = {false};
        for (int i = 0; i < view->count; i++) {
            const struct match_record *r = &view->records[i];
            if (r->round != round || met[r->side[0]])
                continue;
            int above = r->side[0], below = r->side[1]; /* the higher-placed player moves first in the first game */
            struct schedule_tally t = schedule_tally(view, above, below, round);
            bool left = t.games < view->games && view->withdrawn[above] && !view->withdrawn[below];
            met[above] = met[below] = true;
            if (t.points2[1] <= t.points2[0] && !left)
                continue;
            order[place[above]] = below;
            order[place[below]] = above;
            int p = place[above];
            place[above] = place[below];
            place[below] = p;
        }
    }
}

static const struct schedule_ops ladder;
/* Neighbours meet: first and second, third and fourth; in the next round second and third, fourth and fifth. */
static void make_ladder(const struct schedule_view *view, int round, GArray *games)
{
    int order[MATCH_MAX_PLAYERS], n = 0;
    if (round >= schedule_rounds(view, &ladder))
        return;
    ladder_order(view, round, order);
    for (int i = 0; i < view->players; i++)
        if (!view->withdrawn[order[i]])
            order[n++] = order[i];
    for (int i = n > 2 ? round & 1 : 0; i + 1 < n; i += 2)
        schedule_add_meeting(view, order[i], order[i + 1], view->games, round * schedule_openings_per_meeting(view),
                             games);
}

static int ladder_openings(const struct schedule_view *view)
{
    return schedule_openings_per_meeting(view) * schedule_rounds(view, &ladder);
}

static void ladder_standing(const struct schedule_view *view, int *order)
{
    ladder_order(view, schedule_rounds_played(view), order);
}

static const struct schedule_ops ladder = {
    .name = "ladder",
    .summary = "starts in the order given; neighbours meet, and a winner from below moves up",
    .rounds = ladder_rounds,
    .make = make_ladder,
    .openings = ladder_openings,
    .standing = ladder_standing,
};

const struct schedule_ops *const schedule_table[] = {&round_robin,    &gauntlet, &schedule_knockout,
                                                     &schedule_swiss, &ladder,   NULL};

const struct schedule_ops *schedule_find(const char *name)
{
    for (int i = 0; schedule_table[i]; i++)
        if (strcmp(schedule_table[i]->name, name) == 0)
            return schedule_table[i];
    return NULL;
}
