/* Dialogues: menu, files, settings, help, questions. */
#include <math.h>

#include "engine/viewer/draw/canvas/canvas.h"
#include "engine/viewer/draw/play/app.h"
#include "engine/viewer/draw/shell.h"
#include "engine/viewer/draw/widgets/ui.h"
#include "engine/viewer/preferences.h"
#include "engine/viewer/session/session.h"
#include "engine/viewer/text.h"

struct rect dialogue_box(struct app *app, struct rect window, float w, float h, const char *title)
{
    struct canvas *canvas = app->shell.canvas;
    float u = canvas_u(canvas), margin = 8 * u;
    canvas_rect(canvas, window, (struct colour){0, 0, 0, 110});
    struct rect box = {0, 0, fminf(w, window.w - 2 * margin), fminf(h, window.h - 2 * margin)};
    box.x = roundf((window.w - box.w) / 2);
    box.y = roundf((window.h - box.h) / 2);
    canvas_shadow(canvas, box, 16 * u, 0.35f);
    canvas_round(canvas, box, 10 * u, app->shell.ui.theme->back);
    canvas_text(canvas, box.x + 18 * u, box.y + 24 * u, TEXT_LARGE, TEXT_LEFT, box.w - 60 * u,
                app->shell.ui.theme->text, title);
    struct rect close = {box.x + box.w - 38 * u, box.y + 8 * u, 30 * u, 30 * u};
    if (ui_hovers(&app->shell.ui, close))
        canvas_round(canvas, close, 6 * u, app->shell.ui.theme->hover);
    ui_draw_icon(&app->shell.ui, close, ICON_CLOSE, app->shell.ui.theme->muted);
    if (ui_clicked(&app->shell.ui, close))
        app->dialogue = DIALOGUE_NONE;
    return (struct rect){box.x + 18 * u, box.y + 48 * u, box.w - 36 * u, box.h - 62 * u};
}

/* ---- menu ---- */

static void draw_menu(struct app *app, struct rect window)
{
    static const struct {
        const char *label, *key;
        enum app_dialogue opens;
        void (*action)(struct app *app);
    } items[] = {
        {N_("New game…"), "Ctrl+N", DIALOGUE_NEW, NULL},      {N_("My games…"), "Ctrl+G", DIALOGUE_GAMES, NULL},
        {N_("Open…"), "Ctrl+L", DIALOGUE_OPEN, NULL},         {N_("Save…"), "Ctrl+S", DIALOGUE_SAVE, NULL},
        {N_("Copy game"), "Ctrl+C", DIALOGUE_NONE, app_copy}, {N_("Paste game"), "Ctrl+V", DIALOGUE_NONE, app_paste},
        {N_("Settings…"), "F8", DIALOGUE_SETTINGS, NULL},     {N_("Help"), "F1", DIALOGUE_HELP, NULL},
        {N_("Quit"), "Ctrl+Q", DIALOGUE_QUIT, NULL}};
    enum { COUNT = G_N_ELEMENTS(items) };
    struct canvas *canvas = app->shell.canvas;
    float u = canvas_u(canvas), height = 32 * u;
    struct rect inside = dialogue_box(app, window, 280 * u, (float)COUNT * (height + 2 * u) + 66 * u, _("Menu"));
    for (int i = 0; i < COUNT; i++) {
        struct rect row = {inside.x - 6 * u, inside.y + (height + 2 * u) * (float)i, inside.w + 12 * u, height};
        bool pressed = ui_button(&app->shell.ui, row, "", UI_QUIET, true, NULL);
        canvas_text(canvas, row.x + 10 * u, row.y + height / 2, TEXT_NORMAL, TEXT_LEFT, 0, app->shell.ui.theme->text,
                    _(items[i].label));
        canvas_text(canvas, row.x + row.w - 10 * u, row.y + height / 2, TEXT_SMALL, TEXT_RIGHT, 0,
                    app->shell.ui.theme->muted, items[i].key);
        if (!pressed)
            continue;
        app_open_dialogue(app, items[i].opens);
        if (items[i].action)
            items[i].action(app);
    }
}

/* ---- files ---- */

static gint compare_names(gconstpointer a, gconstpointer b)
{
    return g_ascii_strcasecmp(*(const char *const *)a, *(const char *const *)b);
}

/* Lists the folders and game files in the folder of the path, in alphabetical order; a click selects one. */
static void draw_folder(struct app *app, struct rect area)
{
    struct canvas *canvas = app->shell.canvas;
    float u = canvas_u(canvas), height = 26 * u;
    char *folder = g_path_get_dirname(*app->path ? app->path : "./");
    if (g_file_test(app->path, G_FILE_TEST_IS_DIR)) {
        g_free(folder);
        folder = g_strdup(app->path);
    }
    GDir *dir = g_dir_open(folder, 0, NULL);
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    const char *name;
    g_ptr_array_add(names, g_strdup(".."));
    while (dir && (name = g_dir_read_name(dir)) && names->len < 500) {
        char *path = g_build_filename(folder, name, NULL), *lower = g_utf8_strdown(name, -1);
        bool is_dir = *name != '.' && g_file_test(path, G_FILE_TEST_IS_DIR);
        if (is_dir || g_str_has_suffix(lower, ".sgf") || g_str_has_suffix(lower, ".psq"))
            g_ptr_array_add(names, is_dir ? g_strconcat(name, "/", NULL) : g_strdup(name));
        g_free(lower);
        g_free(path);
    }
    if (dir)
        g_dir_close(dir);
    g_ptr_array_sort(names, compare_names);
    canvas_round(canvas, area, 6 * u, app->shell.ui.theme->card);
    canvas_frame(canvas, area, 6 * u, u, app->shell.ui.theme->border);
    int shown = (int)((area.h - 8 * u) / height), from = list_scroll(app, area, (int)names->len, shown);
    for (int i = 0; i < shown; i++) {
        int at = i + from;
        if (at >= (int)names->len)
            break;
        const char *entry = g_ptr_array_index(names, at);
        struct rect row = {area.x + 4 * u, area.y + 4 * u + height * (float)i, area.w - 8 * u, height};
        if (ui_hovers(&app->shell.ui, row))
            canvas_round(canvas, row, 4 * u, app->shell.ui.theme->hover);
        canvas_text(canvas, row.x + 8 * u, row.y + height / 2, TEXT_NORMAL, TEXT_LEFT, row.w - 16 * u,
                    app->shell.ui.theme->text, entry);
        if (ui_clicked(&app->shell.ui, row)) {
            char *path = g_canonicalize_filename(entry, g_path_is_absolute(folder) ? folder : NULL);
            if (!g_path_is_absolute(folder)) {
                g_free(path);
                char *base = g_canonicalize_filename(folder, NULL);
                path = g_canonicalize_filename(entry, base);
                g_free(base);
            }
            g_snprintf(app->path, sizeof app->path, "%s%s", path, g_file_test(path, G_FILE_TEST_IS_DIR) ? "/" : "");
            app->shell.ui.scroll = 0;
            app->shell.ui.focus = app->shell.ui.editing = 0;
            app->shell.ui.cursor = (int)strlen(app->path);
            g_free(path);
        }
    }
    g_ptr_array_free(names, TRUE);
    g_free(folder);
}

static void draw_file(struct app *app, struct rect window)
{
    bool save = app->dialogue == DIALOGUE_SAVE;
    float u = canvas_u(app->shell.canvas);
    struct rect inside = dialogue_box(app, window, 520 * u, 420 * u, save ? _("Save game as") : _("Open game"));
    struct rect field = {inside.x, inside.y, inside.w, 32 * u};
    ui_field(&app->shell.ui, field, app->path, sizeof app->path, false,
             save ? _("game.sgf or game.psq") : _("file.sgf"));
    draw_folder(app, (struct rect){inside.x, inside.y + 40 * u, inside.w, inside.h - 84 * u});
    struct rect row = {inside.x, inside.y + inside.h - 32 * u, inside.w, 32 * u};
    bool folder = g_file_test(app->path, G_FILE_TEST_IS_DIR);
    bool able = *app->path && !folder;
    struct rect yes = {row.x + row.w - 120 * u, row.y, 120 * u, row.h}, no = {yes.x - 128 * u, row.y, 120 * u, row.h};
    bool chosen = ui_button(&app->shell.ui, yes, save ? _("Save") : _("Open"), UI_PRIMARY, able, NULL);
    if (ui_button(&app->shell.ui, no, _("Cancel"), UI_PLAIN, true, NULL))
        app->dialogue = DIALOGUE_NONE;
    else if ((chosen || ui_key(&app->shell.ui, SDLK_RETURN)) && able) {
        app->dialogue = DIALOGUE_NONE;
        if (save)
            session_save(app->session, app->path);
        else
            app_open_file(app, app->path);
    }
}

/* ---- settings ---- */

static void draw_settings(struct app *app, struct rect window)
{
    struct preferences *p = &app->preferences;
    struct canvas *canvas = app->shell.canvas;
    float u = canvas_u(canvas), height = 30 * u, gap = 10 * u;
    const char *const themes[] = {_("Automatic"), _("Light"), _("Dark")};
    const char *const languages[] = {_("Automatic"), "English", "中文"};
    static const int scales[] = {0, 75, 100, 125, 150, 175, 200, 250, 300};
    struct rect inside = dialogue_box(app, window, 460 * u, 390 * u, _("Settings"));
    float label = 110 * u, y = inside.y;
    struct rect at = {inside.x + label, y, inside.w - label, height};
    canvas_text(canvas, inside.x, at.y + height / 2, TEXT_NORMAL, TEXT_LEFT, label, app->shell.ui.theme->text,
                _("Appearance"));
    ui_segments(&app->shell.ui, at, themes, 3, &p->theme);
    at.y += height + gap;
    canvas_text(canvas, inside.x, at.y + height / 2, TEXT_NORMAL, TEXT_LEFT, label, app->shell.ui.theme->text,
                _("Language"));
    if (ui_segments(&app->shell.ui, at, languages, 3, &p->language))
        app_change_language(app);
    at.y += height + gap;
    canvas_text(canvas, inside.x, at.y + height / 2, TEXT_NORMAL, TEXT_LEFT, label, app->shell.ui.theme->text,
                _("Size"));
    int scale = 0;
    for (int i = 0; i < (int)G_N_ELEMENTS(scales); i++)
        if (scales[i] == p->scale)
            scale = i;
    char text[48];
    g_snprintf(text, sizeof text, "%d %%", scales[scale]);
    if (ui_stepper(&app->shell.ui, at, scale ? text : _("Display default"), &scale, 0, G_N_ELEMENTS(scales) - 1))
        p->scale = scales[scale];
    at.y += height + gap;
    const struct {
        const char *label;
        int *value;
    } checks[] = {{_("Coordinates (K)"), &p->coordinates},
                  {_("Move numbers (M)"), &p->move_numbers},
                  {_("Tooltips"), &p->tips},
                  {_("Stone sounds"), &p->sound},
                  {_("Ponder: let the engine think on your time (D)"), &p->pondering}};
    for (size_t i = 0; i < G_N_ELEMENTS(checks); i++) {
        bool value = *checks[i].value;
        if (ui_check(&app->shell.ui, (struct rect){inside.x, at.y, inside.w, 26 * u}, checks[i].label, &value, NULL)) {
            *checks[i].value = value;
            if (i == 4)
                session_set_pondering(app->session, value);
        }
        at.y += 30 * u;
    }
    struct rect done = {inside.x + inside.w - 120 * u, inside.y + inside.h - 32 * u, 120 * u, 32 * u};
    if (ui_button(&app->shell.ui, done, _("Done"), UI_PRIMARY, true, NULL))
        app->dialogue = DIALOGUE_NONE;
}

/* ---- help ---- */

static void draw_help(struct app *app, struct rect window)
{
    static const char *const keys[][2] = {
        {N_("Space"), N_("Toggle analysis")},
        {N_("Enter"), N_("Make the engine move (at once if thinking)")},
        {N_("Esc"), N_("Stop the engine, close a dialogue")},
        {N_("P"), N_("Pass")},
        {N_("Backspace"), N_("Undo (both your move and the reply)")},
        {"X", N_("Redo")},
        {"F", N_("Hint")},
        {"E / R / T", N_("Candidates / policy / ownership")},
        {"W", N_("Attention of the net from the point under the pointer")},
        {"D", N_("Toggle pondering")},
        {N_("← → or wheel"), N_("Previous, next move")},
        {N_("Page Up, Down"), N_("Back, forward ten moves")},
        {N_("Home, End"), N_("Go to start, end")},
        {N_("↑ ↓"), N_("Previous, next variation")},
        {N_("Ctrl+↑"), N_("Make this the main line")},
        {"F2", N_("Analyse the whole game")},
        {N_("Delete"), N_("Delete this and later moves")},
        {"N", N_("Before the next mistake (Shift: previous)")},
        {"A", N_("Autoplay")},
        {N_("Shift+arrows"), N_("Move the cursor; Enter plays there")},
        {"K / M", N_("Coordinates / move numbers")},
        {"Tab", N_("Next tab")},
        {"Ctrl+N / L / S", N_("New, open, save")},
        {"Ctrl+G", N_("My games: all that you have played")},
        {"Ctrl+C / V", N_("Copy, paste SGF")},
        {"F8, F10, F11", N_("Settings, menu, full screen")},
        {N_("Right click"), N_("On a stone: go to the move that placed it")},
    };
    enum { COUNT = G_N_ELEMENTS(keys) };
    struct canvas *canvas = app->shell.canvas;
    float u = canvas_u(canvas), height = 26 * u;
    bool wide = window.w > 800 * u;
    struct rect inside = dialogue_box(app, window, wide ? 780 * u : 440 * u,
                                      (wide ? (COUNT + 1) / 2 : COUNT) * height + 70 * u, _("Keys"));
    int rows = wide ? (COUNT + 1) / 2 : COUNT, shown = MAX((int)(inside.h / height), 1);
    float column = wide ? inside.w / 2 : inside.w;
    int from = list_scroll(app, inside, rows, shown);
    for (int i = 0; i < COUNT; i++) {
        int at = i % rows - from;
        if (at < 0 || at >= shown)
            continue;
        int place = i / rows;
        float x = inside.x + column * (float)place, y = inside.y + height * ((float)at + 0.5f);
        canvas_text(canvas, x, y, TEXT_SMALL, TEXT_LEFT, 118 * u, app->shell.ui.theme->accent, _(keys[i][0]));
        canvas_text(canvas, x + 122 * u, y, TEXT_SMALL, TEXT_LEFT, column - 126 * u, app->shell.ui.theme->text,
                    _(keys[i][1]));
    }
}

/* ---- questions ---- */

/* Returns 1 for yes (also for Enter where neither button has the focus), -1 for no, 0 for no answer yet. no: NULL for
 * a message. */
static int draw_question(struct app *app, struct rect window, const char *title, const char *text, const char *yes,
                         const char *no)
{
    float u = canvas_u(app->shell.canvas);
    struct rect room = {0, 0, fminf(400 * u, window.w - 16 * u) - 36 * u, 0};
    float height = canvas_paragraph(app->shell.canvas, room, TEXT_NORMAL, app->shell.ui.theme->text, text, false);
    struct rect inside = dialogue_box(app, window, 400 * u, fmaxf(190 * u, height + 120 * u), title);
    canvas_paragraph(app->shell.canvas, inside, TEXT_NORMAL, app->shell.ui.theme->text, text, true);
    struct rect row = {inside.x, inside.y + inside.h - 32 * u, no ? (inside.w - 8 * u) / 2 : inside.w, 32 * u};
    struct rect other = {row.x + row.w + 8 * u, row.y, row.w, row.h};
    if (ui_button(&app->shell.ui, row, yes, UI_PRIMARY, true, NULL))
        return 1;
    if (no && ui_button(&app->shell.ui, other, no, UI_PLAIN, true, NULL))
        return -1;
    return ui_key(&app->shell.ui, SDLK_RETURN) || ui_key(&app->shell.ui, SDLK_KP_ENTER);
}

static void draw_restore(struct app *app, struct rect window)
{
    int answer = draw_question(app, window, _("Last game"), _("The last game was not finished. Resume it?"),
                               _("Resume"), _("New game"));
    if (!answer && app->dialogue == DIALOGUE_RESTORE)
        return;
    app->dialogue = DIALOGUE_NONE;
    if (answer > 0)
        app_open_file(app, app->restore_path);
    else if (answer < 0)
        app_open_dialogue(app, DIALOGUE_NEW);
    g_clear_pointer(&app->restore_path, g_free);
}

static void draw_quit(struct app *app, struct rect window)
{
    int answer = draw_question(app, window, _("Quit"),
                               _("All games are kept in the list of games (Ctrl+G) until you delete them."), _("Quit"),
                               _("Cancel"));
    if (answer > 0)
        app->shell.quit = true;
    if (answer < 0)
        app->dialogue = DIALOGUE_NONE;
}

static void draw_resign(struct app *app, struct rect window)
{
    int answer = draw_question(app, window, _("Resign"), _("Resign this game?"), _("Resign"), _("Cancel"));
    if (answer)
        app->dialogue = DIALOGUE_NONE;
    if (answer > 0)
        session_resign(app->session);
}

static void draw_message(struct app *app, struct rect window)
{
    if (draw_question(app, window, _("Settings"), app->message, _("OK"), NULL))
        app_open_dialogue(app, app->restore_path ? DIALOGUE_RESTORE : DIALOGUE_NONE);
}

void dialogue_draw(struct app *app, struct rect window)
{
    static void (*const draw[])(struct app *, struct rect) = {
        [DIALOGUE_NEW] = dialogue_new_draw, [DIALOGUE_MENU] = draw_menu,         [DIALOGUE_OPEN] = draw_file,
        [DIALOGUE_SAVE] = draw_file,        [DIALOGUE_SETTINGS] = draw_settings, [DIALOGUE_HELP] = draw_help,
        [DIALOGUE_RESTORE] = draw_restore,  [DIALOGUE_QUIT] = draw_quit,         [DIALOGUE_RESIGN] = draw_resign,
        [DIALOGUE_GAMES] = games_draw,      [DIALOGUE_TREES] = trees_draw,       [DIALOGUE_MESSAGE] = draw_message,
    };
    app->shell.ui.dialogue = true;
    if (draw[app->dialogue])
        draw[app->dialogue](app, window);
    app->shell.ui.dialogue = false;
}
