/* Thin wrapper around SQLite with actionable error messages. Not thread-safe: callers serialise access. */
#ifndef TENGEN_ENGINE_STORE_DATABASE_H
#define TENGEN_ENGINE_STORE_DATABASE_H

#include <glib.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#define DATABASE_ERROR (database_error_quark())
GQuark database_error_quark(void);
enum database_error {
    DATABASE_ERROR_FAILED,
    DATABASE_ERROR_PLACE,
    DATABASE_ERROR_BUSY,
    DATABASE_ERROR_FULL,   /* no room on the disk */
    DATABASE_ERROR_MACHINE /* the disk fails, or memory is short */
};

struct database {
    sqlite3 *db;
    char *path;         /* owned */
    const char *option; /* the option that selects another location, for messages: "--out" */
    const char *salvage; /* what to do about a damaged file besides choosing another, or NULL */
    int lock_fd;        /* -1: the owner holds a lock of its own */
};

/* Opens PATH; a new database is created with `schema`, an existing one must have the same application id and version.
 * Holds an exclusive lock on PATH.lock. Commits are durable when they return. Sets `salvage` to NULL; the caller may change it. On
 * failure returns false with the error set, and there is nothing to close. */
bool database_open(struct database *database, const char *path, const char *option, int application, int version,
                   const char *schema, GError **error);
void database_close(struct database *database);

/* Sets the error from SQLite's last error, with advice for common causes; returns false. */
bool database_failed(struct database *database, const char *what, GError **error);
bool database_execute(struct database *database, const char *sql, const char *what, GError **error);
/* Prepares a statement and binds values (int64_t 'i', double 'd', text or NULL 's') to its parameters. NULL on failure, without
 * an error: database_finish or database_failed sets it. */
sqlite3_stmt *database_prepare(struct database *database, const char *sql, const char *types, ...);
/* Runs a statement that returns no rows, and finalises it; NULL is a failure. */
bool database_finish(struct database *database, sqlite3_stmt *statement, const char *what, GError **error);
/* database_end commits if `good`; otherwise, or if the commit fails, it rolls back and returns false. */
bool database_begin(struct database *database, GError **error);
bool database_end(struct database *database, bool good, GError **error);
/* Refuses what is not a regular file (a named pipe would wait for ever); a file that does not exist is fine. */
bool database_check_kind(const struct database *database, GError **error);
/* Reads the whole file and sets the error if SQLite finds damage in it; keeps the calling thread busy for about a second per gigabyte. */
bool database_check(struct database *database, GError **error);
/* Sets the error for content that no run of Tengen's has; returns false. */
bool database_damaged(const struct database *database, const char *found, GError **error);
/* A column's text, "" for NULL, which only a damaged or foreign file has. */
const char *database_text(sqlite3_stmt *statement, int column);
/* An integer from a query without parameters; `fallback` if it fails or returns no row. */
int64_t database_number(struct database *database, const char *sql, int64_t fallback);

#endif
