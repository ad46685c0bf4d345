/* Another rank, with rank 0 played by hand: it plays what it is given, keeps and repeats games until they are committed, and
 * ends when it is told to, or when rank 0 falls silent. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "engine/cluster/link.h"
#include "engine/cluster/message.h"
#include "engine/cluster/net_bytes.h"
#include "engine/cluster/terms.h"
#include "engine/cluster/worker.h"
#include "engine/cluster/worker_internal.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"
#include "tests/engine/cluster/local_job.h"
#include "tests/engine/cluster/peer.h"

static struct local_job *job;
static struct cluster_worker *worker;
static pthread_t thread;
static int status;
static bool lost;

static void *play(void *user)
{
    (void)user;
    struct cluster_terms terms;
    if (cluster_worker_wait(worker, &terms))
        cluster_worker_play(worker, &terms, 1);
    status = cluster_worker_close(worker, &lost);
    return NULL;
}

static struct transport *first(void)
{
    return local_job_rank(job, 0);
}

static void begin(double silence_s, double repeat_s)
{
    const struct cluster_worker_config config = {.arguments = "train x", .silence_s = silence_s, .repeat_s = repeat_s};
    status = -1;
    lost = false;
    job = local_job_new(2);
    worker = cluster_worker_open(local_job_rank(job, 1), &config, NULL);
    cr_assert_not_null(worker);
    cr_assert_eq(pthread_create(&thread, NULL, play, NULL), 0);
    GBytes *hello = peer_expect(first(), MESSAGE_HELLO);
    cr_assert_not_null(hello);
    g_bytes_unref(hello);
}

static void tell_end(int code)
{
    GByteArray *message = message_new(MESSAGE_END);
    message_put_u64(message, (uint64_t)code);
    peer_send(first(), 1, message_finish(message));
    pthread_join(thread, NULL);
    cr_assert_eq(status, code);
    cr_assert(!lost);
    local_job_free(job);
}

static void send_net(uint32_t generation)
{
    struct game game;
    struct net *net;
    gsize size;
    cr_assert(game_parse(&game, "gomoku:3,line=3", NULL));
    cr_assert_eq(evaluator_net_fresh(&net, &game, "conv:8", generation, NULL), 0);
    GBytes *packed = cluster_pack_net(net);
    const void *data = g_bytes_get_data(packed, &size);
    GByteArray *message = message_new(MESSAGE_NET);
    message_put_u64(message, generation);
    message_put_bytes(message, data, size);
    peer_send(first(), 1, message_finish(message));
    g_bytes_unref(packed);
    net_unref(net);
}

static void welcome(void)
{
    struct cluster_terms terms;
    peer_terms(&terms);
    peer_send(first(), 1, cluster_terms_pack(&terms));
    send_net(2);
}

static void assign(uint64_t number)
{
    GByteArray *message = message_new(MESSAGE_ASSIGN);
    message_put_u64(message, number);
    message_put_u64(message, number + 1);
    message_put_f64(message, 0);
    message_put_u64(message, 0); /* visits of an opponent */
    message_put_u64(message, 0);
    message_put_bytes(message, NULL, 0);
    peer_send(first(), 1, message_finish(message));
}

static void acknowledge(uint64_t arrived, uint64_t committed)
{
    GByteArray *message = message_new(MESSAGE_ACK);
    message_put_u64(message, arrived);
    message_put_u64(message, committed);
    peer_send(first(), 1, message_finish(message));
}

/* The next game, which must have this number and this place in the sequence. */
static void expect_game(uint64_t number, uint64_t sequence)
{
    GBytes *message = peer_expect(first(), MESSAGE_GAME);
    cr_assert_not_null(message, "game %d does not come", (int)number);
    struct message_reader reader = peer_read(message);
    size_t size;
    cr_assert_eq(message_take_u64(&reader), sequence);
    cr_assert_eq(message_take_u64(&reader), number);
    cr_assert_gt(message_take_u64(&reader), 0, "no evaluations");
    const void *data = message_take_bytes(&reader, &size);
    struct record *record;
    GError *error = NULL;
    cr_assert_eq(record_unpack(&record, NULL, data, size, &error), 0, "%s", error ? error->message : "");
    cr_assert_eq(record->number, number);
    cr_assert_eq(record->generation, 2);
    record_unref(record);
    g_bytes_unref(message);
}

static guint count_kept(void)
{
    pthread_mutex_lock(&worker->lock);
    const guint kept = worker->kept->length;
    pthread_mutex_unlock(&worker->lock);
    return kept;
}

static void expect_kept(guint count)
{
    for (int i = 0; i < 10000 && count_kept() != count; i++)
        g_usleep(1000);
    cr_assert_eq(count_kept(), count);
}

Test(cluster_worker, asks_for_games_and_plays_them)
{
    begin(0, 0);
    welcome();
    GBytes *want = peer_expect(first(), MESSAGE_WANT);
    struct message_reader reader = peer_read(want);
    cr_assert_eq(message_take_u64(&reader), 1, "one to spare");
    g_bytes_unref(want);
    want = peer_expect(first(), MESSAGE_WANT);
    reader = peer_read(want);
    cr_assert_eq(message_take_u64(&reader), 2, "and one to play");
    g_bytes_unref(want);
    cr_assert_eq(peer_count(first(), MESSAGE_WANT, 0.1), 0, "more than it needs");
    assign(11);
    assign(12);
    expect_game(11, 1);
    expect_game(12, 2);
    want = peer_expect(first(), MESSAGE_STATUS);
    reader = peer_read(want);
    cr_assert_geq(message_take_f64(&reader), 0);
    cr_assert_gt(message_take_f64(&reader), 0, "no processor time");
    g_bytes_unref(want);
    tell_end(0);
}

Test(cluster_worker, keeps_games_until_they_are_committed)
{
    begin(0, 0.2);
    welcome();
    assign(11);
    expect_game(11, 1);
    expect_game(11, 1); /* no answer: repeated */
    acknowledge(1, 0);
    peer_count(first(), MESSAGE_GAME, 0.3); /* one may be on its way */
    cr_assert_eq(peer_count(first(), MESSAGE_GAME, 0.5), 0, "repeated although it has arrived");
    cr_assert_eq(count_kept(), 1, "given up before it was committed");
    assign(12);
    expect_game(12, 2);
    acknowledge(2, 1);
    expect_kept(1);
    acknowledge(1, 1); /* an old answer, late */
    acknowledge(2, 2);
    expect_kept(0);
    tell_end(0);
}

Test(cluster_worker, repeats_in_order_from_the_first_that_was_lost)
{
    begin(0, 1.5);
    welcome();
    local_job_lose(job, 1, 0, MESSAGE_GAME, 1);
    assign(11);
    assign(12);
    expect_game(12, 2); /* which rank 0 does not take before the first */
    expect_game(11, 1);
    expect_game(12, 2);
    tell_end(0);
}

Test(cluster_worker, ends_games_when_told_and_says_goodbye)
{
    begin(0, 0);
    welcome();
    assign(11);
    expect_game(11, 1);
    peer_send(first(), 1, message_of(MESSAGE_FINISH));
    cr_assert_eq(peer_count(first(), MESSAGE_BYE, 0.1), 0, "although the game may not have arrived");
    acknowledge(1, 0);
    GBytes *bye = peer_expect(first(), MESSAGE_BYE);
    cr_assert_not_null(bye);
    g_bytes_unref(bye);
    tell_end(1);
}

Test(cluster_worker, ends_before_there_are_terms)
{
    begin(0, 0);
    tell_end(2);
}

Test(cluster_worker, leaves_when_rank_0_falls_silent)
{
    begin(1, 0);
    welcome();
    local_job_cut(job, 0);
    pthread_join(thread, NULL);
    cr_assert_eq(status, 3);
    cr_assert(lost);
    local_job_free(job);
}

Test(cluster_worker, reports_its_own_failure)
{
    struct cluster_terms terms;
    begin(0, 0);
    peer_terms(&terms);
    g_strlcpy(terms.settings.sizes, "3,4,5,99", sizeof terms.settings.sizes);
    peer_send(first(), 1, cluster_terms_pack(&terms));
    GBytes *message = peer_expect(first(), MESSAGE_FAILED);
    cr_assert_not_null(message);
    struct message_reader reader = peer_read(message);
    char *text = message_take_text(&reader);
    cr_assert(strstr(text, "99"), "%s", text);
    g_free(text);
    g_bytes_unref(message);
    tell_end(2);
}

Test(cluster_worker, a_signal_is_passed_on)
{
    begin(0, 0);
    cluster_worker_stop(worker);
    GBytes *message = peer_expect(first(), MESSAGE_SIGNAL);
    cr_assert_not_null(message);
    g_bytes_unref(message);
    tell_end(0);
}

/* ---- sums ---- */

static atomic_int during;

static void count_during(void *user)
{
    (void)user;
    atomic_fetch_add(&during, 1);
}

struct adding {
    struct link *link;
    float values[3];
    bool good;
};

static void nothing_received(void *user, int from, const void *data, size_t size)
{
    (void)user, (void)from, (void)data, (void)size;
}

static void nothing(void *user)
{
    (void)user;
}

static void nothing_lost(void *user, int rank, const char *why)
{
    (void)user, (void)rank, (void)why;
}

static const struct link_ops no_ops = {.received = nothing_received, .tick = nothing, .lost = nothing_lost};

static void *add(void *user)
{
    struct adding *adding = user;
    adding->good = link_sum(adding->link, adding->values, 3, count_during, NULL);
    return NULL;
}

Test(cluster_worker, sums_are_over_the_first_ranks)
{
    pthread_t threads[2];
    struct adding adding[2] = {{.values = {1, 2, 3}}, {.values = {10, 20, 30}}};
    job = local_job_new(3);
    for (int i = 0; i < 2; i++) {
        cr_assert(link_start(&adding[i].link, local_job_rank(job, i), &(struct link_config){.ops = &no_ops}, NULL));
        pthread_create(&threads[i], NULL, add, &adding[i]);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        cr_assert(adding[i].good && adding[i].values[0] == 11 && adding[i].values[2] == 33);
        link_stop(adding[i].link, 0);
    }
    cr_assert_eq(atomic_load(&during), 2, "each rank has time for something else");
    local_job_free(job);
}

Test(cluster_worker, a_sum_ends_when_a_rank_is_lost)
{
    pthread_t one;
    struct adding adding = {.values = {1, 2, 3}};
    job = local_job_new(2);
    cr_assert(link_start(&adding.link, local_job_rank(job, 0), &(struct link_config){.ops = &no_ops, .silence_s = 0.5},
                         NULL));
    pthread_create(&one, NULL, add, &adding);
    pthread_join(one, NULL);
    cr_assert(!adding.good);
    link_stop(adding.link, 0);
    local_job_free(job);
}

static void *wait_for_a_game(void *user)
{
    struct message_reader fields;
    uint64_t number;
    (void)user;
    cr_assert_null(cluster_worker_next(worker, &number, &fields));
    return NULL;
}

/* A step of training may use the threads that have no game. */
Test(cluster_worker, pausing_says_how_many_threads_do_not_play)
{
    pthread_t players[3];
    begin(0, 0);
    cr_assert_eq(cluster_worker_pause(worker, true), 1);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(pthread_create(&players[i], NULL, wait_for_a_game, NULL), 0);
    const gint64 until = g_get_monotonic_time() + 20 * G_USEC_PER_SEC;
    while (cluster_worker_pause(worker, false) < 3 && g_get_monotonic_time() < until)
        g_usleep(1000);
    cr_assert_eq(cluster_worker_pause(worker, false), 3);
    tell_end(0);
    for (int i = 0; i < 3; i++)
        pthread_join(players[i], NULL);
}
