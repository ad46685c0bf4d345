/* Batches for nets that carry a state along the moves of a game: rows in sequences, and rows that are judged. */
#include <criterion/criterion.h>

#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "engine/training/replay/replay_window.h"
#include "engine/training/replay/samples.h"
#include "engine/training/replay/sequences.h"
#include "games/game.h"
#include "net/net.h"
#include "net/targets.h"
#include "net/train.h"

enum { PLIES = 20, OPENING = 3, BATCH = 64, POINTS = 25 };

static struct game game;
static struct settings settings;

static void set_up(void)
{
    cr_assert(game_parse(&game, "gomoku:5", NULL));
    settings_presets(&settings, &game);
}

TestSuite(sequences, .init = set_up);

/* A game on points in an order of its own; the first plies are no training rows. */
static struct record *make(uint64_t number)
{
    union any_position position;
    struct record *record = record_new(&game, number, 0);
    float policy[GAME_MAX_MOVES] = {1}, wdl[3] = {0, 1, 0};
    struct rng rng;
    rng_seed(&rng, number);
    game_init(&game, &position.p);
    for (int i = 0; i < PLIES && !game_over(&position.p); i++) {
        game_move moves[GAME_MAX_MOVES];
        const int count = game.ops->legal_moves(&game, &position.p, NULL, moves);
        const game_move move = moves[rng_below(&rng, (uint32_t)count)];
        record_add(record, &position.p, move, i < OPENING ? NULL : policy, wdl, wdl,
                   i < OPENING ? 0 : RECORD_SEARCHED | RECORD_TRAIN);
        game_play(&game, &position.p, NULL, move);
    }
    record_finish(record, &position.p);
    return record;
}

static struct window *window_of(int games)
{
    struct window *window = window_new(&game, 1, &settings);
    for (int i = 0; i < games; i++) {
        struct record *record = make((uint64_t)i);
        window_add(window, record);
        record_unref(record);
    }
    return window;
}

static struct net_info info_of(const char *trunk)
{
    const struct game_features *features = game_features_newest(&game);
    struct net_info info = {
        .planes = features->planes, .globals = features->globals, .other_moves = game.moves - game.points};
    g_strlcpy(info.trunk, trunk, sizeof info.trunk);
    g_strlcpy(info.game, "gomoku", sizeof info.game);
    return info;
}

/* The stones of a row, a bit for each point: of both sides, which are the second and third planes. */
static uint32_t stones_of(const struct net_samples *s, int row)
{
    const float *planes = s->planes + ((size_t)row * game_features_newest(&game)->planes + 1) * POINTS;
    uint32_t stones = 0;
    for (int p = 0; p < 2 * POINTS; p++)
        stones |= planes[p] > 0 ? 1u << p % POINTS : 0;
    return stones;
}

/* The root of the sequence of rows [first, end), by what `back` says; -1: there is none that fits. */
static int root_of(const struct net_samples *s, int first, int end)
{
    for (int root = 0; root < end - first; root++) {
        bool fits = true;
        for (int i = 0; i < end - first; i++) {
            const int after = i <= root ? i - 1 : root - 1;
            fits &= (int)s->back[first + i] == (after < 0 ? 0 : i - after);
        }
        if (fits)
            return root;
    }
    return -1;
}

/* Every sequence is a part of one game under one symmetry: each position has one stone more than the one before, and its others. It
 * has a root; how far the state is carried, and how far it serves, varies. */
Test(sequences, are_parts_of_games)
{
    struct window *window = window_of(30);
    const struct net_info info = info_of("conv:8 lstm:8+moves=4");
    struct net_samples *s = net_samples_new(&info, 5, 5, BATCH);
    bool roots[5] = {false};
    int sequences = 0, whole = 0;
    struct rng rng;
    rng_seed(&rng, 1);
    cr_assert_eq(s->sequence, 8);
    for (int batch = 0; batch < 20; batch++) {
        window_fill(window, game_features_newest(&game), &rng, s);
        float weights = 0;
        int first = 0;
        for (int row = 0; row < BATCH; row++) {
            const uint32_t now = stones_of(s, row), next = row + 1 < BATCH ? stones_of(s, row + 1) : 0;
            weights += s->row_weight[row];
            cr_expect_eq(s->row_weight[row] > 0, __builtin_popcount(now) >= OPENING, "opening plies have no weight");
            if ((row + 1) % 8 && (next & now) == now && __builtin_popcount(next) == __builtin_popcount(now) + 1)
                continue; /* the sequence goes on */
            const int root = root_of(s, first, row + 1);
            cr_assert(root >= 0 && root <= 7);
            if (row + 1 - first == 8) {
                roots[MIN(root, 4)] = true;
                whole++;
            }
            sequences++;
            first = row + 1;
        }
        cr_expect_float_eq(weights, BATCH, 1e-2f);
    }
    cr_expect(roots[0] && roots[1] && roots[2] && roots[3] && roots[4]);
    cr_expect_gt(whole, sequences / 2);
    net_samples_free(s);
    window_free(window);
}

/* Judged rows are those that a net without a state is judged by: the same positions, targets and weights, from the same numbers. */
Test(sequences, judged_rows_are_the_same_for_every_net)
{
    enum { ROWS = 12, MOVES = 4, SLOT = MOVES + 1 };
    struct window *window = window_of(30);
    const struct net_info plain = info_of("conv:8"), carries = info_of("conv:8 lstm:8+moves=4");
    const size_t planes = (size_t)plain.planes * POINTS;
    struct net_samples *alone = net_samples_new(&plain, 5, 5, ROWS);
    struct net_samples *after = net_samples_new(&carries, 5, 5, ROWS * SLOT);
    struct rng rng;
    for (int with = 0; with < 2; with++) {
        rng_seed(&rng, 3);
        window_fill_judged(window, game_features_newest(&game), &rng, with ? after : alone, ROWS, with ? MOVES : 0);
    }
    cr_assert(alone->n == ROWS && after->n == ROWS * SLOT && after->sequence == SLOT);
    for (int i = 0; i < ROWS; i++) {
        int judged = -1;
        for (int row = i * SLOT; row < (i + 1) * SLOT; row++) {
            cr_expect_eq((int)after->back[row] > 0,
                         row > i * SLOT && (judged < 0 || row <= judged) && stones_of(after, row) != 0);
            if (after->row_weight[row] > 0) {
                cr_expect_lt(judged, 0, "two rows of a slot count");
                judged = row;
            }
        }
        cr_assert_geq(judged, i * SLOT + OPENING);
        cr_expect_float_eq(after->row_weight[judged], SLOT, 1e-5f);
        cr_expect_arr_eq(alone->planes + (size_t)i * planes, after->planes + (size_t)judged * planes,
                         planes * sizeof(float));
        cr_expect_arr_eq(net_samples_row(alone, NET_TARGET_POLICY, i),
                         net_samples_row(after, NET_TARGET_POLICY, judged), game.moves * sizeof(float));
    }
    net_samples_free(alone);
    net_samples_free(after);
    window_free(window);
}
