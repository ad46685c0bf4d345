/* Raw network output, and ownership from a short search, for the current position. */
#include <math.h>

#include "agents/agent.h"
#include "engine/protocols/gtp/session.h"
#include "games/game.h"

enum { RAW_VISITS = 1, OWNERSHIP_VISITS = 200 };

struct evaluation {
    struct gtp *gtp;
    bool reported, has_map;
    float value, draw, score; /* raw network values, from the perspective of the player to move */
    float prior[GAME_MAX_MOVES], map[GAME_MAX_POINTS]; /* prior: NAN for illegal moves */
};

static void take_report(const struct agent_report *report, void *data)
{
    struct evaluation *evaluation = data;
    const struct game *game = &evaluation->gtp->game;
    evaluation->reported = true;
    evaluation->value = report->raw_value;
    evaluation->draw = report->raw_draw;
    evaluation->score = report->raw_score;
    for (int i = 0; i < report->count; i++)
        evaluation->prior[report->candidates[i].move] = report->candidates[i].prior;
    evaluation->has_map = report->map != NULL;
    if (report->map)
        memcpy(evaluation->map, report->map, sizeof *evaluation->map * game->points);
}

static bool evaluate(struct gtp_call *call, int64_t visits, struct evaluation *evaluation)
{
    struct gtp *gtp = call->gtp;
    const struct agent_clock clock = {.visits = visits};
    const struct agent_analysis request = {.map = true, .report = take_report, .data = evaluation};
    game_move legal[GAME_MAX_MOVES];
    GError *error = NULL;
    *evaluation = (struct evaluation){.gtp = gtp};
    struct agent *agent = gtp_agent(gtp, gtp->at.p.colour, &error);
    if (!agent)
        return gtp_fail_error(call, "", error);
    for (int i = 0; i < gtp->game.moves; i++)
        evaluation->prior[i] = NAN;
    int count = gtp->game.ops->legal_moves(&gtp->game, agent->position, &agent->history, legal);
    for (int i = 0; i < count; i++)
        evaluation->prior[legal[i]] = 0;
    if (!agent->ops->analyse || !count)
        return gtp_fail(call, "the agent cannot evaluate this position");
    if (!agent_analyse(agent, &clock, &request, NULL, &error))
        return gtp_fail_error(call, "", error);
    return evaluation->reported || gtp_fail(call, "the agent cannot evaluate this position");
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

/* kata-raw-nn [SYMMETRY]: from white's perspective. The argument is ignored; symmetry is an option of the agent. */
static bool raw_nn(struct gtp_call *call)
{
    const struct game *game = &call->gtp->game;
    struct evaluation evaluation;
    if (!evaluate(call, RAW_VISITS, &evaluation))
        return false;
    float sign = call->gtp->at.p.colour == GAME_WHITE ? 1 : -1;
    const game_move pass = game->pass;
    g_string_append_printf(call->out, "whiteWin %.6f\nwhiteLoss %.6f\nnoResult %.6f\n",
                           0.5 * (1 - (double)evaluation.draw + (double)(sign * evaluation.value)),
                           0.5 * (1 - (double)evaluation.draw - (double)(sign * evaluation.value)),
                           (double)evaluation.draw);
    if (game->has_score)
        g_string_append_printf(call->out, "whiteLead %.6f\n", (double)(sign * evaluation.score));
    g_string_append(call->out, "policy\n");
    append_rows(game, call->out, evaluation.prior, 1);
    if (pass != GAME_NO_MOVE)
        g_string_append_printf(call->out, "policyPass %.6f\n", (double)evaluation.prior[pass]);
    if (evaluation.has_map) {
        g_string_append(call->out, "whiteOwnership\n");
        append_rows(game, call->out, evaluation.map, sign);
    }
    return true;
}

/* For GoGui: 1 black, -1 white. */
static bool ownership(struct gtp_call *call)
{
    struct evaluation evaluation;
    if (!evaluate(call, OWNERSHIP_VISITS, &evaluation))
        return false;
    if (!evaluation.has_map)
        return gtp_fail(call, "the agent does not report ownership");
    append_rows(&call->gtp->game, call->out, evaluation.map, call->gtp->at.p.colour == GAME_BLACK ? 1 : -1);
    return true;
}

static bool policy(struct gtp_call *call)
{
    struct evaluation evaluation;
    if (!evaluate(call, RAW_VISITS, &evaluation))
        return false;
    for (int p = 0; p < call->gtp->game.points; p++)
        evaluation.prior[p] = isnan(evaluation.prior[p]) ? 0 : evaluation.prior[p];
    append_rows(&call->gtp->game, call->out, evaluation.prior, 1);
    return true;
}

const struct gtp_command gtp_evaluation_commands[] = {
    {"kata-raw-nn", 0, 2, raw_nn},
    {"tengen-ownership", 0, 0, ownership},
    {"tengen-policy", 0, 0, policy},
    {NULL, 0, 0, NULL},
};
