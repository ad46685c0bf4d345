#include "engine/viewer/draw/ui.h"

#include <math.h>

const struct theme theme_light = {
    .back = {243, 239, 232, 255},
    .card = {255, 253, 249, 255},
    .border = {222, 214, 202, 255},
    .text = {44, 38, 33, 255},
    .muted = {128, 118, 107, 255},
    .accent = {166, 61, 40, 255},
    .on_accent = {255, 250, 244, 255},
    .hover = {238, 231, 220, 255},
    .field = {255, 255, 255, 255},
    .good = {52, 124, 84, 255},
    .bad = {184, 48, 44, 255},
    .warn = {176, 112, 16, 255},
    .black_side = {46, 44, 43, 255},
    .white_side = {250, 248, 243, 255},
    .line = {68, 50, 30, 255},
};
const struct theme theme_dark = {
    .back = {28, 28, 30, 255},
    .card = {39, 39, 42, 255},
    .border = {62, 62, 66, 255},
    .text = {234, 229, 221, 255},
    .muted = {154, 148, 140, 255},
    .accent = {214, 108, 76, 255},
    .on_accent = {28, 20, 16, 255},
    .hover = {54, 54, 58, 255},
    .field = {30, 30, 33, 255},
    .good = {110, 190, 140, 255},
    .bad = {236, 104, 96, 255},
    .warn = {226, 168, 76, 255},
    .black_side = {14, 14, 15, 255},
    .white_side = {232, 228, 220, 255},
    .line = {36, 26, 14, 255},
};

void ui_begin(struct ui *ui, bool taking)
{
    ui->taking = taking;
    ui->blocked = ui->dialogue = false;
    ui->order = 0;
    ui->tip[0] = '\0';
    ui->used_key = false;
}

bool ui_hovers(const struct ui *ui, struct rect rect)
{
    return !ui->blocked && rect_has(rect, ui->x, ui->y);
}

bool ui_clicked(const struct ui *ui, struct rect rect)
{
    return ui->taking && ui->input.pressed && ui_hovers(ui, rect);
}

void ui_tip(struct ui *ui, struct rect rect, const char *tip)
{
    if (!tip || !ui_hovers(ui, rect) || ui->down)
        return;
    g_strlcpy(ui->tip, tip, sizeof ui->tip);
    ui->tip_of = rect;
}

void ui_end(struct ui *ui, struct rect window, bool show_tips)
{
    float u = canvas_u(ui->canvas), pad = 8 * u;
    if (!show_tips || !ui->tip[0])
        return;
    float w = fminf(canvas_text_width(ui->canvas, TEXT_SMALL, ui->tip), 300 * u);
    struct rect text = {0, 0, w, 0};
    float h = canvas_paragraph(ui->canvas, text, TEXT_SMALL, ui->theme->text, ui->tip, false);
    struct rect box = {ui->tip_of.x + ui->tip_of.w / 2 - w / 2 - pad, ui->tip_of.y + ui->tip_of.h + 6 * u, w + 2 * pad,
                       h + pad};
    if (box.y + box.h > window.h)
        box.y = ui->tip_of.y - box.h - 6 * u;
    box.x = fmaxf(fminf(box.x, window.w - box.w - 4 * u), 4 * u);
    canvas_shadow(ui->canvas, box, 8 * u, 0.25f);
    canvas_round(ui->canvas, box, 5 * u, ui->theme->text);
    canvas_paragraph(ui->canvas, (struct rect){box.x + pad, box.y + pad / 2, w, h}, TEXT_SMALL, ui->theme->card,
                     ui->tip, true);
}

/* ---- what all widgets share ---- */

struct widget {
    int number;
    bool hover, pressed, focused;
};

bool ui_key(struct ui *ui, SDL_Keycode key)
{
    if (!ui->taking || ui->input.key != key || ui->used_key)
        return false;
    ui->used_key = true;
    return true;
}

static struct widget take(struct ui *ui, struct rect rect, bool enabled)
{
    struct widget widget = {.number = ui->order++};
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

static void draw_focus(struct ui *ui, struct rect rect, float radius)
{
    float u = canvas_u(ui->canvas);
    canvas_frame(ui->canvas, rect_inset(rect, -2 * u), radius + 2 * u, 1.5f * u, colour_fade(ui->theme->accent, 0.8f));
}

/* ---- buttons ---- */

bool ui_button(struct ui *ui, struct rect rect, const char *label, enum ui_style style, bool enabled, const char *tip)
{
    struct widget widget = take(ui, rect, enabled);
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
        draw_focus(ui, rect, radius);
    float room = rect.w - 6 * u;
    enum text_size size = canvas_text_width(ui->canvas, TEXT_NORMAL, label) > room ? TEXT_SMALL : TEXT_NORMAL;
    canvas_text(ui->canvas, rect.x + rect.w / 2, rect.y + rect.h / 2, size, TEXT_CENTRE, room, text, label);
    ui_tip(ui, rect, tip);
    return widget.pressed;
}

static void triangle(struct ui *ui, float x, float y, float w, float h, struct colour colour)
{
    /* Points to the right for w > 0; kept clockwise either way. */
    const SDL_FPoint right[] = {{x - w / 2, y - h / 2}, {x + w / 2, y}, {x - w / 2, y + h / 2}};
    const SDL_FPoint left[] = {{x - w / 2, y + h / 2}, {x + w / 2, y}, {x - w / 2, y - h / 2}};
    canvas_polygon(ui->canvas, w > 0 ? right : left, 3, colour);
}

static void draw_curl(struct ui *ui, float x, float y, float s, bool mirrored, struct colour colour)
{
    float sign = mirrored ? -1 : 1;
    float a = mirrored ? -1.9f : -1.35f, b = mirrored ? 1.35f : 1.9f;
    canvas_arc(ui->canvas, x, y + 0.10f * s, 0.55f * s, 0.17f * s, a, b, colour);
    triangle(ui, x - sign * 0.62f * s, y + 0.02f * s, -sign * 0.5f * s, 0.62f * s, colour);
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
        triangle(ui, x - sign * 0.2f * s, y, sign * 1.2f * s, 1.7f * s, c);
        canvas_line(canvas, x + sign * 0.7f * s, y - 0.85f * s, x + sign * 0.7f * s, y + 0.85f * s, line * 1.2f, c);
        break;
    case ICON_PREVIOUS:
    case ICON_NEXT:
    case ICON_PLAY:
        triangle(ui, x + sign * 0.05f * s, y, sign * 1.3f * s, 1.7f * s, c);
        break;
    case ICON_BACK_TEN:
    case ICON_ON_TEN:
        triangle(ui, x - 0.5f * s, y, sign * 1.0f * s, 1.6f * s, c);
        triangle(ui, x + 0.5f * s, y, sign * 1.0f * s, 1.6f * s, c);
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
    struct widget widget = take(ui, rect, enabled);
    const struct theme *theme = ui->theme;
    float u = canvas_u(ui->canvas);
    if (on)
        canvas_round(ui->canvas, rect, 6 * u, theme->accent);
    else if (widget.hover)
        canvas_round(ui->canvas, rect, 6 * u, theme->hover);
    if (widget.focused)
        draw_focus(ui, rect, 6 * u);
    ui_draw_icon(ui, rect, icon, on ? theme->on_accent : enabled ? theme->text : colour_fade(theme->muted, 0.5f));
    ui_tip(ui, rect, tip);
    return widget.pressed;
}

/* ---- values ---- */

static int arrow_key(struct ui *ui, const struct widget *widget)
{
    if (!widget->focused || ui->editing == widget->number)
        return 0;
    return ui_key(ui, SDLK_RIGHT) ? 1 : ui_key(ui, SDLK_LEFT) ? -1 : 0;
}

bool ui_segments(struct ui *ui, struct rect rect, const char *const *labels, int count, int *value)
{
    struct widget widget = take(ui, rect, true);
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
        draw_focus(ui, rect, 6 * u);
    return *value != before;
}

bool ui_stepper(struct ui *ui, struct rect rect, const char *text, int *value, int min, int max)
{
    struct widget widget = take(ui, rect, true);
    const struct theme *theme = ui->theme;
    float u = canvas_u(ui->canvas), side = rect.h;
    int before = *value, step = arrow_key(ui, &widget);
    struct rect less = {rect.x, rect.y, side, rect.h}, more = {rect.x + rect.w - side, rect.y, side, rect.h};
    if (widget.pressed && ui->input.pressed)
        step = rect_has(less, ui->x, ui->y) ? -1 : rect_has(more, ui->x, ui->y) ? 1 : 0;
    if (ui->taking && widget.hover && ui->input.wheel != 0)
        step = ui->input.wheel > 0 ? 1 : -1;
    *value = CLAMP(*value + step, min, max);
    canvas_round(ui->canvas, rect, 6 * u, theme->field);
    canvas_frame(ui->canvas, rect, 6 * u, u, theme->border);
    for (int i = 0; i < 2; i++) {
        struct rect part = i ? more : less;
        bool able = i ? *value < max : *value > min;
        if (able && ui_hovers(ui, part))
            canvas_round(ui->canvas, rect_inset(part, 2 * u), 5 * u, theme->hover);
        triangle(ui, part.x + part.w / 2, part.y + part.h / 2, (i ? 1 : -1) * 0.28f * side, 0.4f * side,
                 able ? theme->text : colour_fade(theme->muted, 0.4f));
    }
    canvas_text(ui->canvas, rect.x + rect.w / 2, rect.y + rect.h / 2, TEXT_SMALL, TEXT_CENTRE, rect.w - 2 * side,
                theme->text, text);
    if (widget.focused)
        draw_focus(ui, rect, 6 * u);
    return *value != before;
}

bool ui_slider(struct ui *ui, struct rect rect, int *value, int min, int max)
{
    struct widget widget = take(ui, rect, max > min);
    const struct theme *theme = ui->theme;
    float u = canvas_u(ui->canvas), y = rect.y + rect.h / 2, r = 8 * u, span = rect.w - 2 * r;
    int before = *value;
    if (widget.pressed && ui->input.pressed)
        ui->active = widget.number;
    if (!ui->down && ui->active == widget.number)
        ui->active = -1;
    if (ui->taking && ui->active == widget.number && span > 0)
        *value = min + (int)roundf((float)(max - min) * CLAMP((ui->x - rect.x - r) / span, 0, 1));
    int step = arrow_key(ui, &widget);
    if (ui->taking && widget.hover && ui->input.wheel != 0)
        step = ui->input.wheel > 0 ? 1 : -1;
    *value = CLAMP(*value + step, min, max);
    float x = rect.x + r + span * (max > min ? (float)(*value - min) / (float)(max - min) : 0);
    canvas_round(ui->canvas, (struct rect){rect.x + r, y - 2 * u, span, 4 * u}, 2 * u, theme->border);
    canvas_round(ui->canvas, (struct rect){rect.x + r, y - 2 * u, x - rect.x - r, 4 * u}, 2 * u, theme->accent);
    canvas_circle(ui->canvas, x, y, r, widget.hover || ui->active == widget.number ? theme->text : theme->accent);
    canvas_circle(ui->canvas, x, y, r * 0.45f, theme->card);
    if (widget.focused)
        draw_focus(ui, rect, 6 * u);
    return *value != before;
}

bool ui_check(struct ui *ui, struct rect rect, const char *label, bool *value, const char *tip)
{
    struct widget widget = take(ui, rect, true);
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
        draw_focus(ui, rect, 4 * u);
    ui_tip(ui, rect, tip);
    return widget.pressed;
}

/* ---- text fields ---- */

bool ui_is_editing(const struct ui *ui)
{
    return ui->editing >= 0;
}

static bool insert(struct ui *ui, char *text, size_t size, const char *what)
{
    size_t length = strlen(text), more = strlen(what), at = MIN((size_t)ui->cursor, length);
    if (more == 0 || length + more >= size || !g_utf8_validate(what, -1, NULL))
        return false;
    memmove(text + at + more, text + at, length - at + 1);
    memcpy(text + at, what, more);
    ui->cursor = (int)(at + more);
    return true;
}

static bool erase(struct ui *ui, char *text, bool before)
{
    char *at = text + ui->cursor, *from = at, *to = at;
    if (before && ui->cursor > 0)
        from = g_utf8_prev_char(at);
    else if (!before && *at)
        to = g_utf8_next_char(at);
    if (from == to)
        return false;
    memmove(from, to, strlen(to) + 1);
    ui->cursor = (int)(from - text);
    return true;
}

static bool edit_key(struct ui *ui, char *text, size_t size, bool many_lines)
{
    bool changed = false, control = ui->input.modifiers & KMOD_CTRL;
    char *at = text + ui->cursor;
    switch (ui->input.key) {
    case SDLK_LEFT:
        ui->cursor = ui->cursor > 0 ? (int)(g_utf8_prev_char(at) - text) : 0;
        break;
    case SDLK_RIGHT:
        ui->cursor += *at ? (int)(g_utf8_next_char(at) - at) : 0;
        break;
    case SDLK_HOME:
        ui->cursor = 0;
        break;
    case SDLK_END:
        ui->cursor = (int)strlen(text);
        break;
    case SDLK_BACKSPACE:
    case SDLK_DELETE:
        changed = erase(ui, text, ui->input.key == SDLK_BACKSPACE);
        break;
    case SDLK_RETURN:
        if (!many_lines) { /* the end of writing, and whatever Enter does in the dialogue */
            ui->editing = -1;
            ui->focus = -1;
            return false;
        }
        changed = insert(ui, text, size, "\n");
        break;
    case SDLK_ESCAPE:
        ui->editing = -1;
        break;
    case SDLK_v:
        if (control) {
            char *pasted = SDL_GetClipboardText();
            changed = pasted && insert(ui, text, size, pasted);
            SDL_free(pasted);
        }
        break;
    case SDLK_TAB:
        ui->editing = -1; /* and on to the next widget */
        return false;
    default:
        break;
    }
    ui->used_key = true;
    return changed;
}

bool ui_field(struct ui *ui, struct rect rect, char *text, size_t size, bool many_lines, const char *hint)
{
    struct widget widget = take(ui, rect, true);
    const struct theme *theme = ui->theme;
    struct canvas *canvas = ui->canvas;
    float u = canvas_u(canvas), pad = 8 * u, height = canvas_line_height(canvas, TEXT_NORMAL);
    bool changed = false;
    if (widget.pressed && ui->editing != widget.number) {
        ui->editing = widget.number;
        ui->cursor = (int)strlen(text);
    } else if (ui->taking && ui->input.pressed && !widget.hover && ui->editing == widget.number) {
        ui->editing = -1;
    }
    bool on = ui->editing == widget.number;
    ui->cursor = on ? MIN(ui->cursor, (int)strlen(text)) : ui->cursor;
    if (on && ui->taking && !widget.pressed) {
        if (ui->input.key)
            changed = edit_key(ui, text, size, many_lines);
        if (ui->input.text[0])
            changed |= insert(ui, text, size, ui->input.text);
    }
    canvas_round(canvas, rect, 6 * u, theme->field);
    canvas_frame(canvas, rect, 6 * u, on ? 1.5f * u : u, on ? theme->accent : theme->border);
    struct rect inner = {rect.x + pad, many_lines ? rect.y + pad / 2 : rect.y + rect.h / 2 - height / 2,
                         rect.w - 2 * pad, rect.h - pad};
    char *shown = on ? g_strdup_printf("%.*s\u258f%s", ui->cursor, text, text + ui->cursor) : g_strdup(text);
    canvas_clip(canvas, &rect);
    if (many_lines)
        canvas_paragraph(canvas, inner, TEXT_NORMAL, theme->text, shown, true);
    else
        canvas_text(canvas, inner.x, rect.y + rect.h / 2, TEXT_NORMAL, TEXT_LEFT, on ? 0 : inner.w, theme->text, shown);
    if (!*shown && hint)
        canvas_text(canvas, inner.x, inner.y + height / 2, TEXT_NORMAL, TEXT_LEFT, inner.w, theme->muted, hint);
    canvas_clip(canvas, NULL);
    g_free(shown);
    if (widget.focused && !on)
        draw_focus(ui, rect, 6 * u);
    return changed;
}
