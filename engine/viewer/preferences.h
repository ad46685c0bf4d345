/* Persistent settings in $XDG_CONFIG_HOME/tengen/settings.json (a value that is out of range or has the wrong type is
 * replaced by its default), and the path of the autosaved game, $XDG_STATE_HOME/tengen/autosave.sgf. One thread. */
#ifndef TENGEN_ENGINE_VIEWER_PREFERENCES_H
#define TENGEN_ENGINE_VIEWER_PREFERENCES_H

#include <glib.h>
#include <stdbool.h>

#include "agents/clock.h"
#include "engine/viewer/session/brain.h"
#include "engine/viewer/session/strength.h"
#include "games/game.h"

struct session_setup;

enum opponent { OPPONENT_LEVEL, OPPONENT_EVEN, OPPONENT_SPEC, OPPONENTS };
enum seats { SEATS_BLACK, SEATS_WHITE, SEATS_BOTH, SEATS_NONE, SEATS }; /* the colours that humans play */

struct preferences {
    /* The window. */
    int theme;    /* 0 desktop setting, 1 light, 2 dark */
    int language; /* 0 desktop setting, 1 English, 2 Chinese */
    int scale;    /* percent; 0: according to the display */
    int width, height;
    int coordinates, move_numbers, sound, tips;
    /* Analysis. */
    int candidates, policy, ownership, pondering;
    /* The next game. */
    char game[GAME_SPEC_MAX];
    int seats, opponent, level;
    char spec[BRAIN_SPEC_MAX];
    char clock[AGENT_CLOCK_TEXT_MAX];
    char memory[BRAIN_PATH_MAX]; /* the engine's file of memories; "": the user's own, "none": none. Not stored */
    struct strength_estimate even[GAME_MAX_GAMES]; /* for OPPONENT_EVEN, by index into game_table */
};

/* Sets all defaults. */
void preferences_presets(struct preferences *preferences);
/* Reads the settings file, if there is one, into preferences that hold the defaults. Values of the wrong type or out of
 * range are ignored. Returns false with the error set if the file is not valid JSON, or its game or clock is invalid:
 * the defaults remain for these, and the file is copied to settings.json.broken. */
bool preferences_load(struct preferences *preferences, GError **error);
/* Copies the settings file to settings.json.broken, for the user to mend. Returns the copy's path, freed by g_free, or
 * NULL if that failed. */
char *preferences_keep_refused(void);
/* Writes the settings file. Returns false with the error set. */
bool preferences_save(const struct preferences *preferences, GError **error);
/* Fills the setup of a new game. Returns false with the error set if game or clock is invalid. */
bool preferences_setup(const struct preferences *preferences, struct session_setup *setup, GError **error);
/* Opens the agents of a setup and closes them again. Returns false with the error set if one does not open. Blocks. */
bool preferences_check(const struct session_setup *setup, GError **error);
/* The opponent's level in this game, 1 to STRENGTH_LEVELS. */
int preferences_level(const struct preferences *preferences, const struct game *game);

/* The path of tengen/NAME in the configuration or state folder, which is created if necessary. Freed by g_free. */
char *preferences_config_path(const char *name);
char *preferences_state_path(const char *name);
/* The folder of the list of games, which is created if necessary: tengen/games in the user's data folder. Freed by
 * g_free. */
char *preferences_games_folder(void);
/* The user's own file of memories: tengen/memory.db in the data folder. Freed by g_free. */
char *preferences_memory_file(void);

#endif
