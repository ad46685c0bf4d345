/* Loading a record from a file or the clipboard, and saving it. */
#include "engine/viewer/session/record_file.h"
#include "engine/viewer/session/session_internal.h"
#include "engine/viewer/text.h"

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

/* Replaces the current record. The new one has been checked by can_show. */
static void adopt(struct session *session, struct sgf *sgf, const struct game *game)
{
    brain_cancel(session->brain);
    g_hash_table_remove_all(session->notes);
    sgf_free(session->sgf);
    session->sgf = sgf;
    session->game = session->setup.game = *game;
    session->root = session->node = sgf_root(sgf);
    session->setup.clock = (struct agent_clock){0};
    session->state = SESSION_PLAYING;
    session->outcome = (struct session_outcome){.winner = -1};
    session->live = session->thinking = session->hint = session->sweeping = false;
    session->analysis_node = session->end_node = session->sweep_node = NULL;
    session->clock_since = 0;
    take_names(session);
    session_visit(session, session->root);
    session->dirty = false;
    session->revision++;
    session_think_again(session);
}

/* Checks that the main line can be replayed, before the current game is replaced. */
static bool can_show(struct sgf *sgf, const struct game *game, GError **error)
{
    union any_position at;
    struct history history;
    history_init(&history, 400);
    bool ok = sgf_replay(sgf_root(sgf), game, &at.p, &history, error);
    history_clear(&history);
    return ok;
}

bool session_load_text(struct session *session, const char *text, size_t length, const char *name)
{
    GError *error = NULL;
    struct game game;
    struct sgf *sgf = record_file_parse(text, length, name, &error);
    if (sgf && !sgf_root(sgf))
        g_set_error(&error, GAME_ERROR, GAME_ERROR_FILE, "%s: contains no game", name);
    if (!error && sgf_read_game(sgf_root(sgf), &session->game, &game, &error) && can_show(sgf, &game, &error)) {
        adopt(session, sgf, &game);
        return true;
    }
    sgf_free(sgf);
    session_notify(session, NOTICE_WARNING, "%s", error->message);
    g_clear_error(&error);
    return false;
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
    g_free(text);
    return ok;
}

void session_set_players(struct session *session, const struct session_player players[2])
{
    for (int i = 0; i < 2; i++)
        session->setup.players[i] = players[i];
    session_visit(session, sgf_last(session->root));
    session->live = true;
    session_check_end(session);
    session_think_again(session);
}

char *session_text(const struct session *session, size_t *length)
{
    return sgf_format(session->sgf, length);
}

bool session_save(struct session *session, const char *path)
{
    GError *error = NULL;
    if (record_file_save(session->sgf, &session->game, path, &error)) {
        session->dirty = false;
        session_notify(session, NOTICE_INFO, _("Saved as %s"), path);
        return true;
    }
    session_notify(session, NOTICE_WARNING, "%s", error->message);
    g_clear_error(&error);
    return false;
}
