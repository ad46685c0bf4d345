#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>

#include "engine/settings/settings.h"
#include "engine/store/pack/pack.h"
#include "engine/store/record.h"
#include "engine/store/store.h"
#include "games/game.h"
#include "tests/delete_folder.h"

static struct game game;
static struct settings settings;
static char *folder;

static void set_up(void)
{
    cr_assert(game_parse(&game, "gomoku:3,line=3", NULL));
    settings_presets(&settings, &game);
    g_strlcpy(settings.net, "conv:8 res:8", sizeof settings.net);
    folder = g_dir_make_tmp("tengen-store-XXXXXX", NULL);
    cr_assert(folder);
}

static void tear_down(void)
{
    delete_folder(folder);
    g_free(folder);
}

TestSuite(store, .init = set_up, .fini = tear_down);

static struct store *open_store(enum store_mode mode)
{
    struct store *store;
    GError *error = NULL;
    cr_assert_eq(store_open(&store, folder, mode, &error), 0, "%s", error ? error->message : "");
    return store;
}

static struct record *make(uint64_t number)
{
    const game_move moves[] = {0, 3, 1, 4, 2};
    union any_position position;
    struct record *record = record_new(&game, number, 0);
    float policy[GAME_MAX_MOVES] = {1}, wdl[3] = {1, 0, 0};
    game_init(&game, &position.p);
    for (int i = 0; i < 5; i++) {
        record_add(record, &position.p, moves[i], policy, wdl, wdl, RECORD_SEARCHED | RECORD_TRAIN);
        game_play(&game, &position.p, NULL, moves[i]);
    }
    record_finish(record, &position.p);
    return record;
}

static bool add_games(struct store *store, uint64_t first, int count, GError **error)
{
    GPtrArray *records = g_ptr_array_new_with_free_func((GDestroyNotify)record_unref);
    for (int i = 0; i < count; i++)
        g_ptr_array_add(records, make(first + (uint64_t)i));
    bool good = store_add_games(store, (struct record *const *)records->pdata, count, error);
    g_ptr_array_unref(records);
    return good;
}

static struct store_counts counts_of(struct store *store)
{
    struct store_counts counts;
    cr_assert(store_count(store, &counts, NULL));
    return counts;
}

Test(store, games_survive_closing)
{
    struct store *store = open_store(STORE_CREATE);
    cr_assert(add_games(store, 0, 3, NULL) && add_games(store, 3, 4, NULL));
    store_close(store);
    store = open_store(STORE_WRITE);
    struct store_counts counts = counts_of(store);
    cr_assert(counts.games == 7 && counts.plies == 35 && counts.rows == 35 && counts.next_number == 7);
    GPtrArray *records;
    cr_assert(store_load_games(store, &game, 1, 12, &records, NULL));
    cr_assert_eq(records->len, 3, "three games of five rows hold at least twelve");
    for (guint i = 0; i < 3; i++)
        cr_assert_eq(((struct record *)records->pdata[i])->number, 4 + i, "newest games, oldest first");
    g_ptr_array_unref(records);
    store_close(store);
}

Test(store, a_range_of_games)
{
    struct store *store = open_store(STORE_CREATE);
    cr_assert(add_games(store, 0, 7, NULL));
    GPtrArray *records;
    cr_assert(store_load_range(store, &(struct store_range){.before = 5, .rows = INT64_MAX}, &game, 1, &records, NULL));
    cr_assert_eq(records->len, 5, "below the number");
    const int64_t each = (int64_t)record_memory(records->pdata[4]);
    g_ptr_array_unref(records);
    const struct store_range little = {.before = STORE_ALL_GAMES, .rows = INT64_MAX, .bytes = 2 * each + 1};
    cr_assert(store_load_range(store, &little, &game, 1, &records, NULL));
    cr_assert_eq(records->len, 3, "until the bytes are reached");
    cr_assert_eq(((struct record *)records->pdata[2])->number, 6, "the newest ones");
    g_ptr_array_unref(records);
    store_close(store);
}

Test(store, settings_survive_and_are_bounded)
{
    struct store *store = open_store(STORE_CREATE);
    GError *error = NULL;
    cr_assert(settings_set(&settings, "visits", "24", NULL) && settings_set(&settings, "rate", "0.0125", NULL));
    cr_assert(store_save_settings(store, &settings, NULL));
    struct settings loaded;
    bool found;
    settings_presets(&loaded, &game);
    cr_assert(store_load_settings(store, &loaded, &found, NULL) && found);
    cr_assert(loaded.visits == 24 && loaded.rate == 0.0125 && loaded.seed == settings.seed);
    cr_assert_str_eq(loaded.net, settings.net);
    const char *const wrong[][2] = {
        {"visits", "1"}, {"visits", "x"}, {"visits", "3.5"}, {"rate", "nan"}, {"speed", "1"}};
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        cr_assert_not(settings_set(&loaded, wrong[i][0], wrong[i][1], &error));
        cr_assert(error && strstr(error->message, wrong[i][0]));
        g_clear_error(&error);
    }
    store_close(store);
}

/* A run's rate is loaded with its optimiser, and another optimiser replaces it. */
Test(store, the_rate_belongs_to_the_optimiser)
{
    struct store *store = open_store(STORE_CREATE);
    struct settings loaded;
    bool found;
    cr_assert(settings_set(&settings, "rate", "0.25", NULL) && settings_set(&settings, "optimiser", "muon", NULL));
    cr_assert(store_save_settings(store, &settings, NULL));
    settings_presets(&loaded, &game);
    cr_assert(store_load_settings(store, &loaded, &found, NULL) && found);
    cr_assert(loaded.optimiser == settings.optimiser && loaded.rate == 0.25);
    cr_assert(settings_set(&loaded, "optimiser", "sgd", NULL) && loaded.rate == 0.015);
    store_close(store);
}

static void execute(struct store *store, const char *sql)
{
    store_lock(store);
    cr_assert_eq(sqlite3_exec(store_database(store), sql, NULL, NULL, NULL), SQLITE_OK, "%s",
                 sqlite3_errmsg(store_database(store)));
    store_unlock(store);
}

/* A run older than varying komi continues with a fixed komi; settings stored in newer runs apply. */
Test(store, later_settings_are_off_in_older_runs)
{
    struct store *store = open_store(STORE_CREATE);
    struct game go;
    struct settings loaded;
    bool found;
    cr_assert(game_parse(&go, "go:9", NULL));
    settings_presets(&settings, &go);
    cr_assert(settings.komi_stdev > 0 && settings.komi_even && settings.komi_wide_share > 0);
    settings_presets(&loaded, &go);
    cr_assert(store_load_settings(store, &loaded, &found, NULL) && !found);
    cr_assert(loaded.komi_stdev > 0, "a new run is not an older run");
    settings.komi_stdev = 2.5;
    cr_assert(store_save_settings(store, &settings, NULL));
    cr_assert(store_load_settings(store, &loaded, &found, NULL) && loaded.komi_stdev == 2.5 && loaded.komi_even == 1);
    execute(store, "DELETE FROM settings WHERE name LIKE 'komi%' OR name = 'value_scale'");
    loaded.value_scale = 0.125;
    cr_assert(store_load_settings(store, &loaded, &found, NULL) && found);
    cr_assert(loaded.komi_stdev == 0 && loaded.komi_even == 0 && loaded.komi_wide_share == 0);
    cr_assert_eq(loaded.value_scale, 0.125, "a setting without a value for older runs is unchanged");
    store_close(store);
}

/* Two passes: White wins by komi. */
static struct record *make_go(uint64_t number, const char *spec)
{
    struct game of;
    union any_position position;
    cr_assert(game_parse(&of, spec, NULL), "%s", spec);
    struct record *record = record_new(&of, number, 0);
    float policy[GAME_MAX_MOVES] = {1}, wdl[3] = {1, 0, 0};
    game_init(&of, &position.p);
    for (int i = 0; i < 2; i++) {
        record_add(record, &position.p, of.points, policy, wdl, wdl, RECORD_SEARCHED | RECORD_TRAIN);
        game_play(&of, &position.p, NULL, of.points);
    }
    record_finish(record, &position.p);
    return record;
}

/* Each game is loaded with its own komi and rules; other sizes, games and unknown specs are skipped. */
Test(store, games_are_read_with_their_own_rules)
{
    static const char *const specs[] = {"go:5,komi=3.5", "go:7,komi=-2", "go:9", "go:5,rules=aga", "gomoku:5"};
    const uint64_t counted[] = {0, 1, 3};
    struct store *store = open_store(STORE_CREATE);
    struct game sizes[2], of;
    cr_assert(game_parse(&sizes[0], "go:7", NULL) && game_parse(&sizes[1], "go:5", NULL));
    for (uint64_t i = 0; i < G_N_ELEMENTS(specs); i++) {
        struct record *record = i < 4 ? make_go(i, specs[i]) : make(i);
        cr_assert(store_add_games(store, &record, 1, NULL));
        record_unref(record);
    }
    execute(store, "INSERT INTO games SELECT 9, 'go:5,wind=east', generation, plies, rows, outcome, margin, opening,"
                   " moves, added, data FROM games WHERE number = 0");
    GPtrArray *records;
    cr_assert(store_load_games(store, sizes, 2, INT64_MAX, &records, NULL));
    cr_assert_eq(records->len, 3);
    for (guint i = 0; i < 3; i++) {
        const struct record *record = records->pdata[i];
        cr_assert_eq(record->number, counted[i]);
        cr_assert(game_parse(&of, specs[counted[i]], NULL) && game_equal(&record->game, &of));
        cr_assert_eq(record->result.margin, -(float)game_komi(&of) / 2);
    }
    g_ptr_array_unref(records);
    GError *error = NULL;
    execute(store, "UPDATE games SET spec = 'go:5,komi=4' WHERE number = 0");
    cr_assert_not(store_load_games(store, sizes, 2, INT64_MAX, &records, &error), "its row and its data disagree");
    cr_assert(strstr(error->message, "run.db"), "%s", error->message);
    g_clear_error(&error);
    store_close(store);
}

Test(store, a_failed_transaction_leaves_nothing)
{
    struct store *store = open_store(STORE_CREATE);
    cr_assert(add_games(store, 0, 2, NULL));
    GError *error = NULL;
    /* Number 1 exists: all three must be rejected. */
    struct record *records[] = {make(5), make(1), make(6)};
    cr_assert_not(store_add_games(store, records, 3, &error));
    cr_assert(error);
    g_clear_error(&error);
    cr_assert_eq(counts_of(store).games, 2);
    cr_assert_eq(counts_of(store).next_number, 2);
    for (int i = 0; i < 3; i++)
        record_unref(records[i]);
    store_close(store);
}

Test(store, one_writer_at_a_time)
{
    struct store *store = open_store(STORE_CREATE), *second;
    GError *error = NULL;
    cr_assert_eq(store_open(&second, folder, STORE_WRITE, &error), -1);
    cr_assert(g_error_matches(error, STORE_ERROR, STORE_ERROR_BUSY), "%s", error->message);
    g_clear_error(&error);
    struct store *reader = open_store(STORE_READ);
    cr_assert(add_games(store, 0, 1, NULL));
    cr_assert_eq(counts_of(reader).games, 1, "a reader sees what was committed");
    store_close(reader);
    store_close(store);
}

static void write_net_files(struct store *store, uint32_t generation)
{
    char *names[] = {store_state_name(generation), store_generation_name(generation)};
    for (int i = 0; i < 2; i++) {
        char *path = store_net_path(store, names[i]), *text = g_strdup_printf("%u", generation);
        cr_assert(g_file_set_contents(path, text, -1, NULL));
        g_free(path);
        g_free(text);
        g_free(names[i]);
    }
}

static bool has(struct store *store, char *name)
{
    char *path = store_net_path(store, name);
    bool there = g_file_test(path, G_FILE_TEST_EXISTS);
    g_free(path);
    g_free(name);
    return there;
}

static void add_checkpoint(struct store *store, uint32_t generation)
{
    GError *error = NULL;
    struct store_checkpoint c = {.generation = generation, .steps = generation * 100, .rate_scale = 0.5};
    write_net_files(store, generation);
    cr_assert(store_add_checkpoint(store, &c, NULL, 0, &error), "%s", error ? error->message : "");
}

Test(store, checkpoints_thin_out_to_a_ladder)
{
    struct store *store = open_store(STORE_CREATE);
    for (uint32_t g = 0; g < 200; g++)
        add_checkpoint(store, g);
    struct store_checkpoint last;
    bool found;
    cr_assert(store_last_checkpoint(store, &last, &found, NULL) && found);
    cr_assert(last.generation == 199 && last.steps == 19900 && last.rate_scale == 0.5);
    cr_assert(has(store, store_state_name(199)) && has(store, store_state_name(198)));
    cr_assert_not(has(store, store_state_name(197)));
    GArray *ladder;
    cr_assert(store_ladder(store, &ladder, NULL));
    cr_assert_eq(ladder->len, 24);
    cr_assert_eq(g_array_index(ladder, uint32_t, 0), 0, "the first is kept");
    cr_assert_eq(g_array_index(ladder, uint32_t, 23), 199);
    uint32_t widest = 0;
    for (guint i = 0; i < ladder->len; i++) {
        cr_assert(has(store, store_generation_name(g_array_index(ladder, uint32_t, i))));
        if (i)
            widest = MAX(widest, g_array_index(ladder, uint32_t, i) - g_array_index(ladder, uint32_t, i - 1));
    }
    cr_assert_leq(widest, 20, "rungs are spread evenly: %u", widest);
    g_array_unref(ladder);
    char *best = store_net_path(store, "best.safetensors"), *text;
    cr_assert(g_file_get_contents(best, &text, NULL, NULL));
    cr_assert_str_eq(text, "199");
    g_free(text);
    g_free(best);
    store_close(store);
}

static void measure(struct store *store, uint32_t generation)
{
    const struct store_rung_game played = {.generation = generation, .rung = "random", .points = 1, .plies = 9};
    cr_assert(store_add_rung_games(store, &played, 1, NULL));
}

/* Checkpoints that were measured stay as long as there are others, and the one that is being measured stays in any case. */
Test(store, measured_checkpoints_stay)
{
    struct store *store = open_store(STORE_CREATE);
    GArray *ladder;
    for (uint32_t g = 0; g < 8; g++)
        add_checkpoint(store, g);
    measure(store, 3);
    measure(store, 5);
    for (uint32_t g = 8; g < 200; g++)
        add_checkpoint(store, g);
    cr_expect(has(store, store_generation_name(3)) && has(store, store_generation_name(5)));
    for (uint32_t g = 200; g < 400; g++) {
        add_checkpoint(store, g);
        measure(store, g);
        measure(store, 5);
    }
    cr_expect(has(store, store_generation_name(5)));
    cr_assert(store_ladder(store, &ladder, NULL));
    cr_expect_eq(ladder->len, 24);
    g_array_unref(ladder);
    store_close(store);
}

static void expect_best(struct store *store, uint32_t generation, bool held)
{
    char *path = store_net_path(store, "best.safetensors"), *text, *wanted = g_strdup_printf("%u", generation);
    bool is_held;
    cr_assert(g_file_get_contents(path, &text, NULL, NULL));
    cr_expect_str_eq(text, wanted);
    cr_expect(store_best(store, &is_held) == generation && is_held == held);
    g_free(text);
    g_free(wanted);
    g_free(path);
}

/* A generation that is held stays best.safetensors, and on disk, through later checkpoints and openings, until it is released. */
Test(store, a_generation_is_held_as_the_best)
{
    bool held;
    struct store *store = open_store(STORE_CREATE);
    cr_expect(store_best(store, &held) == 0 && !held);
    for (uint32_t g = 0; g < 8; g++)
        add_checkpoint(store, g);
    expect_best(store, 7, false);
    cr_assert(store_hold_best(store, 5, NULL));
    expect_best(store, 5, true);
    for (uint32_t g = 8; g < 200; g++)
        add_checkpoint(store, g);
    expect_best(store, 5, true);
    store_close(store);
    store = open_store(STORE_WRITE);
    expect_best(store, 5, true);
    cr_assert(store_hold_best(store, 6, NULL), "its net is no longer on disk");
    expect_best(store, 199, false);
    cr_assert(store_hold_best(store, 5, NULL) && store_hold_best(store, STORE_NEWEST, NULL));
    expect_best(store, 199, false);
    add_checkpoint(store, 200);
    expect_best(store, 200, false);
    store_close(store);
}

/* Files of a checkpoint whose row was never written, incomplete files, and a best.safetensors that is out of date. */
Test(store, orphans_are_swept_at_opening)
{
    struct store *store = open_store(STORE_CREATE);
    add_checkpoint(store, 0);
    add_checkpoint(store, 1);
    write_net_files(store, 2);
    char *half = store_net_path(store, "gen-000003.safetensors.tmp-17-0");
    char *own = store_net_path(store, "notes.txt"), *best = store_net_path(store, "best.safetensors");
    cr_assert(g_file_set_contents(half, "x", 1, NULL) && g_file_set_contents(own, "x", 1, NULL) &&
              g_file_set_contents(best, "old", 3, NULL));
    store_close(store);
    store = open_store(STORE_WRITE);
    cr_assert_not(has(store, store_state_name(2)));
    cr_assert_not(has(store, store_generation_name(2)));
    cr_assert_not(g_file_test(half, G_FILE_TEST_EXISTS));
    cr_assert(g_file_test(own, G_FILE_TEST_EXISTS), "a user's own file stays");
    cr_assert(has(store, store_state_name(1)) && has(store, store_generation_name(1)));
    char *text;
    cr_assert(g_file_get_contents(best, &text, NULL, NULL));
    cr_assert_str_eq(text, "1");
    g_free(text);
    g_free(half);
    g_free(own);
    g_free(best);
    store_close(store);
}

/* Nets in a folder without run.db may be all that is left of a run: neither a new run nor a failed unpacking may delete
 * them. */
Test(store, nets_without_their_database_are_left_alone)
{
    struct store *store = open_store(STORE_CREATE);
    add_checkpoint(store, 0);
    char *net = store_net_path(store, "gen-000000.safetensors"), *path = g_build_filename(folder, "run.db", NULL);
    store_close(store);
    cr_assert_eq(g_unlink(path), 0);
    GError *error = NULL;
    struct pack_summary summary;
    cr_assert_eq(store_open(&store, folder, STORE_CREATE, &error), -1);
    cr_assert(strstr(error->message, "run.db"), "%s", error->message);
    g_clear_error(&error);
    char *pack = g_build_filename(folder, "pack", NULL);
    cr_assert(g_file_set_contents(pack, "not a pack", -1, NULL));
    cr_assert_not(pack_restore(pack, folder, &summary, &error));
    g_clear_error(&error);
    cr_assert(g_file_test(net, G_FILE_TEST_EXISTS), "the net is gone");
    g_free(pack);
    g_free(path);
    g_free(net);
}

Test(store, foreign_databases_are_left_alone)
{
    char *path = g_build_filename(folder, "run.db", NULL), *text;
    sqlite3 *db;
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, "CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)", NULL, NULL, NULL),
                 SQLITE_OK);
    sqlite3_close(db);
    struct store *store;
    GError *error = NULL;
    cr_assert_eq(store_open(&store, folder, STORE_CREATE, &error), -1);
    g_clear_error(&error);
    cr_assert(g_file_set_contents(path, "this is not a database, but a letter to a friend", -1, NULL));
    cr_assert_eq(store_open(&store, folder, STORE_CREATE, &error), -1);
    cr_assert(strstr(error->message, "run.db"), "%s", error->message);
    g_clear_error(&error);
    cr_assert(g_file_get_contents(path, &text, NULL, NULL));
    cr_assert(g_str_has_prefix(text, "this is not a database"));
    g_free(text);
    g_free(path);
}

Test(store, impossible_places)
{
    struct store *store;
    GError *error = NULL;
    cr_assert_eq(store_open(&store, "/dev/null/run", STORE_CREATE, &error), -1);
    cr_assert(strstr(error->message, "/dev/null/run"), "%s", error->message);
    g_clear_error(&error);
    cr_assert_eq(store_open(&store, "/nowhere/run", STORE_READ, &error), -1);
    cr_assert(g_error_matches(error, STORE_ERROR, STORE_ERROR_ABSENT));
    g_clear_error(&error);
}

/* A file size limit simulates a full disk: the games are rejected with a reason, earlier ones are kept. */
Test(store, a_full_disk_is_an_error_and_loses_nothing)
{
    struct store *store = open_store(STORE_CREATE);
    cr_assert(add_games(store, 0, 5, NULL));
    struct rlimit before, tight = {.rlim_cur = 100 * 1024, .rlim_max = RLIM_INFINITY};
    getrlimit(RLIMIT_FSIZE, &before);
    tight.rlim_max = before.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &tight), 0);
    GError *error = NULL;
    bool good = true;
    int stored = 5;
    for (uint64_t i = 5; good && i < 5000; i += 50) {
        good = add_games(store, i, 50, &error);
        stored += good ? 50 : 0;
    }
    cr_assert_not(good, "the limit was never reached");
    cr_assert(error && strstr(error->message, "run.db"), "%s", error->message);
    g_clear_error(&error);
    setrlimit(RLIMIT_FSIZE, &before);
    store_close(store);
    store = open_store(STORE_WRITE);
    cr_assert_eq(counts_of(store).games, stored);
    store_close(store);
}

Test(store, a_file_that_is_not_a_pack_is_refused_and_nothing_is_left)
{
    char *path = g_build_filename(folder, "pack", NULL), *run = g_build_filename(folder, "run", NULL);
    struct pack_summary summary;
    GError *error = NULL;
    cr_assert(g_file_set_contents(path, "not a pack", -1, NULL));
    cr_assert_not(pack_restore(path, run, &summary, &error));
    cr_assert(strstr(error->message, path), "%s", error->message);
    g_clear_error(&error);
    cr_assert_not(g_file_test(run, G_FILE_TEST_EXISTS), "half a run was left behind");
    g_free(path);
    g_free(run);
}

/* ---- events ---- */

Test(store, events)
{
    struct store *store = open_store(STORE_CREATE);
    GPtrArray *events = store_events(store);
    cr_assert_eq(events->len, 0);
    g_ptr_array_unref(events);
    cr_assert(store_add_event(store, "the first", NULL) && store_add_event(store, "the second", NULL));
    store_close(store);
    store = open_store(STORE_READ);
    events = store_events(store);
    cr_assert_eq(events->len, 2);
    cr_assert(g_str_has_suffix(events->pdata[0], ":00  the first") ||
              strlen(events->pdata[0]) == strlen("2026-01-01 00:00  the first"));
    cr_assert(g_str_has_suffix(events->pdata[1], "  the second"));
    g_ptr_array_unref(events);
    store_close(store);
}

/* ---- after the commit ---- */

/* A checkpoint that is committed has not failed because its net could not be made the best, which is done again at the next. */
Test(store, a_checkpoint_whose_net_cannot_be_made_the_best)
{
    struct store *store = open_store(STORE_CREATE);
    char *best = store_net_path(store, "best.safetensors"), *inside = g_build_filename(best, "x", NULL);
    for (uint32_t generation = 0; generation < 2; generation++) {
        const struct store_checkpoint c = {.generation = generation, .rate_scale = 1};
        char *names[] = {store_generation_name(generation), store_state_name(generation)};
        for (int i = 0; i < 2; i++) {
            char *path = store_net_path(store, names[i]);
            cr_assert(g_file_set_contents(path, names[i], -1, NULL));
            g_free(path);
            g_free(names[i]);
        }
        if (generation == 0) /* in its place */
            cr_assert(g_mkdir(best, 0700) == 0 && g_file_set_contents(inside, "", -1, NULL));
        cr_assert(store_add_checkpoint(store, &c, NULL, 0, NULL));
        cr_assert_eq(g_file_test(best, G_FILE_TEST_IS_REGULAR), generation == 1);
        cr_assert_eq(store_newest_generation(store), generation);
        if (generation == 0)
            cr_assert(g_unlink(inside) == 0 && g_rmdir(best) == 0);
    }
    store_close(store);
    g_free(best);
    g_free(inside);
}
