/* Prior visits in the search: they count in a node's mean, and nowhere else. */
#include <criterion/criterion.h>
#include <math.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/memory.h"
#include "mcts/search.h"
#include "mcts/search/search_state.h"
#include "mcts/search/tree.h"
#include "tests/mcts/fake.h"
#include "tests/mcts/remembering.h"
#include "tests/mcts/search/bench.h"

/* To be freed. */
static struct node *node_with(uint32_t visits, double value, double square)
{
    struct node *node = g_malloc0(sizeof *node + sizeof(struct node_extra));
    node->raw_value = -1;
    atomic_init(&node->visits, visits);
    atomic_init(&node->value, llrint(value * TREE_VALUE_ONE));
    atomic_init(&node->square, llrint(square * TREE_VALUE_ONE));
    return node;
}

/* Two visits of value 0.5, and six before them of value -1: as if there had been eight. */
Test(prior_visits, mean_and_bound_are_those_of_as_many_visits)
{
    struct node *remembered = node_with(2, 1, 0.5), *searched = node_with(8, 1 - 6, 0.5 + 6);
    atomic_store(&remembered->prior_visits, 6);
    cr_assert_float_eq(node_value(remembered, 0), -0.625f, 1e-6);
    cr_assert_float_eq(node_value(remembered, 1), 0.625f, 1e-6);
    cr_assert_float_eq(node_value(searched, 0), -0.625f, 1e-6);
    cr_assert_float_eq(root_lcb(remembered, 0), root_lcb(searched, 0), 1e-5);
    cr_assert_float_eq(root_lcb(remembered, 1), root_lcb(searched, 1), 1e-5);
    atomic_store(&remembered->prior_visits, 0);
    cr_assert_float_eq(node_value(remembered, 0), 0.5f, 1e-6);
    g_free(remembered);
    g_free(searched);
}

struct remembered {
    struct game game;
    struct recollections all;
    struct evaluator *evaluators[4];
    struct mcts *search;
};

/* A search of gomoku:5,line=4 by playouts, with the position after C3 remembered: `value` for the player to move there. */
static void open_search(struct remembered *r, enum mcts_selection selection, int threads, float value, int visits)
{
    union any_position position;
    struct mcts_config config = plain(selection);
    *r = (struct remembered){.game = fake_game("gomoku:5,line=4")};
    config.threads = threads;
    fake_play(&r->game, &position.p, NULL, "C3");
    recollect(&r->all, &r->game, &position.p, NULL, GAME_NO_MOVE, value, visits);
    for (int i = 0; i < threads; i++)
        r->evaluators[i] = evaluator_memory_create(fake_create(&r->game, 1, 1), &r->all.source);
    r->search = fake_search(&r->game, &config, r->evaluators);
}

static void close_search(struct remembered *r)
{
    mcts_close(r->search);
    for (int i = 0; i < 4; i++)
        evaluator_free(r->evaluators[i]);
}

static struct mcts_move search_c3(enum mcts_selection selection, float value, int visits, int64_t playouts)
{
    struct remembered r;
    open_search(&r, selection, 1, value, visits);
    mcts_run(r.search, &(struct mcts_limits){.visits = playouts});
    const struct mcts_move found = fake_find(r.search, game_move_parse(&r.game, "C3"));
    cr_assert_null(mcts_check(r.search), "%s", mcts_check(r.search));
    close_search(&r);
    return found;
}

/* A move that lost is searched less, one that won more, and neither is excluded. */
Test(prior_visits, turn_the_search_to_or_from_a_move)
{
    for (int selection = MCTS_PUCT; selection <= MCTS_GUMBEL; selection++) {
        const struct mcts_move none = search_c3((enum mcts_selection)selection, 1, 0, 400);
        const struct mcts_move lost = search_c3((enum mcts_selection)selection, 1, 200, 400);
        const struct mcts_move won = search_c3((enum mcts_selection)selection, -1, 200, 400);
        cr_assert_lt(lost.value, none.value);
        cr_assert_gt(won.value, none.value);
        cr_assert_gt(won.visits, none.visits);
        cr_assert_leq(lost.visits, none.visits);
        cr_assert_gt(lost.visits, 0);
        cr_assert_eq(lost.proven, 0);
    }
}

/* The searches' own visits overrule what is remembered: a hundred times as many leave little of it. */
Test(prior_visits, are_overruled_by_the_search)
{
    struct remembered r;
    uint8_t only[GAME_MAX_MOVES] = {0};
    open_search(&r, MCTS_PUCT, 1, 1, 20);
    only[game_move_parse(&r.game, "C3")] = 1;
    mcts_allow(r.search, only);
    mcts_run(r.search, &(struct mcts_limits){.visits = 1});
    const float first = fake_find(r.search, game_move_parse(&r.game, "C3")).value;
    mcts_run(r.search, &(struct mcts_limits){.visits = 2000});
    const float last = fake_find(r.search, game_move_parse(&r.game, "C3")).value;
    cr_assert_lt(first, -0.9f);
    cr_assert_gt(last, first + 0.3f);
    close_search(&r);
}

Test(prior_visits, sums_hold_with_threads_and_after_recycling)
{
    struct remembered r;
    open_search(&r, MCTS_PUCT, 4, -1, 200);
    mcts_run(r.search, &(struct mcts_limits){.visits = 20000});
    cr_assert_null(mcts_check(r.search), "%s", mcts_check(r.search));
    tree_recycle(&r.search->tree);
    for (uint32_t at = tree_node(&r.search->tree, r.search->tree.root)->first_child; at;
         at = tree_node(&r.search->tree, at)->next) {
        const struct node *child = tree_node(&r.search->tree, at);
        cr_assert(node_state(child) == NODE_EXPANDED || node_prior_visits(child) == 0);
    }
    close_search(&r);
}
