/* Commands that ask for a move. */
#include "engine/gtp_session.h"
#include "games/go.h"

/* While dead stones of the opponent stand on the board, kgs-genmove_cleanup passes only if nothing else can be played.
 * Returns whether passing was barred. */
static bool bar_pass(struct gtp *gtp, enum game_colour colour, uint8_t *allowed)
{
    bool dead = false;
    if (gtp->game.ops != &go_ops || !gtp_find_dead(gtp, NULL))
        return false;
    for (int p = 0; p < gtp->game.points; p++)
        dead |= gtp->dead[p] && gtp->game.ops->stone(&gtp->game, &gtp->at.p, p) == (enum game_colour)game_other(colour);
    memset(allowed, 1, gtp->game.moves);
    allowed[gtp->game.points] = !dead;
    return dead;
}

static bool keep_move(struct gtp_call *call, const struct gtp_request *request, game_move move)
{
    char text[GAME_MOVE_TEXT_MAX];
    if (!gtp_legal(call->gtp, request->colour, move))
        return gtp_refuse(call, "the agent chose %s, which is not legal",
                          game_move_format(&call->gtp->game, move, text));
    if (request->keep)
        gtp_play(call->gtp, request->colour, move);
    g_string_append(call->out, game_move_format(&call->gtp->game, move, text));
    return true;
}

bool gtp_generate(struct gtp_call *call, const struct gtp_request *request)
{
    struct gtp *gtp = call->gtp;
    uint8_t allowed[GAME_MAX_MOVES];
    struct agent_choice choice;
    GError *error = NULL;
    struct agent_analysis analysis = request->analysis ? *request->analysis : (struct agent_analysis){0};
    if (gtp->game.ops != &go_ops && game_over(&gtp->at.p))
        return gtp_refuse(call, "the game is over");
    if (request->cleanup && bar_pass(gtp, request->colour, allowed))
        analysis.allowed = allowed;
    struct agent *agent = gtp_agent(gtp, request->colour, &error);
    if (!agent)
        return gtp_refuse_error(call, "", error);
    analysis.stop = line_input_interrupt(gtp->input);
    const struct agent_clock clock = gtp_agent_clock(gtp, request->colour);
    if (!agent_analyse(agent, &clock, &analysis, &choice, &error)) {
        agent_close(gtp->agent);
        gtp->agent = NULL;
        return gtp_refuse_error(call, "", error);
    }
    if (request->keep)
        gtp_spend_time(gtp, request->colour, choice.time_ms);
    if (choice.action == AGENT_RESIGNS && !request->cleanup) {
        g_string_append(call->out, "resign");
        return true;
    }
    return keep_move(call, request, choice.move);
}

static bool generate(struct gtp_call *call, bool keep, bool cleanup)
{
    struct gtp_request request = {.keep = keep, .cleanup = cleanup};
    return gtp_read_colour(call, 0, &request.colour) && gtp_generate(call, &request);
}

static bool genmove(struct gtp_call *call)
{
    return generate(call, true, false);
}
static bool reg_genmove(struct gtp_call *call)
{
    return generate(call, false, false);
}
static bool genmove_cleanup(struct gtp_call *call)
{
    return generate(call, true, true);
}

static bool game_over_notice(struct gtp_call *call)
{
    (void)call;
    return true;
}

const struct gtp_command gtp_play_commands[] = {
    {"genmove", 1, 1, genmove},
    {"reg_genmove", 1, 1, reg_genmove},
    {"kata-search", 1, 1, reg_genmove},
    {"kgs-genmove_cleanup", 1, 1, genmove_cleanup},
    {"kgs-game_over", 0, -1, game_over_notice},
    {NULL, 0, 0, NULL},
};
