/* `tengen play --text`: the same session in a terminal, a line at a time. */
#ifndef TENGEN_ENGINE_VIEWER_TEXT_MODE_H
#define TENGEN_ENGINE_VIEWER_TEXT_MODE_H

#include "engine/viewer/preferences.h"

/* Plays until the end of input or "quit". False, with the error set, when it cannot begin. */
bool text_mode_play(const struct preferences *preferences, const char *file, int threads, GError **error);

#endif
