#include "mcts/search/tree.h"

#include <assert.h>
#include <math.h>
#include <sys/mman.h>

#include "games/game.h"

bool tree_init(struct tree *tree, size_t bytes)
{
    const size_t most = (size_t)UINT32_MAX * TREE_UNIT;
    bytes = MIN(bytes, most);
    *tree = (struct tree){.bytes = bytes, .limit = (uint32_t)(bytes / TREE_UNIT)};
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return false;
    tree->memory = memory;
    tree_reset(tree);
    return true;
}

void tree_clear(struct tree *tree)
{
    if (tree->memory)
        munmap(tree->memory, tree->bytes);
    *tree = (struct tree){0};
}

static uint32_t units(size_t bytes)
{
    return (uint32_t)((bytes + TREE_UNIT - 1) / TREE_UNIT);
}
static uint32_t node_units(const struct tree *tree)
{
    return units(sizeof(struct node)) + tree->extra;
}
static uint32_t edges_units(int count)
{
    return units(sizeof(struct edge_block) + (size_t)count * sizeof(struct edge));
}

size_t tree_playout_bytes(int moves)
{
    return (size_t)(units(sizeof(struct node)) + edges_units(moves)) * TREE_UNIT;
}

void tree_extend(struct tree *tree, size_t bytes, bool weighed)
{
    assert(!tree->root && atomic_load(&tree->nodes) == 0);
    assert(!weighed || bytes >= sizeof(struct node_extra));
    tree->extra = units(bytes);
    tree->weighed = weighed;
}

bool tree_has_room(const struct tree *tree, int moves, int playouts)
{
    uint64_t need = (uint64_t)(node_units(tree) + edges_units(moves)) * (uint64_t)playouts;
    return atomic_load_explicit(&tree->used, memory_order_relaxed) + need <= tree->limit;
}

static uint32_t take(struct tree *tree, uint32_t count)
{
    uint32_t index = atomic_fetch_add_explicit(&tree->used, count, memory_order_relaxed);
    assert(index + (uint64_t)count <= tree->limit);
    return index;
}

uint32_t tree_new_node(struct tree *tree, uint32_t parent, int edge)
{
    uint32_t index = take(tree, node_units(tree));
    memset(tree_node(tree, index), 0, (size_t)node_units(tree) * TREE_UNIT);
    struct node *node = tree_node(tree, index);
    node->kind = TREE_KIND_NODE;
    node->edge = (uint16_t)edge;
    node->weighed = tree->weighed;
    node->parent = parent;
    atomic_fetch_add_explicit(&tree->nodes, 1, memory_order_relaxed);
    return index;
}

uint32_t tree_new_edges(struct tree *tree, uint32_t owner, int count)
{
    uint32_t index = take(tree, edges_units(count));
    struct edge_block *block = (struct edge_block *)(void *)tree_node(tree, index);
    *block = (struct edge_block){.kind = TREE_KIND_EDGES, .count = (uint16_t)count, .owner = owner};
    return index;
}

/* Stable counting sort of the edges by one byte of their priors, highest first. count[]: histogram of that byte. */
static void sort_by(int shift, int least, int most, uint16_t *count, const struct edge *from, struct edge *to, int n)
{
    uint16_t place = 0;
    for (int digit = most; digit >= least; digit--) {
        uint16_t many = count[digit];
        count[digit] = place;
        place = (uint16_t)(place + many);
    }
    for (int i = 0; i < n; i++)
        to[count[from[i].prior >> shift & 255]++] = from[i];
}

/* Radix sort in two passes: a comparison sort spends its time on mispredicted branches. */
void tree_sort_edges(struct tree *tree, struct node *node)
{
    struct edge other[GAME_MAX_MOVES], *edges = tree_edges(tree, node);
    uint16_t low[256] = {0}, high[256] = {0};
    uint16_t least = UINT16_MAX, most = 0;
    assert(!node_child_count(node));
    for (int i = 0; i < node->edge_count; i++) {
        uint16_t prior = edges[i].prior;
        low[prior & 255]++;
        high[prior >> 8]++;
        least = MIN(prior, least);
        most = MAX(prior, most);
    }
    sort_by(0, 0, 255, low, edges, other, node->edge_count);
    sort_by(8, least >> 8, most >> 8, high, other, edges, node->edge_count);
    atomic_store_explicit(&node->sorted, true, memory_order_release);
}

void tree_link_child(struct tree *tree, uint32_t parent, uint32_t child)
{
    struct node *above = tree_node(tree, parent), *below = tree_node(tree, child);
    below->next = node_first_child(above);
    atomic_store_explicit(&above->visited_mass,
                          node_visited_mass(above) + tree_unpack_prior(tree_edges(tree, above)[below->edge].prior),
                          memory_order_relaxed);
    atomic_store_explicit(&above->first_child, child, memory_order_release);
    atomic_store_explicit(&above->child_count, (uint16_t)(node_child_count(above) + 1), memory_order_release);
}

void tree_reset(struct tree *tree)
{
    atomic_store_explicit(&tree->used, 1, memory_order_relaxed);
    atomic_store_explicit(&tree->nodes, 0, memory_order_relaxed);
    tree->root = 0;
}

/* ---- compaction: two passes in address order, parents before children ---- */

static struct edge_block *block_at(const struct tree *tree, uint32_t index)
{
    return (struct edge_block *)(void *)tree_node(tree, index);
}

static uint32_t object_units(const struct tree *tree, uint32_t index)
{
    return tree_node(tree, index)->kind == TREE_KIND_NODE ? node_units(tree)
                                                          : edges_units(block_at(tree, index)->count);
}

static void collapse(struct node *node)
{
    node->own = node_visits(node);
    node->edges = 0;
    node->edge_count = 0;
    atomic_store_explicit(&node->prior_visits, 0, memory_order_relaxed);
    atomic_store_explicit(&node->state, NODE_LEAF, memory_order_relaxed);
}

static bool keeps_children(const struct node *node, uint32_t index, uint32_t root, uint32_t threshold)
{
    return index == root || node_visits(node) > threshold;
}

/* First pass: decides what is kept, and where. A kept node's `next` becomes its new index (the lists are rebuilt
 * afterwards) and its `parent` the parent's new index; `next` 0 marks a node to be dropped. */
static void plan(struct tree *tree, uint32_t root, uint32_t threshold)
{
    uint32_t end = atomic_load(&tree->used), to = 1;
    for (uint32_t at = 1; at < end; at += object_units(tree, at)) {
        struct node *node = tree_node(tree, at);
        if (node->kind == TREE_KIND_EDGES) {
            struct edge_block *block = block_at(tree, at);
            struct node *owner = tree_node(tree, block->owner);
            bool kept = owner->next && owner->edges == at;
            block->owner = kept ? owner->next : 0;
            if (kept) {
                owner->edges = to;
                to += edges_units(block->count);
            }
            continue;
        }
        const struct node *parent = node->parent ? tree_node(tree, node->parent) : NULL;
        bool kept = at == root || (parent && at > root && parent->next && parent->edges);
        node->parent = at == root || !kept ? 0 : parent->next;
        node->next = kept ? to : 0;
        if (!kept)
            continue;
        to += node_units(tree);
        if (node_state(node) == NODE_EXPANDED && !keeps_children(node, at, root, threshold))
            collapse(node);
    }
}

/* Second pass: moves what is kept and relinks the children in order of creation. */
static void slide(struct tree *tree)
{
    uint32_t end = atomic_load(&tree->used), to = 1, nodes = 0;
    for (uint32_t at = 1, size; at < end; at += size) {
        size = object_units(tree, at);
        struct node *node = tree_node(tree, at);
        bool is_node = node->kind == TREE_KIND_NODE;
        if (is_node ? !node->next : !block_at(tree, at)->owner)
            continue;
        memmove(tree_node(tree, to), node, (size_t)size * TREE_UNIT);
        if (is_node) {
            struct node *moved = tree_node(tree, to);
            moved->next = 0;
            atomic_store_explicit(&moved->first_child, 0, memory_order_relaxed);
            atomic_store_explicit(&moved->child_count, 0, memory_order_relaxed);
            atomic_store_explicit(&moved->visited_mass, 0, memory_order_relaxed);
            nodes++;
            if (moved->parent)
                tree_link_child(tree, moved->parent, to);
        }
        to += size;
    }
    atomic_store(&tree->used, to);
    atomic_store(&tree->nodes, nodes);
}

static void compact(struct tree *tree, uint32_t root, uint32_t threshold)
{
    plan(tree, root, threshold);
    slide(tree);
    tree->root = 1;
}

void tree_keep(struct tree *tree, uint32_t root)
{
    if (!root) {
        tree_reset(tree);
        return;
    }
    if (root != tree->root)
        compact(tree, root, 0);
}

/* ---- recycling ---- */

enum { BUCKETS_A_DOUBLING = 8, BUCKETS = 33 * BUCKETS_A_DOUBLING };

/* Eight buckets per doubling of visits: bucket b holds visits up to bucket_top(b). */
static int bucket(uint32_t visits)
{
    if (visits < 2 * BUCKETS_A_DOUBLING)
        return (int)visits;
    int high = 31 - __builtin_clz(visits); /* >= 4 */
    return (high - 2) * BUCKETS_A_DOUBLING + (int)(visits >> (high - 3)) - BUCKETS_A_DOUBLING;
}

static uint32_t bucket_top(int b)
{
    if (b < 2 * BUCKETS_A_DOUBLING)
        return (uint32_t)b;
    int high = b / BUCKETS_A_DOUBLING + 2, part = b % BUCKETS_A_DOUBLING;
    uint64_t top = ((uint64_t)(BUCKETS_A_DOUBLING + part + 1) << (high - 3)) - 1;
    return top < UINT32_MAX ? (uint32_t)top : UINT32_MAX;
}

void tree_recycle(struct tree *tree)
{
    /* Units freed when the nodes of a bucket lose their subtrees. A child never has more visits than its parent, so
     * everything below such a node falls into the same or a lower bucket, and nothing is counted twice. */
    uint64_t freed[BUCKETS] = {0};
    uint32_t end = atomic_load(&tree->used);
    for (uint32_t at = 1; at < end; at += object_units(tree, at)) {
        const struct node *node = tree_node(tree, at);
        uint32_t holder = node->kind == TREE_KIND_NODE ? node->parent : block_at(tree, at)->owner;
        if (holder && holder != tree->root)
            freed[bucket(node_visits(tree_node(tree, holder)))] += object_units(tree, at);
    }
    uint64_t sum = 0, wanted = end > tree->limit / 2 ? end - tree->limit / 2 : 0;
    int b = 0;
    while (b < BUCKETS - 1 && (sum += freed[b]) < wanted)
        b++;
    compact(tree, tree->root, bucket_top(b));
}

/* ---- checking ---- */

uint32_t tree_next_node(const struct tree *tree, uint32_t at)
{
    const uint32_t end = atomic_load(&tree->used);
    for (at = at ? at + object_units(tree, at) : 1; at < end; at += object_units(tree, at))
        if (tree_node(tree, at)->kind == TREE_KIND_NODE)
            return at;
    return 0;
}

static const char *check_children(const struct tree *tree, uint32_t index)
{
    const struct node *node = tree_node(tree, index);
    uint64_t visits = node->own;
    int64_t value = tree->extra ? tree_node_extra(node)->correction : 0, weight = 0;
    int count = 0;
    for (uint32_t at = node->first_child; at; at = tree_node(tree, at)->next, count++) {
        const struct node *child = tree_node(tree, at);
        if (at <= index || at >= atomic_load(&tree->used) || child->kind != TREE_KIND_NODE)
            return "a child does not follow its parent in the arena";
        if (child->parent != index || child->edge >= node->edge_count)
            return "a child does not belong to its parent";
        if (node_visits(child) == 0)
            return "a child has no visits";
        visits += node_visits(child);
        value += atomic_load(&child->value);
        weight += tree->weighed ? atomic_load(&tree_node_extra(child)->weight) : 0;
    }
    if (count != node->child_count)
        return "the number of children differs from child_count";
    if (visits != node_visits(node))
        return "a node's visits differ from its own plus its children's";
    int64_t own = atomic_load(&node->value) - value;
    if (node->own == 1 && own != llrint((double)node->raw_value * node_own_weight(node) * TREE_VALUE_ONE))
        return "a node's value differs from its own plus its children's";
    if (tree->weighed && node->own == 1 &&
        weight + tree_node_extra(node)->own_weight != atomic_load(&tree_node_extra(node)->weight))
        return "a node's weight differs from its own plus its children's";
    return NULL;
}

static const char *check_node(const struct tree *tree, uint32_t index)
{
    const struct node *node = tree_node(tree, index);
    if (node_in_flight(node))
        return "a visit is still in flight";
    /* A weighed value is rounded at each visit. */
    int64_t most = (int64_t)(node_weight(node) * TREE_VALUE_ONE) + (node->weighed ? node_visits(node) : 0),
            value = atomic_load(&node->value);
    if (value > most || value < -most)
        return "a value is outside -1 .. 1";
    switch (node_state(node)) {
    case NODE_EXPANDED:
        return check_children(tree, index);
    case NODE_TERMINAL:
        return node->first_child ? "a finished game has a child" : NULL;
    case NODE_LEAF:
        return node->first_child || node->edges ? "a leaf has edges" : NULL;
    default:
        return "a node is still being evaluated";
    }
}

const char *tree_check(const struct tree *tree)
{
    uint32_t nodes = 0;
    for (uint32_t at = tree_next_node(tree, 0); at; at = tree_next_node(tree, at)) {
        const char *wrong = check_node(tree, at);
        if (wrong)
            return wrong;
        nodes++;
    }
    return nodes == atomic_load(&tree->nodes) ? NULL : "the number of nodes differs from the tree's count";
}
