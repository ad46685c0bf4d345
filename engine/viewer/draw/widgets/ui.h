/* Buttons, sliders and fields, in immediate mode: each call lays out, draws and, in the pass that takes input, says
 * whether the user did something. A widget is known by its place in the order of a pass, so that Tab walks through
 * those of a dialogue and Space or Enter presses the one in focus. One thread, SDL's. */
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

/* What happened since the pass before; cleared once it was offered to the widgets. */
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
    bool taking;   /* this pass takes input */
    bool blocked;  /* what is drawn now lies below a dialogue */
    bool dialogue; /* what is drawn now is the dialogue: it has the keyboard */
    float x, y;    /* of the pointer; negative outside */
    bool down;
    struct ui_input input;
    int order, focus; /* the next widget's number; the one in focus, -1: none */
    int last_count;   /* widgets of the dialogue in the pass before */
    int active;       /* the one being dragged, -1: none */
    int editing;      /* the field being written in, -1: none */
    int cursor;       /* byte offset in it */
    float scroll;     /* of the one scrolling list */
    char tip[200];
    struct rect tip_of;
    bool used_key; /* some widget took the key */
};

void ui_begin(struct ui *ui, bool taking);
/* Draws the tooltip of the widget under a resting pointer. */
void ui_end(struct ui *ui, struct rect window, bool show_tips);

bool ui_hovers(const struct ui *ui, struct rect rect);
bool ui_clicked(const struct ui *ui, struct rect rect);
void ui_tip(struct ui *ui, struct rect rect, const char *tip);

bool ui_button(struct ui *ui, struct rect rect, const char *label, enum ui_style style, bool enabled, const char *tip);
bool ui_icon_button(struct ui *ui, struct rect rect, enum ui_icon icon, bool enabled, bool on, const char *tip);
void ui_draw_icon(struct ui *ui, struct rect rect, enum ui_icon icon, struct colour colour);
/* One of a few. */
bool ui_segments(struct ui *ui, struct rect rect, const char *const *labels, int count, int *value);
/* "- value +" */
bool ui_stepper(struct ui *ui, struct rect rect, const char *text, int *value, int min, int max);
bool ui_slider(struct ui *ui, struct rect rect, int *value, int min, int max);
bool ui_check(struct ui *ui, struct rect rect, const char *label, bool *value, const char *tip);
/* Text in a buffer. True when it was changed. */
bool ui_field(struct ui *ui, struct rect rect, char *text, size_t size, bool many_lines, const char *hint);
bool ui_is_editing(const struct ui *ui);
/* Whether a key was pressed that no widget has taken; takes it. */
bool ui_key(struct ui *ui, SDL_Keycode key);

#endif
