/* SQLite made short, with errors that carry a cure. Everything here is called by one thread at a time. */
#ifndef TENGEN_ENGINE_STORE_DATABASE_H
#define TENGEN_ENGINE_STORE_DATABASE_H

#include <glib.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#define DATABASE_ERROR (database_error_quark())
GQuark database_error_quark(void);
enum database_error { DATABASE_ERROR_FAILED, DATABASE_ERROR_PLACE, DATABASE_ERROR_BUSY };

struct database {
    sqlite3 *db;
    char *path;         /* owned */
    const char *option; /* what the user would give to name another place: "--out" */
    int lock_fd;        /* -1: whoever opened it keeps a lock of its own */
};

/* Opens PATH, making it with `schema` when it is new; what is there must have the same application and version. Held by
 * one process at a time: the lock is on PATH.lock. Commits are on the disk when they return. */
bool database_open(struct database *database, const char *path, const char *option, int application, int version,
                   const char *schema, GError **error);
void database_close(struct database *database);

/* Sets the error from what SQLite last said, with a cure where there is one; returns false. */
bool database_failed(struct database *database, const char *what, GError **error);
bool database_execute(struct database *database, const char *sql, const char *what, GError **error);
/* Prepares a statement and binds values (int64_t 'i', double 'd', text or NULL 's') to its parameters; NULL on failure.
 */
sqlite3_stmt *database_prepare(struct database *database, const char *sql, const char *types, ...);
/* Runs a statement that returns nothing, and frees it. */
bool database_finish(struct database *database, sqlite3_stmt *statement, const char *what, GError **error);
/* Commits what went well; on any failure nothing of the transaction remains. */
bool database_begin(struct database *database, GError **error);
bool database_end(struct database *database, bool good, GError **error);
/* One whole number from a query without parameters; `otherwise` when there is no row. */
int64_t database_number(struct database *database, const char *sql, int64_t otherwise);

#endif
