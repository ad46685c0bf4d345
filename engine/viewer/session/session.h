/* A game in the window, without the window: board, players, clocks, the record with its variations, the engine's
 * thinking, the count at the end. The drawing reads this struct and calls the functions below; nothing here blocks.
 *
 *   SESSION_PLAYING --passes (Go)------> SESSION_COUNTING --accepted--> SESSION_OVER
 *          |  <------------ resumed ----------'
 *          '--five in a row, resignation, flag--> SESSION_OVER
 *
 * The position shown is that of `node`. An agent answers only while the game is `live`: begun, or gone on with by a
 * human's move; walking through the record, or a file that was loaded, never makes it move. One thread. */
#ifndef TENGEN_ENGINE_VIEWER_SESSION_SESSION_H
#define TENGEN_ENGINE_VIEWER_SESSION_SESSION_H

#include "agents/clock.h"
#include "engine/viewer/session/brain.h"
#include "games/record/sgf.h"

enum session_state { SESSION_PLAYING, SESSION_COUNTING, SESSION_OVER };
enum session_end { END_NONE, END_RULES, END_AGREED, END_RESIGNED, END_TIME };
enum { SESSION_HUMAN = -1 };

struct session_player {
    bool human;
    char agent[BRAIN_SPEC_MAX]; /* an agent's spec; empty for a human */
    char name[64];              /* shown and saved */
};

struct session_setup {
    struct game game;
    struct session_player players[2]; /* by player: 0 moves first */
    struct agent_clock clock;         /* of each side at the start */
    uint64_t seed;
};

struct session_outcome {
    enum session_end end;
    int winner; /* player, -1: nobody */
    float margin;
};

/* What analysis found at a node, kept for the graph. */
struct session_note {
    int64_t visits;
    float black_win, black_lead;
    game_move best;
};

enum session_notice { NOTICE_INFO, NOTICE_WARNING };

struct session {
    struct session_setup setup;
    struct game game; /* = setup.game */
    struct sgf *sgf;
    struct sgf_node *root, *node;
    union any_position position; /* at node; see `moves` */
    struct history history;
    struct brain_line line; /* how node was reached */
    game_move last;         /* the move that led here; GAME_NO_MOVE: none */
    bool live;
    enum session_state state;
    struct session_outcome outcome;
    struct sgf_node *end_node; /* where the outcome belongs */
    bool dirty;                /* changed since it was saved or loaded */
    uint32_t revision;         /* counts changes of the record, for autosave */

    /* The count of a finished game, in games that have one. */
    uint8_t dead[GAME_MAX_POINTS];
    int8_t owner[GAME_MAX_POINTS];
    struct game_count score;

    /* Clocks: both as they stand, the side to move's as of `clock_since`. */
    struct agent_clock clock[2];
    int64_t clock_since; /* monotonic microseconds; 0: nobody's clock runs */

    /* Thinking. */
    struct brain *brain;
    bool thinking; /* an agent has been asked */
    bool analysis_wanted, pondering;
    char analyst_net[BRAIN_SPEC_MAX];
    uint32_t ticket; /* of the job under way */
    struct analysis analysis;
    struct sgf_node *analysis_node; /* what `analysis` is about; NULL: nothing */
    bool hint;
    bool sweeping;               /* the whole game is being analysed, when nothing else is */
    struct sgf_node *sweep_node; /* the node that the job under way looks at for it; NULL: none */
    bool sweep_black;            /* who moves there */
    GHashTable *notes;           /* struct sgf_node * -> struct session_note */

    /* The newest thing to say. */
    char notice[512];
    enum session_notice notice_kind;
    uint32_t notice_number;
};

/* wake is called by another thread when session_poll has something to do. */
struct session *session_new(const struct session_setup *setup, int threads, void (*wake)(void *), void *user);
void session_free(struct session *session);
void session_start(struct session *session, const struct session_setup *setup);

/* Takes what the brain found, runs clocks, lets agents move. True when something that is shown has changed. */
bool session_poll(struct session *session);
/* How long nothing changes by itself, in milliseconds; -1: for ever. */
int session_idle_ms(const struct session *session);

/* Why a point may not be played by whoever is to move (translated), or NULL when it may. buffer: 160. */
const char *session_refusal(const struct session *session, game_move move, char *buffer);
/* A human's move. False, with a notice, when it is illegal or not a human's turn. */
bool session_play(struct session *session, game_move move);
bool session_human_to_move(const struct session *session);
game_move session_pass_move(const struct session *session); /* GAME_NO_MOVE where there is none */
bool session_must_pass(const struct session *session);      /* no other move is legal */
void session_undo(struct session *session);                 /* the pair of moves, when an agent plays */
void session_redo(struct session *session);
void session_resign(struct session *session);
void session_hurry(struct session *session);         /* the engine moves now */
void session_stop_thinking(struct session *session); /* ... or not at all */
void session_engine_move(struct session *session);   /* lets the engine move for whoever's turn it is */

/* Walking through the record. */
void session_go(struct session *session, struct sgf_node *node);
void session_step(struct session *session, int steps); /* forward along the main line, backward */
void session_to_start(struct session *session);
void session_to_end(struct session *session);
void session_variation(struct session *session, int step); /* the next sibling, cyclic */
void session_delete(struct session *session);              /* this node and what follows */
void session_promote(struct session *session);
int session_depth(const struct sgf_node *node); /* nodes from the root */
/* The ply of a node: moves from the root, set-up nodes left out. */
int session_move_number(const struct session *session);
/* moves[point] = number of the move that put the stone there, 0 without. */
void session_numbers(const struct session *session, int *numbers);
/* Whether a node with a drop of at least `drop` (0..1) in the mover's chances led here; *loss is set. */
bool session_blunder(const struct session *session, const struct sgf_node *node, float drop, float *loss);
const struct session_note *session_note(const struct session *session, const struct sgf_node *node);
struct sgf_node *session_next_blunder(const struct session *session, int direction);

/* Markup of the node shown: "TR", "SQ", "CR", "MA", or "LB" with the next free letter; the same mark again takes it
 * off. */
void session_toggle_mark(struct session *session, int point, const char *kind);
/* Setup: puts or takes off a stone, in this node when it has no move, else in a child of its own. */
void session_set_stone(struct session *session, int point, enum game_colour colour);
void session_set_comment(struct session *session, const char *text);
char *session_comment(const struct session *session); /* to be freed; "" without one */

/* Counting. */
/* Whether `dead` and `score` belong to what is shown: while it is counted, and afterwards. */
static inline bool session_shows_count(const struct session *session)
{
    return session->state == SESSION_COUNTING ||
           (session->state == SESSION_OVER && session->outcome.end == END_AGREED && session->node == session->end_node);
}
void session_toggle_dead(struct session *session, int point);
void session_accept(struct session *session);
void session_resume(struct session *session);

/* Analysis. */
void session_set_analysis(struct session *session, bool on);
void session_set_pondering(struct session *session, bool on);
void session_hint(struct session *session);
/* Analyses every position of the line shown a little, for the graph; again: stops. */
void session_sweep(struct session *session);
/* How many positions of the line have a note, and how many there are. */
int session_noted(const struct session *session, int *all);
/* The analysis of the position shown, or NULL. */
const struct analysis *session_analysis(const struct session *session);

/* Seats these players at the game as it stands, which goes on from the end of its main line. */
void session_take_players(struct session *session, const struct session_player players[2]);

/* Files; false with a notice. A broken file leaves the game as it is. */
bool session_load(struct session *session, const char *path);
bool session_load_text(struct session *session, const char *text, size_t length, const char *name);
bool session_save(struct session *session, const char *path);
/* The record as SGF, to be freed. */
char *session_text(const struct session *session, size_t *length);

/* "B+3.5", "White wins by resignation": translated. buffer: 200. */
char *session_outcome_text(const struct session *session, char *buffer, size_t size);
/* The colour that a player holds now. */
static inline enum game_colour session_colour(const struct session *session, int player)
{
    return session->position.p.black_player == player ? GAME_BLACK : GAME_WHITE;
}
/* "D4", or "pass" translated. buffer: GAME_MOVE_TEXT_MAX. */
const char *session_move_text(const struct session *session, game_move move, char *buffer);
const char *session_colour_name(enum game_colour colour); /* translated, "Black" */
void session_say(struct session *session, enum session_notice kind, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* A player's clock as it stands at this moment. */
void session_clock_now(const struct session *session, int player, struct agent_clock *now);

#endif
