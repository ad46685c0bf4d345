/* Search results are passed to all observing evaluators of the stack, but only if they describe the position. */
#include <criterion/criterion.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"
#include "tests/mcts/fake.h"
#include "tests/mcts/observer.h"

static void observes(enum mcts_selection selection)
{
    struct game game = fake_game("go:5");
    struct observer_log *above = g_new0(struct observer_log, 1), *below = g_new0(struct observer_log, 1);
    struct evaluator *inner = observer_create(fake_create(&game, 1, 2), below);
    struct evaluator *stack = observer_create(evaluator_cache_create(inner, 1 << 20), above);
    struct mcts_config config = mcts_defaults(selection);
    struct mcts *search = fake_search(&game, &config, &stack);
    union any_position position;
    struct history history;
    history_init(&history, 8);
    fake_play(&game, &position.p, &history, "C3 D3 B2");
    mcts_set_root(search, &position.p, &history);
    mcts_run(search, &(struct mcts_limits){.visits = 300});
    cr_assert_eq(below->count, 0, "only mcts_observe reports");
    mcts_observe(search);
    cr_assert(below->count == 1 && above->count == 1, "each observer of the stack once");
    cr_assert_arr_eq(&above->seen[0], &below->seen[0], sizeof above->seen[0]);

    const struct observed *seen = &below->seen[0];
    struct mcts_root root;
    float policy[GAME_MAX_MOVES];
    mcts_root(search, &root);
    mcts_policy(search, policy);
    cr_assert(seen->hash == position.p.hash && seen->ply == 3 && seen->history_count == 3);
    cr_assert(seen->visits == root.visits && seen->visits == 301);
    cr_assert(seen->score == root.score && seen->raw_score == root.raw_score && seen->proven == root.proven);
    cr_assert_arr_eq(seen->wdl, root.wdl, sizeof root.wdl);
    cr_assert_arr_eq(seen->raw_wdl, root.raw_wdl, sizeof root.raw_wdl);
    cr_assert_float_eq(seen->raw_wdl[0] - seen->raw_wdl[2], fake_value(1, position.p.hash), 1e-5,
                       "the evaluator's own, for the player to move");
    cr_assert_arr_eq(seen->policy, policy, sizeof *policy * game.moves);
    double sum = 0;
    for (int m = 0; m < game.moves; m++) {
        sum += seen->share[m];
        if (seen->share[m] > 0)
            cr_assert_float_eq(seen->share[m], fake_find(search, (game_move)m).visits / 300.0, 1e-6);
    }
    cr_assert_float_eq(sum, 1, 1e-5);
    mcts_close(search);
    evaluator_free(stack);
    history_clear(&history);
    g_free(above);
    g_free(below);
}

Test(observe, puct)
{
    observes(MCTS_PUCT);
}
Test(observe, gumbel)
{
    observes(MCTS_GUMBEL);
}

/* Black, player 0, has a win in one. */
Test(observe, proven)
{
    struct game game = fake_game("gomoku:5,line=3");
    struct observer_log *log = g_new0(struct observer_log, 1);
    struct evaluator *stack = observer_create(fake_create(&game, 1, 2), log);
    struct mcts_config config = mcts_defaults(MCTS_PUCT);
    struct mcts *search = fake_search(&game, &config, &stack);
    union any_position position;
    fake_play(&game, &position.p, NULL, "A1 A5 B1 B5");
    mcts_set_root(search, &position.p, NULL);
    mcts_run(search, &(struct mcts_limits){.visits = 50});
    mcts_observe(search);
    cr_assert(log->count == 1 && log->seen[0].proven == 1);
    cr_assert(log->seen[0].wdl[0] == 1 && log->seen[0].wdl[1] == 0 && log->seen[0].wdl[2] == 0);
    mcts_close(search);
    evaluator_free(stack);
    g_free(log);
}

/* Nothing is reported if the result does not describe the position. */
Test(observe, only_searches_of_the_position)
{
    struct game game = fake_game("go:5");
    struct observer_log *log = g_new0(struct observer_log, 1);
    struct evaluator *stack = observer_create(fake_create(&game, 1, 2), log);
    struct mcts_config config = mcts_defaults(MCTS_PUCT);
    struct mcts *search = fake_search(&game, &config, &stack);
    uint8_t allowed[GAME_MAX_MOVES] = {[3] = 1, [4] = 1};
    union any_position over;
    mcts_observe(search);
    cr_assert_eq(log->count, 0, "nothing was searched");
    mcts_allow(search, allowed);
    mcts_run(search, &(struct mcts_limits){.visits = 20});
    mcts_observe(search);
    cr_assert_eq(log->count, 0, "moves were excluded");
    mcts_allow(search, NULL);
    mcts_run(search, &(struct mcts_limits){.visits = 20});
    mcts_observe(search);
    cr_assert_eq(log->count, 1);
    mcts_forget(search);
    mcts_observe(search);
    cr_assert_eq(log->count, 1, "the tree was discarded");
    const atomic_bool stopped = true;
    mcts_run(search, &(struct mcts_limits){.visits = 20, .stop = &stopped});
    mcts_observe(search);
    cr_assert_eq(log->count, 1, "stopped before the first playout");
    fake_play(&game, &over.p, NULL, "pass pass");
    mcts_set_root(search, &over.p, NULL);
    mcts_run(search, &(struct mcts_limits){.visits = 20});
    mcts_observe(search);
    cr_assert_eq(log->count, 1, "the game is over");
    mcts_close(search);
    evaluator_free(stack);
    g_free(log);
}

/* Only the first thread's stack is notified, not the clones: one observation per search. */
Test(observe, once_with_several_threads)
{
    struct game game = fake_game("go:5");
    struct observer_log *log = g_new0(struct observer_log, 1);
    struct evaluator *stacks[2] = {evaluator_cache_create(observer_create(fake_create(&game, 1, 2), log), 1 << 20)};
    stacks[1] = evaluator_clone(stacks[0]);
    struct mcts_config config = mcts_defaults(MCTS_PUCT);
    config.threads = 2;
    struct mcts *search = fake_search(&game, &config, stacks);
    mcts_run(search, &(struct mcts_limits){.visits = 200});
    mcts_observe(search);
    cr_assert(log->count == 1 && log->seen[0].visits == 201);
    mcts_close(search);
    evaluator_free(stacks[1]);
    evaluator_free(stacks[0]);
    g_free(log);
}
