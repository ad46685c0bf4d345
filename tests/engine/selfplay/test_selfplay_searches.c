/* Each search of self-play: its configuration, limits and seeds, the sampling of moves, the number of evaluations of an
 * opening. The linker replaces functions of mcts/search.h by those below. */
#include <criterion/criterion.h>
#include <math.h>

#include "engine/selfplay/selfplay.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"
#include "net/net.h"

static struct seen {
    struct mcts_config config;
    int created, runs, forgotten;
    int64_t visits[64];
    uint64_t seeds[64];
    int seeded;
    bool pretends; /* see below */
    float means[64][3], improved[64][3]; /* values after each search */
} seen;

int __real_mcts_create(struct mcts **out, const struct game *game, const struct mcts_config *config,
                       struct evaluator *const *evaluators, GError **error);
int __wrap_mcts_create(struct mcts **out, const struct game *game, const struct mcts_config *config,
                       struct evaluator *const *evaluators, GError **error)
{
    seen.config = *config;
    seen.created++;
    return __real_mcts_create(out, game, config, evaluators, error);
}

void __real_mcts_run(struct mcts *search, const struct mcts_limits *limits);
void __wrap_mcts_run(struct mcts *search, const struct mcts_limits *limits)
{
    seen.visits[seen.runs++ % 64] = limits->visits;
    __real_mcts_run(search, limits);
    mcts_improved_value(search, seen.improved[(seen.runs - 1) % 64]);
}

void __real_mcts_seed(struct mcts *search, uint64_t seed);
void __wrap_mcts_seed(struct mcts *search, uint64_t seed)
{
    seen.seeds[seen.seeded++ % 64] = seed;
    __real_mcts_seed(search, seed);
}

void __real_mcts_forget(struct mcts *search);
void __wrap_mcts_forget(struct mcts *search)
{
    seen.forgotten++;
    __real_mcts_forget(search);
}

static struct game game;
static struct settings settings;

static void prepare(const char *spec)
{
    cr_assert(game_parse(&game, spec, NULL));
    settings_presets(&settings, &game);
    settings.visits = 8;
    settings.seed = 3;
    seen = (struct seen){0};
}

static struct selfplay *open_worker(struct net *net)
{
    struct selfplay *worker;
    GError *error = NULL;
    const struct selfplay_config config = {.games = &game,
                                           .game_count = 1,
                                           .settings = &settings,
                                           .net = net,
                                           .backend = NET_BACKEND_PLAIN,
                                           .dtype = NET_F32};
    cr_assert_eq(selfplay_create(&worker, &config, &error), 0, "%s", error ? error->message : "");
    return worker;
}

static struct net *fresh_net(const struct game *of, uint64_t seed)
{
    struct net *net;
    cr_assert_eq(evaluator_net_fresh(&net, of, "conv:8 res:8", seed, NULL), 0);
    return net;
}

/* ---- the search ---- */

Test(selfplay_searches, configuration)
{
    prepare("go:5");
    settings.considered = 7;
    settings.value_scale = 0.25;
    settings.score = 0.125;
    struct selfplay *worker = open_worker(NULL);
    const struct mcts_config *c = &seen.config;
    cr_assert(seen.created == 1 && c->selection == MCTS_GUMBEL && c->gumbel_noise);
    cr_assert(c->gumbel_considered == 7 && c->gumbel_c_scale == 0.25f && c->threads == 1);
    cr_assert_eq(c->score_utility, 0.125f);
    cr_assert_eq(c->threats, 0);
    cr_assert_eq(c->memory_bytes, 16 << 20);
    selfplay_close(worker);
    selfplay_close(NULL);
}

/* What searches find for player 0, from the first ply on: who is ahead, and whether by as much as `decided`. */
static const float pretended[] = {0.95f, 0.95f, 0.95f, 0.5f,  0.95f, 0.9f,  0.99f, 0.95f, 0.95f, -0.95f,
                                  -0.9f, -1,    -0.9f, -0.9f, -0.9f, -0.9f, 0.1f,  -0.9f, -0.9f, -0.9f};
/* Whether the search of this ply is in a decided position. */
static const bool decided[] = {false, false, false, false, false, false, false, false, true,  true,
                               false, false, false, true,  true,  true,  true,  false, false, false};

void __real_mcts_root(const struct mcts *search, struct mcts_root *root);
void __wrap_mcts_root(const struct mcts *search, struct mcts_root *root)
{
    __real_mcts_root(search, root);
    if (seen.runs > 0)
        memcpy(seen.means[(seen.runs - 1) % 64], root->wdl, sizeof root->wdl);
    if (!seen.pretends || seen.runs < 1 || seen.runs > (int)G_N_ELEMENTS(pretended))
        return;
    root->value = pretended[seen.runs - 1] * ((seen.runs - 1) % 2 ? -1 : 1);
    root->wdl[0] = (1 + root->value) / 2;
    root->wdl[1] = 0;
    root->wdl[2] = 1 - root->wdl[0];
}

/* Where the last two searches of either side gave the same side the value, `decided_full` of the searches are full and yield
 * rows; elsewhere all. */
Test(selfplay_searches, fast_where_the_game_is_decided)
{
    static const double full[] = {0, 0.5, 1};
    enum { GAMES = 100 };
    prepare("go:5");
    settings.opening_plies = 0;
    settings.max_plies = G_N_ELEMENTS(pretended);
    settings.fast_visits = 3;
    settings.improved_value = 0;
    for (size_t k = 0; k < G_N_ELEMENTS(full) + 1; k++) {
        const bool never = k == G_N_ELEMENTS(full);
        settings.decided = never ? 1 : 0.9;
        settings.decided_full = never ? 0 : full[k];
        struct selfplay *worker = open_worker(NULL);
        int plies = 0, fully = 0;
        for (uint64_t n = 0; n < GAMES; n++) {
            seen = (struct seen){.pretends = true};
            struct record *record = selfplay_play(worker, n, n);
            for (int ply = 0; ply < record->ply_count; ply++) {
                const bool trained = record->plies[ply].flags & RECORD_TRAIN;
                cr_assert_eq(seen.visits[ply], trained ? 8 : 3, "ply %d", ply);
                cr_assert(trained || decided[ply], "ply %d", ply);
                plies += decided[ply];
                fully += trained && decided[ply];
            }
            record_unref(record);
        }
        cr_assert_gt(plies, 3 * GAMES);
        cr_expect_float_eq(fully / (double)plies, never ? 1 : full[k], !never && full[k] == 0.5 ? 0.1 : 0, "%d of %d", fully, plies);
        selfplay_close(worker);
    }
}

/* What is stored as the value after a search: of the improved policy, or the mean over the visits. */
Test(selfplay_searches, values_after_the_search)
{
    prepare("go:5");
    settings.opening_plies = 0;
    settings.max_plies = 12;
    settings.fast_visits = settings.visits;
    struct net *net = fresh_net(&game, 5);
    int different = 0;
    for (int64_t improved = 0; improved < 2; improved++) {
        settings.improved_value = improved;
        struct selfplay *worker = open_worker(net);
        seen = (struct seen){.pretends = false};
        struct record *record = selfplay_play(worker, 0, 1);
        for (int ply = 0; ply < record->ply_count; ply++) {
            const float *wanted = improved ? seen.improved[ply] : seen.means[ply], *wdl = record->plies[ply].wdl;
            cr_expect(fabsf(wdl[0] - wanted[0]) < 1e-5f && fabsf(wdl[2] - wanted[2]) < 1e-5f, "ply %d: %g, %g, wanted %g, %g",
                      ply, wdl[0], wdl[2], wanted[0], wanted[2]);
            different += fabsf(seen.improved[ply][0] - seen.means[ply][0]) > 1e-5f;
        }
        record_unref(record);
        selfplay_close(worker);
    }
    cr_expect_gt(different, 5);
    net_unref(net);
}

/* Without reuse every search forgets the tree; with reuse only the first one of a game does. */
Test(selfplay_searches, visits_seeds_and_reuse)
{
    prepare("go:5");
    settings.opening_plies = 0;
    settings.max_plies = 10;
    settings.full_share = 1;
    for (int reuse = 0; reuse < 2; reuse++) {
        settings.tree_reuse = reuse;
        struct selfplay *worker = open_worker(NULL);
        seen = (struct seen){0};
        record_unref(selfplay_play(worker, 0, 1));
        record_unref(selfplay_play(worker, 1, 2));
        cr_assert(seen.runs == 20 && seen.seeded == 20);
        cr_assert_eq(seen.forgotten, reuse ? 2 : 22);
        for (int i = 0; i < 20; i++) {
            cr_assert_eq(seen.visits[i], 8);
            for (int j = 0; j < i; j++)
                cr_assert_neq(seen.seeds[i], seen.seeds[j]);
        }
        selfplay_close(worker);
    }
}

/* Whether the side to move wins by fours. */
static bool has_won(const struct position *position, struct game_solver *solver)
{
    solver->level = 1;
    solver->budget = 100;
    return game.ops->solve(&game, position, solver) == GAME_SOLVED_WON;
}

static bool is_forced(const struct position *position)
{
    game_move legal[GAME_MAX_MOVES], moves[GAME_MAX_MOVES];
    const int count = game.ops->legal_moves(&game, position, NULL, legal);
    return game_sensible_moves(&game, position, true, legal, count, moves) == 1;
}

/* With threats the side that can win by fours does; one evaluated move is enough for that and for a forced reply. Without them, with as
 * few visits and no net, it often misses its win, and every search has all visits. */
Test(selfplay_searches, wins_by_threats)
{
    struct game_solver solver = {.bytes = GAME_SOLVER_MIN_BYTES};
    solver.memory = g_aligned_alloc0(1, solver.bytes, 64);
    for (int threats = 0; threats < 2; threats++) {
        int wins = 0, missed = 0, forced = 0;
        prepare("gomoku:9");
        settings.opening_plies = 12;
        settings.opening_balance = 1;
        settings.threats = threats;
        struct selfplay *worker = open_worker(NULL);
        cr_assert_eq(seen.config.threats, threats);
        for (uint64_t i = 0; i < 12; i++) {
            union any_position at;
            seen.runs = 0;
            struct record *record = selfplay_play(worker, i, rng_mix(i));
            game_init(&game, &at.p);
            for (int ply = 0, run = 0; ply < record->ply_count; ply++) {
                if (record->plies[ply].flags & RECORD_SEARCHED) {
                    const bool one = threats && is_forced(&at.p), won = has_won(&at.p, &solver);
                    if (run >= seen.runs - 64) /* the others are overwritten */
                        cr_assert_eq(seen.visits[run % 64], one ? 1 : 8, "game %d, ply %d", (int)i, ply);
                    run++;
                    forced += is_forced(&at.p);
                    wins += won;
                    missed += won && record->result.outcome != (at.p.player ? GAME_WON_1 : GAME_WON_0);
                }
                game_play(&game, &at.p, NULL, record->plies[ply].move);
            }
            record_unref(record);
        }
        cr_assert(wins > 10 && forced > 20, "%d, %d", wins, forced);
        cr_expect(threats ? missed == 0 : missed > 5, "threats %d: %d of %d", threats, missed, wins);
        selfplay_close(worker);
    }
    g_aligned_free(solver.memory);
}

/* The root is the same position as in the previous game, whose tree must have no influence. */
Test(selfplay_searches, a_game_of_one_ply_does_not_depend_on_the_one_before)
{
    prepare("go:5");
    settings.opening_plies = 0;
    settings.max_plies = 1;
    settings.tree_reuse = 1;
    struct selfplay *one = open_worker(NULL), *other = open_worker(NULL);
    for (uint64_t i = 0; i < 5; i++)
        record_unref(selfplay_play(other, i, i));
    struct record *a = selfplay_play(one, 9, 77), *b = selfplay_play(other, 9, 77);
    cr_assert(a->plies[0].move == b->plies[0].move && a->share_count == b->share_count);
    for (uint32_t i = 0; i < a->share_count; i++)
        cr_assert(a->shares[i].move == b->shares[i].move && a->shares[i].share == b->shares[i].share);
    record_unref(a);
    record_unref(b);
    selfplay_close(one);
    selfplay_close(other);
}

/* Searches use a new net from then on, on each of the run's boards, and records name its generation. */
Test(selfplay_searches, a_new_net)
{
    struct game games[2], other;
    struct selfplay *worker, *fresh;
    GError *error = NULL;
    prepare("gomoku:5,line=4");
    cr_assert(game_parse(&games[0], "gomoku:5,line=4", NULL) && game_parse(&games[1], "gomoku:6,line=4", NULL));
    cr_assert(game_parse(&other, "go:5", NULL));
    struct net *first = fresh_net(&games[0], 1), *second = fresh_net(&games[0], 2), *wrong = fresh_net(&other, 1);
    struct selfplay_config config = {
        .games = games, .game_count = 2, .settings = &settings, .net = first, .backend = NET_BACKEND_PLAIN};
    cr_assert_eq(selfplay_create(&worker, &config, NULL), 0);
    config.net = second;
    cr_assert_eq(selfplay_create(&fresh, &config, NULL), 0);
    cr_assert_eq(selfplay_evaluations(worker), 0);
    for (uint64_t i = 0; i < 4; i++)
        record_unref(selfplay_play(worker, i, i));
    seen.forgotten = 0;
    cr_assert_eq(selfplay_set_net(worker, second, 9, NULL), 0);
    cr_assert_eq(seen.forgotten, 2, "trees of the previous net were kept");
    uint64_t before = selfplay_evaluations(worker);
    int sizes[7] = {0};
    for (uint64_t i = 0; i < 8; i++) {
        struct record *a = selfplay_play(worker, i, 100 + i), *b = selfplay_play(fresh, i, 100 + i);
        cr_assert(a->generation == 9 && b->generation == 0 && a->moves_hash == b->moves_hash);
        sizes[a->game.width]++;
        record_unref(a);
        record_unref(b);
    }
    cr_assert(sizes[5] > 0 && sizes[6] > 0);
    cr_assert_eq(selfplay_evaluations(worker) - before, selfplay_evaluations(fresh));
    cr_assert_eq(selfplay_set_net(worker, wrong, 10, &error), -1);
    cr_assert_not_null(error);
    g_clear_error(&error);
    selfplay_close(worker);
    selfplay_close(fresh);
    config.net = wrong;
    cr_assert_eq(selfplay_create(&worker, &config, &error), -1);
    cr_assert(!worker && error);
    g_clear_error(&error);
    net_unref(first);
    net_unref(second);
    net_unref(wrong);
}

/* ---- openings ---- */

/* Evaluations of one opening of random plies, after which nothing is searched. */
static uint64_t evaluations_of_an_opening(double balance)
{
    prepare("gomoku:7");
    settings.opening_uniform = 1;
    settings.opening_balance = balance;
    settings.max_plies = 0;
    struct net *net = fresh_net(&game, 4);
    struct selfplay *worker = open_worker(net);
    record_unref(selfplay_play(worker, 0, 12));
    uint64_t count = selfplay_evaluations(worker);
    selfplay_close(worker);
    net_unref(net);
    return count;
}

/* Eight attempts if none is even enough, one if any opening is, and no evaluation if evenness is not asked for. */
Test(selfplay_searches, attempts_at_an_opening)
{
    cr_assert_eq(evaluations_of_an_opening(0), 8);
    cr_assert_eq(evaluations_of_an_opening(0.9999), 1);
    cr_assert_eq(evaluations_of_an_opening(1), 0);
}

/* Tic-tac-toe is over after nine plies at most: longer openings are dropped, others drawn, and none that is kept decides the game. */
Test(selfplay_searches, openings_that_end_the_game_are_dropped)
{
    prepare("gomoku:3,line=3");
    settings.opening_plies = 60;
    settings.max_plies = 0;
    struct selfplay *worker = open_worker(NULL);
    int empty = 0;
    for (uint64_t i = 0; i < 200; i++) {
        struct record *record = selfplay_play(worker, i, rng_mix(i));
        union any_position at;
        game_init(&game, &at.p);
        for (int ply = 0; ply < record->ply_count; ply++)
            game_play(&game, &at.p, NULL, record->plies[ply].move);
        cr_assert(!game_over(&at.p));
        empty += record->ply_count == 0;
        record_unref(record);
    }
    /* 52 of 61 lengths end the game, and shorter ones may; (52/61)^8 is 0.28, and one of the others has no moves. */
    cr_assert(empty > 60 && empty < 110, "%d of 200", empty);
    selfplay_close(worker);
}

/* ---- sampling ---- */

/* Each move is played as often as the policies of its games predict at this temperature, within five standard
 * deviations. */
static void expect_sampled(double temperature, bool late)
{
    enum { GAMES = 800 };
    double expected[9] = {0}, variance[9] = {0};
    int counts[9] = {0};
    prepare("gomoku:3,line=3");
    settings.visits = 16;
    settings.value_scale = 0.1;
    settings.opening_plies = 0;
    settings.random_moves = 0;
    settings.max_plies = 1;
    settings.sample_plies = !late;
    settings.temperature = late ? 1 : temperature;
    settings.late_temperature = late ? temperature : 0;
    struct selfplay *worker = open_worker(NULL);
    for (uint64_t i = 0; i < GAMES; i++) {
        struct record *record = selfplay_play(worker, i, rng_mix(i));
        double sum = 0, most = 0;
        for (uint32_t k = 0; k < record->share_count; k++)
            most = fmax(most, record->shares[k].share);
        for (uint32_t k = 0; k < record->share_count; k++)
            sum += pow(record->shares[k].share / most, 1 / temperature);
        for (uint32_t k = 0; k < record->share_count; k++) {
            double p = pow(record->shares[k].share / most, 1 / temperature) / sum;
            expected[record->shares[k].move] += p;
            variance[record->shares[k].move] += p * (1 - p);
        }
        counts[record->plies[0].move]++;
        record_unref(record);
    }
    for (int move = 0; move < 9; move++)
        cr_assert(fabs(counts[move] - expected[move]) < 5 * sqrt(variance[move]) + 1, "move %d: %d, not %.1f", move,
                  counts[move], expected[move]);
    selfplay_close(worker);
}

Test(selfplay_searches, moves_are_sampled_from_the_policy)
{
    expect_sampled(1, false);
    expect_sampled(0.5, false);
    expect_sampled(2, false);
}

/* After sample_plies only with a temperature of its own; of 0.001, which would leave no weight in a double, the best move. */
Test(selfplay_searches, late_moves_have_their_own_temperature)
{
    expect_sampled(0.5, true);
    expect_sampled(2, true);
    expect_sampled(0.001, true);
}

/* ---- the games of a seed ---- */

/* A run that is continued or repeated with another version of the program has the same games. These were recorded when
 * the test was written; a change that alters them on purpose says so and updates the numbers. */
Test(selfplay_searches, recorded_games)
{
    static const struct {
        const char *spec;
        double full_share, random_moves, temperature, balance;
        int sample_plies, considered;
        uint64_t hash;
    } cases[] = {
        {"go:5", 1, 0, 1, 1, 4, 8, UINT64_C(0xf7b0d6b61b4d71a3)},
        {"go:5", 0.5, 0.25, 0.5, 0.5, 1, 4, UINT64_C(0x295180c0c470bd2d)},
        {"gomoku:7", 1, 0, 2, 1, 30, 16, UINT64_C(0xe10f459f3f046d96)},
        {"gomoku:5,line=4", 0.75, 0.1, 1, 0.9, 0, 2, UINT64_C(0xa7d8a9eba946fc25)},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        uint64_t hash = 0;
        prepare(cases[i].spec);
        settings.visits = 12;
        settings.fast_visits = 4;
        settings.full_share = cases[i].full_share;
        settings.random_moves = cases[i].random_moves;
        settings.temperature = cases[i].temperature;
        settings.opening_balance = cases[i].balance;
        settings.sample_plies = cases[i].sample_plies;
        settings.considered = cases[i].considered;
        struct selfplay *worker = open_worker(NULL);
        for (uint64_t game_number = 0; game_number < 6; game_number++) {
            struct record *record = selfplay_play(worker, game_number, rng_mix(game_number));
            hash = rng_mix(hash ^ record->moves_hash ^ (uint64_t)record->rows);
            record_unref(record);
        }
        cr_expect_eq(hash, cases[i].hash, "%s: 0x%016" G_GINT64_MODIFIER "x", cases[i].spec, hash);
        selfplay_close(worker);
    }
}
