#include "engine/viewer/draw/shell.h"

#include <SDL_ttf.h>
#include <math.h>

#include "engine/viewer/draw/stats.h"
#include "engine/viewer/preferences.h"
#include "engine/viewer/window.h"

enum { TIP_MS = 500, MIN_WIDTH = 320, MIN_HEIGHT = 240 };

static Uint32 wake_event; /* there is one window per process */

void shell_wake(void *user)
{
    SDL_Event event = {.type = wake_event};
    (void)user;
    SDL_PushEvent(&event);
}

static bool desktop_is_dark(void)
{
    const char *theme = g_getenv("GTK_THEME");
    return theme && (strstr(theme, "dark") || strstr(theme, "Dark"));
}

static const struct theme *theme_of(const struct shell *shell)
{
    return shell->theme == 2 || (shell->theme == 0 && desktop_is_dark()) ? &theme_dark : &theme_light;
}

/* Pixels per unit: the user's setting, or the display's density rounded to quarters. */
static float scale_of(const struct shell *shell)
{
    int w, drawn, h;
    float dpi = 96;
    SDL_GetWindowSize(shell->window, &w, &h);
    drawn = shell->surface ? shell->surface->w : w;
    float ratio = w > 0 ? (float)drawn / (float)w : 1;
    if (shell->scale_option > 0)
        return shell->scale_option;
    if (shell->scale)
        return (float)shell->scale / 100;
    if (ratio > 1.05f)
        return ratio;
    int display = SDL_GetWindowDisplayIndex(shell->window);
    if (SDL_GetDisplayDPI(display < 0 ? 0 : display, &dpi, NULL, NULL) != 0 || dpi < 40 || dpi > 1000)
        dpi = 96;
    return CLAMP(roundf(dpi / 96 * 4) / 4, 1, 4);
}

/* ---- drawing ---- */

static struct rect window_rect(const struct shell *shell)
{
    if (!shell->surface)
        return (struct rect){0, 0, 0, 0};
    return (struct rect){0, 0, (float)shell->surface->w, (float)shell->surface->h};
}

static void drop_renderer(struct shell *shell)
{
    if (shell->canvas)
        canvas_set_renderer(shell->canvas, NULL);
    if (shell->renderer)
        SDL_DestroyRenderer(shell->renderer);
    shell->renderer = NULL;
}

/* Recreates the renderer after a change of size, which replaces the window's surface and invalidates the renderer and
 * all textures. Software rendering into the window's surface is cheapest when only parts change, even with a GPU. */
static bool renew_renderer(struct shell *shell)
{
    if (shell->renderer)
        return true;
    shell->surface = SDL_GetWindowSurface(shell->window);
    shell->renderer = shell->surface ? SDL_CreateSoftwareRenderer(shell->surface) : NULL;
    if (!shell->renderer)
        return false;
    if (shell->canvas)
        canvas_set_renderer(shell->canvas, shell->renderer);
    shell->redraw_all = true;
    return true;
}

/* Reduces the scale in a window that is small relative to the display's density, so that nothing is cut off. */
static float fitting_scale(const struct shell *shell)
{
    struct rect window = window_rect(shell);
    float u = scale_of(shell), max = fminf(window.w / 560, window.h / 440);
    return fmaxf(fminf(u, max), 0.6f);
}

static void frame(struct shell *shell, enum canvas_pass pass, bool input_pass, struct rect window,
                  const struct rect *region)
{
    canvas_begin(shell->canvas, pass, fitting_scale(shell), region);
    ui_begin(&shell->ui, input_pass);
    shell->draw(shell, window);
    ui_end(&shell->ui, window, shell->show_tips_now && shell->tips);
}

static void offer_input(struct shell *shell)
{
    struct ui *ui = &shell->ui;
    frame(shell, CANVAS_MEASURE, true, window_rect(shell), NULL);
    if (ui->input.key && !ui->used_key && !ui_is_editing(ui))
        shell->key(shell, ui->input.key, ui->input.modifiers);
    ui->input = (struct ui_input){0};
}

void shell_redraw(struct shell *shell)
{
    struct rect damage[CANVAS_DAMAGE];
    SDL_Rect changed[CANVAS_DAMAGE];
    int64_t start = g_get_monotonic_time();
    stats_frame_begins();
    if (!renew_renderer(shell))
        return; /* no surface, for example if the window is minimised: retried after the next event */
    struct rect window = window_rect(shell);
    shell->ui.theme = theme_of(shell);
    if (window.w < 16 || window.h < 16)
        return;
    frame(shell, CANVAS_LIST, false, window, NULL);
    int count = canvas_damage(shell->canvas, window, shell->redraw_all, damage);
    shell->redraw_all = false;
    if (count == 0) {
        stats_unchanged();
        return;
    }
    for (int i = 0; i < count; i++) {
        frame(shell, CANVAS_DRAW, false, window, &damage[i]);
        changed[i] = (SDL_Rect){(int)damage[i].x, (int)damage[i].y, (int)damage[i].w, (int)damage[i].h};
    }
    SDL_RenderFlush(shell->renderer);
    SDL_UpdateWindowSurfaceRects(shell->window, changed, count);
    shell->frames++;
    stats_frame(g_get_monotonic_time() - start);
}

/* ---- events ---- */

static void place_pointer(struct shell *shell, int x, int y)
{
    int w, h;
    struct rect window = window_rect(shell);
    SDL_GetWindowSize(shell->window, &w, &h);
    shell->ui.x = w > 0 ? (float)x * window.w / (float)w : (float)x;
    shell->ui.y = h > 0 ? (float)y * window.h / (float)h : (float)y;
}

static void take_window_event(struct shell *shell, const SDL_WindowEvent *event)
{
    if (event->event == SDL_WINDOWEVENT_LEAVE)
        shell->ui.x = shell->ui.y = -1e6f;
    if (event->event == SDL_WINDOWEVENT_EXPOSED)
        shell->redraw_all = true;
    if (event->event == SDL_WINDOWEVENT_SIZE_CHANGED)
        drop_renderer(shell);
    if (event->event == SDL_WINDOWEVENT_RESIZED) {
        shell->width = event->data1;
        shell->height = event->data2;
    }
}

static void take_button(struct shell *shell, const SDL_MouseButtonEvent *event)
{
    struct ui *ui = &shell->ui;
    bool down = event->type == SDL_MOUSEBUTTONDOWN;
    place_pointer(shell, event->x, event->y);
    if (event->button == SDL_BUTTON_LEFT) {
        ui->down = down;
        *(down ? &ui->input.pressed : &ui->input.released) = true;
    } else if (event->button == SDL_BUTTON_RIGHT) {
        ui->input.right_pressed = down;
    }
}

/* Returns true if the widgets have to process the event. */
static bool take_event(struct shell *shell, const SDL_Event *event)
{
    struct ui *ui = &shell->ui;
    switch (event->type) {
    case SDL_QUIT:
        shell->quit = true;
        return false;
    case SDL_WINDOWEVENT:
        take_window_event(shell, &event->window);
        return true;
    case SDL_MOUSEMOTION:
        place_pointer(shell, event->motion.x, event->motion.y);
        return true;
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP:
        take_button(shell, &event->button);
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
        if (shell->dropped)
            shell->dropped(shell, event->drop.file);
        SDL_free(event->drop.file);
        return true;
    default:
        return false;
    }
}

bool shell_handle(struct shell *shell, const SDL_Event *event)
{
    stats_event(event);
    if (event->type == SDL_MOUSEMOTION || event->type == SDL_MOUSEBUTTONDOWN || event->type == SDL_KEYDOWN) {
        shell->moved_us = g_get_monotonic_time();
        shell->show_tips_now = false;
    }
    if (!take_event(shell, event))
        return shell->quit;
    offer_input(shell);
    return true;
}

void shell_tick(struct shell *shell, int64_t now_us)
{
    shell->show_tips_now = now_us - shell->moved_us >= TIP_MS * 1000;
}

int shell_tip_ms(const struct shell *shell, int64_t now_us)
{
    if (shell->show_tips_now || !shell->ui.tip[0])
        return -1;
    return (int)MAX(TIP_MS - (now_us - shell->moved_us) / 1000, 0);
}

/* ---- opening and closing ---- */

static bool fail(GError **error, const char *what)
{
    g_set_error(error, WINDOW_ERROR, WINDOW_ERROR_DISPLAY,
                "%s: %s; set DISPLAY or WAYLAND_DISPLAY, or use tengen play --text in the terminal", what,
                SDL_GetError());
    return false;
}

static bool is_set(const char *name)
{
    const char *value = g_getenv(name);
    return value && *value;
}

/* Without a display, SDL may still succeed with a dummy driver, after printing warnings on stderr. */
static bool has_display(void)
{
    return is_set("DISPLAY") || is_set("WAYLAND_DISPLAY") || is_set("SDL_VIDEODRIVER");
}

/* Reduces the size to what the display has left for windows. */
static void fit_to_display(struct shell *shell)
{
    SDL_Rect room;
    if (SDL_GetDisplayUsableBounds(0, &room) != 0 || room.w < MIN_WIDTH || room.h < MIN_HEIGHT)
        return;
    shell->width = MIN(shell->width, room.w);
    shell->height = MIN(shell->height, room.h);
}

static bool open_window(struct shell *shell, const char *title, GError **error)
{
    SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0"); /* present the surface directly, not as a texture */
    SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
    SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "1");
    SDL_SetHint(SDL_HINT_MOUSE_FOCUS_CLICKTHROUGH, "1");
    if (!has_display()) {
        SDL_SetError("no display");
        return fail(error, "cannot open a window");
    }
    if (SDL_Init(SDL_INIT_VIDEO) != 0)
        return fail(error, "cannot open a window");
    if (TTF_Init() != 0)
        return fail(error, "cannot draw text");
    wake_event = SDL_RegisterEvents(1);
    fit_to_display(shell);
    shell->window = SDL_CreateWindow(title, SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED, shell->width, shell->height,
                                     SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI);
    if (!shell->window)
        return fail(error, "cannot open a window");
    SDL_SetWindowMinimumSize(shell->window, MIN_WIDTH, MIN_HEIGHT);
    return renew_renderer(shell) || fail(error, "cannot draw in the window");
}

bool shell_open(struct shell *shell, const char *title, const struct window_options *options, GError **error)
{
    const struct preferences *p = &options->preferences;
    char *font = NULL;
    long index;
    shell->width = p->width;
    shell->height = p->height;
    shell->theme = p->theme;
    shell->scale = p->scale;
    shell->tips = p->tips;
    shell->scale_option = (float)options->scale;
    shell->ui = (struct ui){.focus = -1, .active = -1, .editing = -1, .x = -1e6f, .y = -1e6f};
    if (!open_window(shell, title, error) || !canvas_find_font(&font, &index, error))
        return false;
    shell->canvas = canvas_new(shell->renderer, font, index, error);
    g_free(font);
    if (!shell->canvas)
        return false;
    shell->ui.canvas = shell->canvas;
    shell->ui.theme = theme_of(shell);
    SDL_StartTextInput();
    stats_begin(options->stats);
    return true;
}

void shell_close(struct shell *shell)
{
    stats_print();
    drop_renderer(shell);
    canvas_free(shell->canvas);
    if (shell->window)
        SDL_DestroyWindow(shell->window);
    if (TTF_WasInit())
        TTF_Quit();
    SDL_Quit();
}
