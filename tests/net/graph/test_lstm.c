/* The state that a net carries along the moves of a game: what it depends on, number types, growth of a trained net, rows in
 * sequences. Gradients are in tests/net/f64. */
#include "games/rng.h"
#include "net/graph/graph.h"
#include "net/kernels/lstm.h"
#include "net/net.h"
#include "net/net_internal.h"
#include "net/train.h"
#include "tests/net/fixtures.h"

#include <criterion/criterion.h>
#include <math.h>

enum { SIZE = 5, POINTS = SIZE * SIZE, ROWS = 36, PLANES = 6, GLOBALS = 2, STATE = 2 * 16 * POINTS };

static const char with[] = "conv:16 res:16 lstm:16 res:16", without[] = "conv:16 res:16 res:16";

struct answers {
    float policy[ROWS * (POINTS + 1)], wdl[ROWS * 3], score[ROWS], map[ROWS * POINTS];
};

static struct net *net_of(const char *trunk)
{
    struct net_info info = fixture_info(trunk, PLANES, GLOBALS, 1);
    struct net *net;
    GError *error = NULL;
    cr_assert_eq(net_create(&net, &info, 2, &error), 0, "%s", error ? error->message : "");
    return net;
}

/* What a fresh net has at 0: the block's last convolution. */
static struct net *learned(const char *trunk)
{
    struct net *net = net_of(trunk);
    struct rng rng;
    rng_seed(&rng, 8);
    for (int i = 0; i < net->graph->params; i++) {
        const struct net_param *param = &net->graph->param[i];
        for (size_t k = 0; strstr(param->name, "lstm.out.weight") && k < param->count; k++)
            net->params[param->offset + k] = (float)(2 * rng_uniform(&rng) - 1);
    }
    return net;
}

static struct net_runner *runner_of(struct net *net, enum net_backend backend, enum net_dtype dtype)
{
    struct net_runner *runner;
    GError *error = NULL;
    cr_assert_eq(net_runner_create(&runner, net, backend, dtype, ROWS, &error), 0, "%s", error ? error->message : "");
    return runner;
}

/* states: NULL, or [n][STATE] */
static struct answers *ask(struct net *net, enum net_backend backend, enum net_dtype dtype, const struct net_samples *s,
                           const float *states)
{
    struct answers *a = g_new0(struct answers, 1);
    struct net_runner *runner = runner_of(net, backend, dtype);
    net_runner_infer_with(runner, SIZE, SIZE, s->n, s->planes, s->globals, states,
                          &(struct net_outputs){.policy = a->policy, .wdl = a->wdl, .score = a->score, .map = a->map});
    net_runner_close(runner);
    return a;
}

static struct net_samples *samples_of(const struct net *net)
{
    return fixture_samples(net_info(net), SIZE, ROWS, false, 3);
}

static float *states_of(uint64_t seed)
{
    float *states = g_new(float, ROWS *STATE);
    struct rng rng;
    rng_seed(&rng, seed);
    fixture_fill(&rng, ROWS * STATE, -1, 1, states);
    return states;
}

static double distance(size_t count, const float *had, const float *wanted)
{
    double off = 0, size = 1e-12;
    for (size_t i = 0; i < count; i++) {
        off += pow((double)had[i] - (double)wanted[i], 2);
        size += pow((double)wanted[i], 2);
    }
    return sqrt(off / size);
}

static double policy_distance(const struct answers *had, const struct answers *wanted)
{
    return distance(G_N_ELEMENTS(had->policy), had->policy, wanted->policy);
}

/* ---- cells ---- */

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

/* By the definition, in double; gates from -12 to 12, and some that are far beyond what a float's exponential holds. */
Test(lstm, cells)
{
    enum { CELLS = 3, PLACES = 40 };
    float gates[PLACES][4][CELLS], state[PLACES][2][CELLS], next[PLACES][2][CELLS];
    struct rng rng;
    rng_seed(&rng, 1);
    fixture_fill(&rng, PLACES * 4 * CELLS, -12, 12, gates[0][0]);
    fixture_fill(&rng, PLACES * 2 * CELLS, -3, 3, state[0][0]);
    gates[0][0][0] = gates[1][1][1] = -1000;
    gates[2][2][0] = gates[3][3][2] = 1000;
    net_lstm_forward(PLACES, CELLS, gates[0][0], state[0][0], next[0][0]);
    for (int p = 0; p < PLACES; p++)
        for (int k = 0; k < CELLS; k++) {
            const double in = sigmoid((double)gates[p][0][k]), keep = sigmoid((double)gates[p][1][k] + 1),
                         out = sigmoid((double)gates[p][2][k]), new = tanh((double)gates[p][3][k]);
            const double cell = keep * (double)state[p][1][k] + in * new;
            cr_expect_float_eq((double)next[p][1][k], cell, 1e-6, "cell %d of point %d", k, p);
            cr_expect_float_eq((double)next[p][0][k], out * tanh(cell), 1e-6, "output %d of point %d", k, p);
        }
}

/* ---- the state ---- */

Test(lstm, sizes)
{
    struct net *net = net_of("conv:16 lstm:16+state=4+moves=7"), *plain = net_of(without), *preset = net_of(with);
    cr_expect_eq(net_moves(net), 7);
    cr_expect_eq(net_state_size(net, 30), 2 * 4 * 30);
    cr_expect_eq(net_moves(preset), 4);
    cr_expect_eq(net_state_size(preset, POINTS), STATE);
    cr_expect(net_moves(plain) == 0 && net_state_size(plain, 30) == 0);
    struct net_samples *s = net_samples_new(net_info(net), 3, 3, 2), *none = net_samples_new(net_info(plain), 3, 3, 2);
    cr_expect_eq(s->sequence, 14);
    cr_expect_eq(none->sequence, 1);
    net_samples_free(s);
    net_samples_free(none);
    net_unref(net);
    net_unref(plain);
    net_unref(preset);
}

/* The answer depends on it; without one it is that with a state of 0. */
Test(lstm, answers_follow_the_state)
{
    struct net *net = learned(with);
    struct net_samples *s = samples_of(net);
    float *first = states_of(1), *second = states_of(2), *zero = g_new0(float, ROWS *STATE);
    struct answers *none = ask(net, NET_BACKEND_FAST, NET_F32, s, NULL);
    struct answers *zeros = ask(net, NET_BACKEND_FAST, NET_F32, s, zero);
    struct answers *some = ask(net, NET_BACKEND_FAST, NET_F32, s, first);
    struct answers *other = ask(net, NET_BACKEND_FAST, NET_F32, s, second);
    cr_expect_arr_eq(none, zeros, sizeof *none);
    cr_expect_gt(policy_distance(some, none), 0.02, "the state is ignored");
    cr_expect_gt(policy_distance(some, other), 0.02, "the state is ignored");
    struct answers *again = ask(net, NET_BACKEND_FAST, NET_F32, s, NULL);
    cr_expect_arr_eq(none, again, sizeof *none);
    g_free(none), g_free(zeros), g_free(some), g_free(other), g_free(again);
    g_free(first), g_free(second), g_free(zero);
    net_samples_free(s);
    net_unref(net);
}

/* A runner keeps nothing of a state from one evaluation to the next. */
Test(lstm, a_runner_forgets_the_state)
{
    struct net *net = learned(with);
    struct net_samples *s = samples_of(net);
    struct net_runner *runner = runner_of(net, NET_BACKEND_FAST, NET_F32);
    float *states = states_of(1), before[POINTS + 1], after[POINTS + 1], next[STATE];
    net_runner_infer(runner, SIZE, SIZE, 1, s->planes, s->globals, &(struct net_outputs){.policy = before});
    net_runner_infer_with(runner, SIZE, SIZE, 1, s->planes, s->globals, states, &(struct net_outputs){.policy = after});
    net_runner_carry(runner, SIZE, SIZE, s->planes, s->globals, states, next);
    cr_expect_gt(distance(POINTS + 1, after, before), 0.01);
    net_runner_infer(runner, SIZE, SIZE, 1, s->planes, s->globals, &(struct net_outputs){.policy = after});
    cr_expect_arr_eq(before, after, sizeof before);
    net_runner_close(runner);
    net_samples_free(s);
    g_free(states);
    net_unref(net);
}

/* The state after rows a and b of the samples. */
static void carry_two(struct net *net, const struct net_samples *s, int a, int b, float *state)
{
    const size_t planes = PLANES * POINTS;
    struct net_runner *runner = runner_of(net, NET_BACKEND_PLAIN, NET_F32);
    net_runner_carry(runner, SIZE, SIZE, s->planes + (size_t)a * planes, s->globals + a * GLOBALS, NULL, state);
    net_runner_carry(runner, SIZE, SIZE, s->planes + (size_t)b * planes, s->globals + b * GLOBALS, state, state);
    net_runner_close(runner);
}

Test(lstm, the_order_of_moves_matters)
{
    struct net *net = net_of(with);
    struct net_samples *s = samples_of(net);
    float *states = g_new(float, 3 * STATE);
    carry_two(net, s, 0, 1, states);
    carry_two(net, s, 1, 0, states + STATE);
    carry_two(net, s, 2, 1, states + 2 * STATE);
    cr_expect_gt(distance(STATE, states, states + STATE), 0.02, "the order is ignored");
    cr_expect_gt(distance(STATE, states, states + 2 * STATE), 0.02, "the first of two moves is ignored");
    g_free(states);
    net_samples_free(s);
    net_unref(net);
}

/* ---- sequences ---- */

/* The losses of rows in sequences are those of positions whose states were carried along the same positions one after the other.
 * 36 rows in sequences of 6 are more than the trainer computes at once. */
Test(lstm, rows_in_sequences)
{
    struct net *net = learned("conv:16 res:16 lstm:16+moves=3 res:16");
    struct net_samples *s = samples_of(net);
    struct net_trainer_config config = net_trainer_defaults();
    struct net_trainer *trainer;
    struct net_losses all, none;
    config.backend = NET_BACKEND_PLAIN;
    config.dtype = NET_F32;
    for (int t = 0; t < NET_TARGETS; t++)
        config.loss_weight[t] = t == NET_TARGET_VALUE;
    cr_assert_eq(net_trainer_create(&trainer, net, &config, NULL), 0);
    net_trainer_losses(trainer, s, &all);
    struct net_runner *runner = runner_of(net, NET_BACKEND_PLAIN, NET_F32);
    float *after = g_new0(float, ROWS *STATE), *before = g_new0(float, ROWS *STATE);
    for (int row = 0; row < ROWS; row++) {
        const int back = (int)s->back[row];
        if (back)
            memcpy(before + row * STATE, after + (row - back) * STATE, STATE * sizeof *before);
        net_runner_carry(runner, SIZE, SIZE, s->planes + row * PLANES * POINTS, s->globals + row * GLOBALS,
                         before + row * STATE, after + row * STATE);
    }
    struct answers *answers = ask(net, NET_BACKEND_PLAIN, NET_F32, s, before);
    double total = 0, weights = 0;
    for (int row = 0; row < ROWS; row++) {
        const double weight = (double)s->row_weight[row] * (double)s->weight[NET_TARGET_VALUE][row];
        for (int i = 0; i < NET_OUTCOMES; i++)
            total -= weight * (double)net_samples_row(s, NET_TARGET_VALUE, row)[i] *
                     log((double)answers->wdl[row * NET_OUTCOMES + i]);
        weights += weight;
    }
    cr_expect_float_eq((double)all.target[NET_TARGET_VALUE], total / weights, 1e-5);
    memset(s->back, 0, ROWS * sizeof *s->back);
    net_trainer_losses(trainer, s, &none);
    cr_expect_gt(fabsf(none.target[NET_TARGET_VALUE] - all.target[NET_TARGET_VALUE]), 1e-4f,
                 "rows ignore those before them");
    net_trainer_close(trainer);
    net_runner_close(runner);
    net_samples_free(s);
    g_free(answers), g_free(before), g_free(after);
    net_unref(net);
}

/* ---- number types ---- */

Test(lstm, a_net_in_every_number_type)
{
    static const double tolerance[] = {[NET_F32] = 1e-4, [NET_BF16] = 0.05};
    struct net *net = learned(with);
    struct net_samples *s = samples_of(net);
    float *states = states_of(1), wanted[STATE], had[STATE];
    struct answers *plain = ask(net, NET_BACKEND_PLAIN, NET_F32, s, states);
    struct net_runner *reference = runner_of(net, NET_BACKEND_PLAIN, NET_F32);
    net_runner_carry(reference, SIZE, SIZE, s->planes, s->globals, states, wanted);
    for (enum net_dtype dtype = NET_F32; dtype <= net_dtype_best(NET_BACKEND_FAST); dtype++) {
        struct answers *fast = ask(net, NET_BACKEND_FAST, dtype, s, states);
        struct net_runner *runner = runner_of(net, NET_BACKEND_FAST, dtype);
        const double off = policy_distance(fast, plain);
        cr_expect(off > 0 && off < tolerance[dtype], "%s: off by %g", net_dtype_name(dtype), off);
        net_runner_carry(runner, SIZE, SIZE, s->planes, s->globals, states, had);
        cr_expect_lt(distance(STATE, had, wanted), tolerance[dtype], "%s: the state", net_dtype_name(dtype));
        net_runner_close(runner);
        g_free(fast);
    }
    net_runner_close(reference);
    g_free(plain);
    g_free(states);
    net_samples_free(s);
    net_unref(net);
}

Test(lstm, int8_is_refused_by_name)
{
    struct net *net = net_of(with);
    struct net_samples *s = samples_of(net);
    GError *error = NULL;
    cr_expect_not(net_supports(net, NET_INT8));
    cr_expect_neq(net_dtype_fastest(net, NET_BACKEND_FAST), NET_INT8);
    cr_expect_neq(net_calibrate(net, SIZE, SIZE, ROWS, s->planes, s->globals, &error), 0);
    cr_expect(error && strstr(error->message, "lstm:16"), "%s", error ? error->message : "nothing");
    g_clear_error(&error);
    net_samples_free(s);
    net_unref(net);
}

/* ---- growth and text ---- */

/* A net that is given the block plays as before, bit for bit, with any state, and learns to use it. */
Test(lstm, a_trained_net_grows)
{
    struct net *net = net_of(without), *grown;
    cr_assert_eq(net_reshape(&grown, net, with, 7, NULL), 0);
    struct net_samples *s = samples_of(grown);
    float *states = states_of(1);
    for (enum net_dtype dtype = NET_F32; dtype <= net_dtype_best(NET_BACKEND_FAST); dtype++) {
        struct answers *before = ask(net, NET_BACKEND_FAST, dtype, s, NULL);
        struct answers *after = ask(grown, NET_BACKEND_FAST, dtype, s, states);
        cr_expect_arr_eq(before, after, sizeof *before, "%s", net_dtype_name(dtype));
        g_free(before);
        g_free(after);
    }
    struct net_trainer_config config = net_trainer_defaults();
    struct net_trainer *trainer;
    cr_assert_eq(net_trainer_create(&trainer, grown, &config, NULL), 0);
    for (int i = 0; i < 3; i++)
        net_trainer_step(trainer, s, 0.01f, NULL);
    struct net *trained = net_trainer_snapshot(trainer, false);
    for (int i = 0; i < grown->graph->params; i++) {
        const struct net_param *p = &grown->graph->param[i];
        if (strstr(p->name, "lstm"))
            cr_expect(memcmp(grown->params + p->offset, trained->params + p->offset, p->count * sizeof(float)) != 0,
                      "%s", p->name);
    }
    net_trainer_close(trainer);
    net_unref(trained);
    net_unref(grown);
    net_unref(net);
    net_samples_free(s);
    g_free(states);
}

/* The weights fit any number of moves, and only their own number of channels. */
Test(lstm, growth_keeps_the_state)
{
    struct net *net = net_of(with), *other;
    cr_expect_neq(net_reshape(&other, net, "conv:16 res:16 lstm:16+state=8 res:16", 1, NULL), 0);
    cr_assert_eq(net_reshape(&other, net, "conv:16 res:16 lstm:16+moves=8 res:16", 1, NULL), 0);
    cr_expect_eq(net_moves(other), 8);
    net_unref(other);
    net_unref(net);
}

Test(lstm, trunks)
{
    static const struct {
        const char *trunk, *message;
    } bad[] = {
        {"conv:8 lstm:8 res:8 lstm:8", "blocks 2 and 4 are both \"lstm\"; a trunk may have at most one"},
        {"conv:8 lstm:8+state=3", "+state="},
        {"conv:8 lstm:8+moves=17", "+moves="},
        {"conv:8 lstm:8+moves=0", "+moves="},
        {"conv:8 res:8+moves=2", "does not take \"+moves=2\""},
        {"conv:8 lstm:12", "is residual"},
    };
    char trunk[NET_TRUNK_MAX];
    cr_expect(net_expand_shape("conv:8 lstm:8+state=8+moves=16 loop:8", trunk, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        GError *error = NULL;
        cr_expect_not(net_expand_shape(bad[i].trunk, trunk, &error), "%s", bad[i].trunk);
        cr_expect(error && strstr(error->message, bad[i].message), "%s: %s", bad[i].trunk,
                  error ? error->message : "nothing");
        g_clear_error(&error);
    }
}
