/* Memories by likeness as files, and the player's option. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "agents/agent.h"
#include "agents/memory/likeness_file.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/likeness.h"
#include "net/io/safetensors.h"
#include "net/net.h"
#include "tests/agents/open.h"
#include "tests/delete_folder.h"

enum { COUNT = 30 };

static char *folder, *path;
static struct game game;
static struct net *net;
static float *features, errors[COUNT];

static void set_up(void)
{
    folder = g_dir_make_tmp("tengen-likeness-XXXXXX", NULL);
    cr_assert(folder);
    path = g_build_filename(folder, "like.safetensors", NULL);
    cr_assert(game_parse(&game, "go:5", NULL));
    cr_assert_eq(evaluator_net_fresh(&net, &game, "conv:8 res:8", 1, NULL), 0);
    features = g_new(float, COUNT *net_pooled_size(net));
    for (size_t i = 0; i < COUNT * net_pooled_size(net); i++)
        features[i] = (float)(i * i % 31);
    for (int i = 0; i < COUNT; i++)
        errors[i] = 0.01f * (float)i;
}

static void tear_down(void)
{
    g_free(features);
    net_unref(net);
    delete_folder(folder);
    g_free(path);
    g_free(folder);
}

TestSuite(likeness_file, .init = set_up, .fini = tear_down);

static void write_file(const struct net *of)
{
    GError *error = NULL;
    const struct likeness_positions positions = {COUNT, net_pooled_size(of), features, errors, 0.75f};
    cr_assert(likeness_file_write(path, of, &positions, "runs/a", &error), "%s", error ? error->message : "");
}

static void expect_refused(const char *why)
{
    GError *error = NULL;
    cr_expect_null(likeness_file_read(path, net, &error));
    cr_assert(error);
    cr_expect(strstr(error->message, why), "%s", error->message);
    g_error_free(error);
}

Test(likeness_file, comes_back)
{
    write_file(net);
    struct likeness *likeness = likeness_file_read(path, net, NULL);
    cr_assert(likeness);
    cr_expect_float_eq(likeness_error(likeness, features), 0.145, 1e-6);
    likeness_unref(likeness);
}

/* The same shape with other weights, and the same net with another note. */
Test(likeness_file, belongs_to_one_net)
{
    struct net *other, *renamed;
    char *saved = g_build_filename(folder, "net.safetensors", NULL);
    cr_assert_eq(evaluator_net_fresh(&other, &game, "conv:8 res:8", 2, NULL), 0);
    write_file(other);
    expect_refused("of another net; make one for this net with `tengen export RUN --likeness FILE --net NET`");
    write_file(net);
    cr_assert_eq(net_save(net, saved, "a note", NULL), 0);
    cr_assert_eq(net_load(&renamed, saved, NULL), 0);
    struct likeness *likeness = likeness_file_read(path, renamed, NULL);
    cr_expect(likeness);
    likeness_unref(likeness);
    net_unref(renamed);
    net_unref(other);
    g_free(saved);
}

Test(likeness_file, damage_is_refused)
{
    expect_refused(path); /* there is none */
    cr_assert(g_file_set_contents(path, "nonsense", -1, NULL));
    expect_refused(path);
    cr_assert_eq(net_save(net, path, NULL, NULL), 0);
    expect_refused("no memory by likeness; make one with `tengen export RUN --likeness FILE`");
    errors[3] = NAN;
    write_file(net);
    expect_refused("damaged; make it again");
    errors[3] = 0;
    features[7] = INFINITY;
    write_file(net);
    expect_refused("damaged; make it again");
}

/* A weight that no memory has, and tensors that do not fit each other or the net. */
Test(likeness_file, tensors_that_do_not_fit)
{
    char *fingerprint = net_fingerprint(net);
    const int64_t size = (int64_t)net_pooled_size(net);
    const struct {
        int64_t rows, size, errors;
        const char *weight;
    } cases[] = {
        {4, size, 4, "1000"}, {4, size, 3, "1"}, {4, size - 1, 4, "1"}, {0, size, 0, "1"}, {4, size, 4, "nan"}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const struct safetensors_tensor tensors[] = {{"features", 2, {cases[i].rows, cases[i].size}, features},
                                                     {"errors", 1, {cases[i].errors}, errors}};
        const struct safetensors_text texts[] = {
            {"format", "tengen-likeness-1"}, {"net", fingerprint}, {"weight", cases[i].weight}};
        cr_assert_eq(safetensors_save(path, safetensors_write(tensors, 2, texts, 3), NULL), 0);
        expect_refused("damaged; make it again");
    }
    g_free(fingerprint);
}

/* ---- the player ---- */

static void take_value(const struct agent_report *report, void *data)
{
    *(float *)data = report->raw_value;
}

static float value_of(const char *spec)
{
    struct agent *agent = open_agent(&game, spec);
    float value = NAN;
    const struct agent_analysis analysis = {.report = take_value, .data = &value};
    cr_assert(agent_new_game(agent, 1, NULL));
    cr_assert(agent_analyse(agent, &(struct agent_clock){.visits = 4}, &analysis, NULL, NULL));
    agent_close(agent);
    return value;
}

Test(likeness_file, a_player_takes_it)
{
    char *saved = g_build_filename(folder, "net.safetensors", NULL);
    cr_assert_eq(net_save(net, saved, NULL, NULL), 0);
    write_file(net);
    char *plain = g_strdup_printf("net:%s,visits=4,symmetry=none", saved),
         *corrected = g_strdup_printf("%s,like=%s", plain, path), *missing = g_strdup_printf("%s,like=/none", plain);
    cr_expect_float_eq(value_of(corrected) - value_of(plain), 0.75 * 0.145, 1e-4);
    GError *error = NULL;
    struct agent *agent;
    cr_expect_neq(agent_open(&agent, missing, &game, &(struct agent_config){.seed = 1, .threads = 1}, &error), 0);
    cr_assert(error);
    cr_expect(g_str_has_prefix(error->message, "like=/none: "), "%s", error->message);
    g_error_free(error);
    g_free(plain);
    g_free(corrected);
    g_free(missing);
    g_free(saved);
}
