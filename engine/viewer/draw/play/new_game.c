/* The dialogue for a new game, which stores game spec, players and clock in the preferences. */
#include <math.h>

#include "engine/viewer/draw/play/app.h"
#include "engine/viewer/text.h"
#include "games/record/rule_names.h"

enum { MAX_COUNT = 30 }; /* periods, or moves in one */
static const int minutes[] = {1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120};
static const int seconds[] = {1, 2, 3, 5, 10, 15, 20, 30, 60, 120, 300, 600};

static int nearest(const int *table, int count, int value)
{
    int best = 0;
    for (int i = 1; i < count; i++)
        if (abs(table[i] - value) < abs(table[best] - value))
            best = i;
    return best;
}

/* Selects a game with its default size and options. */
static void choose_game(struct new_game *n, int kind)
{
    const struct game_ops *ops = game_table[kind];
    n->kind = kind;
    n->width = ops->traits.first_shape.width;
    n->height = ops->traits.first_shape.height;
    for (int i = 0; ops->options[i].name; i++)
        n->option[i] = ops->options[i].preset;
}

void dialogue_new_begin(struct app *app)
{
    struct new_game *n = &app->new_game;
    struct game game;
    struct agent_clock clock;
    *n = (struct new_game){.preferences = app->preferences, .clock_main = 4, .clock_period = 7, .clock_count = 5};
    choose_game(n, 0);
    if (game_parse(&game, n->preferences.game, NULL)) {
        n->kind = game_table_index(game.ops);
        n->width = game.width;
        n->height = game.height;
        memcpy(n->option, game.option, sizeof n->option);
    }
    agent_clock_parse(n->preferences.clock, &clock, NULL);
    n->clock_kind = (int)agent_clock_kind(&clock);
    if (n->clock_kind != AGENT_CLOCK_NONE) {
        int64_t over_ms = clock.byo_ms + clock.increment_ms + clock.move_ms;
        n->clock_main = nearest(minutes, G_N_ELEMENTS(minutes), (int)(clock.main_ms / 60000));
        n->clock_period = nearest(seconds, G_N_ELEMENTS(seconds), (int)(over_ms / 1000));
        n->clock_count = CLAMP(MAX(clock.periods, clock.byo_moves), 1, MAX_COUNT);
    }
}

/* Formats the spec of a game that may be invalid; it is checked when the game is started. */
static void make_spec(const struct new_game *n, char *spec)
{
    struct game game = {.ops = game_table[n->kind], .width = (uint16_t)n->width, .height = (uint16_t)n->height};
    memcpy(game.option, n->option, sizeof n->option);
    game_format(&game, spec);
}

static void make_clock(const struct new_game *n, char *text)
{
    int64_t main_ms = minutes[n->clock_main] * 60000, over_ms = seconds[n->clock_period] * 1000;
    struct agent_clock control = {.main_ms = main_ms};
    switch (n->clock_kind) {
    case AGENT_CLOCK_BYOYOMI:
        control.byo_ms = over_ms;
        control.byo_moves = 1;
        control.periods = n->clock_count;
        break;
    case AGENT_CLOCK_CANADIAN:
        control.byo_ms = over_ms;
        control.byo_moves = n->clock_count;
        break;
    case AGENT_CLOCK_FISCHER:
        control.increment_ms = over_ms;
        break;
    case AGENT_CLOCK_MOVE:
        control = (struct agent_clock){.move_ms = over_ms};
        break;
    case AGENT_CLOCK_NONE:
        control.main_ms = 0;
        break;
    default:
        break;
    }
    agent_clock_spell(&control, text);
}

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
    const struct game_ops *ops = game_table[n->kind];
    float u = canvas_u(app->shell.canvas);
    char text[64];
    if (!ops->rectangles) {
        g_snprintf(text, sizeof text, "%d × %d", n->width, n->width);
        ui_stepper(&app->shell.ui, row, text, &n->width, ops->min_size, ops->max_size);
        n->height = n->width;
        return;
    }
    struct rect half = {row.x, row.y, (row.w - 8 * u) / 2, row.h};
    g_snprintf(text, sizeof text, "%d ×", n->width);
    ui_stepper(&app->shell.ui, half, text, &n->width, ops->min_size, ops->max_size);
    half.x += half.w + 8 * u;
    g_snprintf(text, sizeof text, "× %d", n->height);
    ui_stepper(&app->shell.ui, half, text, &n->height, ops->min_size, ops->max_size);
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
    const char *titles[GAME_MOST];
    int count = 0, kind = n->kind;
    for (; game_table[count]; count++)
        titles[count] = _(game_table[count]->traits.title);
    if (ui_segments(&app->shell.ui, row_of(app, area, _("Game")), titles, count, &kind))
        choose_game(n, kind);
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
        g_snprintf(text, sizeof text, _("%d min"), minutes[n->clock_main]);
        ui_stepper(&app->shell.ui, part, text, &n->clock_main, 0, G_N_ELEMENTS(minutes) - 1);
        part.x += part.w + 6 * u;
    }
    if (over) {
        g_snprintf(text, sizeof text, main ? _("+ %d s") : _("%d s"), seconds[n->clock_period]);
        ui_stepper(&app->shell.ui, part, text, &n->clock_period, 0, G_N_ELEMENTS(seconds) - 1);
        part.x += part.w + 6 * u;
    }
    if (count) {
        g_snprintf(text, sizeof text, n->clock_kind == AGENT_CLOCK_CANADIAN ? _("%d stones") : _("%d periods"),
                   n->clock_count);
        ui_stepper(&app->shell.ui, part, text, &n->clock_count, 1, MAX_COUNT);
    }
}

static void begin(struct app *app)
{
    struct new_game *n = &app->new_game;
    struct session_setup setup;
    GError *error = NULL;
    make_spec(n, n->preferences.game);
    make_clock(n, n->preferences.clock);
    if (!preferences_setup(&n->preferences, &setup, &error)) {
        g_strlcpy(n->message, error->message, sizeof n->message);
        g_clear_error(&error);
        return;
    }
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
