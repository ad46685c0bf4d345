/* Benson's algorithm.
 *
 * A region is a connected set of cells without stones of the colour. It is vital to a chain when all its empty cells
 * are liberties of that chain; where suicide is legal all its cells must be, since the enemy can empty them. A chain
 * with fewer than two vital regions goes, and so does a region with a chain that went at its rim, until nothing
 * changes.
 *
 * A region with an empty cell that no stone of the colour touches is vital to none, so one fill from all such cells
 * leaves the few that may be, most often none at all. */
#include "games/go/bits.h"
#include "games/go/ops.h"

enum { MOST_REGIONS = GO_MAX_POINTS, MOST_LINKS = 4 * GO_MAX_POINTS };

/* A region that may be vital, with the chains at its rim: links first .. end - 1. */
struct region {
    int first, end;
    bool gone;
};
struct link {
    uint16_t chain; /* its root cell */
    bool vital;
};
struct benson {
    const struct go_tables *tables;
    const struct go_cell *cells;
    struct go_bits own, space, needed; /* needed: cells that a vital chain must touch */
    int regions, links;
    struct region region[MOST_REGIONS];
    struct link link[MOST_LINKS];
    uint16_t vital_to[GO_MAX_CELLS]; /* by root cell: regions vital to the chain; set where a region first meets it */
    uint16_t met_in[GO_MAX_CELLS];   /* by root cell: the last region that met it, counted from 1 */
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
    struct go_bits rim = go_bits_near(n, cells, stride), needed;
    *region = (struct region){.first = b->links};
    for (int i = 0; i < n; i++) {
        rim.w[i] &= b->own.w[i];
        needed.w[i] = cells->w[i] & b->needed.w[i];
    }
    GO_BITS_EACH (n, rim, stone) {
        int root = b->cells[stone].chain;
        if (b->met_in[root] == number)
            continue;
        struct go_bits chain = chain_bits(n, b->cells, root), near = go_bits_near(n, &chain, stride);
        bool vital = !go_bits_beyond(n, &needed, &near);
        b->met_in[root] = (uint16_t)number;
        b->vital_to[root] = (uint16_t)(b->vital_to[root] + vital);
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
                unsafe |= b->vital_to[b->link[k].chain] < 2;
            if (region->gone || !unsafe)
                continue;
            region->gone = changed = true;
            for (int k = region->first; k < region->end; k++)
                b->vital_to[b->link[k].chain] = (uint16_t)(b->vital_to[b->link[k].chain] - b->link[k].vital);
        }
    }
}

/* Regions with safe chains alone at their rim, in which at most one cell lies away from it: the opponent has no room
 * for two eyes there. */
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
        struct go_bits region = go_bits_take_part(n, &left, stride), inner;
        for (int i = 0; i < n; i++)
            inner.w[i] = region.w[i] & ~touched->w[i];
        if (go_bits_count(n, &inner) <= 1)
            go_bits_join(n, alive, &region);
    }
}

GO_BITS_INLINE void find_alive(int n, const struct game *game, const struct go_cell *cells,
                               const struct go_bits_board *board, int colour, struct go_bits *alive)
{
    const struct go_tables *tables = go_tables(game);
    const struct go_bits *own = &board->stones[colour - 1], *enemy = &board->stones[2 - colour];
    const bool suicide = game->own[GO_OWN_SUICIDE];
    struct go_bits space, needed, open, touched = go_bits_near(n, own, tables->stride);
    for (int i = 0; i < n; i++) {
        alive->w[i] = 0;
        space.w[i] = board->empty.w[i] | enemy->w[i];
        needed.w[i] = suicide ? space.w[i] : board->empty.w[i];
        open.w[i] = needed.w[i] & ~touched.w[i];
    }
    open = go_bits_fill(n, open, &space, tables->stride);
    for (int i = 0; i < n; i++)
        open.w[i] = space.w[i] & ~open.w[i]; /* what may be vital */
    if (!go_bits_any(n, &open) || !go_bits_any(n, own))
        return;
    struct go_bits first = go_bits_take_part(n, &open, tables->stride);
    if (!go_bits_any(n, &open)) /* one alone keeps no chain alive */
        return;
    struct benson b;
    b.tables = tables;
    b.cells = cells;
    b.own = *own;
    b.space = space;
    b.needed = needed;
    b.regions = b.links = 0;
    memset(b.vital_to, 0, (size_t)tables->cells * sizeof b.vital_to[0]);
    memset(b.met_in, 0, (size_t)tables->cells * sizeof b.met_in[0]);
    add_region(n, &b, &first);
    while (go_bits_any(n, &open)) {
        struct go_bits region = go_bits_take_part(n, &open, tables->stride);
        add_region(n, &b, &region);
    }
    remove_unsafe(&b);
    for (int k = 0; k < b.links; k++)
        if (b.vital_to[b.link[k].chain] >= 2 && !go_bits_has(alive, b.link[k].chain)) {
            struct go_bits chain = chain_bits(n, cells, b.link[k].chain);
            go_bits_join(n, alive, &chain);
        }
    if (go_bits_any(n, alive))
        add_safe_regions(n, &b, &touched, alive);
}

/* A search asks twice about each position, for its planes and for what to prune: each thread remembers the last. */
static _Thread_local struct {
    const struct go_tables *tables; /* NULL: none yet */
    bool suicide;
    struct go_bits stones[2], alive[2];
} last;

void go_benson(const struct game *game, const struct go_position *go, const struct go_bits_board *board,
               struct go_bits alive[2])
{
    const struct go_tables *tables = go_tables(game);
    const bool suicide = game->own[GO_OWN_SUICIDE];
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
    memcpy(alive, last.alive, sizeof last.alive); /* callers use more words than hold cells: see GO_BITS_DISPATCH */
}

GO_BITS_INLINE void read_board(int n, const struct game *game, const struct position *position,
                               struct go_bits_board *board)
{
    go_bits_read(n, go_position(position)->cells, go_tables(game)->cells, board);
}

void go_pass_alive(const struct game *game, const struct position *position, int8_t *owner)
{
    const struct go_tables *t = go_tables(game);
    struct go_bits_board board;
    struct go_bits alive[2];
    GO_BITS_DISPATCH(t->cells, read_board, game, position, &board);
    go_benson(game, go_position(position), &board, alive);
    for (int i = 0; i < t->points; i++)
        owner[i] = (int8_t)(go_bits_has(&alive[0], t->cell[i]) - go_bits_has(&alive[1], t->cell[i]));
}

/* Takes out of the mover's area the regions in which opponents stand: they count until they are taken off. */
GO_BITS_INLINE void leave_captures(int n, const struct go_bits_board *board, int mover, int stride,
                                   struct go_bits *area)
{
    struct go_bits caught = {{0}}, region;
    for (int i = 0; i < n; i++) {
        caught.w[i] = area->w[i] & board->stones[!mover].w[i];
        region.w[i] = area->w[i] & ~board->stones[mover].w[i];
    }
    if (!go_bits_any(n, &caught))
        return;
    caught = go_bits_fill(n, caught, &region, stride);
    for (int i = 0; i < n; i++)
        area->w[i] &= ~caught.w[i];
}

/* Empty points in either side's pass-alive area, but for those where the mover has stones to capture, and the mover's
 * own eyes. */
GO_BITS_INLINE void prune(int n, const struct game *game, const struct position *position, uint8_t *keep)
{
    const struct go_tables *t = go_tables(game);
    const struct go_cell *cells = go_position(position)->cells;
    struct go_bits_board board;
    struct go_bits alive[2], eyes;
    go_bits_read(n, cells, t->cells, &board);
    go_benson(game, go_position(position), &board, alive);
    leave_captures(n, &board, position->colour - 1, t->stride, &alive[position->colour - 1]);
    struct go_bits strange = board.stones[2 - position->colour]; /* what may not stand beside an eye */
    go_bits_join(n, &strange, &board.empty);
    strange = go_bits_near(n, &strange, t->stride);
    for (int i = 0; i < n; i++) {
        eyes.w[i] = board.empty.w[i] & ~strange.w[i];
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
