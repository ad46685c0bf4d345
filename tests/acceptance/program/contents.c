/* Prints the decoded contents of a run or a tournament, without anything that depends on time: games with their moves,
 * values and policies, and a checksum of the weights of each net and of each trainer state. Two programs that behave
 * the same produce the same text, whatever their storage formats (same_behaviour.sh compares them).
 *
 * Usage: acceptance_contents run FOLDER | journal FOLDER GAME   (opens FOLDER for reading, a journal for writing) */
#include <string.h>

#include "engine/match/journal.h"
#include "engine/settings/settings.h"
#include "engine/store/store.h"
#include "games/game.h"
#include "tests/engine/compatibility/contents.h"

/* ---- runs ---- */

/* Prints the tensors of a .safetensors file, without its header, which contains notes. */
static bool print_tensors(struct store *store, const char *name, GError **error)
{
    char *path = store_net_path(store, name), *bytes;
    gsize size;
    guint64 header;
    bool good = g_file_get_contents(path, &bytes, &size, error);
    if (good) {
        good = size >= sizeof header;
        memcpy(&header, bytes, good ? sizeof header : 0);
        good = good && GUINT64_FROM_LE(header) <= size - sizeof header;
        if (good) {
            gsize start = sizeof header + (gsize)GUINT64_FROM_LE(header);
            char *sum = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (guchar *)bytes + start, size - start);
            printf("%s: %s\n", name, sum);
            g_free(sum);
        } else {
            g_set_error(error, STORE_ERROR, STORE_ERROR_PLACE, "%s is truncated", path);
        }
        g_free(bytes);
    }
    g_free(path);
    return good;
}

static bool print_checkpoints(struct store *store, GError **error)
{
    struct store_checkpoint at;
    GArray *generations;
    bool found, good = store_last_checkpoint(store, &at, &found, error) && store_ladder(store, &generations, error);
    if (!good || !found)
        return good;
    printf("checkpoint %u: %" G_GINT64_FORMAT " steps, %" G_GINT64_FORMAT " samples, %" G_GINT64_FORMAT
           " games, %" G_GINT64_FORMAT " rows, rate scale %g\n",
           at.generation, at.steps, at.samples, at.games, at.rows, at.rate_scale);
    for (guint i = 0; good && i < generations->len; i++) {
        char *name = store_generation_name(g_array_index(generations, uint32_t, i));
        good = print_tensors(store, name, error);
        g_free(name);
    }
    char *name = store_state_name(at.generation);
    good = good && print_tensors(store, name, error);
    g_free(name);
    g_array_unref(generations);
    return good;
}

static bool print_run(const char *folder, GError **error)
{
    struct store *store;
    struct settings settings = {0};
    struct game games[SETTINGS_MAX_GAMES];
    GPtrArray *records;
    bool found;
    int count;
    if (store_open(&store, folder, STORE_READ, error) != 0)
        return false;
    bool good = store_load_settings(store, &settings, &found, error) &&
                (count = settings_games(&settings, games, error)) > 0 &&
                store_load_games(store, games, count, INT64_MAX, &records, error);
    if (good) {
        for (guint i = 0; i < records->len; i++)
            contents_print_game(stdout, records->pdata[i]);
        good = print_checkpoints(store, error);
        g_ptr_array_unref(records);
    }
    store_close(store);
    return good;
}

/* ---- tournaments ---- */

static void print_match(int number, const struct match_record *record, const struct match_game *played, void *data)
{
    contents_print_match(stdout, data, number, record, played);
}

static bool print_journal(const char *folder, const char *spec, GError **error)
{
    struct game game;
    struct journal *journal;
    if (!game_parse(&game, spec, error) || journal_open(&journal, folder, &game, error) != 0)
        return false;
    bool good = journal_visit(journal, print_match, &game, error);
    journal_close(journal);
    return good;
}

int main(int argc, char **argv)
{
    GError *error = NULL;
    bool good;
    if (argc == 3 && strcmp(argv[1], "run") == 0) {
        good = print_run(argv[2], &error);
    } else if (argc == 4 && strcmp(argv[1], "journal") == 0) {
        good = print_journal(argv[2], argv[3], &error);
    } else {
        fprintf(stderr, "usage: acceptance_contents run FOLDER | journal FOLDER GAME\n");
        return 2;
    }
    if (!good)
        fprintf(stderr, "acceptance_contents: %s\n", error->message);
    g_clear_error(&error);
    return good ? 0 : 1;
}
