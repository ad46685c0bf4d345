/* What the end of a game makes of traps: it waits for fights that a move decides, and counts the others as they end. */
#include <criterion/criterion.h>

#include "engine/robust/traps/traps.h"
#include "games/counting.h"
#include "games/game.h"
#include "games/go/go.h"

static const char *const boards[] = {"go:9", "go:13"};

/* Whether both sides may pass, and who wins then, once dead stones are removed. */
static bool is_finished(const struct trap *trap, enum game_colour *winner)
{
    union any_position position;
    uint8_t dead[GAME_MAX_POINTS];
    struct game_count count;
    trap_set_up(trap, &position.p);
    if (!go_is_finished(&trap->game, &position.p, dead))
        return false;
    go_count(&trap->game, &position.p, dead, &count, NULL);
    *winner = count.margin > 0 ? GAME_BLACK : GAME_WHITE;
    return true;
}

/* A race that whoever moves first wins is not over; a seki is. A bent four in the corner may be left as it is, since the
 * stones around it are dead; but it must not pass for a seki. */
Test(traps_finished, fights_that_a_move_decides_are_not_over)
{
    for (size_t b = 0; b < G_N_ELEMENTS(boards); b++) {
        struct game game;
        GArray *traps = g_array_new(FALSE, FALSE, sizeof(struct trap));
        int finished[TRAP_KINDS] = {0}, wrong[TRAP_KINDS] = {0}, all[TRAP_KINDS] = {0};
        cr_assert(game_parse(&game, boards[b], NULL));
        traps_make(&game, traps);
        for (guint i = 0; i < traps->len; i++) {
            const struct trap *trap = &g_array_index(traps, struct trap, i);
            enum game_colour winner;
            all[trap->kind]++;
            if (!is_finished(trap, &winner))
                continue;
            finished[trap->kind]++;
            if (trap->kind == TRAP_SEKI) /* komi may ask for more than the seki */
                continue;
            const bool decides = trap->kind != TRAP_CORNER && trap->asks && !trap->right[game.pass];
            wrong[trap->kind] += decides || winner != trap->winner;
        }
        cr_expect_eq(finished[TRAP_SEKI], all[TRAP_SEKI], "%s: %d of %d sekis", boards[b], finished[TRAP_SEKI],
                     all[TRAP_SEKI]);
        for (int kind = 0; kind < TRAP_KINDS; kind++)
            cr_expect_eq(wrong[kind], 0, "%s: %d of %d %s", boards[b], wrong[kind], all[kind],
                         trap_kind_texts[kind].name);
        g_array_unref(traps);
    }
}
