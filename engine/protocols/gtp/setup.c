/* Positions that are not reached move by move: handicap, setup, and SGF files. */
#include <stdio.h>

#include "engine/protocols/common/protocol.h"
#include "engine/protocols/gtp/session.h"
#include "games/game.h"
#include "games/go/go.h"
#include "games/record/sgf.h"

static void list_points(struct gtp_call *call, const game_move *points, int count)
{
    char text[GAME_MOVE_TEXT_MAX];
    for (int i = 0; i < count; i++)
        g_string_append_printf(call->out, "%s%s", i ? " " : "", game_move_format(&call->gtp->game, points[i], text));
}

static bool place(struct gtp_call *call, const game_move *points, int count)
{
    struct gtp *gtp = call->gtp;
    union any_position start;
    GError *error = NULL;
    if (!gtp_plays_go(gtp))
        return gtp_fail(call, "handicap is supported for Go only");
    if (gtp->moves->len || gtp->at.p.stones_hash)
        return gtp_fail(call, "board not empty");
    game_init(&gtp->game, &start.p);
    if (!go_place_handicap(&gtp->game, &start.p, points, count, &error))
        return gtp_fail_error(call, "bad vertex list", error);
    gtp_set_start(gtp, &start.p);
    return true;
}

static bool fixed_handicap(struct gtp_call *call)
{
    game_move points[9];
    int64_t count;
    if (!gtp_read_int(call, 0, INT32_MIN, INT32_MAX, &count))
        return false;
    if (!go_fixed_handicap(call->gtp->game.width, (int)count, points))
        return gtp_fail(call, "invalid number of stones");
    if (!place(call, points, (int)count))
        return false;
    list_points(call, points, (int)count);
    return true;
}

/* Uses the fixed handicap points, up to nine: GTP permits a program to place fewer stones than requested. */
static bool place_free_handicap(struct gtp_call *call)
{
    game_move points[9];
    int64_t count;
    if (!gtp_read_int(call, 0, INT32_MIN, INT32_MAX, &count))
        return false;
    if (count < 2 || count >= call->gtp->game.points)
        return gtp_fail(call, "invalid number of stones");
    count = MIN(count, 9);
    while (count >= 2 && !go_fixed_handicap(call->gtp->game.width, (int)count, points))
        count--;
    if (count < 2) /* no fixed points on a board this small: use two opposite corners */
        points[0] = 0, points[1] = (game_move)(call->gtp->game.points - 1), count = 2;
    if (!place(call, points, (int)count))
        return false;
    list_points(call, points, (int)count);
    return true;
}

static bool set_free_handicap(struct gtp_call *call)
{
    game_move points[GAME_MAX_POINTS];
    if (call->count < 2 || call->count >= call->gtp->game.points)
        return gtp_fail(call, "bad vertex list");
    for (int i = 0; i < call->count; i++) {
        points[i] = game_move_parse(&call->gtp->game, call->args[i]);
        if (points[i] >= call->gtp->game.points)
            return gtp_fail(call, "bad vertex list");
    }
    return place(call, points, call->count);
}

/* COLOUR VERTEX pairs. empty: replaces all stones (KataGo's set_position), otherwise changes the given points only
 * (gogui-setup). */
static bool set_stones(struct gtp_call *call, bool empty)
{
    struct gtp *gtp = call->gtp;
    uint8_t stones[GAME_MAX_POINTS] = {0};
    union any_position start;
    GError *error = NULL;
    for (int p = 0; p < gtp->game.points && !empty; p++)
        stones[p] = (uint8_t)gtp->game.ops->stone(&gtp->game, &gtp->at.p, p);
    for (int i = 0; i < call->count; i += 2) {
        enum game_colour colour = GAME_EMPTY;
        game_move point;
        bool none = g_ascii_strcasecmp(call->args[i], "e") == 0 || g_ascii_strcasecmp(call->args[i], "empty") == 0;
        if ((!none && !gtp_read_colour(call, i, &colour)) || !gtp_read_move(call, i + 1, &point))
            return gtp_fail(call, "syntax error");
        if (point >= gtp->game.points)
            return gtp_fail(call, "syntax error");
        stones[point] = (uint8_t)colour;
    }
    game_init(&gtp->game, &start.p);
    if (!game_set_up(&gtp->game, &start.p, stones, empty ? GAME_BLACK : gtp->at.p.colour, &error))
        return gtp_fail_error(call, "", error);
    gtp_set_start(gtp, &start.p);
    return true;
}

static bool set_position(struct gtp_call *call)
{
    return set_stones(call, true);
}
static bool gogui_setup(struct gtp_call *call)
{
    return set_stones(call, false);
}

static bool gogui_setup_player(struct gtp_call *call)
{
    enum game_colour colour;
    if (!gtp_read_colour(call, 0, &colour))
        return false;
    union any_position start = call->gtp->at;
    game_set_to_move(&call->gtp->game, &start.p, colour);
    gtp_set_start(call->gtp, &start.p);
    return true;
}

/* ---- records ---- */

/* The last node of the main line before move `move_number`; NULL if the root has that move. */
static const struct sgf_node *find_node(const struct sgf_node *root, int64_t move_number)
{
    const struct sgf_node *last = NULL;
    int64_t moves = 0;
    for (const struct sgf_node *node = root; node; node = node->first_child) {
        moves += sgf_find(node, "B") || sgf_find(node, "W");
        if (moves >= move_number)
            break;
        last = node;
    }
    return last;
}

/* Plays the line from the root to `end`. Undo is limited to the moves since the last setup node. */
static bool walk_record(struct gtp *gtp, const struct sgf_node *root, const struct sgf_node *end, GError **error)
{
    for (const struct sgf_node *node = root; node; node = node == end ? NULL : node->first_child) {
        enum sgf_step step = sgf_step(node);
        union any_position next;
        game_move made;
        uint8_t colour = sgf_find(node, "W") ? GAME_WHITE : sgf_find(node, "B") ? GAME_BLACK : gtp->at.p.colour;
        game_copy(&gtp->game, &next.p, &gtp->at.p);
        if (!sgf_apply(node, &gtp->game, &next.p, NULL, &made, error))
            return false;
        if (step == SGF_MOVE && made != GAME_NO_MOVE && gtp_play(gtp, colour, made))
            continue;
        if (step != SGF_NOTHING || next.p.hash != gtp->at.p.hash)
            gtp_set_start(gtp, &next.p); /* also after a move that violates superko, accepted in game records */
    }
    return true;
}

/* Reads FILE, or FILE MOVE if `move_number` is not NULL. Returns the path, freed by g_free. GTP allows no spaces in
 * arguments, but paths contain them: the path extends to the end of the line, optionally in quotation marks. */
static char *read_path(const struct gtp_call *call, int64_t *move_number)
{
    char *path = g_strdup(call->rest), *space = strrchr(path, ' ');
    if (move_number && space && !g_file_test(path, G_FILE_TEST_EXISTS) &&
        g_ascii_string_to_signed(space + 1, 10, 1, G_MAXINT64, move_number, NULL)) {
        *space = '\0';
        g_strchomp(path);
    }
    size_t length = strlen(path);
    if (length > 2 && path[0] == '"' && path[length - 1] == '"') {
        path[length - 1] = '\0';
        memmove(path, path + 1, length - 1);
    }
    return path;
}

/* Tells the user, on stderr, what was repaired in a record. */
static void tell_repairs(const char *path, const struct sgf *sgf)
{
    int count;
    const char *const *notes = sgf_notes(sgf, &count);
    for (int i = 0; i < count; i++)
        fprintf(stderr, "tengen gtp: %s: %s\n", path, notes[i]);
}

static bool loadsgf(struct gtp_call *call)
{
    struct gtp *gtp = call->gtp;
    struct game game;
    int64_t move_number = G_MAXINT64;
    GError *error = NULL;
    char *path = read_path(call, &move_number);
    struct sgf *sgf = sgf_load(path, &error);
    const struct sgf_node *end = sgf ? find_node(sgf_root(sgf), move_number) : NULL;
    union any_position tried;
    /* The whole line is checked before anything changes. */
    bool ok = sgf && sgf_read_game(sgf_root(sgf), &gtp->game, &game, &error) &&
              (!end || sgf_replay(end, &game, &tried.p, NULL, &error)) && gtp_set_game(gtp, &game, false, &error) &&
              (!end || walk_record(gtp, sgf_root(sgf), end, &error));
    if (ok)
        tell_repairs(path, sgf);
    g_free(path);
    sgf_free(sgf);
    return ok || gtp_fail_error(call, "cannot load file", error);
}

static struct sgf *make_record(const struct gtp *gtp)
{
    struct sgf *sgf = sgf_new();
    struct sgf_node *node = sgf_add(sgf->top);
    union any_position at = gtp->start;
    sgf_write_game(node, &gtp->game);
    if (!gtp->at_game_start) {
        sgf_write_setup(node, &gtp->game, &at.p);
        if (gtp_plays_go(gtp) && go_handicap_stones(&at.p)) {
            char text[16];
            g_snprintf(text, sizeof text, "%d", go_handicap_stones(&at.p));
            sgf_set(node, "HA", text);
            sgf_unset(node, "PL");
        }
    }
    for (guint i = 0; i < gtp->moves->len; i++) {
        const struct protocol_move *made = &g_array_index(gtp->moves, struct protocol_move, i);
        if ((at.p.colour != made->colour && !gtp_is_decision(gtp, made->move)) ||
            (gtp->game.ops->counting && game_over(&at.p)))
            game_set_to_move(&gtp->game, &at.p, made->colour);
        node = sgf_add_move(node, &gtp->game, &at.p, made->move);
        game_play(&gtp->game, &at.p, NULL, made->move);
    }
    return sgf;
}

static bool printsgf(struct gtp_call *call)
{
    GError *error = NULL;
    size_t length;
    struct sgf *sgf = make_record(call->gtp);
    bool ok = true;
    if (call->count && strcmp(call->rest, "-") != 0) {
        char *path = read_path(call, NULL);
        ok = sgf_save(sgf, path, &error) || gtp_fail_error(call, "cannot write file", error);
        g_free(path);
    } else {
        char *text = sgf_format(sgf, &length);
        g_string_append(call->out, text);
        g_free(text);
    }
    sgf_free(sgf);
    return ok;
}

const struct gtp_command gtp_setup_commands[] = {
    {"fixed_handicap", 1, 1, fixed_handicap},
    {"place_free_handicap", 1, 1, place_free_handicap},
    {"set_free_handicap", 0, -1, set_free_handicap},
    {"set_position", 0, -1, set_position},
    {"gogui-setup", 0, -1, gogui_setup},
    {"gogui-setup_player", 1, 1, gogui_setup_player},
    {"loadsgf", 1, -1, loadsgf},
    {"printsgf", 0, -1, printsgf},
    {NULL, 0, 0, NULL},
};
