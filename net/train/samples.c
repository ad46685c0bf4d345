#include "net/graph/graph.h"
#include "net/net.h"
#include "net/targets.h"
#include "net/train.h"

/* As many rows after the root as lead to it. */
static int sequence_of(int moves)
{
    return MAX(1, 2 * moves);
}

int net_sequence(const struct net *net)
{
    return sequence_of(net_moves(net));
}

struct net_samples *net_samples_new(const struct net_info *info, int width, int height, int n)
{
    size_t points = (size_t)(width * height), rows = (size_t)n;
    struct net_samples *s = g_new0(struct net_samples, 1);
    s->width = width;
    s->height = height;
    s->n = n;
    s->moves = width * height + info->other_moves;
    s->planes = g_new0(float, rows *(size_t)info->planes *points);
    s->globals = g_new0(float, rows *(size_t)info->globals);
    s->row_weight = g_new0(float, rows);
    s->back = g_new0(float, rows);
    s->sequence = sequence_of(net_trunk_moves(info->trunk));
    for (int t = 0; t < NET_TARGETS; t++)
        if ((int)net_target_rows(t) == t) {
            s->target[t] = g_new0(float, rows *(size_t)net_samples_count(s, t));
            s->weight[t] = g_new0(float, rows);
        }
    for (int t = 0; t < NET_TARGETS; t++) {
        s->target[t] = s->target[net_target_rows(t)];
        s->weight[t] = s->weight[net_target_rows(t)];
    }
    return s;
}

void net_samples_free(struct net_samples *s)
{
    if (!s)
        return;
    for (int t = 0; t < NET_TARGETS; t++)
        if ((int)net_target_rows(t) == t) {
            g_free(s->target[t]);
            g_free(s->weight[t]);
        }
    g_free(s->planes);
    g_free(s->globals);
    g_free(s->row_weight);
    g_free(s->back);
    g_free(s);
}

int net_samples_count(const struct net_samples *samples, enum net_target_id target)
{
    return net_target_count(&net_targets[target], samples->width * samples->height, samples->moves);
}

float *net_samples_row(const struct net_samples *samples, enum net_target_id target, int row)
{
    return samples->target[target] + (size_t)row * (size_t)net_samples_count(samples, target);
}
