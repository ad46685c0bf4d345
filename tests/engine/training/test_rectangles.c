/* Training on boards that are not square: the replay window by shape, the game's symmetries, a run of Connect Four from
 * its first game to a net that plays. */
#include <criterion/criterion.h>

#include "agents/agent.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "engine/store/store.h"
#include "engine/training/progress.h"
#include "engine/training/replay/replay_window.h"
#include "engine/training/training.h"
#include "games/game.h"
#include "net/net.h"
#include "net/targets.h"
#include "net/train.h"
#include "tests/delete_folder.h"

static struct game parse(const char *spec)
{
    struct game game;
    GError *error = NULL;
    cr_assert(game_parse(&game, spec, &error), "%s", error ? error->message : "");
    return game;
}

/* A game of random moves in which every ply is a row, with a policy of 1 on the move played. */
static struct record *random_game(const struct game *game, uint64_t seed)
{
    union any_position position;
    struct record *record = record_new(game, seed, 0);
    struct rng rng;
    const float wdl[3] = {0, 1, 0};
    rng_seed(&rng, seed);
    game_init(game, &position.p);
    while (!game_over(&position.p)) {
        game_move moves[GAME_MAX_MOVES];
        float policy[GAME_MAX_MOVES] = {0};
        int count = game->ops->legal_moves(game, &position.p, NULL, moves);
        game_move move = moves[rng_below(&rng, (uint32_t)count)];
        policy[move] = 1;
        record_add(record, &position.p, move, policy, wdl, wdl, RECORD_SEARCHED | RECORD_TRAIN);
        game_play(game, &position.p, NULL, move);
    }
    record_finish(record, &position.p);
    return record;
}

/* Boards with the same number of points but another shape, or the same width but another height, have separate rings.
 * */
Test(rectangles, rings_are_of_width_and_height)
{
    const struct game games[] = {parse("connect4:7x6"), parse("connect4:6x7"), parse("connect4:7x5")};
    struct settings settings;
    settings_presets(&settings, &games[0]);
    struct window *window = window_new(games, 3, &settings);
    int64_t rows[3];
    for (int i = 0; i < 3; i++) {
        struct record *record = random_game(&games[i], 5 + (uint64_t)i);
        rows[i] = record->ply_count;
        window_add(window, record);
        record_unref(record);
    }
    int drawn[3] = {0};
    struct rng rng;
    rng_seed(&rng, 1);
    for (int i = 0; i < 600; i++) {
        struct game_shape shape = window_draw_shape(window, &rng);
        for (int g = 0; g < 3; g++)
            drawn[g] += shape.width == games[g].width && shape.height == games[g].height;
    }
    cr_expect_eq(drawn[0] + drawn[1] + drawn[2], 600);
    for (int i = 0; i < 3; i++) {
        const struct game_shape shape = {games[i].width, games[i].height};
        const struct record *record;
        int ply;
        cr_expect_eq(window_shape_rows(window, shape), rows[i]);
        cr_expect_gt(drawn[i], 60);
        window_row(window, shape, 0, &record, &ply);
        cr_expect(record->game.width == games[i].width && record->game.height == games[i].height);
    }
    cr_expect_eq(window_shape_rows(window, (struct game_shape){5, 7}), 0);
    window_free(window);
}

/* Whether a sample is the position after `ply` moves, its policy and its map, under a symmetry. */
static bool is_row(const struct net_samples *samples, int at, const struct record *record, int ply, int symmetry)
{
    const struct game *game = &record->game;
    const struct game_features *features = game_features_newest(game);
    size_t count = (size_t)features->planes * game->points;
    float planes[GAME_MAX_PLANES * 42], globals[GAME_MAX_GLOBALS];
    union any_position position;
    game_init(game, &position.p);
    for (int i = 0; i < ply; i++)
        game_play(game, &position.p, NULL, record->plies[i].move);
    game_encode(game, features, &position.p, NULL, symmetry, planes, globals);
    if (memcmp(samples->planes + (size_t)at * count, planes, count * sizeof *planes) != 0)
        return false;
    game_move move = game_symmetry_move(game, symmetry, record->plies[ply].move);
    int sign = position.p.player == 0 ? 1 : -1;
    bool good = net_samples_row(samples, NET_TARGET_POLICY, at)[move] == 1;
    for (int p = 0; p < game->points; p++)
        good = good && net_samples_row(samples, NET_TARGET_MAP, at)[game_symmetry_point(game, symmetry, p)] ==
                           (float)(record->map[p] * sign);
    return good;
}

/* Rows are drawn unchanged or mirrored, about equally often, and never transposed or upside down. */
Test(rectangles, augmentation_keeps_to_the_symmetries_of_the_game)
{
    struct game game = parse("connect4:7x6");
    const struct game_features *features = game_features_newest(&game);
    const struct net_info info = {.planes = features->planes, .globals = features->globals};
    struct settings settings;
    settings_presets(&settings, &game);
    struct window *window = window_new(&game, 1, &settings);
    struct record *record = random_game(&game, 3);
    window_add(window, record);
    struct net_samples *samples = net_samples_new(&info, 7, 6, 400);
    struct rng rng;
    rng_seed(&rng, 2);
    window_fill(window, features, &rng, samples);
    int seen[2] = {0};
    for (int i = 0; i < samples->n; i++) {
        int found = 0;
        for (int ply = 0; ply < record->ply_count; ply++)
            for (int s = 0; s < 2; s++) {
                bool same = is_row(samples, i, record, ply, s);
                seen[s] += same;
                found += same;
            }
        cr_assert_geq(found, 1, "row %d is not from the game", i);
    }
    cr_expect(seen[0] > 120 && seen[1] > 120, "%d and %d", seen[0], seen[1]);
    net_samples_free(samples);
    record_unref(record);
    window_free(window);
}

/* ---- a run ---- */

struct outcome {
    struct store_checkpoint at;
    GBytes *state; /* of the trainer, complete */
    char *net;     /* path of the newest net */
};

static char *file_of(struct store *store, char *name)
{
    char *path = store_net_path(store, name);
    g_free(name);
    return path;
}

/* A deterministic run, in a folder of its own. */
static struct outcome train(const char *folder, const char *name, enum net_backend backend, int64_t seed)
{
    struct game game = parse("connect4:7x6");
    struct settings settings;
    struct outcome outcome;
    struct store *store;
    GError *error = NULL;
    settings_presets(&settings, &game);
    cr_assert_eq(settings.sample_plies, 7, "the larger side");
    g_strlcpy(settings.net, "conv:16 gpool:16", sizeof settings.net);
    settings.seed = seed;
    settings.deterministic = 1;
    settings.visits = 6;
    settings.batch = 16;
    settings.samples_per_row = 2;
    settings.first_rows = 20;
    settings.round_games = 3;
    settings.warmup = 5;
    char *path = g_build_filename(folder, name, NULL), *bytes;
    cr_assert_eq(store_open(&store, path, STORE_CREATE, &error), 0, "%s", error ? error->message : "");
    cr_assert(store_save_settings(store, &settings, &error));
    FILE *out = fopen("/dev/null", "w");
    const struct training_options options = {.store = store,
                                             .settings = &settings,
                                             .games = &game,
                                             .game_count = 1,
                                             .threads = 1,
                                             .generations = 3,
                                             .backend = backend,
                                             .style = PROGRESS_JSON,
                                             .out = out};
    cr_assert_eq(training_run(&options, &error), TRAINING_GENERATIONS, "%s", error ? error->message : "");
    fclose(out);
    bool found;
    gsize size;
    cr_assert(store_last_checkpoint(store, &outcome.at, &found, NULL) && found);
    char *state = file_of(store, store_state_name(outcome.at.generation));
    cr_assert(g_file_get_contents(state, &bytes, &size, NULL));
    outcome.state = g_bytes_new_take(bytes, size);
    outcome.net = file_of(store, store_generation_name(outcome.at.generation));
    g_free(state);
    g_free(path);
    store_close(store);
    return outcome;
}

static void outcome_clear(struct outcome *outcome)
{
    g_bytes_unref(outcome->state);
    g_free(outcome->net);
}

static void remove_tree(const char *path)
{
    delete_folder(path);
}

Test(rectangles, a_run_of_connect_four_is_repeatable)
{
    char *folder = g_dir_make_tmp("tengen-rectangles-XXXXXX", NULL);
    struct outcome one = train(folder, "one", NET_BACKEND_PLAIN, 5), same = train(folder, "same", NET_BACKEND_PLAIN, 5),
                   other = train(folder, "other", NET_BACKEND_PLAIN, 6);
    cr_expect_gt(one.at.steps, 5, "only %d steps", (int)one.at.steps);
    cr_expect(g_bytes_equal(one.state, same.state), "the same seed gave different weights");
    cr_expect(!g_bytes_equal(one.state, other.state), "a different seed gave the same weights");
    outcome_clear(&one);
    outcome_clear(&same);
    outcome_clear(&other);
    remove_tree(folder);
    g_free(folder);
}

/* With the fast arithmetic the nets of a run are calibrated for int8, and they play the game, with and without search.
 * */
Test(rectangles, a_net_of_connect_four_is_calibrated_and_plays)
{
    char *folder = g_dir_make_tmp("tengen-rectangles-XXXXXX", NULL);
    struct outcome run = train(folder, "run", NET_BACKEND_FAST, 5);
    struct game game = parse("connect4:7x6");
    struct net *net;
    cr_assert_eq(net_load(&net, run.net, NULL), 0);
    cr_expect(net_is_calibrated(net));
    net_unref(net);
    char *specs[2] = {g_strdup_printf("policy:%s,symmetry=all", run.net), g_strdup_printf("net:%s,visits=16", run.net)};
    struct agent *agents[2];
    const struct agent_config config = {.seed = 1, .threads = 1};
    for (int i = 0; i < 2; i++) {
        GError *error = NULL;
        cr_assert_eq(agent_open(&agents[i], specs[i], &game, &config, &error), 0, "%s", error ? error->message : "");
        cr_assert(agent_new_game(agents[i], 1, NULL));
    }
    while (!game_over(agents[0]->position)) {
        struct agent_choice choice;
        cr_assert(agent_choose(agents[agents[0]->position->player], NULL, &choice, NULL));
        for (int i = 0; i < 2; i++)
            cr_assert(agent_moved(agents[i], choice.move, NULL));
    }
    for (int i = 0; i < 2; i++) {
        agent_close(agents[i]);
        g_free(specs[i]);
    }
    outcome_clear(&run);
    remove_tree(folder);
    g_free(folder);
}
