#include "engine/training/shared_round.h"

#include <pthread.h>
#include <time.h>

#include "engine/cluster/host.h"
#include "engine/cluster/terms.h"
#include "engine/selfplay/selfplay.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "engine/training/training.h"
#include "engine/training/training_internal.h"

struct shared_round {
    const struct training_options *options;
    const struct start_archive *starts;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* Guarded by lock. */
    uint64_t first;   /* number of the round's first game */
    int64_t given;    /* games; round_games between two rounds */
    GPtrArray *games; /* [round_games], by number; NULL: not there yet */
    int64_t arrived;
    uint64_t evaluations;
    double progress;
    int64_t index; /* of the round in this session, from 1 */
    bool stopped;
    GError *failure; /* the first one */
};

bool shared_round_next(struct shared_round *round, struct selfplay_assignment *next)
{
    const struct settings *settings = round->options->settings;
    pthread_mutex_lock(&round->lock);
    const bool left = round->given < settings->round_games && !round->stopped;
    if (left) {
        next->number = round->first + (uint64_t)round->given++;
        next->seed = training_game_seed(settings, next->number);
        next->progress = round->progress;
        training_draw_start(NULL, round->starts, next);
    }
    pthread_mutex_unlock(&round->lock);
    return left;
}

void shared_round_hand_in(struct shared_round *round, struct record *record, uint64_t evaluations)
{
    pthread_mutex_lock(&round->lock);
    const uint64_t place = record->number - round->first;
    g_assert(place < round->games->len && !round->games->pdata[place]); /* the host knows what it gave to whom */
    round->games->pdata[place] = record;
    round->arrived++;
    round->evaluations += evaluations;
    pthread_cond_broadcast(&round->changed);
    pthread_mutex_unlock(&round->lock);
}

/* ---- for the other ranks ---- */

static bool next_game(void *user, struct selfplay_assignment *next)
{
    return shared_round_next(user, next);
}

static int64_t hand_in(void *user, struct record *record, uint64_t evaluations)
{
    struct shared_round *round = user;
    shared_round_hand_in(round, record, evaluations);
    pthread_mutex_lock(&round->lock);
    const int64_t index = round->index;
    pthread_mutex_unlock(&round->lock);
    return index;
}

static void end(struct shared_round *round, GError *failure)
{
    pthread_mutex_lock(&round->lock);
    round->stopped = true;
    if (!round->failure)
        round->failure = failure;
    else if (failure)
        g_error_free(failure);
    pthread_cond_broadcast(&round->changed);
    pthread_mutex_unlock(&round->lock);
}

static void stop(void *user)
{
    end(user, NULL);
}

static void failed(void *user, GError *error)
{
    end(user, error);
}

static const struct cluster_host_ops round_ops = {
    .next_game = next_game,
    .hand_in = hand_in,
    .stop = stop,
    .failed = failed,
};

/* ---- for this rank ---- */

static GPtrArray *new_games(const struct shared_round *round)
{
    GPtrArray *games = g_ptr_array_new_with_free_func((GDestroyNotify)record_unref);
    g_ptr_array_set_size(games, (gint)round->options->settings->round_games);
    return games;
}

struct shared_round *shared_round_new(const struct training_options *options, const struct start_archive *starts)
{
    struct shared_round *round = g_new0(struct shared_round, 1);
    struct cluster_terms terms;
    round->options = options;
    round->starts = starts;
    round->given = options->settings->round_games;
    round->games = new_games(round);
    pthread_mutex_init(&round->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&round->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    training_fill_terms(options, 0, 0, NULL, &terms);
    cluster_host_serve(options->cluster, &terms, &round_ops, round);
    return round;
}

void shared_round_free(struct shared_round *round)
{
    if (!round)
        return;
    cluster_host_finish(round->options->cluster);
    g_ptr_array_unref(round->games);
    g_clear_error(&round->failure);
    pthread_cond_destroy(&round->changed);
    pthread_mutex_destroy(&round->lock);
    g_free(round);
}

void shared_round_open(struct shared_round *round, const struct net *net, uint32_t generation, uint64_t first,
                       double progress)
{
    cluster_host_set_net(round->options->cluster, net, generation);
    pthread_mutex_lock(&round->lock);
    round->first = first;
    round->progress = progress;
    round->index++;
    round->given = round->arrived = 0;
    pthread_mutex_unlock(&round->lock);
}

GPtrArray *shared_round_wait(struct shared_round *round, double seconds, uint64_t *evaluations)
{
    GPtrArray *games = NULL;
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    const int64_t nanoseconds = until.tv_nsec + (int64_t)(seconds * 1e9);
    until.tv_sec += nanoseconds / 1000000000;
    until.tv_nsec = nanoseconds % 1000000000;
    pthread_mutex_lock(&round->lock);
    const int64_t all = round->games->len;
    while (!round->stopped && round->arrived < all &&
           pthread_cond_timedwait(&round->changed, &round->lock, &until) == 0)
        ;
    if (round->arrived == all) {
        games = round->games;
        round->games = new_games(round);
        *evaluations = round->evaluations;
        round->evaluations = 0;
    }
    pthread_mutex_unlock(&round->lock);
    return games;
}

void shared_round_committed(struct shared_round *round)
{
    cluster_host_committed(round->options->cluster, round->index); /* only this thread changes it */
}

bool shared_round_is_stopped(struct shared_round *round)
{
    pthread_mutex_lock(&round->lock);
    const bool stopped = round->stopped;
    pthread_mutex_unlock(&round->lock);
    return stopped;
}

bool shared_round_has_failed(struct shared_round *round, GError **error)
{
    pthread_mutex_lock(&round->lock);
    if (round->failure)
        g_propagate_error(error, g_error_copy(round->failure));
    const bool failed = round->failure != NULL;
    pthread_mutex_unlock(&round->lock);
    return failed;
}
