/* Games against a fixed opponent: who it is, how it plays, what is recorded and learned of it, and how it grows stronger. */
#include <criterion/criterion.h>
#include <math.h>

#include "engine/selfplay/against.h"
#include "engine/selfplay/selfplay.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "engine/training/replay/samples.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"
#include "net/targets.h"
#include "net/train.h"

enum { GAMES = 40 };

static struct game game;
static struct settings settings;
static struct net *net, *opponent;

static void set_up(void)
{
    cr_assert(game_parse(&game, "reversi:4", NULL));
    settings_presets(&settings, &game);
    settings.visits = settings.fast_visits = 4;
    settings.opening_plies = 2;
    settings.random_moves = 0;
    cr_assert_eq(evaluator_net_fresh(&net, &game, "conv:8 res:8", 1, NULL), 0);
    cr_assert_eq(evaluator_net_fresh(&opponent, &game, "conv:8 res:8", 2, NULL), 0);
}

static void tear_down(void)
{
    net_unref(net);
    net_unref(opponent);
}
TestSuite(against, .init = set_up, .fini = tear_down);

static struct selfplay *open_worker(void)
{
    struct selfplay *worker;
    GError *error = NULL;
    const struct selfplay_config config = {.games = &game,
                                           .game_count = 1,
                                           .settings = &settings,
                                           .net = net,
                                           .opponent = opponent,
                                           .backend = NET_BACKEND_PLAIN,
                                           .dtype = NET_F32};
    cr_assert_eq(selfplay_create(&worker, &config, &error), 0, "%s", error ? error->message : "");
    return worker;
}

/* What the evaluator says at a ply of a record. */
static void evaluate(struct evaluator *evaluator, const struct record *record, int ply, union any_position *position,
                     struct eval *eval)
{
    game_init(&record->game, &position->p);
    for (int i = 0; i < ply; i++)
        game_play(&record->game, &position->p, NULL, record->plies[i].move);
    const struct eval_query query = {.position = &position->p, .want = EVAL_POLICY | EVAL_VALUE};
    evaluator_evaluate(evaluator, 1, &query, eval);
}

static struct evaluator *evaluator_of(struct net *of)
{
    struct evaluator *evaluator;
    const struct evaluator_config config = {.kind = EVALUATOR_NET,
                                            .net = of,
                                            .backend = NET_BACKEND_PLAIN,
                                            .dtype = NET_F32,
                                            .symmetry = EVALUATOR_SYMMETRY_RANDOM,
                                            .seed = (uint64_t)settings.seed};
    cr_assert_eq(evaluator_create(&evaluator, &game, &config, NULL), 0);
    return evaluator;
}

static game_move best_by_policy(const union any_position *position, const struct eval *eval)
{
    game_move legal[GAME_MAX_MOVES], moves[GAME_MAX_MOVES];
    int count = game.ops->legal_moves(&game, &position->p, NULL, legal);
    count = game_sensible_moves(&game, &position->p, true, legal, count, moves);
    game_move best = moves[0];
    for (int i = 1; i < count; i++)
        if (eval->logits[moves[i]] > eval->logits[best])
            best = moves[i];
    return best;
}

/* With a visit it plays the best move of its policy; the record has the learning net's value there. */
static void check_opponent_ply(const struct record *record, int ply, struct evaluator *own, struct evaluator *other)
{
    const struct record_ply *at = &record->plies[ply];
    union any_position position;
    struct eval eval;
    evaluate(other, record, ply, &position, &eval);
    cr_expect_eq(at->move, best_by_policy(&position, &eval), "ply %d", ply);
    cr_expect_eq(at->flags, RECORD_SEARCHED | RECORD_TRAIN | RECORD_OPPONENT); /* full_share is 1 */
    cr_expect(at->share_count == 1 && record->shares[at->first_share].move == at->move);
    evaluate(own, record, ply, &position, &eval);
    for (int i = 0; i < 3; i++)
        cr_expect_float_eq(at->wdl[i], eval.wdl[i], 1e-4);
}

Test(against, one_player_is_the_opponent)
{
    struct selfplay *worker = open_worker();
    struct evaluator *own = evaluator_of(net), *other = evaluator_of(opponent);
    int games_of[2] = {0};
    for (uint64_t i = 0; i < GAMES; i++) {
        struct record *record = selfplay_play(worker, i, rng_mix(i));
        const int player = record_opponent(record);
        for (int ply = 0; ply < record->ply_count; ply++) {
            const int flags = record->plies[ply].flags;
            if (flags & RECORD_OPPONENT)
                check_opponent_ply(record, ply, own, other);
            else
                cr_expect(!(flags & RECORD_SEARCHED) || record->plies[ply].player != player);
        }
        if (player >= 0)
            games_of[player]++;
        record_unref(record);
    }
    cr_expect(games_of[0] > GAMES / 4 && games_of[1] > GAMES / 4, "%d %d", games_of[0], games_of[1]);
    evaluator_free(own);
    evaluator_free(other);
    selfplay_close(worker);
}

Test(against, share_of_the_games)
{
    int against = 0;
    settings.against_share = 0.25;
    struct selfplay *worker = open_worker();
    for (uint64_t i = 0; i < 4 * GAMES; i++) {
        struct record *record = selfplay_play(worker, i, rng_mix(i));
        against += record_opponent(record) >= 0;
        record_unref(record);
    }
    cr_expect(abs(against - GAMES) < 17, "%d", against); /* three standard deviations */
    selfplay_close(worker);
}

/* In how many games the first search of the net after the opening finds another value with one worker than with the other. */
static int different_searches(struct selfplay *first, struct selfplay *second)
{
    int different = 0;
    for (uint64_t i = 0; i < GAMES; i++) {
        struct record *a = selfplay_play(first, i, rng_mix(i)), *b = selfplay_play(second, i, rng_mix(i));
        const int opening = settings.opening_plies; /* at most; of the first ply after it that the net searches */
        int ply = 0;
        while (ply < MIN(a->ply_count, b->ply_count) &&
               (!(a->plies[ply].flags & RECORD_SEARCHED) || (a->plies[ply].flags & RECORD_OPPONENT)))
            ply++;
        if (ply <= opening && ply < MIN(a->ply_count, b->ply_count))
            different += a->plies[ply].wdl[0] != b->plies[ply].wdl[0];
        record_unref(a);
        record_unref(b);
    }
    selfplay_close(first);
    selfplay_close(second);
    return different;
}

/* The net's search models the opponent: what it finds depends on the opponent's policy, which in self-play it does not. */
Test(against, the_search_models_it)
{
    struct net *third, *second = opponent;
    cr_assert_eq(evaluator_net_fresh(&third, &game, "conv:8 res:8", 3, NULL), 0);
    settings.visits = 60;
    for (int self = 0; self < 2; self++) {
        settings.against_share = !self;
        struct selfplay *first = open_worker();
        opponent = third;
        struct selfplay *other = open_worker();
        opponent = second;
        const int different = different_searches(first, other);
        cr_expect(self ? different == 0 : different > 0, "%d", different);
    }
    net_unref(third);
}

/* It also depends on how much the opponent is taken to prefer good moves. */
Test(against, how_rational_it_is)
{
    settings.visits = 60;
    for (int self = 0; self < 2; self++) {
        settings.against_share = !self;
        settings.against_rationality = 0;
        struct selfplay *first = open_worker();
        settings.against_rationality = 50;
        const int different = different_searches(first, open_worker());
        cr_expect(self ? different == 0 : different > 0, "%d", different);
    }
}

/* Without games against it a run is the same with an opponent and without. */
Test(against, games_without_it_are_as_before)
{
    settings.against_share = 0;
    struct selfplay *with = open_worker();
    opponent = (net_unref(opponent), NULL);
    struct selfplay *without = open_worker();
    for (uint64_t i = 0; i < 10; i++) {
        struct record *a = selfplay_play(with, i, rng_mix(i)), *b = selfplay_play(without, i, rng_mix(i));
        cr_expect_eq(a->moves_hash, b->moves_hash);
        record_unref(a);
        record_unref(b);
    }
    selfplay_close(with);
    selfplay_close(without);
}

/* The visits are the assignment's, otherwise the settings': more of them change its moves. */
Test(against, visits_of_its_searches)
{
    struct selfplay *worker = open_worker();
    int different = 0, same = 0;
    for (uint64_t i = 0; i < 10; i++) {
        struct record *records[3];
        settings.against_visits = 1;
        records[0] = selfplay_play(worker, i, rng_mix(i));
        records[1] = selfplay_play_assignment(
            worker, &(struct selfplay_assignment){.number = i, .seed = rng_mix(i), .opponent_visits = 200});
        settings.against_visits = 200;
        records[2] = selfplay_play(worker, i, rng_mix(i));
        different += records[0]->moves_hash != records[1]->moves_hash;
        same += records[1]->moves_hash == records[2]->moves_hash;
        for (int k = 0; k < 3; k++)
            record_unref(records[k]);
    }
    cr_expect_eq(same, 10);
    cr_expect_gt(different, 5);
    selfplay_close(worker);
}

/* Of the opponent's plies the value is a target, and the reply before them; the policy is not. */
Test(against, its_moves_are_not_targets_of_the_policy)
{
    struct selfplay *worker = open_worker();
    struct record *record = selfplay_play(worker, 3, 3);
    const struct game_features *features = game_features_newest(&game);
    struct samples_form form = {.symmetry = 0};
    const int player = record_opponent(record);
    int seen[2] = {0};
    cr_assert(player >= 0);
    for (int ply = 0; ply < record->ply_count; ply++) {
        if (!(record->plies[ply].flags & RECORD_TRAIN))
            continue;
        const bool own = record->plies[ply].player == player;
        struct net_samples *samples = net_samples_new(net_info(net), game.width, game.height, 1);
        samples_write(samples, 0, record, ply, features, &form);
        cr_expect_eq(samples->weight[NET_TARGET_POLICY][0], own ? 0 : 1);
        cr_expect_eq(samples->weight[NET_TARGET_VALUE][0], 1);
        if (ply + 1 < record->ply_count)
            cr_expect_eq(samples->weight[NET_TARGET_REPLY][0], 1);
        seen[own]++;
        net_samples_free(samples);
    }
    cr_expect(seen[0] > 0 && seen[1] > 0);
    record_unref(record);
    selfplay_close(worker);
}

/* ---- growing stronger ---- */

/* A game in which `opponent_player` is the opponent (-1: neither), with this outcome. */
static struct record *game_of(int opponent_player, enum game_outcome outcome)
{
    struct record *record = record_new(&game, 1, 1);
    const float policy[GAME_MAX_MOVES] = {1}, even[3] = {0.5f, 0, 0.5f};
    union any_position position;
    game_init(&game, &position.p);
    for (int i = 0; i < 2; i++) {
        game_move moves[GAME_MAX_MOVES];
        cr_assert(game.ops->legal_moves(&game, &position.p, NULL, moves) > 0);
        record_add(record, &position.p, moves[0], policy, even, even,
                   RECORD_SEARCHED | RECORD_TRAIN | (i == opponent_player ? RECORD_OPPONENT : 0));
        game_play(&game, &position.p, NULL, moves[0]);
    }
    record_finish(record, &position.p);
    record->result.outcome = outcome;
    return record;
}

static bool note(struct against *against, int opponent_player, enum game_outcome outcome, int times)
{
    struct record *record = game_of(opponent_player, outcome);
    bool raised = false;
    for (int i = 0; i < times; i++)
        raised = against_note(against, record);
    record_unref(record);
    return raised;
}

Test(against, doubles_its_visits_when_it_loses_more_than_half)
{
    struct against against;
    settings.against_visits = 3;
    settings.against_visits_final = 10;
    against_init(&against, &settings);
    cr_expect(against.visits == 3 && against.score < 0);
    /* 24 wins, 2 draws and 24 losses are half: no change. */
    note(&against, 1, GAME_WON_0, 24);
    note(&against, 0, GAME_DRAWN, 2);
    cr_expect_not(note(&against, 0, GAME_WON_0, 24));
    cr_expect(against.visits == 3 && against.score == 0.5, "%g", against.score);
    /* 25 wins and a draw are more. Games of self-play do not count. */
    note(&against, 1, GAME_WON_0, 25);
    note(&against, -1, GAME_WON_0, 100);
    note(&against, 0, GAME_WON_0, 24);
    cr_expect_eq(against.visits, 3);
    cr_expect(note(&against, 0, GAME_DRAWN, 1));
    cr_expect(against.visits == 6 && fabs(against.score - 0.51) < 1e-9);
    cr_expect(note(&against, 0, GAME_WON_1, AGAINST_GAMES));
    cr_expect_eq(against.visits, 10, "at most");
    cr_expect_not(note(&against, 0, GAME_WON_1, AGAINST_GAMES));
    cr_expect(against.visits == 10 && against.score == 1);
}
