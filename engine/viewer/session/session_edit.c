/* Editing the record: marks, setup stones, comments. */
#include "engine/viewer/session/session.h"
#include "engine/viewer/session/session_internal.h"
#include "games/game.h"
#include "games/record/sgf.h"

/* Removes the value that starts with `point` from a property. Returns false if there is none. */
static bool remove_value(struct sgf_node *node, const char *name, const char *point)
{
    const struct sgf_property *property = sgf_find(node, name);
    GPtrArray *kept = g_ptr_array_new_with_free_func(g_free);
    bool found = false;
    for (int i = 0; property && i < property->count; i++) {
        bool same =
            strncmp(property->values[i], point, 2) == 0 && (!property->values[i][2] || property->values[i][2] == ':');
        found |= same;
        if (!same)
            g_ptr_array_add(kept, g_strdup(property->values[i]));
    }
    if (found) {
        sgf_unset(node, name);
        for (guint i = 0; i < kept->len; i++)
            sgf_append(node, name, g_ptr_array_index(kept, i));
    }
    g_ptr_array_unref(kept);
    return found;
}

/* Sets `value` to "POINT:LETTER" with the first letter not used by a label of the node. */
static void make_label(const struct sgf_node *node, const char *point, char *value)
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
        was |= remove_value(session->node, kinds[i], text) && strcmp(kinds[i], kind) == 0;
    if (!was) {
        g_strlcpy(value, text, sizeof value);
        if (strcmp(kind, "LB") == 0)
            make_label(session->node, text, value);
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
        session_notify_briefly(session, NOTICE_WARNING, "%s", error->message);
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
        remove_value(node, names[i], text);
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
