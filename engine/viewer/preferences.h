/* What is kept between starts: $XDG_CONFIG_HOME/tengen/settings.json (JSON; a value out of range or of another type
 * keeps its preset), and the game under way in $XDG_STATE_HOME/tengen/autosave.sgf. */
#ifndef TENGEN_ENGINE_VIEWER_PREFERENCES_H
#define TENGEN_ENGINE_VIEWER_PREFERENCES_H

#include "engine/viewer/session/session.h"
#include "engine/viewer/session/strength.h"

enum opponent { OPPONENT_LEVEL, OPPONENT_EVEN, OPPONENT_SPEC, OPPONENTS };
enum seats { SEATS_BLACK, SEATS_WHITE, SEATS_BOTH, SEATS_NONE, SEATS }; /* where the human sits */

struct preferences {
    /* The window. */
    int theme;    /* 0 as the desk says, 1 light, 2 dark */
    int language; /* 0 as the desk says, 1 English, 2 Chinese */
    int scale;    /* percent; 0: the display's own */
    int width, height;
    int coordinates, move_numbers, sound, tips;
    /* What analysis shows. */
    int candidates, policy, ownership, pondering;
    /* The next game. */
    char game[GAME_SPEC_MAX];
    int seats, opponent, level;
    char spec[BRAIN_SPEC_MAX];
    char clock[AGENT_CLOCK_TEXT_MAX];
    struct strength_estimate even[GAME_MOST]; /* by game: see game_table */
};

void preferences_presets(struct preferences *preferences);
/* Reads the file over the presets. False, with the error set, when there is one that cannot be read: the presets hold,
 * and the file is kept beside as settings.json.broken. */
bool preferences_load(struct preferences *preferences, GError **error);
bool preferences_save(const struct preferences *preferences, GError **error);
/* Makes the next game's setup out of them; false for a game or clock that cannot be. */
bool preferences_setup(const struct preferences *preferences, struct session_setup *setup, GError **error);
/* The level that the opponent has in this game. */
int preferences_level(const struct preferences *preferences, const struct game *game);

/* "…/tengen/NAME" in the folder for settings or for state, made when missing; freed by the caller. */
char *preferences_config_path(const char *name);
char *preferences_state_path(const char *name);

#endif
