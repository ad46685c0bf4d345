/* Knockout: a seeded bracket. */
#include "engine/match/game.h"
#include "engine/match/schedule/internal.h"
#include "engine/match/schedule/schedule.h"

enum { TIE_BREAKS = 4 /* extra pairs of games before a tie goes to the better seed */ };

/* Fills the bracket: seed[i] is the player in slot i of 2^k, or -1 for a bye. The two best seeds can meet only in the
 * final. */
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

/* The winner of a meeting, or -1 if `need` more games must be played first. A lower index is a better seed. */
static int meeting_winner(const struct schedule_view *view, int a, int b, int *need)
{
    *need = 0;
    if (a < 0 || b < 0)
        return MAX(a, b);
    struct schedule_tally t = schedule_tally(view, a, b, -1);
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

/* Advances the bracket as far as it is decided. Appends the games that the first undecided level needs to `games` (may
 * be NULL); level[p] (may be NULL) receives the level that player p reached. Returns whether the final is decided. */
static bool run_bracket(const struct schedule_view *view, GArray *games, int *level)
{
    int seed[2 * MATCH_MAX_PLAYERS], size = make_bracket(view->players, seed);
    for (int depth = 0; size > 1; size /= 2, depth++) {
        bool decided = true;
        for (int i = 0; i < size / 2; i++) {
            int a = seed[2 * i], b = seed[2 * i + 1], need;
            int winner = meeting_winner(view, a, b, &need);
            if (need && games)
                schedule_add_meeting(view, MIN(a, b), MAX(a, b), need,
                                     depth * (schedule_openings_per_meeting(view) + TIE_BREAKS) +
                                         schedule_tally(view, a, b, -1).games / 2,
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
    (void)round; /* the state of the bracket follows from the records */
    run_bracket(view, games, NULL);
}

static int knockout_openings(const struct schedule_view *view)
{
    int levels = 0;
    while ((1 << levels) < view->players)
        levels++;
    return levels * (schedule_openings_per_meeting(view) + TIE_BREAKS);
}

static void knockout_standing(const struct schedule_view *view, int *order)
{
    int level[MATCH_MAX_PLAYERS] = {0};
    run_bracket(view, NULL, level);
    schedule_sort(level, view->players, order);
}

const struct schedule_ops schedule_knockout = {
    .name = "knockout",
    .summary = "seeded in the order given; ties are broken by extra pairs of games, then by seed",
    .make = make_knockout,
    .openings = knockout_openings,
    .standing = knockout_standing,
};
