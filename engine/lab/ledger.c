#include "engine/lab/ledger.h"

#include <errno.h>
#include <math.h>
#include <sqlite3.h>
#include <string.h>

#include "engine/lab/plan.h"
#include "engine/store/database.h"

enum { SCHEMA = 1, APPLICATION_ID = 0x54656e6c /* "Tenl" */ };

static const char schema[] =
    "CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE numbers (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE progress (arm TEXT NOT NULL, seed INTEGER NOT NULL, slices INTEGER NOT NULL, seconds REAL NOT NULL,"
    "  stored REAL NOT NULL, PRIMARY KEY (arm, seed)) WITHOUT ROWID;"
    "CREATE TABLE measures (arm TEXT NOT NULL, seed INTEGER NOT NULL, name TEXT NOT NULL, value REAL,"
    "  PRIMARY KEY (arm, seed, name)) WITHOUT ROWID;";

struct ledger {
    struct database database;
    char *folder;
};

int ledger_open(struct ledger **out, const char *folder, GError **error)
{
    *out = NULL;
    if (g_mkdir_with_parents(folder, 0777) != 0) {
        g_set_error(error, LAB_ERROR, LAB_ERROR_PLACE, "cannot create the folder %s: %s; give another --out", folder,
                    g_strerror(errno));
        return -1;
    }
    struct ledger *ledger = g_new0(struct ledger, 1);
    ledger->database.lock_fd = -1;
    ledger->folder = g_strdup(folder);
    char *path = g_build_filename(folder, "lab.db", NULL);
    bool good = database_open(&ledger->database, path, "--out", APPLICATION_ID, SCHEMA, schema, error);
    g_free(path);
    if (!good) {
        ledger_close(ledger);
        return -1;
    }
    *out = ledger;
    return 0;
}

void ledger_close(struct ledger *ledger)
{
    if (!ledger)
        return;
    database_close(&ledger->database);
    g_free(ledger->folder);
    g_free(ledger);
}

/* ---- the file's contents ---- */

static char *kept_setting(struct ledger *ledger, const char *name)
{
    sqlite3_stmt *statement =
        database_prepare(&ledger->database, "SELECT value FROM settings WHERE name = ?1", "s", name);
    char *value = NULL;
    if (statement && sqlite3_step(statement) == SQLITE_ROW)
        value = g_strdup(database_text(statement, 0));
    sqlite3_finalize(statement);
    return value;
}

static bool keep_settings(struct ledger *ledger, const GPtrArray *names, const GPtrArray *values, GError **error)
{
    struct database *database = &ledger->database;
    if (!database_begin(database, error))
        return false;
    bool good = database_execute(database, "DELETE FROM settings", "keep the settings", error);
    for (guint i = 0; good && i < names->len; i++)
        good = database_finish(
            database,
            database_prepare(database, "INSERT INTO settings VALUES (?1, ?2)", "ss", names->pdata[i], values->pdata[i]),
            "keep the settings", error);
    return database_end(database, good, error);
}

static void append_difference(GString *text, const char *name, const char *was, const char *is)
{
    g_string_append(text, text->len ? ", " : "");
    if (!was)
        g_string_append_printf(text, "%s \"%s\" is new", name, is);
    else if (!is)
        g_string_append_printf(text, "%s \"%s\" is missing", name, was);
    else
        g_string_append_printf(text, "%s was \"%s\" and is now \"%s\"", name, was, is);
}

/* What the ledger has and the file has no more: the arms that it lacks. */
static void append_missing(struct ledger *ledger, const GPtrArray *names, GString *text)
{
    sqlite3_stmt *statement = database_prepare(&ledger->database, "SELECT name, value FROM settings", "");
    while (statement && sqlite3_step(statement) == SQLITE_ROW)
        if (*database_text(statement, 1) &&
            !g_ptr_array_find_with_equal_func((GPtrArray *)names, database_text(statement, 0), g_str_equal, NULL))
            append_difference(text, database_text(statement, 0), database_text(statement, 1), NULL);
    sqlite3_finalize(statement);
}

static bool is_grown(const char *was, const char *is)
{
    return was && g_ascii_strtod(is, NULL) >= g_ascii_strtod(was, NULL);
}

bool ledger_check(struct ledger *ledger, const GPtrArray *names, const GPtrArray *values, const char *growing,
                  GError **error)
{
    int64_t count = database_number(&ledger->database, "SELECT count(*) FROM settings", -1);
    if (count < 0)
        return database_failed(&ledger->database, "read the settings", error);
    if (count == 0)
        return keep_settings(ledger, names, values, error);
    GString *differences = g_string_new(NULL);
    for (guint i = 0; i < names->len; i++) {
        char *was = kept_setting(ledger, names->pdata[i]);
        /* a key that is newer than the ledger was not given */
        bool same = strcmp(was ? was : "", values->pdata[i]) == 0 ||
                    (strcmp(names->pdata[i], growing) == 0 && is_grown(was, values->pdata[i]));
        if (!same)
            append_difference(differences, names->pdata[i], was, values->pdata[i]);
        g_free(was);
    }
    append_missing(ledger, names, differences);
    bool same = differences->len == 0;
    if (!same)
        g_set_error(error, LAB_ERROR, LAB_ERROR_DIFFERS,
                    "%s holds the results of another file: %s; restore the file, or give another --out", ledger->folder,
                    differences->str);
    g_string_free(differences, TRUE);
    return same && keep_settings(ledger, names, values, error);
}

int64_t ledger_number(struct ledger *ledger, const char *name, int64_t first, GError **error)
{
    struct database *database = &ledger->database;
    if (!database_finish(database,
                         database_prepare(database, "INSERT OR IGNORE INTO numbers VALUES (?1, ?2)", "si", name, first),
                         "keep a number", error))
        return -1;
    sqlite3_stmt *statement = database_prepare(database, "SELECT value FROM numbers WHERE name = ?1", "s", name);
    int64_t value = -1;
    if (statement && sqlite3_step(statement) == SQLITE_ROW)
        value = sqlite3_column_int64(statement, 0);
    else
        database_failed(database, "read a number", error);
    sqlite3_finalize(statement);
    return value;
}

/* ---- training ---- */

bool ledger_progress(struct ledger *ledger, const char *arm, int64_t seed, struct ledger_progress *progress,
                     GError **error)
{
    struct database *database = &ledger->database;
    *progress = (struct ledger_progress){0};
    sqlite3_stmt *statement = database_prepare(
        database, "SELECT slices, seconds, stored FROM progress WHERE arm = ?1 AND seed = ?2", "si", arm, seed);
    int code = statement ? sqlite3_step(statement) : SQLITE_ERROR;
    if (code == SQLITE_ROW)
        *progress = (struct ledger_progress){.slices = sqlite3_column_int64(statement, 0),
                                             .seconds = sqlite3_column_double(statement, 1),
                                             .seconds_at_stored = sqlite3_column_double(statement, 2)};
    bool good = code == SQLITE_ROW || code == SQLITE_DONE || database_failed(database, "read the progress", error);
    sqlite3_finalize(statement);
    return good;
}

bool ledger_keep_progress(struct ledger *ledger, const char *arm, int64_t seed, const struct ledger_progress *progress,
                          GError **error)
{
    struct database *database = &ledger->database;
    return database_finish(database,
                           database_prepare(database, "INSERT OR REPLACE INTO progress VALUES (?1, ?2, ?3, ?4, ?5)",
                                            "siidd", arm, seed, progress->slices, progress->seconds,
                                            progress->seconds_at_stored),
                           "keep the progress", error);
}

/* ---- measures ---- */

static int find(const char *const *names, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

bool ledger_measures(struct ledger *ledger, const char *arm, int64_t seed, const char *const *names, double *values,
                     int count, bool *found, GError **error)
{
    struct database *database = &ledger->database;
    sqlite3_stmt *statement =
        database_prepare(database, "SELECT name, value FROM measures WHERE arm = ?1 AND seed = ?2", "si", arm, seed);
    int code = SQLITE_ERROR;
    *found = false;
    for (int i = 0; i < count; i++)
        values[i] = NAN;
    while (statement && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        int at = find(names, count, database_text(statement, 0));
        *found = true;
        if (at >= 0 && sqlite3_column_type(statement, 1) != SQLITE_NULL)
            values[at] = sqlite3_column_double(statement, 1);
    }
    bool good = code == SQLITE_DONE || database_failed(database, "read the measures", error);
    sqlite3_finalize(statement);
    return good;
}

bool ledger_keep_measures(struct ledger *ledger, const char *arm, int64_t seed, const char *const *names,
                          const double *values, int count, GError **error)
{
    struct database *database = &ledger->database;
    bool good = database_begin(database, error);
    if (!good)
        return false;
    for (int i = 0; good && i < count; i++) /* SQLite stores NAN as NULL */
        good = database_finish(database,
                               database_prepare(database, "INSERT OR REPLACE INTO measures VALUES (?1, ?2, ?3, ?4)",
                                                "sisd", arm, seed, names[i], values[i]),
                               "keep the measures", error);
    return database_end(database, good, error);
}
