/* The end of a run, noise, temperature, margins and maps. */
#include <criterion/criterion.h>
#include <math.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"
#include "tests/mcts/fake.h"
#include "tests/mcts/search/bench.h"

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

/* Every position is even, and black is ahead by `margin_ahead` points; games that begin with move 7 end nine points better for black. */
static float margin_ahead;
static void margin_evaluate(struct evaluator *self, int n, const struct eval_query *queries, struct eval *evals)
{
    for (int i = 0; i < n; i++) {
        const struct position *position = queries[i].position;
        memset(&evals[i], 0, sizeof evals[i]);
        evals[i].wdl[0] = evals[i].wdl[2] = 0.5f;
        const float margin = margin_ahead + (self->game->ops->stone(self->game, position, 7) == GAME_BLACK ? 9 : 0);
        evals[i].score = position->player ? -margin : margin;
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
    static const float weights[] = {0, 0.5f, 1};
    for (int selection = MCTS_PUCT; selection <= MCTS_GUMBEL; selection++)
        for (int i = 0; i < 3; i++) {
            struct mcts_config config = mcts_defaults((enum mcts_selection)selection);
            config.gumbel_noise = false;
            config.gumbel_considered = 26;
            config.score_utility = weights[i];
            struct mcts *search = fake_search(&game, &config, evaluators);
            mcts_run(search, &(struct mcts_limits){.visits = 200});
            cr_assert_eq(mcts_choose(search, 0, NULL) == 7, weights[i] > 0, "selection %d", selection);
            cr_assert_float_eq(fake_find(search, 7).value, 0, 1e-6);
            cr_assert_gt(fake_find(search, 7).score, 5);
            cr_assert_lt(fake_find(search, 8).score, fake_find(search, 7).score);
            mcts_close(search);
        }
}

/* Points count from the margin at the root, so that a player who is far ahead or behind, where tanh is flat, plays for them, too. */
Test(search, score_utility_counts_from_the_margin_at_the_root)
{
    static const struct evaluator_ops ops = {
        .name = "margin", .evaluate = margin_evaluate, .generation = no_generation};
    static const float ahead[] = {0, 40, -40};
    struct game game = fake_game("go:5");
    struct evaluator margin = {.ops = &ops, .game = &game}, *evaluators[1] = {&margin};
    uint32_t visits[3];
    for (int selection = MCTS_PUCT; selection <= MCTS_GUMBEL; selection++) {
        for (int i = 0; i < 3; i++) {
            struct mcts_config config = mcts_defaults((enum mcts_selection)selection);
            config.gumbel_noise = false;
            config.gumbel_considered = 26;
            config.score_utility = 0.5f;
            margin_ahead = ahead[i];
            struct mcts *search = fake_search(&game, &config, evaluators);
            mcts_run(search, &(struct mcts_limits){.visits = 200});
            cr_assert_eq(mcts_choose(search, 0, NULL), 7, "selection %d, %g ahead", selection, (double)ahead[i]);
            cr_assert_float_eq(search->score_centre, ahead[i], 1e-4);
            visits[i] = fake_find(search, 7).visits;
            /* the next run counts from what this one found */
            mcts_run(search, &(struct mcts_limits){.visits = 1});
            cr_assert(search->score_centre > ahead[i] + 1 && search->score_centre < ahead[i] + 9);
            mcts_close(search);
        }
        cr_assert(visits[1] == visits[0] && visits[2] == visits[0], "%u, %u, %u", visits[0], visits[1], visits[2]);
    }
    margin_ahead = 0;
}

/* What the search reports as values is free of points, for moves without visits, too. */
Test(search, score_utility_is_no_part_of_values)
{
    static const struct evaluator_ops ops = {
        .name = "margin", .evaluate = margin_evaluate, .generation = no_generation};
    struct game game = fake_game("go:5");
    struct evaluator margin = {.ops = &ops, .game = &game}, *evaluators[1] = {&margin};
    for (int selection = MCTS_PUCT; selection <= MCTS_GUMBEL; selection++) {
        struct mcts_config config = mcts_defaults((enum mcts_selection)selection);
        struct mcts_move moves[GAME_MAX_MOVES];
        float wdl[3];
        int without = 0;
        config.gumbel_noise = false;
        config.gumbel_considered = 8;
        config.score_utility = 1;
        struct mcts *search = fake_search(&game, &config, evaluators);
        mcts_run(search, &(struct mcts_limits){.visits = 12});
        const int count = mcts_moves(search, moves, GAME_MAX_MOVES);
        for (int i = 0; i < count; i++) {
            without += !moves[i].visits;
            cr_assert_float_eq(moves[i].value, 0, 1e-6);
        }
        cr_assert_gt(without, 0);
        cr_assert(mcts_improved_value(search, wdl));
        cr_assert_float_eq(wdl[0], 0.5, 1e-6);
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
