/* What a net answers in traps: with its policy alone, and with a search. */
#ifndef TENGEN_ENGINE_ROBUST_TRAPS_JUDGE_H
#define TENGEN_ENGINE_ROBUST_TRAPS_JUDGE_H

#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "engine/robust/traps/traps.h"
#include "games/game.h"

struct agent_choice;

enum traps_player { TRAPS_POLICY, TRAPS_SEARCH, TRAPS_PLAYERS };

/* The traps of one kind and size on one board. */
struct traps_row {
    enum trap_kind kind;
    int size, board;
    int positions, asking; /* asking: those that ask for a move */
    int outside; /* of the positions, those on boards that the net was not trained on, as far as its file tells */
    int moves[TRAPS_PLAYERS], values[TRAPS_PLAYERS]; /* right ones, of `asking` and of `positions` */
};

struct traps_config {
    const char *net; /* as in agent specs */
    int visits;
    uint64_t seed;
    const struct game *boards; /* accepted by traps_check */
    int board_count;
    const atomic_bool *stop;                           /* may be NULL */
    void (*progress)(int done, int total, void *data); /* may be NULL */
    void *data;
};
struct traps_report {
    const struct traps_config *config;
    GArray *rows; /* struct traps_row, by kind, size and board */
    double seconds;
    bool finished; /* false: stopped; the rows have what was judged until then */
};

/* Whether an answer is right: the move, if the trap asks for one, and the side that the value, P(win) - P(loss), favours. A
 * player who resigns has neither move nor hope; a value that is not known is not right. */
bool trap_move_is_right(const struct trap *trap, const struct agent_choice *choice);
bool trap_value_is_right(const struct trap *trap, const struct agent_choice *choice);
/* Adds an answer of this player to the rows, an array of struct traps_row, with a new row for what has none. outside: see
 * struct traps_row. Positions are counted with TRAPS_POLICY. */
void traps_count(GArray *rows, const struct trap *trap, enum traps_player player, const struct agent_choice *choice,
                 bool outside);

/* Judges the net in all traps of all boards, in one thread: the same seed gives the same report. False with the error set if
 * the net cannot be loaded or does not play there. Free the report with traps_report_clear in either case. */
bool traps_judge(const struct traps_config *config, struct traps_report *report, GError **error);
void traps_report_clear(struct traps_report *report);

/* The table, for people; one JSON object per row, and a summary. */
void traps_print_text(const struct traps_report *report, FILE *out);
void traps_print_json(const struct traps_report *report, FILE *out);

#endif
