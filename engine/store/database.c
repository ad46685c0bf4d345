#include "engine/store/database.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

GQuark database_error_quark(void)
{
    return g_quark_from_static_string("database-error-quark"); /* thread-safe */
}

/* How to go on with a damaged file, for the end of a message. Not thread-safe, like the rest. */
static const char *advice(const struct database *database)
{
    static char text[160];
    g_snprintf(text, sizeof text, "%s%sgive another %s", database->salvage ? database->salvage : "",
               database->salvage ? ", or " : "", database->option);
    return text;
}

bool database_failed(struct database *database, const char *what, GError **error)
{
    int code = sqlite3_errcode(database->db) & 0xff;
    char *hint = NULL;
    if (code == SQLITE_FULL)
        hint = g_strdup("; the disk is full: free some space and rerun the command");
    else if (code == SQLITE_READONLY || code == SQLITE_CANTOPEN || code == SQLITE_PERM)
        hint = g_strdup_printf("; make the folder writable or give another %s", database->option);
    else if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT)
        hint = g_strdup_printf("; the file is damaged or was not written by Tengen: %s", advice(database));
    const enum database_error kind = code == SQLITE_FULL                            ? DATABASE_ERROR_FULL
                                     : code == SQLITE_IOERR || code == SQLITE_NOMEM ? DATABASE_ERROR_MACHINE
                                                                                    : DATABASE_ERROR_FAILED;
    g_set_error(error, DATABASE_ERROR, kind, "%s: cannot %s: %s%s", database->path, what, sqlite3_errmsg(database->db),
                hint ? hint : "");
    g_free(hint);
    return false;
}

bool database_execute(struct database *database, const char *sql, const char *what, GError **error)
{
    return sqlite3_exec(database->db, sql, NULL, NULL, NULL) == SQLITE_OK || database_failed(database, what, error);
}

sqlite3_stmt *database_prepare(struct database *database, const char *sql, const char *types, ...)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(database->db, sql, -1, &statement, NULL) != SQLITE_OK)
        return NULL;
    va_list values;
    va_start(values, types);
    for (int i = 0; types[i]; i++)
        if (types[i] == 'i')
            sqlite3_bind_int64(statement, i + 1, va_arg(values, int64_t));
        else if (types[i] == 'd')
            sqlite3_bind_double(statement, i + 1, va_arg(values, double));
        else
            sqlite3_bind_text(statement, i + 1, va_arg(values, const char *), -1, SQLITE_TRANSIENT);
    va_end(values);
    return statement;
}

bool database_finish(struct database *database, sqlite3_stmt *statement, const char *what, GError **error)
{
    bool good = statement && sqlite3_step(statement) == SQLITE_DONE;
    if (!good)
        database_failed(database, what, error);
    sqlite3_finalize(statement);
    return good;
}

bool database_begin(struct database *database, GError **error)
{
    return database_execute(database, "BEGIN IMMEDIATE", "begin a transaction", error);
}

bool database_end(struct database *database, bool good, GError **error)
{
    if (good && database_execute(database, "COMMIT", "commit", error))
        return true;
    sqlite3_exec(database->db, "ROLLBACK", NULL, NULL, NULL);
    return false;
}

bool database_check_kind(const struct database *database, GError **error)
{
    struct stat about;
    if (stat(database->path, &about) != 0 || S_ISREG(about.st_mode))
        return true;
    g_set_error(error, DATABASE_ERROR, DATABASE_ERROR_PLACE, "%s is not a regular file; give another %s", database->path,
                database->option);
    return false;
}

bool database_damaged(const struct database *database, const char *found, GError **error)
{
    g_set_error(error, DATABASE_ERROR, DATABASE_ERROR_FAILED, "%s is damaged (%s); %s", database->path, found,
                advice(database));
    return false;
}

/* What the check found is not the file's fault if a page could not be read for want of memory, or because the disk fails: SQLite
 * names the code of such an error at the end. */
static bool is_machines_fault(const char *found)
{
    const char *code = strstr(found, "error code=");
    const int primary = code ? (int)(g_ascii_strtoll(code + strlen("error code="), NULL, 10) & 0xff) : SQLITE_OK;
    return primary == SQLITE_NOMEM || primary == SQLITE_IOERR;
}

bool database_check(struct database *database, GError **error)
{
    sqlite3_stmt *statement = database_prepare(database, "PRAGMA quick_check(1)", "");
    if (!statement || sqlite3_step(statement) != SQLITE_ROW) {
        sqlite3_finalize(statement);
        return database_failed(database, "check", error);
    }
    const char *found = database_text(statement, 0);
    bool good = strcmp(found, "ok") == 0;
    if (!good && is_machines_fault(found))
        g_set_error(error, DATABASE_ERROR, DATABASE_ERROR_MACHINE,
                    "%s: cannot check: memory is short, or the disk fails (%s)", database->path, found);
    else if (!good)
        database_damaged(database, found, error);
    sqlite3_finalize(statement);
    return good;
}

const char *database_text(sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return text ? text : "";
}

int64_t database_number(struct database *database, const char *sql, int64_t fallback)
{
    sqlite3_stmt *statement = database_prepare(database, sql, "");
    int64_t number = statement && sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : fallback;
    sqlite3_finalize(statement);
    return number;
}

/* Locks a separate file: POSIX locks on the database are lost when any code in this process closes that file. */
static bool take_lock(struct database *database, GError **error)
{
    char *path = g_strconcat(database->path, ".lock", NULL);
    database->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    bool good = database->lock_fd >= 0 && flock(database->lock_fd, LOCK_EX | LOCK_NB) == 0;
    if (!good && errno == EWOULDBLOCK)
        g_set_error(error, DATABASE_ERROR, DATABASE_ERROR_BUSY,
                    "another process is writing %s; stop it first or give another %s", database->path,
                    database->option);
    else if (!good)
        g_set_error(error, DATABASE_ERROR, DATABASE_ERROR_PLACE,
                    "cannot lock %s: %s; make the folder writable or give "
                    "another %s",
                    path, g_strerror(errno), database->option);
    g_free(path);
    return good;
}

static bool check_schema(struct database *database, int application, int version, const char *schema, GError **error)
{
    int64_t found_version = database_number(database, "PRAGMA user_version", -1);
    int64_t found_application = database_number(database, "PRAGMA application_id", -1);
    if (found_version < 0)
        return database_failed(database, "read", error);
    if (found_version == version && found_application == application)
        return true;
    if (found_version == 0 && database_number(database, "SELECT count(*) FROM sqlite_master", 1) == 0) {
        char *sql =
            g_strdup_printf("%s PRAGMA application_id = %d; PRAGMA user_version = %d;", schema, application, version);
        bool good = database_begin(database, error);
        good = good && database_end(database, database_execute(database, sql, "create tables", error), error);
        g_free(sql);
        return good;
    }
    g_set_error(error, DATABASE_ERROR, DATABASE_ERROR_PLACE,
                "%s is not supported by this version (schema %d, application id %x); give another %s", database->path,
                (int)found_version, (unsigned)found_application, database->option);
    return false;
}

bool database_open(struct database *database, const char *path, const char *option, int application, int version,
                   const char *schema, GError **error)
{
    *database = (struct database){.path = g_strdup(path), .option = option, .lock_fd = -1};
    bool good = database_check_kind(database, error) && take_lock(database, error);
    if (good && sqlite3_open_v2(path, &database->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX,
                                NULL) != SQLITE_OK)
        good = database_failed(database, "open", error);
    if (good)
        sqlite3_busy_timeout(database->db, 10000);
    good = good && check_schema(database, application, version, schema, error) &&
           database_execute(database, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;", "set up", error);
    if (!good)
        database_close(database);
    return good;
}

void database_close(struct database *database)
{
    sqlite3_close(database->db);
    if (database->lock_fd >= 0)
        close(database->lock_fd);
    g_free(database->path);
    *database = (struct database){.lock_fd = -1};
}
