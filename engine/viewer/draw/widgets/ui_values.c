/* Widgets that set a value: segments, stepper, slider and check box. */
#include <math.h>

#include "engine/viewer/draw/canvas/canvas.h"
#include "engine/viewer/draw/widgets/ui.h"
#include "engine/viewer/draw/widgets/ui_internal.h"

static int arrow_key(struct ui *ui, const struct ui_widget *widget)
{
    if (!widget->focused || ui->editing == widget->number)
        return 0;
    return ui_key(ui, SDLK_RIGHT) ? 1 : ui_key(ui, SDLK_LEFT) ? -1 : 0;
}

bool ui_segments(struct ui *ui, struct rect rect, const char *const *labels, int count, int *value)
{
    struct ui_widget widget = ui_next_widget(ui, rect, true);
    const struct theme *theme = ui->theme;
    float u = canvas_u(ui->canvas), w = rect.w / (float)count;
    int before = *value, step = arrow_key(ui, &widget);
    if (widget.pressed && rect_has(rect, ui->x, ui->y) && ui->input.pressed)
        *value = CLAMP((int)((ui->x - rect.x) / w), 0, count - 1);
    else if (widget.pressed)
        *value = (*value + 1) % count;
    *value = CLAMP(*value + step, 0, count - 1);
    canvas_round(ui->canvas, rect, 6 * u, theme->field);
    canvas_frame(ui->canvas, rect, 6 * u, u, theme->border);
    for (int i = 0; i < count; i++) {
        struct rect part = {rect.x + w * (float)i, rect.y, w, rect.h};
        bool on = i == *value;
        if (on)
            canvas_round(ui->canvas, rect_inset(part, 2 * u), 5 * u, theme->accent);
        else if (ui_hovers(ui, part))
            canvas_round(ui->canvas, rect_inset(part, 2 * u), 5 * u, theme->hover);
        canvas_text(ui->canvas, part.x + w / 2, part.y + part.h / 2, TEXT_SMALL, TEXT_CENTRE, w - 6 * u,
                    on ? theme->on_accent : theme->text, labels[i]);
    }
    if (widget.focused)
        ui_draw_focus(ui, rect, 6 * u);
    return *value != before;
}

bool ui_stepper(struct ui *ui, struct rect rect, const char *text, int *value, int min, int max)
{
    struct ui_widget widget = ui_next_widget(ui, rect, true);
    const struct theme *theme = ui->theme;
    float u = canvas_u(ui->canvas), side = rect.h;
    int before = *value, step = arrow_key(ui, &widget);
    struct rect less = {rect.x, rect.y, side, rect.h}, more = {rect.x + rect.w - side, rect.y, side, rect.h};
    if (widget.pressed && ui->input.pressed)
        step = rect_has(less, ui->x, ui->y) ? -1 : rect_has(more, ui->x, ui->y) ? 1 : 0;
    if (ui->input_pass && widget.hover && ui->input.wheel != 0)
        step = ui->input.wheel > 0 ? 1 : -1;
    *value = CLAMP(*value + step, min, max);
    canvas_round(ui->canvas, rect, 6 * u, theme->field);
    canvas_frame(ui->canvas, rect, 6 * u, u, theme->border);
    for (int i = 0; i < 2; i++) {
        struct rect part = i ? more : less;
        bool able = i ? *value < max : *value > min;
        if (able && ui_hovers(ui, part))
            canvas_round(ui->canvas, rect_inset(part, 2 * u), 5 * u, theme->hover);
        ui_draw_triangle(ui, part.x + part.w / 2, part.y + part.h / 2, (i ? 1 : -1) * 0.28f * side, 0.4f * side,
                         able ? theme->text : colour_fade(theme->muted, 0.4f));
    }
    canvas_text(ui->canvas, rect.x + rect.w / 2, rect.y + rect.h / 2, TEXT_SMALL, TEXT_CENTRE, rect.w - 2 * side,
                theme->text, text);
    if (widget.focused)
        ui_draw_focus(ui, rect, 6 * u);
    return *value != before;
}

bool ui_slider(struct ui *ui, struct rect rect, int *value, int min, int max)
{
    struct ui_widget widget = ui_next_widget(ui, rect, max > min);
    const struct theme *theme = ui->theme;
    float u = canvas_u(ui->canvas), y = rect.y + rect.h / 2, r = 8 * u, span = rect.w - 2 * r;
    int before = *value;
    if (widget.pressed && ui->input.pressed)
        ui->active = widget.number;
    if (!ui->down && ui->active == widget.number)
        ui->active = -1;
    if (ui->input_pass && ui->active == widget.number && span > 0)
        *value = min + (int)roundf((float)(max - min) * CLAMP((ui->x - rect.x - r) / span, 0, 1));
    int step = arrow_key(ui, &widget);
    if (ui->input_pass && widget.hover && ui->input.wheel != 0)
        step = ui->input.wheel > 0 ? 1 : -1;
    *value = CLAMP(*value + step, min, max);
    float x = rect.x + r + span * (max > min ? (float)(*value - min) / (float)(max - min) : 0);
    canvas_round(ui->canvas, (struct rect){rect.x + r, y - 2 * u, span, 4 * u}, 2 * u, theme->border);
    canvas_round(ui->canvas, (struct rect){rect.x + r, y - 2 * u, x - rect.x - r, 4 * u}, 2 * u, theme->accent);
    canvas_circle(ui->canvas, x, y, r, widget.hover || ui->active == widget.number ? theme->text : theme->accent);
    canvas_circle(ui->canvas, x, y, r * 0.45f, theme->card);
    if (widget.focused)
        ui_draw_focus(ui, rect, 6 * u);
    return *value != before;
}

bool ui_check(struct ui *ui, struct rect rect, const char *label, bool *value, const char *tip)
{
    struct ui_widget widget = ui_next_widget(ui, rect, true);
    const struct theme *theme = ui->theme;
    float u = canvas_u(ui->canvas), side = 16 * u, y = rect.y + rect.h / 2;
    struct rect box = {rect.x, y - side / 2, side, side};
    if (widget.pressed)
        *value = !*value;
    canvas_round(ui->canvas, box, 4 * u, *value ? theme->accent : widget.hover ? theme->hover : theme->field);
    canvas_frame(ui->canvas, box, 4 * u, u, *value ? theme->accent : theme->border);
    if (*value) {
        const SDL_FPoint tick[] = {{box.x + 0.24f * side, y + 0.02f * side},
                                   {box.x + 0.43f * side, y + 0.22f * side},
                                   {box.x + 0.77f * side, y - 0.22f * side}};
        canvas_polyline(ui->canvas, tick, 3, 2 * u, theme->on_accent);
    }
    canvas_text(ui->canvas, rect.x + side + 8 * u, y, TEXT_NORMAL, TEXT_LEFT, rect.w - side - 8 * u, theme->text,
                label);
    if (widget.focused)
        ui_draw_focus(ui, rect, 4 * u);
    ui_tip(ui, rect, tip);
    return widget.pressed;
}
