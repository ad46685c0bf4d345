#include "engine/robust/traps/traps.h"

#include "agents/agent.h"
#include "engine/robust/traps/draft.h"
#include "games/go/go.h"

/* clang-format off */
const struct trap_kind_text trap_kind_texts[TRAP_KINDS] = {
    [TRAP_LADDER] = {"ladder", "steps to the end of the corridor"},
    [TRAP_RACE]   = {"race",   "liberties of the side with fewer"},
    [TRAP_CYCLE]  = {"cycle",  "stones of the ring"},
    [TRAP_SEKI]   = {"seki",   "shared liberties"},
    [TRAP_CORNER] = {"corner", "outside liberties"},
};
/* clang-format on */

bool traps_check(const struct game *game, GError **error)
{
    const char *wrong = NULL;
    if (game->ops != &go_ops)
        wrong = "--traps are positions of Go: give a net that plays it, and --game go:SIZE";
    else if (go_rules(game).scoring != GO_AREA)
        wrong = "the answers of --traps hold where area is scored: give rules=tromp-taylor, chinese or aga";
    else if (go_rules(game).ko == GO_KO_SIMPLE)
        wrong = "the answers of --traps hold where boards must not be repeated: do not give ko=simple";
    else if (game->width < TRAP_MIN_BOARD)
        wrong = "--traps need a board of 9x9 or larger";
    if (wrong)
        g_set_error_literal(error, AGENT_ERROR, AGENT_ERROR_SPEC, wrong);
    return !wrong;
}

void traps_make(const struct game *game, GArray *traps)
{
    traps_make_ladders(game, traps);
    traps_make_races(game, traps);
    traps_make_cycles(game, traps);
    traps_make_seki(game, traps);
    traps_make_corners(game, traps);
}

void trap_set_up(const struct trap *trap, struct position *position)
{
    game_init(&trap->game, position);
    bool fine = game_set_up(&trap->game, position, trap->stones, trap->to_move, NULL);
    g_assert(fine); /* drawn so that every chain has a liberty */
}
