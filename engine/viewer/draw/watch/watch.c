/* The window of `tengen watch`: a grid of games or a single enlarged one, charts, and a slider for checkpoints. */
#include <sys/resource.h>
#include <time.h>

#include "engine/viewer/draw/watch/watch_internal.h"
#include "engine/store/live.h"
#include "engine/viewer/draw/canvas/canvas.h"
#include "engine/viewer/draw/shell.h"
#include "engine/viewer/draw/widgets/ui.h"
#include "engine/viewer/language.h"
#include "engine/viewer/preferences.h"
#include "engine/viewer/session/brain.h"
#include "engine/viewer/watch/run_view.h"
#include "engine/viewer/window.h"

enum {
    MIN_FRAME_MS = 200, /* minimum interval between frames caused by the run */
    COST_FACTOR = 80,   /* minimum interval as a multiple of the CPU time of the last frame */
    NICE = 10,          /* so that training has priority */
    CHECK_MS = 200,     /* interval between checks of the live mapping */
};

static void draw(struct shell *shell, struct rect window)
{
    struct watch *w = (struct watch *)shell;
    float u = canvas_u(shell->canvas), margin = 10 * u, width = CLAMP(window.w * 0.34f, 210 * u, 460 * u);
    canvas_rect(shell->canvas, window, shell->ui.theme->back);
    struct rect left = {margin, margin, window.w - width - 2.5f * margin, window.h - 2 * margin};
    watch_draw_panel(w, (struct rect){window.w - width - margin, margin, width, window.h - 2 * margin});
    if (w->enlarged >= w->run.board_count)
        w->enlarged = -1;
    if (w->enlarged < 0) {
        watch_draw_grid(w, left);
        return;
    }
    struct rect row = {left.x, left.y + left.h - 30 * u, left.w, 28 * u};
    left.h -= 36 * u;
    watch_draw_board(w, left, w->enlarged, true);
    watch_draw_walk(w, row);
}

static void key(struct shell *shell, SDL_Keycode code, uint16_t modifiers)
{
    struct watch *w = (struct watch *)shell;
    (void)modifiers;
    int step = code == SDLK_RIGHT ? 1 : code == SDLK_LEFT ? -1 : 0;
    if (code == SDLK_ESCAPE)
        w->enlarged = -1;
    if (code == SDLK_q)
        shell->quit = true;
    if (code == SDLK_r)
        w->heat = !w->heat;
    if (code == SDLK_UP || code == SDLK_DOWN)
        w->checkpoint += code == SDLK_UP ? 1 : -1;
    if (code >= SDLK_1 && code <= SDLK_9 && (int)(code - SDLK_1) < w->run.board_count) {
        watch_enlarge(w, (int)(code - SDLK_1));
    }
    if (w->enlarged >= 0 && step) {
        watch_walk_to(w, watch_shown_moves(w) + step);
    }
    if (w->enlarged >= 0 && (code == SDLK_HOME || code == SDLK_END))
        watch_walk_to(w, code == SDLK_HOME ? 0 : LIVE_MAX_MOVES);
}

/* At its end, the slider follows new checkpoints. */
static void follow_ladder(struct watch *w)
{
    const guint count = w->run.generations->len;
    if (count == w->followed)
        return;
    if (w->followed == 0 || w->checkpoint >= (int)w->followed - 1)
        w->checkpoint = (int)count - 1;
    w->followed = count;
}

static bool poll_run(struct shell *shell)
{
    struct watch *w = (struct watch *)shell;
    bool changed = run_view_poll(&w->run);
    follow_ladder(w);
    watch_ask_checkpoint(w);
    return watch_take_answers(w) || changed;
}

static int64_t cpu_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Input is handled immediately. Updates from the run are shown at most five times per second, and less often if frames
 * are expensive, so that drawing takes at most about 1/COST_FACTOR of a core. */
static void loop(struct watch *w)
{
    int64_t next_us = 0;
    SDL_Event event;
    shell_redraw(&w->shell);
    while (!w->shell.quit) {
        bool input = false;
        int64_t now = g_get_monotonic_time();
        int wait = (int)CLAMP((next_us - now) / 1000, CHECK_MS, 10000);
        if (SDL_WaitEventTimeout(&event, wait))
            do
                input |= shell_handle(&w->shell, &event);
            while (!w->shell.quit && SDL_PollEvent(&event));
        now = g_get_monotonic_time();
        shell_tick(&w->shell, now);
        if (!input && now < next_us)
            continue;
        int64_t before = cpu_us();
        poll_run(&w->shell);
        shell_redraw(&w->shell);
        int64_t cost = w->run.running ? (cpu_us() - before) * COST_FACTOR : 0;
        next_us = now + MAX((int64_t)MIN_FRAME_MS * 1000, cost);
    }
}

bool window_watch(const char *folder, const struct window_options *options, GError **error)
{
    struct watch *w = g_new0(struct watch, 1);
    w->enlarged = -1;
    w->shown = -1;
    w->heat = true;
    if (run_view_open(&w->run, folder, error) != 0) {
        g_free(w);
        return false;
    }
    setpriority(PRIO_PROCESS, 0, NICE);
    language_set(options->preferences.language);
    char *title = g_strdup_printf("Tengen: %s", folder);
    bool ok = shell_open(&w->shell, title, options, error);
    g_free(title);
    if (ok) {
        w->shell.draw = draw;
        w->shell.key = key;
        const struct brain_config config = {.threads = 1, .wake = shell_wake, .user = NULL};
        w->brain = brain_start(&config);
        loop(w);
        brain_end(w->brain);
    }
    shell_close(&w->shell);
    run_view_close(&w->run);
    g_free(w);
    return ok;
}
