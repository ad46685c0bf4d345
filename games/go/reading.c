/* A local Monte Carlo tree search with the statistics of later moves (RAVE: Gelly and Silver 2007). */
#include "games/go/reading.h"

#include <math.h>

#include "games/game.h"
#include "games/go/board.h"
#include "games/go/settle.h"

enum {
    PHANTOM = 16,  /* pseudo-liberties added to solid chains, more than any atari has */
    EXPAND_AT = 3, /* visits before a leaf gets children */
    MAX_DEPTH = 80,
    PRIOR_VISITS = 12,
    EQUIVALENCE = 400, /* visits at which a move's own statistics weigh as much as those of later moves */
};

struct node {
    uint16_t move; /* a cell; 0: pass */
    uint16_t children;
    uint32_t first_child; /* 0: none yet */
    uint32_t visits;
    float survived;                     /* of the visits, those in which the target survived */
    float later_visits, later_survived; /* of playouts in which the same side played the move later */
};

struct reading {
    const struct go_tables *t;
    struct go_position *start, *at;
    struct go_empties empties, region; /* of `at`; at the start */
    int target, defender;
    struct rng *rng;
    struct node *nodes;
    uint32_t used, room;
    uint8_t first[GO_MAX_CELLS]; /* the colour that first played on a cell in this playout */
};

/* ---- the region ---- */

/* Lists the empty cells that are connected to the target by empty cells and stones that are not solid. */
static void find_region(struct reading *r, const uint8_t *solid)
{
    const int stride = r->t->stride;
    struct go_cell *cells = r->start->cells;
    uint16_t queue[GO_MAX_POINTS];
    bool seen[GO_MAX_CELLS] = {false}, saved[GO_MAX_CELLS] = {false};
    int count = 0;
    queue[count++] = (uint16_t)r->target;
    seen[r->target] = true;
    for (int k = 0; k < count; k++) {
        const int p = queue[k], around[4] = {p - 1, p + 1, p - stride, p + stride};
        if (cells[p].colour == GAME_EMPTY) {
            r->region.place[p] = (uint16_t)r->region.count;
            r->region.list[r->region.count++] = (uint16_t)p;
        }
        for (int i = 0; i < 4; i++) {
            const int n = around[i];
            if (cells[n].colour == GO_BORDER || seen[n])
                continue;
            seen[n] = true;
            if (!go_is_stone(cells[n].colour) || !solid[n]) {
                queue[count++] = (uint16_t)n;
            } else if (!saved[cells[n].chain]) {
                saved[cells[n].chain] = true;
                cells[cells[n].chain].liberties += PHANTOM;
            }
        }
    }
}

/* ---- results ---- */

/* Whether the target's cell belongs to its colour: a stone of it, or an empty region that does not touch the other. */
static bool has_survived(const struct reading *r)
{
    const int stride = r->t->stride;
    const struct go_cell *cells = r->at->cells;
    uint16_t queue[GO_MAX_POINTS];
    bool seen[GO_MAX_CELLS] = {false};
    int count = 0;
    if (cells[r->target].colour != GAME_EMPTY)
        return cells[r->target].colour == r->defender;
    queue[count++] = (uint16_t)r->target;
    seen[r->target] = true;
    for (int k = 0; k < count; k++) {
        const int p = queue[k], around[4] = {p - 1, p + 1, p - stride, p + stride};
        for (int i = 0; i < 4; i++) {
            if (cells[around[i]].colour == game_other(r->defender))
                return false;
            if (cells[around[i]].colour != GAME_EMPTY || seen[around[i]])
                continue;
            seen[around[i]] = true;
            queue[count++] = (uint16_t)around[i];
        }
    }
    return true;
}

/* ---- the tree ---- */

static void add_child(struct reading *r, struct node *parent, int move, float prior_to_mover, int mover)
{
    struct node *child = &r->nodes[parent->first_child + parent->children++];
    float survives = mover == r->defender ? prior_to_mover : 1 - prior_to_mover;
    *child =
        (struct node){.move = (uint16_t)move, .later_visits = PRIOR_VISITS, .later_survived = survives * PRIOR_VISITS};
}

static void expand(struct reading *r, struct node *node, int colour)
{
    const int stride = r->t->stride;
    const struct go_cell *cells = r->at->cells;
    if (r->used + (uint32_t)r->empties.count + 1 > r->room)
        return;
    node->first_child = r->used;
    for (int i = 0; i < r->empties.count; i++) {
        int p = r->empties.list[i];
        if (p == r->at->ko || !go_would_have_liberty(cells, p, stride, colour) || go_is_eye(cells, p, stride, colour))
            continue;
        add_child(r, node, p, go_is_blunder(cells, p, stride, colour) ? 0.2f : 0.5f, colour);
    }
    add_child(r, node, 0, 0.4f, colour);
    r->used += node->children;
}

static struct node *select_child(struct reading *r, const struct node *node, int colour)
{
    struct node *best = NULL;
    double most = -1, beta = sqrt(EQUIVALENCE / (3.0 * node->visits + EQUIVALENCE));
    double bonus = 0.3 * sqrt(log(node->visits + 1.0));
    for (int i = 0; i < node->children; i++) {
        struct node *child = &r->nodes[node->first_child + (uint32_t)i];
        double later = (double)child->later_survived / (double)child->later_visits;
        double own = child->visits ? (double)child->survived / child->visits : later;
        double survives = (1 - beta) * own + beta * later;
        double score = (colour == r->defender ? survives : 1 - survives) + bonus / sqrt(child->visits + 10.0);
        if (score > most) {
            most = score;
            best = child;
        }
    }
    return best;
}

/* Adds the result to the nodes of the path and to their children that the same side played later. colour: to move at
 * path[0]. */
static void back_up(struct reading *r, struct node *const *path, int length, int colour, bool survived)
{
    for (int k = length - 1; k >= 0; k--) {
        int mover = k % 2 ? game_other(colour) : colour;
        path[k]->visits++;
        path[k]->survived += survived;
        for (int i = 0; i < path[k]->children; i++) {
            struct node *child = &r->nodes[path[k]->first_child + (uint32_t)i];
            if (child->move && r->first[child->move] == mover) {
                child->later_visits += 1;
                child->later_survived += survived;
            }
        }
    }
}

/* Whether these stones, with the same side to move, occurred before on the path. */
static bool repeats(const uint64_t *hashes, int count, uint64_t hash)
{
    for (int i = count - 2; i >= 0; i -= 2)
        if (hashes[i] == hash)
            return true;
    return false;
}

/* Repetition ends a playout in favour of the defender: who captures the same stones again and again makes no progress. */
static void simulate(struct reading *r, int first)
{
    struct node *path[MAX_DEPTH];
    uint64_t hashes[MAX_DEPTH];
    int length = 0, colour = first, passes = 0, last = 0;
    bool repeated = false;
    memcpy(r->at, r->start, sizeof *r->at + (size_t)r->t->cells * sizeof r->at->cells[0]);
    r->empties = r->region;
    memset(r->first, 0, (size_t)r->t->cells);
    hashes[0] = r->at->base.stones_hash;
    path[length++] = &r->nodes[1];
    while (passes < 2 && length < MAX_DEPTH && !repeated) {
        struct node *node = path[length - 1];
        if (!node->first_child && node->visits >= EXPAND_AT)
            expand(r, node, colour);
        if (!node->first_child)
            break;
        struct node *child = select_child(r, node, colour);
        path[length++] = child;
        last = child->move;
        passes = last ? 0 : passes + 1;
        r->at->ko = 0;
        if (last) {
            go_place(r->at, r->t->stride, last, colour, true, &r->empties);
            if (!r->first[last])
                r->first[last] = (uint8_t)colour;
        }
        colour = game_other(colour);
        hashes[length - 1] = r->at->base.stones_hash;
        repeated = passes < 2 && repeats(hashes, length - 1, hashes[length - 1]);
    }
    if (passes < 2 && !repeated)
        go_settle_playout(r->at, r->t->stride, colour, last, 3 * r->region.count + 20, &r->empties, r->first, r->rng);
    back_up(r, path, length, first, repeated || has_survived(r));
}

double go_read_survival(const struct go_tables *t, const struct go_position *go, const uint8_t *solid, int target,
                        int first, int playouts, struct rng *rng)
{
    union any_position start, at;
    struct reading r = {.t = t, .target = target, .defender = go->cells[target].colour, .rng = rng};
    r.start = (struct go_position *)&start;
    r.at = (struct go_position *)&at;
    memcpy(r.start, go, sizeof *go + (size_t)t->cells * sizeof go->cells[0]);
    r.start->ko = 0;
    find_region(&r, solid);
    if (r.region.count > GO_READING_EMPTIES)
        return -1;
    r.room = (uint32_t)playouts * 16 + GO_MAX_POINTS;
    r.nodes = g_new0(struct node, r.room);
    r.used = 2; /* node 1 is the root */
    for (int i = 0; i < playouts; i++)
        simulate(&r, first);
    const struct node *root = &r.nodes[1], *best = root;
    uint32_t most = 0;
    for (int i = 0; i < root->children; i++)
        if (r.nodes[root->first_child + (uint32_t)i].visits > most) {
            best = &r.nodes[root->first_child + (uint32_t)i];
            most = best->visits;
        }
    double survival = best->visits ? (double)best->survived / best->visits : 1;
    g_free(r.nodes);
    return survival;
}
