/* Exact visit counts by hand, and the comparison with the naive search, visit for visit. */
#include <criterion/criterion.h>
#include <math.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"
#include "tests/mcts/fake.h"
#include "tests/mcts/search/bench.h"
#include "tests/mcts/search/naive.h"

/* Tic-tac-toe from the start: no game ends before the fifth ply, so with fewer visits than it takes to get there every
 * value is 0 and PUCT is c p sqrt(N) / (1 + n): the least visited move, ties by number. 20 visits: 3 for moves 0 and 1,
 * 2 for the others. Below a move with 3 visits its own evaluation and two replies. */
Test(search, uniform_start_is_round_robin)
{
    struct game game = fake_game("gomoku:3,line=3");
    struct mcts_config config = plain(MCTS_PUCT);
    struct evaluator *evaluator = evaluator_uniform_create(&game);
    struct mcts *search = fake_search(&game, &config, &evaluator);
    mcts_run(search, &(struct mcts_limits){.visits = 20});
    struct mcts_root root;
    float policy[GAME_MAX_MOVES];
    mcts_root(search, &root);
    cr_assert(mcts_policy(search, policy));
    cr_assert(root.visits == 21 && root.new_visits == 20 && root.nodes == 21 && root.moves == 9 && root.depth == 2);
    cr_assert(root.value == 0 && root.wdl[0] == 0.5f);
    for (int m = 0; m < 9; m++) {
        struct mcts_move move = fake_find(search, (game_move)m);
        cr_assert_eq(move.visits, m < 2 ? 3 : 2);
        cr_assert_float_eq(move.prior, 1 / 9.0, 1e-6);
        cr_assert_float_eq(move.improved, (m < 2 ? 3 : 2) / 20.0, 1e-6);
        cr_assert_eq(policy[m], move.improved);
    }
    mcts_advance(search, 1);                              /* three visits: itself, and replies 0 and 2 */
    mcts_run(search, &(struct mcts_limits){.visits = 1}); /* reply 3 is next */
    for (int m = 0; m < 9; m++)
        if (m != 1)
            cr_assert_eq(fake_find(search, (game_move)m).visits, m == 0 || m == 2 || m == 3 ? 1 : 0, "reply %d", m);
    mcts_close(search);
    evaluator_free(evaluator);
}

/* X X .   X to move; move 2 (C3) wins at once. Five moves, p = 1/5, c = 1, no first-play reduction: an untried move is
 * O O .   worth the root's mean v plus sqrt(N) / 5, move 2 with n visits 1 + sqrt(N) / 5 / (1 + n); N counts the root's
 * own. . . .   N = 1: all alike, so the first, move 2; it wins: v = (0 + 1) / 2. N = 2, n = 1: 1 + 0.2828 / 2 = 1.141
 * against 1/2 + 0.2828 = 0.783: move 2. N = 3, n = 2: 1 + 0.3464 / 3 = 1.115 against 2/3 + 0.3464 = 1.013: move 2. N =
 * 4, n = 3: 1 + 0.4 / 4 = 1.1 against 3/4 + 0.4 = 1.15: an untried one, the first of them, move 5. */
Test(search, uniform_win_in_one_by_hand)
{
    struct game_ops ops;
    struct game game = fake_unpruned("gomoku:3,line=3", &ops); /* Gomoku's forced moves would find it without search */
    struct mcts_config config = plain(MCTS_PUCT);
    config.cpuct = 1;
    struct evaluator *evaluator = evaluator_uniform_create(&game);
    struct mcts *search = fake_search(&game, &config, &evaluator);
    union any_position position;
    fake_play(&game, &position.p, NULL, "A3 A2 B3 B2");
    mcts_set_root(search, &position.p, NULL);
    for (int n = 1; n <= 4; n++) {
        mcts_run(search, &(struct mcts_limits){.visits = 1});
        cr_assert_eq(fake_find(search, 2).visits, n < 4 ? n : 3, "after %d", n);
        cr_assert_eq(fake_find(search, 5).visits, n < 4 ? 0 : 1, "after %d", n);
    }
    cr_assert_eq(mcts_choose(search, 0, NULL), 2);
    cr_assert_eq(fake_find(search, 2).value, 1);
    mcts_close(search);
    evaluator_free(evaluator);
}

/* ---- against the naive search ---- */

static struct mcts_config comparable(enum mcts_selection selection)
{
    struct mcts_config config = mcts_defaults(selection);
    config.gumbel_noise = config.prove = false;
    config.gumbel_considered = 1 << 20; /* the naive root tries its edges in turn */
    config.memory_bytes = (size_t)32 << 20;
    return config;
}

static void compare(const char *spec, const char *moves, const struct mcts_config *config, struct evaluator *evaluator,
                    const struct game *game, int visits)
{
    const enum mcts_selection selection = config->selection;
    union any_position position;
    fake_play(game, &position.p, NULL, moves);
    struct mcts *search = fake_search(game, config, &evaluator);
    struct naive naive;
    mcts_set_root(search, &position.p, NULL);
    naive_start(&naive, game, config, evaluator, &position.p);
    if (selection == MCTS_GUMBEL)
        visits = naive.root->edges; /* one phase: one playout for each move; repeated below */
    for (int run = 0; run < (selection == MCTS_GUMBEL ? 40 : 1); run++) {
        mcts_run(search, &(struct mcts_limits){.visits = visits});
        for (int i = 0; i < visits; i++)
            naive_playout(&naive, selection == MCTS_GUMBEL ? i % naive.root->edges : -1);
    }
    cr_assert_null(mcts_check(search));
    for (int i = 0; i < naive.root->edges; i++) {
        struct mcts_move move = fake_find(search, naive.root->move[i]);
        const struct naive_node *child = naive.root->child[i];
        cr_assert_eq(move.visits, child ? child->visits : 0, "%s \"%s\" move %d: %d visits, naively %d", spec, moves,
                     naive.root->move[i], (int)move.visits, child ? child->visits : 0);
        if (!child)
            continue;
        double sign = child->position.p.player == position.p.player ? 1 : -1, n = child->visits, w = child->sum.weight;
        double value = sign * child->sum.value / w, draw = child->sum.draw / w, score = sign * child->sum.score / w;
        double spread = sqrt(fmax(0, (child->sum.square * n / w + 1) / (n + 1) - value * value * n / (n + 1)) / n);
        cr_assert_float_eq(move.value, value, 1e-5, "%s move %d: value %g, naively %g", spec, naive.root->move[i],
                           (double)move.value, value);
        cr_assert_float_eq(move.draw, draw, 1e-5);
        cr_assert_float_eq(move.score, score, 1e-3 * fmax(1, n / w), "%s move %d: score %g, naively %g", spec,
                           naive.root->move[i], (double)move.score, score);
        cr_assert_float_eq(move.lcb, value - 5 * spread, 1e-4);
    }
    struct mcts_root root;
    mcts_root(search, &root);
    cr_assert_float_eq(root.value, naive.root->sum.value / naive.root->sum.weight, 1e-5);
    cr_assert_float_eq(root.wdl[1], naive.root->sum.draw / naive.root->sum.weight, 1e-5);
    cr_assert_float_eq(root.score, naive.root->sum.score / naive.root->sum.weight, 1e-3);
    naive_end(&naive);
    mcts_close(search);
}

static void compare_all(const char *spec, const char *moves, const struct mcts_config *config, int visits)
{
    struct game_ops ops;
    struct game pruned = fake_game(spec), game = fake_unpruned(spec, &ops);
    struct evaluator *evaluator = fake_create(&pruned, 9, 2);
    compare(spec, moves, config, evaluator, &pruned, visits);
    evaluator_free(evaluator);
    for (uint64_t seed = 1; seed <= 5; seed++) {
        evaluator = fake_create(&game, seed, 2);
        compare(spec, moves, config, evaluator, &game, visits);
        evaluator_free(evaluator);
    }
    struct evaluator *uniform = evaluator_uniform_create(&game);
    compare(spec, moves, config, uniform, &game, visits);
    evaluator_free(uniform);
}

static void compare_both(const char *spec, const char *moves, enum mcts_selection selection, int visits)
{
    const struct mcts_config config = comparable(selection);
    compare_all(spec, moves, &config, visits);
}

Test(search, puct_equals_naive)
{
    compare_both("go:3,ko=simple,cap=12", "B2", MCTS_PUCT, 900);
    compare_both("gomoku:3,line=3", "", MCTS_PUCT, 900);
    compare_both("gomoku:3,line=3", "A3 A2 B3 B2", MCTS_PUCT, 300);
    compare_both("gomoku:3,line=3", "B2 A3 C3", MCTS_PUCT, 600);
    compare_both("gomoku:4,line=3", "", MCTS_PUCT, 900);
}

Test(search, gumbel_equals_naive)
{
    compare_both("gomoku:3,line=3", "", MCTS_GUMBEL, 0);
    compare_both("gomoku:3,line=3", "B2 A3 C3", MCTS_GUMBEL, 0);
    compare_both("gomoku:4,line=3", "", MCTS_GUMBEL, 0);
}

/* In swap2 player 0 moves three times in a row, and colours change: values change sign only where the player
 * changes. */
Test(search, same_player_twice_equals_naive)
{
    compare_both("gomoku:5,line=4,opening=swap2", "", MCTS_PUCT, 900);
    compare_both("gomoku:5,line=4,opening=swap2", "A1 B2 C3", MCTS_PUCT, 900);
    compare_both("gomoku:5,line=4,opening=swap2", "A1 B2 C3 place-two A5", MCTS_PUCT, 900);
    compare_both("gomoku:5,line=4,opening=swap2", "A1 B2 C3", MCTS_GUMBEL, 0);
}

Test(search, exploration_by_spread_equals_naive)
{
    static const float stdevs[] = {0.5f, 1};
    for (size_t i = 0; i < G_N_ELEMENTS(stdevs); i++) {
        struct mcts_config config = comparable(MCTS_PUCT);
        config.cpuct_stdev = stdevs[i];
        compare_all("go:3,ko=simple,cap=12", "B2", &config, 900);
        compare_all("gomoku:3,line=3", "", &config, 900);
        compare_all("gomoku:4,line=3", "", &config, 900);
    }
}

Test(search, corrected_values_equal_naive)
{
    for (int selection = MCTS_PUCT; selection <= MCTS_GUMBEL; selection++) {
        struct mcts_config config = comparable((enum mcts_selection)selection);
        config.value_bias = 0.8f;
        compare_all("gomoku:3,line=3", "B2 A3 C3", &config, 600);
        compare_all("gomoku:4,line=3", "", &config, 900);
        compare_all("gomoku:5,line=4,opening=swap2", "A1 B2 C3", &config, 600);
        if (selection == MCTS_PUCT)
            compare_all("go:3,ko=simple,cap=12", "B2", &config, 900);
    }
}

/* Alone, and with all that depends on the mean values. */
Test(search, weighted_values_equal_naive)
{
    static const float uncertainties[] = {1, 2};
    for (size_t i = 0; i < G_N_ELEMENTS(uncertainties); i++) {
        for (int selection = MCTS_PUCT; selection <= MCTS_GUMBEL; selection++) {
            struct mcts_config config = comparable((enum mcts_selection)selection);
            config.uncertainty = uncertainties[i];
            compare_all("gomoku:3,line=3", "B2 A3 C3", &config, 600);
            compare_all("gomoku:4,line=3", "", &config, 900);
            compare_all("gomoku:5,line=4,opening=swap2", "A1 B2 C3", &config, 600);
        }
        struct mcts_config config = comparable(MCTS_PUCT);
        config.uncertainty = uncertainties[i];
        config.value_bias = config.cpuct_stdev = 0.8f;
        compare_all("gomoku:4,line=3", "", &config, 900);
        compare_all("go:3,ko=simple,cap=12", "B2", &config, 900);
    }
}
