/* Steps that two trainers make together, against one trainer with the whole batch. The trainers take turns here: the first
 * one's gradient is noted while its step fails, the second one adds it, and then the first one gets the sum. */
#include "net/net.h"
#include "net/targets.h"
#include "net/train.h"
#include "tests/net/fixtures.h"

#include <criterion/criterion.h>
#include <math.h>

enum { ROWS = 75, FIRST = 37, MOST = 200000 }; /* rows: more than two passes of the trainer, not divisible */

/* What the first trainer contributes, then the sum. */
struct board {
    float values[MOST];
    size_t count;
};

static bool note(void *user, float *values, size_t count)
{
    struct board *board = user;
    cr_assert_leq(count, MOST);
    memcpy(board->values, values, count * sizeof *values);
    board->count = count;
    return false;
}

static bool add(void *user, float *values, size_t count)
{
    struct board *board = user;
    cr_assert_eq(count, board->count);
    for (size_t i = 0; i < count; i++)
        board->values[i] = values[i] += board->values[i];
    return true;
}

static bool get(void *user, float *values, size_t count)
{
    const struct board *board = user;
    memcpy(values, board->values, count * sizeof *values);
    return true;
}

static struct net_trainer *trainer_of(const struct net_info *info)
{
    struct net_trainer_config config = net_trainer_defaults();
    struct net *net;
    struct net_trainer *trainer;
    config.backend = NET_BACKEND_PLAIN;
    config.seed = 3;
    config.clip = 0.02f; /* of the sum, not of its parts */
    cr_assert_eq(net_create(&net, info, 1, NULL), 0);
    cr_assert_eq(net_trainer_create(&trainer, net, &config, NULL), 0);
    net_unref(net);
    return trainer;
}

/* Rows from `first` on, as a view of the batch. */
static struct net_samples part_of(const struct net_samples *whole, const struct net_info *info, int first, int n)
{
    struct net_samples part = *whole;
    part.n = n;
    part.planes += (size_t)(first * info->planes * whole->width * whole->height);
    part.globals += (size_t)(first * info->globals);
    part.row_weight += first;
    for (int t = 0; t < NET_TARGETS; t++) {
        part.target[t] = net_samples_row(whole, t, first);
        part.weight[t] += first;
    }
    return part;
}

static float weights_apart(struct net_trainer *a, struct net_trainer *b)
{
    struct net *nets[] = {net_trainer_snapshot(a, false), net_trainer_snapshot(b, false)};
    GBytes *bytes[] = {net_write_bytes(nets[0], NULL), net_write_bytes(nets[1], NULL)};
    gsize size;
    const char *x = g_bytes_get_data(bytes[0], &size), *y = g_bytes_get_data(bytes[1], NULL);
    guint64 header; /* a safetensors file: the header's length, the header, the numbers */
    memcpy(&header, x, sizeof header);
    float most = 0, u, v;
    for (gsize i = 8 + GUINT64_FROM_LE(header); i + sizeof u <= size; i += sizeof u) {
        memcpy(&u, x + i, sizeof u);
        memcpy(&v, y + i, sizeof v);
        most = fmaxf(most, fabsf(u - v));
    }
    for (int i = 0; i < 2; i++) {
        g_bytes_unref(bytes[i]);
        net_unref(nets[i]);
    }
    return most;
}

static void step_together(struct net_trainer *a, struct net_trainer *b, const struct net_samples *whole,
                          const struct net_info *info, struct net_losses *losses)
{
    static struct board board;
    const struct net_samples first = part_of(whole, info, 0, FIRST), second = part_of(whole, info, FIRST, ROWS - FIRST);
    struct net_share share = {.rows = ROWS, .sum = note, .user = &board};
    const uint64_t before = net_trainer_hash(a);
    net_trainer_set_share(a, &share);
    net_trainer_step(a, &first, 0.05f, losses);
    cr_assert(!losses->finite && net_trainer_hash(a) == before, "a step without a sum was applied");
    net_trainer_set_share(b, &(struct net_share){.first = FIRST, .rows = ROWS, .sum = add, .user = &board});
    net_trainer_step(b, &second, 0.05f, losses);
    share.sum = get;
    net_trainer_set_share(a, &share);
    net_trainer_step(a, &first, 0.05f, losses);
    net_trainer_set_share(a, NULL);
    net_trainer_set_share(b, NULL);
}

Test(share, two_trainers_do_what_one_does)
{
    struct net_info info = fixture_info("conv:16 res:16+drop=0.3 gpool:16", 4, 2, 1);
    struct net_trainer *a = trainer_of(&info), *b = trainer_of(&info), *alone = trainer_of(&info);
    struct net_samples *whole = fixture_samples(&info, 5, ROWS, false, 7);
    struct net_losses together, one;
    for (int row = 0; row < FIRST; row++) /* rows without a target are no part of its mean */
        whole->weight[NET_TARGET_SCORE][row] = 0;
    for (int i = 0; i < 4; i++) {
        step_together(a, b, whole, &info, &together);
        net_trainer_step(alone, whole, 0.05f, &one);
        cr_assert(together.finite && net_trainer_hash(a) == net_trainer_hash(b));
        cr_assert_float_eq(together.total, one.total, 2e-4f * one.total);
        cr_assert_float_eq(together.grad_norm, one.grad_norm, 1e-3f * one.grad_norm);
        for (int t = 0; t < NET_TARGETS; t++)
            cr_assert(isnan(one.target[t])
                          ? isnan(together.target[t])
                          : fabsf(together.target[t] - one.target[t]) < 2e-4f * fabsf(one.target[t]) + 1e-6f,
                      "%s: %g, alone %g", net_targets[t].name, (double)together.target[t], (double)one.target[t]);
    }
    cr_assert_gt(one.grad_norm, 0.02f, "the norm is not clipped, which is to be tested");
    cr_assert_lt(weights_apart(a, alone), 1e-4f);
    net_samples_free(whole);
    net_trainer_close(a);
    net_trainer_close(b);
    net_trainer_close(alone);
}
