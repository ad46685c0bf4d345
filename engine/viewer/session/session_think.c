/* The engine's jobs and their results, and the clocks. */

#include "agents/agent.h"
#include "engine/viewer/session/brain.h"
#include "engine/viewer/session/session.h"
#include "engine/viewer/session/session_internal.h"
#include "engine/viewer/session/strength.h"
#include "engine/viewer/text.h"
#include "games/game.h"
#include "games/record/sgf.h"

enum { HINT_VISITS = 400, SWEEP_VISITS = 150 };

/* ---- clocks ---- */

void session_clock_now(const struct session *session, int player, struct agent_clock *now)
{
    *now = session->clock[player];
    if (session->clock_since && player == session->position.p.player)
        agent_clock_run(now, &session->setup.clock, (g_get_monotonic_time() - session->clock_since) / 1000);
}

void session_clock_stop(struct session *session)
{
    if (!session->clock_since)
        return;
    int player = session->position.p.player;
    session_clock_now(session, player, &session->clock[player]);
    session->clock_since = 0;
}

void session_clock_go(struct session *session)
{
    if (agent_clock_kind(&session->setup.clock) != AGENT_CLOCK_NONE && session->state == SESSION_PLAYING &&
        session->live)
        session->clock_since = g_get_monotonic_time();
}

/* Ends the game if the player to move has exceeded the time. */
static bool check_time(struct session *session)
{
    if (!session->clock_since)
        return false;
    struct agent_clock now;
    int player = session->position.p.player;
    session_clock_now(session, player, &now);
    if (agent_clock_left_ms(&now, &session->setup.clock) > 0)
        return false;
    session->clock[player] = now;
    session->clock_since = 0;
    session_finish(session, END_TIME, 1 - player, 0);
    return true;
}

int session_idle_ms(const struct session *session)
{
    struct agent_clock now;
    int64_t left = session->notice_until - g_get_monotonic_time();
    int notice = session->notice_until ? (int)CLAMP(left / 1000 + 1, 0, 60000) : -1;
    if (!session->clock_since)
        return notice;
    session_clock_now(session, session->position.p.player, &now);
    int clock = now.main_ms + now.byo_ms + now.move_ms < 10000 ? 100 : 250;
    return notice >= 0 ? MIN(clock, notice) : clock;
}

/* ---- starting jobs ---- */

static bool agent_to_move(const struct session *session)
{
    return session->live && session->state == SESSION_PLAYING &&
           !session->setup.players[session->position.p.player].human;
}

static void ask(struct session *session, const char *spec)
{
    struct agent_clock clock;
    session_clock_now(session, session->position.p.player, &clock);
    session->ticket = brain_choose(session->brain, &session->line, spec, &clock, session->setup.seed,
                                   session->analysis_wanted || session->overlay_wanted);
    session->thinking = true;
}

/* ---- analysis of the whole game ---- */

struct sgf_node *session_line_next(const struct session *session, struct sgf_node *node)
{
    for (struct sgf_node *at = session->node; at && at != session->root; at = at->parent)
        if (at->parent == node)
            return at;
    return node->first_child;
}

int session_noted(const struct session *session, int *all)
{
    int noted = 0;
    *all = 0;
    for (struct sgf_node *at = session->root; at; at = session_line_next(session, at)) {
        noted += session_note(session, at) != NULL;
        ++*all;
    }
    return noted;
}

/* Starts to analyse the next position without a note. Returns false if there is none. */
static bool sweep_next(struct session *session)
{
    struct brain_line line;
    session->sweep_node = NULL;
    if (!session->live)
        session_settle(session, session->node);
    for (struct sgf_node *at = session->root; at; at = session_line_next(session, at)) {
        if (session_note(session, at) || !session_line_to(session, at, &line, &session->sweep_black))
            continue;
        session->ticket = brain_analyse(session->brain, &line, session->analyst_net, SWEEP_VISITS);
        session->sweep_node = at;
        g_free(line.moves);
        return true;
    }
    session->sweeping = false;
    return false;
}

void session_sweep(struct session *session)
{
    session->sweeping = !session->sweeping;
    if (!session->thinking)
        session_think_again(session);
}

/* The number of visits for a search of the position shown: 0 without a limit, -1 for none. One evaluation suffices for
 * policy and ownership. A settled position is not searched: the search would contradict its count. */
static int64_t wanted_visits(struct session *session)
{
    bool evaluated = session->analysis_node == session->node;
    if (game_over(&session->position.p) ||
        !(session->analysis_wanted || session->hint || (session->overlay_wanted && !evaluated)))
        return -1;
    if (!session->live) { /* otherwise the game goes on here, even if there are passes in the record */
        session_settle(session, session->node);
        const struct session_note *note = session_note(session, session->node);
        if (note && note->settled)
            return -1;
    }
    return session->analysis_wanted ? 0 : session->hint ? HINT_VISITS : 1;
}

/* The spec of the agent that ponders while the human thinks, or NULL. */
static const char *ponderer(const struct session *session)
{
    int other = 1 - session->position.p.player;
    if (!session->pondering || !session->live || session->state != SESSION_PLAYING ||
        session->setup.players[other].human)
        return NULL;
    return session->setup.players[other].agent;
}

void session_think_again(struct session *session)
{
    int64_t visits;
    session->thinking = false;
    session->sweep_node = NULL;
    const bool studied = session->studying;
    session->studying = session->study_due;
    if (session->study_due) { /* BRAIN_STUDIED leads back here */
        session->study_due = false;
        session->ticket = brain_study(session->brain, &session->line, session->outcome.winner ? GAME_WON_1 : GAME_WON_0,
                                      session->setup.seed);
    } else if (agent_to_move(session)) {
        ask(session, session->setup.players[session->position.p.player].agent);
    } else if (session->sweeping && sweep_next(session)) {
        return;
    } else if ((visits = wanted_visits(session)) >= 0) {
        session->ticket = brain_analyse(session->brain, &session->line, session->analyst_net, visits);
    } else if (ponderer(session)) {
        session->ticket = brain_ponder(session->brain, &session->line, ponderer(session), session->setup.seed);
    } else if (studied) {
        session->studying = true;
    } else if (*session->setup.memory && session->live && session->state == SESSION_PLAYING) {
        session->ticket = brain_study(session->brain, &session->line, GAME_ONGOING, session->setup.seed);
    } else {
        brain_cancel(session->brain);
        session->ticket = 0;
    }
}

void session_set_analysis(struct session *session, bool on)
{
    session->analysis_wanted = on;
    session->hint = false;
    if (!session->thinking)
        session_think_again(session);
}

void session_set_overlay(struct session *session, bool on)
{
    if (session->overlay_wanted == on)
        return;
    session->overlay_wanted = on;
    if (on && !session->thinking && !session->analysis_wanted)
        session_think_again(session);
}

void session_set_pondering(struct session *session, bool on)
{
    session->pondering = on;
    if (!session->thinking)
        session_think_again(session);
}

void session_hint(struct session *session)
{
    session->hint = !session->hint;
    if (session->hint && wanted_visits(session) < 0)
        session->hint = false; /* there is nothing to search for */
    if (!session->thinking)
        session_think_again(session);
}

const struct analysis *session_analysis(const struct session *session)
{
    return session->analysis_node == session->node ? &session->analysis : NULL;
}

void session_move_now(struct session *session)
{
    if (session->thinking)
        brain_move_now(session->brain);
}

void session_stop_thinking(struct session *session)
{
    if (session->thinking) {
        session->live = false;
        session_clock_stop(session);
        session_notify(session, NOTICE_INFO, "%s", _("Stopped: press Enter to let the engine move, or play its move"));
    }
    session->analysis_wanted = session->hint = session->sweeping = false;
    session_think_again(session);
}

void session_engine_move(struct session *session)
{
    if (session->thinking) {
        session_move_now(session);
        return;
    }
    if (session->state != SESSION_PLAYING)
        return;
    int player = session->position.p.player;
    bool human = session->setup.players[player].human;
    const char *other = session->setup.players[1 - player].agent;
    session->live = true;
    session_clear_notice(session);
    session_clock_go(session);
    ask(session, !human ? session->setup.players[player].agent : *other ? other : strength_analyst(&session->game));
}

/* ---- results ---- */

static void take_choice(struct session *session, const struct brain_event *event)
{
    const struct game *game = &session->game;
    char text[GAME_MOVE_TEXT_MAX], open[GAME_MOVE_TEXT_MAX];
    session->thinking = false;
    if (event->choice.action == AGENT_RESIGNS) {
        session_finish(session, END_RESIGNED, 1 - session->position.p.player, 0);
        return;
    }
    game_move move = event->choice.move;
    if (move >= game->moves || !game->ops->legal(game, &session->position.p, &session->history, move)) {
        session->live = false;
        session_notify(session, NOTICE_WARNING, _("The engine chose an illegal move; press Enter to try again"));
        return;
    }
    session_follow(session, move);
    if (session->state != SESSION_PLAYING)
        return;
    session_clear_notice(session);
    if (event->refusal == BRAIN_UNSETTLED)
        session_notify(session, NOTICE_INFO, _("The engine plays on: %s is not settled yet"),
                       game_move_format(game, event->unsettled, open));
    else if (event->refusal == BRAIN_BEHIND)
        session_notify(session, NOTICE_INFO, _("The engine plays on: if scored now, it would lose by %g points"),
                       (double)event->behind);
    else if (move >= game->points)
        session_notify(session, NOTICE_INFO, _("The engine's move: %s"), session_move_text(session, move, text));
    else if (event->recalled && session->setup.players[session->position.p.player].human)
        session_recall(session, event->recalled);
}

static void take_found(struct session *session)
{
    const struct analysis *found = &session->analysis;
    if (session->sweep_node) {
        session->analysis_node = NULL; /* `analysis` does not belong to the position shown */
        if (!found->final)
            return;
        session_take_note(session, session->sweep_node, session->sweep_black, found);
        session_think_again(session);
        return;
    }
    session->analysis_node = session->node;
    if (session->thinking || session->analysis_wanted || session->hint) {
        session_take_note(session, session->node, session->position.p.colour == GAME_BLACK, found);
    } else if (found->final) {
        session_think_again(session); /* the single evaluation for the overlay: pondering may follow */
    }
}

static void take_failure(struct session *session, const struct brain_event *event)
{
    session_notify(session, NOTICE_WARNING, "%s", event->message);
    session->studying = false;
    if (session->thinking) {
        session_clock_stop(session);
        session->thinking = session->live = false;
    } else {
        session->analysis_wanted = session->hint = session->pondering = session->sweeping = false;
        session->overlay_wanted = false;
    }
}

/* Clears a brief notice when its time is over. */
static bool expire_notice(struct session *session)
{
    if (!session->notice_until || g_get_monotonic_time() < session->notice_until)
        return false;
    session_clear_notice(session);
    return true;
}

bool session_poll(struct session *session)
{
    struct brain_event event;
    bool changed = check_time(session) | expire_notice(session);
    session_keep_soon(session);
    while (brain_poll(session->brain, &event, &session->analysis) != BRAIN_NO_EVENT) {
        if (event.kind == BRAIN_CAUTIONS)
            g_strlcpy(session->caution, event.message, sizeof session->caution);
        if (event.ticket != session->ticket || event.kind == BRAIN_CAUTIONS)
            continue;
        changed = true;
        if (event.kind == BRAIN_CHOSE) {
            take_choice(session, &event);
        } else if (event.kind == BRAIN_FAILED) {
            take_failure(session, &event);
        } else if (event.kind == BRAIN_STUDIED) {
            session->studying = false;
            session_think_again(session);
        } else {
            take_found(session);
        }
    }
    if (session->caution[0] && !session->thinking && !session->notice[0]) {
        session_notify(session, NOTICE_INFO, _("Expect weaker play: %s"), session->caution);
        session->caution[0] = '\0';
        changed = true;
    }
    return changed;
}
