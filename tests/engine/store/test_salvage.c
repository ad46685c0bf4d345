/* Damaged runs and hostile packs: errors, recounted totals, salvaged games. */
#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <unistd.h>

#include "engine/settings/settings.h"
#include "engine/store/pack/pack.h"
#include "engine/store/record.h"
#include "engine/store/salvage.h"
#include "engine/store/store.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"
#include "tests/delete_folder.h"

static struct game game;
static struct settings settings;
static char *folder, *run, *database;

static void set_up(void)
{
    cr_assert(game_parse(&game, "gomoku:3,line=3", NULL));
    settings_presets(&settings, &game);
    g_strlcpy(settings.net, "conv:8 res:8", sizeof settings.net);
    folder = g_dir_make_tmp("tengen-salvage-XXXXXX", NULL);
    run = g_build_filename(folder, "run", NULL);
    database = g_build_filename(run, "run.db", NULL);
}

static void tear_down(void)
{
    delete_folder(folder);
    g_free(folder);
    g_free(run);
    g_free(database);
}

TestSuite(salvage, .init = set_up, .fini = tear_down);

static struct record *make(uint64_t number)
{
    static const game_move moves[] = {0, 3, 1, 4, 2};
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

/* A run with settings and `count` games. */
static void make_run(int count)
{
    struct store *store;
    GError *error = NULL;
    cr_assert_eq(store_open(&store, run, STORE_CREATE, &error), 0, "%s", error ? error->message : "");
    cr_assert(store_save_settings(store, &settings, &error));
    for (int i = 0; i < count; i++) {
        struct record *record = make((uint64_t)i);
        cr_assert(store_add_games(store, &record, 1, &error));
        record_unref(record);
    }
    cr_assert(store_add_spent(store, &(struct store_spent){7, 4, 3}, &error));
    cr_assert(store_add_rung_games(
        store, &(struct store_rung_game){.generation = 2, .rung = "random", .points = 1, .plies = 9}, 1, &error));
    store_close(store);
}

static void execute(const char *path, const char *sql)
{
    sqlite3 *db;
    char *problem = NULL;
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_exec(db, sql, NULL, NULL, &problem);
    cr_assert_null(problem, "%s: %s", sql, problem);
    sqlite3_close(db);
}

/* Opens the run; returns the error message if that fails, else NULL. */
static char *message_of_opening(enum store_mode mode)
{
    struct store *store;
    GError *error = NULL;
    if (store_open(&store, run, mode, &error) == 0) {
        store_close(store);
        return NULL;
    }
    char *message = g_strdup(error->message);
    g_error_free(error);
    return message;
}

static struct store_counts counts_of(const char *at)
{
    struct store *store;
    struct store_counts counts = {0};
    cr_assert_eq(store_open(&store, at, STORE_WRITE, NULL), 0);
    cr_assert(store_count(store, &counts, NULL));
    store_close(store);
    return counts;
}

Test(salvage, totals_below_the_number_of_games_are_recounted)
{
    make_run(4);
    execute(database, "UPDATE totals SET rows = 0, games = 1");
    struct store_counts counts = counts_of(run);
    cr_assert_eq(counts.games, 4);
    cr_assert_eq(counts.rows, 20);
    execute(database, "UPDATE totals SET games = 100, plies = 500, rows = 500"); /* older games were deleted */
    cr_assert_eq(counts_of(run).games, 100);
    execute(database, "UPDATE totals SET plies = 9223372036854775807"); /* the next game would overflow */
    cr_assert_eq(counts_of(run).plies, 20);
    execute(database, "UPDATE games SET plies = 9223372036854775807");
    cr_assert_lt(counts_of(run).plies, STORE_MAX_TOTAL);
}

Test(salvage, a_link_to_the_nets_of_another_run_is_refused)
{
    char *nets = g_build_filename(run, "nets", NULL), *other = g_build_filename(folder, "other", NULL);
    char *net = g_build_filename(other, "gen-000007.safetensors", NULL);
    make_run(1);
    g_rmdir(nets);
    g_mkdir(other, 0700);
    cr_assert(g_file_set_contents(net, "another run's", -1, NULL));
    cr_assert_eq(symlink(other, nets), 0);
    char *message = message_of_opening(STORE_WRITE);
    cr_assert(message && strstr(message, "is a link"), "%s", message);
    cr_assert(g_file_test(net, G_FILE_TEST_EXISTS), "the other run's net was deleted");
    g_free(message);
    g_free(nets);
    g_free(other);
    g_free(net);
}

/* NULL in a column for which the schema forbids it, in a table that was recreated. */
Test(salvage, nulls_are_reported)
{
    GPtrArray *games;
    struct store *store;
    GError *error = NULL;
    bool found;
    make_run(2);
    execute(database, "CREATE TABLE g AS SELECT * FROM games; DROP TABLE games; ALTER TABLE g RENAME TO games;"
                      "UPDATE games SET spec = NULL; CREATE TABLE s AS SELECT * FROM settings; DROP TABLE settings;"
                      "ALTER TABLE s RENAME TO settings; INSERT INTO settings VALUES (NULL, 'x')");
    cr_assert_eq(store_open(&store, run, STORE_READ, NULL), 0);
    cr_assert_not(store_load_games(store, &game, 1, 100, &games, &error));
    cr_assert(strstr(error->message, "a game without a spec"), "%s", error->message);
    g_clear_error(&error);
    cr_assert_not(store_load_settings(store, &settings, &found, &error));
    cr_assert(strstr(error->message, "a setting without a name or value"), "%s", error->message);
    g_clear_error(&error);
    store_close(store);
}

/* Overwrites the pages in the middle of the file. */
static void damage(int pages)
{
    char *bytes;
    gsize size;
    cr_assert(g_file_get_contents(database, &bytes, &size, NULL));
    memset(bytes + size / 4096 / 2 * 4096, 0xa5, (gsize)pages * 4096);
    cr_assert(g_file_set_contents(database, bytes, (gssize)size, NULL));
    g_free(bytes);
}

Test(salvage, damaged_pages_are_found_at_opening_and_the_rest_is_salvaged)
{
    char *saved = g_build_filename(folder, "saved", NULL);
    struct salvage_summary summary;
    GError *error = NULL;
    make_run(400);
    damage(4);
    for (int mode = STORE_READ; mode <= STORE_WRITE; mode++) {
        char *message = message_of_opening((enum store_mode)mode);
        cr_assert(message && strstr(message, "damaged") && strstr(message, "--salvage"), "%s", message);
        g_free(message);
    }
    cr_assert(salvage_run(run, saved, &summary, &error), "%s", error ? error->message : "");
    cr_assert_geq(summary.games, 200, "%d games salvaged", (int)summary.games);
    cr_assert_lt(summary.games, 400);
    cr_assert_gt(summary.lost, 0);
    cr_assert_geq(counts_of(saved).rows, 5 * summary.games);
    struct store *store;
    cr_assert_eq(store_open(&store, saved, STORE_READ, NULL), 0);
    GArray *played = store_rung_games(store);
    const struct store_spent spent = store_spent(store);
    cr_assert(played->len == 1 && spent.seconds == 7 && spent.divided == 4 && spent.self_play == 3);
    g_array_unref(played);
    store_close(store);
    cr_assert_not(salvage_run(run, saved, &summary, &error), "an existing run was overwritten");
    g_clear_error(&error);
    g_free(saved);
}

/* What a run has that held a generation, of which no checkpoint is whole. */
Test(salvage, a_run_starts_from_its_best_net_with_its_settings)
{
    char *saved = g_build_filename(folder, "saved", NULL), *best = g_build_filename(run, "nets", "best.safetensors", NULL);
    struct salvage_summary summary;
    struct settings loaded = {0};
    struct store *store;
    struct net *net;
    bool found;
    GError *error = NULL;
    settings.rate = 0.0625;
    settings.window = 700;
    settings.first_rows = 70;
    make_run(3);
    execute(database, "CREATE TABLE best (id INTEGER PRIMARY KEY CHECK (id = 0), generation INTEGER NOT NULL);"
                      "INSERT INTO best VALUES (0, 5)");
    cr_assert_eq(evaluator_net_fresh_for(&net, &game, game_features_newest(&game), settings.net, 1, NULL), 0);
    cr_assert_eq(net_save(net, best, NULL, NULL), 0);
    net_unref(net);
    cr_assert(salvage_run(run, saved, &summary, &error), "%s", error ? error->message : "");
    cr_expect(summary.games == 3 && summary.checkpoints == 0);
    cr_assert_eq(store_open(&store, saved, STORE_READ, NULL), 0);
    cr_assert(store_load_settings(store, &loaded, &found, NULL) && found);
    cr_expect_str_eq(loaded.from, best);
    cr_expect(loaded.rate == 0.0625 && loaded.window == 700 && loaded.first_rows == 70, "%g, %d, %d", loaded.rate,
              (int)loaded.window, (int)loaded.first_rows);
    store_close(store);
    g_free(saved);
    g_free(best);
}

/* ---- packs ---- */

static void make_pack(const char *path, const char *sql)
{
    char *all = g_strdup_printf("PRAGMA application_id = %d; PRAGMA user_version = 1;"
                                "CREATE TABLE settings (name TEXT, value TEXT); CREATE TABLE state (kept INTEGER, data BLOB);"
                                "CREATE TABLE games (number, spec, data); CREATE TABLE checkpoints (generation, steps, samples,"
                                " games, rows, seconds, rate_scale, bytes); CREATE TABLE totals (games, plies, rows);"
                                "INSERT INTO settings VALUES ('game', 'gomoku:3,line=3'), ('net', '1x8');"
                                "INSERT INTO checkpoints VALUES (3, 1, 1, 1, 1, 1, 1, 1); %s",
                                0x5450616b, sql);
    execute(path, all);
    g_free(all);
}

Test(salvage, hostile_packs)
{
    static const struct {
        const char *sql, *message;
    } cases[] = {
        {"ALTER TABLE games RENAME TO g; CREATE VIEW games AS SELECT * FROM g", "a table \"g\""},
        {"DROP TABLE games; CREATE VIEW games AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
         " SELECT i AS number, '' AS spec, zeroblob(1000000) AS data FROM n",
         "a view \"games\""},
        {"CREATE TRIGGER t AFTER INSERT ON games BEGIN DELETE FROM games; END", "a trigger \"t\""},
        {"DELETE FROM settings", "no settings"},
        {"DELETE FROM checkpoints", "no checkpoint"},
        {"UPDATE checkpoints SET steps = -5", "no checkpoint"},
        {"INSERT INTO state VALUES (4, x'28b52ffda000000040010000')", "state in this file is corrupt"}, /* claims 1 GiB */
        {"UPDATE settings SET value = '40x1024' WHERE name = 'net'; INSERT INTO state VALUES (4, x'28b52ffd2000010000')",
         "state in this file is corrupt"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char name[16];
        g_snprintf(name, sizeof name, "%d.pack", (int)i);
        char *pack = g_build_filename(folder, name, NULL);
        struct pack_summary summary;
        GError *error = NULL;
        make_pack(pack, cases[i].sql);
        cr_assert_not(pack_restore(pack, run, &summary, &error), "case %d", (int)i);
        cr_assert(strstr(error->message, cases[i].message), "case %d: %s", (int)i, error->message);
        cr_assert_not(g_file_test(run, G_FILE_TEST_EXISTS), "case %d left a part of the run", (int)i);
        g_clear_error(&error);
        g_free(pack);
    }
}

/* ---- a machine that fails is not a damaged file ---- */

/* With less and less memory opening fails in one way or another, and at some amount in the check of the whole file: no message may call
 * the file damaged, and advise to copy it. */
Test(salvage, short_memory_is_not_damage)
{
    int failed = 0, checks = 0;
    make_run(300);
    for (sqlite3_int64 bytes = 40000; bytes < 400000; bytes += 4000) {
        struct store *store;
        GError *error = NULL;
        sqlite3_hard_heap_limit64(bytes);
        const int opened = store_open(&store, run, STORE_READ, &error);
        sqlite3_hard_heap_limit64(0);
        failed += opened != 0;
        checks += opened != 0 && strstr(error->message, "cannot check: memory is short") != NULL;
        cr_assert(opened == 0 || !strstr(error->message, "damaged"), "%d bytes: %s", (int)bytes, error->message);
        g_clear_error(&error);
        if (opened == 0)
            store_close(store);
    }
    cr_assert(failed > 0, "there was enough memory each time");
    cr_expect(checks > 0, "the check never ran out of memory");
}
