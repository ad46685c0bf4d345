/* The net that a run starts from: its shape, and what --from and --net may say together. */
#include <criterion/criterion.h>
#include <string.h>

#include "engine/settings/settings.h"
#include "engine/training/first_net.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"
#include "tests/delete_folder.h"

enum { MOVES = 32 }; /* enough for the points of 3x3 and the other moves */

static struct game game;
static struct settings settings;
static char *folder, *file, preset[NET_TRUNK_MAX];

static void set_up(void)
{
    struct net *net;
    cr_assert(game_parse(&game, "gomoku:3,line=3", NULL));
    settings_presets(&settings, &game);
    settings.seed = 5;
    g_strlcpy(preset, settings.net, sizeof preset);
    folder = g_dir_make_tmp("tengen-first-XXXXXX", NULL);
    cr_assert(folder);
    file = g_strdup_printf("%s/a.safetensors", folder);
    cr_assert_eq(evaluator_net_fresh(&net, &game, "conv:8 res:8+drop=0.1 res:8", 7, NULL), 0);
    cr_assert_eq(net_save(net, file, NULL, NULL), 0);
    net_unref(net);
    g_strlcpy(settings.from, file, sizeof settings.from);
}

static void tear_down(void)
{
    delete_folder(folder);
    g_free(folder);
    g_free(file);
}

TestSuite(first_net, .init = set_up, .fini = tear_down);

/* Settles on a shape and opens the net, which has it; logits: those of the empty board. */
static void expect_shape(const char *given, const char *wanted, float logits[MOVES])
{
    memset(logits, 0, MOVES * sizeof *logits);
    struct net *net;
    struct net_runner *runner;
    GError *error = NULL;
    if (given)
        g_strlcpy(settings.net, given, sizeof settings.net);
    cr_assert(first_net_settle(&settings, &game, preset, &error), "%s", error ? error->message : "");
    cr_expect_str_eq(settings.net, wanted);
    cr_assert_eq(first_net_open(&net, &settings, &game, &error), 0, "%s", error ? error->message : "");
    cr_expect_str_eq(net_info(net)->trunk, wanted);
    const struct net_info *info = net_info(net);
    float *planes = g_new0(float, info->planes * 9), *globals = g_new0(float, info->globals);
    cr_assert_eq(net_runner_create(&runner, net, NET_BACKEND_PLAIN, NET_F32, 1, NULL), 0);
    net_runner_infer(runner, 3, 3, 1, planes, globals, &(struct net_outputs){.policy = logits});
    net_runner_close(runner);
    net_unref(net);
    g_free(planes);
    g_free(globals);
}

/* Given this shape, the net computes what the one in the file does. */
static void expect_kept(const char *given, const char *wanted)
{
    float before[MOVES], after[MOVES];
    struct settings own = settings;
    expect_shape(NULL, "conv:8 res:8+drop=0.1 res:8", before);
    settings = own;
    expect_shape(given, wanted, after);
    cr_expect_arr_eq(before, after, sizeof before);
    settings = own;
}

Test(first_net, takes_the_shape_of_the_net_it_starts_from)
{
    float logits[MOVES];
    expect_shape(NULL, "conv:8 res:8+drop=0.1 res:8", logits);
}

/* Another dropout: the same weights. */
Test(first_net, may_be_given_another_dropout)
{
    expect_kept("conv:8,res:8+depth=0.2,res:8", "conv:8 res:8+depth=0.2 res:8");
    expect_kept("conv:8,res:8,res:8", "conv:8 res:8 res:8");
}

/* More blocks, which add nothing at first. */
Test(first_net, may_grow)
{
    expect_kept("conv:8,res:8,gpool:8,res:8,res:8", "conv:8 res:8 gpool:8 res:8 res:8");
    expect_kept("conv:8,res:8,attn:8,res:8,attn:8+heads=2", "conv:8 res:8 attn:8 res:8 attn:8+heads=2");
}

/* With a tally, which it keeps. */
Test(first_net, may_be_given_a_tally)
{
    float before[MOVES], after[MOVES];
    struct net *net;
    expect_shape(NULL, "conv:8 res:8+drop=0.1 res:8", before);
    cr_expect_eq(settings.tally, 0);
    settings.tally = 1;
    expect_shape(NULL, "conv:8 res:8+drop=0.1 res:8", after);
    cr_expect_arr_eq(before, after, sizeof before);
    cr_assert_eq(first_net_open(&net, &settings, &game, NULL), 0);
    cr_expect_eq(net_info(net)->tally, 1);
    cr_assert_eq(net_save(net, file, NULL, NULL), 0);
    net_unref(net);
    settings.tally = 0;
    expect_shape(NULL, "conv:8 res:8+drop=0.1 res:8", after);
    cr_expect(settings.tally == 1 && memcmp(before, after, sizeof before) == 0);
    settings.from[0] = 0;
    cr_assert_eq(first_net_open(&net, &settings, &game, NULL), 0);
    cr_expect_eq(net_info(net)->tally, 1);
    net_unref(net);
}

/* With experts in its heads, which it keeps. */
Test(first_net, may_be_given_head_experts)
{
    float before[MOVES], after[MOVES];
    struct net *net;
    expect_shape(NULL, "conv:8 res:8+drop=0.1 res:8", before);
    settings.head_experts = 3;
    expect_shape(NULL, "conv:8 res:8+drop=0.1 res:8", after);
    cr_expect_arr_eq(before, after, sizeof before);
    cr_assert_eq(first_net_open(&net, &settings, &game, NULL), 0);
    cr_expect_eq(net_info(net)->head_experts, 3);
    cr_assert_eq(net_save(net, file, NULL, NULL), 0);
    net_unref(net);
    settings.head_experts = 0;
    expect_shape(NULL, "conv:8 res:8+drop=0.1 res:8", after);
    cr_expect_eq(settings.head_experts, 3);
}

/* Else arms of a lab with and without it would be trained alike. */
Test(first_net, a_tally_is_not_taken_away)
{
    GError *error = NULL;
    struct net *net;
    cr_assert(settings_set(&settings, "tally", "1", NULL) && first_net_settle(&settings, &game, preset, NULL));
    cr_assert_eq(first_net_open(&net, &settings, &game, NULL), 0);
    cr_assert_eq(net_save(net, file, NULL, NULL), 0);
    net_unref(net);
    cr_assert(first_net_settle(&settings, &game, preset, NULL));
    cr_assert(settings_set(&settings, "tally", "0", NULL));
    cr_expect_not(first_net_settle(&settings, &game, preset, &error));
    cr_assert(error && strstr(error->message, "remove tally=0"), "%s", error ? error->message : "no error");
    g_error_free(error);
}

static void expect_refused(const char *given)
{
    GError *error = NULL;
    g_strlcpy(settings.net, given, sizeof settings.net);
    cr_expect_not(first_net_settle(&settings, &game, preset, &error), "%s", given);
    cr_assert_not_null(error);
    char *message = g_strdup_printf("cannot become \"%s\"", given);
    cr_expect(strstr(error->message, message) && strstr(error->message, file), "%s", error->message);
    g_free(message);
    g_clear_error(&error);
}

Test(first_net, keeps_its_blocks)
{
    expect_refused("conv:8 res:8");
    expect_refused("conv:8 res:8 gpool:8");
    expect_refused("conv:8 conv:8 res:8 res:8");
    expect_refused("conv:6 res:6 res:6");
}
