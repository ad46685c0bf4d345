/* clang-format off */
/* The search tree: nodes and edges in one arena, addressed by 32-bit indices in units of eight bytes.
 *
 *   arena  | - | node 0 (root) | edges of 0 | node 1 | edges of 1 | node 2 | ...        | free ...
 *                 |  edges ------^                                                      ^ used
 *                 |  first_child --> newest child --next--> older child --next--> 0
 *
 *   edge   4 bytes: move and prior. Sorted by prior before the first visit, so the next edge to try is the first
 *          unvisited one.
 *   node   created at its first visit; `edge` is the index of the parent's edge that leads to it.
 *
 * Objects are stored in order of creation, and compaction preserves the order, so a parent always precedes its children
 * and one pass in address order visits parents first: marking needs no stack and no extra memory.
 *
 * Sums are fixed-point integers, always from the view of player 0: addition is exact and independent of order, and
 * games in which a player moves twice in a row need no special case. A node's visits are its own (`own`: one, or all
 * visits it had before its subtree was recycled) plus those of its children.
 *
 * Threads: visits, in_flight and the sums are atomic. Edges and everything else that expansion writes are published by the
 * release store of `state`. Children are only ever added, at the head of the list and under the node's latch (search_latch),
 * and published by the release store of `first_child`, so that any thread may walk the list from the head that it has read.
 * Compaction and everything marked "exclusive" below requires that no other thread is in the tree. */
/* clang-format on */
#ifndef TENGEN_MCTS_SEARCH_TREE_H
#define TENGEN_MCTS_SEARCH_TREE_H

#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum node_state {
    NODE_EVALUATING, /* a thread is expanding it */
    NODE_LEAF,       /* no edges: a fresh root, or recycled; the next visit evaluates it */
    NODE_EXPANDED,
    NODE_TERMINAL, /* the game is over; the value is exact */
};

enum { TREE_UNIT = 8, TREE_KIND_NODE = 1, TREE_KIND_EDGES = 2 };

/* Fixed point: values and draws in 2^-24, margins in 2^-12. */
#define TREE_VALUE_ONE 0x1p24
#define TREE_SCORE_ONE 0x1p12

struct edge {
    uint16_t move, prior; /* prior: tree_pack_prior */
};

struct edge_block {
    uint8_t kind; /* TREE_KIND_EDGES; must be first, as in struct node */
    uint16_t count;
    uint32_t owner;
    struct edge edges[];
};

struct node {
    /* set at creation */
    uint8_t kind : 7;    /* TREE_KIND_NODE; at the place of an edge block's, which is below 128 */
    uint8_t weighed : 1; /* the visits have weights, see struct node_extra; otherwise each counts 1 */
    uint8_t player;      /* who moves here; set at expansion */
    uint16_t edge;       /* index among the parent's edges */
    uint32_t parent;
    /* set at expansion, then constant until recycled */
    uint32_t edges; /* index of the edge block, 0 when none */
    _Atomic uint32_t own;                 /* visits not passed to children; not maintained in terminal nodes */
    float raw_value, raw_draw, raw_score; /* raw network values, player 0's view */
    uint16_t edge_count;
    _Atomic uint8_t state;
    _Atomic int8_t proven; /* 1: proven win for player 0, -1: for player 1 */
    uint32_t next;         /* constant once the node is linked, unless exclusive */
    /* written under this node's latch; read by any thread, child_count before first_child */
    _Atomic uint32_t first_child;
    _Atomic uint16_t child_count;
    atomic_bool sorted; /* whether the edges are sorted; no child exists before */
    /* Prior visits from the memory, with value raw_value: they count in this node's mean, not in its ancestors'. Published
     * after raw_value by a release store. */
    _Atomic uint8_t prior_visits;
    /* Total prior of the edges with a child, summed in order of creation; written under this node's latch. */
    _Atomic float visited_mass;
    /* atomic */
    _Atomic uint32_t visits, in_flight;
    _Atomic int64_t value, draw, score, square; /* sums over visits; square: of value squared, in TREE_VALUE_ONE */
};

/* Follows a node in memory if the tree has room for it (tree_extend). */
struct node_extra {
    /* set at expansion */
    uint64_t key;       /* of its bucket of biases, see bias.h; 0: none */
    int32_t own_weight; /* of its own evaluation, see certainty.h; TREE_VALUE_ONE */
    /* this node's lock (search_lock_node) */
    int32_t correction;                 /* of its own evaluation, part of the sum of values; TREE_VALUE_ONE */
    int64_t bias_weight, bias_weighted; /* in its bucket */
    /* atomic */
    _Atomic int64_t weight; /* sum over visits, by which the sums of values, draws, scores and squares are weighted */
};

/* Sizes. An edge block adds 8 bytes: a position with m moves costs 88 + 8 + 4 m bytes, rounded up to 8. */
enum { TREE_NODE_BYTES = 88, TREE_EDGE_BYTES = 4 };
_Static_assert(sizeof(struct node) == TREE_NODE_BYTES && sizeof(struct edge) == TREE_EDGE_BYTES, "documented sizes");

struct tree {
    unsigned char *memory;
    size_t bytes;          /* of the mapping */
    uint32_t limit;        /* units */
    _Atomic uint32_t used; /* units; 0 is not a valid index, so it starts at 1 */
    _Atomic uint32_t nodes;
    uint32_t root; /* 0: none */
    uint32_t extra; /* units that follow each node */
    bool weighed;   /* its nodes are */
};

/* Reserves the address range; pages are touched only as they are used. False if the system refuses. */
bool tree_init(struct tree *tree, size_t bytes);
void tree_clear(struct tree *tree);
/* Call before the first node is created: each node is then followed by so many bytes, zeroed at its creation and moved with
 * it. weighed: they hold a struct node_extra, and visits are weighted. */
void tree_extend(struct tree *tree, size_t bytes, bool weighed);

static inline struct node *tree_node(const struct tree *tree, uint32_t index)
{
    return (struct node *)(void *)(tree->memory + (size_t)index * TREE_UNIT);
}
static inline struct edge *tree_edges(const struct tree *tree, const struct node *node)
{
    return ((struct edge_block *)(void *)(tree->memory + (size_t)node->edges * TREE_UNIT))->edges;
}
/* The most that one playout allocates: a node and the edges of `moves` moves. */
size_t tree_playout_bytes(int moves);
/* Whether the allocations of `playouts` playouts still fit. */
bool tree_has_room(const struct tree *tree, int moves, int playouts);

/* Any thread; the caller has checked for room, and links the child under the parent's latch. */
uint32_t tree_new_node(struct tree *tree, uint32_t parent, int edge);
uint32_t tree_new_edges(struct tree *tree, uint32_t owner, int count);
/* Sorts the node's edges by prior, highest first, then by move; they were written in move order, and no child exists.
 * Under the node's latch. */
void tree_sort_edges(struct tree *tree, struct node *node);
void tree_link_child(struct tree *tree, uint32_t parent, uint32_t child);

/* Exclusive. Discards the whole tree. */
void tree_reset(struct tree *tree);
/* Exclusive. Makes a node (or 0) the root, keeps its subtree and frees the rest. */
void tree_keep(struct tree *tree, uint32_t root);
/* Exclusive. Makes room until about half of the arena is free: the nodes with the fewest visits lose their subtrees but
 * keep their own statistics. The root keeps its children. */
void tree_recycle(struct tree *tree);
/* Exclusive. The node after the one at this index, in order of creation; 0: the first one. Returns 0 after the last. */
uint32_t tree_next_node(const struct tree *tree, uint32_t at);
/* Exclusive. Verifies visits, sums and links, and that no visit is in flight; NULL if consistent. */
const char *tree_check(const struct tree *tree);

static inline struct node_extra *tree_node_extra(const struct node *node)
{
    return (struct node_extra *)(void *)(node + 1);
}

/* Priors in 16 bits: a monotone float for 2^-31 .. 1 with an 11-bit mantissa (relative error at most 2^-12). */
static inline uint16_t tree_pack_prior(float prior)
{
    uint32_t bits;
    memcpy(&bits, &prior, sizeof bits);
    const uint32_t low = 96u << 23, half = 1u << 11;
    if (bits <= low) /* negative zero cannot occur either: priors come from a softmax */
        return 0;
    uint32_t packed = (bits - low + half) >> 12, top = (127u - 96u) << 11;
    return (uint16_t)(packed < top ? packed : top);
}
static inline float tree_unpack_prior(uint16_t packed)
{
    uint32_t bits = ((uint32_t)packed << 12) + (96u << 23);
    float prior;
    memcpy(&prior, &bits, sizeof prior);
    return prior;
}

static inline uint32_t node_visits(const struct node *node)
{
    return atomic_load_explicit(&node->visits, memory_order_relaxed);
}
static inline uint32_t node_in_flight(const struct node *node)
{
    return atomic_load_explicit(&node->in_flight, memory_order_relaxed);
}
static inline int node_child_count(const struct node *node)
{
    return atomic_load_explicit(&node->child_count, memory_order_acquire);
}
/* The newest child. If read after node_child_count, at least so many follow, and perhaps newer ones before them. */
static inline uint32_t node_first_child(const struct node *node)
{
    return atomic_load_explicit(&node->first_child, memory_order_acquire);
}
static inline float node_visited_mass(const struct node *node)
{
    return atomic_load_explicit(&node->visited_mass, memory_order_relaxed);
}
static inline int node_state(const struct node *node)
{
    return atomic_load_explicit(&node->state, memory_order_acquire);
}
/* For a player: 1 proven win, -1 proven loss, 0 unknown. */
static inline int node_proven(const struct node *node, int player)
{
    int proven = atomic_load_explicit(&node->proven, memory_order_relaxed);
    return player ? -proven : proven;
}
/* The weight of the node's visits: their number, unless they are weighed. A weight that other threads are about to add to
 * may still be 0. */
static inline double node_weight(const struct node *node)
{
    const int64_t weight =
        node->weighed ? atomic_load_explicit(&tree_node_extra(node)->weight, memory_order_relaxed) : 0;
    return weight > 0 ? (double)weight / TREE_VALUE_ONE : node_visits(node);
}
static inline double node_own_weight(const struct node *node)
{
    return node->weighed ? tree_node_extra(node)->own_weight / TREE_VALUE_ONE : 1;
}
static inline uint8_t node_prior_visits(const struct node *node)
{
    return atomic_load_explicit(&node->prior_visits, memory_order_acquire);
}
/* Means from the view of a player; the node has been visited. */
static inline float node_value(const struct node *node, int player)
{
    const double weight = node_weight(node);
    const uint8_t prior = node_prior_visits(node);
    double mean = (double)atomic_load_explicit(&node->value, memory_order_relaxed) / TREE_VALUE_ONE / weight;
    if (G_UNLIKELY(prior > 0))
        mean += ((double)node->raw_value - mean) * prior / (weight + prior);
    return (float)(player ? -mean : mean);
}
static inline float node_score(const struct node *node, int player)
{
    double mean = (double)atomic_load_explicit(&node->score, memory_order_relaxed) / TREE_SCORE_ONE / node_weight(node);
    return (float)(player ? -mean : mean);
}
static inline float node_draw(const struct node *node)
{
    return (float)((double)atomic_load_explicit(&node->draw, memory_order_relaxed) / TREE_VALUE_ONE /
                   node_weight(node));
}
/* The mean of the squared values. */
static inline double node_square(const struct node *node)
{
    return (double)atomic_load_explicit(&node->square, memory_order_relaxed) / TREE_VALUE_ONE / node_weight(node);
}

#endif
