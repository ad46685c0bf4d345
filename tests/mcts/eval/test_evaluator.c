/* Evaluators: symmetries carried back to the right points, batches, swapping nets, and a cache that never mixes. */
#include <criterion/criterion.h>
#include <math.h>

#include "games/go/go.h"
#include "tests/mcts/fake.h"

static struct net *small_net(const struct game *game, uint64_t seed)
{
    const struct game_features *features = game_features_newest(game);
    struct net_info info = {.planes = features->planes,
                            .globals = features->globals,
                            .other_moves = game->moves - game->points,
                            .trunk = "conv:8 res:8"};
    g_strlcpy(info.game, game->ops->name, sizeof info.game);
    g_strlcpy(info.features, features->name, sizeof info.features);
    struct net *net;
    GError *error = NULL;
    int failed = net_create(&net, &info, seed, &error);
    cr_assert_eq(failed, 0, "%s", error ? error->message : "");
    return net;
}

static struct evaluator *net_evaluator(const struct game *game, struct net *net, int symmetry, int batch)
{
    struct evaluator *evaluator;
    GError *error = NULL;
    const struct evaluator_config config = {.kind = EVALUATOR_NET,
                                            .net = net,
                                            .backend = NET_BACKEND_PLAIN,
                                            .max_batch = batch,
                                            .symmetry = symmetry,
                                            .seed = 3};
    int failed = evaluator_create(&evaluator, game, &config, &error);
    cr_assert_eq(failed, 0, "%s", error ? error->message : "");
    return evaluator;
}

enum { ALL = EVAL_POLICY | EVAL_VALUE | EVAL_SCORE | EVAL_MAP };

static void ask(struct evaluator *evaluator, const struct position *position, const struct history *history,
                struct eval *eval)
{
    memset(eval, 0xff, sizeof *eval); /* NaN wherever nothing is written */
    const struct eval_query query = {.position = position, .history = history, .want = ALL};
    evaluator_evaluate(evaluator, 1, &query, eval);
    cr_assert_eq(eval->filled, ALL);
}

/* How far two evaluations are apart when what `a` says of a point is what `b` says of its image under symmetry s. */
static double distance(const struct game *game, const struct eval *a, const struct eval *b, int s)
{
    double most = fabsf(a->score - b->score);
    for (int m = 0; m < game->moves; m++)
        most = fmax(most, fabsf(a->logits[m] - b->logits[game_symmetry_move(game, s, (game_move)m)]));
    for (int p = 0; p < game->points; p++)
        most = fmax(most, fabsf(a->map[p] - b->map[game_symmetry_point(game->size, s, p)]));
    for (int i = 0; i < 3; i++)
        most = fmax(most, fabsf(a->wdl[i] - b->wdl[i]));
    return most;
}

/* The game's moves taken by a symmetry. */
static void play_under(const struct game *game, struct position *position, const char *moves, int symmetry)
{
    char **texts = g_strsplit(moves, " ", -1);
    game_init(game, position);
    for (int i = 0; texts[i]; i++)
        cr_assert(game_try(game, position, NULL, game_symmetry_move(game, symmetry, game_move_parse(game, texts[i]))));
    g_strfreev(texts);
}

/* A position P, shown to the net under symmetry s, looks exactly like s(P) shown as it is; so what is said of P must
 * be what is said of s(P), carried back by s. Eight different answers in all: a net made from a seed has no symmetry.
 */
static void symmetry_round_trip(const char *spec, const char *moves)
{
    struct game game = fake_game(spec);
    struct net *net = small_net(&game, 1);
    struct evaluator *plain = net_evaluator(&game, net, 0, 1);
    union any_position position, image;
    play_under(&game, &position.p, moves, 0);
    struct eval straight, turned, imaged;
    ask(plain, &position.p, NULL, &straight);
    for (int s = 0; s < GAME_SYMMETRIES; s++) {
        struct evaluator *symmetric = net_evaluator(&game, net, s, 1);
        play_under(&game, &image.p, moves, s);
        ask(symmetric, &position.p, NULL, &turned);
        ask(plain, &image.p, NULL, &imaged);
        cr_assert_lt(distance(&game, &turned, &imaged, s), 1e-6, "%s symmetry %d", spec, s);
        if (s)
            cr_assert_gt(distance(&game, &turned, &straight, 0), 1e-5, "%s symmetry %d changes nothing", spec, s);
        evaluator_free(symmetric);
    }
    evaluator_free(plain);
    net_unref(net);
}

Test(evaluator, symmetries_are_carried_back)
{
    symmetry_round_trip("gomoku:7", "A7 B5 C3 G2");
    symmetry_round_trip("go:5", "B4 C2 D3 pass E1");
}

/* The mean of all eight is the mean of the eight, and does not change when the board is turned. */
Test(evaluator, mean_of_all_symmetries)
{
    struct game game = fake_game("go:5");
    struct net *net = small_net(&game, 2);
    union any_position position, image;
    play_under(&game, &position.p, "B4 C2 D3", 0);
    struct eval one, all, turned;
    double wdl = 0, logit = 0;
    for (int s = 0; s < GAME_SYMMETRIES; s++) {
        struct evaluator *evaluator = net_evaluator(&game, net, s, 1);
        ask(evaluator, &position.p, NULL, &one);
        wdl += one.wdl[0] / 8;
        logit += one.logits[7] / 8;
        evaluator_free(evaluator);
    }
    for (int batch = 1; batch <= 8; batch += 3.5) { /* in one batch, in several, one by one */
        struct evaluator *evaluator = net_evaluator(&game, net, EVALUATOR_SYMMETRY_ALL, batch);
        ask(evaluator, &position.p, NULL, &all);
        cr_assert_float_eq(all.wdl[0], wdl, 1e-5);
        cr_assert_float_eq(all.logits[7], logit, 1e-5);
        cr_assert_eq(evaluator_net_count(evaluator), 8);
        play_under(&game, &image.p, "B4 C2 D3", 5);
        ask(evaluator, &image.p, NULL, &turned);
        cr_assert_lt(distance(&game, &all, &turned, 5), 1e-5);
        evaluator_free(evaluator);
    }
    net_unref(net);
}

/* By hash: the same position always the same way; over many positions all eight ways. */
Test(evaluator, symmetry_by_hash)
{
    struct game game = fake_game("gomoku:7");
    struct net *net = small_net(&game, 3);
    struct evaluator *random = net_evaluator(&game, net, EVALUATOR_SYMMETRY_RANDOM, 4), *fixed[GAME_SYMMETRIES];
    for (int s = 0; s < GAME_SYMMETRIES; s++)
        fixed[s] = net_evaluator(&game, net, s, 1);
    int seen[GAME_SYMMETRIES] = {0};
    union any_position position;
    struct eval by_hash, again, one;
    for (int p = 0; p < game.points; p++) {
        game_init(&game, &position.p);
        game_play(&game, &position.p, NULL, (game_move)p);
        game_play(&game, &position.p, NULL, (game_move)((p + 9) % game.points));
        ask(random, &position.p, NULL, &by_hash);
        ask(random, &position.p, NULL, &again);
        cr_assert_eq(distance(&game, &by_hash, &again, 0), 0);
        int found = 0;
        for (int s = 0; s < GAME_SYMMETRIES; s++) {
            ask(fixed[s], &position.p, NULL, &one);
            bool same = distance(&game, &by_hash, &one, 0) < 1e-6;
            found += same;
            seen[s] += same;
        }
        cr_assert_geq(found, 1);
    }
    for (int s = 0; s < GAME_SYMMETRIES; s++) {
        cr_assert_gt(seen[s], 0, "symmetry %d is never used", s);
        evaluator_free(fixed[s]);
    }
    evaluator_free(random);
    net_unref(net);
}

Test(evaluator, batches_equal_single)
{
    struct game game = fake_game("gomoku:7");
    struct net *net = small_net(&game, 3);
    struct evaluator *evaluator = net_evaluator(&game, net, EVALUATOR_SYMMETRY_RANDOM, 4);
    union any_position positions[6];
    struct eval_query queries[6];
    struct eval *evals = g_new(struct eval, 6), one;
    for (int i = 0; i < 6; i++) {
        game_init(&game, &positions[i].p);
        game_play(&game, &positions[i].p, NULL, (game_move)(i * 7));
        queries[i] = (struct eval_query){.position = &positions[i].p, .want = ALL};
    }
    evaluator_evaluate(evaluator, 6, queries, evals); /* four, then two */
    cr_assert_eq(evaluator_net_count(evaluator), 6);
    for (int i = 0; i < 6; i++) {
        ask(evaluator, &positions[i].p, NULL, &one);
        cr_assert_lt(distance(&game, &one, &evals[i], 0), 1e-5);
    }
    g_free(evals);
    evaluator_free(evaluator);
    net_unref(net);
}

Test(evaluator, net_is_swapped)
{
    struct game game = fake_game("go:5");
    struct net *first = small_net(&game, 1), *second = small_net(&game, 2);
    struct evaluator *evaluator = net_evaluator(&game, first, 0, 1), *other = net_evaluator(&game, second, 0, 1);
    union any_position position;
    struct eval before, after, direct;
    play_under(&game, &position.p, "B4", 0);
    uint64_t generation = evaluator_generation(evaluator);
    ask(evaluator, &position.p, NULL, &before);
    ask(other, &position.p, NULL, &direct);
    cr_assert_eq(evaluator_net_set(evaluator, second, NULL), 0);
    cr_assert_neq(evaluator_generation(evaluator), generation);
    ask(evaluator, &position.p, NULL, &after);
    cr_assert_eq(distance(&game, &after, &direct, 0), 0);
    cr_assert_gt(distance(&game, &after, &before, 0), 1e-4);
    evaluator_free(evaluator);
    evaluator_free(other);
    net_unref(first);
    net_unref(second);
}

Test(evaluator, net_of_another_game_is_refused)
{
    struct game go = fake_game("go:5"), gomoku = fake_game("gomoku:5");
    struct net *net = small_net(&go, 1), *right = small_net(&gomoku, 1);
    struct evaluator *evaluator, *standing = net_evaluator(&gomoku, right, 0, 1);
    GError *error = NULL;
    const struct evaluator_config config = {.kind = EVALUATOR_NET, .net = net, .backend = NET_BACKEND_PLAIN};
    cr_assert_neq(evaluator_create(&evaluator, &gomoku, &config, &error), 0);
    cr_assert_null(evaluator);
    cr_assert(strstr(error->message, "go") && strstr(error->message, "gomoku"), "%s", error->message);
    g_clear_error(&error);
    cr_assert_neq(evaluator_net_set(standing, net, &error), 0);
    cr_assert_not_null(error);
    g_clear_error(&error);
    union any_position position;
    struct eval eval;
    game_init(&gomoku, &position.p);
    ask(standing, &position.p, NULL, &eval); /* goes on with the net it had */
    evaluator_free(standing);
    net_unref(net);
    net_unref(right);
}

/* The rollout evaluator's value is that of the playouts: a position one move before a certain end. */
Test(evaluator, rollout_value)
{
    struct game game = fake_game("gomoku:3,line=3");
    struct evaluator *evaluator = evaluator_rollout_create(&game, 4000, 5), *other = evaluator_clone(evaluator);
    union any_position position;
    struct eval eval, cloned;
    const struct eval_query query = {.position = &position.p, .want = EVAL_POLICY | EVAL_VALUE};
    /* X O X / X O . / . X O, white to move at C2 or A1 (seven stones, O's turn): O at C2 then X at A1 wins for X
     * (column A); O at A1 then X at C2 is a draw. Half lost, half drawn for the player to move. */
    fake_play(&game, &position.p, NULL, "A3 B3 C3 B2 A2 C1 B1");
    evaluator_evaluate(evaluator, 1, &query, &eval);
    cr_assert_eq(eval.wdl[0], 0);
    cr_assert_float_eq(eval.wdl[1], 0.5, 0.04);
    cr_assert_float_eq(eval.wdl[2], 0.5, 0.04);
    evaluator_evaluate(other, 1, &query, &cloned);
    cr_assert_neq(eval.wdl[1], cloned.wdl[1], "a clone plays the same playouts");
    evaluator_free(evaluator);
    evaluator_free(other);
}

/* ---- the cache ---- */

Test(cache, same_answer_and_no_second_question)
{
    struct game game = fake_game("go:5");
    struct evaluator *inner = fake_create(&game, 1, 2), *reference = fake_create(&game, 1, 2);
    struct evaluator *cache = evaluator_cache_create(inner, 1 << 20);
    union any_position position;
    struct eval first, second, direct;
    for (int p = 0; p < game.points; p++) {
        game_init(&game, &position.p);
        game_play(&game, &position.p, NULL, (game_move)p);
        ask(reference, &position.p, NULL, &direct);
        ask(cache, &position.p, NULL, &first);
        ask(cache, &position.p, NULL, &second);
        cr_assert_eq(distance(&game, &first, &direct, 0), 0);
        cr_assert_eq(distance(&game, &second, &direct, 0), 0);
    }
    cr_assert_eq(fake_calls(inner), 25);
    struct evaluator_cache_stats stats = evaluator_cache_stats(cache);
    cr_assert(stats.hits == 25 && stats.misses == 25);
    evaluator_free(cache);
    evaluator_free(reference);
}

/* Whether the cache takes b for a. */
static bool confused(const struct game *game, const struct position *a, const struct history *ha,
                     const struct position *b, const struct history *hb)
{
    struct evaluator *inner = fake_create(game, 1, 2), *cache = evaluator_cache_create(inner, 1 << 16);
    struct eval eval;
    ask(cache, a, ha, &eval);
    ask(cache, a, ha, &eval);
    cr_assert_eq(fake_calls(inner), 1);
    ask(cache, b, hb, &eval);
    bool taken = fake_calls(inner) == 1;
    evaluator_free(cache);
    return taken;
}

Test(cache, never_mixes_positions)
{
    struct game game = fake_game("go:5");
    union any_position a, b;
    game_init(&game, &a.p);
    fake_play(&game, &b.p, NULL, "pass");
    cr_assert_not(confused(&game, &a.p, NULL, &b.p, NULL), "who is to move");
    fake_play(&game, &a.p, NULL, "C3 B2 D4 E5");
    fake_play(&game, &b.p, NULL, "D4 E5 C3 B2");
    cr_assert_not(confused(&game, &a.p, NULL, &b.p, NULL), "the recent moves, which the features show");
    game_copy(&game, &b.p, &a.p);
    cr_assert(confused(&game, &a.p, NULL, &b.p, NULL), "a copy is the same position");
    b.p.black_player ^= 1;
    cr_assert_not(confused(&game, &a.p, NULL, &b.p, NULL), "who holds black");
    /* Black's last move took C3, and white may not take back at once: the same stones set up have no such ko. */
    fake_play(&game, &a.p, NULL, "B3 D4 C4 E3 C2 D2 E5 C3 D3");
    cr_assert(go_setup(&game, &b.p, "....X ..XO. .X.XO ..XO. .....", GAME_WHITE, NULL));
    cr_assert_eq(a.p.stones_hash, b.p.stones_hash);
    cr_assert_not(game.ops->legal(&game, &a.p, NULL, game_move_parse(&game, "C3")));
    cr_assert(game.ops->legal(&game, &b.p, NULL, game_move_parse(&game, "C3")));
    memcpy(b.p.recent, a.p.recent, sizeof a.p.recent);
    b.p.ply = a.p.ply;
    cr_assert_not(confused(&game, &a.p, NULL, &b.p, NULL), "the ko");
}

/* One evaluator, whose game gets another komi or other rules between two questions about the same stones. */
Test(cache, never_mixes_games)
{
    const struct game first = fake_game("go:5");
    struct game game = first;
    struct evaluator *inner = fake_create(&game, 1, 2), *cache = evaluator_cache_create(inner, 1 << 16);
    union any_position position;
    struct eval eval;
    static const char *const changes[] = {"komi=7.5", "komi=-7", "rules=chinese", "passes=3"};
    fake_play(&game, &position.p, NULL, "C3 B2 D4");
    ask(cache, &position.p, NULL, &eval);
    for (uint64_t i = 0; i < G_N_ELEMENTS(changes); i++) {
        cr_assert(game_vary(&game, &first, 5, changes[i], NULL));
        ask(cache, &position.p, NULL, &eval);
        cr_assert_eq(fake_calls(inner), i + 2, "an answer of another game was taken with %s", changes[i]);
        ask(cache, &position.p, NULL, &eval);
        cr_assert_eq(fake_calls(inner), i + 2, "the same game is known");
    }
    game = first;
    ask(cache, &position.p, NULL, &eval);
    cr_assert_eq(fake_calls(inner), G_N_ELEMENTS(changes) + 1, "back at the first, which is known");
    evaluator_free(cache);
}

/* A net sees the komi that the game has when it is asked, not the one that it had when the evaluator was made. */
Test(evaluator, komi_is_read_anew)
{
    struct game game = fake_game("go:5"), other = fake_game("go:5,komi=-3.5");
    struct net *net = small_net(&game, 1);
    struct evaluator *evaluator = net_evaluator(&game, net, 0, 1), *of_other = net_evaluator(&other, net, 0, 1);
    union any_position position;
    struct eval before, after, direct;
    fake_play(&game, &position.p, NULL, "C3 B2 D4");
    ask(evaluator, &position.p, NULL, &before);
    game_set_komi(&game, -7);
    ask(evaluator, &position.p, NULL, &after);
    ask(of_other, &position.p, NULL, &direct);
    cr_assert_eq(distance(&game, &after, &direct, 0), 0);
    cr_assert_gt(distance(&game, &after, &before, 0), 1e-6);
    evaluator_free(evaluator);
    evaluator_free(of_other);
    net_unref(net);
}

/* Positional superko: the same stones and side, the same last five moves, but in one of the two pasts a move would
 * bring back an old position. The histories are made by hand: that is all a history is. */
Test(cache, history_counts_where_it_decides)
{
    struct game game = fake_game("go:5,ko=positional");
    union any_position position, after;
    struct history empty, barred, harmless;
    history_init(&empty, 4);
    history_init(&barred, 4);
    history_init(&harmless, 4);
    fake_play(&game, &position.p, NULL, "B5 A5 A4 E1"); /* A5 was taken: boards may come back from now on */
    game_copy(&game, &after.p, &position.p);
    game_play(&game, &after.p, NULL, game_move_parse(&game, "C3"));
    history_push(&empty, &position.p);
    history_push(&harmless, &position.p);
    harmless.entries[0].stones_hash ^= 0x1234567;
    history_push(&barred, &after.p); /* these stones were there before: C3 is now forbidden */
    cr_assert_not(game.ops->legal(&game, &position.p, &barred, game_move_parse(&game, "C3")), "C3 is not barred");
    cr_assert(game.ops->legal(&game, &position.p, &harmless, game_move_parse(&game, "C3")));
    cr_assert_not(confused(&game, &position.p, &harmless, &position.p, &barred), "superko");
    cr_assert(confused(&game, &position.p, &harmless, &position.p, &empty), "a past that decides nothing");
    history_clear(&empty);
    history_clear(&barred);
    history_clear(&harmless);
}

Test(cache, new_net_new_answers)
{
    struct game game = fake_game("go:5");
    struct net *first = small_net(&game, 1), *second = small_net(&game, 2);
    struct evaluator *net = net_evaluator(&game, first, 0, 1), *cache = evaluator_cache_create(net, 1 << 20);
    union any_position position;
    struct eval before, after, again;
    play_under(&game, &position.p, "B4", 0);
    ask(cache, &position.p, NULL, &before);
    cr_assert_eq(evaluator_net_set(net, second, NULL), 0);
    ask(cache, &position.p, NULL, &after);
    cr_assert_gt(distance(&game, &before, &after, 0), 1e-4, "an answer of the old net");
    cr_assert_eq(evaluator_net_set(net, first, NULL), 0);
    ask(cache, &position.p, NULL, &again);
    cr_assert_eq(distance(&game, &before, &again, 0), 0);
    cr_assert_eq(evaluator_net_count(net), 2, "the first net's answer was still there");
    evaluator_free(cache);
    net_unref(first);
    net_unref(second);
}

/* A table of one set of four: the fifth position drives out the one used longest ago. */
Test(cache, oldest_gives_way)
{
    struct game game = fake_game("gomoku:5");
    struct evaluator *inner = fake_create(&game, 1, 2), *cache = evaluator_cache_create(inner, 1);
    union any_position position[5];
    struct eval eval;
    for (int i = 0; i < 5; i++) {
        game_init(&game, &position[i].p);
        game_play(&game, &position[i].p, NULL, (game_move)i);
    }
    for (int i = 0; i < 4; i++)
        ask(cache, &position[i].p, NULL, &eval);
    ask(cache, &position[0].p, NULL, &eval); /* used again, so 1 is the oldest */
    ask(cache, &position[4].p, NULL, &eval);
    cr_assert_eq(fake_calls(inner), 5);
    ask(cache, &position[0].p, NULL, &eval);
    cr_assert_eq(fake_calls(inner), 5);
    ask(cache, &position[1].p, NULL, &eval);
    cr_assert_eq(fake_calls(inner), 6);
    evaluator_free(cache);
}

/* A batch of which some is known: each answer lands in its own place. */
Test(cache, mixed_batch)
{
    struct game game = fake_game("gomoku:5");
    struct evaluator *inner = fake_create(&game, 1, 2), *cache = evaluator_cache_create(inner, 1 << 20);
    struct evaluator *reference = fake_create(&game, 1, 2);
    union any_position positions[6];
    struct eval_query queries[6];
    struct eval *evals = g_new(struct eval, 6), direct;
    for (int i = 0; i < 6; i++) {
        game_init(&game, &positions[i].p);
        game_play(&game, &positions[i].p, NULL, (game_move)(3 * i));
        queries[i] = (struct eval_query){.position = &positions[i].p, .want = ALL};
    }
    ask(cache, &positions[1].p, NULL, &direct);
    ask(cache, &positions[4].p, NULL, &direct);
    evaluator_evaluate(cache, 6, queries, evals);
    cr_assert_eq(fake_calls(inner), 6);
    for (int i = 0; i < 6; i++) {
        ask(reference, &positions[i].p, NULL, &direct);
        cr_assert_eq(distance(&game, &direct, &evals[i], 0), 0, "answer %d", i);
    }
    g_free(evals);
    evaluator_free(cache);
    evaluator_free(reference);
}

/* More was asked the second time than the first: the answer must have it all. */
Test(cache, wants_more_the_second_time)
{
    struct game game = fake_game("gomoku:5");
    struct evaluator *inner = fake_create(&game, 1, 2), *cache = evaluator_cache_create(inner, 1 << 20);
    union any_position position;
    struct eval eval;
    game_init(&game, &position.p);
    const struct eval_query little = {.position = &position.p, .want = EVAL_POLICY | EVAL_VALUE};
    evaluator_evaluate(cache, 1, &little, &eval);
    ask(cache, &position.p, NULL, &eval); /* checks `filled` */
    cr_assert_eq(fake_calls(inner), 2);
    evaluator_evaluate(cache, 1, &little, &eval);
    cr_assert_eq(fake_calls(inner), 2);
    evaluator_free(cache);
}

/* A search behind the cache is the same search. */
Test(cache, same_search)
{
    struct game game = fake_game("go:5");
    struct evaluator *bare = fake_create(&game, 1, 2),
                     *cache = evaluator_cache_create(fake_create(&game, 1, 2), 1 << 20);
    struct mcts_config config = mcts_defaults(MCTS_PUCT);
    struct mcts *one = fake_search(&game, &config, &bare), *two = fake_search(&game, &config, &cache);
    mcts_run(one, &(struct mcts_limits){.visits = 1500});
    mcts_run(two, &(struct mcts_limits){.visits = 1500});
    struct mcts_move a[GAME_MAX_MOVES], b[GAME_MAX_MOVES];
    int n = mcts_moves(one, a, GAME_MAX_MOVES);
    cr_assert_eq(mcts_moves(two, b, GAME_MAX_MOVES), n);
    for (int i = 0; i < n; i++)
        cr_assert(a[i].move == b[i].move && a[i].visits == b[i].visits && a[i].value == b[i].value);
    mcts_close(one);
    mcts_close(two);
    evaluator_free(bare);
    evaluator_free(cache);
}

Test(policy, shares_are_the_softmax_over_the_moves_asked_about)
{
    static struct eval eval = {.logits = {[2] = 0, [5] = 1, [7] = 2, [8] = 50}};
    const game_move moves[] = {2, 5, 7};
    float share[3];
    eval_shares(&eval, moves, 3, 1, share);
    const double sum = 1 + M_E + M_E * M_E;
    cr_assert_float_eq(share[0], 1 / sum, 1e-6);
    cr_assert_float_eq(share[2], M_E * M_E / sum, 1e-6);
    eval_shares(&eval, moves, 3, 0.5f, share); /* twice as sharp */
    cr_assert_float_eq(share[2] / share[1], M_E * M_E, 1e-4);
    eval.logits[5] = NAN;
    eval_shares(&eval, moves, 3, 1, share);
    for (int i = 0; i < 3; i++)
        cr_assert_float_eq(share[i], 1.0 / 3, 1e-6);
}

Test(policy, moves_are_drawn_by_their_shares)
{
    const game_move moves[] = {2, 5, 7};
    const float share[] = {0.2f, 0.0f, 0.8f};
    int drawn[8] = {0};
    struct rng rng;
    rng_seed(&rng, 1);
    for (int i = 0; i < 10000; i++)
        drawn[eval_draw(moves, share, 3, &rng)]++;
    cr_assert(abs(drawn[2] - 2000) < 160 && drawn[5] == 0, "%d, %d of 10000", drawn[2], drawn[5]); /* 4 deviations */
    cr_assert_eq(eval_draw(moves, share, 0, &rng), GAME_NO_MOVE);
}
