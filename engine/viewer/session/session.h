/* The model of the play window: board, players, clocks, the game record with its variations, the engine, scoring at the
 * end. Drawing code reads this struct and calls the functions below, none of which blocks.
 *
 *   SESSION_PLAYING --passes (Go)------> SESSION_COUNTING --accepted--> SESSION_OVER
 *          |  <------------ resumed ----------'
 *          '--five in a row, resignation, flag--> SESSION_OVER
 *
 * The position shown is that of `node`. Agents move only while the game is `live`, that is, after it was started or a
 * human has moved. Navigating in the record or loading a file never triggers a move. One thread. */
#ifndef TENGEN_ENGINE_VIEWER_SESSION_SESSION_H
#define TENGEN_ENGINE_VIEWER_SESSION_SESSION_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agents/clock.h"
#include "engine/viewer/session/brain.h"
#include "games/game.h"

struct sgf_node;

enum session_state { SESSION_PLAYING, SESSION_COUNTING, SESSION_OVER };
enum session_end { END_NONE, END_RULES, END_AGREED, END_RESIGNED, END_TIME };
enum { SESSION_HUMAN = -1 };

struct session_player {
    bool human;
    char agent[BRAIN_SPEC_MAX]; /* spec; empty for a human */
    char name[64];              /* displayed and saved */
};

struct session_setup {
    struct game game;
    struct session_player players[2]; /* by player: 0 moves first */
    struct agent_clock clock;         /* initial clock of each player */
    uint64_t seed;
    char memory[BRAIN_PATH_MAX]; /* the agents' file of memories; "": none */
};

struct session_outcome {
    enum session_end end;
    int winner;   /* player; -1: draw */
    float margin; /* in points, from the perspective of player 0 */
};

enum { SESSION_NOTE_MOVES = 8 };
/* The evaluation of a node, kept for the graph and the review, and saved with the record. */
struct session_note {
    int64_t visits;
    float black_win, black_lead, draw;
    game_move best; /* GAME_NO_MOVE: none */
    bool settled;   /* the result by the rules or by the count shown, not by a search */
    int length;     /* of `line`, which starts with `best` */
    game_move line[SESSION_NOTE_MOVES];
};

enum session_notice { NOTICE_INFO, NOTICE_WARNING };

struct session {
    struct session_setup setup;
    struct game game; /* equal to setup.game */
    struct sgf *sgf;
    struct sgf_node *root, *node;
    union any_position position; /* at node; see `moves` */
    struct history history;
    struct brain_line line; /* the moves that lead to node */
    game_move last;         /* the last move; GAME_NO_MOVE: none */
    bool live;
    enum session_state state;
    struct session_outcome outcome;
    struct sgf_node *end_node; /* the node where the game ended with `outcome` */
    bool dirty;                /* the record has unsaved changes */
    uint32_t revision;         /* incremented by each change of the record */
    bool result_counted;       /* the strength estimate has been updated by the result */
    bool study_due;            /* the agents have not been told yet how the game ended */
    bool studying;             /* they have, and study the game: until something else is wanted of them */

    /* The list of games: see session_keep_in. */
    char *keep_folder;           /* NULL: games are not kept */
    char *kept;                  /* the file of this game there; NULL: none yet */
    int64_t kept_stamp;          /* identifies the contents of that file, to notice another process's */
    uint32_t kept_revision;      /* of the record when it was last kept */
    uint32_t note_revision;      /* incremented by each change of a note */
    uint32_t kept_note_revision; /* of the notes when the record was last kept */
    int64_t kept_us;             /* monotonic time of the last saving */
    struct session *shelved;     /* the game that this one replaced, for session_undo; NULL: none */

    /* Scoring of a finished game, for games that are counted. */
    const struct sgf_node *count_node; /* the node that these belong to; NULL: none */
    uint8_t dead[GAME_MAX_POINTS];
    int8_t owner[GAME_MAX_POINTS];
    struct game_count score;

    /* Clocks by player; that of the player to move as of `clock_since`. */
    struct agent_clock clock[2];
    int64_t clock_since; /* monotonic microseconds; 0: the clocks are stopped */

    /* The engine. */
    struct brain *brain;
    bool thinking; /* an agent is choosing a move */
    bool analysis_wanted, pondering;
    char analyst_net[BRAIN_SPEC_MAX];
    uint32_t ticket; /* of the current job; 0: none */
    struct analysis analysis;
    struct sgf_node *analysis_node; /* the node that `analysis` belongs to; NULL: none */
    bool hint;                      /* show the best move until there is another position */
    bool overlay_wanted;            /* policy or ownership is displayed, which takes one evaluation of each position */
    bool sweeping;               /* analyse all positions of the game while there is nothing else to do */
    struct sgf_node *sweep_node; /* the node that the current job analyses for it; NULL: none */
    bool sweep_black;            /* whether black is to move there */
    GHashTable *notes;           /* struct sgf_node * -> struct session_note */
    struct sgf_node *mistake;    /* the move that session_show_mistake stopped before; NULL: none */

    /* The latest message, which disappears with the position or the state of the game that it is about. */
    char notice[512];
    enum session_notice notice_kind;
    uint32_t notice_number;
    int64_t notice_until; /* monotonic microseconds; 0: no limit */
    char caution[400];    /* becomes a notice once the engine has moved: see agent_caution; "": none */
};

/* Starts a session and its first game. threads: per search. wake: called from another thread when session_poll should
 * be called; may be NULL. */
struct session *session_new(const struct session_setup *setup, int threads, void (*wake)(void *), void *user);
void session_free(struct session *session); /* may be NULL */
/* Starts a new game. */
void session_start(struct session *session, const struct session_setup *setup);

/* Processes the brain's events and the clocks, and plays the moves of agents. Returns true if anything displayed has
 * changed. */
bool session_poll(struct session *session);
/* The time in milliseconds after which the display has to be updated even without an event; -1: no limit. */
int session_idle_ms(const struct session *session);

/* The translated reason why a move is illegal for the player to move, or NULL if it is legal. buffer: 160 bytes. */
const char *session_refusal(const struct session *session, game_move move, char *buffer);
/* The move that selecting a point means: the point itself, or the cell that a disc dropped there falls to. */
game_move session_move_at(const struct session *session, int point);
/* Plays a human's move. Returns false, with a notice, if it is illegal or it is not a human's turn. */
bool session_play(struct session *session, game_move move);
bool session_human_to_move(const struct session *session);
game_move session_pass_move(const struct session *session); /* GAME_NO_MOVE if the game has no pass */
bool session_must_pass(const struct session *session);      /* no other move is legal */
/* Takes back the last move (against an agent, its reply as well) or a resignation; where there is nothing to take back,
 * brings back the game that this one replaced. */
void session_undo(struct session *session);
bool session_can_undo(const struct session *session);
void session_redo(struct session *session);
void session_resign(struct session *session);
void session_move_now(struct session *session);      /* makes a thinking engine move immediately */
void session_stop_thinking(struct session *session); /* stops the engine without a move, and all analysis */
void session_engine_move(struct session *session);   /* lets the engine move for the player to move */

/* Navigation. */
void session_go(struct session *session, struct sgf_node *node);
void session_step(struct session *session, int steps); /* > 0: forward along the main line; < 0: back */
void session_to_start(struct session *session);
void session_to_end(struct session *session);
void session_variation(struct session *session, int step); /* 1: next sibling, -1: previous; cyclic */
void session_delete(struct session *session);              /* deletes the node and its descendants */
void session_promote(struct session *session);             /* makes the variation the main line */
int session_depth(const struct sgf_node *node);            /* number of nodes from the root */
/* The number of moves from the root to the node shown, not counting setup nodes. */
int session_move_number(const struct session *session);
/* numbers[point]: the number of the last move on that point, 0 if there is none. */
void session_numbers(const struct session *session, int *numbers);
/* Whether the node's move lowered the win rate of its player by at least `drop` (0..1). *loss: by how much, set if both
 * nodes were analysed. */
bool session_blunder(const struct session *session, const struct sgf_node *node, float drop, float *loss);
const struct session_note *session_note(const struct session *session, const struct sgf_node *node); /* or NULL */
/* The next (1) or previous (-1) such node with a drop of at least 0.1, or NULL. */
struct sgf_node *session_next_blunder(const struct session *session, int direction);
/* Goes to the position before the next or previous mistake, with a notice of the move played and the better one. */
void session_show_mistake(struct session *session, int direction);
/* The move that follows the position shown in the record: the mistake that was stopped before, or the main
 * continuation; NULL at the end of the line. */
struct sgf_node *session_following(const struct session *session);

/* Adds a mark to the node shown, or removes it if it is already there: "TR", "SQ", "CR", "MA", or "LB" with the next
 * unused letter. */
void session_toggle_mark(struct session *session, int point, const char *kind);
/* Setup: places a stone, or removes it if it is already there. Uses this node if it has neither a move nor children,
 * otherwise adds a child. */
void session_set_stone(struct session *session, int point, enum game_colour colour);
void session_set_comment(struct session *session, const char *text);
char *session_comment(const struct session *session); /* freed by g_free; "" if there is none */

/* Scoring. */
/* Whether `dead` and `score` apply to the position shown: during scoring, and at the final node afterwards. */
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
/* Whether policy or ownership is to be displayed without continuous analysis. */
void session_set_overlay(struct session *session, bool on);
/* Starts or stops a short analysis of every position of the line shown, for the graph. It precedes the analysis of the
 * position shown, and waits while an agent is to move. */
void session_sweep(struct session *session);
/* The number of positions of the line shown that have a note. *all: the number of positions. */
int session_noted(const struct session *session, int *all);
/* The analysis of the position shown, or NULL. */
const struct analysis *session_analysis(const struct session *session);

/* Files. These return false, with a notice, on failure. A file that cannot be loaded leaves the game unchanged. */
bool session_load(struct session *session, const char *path);
bool session_load_text(struct session *session, const char *text, size_t length, const char *name);
bool session_save(struct session *session, const char *path);
/* The record with its evaluations as SGF, freed by g_free. */
char *session_text(const struct session *session, size_t *length);
/* The number of games in the file, and the one shown (from 0). */
int session_trees(const struct session *session, int *shown);
/* Shows another game of the file. */
void session_choose_tree(struct session *session, int index);

/* Keeps every game in a list, from its first move on: as a file in `folder`, which is created when it is needed, with
 * evaluations, players and clocks. session_load resumes a game from there with them. */
void session_keep_in(struct session *session, const char *folder);
/* Saves the game in the list if it has changed. session_poll does so, too, and whatever replaces the game. */
void session_keep(struct session *session);
/* Whether the record has anything worth keeping: a move, a setup stone or a comment. */
bool session_begun(const struct session *session);

/* "White wins by resignation", translated; "" while there is no outcome. Returns buffer; 200 bytes suffice. */
char *session_outcome_text(const struct session *session, char *buffer, size_t size);
/* The current colour of a player. */
static inline enum game_colour session_colour(const struct session *session, int player)
{
    return session->position.p.black_player == player ? GAME_BLACK : GAME_WHITE;
}
/* "D4", or "pass" translated. buffer: GAME_MOVE_TEXT_MAX bytes. */
const char *session_move_text(const struct session *session, game_move move, char *buffer);
const char *session_colour_name(enum game_colour colour); /* "Black" or "White", translated */
/* Sets the notice; printf-style. It is cleared when another position or game is shown. */
void session_notify(struct session *session, enum session_notice kind, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* The same for what is only about the last input: it is cleared after a few seconds, too. */
void session_notify_briefly(struct session *session, enum session_notice kind, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
/* Says what was repaired in the record, from note number `first` on (see sgf_notes); nothing if there are none. */
void session_notify_repairs(struct session *session, int first);
void session_clear_notice(struct session *session);
/* A player's clock at this moment. */
void session_clock_now(const struct session *session, int player, struct agent_clock *now);

#endif
