#include "engine/viewer/session/archive.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sys/stat.h>

#include "engine/viewer/session/record_file.h"
#include "engine/viewer/text.h"
#include "games/game.h"
#include "games/record/sgf.h"

static void free_entry(gpointer data)
{
    struct archive_entry *entry = data;
    g_free(entry->path);
    g_free(entry);
}

static gint compare_entries(gconstpointer a, gconstpointer b)
{
    const struct archive_entry *left = *(const struct archive_entry *const *)a,
                               *right = *(const struct archive_entry *const *)b;
    if (left->modified != right->modified)
        return left->modified < right->modified ? 1 : -1;
    return -strcmp(left->path, right->path);
}

GPtrArray *archive_list(const char *folder)
{
    GPtrArray *entries = g_ptr_array_new_with_free_func(free_entry);
    GDir *dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while (dir && (name = g_dir_read_name(dir)) != NULL) {
        struct stat at;
        char *path = g_build_filename(folder, name, NULL);
        if (!g_str_has_suffix(name, ".sgf") || stat(path, &at) != 0 || !S_ISREG(at.st_mode)) {
            g_free(path);
            continue;
        }
        struct archive_entry *entry = g_new0(struct archive_entry, 1);
        entry->path = path;
        entry->modified = (int64_t)at.st_mtim.tv_sec * 1000000 + at.st_mtim.tv_nsec / 1000;
        g_ptr_array_add(entries, entry);
    }
    if (dir)
        g_dir_close(dir);
    g_ptr_array_sort(entries, compare_entries);
    return entries;
}

static void describe(struct archive_entry *entry, const struct sgf_node *root)
{
    struct game game;
    char *names[2] = {sgf_text(root, "PB"), sgf_text(root, "PW")}, *result = sgf_text(root, "RE");
    if (sgf_read_game(root, NULL, &game, NULL))
        g_snprintf(entry->game, sizeof entry->game, "%s %d×%d", _(game.ops->traits.title), game.width, game.height);
    g_snprintf(entry->players, sizeof entry->players, "%s – %s", names[0] ? names[0] : _("Black"),
               names[1] ? names[1] : _("White"));
    g_strlcpy(entry->result, result ? result : "", sizeof entry->result);
    for (const struct sgf_node *at = root; at; at = at->first_child)
        entry->moves += sgf_step(at) == SGF_MOVE;
    for (int i = 0; i < 2; i++)
        g_free(names[i]);
    g_free(result);
}

void archive_read(struct archive_entry *entry)
{
    char *text;
    gsize length;
    if (entry->read)
        return;
    entry->read = true;
    entry->moves = -1;
    if (!g_file_get_contents(entry->path, &text, &length, NULL))
        return;
    struct sgf *sgf = record_file_parse(text, length, entry->path, NULL);
    if (sgf && sgf_root(sgf)) {
        entry->moves = 0;
        describe(entry, sgf_root(sgf));
    }
    sgf_free(sgf);
    g_free(text);
}

bool archive_delete(const struct archive_entry *entry, GError **error)
{
    if (g_remove(entry->path) == 0)
        return true;
    g_set_error(error, GAME_ERROR, GAME_ERROR_FILE, _("Cannot delete %s: %s"), entry->path, g_strerror(errno));
    return false;
}

char *archive_unfinished(const char *folder)
{
    GPtrArray *entries = archive_list(folder);
    char *path = NULL;
    if (entries->len) {
        struct archive_entry *last = g_ptr_array_index(entries, 0);
        archive_read(last);
        if (last->moves > 0 && !last->result[0])
            path = g_strdup(last->path);
    }
    g_ptr_array_free(entries, TRUE);
    return path;
}
