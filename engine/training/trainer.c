#include "engine/cluster/host.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "engine/store/store.h"
#include "engine/training/learner.h"
#include "engine/training/progress.h"
#include "engine/training/recovery/disk.h"
#include "engine/training/replay/replay_window.h"
#include "engine/training/reporter.h"
#include "engine/training/training.h"
#include "engine/training/training_internal.h"
#include "engine/training/training_threads.h"
#include "net/net.h"
#include "net/train.h"

static double used(const struct training *t)
{
    return training_limited_clock(t->options) - t->began;
}

/* What is stored with checkpoints. */
static double worked(const struct training *t)
{
    return training_worked(t->options, t->started, t->began);
}

/* Publishes the learner's counters to the other threads. */
static void publish(struct training *t, const struct learner *learner, const struct net_losses *losses)
{
    pthread_mutex_lock(&t->lock);
    const struct settings *settings = t->options->settings;
    t->credit = learner_credit(learner);
    training_tally_learner(&t->tally, learner);
    if (t->made_before < 0)
        t->made_before = t->tally.now.rows;
    t->behind = t->credit - (settings->samples_per_row - settings_floor_samples(settings)) *
                                (double)(t->tally.now.rows - t->made_before);
    if (losses)
        loss_sums_add(&t->tally.losses, losses);
    if (t->options->steps && t->tally.now.steps >= t->options->steps)
        t->stopping = true;
    pthread_cond_broadcast(&t->changed);
    pthread_mutex_unlock(&t->lock);
}

static void publish_net(struct training *t, const struct learner *learner)
{
    pthread_mutex_lock(&t->lock);
    net_unref(t->net);
    t->net = net_ref(learner_net(learner));
    t->tally.now.generation = t->generation = learner_at(learner)->generation;
    if (t->options->generations && t->generation >= t->options->generations)
        t->stopping = true;
    t->ready = true;
    pthread_cond_broadcast(&t->changed);
    pthread_mutex_unlock(&t->lock);
    if (t->options->cluster)
        cluster_host_set_net(t->options->cluster, learner_net(learner), learner_at(learner)->generation);
    training_announce_checkpoint(t->options, learner_at(learner));
}

/* Judging may take SHARE of the time: where many ranks deliver games faster than that allows, the report covers a sample of them. */
static void add_game(struct training *t, struct learner *learner, struct record *record)
{
    static const double SHARE = 0.05;
    struct net_losses losses;
    const double began = training_clock();
    const bool judged = began >= t->judge_at && learner_judge(learner, record, &losses);
    if (judged)
        t->judge_at = began + (training_clock() - began) / SHARE;
    learner_add(learner, record);
    if (!judged)
        return;
    pthread_mutex_lock(&t->lock);
    loss_sums_add(&t->tally.unseen, &losses);
    pthread_mutex_unlock(&t->lock);
}

/* Waits for new records or enough credit for a batch and adds the records to the window. *step: whether there is credit
 * for a step. Returns false when the run is stopping. */
static bool next_step(struct training *t, struct learner *learner, bool *step)
{
    pthread_mutex_lock(&t->lock);
    while (!t->stopping && t->inbox->len == 0 && t->credit < (double)t->options->settings->batch)
        pthread_cond_wait(&t->changed, &t->lock);
    GPtrArray *inbox = t->inbox;
    t->inbox = g_ptr_array_new_with_free_func((GDestroyNotify)record_unref);
    t->owed_inbox = 0;
    t->inbox_bytes = 0;
    bool proceed = !t->stopping;
    pthread_mutex_unlock(&t->lock);
    for (guint i = 0; i < inbox->len; i++)
        add_game(t, learner, inbox->pdata[i]);
    g_ptr_array_unref(inbox);
    publish(t, learner, NULL);
    *step = learner_credit(learner) >= (double)t->options->settings->batch;
    return proceed;
}

/* Workers that wait, because training is behind or a game has just ended, leave their slots to the step. */
static bool make_step(struct training *t, struct learner *learner, bool more, GError **error)
{
    struct net_losses losses;
    pthread_mutex_lock(&t->lock);
    training_start_running(t, true);
    const int threads = 1 + training_take_free(t);
    pthread_mutex_unlock(&t->lock);
    const double schedule = training_schedule(t->options, used(t), learner_steps(learner));
    bool good = learner_step(learner, schedule, threads, more, &losses, error);
    pthread_mutex_lock(&t->lock);
    training_stop_running(t, threads);
    pthread_mutex_unlock(&t->lock);
    publish(t, learner, &losses);
    return good;
}

static bool checkpoint(struct training *t, struct learner *learner, GError **error)
{
    GError *problem = NULL;
    while (!learner_checkpoint(learner, worked(t), NULL, 0, &problem)) {
        if (disk_wait(&t->pause, &problem, training_is_stopping, t))
            continue;
        g_propagate_error(error, problem);
        return false;
    }
    disk_written(&t->pause, t->options->store);
    disk_keep_budget(&t->pause, t->options->store, t->options->settings, learner_made(learner), training_is_stopping,
                     t);
    publish_net(t, learner);
    training_judge_memories(t->options, t->memories, learner_net(learner));
    return true;
}

static bool train(struct training *t, struct learner *learner, GError **error)
{
    const struct settings *settings = t->options->settings;
    double last = training_clock();
    bool step;
    while (next_step(t, learner, &step)) {
        if (!step)
            continue;
        const bool due = learner_steps(learner) + 1 - learner_at(learner)->steps >= settings->generation_steps &&
                         training_clock() - last >= training_checkpoint_interval(settings, learner);
        if (!make_step(t, learner, !due && learner_credit(learner) >= 2 * (double)settings->batch, error))
            return false;
        if (!due)
            continue;
        if (!checkpoint(t, learner, error))
            return false;
        last = training_clock();
    }
    if (learner_must_step(learner) && !make_step(t, learner, false, error))
        return false;
    return learner_steps(learner) == learner_at(learner)->steps || checkpoint(t, learner, error);
}

void *training_run_trainer(void *user)
{
    struct training *t = user;
    pthread_setname_np(pthread_self(), "trainer");
    const struct learner_config config = training_learner_config(t->options, training_slack(t));
    struct learner *learner;
    GError *error = NULL;
    bool good = learner_create(&learner, &config, &error) == 0;
    if (good) {
        publish(t, learner, NULL);
        publish_net(t, learner);
        good = train(t, learner, &error);
    }
    if (!good)
        training_fail(t, error);
    learner_close(learner);
    return NULL;
}
