/* What the files of the session share. */
#ifndef TENGEN_ENGINE_VIEWER_SESSION_SESSION_INTERNAL_H
#define TENGEN_ENGINE_VIEWER_SESSION_SESSION_INTERNAL_H

#include "engine/viewer/session/session.h"

/* Makes the position that of a node; false, with the error set, when the record cannot be played to there. */
bool session_show(struct session *session, struct sgf_node *node, GError **error);
/* The brain's line to a node (its moves to be freed), and who moves there. False when the game is over there, or it
 * cannot be reached. */
bool session_line_to(const struct session *session, struct sgf_node *node, struct brain_line *line, bool *black);
/* As session_show; a node that cannot be shown is told of and left. */
void session_visit(struct session *session, struct sgf_node *node);
/* What should be computed has changed: another position, another wish. Starts or ends the brain's job. */
void session_think_again(struct session *session);
/* Plays a legal move on the shown position and follows it. */
void session_follow(struct session *session, game_move move);
/* The game has ended in the position shown. */
void session_finish(struct session *session, enum session_end end, int winner, float margin);
/* The rules ended the game in the position shown, or may have. */
void session_check_end(struct session *session);
void session_write_result(struct session *session);
void session_start_count(struct session *session);
/* Charges the side to move for the time since the clock was started, and starts it for whoever moves now. */
void session_clock_stop(struct session *session);
void session_clock_go(struct session *session);
void session_changed(struct session *session);

#endif
