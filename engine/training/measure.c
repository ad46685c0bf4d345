/* The thread that measures the strength of the newest checkpoints: games on the ladder (engine/ladder), for a share of the run's
 * time. It takes one of the slots to compute for each pair of games, so that the run uses no more cores than it may. */
#include <math.h>
#include <stdio.h>

#include "engine/ladder/ladder.h"
#include "engine/settings/settings.h"
#include "engine/store/store.h"
#include "engine/training/training.h"
#include "engine/training/training_internal.h"
#include "engine/training/training_threads.h"
#include "games/game.h"

enum { MAX_FAILURES = 3 };

struct measuring {
    struct training *training;
    struct game game;
    struct ladder ladder;
    struct ladder_table table;
    pthread_t thread;
    double busy, longest; /* seconds of a slot spent so far in this session, and of the longest pair */
    GArray *games;        /* struct store_rung_game: all of the run's */
    int64_t next_pair;
    int failures;
};

/* Whether one more pair fits into the share; it is allowed to be as long as the longest. */
static bool has_time(const struct measuring *m)
{
    const struct training *t = m->training;
    double share = t->options->settings->ladder_share;
    double budget = share * t->limit * (training_clock() - t->started);
    return m->busy + m->longest <= budget;
}

/* Waits until it is time for a pair and takes a slot; false when the run is stopping. */
static bool wait_turn(struct measuring *m)
{
    struct training *t = m->training;
    pthread_mutex_lock(&t->lock);
    while (!t->stopping && !has_time(m)) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec++;
        pthread_cond_timedwait(&t->changed, &t->lock, &until);
    }
    bool proceed = !t->stopping;
    if (proceed)
        training_start_running(t, true);
    pthread_mutex_unlock(&t->lock);
    return proceed;
}

static void end_turn(struct measuring *m, double seconds)
{
    struct training *t = m->training;
    m->busy += seconds;
    m->longest = fmax(m->longest, seconds);
    pthread_mutex_lock(&t->lock);
    training_stop_running(t);
    pthread_mutex_unlock(&t->lock);
}

static char *net_of(const struct measuring *m, uint32_t generation)
{
    char *name = store_generation_name(generation), *path = store_net_path(m->training->options->store, name);
    g_free(name);
    return path;
}

/* The path of the rung's net, if it is a checkpoint. */
static char *net_of_rung(const struct measuring *m, const char *rung)
{
    uint32_t generation;
    return sscanf(rung, "generation:%u", &generation) == 1 ? net_of(m, generation) : NULL;
}

static void publish(struct measuring *m)
{
    struct training *t = m->training;
    GArray *ratings = ladder_rate(m->games);
    const struct ladder_rating *last = &g_array_index(ratings, struct ladder_rating, ratings->len - 1);
    pthread_mutex_lock(&t->lock);
    t->tally.now.elo = last->rating;
    pthread_mutex_unlock(&t->lock);
    g_array_unref(ratings);
}

/* A rung that fails costs its games only: training goes on. Too many failures end the measurement. */
static void note_failure(struct measuring *m, GError *error)
{
    m->failures++;
    fprintf(stderr, "\ntengen train: a game on the ladder failed: %s%s\n", error->message,
            m->failures == MAX_FAILURES ? "; no more are played in this session" : "");
    g_error_free(error);
}

static bool play(struct measuring *m, const GArray *generations, GError **error)
{
    struct store_rung_game games[2];
    const struct ladder_meeting meeting = ladder_next(&m->ladder, m->games, generations);
    char *net = net_of(m, meeting.generation), *rung_net = net_of_rung(m, meeting.rung);
    GError *failed = NULL;
    int count = ladder_play(&m->ladder, &m->table, &meeting, net, rung_net, m->next_pair, games, &failed);
    g_free(net);
    g_free(rung_net);
    if (failed)
        note_failure(m, failed);
    if (count == 0)
        return true;
    m->next_pair++;
    g_array_append_vals(m->games, games, (guint)count);
    publish(m);
    return store_add_rung_games(m->training->options->store, games, count, error);
}

static bool measure(struct measuring *m, GError **error)
{
    GArray *generations;
    if (!store_ladder(m->training->options->store, &generations, error))
        return false;
    bool good = generations->len == 0 || play(m, generations, error);
    g_array_unref(generations);
    return good;
}

static void *run(void *user)
{
    struct measuring *m = user;
    GError *error = NULL;
    bool good = true;
    while (good && m->failures < MAX_FAILURES && wait_turn(m)) {
        double began = training_clock();
        good = measure(m, &error);
        end_turn(m, training_clock() - began);
    }
    if (!good)
        training_fail(m->training, error);
    return NULL;
}

struct measuring *training_start_measuring(struct training *t)
{
    const struct settings *settings = t->options->settings;
    GError *error = NULL;
    if (!t->options->ladder || settings->ladder_share <= 0)
        return NULL;
    struct measuring *m = g_new0(struct measuring, 1);
    m->training = t;
    bool good = game_parse(&m->game, settings->game, &error) &&
                ladder_init(&m->ladder, &m->game, settings->rungs, (int)settings->ladder_visits, &error);
    ladder_table_init(&m->table);
    m->games = store_rung_games(t->options->store);
    m->next_pair = m->games->len ? g_array_index(m->games, struct store_rung_game, m->games->len - 1).pair + 1 : 0;
    if (m->games->len)
        publish(m);
    if (good && pthread_create(&m->thread, NULL, run, m) == 0)
        return m;
    fprintf(stderr, "tengen train: the run's strength is not measured: %s\n",
            error ? error->message : "the system refuses another thread");
    g_clear_error(&error);
    ladder_table_clear(&m->table);
    g_array_unref(m->games);
    g_free(m);
    return NULL;
}

void training_stop_measuring(struct measuring *m)
{
    if (!m)
        return;
    ladder_table_stop(&m->table);
    pthread_join(m->thread, NULL);
    ladder_table_clear(&m->table);
    g_array_unref(m->games);
    g_free(m);
}
