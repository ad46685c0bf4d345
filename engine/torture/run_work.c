/* Training runs under torture. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "engine/store/store.h"
#include "engine/torture/work.h"
#include "games/game.h"
#include "net/net.h"

struct announced {
    uint32_t generation;
    int64_t steps;
};

struct run {
    struct work work;
    const char *game;
    bool rounds;
    int64_t games, lines;
    GArray *checkpoints; /* struct announced, by generation */
    int64_t steps;       /* that the next checkpoint must have at least */
    guint checked;       /* of the checkpoints, the first that has not been looked at */
    GHashTable *sums;    /* of files in nets/: name -> SHA-256, both owned */
    int64_t last_number; /* of the games that `contents` is about */
    char *contents;      /* of those games, as figures; NULL: none yet */
    char *damaged;       /* what the next process has to say */
    int64_t back_from;   /* the newest generation whose state was damaged; -1: none */
};

static struct work *open_run(const struct work_ops *ops, const char *game, bool rounds, const char *program,
                             const char *folder, uint64_t seed)
{
    struct run *run = g_new0(struct run, 1);
    run->work = (struct work){.ops = ops,
                              .program = g_strdup(program),
                              .folder = g_build_filename(folder, ops->name, NULL),
                              .seed = seed,
                              .lost = g_ptr_array_new_with_free_func(g_free)};
    run->game = game;
    run->rounds = rounds;
    run->last_number = run->back_from = -1;
    run->checkpoints = g_array_new(FALSE, FALSE, sizeof(struct announced));
    run->sums = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return &run->work;
}

static struct work *open_gomoku(const char *program, const char *folder, uint64_t seed)
{
    return open_run(&work_run_ops, "gomoku:3,line=3", false, program, folder, seed);
}

static struct work *open_rounds(const char *program, const char *folder, uint64_t seed)
{
    return open_run(&work_rounds_ops, "gomoku:3,line=3", true, program, folder, seed);
}

static struct work *open_go(const char *program, const char *folder, uint64_t seed)
{
    return open_run(&work_go_ops, "go:5", false, program, folder, seed);
}

static void close_run(struct work *work)
{
    struct run *run = (struct run *)work;
    g_array_unref(run->checkpoints);
    g_hash_table_destroy(run->sums);
    g_ptr_array_unref(work->lost);
    g_free(run->contents);
    g_free(run->damaged);
    g_free(work->program);
    g_free(work->folder);
    g_free(run);
}

/* Small, so that a session of a second commits games and checkpoints many times. */
static char **command(struct work *work)
{
    const struct run *run = (struct run *)work;
    GPtrArray *words = g_ptr_array_new();
    const char *const common[] = {"--json",
                                  "--net",
                                  "conv:8 res:8",
                                  "--report",
                                  "0.5",
                                  "--set",
                                  "generation_steps=10",
                                  "--set",
                                  "generation_seconds=0",
                                  "--set",
                                  "first_rows=100",
                                  "--set",
                                  "batch=32"};
    g_ptr_array_add(words, g_strdup(work->program));
    g_ptr_array_add(words, g_strdup("train"));
    g_ptr_array_add(words, g_strdup(work->folder));
    g_ptr_array_add(words, g_strdup("--game"));
    g_ptr_array_add(words, g_strdup(run->game));
    g_ptr_array_add(words, g_strdup_printf("--seed=%" G_GUINT64_FORMAT, work->seed));
    g_ptr_array_add(words, g_strdup(run->rounds ? "--deterministic" : "--threads=2"));
    if (run->rounds)
        g_ptr_array_add(words, g_strdup("--games=16"));
    for (size_t i = 0; i < G_N_ELEMENTS(common); i++)
        g_ptr_array_add(words, g_strdup(common[i]));
    g_ptr_array_add(words, NULL);
    return (char **)g_ptr_array_free(words, FALSE);
}

/* ---- what it says ---- */

static void note_checkpoint(struct run *run, int64_t generation, int64_t steps)
{
    const guint count = run->checkpoints->len;
    const struct announced *last = count ? &g_array_index(run->checkpoints, struct announced, count - 1) : NULL;
    /* A session begins with the checkpoint that it resumes from: the newest net, with the steps of the newest state, which is an
     * older one if that has been damaged. */
    if (generation <= run->back_from || (last && last->generation == generation && last->steps == steps))
        return;
    if (steps < run->steps)
        work_lost(&run->work,
                  "after %" G_GINT64_FORMAT " steps had been reported, a checkpoint of %" G_GINT64_FORMAT " was",
                  run->steps, steps);
    run->steps = steps;
    if (last && generation <= last->generation) {
        work_lost(&run->work, "after generation %u had been reported, %" G_GINT64_FORMAT " was", last->generation,
                  generation);
        return;
    }
    const struct announced checkpoint = {(uint32_t)generation, steps};
    g_array_append_val(run->checkpoints, checkpoint);
}

static void note(void *user, const char *line)
{
    struct run *run = user;
    int64_t games, generation, steps;
    if (sscanf(line, "{\"event\":\"committed\",\"games\":%" G_GINT64_FORMAT "}", &games) == 1) {
        if (games < run->games)
            work_lost(&run->work, "after %" G_GINT64_FORMAT " games had been reported, %" G_GINT64_FORMAT " were",
                      run->games, games);
        run->games = games;
        run->lines++;
    } else if (sscanf(line,
                      "{\"event\":\"checkpoint\",\"generation\":%" G_GINT64_FORMAT ",\"steps\":%" G_GINT64_FORMAT "}",
                      &generation, &steps) == 2) {
        note_checkpoint(run, generation, steps);
        run->lines++;
    }
}

static int64_t done(void *user)
{
    return ((const struct run *)user)->lines;
}

/* ---- games ---- */

/* Figures of the games up to a number, which never change again. */
static char *contents_of(struct run *run, sqlite3 *database, int64_t last)
{
    sqlite3_stmt *statement = NULL;
    char *text = NULL;
    if (sqlite3_prepare_v2(
            database,
            "SELECT printf('%d games, %d plies, %d rows, %d bytes, sum %d', count(*), sum(plies), sum(rows),"
            " sum(length(data)), sum((moves & 0xffffff) * (number % 1000 + 1))) FROM games WHERE number <= ?1",
            -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_bind_int64(statement, 1, last) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
        text = g_strdup((const char *)sqlite3_column_text(statement, 0));
    if (!text)
        work_lost(&run->work, "cannot read the games: %s", sqlite3_errmsg(database));
    sqlite3_finalize(statement);
    return text;
}

static void check_games(struct run *run, sqlite3 *database)
{
    const int64_t games = work_number(&run->work, database, "SELECT count(*) FROM games");
    const int64_t total = work_number(&run->work, database, "SELECT games FROM totals");
    if (games < run->games)
        work_lost(&run->work, "%" G_GINT64_FORMAT " games were reported as committed, %" G_GINT64_FORMAT " are there",
                  run->games, games);
    if (total != games)
        work_lost(&run->work, "the total counts %" G_GINT64_FORMAT " games, %" G_GINT64_FORMAT " are there", total,
                  games);
    if (run->contents) {
        char *now = contents_of(run, database, run->last_number);
        if (now && strcmp(now, run->contents) != 0)
            work_lost(&run->work, "the games up to number %" G_GINT64_FORMAT " were %s, and are %s", run->last_number,
                      run->contents, now);
        g_free(now);
    }
    run->last_number = work_number(&run->work, database, "SELECT coalesce(max(number), -1) FROM games");
    g_free(run->contents);
    run->contents = contents_of(run, database, run->last_number);
}

/* Unpacks every game, which replays it. */
static void read_games(struct run *run)
{
    struct store *store = NULL;
    struct game game;
    GPtrArray *records = NULL;
    GError *error = NULL;
    if (!game_parse(&game, run->game, &error) || store_open(&store, run->work.folder, STORE_READ, &error) != 0 ||
        !store_load_games(store, &game, 1, INT64_MAX, &records, &error)) {
        work_lost(&run->work, "the games cannot be read: %s", error->message);
        g_clear_error(&error);
    } else if ((int64_t)records->len < run->games) {
        work_lost(&run->work, "%" G_GINT64_FORMAT " games were reported, %u can be read", run->games, records->len);
    }
    if (records)
        g_ptr_array_unref(records);
    store_close(store);
}

/* ---- checkpoints ---- */

static char *net_path(const struct run *run, const char *name)
{
    return g_build_filename(run->work.folder, "nets", name, NULL);
}

/* Nets can be loaded. The files of a checkpoint do not change. */
static void check_file(struct run *run, const char *name, bool is_net)
{
    char *path = net_path(run, name), *bytes = NULL;
    gsize size = 0;
    GError *error = NULL;
    struct net *net = NULL;
    if (!g_file_get_contents(path, &bytes, &size, &error) || (is_net && net_load(&net, path, &error) != 0)) {
        work_lost(&run->work, "%s", error->message);
        g_clear_error(&error);
    } else {
        char *sum = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)bytes, size);
        const char *before = g_hash_table_lookup(run->sums, name);
        if (before && strcmp(before, sum) != 0)
            work_lost(&run->work, "%s has changed", name);
        if (before)
            g_free(sum);
        else
            g_hash_table_insert(run->sums, g_strdup(name), sum);
    }
    net_unref(net);
    g_free(bytes);
    g_free(path);
}

/* One that has been examined must still be there. */
static void check_later(struct run *run, const char *name, bool is_net, bool whole)
{
    char *path = net_path(run, name);
    if (whole || !g_hash_table_contains(run->sums, name))
        check_file(run, name, is_net);
    else if (!g_file_test(path, G_FILE_TEST_EXISTS))
        work_lost(&run->work, "%s is not there any more", name);
    g_free(path);
}

static void check_files(struct run *run, sqlite3 *database, bool whole)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(database,
                           "SELECT generation, has_net, has_state FROM checkpoints WHERE has_net OR has_state", -1,
                           &statement, NULL) != SQLITE_OK) {
        work_lost(&run->work, "cannot read the checkpoints: %s", sqlite3_errmsg(database));
        return;
    }
    while (sqlite3_step(statement) == SQLITE_ROW) {
        const uint32_t generation = (uint32_t)sqlite3_column_int64(statement, 0);
        char *name = store_generation_name(generation), *state = store_state_name(generation);
        if (sqlite3_column_int(statement, 1))
            check_later(run, name, true, whole);
        if (sqlite3_column_int(statement, 2))
            check_later(run, state, false, whole);
        g_free(name);
        g_free(state);
    }
    sqlite3_finalize(statement);
}

static void check_rows(struct run *run, sqlite3 *database, bool whole)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(database, "SELECT steps FROM checkpoints WHERE generation = ?1", -1, &statement, NULL) !=
        SQLITE_OK) {
        work_lost(&run->work, "cannot read the checkpoints: %s", sqlite3_errmsg(database));
        return;
    }
    for (guint i = whole ? 0 : run->checked; i < run->checkpoints->len; i++) {
        const struct announced *c = &g_array_index(run->checkpoints, struct announced, i);
        sqlite3_bind_int64(statement, 1, c->generation);
        if (sqlite3_step(statement) != SQLITE_ROW || sqlite3_column_int64(statement, 0) != c->steps)
            work_lost(&run->work,
                      "the checkpoint of generation %u after %" G_GINT64_FORMAT " steps was reported, and is not there",
                      c->generation, c->steps);
        sqlite3_reset(statement);
    }
    run->checked = run->checkpoints->len;
    sqlite3_finalize(statement);
}

static void check_best(struct run *run)
{
    struct net *net = NULL;
    GError *error = NULL;
    char *path = net_path(run, "best.safetensors");
    if (net_load(&net, path, &error) != 0)
        work_lost(&run->work, "the net to play with: %s", error->message);
    g_clear_error(&error);
    net_unref(net);
    g_free(path);
}

static void check(struct work *work, bool whole)
{
    struct run *run = (struct run *)work;
    if (!store_exists(work->folder) && run->lines == 0)
        return; /* it did not come as far as that */
    sqlite3 *database = work_open_database(work, "run.db");
    const bool begun = database && run->lines > 0;
    if (database)
        work_check_integrity(work, database);
    if (begun) {
        check_games(run, database);
        check_rows(run, database, whole);
        check_files(run, database, whole);
    }
    sqlite3_close(database);
    if (run->checkpoints->len > 0)
        check_best(run);
    if (begun && whole)
        read_games(run);
}

/* ---- damage ---- */

/* Of the newest checkpoint with two states on the disk, so that there is one to go back to. */
static int64_t damageable(struct run *run)
{
    sqlite3 *database = store_exists(run->work.folder) ? work_open_database(&run->work, "run.db") : NULL;
    int64_t newest = -1;
    if (database &&
        work_number(&run->work, database, "SELECT count(*) FROM sqlite_master WHERE name = 'checkpoints'") > 0 &&
        work_number(&run->work, database, "SELECT count(*) FROM checkpoints WHERE has_state") > 1)
        newest = work_number(&run->work, database, "SELECT max(generation) FROM checkpoints WHERE has_state");
    sqlite3_close(database);
    return newest;
}

static const char *damage(struct work *work, uint64_t random)
{
    struct run *run = (struct run *)work;
    const int64_t newest = damageable(run);
    if (newest < 0)
        return NULL;
    const bool of_state = random & 8;
    char *name = of_state ? store_state_name((uint32_t)newest) : store_generation_name((uint32_t)newest);
    char *path = net_path(run, name);
    const bool good = work_damage_file(path, random >> 4);
    g_hash_table_remove(run->sums, name);
    if (of_state) { /* the steps since the checkpoint before are made again */
        run->steps = 0;
        run->back_from = newest;
    }
    g_free(run->damaged);
    run->damaged = name;
    g_free(path);
    return good ? run->damaged : NULL;
}

static bool is_finished(const struct work *work)
{
    (void)work;
    return false;
}

#define RUN_OPS(title, opener)                                                                                         \
    {                                                                                                                  \
        .name = title, .has_checkpoints = true, .open = opener, .close = close_run, .command = command, .line = note,  \
        .done = done, .damage = damage, .check = check, .is_finished = is_finished                                     \
    }
const struct work_ops work_run_ops = RUN_OPS("gomoku", open_gomoku);
const struct work_ops work_rounds_ops = RUN_OPS("rounds", open_rounds);
const struct work_ops work_go_ops = RUN_OPS("go", open_go);
