/* Corrected and weighted values: which positions learn from each other, and what is kept when the root moves and memory is recycled. The
 * comparison with the naive search is in test_search.c. */
#include <criterion/criterion.h>
#include <math.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"
#include "mcts/search/bias.h"
#include "mcts/search/search_state.h"
#include "mcts/search/tree.h"
#include "tests/mcts/fake.h"
#include "tests/mcts/search/bench.h"

/* ---- keys ---- */

static uint64_t key_after(const char *spec, const char *moves)
{
    struct game game = fake_game(spec);
    union any_position position;
    struct history history;
    history_init(&history, game.max_plies + 1);
    fake_play(&game, &position.p, &history, moves);
    history_clear(&history);
    return bias_key(&game, &position.p);
}

/* E5 is the centre of 9x9; the last two moves are E6 and E5. */
Test(bias, keys_are_of_the_local_play)
{
    const uint64_t key = key_after("go:9", "A1 A9 E6 E5");
    cr_assert(key != 0 && key_after("go:9", "") == 0);
    cr_assert_eq(key_after("go:9", "J1 J9 E6 E5"), key, "stones elsewhere");
    cr_assert_eq(key_after("go:9", "A1 A9 B1 B9 E6 E5"), key, "more stones elsewhere");
    cr_assert_neq(key_after("go:9", "C3 A9 E6 E5"), key, "a stone two points away");
    cr_assert_neq(key_after("go:9", "A1 G7 E6 E5"), key, "a stone of the other side two points away");
    cr_assert_eq(key_after("go:9", "A1 H8 E6 E5"), key, "a stone three points away");
    cr_assert_neq(key_after("go:9", "A9 E6 E5"), key, "the other player has moved");
    cr_assert_neq(key_after("go:9", "A1 A9 E5 E6"), key, "another last move");
    cr_assert_neq(key_after("go:9", "E6 A9 A1 E5"), key, "another move before it");
}

Test(bias, keys_tell_the_edge_and_the_ko)
{
    cr_assert_neq(key_after("go:9", "pass B5"), key_after("go:9", "pass C5"));
    cr_assert_neq(key_after("go:9", "E5 pass"), key_after("go:9", "pass E5"));
    /* After a pass only the moves count. */
    cr_assert_eq(key_after("go:9", "A1 E5 pass"), key_after("go:9", "J9 E5 pass"));
    /* White takes a ko at D4, or the same stones stand there after a capture that was none. */
    const char *const ko = "D5 E5 C4 F4 D3 E3 E4 D4", *const none = "D5 E5 C4 F4 D3 E3 A9 D4";
    cr_assert_neq(key_after("go:9", ko), key_after("go:9", none));
}

/* ---- a correction by hand ---- */

/* The evaluator finds every position worth 0.4 for the player to move. */
static void hopeful_evaluate(struct evaluator *self, int n, const struct eval_query *queries, struct eval *evals)
{
    for (int i = 0; i < n; i++) {
        memset(evals[i].logits, 0, sizeof *evals[i].logits * self->game->moves);
        evals[i].wdl[0] = 0.7f;
        evals[i].wdl[1] = 0;
        evals[i].wdl[2] = 0.3f;
        evals[i].score = 0;
        evals[i].filled = queries[i].want;
    }
}
static uint64_t no_generation(const struct evaluator *self)
{
    return self == NULL;
}

struct hopeful {
    struct evaluator_ops ops;
    struct game_ops game_ops;
    struct game game;
    struct evaluator evaluator, *evaluators[1];
};

/* A search of the position below. */
static struct mcts *open_hopeful(struct hopeful *hopeful, float value_bias, float uncertainty)
{
    struct mcts_config config = plain(MCTS_PUCT);
    union any_position position;
    hopeful->ops = (struct evaluator_ops){.name = "hopeful", .evaluate = hopeful_evaluate, .generation = no_generation};
    hopeful->game = fake_unpruned("gomoku:3,line=3", &hopeful->game_ops);
    hopeful->evaluator = (struct evaluator){.ops = &hopeful->ops, .game = &hopeful->game};
    hopeful->evaluators[0] = &hopeful->evaluator;
    config.value_bias = value_bias;
    config.uncertainty = uncertainty;
    struct mcts *search = fake_search(&hopeful->game, &config, hopeful->evaluators);
    fake_play(&hopeful->game, &position.p, NULL, "A3 B3 C3 B2 A2 C2 B1");
    cr_assert(game_over(&position.p) == false && position.p.player == 1);
    mcts_set_root(search, &position.p, NULL);
    return search;
}

/* X O X   O to move, who thinks that it has 0.4. First visit: A1, where X thinks that it has 0.4; nothing is known, so -0.4
 * X O O   for O. Second visit: C1, as A1. Third: A1 again, then X C1: a draw, 0. X's error at A1 is 0.4 - 0 with weight 1,
 * . X .   so with value_bias 0.5 its own value becomes 0.4 - 0.2: the node is worth (0.2 + 0) / 2 for X. */
Test(bias, correction_by_hand)
{
    struct hopeful hopeful;
    struct mcts *search = open_hopeful(&hopeful, 0.5f, 0);
    const struct game game = hopeful.game;
    const game_move first = game_move_parse(&game, "A1"), second = game_move_parse(&game, "C1");
    mcts_run(search, &(struct mcts_limits){.visits = 2});
    cr_assert_float_eq(fake_find(search, first).value, -0.4, 1e-6);
    cr_assert_float_eq(fake_find(search, second).value, -0.4, 1e-6);
    /* The root, too: its 0.4 turned out to be -0.4 twice; 0.4 - 0.5 * 0.8 = 0. */
    struct mcts_root root;
    mcts_root(search, &root);
    cr_assert_float_eq(root.value, (0 - 0.4 - 0.4) / 3, 1e-6);
    mcts_run(search, &(struct mcts_limits){.visits = 1});
    cr_assert_eq(fake_find(search, first).visits, 2);
    cr_assert_float_eq(fake_find(search, first).value, -(0.2 + 0) / 2, 1e-6);
    /* The root's error: 0.4 - (-0.2 - 0.4) / 3 = 0.6; its own value: 0.4 - 0.3. */
    mcts_root(search, &root);
    cr_assert_float_eq(root.value, (0.1 - 0.2 - 0.4) / 4, 1e-6);
    cr_assert_null(mcts_check(search));
    mcts_close(search);
}

/* The same without corrections, and with weights: from one player's 0.4 to the other's the value changes by 0.8, so that the
 * error of A1 and C1 is put at 0.09 + 0.45 * 0.8 and the weight is 0.155 / 0.45; that of the draw is 0.155 / 0.09, and that
 * of the root, which nothing comes before, is 1. */
Test(bias, weights_by_hand)
{
    for (int exponent = 0; exponent <= 2; exponent++) {
        struct hopeful hopeful;
        struct mcts *search = open_hopeful(&hopeful, 0, (float)exponent);
        const game_move first = game_move_parse(&hopeful.game, "A1");
        const double unsure = pow(0.155 / 0.45, exponent), sure = pow(0.155 / 0.09, exponent);
        struct mcts_root root;
        mcts_run(search, &(struct mcts_limits){.visits = 1});
        mcts_root(search, &root);
        cr_assert_float_eq(root.value, (0.4 - 0.4 * unsure) / (1 + unsure), 1e-6);
        mcts_run(search, &(struct mcts_limits){.visits = 2});
        cr_assert_eq(fake_find(search, first).visits, 2);
        cr_assert_float_eq(fake_find(search, first).value, -0.4 * unsure / (unsure + sure), 1e-6);
        cr_assert_float_eq(fake_find(search, first).draw, sure / (unsure + sure), 1e-6);
        mcts_root(search, &root);
        cr_assert_float_eq(root.value, (0.4 - 0.8 * unsure) / (1 + 2 * unsure + sure), 1e-6);
        cr_assert_null(mcts_check(search));
        mcts_close(search);
    }
}

/* ---- what is kept ---- */

static struct mcts_config with_bias(enum mcts_selection selection)
{
    struct mcts_config config = mcts_defaults(selection);
    config.value_bias = 0.5f;
    config.memory_bytes = (size_t)8 << 20;
    return config;
}

static uint64_t play(struct evaluator *evaluator, const struct game *game, const struct mcts_config *config, int plies)
{
    struct mcts *search = fake_search(game, config, &evaluator);
    uint64_t hash = 0;
    for (int ply = 0; ply < plies; ply++) {
        mcts_run(search, &(struct mcts_limits){.visits = 400});
        if (mcts_choose(search, 0, NULL) == GAME_NO_MOVE) /* two passes */
            break;
        const char *wrong = mcts_check(search);
        cr_assert_null(wrong, "ply %d: %s", ply, wrong);
        hash = rng_mix(hash ^ fingerprint(search));
        mcts_advance(search, mcts_choose(search, 0, NULL));
        wrong = mcts_check(search);
        cr_assert_null(wrong, "after ply %d: %s", ply, wrong);
    }
    mcts_close(search);
    return hash;
}

/* The same game each time; another without corrections. */
Test(bias, repeatable)
{
    struct game game = fake_game("go:5");
    struct evaluator *evaluator = fake_create(&game, 3, 1);
    for (int selection = MCTS_PUCT; selection <= MCTS_GUMBEL; selection++) {
        struct mcts_config config = with_bias((enum mcts_selection)selection);
        const uint64_t once = play(evaluator, &game, &config, 8);
        cr_assert_eq(play(evaluator, &game, &config, 8), once);
        config.value_bias = 0;
        cr_assert_neq(play(evaluator, &game, &config, 8), once);
    }
    evaluator_free(evaluator);
}

/* With the least memory the tree is recycled all the time, and the table has a single set of four buckets. */
Test(bias, tables_and_trees_that_are_too_small)
{
    struct game game = fake_game("go:5");
    struct evaluator *evaluator = fake_create(&game, 3, 1);
    struct mcts_config config = with_bias(MCTS_PUCT);
    for (size_t bytes = (size_t)32 << 10; bytes <= (size_t)512 << 10; bytes *= 4) {
        config.memory_bytes = bytes;
        cr_assert(bias_bytes(&config) >= 96 && bias_bytes(&config) <= bytes / 32);
        play(evaluator, &game, &config, 8);
    }
    evaluator_free(evaluator);
}

static int64_t sum_of_weights(const struct mcts *search)
{
    int64_t sum = 0;
    for (uint32_t at = tree_next_node(&search->tree, 0); at; at = tree_next_node(&search->tree, at))
        sum += tree_node_extra(tree_node(&search->tree, at))->bias_weight;
    return sum;
}

/* The move keeps what its subtree has learned; forgetting the tree forgets it. */
Test(bias, is_forgotten_with_the_tree)
{
    struct game game = fake_game("go:5");
    struct evaluator *evaluator = fake_create(&game, 3, 1);
    struct mcts_config config = with_bias(MCTS_PUCT);
    struct mcts *search = fake_search(&game, &config, &evaluator), *fresh = fake_search(&game, &config, &evaluator);
    mcts_run(fresh, &(struct mcts_limits){.visits = 100});
    mcts_run(search, &(struct mcts_limits){.visits = 100});
    const int64_t all = sum_of_weights(search);
    mcts_advance(search, mcts_choose(search, 0, NULL));
    cr_assert(sum_of_weights(search) > 0 && sum_of_weights(search) < all);
    union any_position start;
    game_init(&game, &start.p);
    mcts_forget(search);
    mcts_set_root(search, &start.p, NULL);
    mcts_run(search, &(struct mcts_limits){.visits = 100});
    cr_assert_eq(fingerprint(search), fingerprint(fresh));
    mcts_close(search);
    mcts_close(fresh);
    evaluator_free(evaluator);
}
