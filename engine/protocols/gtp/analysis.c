/* Analysis in the dialects of Leela Zero (lz-), KataGo (kata-), Sabaki (plain) and CGOS: what a search thinks while it
 * thinks. An analysis that nobody is to move after runs until the next byte of input. */
#include <math.h>
#include <stddef.h>

#include "engine/protocols/gtp/session.h"

enum { DEFAULT_INTERVAL_MS = 1000, LEAST_INTERVAL_MS = 10, RAW_VISITS = 1, MAP_VISITS = 200 };

struct analysis;
/* One for each dialect. */
struct dialect {
    void (*report)(struct analysis *analysis, const struct agent_report *report); /* appends to call->out */
    bool once;                                                                    /* the last report only */
    bool scatter; /* tells the margin's deviation, which is taken from the map */
};

struct analysis {
    struct gtp_call *call;
    const struct dialect *dialect;
    enum game_colour colour;
    int64_t interval_ms, least, most; /* moves to report */
    bool ownership, root_info, ignored, restricted;
    uint8_t allowed[GAME_MAX_MOVES];
};

/* ---- arguments ---- */

enum option_kind { OPTION_CENTISECONDS, OPTION_COUNT, OPTION_BOOL, OPTION_AVOID, OPTION_ALLOW };

static const struct {
    const char *name;
    enum option_kind kind;
    size_t offset;
} options[] = {
    {"interval", OPTION_CENTISECONDS, offsetof(struct analysis, interval_ms)},
    {"minmoves", OPTION_COUNT, offsetof(struct analysis, least)},
    {"maxmoves", OPTION_COUNT, offsetof(struct analysis, most)},
    {"ownership", OPTION_BOOL, offsetof(struct analysis, ownership)},
    {"rootInfo", OPTION_BOOL, offsetof(struct analysis, root_info)},
    /* what KataGo could say beyond this is accepted and left out */
    {"ownershipStdev", OPTION_BOOL, offsetof(struct analysis, ignored)},
    {"movesOwnership", OPTION_BOOL, offsetof(struct analysis, ignored)},
    {"movesOwnershipStdev", OPTION_BOOL, offsetof(struct analysis, ignored)},
    {"pvVisits", OPTION_BOOL, offsetof(struct analysis, ignored)},
    {"pvEdgeVisits", OPTION_BOOL, offsetof(struct analysis, ignored)},
    {"noResultValue", OPTION_BOOL, offsetof(struct analysis, ignored)},
    {"avoid", OPTION_AVOID, 0},
    {"allow", OPTION_ALLOW, 0},
};

/* avoid|allow COLOUR VERTEX,VERTEX,... DEPTH: for the move that is analysed; deeper ones are not restricted. */
static bool read_restriction(struct analysis *analysis, int index, bool allow)
{
    struct gtp_call *call = analysis->call;
    enum game_colour colour;
    int64_t depth;
    if (!gtp_read_colour(call, index, &colour) || !gtp_read_int(call, index + 2, 1, G_MAXINT32, &depth))
        return false;
    if (!analysis->restricted)
        memset(analysis->allowed, !allow, sizeof analysis->allowed);
    char **vertices = g_strsplit(call->args[index + 1], ",", -1);
    bool fine = true;
    for (int i = 0; vertices[i] && fine; i++) {
        game_move move = game_move_parse(&call->gtp->game, vertices[i]);
        fine = move != GAME_NO_MOVE || gtp_refuse(call, "syntax error");
        if (fine && colour == analysis->colour) {
            analysis->allowed[move] = allow;
            analysis->restricted = true;
        }
    }
    g_strfreev(vertices);
    return fine;
}

static bool read_bool(struct gtp_call *call, int index, bool *value)
{
    const char *text = index < call->count ? call->args[index] : "";
    *value = g_ascii_strcasecmp(text, "true") == 0 || strcmp(text, "1") == 0;
    return *value || g_ascii_strcasecmp(text, "false") == 0 || strcmp(text, "0") == 0 ||
           gtp_refuse(call, "syntax error");
}

/* Reads the option at `index`; returns the words it took, 0 for an error. */
static int read_option(struct analysis *analysis, int index)
{
    struct gtp_call *call = analysis->call;
    for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
        if (g_ascii_strcasecmp(options[i].name, call->args[index]) != 0)
            continue;
        void *member = (char *)analysis + options[i].offset;
        switch (options[i].kind) {
        case OPTION_CENTISECONDS:
            if (!gtp_read_int(call, index + 1, 0, 100000000, member))
                return 0;
            *(int64_t *)member *= 10;
            return 2;
        case OPTION_COUNT:
            return gtp_read_int(call, index + 1, 0, GAME_MAX_MOVES, member) ? 2 : 0;
        case OPTION_BOOL:
            return read_bool(call, index + 1, member) ? 2 : 0;
        case OPTION_AVOID:
        case OPTION_ALLOW:
            return read_restriction(analysis, index + 1, options[i].kind == OPTION_ALLOW) ? 4 : 0;
        }
    }
    gtp_refuse(call, "syntax error");
    return 0;
}

/* [COLOUR] [CENTISECONDS] in either order, then options. */
static bool read_arguments(struct analysis *analysis)
{
    struct gtp_call *call = analysis->call;
    int at = 0;
    for (; at < call->count; at++) {
        int64_t centiseconds;
        if (protocol_is_colour(call->args[at], &analysis->colour))
            continue;
        if (!g_ascii_isdigit(call->args[at][0]))
            break;
        if (!gtp_read_int(call, at, 0, 100000000, &centiseconds))
            return false;
        analysis->interval_ms = centiseconds * 10;
    }
    while (at < call->count) {
        int taken = read_option(analysis, at);
        if (!taken)
            return false;
        at += taken;
    }
    analysis->interval_ms = MAX(analysis->interval_ms, LEAST_INTERVAL_MS);
    return true;
}

/* ---- reports ---- */

static double chance(float value)
{
    return CLAMP(0.5 + 0.5 * (double)value, 0.0, 1.0);
}

static void append_line(const struct game *game, GString *out, const struct agent_candidate *candidate)
{
    char text[GAME_MOVE_TEXT_MAX];
    for (int i = 0; i < candidate->length; i++)
        g_string_append_printf(out, " %s", game_move_format(game, candidate->line[i], text));
}

/* How many of the moves are told: those that were searched, within the bounds that were asked for. */
static int told(const struct analysis *analysis, const struct agent_report *report)
{
    int count = 0;
    while (count < report->count && (report->candidates[count].visits > 0 || count < analysis->least || count == 0) &&
           (!analysis->most || count < analysis->most))
        count++;
    return count;
}

static void report_lz(struct analysis *analysis, const struct agent_report *report)
{
    const struct game *game = &analysis->call->gtp->game;
    GString *out = analysis->call->out;
    char text[GAME_MOVE_TEXT_MAX];
    int count = told(analysis, report);
    for (int i = 0; i < count; i++) {
        const struct agent_candidate *c = &report->candidates[i];
        g_string_append_printf(out, "%sinfo move %s visits %" G_GINT64_FORMAT " winrate %d prior %d lcb %d order %d pv",
                               i ? " " : "", game_move_format(game, c->move, text), c->visits,
                               (int)lrint(chance(c->value) * 10000), (int)lrint((double)c->prior * 10000),
                               (int)lrint(chance(c->lcb) * 10000), i);
        append_line(game, out, c);
    }
}

/* The margin's standard deviation, were each point to fall to its owner independently of the others; map: of
 * expected owners. */
static double scatter(const struct game *game, const float *map)
{
    double variance = 0;
    for (int p = 0; p < game->points; p++)
        variance += 1 - fmin((double)(map[p] * map[p]), 1);
    return sqrt(variance);
}

/* q5Go shows no score that comes without its deviation, or with one of 0. */
static void append_score(const struct game *game, GString *out, double score, const float *map)
{
    if (!game->has_score)
        return;
    g_string_append_printf(out, " scoreMean %.6f", score);
    if (map)
        g_string_append_printf(out, " scoreStdev %.6f", scatter(game, map));
    g_string_append_printf(out, " scoreLead %.6f scoreSelfplay %.6f", score, score);
}

static void append_map(const struct game *game, GString *out, const float *map)
{
    g_string_append(out, " ownership");
    for (int p = 0; p < game->points; p++)
        g_string_append_printf(out, " %.6f", (double)map[p]);
}

/* Sabaki's dialect is this one, too: it wants a dot in every number that is no count. */
static void report_kata(struct analysis *analysis, const struct agent_report *report)
{
    const struct game *game = &analysis->call->gtp->game;
    GString *out = analysis->call->out;
    char text[GAME_MOVE_TEXT_MAX];
    int count = told(analysis, report);
    for (int i = 0; i < count; i++) {
        const struct agent_candidate *c = &report->candidates[i];
        g_string_append_printf(out, "%sinfo move %s visits %" G_GINT64_FORMAT " utility %.6f winrate %.6f",
                               i ? " " : "", game_move_format(game, c->move, text), c->visits, (double)c->value,
                               chance(c->value));
        append_score(game, out, (double)c->score, report->map);
        g_string_append_printf(out, " prior %.6f lcb %.6f utilityLcb %.6f weight %.6f order %d pv", (double)c->prior,
                               chance(c->lcb), (double)c->lcb, (double)c->visits, i);
        append_line(game, out, c);
    }
    if (analysis->root_info) {
        g_string_append_printf(out, " rootInfo visits %" G_GINT64_FORMAT " utility %.6f winrate %.6f", report->visits,
                               (double)report->value, chance(report->value));
        append_score(game, out, (double)report->score, report->map);
    }
    if (analysis->ownership && report->map)
        append_map(game, out, report->map);
}

/* CGOS's: one line of JSON, ownership in letters. */
static void report_cgos(struct analysis *analysis, const struct agent_report *report)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const struct game *game = &analysis->call->gtp->game;
    GString *out = analysis->call->out;
    char text[GAME_MOVE_TEXT_MAX];
    int count = told(analysis, report);
    g_string_append_printf(out, "{\"winrate\":%.6f,\"score\":%.4f,\"visits\":%" G_GINT64_FORMAT ",\"moves\":[",
                           chance(report->value), (double)report->score, report->visits);
    for (int i = 0; i < count; i++) {
        const struct agent_candidate *c = &report->candidates[i];
        g_string_append_printf(out,
                               "%s{\"move\":\"%s\",\"visits\":%" G_GINT64_FORMAT
                               ",\"winrate\":%.6f,\"score\":%.4f,\"prior\":%.6f,\"pv\":\"",
                               i ? "," : "", game_move_format(game, c->move, text), c->visits, chance(c->value),
                               (double)c->score, (double)c->prior);
        struct agent_candidate rest = *c; /* the line is what follows the move */
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
            g_string_append_c(out, letters[lrint(chance(report->map[p]) * 62)]);
        g_string_append_c(out, '"');
    }
    g_string_append_c(out, '}');
}

static const struct dialect lz = {report_lz, false, false}, kata = {report_kata, false, true},
                            cgos = {report_cgos, true, false};

static void send_report(const struct agent_report *report, void *data)
{
    struct analysis *analysis = data;
    if (!report->count)
        return;
    analysis->dialect->report(analysis, report);
    g_string_append_c(analysis->call->out, '\n');
    gtp_stream(analysis->call);
}

/* ---- commands ---- */

static struct analysis make_analysis(struct gtp_call *call, const struct dialect *dialect)
{
    return (struct analysis){.call = call,
                             .dialect = dialect,
                             .colour = call->gtp->at.p.colour,
                             .interval_ms = DEFAULT_INTERVAL_MS,
                             .ownership = dialect->once};
}

static struct agent_analysis wanted(struct analysis *analysis)
{
    return (struct agent_analysis){.interval_ms = analysis->dialect->once ? 0 : analysis->interval_ms,
                                   .map = analysis->ownership ||
                                          (analysis->dialect->scatter && analysis->call->gtp->game.has_score),
                                   .allowed = analysis->restricted ? analysis->allowed : NULL,
                                   .report = send_report,
                                   .data = analysis};
}

static bool analyse(struct gtp_call *call, const struct dialect *dialect)
{
    struct gtp *gtp = call->gtp;
    struct analysis analysis = make_analysis(call, dialect);
    GError *error = NULL;
    if (!read_arguments(&analysis))
        return false;
    struct agent_analysis asked = wanted(&analysis);
    asked.stop = line_input_stop(gtp->input);
    struct agent *agent = gtp_agent(gtp, analysis.colour, &error);
    if (!agent)
        return gtp_refuse_error(call, "", error);
    gtp_stream(call);
    bool fine = game_over(agent->position) || agent_analyse(agent, NULL, &asked, NULL, &error);
    if (fine && !gtp->broken)
        line_input_wait(gtp->input); /* for an agent that has said all it can */
    if (!fine) {
        agent_close(gtp->agent);
        gtp->agent = NULL;
        return gtp_refuse_error(call, "# the agent failed", error);
    }
    return true;
}

static bool generate(struct gtp_call *call, const struct dialect *dialect)
{
    struct analysis analysis = make_analysis(call, dialect);
    if (!read_arguments(&analysis))
        return false;
    const struct agent_analysis asked = wanted(&analysis);
    const struct gtp_request request = {.colour = analysis.colour, .keep = true, .analysis = &asked};
    if (!gtp_generate(call, &request))
        return false;
    g_string_prepend(call->out, "play ");
    g_string_append_c(call->out, '\n');
    gtp_stream(call);
    return true;
}

static bool lz_analyze(struct gtp_call *call)
{
    return analyse(call, &lz);
}
static bool lz_genmove_analyze(struct gtp_call *call)
{
    return generate(call, &lz);
}
static bool kata_analyze(struct gtp_call *call)
{
    return analyse(call, &kata);
}
static bool kata_genmove_analyze(struct gtp_call *call)
{
    return generate(call, &kata);
}
static bool cgos_genmove_analyze(struct gtp_call *call)
{
    return generate(call, &cgos);
}

/* ---- what the net or a short search says of the position ---- */

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
        g_string_append_c(out, p % game->size == game->size - 1 ? '\n' : ' ');
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
    game_move pass = game_move_parse(game, "pass");
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

const struct gtp_command gtp_analysis_commands[] = {
    {"lz-analyze", 0, -1, lz_analyze},
    {"lz-genmove_analyze", 0, -1, lz_genmove_analyze},
    {"kata-analyze", 0, -1, kata_analyze},
    {"kata-genmove_analyze", 0, -1, kata_genmove_analyze},
    {"analyze", 0, -1, kata_analyze},
    {"genmove_analyze", 0, -1, kata_genmove_analyze},
    {"cgos-genmove_analyze", 1, -1, cgos_genmove_analyze},
    {"kata-raw-nn", 0, 2, raw_nn},
    {"tengen-ownership", 0, 0, ownership},
    {"tengen-policy", 0, 0, policy},
    {NULL, 0, 0, NULL},
};
