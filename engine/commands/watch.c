/* tengen watch: shows a run in a window, during or after training. */
#include <stdio.h>
#include <string.h>

#include "engine/commands/command.h"
#include "engine/viewer/preferences.h"
#include "engine/viewer/window.h"

static int run(int argc, char **argv)
{
    struct window_options options = {.threads = 1};
    gboolean stats = FALSE;
    const GOptionEntry entries[] = {
        {"scale", 0, 0, G_OPTION_ARG_DOUBLE, &options.scale, "scale of the window's contents (from the display)", "S"},
        {"stats", 0, 0, G_OPTION_ARG_NONE, &stats, "print frame and response times at exit, as JSON", NULL},
        {NULL, 0, 0, 0, NULL, NULL, NULL}};
    GOptionContext *context = g_option_context_new("[RUN] - watch a run during or after training");
    g_option_context_set_summary(
        context,
        "Shows a run's games as they are played, its curves, and each checkpoint's evaluation of a position.\n"
        "RUN: a name under runs/, or a path with a slash (go9). It only reads: closing it does not stop training.");
    g_option_context_add_main_entries(context, entries, NULL);
    int status = command_parse(context, &argc, &argv, "watch");
    g_option_context_free(context);
    if (status >= 0)
        return status;
    GError *error = NULL;
    const char *name = argc > 1 ? argv[1] : "go9";
    char *folder = strchr(name, '/') ? g_strdup(name) : g_build_filename("runs", name, NULL);
    options.stats = stats;
    preferences_presets(&options.preferences);
    preferences_load(&options.preferences, NULL);
    if (argc > 2 || (options.scale != 0 && !(options.scale >= 0.5 && options.scale <= 4))) {
        g_set_error_literal(&error, WINDOW_ERROR, WINDOW_ERROR_DISPLAY,
                            argc > 2 ? "accepts one run at most" : "--scale must be 0.5 to 4");
        status = command_fail("watch", COMMAND_USAGE, error);
    } else if (window_watch(folder, &options, &error)) {
        status = COMMAND_OK;
    } else {
        status = command_fail("watch", error->domain == WINDOW_ERROR ? COMMAND_MACHINE : COMMAND_USAGE, error);
    }
    g_free(folder);
    return status;
}

const struct command command_watch = {"watch", "watch a run in a window, during or after training", run};
