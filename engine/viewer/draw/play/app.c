/* The whole window: where its parts lie, what keys do, autosave. */
#include "engine/viewer/draw/play/app.h"

#include <math.h>

#include "engine/viewer/text.h"

void app_open_dialogue(struct app *app, enum app_dialogue dialogue)
{
    app->dialogue = dialogue;
    app->shell.ui.focus = -1;
    app->shell.ui.editing = -1;
    app->shell.ui.active = -1;
    app->shell.ui.scroll = 0;
    if (dialogue == DIALOGUE_NEW)
        dialogue_new_begin(app);
    if ((dialogue == DIALOGUE_OPEN || dialogue == DIALOGUE_SAVE) && !*app->path) {
        char *here = g_get_current_dir();
        g_snprintf(app->path, sizeof app->path, "%s/%s", here, dialogue == DIALOGUE_SAVE ? "game.sgf" : "");
        g_free(here);
    }
}

/* ---- files and clipboard ---- */

void app_open_file(struct app *app, const char *path)
{
    if (session_load(app->session, path))
        g_strlcpy(app->path, path, sizeof app->path);
}

void app_copy(struct app *app)
{
    size_t length;
    char *text = session_text(app->session, &length);
    SDL_SetClipboardText(text);
    g_free(text);
    session_say(app->session, NOTICE_INFO, "%s", _("The game is on the clipboard as SGF"));
}

void app_paste(struct app *app)
{
    char *text = SDL_GetClipboardText();
    if (text && *text)
        session_load_text(app->session, text, strlen(text), _("clipboard"));
    else
        session_say(app->session, NOTICE_WARNING, "%s", _("There is no text on the clipboard"));
    SDL_free(text);
}

/* ---- keys ---- */

static bool toggle(int *value)
{
    *value = !*value;
    return true;
}

static bool control_key(struct app *app, SDL_Keycode key)
{
    switch (key) {
    case SDLK_n:
        app_open_dialogue(app, DIALOGUE_NEW);
        return true;
    case SDLK_l:
    case SDLK_o:
        app_open_dialogue(app, DIALOGUE_OPEN);
        return true;
    case SDLK_s:
        app_open_dialogue(app, DIALOGUE_SAVE);
        return true;
    case SDLK_c:
        app_copy(app);
        return true;
    case SDLK_v:
        app_paste(app);
        return true;
    case SDLK_q:
        app_open_dialogue(app, DIALOGUE_QUIT);
        return true;
    case SDLK_UP:
        session_promote(app->session);
        return true;
    case SDLK_z:
        session_undo(app->session);
        return true;
    case SDLK_y:
        session_redo(app->session);
        return true;
    default:
        return false;
    }
}

static bool walk_key(struct app *app, SDL_Keycode key)
{
    struct session *session = app->session;
    switch (key) {
    case SDLK_LEFT:
        session_step(session, -1);
        return true;
    case SDLK_RIGHT:
        session_step(session, 1);
        return true;
    case SDLK_PAGEUP:
        session_step(session, -10);
        return true;
    case SDLK_PAGEDOWN:
        session_step(session, 10);
        return true;
    case SDLK_HOME:
        session_to_start(session);
        return true;
    case SDLK_END:
        session_to_end(session);
        return true;
    case SDLK_UP:
    case SDLK_DOWN:
        session_variation(session, key == SDLK_UP ? -1 : 1);
        return true;
    default:
        return false;
    }
}

static bool cursor_key(struct app *app, SDL_Keycode key)
{
    const struct game *game = &app->session->game;
    int width = game->width, height = game->height;
    int at = app->cursor < 0 || app->cursor >= game->points ? height / 2 * width + width / 2 : app->cursor;
    int x = at % width, y = at / width;
    x += (key == SDLK_RIGHT) - (key == SDLK_LEFT);
    y += (key == SDLK_DOWN) - (key == SDLK_UP);
    app->cursor = CLAMP(y, 0, height - 1) * width + CLAMP(x, 0, width - 1);
    return true;
}

static void next_blunder(struct app *app, int direction)
{
    struct sgf_node *node = session_next_blunder(app->session, direction);
    if (node)
        session_go(app->session, node);
    else
        session_say(app->session, NOTICE_INFO, "%s", _("No further mistake among the analysed moves"));
}

static void enter_key(struct app *app)
{
    struct session *session = app->session;
    if (session->state == SESSION_COUNTING) {
        session_accept(session);
    } else if (app->cursor >= 0 && session_human_to_move(session)) {
        session_play(session, (game_move)app->cursor);
    } else {
        session_engine_move(session);
    }
}

static void escape_key(struct app *app)
{
    if (app->cursor >= 0)
        app->cursor = -1;
    else if (app->tool != TOOL_PLAY)
        app->tool = TOOL_PLAY;
    else
        session_stop_thinking(app->session);
    app->autoplay_at = 0;
}

bool app_key(struct app *app, SDL_Keycode key, uint16_t modifiers)
{
    struct session *session = app->session;
    if (modifiers & KMOD_CTRL)
        return control_key(app, key);
    if ((modifiers & KMOD_SHIFT) && (key == SDLK_LEFT || key == SDLK_RIGHT || key == SDLK_UP || key == SDLK_DOWN))
        return cursor_key(app, key);
    if (walk_key(app, key)) {
        app->autoplay_at = 0;
        return true;
    }
    switch (key) {
    case SDLK_SPACE:
        session_set_analysis(session, !session->analysis_wanted);
        return true;
    case SDLK_RETURN:
    case SDLK_KP_ENTER:
        enter_key(app);
        return true;
    case SDLK_ESCAPE:
        escape_key(app);
        return true;
    case SDLK_BACKSPACE:
    case SDLK_z:
        session_undo(session);
        return true;
    case SDLK_x:
        session_redo(session);
        return true;
    case SDLK_p:
        if (session_pass_move(session) != GAME_NO_MOVE)
            session_play(session, session_pass_move(session));
        return true;
    case SDLK_f:
        session_hint(session);
        return true;
    case SDLK_e:
        return toggle(&app->preferences.candidates);
    case SDLK_r:
        return toggle(&app->preferences.policy);
    case SDLK_t:
        return toggle(&app->preferences.ownership);
    case SDLK_k:
        return toggle(&app->preferences.coordinates);
    case SDLK_m:
        return toggle(&app->preferences.move_numbers);
    case SDLK_d:
        session_set_pondering(session, toggle(&app->preferences.pondering) && app->preferences.pondering);
        return true;
    case SDLK_n:
        next_blunder(app, modifiers & KMOD_SHIFT ? -1 : 1);
        return true;
    case SDLK_a:
        app->autoplay_at = app->autoplay_at ? 0 : app->now + 1000000;
        return true;
    case SDLK_TAB:
        app->tab = (enum app_tab)((app->tab + 1) % TABS);
        return true;
    case SDLK_DELETE:
        session_delete(session);
        return true;
    case SDLK_F1:
    case SDLK_h:
        app_open_dialogue(app, DIALOGUE_HELP);
        return true;
    case SDLK_F2:
        session_sweep(session);
        return true;
    case SDLK_F8:
        app_open_dialogue(app, DIALOGUE_SETTINGS);
        return true;
    case SDLK_F10:
        app_open_dialogue(app, DIALOGUE_MENU);
        return true;
    case SDLK_F11:
        SDL_SetWindowFullscreen(app->shell.window, SDL_GetWindowFlags(app->shell.window) & SDL_WINDOW_FULLSCREEN_DESKTOP
                                                       ? 0
                                                       : SDL_WINDOW_FULLSCREEN_DESKTOP);
        return true;
    default:
        return false;
    }
}

void app_take_key(struct app *app, SDL_Keycode key, uint16_t modifiers)
{
    struct ui *ui = &app->shell.ui;
    if (app->dialogue == DIALOGUE_NONE) {
        app_key(app, key, modifiers);
    } else if (key == SDLK_ESCAPE || key == SDLK_F1) {
        app->dialogue = DIALOGUE_NONE;
    } else if (key == SDLK_TAB && ui->last_count > 0) {
        int step = modifiers & KMOD_SHIFT ? ui->last_count - 1 : 1;
        ui->focus = ui->focus < 0 ? 0 : (ui->focus + step) % ui->last_count;
    }
}

/* The right button on a stone goes to the move that put it there. */
static void go_to_stone(struct app *app, int point)
{
    struct session *session = app->session;
    for (struct sgf_node *at = session->node; at && at->parent; at = at->parent) {
        const char *raw = sgf_get(at, "B") ? sgf_get(at, "B") : sgf_get(at, "W");
        if (raw && *raw && sgf_parse_point(&session->game, raw) == point) {
            session_go(session, at);
            return;
        }
    }
}

static void take_board_input(struct app *app)
{
    const struct ui *ui = &app->shell.ui;
    if (app->dialogue != DIALOGUE_NONE || app->hover < 0)
        return;
    if (ui->input.wheel != 0)
        session_step(app->session, ui->input.wheel > 0 ? -1 : 1);
    if (ui->input.right_pressed)
        go_to_stone(app, app->hover);
}

/* ---- the frame ---- */

void app_frame(struct app *app, struct rect window)
{
    float u = canvas_u(app->shell.canvas), margin = 8 * u, bar = 40 * u;
    app->shell.ui.blocked = app->dialogue != DIALOGUE_NONE;
    canvas_rect(app->shell.canvas, window, app->shell.ui.theme->back);
    /* Beside the board when the window is wide, below it when it is tall. */
    bool tall = window.h > window.w * 1.15f;
    float width = CLAMP(window.w * 0.32f, 212 * u, 400 * u);
    struct rect left = {margin, margin, window.w - width - 2 * margin, window.h - margin};
    struct rect panel = {window.w - width - margin / 2, margin, width - margin / 2, window.h - 2 * margin};
    if (tall) {
        float height = fmaxf(window.h - window.w - bar, 330 * u);
        left = (struct rect){margin, margin, window.w - 2 * margin, window.h - height - margin};
        panel = (struct rect){margin, left.y + left.h + margin, window.w - 2 * margin, height - 2 * margin};
    }
    struct rect board = {left.x, left.y, left.w - margin, left.h - bar};
    if (board.w > 60 * u && board.h > 60 * u) {
        game_board_draw(app, board);
        panel_draw_controls(app, (struct rect){board.x, left.y + left.h - bar, board.w, bar});
    }
    if (panel.w > 60 * u && panel.h > 60 * u)
        panel_draw(app, panel);
    if (app->shell.ui.taking)
        take_board_input(app);
    app->shell.ui.blocked = false;
    if (app->dialogue != DIALOGUE_NONE) {
        app->shell.ui.order = 0;
        app->shell.ui.tip[0] = '\0';
        dialogue_draw(app, window);
        app->shell.ui.last_count = app->shell.ui.order;
    }
}

/* Tells a finished game's result to the estimate of "about even", once a game. */
void app_follow_result(struct app *app)
{
    struct session *session = app->session;
    const struct session_setup *setup = &session->setup;
    if (session->state != SESSION_OVER || setup->seed == app->counted_seed ||
        setup->players[0].human == setup->players[1].human || app->preferences.opponent == OPPONENT_SPEC)
        return;
    int human = setup->players[0].human ? 0 : 1, winner = session->outcome.winner;
    app->counted_seed = setup->seed;
    strength_update(&app->preferences.even[game_table_index(session->game.ops)],
                    preferences_level(&app->preferences, &session->game),
                    winner < 0        ? 0
                    : winner == human ? 1
                                      : -1);
    preferences_save(&app->preferences, NULL);
}
