#include "engine/match/journal.h"

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <string.h>

#include "engine/match/game.h"
#include "engine/match/journal_moves.h"
#include "engine/store/database.h"
#include "games/game.h"

GQuark journal_error_quark(void)
{
    return g_quark_from_static_string("journal-error-quark"); /* takes a lock: any thread may call it first */
}

enum { SCHEMA = 1, APPLICATION_ID = 0x54656e6d /* "Tenm" */ };

static const char schema[] =
    "CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE games (number INTEGER PRIMARY KEY, round INTEGER NOT NULL, pair INTEGER NOT NULL,"
    "  opening INTEGER NOT NULL, first INTEGER NOT NULL, second INTEGER NOT NULL, outcome INTEGER NOT NULL,"
    "  ended INTEGER NOT NULL, loser INTEGER NOT NULL, margin REAL NOT NULL, seconds REAL NOT NULL,"
    "  hash INTEGER NOT NULL, symmetric INTEGER NOT NULL, reason TEXT, plies INTEGER NOT NULL, moves TEXT NOT NULL,"
    "  times_ms TEXT NOT NULL, told TEXT NOT NULL, visits TEXT NOT NULL);"
    "CREATE TABLE sessions (id INTEGER PRIMARY KEY, seconds REAL NOT NULL);";

/* A game waiting to be written. */
struct row {
    int number;
    struct match_record record; /* reason owned */
    char *texts[JOURNAL_TEXTS];
};

struct journal {
    struct database database;
    const struct game *game;
    char *folder;
    GHashTable *known; /* number -> struct match_record */
    double earlier;
    int64_t session;
    pthread_mutex_t lock; /* guards what follows; the database belongs to the writing thread */
    GPtrArray *waiting;   /* struct row */
    double seconds;
    bool writing, failed;
    pthread_cond_t written;
};

static struct row *row_new(const struct game *game, int number, const struct match_record *record,
                           const struct match_game *played)
{
    struct row *row = g_new0(struct row, 1);
    row->number = number;
    row->record = *record;
    row->record.reason = record->reason && *record->reason ? g_strdup(record->reason) : NULL;
    journal_format_moves(game, played, row->texts);
    return row;
}

static void row_free(void *data)
{
    struct row *row = data;
    g_free(row->record.reason);
    for (int i = 0; i < JOURNAL_TEXTS; i++)
        g_free(row->texts[i]);
    g_free(row);
}

static void record_free(void *data)
{
    g_free(((struct match_record *)data)->reason);
    g_free(data);
}

/* ---- opening ---- */

#define RECORD_COLUMNS                                                                                                 \
    "number, round, pair, opening, first, second, outcome, ended, loser, margin, seconds, hash, symmetric, reason, "   \
    "plies"

static int read_record(sqlite3_stmt *statement, struct match_record *record)
{
    const char *reason = (const char *)sqlite3_column_text(statement, 13);
    *record = (struct match_record){.round = sqlite3_column_int(statement, 1),
                                    .pair = sqlite3_column_int(statement, 2),
                                    .opening = sqlite3_column_int(statement, 3),
                                    .side = {sqlite3_column_int(statement, 4), sqlite3_column_int(statement, 5)},
                                    .done = true,
                                    .outcome = (enum game_outcome)sqlite3_column_int(statement, 6),
                                    .end = (enum match_end)sqlite3_column_int(statement, 7),
                                    .loser = sqlite3_column_int(statement, 8),
                                    .margin = (float)sqlite3_column_double(statement, 9),
                                    .seconds = sqlite3_column_double(statement, 10),
                                    .hash = (uint64_t)sqlite3_column_int64(statement, 11),
                                    .symmetric = (uint64_t)sqlite3_column_int64(statement, 12),
                                    .reason = g_strdup(reason),
                                    .plies = sqlite3_column_int(statement, 14)};
    return sqlite3_column_int(statement, 0);
}

/* A modified file must not cause out-of-bounds access. */
static bool is_valid(int number, const struct match_record *r)
{
    return number >= 0 && r->round >= 0 && r->side[0] >= 0 && r->side[0] < MATCH_MAX_PLAYERS && r->side[1] >= 0 && r->side[1] < MATCH_MAX_PLAYERS &&
           r->outcome > GAME_ONGOING && r->outcome <= GAME_DRAWN && r->end < MATCH_ENDS && r->loser >= 0 &&
           r->loser <= 1 && r->plies >= 0 && r->plies <= UINT16_MAX;
}

static bool load(struct journal *journal, GError **error)
{
    struct database *database = &journal->database;
    sqlite3_stmt *statement = database_prepare(database, "SELECT " RECORD_COLUMNS " FROM games", "");
    int code = SQLITE_ERROR;
    while (statement && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        struct match_record *record = g_new(struct match_record, 1);
        int number = read_record(statement, record);
        if (!is_valid(number, record)) {
            g_set_error(error, JOURNAL_ERROR, JOURNAL_ERROR_PLACE, "%s: game %d is invalid; give another --out",
                        database->path, number);
            record_free(record);
            sqlite3_finalize(statement);
            return false;
        }
        g_hash_table_insert(journal->known, GINT_TO_POINTER(number), record);
    }
    if (code != SQLITE_DONE)
        database_failed(database, "read games", error);
    sqlite3_finalize(statement);
    if (code != SQLITE_DONE)
        return false;
    statement = database_prepare(database, "SELECT total(seconds) FROM sessions", "");
    if (statement && sqlite3_step(statement) == SQLITE_ROW)
        journal->earlier = sqlite3_column_double(statement, 0);
    sqlite3_finalize(statement);
    journal->session = database_number(database, "SELECT coalesce(max(id), 0) + 1 FROM sessions", 1);
    return true;
}

int journal_open(struct journal **out, const char *folder, const struct game *game, GError **error)
{
    *out = NULL;
    struct journal *journal = g_new0(struct journal, 1);
    journal->database.lock_fd = -1;
    journal->game = game;
    journal->folder = g_strdup(folder);
    journal->known = g_hash_table_new_full(NULL, NULL, NULL, record_free);
    journal->waiting = g_ptr_array_new_with_free_func(row_free);
    pthread_mutex_init(&journal->lock, NULL);
    pthread_cond_init(&journal->written, NULL);
    char *path = g_build_filename(folder, "match.db", NULL);
    bool good = g_mkdir_with_parents(folder, 0777) == 0;
    if (!good)
        g_set_error(error, JOURNAL_ERROR, JOURNAL_ERROR_PLACE, "cannot create the folder %s: %s; give another --out",
                    folder, g_strerror(errno));
    good = good && database_open(&journal->database, path, "--out", APPLICATION_ID, SCHEMA, schema, error) &&
           load(journal, error);
    g_free(path);
    if (!good) {
        journal_close(journal);
        return -1;
    }
    *out = journal;
    return 0;
}

void journal_close(struct journal *journal)
{
    if (!journal)
        return;
    database_close(&journal->database);
    pthread_mutex_destroy(&journal->lock);
    pthread_cond_destroy(&journal->written);
    g_ptr_array_unref(journal->waiting);
    g_hash_table_destroy(journal->known);
    g_free(journal->folder);
    g_free(journal);
}

const char *journal_folder(const struct journal *journal)
{
    return journal->folder;
}

double journal_seconds(const struct journal *journal)
{
    return journal->earlier;
}

int journal_count(const struct journal *journal)
{
    return (int)g_hash_table_size(journal->known);
}

/* ---- settings ---- */

char *journal_setting(struct journal *journal, const char *name)
{
    sqlite3_stmt *statement =
        database_prepare(&journal->database, "SELECT value FROM settings WHERE name = ?1", "s", name);
    char *value = NULL;
    if (statement && sqlite3_step(statement) == SQLITE_ROW)
        value = g_strdup((const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    return value;
}

bool journal_keep_settings(struct journal *journal, const char *const *names, const char *const *values, int count,
                          GError **error)
{
    struct database *database = &journal->database;
    bool good = database_begin(database, error) &&
                database_execute(database, "DELETE FROM settings", "change the settings", error);
    for (int i = 0; good && i < count; i++)
        good = database_finish(
            database, database_prepare(database, "INSERT INTO settings VALUES (?1, ?2)", "ss", names[i], values[i]),
            "save the settings", error);
    return database_end(database, good, error);
}

bool journal_check_settings(struct journal *journal, const char *const *names, const char *const *values, int count,
                            GError **error)
{
    if (journal_count(journal) == 0)
        return journal_keep_settings(journal, names, values, count, error);
    GString *differences = g_string_new(NULL);
    for (int i = 0; i < count; i++) {
        char *kept = journal_setting(journal, names[i]);
        if (strcmp(kept ? kept : "", values[i]) != 0) /* a setting newer than the journal is absent, and was not set */
            g_string_append_printf(differences, "%s%s was \"%s\" and is now \"%s\"", differences->len ? ", " : "",
                                   names[i], kept ? kept : "", values[i]);
        g_free(kept);
    }
    bool same = differences->len == 0;
    if (!same)
        g_set_error(error, JOURNAL_ERROR, JOURNAL_ERROR_DIFFERS,
                    "%s holds a different tournament: %s; rerun its command, or give another --out", journal->folder,
                    differences->str);
    g_string_free(differences, TRUE);
    return same;
}

/* ---- games ---- */

bool journal_lookup(struct journal *journal, int number, struct match_record *record, GError **error)
{
    const struct match_record *kept = g_hash_table_lookup(journal->known, GINT_TO_POINTER(number));
    if (!kept)
        return false;
    if (kept->side[0] != record->side[0] || kept->side[1] != record->side[1] || kept->round != record->round ||
        kept->pair != record->pair || kept->opening != record->opening) {
        g_set_error(error, JOURNAL_ERROR, JOURNAL_ERROR_DIFFERS,
                    "%s: game %d differs from the schedule of this program version; give another --out",
                    journal->folder, number + 1);
        return false;
    }
    *record = *kept;
    record->reason = g_strdup(kept->reason);
    return true;
}

static bool write_row(struct database *database, const struct row *row, GError **error)
{
    const struct match_record *r = &row->record;
    sqlite3_stmt *statement = database_prepare(
        database, "INSERT INTO games VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19)",
        "iiiiiiiiiddiisissss", (int64_t)row->number, (int64_t)r->round, (int64_t)r->pair, (int64_t)r->opening,
        (int64_t)r->side[0], (int64_t)r->side[1], (int64_t)r->outcome, (int64_t)r->end, (int64_t)r->loser,
        (double)r->margin, r->seconds, (int64_t)r->hash, (int64_t)r->symmetric, r->reason, (int64_t)r->plies,
        row->texts[0], row->texts[1], row->texts[2], row->texts[3]);
    return database_finish(database, statement, "save a game", error);
}

static bool write_rows(struct journal *journal, const GPtrArray *rows, double seconds, GError **error)
{
    struct database *database = &journal->database;
    bool good = database_begin(database, error);
    for (guint i = 0; good && i < rows->len; i++)
        good = write_row(database, rows->pdata[i], error);
    good = good && database_finish(database,
                                   database_prepare(database, "INSERT OR REPLACE INTO sessions VALUES (?1, ?2)", "id",
                                                    journal->session, seconds - journal->earlier),
                                   "save the elapsed time", error);
    return database_end(database, good, error);
}

void journal_queue(struct journal *journal, int number, const struct match_record *record,
                   const struct match_game *played, double seconds)
{
    struct row *row = row_new(journal->game, number, record, played);
    pthread_mutex_lock(&journal->lock);
    g_ptr_array_add(journal->waiting, row);
    journal->seconds = MAX(journal->seconds, seconds);
    pthread_mutex_unlock(&journal->lock);
}

/* Writes what waits, until nothing does or it fails. The lock is held, but not while it writes. */
static bool write_waiting(struct journal *journal, GError **error)
{
    bool good = true;
    while (!journal->writing && good && journal->waiting->len) {
        GPtrArray *rows = journal->waiting;
        double until = journal->seconds;
        journal->waiting = g_ptr_array_new_with_free_func(row_free);
        journal->writing = true;
        pthread_mutex_unlock(&journal->lock);
        good = write_rows(journal, rows, until, error);
        g_ptr_array_unref(rows);
        pthread_mutex_lock(&journal->lock);
        journal->writing = false;
        journal->failed = journal->failed || !good;
        pthread_cond_broadcast(&journal->written);
    }
    return good;
}

bool journal_write(struct journal *journal, GError **error)
{
    pthread_mutex_lock(&journal->lock);
    bool good = write_waiting(journal, error);
    pthread_mutex_unlock(&journal->lock);
    return good;
}

bool journal_flush(struct journal *journal, GError **error)
{
    bool good = true;
    pthread_mutex_lock(&journal->lock);
    while (good && !journal->failed && (journal->writing || journal->waiting->len))
        if (journal->writing)
            pthread_cond_wait(&journal->written, &journal->lock);
        else
            good = write_waiting(journal, error);
    if (good && journal->failed) {
        g_set_error(error, JOURNAL_ERROR, JOURNAL_ERROR_PLACE, "%s: games could not be saved", journal->folder);
        good = false;
    }
    pthread_mutex_unlock(&journal->lock);
    return good;
}

/* ---- reading back ---- */

static struct match_game *read_game(const struct journal *journal, sqlite3_stmt *statement,
                                    const struct match_record *record)
{
    struct match_game *game = g_new0(struct match_game, 1);
    const char *texts[JOURNAL_TEXTS];
    for (int i = 0; i < JOURNAL_TEXTS; i++)
        texts[i] = (const char *)sqlite3_column_text(statement, 15 + i);
    *game = (struct match_game){.end = record->end,
                                .outcome = record->outcome,
                                .margin = record->margin,
                                .loser = record->loser,
                                .seconds = record->seconds};
    g_strlcpy(game->reason, record->reason ? record->reason : "", sizeof game->reason);
    journal_parse_moves(journal->game, texts, game);
    return game;
}

bool journal_visit(struct journal *journal,
                   void (*visit)(int number, const struct match_record *record, const struct match_game *game,
                                 void *data),
                   void *data, GError **error)
{
    sqlite3_stmt *statement = database_prepare(
        &journal->database, "SELECT " RECORD_COLUMNS ", moves, times_ms, told, visits FROM games ORDER BY number", "");
    int code = SQLITE_ERROR;
    while (statement && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        struct match_record record;
        int number = read_record(statement, &record); /* checked when the journal was opened */
        struct match_game *game = read_game(journal, statement, &record);
        visit(number, &record, game, data);
        match_game_clear(game);
        g_free(game);
        g_free(record.reason);
    }
    if (code != SQLITE_DONE)
        database_failed(&journal->database, "read games", error);
    sqlite3_finalize(statement);
    return code == SQLITE_DONE;
}
