/* Internal to the widgets. */
#ifndef TENGEN_ENGINE_VIEWER_DRAW_WIDGETS_UI_INTERNAL_H
#define TENGEN_ENGINE_VIEWER_DRAW_WIDGETS_UI_INTERNAL_H

#include <stdbool.h>

struct colour;
struct rect;
struct ui;

/* The state of a widget in the current pass. number: position in the order. */
struct ui_widget {
    int number;
    bool hover, pressed, focused;
};

/* Assigns the next widget its number and input. Pressing it moves the focus to it and ends editing in other fields. */
struct ui_widget ui_next_widget(struct ui *ui, struct rect rect, bool enabled);
void ui_draw_focus(struct ui *ui, struct rect rect, float radius);
/* A triangle centred on (x, y) that points to the right for w > 0, to the left for w < 0. */
void ui_draw_triangle(struct ui *ui, float x, float y, float w, float h, struct colour colour);

#endif
