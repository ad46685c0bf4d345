/* tengen analysis: an analysis engine for KaTrain and other review tools. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agents/agent.h"
#include "engine/protocols/katago/analysis.h"
#include "engine/commands/command.h"

enum { DEFAULT_VISITS = 500 };

/* The command line. */
struct arguments {
    char *agent, *game, *model, *human_model, *config, *overrides, *view;
    int workers, threads, visits;
    gint64 seed;
    gboolean quit_without_waiting;
};

/* A copy of the arguments with two dashes before each option: KataGo's have one, which GOption would parse as bundled
 * short options. Freed by g_strfreev. */
static char **double_dashes(int argc, char **argv)
{
    char **copy = g_new0(char *, argc + 1);
    for (int i = 0; i < argc; i++) {
        bool one = i > 0 && argv[i][0] == '-' && g_ascii_isalpha(argv[i][1]) && argv[i][2];
        copy[i] = g_strconcat(one ? "-" : "", argv[i], NULL);
    }
    return copy;
}

/* Whether the client's model may be a network of this program. */
static bool is_network(const char *model)
{
    return model && g_str_has_suffix(model, ".safetensors") && !strchr(model, ',');
}

/* Opens the requested agent, or the default if the client's -model is not a network of this program. */
static int create(struct analysis **analysis, const struct arguments *args, struct analysis_config *config,
                  GError **error)
{
    config->agent = args->agent ? args->agent : "net:default";
    if (args->agent || !args->model)
        return analysis_create(analysis, config, error);
    GError *why = NULL;
    if (is_network(args->model)) {
        char *spec = g_strconcat("net:", args->model, NULL);
        config->agent = spec;
        int created = analysis_create(analysis, config, &why);
        g_free(spec);
        if (created == 0)
            return 0;
    }
    fprintf(stderr, "tengen analysis: %s; using net:default instead of -model %s\n",
            why ? why->message : "networks must be *.safetensors files", args->model);
    g_clear_error(&why);
    config->agent = "net:default";
    return analysis_create(analysis, config, error);
}

static void report_ignored(const struct arguments *args)
{
    if (args->config)
        fprintf(stderr,
                "tengen analysis: ignoring %s, a KataGo configuration; see --help for the options of this program\n",
                args->config);
    if (args->human_model)
        fprintf(stderr, "tengen analysis: ignoring %s: human models are not supported\n", args->human_model);
}

/* KataGo's "name=value,name=value"; unsupported names are reported and ignored. */
static bool take_overrides(struct arguments *args, double *max_time, GError **error)
{
    char **items = g_strsplit(args->overrides ? args->overrides : "", ",", -1);
    bool ok = true;
    for (int i = 0; items[i] && ok; i++) {
        char **pair = g_strsplit(items[i], "=", 2);
        const char *name = pair[0] ? g_strstrip(pair[0]) : "", *value = pair[0] && pair[1] ? g_strstrip(pair[1]) : "";
        gint64 number = g_ascii_strtoll(value, NULL, 10);
        if (strcmp(name, "reportAnalysisWinratesAs") == 0) {
            g_free(args->view);
            args->view = g_strdup(value);
        } else if (strcmp(name, "maxVisits") == 0) {
            args->visits = (int)CLAMP(number, 0, G_MAXINT);
        } else if (strcmp(name, "maxTime") == 0) {
            *max_time = g_ascii_strtod(value, NULL);
        } else if (strcmp(name, "numAnalysisThreads") == 0) {
            args->workers = (int)CLAMP(number, 0, G_MAXINT);
        } else if (strcmp(name, "numSearchThreads") == 0 || strcmp(name, "numSearchThreadsPerAnalysisThread") == 0) {
            args->threads = (int)CLAMP(number, 0, G_MAXINT);
        } else if (*name) {
            fprintf(stderr, "tengen analysis: ignoring unsupported setting %.60s\n", name);
        }
        g_strfreev(pair);
    }
    g_strfreev(items);
    if (!(*max_time >= 0 && *max_time <= 1e6)) {
        g_set_error_literal(error, AGENT_ERROR, AGENT_ERROR_SPEC, "maxTime must be 0 to 1000000 seconds");
        ok = false;
    }
    return ok;
}

static bool check(const struct arguments *args, enum analysis_view *view, GError **error)
{
    const char *wrong = args->workers < 1 || args->workers > ANALYSIS_MAX_WORKERS ? "--analysis-threads must be 1 to 64"
                        : args->visits < 1                                        ? "--visits must be at least 1"
                        : args->view && !analysis_view_parse(args->view, view)
                            ? "--perspective must be black, white or sidetomove"
                            : NULL;
    if (wrong)
        g_set_error_literal(error, AGENT_ERROR, AGENT_ERROR_SPEC, wrong);
    return !wrong;
}

static int serve(struct arguments *args, int argc)
{
    GError *error = NULL;
    double max_time = 0;
    enum analysis_view view = ANALYSIS_VIEW_BLACK;
    if (!take_overrides(args, &max_time, &error))
        return command_fail("analysis", COMMAND_USAGE, error);
    if (!check(args, &view, &error))
        return command_fail("analysis", COMMAND_USAGE, error);
    if (!args->threads)
        args->threads = agent_share_of_threads(g_get_num_processors(), args->workers);
    if (!command_check_server(argc, args->threads, &args->seed, &error))
        return command_fail("analysis", COMMAND_USAGE, error);
    report_ignored(args);
    struct analysis_config config = {.game = args->game ? args->game : "go:19,rules=chinese",
                                     .seed = (uint64_t)args->seed,
                                     .workers = args->workers,
                                     .threads = args->threads,
                                     .visits = args->visits,
                                     .time_ms = (gint64)(max_time * 1000),
                                     .view = view,
                                     .quit_without_waiting = args->quit_without_waiting};
    struct analysis *analysis;
    if (create(&analysis, args, &config, &error) < 0)
        return command_fail("analysis", COMMAND_USAGE, error);
    /* Clients wait for this exact text. */
    fputs("tengen analysis: Started, ready to begin handling requests\n", stderr);
    int served = analysis_serve(analysis, STDIN_FILENO, STDOUT_FILENO);
    analysis_close(analysis);
    return command_served("analysis", served);
}

static int parse(struct arguments *args, int *argc, char ***argv)
{
    GOptionEntry entries[] = {
        {"agent", 0, 0, G_OPTION_ARG_STRING, &args->agent, "the player (net:default)", "SPEC"},
        {"game", 0, 0, G_OPTION_ARG_STRING, &args->game, "game; queries set its size, komi and rules (go:19)", "SPEC"},
        {"analysis-threads", 0, 0, G_OPTION_ARG_INT, &args->workers, "positions analysed in parallel (1)", "N"},
        {"threads", 0, 0, G_OPTION_ARG_INT, &args->threads, "threads per search (cores / analysis threads, at most 64)",
         "N"},
        {"visits", 0, 0, G_OPTION_ARG_INT, &args->visits, "visits of a query without maxVisits (500)", "N"},
        {"perspective", 0, 0, G_OPTION_ARG_STRING, &args->view,
         "perspective of win rates, scores and ownership: black, white, sidetomove (black)", "SIDE"},
        {"seed", 0, 0, G_OPTION_ARG_INT64, &args->seed, "random seed (from the clock)", "S"},
        {"quit-without-waiting", 0, 0, G_OPTION_ARG_NONE, &args->quit_without_waiting,
         "at end of input, abandon unfinished queries", NULL},
        {"model", 0, 0, G_OPTION_ARG_STRING, &args->model, "network: FILE.safetensors; others are ignored", "FILE"},
        {"human-model", 0, 0, G_OPTION_ARG_STRING, &args->human_model, "ignored", "FILE"},
        {"config", 0, 0, G_OPTION_ARG_STRING, &args->config, "ignored", "FILE"},
        {"override-config", 0, 0, G_OPTION_ARG_STRING, &args->overrides,
         "maxVisits, maxTime, reportAnalysisWinratesAs, numAnalysisThreads, numSearchThreads", "NAME=VALUE,..."},
        {NULL, 0, 0, 0, NULL, NULL, NULL}};
    GOptionContext *context = g_option_context_new("- analysis engine for KaTrain and other review tools");
    g_option_context_set_summary(context,
                                 "Speaks KataGo's JSON analysis protocol on stdin and stdout and accepts its options,\n"
                                 "with one dash or two, so that it can replace `katago analysis` in any tool.");
    g_option_context_add_main_entries(context, entries, NULL);
    int status = command_parse(context, argc, argv, "analysis");
    g_option_context_free(context);
    return status;
}

static int run(int argc, char **argv)
{
    struct arguments args = {.workers = 1, .visits = DEFAULT_VISITS, .seed = COMMAND_SEED_OF_CLOCK};
    char **owned = double_dashes(argc, argv), **left = g_memdup2(owned, ((size_t)argc + 1) * sizeof *owned);
    int status = parse(&args, &argc, &left);
    if (status < 0)
        status = serve(&args, argc);
    g_free(left);
    g_strfreev(owned);
    char *texts[] = {args.agent, args.game, args.model, args.human_model, args.config, args.overrides, args.view};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    return status;
}

const struct command command_analysis = {"analysis", "analysis engine for KaTrain and other review tools", run};
