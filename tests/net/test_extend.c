/* Nets that take more inputs than they were trained on. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "games/rng.h"
#include "net/graph/graph.h"
#include "net/net.h"
#include "net/net_internal.h"
#include "net/targets.h"
#include "net/train.h"
#include "tests/net/fixtures.h"

enum { PLANES = 3, GLOBALS = 2, MORE_PLANES = 5, MORE_GLOBALS = 6, SIZE = 5, POINTS = SIZE * SIZE, BATCH = 3 };

static void infer(struct net *net, const float *planes, const float *globals, float *policy, float *wdl)
{
    struct net_runner *runner;
    GError *error = NULL;
    cr_assert_eq(net_runner_create(&runner, net, NET_BACKEND_PLAIN, NET_F32, BATCH, &error), 0);
    const struct net_outputs outputs = {.policy = policy, .wdl = wdl};
    net_runner_infer(runner, SIZE, SIZE, BATCH, planes, globals, &outputs);
    net_runner_close(runner);
}

static float inputs_planes[4][PLANES][POINTS], inputs_globals[4][GLOBALS];

static void set_up(void)
{
    struct rng rng;
    rng_seed(&rng, 2);
    fixture_fill(&rng, sizeof inputs_planes / sizeof(float), 0, 1, inputs_planes[0][0]);
    fixture_fill(&rng, sizeof inputs_globals / sizeof(float), -1, 1, inputs_globals[0]);
}

TestSuite(extend, .init = set_up);

static void calibrate(struct net *net)
{
    cr_assert_eq(net_calibrate(net, SIZE, SIZE, 4, inputs_planes[0][0], inputs_globals[0], NULL), 0);
}

/* Bit for bit. */
static void expect_same_outputs(struct net *a, struct net *b, const char *what)
{
    float policy[2][BATCH * (POINTS + 1)], wdl[2][BATCH * 3];
    infer(a, inputs_planes[0][0], inputs_globals[0], policy[0], wdl[0]);
    infer(b, inputs_planes[0][0], inputs_globals[0], policy[1], wdl[1]);
    cr_expect_arr_eq(policy[0], policy[1], sizeof policy[0], "%s", what);
    cr_expect_arr_eq(wdl[0], wdl[1], sizeof wdl[0], "%s", what);
}

/* The same outputs bit for bit, whatever the new inputs are; with new weights they would differ. */
Test(extend, outputs_stay)
{
    struct net *net, *more;
    GError *error = NULL;
    struct net_info info = fixture_info("conv:8 res:8 gpool:8", PLANES, GLOBALS, 1);
    cr_assert_eq(net_create(&net, &info, 5, NULL), 0);
    cr_expect_str_eq(net_scope(net), "");
    net_set_scope(net, "12 size:5=12");
    net_set_history(net, "[{}]");
    cr_assert_eq(net_add_inputs(&more, net, "go-v9", MORE_PLANES, MORE_GLOBALS, &error), 0);
    cr_expect(net_info(more)->planes == MORE_PLANES && net_info(more)->globals == MORE_GLOBALS);
    cr_expect_str_eq(net_info(more)->features, "go-v9");
    cr_expect_str_eq(net_scope(more), "12 size:5=12");
    cr_expect_str_eq(net_history(more), "[{}]");
    cr_expect_str_eq(net_info(more)->trunk, net_info(net)->trunk);
    float planes[BATCH][MORE_PLANES][POINTS], globals[BATCH][MORE_GLOBALS], few[BATCH][PLANES][POINTS];
    float some[BATCH][GLOBALS], policy[2][BATCH * (POINTS + 1)], wdl[2][BATCH * 3];
    struct rng rng;
    rng_seed(&rng, 2);
    fixture_fill(&rng, sizeof planes / sizeof(float), 0, 1, planes[0][0]);
    fixture_fill(&rng, sizeof globals / sizeof(float), -1, 1, globals[0]);
    for (int i = 0; i < BATCH; i++) {
        memcpy(few[i], planes[i], sizeof few[i]);
        memcpy(some[i], globals[i], sizeof some[i]);
    }
    infer(net, few[0][0], some[0], policy[0], wdl[0]);
    infer(more, planes[0][0], globals[0], policy[1], wdl[1]);
    for (int i = 0; i < BATCH * (POINTS + 1); i++)
        cr_assert_eq(policy[0][i], policy[1][i]);
    for (int i = 0; i < BATCH * 3; i++)
        cr_assert_eq(wdl[0][i], wdl[1][i]);
    net_unref(net);
    net_unref(more);
}

/* The int8 calibration is kept: the new inputs change no activation. */
Test(extend, calibration_stays)
{
    struct net *net, *more;
    struct net_info info = fixture_info("conv:8 res:8", PLANES, GLOBALS, 1);
    cr_assert_eq(net_create(&net, &info, 5, NULL), 0);
    cr_assert_eq(net_add_inputs(&more, net, "go-v9", PLANES, MORE_GLOBALS, NULL), 0);
    cr_expect_not(net_is_calibrated(more));
    net_unref(more);
    calibrate(net);
    cr_assert_eq(net_add_inputs(&more, net, "go-v9", PLANES, MORE_GLOBALS, NULL), 0);
    cr_expect(net_is_calibrated(more));
    GBytes *a = net_write_bytes(net, NULL), *b = net_write_bytes(more, NULL);
    struct net *back;
    cr_assert_eq(net_read_bytes(&back, g_bytes_get_data(b, NULL), g_bytes_get_size(b), "b", NULL), 0);
    cr_expect(net_is_calibrated(back));
    net_unref(back);
    g_bytes_unref(a);
    g_bytes_unref(b);
    net_unref(more);
    net_unref(net);
}

Test(extend, fewer_inputs)
{
    struct net *net, *more;
    GError *error = NULL;
    struct net_info info = fixture_info("conv:8", PLANES, GLOBALS, 1);
    cr_assert_eq(net_create(&net, &info, 5, NULL), 0);
    cr_expect_eq(net_add_inputs(&more, net, "go-v9", PLANES, GLOBALS - 1, &error), -1);
    cr_assert(g_error_matches(error, NET_ERROR, NET_ERROR_MISMATCH) && !more);
    cr_expect_str_eq(error->message, "a net of 3 planes and 2 globals cannot be extended to 3 and 1, which are fewer");
    g_clear_error(&error);
    net_unref(net);
}

/* With more horizons, with fewer, and with none again, a net plays the same, keeps its calibration and scope, and the values
 * that it has learned; what is new is 0, and too many are refused. */
Test(extend, further_horizons)
{
    struct net *nets[4];
    GError *error = NULL;
    static const int counts[4] = {1, 3, 2, 0};
    struct net_info info = fixture_info("conv:8 res:8 gpool:8", PLANES, GLOBALS, 1);
    struct net_losses losses[4];
    info.horizons = counts[0];
    cr_assert_eq(net_create(&nets[0], &info, 5, NULL), 0);
    net_set_scope(nets[0], "12 size:5=12");
    net_set_history(nets[0], "[{}]");
    calibrate(nets[0]);
    for (int i = 0; i < 4; i++) {
        struct net_trainer *trainer;
        struct net_trainer_config config = net_trainer_defaults();
        config.backend = NET_BACKEND_PLAIN;
        config.dtype = NET_F32;
        if (i > 0)
            cr_assert_eq(net_set_outputs(&nets[i], nets[i - 1], counts[i], 0, NULL), 0);
        cr_expect(net_info(nets[i])->horizons == counts[i] && net_is_calibrated(nets[i]));
        cr_expect_str_eq(net_scope(nets[i]), "12 size:5=12");
        cr_expect_str_eq(net_history(nets[i]), "[{}]");
        expect_same_outputs(nets[0], nets[i], "horizons");
        struct net_samples *s = fixture_samples(&info, SIZE, BATCH, true, 3);
        cr_assert_eq(net_trainer_create(&trainer, nets[i], &config, NULL), 0);
        net_trainer_losses(trainer, s, &losses[i]);
        net_trainer_close(trainer);
        net_samples_free(s);
        for (int t = 0; t <= NET_TARGET_HORIZON_1 && i < 3; t++)
            cr_expect_eq(losses[i].target[t], losses[0].target[t], "%s of net %d", net_targets[t].name, i);
    }
    cr_expect_float_eq(losses[1].target[NET_TARGET_HORIZON_3], logf(3), 1e-6); /* all three are as likely */
    cr_expect_neq(losses[0].target[NET_TARGET_HORIZON_1], losses[1].target[NET_TARGET_HORIZON_2]);
    struct net *none = NULL;
    cr_expect_neq(net_set_outputs(&none, nets[0], NET_HORIZONS + 1, 0, &error), 0);
    cr_expect(!none && strstr(error->message, "4 further horizons: a net has 0 to 3"), "%s", error->message);
    g_clear_error(&error);
    for (int i = 0; i < 4; i++)
        net_unref(nets[i]);
}

static const float margin[GLOBALS] = {15, -3};

/* A net that is to learn its value's error plays the same, and the error begins at 0; without it again it is the net that it was. */
Test(extend, value_error)
{
    struct net *nets[3];
    struct net_info info = fixture_info("conv:8 res:8 gpool:8", PLANES, GLOBALS, 1);
    GError *error = NULL;
    info.horizons = 1;
    cr_assert_eq(net_create(&nets[0], &info, 5, NULL), 0);
    calibrate(nets[0]);
    for (int i = 1; i < 3; i++) {
        cr_assert_eq(net_set_outputs(&nets[i], nets[i - 1], 1, i == 1, NULL), 0);
        cr_expect(net_info(nets[i])->value_error == (i == 1) && net_is_calibrated(nets[i]));
        expect_same_outputs(nets[0], nets[i], "value_error");
    }
    struct net_samples *s = fixture_samples(&info, SIZE, BATCH, true, 3);
    for (int i = 0; i < 2; i++) {
        struct net_runner *runner;
        float said[BATCH];
        cr_assert_eq(net_runner_create(&runner, nets[i], NET_BACKEND_PLAIN, NET_F32, BATCH, NULL), 0);
        net_runner_infer(runner, SIZE, SIZE, BATCH, s->planes, s->globals, &(struct net_outputs){.error = said});
        for (int row = 0; row < BATCH; row++)
            cr_expect_eq(said[row], i - 1);
        net_runner_close(runner);
    }
    net_samples_free(s);
    struct net *none = NULL;
    cr_expect_neq(net_set_outputs(&none, nets[0], 0, 2, &error), 0);
    cr_expect(!none && strstr(error->message, "value_error 2: it must be 0 or 1"), "%s", error->message);
    g_clear_error(&error);
    for (int i = 0; i < 3; i++)
        net_unref(nets[i]);
}

/* With a tally a net plays the same at first, and keeps its calibration and scope; then the weights of its new inputs learn. One
 * that has a tally stays as it is. */
Test(extend, tally)
{
    struct net *net, *more, *again;
    struct net_info info = fixture_info("conv:8 res:8 gpool:8", PLANES, GLOBALS, 1);
    struct net_trainer *trainer;
    struct net_trainer_config config = net_trainer_defaults();
    struct net_losses losses[2];
    cr_assert_eq(net_create(&net, &info, 5, NULL), 0);
    net_set_scope(net, "12 size:5=12");
    net_set_history(net, "[{}]");
    calibrate(net);
    cr_assert_eq(net_add_tally(&more, net, 1, NULL, NULL), 0);
    cr_expect(net_info(more)->tally == 1 && net_is_calibrated(more));
    cr_expect_str_eq(net_scope(more), "12 size:5=12");
    cr_expect_str_eq(net_history(more), "[{}]");
    expect_same_outputs(net, more, "a tally");
    cr_assert_eq(net_add_tally(&again, more, 1, margin, NULL), 0);
    expect_same_outputs(net, again, "the same tally");
    config.backend = NET_BACKEND_PLAIN;
    config.dtype = NET_F32;
    struct net_samples *s = fixture_samples(&info, SIZE, BATCH, true, 3);
    cr_assert_eq(net_trainer_create(&trainer, more, &config, NULL), 0);
    net_trainer_losses(trainer, s, &losses[0]);
    for (int step = 0; step < 30; step++)
        net_trainer_step(trainer, s, 0.02f, NULL);
    net_trainer_losses(trainer, s, &losses[1]);
    cr_expect_lt(losses[1].target[NET_TARGET_SCORE], losses[0].target[NET_TARGET_SCORE]);
    net_trainer_close(trainer);
    net_samples_free(s);
    net_unref(again);
    net_unref(more);
    net_unref(net);
}

/* The standard deviation of the map is one more input, and the margin in such deviations: with either tally before, or none, a net plays
 * the same at first, and keeps its score. A net with more keeps it. */
Test(extend, tally_of_certainty)
{
    struct net_info info = fixture_info("conv:8 res:8 gpool:8", PLANES, GLOBALS, 1);
    for (int had = 0; had < 3; had++) {
        struct net *net, *before, *more, *again;
        cr_assert_eq(net_create(&net, &info, 5, NULL), 0);
        cr_assert_eq(net_add_tally(&before, net, had, NULL, NULL), 0);
        cr_assert_eq(net_add_tally(&more, before, 2, NULL, NULL), 0);
        cr_expect_eq(net_info(more)->tally, 2);
        expect_same_outputs(before, more, "a tally of 2");
        cr_assert_eq(net_add_tally(&again, more, 1, margin, NULL), 0);
        cr_expect_eq(net_info(again)->tally, 2);
        expect_same_outputs(more, again, "no less");
        net_unref(net);
        net_unref(before);
        net_unref(more);
        net_unref(again);
    }
}

static void expect_score(struct net *net, enum net_dtype dtype, int size)
{
    enum { ROWS = 2 };
    const int points = size * size;
    float *planes = g_new(float, ROWS * PLANES * points), globals[ROWS][GLOBALS], score[ROWS];
    float *map = g_new(float, ROWS * points);
    const struct net_outputs outputs = {.score = score, .map = map};
    struct net_runner *runner;
    struct rng rng;
    rng_seed(&rng, 77);
    fixture_fill(&rng, (size_t)(ROWS * PLANES * points), 0, 1, planes);
    fixture_fill(&rng, ROWS * GLOBALS, -1, 1, globals[0]);
    cr_assert_eq(net_runner_create(&runner, net, NET_BACKEND_FAST, dtype, ROWS, NULL), 0);
    net_runner_infer(runner, size, size, ROWS, planes, globals[0], &outputs);
    for (int row = 0; row < ROWS; row++) {
        float sum = 0;
        for (int p = 0; p < points; p++)
            sum += map[row * points + p];
        cr_expect_gt(fabsf(sum), 0.001f * (float)points);
        cr_expect_float_eq(score[row], sum + 15 * globals[row][0] - 3 * globals[row][1], 1e-4f * (float)points);
    }
    net_runner_close(runner);
    g_free(planes);
    g_free(map);
}

/* Reads one of the inputs of the last layer as the score: row -1 is the last one. */
static void score_is(struct net *net, int row)
{
    const struct net_graph *graph = net->graph;
    for (int i = 0; i < graph->params; i++) {
        const struct net_param *param = &graph->param[i];
        if (strcmp(param->name, "heads.value.out.weight") != 0)
            continue;
        for (int k = 0; k < param->shape[0]; k++)
            net->params[param->offset + (size_t)(k * param->shape[1] + graph->places.at[NET_TARGET_SCORE])] =
                k == param->shape[0] + row;
    }
}

/* What a tally of 2 adds: the standard deviation of the sum of the map, with 1/4 more variance, and the margin in such deviations, of
 * which large ones count less. */
Test(extend, certainty_of_the_map)
{
    struct net_info info = fixture_info("conv:8 res:8", PLANES, GLOBALS, 1);
    struct net *net, *more;
    const double unit = (double)net_targets[NET_TARGET_SCORE].unit;
    cr_assert_eq(net_create(&net, &info, 5, NULL), 0);
    for (int row = -2; row < 0; row++) {
        float score[BATCH], map[BATCH * POINTS];
        const struct net_outputs outputs = {.score = score, .map = map};
        struct net_runner *runner;
        cr_assert_eq(net_add_tally(&more, net, 2, margin, NULL), 0);
        score_is(more, row);
        cr_assert_eq(net_runner_create(&runner, more, NET_BACKEND_PLAIN, NET_F32, BATCH, NULL), 0);
        net_runner_infer(runner, SIZE, SIZE, BATCH, inputs_planes[0][0], inputs_globals[0], &outputs);
        for (int i = 0; i < BATCH; i++) {
            double sum = margin[0] * inputs_globals[i][0] + margin[1] * inputs_globals[i][1], variance = 0.25;
            for (int p = 0; p < POINTS; p++) {
                sum += map[i * POINTS + p];
                variance += 1 - pow(map[i * POINTS + p], 2);
            }
            const double wanted = row == -2 ? sqrt(variance) : unit * 4 * tanh(sum / sqrt(variance) / 4);
            cr_expect_float_eq(score[i], wanted, 1e-3 * fabs(wanted), "%g, not %g", (double)score[i], wanted);
        }
        net_runner_close(runner);
        net_unref(more);
    }
    net_unref(net);
}

/* Given what the globals add to the margin, the score is that and the sum of the map, on a board of any size and with every number
 * type; outcomes and policy are as before. */
Test(extend, score_of_a_tally)
{
    struct net_info info = fixture_info("conv:8 res:8", PLANES, GLOBALS, 1);
    struct net *net, *more;
    cr_assert_eq(net_create(&net, &info, 5, NULL), 0);
    cr_assert_eq(net_add_tally(&more, net, 1, margin, NULL), 0);
    expect_same_outputs(net, more, "a tally");
    for (int size = 5; size <= 19; size += 7)
        for (enum net_dtype dtype = NET_F32; dtype <= NET_BF16; dtype++)
            if (net_check_dtype(net, NET_BACKEND_FAST, dtype, false, NULL))
                expect_score(more, dtype, size);
    net_unref(more);
    net_unref(net);
}

/* Dropout belongs to training: a net can be given another one, and keeps its weights, its calibration and its scope. */
Test(extend, another_dropout)
{
    struct net *net, *other;
    struct net_info info = fixture_info("conv:8 res:8+drop=0.1 res:8", PLANES, GLOBALS, 1);
    cr_assert_eq(net_create(&net, &info, 5, NULL), 0);
    net_set_scope(net, "12 size:5=12");
    net_set_history(net, "[{}]");
    calibrate(net);
    cr_assert_eq(net_reshape(&other, net, "conv:8+spatial=0.1,res:8,res:8+depth=0.2", 9, NULL), 0);
    cr_expect_str_eq(net_info(other)->trunk, "conv:8+spatial=0.1 res:8 res:8+depth=0.2");
    cr_expect_str_eq(net_scope(other), "12 size:5=12");
    cr_expect_str_eq(net_history(other), "[{}]");
    cr_expect(net_is_calibrated(other));
    expect_same_outputs(net, other, "dropout");
    net_unref(other);
    net_unref(net);
}

/* A net grows by residual blocks of every kind, wherever they stand, without a change of what it computes; then they learn. */
Test(extend, more_blocks)
{
    struct net *net, *other;
    struct net_info info = fixture_info("conv:8 res:8 gpool:8", PLANES, GLOBALS, 1);
    cr_assert_eq(net_create(&net, &info, 5, NULL), 0);
    static const char *const shapes[] = {"conv:8 res:8 res:8 gpool:8", "conv:8 gpool:8 res:8 gpool:8 se:8",
                                         "conv:8 se:8 res:8 attn:8 gpool:8 res:8 gpool:8"};
    for (size_t i = 0; i < G_N_ELEMENTS(shapes); i++) {
        GError *error = NULL;
        cr_assert_eq(net_reshape(&other, net, shapes[i], 9, &error), 0, "%s", error ? error->message : "");
        cr_expect_str_eq(net_info(other)->trunk, shapes[i]);
        expect_same_outputs(net, other, shapes[i]);
        net_unref(other);
    }
    net_unref(net);
}

/* A net gets more channels, and blocks as well, without a change of what it computes, with a tally and without; then all of it learns. */
Test(extend, more_channels)
{
    static const char *const shapes[] = {"conv:12 res:12 gpool:12", "conv:48 res:48 gpool:48",
                                         "conv:16 res:16 res:16 gpool:16 res:16"};
    for (int tally = 0; tally <= NET_TALLIES; tally++) {
        struct net *net, *other, *plain;
        struct net_info info = fixture_info("conv:8 res:8 gpool:8", PLANES, GLOBALS, 1);
        cr_assert_eq(net_create(&plain, &info, 5, NULL), 0);
        net_set_scope(plain, "12 size:5=12");
        net_set_history(plain, "[{}]");
        net = tally ? NULL : net_ref(plain);
        if (tally)
            cr_assert_eq(net_add_tally(&net, plain, tally, margin, NULL), 0);
        for (size_t i = 0; i < G_N_ELEMENTS(shapes); i++) {
            GError *error = NULL;
            size_t parameters[2];
            cr_assert_eq(net_reshape(&other, net, shapes[i], 9, &error), 0, "%s", error ? error->message : "");
            cr_expect_str_eq(net_info(other)->trunk, shapes[i]);
            cr_expect_str_eq(net_scope(other), "12 size:5=12");
            cr_expect_str_eq(net_history(other), "[{}]");
    cr_expect_str_eq(net_history(other), "[{}]");
            cr_expect_not(net_is_calibrated(other));
            cr_assert(net_count_parameters(net_info(net), &parameters[0], NULL) &&
                      net_count_parameters(net_info(other), &parameters[1], NULL));
            cr_expect_gt(parameters[1], parameters[0]);
            expect_same_outputs(net, other, shapes[i]);
            net_unref(other);
        }
        net_unref(net);
        net_unref(plain);
    }
}

/* A net after some steps on samples that are the same each time. */
static struct net *trained(struct net *net)
{
    struct net_trainer *trainer;
    struct net_trainer_config config = net_trainer_defaults();
    struct net_samples *s = fixture_samples(net_info(net), SIZE, BATCH, true, 3);
    config.backend = NET_BACKEND_PLAIN;
    config.dtype = NET_F32;
    cr_assert_eq(net_trainer_create(&trainer, net, &config, NULL), 0);
    for (int i = 0; i < 5; i++)
        net_trainer_step(trainer, s, 0.02f, NULL);
    struct net *after = net_trainer_snapshot(trainer, false);
    net_trainer_close(trainer);
    net_samples_free(s);
    return after;
}

/* New channels compute something, another thing with another seed, so that the weights which read them can learn. */
Test(extend, new_channels_learn)
{
    struct net *net, *after;
    struct net_info info = fixture_info("conv:8 res:8 gpool:8", PLANES, GLOBALS, 1);
    float policy[BATCH * (POINTS + 1)], wdl[3][BATCH * 3];
    cr_assert_eq(net_create(&net, &info, 5, NULL), 0);
    after = trained(net);
    infer(after, inputs_planes[0][0], inputs_globals[0], policy, wdl[0]);
    net_unref(after);
    for (int i = 0; i < 2; i++) {
        struct net *wider;
        cr_assert_eq(net_reshape(&wider, net, "conv:16 res:16 gpool:16", (uint64_t)i, NULL), 0);
        after = trained(wider);
        infer(after, inputs_planes[0][0], inputs_globals[0], policy, wdl[1 + i]);
        net_unref(after);
        net_unref(wider);
    }
    for (int i = 0; i < 3; i++)
        cr_expect_neq(memcmp(wdl[i], wdl[(i + 1) % 3], sizeof wdl[0]), 0, "%d", i);
    net_unref(net);
}

static void expect_no_shape(struct net *net, const char *shape, enum net_error code, const char *message)
{
    struct net *other;
    GError *error = NULL;
    cr_expect_eq(net_reshape(&other, net, shape, 9, &error), -1, "%s", shape);
    cr_expect_null(other);
    cr_assert(g_error_matches(error, NET_ERROR, (int)code));
    cr_expect(strstr(error->message, message), "%s", error->message);
    g_clear_error(&error);
}

Test(extend, other_shapes)
{
    struct net *net;
    struct net_info info = fixture_info("conv:8 res:8 gpool:8", PLANES, GLOBALS, 1);
    cr_assert_eq(net_create(&net, &info, 5, NULL), 0);
    expect_no_shape(net, "conv:8 res:8 gru:8", NET_ERROR_SPEC, "unknown block");
    expect_no_shape(
        net, "conv:8 res:8", NET_ERROR_MISMATCH,
        "a net of shape \"conv:8 res:8 gpool:8\" cannot become \"conv:8 res:8\": only these may change: dropout");
    expect_no_shape(net, "conv:8 gpool:8 res:8", NET_ERROR_MISMATCH, "cannot become");
    expect_no_shape(net, "conv:8 conv:8 res:8 gpool:8", NET_ERROR_MISMATCH, "additional blocks (res, gpool");
    expect_no_shape(net, "conv:6 res:6 gpool:6", NET_ERROR_MISMATCH, "cannot become");
    expect_no_shape(net, "conv:16 res:16", NET_ERROR_MISMATCH, "cannot become");
    net_unref(net);
}
