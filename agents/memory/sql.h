/* The few calls of SQLite that a file of memories needs, with messages that say what to do. One thread at a time. */
#ifndef TENGEN_AGENTS_MEMORY_SQL_H
#define TENGEN_AGENTS_MEMORY_SQL_H

#include <glib.h>
#include <sqlite3.h>
#include <stdbool.h>

/* Opens PATH for reading and writing, or creates it, and checks that it is a file of memories of this version. NULL with
 * the error set. */
sqlite3 *sql_open(const char *path, GError **error);
/* Sets the error from the connection's last one; returns false. what: "read", for the message. */
bool sql_failed(sqlite3 *db, const char *what, GError **error);
bool sql_execute(sqlite3 *db, const char *sql, const char *what, GError **error);
/* A statement with its parameters bound: int64_t 'i', double 'd', text or NULL 's', 16 bytes 'k'. NULL on failure. */
sqlite3_stmt *sql_prepare(sqlite3 *db, const char *sql, const char *types, ...);
/* Runs a statement without rows and finalises it; NULL is a failure. */
bool sql_finish(sqlite3 *db, sqlite3_stmt *statement, const char *what, GError **error);
/* The text of a column, "" for NULL. */
const char *sql_text(sqlite3_stmt *statement, int column);
/* One transaction: sql_end commits if `good`, otherwise or if that fails rolls back and returns false. */
bool sql_begin(sqlite3 *db, GError **error);
bool sql_end(sqlite3 *db, bool good, GError **error);

#endif
