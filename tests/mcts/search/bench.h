/* A search whose nodes a test sets by hand. */
#ifndef TENGEN_TESTS_MCTS_SEARCH_BENCH_H
#define TENGEN_TESTS_MCTS_SEARCH_BENCH_H

#include <criterion/criterion.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"
#include "mcts/search/search_state.h"
#include "mcts/search/tree.h"
#include "tests/mcts/fake.h"

/* Without noise, growth of cpuct, first-play reduction or proofs. */
static inline struct mcts_config plain(enum mcts_selection selection)
{
    struct mcts_config config = mcts_defaults(selection);
    config.cpuct_log = config.fpu_reduction = config.root_fpu_reduction = 0;
    config.gumbel_noise = config.prove = false;
    config.memory_bytes = (size_t)32 << 20;
    return config;
}

/* A hash of everything that is reported of the root's moves. */
static inline uint64_t fingerprint(const struct mcts *search)
{
    struct mcts_move moves[GAME_MAX_MOVES];
    int count = mcts_moves(search, moves, GAME_MAX_MOVES);
    uint64_t hash = 0;
    float policy[GAME_MAX_MOVES];
    cr_assert_eq(mcts_policy(search, policy), count > 0);
    for (int i = 0; i < count; i++) {
        uint32_t bits[2];
        cr_assert_eq(policy[moves[i].move], moves[i].improved);
        memcpy(&bits[0], &moves[i].value, 4);
        memcpy(&bits[1], &moves[i].improved, 4);
        hash = rng_mix(hash ^ ((uint64_t)bits[0] << 32 | bits[1])) ^
               rng_mix((uint64_t)moves[i].visits << 16 | moves[i].move);
    }
    return hash;
}

/* A search of tic-tac-toe that has evaluated its root and nothing else. */
struct bench {
    struct game_ops ops;
    struct game game;
    struct evaluator *evaluator;
    struct mcts *search;
    struct node *root;
};

static inline void open_bench(struct bench *bench, enum mcts_selection selection, const char *moves, int64_t visits)
{
    struct mcts_config config = mcts_defaults(selection);
    union any_position position;
    config.cpuct = 1;
    config.cpuct_log = config.fpu_reduction = config.root_fpu_reduction = 0;
    config.gumbel_noise = config.prove = false;
    bench->game = fake_unpruned("gomoku:3,line=3", &bench->ops);
    bench->evaluator = evaluator_uniform_create(&bench->game);
    bench->search = fake_search(&bench->game, &config, &bench->evaluator);
    fake_play(&bench->game, &position.p, NULL, moves);
    mcts_set_root(bench->search, &position.p, NULL);
    mcts_run(bench->search, &(struct mcts_limits){.visits = visits});
    bench->root = tree_node(&bench->search->tree, bench->search->tree.root);
}

static inline void close_bench(struct bench *bench)
{
    mcts_close(bench->search);
    evaluator_free(bench->evaluator);
}

/* The child of a move that has been visited. */
static inline struct node *child_of(const struct bench *bench, game_move move)
{
    const struct edge *edges = tree_edges(&bench->search->tree, bench->root);
    int edge = 0;
    while (edge < bench->root->edge_count && edges[edge].move != move)
        edge++;
    cr_assert(edge < bench->root->edge_count && bench->search->root.child[edge], "move %d was not visited", move);
    return tree_node(&bench->search->tree, bench->search->root.child[edge]);
}

/* Sets a child's visits, all with the value `value` for the root's player. */
static inline void set_child(const struct bench *bench, game_move move, uint32_t visits, double value)
{
    struct node *child = child_of(bench, move);
    atomic_store(&child->visits, visits);
    atomic_store(&child->value, (int64_t)(visits * value * TREE_VALUE_ONE));
    atomic_store(&child->square, (int64_t)(visits * value * value * TREE_VALUE_ONE));
}

static inline void prove(const struct bench *bench, game_move move, int proven)
{
    atomic_store(&child_of(bench, move)->proven, (int8_t)proven);
}

#endif
