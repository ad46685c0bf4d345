#include "net/train/crew.h"

#include <glib.h>
#include <pthread.h>
#include <stdbool.h>

struct helper {
    struct crew_helpers *all;
    pthread_t thread;
    int lane;
};

struct crew_helpers {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* there is a job; all helpers have ended it */
    /* Guarded by the lock. */
    unsigned job; /* its number: a helper does each one once */
    int lanes;    /* of the present job; helpers of higher lanes have nothing to do */
    int busy;     /* helpers that have not ended it */
    bool ending;
    void (*work)(void *user, int lane);
    void *user;
    struct helper **helper; /* the owner's alone */
};

static void *help(void *argument)
{
    const struct helper *helper = argument;
    struct crew_helpers *all = helper->all;
    unsigned done = 0;
    pthread_mutex_lock(&all->lock);
    for (;;) {
        while (!all->ending && (all->job == done || helper->lane >= all->lanes))
            pthread_cond_wait(&all->changed, &all->lock);
        if (all->ending)
            break;
        done = all->job;
        pthread_mutex_unlock(&all->lock);
        all->work(all->user, helper->lane);
        pthread_mutex_lock(&all->lock);
        if (--all->busy == 0)
            pthread_cond_broadcast(&all->changed);
    }
    pthread_mutex_unlock(&all->lock);
    return NULL;
}

/* One more; false if the system refuses it. */
static bool add(struct crew *crew)
{
    struct helper *helper = g_new0(struct helper, 1);
    if (!crew->helpers) {
        crew->helpers = g_new0(struct crew_helpers, 1);
        pthread_mutex_init(&crew->helpers->lock, NULL);
        pthread_cond_init(&crew->helpers->changed, NULL);
    }
    *helper = (struct helper){.all = crew->helpers, .lane = crew->count + 1};
    if (pthread_create(&helper->thread, NULL, help, helper) != 0) {
        g_free(helper);
        return false;
    }
    crew->helpers->helper = g_renew(struct helper *, crew->helpers->helper, crew->count + 1);
    crew->helpers->helper[crew->count++] = helper;
    return true;
}

void crew_run(struct crew *crew, int threads, void (*work)(void *user, int lane), void *user)
{
    while (crew->count < threads - 1 && add(crew))
        ;
    const int lanes = MIN(threads, crew->count + 1);
    struct crew_helpers *all = crew->helpers;
    if (lanes > 1) {
        pthread_mutex_lock(&all->lock);
        all->job++;
        all->lanes = lanes;
        all->busy = lanes - 1;
        all->work = work;
        all->user = user;
        pthread_cond_broadcast(&all->changed);
        pthread_mutex_unlock(&all->lock);
    }
    work(user, 0);
    if (lanes == 1)
        return;
    pthread_mutex_lock(&all->lock);
    while (all->busy > 0)
        pthread_cond_wait(&all->changed, &all->lock);
    all->lanes = 1;
    pthread_mutex_unlock(&all->lock);
}

void crew_end(struct crew *crew)
{
    struct crew_helpers *all = crew->helpers;
    if (!all)
        return;
    pthread_mutex_lock(&all->lock);
    all->ending = true;
    pthread_cond_broadcast(&all->changed);
    pthread_mutex_unlock(&all->lock);
    for (int i = 0; i < crew->count; i++) {
        pthread_join(all->helper[i]->thread, NULL);
        g_free(all->helper[i]);
    }
    pthread_cond_destroy(&all->changed);
    pthread_mutex_destroy(&all->lock);
    g_free(all->helper);
    g_free(all);
    *crew = (struct crew){0};
}
