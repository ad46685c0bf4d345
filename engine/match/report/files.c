/* Report files, and games as SGF or psq. */
#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "engine/match/count.h"
#include "engine/match/game.h"
#include "engine/match/journal.h"
#include "engine/match/match.h"
#include "engine/match/report/report.h"
#include "engine/match/setup.h"
#include "games/game.h"
#include "games/record/psq.h"
#include "net/io/atomic_file.h"

/* The format has no representation for decisions of an opening rule; they are omitted. */
char *match_game_psq(const struct game *game, const char *const names[2], const struct match_game *played)
{
    struct psq psq = {.size = game->width,
                      .moves = g_new(struct psq_move, played->plies + 1),
                      .names = {(char *)names[0], (char *)names[1]}};
    for (int i = 0; i < played->plies; i++)
        if (played->moves[i] < game->points)
            psq.moves[psq.count++] = (struct psq_move){played->moves[i], played->info ? played->info[i].time_ms : 0};
    char *text = psq_format(&psq);
    g_free(psq.moves);
    return text;
}

static char *game_path(const char *folder, bool psq, int number)
{
    return g_strdup_printf("%s/game-%04d.%s", folder, number + 1, psq ? "psq" : "sgf");
}

bool match_game_save(const struct match_setup *setup, const char *folder, bool psq, int number, const int players[2],
                     const struct match_game *game, GError **error)
{
    const char *const names[2] = {setup->players[players[0]].name, setup->players[players[1]].name};
    char *path = game_path(folder, psq, number);
    char *text = psq ? match_game_psq(&setup->game, names, game)
                     : match_game_sgf(&setup->game, names, game, &setup->config.terms.clock, number + 1);
    bool good = g_file_set_contents(path, text, -1, error);
    g_free(text);
    g_free(path);
    return good;
}

struct saving {
    const struct match_table *table;
    char *folder;
    bool psq, good;
    GError **error;
};

static void save_missing(int number, const struct match_record *record, const struct match_game *game, void *data)
{
    struct saving *s = data;
    const struct match_report *report = s->table->report;
    if (!s->good || number < 0 || number >= report->count || !report->records[number].done)
        return; /* void: played, but does not count */
    char *path = game_path(s->folder, s->psq, number);
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        s->good = match_game_save(s->table->setup, s->folder, s->psq, number, record->side, game, s->error);
    g_free(path);
}

/* Deletes files of games that do not count (a player had withdrawn), and partial files left by a kill. */
static void sweep_games(const struct match_table *table, const char *folder, bool psq)
{
    const struct match_report *report = table->report;
    GDir *open = g_dir_open(folder, 0, NULL);
    for (const char *name; open && (name = g_dir_read_name(open));) {
        int number;
        const char *dot = strrchr(name, '.');
        if (!dot || sscanf(name, "game-%d.", &number) != 1)
            continue; /* not ours */
        char *path = game_path(folder, psq, number - 1), *file = g_path_get_basename(path);
        bool complete = strcmp(file, name) == 0, other = strcmp(dot, psq ? ".sgf" : ".psq") == 0;
        if (!other && !(complete && number >= 1 && number <= report->count && report->records[number - 1].done)) {
            char *orphan = g_build_filename(folder, name, NULL);
            g_unlink(orphan);
            g_free(orphan);
        }
        g_free(path);
        g_free(file);
    }
    if (open)
        g_dir_close(open);
}

static bool print_text(const struct match_table *table, FILE *out, GError **error)
{
    (void)error;
    match_print_text(table, out);
    return true;
}

static bool print_json(const struct match_table *table, FILE *out, GError **error)
{
    (void)error;
    match_print_json(table, out);
    return true;
}

static bool print_json_lines(const struct match_table *table, FILE *out, GError **error)
{
    (void)error;
    match_print_json_lines(table, out);
    return true;
}

static bool print_csv(const struct match_table *table, FILE *out, GError **error)
{
    (void)error;
    match_print_csv(table, out);
    return true;
}

bool match_report_write_file(const char *folder, const char *name, const char *text, size_t length, GError **error)
{
    char *path = g_build_filename(folder, name, NULL);
    struct atomic_file file;
    bool good = atomic_file_open(&file, path, error) && atomic_file_write(&file, text, length, error) &&
                atomic_file_commit(&file, error);
    g_free(path);
    return good;
}

static bool write_file(const struct match_table *table, const char *folder, const char *name,
                       bool (*print)(const struct match_table *, FILE *, GError **), GError **error)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    bool good = print(table, out, error);
    fclose(out);
    good = good && match_report_write_file(folder, name, text, length, error);
    free(text);
    return good;
}

bool match_report_write(const struct match_table *table, bool psq, GError **error)
{
    struct journal *journal = table->setup->journal;
    const char *folder = journal_folder(journal);
    struct saving saving = {
        .table = table, .folder = g_build_filename(folder, "games", NULL), .psq = psq, .good = true, .error = error};
    bool good = g_mkdir_with_parents(saving.folder, 0777) == 0;
    if (!good)
        g_set_error(error, JOURNAL_ERROR, JOURNAL_ERROR_PLACE, "cannot create the folder %s: %s", saving.folder,
                    g_strerror(errno));
    if (good)
        sweep_games(table, saving.folder, psq);
    good = good && journal_visit(journal, save_missing, &saving, error) && saving.good &&
           write_file(table, folder, "report.txt", print_text, error) &&
           write_file(table, folder, "report.json", print_json, error) &&
           write_file(table, folder, "report.jsonl", print_json_lines, error) &&
           write_file(table, folder, "games.csv", print_csv, error) &&
           write_file(table, folder, "report.html", match_print_html, error);
    g_free(saving.folder);
    return good;
}
