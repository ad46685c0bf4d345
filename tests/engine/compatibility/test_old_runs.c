/* Runs, packs and nets of earlier versions: they open, have the same meaning, and can be continued. */
#include <criterion/criterion.h>

#include "tests/engine/compatibility/old_files.h"

#include "engine/settings/settings.h"
#include "engine/store/live.h"
#include "engine/store/pack/pack.h"
#include "engine/store/store.h"
#include "engine/training/progress.h"
#include "engine/training/training.h"
#include "engine/viewer/watch/run_view.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"
#include "tests/engine/compatibility/contents.h"

static char *folder;

static void set_up(void)
{
    folder = old_files_copy();
}

static void tear_down(void)
{
    old_files_remove(folder);
}

TestSuite(old_runs, .init = set_up, .fini = tear_down);

/* The contents of a run when it was written. */
static const struct old_run {
    const char *name, *settings_file, *games_file;
    int64_t games, plies, rows, steps, samples;
    double policy_loss; /* of its only metric */
} old_go = {"go", "go-settings.txt", "go-games.txt", 8, 185, 170, 21, 336, 3.0523717403411865},
  old_gomoku = {"gomoku", "gomoku-settings.txt", "gomoku-games.txt", 8, 158, 130, 16, 256, 3.3210775852203369};

/* All settings of that version exist and have their values; there may be additional ones now. */
static void check_settings(const struct old_run *run, const struct settings *settings)
{
    char *text = old_files_read(run->settings_file), **lines = g_strsplit(g_strchomp(text), "\n", -1);
    struct settings probe = *settings;
    for (int i = 0; lines[i]; i++) {
        char **pair = g_strsplit(lines[i], "=", 2);
        cr_assert(settings_set(&probe, pair[0], pair[1], NULL), "%s is no longer accepted", lines[i]);
        char *value = settings_get(settings, pair[0]);
        cr_assert_str_eq(value, pair[1], "%s=%s was %s", pair[0], value, pair[1]);
        g_free(value);
        g_strfreev(pair);
    }
    cr_assert_gt(g_strv_length(lines), 30);
    g_strfreev(lines);
    g_free(text);
}

/* The first games of a store are the old ones, including all policies. */
static void check_games(const struct old_run *run, struct store *store, const struct settings *settings)
{
    struct game games[SETTINGS_MAX_GAMES];
    GError *error = NULL;
    GPtrArray *records;
    char *found;
    size_t length;
    int count = settings_games(settings, games, &error);
    cr_assert_gt(count, 0, "%s", error ? error->message : "");
    cr_assert(store_load_games(store, games, count, INT64_MAX, &records, &error), "%s", error ? error->message : "");
    cr_assert_geq(records->len, run->games);
    FILE *out = open_memstream(&found, &length);
    for (guint i = 0; i < run->games; i++)
        contents_print_game(out, records->pdata[i]);
    fclose(out);
    char *expected = old_files_read(run->games_file);
    old_files_compare(run->games_file, expected, found);
    g_free(expected);
    free(found);
    g_ptr_array_unref(records);
}

/* Opens a run like `tengen train`: presets, then the run's settings. */
static struct store *open_run(const char *name, struct settings *settings)
{
    struct store *store;
    struct game game;
    GError *error = NULL;
    bool found = false;
    cr_assert_eq(store_open(&store, name, STORE_CREATE, &error), 0, "%s", error ? error->message : "");
    cr_assert(store_load_settings(store, settings, &found, &error) && found);
    cr_assert(game_parse(&game, settings->game, NULL));
    settings_presets(settings, &game);
    cr_assert(store_load_settings(store, settings, &found, &error) && found);
    return store;
}

static void train_on(struct store *store, const struct settings *settings, int64_t generations)
{
    struct game games[SETTINGS_MAX_GAMES];
    GError *error = NULL;
    FILE *out = fopen("/dev/null", "w");
    struct training_options options = {.store = store,
                                       .settings = settings,
                                       .games = games,
                                       .game_count = settings_games(settings, games, NULL),
                                       .threads = 1,
                                       .generations = generations,
                                       .backend = NET_BACKEND_FAST,
                                       .dtype = NET_F32,
                                       .style = PROGRESS_JSON,
                                       .out = out};
    enum training_end end = training_run(&options, &error);
    cr_assert_eq(end, TRAINING_GENERATIONS, "%s", error ? error->message : "");
    fclose(out);
}

/* Trains one more round: four games, the steps that their rows allow, a checkpoint; earlier contents are unchanged. */
static void check_resumes(const struct old_run *run, const char *name)
{
    struct settings settings;
    struct store_checkpoint before, after;
    struct store_counts counts;
    bool found;
    struct store *store = open_run(name, &settings);
    check_settings(run, &settings);
    cr_assert(store_last_checkpoint(store, &before, &found, NULL) && found);
    cr_assert_eq(before.generation, 2);
    cr_assert_eq(before.steps, run->steps);
    cr_assert_eq(before.samples, run->samples);
    train_on(store, &settings, 3);
    store_close(store);
    store = open_run(name, &settings);
    check_settings(run, &settings);
    check_games(run, store, &settings);
    cr_assert(store_count(store, &counts, NULL));
    cr_assert_eq(counts.games, run->games + 4);
    cr_assert_eq(counts.next_number, run->games + 4);
    cr_assert_gt(counts.plies, run->plies);
    cr_assert_gt(counts.rows, run->rows);
    cr_assert(store_last_checkpoint(store, &after, &found, NULL) && found);
    cr_assert_eq(after.generation, 3);
    cr_assert_eq(after.games, run->games + 4);
    cr_assert_gt(after.steps, run->steps);
    cr_assert_eq(after.samples - before.samples, 16 * (after.steps - before.steps));
    cr_assert_gt(after.seconds, before.seconds);
    store_close(store);
}

Test(old_runs, resume)
{
    check_resumes(&old_go, "go");
    check_resumes(&old_gomoku, "gomoku");
}

Test(old_runs, unpack_and_resume)
{
    struct pack_summary summary;
    GError *error = NULL;
    cr_assert(pack_restore("gomoku.pack", "unpacked", &summary, &error), "%s", error ? error->message : "");
    cr_assert_eq(summary.games, old_gomoku.games);
    cr_assert_eq(summary.rows, old_gomoku.rows);
    cr_assert_eq(summary.kept_bytes, 4);
    check_resumes(&old_gomoku, "unpacked");
}

/* The data that `tengen watch` and `tengen report` display. */
static void check_view(const struct old_run *run, const char *spec)
{
    struct run_view view = {0};
    struct store *store;
    struct game game;
    GError *error = NULL;
    cr_assert_eq(run_view_open(&view, run->name, &error), 0, "%s", error ? error->message : "");
    cr_assert_not(view.running);
    check_settings(run, &view.settings);
    cr_assert_eq(view.counts.games, run->games);
    cr_assert_eq(view.counts.plies, run->plies);
    cr_assert_eq(view.counts.rows, run->rows);
    cr_assert_eq(view.metrics->len, 1);
    const struct store_metric *metric = &g_array_index(view.metrics, struct store_metric, 0);
    cr_assert_eq(metric->games, run->games);
    cr_assert_eq(metric->steps, run->steps);
    cr_assert_float_eq(metric->policy_loss, run->policy_loss, 1e-9);
    cr_assert_eq(view.generations->len, 3);
    for (guint i = 0; i < 3; i++)
        cr_assert_eq(g_array_index(view.generations, uint32_t, i), i);
    cr_assert_eq(view.board_count, RUN_VIEW_LAST_GAMES);
    cr_assert(view.boards[0].finished && view.boards[0].game.number == (uint64_t)run->games - 1);
    cr_assert(game_parse(&game, spec, NULL));
    cr_assert_eq(view.boards[0].game.game.width, game.width);
    run_view_close(&view);
    cr_assert_eq(store_open(&store, run->name, STORE_READ, &error), 0);
    struct settings settings = {0};
    bool found;
    cr_assert(store_load_settings(store, &settings, &found, NULL) && found);
    check_games(run, store, &settings);
    store_close(store);
}

Test(old_runs, are_watched)
{
    check_view(&old_go, "go:4");
    check_view(&old_gomoku, "gomoku:5");
}

/* ---- nets ---- */

static void check_floats(const char *line, const char *name, const float *values, int count, double tolerance)
{
    char **words = g_strsplit(line ? line : "", " ", -1);
    cr_assert_str_eq(words[0], name);
    cr_assert_eq((int)g_strv_length(words), count + 1, "%s: %u numbers, not %d", name, g_strv_length(words) - 1, count);
    for (int i = 0; i < count; i++)
        cr_assert_float_eq(values[i], g_ascii_strtod(words[i + 1], NULL), tolerance, "%s %d is %.9g and was %s", name,
                           i, (double)values[i], words[i + 1]);
    g_strfreev(words);
}

static void evaluate(const struct game *game, struct net *net, enum net_backend backend, enum net_dtype dtype,
                     char **moves, struct eval *eval)
{
    struct evaluator *evaluator;
    union any_position at;
    struct history history;
    const struct evaluator_config config = {.kind = EVALUATOR_NET, .net = net, .backend = backend, .dtype = dtype};
    cr_assert_eq(evaluator_create(&evaluator, game, &config, NULL), 0);
    game_init(game, &at.p);
    history_init(&history, game->max_plies);
    for (int i = 0; moves[i]; i++)
        cr_assert(game_try(game, &at.p, &history, game_move_parse(game, moves[i])), "%s", moves[i]);
    struct eval_query query = {.position = &at.p,
                               .history = &history,
                               .want = EVAL_POLICY | EVAL_VALUE | EVAL_MAP | (game->has_score ? EVAL_SCORE : 0)};
    evaluator_evaluate(evaluator, 1, &query, eval);
    history_clear(&history);
    evaluator_free(evaluator);
}

/* lines: "net FILE GAME MOVE...", then a line for each output. */
static void check_outputs(char **lines)
{
    char **words = g_strsplit(lines[0], " ", -1);
    struct net *net;
    struct game game;
    struct eval eval;
    GError *error = NULL;
    cr_assert_eq(net_load(&net, words[1], &error), 0, "%s", error ? error->message : "");
    cr_assert(net_is_calibrated(net), "%s lost its int8 ranges", words[1]);
    cr_assert(game_parse(&game, words[2], NULL));
    for (int backend = NET_BACKEND_PLAIN; backend <= NET_BACKEND_FAST; backend++) {
        evaluate(&game, net, backend, NET_F32, words + 3, &eval);
        check_floats(lines[1], "logits", eval.logits, game.moves, 1e-5);
        check_floats(lines[2], "wdl", eval.wdl, 3, 1e-5);
        check_floats(lines[3], "score", &eval.score, game.has_score, 1e-5);
        check_floats(lines[4], "map", eval.map, game.points, 1e-5);
    }
    if (net_has_int8()) {
        evaluate(&game, net, NET_BACKEND_FAST, NET_INT8, words + 3, &eval);
        check_floats(lines[2], "wdl", eval.wdl, 3, 0.02);
    }
    net_unref(net);
    g_strfreev(words);
}

Test(old_runs, nets_answer_as_they_did)
{
    char *text = old_files_read("outputs.txt"), **lines = g_strsplit(text, "\n", -1);
    int positions = 0;
    for (int i = 0; lines[i] && *lines[i]; i += 5, positions++)
        check_outputs(lines + i);
    cr_assert_eq(positions, 4);
    g_strfreev(lines);
    g_free(text);
}

/* The first net of a run is written before there are games to calibrate it on. */
Test(old_runs, a_net_without_int8_ranges)
{
    struct net *net;
    cr_assert_eq(net_load(&net, "go/nets/gen-000000.safetensors", NULL), 0);
    cr_assert_not(net_is_calibrated(net));
    cr_assert_str_eq(net_info(net)->features, "go-v1");
    cr_assert_str_eq(net_info(net)->trunk, "conv:4 res:4 gpool:4");
    net_unref(net);
}
