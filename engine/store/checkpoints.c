/* Checkpoints of a run: rows, files, and the ladder of older nets that are kept. */
#include <glib/gstdio.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include "engine/store/database.h"
#include "engine/store/files/sums.h"
#include "engine/store/store.h"
#include "engine/store/store_internal.h"
#include "net/io/atomic_file.h"

enum { LADDER_MAX = 24, KEPT_STATES = 2 };

char *store_state_name(uint32_t generation)
{
    return g_strdup_printf("state-%06u.safetensors", generation);
}

char *store_generation_name(uint32_t generation)
{
    return g_strdup_printf("gen-%06u.safetensors", generation);
}

static bool copy_file(const char *from, const char *to, GError **error)
{
    char *bytes;
    gsize size;
    if (!g_file_get_contents(from, &bytes, &size, error))
        return false;
    struct atomic_file file;
    bool good = atomic_file_open(&file, to, error) && atomic_file_write(&file, bytes, size, error) &&
                atomic_file_commit(&file, error);
    g_free(bytes);
    return good;
}

/* Makes best.safetensors a hard link to this generation's file, or a copy where hard links are not supported. */
bool store_place_best(struct store *store, uint32_t generation, GError **error)
{
    char *name = store_generation_name(generation), *from = store_net_path(store, name);
    char *to = store_net_path(store, "best.safetensors");
    char *temporary = g_strdup_printf("%s" ATOMIC_FILE_MARK "link", to);
    unlink(temporary);
    /* If both names are links to the same file, rename is a successful no-op and leaves the temporary name: unlink
     * it. */
    bool good = link(from, temporary) == 0 && rename(temporary, to) == 0;
    unlink(temporary);
    good = good ? atomic_file_sync_folder(to, error) : copy_file(from, to, error);
    g_free(name);
    g_free(from);
    g_free(to);
    g_free(temporary);
    return good;
}

/* Only runs that have held a generation have the table. */
int64_t store_held_generation(struct store *store)
{
    if (database_number(&store->database, "SELECT count(*) FROM sqlite_master WHERE name = 'best'", 0) == 0)
        return -1;
    return database_number(
        &store->database,
        "SELECT generation FROM best WHERE generation IN (SELECT generation FROM checkpoints WHERE has_net)", -1);
}

static int64_t newest_generation(struct store *store)
{
    return database_number(&store->database, "SELECT max(generation) FROM checkpoints", 0);
}

bool store_hold_best(struct store *store, int64_t generation, GError **error)
{
    store_lock(store);
    bool good = database_begin(&store->database, error);
    if (good) {
        good = database_execute(&store->database,
                                "CREATE TABLE IF NOT EXISTS best (id INTEGER PRIMARY KEY CHECK (id = 0),"
                                " generation INTEGER NOT NULL); DELETE FROM best",
                                "hold a generation", error) &&
               database_finish(&store->database,
                               database_prepare(&store->database, "INSERT INTO best VALUES (0, ?1)", "i", generation),
                               "hold a generation", error);
        good = database_end(&store->database, good, error);
    }
    const int64_t held = store_held_generation(store);
    good = good && store_place_best(store, (uint32_t)(held >= 0 ? held : newest_generation(store)), error);
    store_unlock(store);
    return good;
}

uint32_t store_best(struct store *store, bool *held)
{
    store_lock(store);
    const int64_t generation = store_held_generation(store);
    *held = generation >= 0;
    const uint32_t best = (uint32_t)(*held ? generation : newest_generation(store));
    store_unlock(store);
    return best;
}

static GArray *read_generations(struct store *store, const char *sql)
{
    sqlite3_stmt *statement = database_prepare(&store->database, sql, "");
    GArray *generations = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    while (statement && sqlite3_step(statement) == SQLITE_ROW) {
        uint32_t generation = (uint32_t)sqlite3_column_int64(statement, 0);
        g_array_append_val(generations, generation);
    }
    sqlite3_finalize(statement);
    return generations;
}

/* Updates the row before it deletes the file: a kill in between leaves an orphan file, never a row without its file. */
static bool drop_file(struct store *store, const char *column, uint32_t generation, char *name, GError **error)
{
    char *sql = g_strdup_printf("UPDATE checkpoints SET %s = 0 WHERE generation = ?1", column);
    bool good = database_finish(&store->database, database_prepare(&store->database, sql, "i", (int64_t)generation),
                                "update checkpoints", error) &&
                sums_drop(store, name, error);
    char *path = store_net_path(store, name);
    if (good)
        g_unlink(path);
    g_free(path);
    g_free(sql);
    g_free(name);
    return good;
}

/* Whether checkpoints have played against it to measure the run's strength, and will again. */
static bool is_opponent(struct store *store, uint32_t generation)
{
    char *sql = g_strdup_printf("SELECT count(*) FROM rung_games WHERE rung = 'generation:%u'", generation);
    const bool is = database_number(&store->database, sql, 0) > 0; /* older runs have no such table */
    g_free(sql);
    return is;
}

static bool contains(const GArray *generations, uint32_t generation)
{
    for (guint i = 0; i < generations->len; i++)
        if (g_array_index(generations, uint32_t, i) == generation)
            return true;
    return false;
}

/* The rung to remove from a full ladder: the one whose neighbours are closest to each other, excluding the first, the newest three
 * and those to be spared; what remains is spread evenly over the run. 0: there is none. */
static guint closest_rung(const GArray *ladder, const GArray *spared)
{
    guint worst = 0;
    uint32_t smallest = UINT32_MAX;
    for (guint i = 1; i + 3 < ladder->len; i++) {
        uint32_t gap = g_array_index(ladder, uint32_t, i + 1) - g_array_index(ladder, uint32_t, i - 1);
        if (gap < smallest && !contains(spared, g_array_index(ladder, uint32_t, i))) {
            smallest = gap;
            worst = i;
        }
    }
    return worst;
}

/* The same, sparing the checkpoint held as best, the one whose strength is being measured and, as long as there are others, those
 * that have been measured. */
static guint redundant_rung(struct store *store, const GArray *ladder)
{
    GArray *spared =
        read_generations(store, "SELECT DISTINCT generation FROM rung_games"); /* older runs have no such table */
    const int64_t measured =
        database_number(&store->database, "SELECT generation FROM rung_games ORDER BY id DESC LIMIT 1", -1);
    const uint32_t stay[] = {(uint32_t)store_held_generation(store),
                             (uint32_t)measured}; /* -1: no generation's number */
    g_array_append_vals(spared, stay, G_N_ELEMENTS(stay));
    guint worst = closest_rung(ladder, spared);
    if (worst == 0) {
        g_array_set_size(spared, 0);
        g_array_append_vals(spared, stay, G_N_ELEMENTS(stay));
        worst = closest_rung(ladder, spared);
    }
    g_array_unref(spared);
    return worst;
}

int store_thin_nets(struct store *store, GError **error)
{
    store_lock(store);
    GArray *ladder = read_generations(store, "SELECT generation FROM checkpoints WHERE has_net ORDER BY generation");
    for (guint i = ladder->len; i-- > 1;)
        if (i + 3 < ladder->len && is_opponent(store, g_array_index(ladder, uint32_t, i)))
            g_array_remove_index(ladder, i);
    const guint worst = redundant_rung(store, ladder);
    const uint32_t generation = worst > 0 ? g_array_index(ladder, uint32_t, worst) : 0; /* there may be none */
    const bool good = worst == 0 || drop_file(store, "has_net", generation, store_generation_name(generation), error);
    g_array_unref(ladder);
    store_unlock(store);
    return good ? worst > 0 : -1;
}

static bool prune_files(struct store *store, GError **error)
{
    bool good = true;
    GArray *states = read_generations(store, "SELECT generation FROM checkpoints WHERE has_state ORDER BY generation");
    for (guint i = 0; good && i + KEPT_STATES < states->len; i++) {
        uint32_t generation = g_array_index(states, uint32_t, i);
        good = drop_file(store, "has_state", generation, store_state_name(generation), error);
    }
    g_array_unref(states);
    GArray *ladder = read_generations(store, "SELECT generation FROM checkpoints WHERE has_net ORDER BY generation");
    while (good && ladder->len > LADDER_MAX) {
        const guint worst = redundant_rung(store, ladder);
        uint32_t generation = g_array_index(ladder, uint32_t, worst);
        good = drop_file(store, "has_net", generation, store_generation_name(generation), error);
        g_array_remove_index(ladder, worst);
    }
    g_array_unref(ladder);
    return good;
}

static bool insert_sums(struct store *store, uint32_t generation, GError **error)
{
    char *names[] = {store_state_name(generation), store_generation_name(generation)};
    const bool good = sums_add(store, (const char *const *)names, G_N_ELEMENTS(names), error);
    g_free(names[0]);
    g_free(names[1]);
    return good;
}

/* After a checkpoint has been committed. What fails here is done again after the next one, or when the run is opened: it must not
 * seem as if the checkpoint had failed. */
static void tidy(struct store *store, uint32_t generation)
{
    GError *error = NULL;
    if ((store_held_generation(store) < 0 && !store_place_best(store, generation, &error)) ||
        !prune_files(store, &error))
        fprintf(stderr, "tengen: %s; tried again after the next checkpoint\n", error->message);
    g_clear_error(&error);
}

/* has_state: whether its state is on disk, too. */
static bool insert_checkpoint(struct store *store, const struct store_checkpoint *c, bool has_state, GError **error)
{
    return database_finish(
        &store->database,
        database_prepare(&store->database,
                         "INSERT INTO checkpoints VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1, ?10)", "iiiiiddiii",
                         (int64_t)c->generation, c->steps, c->samples, c->games, c->rows, c->seconds, c->rate_scale,
                         c->bytes, g_get_real_time() / G_USEC_PER_SEC, (int64_t)has_state),
        "write a checkpoint", error);
}

bool store_add_net(struct store *store, const struct store_checkpoint *c, GError **error)
{
    char *name = store_generation_name(c->generation);
    store_lock(store);
    bool good = database_begin(&store->database, error);
    if (good) {
        good = sums_add(store, (const char *const[]){name}, 1, error) && insert_checkpoint(store, c, false, error);
        good = database_end(&store->database, good, error);
    }
    store_unlock(store);
    g_free(name);
    return good;
}

bool store_add_checkpoint(struct store *store, const struct store_checkpoint *c, struct record *const *records,
                          int record_count, GError **error)
{
    store_lock(store);
    bool good = database_begin(&store->database, error);
    if (good) {
        good = store_insert_games(store, records, record_count, error) && insert_sums(store, c->generation, error) &&
               insert_checkpoint(store, c, true, error);
        good = database_end(&store->database, good, error);
    }
    if (good)
        tidy(store, c->generation);
    store_unlock(store);
    return good;
}

void store_checkpoint_of_row(sqlite3_stmt *row, struct store_checkpoint *checkpoint)
{
    *checkpoint = (struct store_checkpoint){.generation = (uint32_t)sqlite3_column_int64(row, 0),
                                            .steps = sqlite3_column_int64(row, 1),
                                            .samples = sqlite3_column_int64(row, 2),
                                            .games = sqlite3_column_int64(row, 3),
                                            .rows = sqlite3_column_int64(row, 4),
                                            .seconds = sqlite3_column_double(row, 5),
                                            .rate_scale = sqlite3_column_double(row, 6),
                                            .bytes = sqlite3_column_int64(row, 7)};
}

bool store_checkpoint_is_sound(const struct store_checkpoint *c)
{
    const int64_t totals[] = {c->steps, c->samples, c->games, c->rows};
    for (size_t i = 0; i < G_N_ELEMENTS(totals); i++)
        if (totals[i] < 0 || totals[i] > STORE_MAX_TOTAL)
            return false;
    return isfinite(c->seconds) && c->seconds >= 0 && c->rate_scale > 0 && c->rate_scale <= 1;
}

GArray *store_checkpoints(struct store *store)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(struct store_listed_checkpoint));
    store_lock(store);
    sqlite3_stmt *statement = database_prepare(
        &store->database, "SELECT " STORE_CHECKPOINT_COLUMNS ", has_net, added FROM checkpoints ORDER BY generation",
        "");
    while (statement && sqlite3_step(statement) == SQLITE_ROW) {
        struct store_listed_checkpoint checkpoint = {.has_net = sqlite3_column_int64(statement, 8) != 0,
                                                     .added = sqlite3_column_int64(statement, 9)};
        store_checkpoint_of_row(statement, &checkpoint.at);
        if (store_checkpoint_is_sound(&checkpoint.at))
            g_array_append_val(all, checkpoint);
    }
    sqlite3_finalize(statement);
    store_unlock(store);
    return all;
}

bool store_checkpoint_before(struct store *store, uint32_t generation, struct store_checkpoint *c, bool *found,
                             GError **error)
{
    store_lock(store);
    sqlite3_stmt *statement =
        database_prepare(&store->database,
                         "SELECT " STORE_CHECKPOINT_COLUMNS
                         " FROM checkpoints WHERE has_state AND generation < ?1 ORDER BY generation DESC LIMIT 1",
                         "i", (int64_t)generation);
    int code = statement ? sqlite3_step(statement) : SQLITE_ERROR;
    *found = code == SQLITE_ROW;
    if (*found)
        store_checkpoint_of_row(statement, c);
    bool good = *found || code == SQLITE_DONE || database_failed(&store->database, "read checkpoints", error);
    sqlite3_finalize(statement);
    store_unlock(store);
    return good;
}

bool store_last_checkpoint(struct store *store, struct store_checkpoint *c, bool *found, GError **error)
{
    return store_checkpoint_before(store, UINT32_MAX, c, found, error);
}

/* name: freed. */
static bool set_aside(struct store *store, const char *column, uint32_t generation, char *name, GError **error)
{
    char *path = store_net_path(store, name), *aside = g_strconcat(path, ".damaged", NULL);
    char *sql = g_strdup_printf("UPDATE checkpoints SET %s = 0 WHERE generation = ?1", column);
    store_lock(store);
    bool good = database_finish(&store->database, database_prepare(&store->database, sql, "i", (int64_t)generation),
                                "update checkpoints", error);
    store_unlock(store);
    if (good)
        g_rename(path, aside); /* if that fails, the next opening deletes the file */
    g_free(name);
    g_free(path);
    g_free(aside);
    g_free(sql);
    return good;
}

bool store_set_state_aside(struct store *store, uint32_t generation, GError **error)
{
    return set_aside(store, "has_state", generation, store_state_name(generation), error);
}

bool store_set_net_aside(struct store *store, uint32_t generation, GError **error)
{
    return set_aside(store, "has_net", generation, store_generation_name(generation), error);
}

uint32_t store_newest_generation(struct store *store)
{
    store_lock(store);
    int64_t newest = database_number(&store->database, "SELECT coalesce(max(generation), 0) FROM checkpoints", 0);
    store_unlock(store);
    return (uint32_t)newest;
}

bool store_ladder(struct store *store, GArray **generations, GError **error)
{
    (void)error;
    store_lock(store);
    *generations = read_generations(store, "SELECT generation FROM checkpoints WHERE has_net ORDER BY generation");
    store_unlock(store);
    return true;
}
