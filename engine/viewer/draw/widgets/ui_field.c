/* The text field. */
#include <math.h>

#include "engine/viewer/draw/canvas/canvas.h"
#include "engine/viewer/draw/widgets/ui.h"
#include "engine/viewer/draw/widgets/ui_internal.h"

bool ui_is_editing(const struct ui *ui)
{
    return ui->editing >= 0;
}

/* Removes the text if all of it is selected. Returns whether it was. */
static bool erase_selected(struct ui *ui, char *text)
{
    bool was = ui->selected && *text;
    if (was) {
        *text = '\0';
        ui->cursor = 0;
    }
    ui->selected = false;
    return was;
}

static bool insert(struct ui *ui, char *text, size_t size, const char *what)
{
    if (!*what)
        return false;
    erase_selected(ui, text);
    size_t length = strlen(text), more = strlen(what), at = MIN((size_t)ui->cursor, length);
    if (more == 0 || length + more >= size || !g_utf8_validate(what, -1, NULL))
        return false;
    memmove(text + at + more, text + at, length - at + 1);
    memcpy(text + at, what, more); /* NOLINT(bugprone-not-null-terminated-result): into the middle of a text */
    ui->cursor = (int)(at + more);
    return true;
}

static bool erase(struct ui *ui, char *text, bool before)
{
    if (erase_selected(ui, text))
        return true;
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

static bool control_key(struct ui *ui, char *text, size_t size)
{
    bool changed = false;
    char *pasted;
    switch (ui->input.key) {
    case SDLK_a:
        ui->selected = *text != '\0';
        ui->cursor = (int)strlen(text);
        break;
    case SDLK_c:
    case SDLK_x: /* without a selection: all of the text */
        SDL_SetClipboardText(text);
        if (ui->input.key == SDLK_x) {
            ui->selected = true;
            changed = erase_selected(ui, text);
        }
        break;
    case SDLK_v:
        pasted = SDL_GetClipboardText();
        changed = pasted && insert(ui, text, size, pasted);
        SDL_free(pasted);
        break;
    default:
        break;
    }
    return changed;
}

static void move_cursor(struct ui *ui, const char *text)
{
    const char *at = text + ui->cursor;
    if (ui->input.key == SDLK_LEFT)
        ui->cursor = ui->cursor > 0 ? (int)(g_utf8_prev_char(at) - text) : 0;
    else if (ui->input.key == SDLK_RIGHT)
        ui->cursor += *at ? (int)(g_utf8_next_char(at) - at) : 0;
    else
        ui->cursor = ui->input.key == SDLK_HOME ? 0 : (int)strlen(text);
    ui->selected = false;
}

static bool edit_key(struct ui *ui, char *text, size_t size, bool many_lines)
{
    bool changed = false;
    switch (ui->input.key) {
    case SDLK_LEFT:
    case SDLK_RIGHT:
    case SDLK_HOME:
    case SDLK_END:
        move_cursor(ui, text);
        break;
    case SDLK_BACKSPACE:
    case SDLK_DELETE:
        changed = erase(ui, text, ui->input.key == SDLK_BACKSPACE);
        break;
    case SDLK_RETURN:
        if (!many_lines) { /* ends editing; the dialogue handles Enter as well */
            ui->editing = -1;
            ui->focus = -1;
            return false;
        }
        changed = insert(ui, text, size, "\n");
        break;
    case SDLK_ESCAPE:
        ui->editing = -1;
        if (ui->dialogue) /* closes the dialogue as well */
            return false;
        break;
    case SDLK_TAB:
        ui->editing = -1; /* ends editing; the dialogue moves the focus */
        return false;
    default:
        if (ui->input.modifiers & KMOD_CTRL)
            changed = control_key(ui, text, size);
        break;
    }
    ui->used_key = true;
    return changed;
}

bool ui_field(struct ui *ui, struct rect rect, char *text, size_t size, bool many_lines, const char *hint)
{
    struct ui_widget widget = ui_next_widget(ui, rect, true);
    const struct theme *theme = ui->theme;
    struct canvas *canvas = ui->canvas;
    float u = canvas_u(canvas), pad = 8 * u, height = canvas_line_height(canvas, TEXT_NORMAL);
    bool changed = false;
    if (widget.pressed && ui->editing != widget.number) {
        ui->editing = widget.number;
        ui->cursor = (int)strlen(text);
        ui->selected = false;
    } else if (ui->input_pass && ui->input.pressed && !widget.hover && ui->editing == widget.number) {
        ui->editing = -1;
    }
    bool on = ui->editing == widget.number;
    ui->cursor = on ? MIN(ui->cursor, (int)strlen(text)) : ui->cursor;
    if (on && ui->input_pass && !widget.pressed) {
        if (ui->input.key)
            changed = edit_key(ui, text, size, many_lines);
        if (ui->input.text[0])
            changed |= insert(ui, text, size, ui->input.text);
    }
    canvas_round(canvas, rect, 6 * u, theme->field);
    canvas_frame(canvas, rect, 6 * u, on ? 1.5f * u : u, on ? theme->accent : theme->border);
    struct rect inner = {rect.x + pad, many_lines ? rect.y + pad / 2 : rect.y + rect.h / 2 - height / 2,
                         rect.w - 2 * pad, rect.h - pad};
    if (on && ui->selected && !many_lines)
        canvas_round(canvas,
                     (struct rect){inner.x - 2 * u, rect.y + 4 * u,
                                   fminf(canvas_text_width(canvas, TEXT_NORMAL, text) + 4 * u, rect.w - pad),
                                   rect.h - 8 * u},
                     3 * u, colour_fade(theme->accent, 0.3f));
    else if (on && ui->selected)
        canvas_round(canvas, rect_inset(rect, 3 * u), 3 * u, colour_fade(theme->accent, 0.3f));
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
        ui_draw_focus(ui, rect, 6 * u);
    return changed;
}
