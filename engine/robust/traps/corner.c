/* Bent four in the corner, and three stones along the edge in the same number of points.
 *
 *   O O . X            . X
 *   O X X X      edge  O X
 *   . X                O X
 *   X X                O X
 *                      . X
 *
 * In the corner white fills one of the two points, is captured, and plays back inside: what follows is a ko for black's life,
 * which black cannot win, because nothing else is left to play. With outside liberties, white fills these first. Along the edge the
 * same leaves black four points in a row, which are two eyes: a seki, that nobody can break. */
#include "engine/robust/traps/draft.h"
#include "engine/robust/traps/traps.h"
#include "games/game.h"

static const int outside_at[][2] = {{4, 1}, {1, 4}, {3, 2}, {2, 3}};

static void begin_fight(struct draft *d)
{
    d->between[0] = TRAP_BLACK_TAKEN;
    d->between[1] = TRAP_BOTH_STAND;
}

static struct draft draw_corner(const struct game *game, int outside)
{
    struct draft d = draft_new(TRAP_CORNER, outside, game->width);
    draft_fill(&d, 0, 0, 4, 2, DRAFT_BLACK);
    draft_fill(&d, 0, 0, 2, 4, DRAFT_BLACK);
    draft_set(&d, 2, 1, DRAFT_BLACK);
    draft_fill(&d, 0, 0, 3, 1, DRAFT_WHITE);
    draft_fill(&d, 0, 0, 1, 3, DRAFT_WHITE);
    draft_set(&d, 2, 0, DRAFT_OPEN);
    draft_set(&d, 0, 2, DRAFT_OPEN);
    draft_surround(&d, 2, DRAFT_WHITE_ZONE);
    for (int i = 0; i < outside; i++)
        draft_set(&d, outside_at[i][0], outside_at[i][1], DRAFT_OPEN);
    d.target[0] = draft_point(&d, 1, 1);
    begin_fight(&d);
    d.end = TRAP_BLACK_TAKEN;
    return d;
}

static struct draft draw_edge(const struct game *game, int outside)
{
    struct draft d = draft_new(TRAP_CORNER, outside, game->width);
    draft_fill(&d, 0, 1, 2, 7, DRAFT_BLACK);
    draft_fill(&d, 0, 2, 1, 5, DRAFT_OPEN);
    draft_fill(&d, 0, 3, 1, 3, DRAFT_WHITE);
    draft_surround(&d, 2, DRAFT_WHITE_ZONE);
    draft_fill(&d, 2, 2, 1, outside, DRAFT_OPEN);
    d.target[0] = draft_point(&d, 1, 1);
    begin_fight(&d);
    d.end = TRAP_BOTH_STAND;
    return d;
}

/* White to move in the corner. One outside liberty may be left for later, not two. */
static void answer_corner(struct draft *d, int outside)
{
    draft_ask(d, false);
    for (int i = 0; i < outside; i++)
        draft_answer(d, draft_point(d, outside_at[i][0], outside_at[i][1]), true);
    if (outside <= 1) {
        draft_answer(d, draft_point(d, 2, 0), true);
        draft_answer(d, draft_point(d, 0, 2), true);
    }
}

/* Black to move at the edge. */
static void answer_edge(struct draft *d)
{
    draft_ask(d, true);
    draft_answer(d, draft_point(d, 0, 2), false);
    draft_answer(d, draft_point(d, 0, 6), false);
}

void traps_make_corners(const struct game *game, GArray *traps)
{
    static const int sizes[] = {0, 1, 2, 4};
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        const guint before = traps->len;
        bool all = true;
        for (int k = 0; k < 4 && all; k++) {
            const bool edge = k & 2, white = k & 1;
            struct draft d = edge ? draw_edge(game, sizes[i]) : draw_corner(game, sizes[i]);
            d.to_move = white ? GAME_WHITE : GAME_BLACK;
            if (edge && !white)
                answer_edge(&d);
            if (!edge && white)
                answer_corner(&d, sizes[i]);
            all = draft_finish(&d, game, traps);
        }
        if (!all) /* as in ladders */
            g_array_set_size(traps, before);
    }
}
