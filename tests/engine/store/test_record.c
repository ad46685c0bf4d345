/* Training targets of games worked out by hand, for both players: a wrong sign here would prevent all learning. */
#include <criterion/criterion.h>
#include <math.h>
#include <zstd.h>

#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "engine/training/replay/samples.h"
#include "games/game.h"
#include "net/net.h"
#include "net/targets.h"
#include "net/train.h"

static void parse(struct game *game, const char *spec)
{
    GError *error = NULL;
    cr_assert(game_parse(game, spec, &error), "%s", error ? error->message : "");
}

/* Plays moves given as text; ply i has the search result wdls[i] (view of the mover) and a policy of 1 on the move
 * played. */
static struct record *play(const struct game *game, const char *const *moves, float (*wdls)[3], int count)
{
    union any_position position;
    struct history history;
    struct record *record = record_new(game, 7, 3);
    history_init(&history, 0);
    game_init(game, &position.p);
    for (int i = 0; i < count; i++) {
        float policy[GAME_MAX_MOVES] = {0};
        game_move move = game_move_parse(game, moves[i]);
        cr_assert_neq(move, GAME_NO_MOVE, "%s", moves[i]);
        policy[move] = 0.75f;
        policy[(move + 1) % game->moves] = 0.25f;
        record_add(record, &position.p, move, policy, wdls ? wdls[i] : NULL, wdls ? wdls[i] : NULL,
                   RECORD_TRAIN | (wdls ? RECORD_SEARCHED : 0));
        cr_assert(game_try(game, &position.p, &history, move), "%s is illegal", moves[i]);
    }
    record_finish(record, &position.p);
    history_clear(&history);
    return record;
}

static void expect3(const float *got, float a, float b, float c)
{
    float want[3] = {a, b, c};
    for (int i = 0; i < 3; i++)
        cr_assert_float_eq(got[i], want[i], 1e-4, "%g %g %g is not %g %g %g", got[0], got[1], got[2], a, b, c);
}

/* A ply as a training row, without a symmetry. */
static struct net_samples *row_with(const struct record *record, int ply, const struct settings *settings)
{
    const struct game *game = &record->game;
    const struct game_features *features = game_features_newest(game);
    struct net_info info = {
        .planes = features->planes, .globals = features->globals, .other_moves = game->moves - game->points};
    struct net_samples *samples = net_samples_new(&info, game->width, game->height, 1);
    const struct samples_form form = {.values =
                                          samples_values_of(settings, (struct game_shape){game->width, game->height})};
    samples_write(samples, 0, record, ply, features, &form);
    return samples;
}

static struct net_samples *row_of(const struct record *record, int ply, float horizon)
{
    return row_with(record, ply, &(struct settings){.horizon = (double)horizon});
}

static void expect_row3(const struct record *record, int ply, float horizon, enum net_target_id t, float a, float b,
                        float c)
{
    struct net_samples *samples = row_of(record, ply, horizon);
    cr_assert_eq(samples->weight[t][0], 1);
    expect3(samples->target[t], a, b, c);
    net_samples_free(samples);
}

/* Player 0 wins with the top row:  X X X
 *                              O O .  */
Test(record, tic_tac_toe_by_hand)
{
    struct game game;
    parse(&game, "gomoku:3,line=3");
    const char *moves[] = {"A3", "A2", "B3", "B2", "C3"};
    float wdls[][3] = {{0.5f, 0.3f, 0.2f}, {0.2f, 0.3f, 0.5f}, {0.8f, 0.1f, 0.1f}, {0.1f, 0.2f, 0.7f}, {0.9f, 0.1f, 0}};
    struct record *record = play(&game, moves, wdls, 5);
    cr_assert_eq(record->result.outcome, GAME_WON_0);
    cr_assert_eq(record->rows, 5);
    for (int ply = 0; ply < 5; ply++) {
        struct net_samples *row = row_of(record, ply, 2);
        expect3(row->target[NET_TARGET_VALUE], ply % 2 == 0, 0, ply % 2);
        for (int p = 0; p < 9; p++)
            cr_assert_eq(row->target[NET_TARGET_MAP][p], p >= 3 ? 0 : ply % 2 ? -1 : 1, "player 0's winning line");
        cr_assert_eq(row->weight[NET_TARGET_SCORE][0], 0, "the game has no score");
        cr_assert_eq(row->weight[NET_TARGET_REPLY][0], ply < 4, "the last move has no reply");
        for (int m = 0; ply < 4 && m < 9; m++) /* the policy of the next ply in the record */
            cr_assert_float_eq(row->target[NET_TARGET_REPLY][m],
                               m == record->plies[ply + 1].move             ? 0.75
                               : m == (record->plies[ply + 1].move + 1) % 9 ? 0.25
                                                                            : 0,
                               1e-4);
        net_samples_free(row);
    }
    /* Horizon 2: half of the weight on the next ply, a quarter on the one after, the rest on the result. */
    expect_row3(record, 4, 2, NET_TARGET_SHORT_TERM_VALUE, 1, 0, 0);
    /* half of (0, .1, .9) and half of a loss */
    expect_row3(record, 3, 2, NET_TARGET_SHORT_TERM_VALUE, 0, 0.05f, 0.95f);
    /* .5 (.7 .2 .1) + .25 (.9 .1 0) + .25 (1 0 0) */
    expect_row3(record, 2, 2, NET_TARGET_SHORT_TERM_VALUE, 0.825f, 0.125f, 0.05f);
    record_unref(record);
}

/* By how much the search moved the value, whoever is to move; nothing where it did not search. */
Test(record, value_error)
{
    const float wdl[3] = {0.2f, 0.1f, 0.7f}, raw[3] = {0.6f, 0.2f, 0.2f}, policy[GAME_MAX_MOVES] = {1};
    struct game game;
    union any_position position;
    parse(&game, "gomoku:3,line=3");
    struct record *record = record_new(&game, 1, 0);
    game_init(&game, &position.p);
    for (int ply = 0; ply < 3; ply++) {
        const bool searched = ply != 1;
        record_add(record, &position.p, (game_move)ply, policy, searched ? wdl : NULL, searched ? raw : NULL,
                   searched ? RECORD_SEARCHED | RECORD_TRAIN : RECORD_TRAIN);
        game_play(&game, &position.p, NULL, (game_move)ply);
    }
    record_finish(record, &position.p);
    for (int ply = 0; ply < 3; ply++) {
        struct net_samples *row = row_of(record, ply, 2);
        cr_expect_eq(row->weight[NET_TARGET_VALUE_ERROR][0], ply != 1);
        cr_expect(ply == 1 || fabsf(row->target[NET_TARGET_VALUE_ERROR][0] - 0.9f) < 1e-5f, "%g",
                  (double)row->target[NET_TARGET_VALUE_ERROR][0]);
        net_samples_free(row);
    }
    record_unref(record);
}

/* A quarter of what the search expected and three quarters of the outcome: at ply 1, a loss, .25 (.2 .3 .5) + .75 (0 0 1).
 * A ply without a search, like one of a run without the setting, has the outcome alone. */
Test(record, value_in_part_of_the_search)
{
    const struct settings mixed = {.horizon = 2, .value_search_mix = 0.25}, all = {.horizon = 2, .value_search_mix = 1};
    struct game game;
    parse(&game, "gomoku:3,line=3");
    const char *moves[] = {"A3", "A2", "B3", "B2", "C3"};
    float wdls[][3] = {{0.5f, 0.3f, 0.2f}, {0.2f, 0.3f, 0.5f}, {0.8f, 0.1f, 0.1f}, {0.1f, 0.2f, 0.7f}, {0.9f, 0.1f, 0}};
    struct record *record = play(&game, moves, wdls, 5);
    struct net_samples *rows[] = {row_with(record, 1, &mixed), row_with(record, 2, &mixed), row_with(record, 0, &all),
                                  row_of(record, 1, 2)};
    expect3(rows[0]->target[NET_TARGET_VALUE], 0.05f, 0.075f, 0.875f);
    expect3(rows[1]->target[NET_TARGET_VALUE], 0.95f, 0.025f, 0.025f);
    expect3(rows[2]->target[NET_TARGET_VALUE], 0.5f, 0.3f, 0.2f);
    expect3(rows[3]->target[NET_TARGET_VALUE], 0, 0, 1);
    for (int i = 0; i < 4; i++)
        net_samples_free(rows[i]);
    record_unref(record);
    record = play(&game, moves, NULL, 5);
    struct net_samples *row = row_with(record, 1, &all);
    expect3(row->target[NET_TARGET_VALUE], 0, 0, 1);
    net_samples_free(row);
    record_unref(record);
}

/* At ply 2, with horizon 2 .5 (.7 .2 .1) + .25 (.9 .1 0) + .25 (1 0 0), as above; with horizon 1.25 .8 of the next ply,
 * .16 of the one after and .04 of the result: .8 (.7 .2 .1) + .16 (.9 .1 0) + .04 (1 0 0). Only those of the settings. */
Test(record, further_horizons_by_hand)
{
    const struct settings settings = {.horizon = 5, .horizons = "2,1.25"};
    struct game game;
    parse(&game, "gomoku:3,line=3");
    const char *moves[] = {"A3", "A2", "B3", "B2", "C3"};
    float wdls[][3] = {{0.5f, 0.3f, 0.2f}, {0.2f, 0.3f, 0.5f}, {0.8f, 0.1f, 0.1f}, {0.1f, 0.2f, 0.7f}, {0.9f, 0.1f, 0}};
    struct record *record = play(&game, moves, wdls, 5);
    struct net_samples *row = row_with(record, 2, &settings), *none = row_of(record, 2, 5);
    expect3(row->target[NET_TARGET_HORIZON_1], 0.825f, 0.125f, 0.05f);
    expect3(row->target[NET_TARGET_HORIZON_2], 0.744f, 0.176f, 0.08f);
    cr_expect(row->weight[NET_TARGET_HORIZON_1][0] == 1 && row->weight[NET_TARGET_HORIZON_2][0] == 1);
    cr_expect_eq(row->weight[NET_TARGET_HORIZON_3][0], 0);
    cr_expect_eq(none->weight[NET_TARGET_HORIZON_1][0], 0);
    net_samples_free(row);
    net_samples_free(none);
    record_unref(record);
}

/* Swap: player 0 places three stones, player 1 takes black, so player 0 continues with white: results and the map are
 * by player, not by colour. */
Test(record, after_a_swap_results_are_by_player)
{
    struct game game;
    parse(&game, "gomoku:6,line=4,opening=swap");
    /* Black A1, white A6, black B1; swapped; white (player 0) B6, black (player 1) C1, white C6, black D1: four. */
    const char *moves[] = {"A1", "A6", "B1", "swap", "B6", "C1", "C6", "D1"};
    struct record *record = play(&game, moves, NULL, 8);
    const int players[] = {0, 0, 0, 1, 0, 1, 0, 1};
    cr_assert_eq(record->result.outcome, GAME_WON_1);
    for (int ply = 0; ply < 8; ply++) {
        struct net_samples *row = row_of(record, ply, 4);
        cr_assert_eq(record->plies[ply].player, players[ply]);
        expect3(row->target[NET_TARGET_VALUE], players[ply] == 1, 0, players[ply] == 0);
        /* Without searched plies: only the result. */
        expect3(row->target[NET_TARGET_SHORT_TERM_VALUE], players[ply] == 1, 0, players[ply] == 0);
        bool replied = ply + 1 < 8 && players[ply + 1] != players[ply];
        cr_assert_eq(row->weight[NET_TARGET_REPLY][0], replied, "ply %d", ply);
        cr_assert_eq(row->target[NET_TARGET_MAP][game_move_parse(&game, "A1")], players[ply] == 1 ? 1 : -1);
        net_samples_free(row);
    }
    record_unref(record);
}

/* Black plays the centre of 3x3, white passes, black passes: nine points, with a komi of half a point. */
Test(record, go_score_and_owners_from_both_sides)
{
    struct game game;
    parse(&game, "go:3,komi=0.5");
    const char *moves[] = {"B2", "pass", "pass"};
    struct record *record = play(&game, moves, NULL, 3);
    cr_assert_eq(record->result.outcome, GAME_WON_0);
    for (int ply = 0; ply < 3; ply++) {
        struct net_samples *row = row_of(record, ply, 4);
        float sign = ply == 1 ? -1 : 1;
        cr_assert_float_eq(row->target[NET_TARGET_SCORE][0], 8.5f * sign, 1e-6);
        for (int t = 0; t < NET_TARGETS; t++)
            cr_assert_eq(row->weight[t][0],
                         (t != NET_TARGET_REPLY || ply < 2) && !net_targets[t].horizon && !net_targets[t].error, "%s",
                         net_targets[t].name);
        for (int p = 0; p < 9; p++)
            cr_assert_eq(row->target[NET_TARGET_MAP][p], sign);
        net_samples_free(row);
    }
    record_unref(record);
}

Test(record, samples_under_every_symmetry)
{
    struct game game;
    parse(&game, "go:5");
    const char *moves[] = {"B2", "D4", "C3"};
    float wdls[][3] = {{0.5f, 0, 0.5f}, {0.4f, 0, 0.6f}, {0.7f, 0, 0.3f}};
    struct record *record = play(&game, moves, wdls, 3);
    const struct game_features *features = game_features_newest(&game);
    struct net_info info = {.planes = features->planes, .globals = features->globals, .other_moves = 1};
    struct net_samples *samples = net_samples_new(&info, 5, 5, GAME_SYMMETRIES);
    samples->n = GAME_SYMMETRIES;
    union any_position position;
    struct history history;
    history_init(&history, 0);
    game_init(&game, &position.p);
    game_play(&game, &position.p, &history, record->plies[0].move);
    game_play(&game, &position.p, &history, record->plies[1].move);
    float planes[GAME_MAX_PLANES * 25], globals[GAME_MAX_GLOBALS];
    for (int s = 0; s < GAME_SYMMETRIES; s++) {
        samples_write(samples, s, record, 2, features, &(struct samples_form){.values = {.horizon = 8}, .symmetry = s});
        game_encode(&game, features, &position.p, &history, s, planes, globals);
        size_t size = (size_t)features->planes * 25;
        cr_assert_arr_eq(samples->planes + (size_t)s * size, planes, size * sizeof(float));
        cr_assert_arr_eq(samples->globals + (size_t)s * features->globals, globals, features->globals * sizeof(float));
        int to = game_symmetry_point(&game, s, record->plies[2].move);
        cr_assert_float_eq(net_samples_row(samples, NET_TARGET_POLICY, s)[to], 0.75, 1e-4);
        cr_assert_eq(samples->weight[NET_TARGET_REPLY][s], 0, "the last ply has no reply");
        for (int p = 0; p < 25; p++)
            cr_assert_eq(net_samples_row(samples, NET_TARGET_MAP, s)[game_symmetry_point(&game, s, p)], record->map[p]);
        cr_assert_float_eq(samples->target[NET_TARGET_SCORE][s], record->result.margin, 1e-6);
    }
    net_samples_free(samples);
    history_clear(&history);
    record_unref(record);
}

/* A pass stays a pass under every symmetry. */
Test(record, passes_are_invariant_under_symmetries)
{
    struct game game;
    parse(&game, "go:3");
    const char *moves[] = {"pass", "pass"};
    struct record *record = play(&game, moves, NULL, 2);
    const struct game_features *features = game_features_newest(&game);
    struct net_info info = {.planes = features->planes, .globals = features->globals, .other_moves = 1};
    struct net_samples *samples = net_samples_new(&info, 3, 3, 1);
    for (int s = 0; s < GAME_SYMMETRIES; s++) {
        samples_write(samples, 0, record, 0, features, &(struct samples_form){.values = {.horizon = 8}, .symmetry = s});
        cr_assert_float_eq(samples->target[NET_TARGET_POLICY][9], 0.75, 1e-4);
        cr_assert_float_eq(samples->target[NET_TARGET_POLICY][game_symmetry_point(&game, s, 0)], 0.25, 1e-4);
        cr_assert_float_eq(samples->target[NET_TARGET_REPLY][9], 0.75, 1e-4);
        int others = 0; /* of the previous row, too */
        for (int m = 0; m < 10; m++)
            others += samples->target[NET_TARGET_POLICY][m] != 0;
        cr_assert_eq(others, 2, "%d moves have probability under symmetry %d", others, s);
    }
    net_samples_free(samples);
    record_unref(record);
}

Test(record, pack_round_trip)
{
    struct game game;
    parse(&game, "gomoku:3,line=3");
    const char *moves[] = {"A3", "A2", "B3", "B2", "C3"};
    float wdls[][3] = {{0.5f, 0.3f, 0.2f}, {0.2f, 0.3f, 0.5f}, {0.8f, 0.1f, 0.1f}, {0.1f, 0.2f, 0.7f}, {0.9f, 0.1f, 0}};
    struct record *record = play(&game, moves, wdls, 5), *again;
    GBytes *blob = record_pack(record);
    gsize size;
    const void *data = g_bytes_get_data(blob, &size);
    cr_assert_eq(record_unpack(&again, &game, data, size, NULL), 0);
    cr_assert_eq(again->number, 7);
    cr_assert_eq(again->generation, 3);
    cr_assert_eq(again->rows, 5);
    cr_assert_eq(again->ply_count, 5);
    cr_assert_eq(again->result.outcome, record->result.outcome);
    cr_assert_eq(again->opening_hash, record->opening_hash);
    cr_assert_eq(again->moves_hash, record->moves_hash);
    cr_assert_arr_eq(again->map, record->map, 9);
    for (int ply = 0; ply < 5; ply++) {
        const struct record_ply *a = &record->plies[ply], *b = &again->plies[ply];
        cr_assert_eq(a->share_count, b->share_count);
        for (int i = 0; i < a->share_count; i++) {
            const struct record_share *from = &record->shares[a->first_share + (uint32_t)i],
                                      *to = &again->shares[b->first_share + (uint32_t)i];
            cr_assert(from->move == to->move && from->share == to->share);
        }
        float before[3], after[3];
        record_short_term_value(record, ply, 3, before);
        record_short_term_value(again, ply, 3, after);
        expect3(after, before[0], before[1], before[2]);
    }
    record_unref(record);
    record_unref(again);
    g_bytes_unref(blob);
}

/* A finished record takes no more than its content: runs hold them by the hundred thousand. */
Test(record, finished_records_are_trimmed)
{
    struct game game;
    union any_position position;
    struct record *back;
    const float wdl[3] = {1, 0, 0};
    float policy[GAME_MAX_MOVES] = {0};
    cr_assert(game_parse(&game, "gomoku:3,line=3", NULL));
    struct record *record = record_new(&game, 1, 0);
    game_init(&game, &position.p);
    policy[4] = 1;
    record_add(record, &position.p, 4, policy, wdl, wdl, RECORD_SEARCHED | RECORD_TRAIN);
    const size_t before = record_memory(record);
    game_try(&game, &position.p, NULL, 4);
    record_finish(record, &position.p);
    GBytes *packed = record_pack(record);
    gsize size;
    const void *data = g_bytes_get_data(packed, &size);
    cr_assert_eq(record_unpack(&back, NULL, data, size, NULL), 0);
    cr_assert_eq(record_memory(record), record_memory(back));
    cr_assert_lt(record_memory(record), before / 4);
    g_bytes_unref(packed);
    record_unref(back);
    record_unref(record);
}

Test(record, damaged_blobs_are_refused)
{
    struct game game;
    parse(&game, "gomoku:3,line=3");
    const char *moves[] = {"A3", "A2", "B3", "B2", "C3"};
    struct record *record = play(&game, moves, NULL, 5), *again;
    GBytes *blob = record_pack(record);
    gsize size;
    const guint8 *data = g_bytes_get_data(blob, &size);
    GError *error = NULL;
    for (gsize cut = 0; cut < size; cut++) {
        guint8 *part = g_memdup2(data, cut);
        cr_assert_eq(record_unpack(&again, &game, part, cut, &error), -1);
        g_clear_error(&error);
        g_free(part);
    }
    /* With every byte of the uncompressed form changed in turn: still a legal game, or an error, but never a crash. */
    size_t raw_size = (size_t)ZSTD_getFrameContentSize(data, size);
    guint8 *raw = g_malloc(raw_size), packed[4096];
    for (size_t i = 0; i < raw_size; i++)
        for (int with = 0; with < 256; with += 51) {
            ZSTD_decompress(raw, raw_size, data, size);
            raw[i] = (guint8)with;
            size_t length = ZSTD_compress(packed, sizeof packed, raw, raw_size, 1);
            if (record_unpack(&again, &game, packed, length, &error) == 0)
                record_unref(again);
            g_clear_error(&error);
        }
    g_free(raw);
    record_unref(record);
    g_bytes_unref(blob);
}

/* The uncompressed form, to be freed. */
static guint8 *raw_of(const struct record *record, size_t *size)
{
    GBytes *blob = record_pack(record);
    gsize packed;
    const void *data = g_bytes_get_data(blob, &packed);
    *size = (size_t)ZSTD_getFrameContentSize(data, packed);
    guint8 *raw = g_malloc(*size);
    ZSTD_decompress(raw, *size, data, packed);
    g_bytes_unref(blob);
    return raw;
}

static int unpack_raw(struct record **out, const struct game *otherwise, const void *raw, size_t size, GError **error)
{
    guint8 packed[4096];
    size_t length = ZSTD_compress(packed, sizeof packed, raw, size, 1);
    cr_assert_not(ZSTD_isError(length));
    return record_unpack(out, otherwise, packed, length, error);
}

/* Komi and rules come from the record, whatever game the reader passes. */
Test(record, contains_its_game)
{
    struct game game, other;
    parse(&game, "go:3,komi=-2.5,rules=chinese");
    parse(&other, "go:3");
    const char *moves[] = {"B2", "pass", "pass"};
    struct record *record = play(&game, moves, NULL, 3), *again;
    cr_assert_eq(record->result.margin, 9 + 2.5f);
    GBytes *blob = record_pack(record);
    gsize size;
    const void *data = g_bytes_get_data(blob, &size);
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(record_unpack(&again, i ? &other : NULL, data, size, NULL), 0);
        cr_assert(game_equal(&again->game, &game));
        cr_assert_eq(again->result.margin, record->result.margin);
        record_unref(again);
    }
    record_unref(record);
    g_bytes_unref(blob);
}

/* A record that a program older than version 2 wrote, with the columns that it stored beside it. */
Test(record, version_1_is_still_read)
{
    struct game game;
    struct record *record;
    GError *error = NULL;
    char *data;
    gsize size;
    parse(&game, "go:5,komi=3.5");
    cr_assert(g_file_get_contents(TESTS_DIR "/engine/store/data/record_v1.bin", &data, &size, NULL));
    cr_assert_eq(record_unpack(&record, &game, data, size, NULL), 0);
    cr_assert(game_equal(&record->game, &game));
    cr_assert(record->ply_count == 5 && record->rows == 4 && record->number == 0);
    cr_assert(record->result.outcome == GAME_WON_1 && record->result.margin == -2.5f);
    cr_assert_eq((int64_t)record->opening_hash, -795899524290790709);
    cr_assert_eq((int64_t)record->moves_hash, -7508037575489629141);
    record_unref(record);
    cr_assert_eq(record_unpack(&record, NULL, data, size, &error), -1);
    cr_assert(strstr(error->message, "not include the game"), "%s", error->message);
    g_clear_error(&error);
    g_free(data);
}

/* A surprise is stored to 1/4096 nat, and more than 16 as 16. */
Test(record, surprise_is_stored)
{
    static const float given[] = {0.25f, 0.30001f, 40, -1, 0}, kept[] = {0.25f, 1229 / 4096.0f, 65535 / 4096.0f, 0, 0};
    struct game game;
    union any_position position;
    parse(&game, "gomoku:3,line=3");
    const game_move moves[] = {0, 3, 1, 4, 2};
    struct record *record = record_new(&game, 0, 0), *again;
    game_init(&game, &position.p);
    for (int i = 0; i < 5; i++) {
        record_add(record, &position.p, moves[i], NULL, NULL, NULL, 0);
        record_set_surprise(record, given[i]);
        game_play(&game, &position.p, NULL, moves[i]);
    }
    record_finish(record, &position.p);
    size_t size;
    guint8 *raw = raw_of(record, &size);
    cr_assert_eq(unpack_raw(&again, NULL, raw, size, NULL), 0);
    for (int i = 0; i < 5; i++) {
        cr_expect_eq(record->plies[i].surprise, kept[i], "%g", (double)record->plies[i].surprise);
        cr_expect_eq(again->plies[i].surprise, kept[i], "%g", (double)again->plies[i].surprise);
    }
    record_unref(again);
    record_unref(record);
    g_free(raw);
}

/* Version 2 lacks the column of surprises: two bytes a ply before the policies' shares, which take four each. */
Test(record, version_2_is_still_read)
{
    struct game game;
    parse(&game, "gomoku:3,line=3");
    const char *moves[] = {"A3", "A2", "B3", "B2", "C3"};
    struct record *record = play(&game, moves, NULL, 5), *again;
    record_set_surprise(record, 1);
    size_t size;
    guint8 *raw = raw_of(record, &size);
    const size_t shares = 4 * (size_t)record->share_count;
    memmove(raw + size - shares - 10, raw + size - shares, shares);
    raw[0] = 2;
    cr_assert_eq(unpack_raw(&again, NULL, raw, size - 10, NULL), 0);
    cr_assert(again->ply_count == 5 && again->rows == 5 && again->share_count == record->share_count);
    cr_assert_arr_eq(again->shares, record->shares, record->share_count * sizeof *record->shares);
    for (int i = 0; i < 5; i++)
        cr_assert_eq(again->plies[i].surprise, 0);
    record_unref(again);
    cr_assert_eq(unpack_raw(&again, NULL, raw, size, NULL), -1, "with the column that version 2 does not have");
    record_unref(record);
    g_free(raw);
}

/* sum of w log(w / raw): .5 log(.5 / .25) + .5 log(.5 / .5) = .5 log 2, and log 4 for a certain win taken for a quarter. */
Test(record, surprise_of_the_value_by_hand)
{
    static const float wdl[][3] = {{0.5f, 0.5f, 0}, {1, 0, 0}, {0.2f, 0.3f, 0.5f}, {0, 0, 0}},
                       raw[][3] = {{0.25f, 0.5f, 0.25f}, {0.25f, 0.25f, 0.5f}, {0.2f, 0.3f, 0.5f}, {0, 0, 0}};
    const double want[] = {0.5 * log(2), log(4), 0, 0};
    struct game game;
    union any_position position;
    parse(&game, "gomoku:3,line=3");
    struct record *record = record_new(&game, 0, 0);
    game_init(&game, &position.p);
    for (int i = 0; i < 4; i++) {
        record_add(record, &position.p, (game_move)i, NULL, wdl[i], raw[i], i < 3 ? RECORD_SEARCHED : 0);
        game_play(&game, &position.p, NULL, (game_move)i);
        cr_expect_float_eq((double)record_value_surprise(record, i), want[i], 1e-4, "%d: %g", i,
                           (double)record_value_surprise(record, i));
    }
    record_finish(record, &position.p);
    record_unref(record);
}

Test(record, unknown_versions_and_games_are_refused)
{
    struct game game;
    parse(&game, "go:3,komi=5");
    const char *moves[] = {"B2", "pass", "pass"};
    struct record *record = play(&game, moves, NULL, 3), *again;
    size_t size;
    guint8 *raw = raw_of(record, &size);
    GError *error = NULL;
    cr_assert(raw[0] == 3 && raw[1] == strlen("go:3,komi=5") && memcmp(raw + 2, "go:3,komi=5", raw[1]) == 0);
    cr_assert_eq(unpack_raw(&again, &game, raw, size, NULL), 0);
    record_unref(again);
    raw[2] = 'x';
    cr_assert_eq(unpack_raw(&again, &game, raw, size, &error), -1);
    cr_assert(strstr(error->message, "xo:3,komi=5"), "%s", error->message);
    g_clear_error(&error);
    raw[0] = 5;
    cr_assert_eq(unpack_raw(&again, &game, raw, size, &error), -1);
    cr_assert(strstr(error->message, "version"), "%s", error->message);
    g_clear_error(&error);
    g_free(raw);
    record_unref(record);
}

Test(record, illegal_moves_are_refused)
{
    struct game other;
    parse(&other, "gomoku:4,line=3");
    const char *moves[] = {"A4", "D1", "B4", "D3", "C4"};
    struct record *record = play(&other, moves, NULL, 5), *again;
    size_t size;
    guint8 *raw = raw_of(record, &size);
    GError *error = NULL;
    cr_assert_eq(raw[2 + strlen("gomoku:")], '4');
    raw[2 + strlen("gomoku:")] = '3';
    cr_assert_eq(unpack_raw(&again, NULL, raw, size, &error), -1, "a record of 4x4 was accepted for 3x3");
    g_clear_error(&error);
    g_free(raw);
    record_unref(record);
}
