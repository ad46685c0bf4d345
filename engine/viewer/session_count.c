/* The end of a game of Go: dead stones proposed from ownership, changed by hand, counted. */
#include <math.h>

#include "engine/viewer/session_internal.h"
#include "engine/viewer/text.h"

enum { COUNT_VISITS = 300 };

static void count(struct session *session)
{
    go_score(&session->game, &session->position.p, session->dead, &session->score);
}

/* The position before the passes that ended the game, in which a search can look. */
static bool line_before_passes(const struct session *session, struct brain_line *line)
{
    game_move pass = session_pass_move(session);
    *line = session->line;
    while (line->count > 0 && line->moves[line->count - 1] == pass)
        line->count--;
    return line->count > 0 || !line->from_start;
}

void session_start_count(struct session *session)
{
    struct brain_line line;
    session_clock_stop(session);
    session->state = SESSION_COUNTING;
    session->live = session->thinking = false;
    session->has_ownership = false;
    memset(session->dead, 0, sizeof session->dead);
    count(session);
    session->counting_job = line_before_passes(session, &line);
    if (session->counting_job)
        session->ticket = brain_analyse(session->brain, &line, session->analyst_net, COUNT_VISITS);
    else
        session_take_ownership(session, NULL);
}

/* Marks or unmarks the chain on a point. */
static void mark_chain(struct session *session, int point, bool dead)
{
    const struct game *game = &session->game;
    enum game_colour colour = game->ops->stone(game, &session->position.p, point);
    int stack[GAME_MAX_POINTS], top = 0, size = game->size;
    if (colour == GAME_EMPTY || session->dead[point] == dead)
        return;
    session->dead[point] = dead;
    stack[top++] = point;
    while (top) {
        int at = stack[--top], x = at % size, y = at / size;
        const int near[4] = {x > 0 ? at - 1 : -1, x < size - 1 ? at + 1 : -1, y > 0 ? at - size : -1,
                             y < size - 1 ? at + size : -1};
        for (int i = 0; i < 4; i++)
            if (near[i] >= 0 && session->dead[near[i]] != dead &&
                game->ops->stone(game, &session->position.p, near[i]) == colour) {
                session->dead[near[i]] = dead;
                stack[top++] = near[i];
            }
    }
}

void session_take_ownership(struct session *session, const struct analysis *found)
{
    const struct game *game = &session->game;
    int8_t alive[GAME_MAX_POINTS];
    session->counting_job = false;
    session->has_ownership = true; /* also where nothing is known: it is not asked again */
    memset(session->ownership, 0, sizeof session->ownership);
    if (found && found->has_map) {
        game_move pass = session_pass_move(session);
        int passes = 0; /* the view is that of the player who moved before the passes */
        while (passes < session->line.count && session->line.moves[session->line.count - 1 - passes] == pass)
            passes++;
        bool black = (session->position.p.colour == GAME_BLACK) == (passes % 2 == 0);
        for (int p = 0; p < game->points; p++)
            session->ownership[p] = black ? found->map[p] : -found->map[p];
    }
    /* What cannot be captured is not dead, whatever the net believes. */
    go_pass_alive(game, &session->position.p, alive);
    for (int p = 0; p < game->points; p++) {
        enum game_colour colour = game->ops->stone(game, &session->position.p, p);
        float owner = colour == GAME_WHITE ? -session->ownership[p] : session->ownership[p];
        bool safe = alive[p] == (colour == GAME_BLACK ? 1 : -1);
        bool lost = alive[p] == (colour == GAME_BLACK ? -1 : 1);
        if (colour != GAME_EMPTY && !safe && (lost || owner < -0.5f))
            mark_chain(session, p, true);
    }
    count(session);
    session_say(session, NOTICE_INFO, "%s", _("Dead stones are marked: click to change them, Enter accepts"));
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
    session_finish(session, END_AGREED, margin > 0 ? 0 : margin < 0 ? 1 : -1, margin);
}

void session_resume(struct session *session)
{
    game_move pass = session_pass_move(session);
    if (session->state != SESSION_COUNTING)
        return;
    session->state = SESSION_PLAYING;
    struct sgf_node *node = session->node;
    for (int i = 0; i < 2 && node != session->root && session->last == pass; i++) {
        node = node->parent;
        session_visit(session, node);
    }
    session->live = true;
    session_clock_go(session);
    session_think_again(session);
}
