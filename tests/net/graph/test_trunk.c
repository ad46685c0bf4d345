/* The text of a trunk and the description of a net: what is accepted, and the errors for the rest. */
#include "net/graph/blocks/blocks.h"
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/net.h"
#include "tests/net/fixtures.h"

#include <criterion/criterion.h>

static const char blocks_help[] =
    "the blocks are conv:CHANNELS (3x3 convolution and ReLU; the first block of every trunk), res:CHANNELS (residual "
    "block of two 3x3 convolutions), gpool:CHANNELS (residual block with global pooling: a quarter of its inner "
    "channels is pooled to a bias for the rest), se:CHANNELS (residual block with squeeze and excitation: channels are "
    "weighted by the whole board), moe:CHANNELS (residual block whose first convolution is one of several experts, "
    "chosen "
    "for the position as a whole), attn:CHANNELS (residual block of attention over the points, with a bias by offset; "
    "adds "
    "nothing at first), tokens:CHANNELS (residual block of attention to 8 tokens that pool the board: linear in "
    "points; adds "
    "nothing at first), lstm:CHANNELS (residual block with a gated memory (convolutional LSTM) that is carried along "
    "the "
    "moves played; adds nothing at first; at most one per trunk), loop:CHANNELS (residual block of two 3x3 "
    "convolutions, repeated with the same weights and with "
    "its "
    "input recalled; the last block of a trunk)";

static void expect_refused(const char *shape, const char *message)
{
    char trunk[NET_TRUNK_MAX];
    GError *error = NULL;
    cr_expect_not(net_expand_shape(shape, trunk, &error), "\"%s\" was accepted", shape);
    cr_assert(g_error_matches(error, NET_ERROR, NET_ERROR_SPEC), "%s", shape);
    cr_expect_str_eq(error->message, message);
    cr_expect_eq(trunk[0], 0);
    g_clear_error(&error);
}

static void expect_unknown(const char *shape, const char *word)
{
    char *message = g_strdup_printf("unknown block \"%s\" in the trunk; %s", word, blocks_help);
    expect_refused(shape, message);
    g_free(message);
}

static void expect_no_short_form(const char *shape)
{
    char *message = g_strdup_printf("net shape \"%s\": write BLOCKSxCHANNELS, as in 5x64 (blocks 0 to 40, channels 4 "
                                    "to 1024), or a list of blocks, as in \"conv:64 res:64 gpool:64\"",
                                    shape);
    expect_refused(shape, message);
    g_free(message);
}

static void expect_accepted(const char *shape, const char *wanted)
{
    char trunk[NET_TRUNK_MAX];
    GError *error = NULL;
    cr_expect(net_expand_shape(shape, trunk, &error), "%s: %s", shape, error ? error->message : "");
    cr_expect_str_eq(trunk, wanted);
    g_clear_error(&error);
}

Test(trunk, unknown_blocks)
{
    expect_unknown("conv:8 gru:8", "gru:8");
    expect_unknown("conv:8 re:8", "re:8");
    expect_unknown("conv:8 ress:8", "ress:8");
    expect_unknown("conv:8 res", "res");
    expect_unknown(":", ":");
}

Test(trunk, channels)
{
    expect_accepted("conv:4", "conv:4");
    expect_accepted("conv:1024 res:1024", "conv:1024 res:1024");
    expect_refused("conv:8 res:3", "block \"res:3\" needs 4 to 1024 channels, as in \"res:64\"");
    expect_refused("conv:1025", "block \"conv:1025\" needs 4 to 1024 channels, as in \"conv:64\"");
    expect_refused("conv:8x", "block \"conv:8x\" needs 4 to 1024 channels, as in \"conv:64\"");
    expect_refused("conv:", "block \"conv:\" needs 4 to 1024 channels, as in \"conv:64\"");
}

Test(trunk, order)
{
    expect_refused("res:8 conv:8", "a trunk must begin with a conv block, as in \"conv:64 res:64\"");
    expect_refused("conv:8 res:8 gpool:12", "block 3, \"gpool:12\", is residual and must have the 8 channels of the "
                                            "block before it, or follow a conv:12");
    expect_refused(
        "conv:8 se:9",
        "block 2, \"se:9\", is residual and must have the 8 channels of the block before it, or follow a conv:9");
    expect_accepted("conv:8 conv:12 res:12", "conv:8 conv:12 res:12");
}

static const char steps_help[] =
    "how often a loop is repeated: 8, or 2..8 to train with a number from this range and play with the last (1 to 16; "
    "2..8 by default)";

Test(trunk, loops)
{
    expect_accepted("conv:8 loop:8", "conv:8 loop:8");
    expect_accepted("conv:8 loop:8+steps=1..16+early=4", "conv:8 loop:8+steps=1..16+early=4");
    expect_accepted("conv:8 loop:8+steps=16", "conv:8 loop:8+steps=16");
    expect_refused("conv:8 loop:8 res:8", "block 2, \"loop:8\", must be the last block of the trunk");
    expect_refused("conv:8 loop:8 loop:8", "block 2, \"loop:8\", must be the last block of the trunk");
    expect_refused("conv:8 loop:12",
                   "block 2, \"loop:12\", is residual and must have the 8 channels of the block before "
                   "it, or follow a conv:12");
    static const char *const bad[] = {"0",   "17",  "2.5",  "x",     "",        "..",
                                      "2..", "..8", "8..2", "2..17", "2..4..8", "2...8"};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        char *shape = g_strdup_printf("conv:8 loop:8+steps=%s", bad[i]);
        char *message = g_strdup_printf("block \"%s\" needs a number after +steps=; it is %s", shape + 7, steps_help);
        expect_refused(shape, message);
        g_free(shape);
        g_free(message);
    }
    char *message = g_strdup_printf("block \"loop:8+drop=0.1\" does not take \"+drop=0.1\"; loop takes +steps= (%s), "
                                    "+early= (loss weight of a loop's answer after half of its steps; that of the "
                                    "final answer is 1 (0 to 4; 0.5 by default))",
                                    steps_help);
    expect_refused("conv:8 loop:8+drop=0.1", message);
    g_free(message);
}

/* Commas, tabs and newlines separate blocks as spaces do; a run of separators counts as one. */
Test(trunk, separators)
{
    struct net_info info = fixture_info("", 3, 2, 1);
    struct net_graph *graph;
    expect_accepted("conv:8,res:8\tgpool:8\nse:8", "conv:8 res:8 gpool:8 se:8");
    expect_accepted(" conv:8,  res:8 ", " conv:8   res:8 ");
    g_strlcpy(info.trunk, " conv:8,  res:8 ", sizeof info.trunk);
    cr_assert_eq(net_graph_create(&graph, &info, NULL), 0);
    cr_expect_eq(graph->blocks, 2);
    cr_expect_eq(graph->op[graph->ops - 1].block, -1);
    g_free(graph);
}

Test(trunk, short_form)
{
    expect_accepted("0x4", "conv:4");
    expect_accepted("1x1024", "conv:1024 res:1024");
    expect_accepted("7x16", "conv:16 res:16 gpool:16 res:16 res:16 gpool:16 res:16 res:16");
    static const char *const bad[] = {"", "5", "5x", "x5", "-1x8", "41x8", "5x3", "5x1025", "5x8x", "5x8 ", "five"};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        expect_no_short_form(bad[i]);
}

/* ---- modifiers ---- */

static const char drop_help[] =
    "+drop= (dropout in training: the fraction of values set to 0 (0 to 0.9)), +spatial= (dropout of whole channels in "
    "training (0 to 0.9))";

Test(trunk, modifiers)
{
    expect_accepted("conv:8+drop=0.5 res:8+drop=0.1+spatial=0.25+depth=0.9,gpool:8+depth=0",
                    "conv:8+drop=0.5 res:8+drop=0.1+spatial=0.25+depth=0.9 gpool:8+depth=0");
    expect_accepted("3x8+drop=0.1+depth=0.2", "conv:8 res:8+drop=0.1+depth=0.2 gpool:8+drop=0.1+depth=0.2 "
                                              "res:8+drop=0.1+depth=0.2");
    expect_no_short_form("0x8+drop=0.1");
    expect_refused("1x8+dropp=0.1",
                   "block \"res:8+dropp=0.1\" does not take \"+dropp=0.1\"; res takes +drop= (dropout in "
                   "training: the fraction of values set to 0 (0 to 0.9)), +spatial= (dropout of whole channels in "
                   "training (0 to 0.9)), "
                   "+depth= (dropout of all that a residual block adds to the trunk, in training "
                   "(stochastic depth; 0 to 0.9))");
    static const char *const bad[] = {"conv:8+depth=0.1", "conv:8+", "conv:8+drop", "conv:8+=0.1"};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        char *message =
            g_strdup_printf("block \"%s\" does not take \"%s\"; conv takes %s", bad[i], bad[i] + 6, drop_help);
        expect_refused(bad[i], message);
        g_free(message);
    }
    static const char *const values[] = {"", "0.91", "-0.1", "nan", "0.1x", "1e99"};
    for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
        char *shape = g_strdup_printf("conv:8+drop=%s", values[i]);
        char *message =
            g_strdup_printf("block \"%s\" needs a number after +drop=; it is dropout in training: the fraction "
                            "of values set to 0 (0 to 0.9)",
                            shape);
        expect_refused(shape, message);
        g_free(shape);
        g_free(message);
    }
    expect_refused("conv:8+drop=0.1+drop=0.1", "block \"conv:8+drop=0.1+drop=0.1\" has +drop= twice; it is dropout in "
                                               "training: the fraction of values set to 0 (0 to 0.9)");
    expect_refused("conv:8x+drop=0.1", "block \"conv:8x+drop=0.1\" needs 4 to 1024 channels, as in \"conv:64\"");
    expect_accepted("conv:12 attn:12 attn:12+heads=3+drop=0.1+depth=0.1",
                    "conv:12 attn:12 attn:12+heads=3+drop=0.1+depth=0.1");
    expect_refused(
        "conv:12 attn:12+heads=5",
        "block \"attn:12+heads=5\": its 12 channels are not divisible by 5 heads; set another number with +heads=");
    expect_refused("conv:6 attn:6",
                   "block \"attn:6\": its 6 channels are not divisible by 4 heads; set another number with +heads=");
    static const char *const heads[] = {"0", "17", "2.5", "x"};
    for (size_t i = 0; i < G_N_ELEMENTS(heads); i++) {
        char *shape = g_strdup_printf("conv:12 attn:12+heads=%s", heads[i]);
        char *message =
            g_strdup_printf("block \"%s\" needs a number after +heads=; it is heads of attention, which divide "
                            "the channels (1 to 16; 4 by default)",
                            shape + 8);
        expect_refused(shape, message);
        g_free(shape);
        g_free(message);
    }
    expect_refused("40x1024+drop=0.1", "the trunk is longer than 511 characters");
}

/* The maximum is forty blocks, whose text fits whatever their channels: 9 characters for conv:1024, 27 times 9 for
 * res:1024 and 13 times 11 for gpool:1024, with the spaces before them. */
Test(trunk, long_texts)
{
    char trunk[NET_TRUNK_MAX], *text = g_strnfill(NET_TRUNK_MAX, ' ');
    cr_expect(net_expand_shape("40x1024", trunk, NULL));
    cr_expect(g_str_has_suffix(trunk, " gpool:1024 res:1024 res:1024"));
    cr_expect_eq(strlen(trunk), 9 + 27 * 9 + 13 * 11);
    memcpy(text, "conv:8", 6);
    expect_refused(text, "the trunk is longer than 511 characters");
    text[NET_TRUNK_MAX - 1] = 0;
    expect_accepted(text, text);
    g_free(text);
}

/* An se block has six operations; the last one that fits leaves room for the heads. */
Test(trunk, no_more_blocks_than_a_graph_holds)
{
    struct net_info info = fixture_info("", 3, 2, 1);
    struct net_graph *graph;
    GError *error = NULL;
    GString *trunk = g_string_new("conv:4");
    for (int i = 0; i < 64; i++)
        g_string_append(trunk, " se:4");
    g_strlcpy(info.trunk, trunk->str, sizeof info.trunk);
    cr_expect_eq(net_graph_create(&graph, &info, NULL), 0);
    cr_expect_eq(graph->ops, 3 + 64 * 6 + 9);
    g_free(graph);
    g_string_append(trunk, " se:4");
    g_strlcpy(info.trunk, trunk->str, sizeof info.trunk);
    cr_expect_neq(net_graph_create(&graph, &info, &error), 0);
    cr_expect_null(graph);
    cr_assert_not_null(error);
    cr_expect_str_eq(error->message, "the trunk is too long: only the first 65 blocks fit");
    g_clear_error(&error);
    g_string_free(trunk, TRUE);
}

/* ---- the rest of a description ---- */

static void expect_info(int planes, int globals, int other_moves, bool good)
{
    struct net_info info = fixture_info("conv:4", planes, globals, other_moves);
    struct net_graph *graph;
    GError *error = NULL;
    cr_expect_eq(net_graph_create(&graph, &info, &error), good ? 0 : -1, "%d, %d, %d", planes, globals, other_moves);
    cr_expect_eq(graph != NULL, good);
    if (!good) {
        char *message =
            g_strdup_printf("a net of %d planes, %d globals and %d other moves: planes and globals are 1 to "
                            "1024, other moves 0 to 64",
                            planes, globals, other_moves);
        cr_assert(g_error_matches(error, NET_ERROR, NET_ERROR_SPEC));
        cr_expect_str_eq(error->message, message);
        g_free(message);
    }
    g_clear_error(&error);
    g_free(graph);
}

Test(trunk, planes_globals_and_other_moves)
{
    expect_info(1, 1, 0, true);
    expect_info(1024, 1024, 64, true);
    expect_info(0, 1, 0, false);
    expect_info(1025, 1, 0, false);
    expect_info(1, 0, 0, false);
    expect_info(1, 1025, 0, false);
    expect_info(1, 1, -1, false);
    expect_info(1, 1, 65, false);
}

static void expect_nameless(struct net_info info)
{
    struct net_graph *graph;
    GError *error = NULL;
    cr_expect_neq(net_graph_create(&graph, &info, &error), 0);
    cr_assert(g_error_matches(error, NET_ERROR, NET_ERROR_SPEC));
    cr_expect_str_eq(error->message, "a net needs the names of its game and its features");
    g_clear_error(&error);
}

Test(trunk, names)
{
    struct net_info info = fixture_info("conv:4", 1, 1, 0), game = info, features = info, endless = info;
    game.game[0] = features.features[0] = 0;
    expect_nameless(game);
    expect_nameless(features);
    memset(endless.game, 'g', sizeof endless.game);
    expect_nameless(endless);
    endless = info;
    memset(endless.features, 'f', sizeof endless.features);
    expect_nameless(endless);
    endless = info;
    memset(endless.trunk, ' ', sizeof endless.trunk);
    expect_nameless(endless);
}

/* Runners keep their operations for nets that have the same ones. */
Test(trunk, same_operations)
{
    const struct net_info info = fixture_info("conv:4 res:4", 3, 2, 1);
    struct net_info others[] = {info, info, info, info, info, info, info, info};
    struct net_graph *graph, *other;
    others[0].planes++;
    others[1].globals++;
    others[2].other_moves++;
    others[3].horizons++;
    g_strlcpy(others[4].trunk, "conv:4 gpool:4", sizeof others[4].trunk);
    others[5].tally = 1;
    others[6].value_error = 1;
    others[7].head_experts = 2;
    cr_assert_eq(net_graph_create(&graph, &info, NULL), 0);
    cr_expect(net_graph_same(graph, graph));
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        cr_assert_eq(net_graph_create(&other, &others[i], NULL), 0);
        cr_expect_not(net_graph_same(graph, other), "%zu", i);
        g_free(other);
    }
    g_free(graph);
}

Test(trunk, the_block_of_an_operation)
{
    struct net_info info = fixture_info(" conv:4,res:4\tse:4", 3, 2, 1);
    struct net_graph *graph;
    cr_assert_eq(net_graph_create(&graph, &info, NULL), 0);
    static const char *const words[] = {"block 1, \"conv:4\"", "block 2, \"res:4\"", "block 3, \"se:4\"", "the heads"};
    int seen[4] = {0};
    for (int i = 0; i < graph->ops; i++) {
        int at = graph->op[i].block < 0 ? 3 : graph->op[i].block;
        char *where = net_graph_where(graph, i);
        cr_expect_str_eq(where, words[at]);
        g_free(where);
        seen[at]++;
    }
    cr_expect(seen[0] == 3 && seen[1] == 2 && seen[2] == 6 && seen[3] == 9, "%d %d %d %d", seen[0], seen[1], seen[2],
              seen[3]);
    g_free(graph);
}

/* ---- the table of blocks ---- */

Test(trunk, blocks_are_listed)
{
    const char *name = NULL, *help = NULL;
    int count = 0;
    for (; net_block_at(count, &name, &help); count++) {
        cr_expect_str_eq(name, net_blocks[count]->name);
        cr_expect_str_eq(help, net_blocks[count]->help);
    }
    cr_expect_eq(count, 9);
    cr_expect_null(net_blocks[count]);
    cr_expect_not(net_block_at(-1, &name, &help));
    cr_expect_not(net_block_at(count + 1, &name, &help));
}

Test(trunk, kinds_are_listed)
{
    static const char *const names[] = {"conv", "dense", "pool",  "bias_relu", "sum",    "drop",   "tally",  "spread",
                                        "odds", "join",  "route", "gate",      "expert", "attend", "tokens", "carry"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        const struct net_op_kind *kind = net_op_kind_at((int)i);
        cr_assert_not_null(kind, "%s", names[i]);
        cr_expect_str_eq(kind->name, names[i]);
    }
    cr_expect_null(net_op_kind_at((int)G_N_ELEMENTS(names)));
}
