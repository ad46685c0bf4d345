/* Whether the agents of a new game open, found out in a thread of its own: an external program may take long to start.
 * Called from one thread, the window's. */
#ifndef TENGEN_ENGINE_VIEWER_SESSION_PLAYER_CHECK_H
#define TENGEN_ENGINE_VIEWER_SESSION_PLAYER_CHECK_H

#include <glib.h>
#include <stdbool.h>

struct session_setup;

struct player_check;
enum player_check_state { PLAYER_CHECK_RUNNING, PLAYER_CHECK_OPEN, PLAYER_CHECK_REFUSED };

/* Starts to open the agents of a setup, which is copied. wake: called from the thread when it is done; may be NULL.
 * Aborts if no thread can be started. */
struct player_check *player_check_start(const struct session_setup *setup, void (*wake)(void *), void *user);
/* The state so far. REFUSED: sets the error. */
enum player_check_state player_check_poll(struct player_check *check, GError **error);
/* Waits for the thread and frees the check; NULL is fine. */
void player_check_end(struct player_check *check);
/* Opens the agents of a setup and closes them again. Returns false with the error set if one does not open. Blocks. */
bool player_check_now(const struct session_setup *setup, GError **error);

#endif
