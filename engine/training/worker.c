#include "engine/training/training_threads.h"

/* Memory of the evaluation cache of each worker: positions repeat within a game's search and between openings. */
enum { CACHE_BYTES = 8 << 20 };

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
        training_fail(t, error);
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
        training_stop_running(t);
        training_start_running(t, false);
        stopping = t->stopping;
    }
    pthread_mutex_unlock(&t->lock);
    return !stopping && take_net(worker);
}

static void on_began(void *user, const struct game *game, uint64_t number, uint32_t generation)
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
    t->owed_inbox += record->rows * training_floor_samples(t->options->settings);
    t->tally.now.games++;
    t->tally.now.positions += record->ply_count;
    progress_games_add(&t->tally.recent, record);
    t->tally.evaluations += selfplay_evaluations(worker->selfplay) - worker->counted;
    pthread_cond_broadcast(&t->changed);
    pthread_mutex_unlock(&t->lock);
    worker->counted = selfplay_evaluations(worker->selfplay);
}

/* Waits until there is need of another game; false at the end. */
static bool next_game(struct training *t, uint64_t *number)
{
    pthread_mutex_lock(&t->lock);
    while (!t->stopping && t->behind + t->owed_inbox > training_slack(t))
        pthread_cond_wait(&t->changed, &t->lock);
    bool going = !t->stopping;
    if (going) {
        *number = t->next_number++;
        training_start_running(t, false);
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
        training_fail(t, error);
    return good;
}

void *training_run_worker(void *user)
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
            training_stop_running(t);
            pthread_mutex_unlock(&t->lock);
            if (record)
                hand_in(worker, record);
        }
    selfplay_close(worker->selfplay);
    return NULL;
}
