/* Internal to engine/protocols/gtp/: the session, and how commands are run and answered. */
#ifndef TENGEN_ENGINE_PROTOCOLS_GTP_SESSION_H
#define TENGEN_ENGINE_PROTOCOLS_GTP_SESSION_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "agents/agent.h"
#include "engine/protocols/gtp/gtp.h"
#include "games/game.h"

enum { GTP_MAX_MOVES = 100000 };

struct gtp {
    struct gtp_config config;
    char *agent_spec;
    /* the board: all moves since `start`, the limit of undo */
    struct game game;
    union any_position start, at;
    bool at_game_start; /* whether `start` is the initial position of the game */
    struct history history;
    GArray *moves;                /* struct protocol_move */
    struct agent_clock control;   /* the time control */
    struct agent_clock clocks[2]; /* black, white */
    bool counts_periods;          /* time_left tells the periods left instead of the moves to make: KGS byo-yomi */
    bool timed[2];                /* whether a time limit applies: a clock of 0 may be unlimited or expired */
    /* the agent */
    struct agent *agent; /* NULL until opened for agent_game */
    struct game agent_game;
    bool agent_follows;   /* the agent has been sent all moves */
    GHashTable *cautions; /* those printed so far: see agent_caution_once */
    enum game_colour resigned; /* the agent did, for this colour, in this game; GAME_EMPTY: it did not */
    uint64_t games;
    /* dead stones and seki in the position with hash status_hash; see score.c */
    uint64_t status_hash;
    bool status_known;
    uint8_t dead[GAME_MAX_POINTS], seki[GAME_MAX_POINTS];
    /* input and output */
    struct line_input *input;
    int out;
    int64_t began_us;  /* start of the session, monotonic clock */
    bool quit, broken; /* broken: output closed by the client */
};

/* A command being run. When it returns, `out` holds the response, or the error message if it returned false. */
struct gtp_call {
    struct gtp *gtp;
    const char *id;
    int count;
    char **args;
    const char *rest; /* the arguments as one string, surrounding spaces removed */
    GString *out;
    bool begun; /* "=ID" was already sent by gtp_stream */
};
struct gtp_command {
    const char *name;
    int min_args, max_args; /* max_args < 0: no limit */
    bool (*run)(struct gtp_call *call);
};
extern const struct gtp_command gtp_admin_commands[], gtp_board_commands[], gtp_setup_commands[], gtp_play_commands[],
    gtp_score_commands[], gtp_rules_commands[], gtp_analysis_commands[], gtp_evaluation_commands[],
    gtp_gogui_commands[], gtp_gogui_board_commands[]; /* each ends with a NULL name */
/* Looks up a command among those available for the session's game; NULL if there is none. */
const struct gtp_command *gtp_find_command(const struct gtp *gtp, const char *name);
/* Appends the names of all available commands, one per line. */
void gtp_list_commands(const struct gtp *gtp, GString *out);

/* Sets the error message. Returns false, for `return gtp_fail(...)`. */
bool G_GNUC_PRINTF(2, 3) gtp_fail(struct gtp_call *call, const char *format, ...);
/* Like gtp_fail with "WHAT: message of the error", or the message alone if `what` is "". Frees the error. */
bool gtp_fail_error(struct gtp_call *call, const char *what, GError *error);
/* Sends what is in call->out, preceded by "=ID" the first time, and empties it. */
void gtp_stream(struct gtp_call *call);

/* ---- arguments; on failure these set the message "syntax error" and return false ---- */

bool gtp_read_colour(struct gtp_call *call, int index, enum game_colour *colour);
bool gtp_read_int(struct gtp_call *call, int index, int64_t min, int64_t max, int64_t *value);
bool gtp_read_move(struct gtp_call *call, int index, game_move *move);

/* ---- board.c ---- */

/* Resets to the initial position of the game, without moves. */
void gtp_clear_board(struct gtp *gtp);
/* Appends "9", or "7 6" (width, height) for a rectangular board. */
void gtp_append_size(struct gtp_call *call);
/* Makes `position` the start and removes all moves. */
void gtp_set_start(struct gtp *gtp, const struct position *position);
/* Plays a move of either colour, even out of turn. Returns false if it is illegal. */
bool gtp_play(struct gtp *gtp, enum game_colour colour, game_move move);
/* Whether gtp_play would accept the move. */
bool gtp_legal(const struct gtp *gtp, enum game_colour colour, game_move move);
/* Changes the game (size, komi, rules) and reopens the agent for it. keep: replays the moves, otherwise clears the
 * board. Returns false and changes nothing if the agent does not support the game. */
bool gtp_set_game(struct gtp *gtp, const struct game *game, bool keep, GError **error);
/* Returns the agent, opened if necessary, at the current position with this colour to move. Owned by the session. NULL
 * with the error set on failure. */
struct agent *gtp_agent(struct gtp *gtp, enum game_colour colour, GError **error);

/* Whether a move is a decision of an opening rule (such as swap), not a stone or a pass. Decisions have no colour. */
static inline bool gtp_is_decision(const struct gtp *gtp, game_move move)
{
    return move >= gtp->game.points && move < gtp->game.moves && move != gtp->game.pass;
}

/* ---- play.c ---- */

struct gtp_request {
    enum game_colour colour;
    bool keep;                             /* play the move on the board, unless the agent resigns */
    bool cleanup;                          /* do not pass while dead opponent stones are left; do not resign */
    const struct agent_analysis *analysis; /* reports during the search; NULL: none */
};
/* Generates a move and appends the vertex, "pass" or "resign" to call->out. */
bool gtp_generate(struct gtp_call *call, const struct gtp_request *request);

/* ---- rules.c ---- */

/* Whether the session's game is Go: handicap, rule sets and similar commands apply only to Go. */
bool gtp_plays_go(const struct gtp *gtp);

/* ---- score.c ---- */

/* Tells an agent that knows the whole game how it ended; nothing if it has not. Called when no clock runs: before a new
 * game and at the end of the session, since an agent with a memory then studies a game that it lost. */
void gtp_end_game(struct gtp *gtp);
/* Fills gtp->dead and gtp->seki for the current position. */
void gtp_find_dead(struct gtp *gtp);

/* ---- time.c ---- */

extern const struct gtp_command gtp_time_commands[];
/* The clock for the agent's next move. */
struct agent_clock gtp_agent_clock(const struct gtp *gtp, enum game_colour colour);
/* Deducts the time of a move from the colour's clock. */
void gtp_spend_time(struct gtp *gtp, enum game_colour colour, int64_t ms);

#endif
