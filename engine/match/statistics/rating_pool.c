/* Which ratings the games determine: who is joined to whom, and where the likelihood has a maximum. */
#include <glib.h>
#include <math.h>
#include <string.h>

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

/* reach[i * n + j]: a chain of links leads from i to j. */
static void close_chains(int n, bool *reach)
{
    for (int k = 0; k < n; k++)
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
                reach[i * n + j] |= reach[i * n + k] && reach[k * n + j];
}

/* Links: by games played, or with `beaten` by points taken. Anchors know each other, games or not. */
static bool *chains(const struct rating_fit *f, bool beaten)
{
    int n = f->n;
    bool *reach = g_new0(bool, (size_t)(n * n));
    for (int i = 0; i < f->cell_count; i++) {
        const struct rating_cell *c = &f->cells[i];
        reach[c->a * n + c->b] |= !beaten || c->points > 0;
        reach[c->b * n + c->a] |= !beaten || c->points < c->games;
    }
    for (int i = 0; i < f->config->anchor_count; i++)
        for (int j = 0; j < f->config->anchor_count; j++)
            reach[f->config->anchors[i].player * n + f->config->anchors[j].player] = true;
    close_chains(n, reach);
    return reach;
}

void rating_find_pool(struct rating_fit *f)
{
    int root = f->config->anchor_count ? f->config->anchors[0].player : -1;
    for (int i = 0; i < f->cell_count; i++)
        if (!f->config->anchor_count && (root < 0 || f->cells[i].a < root))
            root = f->cells[i].a;
    bool *met = chains(f, false);
    f->fixed = f->config->anchor_count > 0;
    for (int i = 0; i < f->n; i++) {
        f->in[i] = root >= 0 && (i == root || met[root * f->n + i]);
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
    g_free(met);
}

/* Ford 1957: the maximum exists where each player has a chain of points won to each other one. Where two have none,
 * half a win and half a loss are added to what they did to each other. Returns whether there was nothing to add. */
bool rating_bound(struct rating_fit *f)
{
    bool *beat = chains(f, true), fine = true;
    for (int i = 0; i < f->cell_count; i++) {
        struct rating_cell *c = &f->cells[i];
        if (!f->in[c->a] || (beat[c->a * f->n + c->b] && beat[c->b * f->n + c->a]))
            continue;
        c->games += 1;
        c->points += 0.5;
        fine = false;
    }
    g_free(beat);
    return fine;
}

/* Whether Davidson's model has a maximum. It has none where the ratings (r) may run apart for ever while draws grow
 * more likely beside them: a direction with r_a - r_b >= 2 for each game that a won against b, |r_a - r_b| <= 2 for
 * each draw, and no motion of the anchors, as where the weaker never win but draw at times. Such inequalities of
 * differences contradict each other where a cycle of them sums to less than nothing (shortest paths). */
bool rating_davidson_bounded(const struct rating_fit *f)
{
    int n = f->n;
    double *most = g_new(double, (size_t)(n * n)); /* most[i * n + j]: r_j - r_i is at most this */
    bool bounded = false;
    for (int i = 0; i < n * n; i++)
        most[i] = i % (n + 1) ? INFINITY : 0;
    for (int i = 0; i < f->cell_count; i++) {
        const struct rating_cell *c = &f->cells[i];
        double wins = c->points - c->draws / 2, losses = c->games - c->draws - wins;
        double *ab = &most[c->a * n + c->b], *ba = &most[c->b * n + c->a];
        if (!f->in[c->a])
            continue;
        *ab = wins > 0 ? -2 : c->draws > 0 ? 2 : *ab;
        *ba = losses > 0 ? -2 : c->draws > 0 ? 2 : *ba;
    }
    for (int i = 0; i < f->config->anchor_count; i++)
        for (int j = 0; j < f->config->anchor_count; j++) {
            double *at = &most[f->config->anchors[i].player * n + f->config->anchors[j].player];
            *at = MIN(*at, 0);
        }
    for (int k = 0; k < n && !bounded; k++)
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++) {
                most[i * n + j] = MIN(most[i * n + j], most[i * n + k] + most[k * n + j]);
                bounded |= i == j && most[i * n + j] < 0;
            }
    g_free(most);
    return bounded;
}
