/* tengen analysis: an agent behind KaTrain and other tools that review games. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agents/agent.h"
#include "engine/analysis.h"
#include "engine/command.h"

enum { DEFAULT_VISITS = 500 };

/* What the command line says. */
struct given {
    char *agent, *game, *model, *human_model, *config, *overrides, *view;
    int workers, threads, visits;
    gint64 seed;
    gboolean hurry;
};

/* KataGo's options have one dash; GOption would read a row of short ones. */
static void double_dashes(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (argv[i][0] == '-' && g_ascii_isalpha(argv[i][1]) && argv[i][2])
            argv[i] = g_strconcat("-", argv[i], NULL); /* as long as the program runs, as argv is */
}

/* The agent, to be freed. A client names KataGo's model where it has no other place for one. */
static char *choose_agent(const struct given *given)
{
    if (given->agent)
        return g_strdup(given->agent);
    if (given->model && g_str_has_suffix(given->model, ".safetensors") && !strchr(given->model, ','))
        return g_strconcat("net:", given->model, NULL);
    if (given->model)
        fprintf(stderr, "tengen analysis: %s is not a network of this program; net:default plays\n", given->model);
    return g_strdup("net:default");
}

static void tell_ignored(const struct given *given)
{
    if (given->config)
        fprintf(stderr, "tengen analysis: %s is not read: its settings are KataGo's; see --help for those here\n",
                given->config);
    if (given->human_model)
        fprintf(stderr, "tengen analysis: %s is not used: there is no model of human play here\n", given->human_model);
}

/* "name=value,name=value" of KataGo; what has no equal here is told and left. */
static bool take_overrides(struct given *given, double *max_time, GError **error)
{
    char **items = g_strsplit(given->overrides ? given->overrides : "", ",", -1);
    bool fine = true;
    for (int i = 0; items[i] && fine; i++) {
        char **pair = g_strsplit(items[i], "=", 2);
        const char *name = pair[0] ? g_strstrip(pair[0]) : "", *value = pair[0] && pair[1] ? g_strstrip(pair[1]) : "";
        gint64 number = g_ascii_strtoll(value, NULL, 10);
        if (strcmp(name, "reportAnalysisWinratesAs") == 0) {
            g_free(given->view);
            given->view = g_strdup(value);
        } else if (strcmp(name, "maxVisits") == 0) {
            given->visits = (int)CLAMP(number, 0, G_MAXINT);
        } else if (strcmp(name, "maxTime") == 0) {
            *max_time = g_ascii_strtod(value, NULL);
        } else if (strcmp(name, "numAnalysisThreads") == 0) {
            given->workers = (int)CLAMP(number, 0, G_MAXINT);
        } else if (strcmp(name, "numSearchThreads") == 0 || strcmp(name, "numSearchThreadsPerAnalysisThread") == 0) {
            given->threads = (int)CLAMP(number, 0, G_MAXINT);
        } else if (*name) {
            fprintf(stderr, "tengen analysis: %.60s has no equal in this engine and changes nothing\n", name);
        }
        g_strfreev(pair);
    }
    g_strfreev(items);
    if (!(*max_time >= 0 && *max_time <= 1e6)) {
        g_set_error_literal(error, AGENT_ERROR, AGENT_ERROR_SPEC, "maxTime is seconds, 0 to 1000000");
        fine = false;
    }
    return fine;
}

static bool check(const struct given *given, enum analysis_view *view, GError **error)
{
    const char *wrong = given->workers < 1 || given->workers > ANALYSIS_MAX_WORKERS ? "--analysis-threads is 1 to 64"
                        : given->visits < 1                                         ? "--visits is 1 or more"
                        : given->view && !analysis_view_parse(given->view, view)
                            ? "--perspective is black, white or sidetomove"
                            : NULL;
    if (wrong)
        g_set_error_literal(error, AGENT_ERROR, AGENT_ERROR_SPEC, wrong);
    return !wrong;
}

static int serve(struct given *given, int argc)
{
    GError *error = NULL;
    double max_time = 0;
    enum analysis_view view = ANALYSIS_VIEW_BLACK;
    if (!take_overrides(given, &max_time, &error))
        return command_fail("analysis", COMMAND_USAGE, error);
    if (!given->threads && given->workers > 0)
        given->threads = MAX((int)g_get_num_processors() / given->workers, 1);
    if (!command_check_server(argc, given->threads, &given->seed, &error) || !check(given, &view, &error))
        return command_fail("analysis", COMMAND_USAGE, error);
    tell_ignored(given);
    char *agent = choose_agent(given);
    const struct analysis_config config = {.agent = agent,
                                           .game = given->game ? given->game : "go:19,rules=chinese",
                                           .seed = (uint64_t)given->seed,
                                           .workers = given->workers,
                                           .threads = given->threads,
                                           .visits = given->visits,
                                           .time_ms = (gint64)(max_time * 1000),
                                           .view = view,
                                           .hurry = given->hurry};
    struct analysis *analysis;
    int created = analysis_create(&analysis, &config, &error);
    g_free(agent);
    if (created < 0)
        return command_fail("analysis", COMMAND_USAGE, error);
    /* These words are part of the protocol: clients wait for them. */
    fputs("tengen analysis: Started, ready to begin handling requests\n", stderr);
    int served = analysis_serve(analysis, STDIN_FILENO, STDOUT_FILENO);
    analysis_close(analysis);
    return command_served("analysis", served);
}

static int parse(struct given *given, int *argc, char ***argv)
{
    GOptionEntry entries[] = {
        {"agent", 0, 0, G_OPTION_ARG_STRING, &given->agent, "the player (net:default)", "SPEC"},
        {"game", 0, 0, G_OPTION_ARG_STRING, &given->game, "whose size, komi and rules a query sets (go:19)", "SPEC"},
        {"analysis-threads", 0, 0, G_OPTION_ARG_INT, &given->workers, "positions searched at once (1)", "N"},
        {"threads", 0, 0, G_OPTION_ARG_INT, &given->threads, "of each search (the cores, shared)", "N"},
        {"visits", 0, 0, G_OPTION_ARG_INT, &given->visits, "of a query that names none (500)", "N"},
        {"perspective", 0, 0, G_OPTION_ARG_STRING, &given->view,
         "whose chances, scores and points are told: black, white, sidetomove (black)", "SIDE"},
        {"seed", 0, 0, G_OPTION_ARG_INT64, &given->seed, "of everything random (from the clock)", "S"},
        {"quit-without-waiting", 0, 0, G_OPTION_ARG_NONE, &given->hurry,
         "the end of input ends what is under way, without an answer", NULL},
        {"model", 0, 0, G_OPTION_ARG_STRING, &given->model, "a network: FILE.safetensors; another is not used", "FILE"},
        {"human-model", 0, 0, G_OPTION_ARG_STRING, &given->human_model, "is not used", "FILE"},
        {"config", 0, 0, G_OPTION_ARG_STRING, &given->config, "is not read", "FILE"},
        {"override-config", 0, 0, G_OPTION_ARG_STRING, &given->overrides,
         "maxVisits, maxTime, reportAnalysisWinratesAs, numAnalysisThreads, numSearchThreads", "NAME=VALUE,..."},
        {NULL, 0, 0, 0, NULL, NULL, NULL}};
    GOptionContext *context = g_option_context_new("- an agent for KaTrain and other tools that review games");
    g_option_context_set_summary(
        context, "Answers KataGo's JSON analysis protocol on stdin and stdout, and takes its options,\n"
                 "with one dash or two, so that it can stand wherever a tool starts `katago analysis`.");
    g_option_context_add_main_entries(context, entries, NULL);
    int status = command_parse(context, argc, argv, "analysis");
    g_option_context_free(context);
    return status;
}

static int run(int argc, char **argv)
{
    struct given given = {.workers = 1, .visits = DEFAULT_VISITS, .seed = COMMAND_SEED_OF_CLOCK};
    double_dashes(argc, argv);
    int status = parse(&given, &argc, &argv);
    if (status < 0)
        status = serve(&given, argc);
    char *texts[] = {given.agent,  given.game,      given.model, given.human_model,
                     given.config, given.overrides, given.view};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    return status;
}

const struct command command_analysis = {"analysis", "an agent behind KaTrain and other tools that review games", run};
