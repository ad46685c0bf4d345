/* Messages as bytes, the terms of a run, and what ranks must agree on. */
#include <criterion/criterion.h>
#include <string.h>

#include "engine/cluster/load.h"
#include "engine/cluster/message.h"
#include "engine/cluster/net_bytes.h"
#include "engine/cluster/terms.h"
#include "engine/cluster/transport.h"
#include "engine/settings/settings.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"
#include "tests/engine/cluster/peer.h"

Test(cluster_messages, fields_come_back_in_order)
{
    GByteArray *message = message_new(MESSAGE_ASSIGN);
    message_put_u64(message, 0x0123456789abcdefu);
    message_put_f64(message, -0.1);
    message_put_text(message, "komi");
    message_put_bytes(message, "\0\1", 2);
    GBytes *bytes = message_finish(message);
    gsize size;
    const unsigned char *data = g_bytes_get_data(bytes, &size);
    struct message_reader reader;
    cr_assert_eq(message_read(&reader, data, size), MESSAGE_ASSIGN);
    cr_assert_eq(data[1], 0xef, "not little-endian");
    cr_assert_eq(message_take_u64(&reader), 0x0123456789abcdefu);
    cr_assert_eq(message_take_f64(&reader), -0.1);
    char *text = message_take_text(&reader);
    cr_assert_str_eq(text, "komi");
    g_free(text);
    const char *raw = message_take_bytes(&reader, &size);
    cr_assert(size == 2 && raw[0] == 0 && raw[1] == 1 && reader.good && reader.left == 0);
    g_bytes_unref(bytes);
}

Test(cluster_messages, a_damaged_message_is_noticed)
{
    static const unsigned char claims_more[] = {MESSAGE_NET, 1, 0, 0, 0, 0, 0, 0, 0, 200, 0, 0, 0, 0, 0, 0, 0, 7};
    struct message_reader reader;
    size_t size = 1;
    cr_assert_eq(message_read(&reader, claims_more, sizeof claims_more), MESSAGE_NET);
    cr_assert_eq(message_take_u64(&reader), 1);
    cr_assert_null(message_take_bytes(&reader, &size));
    cr_assert(size == 0 && !reader.good);
    cr_assert_eq(message_take_u64(&reader), 0, "a field after the damage");
    cr_assert_eq(message_read(&reader, "\377", 1), MESSAGE_KINDS);
    cr_assert_eq(message_read(&reader, "", 0), MESSAGE_KINDS);
}

struct comparison {
    const struct settings *a, *b;
};

static void compare(const char *name, bool fixed, const char *help, void *user)
{
    (void)fixed, (void)help;
    const struct comparison *c = user;
    char *a = settings_get(c->a, name), *b = settings_get(c->b, name);
    cr_assert_str_eq(a, b, "%s", name);
    g_free(a);
    g_free(b);
}

Test(cluster_messages, terms_carry_every_setting)
{
    struct cluster_terms sent, got;
    struct game game;
    cr_assert(game_parse(&game, "go:9,komi=5.5", NULL));
    sent = (struct cluster_terms){
        .backend = NET_BACKEND_FAST, .dtype = NET_BF16, .cache_bytes = (size_t)5 << 32, .spare = 3, .trainers = 2};
    settings_presets(&sent.settings, &game);
    cr_assert(settings_set(&sent.settings, "temperature", "0.1234567890123", NULL));
    cr_assert(settings_set(&sent.settings, "rules", "chinese:2,japanese", NULL));
    sent.settings.rate = 0.1 + 0.2; /* needs all digits */
    cr_assert_eq(evaluator_net_fresh(&sent.opponent, &game, "conv:8", 5, NULL), 0);
    GBytes *message = cluster_terms_pack(&sent);
    struct message_reader reader = peer_read(message);
    GError *error = NULL;
    cr_assert(cluster_terms_unpack(&got, &reader, &error), "%s", error ? error->message : "");
    cr_assert(got.backend == sent.backend && got.dtype == sent.dtype && got.cache_bytes == sent.cache_bytes &&
              got.spare == 3 && got.trainers == 2);
    cr_assert(got.settings.rate == sent.settings.rate && got.settings.temperature == sent.settings.temperature);
    settings_each(compare, &(struct comparison){&sent.settings, &got.settings});
    GBytes *net = net_write_bytes(sent.opponent, NULL), *arrived = net_write_bytes(got.opponent, NULL);
    cr_assert(g_bytes_equal(net, arrived));
    g_bytes_unref(net);
    g_bytes_unref(arrived);
    net_unref(sent.opponent);
    net_unref(got.opponent);
    g_bytes_unref(message);
}

Test(cluster_messages, damaged_terms_are_refused)
{
    struct cluster_terms terms;
    peer_terms(&terms);
    GBytes *message = cluster_terms_pack(&terms);
    gsize size;
    const void *data = g_bytes_get_data(message, &size);
    struct message_reader reader;
    GError *error = NULL;
    message_read(&reader, data, size / 2);
    cr_assert(!cluster_terms_unpack(&terms, &reader, &error));
    cr_assert(error);
    g_clear_error(&error);
    g_bytes_unref(message);
}

/* Whatever its bytes are: an error, or other terms, but no crash. */
Test(cluster_messages, changed_bytes_do_no_harm)
{
    struct cluster_terms terms, got;
    struct rng rng;
    peer_terms(&terms);
    GBytes *message = cluster_terms_pack(&terms);
    gsize size;
    const void *data = g_bytes_get_data(message, &size);
    rng_seed(&rng, 1);
    for (int i = 0; i < 2000; i++) {
        unsigned char *changed = g_memdup2(data, size); /* of its own, so that a read behind its end is noticed */
        struct message_reader reader;
        GError *error = NULL;
        for (int flips = 1 + i % 3; flips > 0; flips--)
            changed[1 + rng_below(&rng, (uint32_t)size - 1)] = (unsigned char)rng_below(&rng, 256);
        message_read(&reader, changed, i % 2 ? size : 1 + rng_below(&rng, (uint32_t)size - 1));
        cr_assert(cluster_terms_unpack(&got, &reader, &error) == !error);
        net_unref(got.opponent);
        g_clear_error(&error);
        g_free(changed);
    }
    g_bytes_unref(message);
}

static void expect_arguments(const char *expected, int argc, char **argv)
{
    char *line = cluster_arguments(argc, argv);
    cr_assert_str_eq(line, expected);
    g_free(line);
}

Test(cluster_messages, arguments_are_compared_but_for_the_threads)
{
    expect_arguments("train go9 --visits 8", 6, (char *[]){"train", "go9", "--threads", "4", "--visits", "8"});
    expect_arguments("train go9", 3, (char *[]){"train", "--threads=2", "go9"});
    expect_arguments("train", 2, (char *[]){"train", "--threads"});
    expect_arguments("train --set 'rules=a b' ''", 4, (char *[]){"train", "--set", "rules=a b", ""});
}

static char *check(GBytes *hello, const char *arguments)
{
    char *host;
    struct message_reader reader = peer_read(hello);
    char *problem = cluster_check_hello(&reader, 3, arguments, &host);
    cr_assert(host[0]);
    g_free(host);
    g_bytes_unref(hello);
    return problem;
}

Test(cluster_messages, ranks_must_be_alike)
{
    cr_assert_null(check(cluster_hello("train go9"), "train go9"));
    char *problem = check(cluster_hello("train go7"), "train go9");
    cr_assert(strstr(problem, "rank 3 on ") && strstr(problem, "\"train go7\"") && strstr(problem, "\"train go9\""));
    g_free(problem);
    GByteArray *older = message_new(MESSAGE_HELLO);
    message_put_text(older, "tengen 0.0");
    message_put_text(older, "train go9");
    message_put_text(older, "node7");
    problem = check(message_finish(older), "train go9");
    cr_assert(strstr(problem, "rank 3 on node7 runs tengen 0.0") && strstr(problem, "one version"));
    g_free(problem);
}

Test(cluster_messages, a_net_arrives_bit_for_bit)
{
    struct game game;
    struct net *net, *got;
    cr_assert(game_parse(&game, "gomoku:5,line=4", NULL));
    cr_assert_eq(evaluator_net_fresh(&net, &game, "conv:16 res:16", 5, NULL), 0);
    GBytes *packed = cluster_pack_net(net), *before = net_write_bytes(net, NULL);
    gsize size;
    const void *data = g_bytes_get_data(packed, &size);
    cr_assert_lt(size, g_bytes_get_size(before), "not compressed");
    cr_assert(cluster_unpack_net(&got, data, size, NULL));
    GBytes *after = net_write_bytes(got, NULL);
    cr_assert(g_bytes_equal(before, after));
    GError *error = NULL;
    struct net *damaged;
    cr_assert(!cluster_unpack_net(&damaged, data, size - 9, &error));
    cr_assert_null(damaged);
    g_clear_error(&error);
    g_bytes_unref(after);
    g_bytes_unref(before);
    g_bytes_unref(packed);
    net_unref(got);
    net_unref(net);
}

/* A size that is no multiple of the word, and none at all. */
Test(cluster_messages, any_bytes_can_be_packed)
{
    const char text[] = "seven b";
    for (size_t size = 0; size <= sizeof text; size++) {
        GBytes *packed = cluster_pack_floats(text, size);
        gsize length;
        const void *data = g_bytes_get_data(packed, &length);
        GBytes *back = cluster_unpack_floats(data, length, NULL), *before = g_bytes_new(text, size);
        cr_assert(g_bytes_equal(back, before), "%zu bytes", size);
        g_bytes_unref(before);
        g_bytes_unref(back);
        g_bytes_unref(packed);
    }
}

static void clear_environment(void)
{
    static const char *const names[] = {"OMPI_COMM_WORLD_SIZE",
                                        "OMPI_COMM_WORLD_RANK",
                                        "OMPI_COMM_WORLD_LOCAL_SIZE",
                                        "PMI_SIZE",
                                        "PMI_RANK",
                                        "PMIX_RANK",
                                        "SLURM_STEP_NUM_TASKS",
                                        "SLURM_CPUS_PER_TASK",
                                        "MPI_LOCALNRANKS",
                                        "TENGEN_MPI"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        g_unsetenv(names[i]);
}

static void expect_ranks(int size, int rank)
{
    int found;
    cr_assert_eq(cluster_environment(&found), size);
    cr_assert_eq(found, rank);
}

Test(cluster_messages, who_started_the_ranks)
{
    clear_environment();
    expect_ranks(1, 0);
    g_setenv("PMI_SIZE", "4", TRUE);
    g_setenv("PMI_RANK", "3", TRUE);
    expect_ranks(4, 3);
    g_setenv("PMI_SIZE", "1", TRUE); /* mpirun -n 1 is no job */
    expect_ranks(1, 0);
    clear_environment();
    g_setenv("SLURM_STEP_NUM_TASKS", "8", TRUE); /* a batch script has no PMIX_RANK */
    expect_ranks(1, 0);
    g_setenv("PMIX_RANK", "0", TRUE);
    expect_ranks(8, 0);
    g_setenv("OMPI_COMM_WORLD_SIZE", "2", TRUE);
    g_setenv("OMPI_COMM_WORLD_RANK", "1", TRUE);
    expect_ranks(2, 1);
    clear_environment();
}

Test(cluster_messages, threads_are_shared_by_the_ranks_of_a_machine)
{
    clear_environment();
    cr_assert_eq(cluster_threads(6), 6);
    g_setenv("OMPI_COMM_WORLD_LOCAL_SIZE", "100000", TRUE); /* more ranks than any machine has cores */
    cr_assert_eq(cluster_threads(6), 1);
    clear_environment();
    g_setenv("SLURM_CPUS_PER_TASK", "2", TRUE);
    cr_assert_eq(cluster_threads(6), 6, "only for ranks");
    g_setenv("PMI_SIZE", "4", TRUE);
    g_setenv("PMI_RANK", "0", TRUE);
    cr_assert_eq(cluster_threads(6), 2);
    clear_environment();
}

Test(cluster_messages, an_mpi_without_a_module_names_the_package)
{
    struct transport *transport;
    GError *error = NULL;
    clear_environment();
    g_setenv("PMI_SIZE", "4", TRUE);
    g_setenv("PMI_RANK", "0", TRUE);
    g_setenv("TENGEN_MPI", "lam", TRUE);
    cr_assert(!cluster_open(&transport, &(struct transport_start){.summing = 0}, &error));
    cr_assert(strstr(error->message, "openmpi, mpich or own"), "%s", error->message);
    g_clear_error(&error);
    g_unsetenv("TENGEN_MPI"); /* the tests' program has no modules beside it */
    cr_assert(!cluster_open(&transport, &(struct transport_start){.summing = 0}, &error));
    cr_assert(error->code == CLUSTER_ERROR_INPUT && strstr(error->message, "libmpich-dev"), "%s", error->message);
    g_clear_error(&error);
    clear_environment();
    cr_assert(cluster_open(&transport, &(struct transport_start){.summing = 0}, &error) && !transport);
}
