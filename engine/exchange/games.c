#include "engine/exchange/games.h"

#include <errno.h>
#include <math.h>

#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "engine/store/store.h"
#include "games/game.h"
#include "games/record/sgf.h"

enum { CHUNK_ROWS = 20000 };

int games_of_run(struct store *store, struct settings *settings, struct game *games, GError **error)
{
    bool found = false;
    struct game game;
    *settings = (struct settings){0};
    if (!store_load_settings(store, settings, &found, error))
        return 0;
    if (!found) {
        g_set_error(error, STORE_ERROR, STORE_ERROR_ABSENT,
                    "%s contains no settings yet; wait until training has started", store_folder(store));
        return 0;
    }
    if (!game_parse(&game, settings->game, error))
        return 0;
    settings_presets(settings, &game); /* fill in what the run does not store */
    return store_load_settings(store, settings, &found, error) ? settings_games(settings, games, error) : 0;
}

bool games_each(struct store *store, const struct game *games, int game_count, int64_t rows,
                bool (*visit)(const struct record *record, void *user, GError **error), void *user, GError **error)
{
    int64_t before = STORE_ALL_GAMES, left = rows;
    bool good = true;
    while (good && left > 0) {
        GPtrArray *records;
        const struct store_range range = {.before = before, .rows = MIN(left, CHUNK_ROWS)};
        if (!store_load_range(store, &range, games, game_count, &records, error))
            return false;
        const guint count = records->len;
        for (guint i = count; good && i > 0; i--) {
            const struct record *record = records->pdata[i - 1];
            before = (int64_t)record->number;
            left -= rows == INT64_MAX ? 0 : record->rows;
            good = visit(record, user, error);
        }
        g_ptr_array_unref(records);
        if (count == 0)
            break;
    }
    return good;
}

/* ---- SGF ---- */

/* "B+3.5", "W+" (by how much is not known, or there are no points), "0". Colours are those at the end, after any swaps. */
static void set_result(struct sgf_node *root, const struct record *record, const struct position *last)
{
    char text[32];
    const struct game_result *result = &record->result;
    if (result->outcome == GAME_DRAWN) {
        sgf_set(root, "RE", "0");
        return;
    }
    const char colour = (result->outcome == GAME_WON_1) == last->black_player ? 'B' : 'W';
    if (record->game.has_score && record->source != RECORD_OUTCOME_STATED)
        g_snprintf(text, sizeof text, "%c+%g", colour, fabs((double)result->margin));
    else
        g_snprintf(text, sizeof text, "%c+", colour);
    sgf_set(root, "RE", text);
}

static void set_comment(struct sgf_node *node, const struct record_ply *ply)
{
    char text[96];
    if (ply->flags & RECORD_COPIED)
        g_strlcpy(text, "copied from an earlier game", sizeof text);
    else if (ply->flags & RECORD_SEARCHED)
        g_snprintf(text, sizeof text, "win %.1f %%, draw %.1f %%, loss %.1f %%", 100 * (double)ply->wdl[0],
                   100 * (double)ply->wdl[1], 100 * (double)ply->wdl[2]);
    else
        return;
    if (!sgf_get(node, "C")) /* a decision already has its name there */
        sgf_set_text(node, "C", text);
}

char *games_sgf(const struct record *record, gsize *length)
{
    union any_position at;
    struct sgf *sgf = sgf_new();
    struct sgf_node *root = sgf_add(sgf->top), *node = root;
    char name[64], spec[GAME_SPEC_MAX];
    sgf_write_game(root, &record->game);
    game_init(&record->game, &at.p);
    for (int i = 0; i < record->ply_count; i++) {
        node = sgf_add_move(node, &record->game, &at.p, record->plies[i].move);
        game_play(&record->game, &at.p, NULL, record->plies[i].move);
        set_comment(node, &record->plies[i]);
    }
    g_snprintf(name, sizeof name, "generation %u", record->generation);
    sgf_set_text(root, "PB", name);
    sgf_set_text(root, "PW", name);
    sgf_set_text(root, "GN", game_format(&record->game, spec));
    set_result(root, record, &at.p);
    char *text = sgf_format(sgf, length);
    sgf_free(sgf);
    return text;
}

struct target {
    const char *folder;
    int64_t written;
};

static bool write_game(const struct record *record, void *user, GError **error)
{
    struct target *target = user;
    char name[32];
    gsize length;
    g_snprintf(name, sizeof name, "%06" G_GUINT64_FORMAT ".sgf", record->number);
    char *path = g_build_filename(target->folder, name, NULL), *text = games_sgf(record, &length);
    bool good = g_file_set_contents(path, text, (gssize)length, error);
    target->written += good;
    g_free(text);
    g_free(path);
    return good;
}

bool games_write_sgf(struct store *store, const struct game *games, int game_count, const char *folder,
                     int64_t *written, GError **error)
{
    struct target target = {folder, 0};
    if (g_mkdir_with_parents(folder, 0777) != 0) {
        const int why = errno;
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(why), "cannot create the folder %s: %s", folder,
                    g_strerror(why));
        return false;
    }
    bool good = games_each(store, games, game_count, INT64_MAX, write_game, &target, error);
    *written = target.written;
    return good;
}
