/* The worker's loop in one thread: games, counts, termination. For several threads see thread_workers.c. */
#include <criterion/criterion.h>

#include "engine/selfplay/selfplay.h"
#include "engine/selfplay/worker.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"

enum { GAMES = 4 };

/* An ops table that hands out GAMES games and fails at a given point. */
struct script {
    struct net *net;
    int given, nets_asked, searches;
    int stop_at, fail_net_at; /* the search, and the call of take_net; 0: never */
    bool fail_game;
    struct record *records[GAMES];
    uint64_t evaluations[GAMES];
    int handed_in;
};

static struct game game;
static struct settings settings;
static struct script script;

static bool fail(GError **error, const char *what)
{
    g_set_error(error, RECORD_ERROR, 0, "%s", what);
    return false;
}

static uint64_t seed_of(uint64_t number)
{
    return 1000 + number;
}

static bool next_game(void *user, struct selfplay_assignment *next, GError **error)
{
    struct script *given = user;
    if (given->given == GAMES)
        return given->fail_game ? fail(error, "no connection") : false;
    next->number = (uint64_t)given->given++;
    next->seed = seed_of(next->number);
    return true;
}

static bool take_net(void *user, const struct selfplay_net *in_use, struct selfplay_net *newest, GError **error)
{
    struct script *given = user;
    if (++given->nets_asked == given->fail_net_at)
        return fail(error, "half a net");
    if (!in_use->net)
        *newest = (struct selfplay_net){net_ref(given->net), 7};
    return true;
}

static void hand_in(void *user, struct record *record, uint64_t evaluations)
{
    struct script *given = user;
    given->evaluations[given->handed_in] = evaluations;
    given->records[given->handed_in++] = record;
}

static bool before_move(void *user)
{
    struct script *given = user;
    return ++given->searches != given->stop_at;
}

static const struct selfplay_worker_ops ops = {
    .next_game = next_game, .take_net = take_net, .hand_in = hand_in, .before_move = before_move};

static void set_up(void)
{
    script = (struct script){0};
    cr_assert(game_parse(&game, "gomoku:5,line=4", NULL));
    settings_presets(&settings, &game);
    settings.visits = 6;
    settings.opening_plies = 2;
    cr_assert_eq(evaluator_net_fresh(&script.net, &game, "conv:8", 1, NULL), 0);
}

static void tear_down(void)
{
    for (int i = 0; i < script.handed_in; i++)
        record_unref(script.records[i]);
    net_unref(script.net);
}

TestSuite(worker, .init = set_up, .fini = tear_down);

static struct selfplay_config config_of_game(void)
{
    return (struct selfplay_config){
        .games = &game, .game_count = 1, .settings = &settings, .backend = NET_BACKEND_PLAIN};
}

static int run(GError **error)
{
    const struct selfplay_config config = config_of_game();
    return selfplay_worker_run(&ops, &script, &config, error);
}

/* The loop plays the same games as selfplay_play, and hands in each with the number of evaluations. */
Test(worker, plays_and_counts_its_games)
{
    struct selfplay_config config = config_of_game();
    struct selfplay *alone;
    config.net = script.net;
    cr_assert_eq(run(NULL), 0);
    cr_assert_eq(script.handed_in, GAMES);
    cr_assert_eq(script.nets_asked, 1 + GAMES + script.searches);
    for (uint64_t i = 0; i < GAMES; i++) {
        cr_assert_eq(selfplay_create(&alone, &config, NULL), 0);
        struct record *record = selfplay_play(alone, i, seed_of(i));
        cr_assert_eq(script.records[i]->number, i);
        cr_assert_eq(script.records[i]->generation, 7);
        cr_assert_eq(script.records[i]->moves_hash, record->moves_hash);
        cr_assert_eq(script.evaluations[i], selfplay_evaluations(alone));
        record_unref(record);
        selfplay_close(alone);
    }
}

Test(worker, a_game_that_is_stopped_is_not_handed_in)
{
    cr_assert_eq(run(NULL), 0);
    int searches = script.searches, first = 0;
    for (int ply = 0; ply < script.records[0]->ply_count; ply++)
        first += script.records[0]->plies[ply].flags & RECORD_SEARCHED;
    cr_assert_gt(searches, first + 2);
    tear_down();
    set_up();
    script.stop_at = first + 2; /* in the second game */
    cr_assert_eq(run(NULL), 0);
    cr_assert_eq(script.handed_in, 1);
    cr_assert_eq(script.searches, first + 2, "nothing is searched after the end");
    cr_assert_eq(script.given, 2, "no other game is started");
}

/* Before the first game, before another game, between two moves: the error is returned, and the game is not handed
 * in. */
Test(worker, a_net_that_fails_to_load_ends_the_loop)
{
    for (int call = 1; call <= 3; call++) {
        GError *error = NULL;
        script.nets_asked = script.given = script.searches = 0;
        script.fail_net_at = call;
        cr_assert_eq(run(&error), -1);
        cr_assert(error && strcmp(error->message, "half a net") == 0);
        g_error_free(error);
        cr_assert_eq(script.given, call > 1);
        cr_assert_eq(script.searches, call > 2);
        cr_assert_eq(script.handed_in, 0);
    }
}

Test(worker, a_net_of_another_game_is_refused)
{
    GError *error = NULL;
    struct game other;
    cr_assert(game_parse(&other, "go:5", NULL));
    net_unref(script.net);
    cr_assert_eq(evaluator_net_fresh(&script.net, &other, "conv:8", 1, NULL), 0);
    cr_assert_eq(run(&error), -1);
    cr_assert_not_null(error);
    g_error_free(error);
    cr_assert_eq(script.given, 0);
}

Test(worker, a_failure_to_get_a_game_keeps_the_earlier_ones)
{
    GError *error = NULL;
    script.fail_game = true;
    cr_assert_eq(run(&error), -1);
    cr_assert(error && strcmp(error->message, "no connection") == 0);
    g_error_free(error);
    cr_assert_eq(script.handed_in, GAMES);
}
