/* The event loop of `tengen play`: waits for events, offers each to the frame, draws when the picture has changed. */
#include "engine/viewer/window.h"

#include <SDL_syswm.h>
#include <SDL_ttf.h>
#include <glib/gstdio.h>
#include <locale.h>
#include <math.h>

#include "engine/viewer/draw/app.h"
#include "engine/viewer/draw/stats.h"
#include "engine/viewer/language.h"
#include "engine/viewer/text.h"

enum { TIP_MS = 500, AUTOPLAY_US = 1000000, LEAST_WIDTH = 320, LEAST_HEIGHT = 240 };

/* In the brain's thread; SDL_PushEvent may be called by any. */
static void wake(void *user)
{
    SDL_Event event = {.type = *(const Uint32 *)user};
    SDL_PushEvent(&event);
}

static bool desk_is_dark(void)
{
    const char *theme = g_getenv("GTK_THEME");
    return theme && (strstr(theme, "dark") || strstr(theme, "Dark"));
}

static const struct theme *theme_of(const struct preferences *preferences)
{
    return preferences->theme == 2 || (preferences->theme == 0 && desk_is_dark()) ? &theme_dark : &theme_light;
}

/* Pixels for one unit: what the user says, else the display's density, in quarters. */
static float scale_of(const struct app *app)
{
    int w, drawn, h;
    float dpi = 96;
    SDL_GetWindowSize(app->window, &w, &h);
    SDL_GetRendererOutputSize(app->renderer, &drawn, &h);
    float ratio = w > 0 ? (float)drawn / (float)w : 1;
    if (app->scale_option > 0)
        return app->scale_option;
    if (app->preferences.scale)
        return (float)app->preferences.scale / 100;
    if (ratio > 1.05f)
        return ratio;
    int display = SDL_GetWindowDisplayIndex(app->window);
    if (SDL_GetDisplayDPI(display < 0 ? 0 : display, &dpi, NULL, NULL) != 0 || dpi < 40 || dpi > 1000)
        dpi = 96;
    return CLAMP(roundf(dpi / 96 * 4) / 4, 1, 4);
}

/* ---- drawing ---- */

static struct rect window_rect(const struct app *app)
{
    int w = 0, h = 0;
    SDL_GetRendererOutputSize(app->renderer, &w, &h);
    return (struct rect){0, 0, (float)w, (float)h};
}

/* In a window that is very small for its display everything shrinks, so that nothing is cut off. */
static float fitting_scale(const struct app *app)
{
    struct rect window = window_rect(app);
    float u = scale_of(app), most = fminf(window.w / 560, window.h / 440);
    return fmaxf(fminf(u, most), 0.6f);
}

static void offer_input(struct app *app)
{
    canvas_begin(app->canvas, CANVAS_HASH, fitting_scale(app));
    ui_begin(&app->ui, true);
    app_frame(app, window_rect(app));
    app->ui.input = (struct ui_input){0};
}

static void redraw(struct app *app)
{
    struct rect window = window_rect(app);
    app->ui.theme = theme_of(&app->preferences);
    if (window.w < 16 || window.h < 16)
        return;
    int64_t start = g_get_monotonic_time();
    canvas_begin(app->canvas, CANVAS_HASH, fitting_scale(app));
    ui_begin(&app->ui, false);
    app_frame(app, window);
    uint64_t picture = canvas_hash(app->canvas) ^ (uint64_t)window.w << 32 ^ (uint64_t)window.h;
    if (picture == app->picture) {
        stats_unchanged();
        return;
    }
    app->picture = picture;
    canvas_begin(app->canvas, CANVAS_DRAW, fitting_scale(app));
    ui_begin(&app->ui, false);
    app_frame(app, window);
    SDL_RenderPresent(app->renderer);
    app->frames++;
    stats_frame(g_get_monotonic_time() - start);
}

/* ---- events ---- */

static void place_pointer(struct app *app, int x, int y)
{
    int w, h;
    struct rect window = window_rect(app);
    SDL_GetWindowSize(app->window, &w, &h);
    app->ui.x = w > 0 ? (float)x * window.w / (float)w : (float)x;
    app->ui.y = h > 0 ? (float)y * window.h / (float)h : (float)y;
}

static void take_window_event(struct app *app, const SDL_WindowEvent *event)
{
    if (event->event == SDL_WINDOWEVENT_LEAVE)
        app->ui.x = app->ui.y = -1e6f;
    if (event->event == SDL_WINDOWEVENT_EXPOSED || event->event == SDL_WINDOWEVENT_SIZE_CHANGED)
        app->picture = 0;
    if (event->event == SDL_WINDOWEVENT_RESIZED) {
        app->preferences.width = event->data1;
        app->preferences.height = event->data2;
    }
}

/* True when the event is something to offer to the widgets. */
static bool take_event(struct app *app, const SDL_Event *event)
{
    struct ui *ui = &app->ui;
    switch (event->type) {
    case SDL_QUIT:
        app->quit = true;
        return false;
    case SDL_WINDOWEVENT:
        take_window_event(app, &event->window);
        return true;
    case SDL_MOUSEMOTION:
        place_pointer(app, event->motion.x, event->motion.y);
        return true;
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP:
        place_pointer(app, event->button.x, event->button.y);
        if (event->button.button == SDL_BUTTON_LEFT) {
            ui->down = event->type == SDL_MOUSEBUTTONDOWN;
            *(ui->down ? &ui->input.pressed : &ui->input.released) = true;
        } else if (event->button.button == SDL_BUTTON_RIGHT) {
            ui->input.right_pressed = event->type == SDL_MOUSEBUTTONDOWN;
        }
        return true;
    case SDL_MOUSEWHEEL:
        ui->input.wheel = (float)event->wheel.y;
        return true;
    case SDL_KEYDOWN:
        ui->input.key = event->key.keysym.sym;
        ui->input.modifiers = event->key.keysym.mod;
        return true;
    case SDL_TEXTINPUT:
        g_strlcpy(ui->input.text, event->text.text, sizeof ui->input.text);
        return true;
    case SDL_DROPFILE:
        app_open_file(app, event->drop.file);
        SDL_free(event->drop.file);
        return true;
    case SDL_RENDER_TARGETS_RESET:
    case SDL_RENDER_DEVICE_RESET:
        canvas_forget(app->canvas);
        app->picture = 0;
        return true;
    default:
        return false;
    }
}

/* ---- autosave ---- */

static void autosave(struct app *app)
{
    struct session *session = app->session;
    if (session->revision == app->saved_revision)
        return;
    app->saved_revision = session->revision;
    char *path = preferences_state_path("autosave.sgf");
    if (!session->root->first_child || session->state == SESSION_OVER)
        g_remove(path); /* nothing to take up again */
    else if (!sgf_save(session->sgf, path, NULL))
        session_say(session, NOTICE_WARNING, _("The game cannot be kept in %s"), path);
    g_free(path);
}

void app_restore(struct app *app)
{
    struct session *session = app->session;
    struct session_setup setup;
    if (!session_load(session, app->restore_path))
        return;
    /* The players of before: whoever is not "You" is the opponent of the settings. */
    if (preferences_setup(&app->preferences, &setup, NULL) && setup.game.ops == session->game.ops)
        session_take_players(session, setup.players);
}

static void look_for_autosave(struct app *app)
{
    char *path = preferences_state_path("autosave.sgf");
    if (g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
        app->restore_path = g_strconcat(path, ".last", NULL);
        /* Out of the way of this game's own. */
        if (g_rename(path, app->restore_path) == 0)
            app_open_dialogue(app, DIALOGUE_RESTORE);
        else
            g_clear_pointer(&app->restore_path, g_free);
    }
    g_free(path);
}

/* ---- the loop ---- */

static int wait_ms(const struct app *app, int64_t moved_at)
{
    int wait = session_idle_ms(app->session);
    int64_t now = g_get_monotonic_time();
    if (app->autoplay_at)
        wait = MIN(wait < 0 ? INT_MAX : wait, (int)MAX((app->autoplay_at - now) / 1000, 0));
    if (!app->show_tips_now && app->ui.tip[0])
        wait = MIN(wait < 0 ? INT_MAX : wait, (int)MAX(TIP_MS - (now - moved_at) / 1000, 0));
    return wait;
}

static void play_on(struct app *app)
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

static void handle(struct app *app, const SDL_Event *event, int64_t *moved_at)
{
    stats_event(event);
    if (event->type == SDL_MOUSEMOTION || event->type == SDL_MOUSEBUTTONDOWN || event->type == SDL_KEYDOWN) {
        *moved_at = g_get_monotonic_time();
        app->show_tips_now = false;
    }
    if (take_event(app, event))
        offer_input(app);
}

static void loop(struct app *app)
{
    int64_t moved_at = 0;
    SDL_Event event;
    redraw(app);
    while (!app->quit) {
        if (SDL_WaitEventTimeout(&event, wait_ms(app, moved_at)))
            do
                handle(app, &event, &moved_at);
            while (!app->quit && SDL_PollEvent(&event));
        app->now = g_get_monotonic_time();
        app->show_tips_now = app->now - moved_at >= TIP_MS * 1000;
        session_poll(app->session);
        play_on(app);
        app_follow_result(app);
        autosave(app);
        redraw(app);
    }
}

/* ---- opening and closing ---- */

static bool fail(GError **error, const char *what)
{
    g_set_error(error, WINDOW_ERROR, WINDOW_ERROR_DISPLAY,
                "%s: %s; tengen play --text plays in the terminal, and DISPLAY or WAYLAND_DISPLAY says where a window can be",
                what, SDL_GetError());
    return false;
}

void app_set_language(const struct preferences *preferences)
{
    language_set(preferences->language);
}

static bool open_window(struct app *app, const struct window_options *options, GError **error)
{
    const struct preferences *p = &options->preferences;
    SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
    SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "1");
    SDL_SetHint(SDL_HINT_MOUSE_FOCUS_CLICKTHROUGH, "1");
    if (SDL_Init(SDL_INIT_VIDEO) != 0)
        return fail(error, "no window can be opened");
    if (TTF_Init() != 0)
        return fail(error, "no text can be drawn");
    app->window = SDL_CreateWindow("Tengen", SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED, p->width, p->height,
                                   SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI);
    if (!app->window)
        return fail(error, "no window can be opened");
    SDL_SetWindowMinimumSize(app->window, LEAST_WIDTH, LEAST_HEIGHT);
    app->renderer = SDL_CreateRenderer(app->window, -1, 0);
    if (!app->renderer)
        app->renderer = SDL_CreateRenderer(app->window, -1, SDL_RENDERER_SOFTWARE);
    if (!app->renderer)
        return fail(error, "nothing can be drawn in the window");
    char *font = NULL;
    long index;
    if (!canvas_find_font(&font, &index, error))
        return false;
    app->canvas = canvas_new(app->renderer, font, index, error);
    g_free(font);
    return app->canvas != NULL;
}

static bool begin(struct app *app, const struct window_options *options, Uint32 *wake_event, GError **error)
{
    struct session_setup setup;
    if (!preferences_setup(&options->preferences, &setup, error))
        return false;
    *wake_event = SDL_RegisterEvents(1);
    app->session = session_new(&setup, options->threads, wake, wake_event);
    session_set_pondering(app->session, options->preferences.pondering);
    if (options->file)
        app_open_file(app, options->file);
    else if (!options->explicit_game)
        look_for_autosave(app);
    return true;
}

static void close_all(struct app *app)
{
    session_free(app->session);
    canvas_free(app->canvas);
    if (app->renderer)
        SDL_DestroyRenderer(app->renderer);
    if (app->window)
        SDL_DestroyWindow(app->window);
    if (TTF_WasInit())
        TTF_Quit();
    SDL_Quit();
    g_free(app->restore_path);
}

bool window_play(struct window_options *options, GError **error)
{
    static Uint32 wake_event; /* outlives the brain's thread */
    struct app *app = g_new0(struct app, 1);
    app->preferences = options->preferences;
    app->scale_option = (float)options->scale;
    app->cursor = app->hover = app->hover_line = -1;
    app->ui = (struct ui){.focus = -1, .active = -1, .editing = -1, .x = -1e6f, .y = -1e6f};
    language_set(options->preferences.language);
    bool fine = open_window(app, options, error) && begin(app, options, &wake_event, error);
    if (fine) {
        app->ui.canvas = app->canvas;
        app->ui.theme = theme_of(&app->preferences);
        SDL_StartTextInput();
        stats_begin(options->stats);
        loop(app);
        stats_print();
        autosave(app);
        options->preferences = app->preferences;
        fine = preferences_save(&app->preferences, error);
    }
    close_all(app);
    g_free(app);
    return fine;
}
