/* Navigating in the record. */
#include "engine/viewer/session/session.h"
#include "engine/viewer/session/session_internal.h"
#include "games/game.h"
#include "games/record/sgf.h"

/* ---- navigation ---- */

void session_go(struct session *session, struct sgf_node *node)
{
    if (node == session->node)
        return;
    session_clock_stop(session);
    session->live = false;
    session->thinking = false;
    session_visit(session, node);
    session->state = SESSION_PLAYING;
    session_check_end(session);
    /* Back at the end of the game: resume it. */
    if (session->state == SESSION_PLAYING && !session->node->first_child &&
        session->setup.players[session->position.p.player].human) {
        session->live = true;
        session_clock_go(session);
    }
    session_think_again(session);
}

void session_step(struct session *session, int steps)
{
    struct sgf_node *node = session->node, *next = session_following(session);
    for (; steps > 0 && next; steps--, next = node->first_child)
        node = next;
    for (; steps < 0 && node != session->root; steps++)
        node = node->parent;
    session_go(session, node);
}

void session_to_start(struct session *session)
{
    session_go(session, session->root);
}

void session_to_end(struct session *session)
{
    session_go(session, sgf_last(session->node));
}

void session_variation(struct session *session, int step)
{
    struct sgf_node *node = session->node;
    if (node == session->root)
        return;
    struct sgf_node *to = step > 0 ? node->next : node->previous;
    if (!to)
        to = step > 0 ? node->parent->first_child : node->parent->last_child;
    session_go(session, to);
}

static gboolean is_descendant(gpointer key, gpointer value, gpointer user)
{
    (void)value;
    for (const struct sgf_node *at = key; at; at = at->parent)
        if (at == user)
            return TRUE;
    return FALSE;
}

void session_delete(struct session *session)
{
    struct sgf_node *node = session->node;
    if (node == session->root)
        return;
    for (const struct sgf_node *at = session->end_node; at; at = at->parent)
        if (at == node) {
            session->end_node = NULL;
            session->outcome = (struct session_outcome){.winner = -1};
            session_write_result(session);
            break;
        }
    session->sweeping = false;
    session->sweep_node = NULL;
    session->mistake = NULL;
    g_hash_table_foreach_remove(session->notes, is_descendant, node);
    session_go(session, node->parent);
    if (session->count_node && is_descendant((gpointer)session->count_node, NULL, node))
        session->count_node = NULL;
    sgf_delete(node);
    session_changed(session);
}

void session_promote(struct session *session)
{
    sgf_make_main(session->node);
    session_changed(session);
}

int session_depth(const struct sgf_node *node)
{
    int depth = 0;
    for (; node->parent && node->parent->parent; node = node->parent)
        depth++;
    return depth;
}

int session_move_number(const struct session *session)
{
    int number = 0;
    for (const struct sgf_node *at = session->node; at->parent; at = at->parent)
        number += sgf_step(at) == SGF_MOVE;
    return number;
}

void session_numbers(const struct session *session, int *numbers)
{
    int number = session_move_number(session);
    memset(numbers, 0, sizeof *numbers * session->game.points);
    for (const struct sgf_node *at = session->node; at->parent; at = at->parent) {
        if (sgf_step(at) != SGF_MOVE)
            continue;
        const char *raw = sgf_get(at, "B") ? sgf_get(at, "B") : sgf_get(at, "W");
        game_move move = raw && *raw ? sgf_parse_point(&session->game, raw) : GAME_NO_MOVE;
        if (move < session->game.points && !numbers[move])
            numbers[move] = number;
        number--;
    }
}
