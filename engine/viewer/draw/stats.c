#include "engine/viewer/draw/stats.h"

#include <cjson/cJSON.h>
#include <glib.h>
#include <SDL_syswm.h> /* IWYU pragma: keep */
#include <stdio.h>
#include <time.h>

static struct {
    bool on;
    GArray *frames, *costs, *latencies; /* int64_t, microseconds; costs: CPU time of the frames */
    int64_t began_cpu;
    int64_t pending; /* time of the oldest event without a frame yet, monotonic us; 0: none */
    int64_t events;
} stats; /* there is one window per process */

void stats_begin(bool on)
{
    stats.on = on;
    if (!on)
        return;
    stats.frames = g_array_new(FALSE, FALSE, sizeof(int64_t));
    stats.costs = g_array_new(FALSE, FALSE, sizeof(int64_t));
    stats.latencies = g_array_new(FALSE, FALSE, sizeof(int64_t));
    SDL_EventState(SDL_SYSWMEVENT, SDL_ENABLE);
}

static void note_time(int64_t at)
{
    stats.events++;
    if (!stats.pending)
        stats.pending = at;
}

void stats_event(const SDL_Event *event)
{
    if (!stats.on)
        return;
#ifdef SDL_VIDEO_DRIVER_X11
    /* Use the X server's time stamp, which is CLOCK_MONOTONIC in milliseconds modulo 2^32, so that the time that the
     * event spent in the socket is included. */
    if (event->type == SDL_SYSWMEVENT && event->syswm.msg->subsystem == SDL_SYSWM_X11) {
        const XEvent *x = &event->syswm.msg->msg.x11.event;
        Time time = x->type == ButtonPress || x->type == ButtonRelease ? x->xbutton.time
                    : x->type == KeyPress                              ? x->xkey.time
                    : x->type == MotionNotify                          ? x->xmotion.time
                                                                       : 0;
        int64_t now = g_get_monotonic_time();
        if (time)
            note_time(now - 1000 * (int64_t)(uint32_t)((uint32_t)(now / 1000) - (uint32_t)time));
    }
#else
    if (event->type == SDL_KEYDOWN || event->type == SDL_MOUSEBUTTONDOWN)
        note_time(g_get_monotonic_time());
#endif
}

static int64_t processor_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void stats_frame_begins(void)
{
    stats.began_cpu = stats.on ? processor_us() : 0;
}

void stats_frame(int64_t us)
{
    if (!stats.on)
        return;
    int64_t cost = processor_us() - stats.began_cpu;
    g_array_append_val(stats.frames, us);
    g_array_append_val(stats.costs, cost);
    if (stats.pending) {
        int64_t latency = g_get_monotonic_time() - stats.pending;
        g_array_append_val(stats.latencies, latency);
    }
    stats.pending = 0;
}

void stats_unchanged(void)
{
    stats.pending = 0;
}

static gint compare(gconstpointer a, gconstpointer b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void add_figures(cJSON *object, const char *name, GArray *values)
{
    g_array_sort(values, compare);
    cJSON *part = cJSON_AddObjectToObject(object, name);
    cJSON_AddNumberToObject(part, "count", values->len);
    static const double shares[] = {0.5, 0.95, 1};
    static const char *const names[] = {"median_ms", "p95_ms", "max_ms"};
    for (int i = 0; values->len && i < 3; i++) {
        guint at = (guint)(shares[i] * (values->len - 1) + 0.5);
        cJSON_AddNumberToObject(part, names[i], (double)g_array_index(values, int64_t, at) / 1000);
    }
}

void stats_print(void)
{
    if (!stats.on)
        return;
    cJSON *object = cJSON_CreateObject();
    add_figures(object, "frame", stats.frames);
    add_figures(object, "frame_processor", stats.costs);
    add_figures(object, "latency", stats.latencies);
    cJSON_AddNumberToObject(object, "events", (double)stats.events);
    char *text = cJSON_PrintUnformatted(object);
    puts(text);
    fflush(stdout);
    cJSON_free(text);
    cJSON_Delete(object);
    g_array_unref(stats.frames);
    g_array_unref(stats.costs);
    g_array_unref(stats.latencies);
    stats.on = false;
}
