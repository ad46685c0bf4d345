/* What the files of the Gomocup protocol share. For engine/protocols/gomocup/ alone. */
#ifndef TENGEN_ENGINE_PROTOCOLS_GOMOCUP_SESSION_H
#define TENGEN_ENGINE_PROTOCOLS_GOMOCUP_SESSION_H

#include "agents/agent.h"
#include "engine/protocols/gomocup/gomocup.h"
#include "engine/protocols/common/line_input.h"

enum { GOMOCUP_UNLIMITED = -1, GOMOCUP_MEMORY = 350 << 20 /* what Gomocup allows, until INFO says less */ };

struct gomocup {
    struct gomocup_config config;
    char *agent_spec;
    /* what INFO said; times in milliseconds, GOMOCUP_UNLIMITED for none */
    int64_t turn_ms, match_ms, left_ms;
    int64_t memory_bytes, nodes, thread_count;
    int64_t rule, ponder, detail, ignored;
    bool stale; /* the agent or the game must be made anew by what it said */
    /* the board */
    bool started;
    struct game game;
    union any_position at;
    struct history history;
    /* the agent */
    struct agent *agent;
    struct game agent_game;
    bool agent_follows;
    uint64_t games;
    int64_t begin_us; /* when the command that is answered came */
    /* input and output */
    struct line_input *input;
    int out;
    bool quit, broken;
};

struct gomocup_command {
    const char *name;
    bool needs_board;                                 /* answers ERROR before START */
    void (*run)(struct gomocup *g, const char *rest); /* rest: what follows the name, without blanks around it */
};
extern const struct gomocup_command gomocup_commands[], gomocup_info_commands[], gomocup_board_commands[],
    gomocup_swap_commands[], gomocup_yixin_commands[]; /* each ends with a NULL name */

/* Sends a line. */
void G_GNUC_PRINTF(2, 3) gomocup_say(struct gomocup *g, const char *format, ...);
/* "x,y" and no more; false for anything else, or off the board. */
bool gomocup_read_point(const struct gomocup *g, const char *text, game_move *point);

/* ---- board.c ---- */

/* An empty board of this size under the rules that INFO set; false (and ERROR was sent) when it cannot be. */
bool gomocup_new_board(struct gomocup *g, int size);
/* Another game on the same board, after INFO changed the rules. */
bool gomocup_refresh(struct gomocup *g);
/* Puts a stone of the side to move, also one that the rules forbid; false when the point is taken. */
bool gomocup_put(struct gomocup *g, game_move point);
/* Takes a stone off; false when there is none. */
bool gomocup_take(struct gomocup *g, game_move point);
/* Reads "x,y" (with_owner: "x,y,field") words from `rest` and the lines that follow, up to DONE, into values [most][3];
 * returns their number, or -1 when one is wrong (ERROR was sent, after DONE came). */
int gomocup_read_list(struct gomocup *g, const char *rest, bool with_owner, int (*values)[3], int most);
/* The board from a list with owners; false when ERROR was sent. */
bool gomocup_read_board(struct gomocup *g, const char *rest);

/* ---- think.c ---- */

/* Opens the agent for the present game and limits. */
bool gomocup_open_agent(struct gomocup *g, GError **error);
/* Opens the agent anew if what INFO said asks for it; says nothing. */
void gomocup_prepare(struct gomocup *g);
/* The agent, open, at the present position; NULL when ERROR was sent. */
struct agent *gomocup_agent(struct gomocup *g);
/* Limits for this move by what INFO said, less what went by since the command came. */
struct agent_clock gomocup_clock(const struct gomocup *g);
/* Thinks, plays and answers "x,y"; ponders then, where that was asked for. */
void gomocup_answer(struct gomocup *g);
/* The value of the present position for the side to move by a search of so many milliseconds, and its best move; false
 * when ERROR was sent. */
bool gomocup_judge(struct gomocup *g, int64_t ms, float *value, game_move *best);
/* As gomocup_answer for Yixin's analysis: the best `lines` lines as it goes, then the move, which is not played. */
void gomocup_show_best(struct gomocup *g, int lines);

#endif
