#include "net/train.h"

struct net_samples *net_samples_new(const struct net_info *info, int size, int n)
{
    size_t points = (size_t)(size * size), moves = points + (size_t)info->other_moves, rows = (size_t)n;
    struct net_samples *s = g_new0(struct net_samples, 1);
    s->size = size;
    s->n = n;
    s->planes = g_new0(float, rows *(size_t)info->planes *points);
    s->globals = g_new0(float, rows *(size_t)info->globals);
    s->weight = g_new0(float, rows);
    s->policy = g_new0(float, rows *moves);
    s->policy_weight = g_new0(float, rows);
    s->reply = g_new0(float, rows *moves);
    s->reply_weight = g_new0(float, rows);
    s->wdl = g_new0(float, rows * 3);
    s->soon = g_new0(float, rows * 3);
    s->soon_weight = g_new0(float, rows);
    s->score = g_new0(float, rows);
    s->score_weight = g_new0(float, rows);
    s->map = g_new0(float, rows *points);
    s->map_weight = g_new0(float, rows);
    return s;
}

void net_samples_free(struct net_samples *s)
{
    if (!s)
        return;
    float *arrays[] = {s->planes, s->globals, s->weight,      s->policy, s->policy_weight, s->reply, s->reply_weight,
                       s->wdl,    s->soon,    s->soon_weight, s->score,  s->score_weight,  s->map,   s->map_weight};
    for (size_t i = 0; i < G_N_ELEMENTS(arrays); i++)
        g_free(arrays[i]);
    g_free(s);
}
