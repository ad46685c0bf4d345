/* The parts common to both windows: SDL objects, canvas, widgets, events, and redrawing of what has changed. One
 * thread, SDL's, except for shell_wake. */
#ifndef TENGEN_ENGINE_VIEWER_DRAW_SHELL_H
#define TENGEN_ENGINE_VIEWER_DRAW_SHELL_H

#include <SDL.h>
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/viewer/draw/canvas/canvas.h"
#include "engine/viewer/draw/widgets/ui.h"

struct window_options;

struct shell {
    SDL_Window *window;
    SDL_Surface *surface;   /* of the window; owned by SDL */
    SDL_Renderer *renderer; /* draws into the surface; NULL after a change of size, until the next frame */
    struct canvas *canvas;
    struct ui ui;
    float scale_option; /* from the command line; 0: according to the display */
    int theme, scale;   /* from the preferences; scale in percent */
    int width, height;  /* of the window, saved in the preferences */
    bool quit, tips;
    bool show_tips_now; /* the pointer has not moved for a while */
    int64_t moved_us;   /* time of the last movement */
    bool redraw_all;    /* the next frame has to be drawn completely */
    int64_t frames;     /* drawn so far */
    /* Lays out and draws the window; in an input pass (ui.input_pass), handles the input instead of drawing. */
    void (*draw)(struct shell *shell, struct rect window);
    /* Handles a key that no widget has consumed. */
    void (*key)(struct shell *shell, SDL_Keycode key, uint16_t modifiers);
    void (*dropped)(struct shell *shell, const char *path); /* a dropped file; may be NULL */
};

/* Opens the window; the callbacks may be set before or after. Returns false with the error set. */
bool shell_open(struct shell *shell, const char *title, const struct window_options *options, GError **error);
void shell_close(struct shell *shell); /* also after a failed shell_open */
/* Handles an event. Returns true if the window may have to be redrawn. */
bool shell_handle(struct shell *shell, const SDL_Event *event);
/* Updates timers; call it once per iteration of the event loop. */
void shell_tick(struct shell *shell, int64_t now_us);
/* Draws the parts of the window that have changed. */
void shell_redraw(struct shell *shell);
/* Milliseconds until a tooltip has to be shown; -1: none. */
int shell_tip_ms(const struct shell *shell, int64_t now_us);
/* Wakes the event loop; from any thread. user is ignored. */
void shell_wake(void *user);

#endif
