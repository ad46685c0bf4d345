/* The windows of `tengen play` and `tengen watch`. In a build without SDL, both functions fail with
 * WINDOW_ERROR_ABSENT. */
#ifndef TENGEN_ENGINE_VIEWER_WINDOW_H
#define TENGEN_ENGINE_VIEWER_WINDOW_H

#include "engine/viewer/preferences.h"

#define WINDOW_ERROR (window_error_quark())
GQuark window_error_quark(void);
enum window_error { WINDOW_ERROR_ABSENT, WINDOW_ERROR_DISPLAY };

struct window_options {
    struct preferences preferences;
    const char *file;   /* a game to open; NULL: start a new one */
    bool explicit_game; /* the game was given on the command line: do not offer to resume the autosaved one */
    const char *warning; /* what was wrong with the settings file, to be shown; NULL: nothing */
    int threads;        /* per search */
    double scale;       /* pixels per unit; 0: according to the display */
    bool stats;         /* print frame times and latencies on exit */
};

/* Runs the play window until it is closed; then options->preferences holds the changed settings. Returns false with the
 * error set if the window cannot be opened or the settings cannot be saved. */
bool window_play(struct window_options *options, GError **error);
/* Runs a window that shows the training run in `folder`, which may be in progress. Uses the appearance settings of the
 * preferences. Returns false with the error set if the run or the window cannot be opened. */
bool window_watch(const char *folder, const struct window_options *options, GError **error);

#endif
