/* Internal to engine/protocols/gomocup/: the session and its commands. */
#ifndef TENGEN_ENGINE_PROTOCOLS_GOMOCUP_SESSION_H
#define TENGEN_ENGINE_PROTOCOLS_GOMOCUP_SESSION_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "agents/agent.h"
#include "engine/protocols/gomocup/gomocup.h"
#include "games/game.h"

enum { GOMOCUP_UNLIMITED = -1, GOMOCUP_MEMORY = 350 << 20 /* bytes; Gomocup's limit */ };

struct gomocup {
    struct gomocup_config config;
    char *agent_spec;
    /* settings from INFO; times in milliseconds, GOMOCUP_UNLIMITED: no limit */
    int64_t turn_ms, match_ms, left_ms, increment_ms;
    int64_t memory_bytes, nodes, thread_count;
    int64_t rule, ponder, detail, ignored;
    bool stale; /* INFO changed a setting that requires recreating the game or the agent */
    /* the board */
    bool started;
    struct game game;
    union any_position at;
    struct history history;
    enum game_colour own;                       /* the program's colour; GAME_EMPTY: not known yet */
    bool blocked[GAME_MAX_SIZE][GAME_MAX_SIZE]; /* [y][x]: not to be played, by YXBLOCK */
    /* the agent */
    struct agent *agent;
    struct game agent_game;
    bool agent_follows;
    bool cautioned; /* stderr has said that the net has not learned the game: see agent_caution */
    uint64_t games;
    int64_t begin_us; /* when the current command arrived, monotonic clock */
    /* input and output */
    struct line_input *input;
    int out;
    bool quit, broken;
};

struct gomocup_command {
    const char *name;
    bool needs_board;                                 /* fails with ERROR before START */
    void (*run)(struct gomocup *g, const char *rest); /* rest: the arguments, surrounding spaces removed */
};
extern const struct gomocup_command gomocup_commands[], gomocup_info_commands[], gomocup_board_commands[],
    gomocup_swap_commands[], gomocup_yixin_commands[]; /* each ends with a NULL name */

/* Sends a line; printf-style, without line end. */
void G_GNUC_PRINTF(2, 3) gomocup_send(struct gomocup *g, const char *format, ...);
/* Parses "x,y". Returns false if it is anything else or off the board. */
bool gomocup_read_point(const struct gomocup *g, const char *text, game_move *point);

/* ---- board.c ---- */

/* Creates an empty board of this size with the rules set by INFO. Returns false if it failed and ERROR was sent. */
bool gomocup_new_board(struct gomocup *g, int size);
/* Recreates the game with the same stones after a change of rules. Returns false if it failed and ERROR was sent. */
bool gomocup_refresh(struct gomocup *g);
/* Places a stone of this colour, even out of turn or if the rules forbid it. Returns false if the point is occupied or
 * the game is over. */
bool gomocup_place(struct gomocup *g, game_move point, enum game_colour colour);
/* Removes a stone. Black, who began, is to move next if both then have as many stones, else white; if that cannot be,
 * the stone's owner. Returns false if there is none. */
bool gomocup_remove(struct gomocup *g, game_move point);
/* Reads "x,y" (with_owner: "x,y,field") entries from `rest` and the following lines, up to DONE, into values [max][3].
 * Returns their number, or -1 if one is invalid (ERROR was sent) or the input ended. */
int gomocup_read_list(struct gomocup *g, const char *rest, bool with_owner, int (*values)[3], int max);
/* Sets the board from a list with owners. to_move: the program is to move, as after BOARD; otherwise whoever has to by
 * the stones. Returns false, with the board as it was, if it failed and ERROR was sent. */
bool gomocup_read_board(struct gomocup *g, const char *rest, bool to_move);

/* ---- think.c ---- */

/* Opens the agent for the current game and limits. Returns false with the error set. */
bool gomocup_open_agent(struct gomocup *g, GError **error);
/* Reopens game and agent after INFO changed their settings. */
void gomocup_prepare(struct gomocup *g);
/* Returns the agent, opened if necessary, at the current position; owned by the session. NULL if it failed and ERROR
 * was sent. */
struct agent *gomocup_agent(struct gomocup *g);
/* Whether YXBLOCK has taken the point away. */
bool gomocup_is_blocked(const struct gomocup *g, game_move point);
/* The manager's limit per move; GOMOCUP_UNLIMITED if there is none. timeout_turn 0 asks for moves as fast as possible,
 * but beside a limit for the match it only says that there is no other. */
int64_t gomocup_turn_ms(const struct gomocup *g);
/* The limits for this move from INFO, minus the time elapsed since the command arrived. */
struct agent_clock gomocup_clock(const struct gomocup *g);
/* Searches, plays the move and answers "x,y"; then ponders if enabled. */
void gomocup_answer(struct gomocup *g);
/* Searches the current position for `ms` milliseconds. *value: -1..1, from the perspective of the player to move.
 * *best: its best move, GAME_NO_MOVE if there is none. Returns false if it failed and ERROR was sent, or if the command
 * was cancelled. */
bool gomocup_evaluate(struct gomocup *g, int64_t ms, float *value, game_move *best);
/* Yixin's analysis: reports the best `lines` variations during the search, then the move, which is not played. */
void gomocup_show_best(struct gomocup *g, int lines);

/* ---- swap.c ---- */

/* Runs and answers a step of Yixin's swap2. 1: place three stones; 2: choose after three on the board; 3: choose after
 * five. */
void gomocup_swap_step(struct gomocup *g, int step);

#endif
