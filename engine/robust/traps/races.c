/* Capturing races between two chains that go across the board, seki of the same kind, and races around a ring.
 *
 *   o o o o o o o      white's zone; its gaps are outside liberties of black's chain
 *   o . . o o o o
 *   X X X X X X X      black's chain; holes in it beside white's chain are liberties of both
 *   X X . X X X X
 *   O O O O O O O      white's chain
 *   x . . x x x x      black's zone; its gaps are outside liberties of white's chain
 *   x x x x x x x
 *
 * Of two chains without eyes the one that moves first captures the other if it has as many outside liberties and at most one
 * is shared; from two shared ones on it needs shared - 1 more, and otherwise neither side can approach: Müller 1999,
 * "Race to capture: analyzing semeai in Go". A chain with an eye, whose points count as liberties, has the shared
 * ones for itself. */
#include "engine/robust/traps/draft.h"
#include "engine/robust/traps/traps.h"
#include "games/game.h"

struct race {
    int black, white; /* outside liberties */
    int shared;
    bool eyes; /* each chain has one of a point */
};

/* Fills row y with a chain, from the row of its outside liberties on; returns its rows. */
static int draw_chain(struct draft *d, int y, int rows, enum draft_cell chain, bool eye)
{
    draft_fill(d, 0, y, d->width, rows, chain);
    if (eye)
        draft_set(d, d->width - 2, y + 1, DRAFT_OPEN);
    return rows;
}

/* Black to move. */
static struct draft draw_race(const struct game *game, enum trap_kind kind, int size, const struct race *race)
{
    struct draft d = draft_new(kind, size, game->width);
    const int black_rows = race->eyes ? 3 : race->shared ? 2 : 1, white_rows = race->eyes ? 3 : 1;
    const int top = (d.width - 2 - black_rows - white_rows) / 2;
    int y = top;
    draft_fill(&d, 0, 0, d.width, top + 1, DRAFT_WHITE_ZONE);
    draft_fill(&d, 1, y++, race->black, 1, DRAFT_OPEN);
    y += draw_chain(&d, y, black_rows, DRAFT_BLACK, race->eyes);
    for (int i = 0; i < race->shared; i++)
        draft_set(&d, 1 + 2 * i, y - 1, DRAFT_OPEN);
    d.target[0] = draft_point(&d, 0, top + 1);
    d.target[1] = draft_point(&d, 0, y);
    y += draw_chain(&d, y, white_rows, DRAFT_WHITE, race->eyes);
    draft_fill(&d, 0, y, d.width, d.width - y, DRAFT_BLACK_ZONE);
    draft_fill(&d, 1, y, race->white, 1, DRAFT_OPEN);
    d.between[0] = TRAP_BLACK_TAKEN;
    d.between[1] = TRAP_WHITE_TAKEN;
    return d;
}

/* The gaps in the row below white's chain. */
static void answer_outside(struct draft *d, int liberties)
{
    const int beside = d->target[1] / d->width + 1;
    draft_ask(d, false);
    for (int x = 1; x <= liberties; x++)
        draft_answer(d, draft_point(d, x, beside), true);
}

void traps_make_races(const struct game *game, GArray *traps)
{
    static const int sizes[] = {1, 2, 3, 4, 6, 8, 12, 16};
    for (size_t i = 0; i < G_N_ELEMENTS(sizes) && sizes[i] <= game->width - 3; i++)
        for (int shared = 0; shared <= 1; shared++)
            for (int lead = 0; lead <= 1; lead++) { /* white's liberties beyond black's */
                const struct race race = {sizes[i], sizes[i] + lead, shared, false};
                struct draft d = draw_race(game, TRAP_RACE, sizes[i], &race);
                d.end = lead ? TRAP_BLACK_TAKEN : TRAP_WHITE_TAKEN;
                if (!lead)
                    answer_outside(&d, sizes[i]);
                draft_finish(&d, game, traps);
            }
}

void traps_make_seki(const struct game *game, GArray *traps)
{
    for (int shared = 1; shared <= 4; shared++)
        for (int ahead = 0; ahead <= 1; ahead++) { /* komi asks whether black lives, or whether it captures */
            const struct race race = {0, 0, shared, shared == 1};
            struct draft d = draw_race(game, TRAP_SEKI, shared, &race);
            d.end = TRAP_BOTH_STAND;
            d.between[0] = ahead ? TRAP_WHITE_TAKEN : TRAP_BLACK_TAKEN;
            d.between[1] = TRAP_BOTH_STAND;
            if (!ahead && shared <= 2) { /* whoever fills one of the last two liberties is captured */
                draft_ask(&d, true);
                for (int p = 0; p < game->points; p++)
                    draft_answer(&d, p, d.cell[p] != DRAFT_OPEN || p / d.width > d.target[1] / d.width);
            }
            draft_finish(&d, game, traps);
        }
}

/* ---- rings ---- */

struct ring {
    int side;    /* of the ring, which is a square */
    int eye;     /* points of the eye of the chain in it: 1 or 2 */
    int shared;  /* liberties of both */
    int outside; /* liberties of the ring */
    bool inner;  /* the chain in it moves first */
};

/* The i-th liberty that ring and chain share: every second point beside the ring, at the top, then at the bottom. */
static int shared_point(const struct draft *d, const struct ring *r, int margin, int i)
{
    const int row = (r->side - 1) / 2; /* so many in a row */
    return draft_point(d, margin + 1 + 2 * (i % row), i < row ? margin + 1 : margin + r->side - 2);
}

static void answer_ring(struct draft *d, const struct ring *r, int margin)
{
    draft_ask(d, false);
    for (int i = 0; r->inner && i < r->outside; i++)
        draft_answer(d, draft_point(d, margin + 1 + i, margin + r->side), true);
    for (int i = 0; !r->inner && i < r->shared; i++)
        draft_answer(d, shared_point(d, r, margin, i), true);
    for (int i = 0; !r->inner && !r->shared && i < r->eye; i++)
        draft_answer(d, draft_point(d, margin + r->side / 2 + i, margin + r->side / 2), true);
}

/* The ring is white and the chain in it black. */
static struct draft draw_ring(const struct game *game, const struct ring *r)
{
    struct draft d = draft_new(TRAP_CYCLE, 4 * r->side - 4, game->width);
    const int margin = r->side + 6 <= d.width ? 3 : 0; /* in the corner if there is no room around it */
    const int middle = margin + r->side / 2;
    draft_fill(&d, margin, margin, r->side, r->side, DRAFT_WHITE);
    draft_fill(&d, margin + 1, margin + 1, r->side - 2, r->side - 2, DRAFT_BLACK);
    draft_fill(&d, middle, middle, r->eye, 1, DRAFT_OPEN);
    for (int i = 0; i < r->shared; i++)
        d.cell[shared_point(&d, r, margin, i)] = DRAFT_OPEN;
    draft_surround(&d, 2, DRAFT_BLACK_ZONE);
    draft_fill(&d, margin + 1, margin + r->side, r->outside, 1, DRAFT_OPEN);
    d.target[0] = draft_point(&d, margin + 2, margin + 1);
    d.target[1] = draft_point(&d, margin, margin);
    d.between[0] = TRAP_BLACK_TAKEN;
    d.between[1] = TRAP_WHITE_TAKEN;
    d.to_move = r->inner ? GAME_BLACK : GAME_WHITE;
    const int inside = r->eye + r->shared, own = r->inner ? inside : r->outside, other = r->inner ? r->outside : inside;
    d.end = (own >= other) == r->inner ? TRAP_WHITE_TAKEN : TRAP_BLACK_TAKEN;
    if (own >= other)
        answer_ring(&d, r, margin);
    return d;
}

/* The side to move has as many liberties as the other one, or one less. */
void traps_make_cycles(const struct game *game, GArray *traps)
{
    static const struct {
        int eye, shared;
    } insides[] = {{1, 0}, {2, 0}, {1, 2}, {1, 4}};
    for (int side = 5; side <= game->width - 4; side += side < 9 ? 2 : 4)
        for (size_t i = 0; i < G_N_ELEMENTS(insides); i++)
            for (int k = 0; k < 4; k++) {
                const int eye = insides[i].eye, shared = insides[i].shared;
                const bool inner = k & 1, wins = k & 2;
                const struct ring ring = {side, eye, shared, eye + shared + (wins ? 0 : inner ? 1 : -1), inner};
                if (ring.outside < 1 || ring.outside > side - 2 || (side < 7 && (eye > 1 || shared)))
                    continue;
                struct draft d = draw_ring(game, &ring);
                draft_finish(&d, game, traps);
            }
}
