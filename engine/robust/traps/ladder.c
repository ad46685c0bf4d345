/* Ladders along a corridor between two walls.
 *
 *   . x x x x x x      x  black's zone; its pocket of two empty points has the only liberties of white's short chain O
 *   . . x x x x x
 *   O O O O O x o
 *   X X X X X o o      X  the chain that is chased, and cut off by O
 *   o o o o X o .      o  white's zone
 *   o o o o X . .      the corridor begins beside the chain's last stone, and ends in the zone of white, which captures the
 *   o o o . . . .      chain there, or of black, which saves it
 *
 * White must keep giving atari: after any other move black gives atari to O, and takes it as soon as X is in atari. So what
 * ataris achieve is what white can achieve. */
#include <stdlib.h>

#include "engine/robust/traps/draft.h"
#include "engine/robust/traps/traps.h"
#include "games/game.h"

enum {
    HEAD_X = 4, /* the last stone of the chain that is chased */
    HEAD_Y = 5,
    HALF = 3, /* the corridor goes so far from the diagonal; stones of a ladder go to 2 */
};

struct ladder {
    bool broken, runs; /* runs: black is in atari and to move; otherwise white is to move */
};

static struct draft draw(const struct game *game, int steps, const struct ladder *ladder)
{
    struct draft d = draft_new(TRAP_LADDER, steps, game->width);
    draft_fill(&d, 0, 0, HEAD_X + 2, 3, DRAFT_BLACK_ZONE);
    draft_fill(&d, 0, 0, HEAD_X + 5, 2, DRAFT_BLACK_ZONE); /* room for two eyes */
    draft_fill(&d, 0, 1, 2, 1, DRAFT_OPEN);
    draft_fill(&d, 0, 2, HEAD_X + 1, 1, DRAFT_WHITE);
    draft_fill(&d, 0, 3, HEAD_X + 1, 1, DRAFT_BLACK);
    for (int p = 0; p < game->points; p++) {
        const int x = p % d.width, y = p / d.width, across = abs((x - HEAD_X) - (y - HEAD_Y));
        const int along = (x - HEAD_X) + (y - HEAD_Y), end = 2 * steps + 3;
        if (along <= 0 || across > HALF)
            continue;
        if (along <= end) {
            d.cell[p] = DRAFT_OPEN;
            d.loose[p] = 1;
        } else if (ladder->broken && along <= end + 5) {
            d.cell[p] = DRAFT_BLACK_ZONE;
        }
    }
    draft_fill(&d, HEAD_X, 3, 1, HEAD_Y - 2, DRAFT_BLACK);
    if (ladder->runs)
        draft_set(&d, HEAD_X, HEAD_Y + 1, DRAFT_WHITE);
    draft_surround(&d, 2, DRAFT_WHITE_ZONE);
    d.target[0] = draft_point(&d, HEAD_X, HEAD_Y);
    d.target[1] = draft_point(&d, HEAD_X, 2);
    d.between[0] = TRAP_BLACK_TAKEN;
    d.between[1] = TRAP_WHITE_TAKEN;
    d.to_move = ladder->runs ? GAME_BLACK : GAME_WHITE;
    d.reads = true;
    return d;
}

/* Those of one length come together, or not at all: otherwise a net that always says the same would be right. */
void traps_make_ladders(const struct game *game, GArray *traps)
{
    static const struct ladder ladders[] = {{false, false}, {true, false}, {false, true}, {true, true}};
    static const int steps[] = {1, 2, 3, 4, 6, 8, 10, 12};
    for (size_t i = 0; i < G_N_ELEMENTS(steps) && HEAD_Y + steps[i] < game->width; i++) {
        const guint before = traps->len;
        bool all = true;
        for (size_t k = 0; k < G_N_ELEMENTS(ladders) && all; k++) {
            struct draft d = draw(game, steps[i], &ladders[k]);
            all = draft_finish(&d, game, traps);
        }
        if (!all)
            g_array_set_size(traps, before);
    }
}
