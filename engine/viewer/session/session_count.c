/* Scoring: proposes dead stones, lets the user change them, and counts. */
#include "engine/viewer/session/brain.h"
#include "engine/viewer/session/session.h"
#include "engine/viewer/session/session_internal.h"
#include "engine/viewer/text.h"
#include "games/game.h"
#include "games/record/sgf.h"

/* At the end of a game: the stones that the players agreed to be dead. */
static const char dead_property[] = "TENGENDEAD";

static void count(struct session *session)
{
    session->game.ops->counting->count(&session->game, &session->position.p, session->dead, &session->score,
                                       session->owner);
    session->count_node = session->node;
    session_settle_count(session);
}

void session_propose_count(struct session *session)
{
    uint8_t seki[GAME_MAX_POINTS];
    session->game.ops->counting->find_dead(&session->game, &session->position.p, session->dead, seki);
    if (sgf_find(session->node, dead_property)) {
        memset(session->dead, 0, sizeof session->dead);
        sgf_points(session->node, dead_property, &session->game, session->dead, NULL);
    }
    count(session);
}

void session_start_count(struct session *session)
{
    session_clock_stop(session);
    brain_cancel(session->brain);
    session->ticket = 0;
    session->state = SESSION_COUNTING;
    session->live = session->thinking = false;
    session_propose_count(session);
    session_notify(session, NOTICE_INFO, "%s", _("Dead stones are marked: click to change, Enter to accept"));
}

/* Marks the chain on a point as dead or alive. */
static void mark_chain(struct session *session, int point, bool dead)
{
    int chain[GAME_MAX_POINTS];
    session->game.ops->counting->chains(&session->game, &session->position.p, chain);
    for (int p = 0; p < session->game.points && chain[point] >= 0; p++)
        if (chain[p] == chain[point])
            session->dead[p] = dead;
}

void session_toggle_dead(struct session *session, int point)
{
    if (session->state != SESSION_COUNTING)
        return;
    mark_chain(session, point, !session->dead[point]);
    count(session);
}

void session_accept(struct session *session)
{
    if (session->state != SESSION_COUNTING)
        return;
    float margin = session->score.margin;
    char point[3];
    sgf_unset(session->node, dead_property);
    for (int p = 0; p < session->game.points; p++)
        if (session->dead[p])
            sgf_append(session->node, dead_property, sgf_point(&session->game, p, point));
    session_finish(session, END_AGREED, margin > 0 ? 0 : margin < 0 ? 1 : -1, margin);
}

void session_resume(struct session *session)
{
    game_move pass = session_pass_move(session);
    if (session->state != SESSION_COUNTING)
        return;
    session->state = SESSION_PLAYING;
    struct sgf_node *node = session->node;
    session_unsettle(session, node);
    for (int i = 0; i < 2 && node != session->root && session->last == pass; i++) {
        node = node->parent;
        session_visit(session, node);
    }
    session->live = true;
    session_clock_go(session);
    session_think_again(session);
}
