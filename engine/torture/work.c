#include "engine/torture/work.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <string.h>

void work_lost(struct work *work, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_ptr_array_add(work->lost, g_strdup_vprintf(format, arguments));
    va_end(arguments);
}

sqlite3 *work_open_database(struct work *work, const char *name)
{
    sqlite3 *database = NULL;
    char *path = g_build_filename(work->folder, name, NULL);
    /* Closing must not move the log into the database: that is for the process that resumes. */
    bool good = sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
                sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL) == SQLITE_OK &&
                sqlite3_exec(database, "SELECT count(*) FROM sqlite_master", NULL, NULL, NULL) == SQLITE_OK;
    if (!good) {
        work_lost(work, "%s cannot be opened: %s", name, sqlite3_errmsg(database));
        sqlite3_close(database);
        database = NULL;
    }
    g_free(path);
    return database;
}

int64_t work_number(struct work *work, sqlite3 *database, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    int64_t value = -1;
    if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
        value = sqlite3_column_int64(statement, 0);
    else
        work_lost(work, "cannot read the database: %s (%s)", sqlite3_errmsg(database), sql);
    sqlite3_finalize(statement);
    return value;
}

void work_check_integrity(struct work *work, sqlite3 *database)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(database, "PRAGMA integrity_check", -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW)
        work_lost(work, "the database cannot be examined: %s", sqlite3_errmsg(database));
    else if (strcmp((const char *)sqlite3_column_text(statement, 0), "ok") != 0)
        work_lost(work, "the database is damaged: %s", sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
}

bool work_damage_file(const char *path, uint64_t random)
{
    char *bytes;
    gsize size;
    if (!g_file_get_contents(path, &bytes, &size, NULL) || size == 0)
        return false;
    const gsize at = (gsize)((random >> 4) % size);
    const unsigned way = random & 3;
    if (way >= 2)
        bytes[at] = (char)(bytes[at] ^ 1 << (random >> 60 & 7));
    g_unlink(path); /* the net may have another name: its contents there are another file's */
    const bool good = g_file_set_contents(path, bytes, way == 0 ? 0 : way == 1 ? (gssize)at : (gssize)size, NULL);
    g_free(bytes);
    return good;
}
