/* The thread that measures the strength of the newest checkpoints: games on the ladder (engine/ladder), for a share of the run's
 * time. It takes one of the slots to compute for each pair of games, so that the run uses no more cores than it may. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "engine/ladder/ladder.h"
#include "engine/settings/settings.h"
#include "engine/store/store.h"
#include "engine/training/progress.h"
#include "engine/training/recovery/disk.h"
#include "engine/training/reporter.h"
#include "engine/training/training.h"
#include "engine/training/training_internal.h"
#include "engine/training/training_threads.h"
#include "games/game.h"

enum { MAX_FAILURES = 3 /* in a row */ };

/* Assumed cost of a pair of games until one has been played: seconds, divided by the square of the number of points. A generous
 * guess, so that a session does not begin with games that cost more than their share: 3 s on 9x9, a minute on 19x19. */
#define FIRST_GUESS 5e-4

struct measuring {
    struct training *training;
    struct game game;
    struct ladder ladder;
    struct ladder_table table;
    pthread_t thread;
    double processor;     /* by training_processor_clock, at the start of the session */
    double outside;       /* the part of busy in which other programs computed */
    double busy, longest; /* seconds spent so far in this session, and by the longest pair: see time_spent */
    bool external;        /* the last pair was played against another program */
    GArray *games;        /* struct store_rung_game: all of the run's */
    int64_t next_pair;
    int failures;
};

/* Whether one more pair fits into the share, if it takes as long as the longest so far. The share is one of the processor time that
 * the run has had, which on a busy machine is less than the time that has passed, plus the time of the other programs. */
static bool has_time(const struct measuring *m)
{
    const struct training *t = m->training;
    const double passed = t->limit * (training_clock() - t->started);
    const double computed = training_processor_clock() - m->processor + m->outside;
    return m->busy + m->longest <= t->options->settings->ladder_share * fmin(passed, computed);
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
    m->outside += m->external ? seconds : 0;
    m->longest = fmax(m->longest, seconds);
    pthread_mutex_lock(&t->lock);
    training_stop_running(t, 1);
    pthread_mutex_unlock(&t->lock);
}

/* Seconds from an arbitrary origin, by the clock and of processor time of this thread, in which its agents compute. A pair costs its
 * processor time, since on a busy machine it takes longer than that; if another program computes, too, it costs the time by the clock. */
struct moment {
    double clock, processor;
};

static struct moment now(void)
{
    return (struct moment){training_clock(), training_thread_clock()};
}

static double time_spent(const struct measuring *m, struct moment began)
{
    const struct moment ended = now();
    return m->external ? ended.clock - began.clock : ended.processor - began.processor;
}

static char *net_of(const struct measuring *m, uint32_t generation)
{
    char *name = store_generation_name(generation), *path = store_net_path(m->training->options->store, name);
    g_free(name);
    return path;
}

/* The path of the rung's net, if it is one of the run's. */
static char *net_of_rung(const struct measuring *m, const char *rung)
{
    uint32_t generation = 0;
    return strcmp(rung, LADDER_START) == 0 || ladder_rung_generation(rung, &generation) ? net_of(m, generation) : NULL;
}

static void publish(struct measuring *m)
{
    struct training *t = m->training;
    GArray *ratings = ladder_rate(m->games);
    const struct ladder_rating *last = &g_array_index(ratings, struct ladder_rating, ratings->len - 1);
    pthread_mutex_lock(&t->lock);
    t->tally.now.elo = last->rating;
    t->tally.now.elo_generation = last->generation;
    pthread_mutex_unlock(&t->lock);
    g_array_unref(ratings);
}

/* A rung that fails is left out for the rest of the session: training goes on. */
static void note_failure(struct measuring *m, const char *rung, GError *error)
{
    m->failures = ladder_set_failed(&m->ladder, rung) ? m->failures + 1 : MAX_FAILURES;
    fprintf(stderr, "\ntengen train: a game that measures strength failed: %s%s\n", error->message,
            m->failures >= MAX_FAILURES ? "; no more are played in this session" : "");
    g_error_free(error);
}

/* The net to play with changes only when its measured strength says so. */
static bool place_best(struct measuring *m, const GArray *generations, GError **error)
{
    struct store *store = m->training->options->store;
    bool held;
    const uint32_t newest = g_array_index(generations, uint32_t, generations->len - 1);
    const uint32_t best = ladder_best(m->games, generations), now = store_best(store, &held);
    if (best == newest ? !held : held && best == now)
        return true;
    if (best != newest)
        fprintf(stderr,
                "\ntengen train: the newest checkpoint that was measured is weaker than generation %u, which stays the "
                "run's best net; see tengen report\n",
                best);
    return store_hold_best(store, best == newest ? STORE_NEWEST : (int64_t)best, error);
}

/* Stores the games and what follows from them, as soon as there is room. */
static bool keep(struct measuring *m, const struct store_rung_game *games, int count, const GArray *generations,
                 GError **error)
{
    struct training *t = m->training;
    bool stored = false;
    GError *problem = NULL;
    while (!(stored = stored || store_add_rung_games(t->options->store, games, count, &problem)) ||
           !place_best(m, generations, &problem))
        if (!disk_wait(&t->pause, &problem, training_is_stopping, t)) {
            g_propagate_error(error, problem);
            return false;
        }
    return true;
}

static bool play(struct measuring *m, const GArray *generations, GError **error)
{
    struct store_rung_game games[2];
    const struct ladder_meeting meeting = ladder_next(&m->ladder, m->games, generations);
    m->external = g_str_has_prefix(meeting.rung, "gtp:") || g_str_has_prefix(meeting.rung, "gomocup:");
    char *net = net_of(m, meeting.generation), *rung_net = net_of_rung(m, meeting.rung);
    GError *failed = NULL;
    int count = ladder_play(&m->ladder, &m->table, &meeting, net, rung_net, m->next_pair, games, &failed);
    g_free(net);
    g_free(rung_net);
    if (failed)
        note_failure(m, meeting.rung, failed);
    else
        m->failures = 0;
    if (count == 0)
        return true;
    m->next_pair++;
    g_array_append_vals(m->games, games, (guint)count);
    publish(m);
    return keep(m, games, count, generations, error);
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
        const struct moment began = now();
        good = measure(m, &error);
        end_turn(m, time_spent(m, began));
    }
    if (!good)
        training_fail(m->training, error);
    return NULL;
}

/* The run's own board if it trains on it, else the largest. */
static const struct game *choose_game(const struct training_options *options)
{
    struct game own;
    const struct game *largest = &options->games[0];
    bool known = game_parse(&own, options->settings->game, NULL);
    for (int i = 0; i < options->game_count; i++) {
        const struct game *game = &options->games[i];
        if (known && game->width == own.width && game->height == own.height)
            return game;
        if (game->points > largest->points)
            largest = game;
    }
    return largest;
}

static bool open_ladder(struct measuring *m, GError **error)
{
    const struct training_options *options = m->training->options;
    if (strchr(store_folder(options->store), ',')) { /* agents' specs have commas between their parts */
        g_set_error_literal(error, STORE_ERROR, STORE_ERROR_PLACE, "the run's path contains ','");
        return false;
    }
    m->game = *choose_game(options);
    m->processor = training_processor_clock();
    m->longest = FIRST_GUESS * m->game.points * m->game.points;
    return ladder_init(&m->ladder, &m->game, options->settings->rungs, options->settings->from,
                       (int)options->settings->ladder_visits, error);
}

struct measuring *training_start_measuring(struct training *t)
{
    const struct settings *settings = t->options->settings;
    GError *error = NULL;
    if (!t->options->ladder || settings->ladder_share <= 0 || training_is_adversary(settings))
        return NULL;
    struct measuring *m = g_new0(struct measuring, 1);
    m->training = t;
    bool good = open_ladder(m, &error);
    ladder_table_init(&m->table);
    m->games = store_rung_games(t->options->store);
    m->next_pair = m->games->len ? g_array_index(m->games, struct store_rung_game, m->games->len - 1).pair + 1 : 0;
    if (m->games->len)
        publish(m);
    if (good && pthread_create(&m->thread, NULL, run, m) == 0)
        return m;
    fprintf(stderr, "tengen train: the run's strength is not measured: %s\n",
            error ? error->message : "the system cannot create another thread");
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
