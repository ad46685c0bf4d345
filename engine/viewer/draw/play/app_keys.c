/* The keys of the play window. */
#include <stddef.h>

#include "engine/viewer/draw/play/app.h"
#include "engine/viewer/draw/shell.h"
#include "engine/viewer/draw/widgets/ui.h"
#include "engine/viewer/preferences.h"
#include "engine/viewer/session/session.h"
#include "games/game.h"

/* A key has one of these actions; the others are 0. */
struct key {
    SDL_Keycode code;
    enum app_dialogue opens;
    void (*session)(struct session *session);
    void (*app)(struct app *app);
    int steps;      /* for session_step */
    size_t toggles; /* offset of an int in struct app */
};

/* ---- actions ---- */

static void next_mistake(struct session *session)
{
    session_show_mistake(session, 1);
}

static void previous_mistake(struct session *session)
{
    session_show_mistake(session, -1);
}

static void toggle_policy(struct app *app)
{
    app->preferences.policy = !app->preferences.policy;
    session_set_overlay(app->session, app_shows_overlay(app));
}

static void toggle_ownership(struct app *app)
{
    app->preferences.ownership = !app->preferences.ownership;
    session_set_overlay(app->session, app_shows_overlay(app));
}

static void press_enter(struct app *app)
{
    struct session *session = app->session;
    if (session->state == SESSION_COUNTING) {
        session_accept(session);
    } else if (app->cursor >= 0 && session_human_to_move(session)) {
        session_play(session, session_move_at(session, app->cursor));
    } else {
        session_engine_move(session);
    }
}

static void press_escape(struct app *app)
{
    if (app->cursor >= 0)
        app->cursor = -1;
    else if (app->tool != TOOL_PLAY)
        app->tool = TOOL_PLAY;
    else
        session_stop_thinking(app->session);
    app->autoplay_at = 0;
}

static void toggle_analysis(struct app *app)
{
    session_set_analysis(app->session, !app->session->analysis_wanted);
}

static void toggle_pondering(struct app *app)
{
    app->preferences.pondering = !app->preferences.pondering;
    session_set_pondering(app->session, app->preferences.pondering);
}

static void toggle_autoplay(struct app *app)
{
    app->autoplay_at = app->autoplay_at ? 0 : app->now + 1000000;
}

static void toggle_full_screen(struct app *app)
{
    bool full = SDL_GetWindowFlags(app->shell.window) & SDL_WINDOW_FULLSCREEN_DESKTOP;
    SDL_SetWindowFullscreen(app->shell.window, full ? 0 : SDL_WINDOW_FULLSCREEN_DESKTOP);
}

static void pass(struct session *session)
{
    if (session_pass_move(session) != GAME_NO_MOVE)
        session_play(session, session_pass_move(session));
}

static void next_tab(struct app *app)
{
    app->tab = (enum app_tab)((app->tab + 1) % TABS);
}

static void previous_variation(struct session *session)
{
    session_variation(session, -1);
}

static void next_variation(struct session *session)
{
    session_variation(session, 1);
}

/* ---- tables ---- */

static const struct key control_keys[] = {
    {SDLK_n, .opens = DIALOGUE_NEW},   {SDLK_l, .opens = DIALOGUE_OPEN},
    {SDLK_o, .opens = DIALOGUE_OPEN},  {SDLK_s, .opens = DIALOGUE_SAVE},
    {SDLK_c, .app = app_copy},         {SDLK_v, .app = app_paste},
    {SDLK_q, .opens = DIALOGUE_QUIT},  {SDLK_UP, .session = session_promote},
    {SDLK_z, .session = session_undo}, {SDLK_y, .session = session_redo},
    {SDLK_g, .opens = DIALOGUE_GAMES},
};

static const struct key shift_keys[] = {
    {SDLK_n, .session = previous_mistake},
};

/* Navigation, which stops autoplay. */
static const struct key walk_keys[] = {
    {SDLK_LEFT, .steps = -1},
    {SDLK_RIGHT, .steps = 1},
    {SDLK_PAGEUP, .steps = -10},
    {SDLK_PAGEDOWN, .steps = 10},
    {SDLK_HOME, .session = session_to_start},
    {SDLK_END, .session = session_to_end},
    {SDLK_UP, .session = previous_variation},
    {SDLK_DOWN, .session = next_variation},
};

#define PREFERENCE(name) offsetof(struct app, preferences.name)
static const struct key plain_keys[] = {
    {SDLK_SPACE, .app = toggle_analysis},
    {SDLK_RETURN, .app = press_enter},
    {SDLK_KP_ENTER, .app = press_enter},
    {SDLK_ESCAPE, .app = press_escape},
    {SDLK_BACKSPACE, .session = session_undo},
    {SDLK_z, .session = session_undo},
    {SDLK_x, .session = session_redo},
    {SDLK_p, .session = pass},
    {SDLK_f, .session = session_hint},
    {SDLK_e, .toggles = PREFERENCE(candidates)},
    {SDLK_r, .app = toggle_policy},
    {SDLK_t, .app = toggle_ownership},
    {SDLK_w, .app = app_next_head},
    {SDLK_k, .toggles = PREFERENCE(coordinates)},
    {SDLK_m, .toggles = PREFERENCE(move_numbers)},
    {SDLK_d, .app = toggle_pondering},
    {SDLK_n, .session = next_mistake},
    {SDLK_a, .app = toggle_autoplay},
    {SDLK_TAB, .app = next_tab},
    {SDLK_DELETE, .session = session_delete},
    {SDLK_F1, .opens = DIALOGUE_HELP},
    {SDLK_h, .opens = DIALOGUE_HELP},
    {SDLK_F2, .session = session_sweep},
    {SDLK_F8, .opens = DIALOGUE_SETTINGS},
    {SDLK_F10, .opens = DIALOGUE_MENU},
    {SDLK_F11, .app = toggle_full_screen},
};

/* Performs the action of a key in a table. Returns false if the table does not contain it. */
static bool press(struct app *app, const struct key *keys, size_t count, SDL_Keycode code)
{
    const struct key *key = keys;
    while (key < keys + count && key->code != code)
        key++;
    if (key == keys + count)
        return false;
    if (key->opens != DIALOGUE_NONE)
        app_open_dialogue(app, key->opens);
    if (key->session)
        key->session(app->session);
    if (key->app)
        key->app(app);
    if (key->steps)
        session_step(app->session, key->steps);
    if (key->toggles) {
        int *value = (int *)(void *)((char *)app + key->toggles);
        *value = !*value;
    }
    return true;
}

static bool is_arrow(SDL_Keycode key)
{
    return key == SDLK_LEFT || key == SDLK_RIGHT || key == SDLK_UP || key == SDLK_DOWN;
}

static void move_cursor(struct app *app, SDL_Keycode key)
{
    const struct game *game = &app->session->game;
    int width = game->width, height = game->height;
    int at = app->cursor < 0 || app->cursor >= game->points ? height / 2 * width + width / 2 : app->cursor;
    int x = at % width, y = at / width;
    x += (key == SDLK_RIGHT) - (key == SDLK_LEFT);
    y += (key == SDLK_DOWN) - (key == SDLK_UP);
    app->cursor = CLAMP(y, 0, height - 1) * width + CLAMP(x, 0, width - 1);
}

bool app_key(struct app *app, SDL_Keycode key, uint16_t modifiers)
{
    if (modifiers & KMOD_CTRL)
        return press(app, control_keys, G_N_ELEMENTS(control_keys), key);
    if ((modifiers & KMOD_SHIFT) && is_arrow(key)) {
        move_cursor(app, key);
        return true;
    }
    if ((modifiers & KMOD_SHIFT) && press(app, shift_keys, G_N_ELEMENTS(shift_keys), key))
        return true;
    if (press(app, walk_keys, G_N_ELEMENTS(walk_keys), key)) {
        app->autoplay_at = 0;
        return true;
    }
    return press(app, plain_keys, G_N_ELEMENTS(plain_keys), key);
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
