/* What the files of GTP share: the session, and how a command is answered. For engine/protocols/gtp/ alone. */
#ifndef TENGEN_ENGINE_PROTOCOLS_GTP_SESSION_H
#define TENGEN_ENGINE_PROTOCOLS_GTP_SESSION_H

#include "agents/agent.h"
#include "engine/protocols/gtp/gtp.h"
#include "engine/protocols/common/line_input.h"
#include "engine/protocols/common/protocol.h"

enum { GTP_MAX_MOVES = 100000 };

struct gtp_move {
    uint8_t colour;
    game_move move;
};

struct gtp {
    struct gtp_config config;
    char *agent_spec;
    /* the board: every move since `start`, which undo does not go behind */
    struct game game;
    union any_position start, at;
    bool at_game_start; /* start is the game's own */
    struct history history;
    GArray *moves;              /* struct gtp_move */
    struct agent_clock control; /* as the last settings have it */
    struct agent_clock clocks[2]; /* black's, white's */
    bool timed[2];                /* whether there is a limit: a clock that ran out has none left, and still counts */
    /* the agent */
    struct agent *agent; /* NULL until it is opened for agent_game */
    struct game agent_game;
    bool agent_follows; /* it knows of all moves */
    uint64_t games;
    /* what was found out about dead stones here; see score.c */
    uint64_t status_hash;
    bool status_known;
    uint8_t dead[GAME_MAX_POINTS], seki[GAME_MAX_POINTS];
    /* input and output */
    struct line_input *input;
    int out;
    int64_t began_us;  /* the session, by the monotonic clock */
    bool quit, broken; /* broken: nobody reads the output any more */
};

/* A command being answered. What `out` holds at its end is the answer, or the message when it returns false. */
struct gtp_call {
    struct gtp *gtp;
    const char *id;
    int count;
    char **args;
    const char *rest; /* the arguments as they were sent, without the space around them */
    GString *out;
    bool begun; /* "=ID" went out already; the lines follow by gtp_stream */
};
struct gtp_command {
    const char *name;
    int least, most; /* arguments; most < 0: any number */
    bool (*run)(struct gtp_call *call);
};
extern const struct gtp_command gtp_admin_commands[], gtp_board_commands[], gtp_setup_commands[], gtp_play_commands[],
    gtp_score_commands[], gtp_rules_commands[], gtp_analysis_commands[], gtp_look_commands[], gtp_gogui_commands[],
    gtp_gogui_board_commands[]; /* each ends with a NULL name */
/* The command of this name, among those that the session's game has; NULL when there is none. */
const struct gtp_command *gtp_find_command(const struct gtp *gtp, const char *name);
/* One name a line. */
void gtp_list_commands(const struct gtp *gtp, GString *out);

/* Sets the message; for `return gtp_refuse(...)`. */
bool G_GNUC_PRINTF(2, 3) gtp_refuse(struct gtp_call *call, const char *format, ...);
bool gtp_refuse_error(struct gtp_call *call, const char *what, GError *error); /* frees it */
/* Sends the head of an answer and then what has gathered in call->out, which is emptied. */
void gtp_stream(struct gtp_call *call);

/* ---- arguments; false sets "syntax error" (or what is said) ---- */

bool gtp_read_colour(struct gtp_call *call, int index, enum game_colour *colour);
bool gtp_read_int(struct gtp_call *call, int index, int64_t least, int64_t most, int64_t *value);
bool gtp_read_move(struct gtp_call *call, int index, game_move *move);

/* ---- board.c ---- */

/* The game's start, no moves. */
void gtp_clear_board(struct gtp *gtp);
/* "9", or "7 6" for a board that is no square. */
void gtp_append_size(struct gtp_call *call);
/* Makes a position the start; its moves go. */
void gtp_set_start(struct gtp *gtp, const struct position *position);
/* Plays a move of either colour; false when it is not legal. */
bool gtp_play(struct gtp *gtp, enum game_colour colour, game_move move);
/* Whether gtp_play would. */
bool gtp_legal(const struct gtp *gtp, enum game_colour colour, game_move move);
/* Another game (size, komi, rules), from its start unless `keep`: then stones and moves stay. The agent is opened
 * anew for it; when it cannot play it nothing changes. */
bool gtp_set_game(struct gtp *gtp, const struct game *game, bool keep, GError **error);
/* The agent, open, at the present position with this colour to move; NULL with the error set. */
struct agent *gtp_agent(struct gtp *gtp, enum game_colour colour, GError **error);

/* Whether a move is no stone and no pass but an opening's decision, which has no colour. */
static inline bool gtp_is_decision(const struct gtp *gtp, game_move move)
{
    return move >= gtp->game.points && move < gtp->game.moves && move != gtp->game.pass;
}

/* ---- play.c ---- */

/* How a move is asked for. */
struct gtp_request {
    enum game_colour colour;
    bool keep;                             /* play it, unless it resigns */
    bool cleanup;                          /* no pass while dead stones of the opponent are left; no resignation */
    const struct agent_analysis *analysis; /* reports while it thinks; NULL for none */
};
/* Appends the vertex, "pass" or "resign" to call->out. */
bool gtp_generate(struct gtp_call *call, const struct gtp_request *request);

/* ---- rules.c ---- */

/* Whether the session's game is the one whose rules, handicaps and own board GTP knows. */
bool gtp_plays_go(const struct gtp *gtp);

/* ---- score.c ---- */

/* Fills gtp->dead and gtp->seki for the present position. */
void gtp_find_dead(struct gtp *gtp);

/* ---- time.c ---- */

extern const struct gtp_command gtp_time_commands[];
struct agent_clock gtp_agent_clock(const struct gtp *gtp, enum game_colour colour);
/* The colour has thought so long. */
void gtp_spend_time(struct gtp *gtp, enum game_colour colour, int64_t ms);

#endif
