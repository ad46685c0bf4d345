/* The model of the new game dialogue, without its drawing: a game with its board and options, the players, the clock. It
 * starts from the preferences and is stored in them again. One thread. */
#ifndef TENGEN_ENGINE_VIEWER_NEW_GAME_H
#define TENGEN_ENGINE_VIEWER_NEW_GAME_H

#include "engine/viewer/preferences.h"
#include "games/game.h"

enum { NEW_GAME_TIMES = 12, NEW_GAME_MAX_COUNT = 30 /* periods, or moves in one */ };
extern const int new_game_minutes[NEW_GAME_TIMES], new_game_seconds[NEW_GAME_TIMES];

struct new_game {
    struct preferences preferences; /* a copy, applied when the game is started */
    int kind;                       /* index into game_table */
    int width, height, option[GAME_MAX_OPTIONS];
    int clock_kind;                            /* enum agent_clock_kind */
    int clock_main, clock_period, clock_count; /* indices into minutes and seconds; number of periods or moves */
    char message[300];                         /* why the game cannot start; empty if it can */
};

/* Selects the game, players and clock of the preferences. */
void new_game_begin(struct new_game *n, const struct preferences *preferences);
/* Selects a game with its default board and options. kind: index into game_table. */
void new_game_choose(struct new_game *n, int kind);
/* The sizes of square boards to offer, ascending: those that are valid with the options selected, of which options that
 * belong to a board (handicap) count as presets. Returns their number; 0 if only the current board is offered, which is so
 * for games with rectangular boards: their other boards are for the command line. */
int new_game_sizes(const struct new_game *n, int sizes[GAME_MAX_SIZE]);
/* Stores the selection in n->preferences and makes the setup of the game. Returns false and sets n->message if it is
 * invalid. */
bool new_game_setup(struct new_game *n, struct session_setup *setup);

#endif
