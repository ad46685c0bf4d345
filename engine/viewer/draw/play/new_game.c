/* The dialogue for a new game: draws and edits the model in engine/viewer/new_game.h. */
#include <math.h>

#include "agents/clock.h"
#include "engine/viewer/draw/canvas/canvas.h"
#include "engine/viewer/draw/play/app.h"
#include "engine/viewer/draw/shell.h"
#include "engine/viewer/draw/widgets/ui.h"
#include "engine/viewer/new_game.h"
#include "engine/viewer/preferences.h"
#include "engine/viewer/session/player_check.h"
#include "engine/viewer/session/session.h"
#include "engine/viewer/session/strength.h"
#include "engine/viewer/text.h"
#include "games/game.h"
#include "games/record/rule_names.h"

/* Draws the label of a row. Returns the rest of the row and removes the row from `area`. */
static struct rect row_of(struct app *app, struct rect *area, const char *label)
{
    float u = canvas_u(app->shell.canvas), height = fminf(28 * u, area->h), name = 92 * u;
    struct rect row = {area->x + name, area->y, area->w - name, height};
    canvas_text(app->shell.canvas, area->x, area->y + height / 2, TEXT_NORMAL, TEXT_LEFT, name - 6 * u,
                app->shell.ui.theme->text, label);
    float gap = app->new_game.kind >= 0 && area->h > 300 * u ? 8 * u : 5 * u;
    area->y += height + gap;
    area->h -= height + gap;
    return row;
}

static void draw_shape_row(struct app *app, struct rect row)
{
    struct new_game *n = &app->new_game;
    int sizes[GAME_MAX_SIZE], count = new_game_sizes(n, sizes), at = 0;
    char text[64];
    g_snprintf(text, sizeof text, "%d × %d", n->width, n->height);
    if (count == 0) {
        canvas_text(app->shell.canvas, row.x, row.y + row.h / 2, TEXT_NORMAL, TEXT_LEFT, row.w,
                    app->shell.ui.theme->text, text);
        return;
    }
    while (at < count - 1 && sizes[at] < n->width)
        at++;
    if (ui_stepper(&app->shell.ui, row, text, &at, 0, count - 1))
        n->width = n->height = sizes[at];
}

static void draw_option(struct app *app, struct rect row, int index)
{
    struct new_game *n = &app->new_game;
    const struct game_option *option = &game_table[n->kind]->options[index];
    const char *labels[16];
    char text[64];
    int count = 0, before = n->option[index], *value = &n->option[index];
    bool changed;
    if (option->type == GAME_OPTION_CHOICE) {
        for (; option->choices[count]; count++)
            labels[count] = _(rules_choice_title(game_table[n->kind], option, count));
        changed = ui_segments(&app->shell.ui, row, labels, count, value);
    } else {
        bool half = option->type == GAME_OPTION_HALF;
        if (*value == option->preset && !half && option->min == 0)
            g_strlcpy(text, _("none"), sizeof text);
        else
            g_snprintf(text, sizeof text, "%g", half ? *value / 2.0 : *value);
        changed = ui_stepper(&app->shell.ui, row, text, value, MAX(option->min, -100), MIN(option->max, 100));
    }
    if (changed && option->chosen)
        option->chosen(n->option, before);
}

static void draw_game_rows(struct app *app, struct rect *area)
{
    struct new_game *n = &app->new_game;
    const char *titles[GAME_MAX_GAMES];
    int count = 0, kind = n->kind;
    for (; game_table[count]; count++)
        titles[count] = _(game_table[count]->traits.title);
    if (ui_segments(&app->shell.ui, row_of(app, area, _("Game")), titles, count, &kind))
        new_game_choose(n, kind);
    const struct game_option *options = game_table[n->kind]->options;
    draw_shape_row(app, row_of(app, area, _("Board")));
    for (int i = 0; options[i].name; i++)
        if (options[i].label)
            draw_option(app, row_of(app, area, _(options[i].label)), i);
}

static void draw_player_rows(struct app *app, struct rect *area)
{
    struct new_game *n = &app->new_game;
    struct preferences *p = &n->preferences;
    const char *const seats[] = {_("Black"), _("White"), _("Both"), _("None")};
    const char *const opponents[] = {_("Level"), _("Adaptive"), _("Custom")};
    char text[96];
    float u = canvas_u(app->shell.canvas);
    ui_segments(&app->shell.ui, row_of(app, area, _("You play")), seats, SEATS, &p->seats);
    if (p->seats == SEATS_BOTH)
        return;
    ui_segments(&app->shell.ui, row_of(app, area, _("Opponent")), opponents, OPPONENTS, &p->opponent);
    struct rect row = row_of(app, area, p->opponent == OPPONENT_SPEC ? _("Agent") : _("Strength"));
    if (p->opponent == OPPONENT_SPEC) {
        ui_field(&app->shell.ui, row, p->spec, sizeof p->spec, false, "net:default,time=2s");
        return;
    }
    const struct game game = {.ops = game_table[n->kind]};
    int level = p->opponent == OPPONENT_EVEN ? strength_even(&p->even[n->kind]) : p->level;
    struct rect slider = {row.x, row.y, row.w * 0.40f, row.h};
    if (p->opponent == OPPONENT_LEVEL)
        ui_slider(&app->shell.ui, slider, &p->level, 1, STRENGTH_LEVELS);
    float x = p->opponent == OPPONENT_LEVEL ? slider.x + slider.w + 8 * u : row.x;
    strength_text(p->opponent == OPPONENT_LEVEL ? p->level : level, &game, text, sizeof text);
    canvas_text(app->shell.canvas, x, row.y + row.h / 2, TEXT_SMALL, TEXT_LEFT, row.x + row.w - x,
                app->shell.ui.theme->muted, text);
}

static void draw_clock_rows(struct app *app, struct rect *area)
{
    struct new_game *n = &app->new_game;
    const char *const kinds[] = {_("None"), _("Absolute"), _("Byo-yomi"), _("Canadian"), _("Fischer"), _("Per move")};
    float u = canvas_u(app->shell.canvas);
    char text[64];
    ui_segments(&app->shell.ui, row_of(app, area, _("Clock")), kinds, AGENT_CLOCK_KINDS, &n->clock_kind);
    if (n->clock_kind == AGENT_CLOCK_NONE)
        return;
    bool main = n->clock_kind != AGENT_CLOCK_MOVE, over = n->clock_kind != AGENT_CLOCK_ABSOLUTE,
         count = n->clock_kind == AGENT_CLOCK_BYOYOMI || n->clock_kind == AGENT_CLOCK_CANADIAN;
    struct rect row = row_of(app, area, _("Time")), part = row;
    part.w = (row.w - 6 * u * (float)(main + over + count - 1)) / (float)(main + over + count);
    if (main) {
        g_snprintf(text, sizeof text, _("%d min"), new_game_minutes[n->clock_main]);
        ui_stepper(&app->shell.ui, part, text, &n->clock_main, 0, NEW_GAME_TIMES - 1);
        part.x += part.w + 6 * u;
    }
    if (over) {
        g_snprintf(text, sizeof text, main ? _("+ %d s") : _("%d s"), new_game_seconds[n->clock_period]);
        ui_stepper(&app->shell.ui, part, text, &n->clock_period, 0, NEW_GAME_TIMES - 1);
        part.x += part.w + 6 * u;
    }
    if (count) {
        g_snprintf(text, sizeof text, n->clock_kind == AGENT_CLOCK_CANADIAN ? _("%d stones") : _("%d periods"),
                   n->clock_count);
        ui_stepper(&app->shell.ui, part, text, &n->clock_count, 1, NEW_GAME_MAX_COUNT);
    }
}

static void begin(struct app *app)
{
    struct new_game *n = &app->new_game;
    struct session_setup setup;
    if (!new_game_setup(n, &setup))
        return;
    if (n->preferences.opponent == OPPONENT_SPEC && n->preferences.seats != SEATS_BOTH && !app->checking) {
        app->check_given_up = false;
        app->checking = player_check_start(&setup, shell_wake, NULL);
        return;
    }
    app->preferences = n->preferences;
    app->dialogue = DIALOGUE_NONE;
    preferences_save(&app->preferences, NULL);
    session_start(app->session, &setup);
}

void dialogue_new_poll(struct app *app)
{
    struct new_game *n = &app->new_game;
    GError *error = NULL;
    enum player_check_state state = app->checking ? player_check_poll(app->checking, &error) : PLAYER_CHECK_RUNNING;
    if (state == PLAYER_CHECK_RUNNING)
        return;
    if (app->dialogue == DIALOGUE_NEW && !app->check_given_up && state == PLAYER_CHECK_OPEN)
        begin(app);
    else if (error)
        g_strlcpy(n->message, error->message, sizeof n->message);
    g_clear_error(&error);
    player_check_end(g_steal_pointer(&app->checking));
}

static void draw_checking(struct app *app, struct rect window)
{
    float u = canvas_u(app->shell.canvas);
    struct rect inside = dialogue_box(app, window, 400 * u, 150 * u, _("New game"));
    canvas_text(app->shell.canvas, inside.x, inside.y + 12 * u, TEXT_NORMAL, TEXT_LEFT, inside.w,
                app->shell.ui.theme->text, _("Starting the agent…"));
    struct rect cancel = {inside.x + inside.w - 120 * u, inside.y + inside.h - 32 * u, 120 * u, 32 * u};
    if (ui_button(&app->shell.ui, cancel, _("Cancel"), UI_PLAIN, true, NULL))
        app->dialogue = DIALOGUE_NONE;
    app->check_given_up |= app->dialogue == DIALOGUE_NONE;
}

void dialogue_new_begin(struct app *app)
{
    new_game_begin(&app->new_game, &app->preferences);
}

void dialogue_new_draw(struct app *app, struct rect window)
{
    if (app->checking && !app->check_given_up) {
        draw_checking(app, window);
        return;
    }
    struct new_game *n = &app->new_game;
    float u = canvas_u(app->shell.canvas);
    struct rect inside = dialogue_box(app, window, 520 * u, 460 * u, _("New game"));
    struct rect row = {inside.x, inside.y + inside.h - 32 * u, inside.w, 32 * u}, area = inside;
    area.h -= 38 * u;
    draw_game_rows(app, &area);
    draw_player_rows(app, &area);
    draw_clock_rows(app, &area);
    if (n->message[0])
        canvas_paragraph(app->shell.canvas, (struct rect){inside.x, area.y, inside.w, 0}, TEXT_SMALL,
                         app->shell.ui.theme->bad, n->message, true);
    struct rect yes = {row.x + row.w - 140 * u, row.y, 140 * u, row.h}, no = {yes.x - 128 * u, row.y, 120 * u, row.h};
    bool chosen = ui_button(&app->shell.ui, yes, _("Start"), UI_PRIMARY, !app->checking, NULL);
    if (ui_button(&app->shell.ui, no, _("Cancel"), UI_PLAIN, true, NULL))
        app->dialogue = DIALOGUE_NONE;
    else if (!app->checking && (chosen || (!ui_is_editing(&app->shell.ui) && ui_key(&app->shell.ui, SDLK_RETURN))))
        begin(app);
}
