#include "engine/store/writer.h"

#include <pthread.h>
#include <time.h>

#include "engine/store/record.h"
#include "engine/store/store.h"

enum { MUCH = 2 * 1000 * 1000, TOO_MUCH = 4 * MUCH }; /* bytes */

struct writer {
    struct writer_config config;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* signalled to stop, and when much waits */
    GPtrArray *queue;       /* guarded by lock */
    size_t waiting;         /* bytes of the queue; guarded by lock */
    size_t underway;        /* bytes that are being committed; guarded by lock */
    bool stopping;          /* guarded by lock */
    int64_t added;          /* games in the store once the queue is committed; guarded by lock */
    bool started;
    int64_t games; /* used by the thread only */
};

static GPtrArray *new_queue(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)record_unref);
}

static void wait_a_second(struct writer *writer)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += 1;
    while (!writer->stopping && writer->waiting < MUCH &&
           pthread_cond_timedwait(&writer->changed, &writer->lock, &until) == 0)
        ;
}

static void commit(struct writer *writer, GPtrArray *games)
{
    GError *error = NULL;
    while (!store_add_games(writer->config.store, (struct record *const *)games->pdata, (int)games->len, &error)) {
        if (writer->config.again && writer->config.again(writer->config.user, &error))
            continue;
        writer->config.failed(writer->config.user, error);
        return;
    }
    writer->games += games->len;
    pthread_mutex_lock(&writer->lock);
    writer->underway = 0;
    pthread_mutex_unlock(&writer->lock);
    writer->config.committed(writer->config.user, writer->games);
}

static void *run(void *user)
{
    struct writer *writer = user;
    pthread_setname_np(pthread_self(), "writer");
    bool stopping = false;
    while (!stopping) {
        pthread_mutex_lock(&writer->lock);
        wait_a_second(writer);
        stopping = writer->stopping;
        GPtrArray *games = writer->queue;
        writer->queue = new_queue();
        writer->underway = writer->waiting;
        writer->waiting = 0;
        pthread_mutex_unlock(&writer->lock);
        if (games->len > 0)
            commit(writer, games);
        g_ptr_array_unref(games);
    }
    return NULL;
}

struct writer *writer_start(const struct writer_config *config)
{
    struct writer *writer = g_new0(struct writer, 1);
    writer->config = *config;
    writer->games = writer->added = config->games;
    writer->queue = new_queue();
    pthread_mutex_init(&writer->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&writer->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    writer->started = pthread_create(&writer->thread, NULL, run, writer) == 0;
    if (writer->started)
        return writer;
    writer_stop(writer);
    return NULL;
}

int64_t writer_add(struct writer *writer, struct record *record)
{
    pthread_mutex_lock(&writer->lock);
    g_ptr_array_add(writer->queue, record_ref(record));
    writer->waiting += record_memory(record);
    if (writer->waiting >= MUCH)
        pthread_cond_signal(&writer->changed);
    const int64_t place = ++writer->added;
    pthread_mutex_unlock(&writer->lock);
    return place;
}

bool writer_is_behind(struct writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    const bool behind = writer->waiting + writer->underway >= TOO_MUCH;
    pthread_mutex_unlock(&writer->lock);
    return behind;
}

void writer_stop(struct writer *writer)
{
    if (!writer)
        return;
    pthread_mutex_lock(&writer->lock);
    writer->stopping = true;
    pthread_cond_signal(&writer->changed);
    pthread_mutex_unlock(&writer->lock);
    if (writer->started)
        pthread_join(writer->thread, NULL);
    pthread_cond_destroy(&writer->changed);
    pthread_mutex_destroy(&writer->lock);
    g_ptr_array_unref(writer->queue);
    g_free(writer);
}
