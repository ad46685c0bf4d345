/* Analysis reports in the formats of Leela Zero, KataGo and CGOS. */
#include <math.h>

#include "agents/agent.h"
#include "engine/protocols/gtp/analysis.h"
#include "engine/protocols/gtp/session.h"
#include "games/game.h"

static void append_line(const struct game *game, GString *out, const struct agent_candidate *candidate)
{
    char text[GAME_MOVE_TEXT_MAX];
    for (int i = 0; i < candidate->length; i++)
        g_string_append_printf(out, " %s", game_move_format(game, candidate->line[i], text));
}

static void report_lz(struct gtp_analysis *analysis, const struct agent_report *report)
{
    const struct game *game = &analysis->call->gtp->game;
    GString *out = analysis->call->out;
    char text[GAME_MOVE_TEXT_MAX];
    int count = agent_report_count(report, analysis->min_moves, analysis->max_moves);
    for (int i = 0; i < count; i++) {
        const struct agent_candidate *c = &report->candidates[i];
        g_string_append_printf(out, "%sinfo move %s visits %" G_GINT64_FORMAT " winrate %d prior %d lcb %d order %d pv",
                               i ? " " : "", game_move_format(game, c->move, text), c->visits,
                               (int)lrint(agent_chance(c->value) * 10000), (int)lrint((double)c->prior * 10000),
                               (int)lrint(agent_chance(c->lcb) * 10000), i);
        append_line(game, out, c);
    }
}

/* Estimates the standard deviation of the score from expected ownership (-1..1 per point), treating points as
 * independent. */
static double score_stdev(const struct game *game, const float *map)
{
    double variance = 0;
    for (int p = 0; p < game->points; p++)
        variance += 1 - fmin((double)(map[p] * map[p]), 1);
    return sqrt(variance);
}

/* q5Go shows a score only if scoreStdev is present and not 0. */
static void append_score(const struct game *game, GString *out, double score, const float *map)
{
    if (!game->has_score)
        return;
    g_string_append_printf(out, " scoreMean %.6f", score);
    if (map && gtp_has_score_stdev(game))
        g_string_append_printf(out, " scoreStdev %.6f", score_stdev(game, map));
    g_string_append_printf(out, " scoreLead %.6f scoreSelfplay %.6f", score, score);
}

static void append_map(const struct game *game, GString *out, const float *map)
{
    g_string_append(out, " ownership");
    for (int p = 0; p < game->points; p++)
        g_string_append_printf(out, " %.6f", (double)map[p]);
}

/* Also for Sabaki, which requires a decimal point in every number that is not a count. */
static void report_kata(struct gtp_analysis *analysis, const struct agent_report *report)
{
    const struct game *game = &analysis->call->gtp->game;
    GString *out = analysis->call->out;
    char text[GAME_MOVE_TEXT_MAX];
    int count = agent_report_count(report, analysis->min_moves, analysis->max_moves);
    for (int i = 0; i < count; i++) {
        const struct agent_candidate *c = &report->candidates[i];
        g_string_append_printf(out, "%sinfo move %s visits %" G_GINT64_FORMAT " utility %.6f winrate %.6f",
                               i ? " " : "", game_move_format(game, c->move, text), c->visits, (double)c->value,
                               agent_chance(c->value));
        append_score(game, out, (double)c->score, report->map);
        g_string_append_printf(out, " prior %.6f lcb %.6f utilityLcb %.6f weight %.6f order %d pv", (double)c->prior,
                               agent_chance(c->lcb), (double)c->lcb, (double)c->visits, i);
        append_line(game, out, c);
    }
    if (analysis->root_info) {
        g_string_append_printf(out, " rootInfo visits %" G_GINT64_FORMAT " utility %.6f winrate %.6f", report->visits,
                               (double)report->value, agent_chance(report->value));
        append_score(game, out, (double)report->score, report->map);
    }
    if (analysis->ownership && report->map)
        append_map(game, out, report->map);
}

/* CGOS: one line of JSON, ownership as base-64 letters. */
static void report_cgos(struct gtp_analysis *analysis, const struct agent_report *report)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const struct game *game = &analysis->call->gtp->game;
    GString *out = analysis->call->out;
    char text[GAME_MOVE_TEXT_MAX];
    int count = agent_report_count(report, analysis->min_moves, analysis->max_moves);
    g_string_append_printf(out, "{\"winrate\":%.6f,\"score\":%.4f,\"visits\":%" G_GINT64_FORMAT ",\"moves\":[",
                           agent_chance(report->value), (double)report->score, report->visits);
    for (int i = 0; i < count; i++) {
        const struct agent_candidate *c = &report->candidates[i];
        g_string_append_printf(out,
                               "%s{\"move\":\"%s\",\"visits\":%" G_GINT64_FORMAT
                               ",\"winrate\":%.6f,\"score\":%.4f,\"prior\":%.6f,\"pv\":\"",
                               i ? "," : "", game_move_format(game, c->move, text), c->visits, agent_chance(c->value),
                               (double)c->score, (double)c->prior);
        struct agent_candidate rest = *c; /* in this format the pv excludes the move itself */
        if (rest.length)
            memmove(rest.line, rest.line + 1, sizeof *rest.line * (size_t)--rest.length);
        size_t before = out->len;
        append_line(game, out, &rest);
        if (out->len > before)
            g_string_erase(out, (gssize)before, 1);
        g_string_append(out, "\"}");
    }
    g_string_append_c(out, ']');
    if (report->map) {
        g_string_append(out, ",\"ownership\":\"");
        for (int p = 0; p < game->points; p++)
            g_string_append_c(out, letters[lrint(agent_chance(report->map[p]) * 62)]);
        g_string_append_c(out, '"');
    }
    g_string_append_c(out, '}');
}

const struct gtp_dialect gtp_dialect_lz = {report_lz, false, false}, gtp_dialect_kata = {report_kata, false, true},
                         gtp_dialect_cgos = {report_cgos, true, false};
