#include "engine/viewer/session/brain_internal.h"

#include <sys/resource.h>
#include <sys/syscall.h> /* IWYU pragma: keep */
#include <unistd.h>

#include "agents/agent.h"
#include "engine/viewer/session/brain.h"
#include "games/game.h"

enum { NICE = 5 /* relative to the window's thread */ };

/* ---- events ---- */

static void wake(struct brain *brain)
{
    if (brain->config.wake)
        brain->config.wake(brain->config.user);
}

void brain_publish(struct brain *brain, const struct brain_event *event)
{
    pthread_mutex_lock(&brain->lock);
    bool current = event->ticket == brain->current;
    if (current)
        g_queue_push_tail(&brain->events, g_memdup2(event, sizeof *event));
    pthread_mutex_unlock(&brain->lock);
    if (current)
        wake(brain);
}

void brain_publish_caution(struct brain *brain, const char *caution)
{
    pthread_mutex_lock(&brain->lock);
    g_strlcpy(brain->caution, caution, sizeof brain->caution);
    pthread_mutex_unlock(&brain->lock);
    wake(brain);
}

void brain_publish_failure(struct brain *brain, uint32_t ticket, GError *error)
{
    struct brain_event event = {.kind = BRAIN_FAILED, .ticket = ticket};
    g_strlcpy(event.message, error ? error->message : "failed", sizeof event.message);
    g_clear_error(&error);
    brain_publish(brain, &event);
}

void brain_publish_found(struct brain *brain)
{
    pthread_mutex_lock(&brain->lock);
    bool current = brain->scratch.ticket == brain->current;
    if (current) {
        brain->found = brain->scratch;
        brain->has_found = true;
    }
    pthread_mutex_unlock(&brain->lock);
    if (current)
        wake(brain);
}

/* ---- the thread ---- */

/* Without a search: stop is set. Call with the lock held. */
static void do_cut_study(struct brain *brain)
{
    struct job job = brain->cut;
    brain->cut = (struct job){0};
    atomic_store(&brain->stop, true);
    pthread_mutex_unlock(&brain->lock);
    brain_do_study(brain, &job);
    brain_line_clear(&job.line);
    pthread_mutex_lock(&brain->lock);
}

static void *run(void *user)
{
    struct brain *brain = user;
    id_t tid = (id_t)syscall(SYS_gettid);
    setpriority(PRIO_PROCESS, tid, getpriority(PRIO_PROCESS, tid) + NICE);
    pthread_mutex_lock(&brain->lock);
    while (!brain->ending) {
        if (brain->cut.kind != JOB_NONE) {
            do_cut_study(brain);
            continue;
        }
        if (brain->waiting.kind == JOB_NONE) {
            pthread_cond_wait(&brain->changed, &brain->lock);
            continue;
        }
        struct job job = brain->waiting;
        brain->waiting = (struct job){0};
        atomic_store(&brain->stop, false);
        pthread_mutex_unlock(&brain->lock);
        if (job.kind == JOB_CHOOSE)
            brain_do_choose(brain, &job);
        else if (job.kind == JOB_ANALYSE)
            brain_do_analyse(brain, &job);
        else if (job.kind == JOB_STUDY)
            brain_do_study(brain, &job);
        else
            brain_do_ponder(brain, &job);
        brain_line_clear(&job.line);
        pthread_mutex_lock(&brain->lock);
    }
    if (brain->cut.kind != JOB_NONE)
        do_cut_study(brain);
    pthread_mutex_unlock(&brain->lock);
    for (int i = 0; i < 2; i++)
        brain_close_seat(&brain->seats[i]);
    brain_close_seat(&brain->analyst);
    return NULL;
}

struct brain *brain_start(const struct brain_config *config)
{
    struct brain *brain = g_new0(struct brain, 1);
    brain->config = *config;
    g_queue_init(&brain->events);
    pthread_mutex_init(&brain->lock, NULL);
    pthread_cond_init(&brain->changed, NULL);
    if (pthread_create(&brain->thread, NULL, run, brain) != 0)
        g_error("the system refuses a thread; free memory or raise its limit of processes");
    return brain;
}

/* Cancels the current and the waiting job. Call with the lock held. */
static void cancel_locked(struct brain *brain)
{
    if (brain->waiting.kind == JOB_STUDY && brain->waiting.outcome != GAME_ONGOING) {
        brain_line_clear(&brain->cut.line);
        brain->cut = brain->waiting;
    } else {
        brain_line_clear(&brain->waiting.line);
    }
    brain->waiting = (struct job){0};
    brain->current = ++brain->tickets;
    brain->has_found = false;
    g_queue_clear_full(&brain->events, g_free);
    atomic_store(&brain->stop, true);
    if (brain->choosing)
        agent_stop(brain->choosing);
}

void brain_end(struct brain *brain)
{
    pthread_mutex_lock(&brain->lock);
    cancel_locked(brain);
    brain->ending = true;
    pthread_cond_signal(&brain->changed);
    pthread_mutex_unlock(&brain->lock);
    pthread_join(brain->thread, NULL);
    pthread_mutex_destroy(&brain->lock);
    pthread_cond_destroy(&brain->changed);
    g_clear_pointer(&brain->cautions, g_hash_table_unref);
    g_free(brain);
}

static uint32_t submit(struct brain *brain, struct job *job, const struct brain_line *line)
{
    brain_line_copy(&job->line, line);
    pthread_mutex_lock(&brain->lock);
    cancel_locked(brain);
    job->ticket = brain->current;
    g_strlcpy(job->memory, brain->memory, sizeof job->memory);
    brain->waiting = *job;
    pthread_cond_signal(&brain->changed);
    pthread_mutex_unlock(&brain->lock);
    return job->ticket;
}

uint32_t brain_choose(struct brain *brain, const struct brain_line *line, const char *spec,
                      const struct agent_clock *clock, uint64_t seed, bool listens)
{
    struct job job = {
        .kind = JOB_CHOOSE, .clock = clock ? *clock : (struct agent_clock){0}, .seed = seed, .listens = listens};
    g_strlcpy(job.spec, spec, sizeof job.spec);
    return submit(brain, &job, line);
}

uint32_t brain_analyse(struct brain *brain, const struct brain_line *line, const char *net, int64_t visits)
{
    struct job job = {.kind = JOB_ANALYSE, .visits = visits};
    g_strlcpy(job.spec, net, sizeof job.spec);
    return submit(brain, &job, line);
}

uint32_t brain_ponder(struct brain *brain, const struct brain_line *line, const char *spec, uint64_t seed)
{
    struct job job = {.kind = JOB_PONDER, .seed = seed};
    g_strlcpy(job.spec, spec, sizeof job.spec);
    return submit(brain, &job, line);
}

uint32_t brain_study(struct brain *brain, const struct brain_line *line, enum game_outcome outcome, uint64_t seed)
{
    struct job job = {.kind = JOB_STUDY, .outcome = outcome, .seed = seed};
    return submit(brain, &job, line);
}

void brain_set_memory(struct brain *brain, const char *path)
{
    pthread_mutex_lock(&brain->lock);
    g_strlcpy(brain->memory, path, sizeof brain->memory);
    pthread_mutex_unlock(&brain->lock);
}

void brain_move_now(struct brain *brain)
{
    pthread_mutex_lock(&brain->lock);
    if (brain->waiting.kind == JOB_NONE) /* otherwise the job has not started, and starting resets the flag */
        atomic_store(&brain->stop, true);
    if (brain->choosing)
        agent_stop(brain->choosing);
    pthread_mutex_unlock(&brain->lock);
}

void brain_cancel(struct brain *brain)
{
    pthread_mutex_lock(&brain->lock);
    cancel_locked(brain);
    pthread_mutex_unlock(&brain->lock);
}

enum brain_event_kind brain_poll(struct brain *brain, struct brain_event *event, struct analysis *found)
{
    *event = (struct brain_event){.kind = BRAIN_NO_EVENT};
    pthread_mutex_lock(&brain->lock);
    struct brain_event *first = brain->caution[0] ? NULL : g_queue_pop_head(&brain->events);
    if (brain->caution[0]) {
        event->kind = BRAIN_CAUTIONS;
        g_strlcpy(event->message, brain->caution, sizeof event->message);
        brain->caution[0] = '\0';
    } else if (first) {
        *event = *first;
        g_free(first);
    } else if (brain->has_found) {
        event->kind = BRAIN_FOUND;
        event->ticket = brain->found.ticket;
        *found = brain->found;
        brain->has_found = false;
    }
    pthread_mutex_unlock(&brain->lock);
    return event->kind;
}
