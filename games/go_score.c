/* Counting in Go: area, territory, results, Benson's pass-alive chains and what follows from them. */
#include "games/go_ops.h"

int go_komi2(const struct game *game, const struct go_position *go)
{
    int stones = go->handicap, bonus = 0;
    if (stones && game->own[GO_OWN_BONUS] == GO_BONUS_N)
        bonus = stones;
    if (stones && game->own[GO_OWN_BONUS] == GO_BONUS_N_LESS_ONE)
        bonus = stones - 1;
    return game->option[GO_OPTION_KOMI] + 2 * bonus;
}

/* Fills owner (by cell) with 1 or 2 where only that colour is reached, 3 where both are or neither; stones own their
 * cell. colours: by cell, already without dead stones. */
static void flood_owners(const struct go_tables *t, const uint8_t *colours, uint8_t *owner)
{
    uint16_t region[GO_MAX_POINTS];
    memset(owner, 0, (size_t)t->cells);
    for (int i = 0; i < t->points; i++) {
        int start = t->cell[i], count = 0, reached = 0;
        if (owner[start])
            continue;
        if (colours[start] != GAME_EMPTY) {
            owner[start] = colours[start];
            continue;
        }
        region[count++] = (uint16_t)start;
        owner[start] = 3;
        for (int k = 0; k < count; k++) {
            const int p = region[k], around[4] = {p - 1, p + 1, p - t->stride, p + t->stride};
            for (int n = 0; n < 4; n++) {
                if (colours[around[n]] == GAME_EMPTY && !owner[around[n]]) {
                    owner[around[n]] = 3;
                    region[count++] = (uint16_t)around[n];
                } else if (go_is_stone(colours[around[n]])) {
                    reached |= colours[around[n]];
                }
            }
        }
        if (reached == GAME_BLACK || reached == GAME_WHITE)
            for (int k = 0; k < count; k++)
                owner[region[k]] = (uint8_t)reached;
    }
}

static void copy_colours(const struct go_tables *t, const struct go_cell *cells, uint8_t *colours)
{
    for (int c = 0; c < t->cells; c++)
        colours[c] = cells[c].colour;
}

int go_area(const struct game *game, const struct position *position, int8_t *owner)
{
    const struct go_tables *t = go_tables(game);
    uint8_t colours[GO_MAX_CELLS], cell_owner[GO_MAX_CELLS];
    int difference = 0;
    copy_colours(t, go_position(position)->cells, colours);
    flood_owners(t, colours, cell_owner);
    for (int i = 0; i < t->points; i++) {
        int who = cell_owner[t->cell[i]];
        int sign = (who == GAME_BLACK) - (who == GAME_WHITE);
        difference += sign;
        if (owner)
            owner[i] = (int8_t)sign;
    }
    return difference;
}

void go_final_map(const struct game *game, const struct position *position, int8_t *map)
{
    go_area(game, position, map);
}

void go_result(const struct game *game, const struct position *position, struct game_result *result)
{
    int twice = 2 * go_area(game, position, NULL) - go_komi2(game, go_position(position));
    result->margin = (float)twice / 2.0f;
    result->outcome = twice > 0 ? GAME_WON_0 : twice < 0 ? GAME_WON_1 : GAME_DRAWN;
    result->over = position->outcome != GAME_ONGOING;
}

void go_score(const struct game *game, const struct position *position, const uint8_t *dead, struct go_score *score)
{
    const struct go_tables *t = go_tables(game);
    const struct go_position *go = go_position(position);
    uint8_t colours[GO_MAX_CELLS], owner[GO_MAX_CELLS];
    memset(score, 0, sizeof *score);
    copy_colours(t, go->cells, colours);
    for (int side = 0; side < 2; side++)
        score->prisoners[side] = go->prisoners[side];
    for (int i = 0; dead && i < t->points; i++)
        if (dead[i] && go_is_stone(colours[t->cell[i]])) {
            score->prisoners[game_other(colours[t->cell[i]]) - 1]++;
            colours[t->cell[i]] = GAME_EMPTY;
        }
    flood_owners(t, colours, owner);
    for (int i = 0; i < t->points; i++) {
        int there = colours[t->cell[i]], who = owner[t->cell[i]];
        if (there != GAME_EMPTY)
            score->stones[there - 1]++;
        else if (who == 3)
            score->dame++;
        else
            score->territory[who - 1]++;
    }
    score->komi = (float)go_komi2(game, go) / 2.0f;
    for (int side = 0; side < 2; side++) {
        float komi = side ? score->komi : 0.0f;
        score->area[side] = (float)(score->stones[side] + score->territory[side]) + komi;
        score->by_territory[side] = (float)(score->territory[side] + score->prisoners[side]) + komi;
    }
    const float *total = game->own[GO_OWN_SCORING] == GO_TERRITORY ? score->by_territory : score->area;
    score->margin = total[0] - total[1];
}

int go_count_liberties(const struct go_cell *cells, int stride, int root, int most)
{
    uint64_t seen[(GO_MAX_CELLS + 63) / 64] = {0};
    int count = 0, p = root;
    if (cells[root].liberties < 2)
        return cells[root].liberties;
    do {
        const int around[4] = {p - 1, p + 1, p - stride, p + stride};
        for (int i = 0; i < 4; i++) {
            int n = around[i];
            if (cells[n].colour != GAME_EMPTY || (seen[n >> 6] >> (n & 63) & 1))
                continue;
            seen[n >> 6] |= (uint64_t)1 << (n & 63);
            if (++count >= most)
                return count;
        }
        p = cells[p].next;
    } while (p != root);
    return count;
}

int go_liberties(const struct game *game, const struct position *position, int point)
{
    const struct go_tables *t = go_tables(game);
    const struct go_cell *cells = go_position(position)->cells;
    int root = cells[t->cell[point]].chain;
    return root ? go_count_liberties(cells, t->stride, root, GO_MAX_POINTS) : 0;
}

/* ---- Benson's algorithm ----
 * A region is a connected set of cells without stones of the colour. It is vital to a chain when all its empty cells
 * are liberties of that chain; where suicide is legal all its cells must be, since the enemy can empty them. A chain
 * with fewer than two vital regions goes, and so does a region with a chain that went at its rim, until nothing
 * changes. */

struct benson_link {
    uint16_t region, chain;
    bool vital;
};
struct benson {
    const struct go_tables *tables;
    const struct go_cell *cells;
    int colour;
    bool suicide;
    int regions, links;
    uint16_t region_of[GO_MAX_CELLS]; /* 0: none; regions count from 1 */
    uint16_t vital_cells[GO_MAX_POINTS + 1],
        inner[GO_MAX_POINTS + 1]; /* that a vital chain must touch; that no stone of colour touches */
    bool region_gone[GO_MAX_POINTS + 1], chain_gone[GO_MAX_CELLS];
    uint16_t vital_to[GO_MAX_CELLS]; /* by root cell */
    struct benson_link link[4 * GO_MAX_POINTS];
};

/* Adds the chains beside cell p to the links of its region, which start at `first`; near[] counts, for each link, the
 * cells that a vital chain must touch and this one does. Returns whether any stone of the colour is near. */
static bool link_chains(struct benson *b, int p, int first, uint16_t *near)
{
    const int stride = b->tables->stride;
    const int around[4] = {p - 1, p + 1, p - stride, p + stride};
    bool counts = b->suicide || b->cells[p].colour == GAME_EMPTY, any = false;
    for (int i = 0; i < 4; i++) {
        const struct go_cell *cell = &b->cells[around[i]];
        bool again = false;
        if (cell->colour != b->colour)
            continue;
        any = true;
        for (int k = 0; k < i; k++)
            again |= b->cells[around[k]].chain == cell->chain;
        if (again)
            continue;
        int link = first;
        while (link < b->links && b->link[link].chain != cell->chain)
            link++;
        if (link == b->links) {
            b->link[b->links++] = (struct benson_link){.region = (uint16_t)b->regions, .chain = cell->chain};
            near[link] = 0;
        }
        near[link] = (uint16_t)(near[link] + counts);
    }
    return any;
}

static void find_region(struct benson *b, int start, uint16_t *near)
{
    uint16_t queue[GO_MAX_POINTS];
    int count = 0, first = b->links, region = ++b->regions;
    b->vital_cells[region] = b->inner[region] = 0;
    b->region_gone[region] = false;
    queue[count++] = (uint16_t)start;
    b->region_of[start] = (uint16_t)region;
    for (int k = 0; k < count; k++) {
        const int p = queue[k], around[4] = {p - 1, p + 1, p - b->tables->stride, p + b->tables->stride};
        b->vital_cells[region] = (uint16_t)(b->vital_cells[region] + (b->suicide || b->cells[p].colour == GAME_EMPTY));
        if (!link_chains(b, p, first, near))
            b->inner[region]++;
        for (int i = 0; i < 4; i++) {
            int there = b->cells[around[i]].colour;
            if (there == b->colour || there == GO_RIM || b->region_of[around[i]])
                continue;
            b->region_of[around[i]] = (uint16_t)region;
            queue[count++] = (uint16_t)around[i];
        }
    }
    for (int i = first; i < b->links; i++) {
        b->link[i].vital = near[i] == b->vital_cells[region];
        b->vital_to[b->link[i].chain] = (uint16_t)(b->vital_to[b->link[i].chain] + b->link[i].vital);
    }
}

static void remove_unsafe(struct benson *b)
{
    bool changed = true;
    while (changed) {
        changed = false;
        for (int i = 0; i < b->links; i++) {
            struct benson_link *link = &b->link[i];
            if (b->region_gone[link->region] || b->vital_to[link->chain] >= 2)
                continue;
            b->chain_gone[link->chain] = changed = b->region_gone[link->region] = true;
            for (int k = 0; k < b->links; k++)
                if (b->link[k].region == link->region)
                    b->vital_to[b->link[k].chain] = (uint16_t)(b->vital_to[b->link[k].chain] - b->link[k].vital);
        }
    }
}

void go_benson(const struct game *game, const struct go_cell *cells, int colour, uint8_t *alive)
{
    const struct go_tables *tables = go_tables(game);
    struct benson b;
    uint16_t near[4 * GO_MAX_POINTS];
    b.tables = tables;
    b.cells = cells;
    b.colour = colour;
    b.suicide = game->own[GO_OWN_SUICIDE];
    b.regions = b.links = 0;
    memset(b.region_of, 0, (size_t)tables->cells * sizeof b.region_of[0]);
    memset(b.vital_to, 0, (size_t)tables->cells * sizeof b.vital_to[0]);
    memset(b.chain_gone, 0, (size_t)tables->cells * sizeof b.chain_gone[0]);
    for (int i = 0; i < tables->points; i++)
        if (cells[tables->cell[i]].colour != colour && !b.region_of[tables->cell[i]])
            find_region(&b, tables->cell[i], near);
    if (b.links == 0)
        return;
    remove_unsafe(&b);
    for (int i = 0; i < tables->points; i++) {
        int p = tables->cell[i];
        if (cells[p].colour == colour)
            alive[p] = b.vital_to[cells[p].chain] >= 2;
        else /* in a region with at most one cell away from the wall the opponent has no room for two eyes */
            alive[p] = !b.region_gone[b.region_of[p]] && b.inner[b.region_of[p]] <= 1;
    }
}

void go_pass_alive(const struct game *game, const struct position *position, int8_t *owner)
{
    const struct go_tables *t = go_tables(game);
    uint8_t black[GO_MAX_CELLS] = {0}, white[GO_MAX_CELLS] = {0};
    go_benson(game, go_position(position)->cells, GAME_BLACK, black);
    go_benson(game, go_position(position)->cells, GAME_WHITE, white);
    for (int i = 0; i < t->points; i++)
        owner[i] = (int8_t)(black[t->cell[i]] - white[t->cell[i]]);
}

void go_prune(const struct game *game, const struct position *position, uint8_t *keep)
{
    const struct go_tables *t = go_tables(game);
    const struct go_cell *cells = go_position(position)->cells;
    int8_t owner[GO_MAX_POINTS];
    go_pass_alive(game, position, owner);
    for (int i = 0; i < t->points; i++)
        if (cells[t->cell[i]].colour == GAME_EMPTY &&
            (owner[i] || go_is_eye(cells, t->cell[i], t->stride, position->colour)))
            keep[i] = 0;
}
