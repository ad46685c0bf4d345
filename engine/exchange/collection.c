#include "engine/exchange/collection.h"

#include <sqlite3.h>
#include <string.h>

#include "engine/store/record.h"
#include "engine/store/store.h"
#include "games/record/sgf.h"

enum { BATCH = 256, MAX_DEPTH = 16 };

const char *const collection_skip_texts[COLLECTION_SKIPS] = {
    [COLLECTION_UNREADABLE] = "cannot be read as SGF",
    [COLLECTION_OTHER_GAME] = "are of another game or board than the run",
    [COLLECTION_SET_UP] = "have set-up stones other than the usual handicap",
    [COLLECTION_ILLEGAL] = "have a move that the rules do not allow, or out of turn",
    [COLLECTION_EMPTY] = "have no moves",
    [COLLECTION_NO_RESULT] = "have no result",
    [COLLECTION_DUPLICATE] = "are in the run already",
};

struct adding {
    struct store *store;
    const struct game *games;
    int game_count;
    uint64_t next;
    GHashTable *known; /* gint64: moves_hash of the games of the run */
    GPtrArray *batch;  /* struct record, owned */
    struct collection_summary *summary;
};

void collection_summary_clear(struct collection_summary *summary)
{
    for (int i = 0; i < COLLECTION_SKIPS; i++)
        g_clear_pointer(&summary->example[i], g_free);
}

static void skip(struct adding *adding, enum collection_skip why, const char *path, const char *more)
{
    struct collection_summary *summary = adding->summary;
    summary->skipped[why]++;
    if (summary->example[why])
        return;
    /* The message about a file names it. */
    summary->example[why] = !more                          ? g_strdup(path)
                            : why == COLLECTION_UNREADABLE ? g_strdup(more)
                                                           : g_strdup_printf("%s: %s", path, more);
}

/* ---- games ---- */

static bool load_known(struct adding *adding, GError **error)
{
    sqlite3_stmt *statement = NULL;
    store_lock(adding->store);
    int code = sqlite3_prepare_v2(store_database(adding->store), "SELECT moves FROM games", -1, &statement, NULL);
    while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        const gint64 hash = sqlite3_column_int64(statement, 0);
        g_hash_table_add(adding->known, g_memdup2(&hash, sizeof hash));
        code = SQLITE_OK;
    }
    sqlite3_finalize(statement);
    if (code != SQLITE_DONE)
        g_set_error(error, STORE_ERROR, STORE_ERROR_PLACE, "%s/run.db: cannot read games: %s",
                    store_folder(adding->store), sqlite3_errmsg(store_database(adding->store)));
    store_unlock(adding->store);
    return code == SQLITE_DONE;
}

static bool flush(struct adding *adding, GError **error)
{
    GPtrArray *batch = adding->batch;
    bool good = batch->len == 0 ||
                store_add_games(adding->store, (struct record *const *)(void *)batch->pdata, (int)batch->len, error);
    for (guint i = 0; good && i < batch->len; i++) {
        adding->summary->games++;
        adding->summary->rows += ((const struct record *)batch->pdata[i])->rows;
    }
    g_ptr_array_set_size(batch, 0);
    return good;
}

static bool add_tree(struct adding *adding, const struct sgf_node *root, const char *path, GError **error)
{
    struct record *record;
    char *why;
    enum collection_skip how = collection_read(root, adding->games, adding->game_count, adding->next, &record, &why);
    if (how == COLLECTION_TAKEN) {
        const gint64 hash = (gint64)record->moves_hash;
        if (g_hash_table_add(adding->known, g_memdup2(&hash, sizeof hash))) {
            adding->next++;
            g_ptr_array_add(adding->batch, record);
            return adding->batch->len < BATCH || flush(adding, error);
        }
        record_unref(record);
        how = COLLECTION_DUPLICATE;
    }
    skip(adding, how, path, why);
    g_free(why);
    return true;
}

/* ---- files ---- */

/* A file that is no SGF is left out: a folder often has others. */
static bool add_file(struct adding *adding, const char *path, GError **error)
{
    GError *problem = NULL;
    struct sgf *sgf = sgf_load(path, &problem);
    bool good = true;
    adding->summary->files++;
    if (!sgf)
        skip(adding, COLLECTION_UNREADABLE, path, problem->message);
    for (const struct sgf_node *root = sgf ? sgf_root(sgf) : NULL; good && root; root = root->next)
        good = add_tree(adding, root, path, error);
    g_clear_error(&problem);
    sgf_free(sgf);
    return good;
}

static gint by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Appends the paths of the files below a folder, in the order of their names. */
static bool list_files(const char *folder, int depth, GPtrArray *files, GError **error)
{
    GDir *dir = g_dir_open(folder, 0, error);
    if (!dir)
        return false;
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    for (const char *name; (name = g_dir_read_name(dir)) != NULL;)
        g_ptr_array_add(names, g_strdup(name));
    g_dir_close(dir);
    g_ptr_array_sort(names, by_name);
    bool good = true;
    for (guint i = 0; good && i < names->len; i++) {
        char *path = g_build_filename(folder, names->pdata[i], NULL), *lower = g_ascii_strdown(path, -1);
        if (g_file_test(path, G_FILE_TEST_IS_DIR))
            good = depth >= MAX_DEPTH || list_files(path, depth + 1, files, error);
        else if (g_str_has_suffix(lower, ".sgf"))
            g_ptr_array_add(files, g_strdup(path));
        g_free(lower);
        g_free(path);
    }
    g_ptr_array_unref(names);
    return good;
}

static bool add_path(struct adding *adding, const char *path, GError **error)
{
    if (!g_file_test(path, G_FILE_TEST_IS_DIR)) {
        if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
            return add_file(adding, path, error);
        g_set_error(error, STORE_ERROR, STORE_ERROR_ABSENT, "there is no file or folder %s", path);
        return false;
    }
    GPtrArray *files = g_ptr_array_new_with_free_func(g_free);
    bool good = list_files(path, 0, files, error);
    for (guint i = 0; good && i < files->len; i++)
        good = add_file(adding, files->pdata[i], error);
    g_ptr_array_unref(files);
    return good;
}

bool collection_add(struct store *store, const struct game *games, int game_count, const char *path,
                    struct collection_summary *summary, GError **error)
{
    struct adding adding = {.store = store, .games = games, .game_count = game_count, .summary = summary};
    struct store_counts counts;
    *summary = (struct collection_summary){0};
    if (!store_count(store, &counts, error))
        return false;
    adding.next = counts.next_number;
    adding.known = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    adding.batch = g_ptr_array_new_with_free_func((GDestroyNotify)record_unref);
    bool good = load_known(&adding, error) && add_path(&adding, path, error) && flush(&adding, error);
    g_ptr_array_unref(adding.batch);
    g_hash_table_unref(adding.known);
    return good;
}
