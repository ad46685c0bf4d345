#include "engine/training_internal.h"

#include <math.h>
#include <pthread.h>

#include "engine/live.h"

/* Memory of the evaluation cache of each worker: positions repeat within a game's search and between openings. */
enum { CACHE_BYTES = 8 << 20 };

struct training {
    const struct training_options *options;
    struct training_signals *signals;
    struct writer *writer;
    struct live *live; /* NULL: nobody can watch */
    double started;
    struct progress_report began; /* what the store held at the start */

    pthread_mutex_t lock;
    pthread_cond_t changed; /* broadcast whenever anything below changes that a thread may wait for */
    /* All below guarded by lock. */
    bool stopping, ready; /* ready: the learner has its first net */
    GError *failure;      /* the first one */
    struct net *net;      /* what workers play with; a reference */
    uint32_t generation;
    GPtrArray *inbox; /* records for the trainer */
    uint64_t next_number;
    double credit; /* samples that the trainer may still draw for the rows that it knows */
    double behind; /* samples that it lacks to samples_floor on the rows since the start, its first credit included */
    double owed_inbox;   /* and on those still in the inbox */
    int64_t made_before; /* rows at the start; -1 until known */
    int running, limit;  /* computing threads */
    bool trainer_wants;  /* to run: goes before the workers */
    struct progress_report now;
    struct progress_games recent;
    struct loss_sums losses;
    uint64_t evaluations;
};

struct worker {
    struct training *training;
    int index;
    struct selfplay *selfplay;
    uint32_t generation;
    uint64_t counted; /* evaluations already added to the total */
};

/* ---- what threads wait for; all with the lock held ---- */

/* Takes the error. */
static void fail(struct training *t, GError *error)
{
    pthread_mutex_lock(&t->lock);
    if (!t->failure)
        t->failure = error;
    else
        g_error_free(error);
    t->stopping = true;
    pthread_cond_broadcast(&t->changed);
    pthread_mutex_unlock(&t->lock);
}

static void start_running(struct training *t, bool trainer)
{
    if (trainer)
        t->trainer_wants = true;
    while (t->running >= t->limit || (!trainer && t->trainer_wants && !t->stopping))
        pthread_cond_wait(&t->changed, &t->lock);
    if (trainer)
        t->trainer_wants = false;
    t->running++;
}

static void stop_running(struct training *t)
{
    t->running--;
    pthread_cond_broadcast(&t->changed);
}

/* Between floor and ceiling the trainer draws what it can: neither waits for the other. */
static double floor_samples(const struct settings *settings)
{
    return fmin(settings->samples_floor, settings->samples_per_row);
}

/* How far the trainer may fall behind the floor before the workers wait for it. */
static double slack(const struct training *t)
{
    const struct settings *settings = t->options->settings;
    return (double)settings->first_rows * settings->samples_per_row + 30.0 * (double)settings->batch;
}

/* ---- workers ---- */

static bool take_net(struct worker *worker)
{
    struct training *t = worker->training;
    GError *error = NULL;
    pthread_mutex_lock(&t->lock);
    struct net *net = worker->generation != t->generation ? net_ref(t->net) : NULL;
    uint32_t generation = t->generation;
    pthread_mutex_unlock(&t->lock);
    if (!net)
        return true;
    worker->generation = generation;
    bool good = selfplay_set_net(worker->selfplay, net, generation, &error) == 0;
    net_unref(net);
    if (!good)
        fail(t, error);
    return good;
}

/* Between two moves: lets the trainer run if it wants to, takes a new net, gives up at the end. */
static bool before_move(void *user, struct selfplay *selfplay)
{
    (void)selfplay;
    struct worker *worker = user;
    struct training *t = worker->training;
    pthread_mutex_lock(&t->lock);
    bool stopping = t->stopping;
    if (!stopping && t->trainer_wants) {
        stop_running(t);
        start_running(t, false);
        stopping = t->stopping;
    }
    pthread_mutex_unlock(&t->lock);
    return !stopping && take_net(worker);
}

static void on_began(void *user, int game, uint64_t number, uint32_t generation)
{
    const struct worker *worker = user;
    live_begin(worker->training->live, worker->index, game, number, generation);
}

static void on_moved(void *user, game_move move, float value_player_0)
{
    const struct worker *worker = user;
    live_move(worker->training->live, worker->index, move, value_player_0);
}

static void hand_in(struct worker *worker, struct record *record)
{
    struct training *t = worker->training;
    writer_add(t->writer, record);
    pthread_mutex_lock(&t->lock);
    g_ptr_array_add(t->inbox, record); /* its reference goes along */
    t->owed_inbox += record->rows * floor_samples(t->options->settings);
    t->now.games++;
    t->now.positions += record->ply_count;
    progress_games_add(&t->recent, record);
    t->evaluations += selfplay_evaluations(worker->selfplay) - worker->counted;
    pthread_cond_broadcast(&t->changed);
    pthread_mutex_unlock(&t->lock);
    worker->counted = selfplay_evaluations(worker->selfplay);
}

/* Waits until there is need of another game; false at the end. */
static bool next_game(struct training *t, uint64_t *number)
{
    pthread_mutex_lock(&t->lock);
    while (!t->stopping && t->behind + t->owed_inbox > slack(t))
        pthread_cond_wait(&t->changed, &t->lock);
    bool going = !t->stopping;
    if (going) {
        *number = t->next_number++;
        start_running(t, false);
    }
    pthread_mutex_unlock(&t->lock);
    return going;
}

static bool open_worker(struct worker *worker)
{
    struct training *t = worker->training;
    GError *error = NULL;
    pthread_mutex_lock(&t->lock);
    struct net *net = net_ref(t->net);
    worker->generation = t->generation;
    pthread_mutex_unlock(&t->lock);
    struct selfplay_config config = {.games = t->options->games,
                                     .game_count = t->options->game_count,
                                     .settings = t->options->settings,
                                     .net = net,
                                     .backend = t->options->backend,
                                     .dtype = t->options->dtype,
                                     .cache_bytes = CACHE_BYTES,
                                     .before_move = before_move,
                                     .began = on_began,
                                     .moved = on_moved,
                                     .user = worker};
    bool good = selfplay_create(&worker->selfplay, &config, &error) == 0 &&
                selfplay_set_net(worker->selfplay, net, worker->generation, &error) == 0;
    net_unref(net);
    if (!good)
        fail(t, error);
    return good;
}

static void *run_worker(void *user)
{
    struct worker *worker = user;
    struct training *t = worker->training;
    uint64_t number;
    if (open_worker(worker))
        while (next_game(t, &number)) {
            struct record *record = NULL;
            if (take_net(worker))
                record = selfplay_play(worker->selfplay, number, training_game_seed(t->options->settings, number));
            pthread_mutex_lock(&t->lock);
            stop_running(t);
            pthread_mutex_unlock(&t->lock);
            if (record)
                hand_in(worker, record);
        }
    selfplay_close(worker->selfplay);
    return NULL;
}

/* ---- the trainer ---- */

static double fraction_used(const struct training *t)
{
    return t->options->seconds > 0 ? (training_clock() - t->started) / t->options->seconds : 0;
}

/* What the others may see of the learner. */
static void publish(struct training *t, const struct learner *learner, const struct net_losses *losses)
{
    pthread_mutex_lock(&t->lock);
    const struct settings *settings = t->options->settings;
    t->credit = learner_credit(learner);
    t->now.rows = learner_made(learner);
    if (t->made_before < 0)
        t->made_before = t->now.rows;
    t->behind =
        t->credit - (settings->samples_per_row - floor_samples(settings)) * (double)(t->now.rows - t->made_before);
    t->now.window_rows = learner_window_rows(learner);
    t->now.steps = learner_steps(learner);
    t->now.samples = learner_samples(learner);
    t->now.roll_backs = learner_roll_backs(learner);
    if (losses)
        loss_sums_add(&t->losses, losses);
    pthread_cond_broadcast(&t->changed);
    pthread_mutex_unlock(&t->lock);
}

static void publish_net(struct training *t, const struct learner *learner)
{
    pthread_mutex_lock(&t->lock);
    net_unref(t->net);
    t->net = net_ref(learner_net(learner));
    t->now.generation = t->generation = learner_at(learner)->generation;
    if (t->options->generations && t->generation >= t->options->generations)
        t->stopping = true;
    t->ready = true;
    pthread_cond_broadcast(&t->changed);
    pthread_mutex_unlock(&t->lock);
    training_announce_checkpoint(t->options, learner_at(learner));
}

/* Waits until there is a batch to train on and room to run in; takes what came in. False at the end. */
static bool next_step(struct training *t, struct learner *learner, bool *step)
{
    pthread_mutex_lock(&t->lock);
    while (!t->stopping && t->inbox->len == 0 && t->credit < (double)t->options->settings->batch)
        pthread_cond_wait(&t->changed, &t->lock);
    GPtrArray *inbox = t->inbox;
    t->inbox = g_ptr_array_new_with_free_func((GDestroyNotify)record_unref);
    t->owed_inbox = 0;
    bool going = !t->stopping;
    pthread_mutex_unlock(&t->lock);
    for (guint i = 0; i < inbox->len; i++)
        learner_add(learner, inbox->pdata[i]);
    g_ptr_array_unref(inbox);
    publish(t, learner, NULL);
    *step = learner_credit(learner) >= (double)t->options->settings->batch;
    return going;
}

static bool make_step(struct training *t, struct learner *learner, GError **error)
{
    struct net_losses losses;
    pthread_mutex_lock(&t->lock);
    start_running(t, true);
    pthread_mutex_unlock(&t->lock);
    bool good = learner_step(learner, fraction_used(t), &losses, error);
    pthread_mutex_lock(&t->lock);
    stop_running(t);
    pthread_mutex_unlock(&t->lock);
    publish(t, learner, &losses);
    return good;
}

static bool checkpoint(struct training *t, struct learner *learner, GError **error)
{
    if (!learner_checkpoint(learner, training_clock() - t->started, NULL, 0, error))
        return false;
    publish_net(t, learner);
    return true;
}

/* Nets follow each other quickly at first; later, when each changes little, disks are spared. */
static double generation_interval(const struct training *t, const struct learner *learner)
{
    double trained = learner_at(learner)->seconds;
    return fmax(t->options->settings->generation_seconds, fmin(60, trained / 600));
}

static bool train(struct training *t, struct learner *learner, GError **error)
{
    const struct settings *settings = t->options->settings;
    double last = training_clock();
    bool step;
    while (next_step(t, learner, &step)) {
        if (!step)
            continue;
        if (!make_step(t, learner, error))
            return false;
        if (learner_steps(learner) - learner_at(learner)->steps < settings->generation_steps ||
            training_clock() - last < generation_interval(t, learner))
            continue;
        if (!checkpoint(t, learner, error))
            return false;
        last = training_clock();
    }
    return learner_steps(learner) == learner_at(learner)->steps || checkpoint(t, learner, error);
}

static void *run_trainer(void *user)
{
    struct training *t = user;
    const struct training_options *options = t->options;
    struct learner_config config = {.store = options->store,
                                    .settings = options->settings,
                                    .games = options->games,
                                    .game_count = options->game_count,
                                    .backend = options->backend,
                                    .dtype = options->dtype,
                                    .command = options->command,
                                    .most_credit = slack(t)};
    struct learner *learner;
    GError *error = NULL;
    bool good = learner_create(&learner, &config, &error) == 0;
    if (good) {
        publish(t, learner, NULL);
        publish_net(t, learner);
        good = train(t, learner, &error);
    }
    if (!good)
        fail(t, error);
    learner_close(learner);
    return NULL;
}

/* ---- the main thread ---- */

static void on_committed(void *user, int64_t games)
{
    struct training *t = user;
    training_announce_games(t->options, games);
}

static void on_failed(void *user, GError *error)
{
    fail(user, error);
}

struct reporter {
    double last;
    int64_t games;
    uint64_t evaluations;
    bool estimated;
};

static void report(struct training *t, struct reporter *reporter)
{
    double now = training_clock(), passed = fmax(now - reporter->last, 1e-3);
    pthread_mutex_lock(&t->lock);
    struct progress_report r = t->now;
    uint64_t evaluations = t->evaluations;
    r.plies_per_game = progress_games_plies(&t->recent);
    r.diversity = progress_games_diversity(&t->recent);
    r.has_losses = loss_sums_take(&t->losses, &r.losses);
    pthread_mutex_unlock(&t->lock);
    r.seconds = now - t->started;
    r.seconds_left = t->options->seconds > 0 ? t->options->seconds - r.seconds : -1;
    r.games_per_s = (double)(r.games - reporter->games) / passed;
    r.evals_per_s = (double)(evaluations - reporter->evaluations) / passed;
    progress_print(t->options->out, t->options->style, &r);
    training_store_metric(t->options, &r);
    reporter->last = now;
    reporter->games = r.games;
    reporter->evaluations = evaluations;
    if (r.seconds >= 60 && !reporter->estimated) {
        reporter->estimated = true;
        if (t->options->style == PROGRESS_LIVE)
            fputc('\n', t->options->out);
        if (t->options->style != PROGRESS_JSON)
            progress_estimate(t->options->out, &t->began, &r);
    }
}

/* Every 10 s in the first minutes, then once a minute; a terminal every two seconds. */
static double report_interval(const struct training *t, double seconds)
{
    if (t->options->style == PROGRESS_LIVE)
        return 2;
    if (t->options->report_seconds > 0)
        return t->options->report_seconds;
    return seconds < 120 ? 10 : 60;
}

static enum training_end watch(struct training *t)
{
    struct reporter reporter = {.last = t->started, .games = t->began.games};
    enum training_end end = TRAINING_GENERATIONS;
    bool stopping = false;
    while (!stopping) {
        double used = training_clock() - t->started, limit = t->options->seconds;
        double wait = fmin(0.25, limit > 0 ? limit - used : 0.25);
        if (training_signals_wait(t->signals, wait)) {
            end = TRAINING_INTERRUPTED;
            break;
        }
        used = training_clock() - t->started;
        if (limit > 0 && used >= limit) {
            end = TRAINING_TIME;
            break;
        }
        if (training_clock() - reporter.last >= report_interval(t, used))
            report(t, &reporter);
        pthread_mutex_lock(&t->lock);
        stopping = t->stopping;
        pthread_mutex_unlock(&t->lock);
    }
    report(t, &reporter);
    if (t->options->style == PROGRESS_LIVE)
        fputc('\n', t->options->out);
    return end;
}

static void start_thread(pthread_t *thread, void *(*run)(void *), void *user)
{
    if (pthread_create(thread, NULL, run, user) != 0)
        g_error("cannot start a thread");
}

static bool wait_ready(struct training *t)
{
    pthread_mutex_lock(&t->lock);
    while (!t->ready && !t->failure)
        pthread_cond_wait(&t->changed, &t->lock);
    bool ready = t->ready;
    pthread_mutex_unlock(&t->lock);
    return ready;
}

static enum training_end run_threads(struct training *t)
{
    int count = t->options->threads;
    struct worker *workers = g_new0(struct worker, count);
    pthread_t trainer, *threads = g_new0(pthread_t, count);
    enum training_end end = TRAINING_FAILED;
    start_thread(&trainer, run_trainer, t);
    bool ready = wait_ready(t);
    for (int i = 0; ready && i < count; i++) {
        workers[i].training = t;
        workers[i].index = i;
        start_thread(&threads[i], run_worker, &workers[i]);
    }
    if (ready)
        end = watch(t);
    pthread_mutex_lock(&t->lock);
    t->stopping = true;
    pthread_cond_broadcast(&t->changed);
    pthread_mutex_unlock(&t->lock);
    for (int i = 0; ready && i < count; i++)
        pthread_join(threads[i], NULL);
    pthread_join(trainer, NULL);
    g_free(workers);
    g_free(threads);
    return end;
}

static bool open_training(struct training *t, GError **error)
{
    struct store_counts counts;
    if (!store_count(t->options->store, &counts, error))
        return false;
    t->next_number = counts.next_number;
    t->now.games = counts.games;
    t->now.positions = counts.plies;
    t->began = t->now;
    t->live = live_create(store_folder(t->options->store), t->options->games, t->options->game_count,
                          t->options->threads, NULL); /* without it training goes on, unwatched */
    t->writer = writer_start(&(struct writer_config){
        .store = t->options->store, .games = counts.games, .committed = on_committed, .failed = on_failed, .user = t});
    return true;
}

enum training_end training_run(const struct training_options *options, GError **error)
{
    if (options->settings->deterministic)
        return training_run_rounds(options, error);
    struct training t = {.options = options, .limit = options->threads, .started = training_clock(), .made_before = -1};
    t.signals = training_signals_take();
    t.inbox = g_ptr_array_new_with_free_func((GDestroyNotify)record_unref);
    pthread_mutex_init(&t.lock, NULL);
    pthread_cond_init(&t.changed, NULL);
    enum training_end end = TRAINING_FAILED;
    GError *failure = NULL;
    if (open_training(&t, &failure)) {
        end = run_threads(&t);
        writer_stop(t.writer);
        failure = t.failure;
    }
    if (failure) {
        end = TRAINING_FAILED;
        g_propagate_error(error, failure);
    }
    live_close(t.live);
    net_unref(t.net);
    g_ptr_array_unref(t.inbox);
    pthread_cond_destroy(&t.changed);
    pthread_mutex_destroy(&t.lock);
    training_signals_give_back(t.signals);
    return end;
}
