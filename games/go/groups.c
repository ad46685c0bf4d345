/* Groups, regions and seki in a finished position whose dead stones are known. */
#include "games/go/groups.h"

#include <string.h>

#include "games/go/go.h"
#include "games/go/ops.h"
#include "games/go/settle.h"

int go_neighbours(const struct game *game, int point, int *around)
{
    const int size = game->width, x = point % size, y = point / size;
    int count = 0;
    if (x > 0)
        around[count++] = point - 1;
    if (x < size - 1)
        around[count++] = point + 1;
    if (y > 0)
        around[count++] = point - size;
    if (y < size - 1)
        around[count++] = point + size;
    return count;
}

static int find_root(int *group, int at)
{
    while (group[at] != at)
        at = group[at] = group[group[at]];
    return at;
}

/* Whether whoever lives around these points can make two eyes of them even if the opponent begins: four to six points
 * in no killing shape, or more. */
static bool has_room(const struct game *game, const int *points, int count)
{
    int of_degree[5] = {0};
    if (count < 4 || count > 6)
        return count > 6;
    for (int i = 0; i < count; i++) {
        int around[4], n = go_neighbours(game, points[i], around), degree = 0;
        while (n--)
            for (int k = 0; k < count; k++)
                degree += points[k] == around[n];
        of_degree[degree]++;
    }
    return !go_is_killing_shape(count, of_degree);
}

/* Floods the region of `start`, joins the groups that border on it, and counts its eyes. first: by colour, a group that
 * borders on it, or -1. */
static void flood_region(const struct game *game, const struct position *position, const int *chain, int start,
                         struct go_groups *g, int *first)
{
    const int number = g->count++;
    int queue[GAME_MAX_POINTS], count = 0;
    queue[count++] = start;
    g->region[start] = (int16_t)number;
    for (int k = 0; k < count; k++) {
        int around[4], n = go_neighbours(game, queue[k], around);
        while (n--) {
            const int to = around[n];
            if (g->region[to] == -1) { /* a living stone */
                const int colour = game->ops->stone(game, position, to), root = find_root(g->group, chain[to]);
                if (first[colour] < 0)
                    first[colour] = root;
                g->group[root] = find_root(g->group, first[colour]);
            } else if (g->region[to] == -2) {
                g->region[to] = (int16_t)number;
                queue[count++] = to;
            }
        }
    }
    g->points[number] = (int16_t)count;
    g->eyes[number] = 0;
    if ((first[GAME_BLACK] < 0) != (first[GAME_WHITE] < 0))
        g->eyes[number] = has_room(game, queue, count) ? 2 : 1;
}

void go_find_groups(const struct game *game, const struct position *position, const int *chain, const uint8_t *dead,
                    struct go_groups *g)
{
    const int points = game->points;
    int owner[GAME_MAX_POINTS] = {0}; /* by region with eyes: the group that owns it */
    int8_t sure[GAME_MAX_POINTS];
    memset(g, 0, sizeof *g);
    for (int p = 0; p < points; p++) {
        g->region[p] = chain[p] >= 0 && !dead[p] ? -1 : -2; /* -2: not yet flooded */
        g->group[p] = chain[p] >= 0 ? chain[p] : p;
        g->all_eyes[p] = 0;
    }
    for (int p = 0; p < points; p++) {
        int first[3] = {-1, -1, -1};
        if (g->region[p] != -2)
            continue;
        flood_region(game, position, chain, p, g, first);
        owner[g->count - 1] = first[GAME_BLACK] >= 0 ? first[GAME_BLACK] : first[GAME_WHITE];
    }
    go_pass_alive(game, position, sure);
    for (int r = 0; r < g->count; r++)
        if (g->eyes[r])
            g->all_eyes[find_root(g->group, owner[r])] += g->eyes[r];
    for (int p = 0; p < points; p++) {
        g->group[p] = find_root(g->group, g->group[p]);
        if (chain[p] >= 0 && !dead[p] && sure[p])
            g->all_eyes[g->group[p]] = MAX(g->all_eyes[g->group[p]], 2);
    }
}

/* Marks the groups with fewer than two eyes that share a region with such a group of the other colour. */
static void find_dependent(const struct game *game, const struct position *position, const struct go_groups *g,
                           bool *dependent)
{
    bool weak[GAME_MAX_POINTS][3] = {{false}}; /* by region and colour: whether a weak group borders on it */
    for (int pass = 0; pass < 2; pass++)
        for (int p = 0; p < game->points; p++) {
            int around[4], n = go_neighbours(game, p, around);
            if (g->region[p] >= 0 || g->all_eyes[g->group[p]] >= 2)
                continue;
            const int colour = game->ops->stone(game, position, p);
            while (n--) {
                if (g->region[around[n]] < 0)
                    continue;
                if (pass == 0)
                    weak[g->region[around[n]]][colour] = true;
                else
                    dependent[g->group[p]] |= weak[g->region[around[n]]][game_other(colour)];
            }
        }
}

/* A group lives in seki if it has no eye, or one and shares a region with a group of the opponent's that has no more
 * than one. */
void go_find_seki(const struct game *game, const struct position *position, const int *chain, const uint8_t *dead,
                  uint8_t *seki)
{
    struct go_groups groups;
    bool dependent[GAME_MAX_POINTS] = {false};
    go_find_groups(game, position, chain, dead, &groups);
    find_dependent(game, position, &groups, dependent);
    for (int p = 0; p < game->points; p++) {
        const int group = groups.group[p];
        seki[p] = groups.region[p] < 0 && (groups.all_eyes[group] == 0 || dependent[group]);
    }
}
