/* The board of a session, its game and its agent; boardsize, komi, play, undo, handicap, records. */
#include "engine/gtp_session.h"

#include <math.h>

#include "games/go.h"
#include "games/sgf.h"

/* ---- the board ---- */

static void forget(struct gtp *gtp)
{
    gtp->status_known = false;
    gtp->agent_follows = false;
}

void gtp_set_start(struct gtp *gtp, const struct position *position)
{
    game_copy(&gtp->game, &gtp->start.p, position);
    game_copy(&gtp->game, &gtp->at.p, position);
    history_truncate(&gtp->history, 0);
    g_array_set_size(gtp->moves, 0);
    gtp->at_game_start = false;
    forget(gtp);
}

void gtp_clear_board(struct gtp *gtp)
{
    union any_position start;
    game_init(&gtp->game, &start.p);
    gtp_set_start(gtp, &start.p);
    gtp->at_game_start = true;
    gtp->games++;
}

/* The position with this colour to move, also when passes have ended the game. A decision (a move that is no point and
 * no pass) is the mover's whatever its colour. */
static const struct position *turn(const struct gtp *gtp, enum game_colour colour, game_move move,
                                   union any_position *scratch)
{
    bool ended = gtp->game.ops == &go_ops && game_over(&gtp->at.p);
    if ((gtp->at.p.colour == colour || gtp_is_decision(gtp, move)) && !ended)
        return &gtp->at.p;
    game_copy(&gtp->game, &scratch->p, &gtp->at.p);
    game_set_to_move(&gtp->game, &scratch->p, colour);
    return &scratch->p;
}

bool gtp_legal(const struct gtp *gtp, enum game_colour colour, game_move move)
{
    union any_position scratch;
    const struct position *from = turn(gtp, colour, move, &scratch);
    return move < gtp->game.moves && gtp->game.ops->legal(&gtp->game, from, &gtp->history, move);
}

static void make_move(struct gtp *gtp, enum game_colour colour, game_move move)
{
    union any_position scratch;
    const struct position *from = turn(gtp, colour, move, &scratch);
    if (from != &gtp->at.p)
        game_copy(&gtp->game, &gtp->at.p, from);
    game_play(&gtp->game, &gtp->at.p, &gtp->history, move);
}

/* Tells an agent that has followed the game so far. */
static void tell_agent(struct gtp *gtp, enum game_colour colour, game_move move)
{
    GError *error = NULL;
    union any_position scratch;
    if (!gtp->agent || !gtp->agent_follows)
        return;
    if (turn(gtp, colour, move, &scratch) != &gtp->at.p) {
        gtp->agent_follows = false;
        return;
    }
    if (!agent_moved(gtp->agent, move, &error)) {
        g_clear_error(&error); /* an external program that failed is opened anew when it is asked next */
        agent_close(gtp->agent);
        gtp->agent = NULL;
    }
}

bool gtp_play(struct gtp *gtp, enum game_colour colour, game_move move)
{
    if (gtp->moves->len >= GTP_MAX_MOVES || !gtp_legal(gtp, colour, move))
        return false;
    tell_agent(gtp, colour, move);
    make_move(gtp, colour, move);
    const struct gtp_move made = {(uint8_t)colour, move};
    g_array_append_val(gtp->moves, made);
    gtp->status_known = false;
    return true;
}

/* All moves again from the start; those that are not legal any more (a rule was changed) end it. */
static void replay(struct gtp *gtp)
{
    guint count = gtp->moves->len;
    game_copy(&gtp->game, &gtp->at.p, &gtp->start.p);
    history_truncate(&gtp->history, 0);
    for (guint i = 0; i < count; i++) {
        const struct gtp_move *made = &g_array_index(gtp->moves, struct gtp_move, i);
        if (!gtp_legal(gtp, made->colour, made->move)) {
            g_array_set_size(gtp->moves, i);
            break;
        }
        make_move(gtp, made->colour, made->move);
    }
    forget(gtp);
}

static bool undo_moves(struct gtp *gtp, guint count)
{
    if (count > gtp->moves->len)
        return false;
    g_array_set_size(gtp->moves, gtp->moves->len - count);
    replay(gtp);
    return true;
}

/* ---- the agent ---- */

static bool open_agent(struct gtp *gtp, GError **error)
{
    const struct agent_config config = {.seed = gtp->config.seed, .threads = gtp->config.threads};
    agent_close(gtp->agent);
    gtp->agent = NULL;
    gtp->agent_game = gtp->game;
    gtp->agent_follows = false;
    return agent_open(&gtp->agent, gtp->agent_spec, &gtp->agent_game, &config, error) == 0;
}

bool gtp_set_game(struct gtp *gtp, const struct game *game, bool keep, GError **error)
{
    const struct game before = gtp->game;
    gtp->game = *game;
    if (!open_agent(gtp, error)) {
        if (before.ops) {
            gtp->game = before;
            open_agent(gtp, NULL);
        }
        return false;
    }
    if (!keep)
        gtp_clear_board(gtp);
    else
        replay(gtp);
    return true;
}

/* The whole game anew, move by move; a move out of turn makes it a position taken up in the middle. */
static bool bring_up(struct gtp *gtp, GError **error)
{
    struct agent *agent = gtp->agent;
    struct history none;
    if (!agent_new_game(agent, rng_mix(gtp->config.seed + gtp->games), error))
        return false;
    history_init(&none, 1);
    bool fine = gtp->at_game_start || agent_set_position(agent, &gtp->start.p, &none, error);
    history_clear(&none);
    for (guint i = 0; fine && i < gtp->moves->len; i++) {
        const struct gtp_move *made = &g_array_index(gtp->moves, struct gtp_move, i);
        if ((agent->position->colour != made->colour && !gtp_is_decision(gtp, made->move)) ||
            game_over(agent->position))
            return agent_set_position(agent, &gtp->at.p, &gtp->history, error);
        fine = agent_moved(agent, made->move, error);
    }
    return fine;
}

struct agent *gtp_agent(struct gtp *gtp, enum game_colour colour, GError **error)
{
    union any_position scratch;
    if (!gtp->agent && !open_agent(gtp, error))
        return NULL;
    const struct position *wanted = turn(gtp, colour, GAME_NO_MOVE, &scratch);
    bool fine = gtp->agent_follows || bring_up(gtp, error);
    gtp->agent_follows = fine && wanted == &gtp->at.p;
    if (fine && wanted != &gtp->at.p)
        fine = agent_set_position(gtp->agent, wanted, &gtp->history, error);
    if (!fine) {
        agent_close(gtp->agent);
        gtp->agent = NULL;
    }
    return gtp->agent;
}

/* ---- size, komi, board ---- */

static bool boardsize_of(struct gtp_call *call, int64_t size)
{
    struct game game;
    GError *error = NULL;
    if (game_vary(&game, &call->gtp->game, (int)size, call->gtp->game.ops == &go_ops ? "handicap=0" : "", &error) &&
        (game_equal(&game, &call->gtp->game) || gtp_set_game(call->gtp, &game, false, &error))) {
        gtp_clear_board(call->gtp);
        return true;
    }
    g_clear_error(&error);
    return gtp_refuse(call, "unacceptable size");
}

static bool boardsize(struct gtp_call *call)
{
    int64_t size;
    return gtp_read_int(call, 0, INT32_MIN, INT32_MAX, &size) && boardsize_of(call, size);
}

static bool rectangular_boardsize(struct gtp_call *call)
{
    int64_t width, height;
    if (!gtp_read_int(call, 0, INT32_MIN, INT32_MAX, &width) || !gtp_read_int(call, 1, INT32_MIN, INT32_MAX, &height))
        return false;
    if (width != height)
        return gtp_refuse(call, "unacceptable size: only square boards are played, for example boardsize %d",
                          call->gtp->game.size);
    return boardsize_of(call, width);
}

static bool query_boardsize(struct gtp_call *call)
{
    g_string_append_printf(call->out, "%d", call->gtp->game.size);
    return true;
}

static bool clear_board(struct gtp_call *call)
{
    gtp_clear_board(call->gtp);
    return true;
}

/* Any number is accepted, as the standard wants: to the nearest half that the rules know. */
static bool komi(struct gtp_call *call)
{
    struct game game;
    char *end, change[64];
    GError *error = NULL;
    double value = g_ascii_strtod(call->args[0], &end);
    if (*end || end == call->args[0] || !isfinite(value))
        return gtp_refuse(call, "syntax error");
    if (call->gtp->game.ops != &go_ops) /* clients send it for any game */
        return true;
    int halves = (int)(CLAMP(round(value * 2), -2000, 2000));
    g_snprintf(change, sizeof change, "komi=%s%d%s", halves < 0 ? "-" : "", ABS(halves) / 2, halves % 2 ? ".5" : "");
    if (!game_vary(&game, &call->gtp->game, call->gtp->game.size, change, &error))
        return gtp_refuse_error(call, "", error);
    return game_equal(&game, &call->gtp->game) || gtp_set_game(call->gtp, &game, true, &error) ||
           gtp_refuse_error(call, "", error);
}

static bool get_komi(struct gtp_call *call)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    g_string_append(call->out,
                    g_ascii_formatd(text, sizeof text, "%.1f", game_option_value(&call->gtp->game, "komi", 0) / 2.0));
    return true;
}

static bool showboard(struct gtp_call *call)
{
    struct gtp *gtp = call->gtp;
    char *text = NULL;
    size_t length = 0;
    FILE *file = open_memstream(&text, &length);
    fputc('\n', file);
    game_print(&gtp->game, &gtp->at.p, file);
    fprintf(file, "%s to move", gtp->at.p.colour == GAME_BLACK ? "black (X)" : "white (O)");
    if (gtp->game.ops == &go_ops)
        fprintf(file, "; captured by black %d, by white %d", go_prisoners(&gtp->at.p, 0), go_prisoners(&gtp->at.p, 1));
    fclose(file);
    g_string_append(call->out, text);
    free(text);
    return true;
}

/* ---- moves ---- */

static bool play(struct gtp_call *call)
{
    enum game_colour colour;
    game_move move;
    if (!gtp_read_colour(call, 0, &colour))
        return false;
    if (g_ascii_strcasecmp(call->args[1], "resign") == 0) /* some referees send it; the board stays */
        return true;
    if (!gtp_read_move(call, 1, &move))
        return false;
    return gtp_play(call->gtp, colour, move) || gtp_refuse(call, "illegal move");
}

/* B D4 W Q16 ...: all of them or none. */
static bool play_sequence(struct gtp_call *call)
{
    guint before = call->gtp->moves->len;
    for (int i = 0; i < call->count; i += 2) {
        enum game_colour colour;
        game_move move;
        bool fine = gtp_read_colour(call, i, &colour) && gtp_read_move(call, i + 1, &move);
        if (fine && gtp_play(call->gtp, colour, move))
            continue;
        if (fine)
            gtp_refuse(call, "illegal move %s %s", call->args[i], call->args[i + 1]);
        undo_moves(call->gtp, call->gtp->moves->len - before);
        return false;
    }
    return true;
}

static bool undo(struct gtp_call *call)
{
    int64_t count = 1;
    if (call->count && !gtp_read_int(call, 0, 0, GTP_MAX_MOVES, &count))
        return false;
    return undo_moves(call->gtp, (guint)count) || gtp_refuse(call, "cannot undo");
}

/* ---- stones that are not moves ---- */

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
    if (gtp->game.ops != &go_ops)
        return gtp_refuse(call, "handicap is for Go alone");
    if (gtp->moves->len || gtp->at.p.stones_hash)
        return gtp_refuse(call, "board not empty");
    game_init(&gtp->game, &start.p);
    if (!go_place_handicap(&gtp->game, &start.p, points, count, &error))
        return gtp_refuse_error(call, "bad vertex list", error);
    gtp_set_start(gtp, &start.p);
    return true;
}

static bool fixed_handicap(struct gtp_call *call)
{
    game_move points[9];
    int64_t count;
    if (!gtp_read_int(call, 0, INT32_MIN, INT32_MAX, &count))
        return false;
    if (!go_fixed_handicap(call->gtp->game.size, (int)count, points))
        return gtp_refuse(call, "invalid number of stones");
    if (!place(call, points, (int)count))
        return false;
    list_points(call, points, (int)count);
    return true;
}

/* The fixed points as far as there are any: a program may place fewer than it was offered. */
static bool place_free_handicap(struct gtp_call *call)
{
    game_move points[9];
    int64_t count;
    if (!gtp_read_int(call, 0, INT32_MIN, INT32_MAX, &count))
        return false;
    if (count < 2 || count >= call->gtp->game.points)
        return gtp_refuse(call, "invalid number of stones");
    count = MIN(count, 9);
    while (count >= 2 && !go_fixed_handicap(call->gtp->game.size, (int)count, points))
        count--;
    if (count < 2) /* a board too small for any: two points that are not beside each other */
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
        return gtp_refuse(call, "bad vertex list");
    for (int i = 0; i < call->count; i++) {
        points[i] = game_move_parse(&call->gtp->game, call->args[i]);
        if (points[i] >= call->gtp->game.points)
            return gtp_refuse(call, "bad vertex list");
    }
    return place(call, points, call->count);
}

/* set_position (KataGo) on an empty board, gogui-setup on what is there: COLOUR VERTEX pairs. */
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
            return gtp_refuse(call, "syntax error");
        if (point >= gtp->game.points)
            return gtp_refuse(call, "syntax error");
        stones[point] = (uint8_t)colour;
    }
    game_init(&gtp->game, &start.p);
    if (!game_set_up(&gtp->game, &start.p, stones, empty ? GAME_BLACK : gtp->at.p.colour, &error))
        return gtp_refuse_error(call, "", error);
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

/* The last node of the main line that comes before its move number `most`; NULL when the root is that move. */
static const struct sgf_node *find_node(const struct sgf_node *root, int64_t most)
{
    const struct sgf_node *last = NULL;
    int64_t moves = 0;
    for (const struct sgf_node *node = root; node; node = node->first_child) {
        moves += sgf_find(node, "B") || sgf_find(node, "W");
        if (moves >= most)
            break;
        last = node;
    }
    return last;
}

/* Takes over the line from the root to `end`. Undo reaches back to the last set-up. */
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
            gtp_set_start(gtp, &next.p); /* also a move against superko, which only a record may make */
    }
    return true;
}

static bool loadsgf(struct gtp_call *call)
{
    struct gtp *gtp = call->gtp;
    struct game game;
    int64_t most = G_MAXINT64;
    GError *error = NULL;
    if (call->count > 1 && !gtp_read_int(call, 1, 1, G_MAXINT64, &most))
        return false;
    struct sgf *sgf = sgf_load(call->args[0], &error);
    const struct sgf_node *end = sgf ? find_node(sgf_root(sgf), most) : NULL;
    union any_position tried;
    /* All is tried before anything changes. */
    bool fine = sgf && sgf_read_game(sgf_root(sgf), &gtp->game, &game, &error) &&
                (!end || sgf_replay(end, &game, &tried.p, NULL, &error)) && gtp_set_game(gtp, &game, false, &error) &&
                (!end || walk_record(gtp, sgf_root(sgf), end, &error));
    sgf_free(sgf);
    return fine || gtp_refuse_error(call, "cannot load file", error);
}

static struct sgf *make_record(const struct gtp *gtp)
{
    struct sgf *sgf = sgf_new();
    struct sgf_node *node = sgf_add(sgf->top);
    union any_position at = gtp->start;
    sgf_write_game(node, &gtp->game);
    if (!gtp->at_game_start) {
        sgf_write_setup(node, &gtp->game, &at.p);
        if (gtp->game.ops == &go_ops && go_handicap_stones(&at.p)) {
            char text[16];
            g_snprintf(text, sizeof text, "%d", go_handicap_stones(&at.p));
            sgf_set(node, "HA", text);
            sgf_unset(node, "PL");
        }
    }
    for (guint i = 0; i < gtp->moves->len; i++) {
        const struct gtp_move *made = &g_array_index(gtp->moves, struct gtp_move, i);
        if ((at.p.colour != made->colour && !gtp_is_decision(gtp, made->move)) ||
            (gtp->game.ops == &go_ops && game_over(&at.p)))
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
    bool fine = true;
    if (call->count && strcmp(call->args[0], "-") != 0) {
        fine = sgf_save(sgf, call->args[0], &error) || gtp_refuse_error(call, "cannot write file", error);
    } else {
        char *text = sgf_format(sgf, &length);
        g_string_append(call->out, text);
        g_free(text);
    }
    sgf_free(sgf);
    return fine;
}

const struct gtp_command gtp_board_commands[] = {
    {"boardsize", 1, 1, boardsize},
    {"rectangular_boardsize", 2, 2, rectangular_boardsize},
    {"query_boardsize", 0, 0, query_boardsize},
    {"clear_board", 0, 0, clear_board},
    {"komi", 1, 1, komi},
    {"get_komi", 0, 0, get_komi},
    {"showboard", 0, 0, showboard},
    {"play", 2, 2, play},
    {"play_sequence", 0, -1, play_sequence},
    {"gogui-play_sequence", 0, -1, play_sequence},
    {"undo", 0, 0, undo},
    {"gg-undo", 0, 1, undo},
    {"fixed_handicap", 1, 1, fixed_handicap},
    {"place_free_handicap", 1, 1, place_free_handicap},
    {"set_free_handicap", 0, -1, set_free_handicap},
    {"set_position", 0, -1, set_position},
    {"gogui-setup", 0, -1, gogui_setup},
    {"gogui-setup_player", 1, 1, gogui_setup_player},
    {"loadsgf", 1, 2, loadsgf},
    {"printsgf", 0, 1, printsgf},
    {NULL, 0, 0, NULL},
};
