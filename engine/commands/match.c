/* tengen match: games and tournaments between agents, with ratings. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agents/agent.h"
#include "engine/cluster/host.h"
#include "engine/cluster/load.h"
#include "engine/cluster/ranks.h"
#include "engine/commands/command.h"
#include "engine/commands/interrupt.h"
#include "engine/commands/rank.h"
#include "engine/match/count.h"
#include "engine/match/journal.h"
#include "engine/match/match.h"
#include "engine/match/ranks/ranks.h"
#include "engine/match/report/report.h"
#include "engine/match/schedule/schedule.h"
#include "engine/match/settings.h"
#include "engine/match/setup.h"
#include "engine/match/statistics/sprt.h"
#include "engine/match/tournament_file.h"
#include "games/game.h"
#include "games/option.h"

/* ---- while it runs ---- */

struct progress {
    const struct match_setup *setup;
    const char *sgf_folder, *out_folder; /* where games are saved; NULL: nowhere */
    bool psq, live, warned;
    char *text;   /* formatted but not yet written */
    int64_t last; /* us */
    int last_done, lines;
    double start; /* duration of earlier sessions, s */
    int start_done;
};

/* A write error is reported once and does not affect the games. */
static void save_game(int number, const int players[2], const struct match_game *game, void *data)
{
    struct progress *progress = data;
    GError *error = NULL;
    bool good = !progress->sgf_folder ||
                match_game_save(progress->setup, progress->sgf_folder, false, number, players, game, &error);
    good = good && (!progress->out_folder || match_game_save(progress->setup, progress->out_folder, progress->psq,
                                                             number, players, game, &error));
    if (!good && !progress->warned) {
        fprintf(stderr, "tengen match: %s; continuing without saving games\n", error->message);
        progress->warned = true;
    }
    g_clear_error(&error);
}

static void format_progress(struct progress *progress, const struct match_report *report, FILE *out)
{
    if (!progress->live) {
        int total = report->count - report->void_games, fresh = report->done - progress->start_done;
        fprintf(out, "%d of %d games, %.0f s", report->done, total, report->seconds);
        if (fresh > 0 && !progress->setup->config.sprt)
            fprintf(out, ", about %.0f s remaining",
                    (report->seconds - progress->start) / fresh * (total - report->done));
        fputc('\n', out);
        return;
    }
    struct match_table table;
    match_table_make(&table, progress->setup, report);
    if (progress->lines)
        fprintf(out, "\033[%dA", progress->lines);
    progress->lines = match_print_live(&table, out);
    match_table_clear(&table);
}

/* On a terminal a table redrawn in place, elsewhere an occasional line. It is formatted here, under the match's lock,
 * and written by write_progress without it, so that a blocked terminal does not block the match. */
static void show_progress(const struct match_report *report, void *data)
{
    struct progress *progress = data;
    int64_t now = g_get_monotonic_time(), interval = progress->live ? G_USEC_PER_SEC : 30 * G_USEC_PER_SEC;
    if (report->done > 100000) /* computing the ratings takes a while */
        interval = MAX(interval, 10 * G_USEC_PER_SEC);
    if (progress->last == 0) {
        progress->last = now;
        progress->start = report->seconds;
        progress->start_done = report->done;
    }
    if (now - progress->last < interval || report->done == progress->last_done || progress->text)
        return;
    size_t length;
    progress->last = now;
    progress->last_done = report->done;
    FILE *out = open_memstream(&progress->text, &length);
    format_progress(progress, report, out);
    fclose(out);
}

static void write_progress(void *data)
{
    struct progress *progress = data;
    if (progress->text)
        fputs(progress->text, stderr);
    free(progress->text);
    progress->text = NULL;
}

static void clear_live(struct progress *progress)
{
    write_progress(progress);
    if (progress->lines)
        fprintf(stderr, "\033[%dA\033[J", progress->lines);
}

static char *make_games_folder(const struct match_setup *setup)
{
    if (!setup->journal)
        return NULL;
    char *folder = g_build_filename(journal_folder(setup->journal), "games", NULL);
    if (g_mkdir_with_parents(folder, 0777) < 0) { /* match_report_write reports this */
        g_free(folder);
        return NULL;
    }
    return folder;
}

/* Prints the result, and writes the report if there is a folder for it. */
static bool report(const struct match_setup *setup, const struct match_settings *settings,
                   const struct match_report *report, GError **error)
{
    struct match_table table;
    match_table_make(&table, setup, report);
    (settings->json ? match_print_json_lines : match_print_text)(&table, stdout);
    bool printed = fflush(stdout) == 0 && !ferror(stdout);
    int why = errno;
    bool good = !setup->journal || match_report_write(&table, g_strcmp0(settings->format, "psq") == 0, error);
    if (good && !printed && error)
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_DIED, "cannot write the result to stdout: %s%s", g_strerror(why),
                    setup->journal ? "; see the report in --out" : "");
    good = good && printed;
    match_table_clear(&table);
    return good;
}

/* What a rank cannot do, such as starting a program, is for the user to mend. */
static int status_of(const GError *error)
{
    return g_error_matches(error, CLUSTER_ERROR, CLUSTER_ERROR_INPUT) ? COMMAND_USAGE : COMMAND_MACHINE;
}

static int play(struct match_setup *setup, const struct match_settings *settings)
{
    struct match_report played;
    GError *error = NULL;
    char *folder = make_games_folder(setup);
    struct progress progress = {.setup = setup,
                                .sgf_folder = settings->sgf,
                                .out_folder = folder,
                                .psq = g_strcmp0(settings->format, "psq") == 0,
                                .live = isatty(STDERR_FILENO) && !setup->config.cluster};
    setup->config.progress = show_progress;
    setup->config.flush_progress = write_progress;
    setup->config.data = &progress;
    setup->config.played = settings->sgf || folder ? save_game : NULL;
    setup->config.stop = &interrupt_received;
    if (setup->journal && journal_count(setup->journal))
        fprintf(stderr, "%s: resuming after %d games\n", journal_folder(setup->journal), journal_count(setup->journal));
    interrupt_catch();
    bool good = match_run(&setup->config, &played, &error);
    clear_live(&progress);
    command_print_ranks(setup->config.cluster, "games played");
    good = report(setup, settings, &played, good ? &error : NULL) && good;
    bool finished = played.finished;
    bool undecided = finished && setup->config.sprt && played.sprt.decision == SPRT_OPEN;
    match_report_clear(&played);
    g_free(folder);
    if (!good)
        return command_fail("match", status_of(error), error);
    if (undecided)
        fprintf(stderr, "tengen match: the sequential test has not decided after %d games; %s\n", setup->config.games,
                setup->journal ? "rerun the command with a larger --games to continue" : "give a larger --games");
    return finished && !undecided ? COMMAND_OK : COMMAND_FAILED;
}

/* ---- before it runs ---- */

/* --check: tests every agent separately, even after one fails. */
static int check(struct match_setup *setup)
{
    enum { MOVES = 4 };
    int bad = 0;
    for (int i = 0; i < setup->config.player_count; i++) {
        struct match_config one = setup->config;
        GError *error = NULL;
        int at;
        one.players = &setup->players[i];
        one.player_count = 1;
        one.referee = i == 0 ? setup->config.referee : NULL;
        if (match_check_players(&one, MOVES, &at, &error)) {
            printf("%s: ok\n", setup->players[i].name);
            continue;
        }
        printf("%s\n", error->message);
        g_clear_error(&error);
        bad++;
    }
    return bad ? COMMAND_FAILED : COMMAND_OK;
}

static bool check_players(struct match_setup *setup, const struct match_settings *settings, GError **error)
{
    int at;
    if (match_check_players(&setup->config, 0, &at, error))
        return true;
    if (at < setup->config.player_count) {
        char *where = match_settings_where_agent(settings, at);
        g_prefix_error(error, "%s", where);
        g_free(where);
    }
    return false;
}

static bool make_sgf_folder(const struct match_settings *settings, GError **error)
{
    if (!settings->sgf || g_mkdir_with_parents(settings->sgf, 0777) == 0)
        return true;
    g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC, "--sgf: cannot create the folder %s: %s; give another one",
                settings->sgf, g_strerror(errno));
    return false;
}

/* For one rank of several. */
static bool prepare_ranks(struct match_setup *setup, struct cluster_host *host, const struct match_settings *settings,
                          GError **error)
{
    setup->config.cluster = host;
    if (host && settings->source[match_option_find("threads")] == MATCH_PRESET)
        setup->config.threads = cluster_threads(setup->config.threads);
    return !host || settings->check || match_setup_ranks(setup, settings, error);
}

static int run_match(struct match_settings *settings, struct cluster_host *host)
{
    struct match_setup setup;
    GError *error = NULL;
    int status;
    if (host && !cluster_host_gather(host, &error))
        return command_fail("match", status_of(error), error);
    if (settings->file && !match_file_read(settings->file, settings, &error))
        return command_fail("match", COMMAND_USAGE, error);
    if (settings->print_file) {
        char *text = match_file_write(settings, &error);
        if (!text)
            return command_fail("match", COMMAND_USAGE, error);
        fputs(text, stdout);
        g_free(text);
        return COMMAND_OK;
    }
    if (!match_setup_make(&setup, settings, &error) ||
        (!settings->check && (!make_sgf_folder(settings, &error) || !check_players(&setup, settings, &error))) ||
        !prepare_ranks(&setup, host, settings, &error))
        status = command_fail("match", COMMAND_USAGE, error);
    else
        status = settings->check ? check(&setup) : play(&setup, settings);
    match_setup_clear(&setup);
    return status;
}

/* ---- the command line ---- */

static gboolean set_option(const char *name, const char *value, void *data, GError **error)
{
    GError *why = NULL;
    if (match_settings_set(data, match_option_find(name + 2), value, 0, &why))
        return TRUE;
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--%s", why->message);
    g_clear_error(&why);
    return FALSE;
}

static GOptionContext *make_context(struct match_settings *settings)
{
    static GOptionEntry entries[MATCH_MAX_OPTIONS + 1]; /* GOption keeps pointers into it */
    for (int i = 0; match_options[i].name; i++) {
        const struct option_row *option = &match_options[i];
        entries[i] = (GOptionEntry){option->name,
                                    0,
                                    option->type == OPTION_FLAG  ? G_OPTION_FLAG_NO_ARG
                                    : option->flags & MATCH_PATH ? G_OPTION_FLAG_FILENAME
                                                                 : 0,
                                    G_OPTION_ARG_CALLBACK,
                                    (void *)(GOptionArgFunc)set_option,
                                    option->help,
                                    option->argument};
    }
    GOptionContext *context = g_option_context_new("[FILE] - play games and tournaments between agents");
    GOptionGroup *group = g_option_group_new("match", "", "", settings, NULL);
    g_option_group_add_entries(group, entries);
    g_option_context_set_main_group(context, group);
    char *agents = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&agents, &length);
    fputs("Schedules:\n", out);
    for (int i = 0; schedule_table[i]; i++)
        fprintf(out, "  %s  %s\n", schedule_table[i]->name, schedule_table[i]->summary);
    fputs("\nAgents:\n", out);
    agent_describe_all(out);
    fputs("\nGames:\n", out);
    game_describe_all(out);
    fclose(out);
    g_option_context_set_summary(
        context,
        "Each meeting of two agents has N games: each opening twice, with colours swapped. A crash, an illegal move,\n"
        "a missing answer or an exceeded clock loses the game. With the same seed, and searches limited by visits,\n"
        "built-in agents play the same match on any number of threads. FILE is a tournament file: YAML with the "
        "option\n"
        "names as keys.");
    g_option_context_set_description(context, agents);
    free(agents);
    return context;
}

static int run_here(int argc, char **argv, struct cluster_host *host)
{
    struct match_settings settings;
    match_settings_init(&settings);
    GOptionContext *context = make_context(&settings);
    int status = command_parse(context, &argc, &argv, "match");
    g_option_context_free(context);
    GError *error = NULL;
    if (status < 0 && argc == 2 && !settings.file) {
        settings.file = g_strdup(argv[1]);
        argc = 1;
    }
    if (status < 0 && argc > 1) {
        g_set_error_literal(&error, AGENT_ERROR, AGENT_ERROR_SPEC,
                            "accepts one tournament file at most; give agents with --agent");
        status = command_fail("match", COMMAND_USAGE, error);
    }
    if (status < 0)
        status = run_match(&settings, host);
    match_settings_clear(&settings);
    return status;
}

static int run(int argc, char **argv)
{
    struct ranks ranks;
    if (!ranks_open(&ranks, "match", argc, argv))
        return COMMAND_USAGE;
    if (ranks.worker)
        command_work_as_rank(&ranks, argc, argv);
    return ranks_close(&ranks, ranks.worker ? COMMAND_OK : run_here(argc, argv, ranks.host));
}

const struct command command_match = {"match", "play games and tournaments between agents", run};
