/* Common to all widgets: passes, pointer, tooltips, and the input of a widget. */
#include <math.h>

#include "engine/viewer/draw/widgets/ui_internal.h"

#include "engine/viewer/draw/canvas/canvas.h"
#include "engine/viewer/draw/widgets/ui.h"

void ui_begin(struct ui *ui, bool input_pass)
{
    ui->input_pass = input_pass;
    ui->blocked = ui->dialogue = false;
    ui->order = 0;
    ui->tip[0] = '\0';
    ui->host = (struct rect){0, 0, 0, 0};
    ui->used_key = false;
}

bool ui_hovers(const struct ui *ui, struct rect rect)
{
    return !ui->blocked && rect_has(rect, ui->x, ui->y);
}

bool ui_clicked(const struct ui *ui, struct rect rect)
{
    return ui->input_pass && ui->input.pressed && ui_hovers(ui, rect);
}

void ui_tip(struct ui *ui, struct rect rect, const char *tip)
{
    if (!tip || !ui_hovers(ui, rect) || ui->down)
        return;
    g_strlcpy(ui->tip, tip, sizeof ui->tip);
    ui->tip_of = rect;
    ui->tip_host = ui->host;
}

/* Where a tooltip of this size goes: beside the part of the window that its widget belongs to, left or right of it,
 * else above or below the widget. */
static struct rect place_tip(const struct ui *ui, struct rect window, float w, float h)
{
    const struct rect *of = &ui->tip_of, *host = &ui->tip_host;
    float u = canvas_u(ui->canvas), gap = 6 * u;
    struct rect box = {host->x - w - gap, of->y + of->h / 2 - h / 2, w, h};
    if (host->w <= 0 || box.x < gap) {
        box.x = host->x + host->w + gap;
        if (host->w <= 0 || box.x + w > window.w - gap) {
            box.x = of->x + of->w / 2 - w / 2;
            box.y = host->w > 0 ? host->y - h - gap : of->y + of->h + gap;
            if (box.y < 0)
                box.y = of->y + of->h + gap;
            if (box.y + h > window.h)
                box.y = of->y - h - gap;
        }
    }
    box.x = fmaxf(fminf(box.x, window.w - w - 4 * u), 4 * u);
    box.y = fmaxf(fminf(box.y, window.h - h - 4 * u), 4 * u);
    return box;
}

void ui_end(struct ui *ui, struct rect window, bool show_tips)
{
    float u = canvas_u(ui->canvas), pad = 8 * u;
    if (!show_tips || !ui->tip[0])
        return;
    float w = fminf(canvas_text_width(ui->canvas, TEXT_SMALL, ui->tip), 300 * u);
    struct rect text = {0, 0, w, 0};
    float h = canvas_paragraph(ui->canvas, text, TEXT_SMALL, ui->theme->text, ui->tip, false);
    struct rect box = place_tip(ui, window, w + 2 * pad, h + pad);
    canvas_shadow(ui->canvas, box, 8 * u, 0.25f);
    canvas_round(ui->canvas, box, 5 * u, ui->theme->text);
    canvas_paragraph(ui->canvas, (struct rect){box.x + pad, box.y + pad / 2, w, h}, TEXT_SMALL, ui->theme->card,
                     ui->tip, true);
}

bool ui_key(struct ui *ui, SDL_Keycode key)
{
    if (!ui->input_pass || ui->input.key != key || ui->used_key)
        return false;
    ui->used_key = true;
    return true;
}

struct ui_widget ui_next_widget(struct ui *ui, struct rect rect, bool enabled)
{
    struct ui_widget widget = {.number = ui->order++};
    if (ui->blocked)
        widget.number = -2;
    widget.hover = enabled && ui_hovers(ui, rect);
    widget.focused = enabled && ui->dialogue && ui->focus == widget.number;
    widget.pressed = enabled && ui_clicked(ui, rect);
    if (widget.pressed) {
        ui->focus = ui->dialogue ? widget.number : -1;
        if (ui->editing != widget.number)
            ui->editing = -1;
    }
    if (widget.focused && ui->editing != widget.number && (ui_key(ui, SDLK_RETURN) || ui_key(ui, SDLK_SPACE)))
        widget.pressed = true;
    return widget;
}

void ui_draw_focus(struct ui *ui, struct rect rect, float radius)
{
    float u = canvas_u(ui->canvas);
    canvas_frame(ui->canvas, rect_inset(rect, -2 * u), radius + 2 * u, 1.5f * u, colour_fade(ui->theme->accent, 0.8f));
}

void ui_draw_triangle(struct ui *ui, float x, float y, float w, float h, struct colour colour)
{
    /* Clockwise in both cases. */
    const SDL_FPoint right[] = {{x - w / 2, y - h / 2}, {x + w / 2, y}, {x - w / 2, y + h / 2}};
    const SDL_FPoint left[] = {{x - w / 2, y + h / 2}, {x + w / 2, y}, {x - w / 2, y - h / 2}};
    canvas_polygon(ui->canvas, w > 0 ? right : left, 3, colour);
}
