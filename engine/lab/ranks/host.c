/* Rank 0: which slice is trained where. */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "engine/cluster/host.h"
#include "engine/cluster/load.h"
#include "engine/cluster/message.h"
#include "engine/lab/lab.h"
#include "engine/lab/ledger.h"
#include "engine/lab/plan.h"
#include "engine/lab/ranks/ranks.h"

enum { LOOK_US = 200000 /* between two looks at whether the lab is to stop */ };

/* An arm with a seed: its slices follow each other. */
struct unit {
    struct ledger_progress progress;
    bool busy;
};

struct lab_ranks {
    struct lab *lab;
    pthread_mutex_t lock; /* guards the ledger, too, while the ranks train */
    pthread_cond_t changed;
    struct unit (*units)[LAB_MAX_SEEDS]; /* [arm][seed] */
    int busy;                            /* units */
    int64_t place;                       /* results from other ranks */
    GError *error;                       /* the first one */
    atomic_bool stop;                    /* nothing more is trained */
};

/* ---- units; the lock is held ---- */

enum found { FOUND, NONE_NOW, NONE_LEFT };

/* The first step of the order (lab_order) that can be done. */
static enum found take_unit(struct lab_ranks *ranks, int64_t *step)
{
    const struct lab_plan *plan = ranks->lab->plan;
    const int64_t steps = plan->keys.slices * plan->seed_count * plan->arm_count;
    for (*step = 0; !atomic_load(&ranks->stop) && *step < steps; ++*step) {
        int64_t slice;
        int seed, arm;
        lab_order(plan, *step, &slice, &seed, &arm);
        struct unit *unit = &ranks->units[arm][seed];
        if (unit->busy || unit->progress.slices != slice)
            continue;
        unit->busy = true;
        ranks->busy++;
        return FOUND;
    }
    return ranks->busy ? NONE_NOW : NONE_LEFT;
}

static void fail(struct lab_ranks *ranks, GError *error)
{
    if (ranks->error)
        g_error_free(error);
    else
        ranks->error = error;
    atomic_store(&ranks->stop, true);
    pthread_cond_broadcast(&ranks->changed);
}

/* The unit is free again. What has been done is kept. */
static void return_unit(struct lab_ranks *ranks, int arm, int seed, const struct ledger_progress *progress)
{
    const struct lab_plan *plan = ranks->lab->plan;
    struct unit *unit = &ranks->units[arm][seed];
    GError *error = NULL;
    unit->busy = false;
    unit->progress = *progress;
    ranks->busy--;
    if (!ledger_keep_progress(ranks->lab->ledger, plan->arms[arm].name, plan->seeds[seed], progress, &error))
        fail(ranks, error);
    pthread_cond_broadcast(&ranks->changed);
}

/* ---- the link's thread ---- */

static bool next(void *user, uint64_t *number, GByteArray *message)
{
    struct lab_ranks *ranks = user;
    int64_t step, slice;
    int seed, arm;
    pthread_mutex_lock(&ranks->lock);
    const bool any = take_unit(ranks, &step) == FOUND;
    if (any) {
        lab_order(ranks->lab->plan, step, &slice, &seed, &arm);
        lab_put_progress(message, &ranks->units[arm][seed].progress);
    }
    pthread_mutex_unlock(&ranks->lock);
    *number = (uint64_t)step;
    return any;
}

static void announce(const struct lab *lab, int from, int arm, int seed, const struct ledger_progress *progress)
{
    if (!lab->log)
        return;
    fprintf(lab->log,
            "Arm %s, seed %" G_GINT64_FORMAT ": rank %d has trained %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT
            " slices, %.1f s of processor time in all\n",
            lab->plan->arms[arm].name, lab->plan->seeds[seed], from, progress->slices, lab->plan->keys.slices,
            progress->seconds);
    fflush(lab->log);
}

static int64_t take(void *user, int from, uint64_t number, uint64_t evaluations, const void *data, size_t size,
                    GError **error)
{
    (void)evaluations;
    struct lab_ranks *ranks = user;
    struct message_reader fields = {.at = data, .left = size, .good = true};
    struct ledger_progress progress;
    int64_t slice;
    int seed, arm;
    lab_order(ranks->lab->plan, (int64_t)number, &slice, &seed, &arm);
    lab_take_progress(&fields, &progress);
    if (!fields.good || progress.slices < slice || progress.slices > slice + 1) {
        g_set_error_literal(error, CLUSTER_ERROR, CLUSTER_ERROR_LOST, "it does not say what was trained");
        return -1;
    }
    pthread_mutex_lock(&ranks->lock);
    return_unit(ranks, arm, seed, &progress);
    const int64_t place = ++ranks->place;
    const bool kept = !ranks->error;
    pthread_mutex_unlock(&ranks->lock);
    announce(ranks->lab, from, arm, seed, &progress);
    if (kept)
        cluster_host_committed(ranks->lab->cluster, place);
    return place;
}

static void stop(void *user)
{
    struct lab_ranks *ranks = user;
    pthread_mutex_lock(&ranks->lock);
    atomic_store(&ranks->stop, true);
    pthread_cond_broadcast(&ranks->changed);
    pthread_mutex_unlock(&ranks->lock);
}

static void failed(void *user, GError *error)
{
    struct lab_ranks *ranks = user;
    pthread_mutex_lock(&ranks->lock);
    fail(ranks, error);
    pthread_mutex_unlock(&ranks->lock);
}

static const struct cluster_work_ops lab_ops = {.next = next, .take = take, .stop = stop, .failed = failed};

/* ---- this rank ---- */

/* Whether there may be more to do. The lock is held, but not while a slice is trained. */
static bool train_one(struct lab_ranks *ranks, FILE *out)
{
    struct lab *lab = ranks->lab;
    int64_t step, slice;
    int seed, arm;
    GError *error = NULL;
    const enum found found = take_unit(ranks, &step);
    if (found == NONE_NOW) {
        const int64_t until_us = g_get_monotonic_time() + LOOK_US;
        const struct timespec until = {until_us / G_USEC_PER_SEC, until_us % G_USEC_PER_SEC * 1000};
        pthread_cond_timedwait(&ranks->changed, &ranks->lock, &until);
    }
    if (found != FOUND)
        return found == NONE_NOW && !atomic_load(&ranks->stop);
    lab_order(lab->plan, step, &slice, &seed, &arm);
    struct ledger_progress progress = ranks->units[arm][seed].progress;
    pthread_mutex_unlock(&ranks->lock);
    const enum lab_end end = lab_train_slice(lab, arm, seed, slice, &progress, out, &error);
    pthread_mutex_lock(&ranks->lock);
    return_unit(ranks, arm, seed, &progress);
    if (end == LAB_FAILED)
        fail(ranks, error);
    else if (end == LAB_STOPPED)
        atomic_store(&ranks->stop, true);
    return end == LAB_FINISHED;
}

static void train_here(struct lab_ranks *ranks, FILE *out)
{
    pthread_mutex_lock(&ranks->lock);
    while (train_one(ranks, out))
        if (ranks->lab->stop && atomic_load(ranks->lab->stop))
            atomic_store(&ranks->stop, true);
    pthread_mutex_unlock(&ranks->lock);
}

/* ---- start and end ---- */

static bool load_units(struct lab_ranks *ranks, bool *any, GError **error)
{
    const struct lab_plan *plan = ranks->lab->plan;
    *any = false;
    ranks->units = g_malloc0(sizeof *ranks->units * (size_t)plan->arm_count);
    for (int arm = 0; arm < plan->arm_count; arm++)
        for (int seed = 0; seed < plan->seed_count; seed++) {
            struct ledger_progress *progress = &ranks->units[arm][seed].progress;
            if (!ledger_progress(ranks->lab->ledger, plan->arms[arm].name, plan->seeds[seed], progress, error))
                return false;
            *any = *any || progress->slices < plan->keys.slices;
        }
    return true;
}

/* What the ranks need: where rank 0 works, the file, the folder with a mark, and how many games of the data count. NULL with the
 * error set. */
static GBytes *make_welcome(const struct lab *lab, GError **error)
{
    char *mark = g_uuid_string_random(), *path = lab_mark_path(lab->folder), *text = NULL;
    char *here = g_get_current_dir();
    gsize length;
    GByteArray *message = NULL;
    if (g_file_get_contents(lab->plan->file, &text, &length, error) && g_file_set_contents(path, mark, -1, error)) {
        message = message_new(MESSAGE_WELCOME);
        message_put_text(message, LAB_WORK);
        message_put_text(message, here);
        message_put_text(message, lab->plan->file);
        message_put_bytes(message, text, length);
        message_put_text(message, lab->folder);
        message_put_text(message, mark);
        message_put_u64(message, (uint64_t)lab->data.before);
    }
    g_free(here);
    g_free(text);
    g_free(path);
    g_free(mark);
    return message ? message_finish(message) : NULL;
}

static void remove_mark(const struct lab *lab)
{
    char *path = lab_mark_path(lab->folder);
    unlink(path);
    g_free(path);
}

static bool is_done(const struct lab_ranks *ranks)
{
    const struct lab_plan *plan = ranks->lab->plan;
    for (int arm = 0; arm < plan->arm_count; arm++)
        for (int seed = 0; seed < plan->seed_count; seed++)
            if (ranks->units[arm][seed].progress.slices < plan->keys.slices)
                return false;
    return true;
}

static enum lab_end train_all(struct lab_ranks *ranks, FILE *out, GError **error)
{
    struct lab *lab = ranks->lab;
    GBytes *welcome = make_welcome(lab, error);
    if (!welcome)
        return LAB_FAILED;
    cluster_host_serve_work(lab->cluster, welcome, &lab_ops, ranks);
    lab->stop_training = &ranks->stop;
    train_here(ranks, out);
    lab->stop_training = NULL;
    /* Ranks that train hand in how far they got. */
    (is_done(ranks) ? cluster_host_end_work : cluster_host_finish)(lab->cluster);
    remove_mark(lab);
    if (ranks->error)
        g_propagate_error(error, g_steal_pointer(&ranks->error));
    else
        return is_done(ranks) ? LAB_FINISHED : LAB_STOPPED;
    return LAB_FAILED;
}

enum lab_end lab_train_on_ranks(struct lab *lab, FILE *out, GError **error)
{
    struct lab_ranks ranks = {.lab = lab};
    enum lab_end end = LAB_FAILED;
    bool any;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&ranks.changed, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&ranks.lock, NULL);
    if (load_units(&ranks, &any, error))
        end = any ? train_all(&ranks, out, error) : LAB_FINISHED;
    pthread_cond_destroy(&ranks.changed);
    pthread_mutex_destroy(&ranks.lock);
    g_clear_error(&ranks.error);
    g_free(ranks.units);
    return end;
}
