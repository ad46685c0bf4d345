/* Walking through the record, changing it, and reading and writing files. */
#include <math.h>

#include "engine/viewer/session/record_file.h"
#include "engine/viewer/session/session_internal.h"
#include "engine/viewer/text.h"

/* ---- the position of a node ---- */

static GPtrArray *path_to(struct sgf_node *node)
{
    GPtrArray *path = g_ptr_array_new();
    for (; node->parent; node = node->parent)
        g_ptr_array_insert(path, 0, node);
    return path;
}

/* Whether applying the node is the same as playing its move in turn. */
static bool is_plain_move(const struct sgf_node *node, const struct game *game, const struct position *before,
                          const struct history *history, game_move move)
{
    const char *other = before->colour == GAME_BLACK ? "W" : "B";
    return sgf_step(node) != SGF_SETUP && move != GAME_NO_MOVE && !sgf_find(node, other) &&
           game->ops->legal(game, before, history, move);
}

/* Takes the node into the line by which the brain comes to the same position. */
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

/* Plays to a node: the line for the brain (moves: to be freed), the position, its history (initialised here), the last
 * move. False, with the error set and nothing to free, when the record cannot be played to there. */
static bool play_to(const struct session *session, struct sgf_node *node, struct brain_line *line, struct position *at,
                    struct history *history, game_move *made, GError **error)
{
    const struct game *game = &session->game;
    GPtrArray *path = path_to(node);
    union any_position before;
    bool fine = true;
    *line = (struct brain_line){.game = *game, .from_start = true, .moves = g_new(game_move, path->len + 1)};
    *made = GAME_NO_MOVE;
    game_init(game, at);
    game_copy(game, &line->start.p, at);
    history_init(history, (int)path->len + 1);
    for (guint i = 0; fine && i < path->len; i++) {
        const struct sgf_node *step = g_ptr_array_index(path, i);
        game_copy(game, &before.p, at);
        struct history earlier = *history;
        fine = sgf_apply(step, game, at, history, made, error);
        earlier.entries = history->entries; /* may have moved; its first entries are as they were */
        if (fine && sgf_step(step) != SGF_NOTHING)
            extend_line(line, at, is_plain_move(step, game, &before.p, &earlier, *made), *made);
    }
    g_ptr_array_free(path, TRUE);
    if (fine)
        return true;
    g_free(line->moves);
    history_clear(history);
    return false;
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
    session->analysis_node = NULL;
    if (session_show(session, node, &error))
        return;
    session_say(session, NOTICE_WARNING, "%s", error->message);
    g_clear_error(&error);
}

/* ---- walking ---- */

void session_go(struct session *session, struct sgf_node *node)
{
    if (node == session->node)
        return;
    session_clock_stop(session);
    session->live = false;
    session->thinking = false;
    session->hint = false;
    session_visit(session, node);
    session->state = SESSION_PLAYING;
    session_check_end(session);
    /* Back where the game stands: it goes on. */
    if (session->state == SESSION_PLAYING && !session->node->first_child &&
        session->setup.players[session->position.p.player].human) {
        session->live = true;
        session_clock_go(session);
    }
    session_think_again(session);
}

void session_step(struct session *session, int steps)
{
    struct sgf_node *node = session->node;
    for (; steps > 0 && node->first_child; steps--)
        node = node->first_child;
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

static gboolean lies_below(gpointer key, gpointer value, gpointer user)
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
    g_hash_table_foreach_remove(session->notes, lies_below, node);
    session_go(session, node->parent);
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

/* ---- markup, setup, comments ---- */

/* Takes the value that begins with `point` out of a property; false when there is none. */
static bool take_value(struct sgf_node *node, const char *name, const char *point)
{
    const struct sgf_property *property = sgf_find(node, name);
    char **kept = g_new0(char *, (property ? property->count : 0) + 1);
    int count = 0;
    bool found = false;
    for (int i = 0; property && i < property->count; i++) {
        bool same =
            strncmp(property->values[i], point, 2) == 0 && (!property->values[i][2] || property->values[i][2] == ':');
        found |= same;
        if (!same)
            kept[count++] = g_strdup(property->values[i]);
    }
    if (found) {
        sgf_unset(node, name);
        for (int i = 0; i < count; i++)
            sgf_append(node, name, kept[i]);
    }
    g_strfreev(kept);
    return found;
}

/* The first letter that no label of the node uses. */
static void free_letter(const struct sgf_node *node, const char *point, char *value)
{
    const struct sgf_property *labels = sgf_find(node, "LB");
    bool used[26] = {false};
    for (int i = 0; labels && i < labels->count; i++) {
        const char *text = strchr(labels->values[i], ':');
        if (text && text[1] >= 'A' && text[1] <= 'Z' && !text[2])
            used[text[1] - 'A'] = true;
    }
    int letter = 0;
    while (letter < 25 && used[letter])
        letter++;
    g_snprintf(value, 8, "%s:%c", point, 'A' + letter);
}

void session_toggle_mark(struct session *session, int point, const char *kind)
{
    static const char *const kinds[] = {"TR", "SQ", "CR", "MA", "LB"};
    char text[3], value[8];
    bool was = false;
    sgf_point(&session->game, point, text);
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        was |= take_value(session->node, kinds[i], text) && strcmp(kinds[i], kind) == 0;
    if (!was) {
        g_strlcpy(value, text, sizeof value);
        if (strcmp(kind, "LB") == 0)
            free_letter(session->node, text, value);
        sgf_append(session->node, kind, value);
    }
    session_changed(session);
}

void session_set_stone(struct session *session, int point, enum game_colour colour)
{
    const struct game *game = &session->game;
    uint8_t stones[GAME_MAX_POINTS];
    union any_position at;
    GError *error = NULL;
    for (int p = 0; p < game->points; p++)
        stones[p] = (uint8_t)game->ops->stone(game, &session->position.p, p);
    stones[point] = stones[point] == colour ? GAME_EMPTY : colour;
    game_copy(game, &at.p, &session->position.p);
    if (!game_set_up(game, &at.p, stones, session->position.p.colour, &error)) {
        session_say(session, NOTICE_WARNING, "%s", error->message);
        g_clear_error(&error);
        return;
    }
    struct sgf_node *node = session->node;
    if (sgf_step(node) == SGF_MOVE || node->first_child)
        node = sgf_add(node);
    static const char *const names[] = {"AE", "AB", "AW"};
    char text[3];
    sgf_point(game, point, text);
    for (int i = 0; i < 3; i++)
        take_value(node, names[i], text);
    sgf_append(node, names[stones[point]], text);
    if (!sgf_find(node, "PL"))
        sgf_set(node, "PL", session->position.p.colour == GAME_BLACK ? "B" : "W");
    session->live = false;
    session_visit(session, node);
    session_changed(session);
    session_think_again(session);
}

void session_set_comment(struct session *session, const char *text)
{
    sgf_set_text(session->node, "C", *text ? text : NULL);
    session_changed(session);
}

char *session_comment(const struct session *session)
{
    char *text = sgf_text(session->node, "C");
    return text ? text : g_strdup("");
}

/* ---- notes ---- */

const struct session_note *session_note(const struct session *session, const struct sgf_node *node)
{
    return g_hash_table_lookup(session->notes, node);
}

bool session_blunder(const struct session *session, const struct sgf_node *node, float drop, float *loss)
{
    if (node == session->root || sgf_step(node) != SGF_MOVE)
        return false;
    const struct session_note *now = session_note(session, node), *before = session_note(session, node->parent);
    if (!now || !before)
        return false;
    float change = now->black_win - before->black_win;
    *loss = sgf_find(node, "B") ? -change : change;
    return *loss >= drop;
}

struct sgf_node *session_next_blunder(const struct session *session, int direction)
{
    float loss;
    struct sgf_node *node = session->node;
    for (;;) {
        node = direction > 0 ? node->first_child : node->parent;
        if (!node || !node->parent)
            return NULL;
        if (session_blunder(session, node, 0.1f, &loss))
            return node;
    }
}

/* ---- files ---- */

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

/* Takes a record whose game is known to be playable; the old one goes. */
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

/* A trial of the main line, so that a file which cannot be shown is refused before the old game goes. */
static bool can_show(struct sgf *sgf, const struct game *game, GError **error)
{
    union any_position at;
    struct history history;
    history_init(&history, 400);
    bool fine = sgf_replay(sgf_root(sgf), game, &at.p, &history, error);
    history_clear(&history);
    return fine;
}

bool session_load_text(struct session *session, const char *text, size_t length, const char *name)
{
    GError *error = NULL;
    struct game game;
    struct sgf *sgf = record_file_parse(text, length, name, &error);
    if (sgf && !sgf_root(sgf))
        g_set_error(&error, GAME_ERROR, GAME_ERROR_FILE, "%s: there is no game in it", name);
    if (!error && sgf_read_game(sgf_root(sgf), &session->game, &game, &error) && can_show(sgf, &game, &error)) {
        adopt(session, sgf, &game);
        return true;
    }
    sgf_free(sgf);
    session_say(session, NOTICE_WARNING, "%s", error->message);
    g_clear_error(&error);
    return false;
}

bool session_load(struct session *session, const char *path)
{
    char *text = NULL;
    gsize length;
    GError *error = NULL;
    if (!g_file_get_contents(path, &text, &length, &error)) {
        session_say(session, NOTICE_WARNING, "%s", error->message);
        g_clear_error(&error);
        return false;
    }
    bool fine = session_load_text(session, text, length, path);
    g_free(text);
    return fine;
}

void session_take_players(struct session *session, const struct session_player players[2])
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
        session_say(session, NOTICE_INFO, _("Saved as %s"), path);
        return true;
    }
    session_say(session, NOTICE_WARNING, "%s", error->message);
    g_clear_error(&error);
    return false;
}
