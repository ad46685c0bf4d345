/* Commands that generate moves. */
#include "agents/agent.h"
#include "engine/protocols/common/line_input.h"
#include "engine/protocols/gtp/session.h"
#include "games/game.h"

/* For kgs-genmove_cleanup: fills `allowed` with all moves, without the pass while dead opponent stones are on the
 * board. Returns whether the pass was excluded. */
static bool exclude_pass(struct gtp *gtp, enum game_colour colour, uint8_t *allowed)
{
    bool dead = false;
    if (!gtp->game.ops->counting)
        return false;
    gtp_find_dead(gtp);
    for (int p = 0; p < gtp->game.points; p++)
        dead |= gtp->dead[p] && gtp->game.ops->stone(&gtp->game, &gtp->at.p, p) == (enum game_colour)game_other(colour);
    memset(allowed, 1, gtp->game.moves);
    allowed[gtp->game.pass] = !dead;
    return dead;
}

/* Whether passing wins only if the board is scored as it stands, and not after dead stones have been removed. Which of
 * the two applies is up to the controller, so it is safer to play on, unless nothing is left to play, or territory counts: then dead
 * stones are always removed, and moves cost points. In that case fills `allowed` with the legal moves other than pass; returns false if
 * there are none. */
static bool pass_is_risky(struct gtp *gtp, enum game_colour colour, game_move move, uint8_t *allowed)
{
    const struct game_counting *counting = gtp->game.ops->counting;
    struct game_count as_is, dead_removed;
    if (!counting || move != gtp->game.pass)
        return false;
    gtp_find_dead(gtp);
    counting->count(&gtp->game, &gtp->at.p, NULL, &as_is, NULL);
    counting->count(&gtp->game, &gtp->at.p, gtp->dead, &dead_removed, NULL);
    float sign = colour == GAME_BLACK ? 1 : -1;
    if (as_is.prisoners_count || sign * as_is.margin <= 0 || sign * dead_removed.margin > 0 ||
        (dead_removed.dead_removed && counting->finished(&gtp->game, &gtp->at.p, allowed)))
        return false;
    bool other = false;
    for (int p = 0; p < gtp->game.points; p++)
        other |= allowed[p] = gtp_legal(gtp, colour, (game_move)p);
    allowed[gtp->game.pass] = 0;
    return other;
}

/* The clock for a second search: as long as the first, but at most half of the remaining time. */
static struct agent_clock clock_after(const struct agent_clock *clock, int64_t spent_ms)
{
    int64_t limit = agent_clock_limit_ms(clock);
    if (limit == 0)
        return *clock;
    return (struct agent_clock){.move_ms = MAX(1, MIN(spent_ms, (limit - spent_ms) / 2)), .visits = clock->visits};
}

static bool keep_move(struct gtp_call *call, const struct gtp_request *request, game_move move)
{
    char text[GAME_MOVE_TEXT_MAX];
    if (!gtp_legal(call->gtp, request->colour, move))
        return gtp_fail(call, "the agent chose %s, which is illegal", game_move_format(&call->gtp->game, move, text));
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
    if (!gtp->game.ops->counting && game_over(&gtp->at.p))
        return gtp_fail(call, "the game is over");
    if (request->cleanup && exclude_pass(gtp, request->colour, allowed))
        analysis.allowed = allowed;
    struct agent *agent = gtp_agent(gtp, request->colour, &error);
    if (!agent)
        return gtp_fail_error(call, "", error);
    analysis.stop = line_input_interrupt(gtp->input);
    const struct agent_clock clock = gtp_agent_clock(gtp, request->colour);
    bool ok = agent_analyse(agent, &clock, &analysis, &choice, &error);
    if (ok && choice.action == AGENT_PLAYS && !request->cleanup &&
        pass_is_risky(gtp, request->colour, choice.move, allowed)) {
        int64_t time_ms = choice.time_ms;
        const struct agent_clock again = clock_after(&clock, time_ms);
        analysis.allowed = allowed;
        ok = agent_analyse(agent, &again, &analysis, &choice, &error);
        choice.time_ms += time_ms;
    }
    if (!ok) {
        agent_close(gtp->agent);
        gtp->agent = NULL;
        return gtp_fail_error(call, "", error);
    }
    if (request->keep)
        gtp_spend_time(gtp, request->colour, choice.time_ms);
    if (choice.action == AGENT_RESIGNS && !request->cleanup) {
        g_string_append(call->out, "resign");
        gtp->resigned = request->keep ? request->colour : GAME_EMPTY;
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
