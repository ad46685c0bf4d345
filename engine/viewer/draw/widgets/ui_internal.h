/* What the files of the widgets share. */
#ifndef TENGEN_ENGINE_VIEWER_DRAW_WIDGETS_UI_INTERNAL_H
#define TENGEN_ENGINE_VIEWER_DRAW_WIDGETS_UI_INTERNAL_H

#include "engine/viewer/draw/widgets/ui.h"

/* A widget in this pass: its number in the order, and what the pointer and the keyboard do to it. */
struct ui_widget {
    int number;
    bool hover, pressed, focused;
};

/* Gives the next widget its number and its input. A press moves the focus to it and ends writing in another field. */
struct ui_widget ui_take(struct ui *ui, struct rect rect, bool enabled);
void ui_draw_focus(struct ui *ui, struct rect rect, float radius);
/* A triangle centred on (x, y) that points to the right for w > 0, to the left for w < 0. */
void ui_draw_triangle(struct ui *ui, float x, float y, float w, float h, struct colour colour);

#endif
