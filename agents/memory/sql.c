#include "agents/memory/sql.h"

#include <string.h>
#include <sys/stat.h>

#include "agents/memory/file.h"

enum {
    APPLICATION = 0x54474d31, /* "TGM1" */
    VERSION = 1,
    WAIT_MS = 3000, /* for another process's transaction */
    KEY_BYTES = 16,
};

/* net: of the lesson's search; lost_here: see struct memory_position. */
static const char schema[] =
    "CREATE TABLE lessons(id INTEGER PRIMARY KEY, time INTEGER NOT NULL, game TEXT NOT NULL, moves TEXT NOT NULL,"
    " played TEXT NOT NULL, better TEXT, decision INTEGER NOT NULL, player INTEGER NOT NULL, value REAL,"
    " met INTEGER NOT NULL DEFAULT 0, last_met INTEGER NOT NULL DEFAULT 0, unfinished TEXT);"
    "CREATE TABLE positions(key BLOB PRIMARY KEY, lesson INTEGER NOT NULL, best INTEGER NOT NULL, value REAL NOT NULL,"
    " visits INTEGER NOT NULL, lost_here INTEGER NOT NULL, net INTEGER NOT NULL, met INTEGER NOT NULL DEFAULT 0,"
    " wins INTEGER NOT NULL DEFAULT 0, draws INTEGER NOT NULL DEFAULT 0, losses INTEGER NOT NULL DEFAULT 0, after BLOB);"
    "CREATE INDEX positions_by_lesson ON positions(lesson);"
    "CREATE TABLE nets(number INTEGER PRIMARY KEY, sum TEXT NOT NULL UNIQUE);";

G_DEFINE_QUARK(tengen - memory - error, memory_error)

bool sql_failed(sqlite3 *db, const char *what, GError **error)
{
    const int code = sqlite3_errcode(db) & 0xff;
    const char *path = sqlite3_db_filename(db, "main"), *cure = "";
    enum memory_error kind = MEMORY_ERROR_MACHINE;
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED) {
        kind = MEMORY_ERROR_BUSY;
        cure = "; another program holds it";
    } else if (code == SQLITE_FULL || code == SQLITE_IOERR) {
        cure = "; the disk may be full";
    } else if (code == SQLITE_READONLY || code == SQLITE_CANTOPEN || code == SQLITE_PERM) {
        cure = "; make the file and its folder writable, or choose another file";
    } else {
        kind = MEMORY_ERROR_FILE;
        cure = "; it is damaged or not a file of memories: move it away, or choose another file";
    }
    g_set_error(error, MEMORY_ERROR, (int)kind, "%s: cannot %s: %s%s", path ? path : "memory", what, sqlite3_errmsg(db),
                cure);
    return false;
}

bool sql_execute(sqlite3 *db, const char *sql, const char *what, GError **error)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK || sql_failed(db, what, error);
}

sqlite3_stmt *sql_prepare(sqlite3 *db, const char *sql, const char *types, ...)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        return NULL;
    va_list values;
    va_start(values, types);
    for (int i = 0; types[i]; i++)
        if (types[i] == 'i')
            sqlite3_bind_int64(statement, i + 1, va_arg(values, int64_t));
        else if (types[i] == 'd')
            sqlite3_bind_double(statement, i + 1, va_arg(values, double));
        else if (types[i] == 'k')
            sqlite3_bind_blob(statement, i + 1, va_arg(values, const void *), KEY_BYTES, SQLITE_TRANSIENT);
        else
            sqlite3_bind_text(statement, i + 1, va_arg(values, const char *), -1, SQLITE_TRANSIENT);
    va_end(values);
    return statement;
}

bool sql_finish(sqlite3 *db, sqlite3_stmt *statement, const char *what, GError **error)
{
    const bool good = statement && sqlite3_step(statement) == SQLITE_DONE;
    if (!good)
        sql_failed(db, what, error);
    sqlite3_finalize(statement);
    return good;
}

const char *sql_text(sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return text ? text : "";
}

bool sql_begin(sqlite3 *db, GError **error)
{
    return sql_execute(db, "BEGIN IMMEDIATE", "write", error);
}

bool sql_end(sqlite3 *db, bool good, GError **error)
{
    if (good && sql_execute(db, "COMMIT", "write", error))
        return true;
    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return false;
}

/* The first column of the first row; false with the error set if there is none. */
static bool read_number(sqlite3 *db, const char *sql, int64_t *number, GError **error)
{
    sqlite3_stmt *statement = sql_prepare(db, sql, "");
    const bool good = statement && sqlite3_step(statement) == SQLITE_ROW;
    if (good)
        *number = sqlite3_column_int64(statement, 0);
    else
        sql_failed(db, "read", error);
    sqlite3_finalize(statement);
    return good;
}

static bool refuse(const char *path, GError **error, const char *why)
{
    g_set_error(error, MEMORY_ERROR, MEMORY_ERROR_FILE, "%s %s; move it away, or choose another file", path, why);
    return false;
}

/* Creates the tables of an empty file. Another process may do so at the same time. */
static bool create(sqlite3 *db, GError **error)
{
    int64_t tables = 0;
    if (!sql_begin(db, error))
        return false;
    bool good = read_number(db, "SELECT count(*) FROM sqlite_master", &tables, error);
    if (good && tables == 0) {
        char *sql =
            g_strdup_printf("%s PRAGMA application_id = %d; PRAGMA user_version = %d;", schema, APPLICATION, VERSION);
        good = sql_execute(db, sql, "create tables", error);
        g_free(sql);
    }
    return sql_end(db, good, error);
}

static bool is_sound(sqlite3 *db, const char *path, GError **error)
{
    sqlite3_stmt *statement = sql_prepare(db, "PRAGMA quick_check(1)", "");
    if (!statement || sqlite3_step(statement) != SQLITE_ROW) {
        sql_failed(db, "read", error);
        sqlite3_finalize(statement);
        return false;
    }
    const bool good = strcmp(sql_text(statement, 0), "ok") == 0 || refuse(path, error, "is damaged");
    sqlite3_finalize(statement);
    return good;
}

/* Views and triggers would run code of the file's author. */
static bool check(sqlite3 *db, const char *path, GError **error)
{
    int64_t tables = 0, application = 0, version = 0, foreign = 0;
    if (!read_number(db, "SELECT count(*) FROM sqlite_master", &tables, error) || (tables == 0 && !create(db, error)) ||
        !read_number(db, "PRAGMA application_id", &application, error) ||
        !read_number(db, "PRAGMA user_version", &version, error) ||
        !read_number(db, "SELECT count(*) FROM sqlite_master WHERE type NOT IN ('table', 'index')", &foreign, error))
        return false;
    if (application != APPLICATION || foreign)
        return refuse(path, error, "is not a file of memories");
    if (version != VERSION) {
        char *why =
            g_strdup_printf("has memories in format %d, but this version of Tengen reads format %d", (int)version, VERSION);
        refuse(path, error, why);
        g_free(why);
        return false;
    }
    return is_sound(db, path, error);
}

sqlite3 *sql_open(const char *path, GError **error)
{
    struct stat about;
    sqlite3 *db = NULL;
    char *folder = g_path_get_dirname(path);
    g_mkdir_with_parents(folder, 0700);
    g_free(folder);
    if (stat(path, &about) == 0 && !S_ISREG(about.st_mode)) {
        refuse(path, error, "is not a regular file");
        return NULL;
    }
    bool good = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, NULL) ==
                    SQLITE_OK ||
                sql_failed(db, "open", error);
    if (good) {
        sqlite3_busy_timeout(db, WAIT_MS);
        good = sql_execute(db, "PRAGMA trusted_schema = OFF", "open", error) && check(db, path, error);
    }
    if (good)
        return db;
    sqlite3_close(db);
    return NULL;
}
