/* The panel: title, players, tabs, notes and buttons; and the navigation bar below the board. */
#include <math.h>

#include "engine/viewer/draw/play/panel_internal.h"
#include "agents/clock.h"
#include "engine/viewer/draw/canvas/canvas.h"
#include "engine/viewer/draw/play/app.h"
#include "engine/viewer/draw/shell.h"
#include "engine/viewer/draw/widgets/ui.h"
#include "engine/viewer/session/session.h"
#include "engine/viewer/text.h"
#include "games/game.h"
#include "games/record/rule_names.h"
#include "games/record/sgf.h"

struct rect panel_cut(struct rect *area, float height)
{
    struct rect row = {area->x, area->y, area->w, fminf(height, area->h)};
    area->y += height;
    area->h = fmaxf(area->h - height, 0);
    return row;
}

struct rect panel_part(struct rect row, int i, int count, float gap)
{
    float w = (row.w - gap * (float)(count - 1)) / (float)count;
    return (struct rect){row.x + (w + gap) * (float)i, row.y, w, row.h};
}

/* ---- title ---- */

/* Appends an option as displayed: "komi 7", "Japanese". */
static void append_option(const struct game_ops *ops, const struct game_option *option, int value, GString *text)
{
    char *label = g_utf8_strdown(_(option->label), -1);
    g_string_append(text, " · ");
    if (option->type == GAME_OPTION_CHOICE)
        g_string_append(text, _(rules_choice_title(ops, option, value)));
    else
        g_string_append_printf(text, "%s %g", label, option->type == GAME_OPTION_HALF ? value / 2.0 : value);
    g_free(label);
}

/* "Go 9×9 · komi 7 · Japanese": always with komi and rules, and with other options that differ from the default. */
static void title_text(const struct session *session, char *text, size_t size)
{
    const struct game *game = &session->game;
    const struct game_option *options = game->ops->options;
    GString *title = g_string_new(_(game->ops->traits.title));
    g_string_append_printf(title, " %d×%d", game->width, game->height);
    for (int i = 0; options[i].name; i++) {
        bool always = options[i].type == GAME_OPTION_HALF || strcmp(options[i].name, "rules") == 0;
        if (options[i].label && (always || game->option[i] != options[i].preset))
            append_option(game->ops, &options[i], game->option[i], title);
    }
    g_strlcpy(text, title->str, size);
    g_string_free(title, TRUE);
}

/* "Kisei 1978 · Final game · Result: W+3.5": what a record says of the game, besides its players. */
static void info_text(const struct session *session, char *text, size_t size)
{
    static const char *const names[] = {"EV", "RO", "GN"};
    *text = '\0';
    for (size_t i = 0; i < G_N_ELEMENTS(names) + 1; i++) {
        bool result = i == G_N_ELEMENTS(names);
        char *value = sgf_text(session->root, result ? "RE" : names[i]);
        if (value && *value && !(result && session->outcome.end != END_NONE)) {
            if (*text)
                g_strlcat(text, " · ", size);
            if (result)
                g_strlcat(text, _("Result: "), size);
            g_strlcat(text, g_strdelimit(value, "\n", ' '), size);
        }
        g_free(value);
    }
    /* A cut may have left part of a character. */
    const char *end;
    if (!g_utf8_validate(text, -1, &end))
        text[end - text] = '\0';
}

static void draw_title(struct app *app, struct rect *area)
{
    struct canvas *canvas = app->shell.canvas;
    float u = canvas_u(canvas), side = 28 * u;
    char text[160], info[200];
    title_text(app->session, text, sizeof text);
    info_text(app->session, info, sizeof info);
    struct rect menu = {area->x + area->w - side, area->y, side, side},
                help = {menu.x - side - 2 * u, area->y, side, side};
    struct rect room = {area->x, area->y, help.x - area->x - 4 * u, 0};
    float height = canvas_paragraph(canvas, room, TEXT_SMALL, app->shell.ui.theme->muted, text, false);
    room.y += fmaxf((side - height) / 2, 0);
    room.y += canvas_paragraph(canvas, room, TEXT_SMALL, app->shell.ui.theme->muted, text, true);
    room.y = fmaxf(room.y, area->y + side);
    if (*info) {
        room.w = area->w;
        room.y += canvas_paragraph(canvas, room, TEXT_SMALL, app->shell.ui.theme->text, info, true);
    }
    if (ui_icon_button(&app->shell.ui, help, ICON_HELP, true, false, _("Keys and help (F1)")))
        app_open_dialogue(app, DIALOGUE_HELP);
    if (ui_icon_button(&app->shell.ui, menu, ICON_MENU, true, app->dialogue == DIALOGUE_MENU, _("Menu (F10)")))
        app_open_dialogue(app, DIALOGUE_MENU);
    panel_cut(area, room.y - area->y + 4 * u);
}

/* ---- players ---- */

static void draw_player(struct app *app, struct rect card, int player)
{
    const struct session *session = app->session;
    const struct theme *theme = app->shell.ui.theme;
    struct canvas *canvas = app->shell.canvas;
    float u = canvas_u(canvas), r = fminf(card.h * 0.26f, 13 * u), x = card.x + 10 * u + r,
          middle = card.y + card.h / 2;
    bool active = session->state == SESSION_PLAYING && session->position.p.player == player;
    canvas_round(canvas, card, 7 * u, theme->card);
    canvas_frame(canvas, card, 7 * u, active ? 2 * u : u, active ? theme->accent : theme->border);
    canvas_stone_shadow(canvas, roundf(x), roundf(middle), r);
    canvas_stone(canvas, roundf(x), roundf(middle), r, session_colour(session, player) == GAME_BLACK, 1);
    float left = x + r + 9 * u, width = card.x + card.w - left - 8 * u;
    const struct agent_clock *control = &session->setup.clock;
    bool timed = agent_clock_kind(control) != AGENT_CLOCK_NONE;
    char below[96] = "", clock[AGENT_CLOCK_TEXT_MAX];
    if (session->game.ops->tally)
        g_snprintf(below, sizeof below, _(session->game.ops->traits.tally),
                   session->game.ops->tally(&session->game, &session->position.p, player));
    float up = below[0] || timed ? card.h * 0.17f : 0;
    char *rank = sgf_text(session->root, player ? "WR" : "BR");
    char *name = g_strdup_printf("%s%s%s", session->setup.players[player].name, rank ? " " : "", rank ? rank : "");
    canvas_text(canvas, left, middle - up, TEXT_NORMAL, TEXT_LEFT, width, theme->text, name);
    g_free(name);
    g_free(rank);
    if (timed) {
        struct agent_clock now;
        session_clock_now(session, player, &now);
        bool short_of_time = active && agent_clock_left_ms(&now, control) < 30000;
        width -= canvas_text(canvas, card.x + card.w - 10 * u, middle + up, TEXT_LARGE, TEXT_RIGHT, 0,
                             short_of_time ? theme->bad : theme->text, agent_clock_format(&now, control, clock));
    }
    canvas_text(canvas, left, middle + up, TEXT_SMALL, TEXT_LEFT, width, theme->muted, below);
}

static void draw_players(struct app *app, struct rect *area)
{
    float u = canvas_u(app->shell.canvas), gap = 6 * u;
    bool beside = area->w >= 330 * u, low = app->shell.ui.canvas && area->h < 520 * u;
    if (beside) {
        struct rect row = panel_cut(area, 52 * u);
        draw_player(app, panel_part(row, 0, 2, gap), 0);
        draw_player(app, panel_part(row, 1, 2, gap), 1);
    } else {
        draw_player(app, panel_cut(area, low ? 38 * u : 48 * u), 0);
        panel_cut(area, gap);
        draw_player(app, panel_cut(area, low ? 38 * u : 48 * u), 1);
    }
    panel_cut(area, 8 * u);
}

/* ---- notes ---- */

static void draw_notes_tab(struct app *app, struct rect area)
{
    static const char *const tools[] = {N_("Play"), "●", "○", "△", "□", "◯", "✕", "A"};
    static const char *const tips[] = {N_("Click to play moves"),
                                       N_("Click to place black stones"),
                                       N_("Click to place white stones"),
                                       N_("Triangles"),
                                       N_("Squares"),
                                       N_("Circles"),
                                       N_("Crosses"),
                                       N_("Letters")};
    float u = canvas_u(app->shell.canvas);
    struct rect row = panel_cut(&area, 28 * u);
    for (int i = 0; i < TOOLS; i++)
        if (ui_button(&app->shell.ui, panel_part(row, i, TOOLS, 2 * u), i ? tools[i] : _("▶"),
                      (int)app->tool == i ? UI_PRIMARY : UI_PLAIN, true, _(tips[i])))
            app->tool = (enum app_tool)i;
    panel_cut(&area, 6 * u);
    if (app->comment_of != app->session->node && !ui_is_editing(&app->shell.ui)) {
        char *comment = session_comment(app->session);
        g_strlcpy(app->comment, comment, sizeof app->comment);
        g_free(comment);
        app->comment_of = app->session->node;
    }
    if (area.h > 30 * u &&
        ui_field(&app->shell.ui, area, app->comment, sizeof app->comment, true, _("Comment on this move")))
        session_set_comment(app->session, app->comment);
}

static void draw_tabs(struct app *app, struct rect area)
{
    const char *const labels[TABS] = {_("Analysis"), _("Tree"), _("Notes")};
    float u = canvas_u(app->shell.canvas);
    int tab = app->tab;
    if (area.h < 40 * u)
        return;
    ui_segments(&app->shell.ui, panel_cut(&area, 28 * u), labels, TABS, &tab);
    if (tab != (int)app->tab && tab != TAB_NOTES)
        app->tool = TOOL_PLAY;
    app->tab = (enum app_tab)tab;
    panel_cut(&area, 8 * u);
    if (app->tab == TAB_ANALYSIS)
        panel_draw_analysis(app, area);
    else if (app->tab == TAB_TREE)
        tree_draw(app, area);
    else
        draw_notes_tab(app, area);
}

/* ---- buttons ---- */

static void draw_actions(struct app *app, struct rect area)
{
    struct session *session = app->session;
    float u = canvas_u(app->shell.canvas), gap = 6 * u;
    const struct game *game = &session->game;
    bool playing = session->state == SESSION_PLAYING, has_pass = game->pass != GAME_NO_MOVE;
    bool may_pass = has_pass && playing && session_human_to_move(session) &&
                    game->ops->legal(game, &session->position.p, &session->history, game->pass);
    struct rect first = panel_cut(&area, 30 * u), second;
    panel_cut(&area, gap);
    second = panel_cut(&area, 30 * u);
    if (ui_button(&app->shell.ui, panel_part(first, 0, 3, gap), _("Undo"), UI_PLAIN, session_can_undo(session),
                  _("Undo your last move (Backspace)")))
        session_undo(session);
    if (ui_button(&app->shell.ui, panel_part(first, 1, 3, gap), has_pass ? _("Pass") : _("Redo"), UI_PLAIN,
                  has_pass ? may_pass : session->node->first_child != NULL,
                  has_pass ? _("Pass (P)") : _("Redo the last undone move (X)"))) {
        if (has_pass)
            session_play(session, session_pass_move(session));
        else
            session_redo(session);
    }
    if (ui_button(&app->shell.ui, panel_part(first, 2, 3, gap), _("Resign"), UI_PLAIN, playing && session->live,
                  _("Resign the game")))
        app_open_dialogue(app, DIALOGUE_RESIGN);
    if (ui_button(&app->shell.ui, panel_part(second, 0, 3, gap), _("Hint"), session->hint ? UI_PRIMARY : UI_PLAIN,
                  playing, _("Show what the engine would play (F)")))
        session_hint(session);
    if (ui_button(&app->shell.ui, panel_part(second, 1, 3, gap), _("Analyse"),
                  session->analysis_wanted ? UI_PRIMARY : UI_PLAIN, true, _("Toggle analysis (Space)")))
        session_set_analysis(session, !session->analysis_wanted);
    if (ui_button(&app->shell.ui, panel_part(second, 2, 3, gap), _("New"), UI_PLAIN, true, _("New game (Ctrl+N)")))
        app_open_dialogue(app, DIALOGUE_NEW);
}

void panel_draw(struct app *app, struct rect area)
{
    float u = canvas_u(app->shell.canvas), actions = 70 * u;
    draw_title(app, &area);
    draw_players(app, &area);
    struct rect bottom = {area.x, area.y + area.h - actions + 4 * u, area.w, actions - 4 * u};
    area.h -= actions;
    if (session_shows_count(app->session))
        panel_draw_counting(app, &area);
    else
        panel_draw_notice(app, &area);
    panel_draw_decisions(app, &area);
    draw_tabs(app, area);
    draw_actions(app, bottom);
}

/* ---- navigation ---- */

void panel_draw_controls(struct app *app, struct rect area)
{
    struct session *session = app->session;
    float u = canvas_u(app->shell.canvas), side = fminf(area.h, 34 * u), x = area.x + area.w / 2 - side * 3.5f;
    const struct theme *theme = app->shell.ui.theme;
    static const struct {
        enum ui_icon icon;
        const char *tip;
    } buttons[] = {{ICON_FIRST, N_("Go to the start (Home)")}, {ICON_BACK_TEN, N_("Back ten moves (Page Up)")},
                   {ICON_PREVIOUS, N_("Previous move (←)")},   {ICON_PLAY, N_("Autoplay (A)")},
                   {ICON_NEXT, N_("Next move (→)")},           {ICON_ON_TEN, N_("Forward ten moves (Page Down)")},
                   {ICON_LAST, N_("Go to the end (End)")}};
    char text[64], move[GAME_MOVE_TEXT_MAX];
    for (int i = 0; i < 7; i++) {
        struct rect place = {x + side * (float)i, area.y + (area.h - side) / 2, side, side};
        bool able = i < 3 ? session->node != session->root : session->node->first_child != NULL;
        bool running = i == 3 && app->autoplay_at;
        /* The icons for autoplay and next are the same, so autoplay gets a ring. */
        if (i == 3)
            canvas_ring(app->shell.canvas, place.x + side / 2, place.y + side / 2, side * 0.42f, 1.3f * u,
                        able || running ? theme->muted : theme->border);
        if (!ui_icon_button(&app->shell.ui, place, running ? ICON_PAUSE : buttons[i].icon, able || running, false,
                            _(buttons[i].tip)))
            continue;
        static const SDL_Keycode keys[] = {SDLK_HOME,  SDLK_PAGEUP,   SDLK_LEFT, SDLK_a,
                                           SDLK_RIGHT, SDLK_PAGEDOWN, SDLK_END};
        app_key(app, keys[i], 0);
    }
    g_snprintf(text, sizeof text, _("Move %d"), session_move_number(session));
    float room = x - area.x - 8 * u;
    if (room > 40 * u)
        canvas_text(app->shell.canvas, area.x + 4 * u, area.y + area.h / 2, TEXT_SMALL, TEXT_LEFT, room, theme->muted,
                    text);
    if (session->last != GAME_NO_MOVE && room > 40 * u)
        canvas_text(app->shell.canvas, area.x + area.w - 4 * u, area.y + area.h / 2, TEXT_SMALL, TEXT_RIGHT, room,
                    theme->muted, session_move_text(session, session->last, move));
}
