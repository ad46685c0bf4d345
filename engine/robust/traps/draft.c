/* Settles a drawing: fills the zones, chooses komi, and turns one drawing into traps of both colours. */
#include "engine/robust/traps/draft.h"

#include <stdlib.h>
#include <string.h>

#include "games/go/go.h"

enum { SIDES = 2, IMAGES = 4, LATTICE = 5, PATTERNS, SWEEPS = 4, TRIES = 60 };

/* ---- drawing ---- */

struct draft draft_new(enum trap_kind kind, int size, int width)
{
    struct draft draft = {
        .kind = kind, .size = size, .width = width, .target = {-1, -1}, .to_move = GAME_BLACK, .asks = false};
    memset(draft.cell, DRAFT_FREE, sizeof draft.cell);
    return draft;
}

void draft_fill(struct draft *draft, int x, int y, int width, int height, enum draft_cell cell)
{
    for (int row = MAX(y, 0); row < MIN(y + height, draft->width); row++)
        for (int column = MAX(x, 0); column < MIN(x + width, draft->width); column++)
            draft->cell[draft_point(draft, column, row)] = (uint8_t)cell;
}

static bool in_fight(int cell)
{
    return cell == DRAFT_OPEN || cell == DRAFT_BLACK || cell == DRAFT_WHITE;
}

void draft_surround(struct draft *draft, int distance, enum draft_cell zone)
{
    const int width = draft->width;
    uint8_t near[GAME_MAX_POINTS] = {0};
    for (int p = 0; p < width * width; p++)
        for (int y = MAX(p / width - distance, 0);
             in_fight(draft->cell[p]) && y <= MIN(p / width + distance, width - 1); y++)
            memset(&near[y * width + MAX(p % width - distance, 0)], 1,
                   (size_t)(MIN(p % width + distance, width - 1) - MAX(p % width - distance, 0) + 1));
    for (int p = 0; p < width * width; p++)
        if (near[p] && draft->cell[p] == DRAFT_FREE)
            draft->cell[p] = (uint8_t)zone;
}

void draft_ask(struct draft *draft, bool right)
{
    draft->asks = true;
    memset(draft->right, right, sizeof draft->right);
}

void draft_answer(struct draft *draft, int point, bool right)
{
    draft->right[point] = right;
}

/* ---- settling ---- */

/* Gives the first `limit` places of a sweep to black: from the top; from the lower left corner; from both corners beside
 * the diagonal; or from the lower right corner. */
static void share_free(struct draft *draft, int sweep, int limit)
{
    const int width = draft->width;
    for (int p = 0; p < width * width; p++) {
        const int x = p % width, y = p / width;
        const int from[SWEEPS] = {p, (width - 1 + x - y) * width + x, (width - 1 - abs(x - y)) * width + x,
                                  (2 * width - 2 - x - y) * width + x};
        if (draft->cell[p] == DRAFT_FREE)
            draft->cell[p] = from[sweep] < limit ? DRAFT_BLACK_ZONE : DRAFT_WHITE_ZONE;
    }
}

/* Whether all neighbours of a point belong to the same zone. */
static bool is_inside(const struct draft *draft, int p)
{
    const int width = draft->width, x = p % width, y = p / width, zone = draft->cell[p];
    return (zone == DRAFT_BLACK_ZONE || zone == DRAFT_WHITE_ZONE) && (x == 0 || draft->cell[p - 1] == zone) &&
           (x == width - 1 || draft->cell[p + 1] == zone) && (y == 0 || draft->cell[p - width] == zone) &&
           (y == width - 1 || draft->cell[p + width] == zone);
}

/* Whether there is an eye among the points around p that come before it. */
static bool eye_before(const struct draft *draft, const uint8_t *stones, int p)
{
    const int width = draft->width, x = p % width;
    const int before[] = {x > 0 ? p - 1 : -1, x > 0 ? p - width - 1 : -1, p - width,
                          x + 1 < width ? p - width + 1 : -1};
    for (size_t i = 0; i < G_N_ELEMENTS(before); i++)
        if (before[i] >= 0 && !in_fight(draft->cell[before[i]]) && stones[before[i]] == GAME_EMPTY)
            return true;
    return false;
}

/* Stones on the zones, with eyes on points that have no neighbour outside of their zone: every fifth of them, as `pattern`
 * says, or with the last one as many as leave two eyes no neighbours. */
static void draw_stones(const struct draft *draft, int pattern, uint8_t *stones)
{
    static const uint8_t colours[] = {
        [DRAFT_OPEN] = GAME_EMPTY,       [DRAFT_BLACK] = GAME_BLACK,      [DRAFT_WHITE] = GAME_WHITE,
        [DRAFT_BLACK_ZONE] = GAME_BLACK, [DRAFT_WHITE_ZONE] = GAME_WHITE, [DRAFT_FREE] = GAME_EMPTY};
    for (int p = 0; p < draft->width * draft->width; p++) {
        const bool chosen = pattern < LATTICE ? (p % draft->width + 2 * (p / draft->width)) % LATTICE == pattern
                                              : !eye_before(draft, stones, p);
        stones[p] = chosen && is_inside(draft, p) ? GAME_EMPTY : colours[draft->cell[p]];
    }
}

static bool is_settled(const struct draft *draft, const struct game *game, const uint8_t *stones)
{
    union any_position position;
    int8_t owner[GAME_MAX_POINTS];
    game_init(game, &position.p);
    if (!game_set_up(game, &position.p, stones, GAME_BLACK, NULL))
        return false;
    go_pass_alive(game, &position.p, owner);
    for (int p = 0; p < game->points; p++)
        if (!in_fight(draft->cell[p]) && owner[p] != (draft->cell[p] == DRAFT_BLACK_ZONE ? 1 : -1))
            return false;
    return true;
}

/* Black's points minus white's. */
static int margin_after(const struct draft *draft, const struct game *game, const uint8_t *stones, enum trap_end end)
{
    union any_position position;
    int margin = 0;
    if (end == TRAP_BOTH_STAND) {
        game_init(game, &position.p);
        game_set_up(game, &position.p, stones, GAME_BLACK, NULL);
        return go_area(game, &position.p, NULL);
    }
    for (int p = 0; p < game->points; p++) {
        const bool fight = in_fight(draft->cell[p]);
        const bool black = fight ? end == TRAP_WHITE_TAKEN && !draft->loose[p] : draft->cell[p] == DRAFT_BLACK_ZONE;
        margin += black ? 1 : -1;
    }
    return margin;
}

/* Twice the komi, odd, so that nothing is drawn. */
static int komi_of(const struct draft *draft, const struct game *game, const uint8_t *stones)
{
    return (margin_after(draft, game, stones, draft->between[0]) +
            margin_after(draft, game, stones, draft->between[1])) |
           1;
}

/* Of all ways to share the free cells the one with a komi nearest to 0; false if it is more than twice the board's width. */
static bool settle(struct draft *draft, const struct game *game, uint8_t *stones, int *komi)
{
    const struct draft drawn = *draft;
    const int width = drawn.width, most = 2 * width * width;
    const int limit = 4 * width + 4; /* in half points */
    int best = limit;
    for (int sweep = 0; sweep < SWEEPS; sweep++)
        for (int i = 0; i <= TRIES; i++) {
            struct draft tried = drawn;
            uint8_t made[GAME_MAX_POINTS];
            share_free(&tried, sweep, most * i / TRIES);
            for (int pattern = 0; pattern < PATTERNS; pattern++) {
                draw_stones(&tried, pattern, made);
                const int found = komi_of(&tried, game, made);
                if (abs(found) >= best || !is_settled(&tried, game, made))
                    continue;
                best = abs(found);
                *komi = found;
                *draft = tried;
                memcpy(stones, made, (size_t)game->points);
            }
        }
    return best < limit;
}

/* ---- traps ---- */

/* What reading says of a ladder: black's target is chased, and white wins if it is captured. Only white is asked for a move: a
 * black chain that does not run is captured, but the moves that this takes may be worth as much along the corridor. */
static void read_ladder(struct trap *trap)
{
    const struct game *game = &trap->game;
    union any_position start, next;
    const int target = trap->target[0];
    const bool runs = trap->to_move == GAME_BLACK;
    trap_set_up(trap, &start.p);
    const bool captured = trap_ladder_captures(game, &start.p, target, runs);
    trap->winner = captured ? GAME_WHITE : GAME_BLACK;
    trap->asks = captured && !runs;
    for (int move = 0; trap->asks && move < game->moves; move++) {
        game_copy(game, &next.p, &start.p);
        if (game_try(game, &next.p, NULL, (game_move)move))
            trap->right[move] =
                go_liberties(game, &next.p, target) == 1 && trap_ladder_captures(game, &next.p, target, true);
    }
}

/* The trap as drawn, with black as black. */
static bool make_trap(const struct draft *drawn, const struct game *game, struct trap *trap)
{
    struct draft draft = *drawn;
    int komi = 0;
    *trap = (struct trap){.kind = draft.kind,
                          .size = draft.size,
                          .game = *game,
                          .to_move = draft.to_move,
                          .target = {draft.target[0], draft.target[1]},
                          .asks = draft.asks};
    if (!settle(&draft, game, trap->stones, &komi))
        return false;
    game_set_komi(&trap->game, komi);
    for (int end = 0; end < TRAP_ENDS; end++)
        trap->winner_after[end] =
            2 * margin_after(&draft, game, trap->stones, (enum trap_end)end) > komi ? GAME_BLACK : GAME_WHITE;
    for (int p = 0; p < game->points; p++)
        trap->settled[p] = !in_fight(draft.cell[p]);
    memcpy(trap->right, draft.right, sizeof trap->right);
    trap->winner = trap->winner_after[draft.end];
    if (draft.reads)
        read_ladder(trap);
    return true;
}

static enum game_colour colour_of(enum game_colour colour, bool swap)
{
    return swap && colour != GAME_EMPTY ? (enum game_colour)game_other((int)colour) : colour;
}

static struct trap image_of(const struct trap *trap, int symmetry, bool swap)
{
    static const enum trap_end swapped[TRAP_ENDS] = {TRAP_BOTH_STAND, TRAP_WHITE_TAKEN, TRAP_BLACK_TAKEN};
    const struct game *game = &trap->game;
    struct trap image = *trap;
    for (int p = 0; p < game->points; p++) {
        const int to = game_symmetry_point(game, symmetry, p);
        image.stones[to] = (uint8_t)colour_of((enum game_colour)trap->stones[p], swap);
        image.settled[to] = trap->settled[p];
        image.right[to] = trap->right[p];
    }
    for (int i = 0; i < SIDES; i++) {
        const int from = trap->target[swap ? 1 - i : i];
        image.target[i] = from < 0 ? -1 : game_symmetry_point(game, symmetry, from);
    }
    for (int end = 0; end < TRAP_ENDS; end++)
        image.winner_after[end] = colour_of(trap->winner_after[swap ? swapped[end] : (enum trap_end)end], swap);
    image.to_move = colour_of(trap->to_move, swap);
    image.winner = colour_of(trap->winner, swap);
    if (swap)
        game_set_komi(&image.game, -game_komi(game));
    return image;
}

bool draft_finish(const struct draft *draft, const struct game *game, GArray *traps)
{
    static const int symmetries[IMAGES] = {0, 3, 5, 6}; /* the turns */
    struct trap trap;
    if (!make_trap(draft, game, &trap))
        return false;
    for (int i = 0; i < IMAGES * SIDES; i++) {
        struct trap image = image_of(&trap, symmetries[i / SIDES], i % SIDES);
        g_array_append_val(traps, image);
    }
    return true;
}
