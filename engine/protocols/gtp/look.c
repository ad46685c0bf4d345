/* What the net or a short search says of the position as it stands: policy, value, ownership. */
#include <math.h>

#include "engine/protocols/gtp/session.h"

enum { RAW_VISITS = 1, MAP_VISITS = 200 };

struct still {
    struct gtp *gtp;
    bool known, has_map;
    float value, draw, score;
    float prior[GAME_MAX_MOVES], map[GAME_MAX_POINTS]; /* NAN where a move is not legal */
};

static void take_still(const struct agent_report *report, void *data)
{
    struct still *still = data;
    const struct game *game = &still->gtp->game;
    still->known = true;
    still->value = report->raw_value;
    still->draw = report->raw_draw;
    still->score = report->raw_score;
    for (int i = 0; i < report->count; i++)
        still->prior[report->candidates[i].move] = report->candidates[i].prior;
    still->has_map = report->map != NULL;
    if (report->map)
        memcpy(still->map, report->map, sizeof *still->map * game->points);
}

static bool look(struct gtp_call *call, int64_t visits, struct still *still)
{
    struct gtp *gtp = call->gtp;
    const struct agent_clock clock = {.visits = visits};
    const struct agent_analysis asked = {.map = true, .report = take_still, .data = still};
    game_move legal[GAME_MAX_MOVES];
    GError *error = NULL;
    *still = (struct still){.gtp = gtp};
    struct agent *agent = gtp_agent(gtp, gtp->at.p.colour, &error);
    if (!agent)
        return gtp_refuse_error(call, "", error);
    for (int i = 0; i < gtp->game.moves; i++)
        still->prior[i] = NAN;
    int count = gtp->game.ops->legal_moves(&gtp->game, agent->position, &agent->history, legal);
    for (int i = 0; i < count; i++)
        still->prior[legal[i]] = 0;
    if (!agent->ops->analyse || !count)
        return gtp_refuse(call, "the agent has no opinion of this position");
    if (!agent_analyse(agent, &clock, &asked, NULL, &error))
        return gtp_refuse_error(call, "", error);
    return still->known || gtp_refuse(call, "the agent has no opinion of this position");
}

static void append_rows(const struct game *game, GString *out, const float *numbers, float sign)
{
    for (int p = 0; p < game->points; p++) {
        if (isnan(numbers[p]))
            g_string_append(out, "NAN");
        else
            g_string_append_printf(out, "%.6f", (double)(sign * numbers[p]));
        g_string_append_c(out, p % game->width == game->width - 1 ? '\n' : ' ');
    }
}

/* kata-raw-nn [SYMMETRY]: from white's view. How the net is shown the position is the agent's own option. */
static bool raw_nn(struct gtp_call *call)
{
    const struct game *game = &call->gtp->game;
    struct still still;
    if (!look(call, RAW_VISITS, &still))
        return false;
    float sign = call->gtp->at.p.colour == GAME_WHITE ? 1 : -1;
    const game_move pass = game->pass;
    g_string_append_printf(call->out, "whiteWin %.6f\nwhiteLoss %.6f\nnoResult %.6f\n",
                           0.5 * (1 - (double)still.draw + (double)(sign * still.value)),
                           0.5 * (1 - (double)still.draw - (double)(sign * still.value)), (double)still.draw);
    if (game->has_score)
        g_string_append_printf(call->out, "whiteLead %.6f\n", (double)(sign * still.score));
    g_string_append(call->out, "policy\n");
    append_rows(game, call->out, still.prior, 1);
    if (pass != GAME_NO_MOVE)
        g_string_append_printf(call->out, "policyPass %.6f\n", (double)still.prior[pass]);
    if (still.has_map) {
        g_string_append(call->out, "whiteOwnership\n");
        append_rows(game, call->out, still.map, sign);
    }
    return true;
}

/* For GoGui: black's points towards 1, white's towards -1. */
static bool ownership(struct gtp_call *call)
{
    struct still still;
    if (!look(call, MAP_VISITS, &still))
        return false;
    if (!still.has_map)
        return gtp_refuse(call, "the agent says nothing of ownership");
    append_rows(&call->gtp->game, call->out, still.map, call->gtp->at.p.colour == GAME_BLACK ? 1 : -1);
    return true;
}

static bool policy(struct gtp_call *call)
{
    struct still still;
    if (!look(call, RAW_VISITS, &still))
        return false;
    for (int p = 0; p < call->gtp->game.points; p++)
        still.prior[p] = isnan(still.prior[p]) ? 0 : still.prior[p];
    append_rows(&call->gtp->game, call->out, still.prior, 1);
    return true;
}

const struct gtp_command gtp_look_commands[] = {
    {"kata-raw-nn", 0, 2, raw_nn},
    {"tengen-ownership", 0, 0, ownership},
    {"tengen-policy", 0, 0, policy},
    {NULL, 0, 0, NULL},
};
