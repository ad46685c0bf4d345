/* Analysis commands of Leela Zero (lz-), KataGo (kata-), Sabaki (without prefix) and CGOS, which report on a search
 * while it runs. An analysis that does not generate a move runs until the next byte of input. */
#include <stddef.h>

#include "engine/protocols/gtp/analysis.h"

#include "agents/agent.h"
#include "engine/protocols/common/line_input.h"
#include "engine/protocols/common/protocol.h"
#include "engine/protocols/gtp/session.h"
#include "games/game.h"

enum { DEFAULT_INTERVAL_MS = 1000, MIN_INTERVAL_MS = 10 };

/* ---- arguments ---- */

enum option_kind { OPTION_CENTISECONDS, OPTION_COUNT, OPTION_BOOL, OPTION_AVOID, OPTION_ALLOW };

static const struct {
    const char *name;
    enum option_kind kind;
    size_t offset;
} options[] = {
    {"interval", OPTION_CENTISECONDS, offsetof(struct gtp_analysis, interval_ms)},
    {"minmoves", OPTION_COUNT, offsetof(struct gtp_analysis, min_moves)},
    {"maxmoves", OPTION_COUNT, offsetof(struct gtp_analysis, max_moves)},
    {"ownership", OPTION_BOOL, offsetof(struct gtp_analysis, ownership)},
    {"rootInfo", OPTION_BOOL, offsetof(struct gtp_analysis, root_info)},
    /* accepted for compatibility with KataGo, without effect */
    {"ownershipStdev", OPTION_BOOL, offsetof(struct gtp_analysis, ignored)},
    {"movesOwnership", OPTION_BOOL, offsetof(struct gtp_analysis, ignored)},
    {"movesOwnershipStdev", OPTION_BOOL, offsetof(struct gtp_analysis, ignored)},
    {"pvVisits", OPTION_BOOL, offsetof(struct gtp_analysis, ignored)},
    {"pvEdgeVisits", OPTION_BOOL, offsetof(struct gtp_analysis, ignored)},
    {"noResultValue", OPTION_BOOL, offsetof(struct gtp_analysis, ignored)},
    {"avoid", OPTION_AVOID, 0},
    {"allow", OPTION_ALLOW, 0},
};

/* avoid|allow COLOUR VERTEX,VERTEX,... DEPTH: applies to the root move only, whatever the depth. */
static bool read_restriction(struct gtp_analysis *analysis, int index, bool allow)
{
    struct gtp_call *call = analysis->call;
    enum game_colour colour;
    int64_t depth;
    if (!gtp_read_colour(call, index, &colour) || !gtp_read_int(call, index + 2, 1, G_MAXINT32, &depth))
        return false;
    if (!analysis->restricted)
        memset(analysis->allowed, !allow, sizeof analysis->allowed);
    char **vertices = g_strsplit(call->args[index + 1], ",", -1);
    bool ok = true;
    for (int i = 0; vertices[i] && ok; i++) {
        game_move move = game_move_parse(&call->gtp->game, vertices[i]);
        ok = move != GAME_NO_MOVE || gtp_fail(call, "syntax error");
        if (ok && colour == analysis->colour) {
            analysis->allowed[move] = allow;
            analysis->restricted = true;
        }
    }
    g_strfreev(vertices);
    return ok;
}

static bool read_bool(struct gtp_call *call, int index, bool *value)
{
    const char *text = index < call->count ? call->args[index] : "";
    *value = g_ascii_strcasecmp(text, "true") == 0 || strcmp(text, "1") == 0;
    return *value || g_ascii_strcasecmp(text, "false") == 0 || strcmp(text, "0") == 0 || gtp_fail(call, "syntax error");
}

/* Reads the option at `index`. Returns the number of words consumed, 0 on error. */
static int read_option(struct gtp_analysis *analysis, int index)
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
    gtp_fail(call, "syntax error");
    return 0;
}

/* [COLOUR] [CENTISECONDS] in either order, then options. */
static bool read_arguments(struct gtp_analysis *analysis)
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
    analysis->interval_ms = MAX(analysis->interval_ms, MIN_INTERVAL_MS);
    return true;
}

static void send_report(const struct agent_report *report, void *data)
{
    struct gtp_analysis *analysis = data;
    if (!report->count)
        return;
    analysis->dialect->report(analysis, report);
    g_string_append_c(analysis->call->out, '\n');
    gtp_stream(analysis->call);
}

/* ---- commands ---- */

static struct gtp_analysis make_analysis(struct gtp_call *call, const struct gtp_dialect *dialect)
{
    return (struct gtp_analysis){.call = call,
                                 .dialect = dialect,
                                 .colour = call->gtp->at.p.colour,
                                 .interval_ms = DEFAULT_INTERVAL_MS,
                                 .ownership = dialect->final_only};
}

static struct agent_analysis make_request(struct gtp_analysis *analysis)
{
    return (struct agent_analysis){.interval_ms = analysis->dialect->final_only ? 0 : analysis->interval_ms,
                                   .map = analysis->ownership || (analysis->dialect->score_stdev &&
                                                                  gtp_has_score_stdev(&analysis->call->gtp->game)),
                                   .allowed = analysis->restricted ? analysis->allowed : NULL,
                                   .report = send_report,
                                   .data = analysis};
}

static bool analyse(struct gtp_call *call, const struct gtp_dialect *dialect)
{
    struct gtp *gtp = call->gtp;
    struct gtp_analysis analysis = make_analysis(call, dialect);
    GError *error = NULL;
    if (!read_arguments(&analysis))
        return false;
    struct agent_analysis request = make_request(&analysis);
    request.stop = line_input_stop(gtp->input);
    struct agent *agent = gtp_agent(gtp, analysis.colour, &error);
    if (!agent)
        return gtp_fail_error(call, "", error);
    gtp_stream(call);
    bool ok = game_over(agent->position) || agent_analyse(agent, NULL, &request, NULL, &error);
    if (ok && !gtp->broken)
        line_input_wait(gtp->input); /* in case the agent finished early */
    if (!ok) {
        agent_close(gtp->agent);
        gtp->agent = NULL;
        return gtp_fail_error(call, "# the agent failed", error);
    }
    return true;
}

static bool generate(struct gtp_call *call, const struct gtp_dialect *dialect)
{
    struct gtp_analysis analysis = make_analysis(call, dialect);
    if (!read_arguments(&analysis))
        return false;
    const struct agent_analysis reports = make_request(&analysis);
    const struct gtp_request request = {.colour = analysis.colour, .keep = true, .analysis = &reports};
    if (!gtp_generate(call, &request))
        return false;
    g_string_prepend(call->out, "play ");
    g_string_append_c(call->out, '\n');
    gtp_stream(call);
    return true;
}

static bool lz_analyze(struct gtp_call *call)
{
    return analyse(call, &gtp_dialect_lz);
}
static bool lz_genmove_analyze(struct gtp_call *call)
{
    return generate(call, &gtp_dialect_lz);
}
static bool kata_analyze(struct gtp_call *call)
{
    return analyse(call, &gtp_dialect_kata);
}
static bool kata_genmove_analyze(struct gtp_call *call)
{
    return generate(call, &gtp_dialect_kata);
}
static bool cgos_genmove_analyze(struct gtp_call *call)
{
    return generate(call, &gtp_dialect_cgos);
}

const struct gtp_command gtp_analysis_commands[] = {
    {"lz-analyze", 0, -1, lz_analyze},
    {"lz-genmove_analyze", 0, -1, lz_genmove_analyze},
    {"kata-analyze", 0, -1, kata_analyze},
    {"kata-genmove_analyze", 0, -1, kata_genmove_analyze},
    {"analyze", 0, -1, kata_analyze},
    {"genmove_analyze", 0, -1, kata_genmove_analyze},
    {"cgos-genmove_analyze", 1, -1, cgos_genmove_analyze},
    {NULL, 0, 0, NULL},
};
