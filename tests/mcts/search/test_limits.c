/* The end of a run, reports during it, valid settings, and the positions for which the tree is kept. */
#include <criterion/criterion.h>
#include <math.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"
#include "mcts/search/search_state.h"
#include "mcts/search/tree.h"
#include "tests/mcts/fake.h"

/* An evaluator that counts its calls, and may stop the search or sleep; all positions are even. */
struct counter {
    struct evaluator base;
    int calls;
    int stop_at;
    atomic_bool stop;
    gulong sleep_us;
    struct eval eval; /* its result: wdl, score */
};

static void counter_evaluate(struct evaluator *self, int n, const struct eval_query *queries, struct eval *evals)
{
    struct counter *counter = (struct counter *)self;
    cr_assert_eq(n, 1);
    evals[0] = counter->eval;
    evals[0].filled = queries[0].want;
    if (++counter->calls == counter->stop_at)
        atomic_store(&counter->stop, true);
    if (counter->sleep_us)
        g_usleep(counter->sleep_us);
}

static struct mcts *counted_search(struct counter *counter, const struct game *game, const struct mcts_config *config)
{
    static const struct evaluator_ops ops = {.name = "counter", .evaluate = counter_evaluate};
    memset(counter, 0, sizeof *counter);
    counter->base = (struct evaluator){.ops = &ops, .game = game};
    counter->eval.wdl[1] = 1;
    struct evaluator *evaluators[1] = {&counter->base};
    return fake_search(game, config, evaluators);
}

static int64_t new_visits(const struct mcts *search)
{
    struct mcts_root root;
    mcts_root(search, &root);
    return root.new_visits;
}

/* ---- limits ---- */

Test(limits, a_stop_flag_ends_the_run_at_once)
{
    for (int selection = MCTS_PUCT; selection <= MCTS_GUMBEL; selection++) {
        struct game game = fake_game("gomoku:7");
        struct mcts_config config = mcts_defaults((enum mcts_selection)selection);
        struct counter counter;
        struct mcts *search = counted_search(&counter, &game, &config);
        counter.stop_at = 10; /* the root's evaluation is the first */
        mcts_run(search, &(struct mcts_limits){.stop = &counter.stop});
        cr_expect(counter.calls == 10 && new_visits(search) == 9);
        atomic_store(&counter.stop, false);
        mcts_run(search, &(struct mcts_limits){.visits = 5, .stop = &counter.stop});
        cr_expect(counter.calls == 15 && new_visits(search) == 5);
        mcts_close(search);
    }
}

/* Each playout takes a millisecond: a time limit is observed, and a visit limit counts only this run. */
Test(limits, time)
{
    struct game game = fake_game("gomoku:7");
    struct mcts_config config = mcts_defaults(MCTS_PUCT);
    struct counter counter;
    struct mcts *search = counted_search(&counter, &game, &config);
    counter.sleep_us = 1000;
    gint64 begin = g_get_monotonic_time();
    mcts_run(search, &(struct mcts_limits){.time_ms = 60});
    double ms = (double)(g_get_monotonic_time() - begin) / 1000;
    cr_expect(ms >= 59 && ms < 400, "%g ms", ms);
    cr_expect(counter.calls >= 2 && counter.calls <= 61);
    int calls = counter.calls;
    mcts_run(search, &(struct mcts_limits){.visits = 3, .time_ms = 10000});
    cr_expect(counter.calls == calls + 3 && new_visits(search) == 3);
    mcts_close(search);
}

/* With only one legal move the run ends at the first check, after 32 playouts; the same applies once the root is
 * proven. Without early_stop it does not end. */
Test(limits, early_stop)
{
    static const struct {
        const char *moves;
        bool prove, early, ends;
    } cases[] = {
        {"A3 B3 C3 B2 A2 C1 B1 A1", false, true, true},  /* one point is left */
        {"A3 B3 C3 B2 A2 C1 B1 A1", false, false, false},
        {"A3 A2 B3 B2", true, true, true},               /* a win in one */
        {"A3 A2", false, true, false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct game_ops ops;
        struct game game = fake_unpruned("gomoku:3,line=3", &ops);
        struct mcts_config config = mcts_defaults(MCTS_PUCT);
        struct evaluator *evaluator = evaluator_uniform_create(&game);
        union any_position position;
        config.prove = cases[i].prove;
        struct mcts *search = fake_search(&game, &config, &evaluator);
        fake_play(&game, &position.p, NULL, cases[i].moves);
        mcts_set_root(search, &position.p, NULL);
        mcts_run(search, &(struct mcts_limits){.visits = 320, .time_ms = 100000, .early_stop = cases[i].early});
        cr_expect_eq(new_visits(search), cases[i].ends ? 32 : 320, "case %zu: %d", i, (int)new_visits(search));
        mcts_close(search);
        evaluator_free(evaluator);
    }
}

/* A net that is always certain of one move: every playout goes one ply deeper. */
static void sure_evaluate(struct evaluator *self, int n, const struct eval_query *queries, struct eval *evals)
{
    cr_assert(n == 1 && queries[0].legal_count > 0);
    memset(evals[0].logits, 0, sizeof *evals[0].logits * self->game->moves);
    memset(evals[0].wdl, 0, sizeof evals[0].wdl);
    evals[0].logits[queries[0].legal[0]] = 50;
    evals[0].wdl[1] = 1;
    evals[0].filled = queries[0].want;
}

Test(limits, depth)
{
    static const struct evaluator_ops ops = {.name = "sure", .evaluate = sure_evaluate};
    struct game_ops game_ops;
    struct game game = fake_unpruned("go:9", &game_ops);
    struct evaluator sure = {.ops = &ops, .game = &game}, *evaluators[1] = {&sure};
    struct mcts_config config = mcts_defaults(MCTS_PUCT);
    struct mcts *search = fake_search(&game, &config, evaluators);
    struct mcts_root root;
    game_move line[200];
    mcts_run(search, &(struct mcts_limits){.visits = 70});
    mcts_root(search, &root);
    cr_expect_eq(root.depth, 70);
    cr_expect_eq(mcts_variation(search, 0, line, NULL, 200), 70);
    mcts_run(search, &(struct mcts_limits){.visits = 1});
    mcts_root(search, &root);
    cr_expect_eq(root.depth, 71);
    mcts_advance(search, 0);
    mcts_run(search, &(struct mcts_limits){.visits = 1});
    mcts_root(search, &root);
    cr_expect_eq(root.depth, 71, "one ply deeper, from one ply further on");
    mcts_close(search);
}

/* ---- reports ---- */

struct watcher {
    const struct mcts *search;
    const struct counter *counter;
    int reports;
    int64_t last;
    gint64 begin, first;
};

static void watch(void *data)
{
    struct watcher *watcher = data;
    int64_t visits = new_visits(watcher->search);
    if (!watcher->reports++)
        watcher->first = g_get_monotonic_time() - watcher->begin;
    cr_expect_eq(visits, watcher->counter->calls - 1, "all playouts so far, and none in progress");
    cr_expect_gt(visits, watcher->last);
    cr_expect_null(mcts_check(watcher->search));
    watcher->last = visits;
}

/* Playouts of 1 ms and a report every 10 ms: the first not before 10, and no two within 10. */
Test(limits, reports_at_intervals)
{
    for (int selection = MCTS_PUCT; selection <= MCTS_GUMBEL; selection++) {
        struct game game = fake_game("gomoku:7");
        struct mcts_config config = mcts_defaults((enum mcts_selection)selection);
        struct counter counter;
        struct mcts *search = counted_search(&counter, &game, &config);
        struct watcher watcher = {.search = search, .counter = &counter, .begin = g_get_monotonic_time()};
        counter.sleep_us = 1000;
        mcts_run(search, &(struct mcts_limits){.visits = 60, .report = watch, .data = &watcher, .report_ms = 10});
        double ms = (double)(g_get_monotonic_time() - watcher.begin) / 1000;
        cr_expect_eq(new_visits(search), 60);
        cr_expect(watcher.reports >= 1 && watcher.reports <= ms / 10 + 1, "%d reports in %g ms", watcher.reports, ms);
        cr_expect_geq((double)watcher.first / 1000, 9);
        mcts_close(search);
    }
}

struct stopper {
    const struct mcts *search;
    int reports;
    atomic_bool stop;
};

/* Stops a run that reports the same visits twice. */
static void stop_repeated(void *data)
{
    struct stopper *stopper = data;
    atomic_store(&stopper->stop, new_visits(stopper->search) != ++stopper->reports);
}

/* An interval of 0: one report after each playout but the last, of which the caller learns when the run returns. */
Test(limits, reports_without_an_interval)
{
    for (int selection = MCTS_PUCT; selection <= MCTS_GUMBEL; selection++) {
        struct game game = fake_game("gomoku:7");
        struct mcts_config config = mcts_defaults((enum mcts_selection)selection);
        struct counter counter;
        struct mcts *search = counted_search(&counter, &game, &config);
        struct stopper stopper = {.search = search};
        mcts_run(search, &(struct mcts_limits){
                             .visits = 60, .stop = &stopper.stop, .report = stop_repeated, .data = &stopper});
        cr_expect_eq(new_visits(search), 60);
        cr_expect_eq(stopper.reports, 59, "%d reports", stopper.reports);
        mcts_close(search);
    }
}

/* ---- settings ---- */

static void expect_settings(const struct mcts_config *config, const char *message)
{
    struct game game = fake_game("gomoku:5");
    struct evaluator *evaluator = evaluator_uniform_create(&game), *evaluators[1024];
    struct mcts *search = NULL;
    GError *error = NULL;
    for (int i = 0; i < 1024; i++)
        evaluators[i] = evaluator;
    cr_expect_eq(mcts_create(&search, &game, config, evaluators, &error), message ? -1 : 0, "%s",
                 message ? message : error ? error->message : "");
    cr_expect_eq(search == NULL, message != NULL);
    if (message && error) {
        cr_expect(g_error_matches(error, MCTS_ERROR, MCTS_ERROR_CONFIG));
        cr_expect_str_eq(error->message, message);
    }
    g_clear_error(&error);
    mcts_close(search);
    evaluator_free(evaluator);
}

Test(limits, settings)
{
    static const char threads[] = "search settings: threads must be 1 to 1024";
    static const char considered[] = "search settings: gumbel_considered must be at least 1";
    static const char temperature[] = "search settings: policy_temperature must be above 0";
    static const char base[] = "search settings: cpuct_base must be above 0";
    static const char stdev[] = "search settings: cpuct_stdev must be 0 to 1";
    static const char bias[] = "search settings: value_bias must be 0 to 1";
    static const char uncertainty[] = "search settings: uncertainty must be 0 to 2";
    static const char rationality[] = "search settings: model_rationality must be 0 to 1000";
    static const char score[] = "search settings: score_utility must be 0 or more";
    struct mcts_config config = mcts_defaults(MCTS_GUMBEL);
    expect_settings(&config, NULL);
    config.threads = 0;
    expect_settings(&config, threads);
    config.threads = 1025;
    expect_settings(&config, threads);
    config.threads = 1024;
    expect_settings(&config, NULL);
    config.threads = 1;
    config.gumbel_considered = 1;
    expect_settings(&config, NULL);
    config.gumbel_considered = 0;
    expect_settings(&config, considered);
    config.selection = MCTS_PUCT; /* which considers all moves */
    expect_settings(&config, NULL);
    config.policy_temperature = 0;
    expect_settings(&config, temperature);
    config.policy_temperature = NAN;
    expect_settings(&config, temperature);
    config.policy_temperature = 0.1f;
    config.cpuct_base = 0;
    expect_settings(&config, base);
    config.cpuct_log = 0; /* the base is not used */
    expect_settings(&config, NULL);
    config.cpuct_stdev = 1;
    expect_settings(&config, NULL);
    config.cpuct_stdev = 1.1f;
    expect_settings(&config, stdev);
    config.cpuct_stdev = -0.1f;
    expect_settings(&config, stdev);
    config.cpuct_stdev = 0;
    config.value_bias = 1;
    expect_settings(&config, NULL);
    config.value_bias = 1.1f;
    expect_settings(&config, bias);
    config.value_bias = NAN;
    expect_settings(&config, bias);
    config.value_bias = 0;
    config.uncertainty = 2;
    expect_settings(&config, NULL);
    config.uncertainty = 2.1f;
    expect_settings(&config, uncertainty);
    config.uncertainty = -1;
    expect_settings(&config, uncertainty);
    config.uncertainty = 0;
    config.model_rationality = 1000;
    expect_settings(&config, NULL);
    config.model_rationality = 1001;
    expect_settings(&config, rationality);
    config.model_rationality = NAN;
    expect_settings(&config, rationality);
    config.model_rationality = 0;
    config.score_utility = -0.1f;
    expect_settings(&config, score);
}

/* The minimum memory: twice a root with a node for each move, and one playout for each thread. There are 28 moves: 25
 * points and three choices of an opening. */
Test(limits, least_memory)
{
    struct mcts_config config = mcts_defaults(MCTS_PUCT);
    for (int threads = 1; threads <= 3; threads++) {
        config.value_bias = threads == 2 ? 0.35f : 0; /* which takes 40 bytes for each node */
        config.uncertainty = threads == 3;            /* which takes them, too */
        size_t extra = threads >= 2 ? 40 : 0, node = 96 + extra, playout = 88 + 8 + 28 * 4 + extra;
        size_t least = 2 * 29 * node + 2 * playout + (size_t)threads * 2 * playout;
        char *message = g_strdup_printf("search settings: %zu bytes of memory are not enough for this board; use at "
                                        "least %zu",
                                        least - 1, least);
        config.threads = threads;
        config.memory_bytes = least;
        expect_settings(&config, NULL);
        config.memory_bytes = least - 1;
        expect_settings(&config, message);
        g_free(message);
    }
}

/* ---- when the tree is kept ---- */

static int64_t visits_at(struct mcts *search, const struct position *position, const struct history *history)
{
    mcts_set_root(search, position, history);
    mcts_run(search, &(struct mcts_limits){.visits = 1});
    struct mcts_root root;
    mcts_root(search, &root);
    return root.visits;
}

/* A tree is kept only for the same position: if anything in it differs, the tree is discarded. */
Test(limits, a_tree_is_kept_for_the_same_position)
{
    struct game game = fake_game("gomoku:5,line=4");
    struct mcts_config config = mcts_defaults(MCTS_PUCT);
    struct evaluator *evaluator = fake_create(&game, 3, 1);
    struct mcts *search = fake_search(&game, &config, &evaluator);
    union any_position position, other;
    fake_play(&game, &position.p, NULL, "C3 B2 A1");
    cr_assert_eq(visits_at(search, &position.p, NULL), 2);
    cr_assert_eq(visits_at(search, &position.p, NULL), 3, "the same");
#define EXPECT_COUNTS(field)                                                                                           \
    do {                                                                                                               \
        visits_at(search, &position.p, NULL);                                                                          \
        visits_at(search, &position.p, NULL);                                                                          \
        game_copy(&game, &other.p, &position.p);                                                                       \
        other.p.field ^= 1;                                                                                            \
        mcts_set_root(search, &other.p, NULL);                                                                         \
        cr_expect_eq(search->tree.root, 0, "%s", #field);                                                              \
    } while (0)
    EXPECT_COUNTS(hash);
    EXPECT_COUNTS(stones_hash);
    EXPECT_COUNTS(player);
    EXPECT_COUNTS(colour);
    EXPECT_COUNTS(phase);
    EXPECT_COUNTS(outcome);
    EXPECT_COUNTS(recent[0]);
    EXPECT_COUNTS(recent[GAME_RECENT - 1]);
#undef EXPECT_COUNTS
    mcts_close(search);
    evaluator_free(evaluator);
}

/* Moves forward by one or two plies keep the subtree; by three, backwards, or into another line, none is kept. */
Test(limits, a_tree_is_kept_two_plies_on)
{
    struct game_ops ops;
    struct game game = fake_unpruned("gomoku:5,line=4", &ops);
    static const struct {
        const char *moves;
        bool kept;
    } cases[] = {{"C3", true},       {"C3 B2", true},  {"C3 B2 D4", true},     {"C3 B2 D4 D3", false},
                 {"", false},        {"B2", false},    {"B2 C3", false},       {"A1 B2", false},
                 {"A1 B2 D4", false}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct mcts_config config = mcts_defaults(MCTS_PUCT);
        struct evaluator *evaluator = evaluator_uniform_create(&game);
        struct mcts *search = fake_search(&game, &config, &evaluator);
        union any_position position;
        struct history history;
        history_init(&history, 8);
        fake_play(&game, &position.p, &history, "C3");
        mcts_set_root(search, &position.p, &history);
        mcts_run(search, &(struct mcts_limits){.visits = 4000});
        history_truncate(&history, 0);
        fake_play(&game, &position.p, &history, cases[i].moves);
        mcts_set_root(search, &position.p, &history);
        history_clear(&history);
        cr_expect_eq(search->tree.root != 0, cases[i].kept, "\"%s\"", cases[i].moves);
        mcts_close(search);
        evaluator_free(evaluator);
    }
}

/* Histories of the same length that differ in their stones or in who was to move. */
Test(limits, a_tree_is_kept_for_the_same_history)
{
    struct game game = fake_game("go:5");
    struct mcts_config config = mcts_defaults(MCTS_PUCT);
    struct evaluator *evaluator = fake_create(&game, 3, 1);
    struct mcts *search = fake_search(&game, &config, &evaluator);
    union any_position position;
    struct history history;
    history_init(&history, 8);
    fake_play(&game, &position.p, &history, "C3 D3 B2");
    cr_assert_eq(visits_at(search, &position.p, &history), 2);
    cr_assert_eq(visits_at(search, &position.p, &history), 3);
    history.entries[0].stones_hash ^= 1;
    cr_expect_eq(visits_at(search, &position.p, &history), 2, "other stones");
    cr_expect_eq(visits_at(search, &position.p, &history), 3);
    history.entries[2].colour ^= 1;
    cr_expect_eq(visits_at(search, &position.p, &history), 2, "another side to move");
    mcts_close(search);
    history_clear(&history);
    evaluator_free(evaluator);
}

/* ---- invalid evaluations ---- */

/* Values that are not finite count as 0, and one beyond a certain win or loss as that win or loss. */
Test(limits, bad_evaluations)
{
    static const struct {
        float win, draw, loss, score;
        double value, share, margin;
    } cases[] = {
        {NAN, NAN, 0, NAN, 0, 0, 0},
        {INFINITY, 0.25f, 0, -INFINITY, 0, 0.25, 0},
        {3, 0.5f, 0, 7, 1, 0.5, 7},
        {0, 0, 3, -7, -1, 0, -7},
    };
    struct game game = fake_game("go:5");
    struct mcts_config config = mcts_defaults(MCTS_PUCT);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct counter counter;
        struct mcts *search = counted_search(&counter, &game, &config);
        counter.eval = (struct eval){.wdl = {cases[i].win, cases[i].draw, cases[i].loss}, .score = cases[i].score};
        mcts_run(search, &(struct mcts_limits){.visits = 50});
        const struct node *root = tree_node(&search->tree, search->tree.root);
        cr_expect_float_eq(root->raw_value, cases[i].value, 1e-6, "case %zu", i);
        cr_expect_float_eq(root->raw_draw, cases[i].share, 1e-6, "case %zu", i);
        cr_expect_float_eq(root->raw_score, cases[i].margin, 1e-6, "case %zu", i);
        cr_expect_null(mcts_check(search));
        mcts_close(search);
    }
}
