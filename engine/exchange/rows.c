#include "engine/exchange/rows.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "engine/exchange/games.h"
#include "engine/exchange/npz.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "engine/store/store.h"
#include "engine/training/replay/row_weights.h"
#include "engine/training/replay/samples.h"
#include "games/game.h"
#include "net/net.h"
#include "net/targets.h"
#include "net/train.h"

#define ROWS_FORMAT "tengen-rows-1"

/* Rows are made in batches of this size. */
enum { BATCH = 256, STREAMS_MAX = 2 * NET_TARGETS_MAX + 5 };

/* An array of the file: so many numbers of a row, of which a batch is at `data`. */
struct column {
    struct npz_stream *stream;
    const void *data;
    size_t row_bytes;
    int rank;
    int64_t shape[NPZ_MAX_RANK]; /* from the second dimension on */
};

/* The rows of one board shape. */
struct table {
    const struct settings *settings;
    const struct game *game;
    const struct game_features *features;
    struct samples_form form;
    struct net_samples *samples;
    float draw[BATCH];
    int64_t number[BATCH];
    int32_t ply[BATCH];
    struct column columns[STREAMS_MAX];
    int column_count, filled; /* filled: rows in the batch */
    int64_t rows, games;
};

/* ---- columns ---- */

static bool add_column(struct table *table, struct npz_writer *writer, const char *name, const char *type,
                       const void *data, int rank, const int64_t *shape, GError **error)
{
    struct column *column = &table->columns[table->column_count];
    char board[GAME_SHAPE_TEXT_MAX], *full;
    *column = (struct column){.data = data, .rank = rank, .row_bytes = (size_t)(type[2] - '0')};
    for (int d = 0; d < rank; d++) {
        column->shape[d] = shape[d];
        column->row_bytes *= (size_t)shape[d];
    }
    g_snprintf(board, sizeof board, "%dx%d", table->game->width, table->game->height);
    full = g_strdup_printf("%s/%s", board, name);
    column->stream = npz_begin(writer, full, type, error);
    g_free(full);
    table->column_count += column->stream != NULL;
    return column->stream != NULL;
}

/* Whether rows of this game have the target. */
static bool has_target(const struct table *table, int target)
{
    return (int)net_target_rows((enum net_target_id)target) == target &&
           (table->game->has_score || !net_targets[target].needs_score) &&
           net_targets[target].horizon <= table->form.values.further_count &&
           (!net_targets[target].error || table->settings->value_error);
}

static bool add_target(struct table *table, struct npz_writer *writer, int target, GError **error)
{
    const struct net_target *about = &net_targets[target];
    const int64_t count = net_target_count(about, table->game->points, table->game->moves);
    char *weight = g_strconcat(about->name, "_weight", NULL);
    bool good = add_column(table, writer, about->name, "<f4", table->samples->target[target],
                           about->shape == NET_SHAPE_NUMBER ? 0 : 1, &count, error) &&
                add_column(table, writer, weight, "<f4", table->samples->weight[target], 0, NULL, error);
    g_free(weight);
    return good;
}

static bool add_columns(struct table *table, struct npz_writer *writer, GError **error)
{
    const struct game *game = table->game;
    const int64_t planes[] = {table->features->planes, game->height, game->width}, globals = table->features->globals;
    bool good = add_column(table, writer, "planes", "<f4", table->samples->planes, 3, planes, error) &&
                add_column(table, writer, "globals", "<f4", table->samples->globals, 1, &globals, error);
    for (int t = 0; good && t < NET_TARGETS; t++)
        good = !has_target(table, t) || add_target(table, writer, t, error);
    return good && add_column(table, writer, "draw_weight", "<f4", table->draw, 0, NULL, error) &&
           add_column(table, writer, "game", "<i8", table->number, 0, NULL, error) &&
           add_column(table, writer, "ply", "<i4", table->ply, 0, NULL, error);
}

static bool end_columns(struct table *table, GError **error)
{
    bool good = true;
    for (int i = 0; i < table->column_count; i++) {
        struct column *column = &table->columns[i];
        int64_t shape[NPZ_MAX_RANK + 1] = {table->rows};
        memcpy(shape + 1, column->shape, (size_t)column->rank * sizeof *shape);
        if (good)
            good = npz_end(column->stream, column->rank + 1, shape, error);
        else
            npz_drop(column->stream);
    }
    table->column_count = 0;
    return good;
}

/* ---- rows ---- */

static bool flush(struct table *table, GError **error)
{
    bool good = true;
    for (int i = 0; good && i < table->column_count; i++)
        good = npz_append(table->columns[i].stream, table->columns[i].data,
                          (size_t)table->filled * table->columns[i].row_bytes, error);
    table->rows += table->filled;
    table->filled = 0;
    return good;
}

/* Values of a target that a row does not have are arbitrary: they become 0, so that the file is always the same. */
static void clear_absent(struct net_samples *samples, int row)
{
    for (int t = 0; t < NET_TARGETS; t++)
        if (samples->weight[t][row] == 0)
            memset(net_samples_row(samples, (enum net_target_id)t, row), 0,
                   sizeof(float) * (size_t)net_samples_count(samples, (enum net_target_id)t));
}

static bool add_game(const struct record *record, void *user, GError **error)
{
    struct table *table = user;
    int64_t *weights = g_new(int64_t, record->ply_count + 1);
    bool good = true;
    row_weights(record, table->settings, weights);
    for (int ply = 0; good && ply < record->ply_count; ply++) {
        if (!(record->plies[ply].flags & RECORD_TRAIN))
            continue;
        const int at = table->filled++;
        samples_write(table->samples, at, record, ply, table->features, &table->form);
        clear_absent(table->samples, at);
        table->draw[at] = (float)weights[ply] / ROW_WEIGHT;
        table->number[at] = (int64_t)record->number;
        table->ply[at] = ply;
        good = table->filled < BATCH || flush(table, error);
    }
    table->games += record->rows > 0;
    g_free(weights);
    return good;
}

static bool write_table(struct table *table, struct store *store, struct npz_writer *writer, int64_t rows,
                        GError **error)
{
    const struct game *game = table->game;
    const struct net_info info = {.planes = table->features->planes,
                                  .globals = table->features->globals,
                                  .other_moves = game->moves - game->points};
    table->form.values = samples_values_of(table->settings, (struct game_shape){game->width, game->height});
    table->samples = net_samples_new(&info, game->width, game->height, BATCH);
    bool good = add_columns(table, writer, error) && games_each(store, game, 1, rows, add_game, table, error) &&
                flush(table, error);
    if (good)
        good = end_columns(table, error);
    for (int i = 0; i < table->column_count; i++)
        npz_drop(table->columns[i].stream);
    net_samples_free(table->samples);
    return good;
}

/* ---- the file ---- */

/* The array "about": JSON that says what the others are. */
static bool write_about(struct npz_writer *writer, const struct settings *settings,
                        const struct game_features *features, const struct game *game, cJSON *boards, GError **error)
{
    cJSON *about = cJSON_CreateObject();
    cJSON_AddStringToObject(about, "format", ROWS_FORMAT);
    cJSON_AddStringToObject(about, "program", "tengen " TENGEN_VERSION);
    cJSON_AddStringToObject(about, "game", settings->game);
    cJSON_AddStringToObject(about, "features", features->name);
    cJSON_AddNumberToObject(about, "planes", features->planes);
    cJSON_AddNumberToObject(about, "globals", features->globals);
    cJSON_AddNumberToObject(about, "other_moves", game->moves - game->points);
    cJSON_AddItemToObject(about, "rows", boards);
    char *text = cJSON_PrintUnformatted(about), type[32];
    g_snprintf(type, sizeof type, "|S%zu", strlen(text));
    bool good = npz_add(writer, "about", type, 0, NULL, text, strlen(text), error);
    cJSON_free(text);
    cJSON_Delete(about);
    return good;
}

static bool write_tables(struct store *store, struct npz_writer *writer, const struct settings *settings,
                         const struct game *games, int count, int64_t rows, struct rows_summary *summary,
                         GError **error)
{
    const struct game_features *features = settings_features(settings, &games[0], error);
    if (!features)
        return false;
    cJSON *boards = cJSON_CreateObject();
    bool good = true;
    for (int i = 0; good && i < count; i++) {
        struct table *table = g_new0(struct table, 1);
        char board[GAME_SHAPE_TEXT_MAX];
        table->settings = settings;
        table->game = &games[i];
        table->features = features;
        good = write_table(table, store, writer, rows, error);
        g_snprintf(board, sizeof board, "%dx%d", games[i].width, games[i].height);
        cJSON_AddNumberToObject(boards, board, (double)table->rows);
        summary->rows += table->rows;
        summary->games += table->games;
        g_free(table);
    }
    if (good && summary->rows == 0)
        good = settings_fail(error, "%s has no training rows for %s; give a run that has games of it",
                             store_folder(store), settings->game);
    if (!good) {
        cJSON_Delete(boards);
        return false;
    }
    return write_about(writer, settings, features, &games[0], boards, error);
}

bool rows_write_npz(struct store *store, const char *path, int64_t rows, struct rows_summary *summary, GError **error)
{
    struct settings settings;
    struct game games[SETTINGS_MAX_GAMES];
    *summary = (struct rows_summary){0};
    const int count = games_of_run(store, &settings, games, error);
    struct npz_writer *writer = count ? npz_create(path, error) : NULL;
    bool good = writer && write_tables(store, writer, &settings, games, count, rows, summary, error);
    if (good)
        return npz_commit(writer, error);
    npz_abort(writer);
    return false;
}
