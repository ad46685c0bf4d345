/* The error domain of the window, and its functions in a build without SDL2. */
#include "engine/viewer/window.h"

G_DEFINE_QUARK(tengen - window - error - quark, window_error)

#ifndef TENGEN_HAS_WINDOW
static bool refuse(GError **error, const char *instead)
{
    g_set_error(error, WINDOW_ERROR, WINDOW_ERROR_ABSENT,
                "this build has no window because SDL2, SDL2_ttf or fontconfig was not found (on Debian, install "
                "libsdl2-dev libsdl2-ttf-dev libfontconfig-dev and rebuild); %s",
                instead);
    return false;
}

bool window_play(struct window_options *options, GError **error)
{
    (void)options;
    return refuse(error, "use tengen play --text in the terminal");
}

bool window_watch(const char *folder, const struct window_options *options, GError **error)
{
    (void)folder, (void)options;
    return refuse(error, "use tengen report to see the progress of a run in the terminal");
}
#endif
