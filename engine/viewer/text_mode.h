/* `tengen play --text`: playing in a terminal, line by line. */
#ifndef TENGEN_ENGINE_VIEWER_TEXT_MODE_H
#define TENGEN_ENGINE_VIEWER_TEXT_MODE_H

#include <glib.h>
#include <stdbool.h>

struct preferences;

/* Plays until "quit" or the end of input. file: a game to load, or NULL. threads: per search. Returns false with the
 * error set if the session cannot be started. */
bool text_mode_play(const struct preferences *preferences, const char *file, int threads, GError **error);

#endif
