/* Games that begin at a position of an earlier one: what they copy, where they leave it, and how positions are drawn. */
#include <criterion/criterion.h>

#include "engine/selfplay/selfplay.h"
#include "engine/selfplay/start.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"

static struct game game;
static struct settings settings;
static struct net *net;

static void prepare(const char *spec)
{
    cr_assert(game_parse(&game, spec, NULL));
    settings_presets(&settings, &game);
    settings.visits = 4;
    settings.opening_plies = 4;
    settings.random_moves = 0;
    cr_assert_eq(evaluator_net_fresh(&net, &game, "conv:8 res:8", 3, NULL), 0);
}

static void tear_down(void)
{
    net_unref(net);
    net = NULL;
}

TestSuite(start, .fini = tear_down);

static struct selfplay *open_worker(void)
{
    struct selfplay *worker;
    const struct selfplay_config config = {.games = &game,
                                           .game_count = 1,
                                           .settings = &settings,
                                           .net = net,
                                           .backend = NET_BACKEND_PLAIN,
                                           .dtype = NET_F32};
    cr_assert_eq(selfplay_create(&worker, &config, NULL), 0);
    return worker;
}

/* A game of these moves, each a row with the given surprise of its policy (NULL: none) and none of its value. */
static struct record *make(uint64_t number, const game_move *moves, const float *surprise, int count)
{
    static const float even[3] = {0.5f, 0, 0.5f};
    union any_position position;
    struct history history;
    struct record *record = record_new(&game, number, 0);
    float policy[GAME_MAX_MOVES] = {1};
    history_init(&history, count);
    game_init(&game, &position.p);
    for (int i = 0; i < count; i++) {
        record_add(record, &position.p, moves[i], policy, even, even, RECORD_SEARCHED | RECORD_TRAIN);
        record_set_surprise(record, surprise ? surprise[i] : 0);
        game_play(&game, &position.p, &history, moves[i]);
    }
    record_finish(record, &position.p);
    history_clear(&history);
    return record;
}

static struct record *play_from(struct selfplay *worker, struct record *start, int plies, uint64_t number)
{
    const struct selfplay_assignment assignment = {
        .number = number, .seed = rng_mix(number), .start = start, .start_plies = plies};
    return selfplay_play_assignment(worker, &assignment);
}

/* The position after a number of plies. */
static uint64_t hash_at(const struct record *record, int plies)
{
    union any_position position;
    struct history history;
    history_init(&history, plies);
    game_init(&record->game, &position.p);
    for (int i = 0; i < plies; i++)
        game_play(&record->game, &position.p, &history, record->plies[i].move);
    history_clear(&history);
    return position.p.hash;
}

static const game_move corner[] = {0, 1, 5, 6, 10, 11, 16, 15, 20, 21};

/* The record holds the game from its start, is stored as such, and knows which plies it copied: they are not rows, and
 * its opening, by which distinct games are counted, is what follows them. */
Test(start, a_record_begins_with_what_it_copied)
{
    prepare("gomoku:5,line=5");
    struct record *source = make(3, corner, NULL, 10), *again;
    struct selfplay *worker = open_worker();
    struct record *record = play_from(worker, source, 8, 4);
    cr_assert_gt(record->ply_count, 8 + RECORD_OPENING_PLIES);
    GBytes *blob = record_pack(record);
    cr_assert_eq(record_unpack(&again, NULL, g_bytes_get_data(blob, NULL), g_bytes_get_size(blob), NULL), 0);
    cr_assert(record->copied == 8 && again->copied == 8 && record->number == 4);
    for (int i = 0; i < record->ply_count; i++) {
        const int flags = i < 8 ? RECORD_COPIED : RECORD_SEARCHED | RECORD_TRAIN;
        cr_expect(record->plies[i].flags == flags && again->plies[i].flags == flags, "ply %d", i);
        cr_expect(i >= 8 || record->plies[i].move == corner[i], "ply %d", i);
    }
    cr_expect_eq(record->rows, record->ply_count - 8);
    cr_expect_eq(record->opening_hash, hash_at(record, 8 + RECORD_OPENING_PLIES));
    cr_expect_eq(again->opening_hash, record->opening_hash);
    cr_expect_eq(again->moves_hash, record->moves_hash);
    g_bytes_unref(blob);
    record_unref(again);
    record_unref(record);
    record_unref(source);
    selfplay_close(worker);
}

/* Copied plies are at the start of a record and nowhere else. */
Test(start, copied_plies_elsewhere_are_refused)
{
    prepare("gomoku:5,line=5");
    struct record *record = make(3, corner, NULL, 10), *again;
    GError *error = NULL;
    record->plies[4].flags |= RECORD_COPIED;
    GBytes *blob = record_pack(record);
    cr_assert_eq(record_unpack(&again, NULL, g_bytes_get_data(blob, NULL), g_bytes_get_size(blob), &error), -1);
    cr_assert(strstr(error->message, "inconsistent"), "%s", error->message);
    g_clear_error(&error);
    g_bytes_unref(blob);
    record_unref(record);
}

/* The number of 60 games that leave the earlier one at its position by a ply without search. */
static int forks(double share)
{
    int count = 0, first[GAME_MAX_MOVES] = {0}, distinct = 0;
    settings.start_fork = share;
    struct record *source = make(0, corner, NULL, 10);
    struct selfplay *worker = open_worker();
    for (uint64_t i = 0; i < 60; i++) {
        struct record *record = play_from(worker, source, 4, i);
        const struct record_ply *next = &record->plies[4];
        cr_assert_eq(record->copied, 4);
        if (!(next->flags & RECORD_SEARCHED)) {
            cr_assert(next->flags == 0 && next->move != corner[4] && record->plies[5].flags & RECORD_SEARCHED);
            distinct += !first[next->move]++;
            count++;
        }
        record_unref(record);
    }
    cr_expect(count < 10 || distinct > 4, "%d of %d", distinct, count);
    record_unref(source);
    selfplay_close(worker);
    return count;
}

/* Four standard deviations of 60 draws are 15.5. */
Test(start, forks)
{
    prepare("gomoku:5,line=5");
    settings.max_plies = 7;
    cr_expect_eq(forks(0), 0);
    cr_expect_eq(forks(1), 60);
    const int half = forks(0.5);
    cr_expect(half > 14 && half < 46, "%d", half);
}

/* Player 0 has A3 and B3 and does not take the win at C3; a fork there would end the game before the first search.
 *      X X .
 *      O O .   */
Test(start, a_fork_does_not_end_the_game)
{
    static const game_move moves[] = {0, 3, 1, 4, 8, 5};
    prepare("gomoku:3,line=3");
    settings.start_fork = 1;
    struct record *source = make(0, moves, NULL, 6);
    struct selfplay *worker = open_worker();
    for (uint64_t i = 0; i < 40; i++) {
        struct record *record = play_from(worker, source, 4, i);
        cr_assert_eq(record->plies[4].flags, 0);
        cr_assert(record->plies[4].move != 2 && record->plies[4].move != 8 && record->rows > 0);
        record_unref(record);
    }
    record_unref(source);
    selfplay_close(worker);
}

/* Player 0's value at a komi, by the net. The evaluator uses the worker's symmetries. */
static double value_of(const struct record *record, int halves)
{
    struct game other = record->game;
    struct evaluator *evaluator;
    struct eval eval;
    union any_position at;
    struct history history;
    const struct evaluator_config config = {.kind = EVALUATOR_NET,
                                            .net = net,
                                            .backend = NET_BACKEND_PLAIN,
                                            .dtype = NET_F32,
                                            .symmetry = EVALUATOR_SYMMETRY_RANDOM,
                                            .seed = (uint64_t)settings.seed};
    game_set_komi(&other, halves);
    cr_assert_eq(evaluator_create(&evaluator, &other, &config, NULL), 0);
    history_init(&history, record->copied);
    game_init(&other, &at.p);
    for (int ply = 0; ply < record->copied; ply++)
        game_play(&other, &at.p, &history, record->plies[ply].move);
    const struct eval_query query = {.position = &at.p, .history = &history, .want = EVAL_VALUE};
    evaluator_evaluate(evaluator, 1, &query, &eval);
    const double value = (double)eval_value(&eval);
    evaluator_free(evaluator);
    history_clear(&history);
    return at.p.player ? -value : value;
}

/* The komi is that of the earlier game, or the one at which the net's value changes its sign. */
Test(start, komi)
{
    int crossed = 0;
    prepare("go:5,komi=2");
    settings.max_plies = 6;
    settings.komi_stdev = 3;
    for (int fair = 0; fair < 2; fair++) {
        settings.start_fair_share = fair;
        struct selfplay *worker = open_worker();
        for (uint64_t i = 0; i < 20; i++) {
            const game_move moves[] = {(game_move)i, 24, (game_move)(i + 1), 23, (game_move)(i + 2)};
            struct record *source = make(i, moves, NULL, 5), *record = play_from(worker, source, 4, i);
            const int komi = game_komi(&record->game);
            const bool even = value_of(record, komi - 1) > 0 && value_of(record, komi) <= 0;
            cr_expect(komi == 4 || (fair && even), "%d", komi); /* kept if the net favours the same side at any komi */
            crossed += fair && even;
            record_unref(record);
            record_unref(source);
        }
        selfplay_close(worker);
    }
    cr_expect_geq(crossed, 3, "%d", crossed);
}

/* ---- the archive ---- */

static struct start_archive *fill(int count, const float *surprise)
{
    struct start_archive *archive = start_archive_new(&settings);
    for (int i = 0; i < count; i++) {
        struct record *record = make((uint64_t)i, corner, surprise, 10);
        start_archive_add(archive, record);
        record_unref(record);
    }
    return archive;
}

/* Draws with seeds 0 .. 1999, counted by ply; returns how many games begin in the archive. */
static int draw(const struct start_archive *archive, int plies[10], int games[8])
{
    int count = 0;
    memset(plies, 0, 10 * sizeof *plies);
    memset(games, 0, 8 * sizeof *games);
    for (uint64_t i = 0; i < 2000; i++) {
        struct record *start;
        int at;
        if (!start_archive_draw(archive, i, &start, &at))
            continue;
        count++;
        plies[at]++;
        games[start->number % 8]++;
        record_unref(start);
    }
    return count;
}

/* A share of 0.3 of 2000 games, over nine plies (not the first) of two games; four standard deviations are 82, 31 and 49. */
Test(start, positions_are_drawn_uniformly)
{
    int plies[10], games[8];
    prepare("gomoku:5,line=5");
    settings.start_share = 0.3;
    struct start_archive *archive = fill(2, NULL);
    const int count = draw(archive, plies, games);
    cr_expect(abs(count - 600) < 82, "%d", count);
    cr_expect_eq(plies[0], 0);
    for (int ply = 1; ply < 10; ply++)
        cr_expect(abs(plies[ply] - count / 9) < 31, "ply %d: %d", ply, plies[ply]);
    cr_expect(abs(games[0] - count / 2) < 49, "%d", games[0]);
    start_archive_free(archive);
}

/* Not after the length limit of a game: it would have no searches. */
Test(start, positions_are_below_the_limit)
{
    int plies[10], games[8];
    prepare("gomoku:5,line=5");
    settings.start_share = 1;
    settings.max_plies = 5;
    struct start_archive *archive = fill(2, NULL);
    cr_expect_eq(draw(archive, plies, games), 2000);
    cr_expect_eq(plies[1] + plies[2] + plies[3] + plies[4], 2000);
    start_archive_free(archive);
    /* On a board larger than the run's own the limit is longer: 5 * 25 / 16 plies, rounded. */
    g_strlcpy(settings.game, "gomoku:4,line=4", sizeof settings.game);
    archive = fill(2, NULL);
    cr_expect_eq(draw(archive, plies, games), 2000);
    cr_expect(plies[7] > 200 && plies[8] + plies[9] == 0, "%d", plies[7]);
    start_archive_free(archive);
}

/* Surprises of 1 and 3 nats at plies 2 and 7: a quarter and three quarters of the draws by surprise, which are all or
 * half of the draws; four standard deviations of 2000 are below 90. */
Test(start, positions_are_drawn_by_surprise)
{
    static const float surprise[10] = {5, 0, 1, 0, 0, 0, 0, 3, 0, 0};
    int plies[10], games[8];
    prepare("gomoku:5,line=5");
    settings.start_share = 1;
    settings.start_surprise = 1;
    struct start_archive *archive = fill(2, surprise);
    cr_expect_eq(draw(archive, plies, games), 2000);
    cr_expect(plies[2] + plies[7] == 2000 && abs(plies[7] - 1500) < 90, "%d, %d", plies[2], plies[7]);
    settings.start_surprise = 0.5;
    draw(archive, plies, games);
    cr_expect(abs(plies[7] - (750 + 1000 / 9)) < 90, "%d", plies[7]);
    start_archive_free(archive);
    archive = fill(2, NULL); /* without any surprise, uniformly */
    settings.start_surprise = 1;
    cr_expect_eq(draw(archive, plies, games), 2000);
    cr_expect_gt(plies[1], 150);
    start_archive_free(archive);
}

/* Games of ten rows: the newest with 20,000 rows stay, and the same seed draws the same as from these alone. */
Test(start, the_archive_is_bounded)
{
    prepare("gomoku:5,line=5");
    settings.start_share = 1;
    const int kept = START_ARCHIVE_ROWS / 10;
    struct start_archive *archive = fill(kept + 50, NULL), *resumed = start_archive_new(&settings);
    for (int i = 50; i < kept + 50; i++) {
        struct record *record = make((uint64_t)i, corner, NULL, 10);
        start_archive_add(resumed, record);
        record_unref(record);
    }
    uint64_t lowest = UINT64_MAX;
    for (uint64_t i = 0; i < 500; i++) {
        struct record *a, *b;
        int x, y;
        cr_assert(start_archive_draw(archive, i, &a, &x) && start_archive_draw(resumed, i, &b, &y));
        cr_assert(a->number == b->number && x == y);
        lowest = MIN(lowest, a->number);
        record_unref(a);
        record_unref(b);
    }
    cr_expect(lowest >= 50 && lowest < 100, "%d", (int)lowest);
    start_archive_free(archive);
    start_archive_free(resumed);
}

Test(start, an_empty_archive)
{
    struct record *start = NULL;
    int plies;
    prepare("gomoku:5,line=5");
    settings.start_share = 1;
    struct start_archive *archive = start_archive_new(&settings);
    cr_expect_not(start_archive_draw(archive, 1, &start, &plies));
    cr_expect_null(start);
    start_archive_free(archive);
    start_archive_free(NULL);
}
