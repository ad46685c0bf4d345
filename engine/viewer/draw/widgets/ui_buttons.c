/* Buttons, with a label or with an icon. */
#include <math.h>

#include "engine/viewer/draw/canvas/canvas.h"
#include "engine/viewer/draw/widgets/ui.h"
#include "engine/viewer/draw/widgets/ui_internal.h"

bool ui_button(struct ui *ui, struct rect rect, const char *label, enum ui_style style, bool enabled, const char *tip)
{
    struct ui_widget widget = ui_next_widget(ui, rect, enabled);
    const struct theme *theme = ui->theme;
    float u = canvas_u(ui->canvas), radius = 6 * u;
    struct colour text = enabled ? theme->text : colour_fade(theme->muted, 0.6f);
    if (style == UI_PRIMARY && enabled) {
        canvas_round(ui->canvas, rect, radius,
                     widget.hover ? colour_mix(theme->accent, theme->text, 0.15f) : theme->accent);
        text = theme->on_accent;
    } else if (style != UI_QUIET || widget.hover) {
        canvas_round(ui->canvas, rect, radius, widget.hover ? theme->hover : theme->card);
        if (style != UI_QUIET)
            canvas_frame(ui->canvas, rect, radius, u, theme->border);
    }
    if (widget.focused)
        ui_draw_focus(ui, rect, radius);
    float room = rect.w - 6 * u;
    enum text_size size = canvas_text_width(ui->canvas, TEXT_NORMAL, label) > room ? TEXT_SMALL : TEXT_NORMAL;
    canvas_text(ui->canvas, rect.x + rect.w / 2, rect.y + rect.h / 2, size, TEXT_CENTRE, room, text, label);
    ui_tip(ui, rect, tip);
    return widget.pressed;
}

static void draw_curl(struct ui *ui, float x, float y, float s, bool mirrored, struct colour colour)
{
    float sign = mirrored ? -1 : 1;
    float a = mirrored ? -1.9f : -1.35f, b = mirrored ? 1.35f : 1.9f;
    canvas_arc(ui->canvas, x, y + 0.10f * s, 0.55f * s, 0.17f * s, a, b, colour);
    ui_draw_triangle(ui, x - sign * 0.62f * s, y + 0.02f * s, -sign * 0.5f * s, 0.62f * s, colour);
}

void ui_draw_icon(struct ui *ui, struct rect rect, enum ui_icon icon, struct colour c)
{
    struct canvas *canvas = ui->canvas;
    float x = rect.x + rect.w / 2, y = rect.y + rect.h / 2, s = fminf(rect.w, rect.h) * 0.30f;
    float sign = icon == ICON_FIRST || icon == ICON_PREVIOUS || icon == ICON_BACK_TEN ? -1 : 1,
          line = fmaxf(0.22f * s, 1);
    switch (icon) {
    case ICON_FIRST:
    case ICON_LAST:
        ui_draw_triangle(ui, x - sign * 0.2f * s, y, sign * 1.2f * s, 1.7f * s, c);
        canvas_line(canvas, x + sign * 0.7f * s, y - 0.85f * s, x + sign * 0.7f * s, y + 0.85f * s, line * 1.2f, c);
        break;
    case ICON_PREVIOUS:
    case ICON_NEXT:
    case ICON_PLAY:
        ui_draw_triangle(ui, x + sign * 0.05f * s, y, sign * 1.3f * s, 1.7f * s, c);
        break;
    case ICON_BACK_TEN:
    case ICON_ON_TEN:
        ui_draw_triangle(ui, x - 0.5f * s, y, sign * 1.0f * s, 1.6f * s, c);
        ui_draw_triangle(ui, x + 0.5f * s, y, sign * 1.0f * s, 1.6f * s, c);
        break;
    case ICON_PAUSE:
        canvas_line(canvas, x - 0.4f * s, y - 0.8f * s, x - 0.4f * s, y + 0.8f * s, 0.45f * s, c);
        canvas_line(canvas, x + 0.4f * s, y - 0.8f * s, x + 0.4f * s, y + 0.8f * s, 0.45f * s, c);
        break;
    case ICON_STOP:
        canvas_round(canvas, (struct rect){x - 0.7f * s, y - 0.7f * s, 1.4f * s, 1.4f * s}, 0.2f * s, c);
        break;
    case ICON_MENU:
        for (int i = -1; i <= 1; i++)
            canvas_line(canvas, x - 0.85f * s, y + 0.6f * s * (float)i, x + 0.85f * s, y + 0.6f * s * (float)i, line,
                        c);
        break;
    case ICON_UNDO:
    case ICON_REDO:
        draw_curl(ui, x, y, s, icon == ICON_REDO, c);
        break;
    case ICON_HINT:
        canvas_ring(canvas, x, y - 0.25f * s, 0.62f * s, line, c);
        canvas_line(canvas, x - 0.3f * s, y + 0.62f * s, x + 0.3f * s, y + 0.62f * s, line, c);
        canvas_line(canvas, x - 0.2f * s, y + 0.92f * s, x + 0.2f * s, y + 0.92f * s, line, c);
        break;
    case ICON_EYE:
        canvas_arc(canvas, x, y + 0.75f * s, 1.25f * s, line, -0.95f, 0.95f, c);
        canvas_arc(canvas, x, y - 0.75f * s, 1.25f * s, line, (float)G_PI - 0.95f, (float)G_PI + 0.95f, c);
        canvas_circle(canvas, x, y, 0.34f * s, c);
        break;
    case ICON_HELP:
        canvas_text_px(canvas, x, y, 2.2f * s, TEXT_CENTRE, 0, c, "?");
        break;
    case ICON_CLOSE:
        canvas_line(canvas, x - 0.6f * s, y - 0.6f * s, x + 0.6f * s, y + 0.6f * s, line, c);
        canvas_line(canvas, x - 0.6f * s, y + 0.6f * s, x + 0.6f * s, y - 0.6f * s, line, c);
        break;
    }
}

bool ui_icon_button(struct ui *ui, struct rect rect, enum ui_icon icon, bool enabled, bool on, const char *tip)
{
    struct ui_widget widget = ui_next_widget(ui, rect, enabled);
    const struct theme *theme = ui->theme;
    float u = canvas_u(ui->canvas);
    if (on)
        canvas_round(ui->canvas, rect, 6 * u, theme->accent);
    else if (widget.hover)
        canvas_round(ui->canvas, rect, 6 * u, theme->hover);
    if (widget.focused)
        ui_draw_focus(ui, rect, 6 * u);
    ui_draw_icon(ui, rect, icon, on ? theme->on_accent : enabled ? theme->text : colour_fade(theme->muted, 0.5f));
    ui_tip(ui, rect, tip);
    return widget.pressed;
}
