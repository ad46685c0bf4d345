/* Rank 0, with another rank played by hand: games are counted once, whatever is lost or repeated, and ranks that fail,
 * fall silent or were started otherwise end the job with a message that names them. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>

#include "engine/cluster/host.h"
#include "engine/cluster/load.h"
#include "engine/cluster/message.h"
#include "engine/cluster/terms.h"
#include "engine/selfplay/selfplay.h"
#include "engine/store/record.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"
#include "tests/engine/cluster/local_job.h"
#include "tests/engine/cluster/peer.h"

enum { GAMES = 16, FIRST = 100 };

/* Stands for training: hands out games from FIRST, and notes what comes. */
struct run {
    pthread_mutex_t lock;
    int limit, given; /* games */
    struct record *start;
    int handed_in[GAMES]; /* how often, by number */
    int64_t place;
    uint64_t evaluations;
    bool stopped;
    GError *failure;
};

static bool next_game(void *user, struct selfplay_assignment *next)
{
    struct run *run = user;
    pthread_mutex_lock(&run->lock);
    const bool left = run->given < run->limit;
    if (left) {
        *next = (struct selfplay_assignment){.number = FIRST + (uint64_t)run->given,
                                             .seed = 7 * (uint64_t)run->given,
                                             .progress = 0.25,
                                             .opponent_visits = 12};
        if (run->start && run->given == 0) {
            next->start = record_ref(run->start);
            next->start_plies = 3;
        }
        run->given++;
    }
    pthread_mutex_unlock(&run->lock);
    return left;
}

static int64_t hand_in(void *user, struct record *record, uint64_t evaluations)
{
    struct run *run = user;
    pthread_mutex_lock(&run->lock);
    run->handed_in[record->number - FIRST]++;
    run->evaluations += evaluations;
    const int64_t place = ++run->place;
    pthread_mutex_unlock(&run->lock);
    record_unref(record);
    return place;
}

static void stop(void *user)
{
    struct run *run = user;
    pthread_mutex_lock(&run->lock);
    run->stopped = true;
    pthread_mutex_unlock(&run->lock);
}

static void failed(void *user, GError *error)
{
    struct run *run = user;
    pthread_mutex_lock(&run->lock);
    if (run->failure)
        g_error_free(error);
    else
        run->failure = error;
    pthread_mutex_unlock(&run->lock);
}

static const struct cluster_host_ops ops = {.next_game = next_game, .hand_in = hand_in, .stop = stop, .failed = failed};

static struct local_job *job;
static struct cluster_host *host;
static struct run run;
static struct net *net;

static void begin(int ranks, double silence_s)
{
    const struct cluster_host_config config = {.arguments = "train x", .silence_s = silence_s, .finish_s = 1};
    struct game game;
    run = (struct run){.limit = GAMES};
    pthread_mutex_init(&run.lock, NULL);
    job = local_job_new(ranks);
    host = cluster_host_open(local_job_rank(job, 0), &config, NULL);
    cr_assert_not_null(host);
    cr_assert(game_parse(&game, "gomoku:3,line=3", NULL));
    cr_assert_eq(evaluator_net_fresh(&net, &game, "conv:8", 1, NULL), 0);
}

static void end(void)
{
    cluster_host_close(host, 0);
    local_job_free(job);
    net_unref(net);
    if (run.start)
        record_unref(run.start);
    g_clear_error(&run.failure);
    pthread_mutex_destroy(&run.lock);
}

static struct transport *rank(int number)
{
    return local_job_rank(job, number);
}

static void greet(int number)
{
    peer_send(rank(number), 0, cluster_hello("train x"));
}

/* Rank 1 has reported, is welcome, and has the first net. */
static void serve(void)
{
    struct cluster_terms terms;
    peer_terms(&terms);
    cr_assert(cluster_host_gather(host, NULL));
    cluster_host_serve(host, &terms, &ops, &run);
    cluster_host_set_net(host, net, 4);
    GBytes *welcome = peer_expect(rank(1), MESSAGE_WELCOME), *first = peer_expect(rank(1), MESSAGE_NET);
    cr_assert(welcome && first);
    struct message_reader reader = peer_read(first);
    cr_assert_eq(message_take_u64(&reader), 4);
    g_bytes_unref(welcome);
    g_bytes_unref(first);
}

static void want(int number, uint64_t games)
{
    GByteArray *message = message_new(MESSAGE_WANT);
    message_put_u64(message, games);
    peer_send(rank(number), 0, message_finish(message));
}

static void expect_ack(uint64_t arrived, uint64_t committed)
{
    GBytes *message;
    while ((message = peer_expect(rank(1), MESSAGE_ACK))) {
        struct message_reader reader = peer_read(message);
        const uint64_t a = message_take_u64(&reader), c = message_take_u64(&reader);
        g_bytes_unref(message);
        cr_assert(a <= arrived && c <= committed, "%d arrived, %d committed", (int)a, (int)c);
        if (a == arrived && c == committed)
            return;
    }
    cr_assert_fail("no answer that %d games have arrived and %d are committed", (int)arrived, (int)committed);
}

static void expect_failure(const char *text, int code)
{
    const char *found = NULL;
    for (int i = 0; !found && i < 10000; i++) {
        g_usleep(1000);
        pthread_mutex_lock(&run.lock);
        found = run.failure ? run.failure->message : NULL;
        pthread_mutex_unlock(&run.lock);
    }
    cr_assert(found && strstr(found, text), "%s", found ? found : "no failure");
    cr_assert_eq(run.failure->code, code);
}

Test(cluster_host, games_are_given_as_they_are_wanted)
{
    begin(2, 0);
    run.start = peer_game(3);
    greet(1);
    serve();
    want(1, 2);
    GBytes *first = peer_expect(rank(1), MESSAGE_ASSIGN);
    struct message_reader reader = peer_read(first);
    size_t size;
    cr_assert_eq(message_take_u64(&reader), FIRST);
    cr_assert_eq(message_take_u64(&reader), 0);
    cr_assert_eq(message_take_f64(&reader), 0.25);
    cr_assert_eq(message_take_u64(&reader), 12);
    cr_assert_eq(message_take_u64(&reader), 3);
    const void *data = message_take_bytes(&reader, &size);
    struct record *start;
    cr_assert_eq(record_unpack(&start, NULL, data, size, NULL), 0);
    cr_assert_eq(start->number, 3);
    record_unref(start);
    g_bytes_unref(first);
    cr_assert(peer_gets(rank(1), MESSAGE_ASSIGN, 1));
    want(1, 5); /* since the start: three more */
    cr_assert(peer_gets(rank(1), MESSAGE_ASSIGN, 3));
    cluster_host_set_net(host, net, 5);
    GBytes *second = peer_expect(rank(1), MESSAGE_NET);
    reader = peer_read(second);
    cr_assert_eq(message_take_u64(&reader), 5);
    g_bytes_unref(second);
    end();
}

/* Waits until rank 0 has taken all that the rank has sent: it takes messages in order. */
static void be_heard(int number)
{
    enum { PATIENCE_MS = 20000 };
    const double mark = 1 + number;
    GByteArray *message = message_new(MESSAGE_STATUS);
    message_put_f64(message, mark);
    message_put_f64(message, 0);
    peer_send(rank(number), 0, message_finish(message));
    for (int ms = 0; cluster_host_figures(host, number).waited_s < mark; ms++) {
        cr_assert_lt(ms, PATIENCE_MS, "rank %d was not heard", number);
        g_usleep(1000);
    }
}

Test(cluster_host, a_shortage_is_shared)
{
    begin(4, 0);
    for (int i = 1; i < 4; i++)
        greet(i);
    run.limit = 0;
    serve();
    for (int i = 1; i < 4; i++)
        want(i, 10);
    for (int i = 1; i < 4; i++)
        be_heard(i); /* or the first games would be shared among fewer */
    for (int round = 1; round <= 3; round++) {
        pthread_mutex_lock(&run.lock);
        run.limit = 3 * round;
        pthread_mutex_unlock(&run.lock);
        for (int i = 1; i < 4; i++)
            cr_assert(peer_gets(rank(i), MESSAGE_ASSIGN, 1), "rank %d", i);
    }
    end();
}

Test(cluster_host, a_game_counts_once)
{
    begin(2, 0);
    greet(1);
    serve();
    want(1, 3);
    cr_assert(peer_gets(rank(1), MESSAGE_ASSIGN, 3));
    peer_send(rank(1), 0, peer_game_message(FIRST + 1, 1, 10));
    expect_ack(1, 0);
    peer_send(rank(1), 0, peer_game_message(FIRST + 1, 1, 10)); /* the answer was lost: repeated, and answered again */
    expect_ack(1, 0);
    peer_send(rank(1), 0, peer_game_message(FIRST + 2, 3, 30)); /* game 2 of the rank is lost */
    peer_send(rank(1), 0, peer_game_message(FIRST, 2, 20));
    peer_send(rank(1), 0, peer_game_message(FIRST + 2, 3, 30));
    peer_send(rank(1), 0, peer_game_message(FIRST + 2, 3, 30));
    expect_ack(3, 0);
    cluster_host_committed(host, 2);
    expect_ack(3, 2);
    cluster_host_committed(host, 3);
    expect_ack(3, 3);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(run.handed_in[i], 1, "game %d", i);
    cr_assert_eq(run.evaluations, 60);
    const struct cluster_figures figures = cluster_host_figures(host, 1);
    cr_assert(figures.games == 3 && figures.evaluations == 60);
    cr_assert_null(run.failure);
    end();
}

Test(cluster_host, a_game_that_was_not_given_is_refused)
{
    begin(2, 0);
    greet(1);
    serve();
    want(1, 1);
    cr_assert(peer_gets(rank(1), MESSAGE_ASSIGN, 1));
    peer_send(rank(1), 0, peer_game_message(FIRST + 5, 1, 10));
    expect_failure("rank 1 handed in game 105", CLUSTER_ERROR_LOST);
    cr_assert_eq(run.place, 0);
    end();
}

static void hand_in_damaged(uint64_t number, GBytes *data)
{
    gsize size;
    const void *bytes = g_bytes_get_data(data, &size);
    GByteArray *message = message_new(MESSAGE_GAME);
    message_put_u64(message, 1);
    message_put_u64(message, number);
    message_put_u64(message, 1);
    message_put_bytes(message, bytes, size);
    peer_send(rank(1), 0, message_finish(message));
    g_bytes_unref(data);
}

Test(cluster_host, a_damaged_game_is_refused)
{
    begin(2, 0);
    greet(1);
    serve();
    want(1, 1);
    cr_assert(peer_gets(rank(1), MESSAGE_ASSIGN, 1));
    hand_in_damaged(FIRST, g_bytes_new_static("no record", 9));
    expect_failure("a game of rank 1 is damaged", CLUSTER_ERROR_LOST);
    end();
}

Test(cluster_host, a_game_under_the_number_of_another_is_refused)
{
    begin(2, 0);
    greet(1);
    serve();
    want(1, 2);
    cr_assert(peer_gets(rank(1), MESSAGE_ASSIGN, 2));
    struct record *record = peer_game(FIRST + 1);
    hand_in_damaged(FIRST, record_pack(record));
    record_unref(record);
    expect_failure("game 100 is recorded as 101", CLUSTER_ERROR_LOST);
    cr_assert_eq(run.place, 0);
    end();
}

Test(cluster_host, a_silent_rank_is_named)
{
    begin(3, 1);
    greet(1);
    greet(2);
    serve();
    for (int i = 0; i < 200; i++) { /* rank 1 is alive, rank 2 is not */
        peer_send(rank(1), 0, message_of(MESSAGE_ALIVE));
        g_usleep(10000);
    }
    expect_failure("rank 2 on ", CLUSTER_ERROR_LOST);
    cr_assert(strstr(run.failure->message, "has not been heard from"));
    cr_assert(cluster_host_has_failed(host));
    end();
}

Test(cluster_host, signs_of_life_go_to_all)
{
    begin(3, 1);
    for (int i = 1; i < 3; i++)
        for (int n = 0; n < 3; n++) {
            GBytes *alive = peer_expect(rank(i), MESSAGE_ALIVE);
            cr_assert_not_null(alive, "rank %d", i);
            g_bytes_unref(alive);
        }
    end();
}

Test(cluster_host, unequal_ranks_are_refused_before_anything_happens)
{
    GError *error = NULL;
    begin(3, 0);
    greet(1);
    peer_send(rank(2), 0, cluster_hello("train x --visits 9"));
    cr_assert(!cluster_host_gather(host, &error));
    cr_assert(strstr(error->message, "rank 2 on ") && strstr(error->message, "--visits 9"), "%s", error->message);
    cr_assert_eq(error->code, CLUSTER_ERROR_INPUT);
    g_clear_error(&error);
    cluster_host_close(host, 2);
    for (int i = 1; i < 3; i++) {
        GBytes *message = peer_expect(rank(i), MESSAGE_END);
        struct message_reader reader = peer_read(message);
        cr_assert_eq(message_take_u64(&reader), 2);
        g_bytes_unref(message);
    }
    host = NULL;
    end();
}

Test(cluster_host, a_failure_and_a_signal_elsewhere_arrive)
{
    begin(2, 0);
    greet(1);
    serve();
    peer_send(rank(1), 0, message_of(MESSAGE_SIGNAL));
    GByteArray *message = message_new(MESSAGE_FAILED);
    message_put_text(message, "no memory");
    peer_send(rank(1), 0, message_finish(message));
    expect_failure(": no memory", CLUSTER_ERROR_INPUT);
    cr_assert(run.stopped);
    end();
}

Test(cluster_host, a_signal_before_the_start_is_not_forgotten)
{
    begin(2, 0);
    greet(1);
    peer_send(rank(1), 0, message_of(MESSAGE_SIGNAL));
    g_usleep(100000);
    serve();
    cr_assert(run.stopped);
    end();
}

static void *leave(void *user)
{
    (void)user;
    GBytes *finish = peer_expect(rank(1), MESSAGE_FINISH);
    cr_assert_not_null(finish);
    g_bytes_unref(finish);
    peer_send(rank(1), 0, peer_game_message(FIRST, 1, 1)); /* finished in time */
    peer_send(rank(1), 0, message_of(MESSAGE_BYE));
    return NULL;
}

Test(cluster_host, the_end_waits_for_the_last_games)
{
    pthread_t thread;
    begin(2, 0);
    greet(1);
    serve();
    want(1, 1);
    cr_assert(peer_gets(rank(1), MESSAGE_ASSIGN, 1));
    cr_assert_eq(pthread_create(&thread, NULL, leave, NULL), 0);
    cluster_host_finish(host);
    pthread_join(thread, NULL);
    cr_assert_eq(run.handed_in[0], 1);
    want(1, 9);
    cr_assert_eq(peer_count(rank(1), MESSAGE_ASSIGN, 0.05), 0, "a game was given after the end");
    end();
}

/* Rank 2 has joined a job of two ranks, and is given a game. */
static void join(void)
{
    local_job_join(job);
    for (int i = 0; i < 1000 && cluster_host_ranks(host) < 3; i++)
        g_usleep(1000);
    peer_send(rank(2), 0, cluster_hello("train --join file"));
    GBytes *welcome = peer_expect(rank(2), MESSAGE_WELCOME), *first = peer_expect(rank(2), MESSAGE_NET);
    cr_assert(welcome && first);
    g_bytes_unref(welcome);
    g_bytes_unref(first);
    want(2, 1);
    cr_assert(peer_gets(rank(2), MESSAGE_ASSIGN, 1));
}

Test(cluster_host, a_rank_joins_and_leaves)
{
    begin(2, 0);
    greet(1);
    serve();
    join();
    peer_send(rank(2), 0, message_of(MESSAGE_SIGNAL));
    cr_assert(peer_gets(rank(2), MESSAGE_FINISH, 1));
    peer_send(rank(2), 0, peer_game_message(FIRST, 1, 10));
    peer_send(rank(2), 0, message_of(MESSAGE_BYE));
    GBytes *message = peer_expect(rank(2), MESSAGE_END);
    cr_assert_not_null(message);
    struct message_reader reader = peer_read(message);
    cr_assert_eq(message_take_u64(&reader), 0);
    g_bytes_unref(message);
    for (int i = 0; i < 1000 && !local_job_has_left(job, 2); i++)
        g_usleep(1000);
    cr_assert(local_job_has_left(job, 2));
    cr_assert(run.handed_in[0] == 1 && !run.stopped && !run.failure);
    cr_assert_eq(cluster_host_figures(host, 2).games, 1);
    want(1, 1); /* the others go on */
    cr_assert(peer_gets(rank(1), MESSAGE_ASSIGN, 1));
    cr_assert_eq(peer_count(rank(1), MESSAGE_FINISH, 0.05), 0);
    end();
}

Test(cluster_host, a_rank_that_joined_and_is_lost_is_no_failure)
{
    begin(2, 1);
    greet(1);
    serve();
    join();
    for (int i = 0; i < 200; i++) { /* rank 1 is alive, rank 2 is not */
        peer_send(rank(1), 0, message_of(MESSAGE_ALIVE));
        g_usleep(10000);
    }
    cr_assert(!run.failure && !cluster_host_has_failed(host) && !local_job_has_left(job, 2));
    want(1, 1);
    cr_assert(peer_gets(rank(1), MESSAGE_ASSIGN, 1));
    peer_send(rank(1), 0, message_of(MESSAGE_BYE));
    const gint64 began = g_get_monotonic_time();
    cluster_host_finish(host);
    cr_assert_lt(g_get_monotonic_time() - began, 500000, "the end waits for a rank that is lost");
    end();
}

Test(cluster_host, a_rank_of_another_version_may_not_join)
{
    begin(2, 0);
    greet(1);
    serve();
    local_job_join(job);
    for (int i = 0; i < 1000 && cluster_host_ranks(host) < 3; i++)
        g_usleep(1000);
    GByteArray *hello = message_new(MESSAGE_HELLO);
    message_put_text(hello, "tengen 0.1");
    message_put_text(hello, "train --join file");
    message_put_text(hello, "elsewhere");
    peer_send(rank(2), 0, message_finish(hello));
    GBytes *message = peer_expect(rank(2), MESSAGE_END);
    cr_assert_not_null(message);
    struct message_reader reader = peer_read(message);
    cr_assert_eq(message_take_u64(&reader), 2);
    char *text = message_take_text(&reader);
    cr_assert(strstr(text, "tengen 0.1") && strstr(text, "install one version"), "%s", text);
    g_free(text);
    g_bytes_unref(message);
    cr_assert(!run.failure);
    end();
}
