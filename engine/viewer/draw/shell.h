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

/* The board, as both windows draw it. Where its points lie on the screen. */
struct board_place {
    struct rect wood;
    float x0, y0, step; /* of point (0, 0), and between two points */
    float letters;      /* from the outer lines to the middle of the coordinates */
    int width, height;  /* points */
    const struct game_look *look;
};

/* The largest board of the game that fits into an area. */
void board_place(struct board_place *place, struct rect area, const struct game *game, bool coordinates, float u);
int board_point_at(const struct board_place *place, float x, float y);
float board_x(const struct board_place *place, int point);
float board_y(const struct board_place *place, int point);
/* The empty board: ground, lines, star points and coordinates. */
void board_draw_ground(struct canvas *canvas, const struct theme *theme, const struct board_place *place,
                       bool coordinates);
/* stones[points]: enum game_colour. */
void board_draw_stones(struct canvas *canvas, const struct board_place *place, const uint8_t *stones);
/* prior[points]: 0..1. */
void board_draw_heat(struct canvas *canvas, const struct board_place *place, const float *prior);
/* black[points]: 1 black's, -1 white's. */
void board_draw_owner(struct canvas *canvas, const struct board_place *place, const float *black,
                      const uint8_t *stones);

#endif
