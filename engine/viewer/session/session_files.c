/* Loading a record from a file or the clipboard, and saving it. */
#include "agents/clock.h"
#include "engine/viewer/session/brain.h"
#include "engine/viewer/session/record_file.h"
#include "engine/viewer/session/session.h"
#include "engine/viewer/session/session_internal.h"
#include "engine/viewer/text.h"
#include "games/game.h"
#include "games/record/sgf.h"

static void take_names(struct session *session)
{
    static const char *const names[] = {"PB", "PW"};
    for (int i = 0; i < 2; i++) {
        char *name = sgf_text(session->root, names[i]);
        struct session_player *player = &session->setup.players[i];
        *player = (struct session_player){.human = true};
        g_strlcpy(player->name, name ? name : "", sizeof player->name);
        g_free(name);
    }
}

/* Shows the game tree with this root, which has been checked by can_show, instead of the current game. */
static void adopt(struct session *session, struct sgf *sgf, struct sgf_node *root, const struct game *game)
{
    session->sgf = sgf;
    session->game = session->setup.game = *game;
    session->root = session->node = root;
    session->setup.clock = (struct agent_clock){0};
    session->setup.seed = (uint64_t)g_get_real_time();
    session_reset(session);
    take_names(session);
    session_visit(session, session->root);
    session_read_notes(session);
    session->dirty = false;
    session->kept_revision = ++session->revision;
    session->kept_note_revision = session->note_revision;
    session_think_again(session);
}

/* Checks that the main line can be replayed, before the current game is replaced. */
static bool can_show(struct sgf_node *root, const struct game *game, GError **error)
{
    union any_position at;
    struct history history;
    history_init(&history, 400);
    bool ok = sgf_replay(root, game, &at.p, &history, error);
    history_clear(&history);
    return ok;
}

/* Says what was repaired in the record and its main line, from note number `first` on. */
static void tell_repairs(struct session *session, int first)
{
    union any_position at;
    sgf_replay(sgf_last(session->root), &session->game, &at.p, NULL,
               NULL); /* for the notes; the window shows failures */
    session_notify_repairs(session, first);
}

bool session_load_text(struct session *session, const char *text, size_t length, const char *name)
{
    GError *error = NULL;
    struct game game;
    struct sgf *sgf = record_file_parse(text, length, name, &error);
    if (sgf && !sgf_root(sgf))
        g_set_error(&error, GAME_ERROR, GAME_ERROR_FILE, "%s: contains no game", name);
    else if (sgf && sgf_read_game(sgf_root(sgf), &session->game, &game, &error) &&
             can_show(sgf_root(sgf), &game, &error)) {
        brain_cancel(session->brain);
        session_shelve(session);
        adopt(session, sgf, sgf_root(sgf), &game);
        session->kept_revision--; /* the text may exist nowhere else */
        tell_repairs(session, 0);
        return true;
    }
    sgf_free(sgf);
    session_notify(session, NOTICE_WARNING, "%s", error->message);
    g_clear_error(&error);
    return false;
}

int session_trees(const struct session *session, int *shown)
{
    int count = 0;
    *shown = 0;
    for (const struct sgf_node *at = session->sgf->top->first_child; at; at = at->next, count++)
        if (at == session->root)
            *shown = count;
    return count;
}

void session_choose_tree(struct session *session, int index)
{
    GError *error = NULL;
    struct game game;
    struct sgf_node *root = session->sgf->top->first_child;
    int told;
    sgf_notes(session->sgf, &told);
    for (; root && index > 0; index--)
        root = root->next;
    if (!root || root == session->root)
        return;
    if (!sgf_read_game(root, &session->game, &game, &error) || !can_show(root, &game, &error)) {
        session_notify(session, NOTICE_WARNING, "%s", error->message);
        g_clear_error(&error);
        return;
    }
    brain_cancel(session->brain);
    session_keep(session);
    bool dirty = session->dirty;
    g_hash_table_remove_all(session->notes);
    adopt(session, session->sgf, root, &game);
    session->dirty = dirty;
    tell_repairs(session, told);
}

bool session_load(struct session *session, const char *path)
{
    char *text = NULL;
    gsize length;
    GError *error = NULL;
    if (!g_file_get_contents(path, &text, &length, &error)) {
        session_notify(session, NOTICE_WARNING, "%s", error->message);
        g_clear_error(&error);
        return false;
    }
    bool ok = session_load_text(session, text, length, path);
    if (ok)
        session_loaded_from(session, path);
    g_free(text);
    return ok;
}

char *session_text(const struct session *session, size_t *length)
{
    session_write_notes(session);
    return sgf_format(session->sgf, length);
}

bool session_save(struct session *session, const char *path)
{
    GError *error = NULL;
    session_write_notes(session);
    if (record_file_save(session->sgf, &session->game, path, &error)) {
        session->dirty = false;
        session_notify_briefly(session, NOTICE_INFO, _("Saved as %s"), path);
        return true;
    }
    session_notify(session, NOTICE_WARNING, "%s", error->message);
    g_clear_error(&error);
    return false;
}
