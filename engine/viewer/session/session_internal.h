/* Internal to the session. */
#ifndef TENGEN_ENGINE_VIEWER_SESSION_SESSION_INTERNAL_H
#define TENGEN_ENGINE_VIEWER_SESSION_SESSION_INTERNAL_H

#include "engine/viewer/session/session.h"
#include "games/game.h"

/* Goes to a node. Returns false, with the error set and nothing changed, if the record cannot be replayed up to it. */
bool session_show(struct session *session, struct sgf_node *node, GError **error);
/* Fills the brain's line to a node (line->moves: freed by the caller) and whether black is to move there. Returns false
 * if the game is over at the node or it cannot be reached. */
bool session_line_to(const struct session *session, struct sgf_node *node, struct brain_line *line, bool *black);
/* Replays the record up to a node and fills the position. Returns false if that is not possible. */
bool session_position_at(const struct session *session, struct sgf_node *node, struct position *position);
/* Like session_show, but shows a notice on failure. */
void session_visit(struct session *session, struct sgf_node *node);
/* Starts or cancels the brain's job after a change of position or of settings. */
void session_think_again(struct session *session);
/* Plays a legal move, adding a node if necessary, and goes to it. */
void session_follow(struct session *session, game_move move);
/* Resets what belongs to a game: state, outcome, clocks, jobs. */
void session_reset(struct session *session);
/* Frees the record with its notes, and the position; the session then has none. */
void session_free_record(struct session *session);
/* Ends the game at the node shown. */
void session_finish(struct session *session, enum session_end end, int winner, float margin);
/* Ends the game, or starts scoring, if the rules end it in the position shown. */
void session_check_end(struct session *session);
/* Writes the outcome to the record. */
void session_write_result(struct session *session);
void session_start_count(struct session *session);
/* Proposes dead stones at the node shown, and counts. */
void session_propose_count(struct session *session);
/* Stops the clock of the player to move; starts it, in a timed live game. */
void session_clock_stop(struct session *session);
void session_clock_go(struct session *session);
/* Marks the record as changed. */
void session_changed(struct session *session);

/* A notice that the engine lost a game from here at this Unix time. */
void session_recall(struct session *session, int64_t lost);

/* ---- session_notes.c ---- */

/* The node after this one on the line through the node shown; NULL at its end. */
struct sgf_node *session_line_next(const struct session *session, struct sgf_node *node);
/* Stores what a search found; ignored if the node has a better note. black: whether black is to move there. */
void session_take_note(struct session *session, struct sgf_node *node, bool black, const struct analysis *found);
/* Where the line through a node ends by passes or by the rules, notes that result at its end and, for passes, at the
 * positions before them, which have the same stones: what a search says there contradicts the count, because it takes
 * dead stones for alive. */
void session_settle(struct session *session, struct sgf_node *node);
/* The same for the count shown, which may have been changed by hand. */
void session_settle_count(struct session *session);
/* Removes what session_settle noted at the node and at the positions before its passes. */
void session_unsettle(struct session *session, struct sgf_node *node);
/* Writes all notes into the record, and reads those of a record that was loaded. */
void session_write_notes(const struct session *session);
void session_read_notes(struct session *session);

/* ---- session_keep.c ---- */

/* session_keep, but where only notes have changed, no more often than every few seconds. */
void session_keep_soon(struct session *session);
/* The record was loaded from this file: it need not be kept until it changes. If the file is in the list, it is kept
 * there, and the game is resumed where it was left. */
void session_loaded_from(struct session *session, const char *path);
/* Keeps the game and sets it aside for session_undo; leaves the session without a record. */
void session_shelve(struct session *session);
/* Brings back the game set aside. */
void session_unshelve(struct session *session);
/* Frees a game set aside; NULL is fine. */
void session_free_shelved(struct session *shelved);

#endif
