/* The surprise that self-play records with its rows. */
#include <criterion/criterion.h>
#include <math.h>

#include "engine/selfplay/selfplay.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"

/* The divergence of a row's policy from the priors that the evaluator gives at its position to the moves that a search
 * considers. */
static double divergence(struct evaluator *evaluator, const struct record *record, int at)
{
    const struct game *game = &record->game;
    union any_position position;
    struct history history;
    struct eval eval;
    game_move legal[GAME_MAX_MOVES], moves[GAME_MAX_MOVES];
    float prior[GAME_MAX_MOVES];
    double sum = 0, all = 0;
    history_init(&history, at);
    game_init(game, &position.p);
    for (int ply = 0; ply < at; ply++)
        game_play(game, &position.p, &history, record->plies[ply].move);
    const struct eval_query query = {.position = &position.p, .history = &history, .want = EVAL_POLICY};
    evaluator_evaluate(evaluator, 1, &query, &eval);
    const int all_legal = game->ops->legal_moves(game, &position.p, &history, legal);
    const int count = game_sensible_moves(game, &position.p, true, legal, all_legal, moves);
    eval_softmax(&eval, moves, count, 1, prior);
    const struct record_ply *row = &record->plies[at];
    const struct record_share *shares = record->shares + row->first_share;
    for (int i = 0; i < row->share_count; i++)
        all += shares[i].share;
    for (int i = 0; i < row->share_count; i++)
        for (int k = 0; k < count; k++)
            if (moves[k] == shares[i].move)
                sum += shares[i].share / all * log(shares[i].share / all / (double)prior[k]);
    history_clear(&history);
    return sum;
}

/* Full searches record their surprise; fast ones and opening plies none. The evaluator uses the worker's symmetries, so
 * that it gives the same priors. */
Test(surprise, is_the_divergence_from_the_prior)
{
    struct game game;
    struct settings settings;
    struct net *net;
    struct evaluator *evaluator;
    struct selfplay *worker;
    int rows = 0, others = 0;
    double sum = 0;
    cr_assert(game_parse(&game, "go:5", NULL));
    settings_presets(&settings, &game);
    settings.visits = 24;
    settings.full_share = 0.5;
    settings.max_plies = 14;
    settings.komi_stdev = settings.komi_wide_share = 0; /* the evaluator has a komi of its own */
    settings.seed = 3;
    cr_assert_eq(evaluator_net_fresh(&net, &game, "conv:8 res:8", 4, NULL), 0);
    const struct evaluator_config config = {.kind = EVALUATOR_NET,
                                            .net = net,
                                            .backend = NET_BACKEND_PLAIN,
                                            .dtype = NET_F32,
                                            .symmetry = EVALUATOR_SYMMETRY_RANDOM,
                                            .seed = (uint64_t)settings.seed};
    cr_assert_eq(evaluator_create(&evaluator, &game, &config, NULL), 0);
    const struct selfplay_config selfplay = {.games = &game,
                                             .game_count = 1,
                                             .settings = &settings,
                                             .net = net,
                                             .backend = NET_BACKEND_PLAIN,
                                             .dtype = NET_F32};
    cr_assert_eq(selfplay_create(&worker, &selfplay, NULL), 0);
    for (uint64_t i = 0; i < 4; i++) {
        struct record *record = selfplay_play(worker, i, rng_mix(i));
        for (int ply = 0; ply < record->ply_count; ply++) {
            const double found = (double)record->plies[ply].surprise;
            if (!(record->plies[ply].flags & RECORD_TRAIN)) {
                cr_assert_eq(found, 0);
                others++;
                continue;
            }
            const double want = divergence(evaluator, record, ply);
            cr_expect_float_eq(found, want, 2e-3 + 2e-3 * want, "game %d, ply %d: %g, not %g", (int)i, ply, found,
                               want);
            sum += want;
            rows++;
        }
        record_unref(record);
    }
    cr_assert(rows > 8 && others > 8 && sum > 0.1 * rows, "%d and %d, mean %g", rows, others, sum / rows);
    selfplay_close(worker);
    evaluator_free(evaluator);
    net_unref(net);
}
