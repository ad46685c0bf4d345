/* Time controls and clocks, shared by matches, the viewer, GTP and Gomocup.
 *
 * One struct serves as both. A time control is the clock before the first move (`control` below); a clock is one side's
 * remaining time. Plain values: the caller measures elapsed time. The notation is the same in every command, setting
 * and file; see agent_clock_parse. */
#ifndef TENGEN_AGENTS_CLOCK_H
#define TENGEN_AGENTS_CLOCK_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* 0 means no such limit; all zero means no clock. Main time and a limit per move can hold together, as in Gomocup's
 * tournaments; then both bound a move. In byo-yomi, once main_ms is used up, byo_moves moves must be made in
 * each period of byo_ms. One move is Japanese byo-yomi (a move within its period costs nothing, a longer one uses up
 * whole periods); several are Canadian byo-yomi (a single period, renewed once its moves are made). */
struct agent_clock {
    int64_t move_ms;      /* for this move */
    int64_t main_ms;      /* remaining main time, increments so far included */
    int64_t increment_ms; /* added after each move */
    int64_t byo_ms;       /* remaining in the current period; a full period during main time */
    int byo_moves;        /* still to be made in this period; 0: no byo-yomi */
    int periods;          /* Japanese byo-yomi: remaining periods, the current one included; 0 means 1 */
    int64_t visits;       /* search limit; not a time, but set by the same callers */
};

enum agent_clock_kind {
    AGENT_CLOCK_NONE,
    AGENT_CLOCK_ABSOLUTE, /* main time only */
    AGENT_CLOCK_BYOYOMI,  /* Japanese byo-yomi */
    AGENT_CLOCK_CANADIAN,
    AGENT_CLOCK_FISCHER, /* main time and an increment */
    AGENT_CLOCK_MOVE,    /* only a fixed limit per move; other kinds may have one besides */
    AGENT_CLOCK_KINDS
};
enum agent_clock_kind agent_clock_kind(const struct agent_clock *control);

/* ---- notation ---- */

enum { AGENT_CLOCK_TEXT_MAX = 64 };
#define AGENT_CLOCK_NOTATION                                                                                           \
    "none, 5m (sudden death), 10s+0.1s (Fischer: increment per move), 5m+3x30s (byo-yomi: three periods), "            \
    "5m+25/10m or 5m+10m/25 (Canadian: 25 moves per ten minutes), 2s/move, 5m,30s/move (both: five minutes, and at "   \
    "most 30 seconds a move)"

/* Parses any form of AGENT_CLOCK_NOTATION; units are ms, s, m and h. On failure *control is all zero and the error
 * lists the forms. */
bool agent_clock_parse(const char *text, struct agent_clock *control, GError **error);
/* The inverse of agent_clock_parse. buffer: AGENT_CLOCK_TEXT_MAX. Returns buffer. */
char *agent_clock_spell(const struct agent_clock *control, char *buffer);
/* SGF's TM (seconds of main time) and OT ("3x30 byo-yomi", "25/600 Canadian", "5 fischer"; "" for none), in the forms
 * used by other programs; ", at most 30 a move" is appended for an additional limit per move. Returns false without a
 * clock. Both buffers: AGENT_CLOCK_TEXT_MAX. */
bool agent_clock_sgf(const struct agent_clock *control, char *tm, char *ot);
/* Formats a clock for display: "12:34", "0:07.3", with " (3)" for periods or " /15" for moves to make. buffer:
 * AGENT_CLOCK_TEXT_MAX. Returns buffer. */
char *agent_clock_format(const struct agent_clock *clock, const struct agent_clock *control, char *buffer);

/* ---- elapsed time ---- */

/* The maximum time for the next move, in milliseconds; 0: no time limit. */
int64_t agent_clock_limit_ms(const struct agent_clock *clock);
/* Time until the flag falls, in milliseconds; 0 once it has, or without a clock. */
int64_t agent_clock_left_ms(const struct agent_clock *clock, const struct agent_clock *control);
/* Subtracts the thinking time spent_ms from the clock. Returns the overrun in milliseconds, or 0. */
int64_t agent_clock_run(struct agent_clock *clock, const struct agent_clock *control, int64_t spent_ms);
/* After the move: adds an increment, renews a period. */
void agent_clock_moved(struct agent_clock *clock, const struct agent_clock *control);
/* Both, for a referee. Returns false if the overrun exceeds margin_ms; *over_ms: the overrun, whether within the margin
 * or not. */
bool agent_clock_spend(struct agent_clock *clock, const struct agent_clock *control, int64_t spent_ms,
                       int64_t margin_ms, int64_t *over_ms);

#endif
