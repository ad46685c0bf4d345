/* When a net with a loop stops: against the rule, applied to the answers of each fixed number of steps. */
#include "net/graph/graph.h"
#include "net/net.h"
#include "net/net_internal.h"
#include "net/train.h"
#include "tests/net/loops.h"

#include <criterion/criterion.h>
#include <math.h>

enum { LEAST = 2, MOST = 9 };
static const char shape[] = "conv:16 gpool:16 loop:16+steps=2..9";

static double half_distance(const double *a, const double *b, int count)
{
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += fabs(a[i] - b[i]) / 2;
    return sum;
}

static void softmax(const float *x, int count, double *p)
{
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += p[i] = exp((double)x[i]);
    for (int i = 0; i < count; i++)
        p[i] /= sum;
}

/* How much two answers differ in a row: the greater of the total variations of policy and outcome. */
static double moved(const struct loop_answers *a, const struct loop_answers *b, int row)
{
    double p[LOOP_MOVES], q[LOOP_MOVES], v[3], w[3];
    softmax(a->policy + row * LOOP_MOVES, LOOP_MOVES, p);
    softmax(b->policy + row * LOOP_MOVES, LOOP_MOVES, q);
    for (int i = 0; i < 3; i++) {
        v[i] = (double)a->wdl[row * 3 + i];
        w[i] = (double)b->wdl[row * 3 + i];
    }
    return fmax(half_distance(p, q, LOOP_MOVES), half_distance(v, w, 3));
}

struct fixed {
    struct net *net;
    struct net_samples *s;
    struct loop_answers *after[MOST + 1]; /* each number of steps */
};

static struct fixed fixed_open(enum net_backend backend)
{
    struct fixed f = {.net = loop_net(shape, 8)};
    f.s = loop_samples(f.net);
    for (int steps = 1; steps <= MOST; steps++)
        f.after[steps] = loop_ask(f.net, backend, NET_F32, f.s, (struct net_effort){.steps = steps});
    return f;
}

static void fixed_close(struct fixed *f)
{
    for (int steps = 1; steps <= MOST; steps++)
        g_free(f->after[steps]);
    net_samples_free(f->s);
    net_unref(f->net);
}

/* The first step that moves the answer by less than the threshold; the number in play if none does. */
static int rule(const struct fixed *f, int row, double threshold, int most)
{
    for (int steps = LEAST + 1; steps <= most; steps++)
        if (moved(f->after[steps - 1], f->after[steps], row) < threshold)
            return steps;
    return most;
}

static void expect_row(const struct fixed *f, const struct loop_answers *had, int at, int row, int steps)
{
    const struct loop_answers *wanted = f->after[steps];
    cr_expect_eq(had->steps[at], steps, "row %d: %d, not %d", row, had->steps[at], steps);
    cr_expect_arr_eq(had->policy + at * LOOP_MOVES, wanted->policy + row * LOOP_MOVES, LOOP_MOVES * sizeof(float));
    cr_expect_arr_eq(had->wdl + at * 3, wanted->wdl + row * 3, 3 * sizeof(float));
    cr_expect_eq(had->score[at], wanted->score[row]);
    cr_expect_eq(had->error[at], wanted->error[row]);
    cr_expect_arr_eq(had->map + at * LOOP_POINTS, wanted->map + row * LOOP_POINTS, LOOP_POINTS * sizeof(float));
}

/* A threshold at which some rows stop early and others do not. */
static double middle(const struct fixed *f)
{
    double sum = 0;
    for (int row = 0; row < LOOP_ROWS; row++)
        sum += moved(f->after[4], f->after[5], row);
    return sum / LOOP_ROWS;
}

/* Each row of a batch has the answer with which it settled, whatever the others do, and alone it has the same one. */
Test(settle, rows_stop_by_the_rule)
{
    struct fixed f = fixed_open(NET_BACKEND_PLAIN);
    const double threshold = middle(&f);
    struct net_effort effort = {.settle = (float)threshold};
    struct loop_answers *all = loop_ask(f.net, NET_BACKEND_PLAIN, NET_F32, f.s, effort), one;
    struct net_runner *runner = loop_runner(f.net, NET_BACKEND_PLAIN, NET_F32, effort);
    int fewest = MOST, most = 0;
    for (int row = 0; row < LOOP_ROWS; row++) {
        int steps = rule(&f, row, threshold, MOST);
        expect_row(&f, all, row, row, steps);
        loop_infer(runner, f.s, row, 1, &one);
        expect_row(&f, &one, 0, row, steps);
        fewest = MIN(fewest, steps);
        most = MAX(most, steps);
    }
    cr_expect_lt(fewest, most, "all rows stopped after %d steps", most);
    net_runner_close(runner);
    g_free(all);
    fixed_close(&f);
}

/* Whatever settles, settles at once; nothing does; fewer steps than the net has; fewer than the least. */
Test(settle, bounds)
{
    struct fixed f = fixed_open(NET_BACKEND_FAST);
    static const struct {
        struct net_effort effort;
        int steps;
    } cases[] = {{{0, 1}, LEAST + 1}, {{0, 1e-30f}, MOST}, {{4, 1e-30f}, 4}, {{1, 1}, 1}, {{2, 1}, 2}, {{3, 0}, 3}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct loop_answers *had = loop_ask(f.net, NET_BACKEND_FAST, NET_F32, f.s, cases[i].effort);
        for (int row = 0; row < LOOP_ROWS; row++)
            expect_row(&f, had, row, row, cases[i].steps);
        g_free(had);
    }
    fixed_close(&f);
}

/* Policy or outcome may be the one that moves, also if it is not asked for; what is not asked for is not written. */
Test(settle, what_is_asked_for_makes_no_difference)
{
    struct fixed f = fixed_open(NET_BACKEND_PLAIN);
    struct net_effort effort = {.settle = (float)middle(&f)};
    struct net_runner *runner = loop_runner(f.net, NET_BACKEND_PLAIN, NET_F32, effort);
    struct loop_answers *all = loop_ask(f.net, NET_BACKEND_PLAIN, NET_F32, f.s, effort), one;
    for (int i = 0; i < 5; i++) {
        memset(&one, 0, sizeof one);
        net_runner_infer(runner, LOOP_SIZE, LOOP_SIZE, LOOP_ROWS, f.s->planes, f.s->globals,
                         &(struct net_outputs){i == 0 ? one.policy : NULL, i == 1 ? one.wdl : NULL,
                                               i == 2 ? one.score : NULL, i == 3 ? one.map : NULL,
                                               i == 4 ? one.error : NULL});
        cr_expect(memcmp(one.policy, all->policy, sizeof one.policy) == 0 || i != 0);
        cr_expect(memcmp(one.wdl, all->wdl, sizeof one.wdl) == 0 || i != 1);
        cr_expect(memcmp(one.score, all->score, sizeof one.score) == 0 || i != 2);
        cr_expect(memcmp(one.map, all->map, sizeof one.map) == 0 || i != 3);
        cr_expect(memcmp(one.error, all->error, sizeof one.error) == 0 || i != 4);
    }
    net_runner_close(runner);
    g_free(all);
    fixed_close(&f);
}

/* The outcome alone: the policy of a net whose policy head is 0 never moves. */
Test(settle, an_outcome_that_moves)
{
    struct fixed f = fixed_open(NET_BACKEND_PLAIN);
    for (int i = 0; i < f.net->graph->params; i++) {
        const struct net_param *param = &f.net->graph->param[i];
        if (param->makes == NET_OUTPUT_POINTS || param->makes == NET_OUTPUT_OTHERS)
            memset(f.net->params + param->offset, 0, param->count * sizeof(float));
        for (size_t k = 0; param->makes == NET_OUTPUT_VALUES && k < param->count; k++)
            f.net->params[param->offset + k] *= 20;
    }
    for (int steps = 1; steps <= MOST; steps++) {
        g_free(f.after[steps]);
        f.after[steps] = loop_ask(f.net, NET_BACKEND_PLAIN, NET_F32, f.s, (struct net_effort){.steps = steps});
    }
    double threshold = middle(&f);
    cr_assert_gt(threshold, 1e-4);
    struct loop_answers *had =
        loop_ask(f.net, NET_BACKEND_PLAIN, NET_F32, f.s, (struct net_effort){.settle = (float)threshold});
    for (int row = 0; row < LOOP_ROWS; row++)
        expect_row(&f, had, row, row, rule(&f, row, threshold, MOST));
    g_free(had);
    fixed_close(&f);
}

Test(settle, what_is_refused)
{
    struct net *net = loop_net(shape, 8), *plain = loop_net("conv:8", 8);
    struct net_runner *runner = loop_runner(net, NET_BACKEND_PLAIN, NET_F32, (struct net_effort){.steps = 2});
    static const struct net_effort bad[] = {{-1, 0}, {17, 0}, {0, -0.1f}, {0, 1.5f}, {0, NAN}};
    GError *error = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        cr_expect_eq(net_runner_set_effort(runner, &bad[i], &error), -1);
        cr_expect(g_error_matches(error, NET_ERROR, NET_ERROR_SPEC) && strstr(error->message, "steps must be 0 to 16"));
        g_clear_error(&error);
    }
    cr_expect_eq(net_runner_set_net(runner, plain, &error), -1, "its steps would have no effect");
    cr_expect(g_error_matches(error, NET_ERROR, NET_ERROR_MISMATCH) &&
              strstr(error->message, "need a net with a loop"));
    g_clear_error(&error);
    cr_expect(net_effort_check(plain, &(struct net_effort){0, 0}, NULL));
    cr_expect_not(net_effort_check(plain, &(struct net_effort){0, 0.1f}, NULL));
    net_runner_close(runner);
    net_unref(net);
    net_unref(plain);
}
