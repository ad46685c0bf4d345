/* Several threads in one tree: sums are consistent, no visit stays in flight, no leaf is evaluated twice, stops are
 * obeyed, and the memory cap holds. A plain program, so that it can run under ThreadSanitizer. */
#include <pthread.h>
#include <unistd.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/memory.h"
#include "mcts/search.h"
#include "net/net.h"
#include "tests/mcts/fake.h"

#define CHECK(condition, ...)                                                                                          \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: ", __FILE__, __LINE__);                                                            \
            fprintf(stderr, __VA_ARGS__);                                                                              \
            fputc('\n', stderr);                                                                                       \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

enum { THREADS = 4 };

struct bench {
    struct game game;
    struct mcts *search;
    struct evaluator *evaluators[THREADS];
};

static void open_bench(struct bench *bench, const char *spec, struct evaluator *(*make)(const struct game *game),
                       const struct mcts_config *config)
{
    bench->game = fake_game(spec);
    bench->evaluators[0] = make(&bench->game);
    for (int i = 1; i < THREADS; i++)
        bench->evaluators[i] = evaluator_clone(bench->evaluators[0]);
    bench->search = fake_search(&bench->game, config, bench->evaluators);
}

static void close_bench(struct bench *bench)
{
    mcts_close(bench->search);
    for (int i = THREADS - 1; i >= 0; i--)
        evaluator_free(bench->evaluators[i]);
}

static struct evaluator *make_fake(const struct game *game)
{
    return fake_create(game, 5, 1);
}
static struct evaluator *make_rollout(const struct game *game)
{
    return evaluator_rollout_create(game, 1, 5);
}
static struct evaluator *make_cached(const struct game *game)
{
    return evaluator_cache_create(make_fake(game), (size_t)1 << 20);
}

/* Remembers something of three positions in four. */
static bool recall_most(const struct memory_source *source, struct eval_key key, struct memory_trace *trace)
{
    (void)source;
    *trace = (struct memory_trace){GAME_NO_MOVE, 2 * fake_number(key.bits[0]) - 1, (int)(key.bits[1] % 200), false};
    return key.bits[1] % 4 > 0;
}
static struct evaluator *make_remembering(const struct game *game)
{
    static const struct memory_source_ops ops = {.name = "most", .recall = recall_most};
    static const struct memory_source source = {.ops = &ops, .count = 1};
    return evaluator_memory_create(make_cached(game), &source);
}

static struct mcts_config many(int selection)
{
    struct mcts_config config = mcts_defaults((enum mcts_selection)selection);
    config.threads = THREADS;
    config.memory_bytes = (size_t)64 << 20;
    return config;
}

static int64_t expect_sound(const struct bench *bench, int64_t visits)
{
    const char *wrong = mcts_check(bench->search);
    CHECK(!wrong, "%s", wrong);
    struct mcts_root root;
    mcts_root(bench->search, &root);
    CHECK(root.visits == visits, "%d visits, not %d", (int)root.visits, (int)visits);
    struct mcts_move moves[GAME_MAX_MOVES];
    int count = mcts_moves(bench->search, moves, GAME_MAX_MOVES);
    int64_t sum = 1;
    for (int i = 0; i < count; i++)
        sum += moves[i].visits;
    /* Playouts end at proven nodes, so a root that was proven while it was a child has some that went no deeper. */
    CHECK(root.proven ? sum <= visits : sum == visits, "the root's moves have %d visits, not %d", (int)sum,
          (int)visits);
    return root.nodes;
}

static void sums_hold(int selection, float value_bias, float uncertainty)
{
    struct bench bench;
    struct mcts_config config = many(selection);
    config.value_bias = value_bias;
    config.uncertainty = uncertainty;
    open_bench(&bench, "gomoku:5,line=4", make_fake, &config);
    int64_t visits = 1;
    for (int run = 0; run < 20; run++) {
        mcts_run(bench.search, &(struct mcts_limits){.visits = 150});
        expect_sound(&bench, visits += 150);
    }
    /* Every node that is not the end of a game was evaluated once. */
    struct mcts_root root;
    mcts_root(bench.search, &root);
    CHECK(fake_calls(bench.evaluators[0]) <= root.nodes, "%d evaluations for %u nodes",
          (int)fake_calls(bench.evaluators[0]), root.nodes);
    /* A game with four threads that reuses the tree. */
    for (int ply = 0; ply < 6; ply++) {
        game_move move = mcts_choose(bench.search, 0, NULL);
        visits = fake_find(bench.search, move).visits;
        mcts_advance(bench.search, move);
        mcts_run(bench.search, &(struct mcts_limits){.visits = 100});
        mcts_root(bench.search, &root);
        if (root.moves > 0)
            expect_sound(&bench, (visits ? visits : 1) + 100);
        if (root.moves < 2)
            break;
    }
    close_bench(&bench);
}

/* Wins by threats are proven by each thread, and before each run at the root. */
static void threats_are_proven(int selection)
{
    struct bench bench;
    struct mcts_config config = many(selection);
    config.threats = MCTS_MAX_THREATS;
    open_bench(&bench, "gomoku:7", make_fake, &config);
    for (int ply = 0, moves = 1; ply < 30 && moves > 0; ply++) {
        mcts_run(bench.search, &(struct mcts_limits){.visits = 200});
        const char *wrong = mcts_check(bench.search);
        CHECK(!wrong, "%s", wrong);
        struct mcts_root root;
        mcts_root(bench.search, &root);
        game_move move = mcts_choose(bench.search, 0, NULL);
        moves = root.moves;
        if (move != GAME_NO_MOVE)
            mcts_advance(bench.search, move);
    }
    close_bench(&bench);
}

/* Sequential halving with threads: each move considered still gets its exact share. */
static void halving_is_exact(void)
{
    struct bench bench;
    struct mcts_config config = many(MCTS_GUMBEL);
    open_bench(&bench, "gomoku:5,line=4", make_fake, &config);
    mcts_run(bench.search, &(struct mcts_limits){.visits = 64}); /* 16 x 1, 8 x 2, 4 x 4, 2 x 8 */
    struct mcts_move moves[GAME_MAX_MOVES];
    mcts_moves(bench.search, moves, GAME_MAX_MOVES);
    static const int visits[17] = {15, 15, 7, 7, 3, 3, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 0};
    for (int i = 0; i < 17; i++)
        CHECK(moves[i].visits == visits[i], "move %d of the halving has %d visits, not %d", i, (int)moves[i].visits,
              visits[i]);
    close_bench(&bench);
}

static void cap_holds(int selection)
{
    struct bench bench;
    struct mcts_config config = many(selection);
    config.memory_bytes = (size_t)256 << 10;
    open_bench(&bench, "gomoku:9", make_cached, &config);
    int64_t visits = 1;
    for (int run = 0; run < 15; run++) {
        mcts_run(bench.search, &(struct mcts_limits){.visits = 300});
        CHECK(expect_sound(&bench, visits += 300) < 2700, "more nodes than fit");
    }
    struct evaluator_cache_stats stats = evaluator_cache_stats(bench.evaluators[0]);
    CHECK(stats.hits > 0 && stats.misses > 0, "the cache was not used");
    close_bench(&bench);
}

/* Prior visits change means, and no counts, also where subtrees are recycled and evaluated again. */
static void memories_change_no_counts(int selection)
{
    struct bench bench;
    struct mcts_config config = many(selection);
    config.memory_bytes = (size_t)256 << 10;
    open_bench(&bench, "gomoku:9", make_remembering, &config);
    int64_t visits = 1;
    for (int run = 0; run < 15; run++) {
        mcts_run(bench.search, &(struct mcts_limits){.visits = 300});
        expect_sound(&bench, visits += 300);
    }
    close_bench(&bench);
}

static void *stop_soon(void *stop)
{
    usleep(30000);
    atomic_store((atomic_bool *)stop, true);
    return NULL;
}

static void stop_is_heard(int selection)
{
    struct bench bench;
    struct mcts_config config = many(selection);
    open_bench(&bench, "go:5", make_rollout, &config);
    for (int run = 0; run < 3; run++) {
        pthread_t stopper;
        atomic_bool stop = false;
        CHECK(pthread_create(&stopper, NULL, stop_soon, &stop) == 0, "no thread");
        mcts_run(bench.search, &(struct mcts_limits){.time_ms = 60000, .stop = &stop});
        pthread_join(stopper, NULL);
        const char *wrong = mcts_check(bench.search);
        CHECK(!wrong, "%s", wrong);
        CHECK(mcts_choose(bench.search, 0, NULL) != GAME_NO_MOVE, "no move after a stop");
    }
    mcts_run(bench.search, &(struct mcts_limits){.time_ms = 50, .early_stop = true});
    CHECK(!mcts_check(bench.search), "inconsistent after a run with a time limit");
    close_bench(&bench);
}

static struct evaluator *make_net(const struct game *game)
{
    const struct game_features *features = game_features_newest(game);
    struct net_info info = {.planes = features->planes,
                            .globals = features->globals,
                            .other_moves = game->moves - game->points,
                            .trunk = "conv:8"};
    g_strlcpy(info.game, game->ops->name, sizeof info.game);
    g_strlcpy(info.features, features->name, sizeof info.features);
    struct net *net;
    struct evaluator *evaluator;
    CHECK(net_create(&net, &info, 1, NULL) == 0, "no net");
    const struct evaluator_config config = {.kind = EVALUATOR_NET,
                                            .net = net,
                                            .backend = NET_BACKEND_PLAIN,
                                            .symmetry = EVALUATOR_SYMMETRY_RANDOM,
                                            .cache_bytes = (size_t)1 << 20};
    CHECK(evaluator_create(&evaluator, game, &config, NULL) == 0, "no evaluator");
    net_unref(net);
    return evaluator;
}

/* Each thread creates its own runner of the shared net, in the thread that uses it; they share the cache. */
static void net_is_shared(void)
{
    struct bench bench;
    struct mcts_config config = many(MCTS_PUCT);
    open_bench(&bench, "go:5", make_net, &config);
    int64_t visits = 1;
    for (int run = 0; run < 3; run++) {
        mcts_run(bench.search, &(struct mcts_limits){.visits = 100});
        expect_sound(&bench, visits += 100);
    }
    close_bench(&bench);
}

int main(void)
{
    alarm(300); /* ends a deadlock */
    for (int selection = MCTS_PUCT; selection <= MCTS_GUMBEL; selection++) {
        sums_hold(selection, 0, 0);
        sums_hold(selection, 0.5f, 0);
        sums_hold(selection, 0.5f, 1);
        cap_holds(selection);
        memories_change_no_counts(selection);
        stop_is_heard(selection);
        threats_are_proven(selection);
    }
    halving_is_exact();
    net_is_shared();
    puts("threads in one tree: consistent");
    return 0;
}
