/* A runner's results against the outputs of the graph; the memory of an exec. */
#include "games/rng.h"
#include "net/exec/exec.h"
#include "net/exec/exec_internal.h"
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/heads.h"
#include "net/kernels/arithmetic.h"
#include "net/kernels/attention.h"
#include "net/kernels/packed.h"
#include "net/net.h"
#include "net/net_internal.h"
#include "net/targets.h"
#include "net/train.h"
#include "tests/net/fixtures.h"

#include <criterion/criterion.h>
#include <math.h>

enum { SIZE = 4, POINTS = SIZE * SIZE, ROWS = 3, OTHERS = 2, MOVES = POINTS + OTHERS };

/* A net with large outputs. */
static struct net *net_of(const char *trunk, int other_moves)
{
    struct net_info info = fixture_info(trunk, 3, 2, other_moves);
    struct net *net;
    struct rng rng;
    cr_assert_eq(net_create(&net, &info, 1, NULL), 0);
    rng_seed(&rng, 5);
    fixture_fill(&rng, net->graph->parameters, -0.5f, 0.5f, net->params);
    return net;
}

static void use(struct net_exec *exec, int width, int height, int n)
{
    cr_assert_eq(net_exec_use(exec, (struct net_extent){width, height, n}, NULL), 0);
}

static struct net_exec *exec_of(const struct net_graph *graph, bool training, int size, int n)
{
    struct net_exec *exec;
    cr_assert_eq(net_exec_create(&exec, graph, &net_arithmetic_plain, training, NULL), 0);
    use(exec, size, size, n);
    return exec;
}

/* Logits of a target of shape moves: its channel over the points, then its group of the other moves. */
static void expect_policy(const struct net_graph *graph, const struct net_exec *exec, const float *policy)
{
    float points[ROWS * POINTS], others[ROWS * 16];
    net_exec_read(exec, graph->points, graph->places.at[NET_TARGET_POLICY], points, POINTS);
    net_exec_read(exec, graph->others, 0, others, 0);
    for (int row = 0; row < ROWS; row++)
        for (int m = 0; m < MOVES; m++) {
            int group = row * graph->places.groups + graph->places.group[NET_TARGET_POLICY];
            float wanted = m < POINTS ? points[row * POINTS + m] : others[group * OTHERS + m - POINTS];
            cr_expect_eq(policy[row * MOVES + m], wanted, "row %d move %d", row, m);
        }
}

static void expect_values(const struct net_graph *graph, const struct net_exec *exec, const float *wdl,
                          const float *score)
{
    float values[ROWS * 16];
    net_exec_read(exec, graph->values, 0, values, 0);
    for (int row = 0; row < ROWS; row++) {
        const float *x = values + row * graph->places.values;
        const float *logits = x + graph->places.at[NET_TARGET_VALUE];
        double sum = 0;
        cr_expect_float_eq(score[row], (double)x[graph->places.at[NET_TARGET_SCORE]] * 20, 1e-4);
        for (int i = 0; i < 3; i++)
            sum += exp((double)logits[i]);
        for (int i = 0; i < 3; i++)
            cr_expect_float_eq(wdl[row * 3 + i], exp((double)logits[i]) / sum, 1e-5, "row %d outcome %d", row, i);
    }
}

Test(runner, outputs_are_those_of_the_graph)
{
    struct net *net = net_of("conv:8 gpool:8", OTHERS);
    struct net_samples *s = fixture_samples(net_info(net), SIZE, ROWS, false, 3);
    struct net_exec *exec = exec_of(net->graph, false, SIZE, ROWS);
    struct net_runner *runner;
    float policy[ROWS * MOVES], wdl[ROWS * 3], score[ROWS], map[ROWS * POINTS], points[ROWS * POINTS];
    const struct net_outputs outputs = {.policy = policy, .wdl = wdl, .score = score, .map = map};
    cr_assert_eq(net_runner_create(&runner, net, NET_BACKEND_PLAIN, NET_F32, ROWS, NULL), 0);
    net_runner_infer(runner, SIZE, SIZE, ROWS, s->planes, s->globals, &outputs);
    net_exec_set(exec, net->params, NULL);
    net_exec_load(exec, s->planes, s->globals);
    net_exec_forward(exec, NULL);
    expect_policy(net->graph, exec, policy);
    expect_values(net->graph, exec, wdl, score);
    net_exec_read(exec, net->graph->points, net->graph->places.at[NET_TARGET_MAP], points, POINTS);
    for (int i = 0; i < ROWS * POINTS; i++)
        cr_expect_float_eq(map[i], tanh((double)points[i]), 1e-6);
    net_runner_close(runner);
    net_exec_close(exec);
    net_samples_free(s);
    net_unref(net);
}

/* Mean, scaled mean and maximum of each of the channels that the head of outcomes pools, row by row. */
Test(runner, pooled_features)
{
    struct net *net = net_of("conv:8", OTHERS), *tally;
    struct net_samples *s = fixture_samples(net_info(net), SIZE, ROWS, false, 3);
    struct net_runner *runner;
    float wdl[ROWS * 3], pooled[ROWS * 64], one[64];
    const size_t size = net_pooled_size(net);
    cr_assert_eq(size, 3 * 8);
    cr_assert_eq(net_add_tally(&tally, net, 2, NULL, NULL), 0);
    cr_expect_eq(net_pooled_size(tally), size, "what is read of the map is none of them");
    cr_assert_eq(net_runner_create(&runner, net, NET_BACKEND_PLAIN, NET_F32, ROWS, NULL), 0);
    const size_t planes = (size_t)net_info(net)->planes * POINTS;
    for (int row = 0; row < ROWS; row++) {
        net_runner_infer(runner, SIZE, SIZE, ROWS, s->planes, s->globals, &(struct net_outputs){.wdl = wdl});
        net_runner_pooled(runner, pooled);
        net_runner_infer(runner, SIZE, SIZE, 1, s->planes + (size_t)row * planes,
                         s->globals + row * net_info(net)->globals, &(struct net_outputs){.wdl = wdl});
        net_runner_pooled(runner, one);
        for (size_t k = 0; k < size; k++)
            cr_expect_float_eq(one[k], pooled[(size_t)row * size + k], 1e-5);
        for (size_t k = 0; k < size / 3; k++)
            cr_expect(one[2 * size / 3 + k] >= one[k] && one[k] >= 0, "the maximum of values above 0, and their mean");
    }
    cr_expect_arr_neq(pooled, pooled + size, size * sizeof *pooled);
    net_runner_close(runner);
    net_samples_free(s);
    net_unref(net);
    net_unref(tally);
}

/* Members that are NULL are skipped, and the others are unaffected. */
Test(runner, outputs_one_by_one)
{
    struct net *net = net_of("conv:8", OTHERS);
    struct net_samples *s = fixture_samples(net_info(net), SIZE, ROWS, false, 3);
    struct net_runner *runner;
    static float all[5][ROWS * MOVES], one[ROWS * MOVES];
    static const size_t counts[5] = {ROWS * MOVES, ROWS * 3, ROWS, ROWS * POINTS, ROWS};
    const struct net_outputs outputs = {all[0], all[1], all[2], all[3], all[4]};
    cr_assert_eq(net_runner_create(&runner, net, NET_BACKEND_PLAIN, NET_F32, ROWS, NULL), 0);
    net_runner_infer(runner, SIZE, SIZE, ROWS, s->planes, s->globals, &outputs);
    for (int i = 0; i < 5; i++) {
        const struct net_outputs alone = {i == 0 ? one : NULL, i == 1 ? one : NULL, i == 2 ? one : NULL,
                                          i == 3 ? one : NULL, i == 4 ? one : NULL};
        memset(one, 0, sizeof one);
        net_runner_infer(runner, SIZE, SIZE, ROWS, s->planes, s->globals, &alone);
        cr_expect_arr_eq(one, all[i], counts[i] * sizeof(float), "output %d", i);
    }
    net_runner_close(runner);
    net_samples_free(s);
    net_unref(net);
}

/* Half of the output, as its unit is half a value, and never below 0; -1 from a net without it. */
Test(runner, error_of_the_value)
{
    struct net *nets[2] = {net_of("conv:8", OTHERS), NULL};
    struct net_samples *s = fixture_samples(net_info(nets[0]), SIZE, ROWS, false, 3);
    float error[ROWS], values[ROWS * 16];
    int positive = 0, negative = 0;
    cr_assert_eq(net_set_outputs(&nets[1], nets[0], 0, 1, NULL), 0);
    struct rng rng;
    rng_seed(&rng, 6);
    fixture_fill(&rng, nets[1]->graph->parameters, -0.5f, 0.5f, nets[1]->params);
    for (int i = 0; i < 2; i++) {
        struct net_runner *runner;
        cr_assert_eq(net_runner_create(&runner, nets[i], NET_BACKEND_PLAIN, NET_F32, ROWS, NULL), 0);
        net_runner_infer(runner, SIZE, SIZE, ROWS, s->planes, s->globals, &(struct net_outputs){.error = error});
        net_runner_close(runner);
        for (int row = 0; row < ROWS && i == 0; row++)
            cr_expect_eq(error[row], -1);
    }
    const struct net_graph *graph = nets[1]->graph;
    struct net_exec *exec = exec_of(graph, false, SIZE, ROWS);
    net_exec_set(exec, nets[1]->params, NULL);
    net_exec_load(exec, s->planes, s->globals);
    net_exec_forward(exec, NULL);
    net_exec_read(exec, graph->values, 0, values, 0);
    for (int row = 0; row < ROWS; row++) {
        const float x = values[row * graph->places.values + graph->places.at[NET_TARGET_VALUE_ERROR]];
        cr_expect_float_eq(error[row], CLAMP(x / 2, 0, 2), 1e-5, "%g of %g", (double)error[row], (double)x);
        positive += x > 0;
        negative += x < 0;
    }
    cr_expect_gt(positive + negative, 0);
    net_exec_close(exec);
    net_samples_free(s);
    net_unref(nets[0]);
    net_unref(nets[1]);
}

/* Probabilities of logits whose exponentials overflow a float. */
Test(runner, sure_outcomes)
{
    struct net *net = net_of("conv:8", 0);
    struct net_samples *s = fixture_samples(net_info(net), SIZE, 1, false, 3);
    struct net_runner *runner;
    float wdl[3];
    const struct net_outputs outputs = {.wdl = wdl};
    for (int i = 0; i < net->graph->params; i++) {
        const struct net_param *param = &net->graph->param[i];
        if (strcmp(param->name, "heads.value.out.bias") == 0)
            net->params[param->offset + (size_t)net->graph->places.at[NET_TARGET_VALUE] + 2] = 1000;
    }
    cr_assert_eq(net_runner_create(&runner, net, NET_BACKEND_PLAIN, NET_F32, 1, NULL), 0);
    net_runner_infer(runner, SIZE, SIZE, 1, s->planes, s->globals, &outputs);
    cr_expect(wdl[0] == 0 && wdl[1] == 0 && wdl[2] == 1, "%g %g %g", (double)wdl[0], (double)wdl[1], (double)wdl[2]);
    net_runner_close(runner);
    net_samples_free(s);
    net_unref(net);
}

/* One line for each operation with a choice of implementation, named after its weights. */
Test(runner, description)
{
    struct net *net = net_of("conv:8 gpool:8", 1);
    struct net_runner *runner;
    cr_assert_eq(net_runner_create(&runner, net, NET_BACKEND_PLAIN, NET_F32, 1, NULL), 0);
    char *text = net_runner_describe(runner, SIZE, SIZE, 1);
    cr_expect_str_eq(text, "0.conv.conv.weight plain C\n"
                           "1.gpool.conv1.weight plain C\n"
                           "1.gpool.conv2.weight plain C\n"
                           "heads.conv.weight plain C\n"
                           "heads.points.weight plain C\n");
    g_free(text);
    net_runner_close(runner);
    net_unref(net);
}

/* Uniform in [0, 1): mean 1/2 and variance 1/12 within four standard errors, and no trend from position to position. */
Test(runner, random_numbers_are_uniform)
{
    enum { COUNT = 20000 };
    for (uint64_t key = 0; key < 3; key++) {
        double sum = 0, square = 0, product = 0, last = 0.5, most = 0, least = 1;
        for (uint64_t i = 0; i < COUNT; i++) {
            double x = net_run_uniform(key, i);
            cr_assert(x >= 0 && x < 1);
            sum += x;
            square += x * x;
            product += (x - 0.5) * (last - 0.5);
            last = x;
            most = fmax(most, x);
            least = fmin(least, x);
        }
        double mean = sum / COUNT;
        cr_expect_float_eq(mean, 0.5, 4 * sqrt(1.0 / 12 / COUNT));
        cr_expect_float_eq(square / COUNT - mean * mean, 1.0 / 12, 4 * sqrt(1.0 / 180 / COUNT));
        cr_expect_lt(fabs(product / COUNT), 4.0 / 12 / sqrt(COUNT));
        cr_expect(least < 0.001 && most > 0.999);
    }
}

/* ---- memory ---- */

static int spatial_slots(const struct net_exec *exec)
{
    int count = 0;
    for (int i = 0; i < exec->slot_count; i++)
        count += exec->slots[i].spatial;
    return count;
}

static int slots_of(const char *trunk, bool training)
{
    struct net *net = net_of(trunk, 1);
    struct net_exec *exec = exec_of(net->graph, training, SIZE, 2);
    int count = spatial_slots(exec);
    net_exec_close(exec);
    net_unref(net);
    return count;
}

/* In inference a layer's output reuses the memory of the tensor before its input, and residual sums are computed in
 * place: two tensors are live at a time, in an se block a third, as its sum is not part of a convolution. */
Test(memory, inference_needs_two_tensors)
{
    cr_expect_eq(slots_of("conv:8", false), 2);
    cr_expect_eq(slots_of("conv:8 res:8 res:8 res:8 res:8", false), 2);
    cr_expect_eq(slots_of("conv:8 gpool:8 gpool:8 conv:12 gpool:12", false), 2);
    cr_expect_eq(slots_of("conv:8 se:8 se:8", false), 3);
}

/* Training keeps every tensor: the planes, the output of the first convolution, two for each block, two for the heads.
 * The memory of gradients does not grow with the number of blocks: one for the output over the points, which is written
 * from outside, two for the rest, and a spare one for a gradient that is about to be added. */
Test(memory, gradients_share_memory)
{
    for (int blocks = 1; blocks <= 5; blocks += 2) {
        GString *trunk = g_string_new("conv:8");
        for (int i = 0; i < blocks; i++)
            g_string_append(trunk, " res:8");
        cr_expect_eq(slots_of(trunk->str, true), 2 + 2 * blocks + 2 + 4, "%d blocks", blocks);
        g_string_free(trunk, TRUE);
    }
}

/* A slot is as large as the largest of its tensors at the largest extent, and memory moves only when one grows. */
Test(memory, grows_and_stays)
{
    struct net *net = net_of("conv:8 res:8 conv:24", 1);
    struct net_exec *exec = exec_of(net->graph, false, 3, 2);
    size_t bytes = 0;
    for (int i = 0; i < exec->slot_count; i++)
        bytes = exec->slots[i].spatial ? MAX(bytes, exec->slots[i].bytes) : bytes;
    cr_expect_eq(bytes, 2 * 9 * 24 * sizeof(float));
    unsigned moved = exec->moved;
    use(exec, 3, 3, 2);
    use(exec, 3, 3, 1);
    use(exec, 2, 4, 2);
    use(exec, 4, 2, 2);
    use(exec, 3, 3, 2);
    cr_expect(exec->moved == moved && exec->plan_count == 4, "reallocated %u times, %d plans", exec->moved - moved,
              exec->plan_count);
    use(exec, 4, 3, 2);
    cr_expect(exec->moved > moved && exec->plan_count == 5);
    moved = exec->moved;
    use(exec, 3, 3, 2);
    cr_expect(exec->moved == moved && exec->plan_count == 5);
    cr_expect_eq(exec->plan->moved, moved, "a plan points into memory that was freed");
    net_exec_close(exec);
    net_unref(net);
}

/* ---- what attention looks at ---- */

/* Weights of each head are a distribution over the points; those of a head without queries follow its bias alone. */
Test(runner, attention_from_a_point)
{
    enum { HEADS = 4, POINT = 6 };
    struct net *net = net_of("conv:16 attn:16+heads=2 res:16 tokens:16+heads=2", OTHERS);
    struct net_runner *runner;
    struct net_head head;
    float planes[3 * POINTS], globals[2] = {0.5f, 0.25f}, weights[HEADS][POINTS], again[HEADS][POINTS];
    struct rng rng;
    rng_seed(&rng, 3);
    fixture_fill(&rng, 3 * POINTS, 0, 1, planes);
    cr_assert_eq(net_heads(net, 0, NULL), HEADS);
    for (int i = 0; i < HEADS; i++) {
        net_heads(net, i, &head);
        cr_expect(head.block == (i < 2 ? 1 : 3) && head.head == i % 2 && head.heads == 2, "%d: %d %d %d", i, head.block,
                  head.head, head.heads);
    }
    cr_assert_eq(net_runner_create(&runner, net, NET_BACKEND_PLAIN, NET_F32, 1, NULL), 0);
    net_runner_attention(runner, SIZE, SIZE, planes, globals, POINT, &weights[0][0]);
    for (int i = 0; i < HEADS; i++) {
        float sum = 0;
        for (int p = 0; p < POINTS; p++) {
            cr_expect_geq(weights[i][p], 0);
            sum += weights[i][p];
        }
        cr_expect_float_eq(sum, 1, 1e-5);
    }
    net_runner_attention(runner, SIZE, SIZE, planes, globals, POINT + 1, &again[0][0]);
    cr_expect_neq(memcmp(weights, again, sizeof weights), 0);
    net_runner_close(runner);
    net_unref(net);
}

/* With queries of 0, only the offset counts: the first head of this net looks two points to the right. */
Test(runner, attention_by_offset)
{
    struct net *net = net_of("conv:16 attn:16+heads=2", OTHERS);
    struct net_runner *runner;
    float planes[3 * POINTS], globals[2] = {0, 0}, weights[2][POINTS];
    const struct net_graph *graph = net->graph;
    struct rng rng;
    rng_seed(&rng, 3);
    fixture_fill(&rng, 3 * POINTS, 0, 1, planes);
    for (int i = 0; i < graph->params; i++) {
        const struct net_param *param = &graph->param[i];
        if (strstr(param->name, "qkv") || strstr(param->name, "offsets"))
            memset(net->params + param->offset, 0, param->count * sizeof *net->params);
        if (strstr(param->name, "offsets")) /* [heads][y][x] from key to query */
            net->params[param->offset + (size_t)NET_ATTENTION_REACH * NET_ATTENTION_SIDE + NET_ATTENTION_REACH - 2] = 20;
    }
    cr_assert_eq(net_runner_create(&runner, net, NET_BACKEND_PLAIN, NET_F32, 1, NULL), 0);
    net_runner_attention(runner, SIZE, SIZE, planes, globals, 5, &weights[0][0]);
    for (int p = 0; p < POINTS; p++) {
        cr_expect_float_eq(weights[0][p], p == 7, 1e-5, "%d: %g", p, (double)weights[0][p]);
        cr_expect_float_eq(weights[1][p], 1.0 / POINTS, 1e-5);
    }
    net_runner_close(runner);
    net_unref(net);
}
