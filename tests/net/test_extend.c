/* Nets that take more inputs than they were trained on. */
#include <criterion/criterion.h>
#include <math.h>

#include "games/rng.h"
#include "net/net.h"
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

/* The same outputs bit for bit, whatever the new inputs are; with new weights they would differ. */
Test(extend, outputs_stay)
{
    struct net *net, *more;
    GError *error = NULL;
    struct net_info info = fixture_info("conv:8 res:8 gpool:8", PLANES, GLOBALS, 1);
    cr_assert_eq(net_create(&net, &info, 5, NULL), 0);
    cr_expect_str_eq(net_scope(net), "");
    net_set_scope(net, "12 size:5=12");
    cr_assert_eq(net_add_inputs(&more, net, "go-v9", MORE_PLANES, MORE_GLOBALS, &error), 0);
    cr_expect(net_info(more)->planes == MORE_PLANES && net_info(more)->globals == MORE_GLOBALS);
    cr_expect_str_eq(net_info(more)->features, "go-v9");
    cr_expect_str_eq(net_scope(more), "12 size:5=12");
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
    float planes[4][PLANES][POINTS], globals[4][GLOBALS];
    struct rng rng;
    rng_seed(&rng, 2);
    fixture_fill(&rng, sizeof planes / sizeof(float), 0, 1, planes[0][0]);
    fixture_fill(&rng, sizeof globals / sizeof(float), -1, 1, globals[0]);
    cr_assert_eq(net_create(&net, &info, 5, NULL), 0);
    cr_assert_eq(net_add_inputs(&more, net, "go-v9", PLANES, MORE_GLOBALS, NULL), 0);
    cr_expect_not(net_is_calibrated(more));
    net_unref(more);
    cr_assert_eq(net_calibrate(net, SIZE, SIZE, 4, planes[0][0], globals[0], NULL), 0);
    cr_assert_eq(net_add_inputs(&more, net, "go-v9", PLANES, MORE_GLOBALS, NULL), 0);
    cr_expect(net_is_calibrated(more));
    GBytes *a = net_write_bytes(net, NULL), *b = net_write_bytes(more, NULL);
    struct net *back;
    cr_expect_eq(net_read_bytes(&back, g_bytes_get_data(b, NULL), g_bytes_get_size(b), "b", NULL), 0);
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
    float planes[BATCH][PLANES][POINTS], globals[BATCH][GLOBALS], policy[2][BATCH * (POINTS + 1)], wdl[2][BATCH * 3];
    struct net_losses losses[4];
    struct rng rng;
    rng_seed(&rng, 2);
    fixture_fill(&rng, sizeof planes / sizeof(float), 0, 1, planes[0][0]);
    fixture_fill(&rng, sizeof globals / sizeof(float), -1, 1, globals[0]);
    info.horizons = counts[0];
    cr_assert_eq(net_create(&nets[0], &info, 5, NULL), 0);
    net_set_scope(nets[0], "12 size:5=12");
    cr_assert_eq(net_calibrate(nets[0], SIZE, SIZE, BATCH, planes[0][0], globals[0], NULL), 0);
    infer(nets[0], planes[0][0], globals[0], policy[0], wdl[0]);
    for (int i = 0; i < 4; i++) {
        struct net_trainer *trainer;
        struct net_trainer_config config = net_trainer_defaults();
        config.backend = NET_BACKEND_PLAIN;
        config.dtype = NET_F32;
        if (i > 0)
            cr_assert_eq(net_set_horizons(&nets[i], nets[i - 1], counts[i], NULL), 0);
        cr_expect(net_info(nets[i])->horizons == counts[i] && net_is_calibrated(nets[i]));
        cr_expect_str_eq(net_scope(nets[i]), "12 size:5=12");
        infer(nets[i], planes[0][0], globals[0], policy[1], wdl[1]);
        cr_expect_arr_eq(policy[0], policy[1], sizeof policy[0]);
        cr_expect_arr_eq(wdl[0], wdl[1], sizeof wdl[0]);
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
    cr_expect_neq(net_set_horizons(&none, nets[0], NET_HORIZONS + 1, &error), 0);
    cr_expect(!none && strstr(error->message, "4 further horizons: it has 0 to 3"), "%s", error->message);
    g_clear_error(&error);
    for (int i = 0; i < 4; i++)
        net_unref(nets[i]);
}
