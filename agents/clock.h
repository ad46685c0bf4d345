/* Time controls and clocks, for everything that keeps time: matches, the window, GTP and Gomocup.
 *
 * One struct serves as both. A time control is the clock as it stands before the first move (`control` below); a clock
 * is what one side has left of it. Pure values: whoever uses them says how much time has passed. The notation is the
 * same for every command, setting and file; see agent_clock_parse. */
#ifndef TENGEN_AGENTS_CLOCK_H
#define TENGEN_AGENTS_CLOCK_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* What a player may use for one move. 0 means no such limit; all zero means no clock. In byo-yomi, once main_ms is used
 * up, byo_moves moves are due in each period of byo_ms. One move is the Japanese form (a move inside its period costs
 * nothing, a longer one uses up whole periods); several are the Canadian form (a single period, renewed once its moves
 * are made). */
struct agent_clock {
    int64_t move_ms;      /* for this move */
    int64_t main_ms;      /* left for the rest of the game, increments gained so far included */
    int64_t increment_ms; /* gained by each move, once it is made */
    int64_t byo_ms;       /* left of the current period, or a whole one while main_ms lasts */
    int byo_moves;        /* still due in this period; 0: no byo-yomi */
    int periods;          /* left in the Japanese form, the current one included; 0 is as 1 */
    int64_t visits;       /* of a search; not a matter of time, but set by the same callers */
};

enum agent_clock_kind {
    AGENT_CLOCK_NONE,
    AGENT_CLOCK_ABSOLUTE, /* main time only */
    AGENT_CLOCK_BYOYOMI,  /* the Japanese form */
    AGENT_CLOCK_CANADIAN,
    AGENT_CLOCK_FISCHER, /* main time and an increment */
    AGENT_CLOCK_MOVE,    /* a limit for each move */
    AGENT_CLOCK_KINDS
};
enum agent_clock_kind agent_clock_kind(const struct agent_clock *control);

/* ---- notation ---- */

enum { AGENT_CLOCK_TEXT_MAX = 64 };
#define AGENT_CLOCK_NOTATION                                                                                           \
    "none, 5m (for the game), 10s+0.1s (Fischer: gained by each move), 5m+3x30s (byo-yomi: three periods of a move), " \
    "5m+25/10m or 5m+10m/25 (Canadian: 25 moves in each ten minutes), 2s/move"

/* Reads any form of AGENT_CLOCK_NOTATION; units are ms, s, m and h. On failure the clock is all zero, and the error
 * lists the forms. */
bool agent_clock_parse(const char *text, struct agent_clock *control, GError **error);
/* Writes what agent_clock_parse reads back as the same control. buffer: AGENT_CLOCK_TEXT_MAX. Returns buffer. */
char *agent_clock_spell(const struct agent_clock *control, char *buffer);
/* SGF's TM (seconds of main time) and OT ("3x30 byo-yomi", "25/600 Canadian", "5 fischer"; "" for none), in the forms
 * that other programs write; false without a clock. Both buffers: AGENT_CLOCK_TEXT_MAX. */
bool agent_clock_sgf(const struct agent_clock *control, char *tm, char *ot);
/* What a clock face shows: "12:34", "0:07.3", with " (3)" for periods or " /15" for moves due. buffer:
 * AGENT_CLOCK_TEXT_MAX. Returns buffer. */
char *agent_clock_format(const struct agent_clock *clock, const struct agent_clock *control, char *buffer);

/* ---- time passing ---- */

/* The longest that the clock allows for the next move, in milliseconds; 0: it says nothing of time. */
int64_t agent_clock_limit_ms(const struct agent_clock *clock);
/* Time until the flag falls; 0 once it has, and without a clock. */
int64_t agent_clock_left_ms(const struct agent_clock *clock, const struct agent_clock *control);
/* The player has thought for spent_ms: takes it off the clock. Returns by how much that was more than the clock had. */
int64_t agent_clock_run(struct agent_clock *clock, const struct agent_clock *control, int64_t spent_ms);
/* The player has then moved: adds an increment, renews a period. */
void agent_clock_moved(struct agent_clock *clock, const struct agent_clock *control);
/* Both, for a referee. False when the move took longer than the clock allowed by more than margin_ms; *over_ms says by
 * how much it was longer, margin or not. */
bool agent_clock_spend(struct agent_clock *clock, const struct agent_clock *control, int64_t spent_ms,
                       int64_t margin_ms, int64_t *over_ms);

#endif
