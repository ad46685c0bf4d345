/* Replays the record from the root to a node, for the board and for the brain. */
#include "engine/viewer/session/brain.h"
#include "engine/viewer/session/session.h"
#include "engine/viewer/session/session_internal.h"
#include "games/game.h"
#include "games/record/sgf.h"

static GPtrArray *path_to(struct sgf_node *node)
{
    GPtrArray *path = g_ptr_array_new();
    for (; node->parent; node = node->parent)
        g_ptr_array_insert(path, 0, node);
    return path;
}

/* Whether applying the node is equivalent to playing its move in turn. */
static bool is_plain_move(const struct sgf_node *node, const struct game *game, const struct position *before,
                          const struct history *history, game_move move)
{
    const char *other = before->colour == GAME_BLACK ? "W" : "B";
    return sgf_step(node) != SGF_SETUP && move != GAME_NO_MOVE && !sgf_find(node, other) &&
           game->ops->legal(game, before, history, move);
}

/* Appends a node to the brain's line. plain: by its move; otherwise the position after it becomes the new start. */
static void extend_line(struct brain_line *line, const struct position *after, bool plain, game_move move)
{
    union any_position begin;
    if (plain) {
        line->moves[line->count++] = move;
        return;
    }
    game_init(&line->game, &begin.p);
    game_copy(&line->game, &line->start.p, after);
    line->from_start = after->stones_hash == begin.p.stones_hash && after->colour == begin.p.colour && after->ply == 0;
    if (line->from_start)
        line->start = begin;
    line->count = 0;
}

/* Replays up to a node. Fills the brain's line (line->moves: freed by the caller), the position, its history
 * (initialised here, cleared by the caller) and the last move. Returns false, with the error set and nothing to free,
 * if the record cannot be replayed up to there. */
static bool play_to(const struct session *session, struct sgf_node *node, struct brain_line *line, struct position *at,
                    struct history *history, game_move *made, GError **error)
{
    const struct game *game = &session->game;
    GPtrArray *path = path_to(node);
    union any_position before;
    bool ok = true;
    *line = (struct brain_line){.game = *game, .from_start = true, .moves = g_new(game_move, path->len + 1)};
    *made = GAME_NO_MOVE;
    game_init(game, at);
    game_copy(game, &line->start.p, at);
    history_init(history, (int)path->len + 1);
    for (guint i = 0; ok && i < path->len; i++) {
        const struct sgf_node *step = g_ptr_array_index(path, i);
        game_copy(game, &before.p, at);
        struct history earlier = *history;
        ok = sgf_apply(step, game, at, history, made, error);
        earlier.entries = history->entries; /* may have been reallocated; the earlier entries are unchanged */
        if (ok && sgf_step(step) != SGF_NOTHING)
            extend_line(line, at, is_plain_move(step, game, &before.p, &earlier, *made), *made);
    }
    g_ptr_array_free(path, TRUE);
    if (ok)
        return true;
    g_free(line->moves);
    history_clear(history);
    return false;
}

bool session_position_at(const struct session *session, struct sgf_node *node, struct position *position)
{
    struct history history;
    struct brain_line line;
    game_move made;
    if (!play_to(session, node, &line, position, &history, &made, NULL))
        return false;
    history_clear(&history);
    g_free(line.moves);
    return true;
}

bool session_line_to(const struct session *session, struct sgf_node *node, struct brain_line *line, bool *black)
{
    union any_position at;
    struct history history;
    game_move made;
    if (!play_to(session, node, line, &at.p, &history, &made, NULL))
        return false;
    history_clear(&history);
    *black = at.p.colour == GAME_BLACK;
    if (!game_over(&at.p))
        return true;
    g_free(line->moves);
    return false;
}

bool session_show(struct session *session, struct sgf_node *node, GError **error)
{
    union any_position at;
    struct history history;
    struct brain_line line;
    game_move made;
    if (!play_to(session, node, &line, &at.p, &history, &made, error))
        return false;
    g_free(session->line.moves);
    history_clear(&session->history);
    session->line = line;
    session->history = history;
    game_copy(&session->game, &session->position.p, &at.p);
    session->node = node;
    session->last = made;
    return true;
}

void session_visit(struct session *session, struct sgf_node *node)
{
    GError *error = NULL;
    int told;
    sgf_notes(session->sgf, &told);
    if (node != session->node) {
        session->analysis_node = NULL;
        session->hint = false;
        session->mistake = NULL;
        session_clear_notice(session);
    }
    if (session_show(session, node, &error)) {
        session_notify_repairs(session, told);
        return;
    }
    session_notify(session, NOTICE_WARNING, "%s", error->message);
    g_clear_error(&error);
}
