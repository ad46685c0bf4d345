/* The windows of `tengen play` and `tengen watch`, for the commands; without SDL in the build they say so. */
#ifndef TENGEN_ENGINE_VIEWER_WINDOW_H
#define TENGEN_ENGINE_VIEWER_WINDOW_H

#include "engine/viewer/preferences.h"

#define WINDOW_ERROR (window_error_quark())
GQuark window_error_quark(void);
enum window_error { WINDOW_ERROR_ABSENT, WINDOW_ERROR_DISPLAY };

struct window_options {
    struct preferences preferences;
    const char *file;   /* a game to open; NULL: a new one */
    bool explicit_game; /* the command line names the game: nothing of before is offered */
    int threads;
    double scale; /* 0: the display's */
    bool stats;   /* prints frame times and latencies at the end */
};

/* Runs the window until it is closed. False, with the error set, when it cannot be opened. */
bool window_play(struct window_options *options, GError **error);
/* The same for a run: `folder` holds it, running or finished. The preferences say how it looks. */
bool window_watch(const char *folder, const struct window_options *options, GError **error);

#endif
