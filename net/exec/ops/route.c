/* out [n][1] = the index of the expert that a row uses: the one whose centroid has the smallest squared distance to the row's features,
 * less the centroid's bias. Features are the means of the input's channels [first, first+count) over the points, or these channels
 * themselves if the input is flat.
 *
 * Experts are chosen by clusters of features, without a gradient (Gross et al. 2017, "Hard mixtures of experts for large scale weakly
 * supervised vision"): each centroid moves to the mean of its rows as in online k-means, and a bias on its distance falls while it has
 * more than its share of a batch (Wang et al. 2024, "Auxiliary-loss-free load balancing strategy for mixture-of-experts", for the scores
 * of a learned gate). So no expert starves, nothing is added to the loss, and what an expert computes needs no factor, which int8 could
 * not apply. */
#include "net/graph/op.h"
#include "net/kernels/packed.h"
#include "net/net.h"
#include "net/real.h"

#include <string.h>

enum { CENTROIDS, BIAS }; /* parameters [experts][count], [experts] */

static size_t features_of(const struct net_run *run)
{
    return (size_t)run->op->count;
}

static size_t row_of(const struct net_run *run)
{
    return run->in[0]->spatial ? net_run_points(run) * (size_t)run->in[0]->layout.channels : 0;
}

static size_t scratch(const struct net_run *run)
{
    return (row_of(run) + features_of(run)) * sizeof(net_real);
}

/* The features [n][count]. */
static size_t keep(const struct net_run *run)
{
    return (size_t)run->extent.n * features_of(run) * sizeof(net_real);
}

/* x: memory for a row of a spatial input. */
static void read_features(const struct net_run *run, int row, net_real *x, net_real *features)
{
    const size_t channels = (size_t)run->in[0]->layout.channels, count = features_of(run),
                 first = (size_t)run->op->first;
    if (!run->in[0]->spatial) {
        memcpy(features, (const net_real *)run->in[0]->data + (size_t)row * channels + first, count * sizeof *features);
        return;
    }
    const size_t points = net_run_points(run);
    net_run_read(run, run->in[0], row, x);
    memset(features, 0, count * sizeof *features);
    for (size_t p = 0; p < points; p++, x += channels)
        for (size_t c = 0; c < count; c++)
            features[c] += x[first + c];
    for (size_t c = 0; c < count; c++)
        features[c] /= (net_real)points;
}

static net_real distance(const struct net_run *run, int expert, const net_real *features)
{
    const size_t count = features_of(run);
    const net_real *centroid = run->param[CENTROIDS] + (size_t)expert * count;
    net_real sum = 0;
    for (size_t c = 0; c < count; c++)
        sum += (features[c] - centroid[c]) * (features[c] - centroid[c]);
    return sum;
}

static void forward(const struct net_run *run)
{
    const size_t count = features_of(run);
    net_real *x = run->scratch, *features = x + row_of(run), *out = run->out->data;
    for (int row = 0; row < run->extent.n; row++) {
        net_real most = 0;
        if (run->keep)
            features = (net_real *)run->keep + (size_t)row * count;
        read_features(run, row, x, features);
        for (int e = 0; e < run->op->experts; e++) {
            const net_real score = run->param[BIAS][e] - distance(run, e, features);
            if (e == 0 || score > most) {
                most = score;
                out[row] = (net_real)e;
            }
        }
    }
}

/* What the optimiser uses as gradients: for the centroids, the gradient of half the mean squared distance; for the biases, the excess
 * over an equal share of the rows, times the mean squared distance; both averaged over the whole batch. The true gradients are 0: a
 * small change of these parameters changes no choice. */
static void backward(const struct net_run *run)
{
    const size_t width = features_of(run);
    const int n = run->extent.n, experts = run->op->experts;
    const net_real *features = run->keep, *choice = run->out->data;
    const net_real each = 1 / (net_real)(run->pass->rows > 0 ? run->pass->rows : n);
    net_real count[NET_EXPERTS_MAX] = {0}, spread = 0;
    for (int row = 0; row < n; row++, features += width) {
        const int e = (int)choice[row];
        const net_real *centroid = run->param[CENTROIDS] + (size_t)e * width;
        net_real *to = run->param_gradient[CENTROIDS] + (size_t)e * width;
        count[e]++;
        spread += distance(run, e, features) / (net_real)n;
        for (size_t c = 0; c < width; c++)
            to[c] += each * (centroid[c] - features[c]);
    }
    for (int e = 0; e < experts; e++)
        run->param_gradient[BIAS][e] += each * spread * (count[e] - (net_real)n / (net_real)experts);
    if (run->op->want[0])
        net_run_gradient(run, 0);
}

const struct net_op_kind net_op_route = {
    .name = "route",
    .inference = NET_DTYPES_ALL,
    .training = NET_DTYPES_REAL,
    .through = -1,
    .reads_quantised = 1,
    .keep = keep,
    .scratch = scratch,
    .forward = forward,
    .backward = backward,
};
