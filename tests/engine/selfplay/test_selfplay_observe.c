/* Self-play reports the result of each search to its evaluator. The linker replaces evaluator_create by the function
 * below, so that the stack that self-play creates contains an observer. */
#include <criterion/criterion.h>

#include "engine/selfplay/selfplay.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"
#include "tests/mcts/observer.h"

static struct observer_log *observing;

int __real_evaluator_create(struct evaluator **out, const struct game *game, const struct evaluator_config *config,
                            GError **error);
int __wrap_evaluator_create(struct evaluator **out, const struct game *game, const struct evaluator_config *config,
                            GError **error)
{
    return observing ? observer_stack(out, game, config, observing, error, __real_evaluator_create)
                     : __real_evaluator_create(out, game, config, error);
}

/* The share of a move in a record's policy; 0 if it is not there. */
static double kept_share(const struct record *record, int ply, int move)
{
    const struct record_ply *row = &record->plies[ply];
    for (int k = 0; k < row->share_count; k++) {
        const struct record_share *share = &record->shares[row->first_share + (uint32_t)k];
        if (share->move == move)
            return share->share / 65535.0;
    }
    return 0;
}

static void expect_ply(const struct game *game, const struct record *record, int ply, const struct position *position,
                       const struct observed *seen)
{
    const struct record_ply *row = &record->plies[ply];
    cr_assert(seen->ply == ply && seen->hash == position->hash && seen->history_count == ply, "ply %d", ply);
    cr_assert_geq(seen->visits, 9);
    for (int i = 0; i < 3; i++) {
        cr_assert_float_eq(seen->wdl[i], row->wdl[i], 1e-5); /* records keep 16 bits */
        cr_assert_float_eq(seen->raw_wdl[i], row->raw_wdl[i], 1e-5);
    }
    for (int m = 0; m < game->moves; m++)
        cr_assert_float_eq(seen->policy[m], kept_share(record, ply, m), 1e-4, "ply %d move %d", ply, m);
}

/* Plays a game and compares the observations with its record; returns the number of searched plies. */
static int expect_game(const struct game *game, struct selfplay *worker, uint64_t seed)
{
    union any_position position;
    int told = 0;
    observing->count = 0;
    struct record *record = selfplay_play(worker, 0, seed);
    game_init(game, &position.p);
    for (int ply = 0; ply < record->ply_count; ply++) {
        if (record->plies[ply].flags & RECORD_SEARCHED)
            expect_ply(game, record, ply, &position.p, &observing->seen[told++]);
        game_play(game, &position.p, NULL, record->plies[ply].move);
    }
    cr_assert(told < OBSERVER_ROOM && told == observing->count, "%d plies, %d observations", told, observing->count);
    record_unref(record);
    return told;
}

/* Games by a net behind a cache: every searched ply is observed once, in order, and agrees with the record. */
Test(selfplay_observe, each_searched_ply_is_observed)
{
    struct game game;
    struct settings settings;
    struct net *net;
    struct selfplay *worker;
    GError *error = NULL;
    cr_assert(game_parse(&game, "go:5", NULL));
    settings_presets(&settings, &game);
    settings.visits = 8;
    settings.improved_value = 0; /* observers see the mean over the visits */
    settings.opening_plies = 3;
    settings.full_share = 1;
    observing = g_new0(struct observer_log, 1);
    cr_assert_eq(evaluator_net_fresh(&net, &game, "conv:8", 1, NULL), 0);
    const struct selfplay_config config = {.games = &game,
                                           .game_count = 1,
                                           .settings = &settings,
                                           .net = net,
                                           .backend = NET_BACKEND_PLAIN,
                                           .cache_bytes = 1 << 20};
    cr_assert_eq(selfplay_create(&worker, &config, &error), 0, "%s", error ? error->message : "");
    int searched = 0;
    for (uint64_t seed = 1; seed <= 8; seed++)
        searched += expect_game(&game, worker, seed);
    cr_assert_gt(searched, 40, "games too short to show anything");
    cr_assert_gt(selfplay_evaluations(worker), searched, "the net's evaluations are counted below the observer");
    selfplay_close(worker);
    net_unref(net);
    g_free(observing);
    observing = NULL;
}
