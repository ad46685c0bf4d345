/* Immediate-mode widgets. Each call draws a widget and, in the input pass, returns whether the user has operated it. A
 * widget is identified by its position in the order of the pass, in which Tab moves the focus in a dialogue; Space or
 * Enter presses the widget in focus. Rectangles are in pixels. One thread, SDL's. */
#ifndef TENGEN_ENGINE_VIEWER_DRAW_WIDGETS_UI_H
#define TENGEN_ENGINE_VIEWER_DRAW_WIDGETS_UI_H

#include "engine/viewer/draw/canvas/canvas.h"

struct theme {
    struct colour back, card, border, text, muted, accent, on_accent, hover, field, good, bad, warn, black_side,
        white_side, line;
};
extern const struct theme theme_light, theme_dark;

enum ui_icon {
    ICON_FIRST,
    ICON_PREVIOUS,
    ICON_NEXT,
    ICON_LAST,
    ICON_BACK_TEN,
    ICON_ON_TEN,
    ICON_MENU,
    ICON_PLAY,
    ICON_PAUSE,
    ICON_UNDO,
    ICON_REDO,
    ICON_HINT,
    ICON_EYE,
    ICON_HELP,
    ICON_CLOSE,
    ICON_STOP
};
enum ui_style { UI_PLAIN, UI_PRIMARY, UI_QUIET };

/* Input since the last pass; cleared after the input pass. */
struct ui_input {
    bool pressed, released, right_pressed;
    float wheel;
    SDL_Keycode key; /* 0: none */
    uint16_t modifiers;
    char text[64]; /* typed, UTF-8 */
};

struct ui {
    struct canvas *canvas;
    const struct theme *theme;
    bool input_pass; /* in this pass, widgets handle input */
    bool blocked;    /* drawing widgets that are covered by a dialogue and get no input */
    bool dialogue;   /* drawing the dialogue, which has the keyboard focus */
    float x, y;      /* of the pointer; negative: outside the window */
    bool down;
    struct ui_input input;
    int order, focus; /* number of the next widget; number of the one in focus, -1: none */
    int last_count;   /* number of widgets of the dialogue in the last pass */
    int active;       /* number of the slider being dragged, -1: none */
    int editing;      /* number of the text field being edited, -1: none */
    int cursor;       /* byte offset in that field */
    bool selected;    /* all of that field is selected (Ctrl+A) */
    float scroll;     /* of the only scrolling list, in rows */
    char tip[200];
    struct rect tip_of;
    struct rect host, tip_host; /* the part of the window being drawn, which tooltips must not cover, and the tip's */
    bool used_key; /* a widget has consumed the key */
};

/* Starts a pass. */
void ui_begin(struct ui *ui, bool input_pass);
/* Ends a pass; draws the tooltip, if any. */
void ui_end(struct ui *ui, struct rect window, bool show_tips);

bool ui_hovers(const struct ui *ui, struct rect rect);
bool ui_clicked(const struct ui *ui, struct rect rect);
void ui_tip(struct ui *ui, struct rect rect, const char *tip);

/* ---- widgets: they return true if pressed, or if the value was changed. tip: tooltip; may be NULL ---- */

bool ui_button(struct ui *ui, struct rect rect, const char *label, enum ui_style style, bool enabled, const char *tip);
bool ui_icon_button(struct ui *ui, struct rect rect, enum ui_icon icon, bool enabled, bool on, const char *tip);
void ui_draw_icon(struct ui *ui, struct rect rect, enum ui_icon icon, struct colour colour);
/* A row of exclusive options. */
bool ui_segments(struct ui *ui, struct rect rect, const char *const *labels, int count, int *value);
/* A value with two buttons to decrease and increase it. text: the value as displayed. */
bool ui_stepper(struct ui *ui, struct rect rect, const char *text, int *value, int min, int max);
bool ui_slider(struct ui *ui, struct rect rect, int *value, int min, int max);
bool ui_check(struct ui *ui, struct rect rect, const char *label, bool *value, const char *tip);
/* Edits UTF-8 text in a buffer of `size` bytes. hint: shown while it is empty. */
bool ui_field(struct ui *ui, struct rect rect, char *text, size_t size, bool many_lines, const char *hint);
bool ui_is_editing(const struct ui *ui);
/* Returns true, and consumes the key, if it was pressed and not consumed before. */
bool ui_key(struct ui *ui, SDL_Keycode key);

#endif
