/* Internal to the session. */
#ifndef TENGEN_ENGINE_VIEWER_SESSION_SESSION_INTERNAL_H
#define TENGEN_ENGINE_VIEWER_SESSION_SESSION_INTERNAL_H

#include "engine/viewer/session/session.h"

/* Goes to a node. Returns false, with the error set and nothing changed, if the record cannot be replayed up to it. */
bool session_show(struct session *session, struct sgf_node *node, GError **error);
/* Fills the brain's line to a node (line->moves: freed by the caller) and whether black is to move there. Returns false
 * if the game is over at the node or it cannot be reached. */
bool session_line_to(const struct session *session, struct sgf_node *node, struct brain_line *line, bool *black);
/* Like session_show, but shows a notice on failure. */
void session_visit(struct session *session, struct sgf_node *node);
/* Starts or cancels the brain's job after a change of position or of settings. */
void session_think_again(struct session *session);
/* Plays a legal move, adding a node if necessary, and goes to it. */
void session_follow(struct session *session, game_move move);
/* Ends the game at the node shown. */
void session_finish(struct session *session, enum session_end end, int winner, float margin);
/* Ends the game, or starts scoring, if the rules end it in the position shown. */
void session_check_end(struct session *session);
/* Writes the outcome to the record. */
void session_write_result(struct session *session);
void session_start_count(struct session *session);
/* Stops the clock of the player to move; starts it, in a timed live game. */
void session_clock_stop(struct session *session);
void session_clock_go(struct session *session);
/* Marks the record as changed. */
void session_changed(struct session *session);

#endif
