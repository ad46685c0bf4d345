/* Exact visit counts, comparison with the naive search, forced wins, tree reuse, memory, repeatability. */
#include <criterion/criterion.h>
#include <math.h>

#include "games/go/go.h"
#include "games/gomoku/gomoku.h"
#include "mcts/search/tree.h"
#include "tests/mcts/fake.h"
#include "tests/mcts/search/naive.h"

/* Without noise, growth of cpuct, first-play reduction or proofs. */
static struct mcts_config plain(enum mcts_selection selection)
{
    struct mcts_config config = mcts_defaults(selection);
    config.cpuct_log = config.fpu_reduction = config.root_fpu_reduction = 0;
    config.gumbel_noise = config.prove = false;
    config.memory_bytes = (size_t)32 << 20;
    return config;
}

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

static void compare(const char *spec, const char *moves, enum mcts_selection selection, struct evaluator *evaluator,
                    const struct game *game, int visits)
{
    struct mcts_config config = mcts_defaults(selection);
    config.gumbel_noise = config.prove = false;
    config.gumbel_considered = 1 << 20; /* the naive root tries its edges in turn */
    config.memory_bytes = (size_t)32 << 20;
    union any_position position;
    fake_play(game, &position.p, NULL, moves);
    struct mcts *search = fake_search(game, &config, &evaluator);
    struct naive naive;
    mcts_set_root(search, &position.p, NULL);
    naive_start(&naive, game, &config, evaluator, &position.p);
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
        double sign = child->position.p.player == position.p.player ? 1 : -1, n = child->visits;
        double value = sign * child->sum.value / n, draw = child->sum.draw / n, score = sign * child->sum.score / n;
        double spread = sqrt(fmax(0, (child->sum.square + 1) / (n + 1) - value * value * n / (n + 1)) / n);
        cr_assert_float_eq(move.value, value, 1e-5, "%s move %d: value %g, naively %g", spec, naive.root->move[i],
                           (double)move.value, value);
        cr_assert_float_eq(move.draw, draw, 1e-5);
        cr_assert_float_eq(move.score, score, 1e-3, "%s move %d: score %g, naively %g", spec, naive.root->move[i],
                           (double)move.score, score);
        cr_assert_float_eq(move.lcb, value - 5 * spread, 1e-4);
    }
    struct mcts_root root;
    mcts_root(search, &root);
    cr_assert_float_eq(root.value, naive.root->sum.value / naive.root->visits, 1e-5);
    cr_assert_float_eq(root.wdl[1], naive.root->sum.draw / naive.root->visits, 1e-5);
    cr_assert_float_eq(root.score, naive.root->sum.score / naive.root->visits, 1e-3);
    naive_end(&naive);
    mcts_close(search);
}

static void compare_both(const char *spec, const char *moves, enum mcts_selection selection, int visits)
{
    struct game_ops ops;
    struct game pruned = fake_game(spec), game = fake_unpruned(spec, &ops);
    struct evaluator *evaluator = fake_create(&pruned, 9, 2);
    compare(spec, moves, selection, evaluator, &pruned, visits);
    evaluator_free(evaluator);
    for (uint64_t seed = 1; seed <= 5; seed++) {
        evaluator = fake_create(&game, seed, 2);
        compare(spec, moves, selection, evaluator, &game, visits);
        evaluator_free(evaluator);
    }
    struct evaluator *uniform = evaluator_uniform_create(&game);
    compare(spec, moves, selection, uniform, &game, visits);
    evaluator_free(uniform);
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

/* ---- moves that it must find ---- */

static game_move best_move(const struct game *game, const struct position *position, const struct mcts_config *config,
                           int visits, float *value)
{
    struct evaluator *evaluator = evaluator_rollout_create(game, 16, 11);
    struct mcts *search = fake_search(game, config, &evaluator);
    mcts_set_root(search, position, NULL);
    mcts_run(search, &(struct mcts_limits){.visits = visits});
    cr_assert_null(mcts_check(search));
    game_move move = mcts_choose(search, 0, NULL);
    if (value)
        *value = fake_find(search, move).value;
    mcts_close(search);
    evaluator_free(evaluator);
    return move;
}

static void expect_move(const char *spec, const char *drawing, int visits, const char *wanted)
{
    struct game_ops ops;
    struct game game = fake_unpruned(spec, &ops); /* the search alone must find it */
    union any_position position;
    GError *error = NULL;
    bool ok = game_set_up_drawing(&game, &position.p, drawing, GAME_BLACK, &error);
    cr_assert(ok, "%s", error ? error->message : "");
    for (int selection = MCTS_PUCT; selection <= MCTS_GUMBEL; selection++) {
        struct mcts_config config = mcts_defaults((enum mcts_selection)selection);
        config.gumbel_noise = false;
        config.gumbel_considered = 400;
        config.gumbel_c_scale = 0.1f; /* the mean of a few playouts is less reliable than a network's value */
        char text[GAME_MOVE_TEXT_MAX];
        game_move_format(&game, best_move(&game, &position.p, &config, visits, NULL), text);
        char **any = g_strsplit(wanted, " ", -1);
        cr_assert(g_strv_contains((const gchar *const *)any, text), "%s, selection %d: %s, not one of %s", spec,
                  selection, text, wanted);
        g_strfreev(any);
    }
}

Test(search, tic_tac_toe_win_and_defence)
{
    expect_move("gomoku:3,line=3", "XX. OO. ...", 200, "C3"); /* wins at once, instead of blocking C2 */
    expect_move("gomoku:3,line=3", "X.. OO. ..X", 400, "C2"); /* else O wins there */
    expect_move("gomoku:3,line=3", "X.. .O. .OX", 600, "B3"); /* the only move that does not lose */
}

Test(search, gomoku_fives_and_fours)
{
    expect_move("gomoku:9", /* an open four: either end wins */
                "......... ......... ......... ..XXXX... ..OOO.... ...O..... ......... ......... .........", 800,
                "B6 G6");
    expect_move("gomoku:9", /* white threatens five at one point */
                "......... ......... ...X..... .XOOOO... ....X.... ....X.... ......... ......... .........", 2500,
                "G6");
    expect_move("gomoku:7,line=4", /* an open two becomes an open three, which cannot be blocked */
                "....... ....... ....... ..XX... ..O.... ....O.. .......", 6000, "B4 E4");
}

/* ---- proofs ---- */

/* X X .   Any other move of X loses: O plays C2. C3 wins at once, so the root is won, with whatever visits it had; and
 * the O O .   five moves after which O wins are lost once O's reply was seen. . . .   */
Test(search, proofs_go_up)
{
    struct game_ops ops;
    struct game game = fake_unpruned("gomoku:3,line=3", &ops);
    for (int selection = MCTS_PUCT; selection <= MCTS_GUMBEL; selection++) {
        struct mcts_config config = mcts_defaults((enum mcts_selection)selection);
        struct evaluator *evaluator = evaluator_uniform_create(&game);
        struct mcts *search = fake_search(&game, &config, &evaluator);
        union any_position position;
        struct mcts_root root;
        fake_play(&game, &position.p, NULL, "A3 A2 B3 B2");
        mcts_set_root(search, &position.p, NULL);
        mcts_run(search, &(struct mcts_limits){.visits = 60});
        mcts_root(search, &root);
        cr_assert(root.proven == 1 && root.value == 1 && root.wdl[0] == 1 && root.wdl[1] == 0);
        cr_assert(fake_find(search, 2).proven == 1 && fake_find(search, 2).lcb == 1);
        cr_assert_eq(mcts_choose(search, 0, NULL), 2);
        cr_assert_null(mcts_check(search));
        mcts_close(search);
        evaluator_free(evaluator);
    }
}

/* The game-theoretic value of tic-tac-toe, by exhaustive search; proofs must agree, whatever the evaluator returns. */
static int minimax(const struct game *game, const struct position *position)
{
    if (game_over(position)) {
        struct game_result result = game_result(game, position);
        return game_result_sign(&result, position->player);
    }
    game_move moves[GAME_MAX_MOVES];
    int count = game->ops->legal_moves(game, position, NULL, moves), best = -1;
    for (int i = 0; i < count && best < 1; i++) {
        union any_position next;
        game_copy(game, &next.p, position);
        game_play(game, &next.p, NULL, moves[i]);
        int value = -minimax(game, &next.p);
        best = value > best ? value : best;
    }
    return best;
}

static void proofs_equal_minimax(const char *moves, int visits)
{
    struct game_ops ops;
    struct game game = fake_unpruned("gomoku:3,line=3", &ops);
    struct mcts_config config = mcts_defaults(MCTS_PUCT);
    struct evaluator *evaluator = fake_create(&game, 3, 1); /* confidently wrong */
    struct mcts *search = fake_search(&game, &config, &evaluator);
    union any_position position;
    struct mcts_root root;
    fake_play(&game, &position.p, NULL, moves);
    mcts_set_root(search, &position.p, NULL);
    mcts_run(search, &(struct mcts_limits){.visits = visits});
    const char *wrong = mcts_check(search);
    cr_assert_null(wrong, "%s", wrong);
    mcts_root(search, &root);
    cr_assert_eq(root.proven, minimax(&game, &position.p), "after \"%s\"", moves);
    struct mcts_move found[9];
    int count = mcts_moves(search, found, 9);
    for (int i = 0; i < count; i++) {
        union any_position next;
        game_copy(&game, &next.p, &position.p);
        game_play(&game, &next.p, NULL, found[i].move);
        int exact = -minimax(&game, &next.p);
        cr_assert(found[i].proven == 0 || found[i].proven == exact, "after \"%s\" move %d: proven %d, but %d", moves,
                  found[i].move, found[i].proven, exact);
    }
    game_move choice = mcts_choose(search, 0, NULL);
    game_play(&game, &position.p, NULL, choice);
    cr_assert_eq(-minimax(&game, &position.p), root.proven, "the move chosen does not keep it");
    mcts_close(search);
    evaluator_free(evaluator);
}

Test(search, proofs_equal_minimax)
{
    proofs_equal_minimax("", 20000);
    proofs_equal_minimax("A3 B3", 4000);    /* won for the first player */
    proofs_equal_minimax("A3 B3 B2", 4000); /* lost for the second */
    proofs_equal_minimax("B2 B3", 4000);
    proofs_equal_minimax("B2 A3 C1", 4000);
}

/* Go 5x5: black's three stones (B5 B4 B3) have the liberties A5 and A4, white's (C5 C4 C3) D5 and D4. Black to move is
 * one ahead, by either of them: D5, A4, D4 takes three (white's D4 instead leaves one liberty, E4). Anything else is
 * one behind, and A5 or A4 fills black's own. */
Test(search, go_capturing_race)
{
    expect_move("go:5,komi=0.5", ".XO.. .XO.. OXOX. .OX.. .OX..", 3000, "D5 D4");
}

/* ---- reuse, memory, repeatability ---- */

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

static uint64_t fingerprint(const struct mcts *search)
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

Test(search, recycling_keeps_the_most_visited)
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

/* ---- limits, noise, settings ---- */

Test(search, time_and_stop_end_a_run)
{
    struct game game = fake_game("gomoku:9");
    for (int selection = MCTS_PUCT; selection <= MCTS_GUMBEL; selection++) {
        struct mcts_config config = mcts_defaults((enum mcts_selection)selection);
        struct evaluator *evaluator = evaluator_rollout_create(&game, 1, 1);
        struct mcts *search = fake_search(&game, &config, &evaluator);
        gint64 begin = g_get_monotonic_time();
        mcts_run(search, &(struct mcts_limits){.time_ms = 50});
        double seconds = (double)(g_get_monotonic_time() - begin) * 1e-6;
        cr_assert(seconds >= 0.04 && seconds < 2, "50 ms took %.3f s", seconds);
        cr_assert_neq(mcts_choose(search, 0, NULL), GAME_NO_MOVE);
        atomic_bool stop = true;
        struct mcts_root before, after;
        mcts_root(search, &before);
        mcts_run(search, &(struct mcts_limits){.stop = &stop});
        mcts_root(search, &after);
        cr_assert(after.visits == before.visits && after.new_visits == 0);
        cr_assert_null(mcts_check(search));
        mcts_close(search);
        evaluator_free(evaluator);
    }
}

/* Without proofs the search stops when no other move can overtake, after about half of the time; with a proof at
 * once. */
Test(search, early_stop_saves_time_on_a_won_position)
{
    struct game_ops ops;
    struct game game = fake_unpruned("gomoku:3,line=3", &ops);
    for (int prove = 0; prove < 2; prove++) {
        struct mcts_config config = mcts_defaults(MCTS_PUCT);
        config.prove = prove;
        struct evaluator *evaluator = evaluator_uniform_create(&game);
        struct mcts *search = fake_search(&game, &config, &evaluator);
        union any_position position;
        fake_play(&game, &position.p, NULL, "A3 A2 B3 B2");
        mcts_set_root(search, &position.p, NULL);
        gint64 begin = g_get_monotonic_time();
        mcts_run(search, &(struct mcts_limits){.time_ms = 3000, .early_stop = true});
        double seconds = (double)(g_get_monotonic_time() - begin) * 1e-6;
        cr_assert_lt(seconds, prove ? 1.0 : 2.7, "a win in one took %.2f s of 3, proofs %d", seconds, prove);
        cr_assert_eq(mcts_choose(search, 0, NULL), 2);
        mcts_close(search);
        evaluator_free(evaluator);
    }
}

Test(search, finished_game_has_no_move)
{
    struct game game = fake_game("gomoku:3,line=3");
    struct mcts_config config = mcts_defaults(MCTS_GUMBEL);
    struct evaluator *evaluator = evaluator_uniform_create(&game);
    struct mcts *search = fake_search(&game, &config, &evaluator);
    union any_position position;
    cr_assert_eq(mcts_choose(search, 0, NULL), GAME_NO_MOVE, "nothing was searched yet");
    fake_play(&game, &position.p, NULL, "A3 A2 B3 B2 C3");
    cr_assert(game_over(&position.p));
    mcts_set_root(search, &position.p, NULL);
    mcts_run(search, &(struct mcts_limits){.visits = 10});
    cr_assert_eq(mcts_choose(search, 0, NULL), GAME_NO_MOVE);
    mcts_close(search);
    evaluator_free(evaluator);
}

/* Dirichlet noise changes visits but not the reported priors, and is drawn again for each root. */
Test(search, noise_is_drawn_for_each_root)
{
    struct game game = fake_game("gomoku:5,line=4");
    struct mcts_config config = mcts_defaults(MCTS_PUCT);
    config.dirichlet_weight = 0.5f;
    struct evaluator *evaluator = evaluator_uniform_create(&game);
    struct mcts *search = fake_search(&game, &config, &evaluator);
    uint64_t prints[3];
    for (int i = 0; i < 3; i++) {
        mcts_forget(search);
        mcts_run(search, &(struct mcts_limits){.visits = 100});
        prints[i] = fingerprint(search);
        cr_assert_float_eq(fake_find(search, 0).prior, 1 / 25.0, 1e-6);
    }
    cr_assert(prints[0] != prints[1] && prints[1] != prints[2], "noise was not drawn again");
    mcts_close(search);
    evaluator_free(evaluator);
}

/* Visits 3, 3, 2 ... of the round robin: at temperature 1 a move is drawn in proportion to its visits. */
Test(search, temperature_samples_visits)
{
    struct game game = fake_game("gomoku:3,line=3");
    struct mcts_config config = plain(MCTS_PUCT);
    struct evaluator *evaluator = evaluator_uniform_create(&game);
    struct mcts *search = fake_search(&game, &config, &evaluator);
    mcts_run(search, &(struct mcts_limits){.visits = 20});
    struct rng rng;
    rng_seed(&rng, 8);
    int count[9] = {0}, cold[9] = {0};
    for (int i = 0; i < 20000; i++) {
        count[mcts_choose(search, 1, &rng)]++;
        cold[mcts_choose(search, 0.5f, &rng)]++;
    }
    for (int m = 0; m < 9; m++) {
        double p = (m < 2 ? 3 : 2) / 20.0, squared = (m < 2 ? 9 : 4) / 46.0; /* 2 * 9 + 7 * 4 = 46 */
        cr_assert(fabs(count[m] - p * 20000) < 4.5 * sqrt(p * 20000), "move %d: %d", m, count[m]);
        cr_assert(fabs(cold[m] - squared * 20000) < 4.5 * sqrt(squared * 20000), "move %d: %d", m, cold[m]);
    }
    mcts_close(search);
    evaluator_free(evaluator);
}

/* Every position is even, but games that begin with move 7 end nine points better for black. */
static void margin_evaluate(struct evaluator *self, int n, const struct eval_query *queries, struct eval *evals)
{
    for (int i = 0; i < n; i++) {
        const struct position *position = queries[i].position;
        memset(&evals[i], 0, sizeof evals[i]);
        evals[i].wdl[0] = evals[i].wdl[2] = 0.5f;
        if (self->game->ops->stone(self->game, position, 7) == GAME_BLACK)
            evals[i].score = position->player ? -9 : 9;
        evals[i].filled = queries[i].want;
    }
}
static uint64_t no_generation(const struct evaluator *self)
{
    return self == NULL;
}

Test(search, score_utility_prefers_the_margin)
{
    static const struct evaluator_ops ops = {
        .name = "margin", .evaluate = margin_evaluate, .generation = no_generation};
    struct game game = fake_game("go:5");
    struct evaluator margin = {.ops = &ops, .game = &game}, *evaluators[1] = {&margin};
    for (int selection = MCTS_PUCT; selection <= MCTS_GUMBEL; selection++)
        for (int weighs = 0; weighs < 2; weighs++) {
            struct mcts_config config = mcts_defaults((enum mcts_selection)selection);
            config.gumbel_noise = false;
            config.gumbel_considered = 26;
            config.score_utility = weighs ? 0.5f : 0;
            struct mcts *search = fake_search(&game, &config, evaluators);
            mcts_run(search, &(struct mcts_limits){.visits = 200});
            cr_assert_eq(mcts_choose(search, 0, NULL) == 7, weighs, "selection %d", selection);
            cr_assert_float_eq(fake_find(search, 7).value, 0, 1e-6);
            cr_assert_gt(fake_find(search, 7).score, 5);
            cr_assert_lt(fake_find(search, 8).score, fake_find(search, 7).score);
            mcts_close(search);
        }
}

/* The map is from the view of the player to move. */
Test(search, map_is_from_the_mover)
{
    struct game game = fake_game("go:5");
    struct mcts_config config = mcts_defaults(MCTS_PUCT);
    struct evaluator *evaluator = fake_create(&game, 1, 1);
    struct mcts *search = fake_search(&game, &config, &evaluator);
    float map[GAME_MAX_POINTS], fresh[GAME_MAX_POINTS];
    mcts_run(search, &(struct mcts_limits){.visits = 1});
    cr_assert_not(mcts_map(search, map), "maps were not requested");
    mcts_close(search);
    config.map = true;
    search = fake_search(&game, &config, &evaluator);
    mcts_run(search, &(struct mcts_limits){.visits = 1});
    cr_assert(mcts_map(search, map));
    /* Two evaluations: the root's, black to move, and the first move's, white to move: (root - child) / 2. */
    union any_position position, child;
    struct mcts_move best;
    cr_assert_eq(mcts_moves(search, &best, 1), 1);
    game_init(&game, &position.p);
    game_copy(&game, &child.p, &position.p);
    game_play(&game, &child.p, NULL, best.move);
    for (int p = 0; p < game.points; p++)
        fresh[p] = 0.5f * (fake_number(position.p.hash + (uint64_t)p) - fake_number(child.p.hash + (uint64_t)p));
    for (int p = 0; p < game.points; p++)
        cr_assert_float_eq(map[p], fresh[p], 1e-6);
    mcts_advance(search, best.move);
    cr_assert_not(mcts_map(search, map), "the map of another root");
    mcts_close(search);
    evaluator_free(evaluator);
}

Test(search, settings_out_of_range_are_refused)
{
    struct game game = fake_game("gomoku:15");
    struct evaluator *evaluator = evaluator_uniform_create(&game);
    for (int i = 0; i < 4; i++) {
        struct mcts_config config = mcts_defaults(MCTS_GUMBEL);
        config.threads = i == 0 ? 0 : 1;
        config.gumbel_considered = i == 1 ? 0 : 16;
        config.memory_bytes = i == 2 ? 1000 : config.memory_bytes;
        config.policy_temperature = i == 3 ? 0 : 1;
        struct mcts *search = (struct mcts *)&config;
        GError *error = NULL;
        cr_assert_neq(mcts_create(&search, &game, &config, &evaluator, &error), 0);
        cr_assert_null(search);
        cr_assert_not_null(error);
        g_error_free(error);
    }
    evaluator_free(evaluator);
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
