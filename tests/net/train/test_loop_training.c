/* Training of nets with a loop: the number of steps of each batch, the early answer, gradients, the rate, repetition and
 * resumption. */
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/kernels/arithmetic.h"
#include "net/net.h"
#include "net/net_internal.h"
#include "net/train.h"
#include "net/train/optimiser.h"
#include "net/train/trainer_internal.h"
#include "tests/net/loops.h"
#include "tests/net/train/apply.h"

#include <criterion/criterion.h>
#include <math.h>
#include <unistd.h>

static struct net_trainer *trainer_of(struct net *net, uint64_t seed)
{
    struct net_trainer_config config = net_trainer_defaults();
    struct net_trainer *trainer;
    config.seed = seed;
    config.dtype = NET_F32;
    cr_assert_eq(net_trainer_create(&trainer, net, &config, NULL), 0);
    return trainer;
}

/* Each number of the range about equally often, the same for the same seed and step. */
Test(loop_training, steps_are_drawn_from_the_range)
{
    struct net *net = loop_net("conv:8 loop:8+steps=2..8", 1), *one = loop_net("conv:8 loop:8+steps=5", 1);
    struct net_trainer *trainer = trainer_of(net, 3), *other = trainer_of(net, 4), *fixed = trainer_of(one, 3);
    int count[NET_STEPS_MAX + 1] = {0}, differ = 0;
    for (trainer->steps = 0; trainer->steps < 7000; trainer->steps++) {
        other->steps = fixed->steps = trainer->steps;
        int steps = trainer_steps_drawn(trainer);
        count[steps]++;
        differ += steps != trainer_steps_drawn(other);
        cr_assert_eq(steps, trainer_steps_drawn(trainer));
        cr_assert_eq(trainer_steps_drawn(fixed), 5);
    }
    for (int steps = 0; steps <= NET_STEPS_MAX; steps++) /* 1000 of each, within four standard deviations */
        cr_expect(steps < 2 || steps > 8 ? count[steps] == 0 : abs(count[steps] - 1000) < 120, "%d: %d", steps,
                  count[steps]);
    cr_expect_gt(differ, 5000, "the seed makes no difference");
    net_trainer_close(trainer);
    net_trainer_close(other);
    net_trainer_close(fixed);
    net_unref(net);
    net_unref(one);
}

/* A step with the drawn number is one of a net that always has this number. */
Test(loop_training, a_step_uses_the_number_drawn)
{
    struct net *net = loop_net("conv:8 loop:8+steps=2..4", 1);
    struct net_samples *s = loop_samples(net);
    struct net_trainer *trainer = trainer_of(net, 3);
    for (int i = 0; i < 4; i++) {
        char *shape = g_strdup_printf("conv:8 loop:8+steps=%d", trainer_steps_drawn(trainer));
        struct net *now = net_trainer_snapshot(trainer, false), *fixed;
        cr_assert_eq(net_reshape(&fixed, now, shape, 1, NULL), 0);
        struct net_trainer *alone = trainer_of(fixed, 3);
        struct net_losses mixed, single;
        net_trainer_step(trainer, s, 0, &mixed);
        net_trainer_step(alone, s, 0, &single);
        cr_expect_eq(mixed.total, single.total, "%s", shape);
        cr_expect_eq(mixed.grad_norm, single.grad_norm, "%s", shape);
        net_trainer_close(alone);
        net_unref(now);
        net_unref(fixed);
        g_free(shape);
    }
    net_trainer_close(trainer);
    net_samples_free(s);
    net_unref(net);
}

/* The losses with any number of steps are those of a net that plays with this number; the others are with that in play. */
Test(loop_training, losses_at_a_number_of_steps)
{
    struct net *net = loop_net("conv:8 loop:8+steps=2..4", 1);
    struct net_samples *s = loop_samples(net);
    struct net_trainer *trainer = trainer_of(net, 3);
    struct net_losses own, had, wanted, before = {.total = 0};
    net_trainer_losses(trainer, s, &own);
    for (int steps = 1; steps <= 10; steps += 3) {
        char *shape = g_strdup_printf("conv:8 loop:8+steps=%d", steps);
        struct net *fixed;
        cr_assert_eq(net_reshape(&fixed, net, shape, 1, NULL), 0);
        struct net_trainer *alone = trainer_of(fixed, 3);
        net_trainer_losses_at(trainer, s, steps, &had);
        net_trainer_losses(alone, s, &wanted);
        cr_expect_eq(had.total, wanted.total, "%d steps", steps);
        cr_expect_neq(had.total, before.total);
        cr_expect_eq(had.total == own.total, steps == 4);
        before = had;
        net_trainer_close(alone);
        net_unref(fixed);
        g_free(shape);
    }
    net_trainer_close(trainer);
    net_samples_free(s);
    net_unref(net);
}

/* The early answer is the one after half of the steps, rounded up, and its losses count by their weight; the losses that are
 * reported are those of the last. Its part of the gradient is the gradient with it less that without, and twice as large with
 * twice the weight: from plain gradient steps. */
Test(loop_training, the_early_answer)
{
    static const char *const shapes[] = {"conv:8 loop:8+steps=3+early=0", "conv:8 loop:8+steps=3+early=0.25",
                                         "conv:8 loop:8+steps=3+early=0.5"};
    struct net *net = loop_net(shapes[0], 1), *after[3];
    struct net_samples *s = loop_samples(net);
    struct net_losses losses[3];
    size_t count = net->graph->parameters;
    for (int i = 0; i < 3; i++) {
        struct net *one;
        struct net_trainer_config config = net_trainer_defaults();
        struct net_trainer *trainer;
        config.dtype = NET_F32;
        config.clip = config.momentum = config.weight_decay = 0;
        cr_assert_eq(net_reshape(&one, net, shapes[i], 1, NULL), 0);
        cr_assert_eq(net_trainer_create(&trainer, one, &config, NULL), 0);
        net_trainer_step(trainer, s, 0.01f, &losses[i]);
        after[i] = net_trainer_snapshot(trainer, false);
        net_trainer_close(trainer);
        net_unref(one);
    }
    cr_expect(losses[0].total == losses[1].total && losses[1].total == losses[2].total);
    double part = 0, off = 0;
    for (size_t i = 0; i < count; i++) {
        double once = (double)after[1]->params[i] - (double)after[0]->params[i],
               twice = (double)after[2]->params[i] - (double)after[0]->params[i];
        part += once * once;
        off += (twice - 2 * once) * (twice - 2 * once);
    }
    cr_expect(part > 1e-8 && off < 1e-3 * part, "%g, off by %g", part, off);
    struct net_graph *graph;
    cr_assert_eq(net_graph_create_unrolled(&graph, net_info(after[1]), 5, true, NULL), 0);
    int first = graph->loop.half;
    cr_expect_gt(graph->early.points, 0);
    int uses = 0; /* of the second convolution, before the early answer */
    for (int i = 0; i < graph->ops && graph->op[i].out <= first; i++)
        uses += strcmp(graph->param[graph->op[i].param[0]].name, "1.loop.conv2.weight") == 0 && graph->op[i].params > 0;
    cr_expect_eq(uses, 3);
    g_free(graph);
    for (int i = 0; i < 3; i++)
        net_unref(after[i]);
    net_samples_free(s);
    net_unref(net);
}

/* The same bits again, and after an interruption; all of the loop learns. */
Test(loop_training, repeats_and_resumes)
{
    struct net *net = loop_net("conv:8 loop:8", 1), *ends[2];
    struct net_samples *s = loop_samples(net);
    char *folder = g_dir_make_tmp("tengen-loop-XXXXXX", NULL), *path = g_build_filename(folder, "state", NULL);
    for (int i = 0; i < 2; i++) {
        struct net_trainer *trainer = trainer_of(net, 3);
        for (int step = 0; step < 8; step++) {
            if (i == 1 && step == 3) {
                cr_assert_eq(net_trainer_save(trainer, path, NULL), 0);
                net_trainer_close(trainer);
                trainer = trainer_of(net, 3);
                cr_assert_eq(net_trainer_load(trainer, path, NULL, NULL), 0);
            }
            net_trainer_step(trainer, s, 0.01f, NULL);
        }
        ends[i] = net_trainer_snapshot(trainer, true);
        net_trainer_close(trainer);
    }
    cr_expect_arr_eq(ends[0]->params, ends[1]->params, net->graph->parameters * sizeof(float));
    for (int i = 0; i < net->graph->params; i++) {
        const struct net_param *p = &net->graph->param[i];
        cr_expect(memcmp(net->params + p->offset, ends[0]->params + p->offset, p->count * sizeof(float)) != 0, "%s",
                  p->name);
    }
    unlink(path);
    rmdir(folder);
    g_free(path);
    g_free(folder);
    net_unref(ends[0]);
    net_unref(ends[1]);
    net_samples_free(s);
    net_unref(net);
}

/* The change of all weights by one step of plain gradient descent. */
static float *change_of(struct net *net, const struct net_samples *s, enum net_backend backend, enum net_dtype dtype)
{
    struct net_trainer_config config = net_trainer_defaults();
    struct net_trainer *trainer;
    config.backend = backend;
    config.dtype = dtype;
    config.clip = config.momentum = config.weight_decay = 0;
    cr_assert_eq(net_trainer_create(&trainer, net, &config, NULL), 0);
    net_trainer_step(trainer, s, 0.01f, NULL);
    struct net *after = net_trainer_snapshot(trainer, false);
    float *change = g_new(float, net->graph->parameters);
    for (size_t i = 0; i < net->graph->parameters; i++)
        change[i] = after->params[i] - net->params[i];
    net_unref(after);
    net_trainer_close(trainer);
    return change;
}

/* In f32 and bf16, parameter by parameter, against the plain reference, which is held to finite differences in double precision
 * (f64/test_graphs.c). */
Test(loop_training, gradients_in_every_number_type)
{
    static const double tolerance[] = {[NET_F32] = 2e-3, [NET_BF16] = 0.1};
    struct net *net = loop_net("conv:16 gpool:16 loop:16+steps=6", 1);
    struct net_samples *s = loop_samples(net);
    float *plain = change_of(net, s, NET_BACKEND_PLAIN, NET_F32);
    for (enum net_dtype dtype = NET_F32; dtype <= NET_BF16; dtype++) {
        if (!loop_types()[dtype])
            continue;
        float *fast = change_of(net, s, NET_BACKEND_FAST, dtype);
        for (int i = 0; i < net->graph->params; i++) {
            const struct net_param *p = &net->graph->param[i];
            double off = 0, size = 1e-14;
            for (size_t k = p->offset; k < p->offset + p->count; k++) {
                off += pow((double)fast[k] - (double)plain[k], 2);
                size += pow((double)plain[k], 2);
            }
            cr_expect_lt(sqrt(off / size), tolerance[dtype], "%s in %s: off by %g", p->name, net_dtype_name(dtype),
                         sqrt(off / size));
        }
        g_free(fast);
    }
    g_free(plain);
    net_samples_free(s);
    net_unref(net);
}

/* What every step adds is learned at a rate divided by the number of steps in play, with every optimiser: against a net whose
 * weights are used as often and learned at the full rate. */
Test(loop_training, the_rate_of_what_is_used_often)
{
    struct net *net = loop_net("conv:8 loop:8+steps=2..4", 1);
    struct net_graph *slow, *full;
    const size_t count = net->graph->parameters;
    cr_assert_eq(net_graph_create_training(&slow, net_info(net), NULL), 0);
    cr_assert_eq(net_graph_create_training(&full, net_info(net), NULL), 0);
    for (int i = 0; i < full->params; i++) {
        bool often = g_str_has_prefix(full->param[i].name, "1.loop.conv2.");
        cr_expect_eq(slow->param[i].rate, often ? 0.25 : 1, "%s", full->param[i].name);
        full->param[i].rate = 1;
    }
    for (enum net_optimiser kind = 0; kind < NET_OPTIMISERS; kind++) {
        const struct optimiser_step step = {.kind = kind,
                                            .step = 1,
                                            .rate = 0.1f,
                                            .momentum = 0.9f,
                                            .weight_decay = 0.5f,
                                            .scale = 1,
                                            .arithmetic = &net_arithmetic_plain};
        float *params[2], *first = g_new0(float, count), *second = g_new0(float, count);
        for (int i = 0; i < 2; i++) {
            memset(first, 0, count * sizeof *first);
            memset(second, 0, count * sizeof *second);
            params[i] = g_memdup2(net->params, count * sizeof(float));
            apply_all(i ? full : slow, &step, net->params, params[i], first, second);
        }
        for (int i = 0; i < full->params; i++) {
            size_t at = full->param[i].offset + full->param[i].count / 2;
            double moved = (double)(params[0][at] - net->params[at]),
                   wanted = (double)(params[1][at] - net->params[at]);
            cr_expect_float_eq(moved, slow->param[i].rate * wanted, 1e-5 + 1e-3 * fabs(wanted), "%s, %s",
                               full->param[i].name, net_optimiser_names[kind]);
        }
        g_free(first);
        g_free(second);
        g_free(params[0]);
        g_free(params[1]);
    }
    g_free(slow);
    g_free(full);
    net_unref(net);
}
