#include "agents/memory/file.h"

#include <math.h>
#include <string.h>

#include "agents/memory/sql.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/memory.h"

struct memory_file {
    struct memory_source source; /* must be first */
    sqlite3 *db;
    GHashTable *positions; /* struct memory_position * as key and value, owned */
    GHashTable *times;     /* lesson id -> time, both int64_t * */
    int64_t net, version;  /* of the net that plays; of the file, as this connection last read it */
};

void memory_lesson_clear(struct memory_lesson *lesson)
{
    g_free(lesson->game);
    g_free(lesson->moves);
    g_free(lesson->played);
    g_free(lesson->better);
    g_free(lesson->unfinished);
    *lesson = (struct memory_lesson){0};
}

/* ---- positions in memory ---- */

static guint hash_key(gconstpointer position)
{
    return (guint)((const struct memory_position *)position)->key.bits[0];
}

static gboolean same_key(gconstpointer a, gconstpointer b)
{
    return eval_key_equal(((const struct memory_position *)a)->key, ((const struct memory_position *)b)->key);
}

const struct memory_position *memory_file_find(const struct memory_file *file, struct eval_key key)
{
    const struct memory_position wanted = {.key = key};
    return g_hash_table_lookup(file->positions, &wanted);
}

int64_t memory_file_time(const struct memory_file *file, int64_t lesson)
{
    const int64_t *time = g_hash_table_lookup(file->times, &lesson);
    return time ? *time : 0;
}

int memory_file_count(const struct memory_file *file, int64_t lesson)
{
    GHashTableIter at;
    gpointer position;
    int count = 0;
    g_hash_table_iter_init(&at, file->positions);
    while (g_hash_table_iter_next(&at, &position, NULL))
        count += ((struct memory_position *)position)->lesson == lesson;
    return count;
}

int memory_file_visits(const struct memory_file *file, const struct memory_position *position)
{
    const double newer = (double)MAX(file->net - position->net, 0);
    const double lost = (double)MAX(position->losses - position->wins, 0);
    const double visits = (double)MIN(position->visits, MEMORY_MAX_VISITS);
    return (int)(visits * exp2(-newer / MEMORY_HALF_LIFE_NETS - lost));
}

/* Whether the best move is trusted: the position after the move that lost is remembered, too, as won for the opponent. A false
 * memory is seldom backed by such a second one. */
static bool is_believed(const struct memory_file *file, const struct memory_position *position)
{
    const struct memory_position *after = memory_file_find(file, position->after);
    return position->lost_here && after && !after->lost_here && after->value > 0;
}

static bool recall(const struct memory_source *source, struct eval_key key, struct memory_trace *trace)
{
    const struct memory_file *file = (const struct memory_file *)source;
    const struct memory_position *position = memory_file_find(file, key);
    if (position)
        *trace = (struct memory_trace){position->best, position->value, memory_file_visits(file, position),
                                       !is_believed(file, position)};
    return position != NULL;
}

static const struct memory_source_ops file_ops = {.name = "file", .recall = recall};

const struct memory_source *memory_file_source(const struct memory_file *file)
{
    return &file->source;
}

/* ---- reading ---- */

static GHashTable *new_times(void)
{
    return g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
}

static bool read_times(struct memory_file *file, GHashTable *times, GError **error)
{
    sqlite3_stmt *rows = sql_prepare(file->db, "SELECT id, time FROM lessons", "");
    int status = SQLITE_ERROR;
    while (rows && (status = sqlite3_step(rows)) == SQLITE_ROW) {
        const int64_t id = sqlite3_column_int64(rows, 0), time = sqlite3_column_int64(rows, 1);
        g_hash_table_insert(times, g_memdup2(&id, sizeof id), g_memdup2(&time, sizeof time));
    }
    const bool good = status == SQLITE_DONE || sql_failed(file->db, "read", error);
    sqlite3_finalize(rows);
    return good;
}

/* False for what this program would not have written. */
static bool read_row(sqlite3_stmt *rows, struct memory_position *position)
{
    const int64_t best = sqlite3_column_int64(rows, 1);
    if (sqlite3_column_type(rows, 0) != SQLITE_BLOB || sqlite3_column_bytes(rows, 0) != sizeof position->key.bits)
        return false;
    memcpy(position->key.bits, sqlite3_column_blob(rows, 0), sizeof position->key.bits);
    position->best = best >= 0 && best < GAME_MAX_MOVES ? (game_move)best : GAME_NO_MOVE;
    position->value = (float)sqlite3_column_double(rows, 2);
    position->visits = sqlite3_column_int64(rows, 3);
    position->lost_here = sqlite3_column_int64(rows, 4) != 0;
    position->lesson = sqlite3_column_int64(rows, 5);
    position->net = sqlite3_column_int64(rows, 6);
    int64_t *const counts[] = {&position->met, &position->wins, &position->draws, &position->losses};
    for (int i = 0; i < (int)G_N_ELEMENTS(counts); i++)
        *counts[i] = CLAMP(sqlite3_column_int64(rows, 7 + i), 0, G_MAXINT32);
    position->after = (struct eval_key){{0, 0}};
    if (sqlite3_column_type(rows, 11) == SQLITE_BLOB && sqlite3_column_bytes(rows, 11) == sizeof position->after.bits)
        memcpy(position->after.bits, sqlite3_column_blob(rows, 11), sizeof position->after.bits);
    return fabsf(position->value) <= 1 && position->visits > 0;
}

static bool read_positions(struct memory_file *file, GHashTable *positions, GError **error)
{
    sqlite3_stmt *rows = sql_prepare(
        file->db,
        "SELECT key, best, value, visits, lost_here, lesson, net, met, wins, draws, losses, after FROM positions LIMIT ?", "i",
        (int64_t)MEMORY_FILE_POSITIONS);
    int status = SQLITE_ERROR;
    while (rows && (status = sqlite3_step(rows)) == SQLITE_ROW) {
        struct memory_position position;
        if (read_row(rows, &position))
            g_hash_table_add(positions, g_memdup2(&position, sizeof position));
    }
    const bool good = status == SQLITE_DONE || sql_failed(file->db, "read", error);
    sqlite3_finalize(rows);
    return good;
}

/* A number that changes when another connection commits. */
static int64_t data_version(struct memory_file *file)
{
    sqlite3_stmt *row = sql_prepare(file->db, "PRAGMA data_version", "");
    const int64_t version = row && sqlite3_step(row) == SQLITE_ROW ? sqlite3_column_int64(row, 0) : -1;
    sqlite3_finalize(row);
    return version;
}

static bool load(struct memory_file *file, GError **error)
{
    GHashTable *positions = g_hash_table_new_full(hash_key, same_key, g_free, NULL), *times = new_times();
    const int64_t version = data_version(file);
    const bool good = read_positions(file, positions, error) && read_times(file, times, error);
    if (good) {
        g_clear_pointer(&file->positions, g_hash_table_unref);
        g_clear_pointer(&file->times, g_hash_table_unref);
        file->positions = g_steal_pointer(&positions);
        file->times = g_steal_pointer(&times);
        file->version = version;
        file->source.count = g_hash_table_size(file->positions);
        file->source.revision++;
    }
    g_clear_pointer(&positions, g_hash_table_unref);
    g_clear_pointer(&times, g_hash_table_unref);
    return good;
}

bool memory_file_refresh(struct memory_file *file, GError **error)
{
    return data_version(file) == file->version || load(file, error);
}

bool memory_file_open(struct memory_file **out, const char *path, GError **error)
{
    struct memory_file *file = g_new0(struct memory_file, 1);
    file->source.ops = &file_ops;
    file->db = sql_open(path, error);
    *out = NULL;
    if (!file->db || !load(file, error)) {
        memory_file_close(file);
        return false;
    }
    *out = file;
    return true;
}

void memory_file_close(struct memory_file *file)
{
    if (!file)
        return;
    g_clear_pointer(&file->positions, g_hash_table_unref);
    g_clear_pointer(&file->times, g_hash_table_unref);
    sqlite3_close(file->db);
    g_free(file);
}

bool memory_file_set_net(struct memory_file *file, const char *sum, GError **error)
{
    if (!sql_finish(file->db, sql_prepare(file->db, "INSERT OR IGNORE INTO nets(sum) VALUES(?)", "s", sum), "write",
                    error))
        return false;
    sqlite3_stmt *row = sql_prepare(file->db, "SELECT number FROM nets WHERE sum = ?", "s", sum);
    const bool good = row && sqlite3_step(row) == SQLITE_ROW;
    if (good)
        file->net = sqlite3_column_int64(row, 0);
    else
        sql_failed(file->db, "read", error);
    sqlite3_finalize(row);
    file->source.revision++;
    return good;
}

/* ---- writing ---- */

static bool add_position(struct memory_file *file, const struct memory_lesson *lesson,
                         const struct memory_position *position, GError **error)
{
    return sql_finish(file->db,
                      sql_prepare(file->db,
                                  "INSERT OR REPLACE INTO positions(key, lesson, best, value, visits, lost_here, net, after)"
                                  " VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
                                  "kiidiiik", position->key.bits, lesson->id, (int64_t)position->best,
                                  (double)position->value, position->visits, (int64_t)position->lost_here, file->net,
                                  position->after.bits),
                      "write", error);
}

/* Forgets lessons of which nothing is left, and while there are too many positions those that were met longest ago. */
static bool tidy(struct memory_file *file, GError **error)
{
    static const char too_many[] = "DELETE FROM positions WHERE lesson IN (SELECT id FROM lessons ORDER BY"
                                   " max(time, last_met), id LIMIT (SELECT CASE WHEN count(*) > ? THEN 1 + (SELECT"
                                   " count(*) FROM lessons) / 100 ELSE 0 END FROM positions))";
    return sql_finish(file->db, sql_prepare(file->db, too_many, "i", (int64_t)MEMORY_FILE_POSITIONS), "write", error) &&
           sql_execute(file->db, "DELETE FROM lessons WHERE id NOT IN (SELECT lesson FROM positions)", "write", error);
}

static bool add_lesson(struct memory_file *file, struct memory_lesson *lesson, GError **error)
{
    const bool good =
        sql_finish(file->db,
                   sql_prepare(file->db,
                               "INSERT INTO lessons(time, game, moves, played, better, decision, player, value, unfinished)"
                               " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
                               "issssiids", lesson->time, lesson->game, lesson->moves, lesson->played, lesson->better,
                               (int64_t)lesson->decision, (int64_t)lesson->player, (double)lesson->value,
                               lesson->unfinished),
                   "write", error);
    lesson->id = good ? sqlite3_last_insert_rowid(file->db) : 0;
    return good;
}

bool memory_file_learn(struct memory_file *file, struct memory_lesson *lesson, const struct memory_position *positions,
                       int count, GError **error)
{
    if (!sql_begin(file->db, error))
        return false;
    bool good = add_lesson(file, lesson, error);
    for (int i = 0; i < count && good; i++)
        good = add_position(file, lesson, &positions[i], error);
    good = good && tidy(file, error);
    return sql_end(file->db, good, error) && load(file, error);
}

static bool meet(struct memory_file *file, const struct memory_meeting *met, int64_t now, GError **error)
{
    static const char position[] = "UPDATE positions SET met = met + 1, wins = wins + ?, draws = draws + ?,"
                                   " losses = losses + ? WHERE key = ?";
    static const char lesson[] = "UPDATE lessons SET met = met + (last_met < ?1), last_met = ?1 WHERE id ="
                                 " (SELECT lesson FROM positions WHERE key = ?2)";
    const int64_t win = met->followed && met->result > 0, draw = met->followed && met->result == 0,
                  loss = met->followed && met->result < 0;
    return sql_finish(file->db, sql_prepare(file->db, position, "iiik", win, draw, loss, met->key.bits), "write",
                      error) &&
           sql_finish(file->db, sql_prepare(file->db, lesson, "ik", now, met->key.bits), "write", error);
}

bool memory_file_meet(struct memory_file *file, const struct memory_meeting *meetings, int count, int64_t now,
                      GError **error)
{
    if (!sql_begin(file->db, error))
        return false;
    bool good = true;
    for (int i = 0; i < count && good; i++)
        good = meet(file, &meetings[i], now, error);
    return sql_end(file->db, good, error) && load(file, error);
}

/* ---- lessons ---- */

static void free_lesson(gpointer lesson)
{
    memory_lesson_clear(lesson);
    g_free(lesson);
}

GPtrArray *memory_file_lessons(struct memory_file *file, GError **error)
{
    GPtrArray *lessons = g_ptr_array_new_with_free_func(free_lesson);
    sqlite3_stmt *rows = sql_prepare(file->db,
                                     "SELECT id, time, game, moves, played, better, decision, player, value, met,"
                                     " last_met, unfinished FROM lessons ORDER BY time DESC, id DESC",
                                     "");
    int status = SQLITE_ERROR;
    while (rows && (status = sqlite3_step(rows)) == SQLITE_ROW) {
        struct memory_lesson *lesson = g_new0(struct memory_lesson, 1);
        lesson->id = sqlite3_column_int64(rows, 0);
        lesson->time = sqlite3_column_int64(rows, 1);
        lesson->game = g_strdup(sql_text(rows, 2));
        lesson->moves = g_strdup(sql_text(rows, 3));
        lesson->played = g_strdup(sql_text(rows, 4));
        lesson->better = sqlite3_column_type(rows, 5) == SQLITE_NULL ? NULL : g_strdup(sql_text(rows, 5));
        lesson->decision = (int)CLAMP(sqlite3_column_int64(rows, 6), 0, G_MAXINT16);
        lesson->player = sqlite3_column_int64(rows, 7) != 0;
        lesson->value = (float)sqlite3_column_double(rows, 8);
        lesson->met = sqlite3_column_int64(rows, 9);
        lesson->last_met = sqlite3_column_int64(rows, 10);
        lesson->unfinished = sqlite3_column_type(rows, 11) == SQLITE_NULL ? NULL : g_strdup(sql_text(rows, 11));
        g_ptr_array_add(lessons, lesson);
    }
    sqlite3_finalize(rows);
    if (status == SQLITE_DONE)
        return lessons;
    g_ptr_array_free(lessons, TRUE);
    sql_failed(file->db, "read", error);
    return NULL;
}

bool memory_file_forget(struct memory_file *file, int64_t lesson, int64_t before, int64_t *count, GError **error)
{
    *count = 0;
    if (!sql_begin(file->db, error))
        return false;
    bool good = sql_finish(
        file->db,
        sql_prepare(file->db, "DELETE FROM lessons WHERE (?1 = 0 OR id = ?1) AND time < ?2", "ii", lesson, before),
        "write", error);
    *count = good ? sqlite3_changes(file->db) : 0;
    good = good &&
           sql_execute(file->db, "DELETE FROM positions WHERE lesson NOT IN (SELECT id FROM lessons)", "write", error);
    return sql_end(file->db, good, error) && load(file, error);
}
