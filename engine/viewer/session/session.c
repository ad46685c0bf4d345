#include "engine/viewer/session/session_internal.h"

#include <stdarg.h>

#include "agents/clock.h"
#include "engine/viewer/session/brain.h"
#include "engine/viewer/session/session.h"
#include "engine/viewer/text.h"
#include "games/game.h"
#include "games/record/sgf.h"

enum { BRIEF_US = 4000000 };

static void set_notice(struct session *session, enum session_notice kind, int64_t until, const char *format,
                       va_list list)
{
    g_vsnprintf(session->notice, sizeof session->notice, format, list);
    session->notice_kind = kind;
    session->notice_until = until;
    session->notice_number++;
}

void session_notify(struct session *session, enum session_notice kind, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    set_notice(session, kind, 0, format, list);
    va_end(list);
}

void session_notify_briefly(struct session *session, enum session_notice kind, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    set_notice(session, kind, g_get_monotonic_time() + BRIEF_US, format, list);
    va_end(list);
}

void session_notify_repairs(struct session *session, int first)
{
    char *text = sgf_notes_text(session->sgf, first, 2);
    if (text)
        session_notify(session, NOTICE_WARNING, _("The record was repaired: %s"), text);
    g_free(text);
}

void session_clear_notice(struct session *session)
{
    session->notice[0] = '\0';
    session->notice_kind = NOTICE_INFO;
    session->notice_until = 0;
}

void session_changed(struct session *session)
{
    session->dirty = true;
    session->revision++;
}

game_move session_pass_move(const struct session *session)
{
    return session->game.pass;
}

/* ---- starting a game ---- */

static void write_root(struct session *session)
{
    struct sgf_node *root = session->root;
    char tm[AGENT_CLOCK_TEXT_MAX], ot[AGENT_CLOCK_TEXT_MAX];
    sgf_write_game(root, &session->game);
    sgf_set_text(root, "PB", session->setup.players[0].name);
    sgf_set_text(root, "PW", session->setup.players[1].name);
    if (agent_clock_sgf(&session->setup.clock, tm, ot)) {
        sgf_set(root, "TM", tm);
        if (*ot)
            sgf_set_text(root, "OT", ot);
    }
    GDateTime *now = g_date_time_new_now_local();
    char *date = g_date_time_format(now, "%Y-%m-%d");
    sgf_set_text(root, "DT", date);
    g_free(date);
    g_date_time_unref(now);
}

void session_reset(struct session *session)
{
    session->live = session->thinking = session->hint = session->sweeping = session->result_counted = false;
    session->study_due = session->studying = false;
    session->analysis_node = session->end_node = session->sweep_node = session->mistake = NULL;
    session->count_node = NULL;
    session->state = SESSION_PLAYING;
    session->outcome = (struct session_outcome){.winner = -1};
    session->clock_since = 0;
    session_clear_notice(session);
}

void session_start(struct session *session, const struct session_setup *setup)
{
    brain_cancel(session->brain);
    session_shelve(session);
    session->setup = *setup;
    session->game = setup->game;
    brain_set_memory(session->brain, setup->memory);
    session->sgf = sgf_new();
    session->root = session->node = sgf_add(session->sgf->top);
    session_reset(session);
    session->live = true;
    session->caution[0] = '\0';
    for (int i = 0; i < 2; i++)
        session->clock[i] = setup->clock;
    write_root(session);
    session_visit(session, session->root);
    session->dirty = false;
    session->kept_revision = ++session->revision;
    session_clock_go(session);
    session_think_again(session);
}

struct session *session_new(const struct session_setup *setup, int threads, void (*wake)(void *), void *user)
{
    struct session *session = g_new0(struct session, 1);
    const struct brain_config config = {.threads = threads, .wake = wake, .user = user};
    session->brain = brain_start(&config);
    g_strlcpy(session->analyst_net, "default", sizeof session->analyst_net);
    session_start(session, setup);
    return session;
}

void session_free(struct session *session)
{
    if (!session)
        return;
    session_keep(session);
    brain_end(session->brain);
    session_free_shelved(session->shelved);
    g_free(session->keep_folder);
    session_free_record(session);
    g_free(session);
}

/* ---- legality ---- */

const char *session_refusal(const struct session *session, game_move move, char *buffer)
{
    const struct game *game = &session->game;
    const struct position *position = &session->position.p;
    if (game_over(position)) {
        g_strlcpy(buffer, _("The game is over"), 160);
        return buffer;
    }
    if (game->ops->legal(game, position, &session->history, move))
        return NULL;
    const char *text = NULL;
    if (move < game->points && game->ops->stone(game, position, move) != GAME_EMPTY)
        text = N_("The point is occupied");
    else if (game->ops->refusal)
        text = game->ops->refusal(game, position, &session->history, move);
    g_strlcpy(buffer, _(text ? text : N_("Illegal move")), 160);
    return buffer;
}

/* ---- moves ---- */

bool session_must_pass(const struct session *session)
{
    game_move moves[GAME_MAX_MOVES];
    const struct game *game = &session->game;
    return game->ops->legal_moves(game, &session->position.p, &session->history, moves) == 1 && moves[0] == game->pass;
}

bool session_human_to_move(const struct session *session)
{
    return session->state == SESSION_PLAYING && !session->thinking &&
           (!session->live || session->setup.players[session->position.p.player].human);
}

void session_follow(struct session *session, game_move move)
{
    int player = session->position.p.player;
    bool timed = session->clock_since != 0;
    session_clock_stop(session);
    if (timed)
        agent_clock_moved(&session->clock[player], &session->setup.clock);
    int before = sgf_children(session->node);
    struct sgf_node *node = sgf_add_move(session->node, &session->game, &session->position.p, move);
    if (sgf_children(session->node) != before)
        session_changed(session);
    session_visit(session, node);
    session_check_end(session);
    session_clock_go(session);
    if (!session->studying) /* the end of the game has begun that */
        session_think_again(session);
}

game_move session_move_at(const struct session *session, int point)
{
    return game_point_move(&session->game, &session->position.p, point);
}

bool session_play(struct session *session, game_move move)
{
    char reason[160];
    if (session->state != SESSION_PLAYING || session->thinking) {
        session_notify_briefly(session, NOTICE_INFO, "%s",
                               session->thinking ? _("The engine is thinking: Esc stops it, Enter makes it move now")
                                                 : _("The game is over: Ctrl+N starts a new one, Backspace undoes"));
        return false;
    }
    if (session_refusal(session, move, reason)) {
        session_notify_briefly(session, NOTICE_WARNING, "%s", reason);
        return false;
    }
    session->live = true;
    session_follow(session, move);
    return true;
}

void session_check_end(struct session *session)
{
    if (session->end_node == session->node && session->outcome.end != END_NONE) {
        session->state = SESSION_OVER;
        if (session->outcome.end == END_AGREED && session->count_node != session->node)
            session_propose_count(session);
        return;
    }
    if (!game_over(&session->position.p)) {
        if (session->state != SESSION_PLAYING && session->end_node != session->node)
            session->state = SESSION_PLAYING;
        return;
    }
    struct game_result result = game_result(&session->game, &session->position.p);
    if (session->game.ops->counting && session->last == session_pass_move(session)) {
        session_start_count(session);
        return;
    }
    int winner = result.outcome == GAME_WON_0 ? 0 : result.outcome == GAME_WON_1 ? 1 : -1;
    session_finish(session, END_RULES, winner, result.margin);
}

void session_write_result(struct session *session)
{
    const struct session_outcome *outcome = &session->outcome;
    char text[48] = "0";
    if (outcome->winner >= 0) {
        char colour = session_colour(session, outcome->winner) == GAME_BLACK ? 'B' : 'W';
        if (outcome->end == END_RESIGNED || outcome->end == END_TIME)
            g_snprintf(text, sizeof text, "%c+%s", colour, outcome->end == END_TIME ? "T" : "R");
        else if (session->game.has_score)
            g_snprintf(text, sizeof text, "%c+%g", colour, (double)ABS(outcome->margin));
        else
            g_snprintf(text, sizeof text, "%c+", colour);
    }
    sgf_set_text(session->root, "RE", outcome->end == END_NONE ? NULL : text);
    session_changed(session);
}

void session_finish(struct session *session, enum session_end end, int winner, float margin)
{
    char text[200];
    session_clock_stop(session);
    session->state = SESSION_OVER;
    session->live = false;
    session->thinking = false;
    session->outcome = (struct session_outcome){end, winner, margin};
    session->end_node = session->node;
    session->study_due = end != END_TIME && winner >= 0;
    session_write_result(session);
    session_notify(session, NOTICE_INFO, "%s", session_outcome_text(session, text, sizeof text));
    session_think_again(session);
}

void session_resign(struct session *session)
{
    if (session->state != SESSION_PLAYING)
        return;
    /* Against an agent it is the human who resigns, even if the agent is to move. */
    int loser = session->position.p.player;
    if (!session->setup.players[loser].human && session->setup.players[1 - loser].human)
        loser = 1 - loser;
    session_finish(session, END_RESIGNED, 1 - loser, 0);
}

static bool against_agent(const struct session *session)
{
    return session->setup.players[0].human != session->setup.players[1].human;
}

static bool human_resigned(const struct session *session)
{
    return session->state == SESSION_OVER && session->outcome.end == END_RESIGNED &&
           session->setup.players[1 - session->outcome.winner].human;
}

bool session_can_undo(const struct session *session)
{
    return session->node != session->root || human_resigned(session) || session->shelved;
}

/* Goes back by a move; against an agent, to where the human is to move, unless the agent made the first move. */
static void take_back(struct session *session, bool was_live)
{
    session_visit(session, session->node->parent);
    if (was_live && against_agent(session) && !session->setup.players[session->position.p.player].human &&
        session->node != session->root)
        session_visit(session, session->node->parent);
}

void session_undo(struct session *session)
{
    bool resigned = human_resigned(session);
    if (session->node == session->root && !resigned) {
        session_unshelve(session);
        return;
    }
    bool was_live = session->live || session->state != SESSION_PLAYING;
    session_clock_stop(session);
    session->thinking = false;
    session->outcome = (struct session_outcome){.winner = -1};
    session->study_due = false;
    session->end_node = NULL;
    session->state = SESSION_PLAYING;
    session_unsettle(session, session->node);
    if (sgf_get(session->root, "RE"))
        session_write_result(session);
    if (!resigned)
        take_back(session, was_live);
    session->live = resigned || session->setup.players[session->position.p.player].human;
    session_clear_notice(session);
    session_clock_go(session);
    session_think_again(session);
}

void session_redo(struct session *session)
{
    if (!session->node->first_child)
        return;
    session_visit(session, session->node->first_child);
    if (against_agent(session) && session->node->first_child &&
        !session->setup.players[session->position.p.player].human)
        session_visit(session, session->node->first_child);
    session_check_end(session);
    session->live = session->state == SESSION_PLAYING && !session->node->first_child;
    session_think_again(session);
}

/* ---- texts ---- */

const char *session_move_text(const struct session *session, game_move move, char *buffer)
{
    const struct game *game = &session->game;
    game_move_format(game, move, buffer);
    if (move < game->points)
        buffer[0] = game_look_column(&game->ops->traits.look, move % game->width);
    return move >= session->game.points && move < session->game.moves ? _(buffer) : buffer;
}

const char *session_colour_name(enum game_colour colour)
{
    return colour == GAME_BLACK ? _("Black") : _("White");
}

char *session_outcome_text(const struct session *session, char *buffer, size_t size)
{
    const struct session_outcome *outcome = &session->outcome;
    if (outcome->end == END_NONE) {
        g_strlcpy(buffer, "", size);
        return buffer;
    }
    if (outcome->winner < 0) {
        g_strlcpy(buffer, _("The game is drawn"), size);
        return buffer;
    }
    const char *name = session_colour_name(session_colour(session, outcome->winner));
    if (outcome->end == END_RESIGNED)
        g_snprintf(buffer, size, _("%s wins by resignation"), name);
    else if (outcome->end == END_TIME)
        g_snprintf(buffer, size, _("%s wins on time"), name);
    else if (session->game.has_score)
        g_snprintf(buffer, size, _("%s wins by %g points"), name, (double)ABS(outcome->margin));
    else
        g_snprintf(buffer, size, _("%s wins"), name);
    return buffer;
}
