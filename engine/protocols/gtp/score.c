/* Scoring: dead stones, seki and the final score. */
#include <math.h>

#include "agents/agent.h"
#include "engine/protocols/common/line_input.h"
#include "engine/protocols/gtp/session.h"
#include "games/game.h"

void gtp_find_dead(struct gtp *gtp)
{
    if (gtp->status_known && gtp->status_hash == gtp->at.p.hash)
        return;
    gtp->game.ops->counting->find_dead(&gtp->game, &gtp->at.p, gtp->dead, gtp->seki);
    gtp->status_known = true;
    gtp->status_hash = gtp->at.p.hash;
}

/* GAME_ONGOING if the game has not ended. */
static enum game_outcome outcome_of(struct gtp *gtp)
{
    const struct game_counting *counting = gtp->game.ops->counting;
    const bool black_first = gtp->at.p.black_player == 0;
    struct game_count count;
    if (gtp->resigned != GAME_EMPTY)
        return (gtp->resigned == GAME_BLACK) == black_first ? GAME_WON_1 : GAME_WON_0;
    if (!game_over(&gtp->at.p))
        return GAME_ONGOING;
    if (!counting)
        return game_result(&gtp->game, &gtp->at.p).outcome;
    gtp_find_dead(gtp);
    counting->count(&gtp->game, &gtp->at.p, gtp->dead, &count, NULL);
    return count.margin == 0 ? GAME_DRAWN : (count.margin > 0) == black_first ? GAME_WON_0 : GAME_WON_1;
}

void gtp_end_game(struct gtp *gtp)
{
    GError *error = NULL;
    if (!gtp->agent || !gtp->agent_follows)
        return;
    const enum game_outcome outcome = outcome_of(gtp);
    if (outcome != GAME_ONGOING &&
        !agent_finished(gtp->agent, outcome, gtp->input ? line_input_interrupt(gtp->input) : NULL, &error))
        fprintf(stderr, "tengen gtp: a lost game is not remembered: %s\n", error->message);
    g_clear_error(&error);
}

/* ---- commands ---- */

static void append_margin(GString *out, double margin)
{
    if (margin == 0)
        g_string_append(out, "0");
    else
        g_string_append_printf(out, "%c+%.1f", margin > 0 ? 'B' : 'W', fabs(margin));
}

static bool final_score(struct gtp_call *call)
{
    struct gtp *gtp = call->gtp;
    struct game_count count;
    if (!gtp->game.ops->counting) { /* the result by the rules; B+1 or W+1 in games without a score */
        struct game_result result = game_result(&gtp->game, &gtp->at.p);
        if (!result.over)
            return gtp_fail(call, "cannot score");
        int sign = game_result_sign(&result, gtp->at.p.black_player);
        if (gtp->game.has_score)
            append_margin(call->out, sign * fabs((double)result.margin));
        else
            g_string_append(call->out, sign > 0 ? "B+1" : sign < 0 ? "W+1" : "0");
        return true;
    }
    gtp_find_dead(gtp);
    gtp->game.ops->counting->count(&gtp->game, &gtp->at.p, gtp->dead, &count, NULL);
    append_margin(call->out, (double)count.margin);
    return true;
}

static bool has_status(const struct gtp *gtp, int point, const char *status)
{
    if (strcmp(status, "dead") == 0)
        return gtp->dead[point];
    if (strcmp(status, "seki") == 0)
        return gtp->seki[point];
    return !gtp->dead[point] && !gtp->seki[point];
}

/* One chain per line. */
static bool final_status_list(struct gtp_call *call)
{
    static const char *const known[] = {"alive", "dead", "seki", NULL};
    struct gtp *gtp = call->gtp;
    int chain[GAME_MAX_POINTS];
    if (!g_strv_contains(known, call->args[0]))
        return gtp_fail(call, "syntax error");
    if (!gtp->game.ops->counting)
        return gtp_fail(call, "cannot score");
    gtp_find_dead(gtp);
    gtp->game.ops->counting->chains(&gtp->game, &gtp->at.p, chain);
    for (int first = 0; first < gtp->game.points; first++) {
        if (chain[first] != first || !has_status(gtp, first, call->args[0]))
            continue;
        const char *before = call->out->len ? "\n" : "";
        for (int p = first; p < gtp->game.points; p++) {
            char text[GAME_MOVE_TEXT_MAX];
            if (chain[p] != first)
                continue;
            g_string_append_printf(call->out, "%s%s", before, game_move_format(&gtp->game, (game_move)p, text));
            before = " ";
        }
    }
    return true;
}

const struct gtp_command gtp_score_commands[] = {
    {"final_score", 0, 0, final_score},
    {"final_status_list", 1, 1, final_status_list},
    {NULL, 0, 0, NULL},
};
