/* Two ranks that train together: rows on their way, and a team over a job in memory against one trainer. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>

#include "engine/cluster/host.h"
#include "engine/cluster/message.h"
#include "engine/cluster/terms.h"
#include "engine/cluster/worker.h"
#include "engine/settings/settings.h"
#include "engine/training/first_net.h"
#include "engine/training/learner.h"
#include "engine/training/team/team.h"
#include "engine/training/training.h"
#include "games/game.h"
#include "net/net.h"
#include "net/targets.h"
#include "net/train.h"
#include "tests/engine/cluster/local_job.h"
#include "tests/engine/cluster/peer.h"

enum { BATCH = 21 };

static struct cluster_terms terms;
static struct game game;
static struct local_job *job;
static struct cluster_host *host;
static struct cluster_worker *worker;
static pthread_t mate;
static GError *failure;
static int status;

static void set_up(void)
{
    cr_assert(game_parse(&game, "gomoku:5,line=4", NULL));
    terms = (struct cluster_terms){.backend = NET_BACKEND_PLAIN, .dtype = NET_F32, .spare = 1, .trainers = 2};
    settings_presets(&terms.settings, &game);
    g_strlcpy(terms.settings.net, "conv:8 res:8", sizeof terms.settings.net);
    terms.settings.seed = 5;
    terms.settings.batch = BATCH;
}

TestSuite(team, .init = set_up);

static struct net_trainer *make_trainer(int64_t seed)
{
    struct net_trainer_config config;
    struct settings settings = terms.settings;
    struct net *net;
    struct net_trainer *trainer;
    settings.seed = seed;
    cr_assert_eq(first_net_fresh(&net, &settings, &game, NULL), 0);
    learner_trainer_config(&terms.settings, terms.backend, terms.dtype, &config);
    cr_assert_eq(net_trainer_create(&trainer, net, &config, NULL), 0);
    net_unref(net);
    return trainer;
}

/* Random numbers everywhere, different in each array. */
static struct net_samples *make_rows(const struct net_info *info, uint64_t seed)
{
    struct net_samples *s = net_samples_new(info, 5, 5, BATCH);
    struct rng rng;
    rng_seed(&rng, seed);
    for (int i = 0; i < BATCH * info->planes * 25; i++)
        s->planes[i] = (float)rng_below(&rng, 2);
    for (int i = 0; i < BATCH * info->globals; i++)
        s->globals[i] = (float)rng_uniform(&rng);
    for (int row = 0; row < BATCH; row++) {
        s->row_weight[row] = 0.5f + (float)rng_uniform(&rng);
        for (int t = 0; t < NET_TARGETS; t++) {
            const int count = net_samples_count(s, t);
            s->weight[t][row] = (float)rng_uniform(&rng);
            for (int i = 0; i < count; i++)
                net_samples_row(s, t, row)[i] = (float)rng_uniform(&rng) / (float)count;
        }
    }
    return s;
}

Test(team, parts_cover_the_batch)
{
    for (int trainers = 1; trainers < 9; trainers++) {
        struct net_samples s = {.n = BATCH, .sequence = 1};
        cr_assert(team_first_row(&s, 0, trainers) == 0 && team_first_row(&s, trainers, trainers) == BATCH);
        for (int i = 0; i < trainers; i++) {
            const int part = team_first_row(&s, i + 1, trainers) - team_first_row(&s, i, trainers);
            cr_assert(part == BATCH / trainers || part == BATCH / trainers + 1);
        }
    }
}

/* 20 rows in sequences of 6: four sequences, the last of which has two rows. */
Test(team, parts_do_not_cut_sequences)
{
    const struct net_samples s = {.n = 20, .sequence = 6};
    for (int trainers = 1; trainers <= 4; trainers++) {
        cr_assert(team_first_row(&s, 0, trainers) == 0 && team_first_row(&s, trainers, trainers) == 20);
        for (int i = 1; i < trainers; i++)
            cr_assert(team_first_row(&s, i, trainers) % 6 == 0 &&
                      team_first_row(&s, i, trainers) > team_first_row(&s, i - 1, trainers));
    }
}

/* 20 rows in sequences of 6 are enough for four trainers; alone, each row is enough for one. */
Test(team, every_trainer_gets_a_sequence)
{
    GError *error = NULL;
    cr_expect(team_fits(4, 20, 6, NULL) && team_fits(20, 20, 1, NULL) && team_fits(0, 1, 8, NULL));
    cr_expect_not(team_fits(5, 20, 6, &error));
    cr_expect(error && strstr(error->message, "4 sequences"), "%s", error ? error->message : "nothing");
    g_clear_error(&error);
}

Test(team, rows_arrive_bit_for_bit)
{
    struct net_trainer *trainer = make_trainer(1);
    const struct net_info *info = net_trainer_info(trainer);
    struct net_samples *sent = make_rows(info, 3);
    GByteArray *message = message_new(MESSAGE_STEP);
    team_put_rows(message, info, sent, 4, 9);
    GBytes *bytes = message_finish(message);
    struct message_reader reader = peer_read(bytes), half = reader;
    struct net_samples *got = team_take_rows(&reader, info);
    cr_assert(got && got->n == 9 && got->width == 5 && got->height == 5 && got->moves == sent->moves &&
              reader.left == 0);
    cr_assert_eq(
        memcmp(got->planes, sent->planes + (size_t)(4 * info->planes * 25), 9u * 25 * 4 * (unsigned)info->planes), 0);
    cr_assert_eq(memcmp(got->globals, sent->globals + (size_t)(4 * info->globals), 9u * 4 * (unsigned)info->globals),
                 0);
    cr_assert_eq(memcmp(got->row_weight, sent->row_weight + 4, 9 * 4), 0);
    for (int t = 0; t < NET_TARGETS; t++) {
        const size_t size = 9u * 4 * (unsigned)net_samples_count(sent, t);
        cr_assert_eq(memcmp(net_samples_row(got, t, 0), net_samples_row(sent, t, 4), size), 0, "%s",
                     net_targets[t].name);
        cr_assert_eq(memcmp(got->weight[t], sent->weight[t] + 4, 9 * 4), 0, "%s", net_targets[t].name);
    }
    half.left /= 2;
    cr_assert_null(team_take_rows(&half, info), "a damaged message was read");
    unsigned char *changed = g_memdup2(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
    changed[1 + 16] = 10; /* rows: the third field */
    message_read(&half, changed, g_bytes_get_size(bytes));
    cr_assert_null(team_take_rows(&half, info), "more rows than there are were read");
    changed[1 + 16 + 2] = 8; /* half a million */
    message_read(&half, changed, g_bytes_get_size(bytes));
    cr_assert_null(team_take_rows(&half, info));
    g_free(changed);
    net_samples_free(got);
    net_samples_free(sent);
    g_bytes_unref(bytes);
    net_trainer_close(trainer);
}

/* ---- a job of two ranks ---- */

static bool next_game(void *user, struct selfplay_assignment *next)
{
    (void)user, (void)next;
    return false;
}

static int64_t hand_in(void *user, struct record *record, uint64_t evaluations)
{
    (void)user, (void)record, (void)evaluations;
    return 0;
}

static void stop(void *user)
{
    (void)user;
}

static void failed(void *user, GError *error)
{
    (void)user;
    g_atomic_pointer_set(&failure, error);
}

static const struct cluster_host_ops ops = {.next_game = next_game, .hand_in = hand_in, .stop = stop, .failed = failed};

static void *serve(void *user)
{
    struct cluster_terms got;
    bool lost;
    (void)user;
    if (cluster_worker_wait(worker, &got))
        training_run_mate(worker, &got);
    status = cluster_worker_close(worker, &lost);
    return NULL;
}

static void begin(double silence_s)
{
    failure = NULL;
    job = local_job_new(2);
    host = cluster_host_open(local_job_rank(job, 0),
                             &(struct cluster_host_config){.arguments = "x", .silence_s = silence_s, .finish_s = 0.1},
                             NULL);
    worker = cluster_worker_open(local_job_rank(job, 1),
                                 &(struct cluster_worker_config){.arguments = "x", .silence_s = silence_s}, NULL);
    cr_assert(host && worker && pthread_create(&mate, NULL, serve, NULL) == 0 && cluster_host_gather(host, NULL));
    cluster_host_serve(host, &terms, &ops, NULL);
}

static void end(int expected)
{
    cluster_host_close(host, 0);
    pthread_join(mate, NULL);
    cr_assert_eq(status, expected);
    local_job_free(job);
    GError *error = failure;
    g_clear_error(&error);
}

static const char *wait_failure(void)
{
    for (int i = 0; i < 10000 && !g_atomic_pointer_get(&failure); i++)
        g_usleep(1000);
    return failure ? failure->message : "no failure";
}

Test(team, trains_as_one_trainer_does)
{
    begin(0);
    struct net_trainer *first = make_trainer(1), *alone = make_trainer(1);
    struct team *team = team_new(host, 2);
    struct net_losses together, one;
    cr_assert(team_restore(team, first, NULL)); /* the mate's own first weights are of another seed */
    for (int i = 0; i < 5; i++) {
        struct net_samples *rows = make_rows(net_trainer_info(first), 10 + (uint64_t)i);
        cr_assert(team_step(team, first, rows, 0.02f, NULL, NULL, &together, NULL));
        cr_assert_eq(rows->n, BATCH, "the batch was changed");
        net_trainer_step(alone, rows, 0.02f, &one);
        cr_assert_float_eq(together.total, one.total, 1e-3f * one.total, "step %d: %g, alone %g", i,
                           (double)together.total, (double)one.total);
        net_samples_free(rows);
    }
    cr_assert_eq(net_trainer_steps(first), 5);
    team_check(team, first);
    g_usleep(100000);
    cr_assert_null(failure, "%s", failure->message);
    team_check(team, alone); /* the same but for rounding: noticed */
    cr_assert(strstr(wait_failure(), "weights differ"), "%s", wait_failure());
    team_free(team);
    net_trainer_close(first);
    net_trainer_close(alone);
    end(0);
}

/* Deals out the batches of a run one step ahead. */
struct ahead {
    struct team *team;
    struct net_trainer *trainer;
    struct net_samples *next; /* NULL: none dealt */
    int step;
};

static void deal(void *user)
{
    struct ahead *ahead = user;
    ahead->next = make_rows(net_trainer_info(ahead->trainer), 11 + (uint64_t)ahead->step);
    team_deal(ahead->team, ahead->trainer, ahead->next, 0.02f);
}

/* The same weights, bit for bit, on all ranks and as without dealing ahead. */
Test(team, batches_dealt_ahead_change_nothing)
{
    uint64_t hash[2];
    for (int early = 0; early < 2; early++) {
        begin(0);
        struct net_trainer *first = make_trainer(1);
        struct team *team = team_new(host, 2);
        struct net_losses losses;
        struct ahead ahead = {.team = team, .trainer = first};
        cr_assert(team_restore(team, first, NULL));
        for (ahead.step = 0; ahead.step < 5; ahead.step++) {
            struct net_samples *rows =
                ahead.next ? ahead.next : make_rows(net_trainer_info(first), 10 + (uint64_t)ahead.step);
            ahead.next = NULL;
            cr_assert(
                team_step(team, first, rows, 0.02f, early && ahead.step < 4 ? deal : NULL, &ahead, &losses, NULL));
            cr_assert_eq(ahead.next != NULL, early && ahead.step < 4);
            net_samples_free(rows);
        }
        team_check(team, first);
        g_usleep(100000);
        cr_assert_null(failure, "%s", failure->message);
        hash[early] = net_trainer_hash(first);
        team_free(team);
        net_trainer_close(first);
        end(0);
    }
    cr_assert_eq(hash[0], hash[1]);
}

Test(team, a_lost_rank_fails_the_step)
{
    GError *error = NULL;
    begin(2);
    struct net_trainer *first = make_trainer(1);
    struct team *team = team_new(host, 2);
    struct net_losses losses;
    cr_assert(team_restore(team, first, NULL));
    struct net_samples *rows = make_rows(net_trainer_info(first), 10);
    cr_assert(team_step(team, first, rows, 0.02f, NULL, NULL, &losses, NULL));
    local_job_cut(job, 1);
    cr_assert(!team_step(team, first, rows, 0.02f, NULL, NULL, &losses, &error));
    cr_assert(strstr(error->message, "has failed"));
    cr_assert(strstr(wait_failure(), "rank 1 on "), "%s", wait_failure());
    cr_assert_eq(net_trainer_steps(first), 1);
    g_clear_error(&error);
    net_samples_free(rows);
    team_free(team);
    net_trainer_close(first);
    end(3);
}
