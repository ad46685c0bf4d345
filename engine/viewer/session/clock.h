/* Game clocks: none, absolute, byo-yomi, Canadian, Fischer. Pure values; whoever uses them says how much time passed.
 */
#ifndef TENGEN_ENGINE_VIEWER_SESSION_CLOCK_H
#define TENGEN_ENGINE_VIEWER_SESSION_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

enum clock_kind { CLOCK_NONE, CLOCK_ABSOLUTE, CLOCK_BYOYOMI, CLOCK_CANADIAN, CLOCK_FISCHER, CLOCK_KINDS };

struct clock_rules {
    enum clock_kind kind;
    int32_t main_ms;   /* Fischer: at the start */
    int32_t period_ms; /* byo-yomi and Canadian: a period; Fischer: gained by each move */
    int32_t periods;   /* byo-yomi: how many */
    int32_t stones;    /* Canadian: moves in a period */
};

struct clock_state {
    int32_t main_ms;   /* what is left of the main time */
    int32_t period_ms; /* what is left of the period under way */
    int16_t periods, stones;
};

void clock_start(const struct clock_rules *rules, struct clock_state *state);
/* A player has thought so long. False when the flag has fallen. */
bool clock_spend(const struct clock_rules *rules, struct clock_state *state, int32_t ms);
/* ... and has then moved. */
void clock_moved(const struct clock_rules *rules, struct clock_state *state);
/* Time until the flag falls, at most. */
int32_t clock_left_ms(const struct clock_rules *rules, const struct clock_state *state);
/* "12:34", "0:07.3", with " (3)" for periods or " /15" for stones to play. buffer: 32. Returns buffer. */
char *clock_format(const struct clock_rules *rules, const struct clock_state *state, char *buffer);
/* Reads "none", "10m", "10m+3x30s" (byo-yomi), "10m+5m/20" (Canadian: 20 stones), "5m+10s" (Fischer). */
bool clock_parse(const char *text, struct clock_rules *rules);
/* As clock_parse reads it. buffer: 32. */
char *clock_spell(const struct clock_rules *rules, char *buffer);

#endif
