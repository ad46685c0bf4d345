/* Scoring: dead stones, seki and the final score. */
#include <math.h>

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
