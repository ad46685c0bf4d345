/* Turns settings into a match that is ready to run, with everything validated. */
#ifndef TENGEN_ENGINE_MATCH_SETUP_H
#define TENGEN_ENGINE_MATCH_SETUP_H

#include <glib.h>
#include <stdbool.h>

#include "engine/match/game.h"
#include "engine/match/match.h"
#include "engine/match/statistics/rating.h"
#include "engine/match/statistics/sprt.h"
#include "games/game.h"

struct match_settings;

struct match_setup {
    struct game game;
    struct match_config config; /* points into the members below */
    struct match_player players[MATCH_MAX_PLAYERS];
    char *names[MATCH_MAX_PLAYERS];
    struct match_opening *openings;
    bool shuffle;
    struct sprt sprt;
    struct journal *journal;
    struct rating_anchor anchors[MATCH_MAX_PLAYERS];
    int anchor_count;
    bool davidson, repeated; /* Davidson's draw model; rate repeated games */
};

/* Fills *setup; with --out, opens the journal and compares the settings with it. Errors name the option or the line of
 * the tournament file. Clear it in any case. */
bool match_setup_make(struct match_setup *setup, struct match_settings *settings, GError **error);
void match_setup_clear(struct match_setup *setup);

#endif
