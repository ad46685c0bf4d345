/* The evaluation cache: returns the results of the inner evaluator bit for bit, and never those of another query. */
#include <criterion/criterion.h>
#include <sys/resource.h>
#include <unistd.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"
#include "net/net.h"
#include "tests/mcts/asking.h"
#include "tests/mcts/fake.h"

Test(cache, a_hit_does_not_ask_again)
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

/* Whether the cache treats b as the same query as a. */
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
    cr_assert_not(confused(&game, &a.p, NULL, &b.p, NULL), "the side to move");
    fake_play(&game, &a.p, NULL, "C3 B2 D4 E5");
    fake_play(&game, &b.p, NULL, "D4 E5 C3 B2");
    cr_assert_not(confused(&game, &a.p, NULL, &b.p, NULL), "the recent moves, which the features encode");
    game_copy(&game, &b.p, &a.p);
    cr_assert(confused(&game, &a.p, NULL, &b.p, NULL), "a copy is the same position");
    b.p.black_player ^= 1;
    cr_assert_not(confused(&game, &a.p, NULL, &b.p, NULL), "who has black");
    /* Black's last move captured at C3, and white may not retake at once: the same stones set up have no such ko. */
    fake_play(&game, &a.p, NULL, "B3 D4 C4 E3 C2 D2 E5 C3 D3");
    cr_assert(game_set_up_drawing(&game, &b.p, "....X ..XO. .X.XO ..XO. .....", GAME_WHITE, NULL));
    cr_assert_eq(a.p.stones_hash, b.p.stones_hash);
    cr_assert_not(game.ops->legal(&game, &a.p, NULL, game_move_parse(&game, "C3")));
    cr_assert(game.ops->legal(&game, &b.p, NULL, game_move_parse(&game, "C3")));
    memcpy(b.p.recent, a.p.recent, sizeof a.p.recent);
    b.p.ply = a.p.ply;
    cr_assert_not(confused(&game, &a.p, NULL, &b.p, NULL), "the ko");
}

/* One evaluator, whose game changes its komi or rules between two queries with the same stones. */
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
        cr_assert(game_vary(&game, &first, changes[i], NULL));
        ask(cache, &position.p, NULL, &eval);
        cr_assert_eq(fake_calls(inner), i + 2, "a result of another game was returned with %s", changes[i]);
        ask(cache, &position.p, NULL, &eval);
        cr_assert_eq(fake_calls(inner), i + 2, "the same game is a hit");
    }
    game = first;
    ask(cache, &position.p, NULL, &eval);
    cr_assert_eq(fake_calls(inner), G_N_ELEMENTS(changes) + 1, "the first game again is a hit");
    evaluator_free(cache);
}

/* Positional superko: the same stones, side and last five moves, but with one of the two histories a move would repeat
 * an old position. The histories are constructed by hand. */
Test(cache, history_counts_where_it_decides)
{
    struct game game = fake_game("go:5,ko=positional");
    union any_position position, after;
    struct history empty, barred, harmless;
    history_init(&empty, 4);
    history_init(&barred, 4);
    history_init(&harmless, 4);
    fake_play(&game, &position.p, NULL, "B5 A5 A4 E1"); /* A5 was captured: from now on boards may repeat */
    game_copy(&game, &after.p, &position.p);
    game_play(&game, &after.p, NULL, game_move_parse(&game, "C3"));
    history_push(&empty, &position.p);
    history_push(&harmless, &position.p);
    harmless.entries[0].stones_hash ^= 0x1234567;
    history_push(&barred, &after.p); /* these stones were there before: C3 is now forbidden */
    cr_assert_not(game.ops->legal(&game, &position.p, &barred, game_move_parse(&game, "C3")), "C3 is not forbidden");
    cr_assert(game.ops->legal(&game, &position.p, &harmless, game_move_parse(&game, "C3")));
    cr_assert_not(confused(&game, &position.p, &harmless, &position.p, &barred), "superko");
    cr_assert(confused(&game, &position.p, &harmless, &position.p, &empty), "a history that forbids nothing");
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
    cr_assert_gt(distance(&game, &before, &after, 0), 1e-4, "a result of the old net");
    cr_assert_eq(evaluator_net_set(net, first, NULL), 0);
    ask(cache, &position.p, NULL, &again);
    cr_assert_eq(distance(&game, &before, &again, 0), 0);
    cr_assert_eq(evaluator_net_count(net), 2, "the first net's result was still cached");
    evaluator_free(cache);
    net_unref(first);
    net_unref(second);
}

/* A table with a single set of four: the fifth position replaces the least recently used one. */
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

/* Four positions in a set of four: all values of each are unchanged, to the last point of the map. */
Test(cache, entries_lie_side_by_side)
{
    static const char *const specs[] = {"go:5", "go:6", "go:7", "gomoku:5", "gomoku:6"}; /* entries of any length */
    for (size_t k = 0; k < G_N_ELEMENTS(specs); k++) {
        struct game game = fake_game(specs[k]);
        struct evaluator *inner = fake_create(&game, 1, 2), *cache = evaluator_cache_create(inner, 1);
        struct evaluator *reference = fake_create(&game, 1, 2);
        union any_position position[4];
        struct eval eval, direct;
        for (int i = 0; i < 8; i++) {
            if (i < 4) {
                game_init(&game, &position[i].p);
                game_play(&game, &position[i].p, NULL, (game_move)i);
            }
            ask(cache, &position[i % 4].p, NULL, &eval);
            ask(reference, &position[i % 4].p, NULL, &direct);
            cr_assert_eq(distance(&game, &eval, &direct, 0), 0, "%s position %d", specs[k], i);
        }
        cr_assert_eq(fake_calls(inner), 4);
        evaluator_free(cache);
        evaluator_free(reference);
    }
}

/* Positions of 9x9, each with 82 logits and a map of 81 points, in sets of four: 2,816 bytes a set. With one position for
 * each set, sets of more than four are rare; with many times more, the latest are still known. */
Test(cache, size_is_used)
{
    enum { SETS = 300 };
    struct game game = fake_game("go:9");
    struct evaluator *inner = fake_create(&game, 1, 2), *cache = evaluator_cache_create(inner, SETS * 2816);
    union any_position *positions = g_new(union any_position, 8 * SETS);
    struct eval eval;
    struct rng rng;
    rng_seed(&rng, 6);
    for (int i = 0; i < 8 * SETS; i++) {
        game_init(&game, &positions[i].p);
        for (int ply = 0; ply < 6; ply++)
            game_try(&game, &positions[i].p, NULL, (game_move)rng_below(&rng, 81));
    }
    static const struct {
        int from, to;
        double known; /* of them, when they are asked about a second time */
    } rounds[] = {{0, SETS, 0.98}, {SETS, 5 * SETS, 0.7}, {5 * SETS, 8 * SETS, 0.85}};
    for (size_t r = 0; r < G_N_ELEMENTS(rounds); r++) {
        for (int i = rounds[r].from; i < rounds[r].to; i++)
            ask(cache, &positions[i].p, NULL, &eval);
        uint64_t calls = fake_calls(inner);
        for (int i = rounds[r].to - 1; i >= rounds[r].from; i--)
            ask(cache, &positions[i].p, NULL, &eval);
        int count = rounds[r].to - rounds[r].from;
        double known = 1 - (double)(fake_calls(inner) - calls) / count;
        cr_expect_gt(known, rounds[r].known, "round %zu: %g", r, known);
        if (count > 4 * SETS - 1)
            cr_expect_lt(known, 0.95, "more entries than fit");
    }
    g_free(positions);
    evaluator_free(cache);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* they need terabytes of address space */
/* Sets the limit of the address space to so many bytes above what is used. */
static void limit_address_space(size_t bytes)
{
    struct rlimit limit;
    char *text;
    cr_assert(g_file_get_contents("/proc/self/statm", &text, NULL, NULL) && getrlimit(RLIMIT_AS, &limit) == 0);
    limit.rlim_cur = (rlim_t)g_ascii_strtoull(text, NULL, 10) * (rlim_t)sysconf(_SC_PAGESIZE) + (rlim_t)bytes;
    g_free(text);
    cr_assert(setrlimit(RLIMIT_AS, &limit) == 0);
}

/* Of memory that the system refuses the cache takes what there is; without any, evaluations are not cached. */
Test(cache, memory_that_the_system_refuses)
{
    struct game game = fake_game("go:5");
    struct evaluator *inner = fake_create(&game, 1, 2), *alone = fake_create(&game, 1, 2);
    union any_position position;
    struct eval eval;
    game_init(&game, &position.p);
    limit_address_space((size_t)64 << 20);
    struct evaluator *cache = evaluator_cache_create(inner, (size_t)1 << 32);
    cr_assert_neq(cache, inner);
    ask(cache, &position.p, NULL, &eval);
    ask(cache, &position.p, NULL, &eval);
    cr_expect_eq(fake_calls(inner), 1);
    evaluator_free(cache);
    limit_address_space(0);
    cr_expect_eq(evaluator_cache_create(alone, (size_t)1 << 32), alone);
    ask(alone, &position.p, NULL, &eval);
    evaluator_free(alone);
}
#endif

/* The table is shared by clones, in whatever order they are freed; so are its totals. */
Test(cache, clones_share_a_table)
{
    struct game game = fake_game("go:5");
    struct evaluator *inner = fake_create(&game, 1, 2), *cache = evaluator_cache_create(inner, 1 << 16);
    struct evaluator *one = evaluator_clone(cache), *two = evaluator_clone(one);
    union any_position position;
    struct eval eval, again;
    game_init(&game, &position.p);
    ask(one, &position.p, NULL, &eval);
    ask(two, &position.p, NULL, &again);
    cr_assert_eq(distance(&game, &eval, &again, 0), 0);
    evaluator_free(one);
    ask(two, &position.p, NULL, &again);
    struct evaluator_cache_stats stats = evaluator_cache_stats(two);
    evaluator_free(two);
    cr_expect(stats.hits == 2 && stats.misses == 1);
    ask(cache, &position.p, NULL, &again);
    cr_expect_eq(distance(&game, &eval, &again, 0), 0);
    cr_expect_eq(evaluator_cache_stats(cache).hits, 3);
    evaluator_free(cache);
}

/* A batch of hits and misses: each result is returned in its place. */
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

/* A second query requests more than the first: its result must have all of it. */
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

/* A search with the cache is identical to one without. */
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
