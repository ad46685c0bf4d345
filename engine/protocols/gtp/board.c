/* The board, game and agent of a session: boardsize, komi, play, undo. */
#include "agents/agent.h"
#include "engine/protocols/common/protocol.h"
#include "engine/protocols/gtp/gtp.h"
#include "engine/protocols/gtp/session.h"
#include "games/game.h"

#include <math.h>

#include "games/go/go.h"

/* ---- the board ---- */

static void invalidate(struct gtp *gtp)
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
    invalidate(gtp);
}

void gtp_clear_board(struct gtp *gtp)
{
    union any_position start;
    gtp_end_game(gtp);
    gtp->resigned = GAME_EMPTY;
    game_init(&gtp->game, &start.p);
    gtp_set_start(gtp, &start.p);
    gtp->at_game_start = true;
    gtp->games++;
}

/* Returns the current position with this colour to move, reopened if passes have ended the game. A decision belongs to
 * the player to move, whatever its colour. Uses `scratch` if the position has to be changed. */
static const struct position *with_turn(const struct gtp *gtp, enum game_colour colour, game_move move,
                                        union any_position *scratch)
{
    bool ended = gtp->game.ops->counting && game_over(&gtp->at.p);
    if ((gtp->at.p.colour == colour || gtp_is_decision(gtp, move)) && !ended)
        return &gtp->at.p;
    game_copy(&gtp->game, &scratch->p, &gtp->at.p);
    game_set_to_move(&gtp->game, &scratch->p, colour);
    return &scratch->p;
}

bool gtp_legal(const struct gtp *gtp, enum game_colour colour, game_move move)
{
    union any_position scratch;
    const struct position *from = with_turn(gtp, colour, move, &scratch);
    return move < gtp->game.moves && gtp->game.ops->legal(&gtp->game, from, &gtp->history, move);
}

static void make_move(struct gtp *gtp, enum game_colour colour, game_move move)
{
    union any_position scratch;
    const struct position *from = with_turn(gtp, colour, move, &scratch);
    if (from != &gtp->at.p)
        game_copy(&gtp->game, &gtp->at.p, from);
    game_play(&gtp->game, &gtp->at.p, &gtp->history, move);
}

/* Black moves in a row at the start of a game of Go are handicap, as they are to KataGo. The agent has to be sent the
 * position again when that changes. */
static void count_handicap(struct gtp *gtp)
{
    if (!gtp_plays_go(gtp) || !gtp->at_game_start || gtp->start.p.stones_hash)
        return;
    const struct protocol_move *moves = (const struct protocol_move *)(const void *)gtp->moves->data;
    int stones = protocol_handicap(&gtp->game, moves, (int)gtp->moves->len);
    if (stones == go_handicap_stones(&gtp->at.p))
        return;
    go_set_handicap_stones(&gtp->at.p, stones);
    gtp->agent_follows = false;
}

/* Sends the move to the agent if it is up to date with the game. */
static void notify_agent(struct gtp *gtp, enum game_colour colour, game_move move)
{
    GError *error = NULL;
    union any_position scratch;
    if (!gtp->agent || !gtp->agent_follows)
        return;
    if (with_turn(gtp, colour, move, &scratch) != &gtp->at.p) {
        gtp->agent_follows = false;
        return;
    }
    if (!agent_moved(gtp->agent, move, &error)) {
        g_clear_error(&error); /* the agent is reopened by the next gtp_agent */
        agent_close(gtp->agent);
        gtp->agent = NULL;
    }
}

bool gtp_play(struct gtp *gtp, enum game_colour colour, game_move move)
{
    if (gtp->moves->len >= GTP_MAX_MOVES || !gtp_legal(gtp, colour, move))
        return false;
    notify_agent(gtp, colour, move);
    make_move(gtp, colour, move);
    const struct protocol_move made = {(uint8_t)colour, move};
    g_array_append_val(gtp->moves, made);
    count_handicap(gtp);
    gtp->status_known = false;
    return true;
}

/* Replays the moves from the start, dropping the first that is no longer legal (after a change of rules) and all after
 * it. */
static void replay(struct gtp *gtp)
{
    guint count = gtp->moves->len;
    game_copy(&gtp->game, &gtp->at.p, &gtp->start.p);
    history_truncate(&gtp->history, 0);
    for (guint i = 0; i < count; i++) {
        const struct protocol_move *made = &g_array_index(gtp->moves, struct protocol_move, i);
        if (!gtp_legal(gtp, made->colour, made->move)) {
            g_array_set_size(gtp->moves, i);
            break;
        }
        make_move(gtp, made->colour, made->move);
    }
    count_handicap(gtp);
    invalidate(gtp);
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
    if (!keep)
        gtp_end_game(gtp);
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

/* Whether the moves can be sent to the agent one by one: none was made out of turn, after the end of the game, or as
 * handicap. */
static bool moves_in_turn(const struct gtp *gtp)
{
    const struct game *game = &gtp->game;
    union any_position at;
    game_copy(game, &at.p, &gtp->start.p);
    if (gtp_plays_go(gtp) && go_handicap_stones(&gtp->at.p) != go_handicap_stones(&at.p))
        return false;
    for (guint i = 0; i < gtp->moves->len; i++) {
        const struct protocol_move *made = &g_array_index(gtp->moves, struct protocol_move, i);
        if ((at.p.colour != made->colour && !gtp_is_decision(gtp, made->move)) || game_over(&at.p))
            return false;
        game_play(game, &at.p, NULL, made->move);
    }
    return true;
}

/* Brings the agent to the current position, by its moves if possible. */
static bool sync_agent(struct gtp *gtp, GError **error)
{
    uint64_t seed = rng_mix(gtp->config.seed + gtp->games);
    int count = (int)gtp->moves->len;
    if (!moves_in_turn(gtp))
        return agent_start_from(gtp->agent, &gtp->at.p, &gtp->history, seed, error);
    game_move *moves = g_new(game_move, count + 1);
    for (int i = 0; i < count; i++)
        moves[i] = g_array_index(gtp->moves, struct protocol_move, i).move;
    bool ok = agent_follow(gtp->agent, gtp->at_game_start ? NULL : &gtp->start.p, moves, count, seed, error);
    g_free(moves);
    return ok;
}

/* Prints the agent's caution, if it is a new one, where controllers show messages. */
static void print_caution(struct gtp *gtp)
{
    char *caution = agent_caution_once(gtp->agent, &gtp->cautions);
    if (caution)
        fprintf(stderr, "tengen gtp: %s\n", caution);
    g_free(caution);
}

struct agent *gtp_agent(struct gtp *gtp, enum game_colour colour, GError **error)
{
    union any_position scratch;
    if (!gtp->agent && !open_agent(gtp, error))
        return NULL;
    const struct position *wanted = with_turn(gtp, colour, GAME_NO_MOVE, &scratch);
    bool ok = gtp->agent_follows || sync_agent(gtp, error);
    gtp->agent_follows = ok && wanted == &gtp->at.p;
    if (ok && wanted != &gtp->at.p)
        ok = agent_set_position(gtp->agent, wanted, &gtp->history, error);
    if (!ok) {
        agent_close(gtp->agent);
        gtp->agent = NULL;
        return NULL;
    }
    print_caution(gtp);
    return gtp->agent;
}

/* ---- size, komi, board ---- */

static bool boardsize_of(struct gtp_call *call, int64_t width, int64_t height)
{
    struct game game;
    GError *error = NULL;
    if (game_resize(&game, &call->gtp->game, (int)width, (int)height, &error) &&
        (game_equal(&game, &call->gtp->game) || gtp_set_game(call->gtp, &game, false, &error))) {
        gtp_clear_board(call->gtp);
        return true;
    }
    g_clear_error(&error);
    return gtp_fail(call, "unacceptable size");
}

/* One number, or width and height as in KataGo. */
static bool boardsize(struct gtp_call *call)
{
    int64_t width, height;
    if (!gtp_read_int(call, 0, INT32_MIN, INT32_MAX, &width))
        return false;
    height = width;
    if (call->count > 1 && !gtp_read_int(call, 1, INT32_MIN, INT32_MAX, &height))
        return false;
    if (width != height && !call->gtp->game.ops->rectangles)
        return gtp_fail(call, "unacceptable size: only square boards are supported, for example boardsize %d",
                        call->gtp->game.width);
    return boardsize_of(call, width, height);
}

void gtp_append_size(struct gtp_call *call)
{
    const struct game *game = &call->gtp->game;
    g_string_append_printf(call->out, game->width == game->height ? "%d" : "%d %d", game->width, game->height);
}

static bool query_boardsize(struct gtp_call *call)
{
    gtp_append_size(call);
    return true;
}

static bool clear_board(struct gtp_call *call)
{
    gtp_clear_board(call->gtp);
    return true;
}

/* Accepts any number, as the specification requires, rounded to the nearest half. */
static bool komi(struct gtp_call *call)
{
    struct game game;
    char *end, change[64];
    GError *error = NULL;
    double value = g_ascii_strtod(call->args[0], &end);
    if (*end || end == call->args[0] || !isfinite(value))
        return gtp_fail(call, "syntax error");
    if (!call->gtp->game.ops->komi) /* clients send komi for every game */
        return true;
    int halves = (int)(CLAMP(round(value * 2), -2000, 2000));
    g_snprintf(change, sizeof change, "komi=%s%d%s", halves < 0 ? "-" : "", ABS(halves) / 2, halves % 2 ? ".5" : "");
    if (!game_vary(&game, &call->gtp->game, change, &error))
        return gtp_fail_error(call, "", error);
    return game_equal(&game, &call->gtp->game) || gtp_set_game(call->gtp, &game, true, &error) ||
           gtp_fail_error(call, "", error);
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
    for (int player = 0; gtp->game.ops->tally && player < 2; player++) {
        fprintf(file, "%s%s: ", player ? ", " : "; ", player == gtp->at.p.black_player ? "black" : "white");
        fprintf(file, gtp->game.ops->traits.tally, gtp->game.ops->tally(&gtp->game, &gtp->at.p, player));
    }
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
    if (g_ascii_strcasecmp(call->args[1], "resign") == 0) /* sent by some controllers */
        return true;
    if (!gtp_read_move(call, 1, &move))
        return false;
    return gtp_play(call->gtp, colour, move) || gtp_fail(call, "illegal move");
}

/* B D4 W Q16 ...: plays all of the moves or none. */
static bool play_sequence(struct gtp_call *call)
{
    guint before = call->gtp->moves->len;
    for (int i = 0; i < call->count; i += 2) {
        enum game_colour colour;
        game_move move;
        bool ok = gtp_read_colour(call, i, &colour) && gtp_read_move(call, i + 1, &move);
        if (ok && gtp_play(call->gtp, colour, move))
            continue;
        if (ok)
            gtp_fail(call, "illegal move %s %s", call->args[i], call->args[i + 1]);
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
    return undo_moves(call->gtp, (guint)count) || gtp_fail(call, "cannot undo");
}

const struct gtp_command gtp_board_commands[] = {
    {"boardsize", 1, 2, boardsize},
    {"rectangular_boardsize", 2, 2, boardsize},
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
    {NULL, 0, 0, NULL},
};
