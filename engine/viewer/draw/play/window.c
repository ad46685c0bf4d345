/* The event loop of `tengen play`, the list of games and the window title. */
#include "engine/viewer/window.h"

#include <glib/gstdio.h>

#include "engine/viewer/draw/canvas/canvas.h"
#include "engine/viewer/draw/play/app.h"
#include "engine/viewer/draw/play/sound.h"
#include "engine/viewer/draw/shell.h"
#include "engine/viewer/language.h"
#include "engine/viewer/session/archive.h"
#include "engine/viewer/session/player_check.h"
#include "engine/viewer/session/session.h"
#include "engine/viewer/text.h"
#include "games/game.h"
#include "games/record/sgf.h"

enum { AUTOPLAY_US = 1000000 };

/* ---- the list of games ---- */

/* Earlier versions kept one unfinished game, in the state folder: it joins the list. */
static void adopt_autosave(const char *folder)
{
    static const char *const names[] = {"autosave.sgf", "autosave.sgf.last"};
    for (int i = 0; i < 2; i++) {
        char *path = preferences_state_path(names[i]);
        char *to = g_strdup_printf("%s/autosave%d.sgf", folder, i);
        if (g_file_test(path, G_FILE_TEST_IS_REGULAR) && !g_file_test(to, G_FILE_TEST_EXISTS))
            g_rename(path, to);
        g_free(path);
        g_free(to);
    }
}

static void find_unfinished(struct app *app)
{
    app->restore_path = archive_unfinished(app->games_folder);
    if (app->restore_path && app->dialogue == DIALOGUE_NONE)
        app_open_dialogue(app, DIALOGUE_RESTORE);
}

/* ---- the loop ---- */

static int soonest(int a, int b)
{
    return a < 0 ? b : b < 0 ? a : MIN(a, b);
}

static int wait_ms(const struct app *app)
{
    int64_t now = g_get_monotonic_time();
    int wait = soonest(session_idle_ms(app->session), shell_tip_ms(&app->shell, now));
    return app->autoplay_at ? soonest(wait, (int)MAX((app->autoplay_at - now) / 1000, 0)) : wait;
}

static void run_autoplay(struct app *app)
{
    if (!app->autoplay_at || app->now < app->autoplay_at)
        return;
    if (app->session->node->first_child) {
        session_step(app->session, 1);
        app->autoplay_at = app->now + AUTOPLAY_US;
    } else {
        app->autoplay_at = 0;
    }
}

/* Applies changed settings to the shell, and the window's size to the settings. */
static void sync_preferences(struct app *app)
{
    app->shell.theme = app->preferences.theme;
    app->shell.scale = app->preferences.scale;
    app->shell.tips = app->preferences.tips;
    app->preferences.width = app->shell.width;
    app->preferences.height = app->shell.height;
}

/* Sets the window title: move number, player to move or result. */
static void update_title(struct app *app, char *shown, size_t size)
{
    struct session *session = app->session;
    char title[320], state[200];
    if (session->state == SESSION_OVER)
        session_outcome_text(session, state, sizeof state);
    else if (session->state == SESSION_COUNTING)
        g_strlcpy(state, _("scoring"), sizeof state);
    else if (session->thinking)
        g_strlcpy(state, _("Thinking…"), sizeof state);
    else
        g_snprintf(state, sizeof state, _("%s to move"), session_colour_name(session->position.p.colour));
    g_snprintf(title, sizeof title, _("Tengen · move %d · %s"), session_move_number(session), state);
    if (strcmp(title, shown) == 0)
        return;
    g_strlcpy(shown, title, size);
    SDL_SetWindowTitle(app->shell.window, title);
}

/* Plays the sound if a stone was placed since the last call. */
static void play_sound(struct app *app, const struct sgf_node **before)
{
    const struct session *session = app->session;
    if (app->preferences.sound && session->node->parent == *before && session->last < session->game.points)
        sound_stone();
    *before = session->node;
}

static void loop(struct app *app)
{
    SDL_Event event;
    const struct sgf_node *heard = app->session->node;
    char title[320] = "";
    shell_redraw(&app->shell);
    while (!app->shell.quit) {
        if (SDL_WaitEventTimeout(&event, wait_ms(app)))
            do
                shell_handle(&app->shell, &event);
            while (!app->shell.quit && SDL_PollEvent(&event));
        app->now = g_get_monotonic_time();
        shell_tick(&app->shell, app->now);
        session_poll(app->session);
        dialogue_new_poll(app);
        run_autoplay(app);
        app_follow_result(app);
        sync_preferences(app);
        play_sound(app, &heard);
        update_title(app, title, sizeof title);
        shell_redraw(&app->shell);
    }
}

/* ---- opening and closing ---- */

void app_set_language(const struct preferences *preferences)
{
    language_set(preferences->language);
}

static void draw(struct shell *shell, struct rect window)
{
    app_frame((struct app *)shell, window);
}

static void key(struct shell *shell, SDL_Keycode code, uint16_t modifiers)
{
    app_take_key((struct app *)shell, code, modifiers);
}

static void dropped(struct shell *shell, const char *path)
{
    app_open_file((struct app *)shell, path);
}

static bool begin(struct app *app, const struct window_options *options, GError **error)
{
    struct session_setup setup;
    if (!preferences_setup(&options->preferences, &setup, error))
        return false;
    app->session = session_new(&setup, options->threads, shell_wake, NULL);
    app->games_folder = preferences_games_folder();
    adopt_autosave(app->games_folder);
    session_keep_in(app->session, app->games_folder);
    session_set_pondering(app->session, options->preferences.pondering);
    session_set_overlay(app->session, app_shows_overlay(app));
    if (options->warning) {
        g_strlcpy(app->message, options->warning, sizeof app->message);
        app_open_dialogue(app, DIALOGUE_MESSAGE);
    }
    if (options->file)
        app_open_file(app, options->file);
    else if (!options->explicit_game)
        find_unfinished(app);
    return true;
}

bool window_play(struct window_options *options, GError **error)
{
    struct app *app = g_new0(struct app, 1);
    app->preferences = options->preferences;
    app->cursor = app->hover = app->hover_line = -1;
    app->shell.draw = draw;
    app->shell.key = key;
    app->shell.dropped = dropped;
    language_set(options->preferences.language);
    bool ok = shell_open(&app->shell, "Tengen", options, error) && begin(app, options, error);
    if (ok) {
        loop(app);
        options->preferences = app->preferences;
        ok = preferences_save(&app->preferences, error);
    }
    player_check_end(app->checking);
    app_close_attention(app);
    session_free(app->session);
    if (app->games)
        g_ptr_array_free(app->games, TRUE);
    g_free(app->games_folder);
    sound_close();
    shell_close(&app->shell);
    g_free(app->restore_path);
    g_free(app);
    return ok;
}
