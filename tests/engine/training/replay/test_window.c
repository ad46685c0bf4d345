#include <criterion/criterion.h>
#include <math.h>

#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "engine/training/replay/relabel.h"
#include "engine/training/replay/replay_window.h"
#include "games/game.h"
#include "net/net.h"
#include "net/targets.h"
#include "net/train.h"

static struct game game;
static struct settings settings;
static const struct game_shape board = {3, 3};

static struct game_shape square(int size)
{
    return (struct game_shape){(uint16_t)size, (uint16_t)size};
}

static void set_up(void)
{
    cr_assert(game_parse(&game, "gomoku:3,line=3", NULL));
    settings_presets(&settings, &game);
    settings.window = 100;
    settings.window_alpha = 0.75;
    settings.window_beta = 0.4;
}

/* A drawn game of nine plies, of which the first `openings` are not training rows. */
static struct record *make(uint64_t number, int openings)
{
    const game_move moves[] = {0, 1, 2, 4, 3, 5, 7, 6, 8};
    union any_position position;
    struct record *record = record_new(&game, number, 0);
    float policy[GAME_MAX_MOVES] = {0}, wdl[3] = {0, 1, 0};
    policy[0] = 1;
    game_init(&game, &position.p);
    for (int i = 0; i < 9; i++) {
        record_add(record, &position.p, moves[i], i < openings ? NULL : policy, wdl, wdl,
                   i < openings ? 0 : RECORD_SEARCHED | RECORD_TRAIN);
        game_play(&game, &position.p, NULL, moves[i]);
    }
    record_finish(record, &position.p);
    return record;
}

static void add(struct window *window, uint64_t number, int openings)
{
    struct record *record = make(number, openings);
    window_add(window, record);
    record_unref(record);
}

TestSuite(window, .init = set_up);

/* N = c at n = c; at n = 16 c, 16^0.75 = 8: N = c (1 + 0.4 * 7 / 0.75) = 4.7333 c. */
Test(window, sizes_by_hand)
{
    cr_assert_eq(window_size(&settings, 100), 100);
    cr_assert_eq(window_size(&settings, 1600), 473);
    cr_assert_eq(window_size(&settings, 0), 46); /* c (1 - 0.4 / 0.75) */
    for (int64_t n = 0; n < 5000; n++)
        cr_assert_leq(window_size(&settings, n), window_size(&settings, n + 1));
}

Test(window, keeps_everything_until_it_is_full)
{
    struct window *window = window_new(&game, 1, &settings);
    for (uint64_t i = 0; i < 10; i++)
        add(window, i, 0);
    cr_assert_eq(window_rows(window), 90);
    window_free(window);
}

/* c (1 + 10 ((n/c)^0.1 - 1)) is below 0 for n < 0.35 c. */
Test(window, a_steep_slope_keeps_everything_at_first)
{
    settings.window_alpha = 0.1;
    settings.window_beta = 1;
    struct window *window = window_new(&game, 1, &settings);
    for (uint64_t i = 1; i <= 11; i++) {
        add(window, i, 0);
        cr_assert_eq(window_rows(window), 9 * (int64_t)i);
    }
    window_free(window);
}

Test(window, the_oldest_rows_are_evicted_first)
{
    struct window *window = window_new(&game, 1, &settings);
    for (uint64_t i = 0; i < 100; i++)
        add(window, i, 0);
    int64_t rows = window_rows(window);
    cr_assert_eq(rows, window_size(&settings, 900));
    cr_assert_eq(window_made(window), 900);
    for (int64_t i = 0; i < rows; i++) {
        const struct record *record;
        int ply;
        window_row(window, board, i, &record, &ply);
        cr_assert_eq((int64_t)record->number * 9 + ply, 900 - rows + i);
    }
    window_free(window);
}

/* What a resumed run loads: the newest games, and the total number of rows made. */
Test(window, resuming_gives_the_same_window)
{
    struct window *whole = window_new(&game, 1, &settings), *resumed = window_new(&game, 1, &settings);
    for (uint64_t i = 0; i < 100; i++)
        add(whole, i, 2);
    int64_t wanted = window_size(&settings, 700), loaded = 0;
    uint64_t first = 100;
    while (loaded < wanted)
        loaded += 7, first--;
    window_set_made(resumed, 700 - loaded);
    for (uint64_t i = first; i < 100; i++)
        add(resumed, i, 2);
    cr_assert_eq(window_rows(whole), window_rows(resumed));
    for (int64_t i = 0; i < window_rows(whole); i++) {
        const struct record *a, *b;
        int x, y;
        window_row(whole, board, i, &a, &x);
        window_row(resumed, board, i, &b, &y);
        cr_assert(a->number == b->number && x == y);
    }
    window_free(whole);
    window_free(resumed);
}

Test(window, only_training_rows_count)
{
    struct window *window = window_new(&game, 1, &settings);
    add(window, 0, 4);
    cr_assert_eq(window_rows(window), 5);
    const struct record *record;
    int ply;
    window_row(window, board, 0, &record, &ply);
    cr_assert_eq(ply, 4);
    window_free(window);
}

/* A game of two passes, each of which is a row. */
static struct record *make_passes(const struct game *of)
{
    union any_position position;
    struct record *record = record_new(of, 0, 0);
    float policy[GAME_MAX_MOVES] = {0}, wdl[3] = {0, 1, 0};
    policy[of->points] = 1;
    game_init(of, &position.p);
    for (int i = 0; i < 2; i++) {
        record_add(record, &position.p, of->points, policy, wdl, wdl, RECORD_SEARCHED | RECORD_TRAIN);
        game_play(of, &position.p, NULL, of->points);
    }
    record_finish(record, &position.p);
    return record;
}

Test(window, batches_are_of_one_size_in_proportion)
{
    struct game games[2];
    cr_assert(game_parse(&games[0], "gomoku:3,line=3", NULL) && game_parse(&games[1], "gomoku:4,line=3", NULL));
    struct window *window = window_new(games, 2, &settings);
    struct record *small = make(0, 6); /* 3 rows */
    window_add(window, small);
    struct record *large = make(1, 0); /* 9 rows; attributed to the other game, as nothing here looks at its moves */
    large->game = games[1];
    window_add(window, large);
    struct rng rng;
    rng_seed(&rng, 1);
    int of_large = 0;
    for (int i = 0; i < 4000; i++)
        of_large += window_draw_shape(window, &rng).width == 4;
    cr_assert_float_eq(of_large / 4000.0, 0.75, 0.03);
    record_unref(small);
    record_unref(large);
    window_free(window);
}

/* A record's ring is determined by its size: komi may differ within one, and a size that the run does not name gets its
 * own ring, after those that it names. Each row is encoded and scored with its record's own komi. */
Test(window, rings_go_by_size_and_rows_by_their_own_game)
{
    struct game games[3];
    const char *const specs[] = {"go:5,komi=3.5", "go:5,komi=-6", "go:4"};
    for (int i = 0; i < 3; i++)
        cr_assert(game_parse(&games[i], specs[i], NULL));
    settings_presets(&settings, &games[0]);
    struct window *window = window_new(games, 1, &settings);
    for (int i = 2; i >= 0; i--) {
        struct record *record = make_passes(&games[i]);
        window_add(window, record);
        record_unref(record);
    }
    cr_assert_eq(window_shape_rows(window, (struct game_shape){5, 5}), 4);
    cr_assert_eq(window_shape_rows(window, (struct game_shape){4, 4}), 2);
    cr_assert_eq(window_shape_rows(window, (struct game_shape){3, 3}), 0);
    const struct game_features *features = game_features_newest(&games[0]);
    struct net_info info = {.planes = features->planes, .globals = features->globals, .other_moves = 1};
    struct net_samples *samples = net_samples_new(&info, 5, 5, 200);
    struct rng rng;
    rng_seed(&rng, 2);
    samples->n = 200;
    window_fill(window, features, &rng, samples);
    float planes[32 * 25], globals[GAME_MAX_GLOBALS];
    int seen[2] = {0};
    for (int i = 0; i < 200; i++) {
        float score = samples->target[NET_TARGET_SCORE][i];
        int which = fabsf(score) == 6; /* komi 3.5, black to move: -3.5; white to move: 3.5 */
        bool first = which ? score > 0 : score < 0;
        cr_assert_eq(fabsf(score), which ? 6 : 3.5f);
        union any_position position;
        game_init(&games[which], &position.p);
        if (!first)
            game_play(&games[which], &position.p, NULL, 25);
        struct history history;
        history_init(&history, 1);
        game_encode(&games[which], features, &position.p, &history, 0, planes, globals);
        history_clear(&history);
        cr_assert_arr_eq(samples->globals + (size_t)i * features->globals, globals,
                         features->globals * sizeof *globals);
        seen[which]++;
    }
    cr_assert(seen[0] > 60 && seen[1] > 60, "%d and %d", seen[0], seen[1]);
    net_samples_free(samples);
    window_free(window);
}

/* The short-term value of a board larger than the run's own has a longer horizon. Two passes, each judged a draw, are a loss for
 * black: of the first row's value the second ply, judged a draw, has the share 1 / horizon, of the second row's none. */
Test(window, horizon_grows_with_the_board)
{
    enum { ROWS = 30 };
    static const char *const specs[] = {"go:4", "go:6"};
    /* The presets are 2 + 16 / 16 = 3 on 4x4 and 2 + 36 / 16 = 4.25 on 6x6, so 2 becomes 2 * 4.25 / 3. */
    static const double horizons[] = {2, 2 * 4.25 / 3};
    struct game games[2];
    struct rng rng;
    for (int i = 0; i < 2; i++)
        cr_assert(game_parse(&games[i], specs[i], NULL));
    settings_presets(&settings, &games[0]);
    settings.horizon = 2;
    struct window *window = window_new(games, 2, &settings);
    const struct game_features *features = game_features_newest(&games[0]);
    struct net_info info = {.planes = features->planes, .globals = features->globals, .other_moves = 1};
    rng_seed(&rng, 2);
    for (int i = 0; i < 2; i++) {
        struct record *record = make_passes(&games[i]);
        window_add(window, record);
        record_unref(record);
        struct net_samples *samples = net_samples_new(&info, games[i].width, games[i].height, ROWS);
        samples->n = ROWS;
        window_fill(window, features, &rng, samples);
        double most = 0;
        for (int row = 0; row < ROWS; row++)
            most = fmax(most, net_samples_row(samples, NET_TARGET_SHORT_TERM_VALUE, row)[1]);
        cr_assert_float_eq(most, 1 / horizons[i], 1e-5, "%g on %s", most, specs[i]);
        net_samples_free(samples);
    }
    window_free(window);
}

/* ---- relabelling ---- */

/* The rows of a game of two passes on an empty board, whose margin is the komi: each says so of its own komi, or of the game's. Only
 * the second is in the last third. */
Test(window, relabelled_rows_agree_with_their_komi)
{
    enum { ROWS = 2000, WHITE = 13 /* the global that says who moves */ };
    struct game go;
    struct rng rng;
    cr_assert(game_parse(&go, "go:5,komi=7.5", NULL));
    settings_presets(&settings, &go);
    settings.komi_relabel_share = 0.3;
    struct window *window = window_new(&go, 1, &settings);
    struct record *record = make_passes(&go);
    window_add(window, record);
    record_unref(record);
    const struct game_features *features = game_features_newest(&go);
    struct net_info info = {.planes = features->planes, .globals = features->globals, .other_moves = 1};
    struct net_samples *samples = net_samples_new(&info, 5, 5, ROWS);
    rng_seed(&rng, 2);
    samples->n = ROWS;
    window_fill(window, features, &rng, samples);
    int relabelled = 0, wide = 0, integer = 0;
    for (int i = 0; i < ROWS; i++) {
        /* The first global is the mover's komi / 15, and the margin is all komi. */
        float komi = samples->globals[(size_t)i * features->globals] * 15;
        const float *value = net_samples_row(samples, NET_TARGET_VALUE, i);
        cr_assert_float_eq(net_samples_row(samples, NET_TARGET_SCORE, i)[0], komi, 1e-4);
        cr_assert(value[0] == (komi > 0) && value[1] == (komi == 0) && value[2] == (komi < 0));
        bool own = samples->weight[NET_TARGET_POLICY][i] > 0;
        cr_assert(!own || fabsf(komi) == 7.5f);
        cr_assert((samples->weight[NET_TARGET_SHORT_TERM_VALUE][i] > 0) == own);
        cr_assert(!samples->weight[NET_TARGET_REPLY][i] || own);
        cr_assert(samples->weight[NET_TARGET_MAP][i] > 0 && fabsf(komi) <= 25);
        relabelled += !own;
        cr_assert(own || samples->globals[(size_t)i * features->globals + WHITE] == 1, "black's row is the first");
        wide += !own && fabsf(komi) > 15;
        integer += !own && komi == floorf(komi);
    }
    /* 300 and four standard deviations of 16; of them a good part far from the game's komi, and half integers. */
    cr_assert(relabelled > 235 && relabelled < 365, "%d", relabelled);
    cr_assert(wide > relabelled / 4 && integer > relabelled / 3 && integer < relabelled * 2 / 3, "%d, %d", wide,
              integer);
    net_samples_free(samples);
    window_free(window);
}

/* A result that is not that of the margin, such as of a game that was resigned, says nothing about another komi. */
Test(window, relabelling_needs_the_result_of_the_margin)
{
    struct game go;
    cr_assert(game_parse(&go, "go:5,komi=7.5", NULL));
    struct record *record = make_passes(&go), *none = make(0, 0);
    cr_assert(!relabel_applies(record, 0) && relabel_applies(record, 1));
    record->result.outcome = GAME_WON_0;
    cr_assert_not(relabel_applies(record, 1));
    cr_assert_not(relabel_applies(none, none->ply_count - 1), "a game without komi");
    record_unref(record);
    record_unref(none);
}

/* Rows are drawn uniformly: each of the nine plies of a game about equally often. */
Test(window, draws_are_uniform)
{
    struct window *window = window_new(&game, 1, &settings);
    add(window, 0, 0);
    const struct game_features *features = game_features_newest(&game);
    struct net_info info = {
        .planes = features->planes, .globals = features->globals, .other_moves = game.moves - game.points};
    struct net_samples *samples = net_samples_new(&info, 3, 3, 900);
    struct rng rng;
    int first_plies = 0;
    rng_seed(&rng, 5);
    samples->n = 900;
    window_fill(window, features, &rng, samples);
    /* Only the last ply has no reply: a ninth of 900 rows is 100, with a tolerance of four standard deviations of 9.4.
     * */
    for (int i = 0; i < 900; i++)
        first_plies += samples->weight[NET_TARGET_REPLY][i] == 0;
    cr_assert(first_plies > 60 && first_plies < 140, "%d", first_plies);
    net_samples_free(samples);
    window_free(window);
}

/* The ring grows while its oldest row is not at its start: the window of 1000 rows has evicted rows by then. */
Test(window, growth_keeps_the_order)
{
    settings.window = 1000;
    struct window *window = window_new(&game, 1, &settings);
    for (uint64_t i = 0; i < 600; i++)
        add(window, i, 0);
    /* N = 1000 (1 + 0.4 (5.4^0.75 - 1) / 0.75) = 2355.6 */
    int64_t rows = window_rows(window);
    cr_assert(rows == 2355 && window_shape_rows(window, square(3)) == rows, "%d", (int)rows);
    for (int64_t i = 0; i < rows; i++) {
        const struct record *record;
        int ply;
        window_row(window, square(3), i, &record, &ply);
        cr_assert_eq((int64_t)record->number * 9 + ply, 5400 - rows + i);
    }
    window_free(window);
    window_free(NULL);
}

/* With two sizes the oldest row of either is evicted: the newest 149 of 270 rows stay, 16 games and part of one. */
Test(window, the_oldest_row_of_all_sizes_is_evicted)
{
    struct game games[2];
    cr_assert(game_parse(&games[0], "gomoku:3,line=3", NULL) && game_parse(&games[1], "gomoku:4,line=3", NULL));
    struct window *window = window_new(games, 2, &settings);
    for (uint64_t i = 0; i < 30; i++) {
        struct record *record = make(i, 0);
        record->game = games[i % 3 == 0]; /* every third game is large */
        window_add(window, record);
        record_unref(record);
    }
    int64_t rows = window_rows(window);
    int64_t large = window_shape_rows(window, square(4)), small = window_shape_rows(window, square(3));
    cr_assert_eq(rows, window_size(&settings, 270));
    cr_assert_eq(large + small, rows);
    for (int size = 3; size <= 4; size++) {
        const struct record *record;
        int ply;
        window_row(window, square(size), 0, &record, &ply);
        cr_assert_geq((int64_t)record->number * 9 + ply, 270 - rows, "size %d", size);
        window_row(window, square(size), window_shape_rows(window, square(size)) - 1, &record, &ply);
        cr_assert(ply == 8 && record->number >= 27);
    }
    window_free(window);
}

/* Three sizes with one, two and six rows. */
Test(window, three_sizes_are_drawn_in_proportion)
{
    static const int rows[3] = {1, 2, 6};
    struct game games[3];
    const char *const specs[] = {"gomoku:3,line=3", "gomoku:4,line=3", "gomoku:5,line=3"};
    int counts[6] = {0};
    struct rng rng;
    for (int i = 0; i < 3; i++)
        cr_assert(game_parse(&games[i], specs[i], NULL));
    struct window *window = window_new(games, 3, &settings);
    for (int i = 0; i < 3; i++) {
        struct record *record = make((uint64_t)i, 9 - rows[i]);
        record->game = games[i];
        window_add(window, record);
        record_unref(record);
    }
    rng_seed(&rng, 1);
    for (int i = 0; i < 9000; i++)
        counts[window_draw_shape(window, &rng).width]++;
    for (int i = 0; i < 3; i++)
        cr_assert(abs(counts[3 + i] - 1000 * rows[i]) < 200, "size %d: %d", 3 + i, counts[3 + i]);
    window_free(window);
}

/* A size without rows is never drawn, whatever its place. */
Test(window, a_size_without_rows_is_not_drawn)
{
    struct game games[3];
    const char *const specs[] = {"gomoku:4,line=3", "gomoku:3,line=3", "gomoku:5,line=3"};
    for (int i = 0; i < 3; i++)
        cr_assert(game_parse(&games[i], specs[i], NULL));
    struct window *window = window_new(games, 3, &settings);
    struct rng rng;
    add(window, 0, 8); /* one row */
    rng_seed(&rng, 1);
    for (int i = 0; i < 2000; i++)
        cr_assert_eq(window_draw_shape(window, &rng).width, 3);
    window_free(window);
}

/* A row occurs under each of the eight symmetries: a stone in the corner of an empty board has four images, and the
 * reply beside it tells the two symmetries apart that share one. */
Test(window, every_symmetry_occurs)
{
    struct window *window = window_new(&game, 1, &settings);
    struct record *record = make(0, 9);
    record->plies[2].flags = RECORD_SEARCHED | RECORD_TRAIN; /* stones on 0 and 1 */
    window_add(window, record);
    const struct game_features *features = game_features_newest(&game);
    struct net_info info = {
        .planes = features->planes, .globals = features->globals, .other_moves = game.moves - game.points};
    struct net_samples *samples = net_samples_new(&info, 3, 3, 400);
    struct rng rng;
    rng_seed(&rng, 5);
    samples->n = 400;
    window_fill(window, features, &rng, samples);
    size_t bytes = sizeof(float) * 9 * features->planes;
    int kinds[8] = {0}, first[8], count = 0;
    for (int i = 0; i < 400; i++) {
        int kind = 0;
        while (kind < count && memcmp((char *)samples->planes + (size_t)i * bytes,
                                      (char *)samples->planes + (size_t)first[kind] * bytes, bytes) != 0)
            kind++;
        cr_assert_lt(kind, 8);
        if (kind == count)
            first[count++] = i;
        kinds[kind]++;
    }
    cr_assert_eq(count, 8);
    for (int k = 0; k < 8; k++) /* 50, with a tolerance of four standard deviations of 6.6 */
        cr_assert(kinds[k] > 23 && kinds[k] < 77, "%d", kinds[k]);
    net_samples_free(samples);
    record_unref(record);
    window_free(window);
}

/* ---- memory ---- */

/* Below the limit the window is as without one; beyond it it keeps the newest rows that fit, however many are added. */
Test(window, a_limit_of_memory)
{
    settings.window = 100000;
    struct window *window = window_new(&game, 1, &settings), *limited = window_new(&game, 1, &settings);
    struct record *record = make(0, 2);
    const int64_t bytes = (int64_t)record_memory(record);
    cr_assert(bytes > (int64_t)(sizeof *record + 9 * sizeof *record->plies));
    record_unref(record);
    const int64_t limit = 2000 * bytes;
    window_limit(limited, limit);
    for (uint64_t i = 0; i < 1000; i++) {
        add(window, i, 2);
        add(limited, i, 2);
    }
    cr_assert(window_rows(limited) == 7000 && window_bytes(limited) == window_bytes(window));
    cr_assert(window_bytes(window) >= 990 * bytes && window_bytes(window) < 2000 * bytes);
    for (uint64_t i = 1000; i < 10000; i++) {
        add(limited, i, 2);
        cr_assert_leq(window_bytes(limited), limit);
    }
    cr_assert(window_made(limited) == 70000 && window_rows(limited) > 3000 && window_rows(limited) < 14000, "%d rows",
              (int)window_rows(limited));
    const struct record *newest;
    int ply;
    window_row(limited, board, window_rows(limited) - 1, &newest, &ply);
    cr_assert(newest->number == 9999 && ply == 8);
    window_row(limited, board, 0, &newest, &ply);
    cr_assert_leq(9999 - (int64_t)newest->number, window_rows(limited) / 7 + 1);
    window_limit(limited, limit / 4); /* as nets grow; the rings' own space shrinks with it */
    cr_assert_leq(window_bytes(limited), limit / 4);
    cr_assert_gt(window_rows(limited), 500, "%d rows", (int)window_rows(limited));
    window_limit(limited, 0);
    const int64_t rows = window_rows(limited);
    for (uint64_t i = 10000; i < 11000; i++)
        add(limited, i, 2);
    cr_assert_eq(window_rows(limited), rows + 7000);
    window_free(window);
    window_free(limited);
}
