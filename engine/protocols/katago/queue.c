/* The queue of tasks, ordered by priority, and the worker threads. */
#include <string.h>

#include "agents/agent.h"
#include "engine/protocols/katago/analysis.h"
#include "engine/protocols/katago/session.h"

/* Higher priority first, then in order of arrival. */
static gint compare(gconstpointer a, gconstpointer b, gpointer data)
{
    const struct analysis_task *x = a, *y = b;
    (void)data;
    if (x->priority != y->priority)
        return x->priority > y->priority ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

/* Call with the lock held. */
static void release(struct analysis_query *query)
{
    if (--query->references == 0)
        analysis_query_free(query);
}

void analysis_queue_release(struct analysis *analysis, struct analysis_query *query)
{
    pthread_mutex_lock(&analysis->lock);
    release(query);
    pthread_mutex_unlock(&analysis->lock);
}

/* Call with the lock held. */
static void free_task(struct analysis_task *task)
{
    release(task->query);
    g_free(task);
}

void analysis_queue_add(struct analysis *analysis, struct analysis_query *query, int turn, int64_t priority)
{
    struct analysis_task *task = g_new0(struct analysis_task, 1);
    pthread_mutex_lock(&analysis->lock);
    *task = (struct analysis_task){.query = query, .turn = turn, .priority = priority, .number = analysis->arrivals++};
    query->references++;
    g_sequence_insert_sorted(analysis->tasks, task, compare, NULL);
    pthread_cond_signal(&analysis->changed);
    pthread_mutex_unlock(&analysis->lock);
}

/* Whether a task has this id (NULL: any) and one of these turns (NULL: any). */
static bool matches(const struct analysis_task *task, const char *id, const GArray *turns)
{
    if (id && strcmp(task->query->id, id) != 0)
        return false;
    bool found = !turns;
    for (guint i = 0; turns && i < turns->len; i++)
        found |= g_array_index(turns, int64_t, i) == task->turn;
    return found;
}

void analysis_queue_stop(struct analysis *analysis, const char *id, const GArray *turns)
{
    pthread_mutex_lock(&analysis->lock);
    for (int i = 0; i < analysis->config.workers; i++) {
        struct analysis_task *task = analysis->workers[i].task;
        if (task && matches(task, id, turns))
            atomic_store(&task->stop, true);
    }
    GSequenceIter *at = g_sequence_get_begin_iter(analysis->tasks);
    while (!g_sequence_iter_is_end(at)) {
        struct analysis_task *task = g_sequence_get(at);
        GSequenceIter *next = g_sequence_iter_next(at);
        if (matches(task, id, turns)) {
            analysis_send(analysis, analysis_no_results(task));
            g_sequence_remove(at);
            free_task(task);
        }
        at = next;
    }
    pthread_mutex_unlock(&analysis->lock);
}

/* ---- workers ---- */

/* Call with the lock held. */
static struct analysis_task *take(struct analysis *analysis)
{
    while (g_sequence_is_empty(analysis->tasks) && !analysis->ended)
        pthread_cond_wait(&analysis->changed, &analysis->lock);
    if (g_sequence_is_empty(analysis->tasks))
        return NULL;
    GSequenceIter *first = g_sequence_get_begin_iter(analysis->tasks);
    struct analysis_task *task = g_sequence_get(first);
    g_sequence_remove(first);
    return task;
}

static void *work(void *data)
{
    struct analysis_worker *worker = data;
    struct analysis *analysis = worker->analysis;
    pthread_mutex_lock(&analysis->lock);
    while ((worker->task = take(analysis))) {
        struct analysis_task *task = worker->task;
        bool stale = worker->cache_generation != analysis->cache_generation;
        worker->cache_generation = analysis->cache_generation;
        pthread_mutex_unlock(&analysis->lock);
        if (stale) {
            agent_close(worker->agent);
            worker->agent = NULL;
        }
        analysis_run_task(worker, task);
        pthread_mutex_lock(&analysis->lock);
        worker->task = NULL;
        free_task(task);
    }
    pthread_mutex_unlock(&analysis->lock);
    return NULL;
}

void analysis_queue_start(struct analysis *analysis)
{
    analysis->ended = false;
    for (int i = 0; i < analysis->config.workers; i++)
        if (pthread_create(&analysis->workers[i].thread, NULL, work, &analysis->workers[i]) != 0) {
            if (i == 0)
                g_error("the system refuses a thread; free memory or raise its limit of processes");
            analysis->config.workers = i; /* fewer positions at a time */
        }
}

/* Removes queued tasks and stops running ones. */
static void cancel_tasks(struct analysis *analysis)
{
    while (!g_sequence_is_empty(analysis->tasks)) {
        GSequenceIter *first = g_sequence_get_begin_iter(analysis->tasks);
        struct analysis_task *task = g_sequence_get(first);
        g_sequence_remove(first);
        free_task(task);
    }
    for (int i = 0; i < analysis->config.workers; i++)
        if (analysis->workers[i].task)
            atomic_store(&analysis->workers[i].task->stop, true);
}

void analysis_queue_cancel(struct analysis *analysis)
{
    pthread_mutex_lock(&analysis->lock);
    cancel_tasks(analysis);
    pthread_mutex_unlock(&analysis->lock);
}

void analysis_queue_end(struct analysis *analysis, bool cancel)
{
    pthread_mutex_lock(&analysis->lock);
    if (cancel)
        cancel_tasks(analysis);
    analysis->ended = true;
    pthread_cond_broadcast(&analysis->changed);
    pthread_mutex_unlock(&analysis->lock);
    for (int i = 0; i < analysis->config.workers; i++)
        pthread_join(analysis->workers[i].thread, NULL);
}
