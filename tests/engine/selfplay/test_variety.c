/* Self-play of several sizes, rule sets, handicaps and strengths. */
#include <criterion/criterion.h>

#include "engine/selfplay/selfplay.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "games/game.h"
#include "games/go/go.h"
#include "mcts/evaluator.h"
#include "net/net.h"

enum { GAMES = 300 };

static struct settings settings;
static struct game games[SETTINGS_MAX_GAMES];

/* Games of a few plies, so that a test sees many. */
static void prepare(const char *spec)
{
    struct game game;
    cr_assert(game_parse(&game, spec, NULL));
    settings_presets(&settings, &game);
    settings.visits = settings.fast_visits = 2;
    settings.max_plies = 2;
    settings.komi_stdev = settings.komi_wide_share = 0;
}

static struct selfplay *open_worker(struct net *net)
{
    struct selfplay *worker;
    GError *error = NULL;
    struct selfplay_config config = {.games = games, .settings = &settings, .net = net, .dtype = NET_F32};
    config.game_count = settings_games(&settings, games, &error);
    cr_assert(config.game_count > 0, "%s", error ? error->message : "");
    cr_assert_eq(selfplay_create(&worker, &config, &error), 0, "%s", error ? error->message : "");
    return worker;
}

static struct record *play_game(struct selfplay *worker, uint64_t number)
{
    struct record *record = selfplay_play(worker, number, rng_mix(number));
    cr_assert_not_null(record);
    return record;
}

Test(variety, sizes_have_their_shares)
{
    int counts[20] = {0};
    prepare("go:9");
    g_strlcpy(settings.sizes, "5:1,7:2,9:5", sizeof settings.sizes);
    struct selfplay *worker = open_worker(NULL);
    for (uint64_t i = 0; i < GAMES; i++) {
        struct record *record = play_game(worker, i);
        counts[record->game.width]++;
        record_unref(record);
    }
    selfplay_close(worker);
    cr_expect_eq(counts[5] + counts[7] + counts[9], GAMES);
    cr_expect(abs(counts[5] - GAMES / 8) < 25 && abs(counts[7] - GAMES / 4) < 30, "%d %d %d", counts[5], counts[7],
              counts[9]);
}

/* Without shares, the sizes of a seed's games are those of versions that had none. */
Test(variety, sizes_without_shares)
{
    uint64_t sizes = 0;
    prepare("go:9");
    g_strlcpy(settings.sizes, "5,7,9", sizeof settings.sizes);
    struct selfplay *worker = open_worker(NULL);
    for (uint64_t i = 0; i < 20; i++) {
        struct record *record = play_game(worker, i);
        sizes = sizes * 3 + (record->game.width - 5) / 2;
        record_unref(record);
    }
    selfplay_close(worker);
    cr_expect_eq(sizes, 3424822898u, "%" G_GUINT64_FORMAT, sizes);
}

Test(variety, rules_have_their_shares)
{
    int japanese = 0;
    prepare("go:5");
    g_strlcpy(settings.rules, "chinese:3,japanese", sizeof settings.rules);
    settings.max_plies = 400;
    settings.opening_plies = 0;
    struct selfplay *worker = open_worker(NULL);
    for (uint64_t i = 0; i < GAMES; i++) {
        struct record *record = play_game(worker, i);
        struct go_rules rules = go_rules(&record->game);
        bool territory = rules.scoring == GO_TERRITORY;
        cr_assert_eq(rules.ko, territory ? GO_KO_SIMPLE : GO_KO_POSITIONAL);
        cr_assert_eq(game_option_value(&record->game, "cleanup", -1), territory);
        japanese += territory;
        record_unref(record);
    }
    selfplay_close(worker);
    cr_expect(abs(japanese - GAMES / 4) < 30, "%d", japanese);
}

/* 2 to 4 stones on 7x7, white first, with half a point of komi. */
Test(variety, handicap)
{
    int counts[10] = {0};
    prepare("go:7");
    settings.handicap_share = 0.4;
    settings.handicap_fair_share = 0;
    settings.komi_even = 1;
    struct selfplay *worker = open_worker(NULL);
    for (uint64_t i = 0; i < GAMES; i++) {
        struct record *record = play_game(worker, i);
        int stones = game_option_value(&record->game, "handicap", -1);
        counts[stones]++;
        cr_assert_eq(game_komi(&record->game), stones ? 1 : 18);
        cr_assert_eq(record->plies[0].player, stones > 0);
        record_unref(record);
    }
    selfplay_close(worker);
    cr_expect(abs(counts[0] - GAMES * 6 / 10) < 35, "%d", counts[0]);
    cr_expect(counts[2] > 20 && counts[3] > 20 && counts[4] > 20 && counts[1] + counts[5] == 0);
    prepare("go:5"); /* too small for a handicap */
    settings.handicap_share = 1;
    worker = open_worker(NULL);
    struct record *record = play_game(worker, 1);
    cr_expect_eq(game_option_value(&record->game, "handicap", -1), 0);
    record_unref(record);
    selfplay_close(worker);
}

/* One side makes only fast searches, which give no training rows; either side is it in half of the games. */
Test(variety, weak_sides)
{
    int weak[3] = {0};
    prepare("go:5");
    settings.weak_share = 0.5;
    settings.max_plies = 12;
    settings.opening_plies = 0;
    struct selfplay *worker = open_worker(NULL);
    for (uint64_t i = 0; i < GAMES; i++) {
        struct record *record = play_game(worker, i);
        int rows[2] = {0};
        for (int ply = 0; ply < record->ply_count; ply++) {
            cr_assert(record->plies[ply].flags & RECORD_SEARCHED);
            rows[record->plies[ply].player] += (record->plies[ply].flags & RECORD_TRAIN) != 0;
        }
        cr_assert(rows[0] + rows[1] == record->ply_count || !rows[0] || !rows[1]);
        weak[rows[0] && rows[1] ? 2 : !rows[1]]++;
        record_unref(record);
    }
    selfplay_close(worker);
    cr_expect(abs(weak[2] - GAMES / 2) < 35 && abs(weak[0] - weak[1]) < 50, "%d %d %d", weak[0], weak[1], weak[2]);
}

/* A net that counts the stones' difference: black's lead less komi. */
static double value_of(struct net *net, const struct record *record, int half_points)
{
    struct game game = record->game;
    struct evaluator *evaluator;
    struct eval eval;
    union any_position at;
    struct history history;
    game_set_komi(&game, half_points);
    const struct evaluator_config config = {.kind = EVALUATOR_NET,
                                            .net = net,
                                            .dtype = NET_F32,
                                            .symmetry = EVALUATOR_SYMMETRY_RANDOM,
                                            .seed = (uint64_t)settings.seed};
    cr_assert_eq(evaluator_create(&evaluator, &game, &config, NULL), 0);
    history_init(&history, game.max_plies);
    game_init(&game, &at.p);
    for (int ply = 0; ply < record->ply_count && !(record->plies[ply].flags & RECORD_SEARCHED); ply++)
        game_play(&game, &at.p, &history, record->plies[ply].move);
    struct eval_query query = {.position = &at.p, .history = &history, .want = EVAL_VALUE};
    evaluator_evaluate(evaluator, 1, &query, &eval);
    double value = (double)eval_value(&eval);
    evaluator_free(evaluator);
    history_clear(&history);
    return at.p.player ? -value : value;
}

/* Black is ahead by the net's value at half a point less, and not at this komi; so it is where the value crosses 0. Where it
 * crosses nowhere, komi is as drawn, here 9, rather than at an end of the range. */
Test(variety, fair_komi)
{
    enum { DRAWN = 2 * 9 };
    struct net *net;
    int kept = 0, crossed = 0;
    prepare("go:7");
    settings.komi_fair_share = 1;
    settings.komi_stdev = settings.komi_wide_share = 0;
    settings.opening_plies = 4;
    cr_assert(settings_games(&settings, games, NULL) == 1);
    cr_assert_eq(evaluator_net_fresh(&net, &games[0], "conv:8 res:8", 3, NULL), 0);
    struct selfplay *worker = open_worker(net);
    for (uint64_t i = 0; i < 40; i++) {
        struct record *record = play_game(worker, i);
        int komi = game_komi(&record->game);
        bool even = value_of(net, record, komi - 1) > 0 && value_of(net, record, komi) <= 0;
        crossed += even;
        kept += !even && komi == DRAWN;
        record_unref(record);
    }
    selfplay_close(worker);
    net_unref(net);
    cr_expect(crossed >= 5 && kept >= 1 && crossed + kept == 40, "%d and %d", crossed, kept);
}

/* What varies is a function of the seed alone. */
Test(variety, depends_on_the_seed_alone)
{
    prepare("go:7");
    g_strlcpy(settings.sizes, "5:1,7:2", sizeof settings.sizes);
    g_strlcpy(settings.rules, "chinese,japanese", sizeof settings.rules);
    settings.handicap_share = 0.3;
    settings.weak_share = 0.3;
    settings.komi_stdev = 2;
    struct selfplay *one = open_worker(NULL), *other = open_worker(NULL);
    for (uint64_t i = 0; i < 20; i++) {
        record_unref(play_game(other, 100 + i));
        struct record *a = play_game(one, i), *b = play_game(other, i);
        cr_assert(game_equal(&a->game, &b->game) && a->moves_hash == b->moves_hash && a->rows == b->rows);
        record_unref(a);
        record_unref(b);
    }
    selfplay_close(one);
    selfplay_close(other);
}
