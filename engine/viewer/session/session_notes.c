/* The evaluations of the record's positions: taken from searches, from the rules and from the count; saved with the
 * record; and the mistakes that follow from them. */
#include <math.h>

#include "agents/agent.h"
#include "engine/viewer/session/brain.h"
#include "engine/viewer/session/session.h"
#include "engine/viewer/session/session_internal.h"
#include "engine/viewer/text.h"
#include "games/game.h"
#include "games/record/sgf.h"

/* One value: "visits=150 black=0.5312 lead=1.50 draw=0.0000 line=ee,gc". Win rate and lead are Black's; "loss" and
 * "better" are for other programs and not read. */
static const char property[] = "TENGENEVAL";

const struct session_note *session_note(const struct session *session, const struct sgf_node *node)
{
    return g_hash_table_lookup(session->notes, node);
}

static void put(struct session *session, const struct sgf_node *node, const struct session_note *note)
{
    g_hash_table_insert(session->notes, (gpointer)node, g_memdup2(note, sizeof *note));
    session->note_revision++;
}

void session_take_note(struct session *session, struct sgf_node *node, bool black, const struct analysis *found)
{
    const struct session_note *old = session_note(session, node);
    if (old && (old->settled || old->visits > found->visits))
        return;
    struct session_note note = {.visits = found->visits,
                                .black_win = black ? found->win : 1 - found->win,
                                .black_lead = black ? found->lead : -found->lead,
                                .draw = found->draw,
                                .best = found->count ? found->candidates[0].move : GAME_NO_MOVE};
    if (found->count) {
        const struct agent_candidate *best = &found->candidates[0];
        note.length = CLAMP(best->length, 0, SESSION_NOTE_MOVES);
        for (int i = 0; i < note.length; i++)
            note.line[i] = best->line[i];
        if (!note.length)
            note.line[note.length++] = best->move;
    }
    put(session, node, &note);
}

/* ---- results ---- */

static game_move move_of(const struct session *session, const struct sgf_node *node)
{
    const char *raw = sgf_get(node, "B") ? sgf_get(node, "B") : sgf_get(node, "W");
    return raw ? sgf_parse_point(&session->game, raw) : GAME_NO_MOVE;
}

static bool is_pass(const struct session *session, const struct sgf_node *node)
{
    return session_pass_move(session) != GAME_NO_MOVE && sgf_step(node) == SGF_MOVE &&
           move_of(session, node) == session_pass_move(session);
}

/* winner: player, -1 for a draw. margin: of player 0. black_player: who holds black at the node. */
static void settle(struct session *session, struct sgf_node *node, int winner, float margin, int black_player)
{
    const struct session_note note = {.settled = true,
                                      .best = GAME_NO_MOVE,
                                      .black_win = winner < 0               ? 0.5f
                                                   : winner == black_player ? 1
                                                                            : 0,
                                      .draw = winner < 0,
                                      .black_lead = black_player == 0 ? margin : -margin};
    const struct session_note *old = session_note(session, node);
    if (!old || !old->settled || old->black_win != note.black_win || old->black_lead != note.black_lead)
        put(session, node, &note);
}

/* The same result for a node and the positions before the passes that lead to it. */
static void settle_passes(struct session *session, struct sgf_node *node, float margin, int black_player)
{
    int winner = margin > 0 ? 0 : margin < 0 ? 1 : -1;
    settle(session, node, winner, margin, black_player);
    for (; node->parent && is_pass(session, node); node = node->parent)
        settle(session, node->parent, winner, margin, black_player);
}

void session_settle_count(struct session *session)
{
    settle_passes(session, session->node, session->score.margin, session->position.p.black_player);
}

void session_unsettle(struct session *session, struct sgf_node *node)
{
    for (bool more = true; node && more; node = node->parent) {
        const struct session_note *note = session_note(session, node);
        more = is_pass(session, node);
        if (!note || !note->settled)
            continue;
        g_hash_table_remove(session->notes, node);
        sgf_unset(node, property);
        session->note_revision++;
    }
}

void session_settle(struct session *session, struct sgf_node *node)
{
    union any_position at;
    const struct game *game = &session->game;
    struct sgf_node *end = node, *next;
    while ((next = session_line_next(session, end)) != NULL)
        end = next;
    const struct session_note *known = session_note(session, end);
    if ((known && known->settled) || !session_position_at(session, end, &at.p) || !game_over(&at.p))
        return;
    if (game->ops->counting && is_pass(session, end)) {
        uint8_t dead[GAME_MAX_POINTS], seki[GAME_MAX_POINTS];
        int8_t owner[GAME_MAX_POINTS];
        struct game_count score;
        game->ops->counting->find_dead(game, &at.p, dead, seki);
        game->ops->counting->count(game, &at.p, dead, &score, owner);
        settle_passes(session, end, score.margin, at.p.black_player);
        return;
    }
    struct game_result result = game_result(game, &at.p);
    int winner = result.outcome == GAME_WON_0 ? 0 : result.outcome == GAME_WON_1 ? 1 : -1;
    settle(session, end, winner, result.margin, at.p.black_player);
}

/* ---- saved with the record ---- */

static void append_moves(const struct session *session, GString *text, const struct session_note *note)
{
    char point[3];
    for (int i = 0; i < note->length && note->line[i] < session->game.points; i++)
        g_string_append_printf(text, "%s%s", i ? "," : " line=", sgf_point(&session->game, note->line[i], point));
    if (note->length && note->line[0] == session_pass_move(session))
        g_string_append(text, " line=pass");
}

static void append_number(GString *text, const char *name, double value)
{
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    g_string_append_printf(text, " %s=%s", name, g_ascii_formatd(number, sizeof number, "%.4f", value));
}

static void write_note(const struct session *session, struct sgf_node *node, const struct session_note *note)
{
    GString *text = g_string_new(NULL);
    char number[G_ASCII_DTOSTR_BUF_SIZE], point[3];
    float loss;
    bool own = sgf_find(node, property) != NULL;
    g_string_append_printf(text, note->settled ? "settled=1" : "visits=%" G_GINT64_FORMAT, note->visits);
    append_number(text, "black", (double)note->black_win);
    append_number(text, "lead", (double)note->black_lead);
    append_number(text, "draw", (double)note->draw);
    append_moves(session, text, note);
    if (session_blunder(session, node, 0.01f, &loss)) {
        const struct session_note *before = session_note(session, node->parent);
        append_number(text, "loss", (double)loss);
        if (before->best < session->game.points)
            g_string_append_printf(text, " better=%s", sgf_point(&session->game, before->best, point));
    }
    /* For other programs: the score as of FF[4], and the win rate in percent as of Sabaki. */
    if (session->game.has_score && (own || !sgf_find(node, "V")))
        sgf_set(node, "V", g_ascii_formatd(number, sizeof number, "%.1f", (double)note->black_lead));
    if (own || !sgf_find(node, "SBKV"))
        sgf_set(node, "SBKV", g_ascii_formatd(number, sizeof number, "%.2f", 100 * (double)note->black_win));
    sgf_set(node, property, text->str);
    g_string_free(text, TRUE);
}

void session_write_notes(const struct session *session)
{
    GHashTableIter at;
    gpointer node, note;
    g_hash_table_iter_init(&at, session->notes);
    while (g_hash_table_iter_next(&at, &node, &note))
        write_note(session, node, note);
}

static void read_line(const struct session *session, const char *text, struct session_note *note)
{
    char **points = g_strsplit(text, ",", SESSION_NOTE_MOVES + 1);
    for (int i = 0; points[i] && note->length < SESSION_NOTE_MOVES; i++) {
        bool pass = strcmp(points[i], "pass") == 0;
        game_move move = pass ? session_pass_move(session) : sgf_parse_point(&session->game, points[i]);
        if (move == GAME_NO_MOVE)
            break;
        note->line[note->length++] = move;
    }
    if (note->length)
        note->best = note->line[0];
    g_strfreev(points);
}

/* Returns false if the text has no win rate in 0..1. */
static bool read_note(const struct session *session, const char *text, struct session_note *note)
{
    char **words = g_strsplit(text, " ", 32);
    *note = (struct session_note){.black_win = NAN, .best = GAME_NO_MOVE};
    for (int i = 0; words[i]; i++) {
        char *value = strchr(words[i], '=');
        if (!value)
            continue;
        *value++ = '\0';
        double number = g_ascii_strtod(value, NULL);
        if (!isfinite(number))
            number = 0;
        if (strcmp(words[i], "visits") == 0)
            note->visits = (int64_t)CLAMP(number, 0, 1e15);
        else if (strcmp(words[i], "black") == 0)
            note->black_win = (float)number;
        else if (strcmp(words[i], "lead") == 0)
            note->black_lead = (float)CLAMP(number, -1e4, 1e4);
        else if (strcmp(words[i], "draw") == 0)
            note->draw = (float)CLAMP(number, 0, 1);
        else if (strcmp(words[i], "line") == 0)
            read_line(session, value, note);
        else if (strcmp(words[i], "settled") == 0)
            note->settled = number != 0;
    }
    g_strfreev(words);
    return note->black_win >= 0 && note->black_win <= 1;
}

void session_read_notes(struct session *session)
{
    struct session_note note;
    for (struct sgf_node *node = session->root; node; node = sgf_next(session->root, node)) {
        char *text = sgf_text(node, property);
        if (text && read_note(session, text, &note))
            put(session, node, &note);
        g_free(text);
    }
}

/* ---- mistakes ---- */

bool session_blunder(const struct session *session, const struct sgf_node *node, float drop, float *loss)
{
    if (node == session->root || sgf_step(node) != SGF_MOVE)
        return false;
    const struct session_note *now = session_note(session, node), *before = session_note(session, node->parent);
    /* A count and a search measure different things: their difference is no mistake. */
    if (!now || !before || (now->settled && !before->settled))
        return false;
    float change = now->black_win - before->black_win;
    *loss = sgf_find(node, "B") ? -change : change;
    return *loss >= drop;
}

struct sgf_node *session_following(const struct session *session)
{
    struct sgf_node *mistake = session->mistake;
    return mistake && mistake->parent == session->node ? mistake : session->node->first_child;
}

struct sgf_node *session_next_blunder(const struct session *session, int direction)
{
    float loss;
    struct sgf_node *node = session->node;
    /* The mistake that was stopped before is not the next one. */
    if (direction > 0 && session->mistake && session->mistake->parent == node)
        node = session->mistake;
    else if (direction < 0 && session_blunder(session, node, 0.1f, &loss))
        return node;
    for (;;) {
        node = direction > 0 ? node->first_child : node->parent;
        if (!node || !node->parent)
            return NULL;
        if (session_blunder(session, node, 0.1f, &loss))
            return node;
    }
}

void session_show_mistake(struct session *session, int direction)
{
    struct sgf_node *node = session_next_blunder(session, direction);
    char played[GAME_MOVE_TEXT_MAX], better[GAME_MOVE_TEXT_MAX];
    float loss = 0;
    if (!node) {
        session_notify_briefly(session, NOTICE_INFO, "%s", _("No more mistakes among the analysed moves"));
        return;
    }
    session_go(session, node->parent);
    session->mistake = node;
    session_blunder(session, node, 0.1f, &loss);
    session_move_text(session, move_of(session, node), played);
    game_move best = session_note(session, node->parent)->best;
    if (best != GAME_NO_MOVE)
        session_notify(session, NOTICE_INFO, _("%s played %s and lost %.0f %%; better: %s"),
                       session_colour_name(sgf_find(node, "B") ? GAME_BLACK : GAME_WHITE), played, 100 * (double)loss,
                       session_move_text(session, best, better));
    else
        session_notify(session, NOTICE_INFO, _("%s played %s and lost %.0f %%"),
                       session_colour_name(sgf_find(node, "B") ? GAME_BLACK : GAME_WHITE), played, 100 * (double)loss);
}
