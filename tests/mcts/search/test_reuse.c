/* Reuse of the tree from move to move, recycling of memory, repeatability. */
#include <criterion/criterion.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"
#include "tests/mcts/fake.h"
#include "tests/mcts/search/bench.h"

Test(search, reuse_keeps_visits)
{
    struct game game = fake_game("gomoku:5,line=4");
    struct mcts_config config = mcts_defaults(MCTS_PUCT);
    struct evaluator *evaluator = fake_create(&game, 3, 1);
    struct mcts *search = fake_search(&game, &config, &evaluator);
    union any_position position;
    struct history history;
    history_init(&history, 30);
    game_init(&game, &position.p);
    for (int ply = 0; ply < 8; ply++) {
        mcts_set_root(search, &position.p, &history);
        mcts_run(search, &(struct mcts_limits){.visits = 300});
        game_move move = mcts_choose(search, 0, NULL), line[3];
        struct mcts_move before = fake_find(search, move);
        int length = mcts_variation(search, move, line, NULL, 3);
        cr_assert(length >= 2 && line[0] == move && before.visits > 10);
        game_play(&game, &position.p, &history, move);
        if (ply % 2)
            mcts_advance(search, move);
        else
            mcts_set_root(search, &position.p, &history); /* found one ply below */
        cr_assert_null(mcts_check(search));
        mcts_run(search, &(struct mcts_limits){.visits = 1});
        struct mcts_root root;
        mcts_root(search, &root);
        cr_assert_eq(root.visits, before.visits + 1, "ply %d: %d visits, not %d", ply, (int)root.visits,
                     (int)before.visits + 1);
        uint64_t calls = fake_calls(evaluator);
        mcts_set_root(search, &position.p, &history); /* the same root: everything is kept */
        mcts_run(search, &(struct mcts_limits){.visits = 5});
        cr_assert(fake_calls(evaluator) <= calls + 5);
    }
    mcts_close(search);
    history_clear(&history);
    evaluator_free(evaluator);
}

/* A position two plies below is reused; one that only looks the same (other history or move order) is not. */
Test(search, reuse_only_of_the_same_position)
{
    struct game game = fake_game("gomoku:5,line=4");
    struct mcts_config config = mcts_defaults(MCTS_PUCT);
    struct evaluator *evaluator = fake_create(&game, 3, 1);
    struct mcts *search = fake_search(&game, &config, &evaluator);
    struct mcts_root root;
    union any_position position;
    struct history history;
    history_init(&history, 30);
    fake_play(&game, &position.p, &history, "C3");
    mcts_set_root(search, &position.p, &history);
    mcts_run(search, &(struct mcts_limits){.visits = 2000});
    game_move line[2];
    cr_assert_eq(mcts_variation(search, mcts_choose(search, 0, NULL), line, NULL, 2), 2);
    game_play(&game, &position.p, &history, line[0]);
    game_play(&game, &position.p, &history, line[1]);
    mcts_set_root(search, &position.p, &history);
    mcts_run(search, &(struct mcts_limits){.visits = 1});
    mcts_root(search, &root);
    cr_assert_gt(root.visits, 3, "the tree two plies below was lost");
    history_truncate(&history, 0);
    mcts_set_root(search, &position.p, &history); /* with superko another history may matter */
    mcts_run(search, &(struct mcts_limits){.visits = 1});
    mcts_root(search, &root);
    cr_assert_eq(root.visits, 2, "a tree of another history was kept");
    mcts_close(search);
    history_clear(&history);
    evaluator_free(evaluator);
}

/* Without a history the same root is reused; a position below it is not, as its history would be that of the search. */
Test(search, reuse_without_a_history)
{
    struct game game = fake_game("gomoku:5,line=4");
    struct mcts_config config = mcts_defaults(MCTS_PUCT);
    struct evaluator *evaluator = fake_create(&game, 3, 1);
    struct mcts *search = fake_search(&game, &config, &evaluator);
    struct mcts_root root;
    union any_position position;
    game_init(&game, &position.p);
    for (int run = 1; run <= 2; run++) {
        mcts_set_root(search, &position.p, NULL);
        mcts_run(search, &(struct mcts_limits){.visits = 300});
        mcts_root(search, &root);
        cr_assert_eq(root.visits, 300 * run + 1);
    }
    game_play(&game, &position.p, NULL, mcts_choose(search, 0, NULL));
    mcts_set_root(search, &position.p, NULL);
    mcts_run(search, &(struct mcts_limits){.visits = 300});
    mcts_root(search, &root);
    cr_assert_eq(root.visits, 301, "a tree with another history was kept");
    mcts_close(search);
    evaluator_free(evaluator);
}

static uint64_t play_and_hash(const struct game *game, enum mcts_selection selection, uint64_t seed)
{
    struct mcts_config config = mcts_defaults(selection);
    config.seed = seed;
    config.dirichlet_weight = 0.25f;
    struct evaluator *evaluator = evaluator_rollout_create(game, 1, 9);
    struct mcts *search = fake_search(game, &config, &evaluator);
    struct rng rng;
    rng_seed(&rng, 4);
    uint64_t hash = 0;
    for (int ply = 0; ply < 6; ply++) {
        mcts_run(search, &(struct mcts_limits){.visits = 150});
        hash = rng_mix(hash ^ fingerprint(search));
        mcts_advance(search, mcts_choose(search, 1, &rng));
    }
    mcts_close(search);
    evaluator_free(evaluator);
    return hash;
}

Test(search, same_seed_same_tree)
{
    const char *specs[] = {"go:7", "gomoku:9"};
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++)
        for (int selection = MCTS_PUCT; selection <= MCTS_GUMBEL; selection++) {
            struct game game = fake_game(specs[i]);
            uint64_t one = play_and_hash(&game, (enum mcts_selection)selection, 1);
            cr_assert_eq(one, play_and_hash(&game, (enum mcts_selection)selection, 1));
            cr_assert_neq(one, play_and_hash(&game, (enum mcts_selection)selection, 2),
                          "noise does not depend on the seed");
        }
}

/* With many more playouts than fit, the tree is recycled repeatedly, stays consistent and below its cap, and keeps the
 * best move. */
Test(search, memory_cap_recycles)
{
    struct game game = fake_game("gomoku:9");
    for (int selection = MCTS_PUCT; selection <= MCTS_GUMBEL; selection++) {
        struct mcts_config config = mcts_defaults((enum mcts_selection)selection);
        config.memory_bytes = (size_t)256 << 10; /* some 700 nodes */
        struct evaluator *evaluator = fake_create(&game, 3, 1);
        struct mcts *search = fake_search(&game, &config, &evaluator);
        struct mcts_root root;
        int64_t visits = 1;
        uint32_t shrunk = 0, last = 0;
        for (int run = 0; run < 40; run++) {
            mcts_run(search, &(struct mcts_limits){.visits = 200});
            visits += 200;
            const char *wrong = mcts_check(search);
            cr_assert_null(wrong, "after %d visits: %s", (int)visits, wrong);
            mcts_root(search, &root);
            cr_assert_eq(root.visits, visits, "visits were lost");
            cr_assert_lt(root.nodes, 2700);
            shrunk += root.nodes < last;
            last = root.nodes;
        }
        cr_assert_gt(shrunk, 3, "nothing was recycled");
        mcts_advance(search, mcts_choose(search, 0, NULL));
        cr_assert_null(mcts_check(search));
        mcts_run(search, &(struct mcts_limits){.visits = 200});
        cr_assert_null(mcts_check(search));
        mcts_close(search);
        evaluator_free(evaluator);
    }
}

/* The minimum memory that is accepted is sufficient for a search. */
Test(search, least_memory_works)
{
    const char *specs[] = {"gomoku:3,line=3", "gomoku:20", "go:19"};
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++) {
        struct game game = fake_game(specs[i]);
        struct mcts_config config = mcts_defaults(MCTS_PUCT);
        struct evaluator *evaluator = fake_create(&game, 3, 1);
        struct mcts *search;
        for (config.memory_bytes = 1024; mcts_create(&search, &game, &config, &evaluator, NULL);
             config.memory_bytes += 64)
            ;
        mcts_run(search, &(struct mcts_limits){.visits = 3000});
        struct mcts_root root;
        mcts_root(search, &root);
        cr_assert_eq(root.visits, 3001);
        const char *wrong = mcts_check(search);
        cr_assert_null(wrong, "%s: %s", specs[i], wrong);
        mcts_close(search);
        evaluator_free(evaluator);
    }
}
