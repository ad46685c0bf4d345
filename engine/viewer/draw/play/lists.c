/* Lists in dialogues: the games played, and the games of a file. */
#include <math.h>

#include "engine/viewer/draw/canvas/canvas.h"
#include "engine/viewer/draw/play/app.h"
#include "engine/viewer/draw/shell.h"
#include "engine/viewer/draw/widgets/ui.h"
#include "engine/viewer/session/archive.h"
#include "engine/viewer/session/session.h"
#include "engine/viewer/text.h"
#include "games/record/sgf.h"

int list_scroll(struct app *app, struct rect area, int rows, int shown)
{
    static const struct {
        SDL_Keycode key;
        int lines, pages;
    } keys[] = {{SDLK_UP, -1, 0},      {SDLK_DOWN, 1, 0},     {SDLK_PAGEUP, 0, -1},
                {SDLK_PAGEDOWN, 0, 1}, {SDLK_HOME, -9999, 0}, {SDLK_END, 9999, 0}};
    struct ui *ui = &app->shell.ui;
    float u = canvas_u(app->shell.canvas), most = (float)MAX(rows - shown, 0);
    if (ui->input_pass && ui_hovers(ui, area))
        ui->scroll -= ui->input.wheel * 2;
    for (size_t i = 0; i < G_N_ELEMENTS(keys) && !ui_is_editing(ui); i++)
        if (ui_key(ui, keys[i].key))
            ui->scroll += (float)(keys[i].lines + keys[i].pages * MAX(shown - 1, 1));
    ui->scroll = CLAMP(ui->scroll, 0, most);
    if (most > 0) {
        float height = fmaxf(area.h * (float)shown / (float)rows, 16 * u);
        canvas_round(
            app->shell.canvas,
            (struct rect){area.x + area.w - 5 * u, area.y + (area.h - height) * ui->scroll / most, 4 * u, height},
            2 * u, ui->theme->muted);
    }
    return (int)ui->scroll;
}

/* Draws a row of a list with texts on the left and the right. Returns true if it was clicked. */
static bool draw_row(struct app *app, struct rect row, const char *left, const char *right, bool marked)
{
    struct canvas *canvas = app->shell.canvas;
    const struct theme *theme = app->shell.ui.theme;
    float u = canvas_u(canvas), y = row.y + row.h / 2, used = 0;
    if (marked || ui_hovers(&app->shell.ui, row))
        canvas_round(canvas, row, 4 * u, theme->hover);
    if (*right)
        used = canvas_text(canvas, row.x + row.w - 8 * u, y, TEXT_SMALL, TEXT_RIGHT, row.w * 0.5f, theme->muted, right);
    canvas_text(canvas, row.x + 8 * u, y, TEXT_NORMAL, TEXT_LEFT, row.w - used - 24 * u, theme->text, left);
    return ui_clicked(&app->shell.ui, row);
}

static void draw_ground(struct app *app, struct rect area)
{
    float u = canvas_u(app->shell.canvas);
    canvas_round(app->shell.canvas, area, 6 * u, app->shell.ui.theme->card);
    canvas_frame(app->shell.canvas, area, 6 * u, u, app->shell.ui.theme->border);
}

/* ---- games played ---- */

static void describe_game(struct archive_entry *entry, char *left, char *right, size_t size)
{
    archive_read(entry);
    GDateTime *when = g_date_time_new_from_unix_local(entry->modified / 1000000);
    char *date = g_date_time_format(when, "%Y-%m-%d %H:%M");
    if (entry->moves < 0)
        g_snprintf(left, size, "%s · %s", date, _("cannot be read"));
    else
        g_snprintf(left, size, "%s · %s", date, entry->players);
    g_snprintf(right, size, _("%s · %d moves · %s"), entry->game, MAX(entry->moves, 0),
               *entry->result ? entry->result : _("unfinished"));
    g_free(date);
    g_date_time_unref(when);
}

static void delete_game(struct app *app, int index)
{
    struct archive_entry *entry = g_ptr_array_index(app->games, index);
    GError *error = NULL;
    app->doomed = -1;
    if (archive_delete(entry, &error)) {
        g_ptr_array_remove_index(app->games, (guint)index);
        return;
    }
    session_notify(app->session, NOTICE_WARNING, "%s", error->message);
    g_clear_error(&error);
    app->dialogue = DIALOGUE_NONE;
}

/* The button at the right end of a row, which has to be pressed twice. The game on the board cannot be deleted. */
static void draw_delete(struct app *app, struct rect button, int index)
{
    const struct archive_entry *entry = g_ptr_array_index(app->games, index);
    const char *kept = app->session->kept;
    bool shown = kept && g_str_equal(kept, entry->path), sure = app->doomed == index;
    if (!ui_button(&app->shell.ui, button, sure ? _("Really?") : _("Delete"), sure ? UI_PRIMARY : UI_PLAIN, !shown,
                   NULL))
        return;
    if (sure)
        delete_game(app, index);
    else
        app->doomed = index;
}

void games_draw(struct app *app, struct rect window)
{
    struct canvas *canvas = app->shell.canvas;
    float u = canvas_u(canvas), height = 30 * u, wide = 74 * u;
    char left[300], right[300];
    struct rect area = dialogue_box(app, window, 720 * u, 480 * u, _("My games"));
    if (!app->games) {
        session_keep(app->session);
        app->games = archive_list(app->games_folder);
    }
    draw_ground(app, area);
    if (!app->games->len)
        canvas_text(canvas, area.x + area.w / 2, area.y + area.h / 2, TEXT_NORMAL, TEXT_CENTRE, area.w,
                    app->shell.ui.theme->muted, _("Every game that you begin is kept here."));
    int shown = (int)((area.h - 8 * u) / height), from = list_scroll(app, area, (int)app->games->len, shown);
    for (int i = from; i < MIN(from + shown, (int)app->games->len); i++) {
        struct archive_entry *entry = g_ptr_array_index(app->games, i);
        struct rect row = {area.x + 4 * u, area.y + 4 * u + height * (float)(i - from), area.w - wide - 20 * u, height};
        describe_game(entry, left, right, sizeof left);
        const char *kept = app->session->kept;
        if (draw_row(app, row, left, right, kept && g_str_equal(kept, entry->path))) {
            app->dialogue = DIALOGUE_NONE;
            if (!kept || !g_str_equal(kept, entry->path))
                app_open_file(app, entry->path);
            return;
        }
        draw_delete(app, (struct rect){row.x + row.w + 4 * u, row.y + 2 * u, wide, height - 4 * u}, i);
    }
}

/* ---- games of a file ---- */

static void describe_tree(const struct sgf_node *root, int index, char *left, char *right, size_t size)
{
    static const char *const names[] = {"GN", "EV", "PB", "PW", "RE"};
    char *texts[G_N_ELEMENTS(names)];
    int moves = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        texts[i] = sgf_text(root, names[i]);
    for (const struct sgf_node *at = root; at; at = at->first_child)
        moves += sgf_step(at) == SGF_MOVE;
    const char *title = texts[0] ? texts[0] : texts[1];
    if (texts[2] || texts[3])
        g_snprintf(left, size, "%d. %s – %s%s%s", index + 1, texts[2] ? texts[2] : _("Black"),
                   texts[3] ? texts[3] : _("White"), title ? " · " : "", title ? title : "");
    else
        g_snprintf(left, size, "%d. %s", index + 1, title ? title : _("Untitled"));
    g_snprintf(right, size, _("%d moves %s"), moves, texts[4] ? texts[4] : "");
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        g_free(texts[i]);
}

void trees_draw(struct app *app, struct rect window)
{
    float u = canvas_u(app->shell.canvas), height = 30 * u;
    char left[300], right[300];
    int at, count = session_trees(app->session, &at);
    struct rect area = dialogue_box(app, window, 640 * u, 460 * u, _("Games in this file"));
    draw_ground(app, area);
    int shown = (int)((area.h - 8 * u) / height), from = list_scroll(app, area, count, shown);
    const struct sgf_node *root = app->session->sgf->top->first_child;
    for (int i = 0; root && i < from + shown; i++, root = root->next) {
        struct rect row = {area.x + 4 * u, area.y + 4 * u + height * (float)(i - from), area.w - 16 * u, height};
        if (i < from)
            continue;
        describe_tree(root, i, left, right, sizeof left);
        if (draw_row(app, row, left, right, i == at)) {
            app->dialogue = DIALOGUE_NONE;
            session_choose_tree(app->session, i);
            return;
        }
    }
}
