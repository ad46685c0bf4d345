/* Set-up, handicap and moves: from the nodes of a record to positions, and back. */
#include "games/game.h"
#include "games/go/go.h"
#include "games/record/sgf.h"
#include "games/record/sgf_internal.h"

/* ---- points ---- */

char *sgf_point(const struct game *game, int point, char *buffer)
{
    buffer[0] = (char)('a' + point % game->width);
    buffer[1] = (char)('a' + point / game->width);
    buffer[2] = '\0';
    return buffer;
}

/* Parses two letters, or a letter and a row number counted from the bottom, to column and row from 0; false for
 * anything else. */
static bool read_point(const struct game *game, const char *raw, int *x, int *y)
{
    *x = raw[0] - 'a';
    if (!g_ascii_islower(raw[0]))
        return false;
    if (g_ascii_islower(raw[1]) && !raw[2]) {
        *y = raw[1] - 'a';
    } else {
        char *end;
        guint64 row = g_ascii_strtoull(raw + 1, &end, 10);
        if (!game->ops->traits.records.numbered_rows || !g_ascii_isdigit(raw[1]) || *end || row < 1 ||
            row > GAME_MAX_SIZE)
            return false;
        *y = game->height - (int)row;
    }
    return *x < game->width && *y >= 0 && *y < game->height;
}

static bool is_pass(const struct game *game, const char *raw)
{
    return !*raw || (MAX(game->width, game->height) <= 19 && strcmp(raw, "tt") == 0);
}

/* Some files break lines inside values. Returns buffer, or raw if it contains no white space. */
static const char *without_space(const char *raw, char *buffer, size_t size)
{
    size_t length = 0;
    for (const char *at = raw; *at && length + 1 < size; at++)
        if (!g_ascii_isspace(*at))
            buffer[length++] = *at;
    buffer[length] = '\0';
    return raw[strcspn(raw, " \t\r\n\v\f")] ? buffer : raw;
}

game_move sgf_parse_point(const struct game *game, const char *raw)
{
    int x, y;
    char buffer[8] = "";
    raw = without_space(raw, buffer, sizeof buffer);
    if (is_pass(game, raw))
        return game->pass;
    return read_point(game, raw, &x, &y) ? (game_move)(y * game->width + x) : GAME_NO_MOVE;
}

/* One value of a point list: a point, or the corners of a rectangle. */
static bool mark_points(const struct game *game, const char *raw, uint8_t *marks)
{
    int x[2], y[2];
    char buffer[16] = "";
    raw = without_space(raw, buffer, sizeof buffer);
    const char *colon = strchr(raw, ':');
    if (!colon) {
        if (!read_point(game, raw, &x[0], &y[0]))
            return false;
        marks[y[0] * game->width + x[0]] = 1;
        return true;
    }
    char *first = g_strndup(raw, (size_t)(colon - raw));
    bool fine = read_point(game, first, &x[0], &y[0]) && read_point(game, colon + 1, &x[1], &y[1]);
    g_free(first);
    for (int row = MIN(y[0], y[1]); fine && row <= MAX(y[0], y[1]); row++)
        for (int column = MIN(x[0], x[1]); column <= MAX(x[0], x[1]); column++)
            marks[row * game->width + column] = 1;
    return fine;
}

bool sgf_points(const struct sgf_node *node, const char *name, const struct game *game, uint8_t *marks,
                const char **bad)
{
    bool fine = true;
    for (int i = 0; i < node->count; i++)
        for (int v = 0; v < node->properties[i].count && strcmp(node->properties[i].name, name) == 0; v++) {
            const char *raw = node->properties[i].values[v];
            /* Some programs write "AB[]" for an empty list. */
            if (!*raw || mark_points(game, raw, marks))
                continue;
            if (fine && bad)
                *bad = raw;
            fine = false;
        }
    return fine;
}

/* ---- set-up ---- */

static const struct {
    const char *name;
    enum game_colour stone;
} setups[] = {{"AE", GAME_EMPTY}, {"AB", GAME_BLACK}, {"AW", GAME_WHITE}};

static enum game_colour colour_of(const char *text)
{
    switch (text ? g_ascii_toupper(text[0]) : 0) {
    case 'B':
    case '1':
        return GAME_BLACK;
    case 'W':
    case '2':
        return GAME_WHITE;
    default:
        return GAME_EMPTY;
    }
}

/* The colour of the first move in this node or else in the next one; GAME_EMPTY if neither has a move. */
static enum game_colour next_colour(const struct sgf_node *node)
{
    for (int steps = 0; node && steps < 2; node = node->first_child, steps++)
        for (int i = 0; i < node->count; i++)
            if (strcmp(node->properties[i].name, "B") == 0 || strcmp(node->properties[i].name, "W") == 0)
                return colour_of(node->properties[i].name);
    return GAME_EMPTY;
}

static int handicap_of(const struct sgf_node *node)
{
    const char *raw = sgf_get(node, "HA");
    gint64 stones = raw ? g_ascii_strtoll(raw, NULL, 10) : 0;
    return stones >= 2 && stones <= GAME_MAX_POINTS ? (int)stones : 0;
}

/* Black stones on an empty board together with HA are a handicap, for which the rules may compensate white. HA without
 * stones means the fixed points, unless black nevertheless moves first. */
static bool place_handicap(const struct sgf_node *node, const struct game *game, struct position *position)
{
    game_move points[GAME_MAX_POINTS];
    uint8_t marks[GAME_MAX_POINTS] = {0};
    int count = 0, wanted = handicap_of(node);
    if (game->ops != &go_ops || !wanted || position->stones_hash || sgf_find(node, "AW") || sgf_find(node, "AE"))
        return false;
    if (!sgf_find(node, "AB")) {
        if (next_colour(node) == GAME_BLACK || !go_fixed_handicap(game->width, wanted, points))
            return false;
        count = wanted;
    }
    if (!sgf_points(node, "AB", game, marks, NULL))
        return false;
    for (int p = 0; p < game->points; p++)
        if (marks[p])
            points[count++] = (game_move)p;
    return go_place_handicap(game, position, points, count, NULL);
}

static bool apply_setup(const struct sgf_node *node, const struct game *game, struct position *position, GError **error)
{
    uint8_t stones[GAME_MAX_POINTS];
    bool handicap = place_handicap(node, game, position);
    enum game_colour colour = colour_of(sgf_get(node, "PL"));
    if (colour == GAME_EMPTY && handicap)
        return true;
    for (int p = 0; p < game->points; p++)
        stones[p] = (uint8_t)game->ops->stone(game, position, p);
    for (size_t i = 0; i < G_N_ELEMENTS(setups); i++) {
        uint8_t marks[GAME_MAX_POINTS] = {0};
        const char *bad;
        if (!sgf_points(node, setups[i].name, game, marks, &bad))
            sgf_note_at(node, "%s[%.20s] is not a point of the %dx%d board and is left out", setups[i].name, bad,
                        game->width, game->height);
        for (int p = 0; p < game->points; p++)
            if (marks[p])
                stones[p] = (uint8_t)setups[i].stone;
    }
    if (colour == GAME_EMPTY)
        colour = next_colour(node);
    if (colour == GAME_EMPTY)
        colour = position->colour;
    if (game->ops == &go_ops && go_remove_dead(game, stones, GAME_BLACK) + go_remove_dead(game, stones, GAME_WHITE))
        sgf_note_at(node, "set-up stones without a liberty are removed");
    GError *why = NULL;
    bool fine =
        game_set_up(game, position, stones, colour, &why) || sgf_refuse(node, error, "set-up: %s", why->message);
    g_clear_error(&why);
    return fine;
}

enum sgf_step sgf_step(const struct sgf_node *node)
{
    static const char *const names[] = {"AB", "AW", "AE", "PL"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (sgf_find(node, names[i]))
            return SGF_SETUP;
    return sgf_find(node, "B") || sgf_find(node, "W") || sgf_find(node, "CHOICE") ? SGF_MOVE : SGF_NOTHING;
}

/* ---- moves ---- */

static void apply_move(const struct sgf_node *node, const char *name, const char *raw, const struct game *game,
                       struct position *position, struct history *history, game_move *made)
{
    bool choice = strcmp(name, "CHOICE") == 0;
    enum game_colour colour = choice ? position->colour : colour_of(name);
    game_move move = choice ? game_move_parse(game, raw) : sgf_parse_point(game, raw);
    if (!choice && move == GAME_NO_MOVE && is_pass(game, raw)) { /* in a game without a pass: only change the turn */
        game_set_to_move(game, position, game_other(colour));
        return;
    }
    if (move == GAME_NO_MOVE) {
        sgf_note_at(node, "%s[%.20s] is not a move on the %dx%d board and is left out", name, raw, game->width,
                    game->height);
        return;
    }
    if (!choice && (colour != position->colour || game_over(position)))
        game_set_to_move(game, position, colour);
    /* A record contains what was played, possibly under another superko rule, so superko is not checked. Of Go, SGF
     * executes every move, and real records retake a ko, commit suicide and place stones on others. */
    if (!game->ops->legal(game, position, NULL, move)) {
        bool forced = game->ops == &go_ops && move < game->points;
        sgf_note_at(node,
                    forced ? "the move %s[%.20s] is illegal and is executed as SGF defines it"
                           : "the move %s[%.20s] is illegal and is left out",
                    name, raw);
        if (!forced)
            return;
        if (history)
            history_push(history, position);
        go_force(game, position, move, colour);
        return;
    }
    if (history)
        history_push(history, position);
    game_play(game, position, NULL, move);
    *made = move;
}

bool sgf_apply(const struct sgf_node *node, const struct game *game, struct position *position, struct history *history,
               game_move *made, GError **error)
{
    game_move last = GAME_NO_MOVE;
    bool fine = true;
    if (sgf_step(node) == SGF_SETUP || (node->parent && !node->parent->parent && handicap_of(node))) {
        fine = apply_setup(node, game, position, error);
        if (history)
            history_truncate(history, 0);
    }
    for (int i = 0; fine && i < node->count; i++) {
        const char *name = node->properties[i].name;
        if (strcmp(name, "B") == 0 || strcmp(name, "W") == 0 || strcmp(name, "CHOICE") == 0)
            apply_move(node, name, node->properties[i].values[0], game, position, history, &last);
    }
    if (made)
        *made = last;
    return fine;
}

bool sgf_replay(const struct sgf_node *node, const struct game *game, struct position *position,
                struct history *history, GError **error)
{
    GPtrArray *path = g_ptr_array_new();
    for (; node->parent; node = node->parent)
        g_ptr_array_add(path, (gpointer)node);
    game_init(game, position);
    if (history)
        history_truncate(history, 0);
    bool fine = true;
    for (guint i = path->len; fine && i > 0; i--)
        fine = sgf_apply(g_ptr_array_index(path, i - 1), game, position, history, NULL, error);
    g_ptr_array_free(path, TRUE);
    return fine;
}

struct sgf_node *sgf_add_move(struct sgf_node *node, const struct game *game, const struct position *position,
                              game_move move)
{
    char text[GAME_MOVE_TEXT_MAX] = "";
    const char *name = position->colour == GAME_BLACK ? "B" : "W";
    bool pass = move == game->pass;
    if (move < game->points) {
        sgf_point(game, move, text);
    } else if (!pass) {
        name = "CHOICE";
        game_move_format(game, move, text);
    }
    for (struct sgf_node *child = node->first_child; child; child = child->next) {
        const char *raw = sgf_get(child, name);
        if (raw && (strcmp(raw, text) == 0 || (pass && is_pass(game, raw))))
            return child;
    }
    struct sgf_node *child = sgf_add(node);
    sgf_set(child, name, text);
    if (strcmp(name, "CHOICE") == 0)
        sgf_set_text(child, "C", text); /* other programs ignore CHOICE, but show comments */
    return child;
}

void sgf_write_setup(struct sgf_node *node, const struct game *game, const struct position *position)
{
    char text[3];
    for (size_t i = 0; i < G_N_ELEMENTS(setups); i++)
        sgf_unset(node, setups[i].name);
    for (size_t i = 1; i < G_N_ELEMENTS(setups); i++)
        for (int p = 0; p < game->points; p++)
            if (game->ops->stone(game, position, p) == setups[i].stone)
                sgf_append(node, setups[i].name, sgf_point(game, p, text));
    sgf_set(node, "PL", position->colour == GAME_BLACK ? "B" : "W");
}
