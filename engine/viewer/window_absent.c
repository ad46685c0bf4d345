/* What a build without SDL2 says, and the error domain of both. */
#include "engine/viewer/window.h"

G_DEFINE_QUARK(tengen-window-error-quark, window_error)

#ifndef TENGEN_HAS_WINDOW
bool window_play(struct window_options *options, GError **error)
{
    (void)options;
    g_set_error(error, WINDOW_ERROR, WINDOW_ERROR_ABSENT,
                "this build has no window, because SDL2, SDL2_ttf or fontconfig was missing (Debian: libsdl2-dev "
                "libsdl2-ttf-dev libfontconfig-dev; then build again); tengen play --text plays in the terminal");
    return false;
}
#endif
