/* Runs a batch through the net. The batch is divided into slices independently of the number of threads. Each thread takes one slice
 * after another, and adds its gradient to that of the batch once all earlier slices have been added: part by part of the graph,
 * so that it rarely waits long. So every sum has the same terms in the same order, whatever the number of threads. */
#include "net/exec/exec.h"
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/kernels/packed.h"
#include "net/net.h"
#include "net/net_internal.h"
#include "net/targets.h"
#include "net/train.h"
#include "net/train/crew.h"
#include "net/train/loss.h"
#include "net/train/trainer_internal.h"

#include <pthread.h>
#include <string.h>

/* PASS: rows of a pass, few enough that a layer's tensors stay in the L2 cache. LEAST_POINTS: points of a slice, enough that adding
 * its gradient takes only a few per cent of the time needed to compute it. */
enum { PASS = 32, LEAST_POINTS = 16 * 81 };

struct slices {
    struct net_trainer *trainer;
    const struct net_samples *samples;
    int steps; /* of the loop */
    bool gradients;
    int rows, count;                           /* of a slice, the last one may have fewer; number of slices */
    struct net_loss_sums sums[TRAINER_SLICES]; /* each written by the thread that has the slice */

    pthread_mutex_t lock;
    pthread_cond_t turned;
    /* Guarded by the lock. */
    int next, waiting;
    int turn[NET_EXEC_PARTS]; /* by part of the graph: the slice whose gradient is to be added next */
};

/* For the exec that adds the gradient of one slice. */
struct turn {
    struct slices *slices;
    int slice;
};

static void turn_begin(void *user, int part)
{
    const struct turn *turn = user;
    struct slices *s = turn->slices;
    pthread_mutex_lock(&s->lock);
    s->waiting++;
    while (s->turn[part] != turn->slice)
        pthread_cond_wait(&s->turned, &s->lock);
    s->waiting--;
    pthread_mutex_unlock(&s->lock);
}

static void turn_end(void *user, int part)
{
    const struct turn *turn = user;
    struct slices *s = turn->slices;
    pthread_mutex_lock(&s->lock);
    s->turn[part]++;
    if (s->waiting)
        pthread_cond_broadcast(&s->turned);
    pthread_mutex_unlock(&s->lock);
}

/* `most` rounded down to whole sequences and to an even number of rows, since the kernels for the weights' gradient process rows in
 * pairs; at least one such unit. */
static int rows_within(const struct net_samples *samples, int most)
{
    const int unit = samples->sequence % 2 ? 2 * samples->sequence : samples->sequence;
    return MAX(most / unit, 1) * unit;
}

static int next_slice(struct slices *slices)
{
    pthread_mutex_lock(&slices->lock);
    const int slice = slices->next++;
    pthread_mutex_unlock(&slices->lock);
    return slice;
}

static void pass_run(struct slices *slices, int lane, struct net_exec *exec, int slice, int first, int n)
{
    struct net_trainer *trainer = slices->trainer;
    const struct net_samples *s = slices->samples;
    const struct net_info *info = &trainer->graph->info;
    const struct net_extent extent = {s->width, s->height, n};
    const size_t points = net_extent_points(extent);
    const int rows = trainer->share.sum ? trainer->share.rows : s->n; /* of the batch, of which these may be a part */
    const struct net_pass pass = {.flavour = slices->gradients ? NET_TRAINING : NET_INFERENCE,
                                  .seed = trainer->config.seed,
                                  .step = trainer->steps,
                                  .first_row = trainer->share.first + first,
                                  .back = s->back + first,
                                  .rows = rows};
    GError *error = NULL;
    if (net_exec_use(exec, extent, &error) != 0)
        g_error("training on %dx%d, batch %d: %s", extent.width, extent.height, extent.n, error->message);
    net_exec_load(exec, s->planes + (size_t)first * (size_t)info->planes * points,
                  s->globals + (size_t)first * (size_t)info->globals);
    net_exec_forward(exec, &pass);
    net_loss_compute(exec, trainer->depth[slices->steps], s, first, n, trainer->config.loss_weight,
                     slices->gradients ? 1.0 / rows : 0, &slices->sums[slice], trainer->lane[lane].workspace);
    if (slices->gradients)
        net_exec_backward(exec);
}

static struct net_exec *lane_prepare(const struct slices *slices, int lane, int pass)
{
    struct net_trainer *trainer = slices->trainer;
    const int points = slices->samples->width * slices->samples->height;
    float **workspace = &trainer->lane[lane].workspace;
    GError *error = NULL;
    trainer_enter(trainer);
    struct net_exec *exec = trainer_lane_use(trainer, lane, slices->steps, &error);
    if (!exec) /* not an input error: another thread, or number of steps, has one */
        g_error("training: %s", error->message);
    *workspace = g_renew(float, *workspace, net_loss_workspace(trainer->depth[slices->steps], points, pass));
    return exec;
}

static void work(void *user, int lane)
{
    struct slices *slices = user;
    const int n = slices->samples->n, pass = rows_within(slices->samples, PASS);
    struct net_exec *exec = NULL;
    for (int slice; (slice = next_slice(slices)) < slices->count;) {
        const int from = slice * slices->rows, to = MIN(from + slices->rows, n);
        exec = exec ? exec : lane_prepare(slices, lane, pass);
        for (int first = from; first < to; first += pass)
            pass_run(slices, lane, exec, slice, first, MIN(pass, to - first));
        struct turn turn = {slices, slice};
        if (slices->gradients)
            net_exec_move_gradients(exec, slices->trainer->sum[slices->steps],
                                    &(struct net_exec_turns){turn_begin, turn_end, &turn});
    }
}

static void sums_add(struct net_loss_sums *sums, const struct net_loss_sums *more)
{
    for (int t = 0; t < NET_TARGETS; t++) {
        sums->loss[t] += more->loss[t];
        sums->weight[t] += more->weight[t];
    }
    sums->early += more->early;
}

struct net_loss_sums trainer_run(struct net_trainer *trainer, const struct net_samples *samples, int steps,
                                 bool gradients)
{
    struct slices slices = {.trainer = trainer, .samples = samples, .steps = steps, .gradients = gradients};
    struct net_loss_sums sums = {0};
    const int least = rows_within(samples, LEAST_POINTS / (samples->width * samples->height));
    g_assert(net_extent_valid((struct net_extent){samples->width, samples->height, samples->n}) &&
             samples->n <= trainer->config.batch);
    slices.rows = least * ((samples->n + least * TRAINER_SLICES - 1) / (least * TRAINER_SLICES));
    slices.count = (samples->n + slices.rows - 1) / slices.rows;
    pthread_mutex_init(&slices.lock, NULL);
    pthread_cond_init(&slices.turned, NULL);
    trainer_depth_use(trainer, steps);
    crew_run(&trainer->crew, MIN(trainer->threads, slices.count), work, &slices);
    if (gradients) {
        memset(trainer->gradient, 0, trainer->graph->parameters * sizeof *trainer->gradient);
        net_exec_take_gradients(trainer->sum[steps], trainer->gradient);
    }
    for (int i = 0; i < slices.count; i++)
        sums_add(&sums, &slices.sums[i]);
    pthread_cond_destroy(&slices.turned);
    pthread_mutex_destroy(&slices.lock);
    return sums;
}
