/* Which ratings the games determine: connectivity of the players, and existence of the likelihood's maximum. */
#include <glib.h>
#include <math.h>
#include <string.h>

#include "engine/match/statistics/rating.h"
#include "engine/match/statistics/rating_internal.h"

void rating_count_games(struct rating_fit *f)
{
    const struct rating_config *c = f->config;
    f->cells = g_new0(struct rating_cell, MIN(c->count + 1, f->n * f->n));
    f->cell_of = g_new(int, f->n * f->n);
    memset(f->cell_of, -1, sizeof *f->cell_of * (size_t)(f->n * f->n));
    for (int i = 0; i < c->count; i++) {
        const struct rating_game *g = &c->games[i];
        int a = MIN(g->a, g->b), b = MAX(g->a, g->b), *at = &f->cell_of[a * f->n + b];
        if (*at < 0) {
            *at = f->cell_of[b * f->n + a] = f->cell_count;
            f->cells[f->cell_count++] = (struct rating_cell){.a = a, .b = b};
        }
        f->cells[*at].games++;
        f->cells[*at].points += g->a == a ? g->points : 1 - g->points;
        f->cells[*at].draws += g->points == 0.5;
    }
}

/* Transitive closure: reach[i * n + j] says whether a path leads from i to j. */
static void transitive_closure(int n, bool *reach)
{
    for (int k = 0; k < n; k++)
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
                reach[i * n + j] |= reach[i * n + k] && reach[k * n + j];
}

/* Reachability through games played or, with `scored`, through points scored. Anchors are linked to each other. */
static bool *reachability(const struct rating_fit *f, bool scored)
{
    int n = f->n;
    bool *reach = g_new0(bool, (size_t)(n * n));
    for (int i = 0; i < f->cell_count; i++) {
        const struct rating_cell *c = &f->cells[i];
        reach[c->a * n + c->b] |= !scored || c->points > 0;
        reach[c->b * n + c->a] |= !scored || c->points < c->games;
    }
    for (int i = 0; i < f->config->anchor_count; i++)
        for (int j = 0; j < f->config->anchor_count; j++)
            reach[f->config->anchors[i].player * n + f->config->anchors[j].player] = true;
    transitive_closure(n, reach);
    return reach;
}

void rating_find_pool(struct rating_fit *f)
{
    int root = f->config->anchor_count ? f->config->anchors[0].player : -1;
    for (int i = 0; i < f->cell_count; i++)
        if (!f->config->anchor_count && (root < 0 || f->cells[i].a < root))
            root = f->cells[i].a;
    bool *connected = reachability(f, false);
    f->fixed = f->config->anchor_count > 0;
    for (int i = 0; i < f->n; i++) {
        f->in[i] = root >= 0 && connected[root * f->n + i];
        f->index[i] = -1;
    }
    for (int i = 0; i < f->config->anchor_count; i++)
        f->rating[f->config->anchors[i].player] = f->config->anchors[i].elo / RATING_UNIT;
    for (int i = 0; i < f->n; i++) {
        bool anchor = false;
        for (int k = 0; k < f->config->anchor_count; k++)
            anchor |= f->config->anchors[k].player == i;
        if (f->in[i] && !anchor)
            f->index[i] = f->free++;
    }
    g_free(connected);
}

/* Ford 1957: a maximum exists if every player reaches every other through points scored. Opponents for which that does
 * not hold get half a win and half a loss against each other. */
bool rating_regularise(struct rating_fit *f)
{
    bool *reach = reachability(f, true), complete = true;
    for (int i = 0; i < f->cell_count; i++) {
        struct rating_cell *c = &f->cells[i];
        if (!f->in[c->a] || (reach[c->a * f->n + c->b] && reach[c->b * f->n + c->a]))
            continue;
        c->games += 1;
        c->points += 0.5;
        complete = false;
    }
    g_free(reach);
    return complete;
}

/* Davidson's model has no maximum if ratings (r) can diverge while draws become more likely: a direction with
 * r_a - r_b >= 2 for each game that a won against b, |r_a - r_b| <= 2 for each draw, and fixed anchors, as when the
 * weaker players never win but sometimes draw. Such difference constraints are infeasible exactly if they contain a
 * negative cycle (shortest paths). */
bool rating_davidson_bounded(const struct rating_fit *f)
{
    int n = f->n;
    double *bound = g_new0(double, (size_t)n * (size_t)n); /* bound[i * n + j]: upper bound of r_j - r_i */
    bool bounded = false;
    for (int i = 0; i < n * n; i++)
        bound[i] = i % (n + 1) ? INFINITY : 0;
    for (int i = 0; i < f->cell_count; i++) {
        const struct rating_cell *c = &f->cells[i];
        double wins = c->points - c->draws / 2, losses = c->games - c->draws - wins;
        double *ab = &bound[c->a * n + c->b], *ba = &bound[c->b * n + c->a];
        if (!f->in[c->a])
            continue;
        *ab = wins > 0 ? -2 : c->draws > 0 ? 2 : *ab;
        *ba = losses > 0 ? -2 : c->draws > 0 ? 2 : *ba;
    }
    for (int i = 0; i < f->config->anchor_count; i++)
        for (int j = 0; j < f->config->anchor_count; j++) {
            double *at = &bound[f->config->anchors[i].player * n + f->config->anchors[j].player];
            *at = MIN(*at, 0);
        }
    for (int k = 0; k < n && !bounded; k++)
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++) {
                bound[i * n + j] = MIN(bound[i * n + j], bound[i * n + k] + bound[k * n + j]);
                bounded |= i == j && bound[i * n + j] < 0;
            }
    g_free(bound);
    return bounded;
}
