/* What every window has: SDL's objects, the canvas, the widgets, events, and drawing when the picture has changed. */
#ifndef TENGEN_ENGINE_VIEWER_DRAW_SHELL_H
#define TENGEN_ENGINE_VIEWER_DRAW_SHELL_H

#include "engine/viewer/draw/widgets/ui.h"
#include "engine/viewer/window.h"

struct shell {
    SDL_Window *window;
    SDL_Surface *surface;   /* the window's own, as it was last; SDL's */
    SDL_Renderer *renderer; /* draws into it; NULL after a change of size, until the next picture */
    struct canvas *canvas;
    struct ui ui;
    float scale_option; /* given on the command line; 0: the display's */
    int theme, scale;   /* of the preferences; scale in percent */
    int width, height;  /* of the window, for the next start */
    bool quit, tips;
    bool show_tips_now; /* the pointer has rested */
    int64_t moved_us;   /* when it moved last */
    bool all_new;       /* all of the next picture is to be drawn */
    int64_t pictures;   /* drawn so far */
    /* Lays out and draws all; in a pass that takes input (ui.taking), acts on it. */
    void (*draw)(struct shell *shell, struct rect window);
    /* A key that no widget took. */
    void (*key)(struct shell *shell, SDL_Keycode key, uint16_t modifiers);
    void (*dropped)(struct shell *shell, const char *path); /* a file; may be NULL */
};

bool shell_open(struct shell *shell, const char *title, const struct window_options *options, GError **error);
void shell_close(struct shell *shell); /* also of one that did not open */
/* Offers an event to the window; true when it was one of the user's. */
bool shell_handle(struct shell *shell, const SDL_Event *event);
void shell_tick(struct shell *shell, int64_t now_us);
/* Draws, if what would be drawn is not what is shown. */
void shell_redraw(struct shell *shell);
/* Milliseconds until a tooltip is due; -1: none is. */
int shell_tip_ms(const struct shell *shell, int64_t now_us);
/* Makes the loop go round; any thread. user is not used. */
void shell_wake(void *user);

#endif
