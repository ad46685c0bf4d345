/* The arena of nodes and edges: sizes, sorting, subtrees that are kept, recycling, and what the check detects. */
#include <criterion/criterion.h>
#include <math.h>

#include "games/game.h"
#include "mcts/search/tree.h"

/* ---- trees made by hand ---- */

static uint32_t expand(struct tree *tree, uint32_t index, int count, uint32_t own)
{
    uint32_t edges = tree_new_edges(tree, index, count);
    struct node *node = tree_node(tree, index);
    node->edges = edges;
    node->edge_count = (uint16_t)count;
    node->own = own;
    node->sorted = true;
    for (int i = 0; i < count; i++)
        tree_edges(tree, node)[i] = (struct edge){.move = (uint16_t)i, .prior = 1000};
    atomic_store(&node->visits, own);
    atomic_store(&node->state, NODE_EXPANDED);
    return index;
}

/* An expanded child, whose visits are added to its ancestors, too. */
static uint32_t add_child(struct tree *tree, uint32_t parent, int edge, int count, uint32_t visits)
{
    uint32_t child = tree_new_node(tree, parent, edge);
    tree_link_child(tree, parent, child);
    expand(tree, child, count, visits);
    for (uint32_t at = parent; at; at = tree_node(tree, at)->parent)
        atomic_fetch_add(&tree_node(tree, at)->visits, visits);
    return child;
}

static void open_tree(struct tree *tree, size_t bytes, int moves)
{
    cr_assert(tree_init(tree, bytes));
    tree->root = tree_new_node(tree, 0, 0);
    expand(tree, tree->root, moves, 1);
}

/* ---- sizes ---- */

/* A node is 11 units of eight bytes; an edge block one unit, and one for every two edges. */
Test(tree, units_are_counted)
{
    struct tree tree;
    cr_expect_eq(tree_playout_bytes(0), 96);
    cr_expect_eq(tree_playout_bytes(1), 104);
    cr_expect_eq(tree_playout_bytes(2), 104);
    cr_expect_eq(tree_playout_bytes(3), 112);
    open_tree(&tree, 1 << 16, 5);
    cr_expect_eq(tree.limit, (1 << 16) / 8);
    cr_expect_eq(atomic_load(&tree.used), 1 + 11 + 1 + 3);
    cr_expect_eq(atomic_load(&tree.nodes), 1);
    add_child(&tree, tree.root, 2, 4, 1);
    cr_expect_eq(atomic_load(&tree.used), 16 + 11 + 1 + 2);
    cr_expect_eq(atomic_load(&tree.nodes), 2);
    tree_reset(&tree);
    tree_extend(&tree, 20, false); /* three units */
    cr_expect(tree_has_room(&tree, 5, 455) && !tree_has_room(&tree, 5, 456), "18 units for each of 8192");
    tree.root = tree_new_node(&tree, 0, 0);
    cr_expect_eq(atomic_load(&tree.used), 1 + 11 + 3);
    tree_reset(&tree);
    cr_expect(atomic_load(&tree.used) == 1 && atomic_load(&tree.nodes) == 0 && tree.root == 0);
    tree_clear(&tree);
    cr_expect(!tree.memory && !tree.limit);
}

/* 100 units of which one is unused: eight nodes with two edges each, 13 units, are 104. */
Test(tree, room_is_counted)
{
    struct tree tree;
    cr_assert(tree_init(&tree, 800));
    cr_expect(tree_has_room(&tree, 2, 7));
    cr_expect_not(tree_has_room(&tree, 2, 8));
    tree.limit = 1 + 8 * 13;
    cr_expect(tree_has_room(&tree, 2, 8));
    tree_new_node(&tree, 0, 0);
    cr_expect_not(tree_has_room(&tree, 2, 8));
    tree_clear(&tree);
}

/* Indices of 32 bits cover at most 32 GB. */
Test(tree, no_more_than_indices_reach)
{
    struct tree tree;
    if (tree_init(&tree, (size_t)1 << 40)) {
        cr_expect_eq(tree.limit, UINT32_MAX);
        cr_expect_eq(tree.bytes, (size_t)UINT32_MAX * 8);
    }
    tree_clear(&tree);
    tree_clear(&tree); /* a second call is allowed */
}

/* ---- priors ---- */

Test(tree, priors_in_sixteen_bits)
{
    cr_assert_eq(tree_pack_prior(0), 0);
    cr_assert_eq(tree_unpack_prior(tree_pack_prior(1)), 1.0f);
    cr_assert_eq(tree_unpack_prior(tree_pack_prior(0.25f)), 0.25f);
    uint16_t before = 0;
    for (double p = 1e-9; p < 1; p *= 1.0001) {
        uint16_t packed = tree_pack_prior((float)p);
        cr_assert(packed >= before, "not monotone at %g", p);
        cr_assert(fabs(tree_unpack_prior(packed) / (double)(float)p - 1) <= 0x1p-12, "too inaccurate at %g", p);
        before = packed;
    }
}

Test(tree, untaken_edge_takes_four_bytes)
{
    cr_assert_eq(sizeof(struct edge), 4);
    cr_assert_eq(tree_playout_bytes(400) - tree_playout_bytes(200), 800);
}

/* ---- sorting ---- */

static int by_prior(const void *a, const void *b)
{
    const struct edge *x = a, *y = b;
    return x->prior != y->prior ? (x->prior > y->prior ? -1 : 1) : (x->move > y->move) - (x->move < y->move);
}

/* Against a comparison sort: few and many edges, priors that differ in one byte, in both, in none. */
Test(tree, edges_are_sorted_by_prior_then_move)
{
    struct rng rng;
    rng_seed(&rng, 3);
    for (int i = 0; i < 200; i++) {
        struct tree tree;
        struct edge wanted[GAME_MAX_MOVES];
        int count = 1 + (int)rng_below(&rng, i % 2 ? 8 : GAME_MAX_MOVES);
        uint32_t base = rng_below(&rng, 2) ? 0 : rng_below(&rng, 60000), range = i % 3 == 0 ? 2 : i % 3 == 1 ? 256 : 5000;
        open_tree(&tree, 1 << 16, count);
        struct node *root = tree_node(&tree, tree.root);
        struct edge *edges = tree_edges(&tree, root);
        for (int k = 0; k < count; k++)
            edges[k].prior = (uint16_t)(base + rng_below(&rng, range));
        memcpy(wanted, edges, sizeof *edges * (size_t)count);
        qsort(wanted, (size_t)count, sizeof *wanted, by_prior);
        root->sorted = false;
        tree_sort_edges(&tree, root);
        cr_assert(root->sorted);
        cr_assert_arr_eq(edges, wanted, sizeof *edges * (size_t)count, "case %d", i);
        tree_clear(&tree);
    }
}

/* ---- subtrees ---- */

/* The subtree of a child: its nodes, visits, edges and children are as before; everything else is gone. */
Test(tree, a_childs_subtree_is_kept)
{
    struct tree tree;
    open_tree(&tree, 1 << 16, 4);
    uint32_t first = add_child(&tree, tree.root, 0, 3, 5), second = add_child(&tree, tree.root, 3, 6, 7);
    add_child(&tree, first, 1, 2, 2);
    uint32_t below = add_child(&tree, second, 4, 3, 3);
    add_child(&tree, second, 2, 1, 2);
    add_child(&tree, below, 1, 1, 1);
    tree_edges(&tree, tree_node(&tree, second))[4] = (struct edge){.move = 77, .prior = 2000};
    cr_assert_null(tree_check(&tree));
    tree_keep(&tree, tree.root);
    cr_assert_eq(atomic_load(&tree.nodes), 7, "the root itself: nothing changes");
    tree_keep(&tree, second);
    cr_assert_null(tree_check(&tree));
    cr_assert_eq(atomic_load(&tree.nodes), 4);
    cr_assert_eq(tree.root, 1);
    cr_assert_eq(atomic_load(&tree.used), 1 + 4 * 11 + (1 + 3) + (1 + 2) + (1 + 1) + (1 + 1));
    const struct node *root = tree_node(&tree, tree.root);
    cr_assert(root->parent == 0 && root->next == 0 && root->child_count == 2 && root->edge_count == 6);
    cr_assert(node_visits(root) == 13 && root->own == 7);
    cr_assert_eq(tree_edges(&tree, root)[4].move, 77);
    const struct node *newest = tree_node(&tree, root->first_child), *oldest = tree_node(&tree, newest->next);
    cr_assert(newest->edge == 2 && node_visits(newest) == 2 && oldest->edge == 4 && node_visits(oldest) == 4);
    cr_assert(oldest->next == 0 && tree_node(&tree, oldest->first_child)->edge == 1);
    cr_assert_float_eq(root->visited_mass, tree_unpack_prior(1000) + tree_unpack_prior(2000), 1e-9);
    tree_keep(&tree, 0);
    cr_assert(tree.root == 0 && atomic_load(&tree.used) == 1);
    tree_clear(&tree);
}

/* ---- recycling ---- */

/* Children with 1, 2, 3 ... visits and edges of their own, more than fit: at least half of the arena is free afterwards,
 * those that lost their edges had no more visits than any that kept them, and no more lost them than an eighth above
 * what would have been enough. */
static void recycle(int children, uint32_t visits_of(int i))
{
    struct tree tree;
    open_tree(&tree, 1 << 22, children);
    for (int i = 0; i < children; i++)
        add_child(&tree, tree.root, i, 40, visits_of(i));
    cr_assert_null(tree_check(&tree));
    tree.limit = atomic_load(&tree.used) * 3 / 2; /* a quarter of the used units has to be freed */
    uint32_t before = atomic_load(&tree.used), least_kept = UINT32_MAX, most_lost = 0;
    tree_recycle(&tree);
    cr_assert_null(tree_check(&tree));
    cr_assert_leq(atomic_load(&tree.used), tree.limit / 2);
    const struct node *root = tree_node(&tree, tree.root);
    cr_assert(root->child_count == children && atomic_load(&tree.nodes) == (uint32_t)children + 1);
    for (uint32_t at = root->first_child; at; at = tree_node(&tree, at)->next) {
        const struct node *node = tree_node(&tree, at);
        uint32_t visits = node_visits(node);
        cr_assert(visits == visits_of(node->edge) && node->own == visits);
        if (node_state(node) == NODE_EXPANDED)
            least_kept = visits < least_kept ? visits : least_kept;
        else
            most_lost = visits > most_lost ? visits : most_lost;
    }
    cr_assert_lt(most_lost, least_kept);
    cr_assert_lt((double)(before - atomic_load(&tree.used)), 0.42 * before, "%u of %u units were freed",
                 before - atomic_load(&tree.used), before);
    tree_clear(&tree);
}

static uint32_t one_by_one(int i)
{
    return 1 + (uint32_t)i;
}
static uint32_t thousands(int i)
{
    return 1000 + 37 * (uint32_t)(i * 7 % 300);
}
static uint32_t all_sizes(int i)
{
    return (uint32_t)pow(1.06, i);
}

Test(tree, the_least_visited_are_recycled)
{
    recycle(15, one_by_one);
    recycle(300, one_by_one);
    recycle(300, thousands);
    recycle(300, all_sizes);
}

Test(tree, recycling_keeps_the_most_visited)
{
    struct tree tree;
    cr_assert(tree_init(&tree, 1 << 20));
    /* A root with three children of 100, 10 and 1 visits; each of them expanded, the first with one child. */
    tree.root = tree_new_node(&tree, 0, 0);
    const uint32_t visits[3] = {100, 10, 1};
    uint32_t child[3], block = tree_new_edges(&tree, tree.root, 3);
    memset(tree_node(&tree, block) + 0, TREE_KIND_EDGES, 1);
    tree_node(&tree, tree.root)->edges = block;
    tree_node(&tree, tree.root)->edge_count = 3;
    atomic_store(&tree_node(&tree, tree.root)->visits, 112);
    tree_node(&tree, tree.root)->own = 1;
    atomic_store(&tree_node(&tree, tree.root)->state, NODE_EXPANDED);
    for (int i = 0; i < 3; i++) {
        child[i] = tree_new_node(&tree, tree.root, i);
        tree_edges(&tree, tree_node(&tree, tree.root))[i] = (struct edge){.move = (uint16_t)i, .prior = 1000};
        tree_link_child(&tree, tree.root, child[i]);
        struct node *node = tree_node(&tree, child[i]);
        uint32_t edges = tree_new_edges(&tree, child[i], 40);
        memset(tree_edges(&tree, &(struct node){.edges = edges}), 0, 40 * sizeof(struct edge));
        node->edges = edges;
        node->edge_count = 40;
        node->own = visits[i];
        atomic_store(&node->visits, visits[i]);
        atomic_store(&node->state, NODE_EXPANDED);
    }
    cr_assert_null(tree_check(&tree));
    /* A limit that forces about one block of edges to be freed: that of the least visited child. */
    tree.limit = 2 * (atomic_load(&tree.used) - 10);
    tree_recycle(&tree);
    cr_assert_null(tree_check(&tree));
    const struct node *root = tree_node(&tree, tree.root);
    cr_assert_eq(root->child_count, 3);
    for (uint32_t at = root->first_child; at; at = tree_node(&tree, at)->next) {
        const struct node *node = tree_node(&tree, at);
        cr_assert_eq(node_visits(node), visits[node->edge]);
        cr_assert_eq(node_state(node), node->edge == 2 ? NODE_LEAF : NODE_EXPANDED, "child %d", node->edge);
    }
    tree_clear(&tree);
}

/* A node that loses its subtree counts all of its visits as its own, and is a leaf again; the root keeps its edges even
 * with the least visits. */
Test(tree, a_recycled_node_is_a_leaf)
{
    struct tree tree;
    open_tree(&tree, 1 << 16, 2);
    uint32_t child = add_child(&tree, tree.root, 1, 8, 3);
    add_child(&tree, child, 5, 40, 2);
    tree.limit = 2;
    tree_recycle(&tree);
    cr_assert_null(tree_check(&tree));
    cr_assert_eq(atomic_load(&tree.nodes), 2);
    const struct node *root = tree_node(&tree, tree.root), *leaf = tree_node(&tree, root->first_child);
    cr_assert(node_state(root) == NODE_EXPANDED && root->edge_count == 2 && node_visits(root) == 6);
    cr_assert(node_state(leaf) == NODE_LEAF && node_visits(leaf) == 5 && leaf->own == 5 && leaf->edge == 1);
    cr_assert(!leaf->edges && !leaf->edge_count && !leaf->first_child && !leaf->child_count);
    tree_clear(&tree);
}

/* ---- the check ---- */

/* A root with two expanded children, of which the first has a child, and one whose game is over. */
struct checked {
    struct tree tree;
    struct node *root, *first, *below, *over;
};

static struct checked checked_new(void)
{
    struct checked c;
    open_tree(&c.tree, 1 << 16, 3);
    uint32_t first = add_child(&c.tree, c.tree.root, 0, 2, 1), second = add_child(&c.tree, c.tree.root, 1, 2, 4);
    uint32_t below = add_child(&c.tree, first, 1, 1, 1);
    c.root = tree_node(&c.tree, c.tree.root);
    c.first = tree_node(&c.tree, first);
    c.below = tree_node(&c.tree, below);
    c.over = tree_node(&c.tree, second);
    c.over->edges = c.over->edge_count = 0;
    atomic_store(&c.over->state, NODE_TERMINAL);
    c.first->raw_value = 0.5f;
    atomic_store(&c.first->value, (int64_t)(0.5 * TREE_VALUE_ONE));
    atomic_store(&c.root->value, (int64_t)(0.5 * TREE_VALUE_ONE));
    cr_assert_null(tree_check(&c.tree));
    return c;
}

/* To the finished game, which has four visits, and to the root above it. */
static void add_value(struct checked *c, int64_t value)
{
    atomic_fetch_add(&c->over->value, value);
    atomic_fetch_add(&c->root->value, value);
}

#define EXPECT_FOUND(message, ...)                                                                                     \
    do {                                                                                                               \
        struct checked c = checked_new();                                                                              \
        __VA_ARGS__;                                                                                                   \
        const char *found = tree_check(&c.tree);                                                                       \
        cr_expect_not_null(found, "not found: %s", message);                                                           \
        if (found)                                                                                                     \
            cr_expect_str_eq(found, message);                                                                          \
        tree_clear(&c.tree);                                                                                           \
    } while (0)

Test(tree, what_the_check_finds)
{
    static const char order[] = "a child does not follow its parent in the arena";
    static const char belongs[] = "a child does not belong to its parent";
    static const char children[] = "the number of children differs from child_count";
    static const char visits[] = "a node's visits differ from its own plus its children's";
    static const char value[] = "a node's value differs from its own plus its children's";
    static const char outside[] = "a value is outside -1 .. 1";
    EXPECT_FOUND(order, c.below->next = c.tree.root);
    EXPECT_FOUND(order, c.first->first_child = atomic_load(&c.tree.used));
    EXPECT_FOUND(order, c.first->first_child = c.below->edges);
    EXPECT_FOUND(belongs, c.below->parent = c.tree.root);
    EXPECT_FOUND(belongs, c.below->edge = 2);
    EXPECT_FOUND("a child has no visits", atomic_store(&c.below->visits, 0), c.first->own = 2);
    EXPECT_FOUND(children, c.first->child_count = 2);
    EXPECT_FOUND(children, c.root->child_count = 1);
    EXPECT_FOUND(visits, c.first->own = 2);
    EXPECT_FOUND(visits, atomic_fetch_add(&c.root->visits, 1));
    EXPECT_FOUND(value, atomic_fetch_add(&c.first->value, 1));
    EXPECT_FOUND(value, atomic_fetch_sub(&c.root->value, 1));
    EXPECT_FOUND("a visit is still in flight", atomic_store(&c.below->in_flight, 1));
    EXPECT_FOUND(outside, add_value(&c, 4 * (int64_t)TREE_VALUE_ONE + 1));
    EXPECT_FOUND(outside, add_value(&c, -4 * (int64_t)TREE_VALUE_ONE - 1));
    EXPECT_FOUND("a finished game has a child", c.over->first_child = c.tree.root);
    EXPECT_FOUND("a leaf has edges", atomic_store(&c.over->state, NODE_LEAF), c.over->edges = 1);
    EXPECT_FOUND("a leaf has edges", atomic_store(&c.over->state, NODE_LEAF), c.over->first_child = 1);
    EXPECT_FOUND("a node is still being evaluated", atomic_store(&c.over->state, NODE_EVALUATING));
    EXPECT_FOUND("the number of nodes differs from the tree's count", atomic_fetch_add(&c.tree.nodes, 1));
}

/* Values at the very ends are not outside; only a node with one visit of its own is known to the last bit. */
Test(tree, what_the_check_lets_pass)
{
    struct checked c = checked_new();
    add_value(&c, -4 * (int64_t)TREE_VALUE_ONE);
    cr_expect_null(tree_check(&c.tree));
    add_value(&c, 8 * (int64_t)TREE_VALUE_ONE);
    cr_expect_null(tree_check(&c.tree));
    tree_clear(&c.tree);
}
