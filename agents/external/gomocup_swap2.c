/* The swap2 opening: one reply of the program corresponds to several moves. */
#include <string.h>

#include "agents/agent.h"
#include "agents/external/gomocup_client.h"
#include "agents/external/process.h"
#include "games/game.h"
#include "games/gomoku/gomoku.h"

enum { SETTLE_MS = 300 };

static bool is_swap_answer(const char *line)
{
    return g_ascii_strcasecmp(line, "SWAP") == 0 || gomocup_client_count_points(line) > 0;
}

static game_move take_plan(struct gomocup_client *own)
{
    game_move move = own->plan[0];
    memmove(own->plan, own->plan + 1, sizeof *own->plan * (size_t)--own->planned);
    return move;
}

/* Translates its reply to moves: see gomoku.h. */
static bool make_plan(struct agent *agent, const char *line, GError **error)
{
    struct gomocup_client *own = agent->own;
    const struct game *game = agent->game;
    int count = gomocup_client_count_points(line), phase = agent->position->phase;
    bool after_three = phase == GOMOKU_CHOOSE;
    own->planned = 0;
    if (phase == GOMOKU_FIRST_THREE ? count != 3 : count > (after_three ? 2 : 1))
        return process_refuse(error, AGENT_ERROR_PROTOCOL, "at SWAP2BOARD with %u stones: unexpected reply \"%.60s\"",
                              own->stones->len, line);
    if (phase != GOMOKU_FIRST_THREE) {
        const game_move swap = gomoku_swap(game), stay = gomoku_stay(game);
        own->plan[own->planned++] = count == 0   ? (after_three ? swap : stay)
                                    : count == 2 ? gomoku_place_two(game)
                                                 : (after_three ? stay : swap);
    }
    while (count--)
        own->plan[own->planned++] = gomocup_client_point(game, &line);
    return true;
}

static const char *ask_swap(struct agent *agent, int64_t timeout_ms, GError **error)
{
    struct gomocup_client *own = agent->own;
    GString *lines = g_string_new("SWAP2BOARD\r\n");
    gomocup_client_append_stones(agent, lines, own->swap_owners);
    bool sent = gomocup_client_send(own, lines->str, error);
    g_string_free(lines, TRUE);
    return sent ? gomocup_client_read(own, "SWAP2BOARD", timeout_ms, is_swap_answer, error) : NULL;
}

/* The protocol has no owner field in SWAP2BOARD; Rapfi requires it, rejects each line without one and then replies as
 * for an empty board. Skips these replies, then asks in Rapfi's form. */
static const char *ask_swap_with_owners(struct agent *agent, int64_t timeout_ms, GError **error)
{
    struct gomocup_client *own = agent->own;
    GError *why = NULL;
    bool more = true;
    for (int lines = 0; more && lines < 10; lines++) {
        more = !gomocup_client_read(own, "SWAP2BOARD", SETTLE_MS, is_swap_answer, &why) &&
               why->code == AGENT_ERROR_PROTOCOL;
        g_clear_error(&why);
    }
    own->swap_owners = true;
    return ask_swap(agent, timeout_ms, error);
}

bool gomocup_client_ask_opening(struct agent *agent, int64_t timeout_ms, struct agent_choice *choice, GError **error)
{
    struct gomocup_client *own = agent->own;
    if (!own->planned) {
        GError *why = NULL;
        const char *line = ask_swap(agent, timeout_ms, &why);
        if (!line && why->code == AGENT_ERROR_PROTOCOL && own->stones->len && !own->swap_owners) {
            g_clear_error(&why);
            line = ask_swap_with_owners(agent, timeout_ms, &why);
        }
        if (why)
            g_propagate_error(error, why);
        if (!line || !make_plan(agent, line, error))
            return false;
        own->known = 0;
    }
    choice->move = take_plan(own);
    return choice->move != GAME_NO_MOVE ||
           process_refuse(error, AGENT_ERROR_PROTOCOL, "at SWAP2BOARD: its move is off the board of %d",
                          agent->game->width);
}
