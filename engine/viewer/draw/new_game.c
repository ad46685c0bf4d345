/* The dialogue of a new game: what is chosen becomes a game spec, seats and an agent in the preferences. */
#include <math.h>

#include "engine/viewer/draw/app.h"
#include "engine/viewer/text.h"
#include "games/go/go.h"
#include "games/gomoku/gomoku.h"
#include "games/record/rule_names.h"

enum { KIND_GO, KIND_GOMOKU };
enum { MOST_COUNT = 30 }; /* periods, or moves in one */
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

void dialogue_new_begin(struct app *app)
{
    struct new_game *n = &app->new_game;
    struct game game;
    struct agent_clock clock;
    *n = (struct new_game){
        .preferences = app->preferences, .size = 9, .komi2 = 14, .clock_main = 4, .clock_period = 7, .clock_count = 5};
    if (game_parse(&game, n->preferences.game, NULL)) {
        n->kind = game.ops == &go_ops ? KIND_GO : KIND_GOMOKU;
        n->size = game.size;
        n->rules = game_option_value(&game, "rules", 0);
        n->komi2 = game_option_value(&game, "komi", 14);
        n->handicap = game_option_value(&game, "handicap", 0);
        n->opening = game_option_value(&game, "opening", 0);
    }
    agent_clock_parse(n->preferences.clock, &clock, NULL);
    n->clock_kind = (int)agent_clock_kind(&clock);
    if (n->clock_kind != AGENT_CLOCK_NONE) {
        int64_t over_ms = clock.byo_ms + clock.increment_ms + clock.move_ms;
        n->clock_main = nearest(minutes, G_N_ELEMENTS(minutes), (int)(clock.main_ms / 60000));
        n->clock_period = nearest(seconds, G_N_ELEMENTS(seconds), (int)(over_ms / 1000));
        n->clock_count = CLAMP(MAX(clock.periods, clock.byo_moves), 1, MOST_COUNT);
    }
}

/* The text of one of an option's choices. */
static const char *choice_text(const struct game_ops *ops, const char *name, int choice)
{
    const struct game_option *option = ops->options;
    while (strcmp(option->name, name) != 0)
        option++;
    return option->choices[CLAMP(choice, option->min, option->max)];
}

static void make_spec(const struct new_game *n, char *spec, size_t size)
{
    char komi[G_ASCII_DTOSTR_BUF_SIZE];
    if (n->kind == KIND_GO)
        g_snprintf(spec, size, "go:%d,komi=%s,rules=%s%s", n->size,
                   g_ascii_formatd(komi, sizeof komi, "%g", n->komi2 / 2.0), choice_text(&go_ops, "rules", n->rules),
                   n->handicap >= 2 ? "" : ",handicap=0");
    else
        g_snprintf(spec, size, "gomoku:%d,rules=%s,opening=%s", n->size, choice_text(&gomoku_ops, "rules", n->rules),
                   choice_text(&gomoku_ops, "opening", n->opening));
    if (n->kind == KIND_GO && n->handicap >= 2) {
        char more[24];
        g_snprintf(more, sizeof more, ",handicap=%d", n->handicap);
        g_strlcat(spec, more, size);
    }
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

/* One labelled row. */
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

/* A segment for each choice of the option "rules", under its title. */
static void draw_rules_row(struct app *app, struct rect *area, const struct game_ops *ops)
{
    enum { MOST = 8 };
    const char *titles[MOST];
    int count = 0;
    for (const struct game_option *option = ops->options; option->name; option++)
        for (int i = 0; strcmp(option->name, "rules") == 0 && i <= option->max && i < MOST; i++)
            titles[count++] = _(rules_find(ops, option->choices[i])->title);
    ui_segments(&app->shell.ui, row_of(app, area, _("Rules")), titles, count, &app->new_game.rules);
}

static void draw_game_rows(struct app *app, struct rect *area)
{
    struct new_game *n = &app->new_game;
    const char *const kinds[] = {_("Go"), _("Gomoku")};
    const char *const openings[] = {_("Free"), _("Pro"), _("Long pro"), _("Swap"), _("Swap2")};
    char text[64];
    if (ui_segments(&app->shell.ui, row_of(app, area, _("Game")), kinds, 2, &n->kind)) {
        n->size = n->kind == KIND_GO ? 9 : 15;
        n->rules = n->opening = n->handicap = 0;
    }
    g_snprintf(text, sizeof text, "%d × %d", n->size, n->size);
    ui_stepper(&app->shell.ui, row_of(app, area, _("Board")), text, &n->size, n->kind == KIND_GO ? 2 : 5,
               n->kind == KIND_GO ? 19 : 20);
    draw_rules_row(app, area, n->kind == KIND_GO ? &go_ops : &gomoku_ops);
    if (n->kind == KIND_GOMOKU) {
        ui_segments(&app->shell.ui, row_of(app, area, _("Opening")), openings, 5, &n->opening);
        return;
    }
    struct rect row = row_of(app, area, _("Komi")), half = row;
    float u = canvas_u(app->shell.canvas);
    half.w = (row.w - 8 * u) / 2;
    g_snprintf(text, sizeof text, "%g", n->komi2 / 2.0);
    ui_stepper(&app->shell.ui, half, text, &n->komi2, -100, 100);
    half.x += half.w + 8 * u;
    int handicap = n->handicap < 2 ? 0 : n->handicap - 1;
    g_snprintf(text, sizeof text, handicap ? _("Handicap %d") : _("No handicap"), handicap + 1);
    if (ui_stepper(&app->shell.ui, half, text, &handicap, 0, 8)) {
        n->handicap = handicap ? handicap + 1 : 0;
        n->komi2 = handicap ? 1 : 14;
    }
}

static void draw_player_rows(struct app *app, struct rect *area)
{
    struct new_game *n = &app->new_game;
    struct preferences *p = &n->preferences;
    const char *const seats[] = {_("Black"), _("White"), _("Both"), _("None")};
    const char *const opponents[] = {_("Level"), _("About even"), _("Agent spec")};
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
    int level = p->opponent == OPPONENT_EVEN ? strength_even(&p->even[n->kind]) : p->level;
    struct rect slider = {row.x, row.y, row.w * 0.40f, row.h};
    if (p->opponent == OPPONENT_LEVEL)
        ui_slider(&app->shell.ui, slider, &p->level, 1, STRENGTH_LEVELS);
    float x = p->opponent == OPPONENT_LEVEL ? slider.x + slider.w + 8 * u : row.x;
    strength_text(p->opponent == OPPONENT_LEVEL ? p->level : level, text, sizeof text);
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
        g_snprintf(text, sizeof text, n->clock_kind == AGENT_CLOCK_CANADIAN ? _("%d stones") : _("%d times"),
                   n->clock_count);
        ui_stepper(&app->shell.ui, part, text, &n->clock_count, 1, MOST_COUNT);
    }
}

static void begin(struct app *app)
{
    struct new_game *n = &app->new_game;
    struct session_setup setup;
    GError *error = NULL;
    make_spec(n, n->preferences.game, sizeof n->preferences.game);
    make_clock(n, n->preferences.clock);
    if (!preferences_setup(&n->preferences, &setup, &error)) {
        g_strlcpy(n->message, error->message, sizeof n->message);
        g_clear_error(&error);
        return;
    }
    app->preferences = n->preferences;
    app->dialogue = DIALOGUE_NONE;
    preferences_save(&app->preferences, NULL);
    session_start(app->session, &setup);
    app->seen_notice = app->session->notice_number;
    app->session->notice[0] = '\0';
}

void dialogue_new_draw(struct app *app, struct rect window)
{
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
    bool chosen = ui_button(&app->shell.ui, yes, _("Begin"), UI_PRIMARY, true, NULL);
    if (ui_button(&app->shell.ui, no, _("Cancel"), UI_PLAIN, true, NULL))
        app->dialogue = DIALOGUE_NONE;
    else if (chosen || (!ui_is_editing(&app->shell.ui) && ui_key(&app->shell.ui, SDLK_RETURN)))
        begin(app);
}
