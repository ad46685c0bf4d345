/* Benson's algorithm (1976) for pass-alive chains of one colour.
 *
 * A region is a connected set of cells without stones of the colour. It is vital to a chain if all its empty cells are
 * liberties of that chain; where suicide is legal, all its cells must be, because the enemy can empty them. Chains with
 * fewer than two vital regions are removed, then regions bordered by a removed chain, until nothing changes.
 *
 * A region with an empty cell that is adjacent to no stone of the colour is vital to no chain. One flood fill from all
 * such cells leaves the few regions that may be vital, most often none. */
#include "games/game.h"
#include "games/go/bits.h"
#include "games/go/board.h"
#include "games/go/go.h"
#include "games/go/ops.h"

enum { MAX_REGIONS = GO_MAX_POINTS, MAX_LINKS = 4 * GO_MAX_POINTS };

/* A region that may be vital, with its bordering chains: links first .. end - 1. */
struct region {
    int first, end;
    bool removed;
};
struct link {
    uint16_t chain; /* its root cell */
    bool vital;
};
struct benson {
    const struct go_tables *tables;
    const struct go_cell *cells;
    struct go_bits own, space, needed; /* needed: cells that must be liberties of a chain for a region to be vital */
    int regions, links;
    struct region region[MAX_REGIONS];
    struct link link[MAX_LINKS];
    uint16_t vital_regions[GO_MAX_CELLS]; /* by root cell: number of regions that are vital to the chain */
    uint16_t last_region[GO_MAX_CELLS];   /* by root cell: last region that borders on it, counted from 1 */
};

GO_BITS_INLINE struct go_bits chain_bits(int n, const struct go_cell *cells, int root)
{
    struct go_bits stones;
    for (int i = 0; i < n; i++)
        stones.w[i] = 0;
    int p = root;
    do {
        go_bits_set(&stones, p);
        p = cells[p].next;
    } while (p != root);
    return stones;
}

GO_BITS_INLINE void add_region(int n, struct benson *b, const struct go_bits *cells)
{
    const int stride = b->tables->stride, number = b->regions + 1;
    struct region *region = &b->region[b->regions++];
    struct go_bits border = go_bits_near(n, cells, stride), needed;
    *region = (struct region){.first = b->links};
    for (int i = 0; i < n; i++) {
        border.w[i] &= b->own.w[i];
        needed.w[i] = cells->w[i] & b->needed.w[i];
    }
    GO_BITS_EACH (n, border, stone) {
        int root = b->cells[stone].chain;
        if (b->last_region[root] == number)
            continue;
        struct go_bits chain = chain_bits(n, b->cells, root), near = go_bits_near(n, &chain, stride);
        bool vital = go_bits_subset(n, &needed, &near);
        b->last_region[root] = (uint16_t)number;
        b->vital_regions[root] = (uint16_t)(b->vital_regions[root] + vital);
        b->link[b->links++] = (struct link){.chain = (uint16_t)root, .vital = vital};
    }
    region->end = b->links;
}

static void remove_unsafe(struct benson *b)
{
    bool changed = true;
    while (changed) {
        changed = false;
        for (int r = 0; r < b->regions; r++) {
            struct region *region = &b->region[r];
            bool unsafe = false;
            for (int k = region->first; k < region->end; k++)
                unsafe |= b->vital_regions[b->link[k].chain] < 2;
            if (region->removed || !unsafe)
                continue;
            region->removed = changed = true;
            for (int k = region->first; k < region->end; k++)
                b->vital_regions[b->link[k].chain] = (uint16_t)(b->vital_regions[b->link[k].chain] - b->link[k].vital);
        }
    }
}

/* Adds the regions bordered only by pass-alive chains in which at most one cell is not adjacent to them: the opponent
 * has no room for two eyes there. `touched`: cells adjacent to stones of the colour. */
GO_BITS_INLINE void add_safe_regions(int n, const struct benson *b, const struct go_bits *touched,
                                     struct go_bits *alive)
{
    const int stride = b->tables->stride;
    struct go_bits unsafe, left;
    for (int i = 0; i < n; i++)
        unsafe.w[i] = b->own.w[i] & ~alive->w[i];
    unsafe = go_bits_near(n, &unsafe, stride);
    for (int i = 0; i < n; i++)
        unsafe.w[i] &= b->space.w[i];
    unsafe = go_bits_fill(n, unsafe, &b->space, stride);
    for (int i = 0; i < n; i++)
        left.w[i] = b->space.w[i] & ~unsafe.w[i];
    while (go_bits_any(n, &left)) {
        struct go_bits region = go_bits_take_component(n, &left, stride), inner;
        for (int i = 0; i < n; i++)
            inner.w[i] = region.w[i] & ~touched->w[i];
        if (go_bits_count(n, &inner) <= 1)
            go_bits_add(n, alive, &region);
    }
}

GO_BITS_INLINE void find_alive(int n, const struct game *game, const struct go_cell *cells,
                               const struct go_bits_board *board, int colour, struct go_bits *alive)
{
    const struct go_tables *tables = go_tables(game);
    const struct go_bits *own = &board->stones[colour - 1], *enemy = &board->stones[2 - colour];
    const bool suicide = game->derived[GO_DERIVED_SUICIDE];
    struct go_bits space, needed, open, touched = go_bits_near(n, own, tables->stride);
    for (int i = 0; i < n; i++) {
        alive->w[i] = 0;
        space.w[i] = board->empty.w[i] | enemy->w[i];
        needed.w[i] = suicide ? space.w[i] : board->empty.w[i];
        open.w[i] = needed.w[i] & ~touched.w[i];
    }
    open = go_bits_fill(n, open, &space, tables->stride);
    for (int i = 0; i < n; i++)
        open.w[i] = space.w[i] & ~open.w[i]; /* the regions that may be vital */
    if (!go_bits_any(n, &open) || !go_bits_any(n, own))
        return;
    struct go_bits first = go_bits_take_component(n, &open, tables->stride);
    if (!go_bits_any(n, &open)) /* a chain needs two vital regions */
        return;
    struct benson b;
    b.tables = tables;
    b.cells = cells;
    b.own = *own;
    b.space = space;
    b.needed = needed;
    b.regions = b.links = 0;
    memset(b.vital_regions, 0, (size_t)tables->cells * sizeof b.vital_regions[0]);
    memset(b.last_region, 0, (size_t)tables->cells * sizeof b.last_region[0]);
    add_region(n, &b, &first);
    while (go_bits_any(n, &open)) {
        struct go_bits region = go_bits_take_component(n, &open, tables->stride);
        add_region(n, &b, &region);
    }
    remove_unsafe(&b);
    for (int k = 0; k < b.links; k++)
        if (b.vital_regions[b.link[k].chain] >= 2 && !go_bits_has(alive, b.link[k].chain)) {
            struct go_bits chain = chain_bits(n, cells, b.link[k].chain);
            go_bits_add(n, alive, &chain);
        }
    if (go_bits_any(n, alive))
        add_safe_regions(n, &b, &touched, alive);
}

/* A search needs the result twice for each position, for the feature planes and for pruning, so each thread keeps the
 * last one. */
static _Thread_local struct {
    const struct go_tables *tables; /* NULL: none yet */
    bool suicide;
    struct go_bits stones[2], alive[2];
} last;

void go_benson(const struct game *game, const struct go_position *go, const struct go_bits_board *board,
               struct go_bits alive[2])
{
    const struct go_tables *tables = go_tables(game);
    const bool suicide = game->derived[GO_DERIVED_SUICIDE];
    const size_t bytes = (size_t)(tables->cells + 63) / 64 * sizeof(uint64_t);
    if (last.tables != tables || last.suicide != suicide || memcmp(&last.stones[0], &board->stones[0], bytes) != 0 ||
        memcmp(&last.stones[1], &board->stones[1], bytes) != 0) {
        last.tables = tables;
        last.suicide = suicide;
        for (int i = 0; i < 2; i++) {
            memcpy(&last.stones[i], &board->stones[i], bytes);
            GO_BITS_DISPATCH(tables->cells, find_alive, game, go->cells, board, GAME_BLACK + i, &last.alive[i]);
        }
    }
    memcpy(alive, last.alive, sizeof last.alive); /* all words: callers may use more of them than hold cells */
}

GO_BITS_INLINE void read_board(int n, const struct game *game, const struct position *position,
                               struct go_bits_board *board)
{
    go_bits_read(n, go_position(position)->cells, go_tables(game)->cells, board);
}

void go_pass_alive(const struct game *game, const struct position *position, int8_t *owner)
{
    const struct go_tables *t = go_tables(game);
    struct go_bits_board board = {0};
    struct go_bits alive[2];
    GO_BITS_DISPATCH(t->cells, read_board, game, position, &board);
    go_benson(game, go_position(position), &board, alive);
    for (int i = 0; i < t->points; i++)
        owner[i] = (int8_t)(go_bits_has(&alive[0], t->cell[i]) - go_bits_has(&alive[1], t->cell[i]));
}

/* Removes from the mover's pass-alive area the regions that contain enemy stones: these count for the enemy until they
 * are captured, so moves there still matter. */
GO_BITS_INLINE void exclude_captures(int n, const struct go_bits_board *board, int mover, int stride,
                                     struct go_bits *area)
{
    struct go_bits capturable = {{0}}, region;
    for (int i = 0; i < n; i++) {
        capturable.w[i] = area->w[i] & board->stones[!mover].w[i];
        region.w[i] = area->w[i] & ~board->stones[mover].w[i];
    }
    if (!go_bits_any(n, &capturable))
        return;
    capturable = go_bits_fill(n, capturable, &region, stride);
    for (int i = 0; i < n; i++)
        area->w[i] &= ~capturable.w[i];
}

/* Prunes the empty points in either side's pass-alive area, except where the mover has stones to capture, and the
 * mover's own eyes. */
GO_BITS_INLINE void prune(int n, const struct game *game, const struct position *position, uint8_t *keep)
{
    const struct go_tables *t = go_tables(game);
    const struct go_cell *cells = go_position(position)->cells;
    struct go_bits_board board = {0};
    struct go_bits alive[2], eyes;
    go_bits_read(n, cells, t->cells, &board);
    go_benson(game, go_position(position), &board, alive);
    exclude_captures(n, &board, position->colour - 1, t->stride, &alive[position->colour - 1]);
    struct go_bits not_eye = board.stones[2 - position->colour]; /* cells that may not be adjacent to an eye */
    go_bits_add(n, &not_eye, &board.empty);
    not_eye = go_bits_near(n, &not_eye, t->stride);
    for (int i = 0; i < n; i++) {
        eyes.w[i] = board.empty.w[i] & ~not_eye.w[i];
        alive[0].w[i] = (alive[0].w[i] | alive[1].w[i]) & board.empty.w[i];
    }
    GO_BITS_EACH (n, alive[0], c)
        keep[t->point[c]] = 0;
    GO_BITS_EACH (n, eyes, e)
        if (go_is_eye(cells, (int)e, t->stride, position->colour))
            keep[t->point[e]] = 0;
}

void go_prune(const struct game *game, const struct position *position, uint8_t *keep)
{
    GO_BITS_DISPATCH(go_tables(game)->cells, prune, game, position, keep);
}
