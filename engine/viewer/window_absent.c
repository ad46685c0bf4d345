/* What a build without SDL2 says, and the error domain of both. */
#include "engine/viewer/window.h"

G_DEFINE_QUARK(tengen - window - error - quark, window_error)

#ifndef TENGEN_HAS_WINDOW
static bool refuse(GError **error, const char *instead)
{
    g_set_error(error, WINDOW_ERROR, WINDOW_ERROR_ABSENT,
                "this build has no window, because SDL2, SDL2_ttf or fontconfig was missing (Debian: libsdl2-dev "
                "libsdl2-ttf-dev libfontconfig-dev; then build again); %s",
                instead);
    return false;
}

bool window_play(struct window_options *options, GError **error)
{
    (void)options;
    return refuse(error, "tengen play --text plays in the terminal");
}

bool window_watch(const char *folder, const struct window_options *options, GError **error)
{
    (void)folder, (void)options;
    return refuse(error, "tengen report tells in the terminal what a run has learned");
}
#endif
