/* An external program that speaks the Gomocup (Piskvork) protocol, from the manager's side. */
#include <string.h>

#include "agents/external/gomocup_client.h"
#include "agents/agent.h"
#include "agents/external/process.h"
#include "games/game.h"
#include "games/gomoku/gomoku.h"
#include "games/record/rule_names.h"

enum { GRACE_MS = 1500, QUIT_MS = 500, TURN_MS = 1000, NO_LIMIT_MS = INT32_MAX };

/* ---- a game ---- */

static bool is_ok(const char *line)
{
    return g_ascii_strcasecmp(line, "OK") == 0;
}

static bool start(struct agent *agent, GError **error)
{
    struct gomocup_client *own = agent->own;
    char *lines = g_strdup_printf("START %d\r\n", agent->game->width);
    bool fine =
        gomocup_client_send(own, lines, error) && gomocup_client_read(own, "START", agent->reply_ms, is_ok, error);
    g_free(lines);
    if (!fine)
        return false;
    lines = g_strdup_printf("INFO max_memory %" G_GINT64_FORMAT "\r\nINFO game_type 1\r\nINFO rule %d\r\n"
                            "INFO timeout_match 0\r\nINFO time_left %d\r\n",
                            agent->memory_bytes, rules_of(agent->game)->gomocup, NO_LIMIT_MS);
    fine = gomocup_client_send(own, lines, error);
    g_free(lines);
    own->turn_ms = own->match_ms = own->increment_ms = -1;
    return fine;
}

static bool new_game(struct agent *agent, GError **error)
{
    struct gomocup_client *own = agent->own;
    g_array_set_size(own->stones, 0);
    own->known = 0;
    own->planned = 0;
    own->own_move = GAME_NO_MOVE;
    for (int p = 0; p < agent->game->points; p++) {
        const struct gomocup_stone stone = {(game_move)p,
                                            (uint8_t)agent->game->ops->stone(agent->game, agent->position, p)};
        if (stone.colour != GAME_EMPTY)
            g_array_append_val(own->stones, stone);
    }
    return start(agent, error);
}

static bool check_game(const struct game *game, GError **error)
{
    char spec[GAME_SPEC_MAX];
    if (game->ops != &gomoku_ops)
        return process_refuse(error, AGENT_ERROR_GAME, "gomocup plays Gomoku only, not %s; choose another agent",
                              game->ops->name);
    int opening = game_option_value(game, "opening", 0);
    if (game->width < 5 || game_option_value(game, "line", 5) != 5 ||
        (opening != GOMOKU_FREE && opening != GOMOKU_SWAP2))
        return process_refuse(
            error, AGENT_ERROR_GAME,
            "gomocup cannot play %s: the protocol supports only five in a row on boards of at least 5 x 5, with no "
            "opening rule or swap2",
            game_format(game, spec));
    return true;
}

static bool open_gomocup(struct agent *agent, const char *argument, GError **error)
{
    if (!check_game(agent->game, error))
        return false;
    if (!*argument)
        return process_refuse(error, AGENT_ERROR_SPEC,
                              "gomocup needs a command line, for example gomocup:./pbrain-rapfi");
    struct gomocup_client *own = agent->own = g_new0(struct gomocup_client, 1);
    own->stones = g_array_new(FALSE, FALSE, sizeof(struct gomocup_stone));
    own->own_move = GAME_NO_MOVE;
    /* Engines can be verbose. */
    const struct process_config config = {.command_line = argument, .reply_bytes = 16 << 20, .limits = agent->limits};
    return process_start(&own->process, &config, error) == 0 && start(agent, error);
}

static bool moved(struct agent *agent, game_move move, GError **error)
{
    (void)error;
    struct gomocup_client *own = agent->own;
    if (move >= agent->game->points)
        return true;
    const struct gomocup_stone stone = {move, (uint8_t)agent->game->ops->stone(agent->game, agent->position, move)};
    if (own->own_move == move && own->known == own->stones->len)
        own->known++; /* the program played this move itself */
    else if (own->own_move != GAME_NO_MOVE)
        own->known = 0; /* another move was played in its place: resend the whole board */
    own->own_move = GAME_NO_MOVE;
    g_array_append_val(own->stones, stone);
    return true;
}

/* ---- asking for a move ---- */

/* Sends INFO about time before every move: only values that have changed, except time_left, which managers always
 * send, and a time_increment, which is Yixin's: programs that do not know it ignore it. */
static int64_t send_time(struct gomocup_client *own, const struct agent_clock *clock, GError **error)
{
    GString *lines = g_string_new(NULL);
    int64_t match_ms = clock->main_ms, turn_ms = clock->move_ms;
    if (turn_ms <= 0)
        turn_ms = match_ms > 0 ? match_ms : TURN_MS;
    if (turn_ms != own->turn_ms)
        g_string_append_printf(lines, "INFO timeout_turn %" G_GINT64_FORMAT "\r\n", turn_ms);
    if (match_ms > 0 && own->match_ms < 0)
        g_string_append_printf(lines, "INFO timeout_match %" G_GINT64_FORMAT "\r\n", match_ms);
    g_string_append_printf(lines, "INFO time_left %" G_GINT64_FORMAT "\r\n", match_ms > 0 ? match_ms : NO_LIMIT_MS);
    if (clock->increment_ms > 0 || own->increment_ms > 0)
        g_string_append_printf(lines, "INFO time_increment %" G_GINT64_FORMAT "\r\n", clock->increment_ms);
    own->increment_ms = clock->increment_ms;
    own->turn_ms = turn_ms;
    own->match_ms = match_ms > 0 ? match_ms : own->match_ms;
    bool fine = gomocup_client_send(own, lines->str, error);
    g_string_free(lines, TRUE);
    return fine ? MIN(turn_ms, match_ms > 0 ? match_ms : turn_ms) : -1;
}

static bool is_move(const char *line)
{
    return gomocup_client_count_points(line) == 1;
}

/* Sends BEGIN on an empty board, TURN if only one stone is new to the program, else the whole board. */
static bool ask_move(struct agent *agent, int64_t timeout_ms, struct agent_choice *choice, GError **error)
{
    struct gomocup_client *own = agent->own;
    GString *lines = g_string_new(NULL);
    const char *what = "BOARD";
    if (!own->stones->len) {
        g_string_append(lines, what = "BEGIN");
        g_string_append(lines, "\r\n");
    } else if (own->known && own->known + 1 == own->stones->len) {
        const struct gomocup_stone *last = &g_array_index(own->stones, struct gomocup_stone, own->known);
        what = "TURN";
        g_string_append_printf(lines, "TURN %d,%d\r\n", last->point % agent->game->width,
                               last->point / agent->game->width);
    } else {
        g_string_append(lines, "BOARD\r\n");
        gomocup_client_append_stones(agent, lines, true);
    }
    bool sent = gomocup_client_send(own, lines->str, error);
    g_string_free(lines, TRUE);
    const char *line = sent ? gomocup_client_read(own, what, timeout_ms, is_move, error) : NULL;
    if (!line)
        return false;
    own->known = own->stones->len;
    choice->move = own->own_move = gomocup_client_point(agent->game, &line);
    return choice->move != GAME_NO_MOVE ||
           process_refuse(error, AGENT_ERROR_PROTOCOL, "at %s: its move is off the board of %d", what,
                          agent->game->width);
}

/* INFO can express time per game and per move, and increments, but not byo-yomi. */
static bool takes_clock(const struct agent *agent, const struct agent_clock *control, GError **error)
{
    char text[AGENT_CLOCK_TEXT_MAX];
    return control->byo_moves <= 0 ||
           process_refuse(error, AGENT_ERROR_SPEC,
                          "%s cannot play under the clock %s: the Gomocup protocol does not "
                          "support byo-yomi; use time for the game "
                          "(5m), with an increment (5m+2s), for each move (2s/move), or both (5m,30s/move)",
                          agent->ops->name, agent_clock_spell(control, text));
}

static bool choose(struct agent *agent, const struct agent_clock *clock, struct agent_choice *choice, GError **error)
{
    struct gomocup_client *own = agent->own;
    int64_t allowed_ms = takes_clock(agent, clock, error) ? send_time(own, clock, error) : -1;
    if (allowed_ms < 0)
        return false;
    int64_t timeout_ms = clock->move_ms || clock->main_ms ? allowed_ms + GRACE_MS : agent->reply_ms;
    if (agent->position->phase != GOMOKU_PLAY || own->planned)
        return gomocup_client_ask_opening(agent, timeout_ms, choice, error);
    return ask_move(agent, timeout_ms, choice, error);
}

static void stop(struct agent *agent)
{
    process_interrupt(((struct gomocup_client *)agent->own)->process);
}

static void release(struct agent *agent)
{
    struct gomocup_client *own = agent->own;
    if (!own)
        return;
    process_dismiss(own->process, "END\r\n", QUIT_MS);
    g_array_free(own->stones, TRUE);
    g_free(own->last_line);
    g_free(own);
}

const struct agent_ops agent_gomocup_ops = {
    .name = "gomocup",
    .usage = "gomocup:COMMAND LINE",
    .summary = "external Gomoku program over the Gomocup protocol; one second per move without a clock",
    .open = open_gomocup,
    .takes_clock = takes_clock,
    .new_game = new_game,
    .moved = moved,
    .choose = choose,
    .stop = stop,
    .close = release,
};
