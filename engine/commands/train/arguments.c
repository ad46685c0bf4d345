/* The options of `tengen train`, and checks for conflicts between them. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "engine/cluster/load.h"
#include "engine/commands/command.h"
#include "engine/commands/train/train.h"
#include "engine/settings/settings.h"
#include "net/net.h"

static void append_setting(const char *name, bool fixed, const char *help, void *user)
{
    g_string_append_printf(user, "  %-18s %s%s\n", name, help, fixed ? " (fixed once the run exists)" : "");
}

/* Lists that are too long for the help text of a single option. */
static char *description(void)
{
    const char *name, *help;
    GString *text = g_string_new("Blocks of a network shape, as in --net conv:64,res:64,gpool:64:\n");
    for (int i = 0; net_block_at(i, &name, &help); i++)
        g_string_append_printf(text, "  %-18s %s\n", name, help);
    g_string_append(text, "\nA block may have modifiers, as in --net 5x64+drop=0.1 or conv:64,res:64+depth=0.1:\n");
    for (int i = 0; net_modifier_at(i, &name, &help); i++)
        g_string_append_printf(text, "  +%-17s %s\n", name, help);
    g_string_append(text, "\nSettings for --set:\n");
    settings_each(append_setting, text);
    return g_string_free(text, FALSE);
}

bool train_parse_arguments(int *argc, char ***argv, struct train_arguments *a, int *status)
{
    const GOptionEntry entries[] = {
        {"game", 0, 0, G_OPTION_ARG_STRING, &a->game, "the game to learn: go:9, gomoku:15, go:7,komi=9", "SPEC"},
        {"sizes", 0, 0, G_OPTION_ARG_STRING, &a->sizes,
         "board sizes to learn together, with optional weights: 7,9:4,13:2", "LIST"},
        {"net", 0, 0, G_OPTION_ARG_STRING, &a->net, "network shape: 4x48, or blocks listed below", "SHAPE"},
        {"from", 0, 0, G_OPTION_ARG_STRING, &a->from, "start from a net: default, a weights file or a run", "NET"},
        {"against", 0, 0, G_OPTION_ARG_STRING, &a->against,
         "learn to beat a fixed net: default, a weights file or a run", "NET"},
        {"hours", 0, 0, G_OPTION_ARG_DOUBLE, &a->hours, "training time in hours", "H"},
        {"minutes", 0, 0, G_OPTION_ARG_DOUBLE, &a->minutes, "training time in minutes", "M"},
        {"until", 0, 0, G_OPTION_ARG_STRING, &a->until, "train until this time of day", "HH:MM"},
        {"watch", 0, 0, G_OPTION_ARG_NONE, &a->watch, "also watch the run in a window (a separate process)", NULL},
        {"threads", 0, 0, G_OPTION_ARG_INT, &a->threads, "number of threads (all cores)", "N"},
        {"trainers", 0, 0, G_OPTION_ARG_INT, &a->trainers,
         "with mpirun: how many of the processes train, each on its part of every batch (1)", "N"},
        {"accept", 0, 0, G_OPTION_ARG_FILENAME, &a->accept,
         "with mpirun: let other processes join; FILE is created for them and says how", "FILE"},
        {"join", 0, 0, G_OPTION_ARG_FILENAME, &a->join,
         "with mpirun: play for the job that has created this file with --accept", "FILE"},
        {"seed", 0, 0, G_OPTION_ARG_INT64, &a->seed, "random seed (from the clock)", "S"},
        {"visits", 0, 0, G_OPTION_ARG_INT64, &a->visits, "visits per self-play search", "N"},
        {"deterministic", 0, 0, G_OPTION_ARG_NONE, &a->deterministic, "one thread, repeatable bit for bit", NULL},
        {"games", 0, 0, G_OPTION_ARG_INT64, &a->games, "with --deterministic: games per round", "N"},
        {"generations", 0, 0, G_OPTION_ARG_INT64, &a->generations, "stop at this generation", "N"},
        {"set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &a->set, "any setting listed below", "NAME=VALUE"},
        {"backend", 0, 0, G_OPTION_ARG_STRING, &a->backend, "network backend: fast or plain", "NAME"},
        {"dtype", 0, 0, G_OPTION_ARG_STRING, &a->dtype,
         "network number type: auto, f32, bf16 or int8 (self-play only) (auto)", "TYPE"},
        {"list-presets", 0, 0, G_OPTION_ARG_NONE, &a->list_presets, "list the presets of new runs by game and exit",
         NULL},
        {"pack", 0, 0, G_OPTION_ARG_FILENAME, &a->pack, "write the run to one small file and exit", "FILE"},
        {"salvage", 0, 0, G_OPTION_ARG_FILENAME, &a->salvage,
         "create the run from the intact parts of a damaged one and exit", "OLD"},
        {"unpack", 0, 0, G_OPTION_ARG_FILENAME, &a->unpack, "create the run from such a file and exit", "FILE"},
        {"report", 0, 0, G_OPTION_ARG_DOUBLE, &a->report,
         "seconds between reports when not on a terminal, or with --json", "S"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &a->json, "print one JSON object per report, commit and checkpoint", NULL},
        {0}};
    GOptionContext *context = g_option_context_new("[RUN]");
    char *text = description();
    g_option_context_set_summary(
        context, "Learns a game by self-play. RUN is a name (stored under runs/) or a path with a slash; by default\n"
                 "the run is named after the game. A new run learns the game that --game gives or that RUN is named\n"
                 "after, such as connect4 or go7; if there is neither, go:9.\n"
                 "Ctrl-C stops training cleanly; rerun the command to resume.");
    g_option_context_set_description(context, text);
    g_free(text);
    g_option_context_add_main_entries(context, entries, NULL);
    *status = command_parse(context, argc, argv, "train");
    g_option_context_free(context);
    if (*status < 0 && *argc > 1)
        a->run = g_strdup((*argv)[1]);
    return *status < 0;
}

void train_free_arguments(struct train_arguments *a)
{
    g_free(a->accept);
    g_free(a->join);
    g_free(a->game);
    g_free(a->sizes);
    g_free(a->net);
    g_free(a->from);
    g_free(a->against);
    g_free(a->until);
    g_free(a->pack);
    g_free(a->unpack);
    g_free(a->salvage);
    g_free(a->backend);
    g_free(a->dtype);
    g_free(a->run);
    g_strfreev(a->set);
}

bool train_check_arguments(const struct train_arguments *a, int argc, char **argv, GError **error)
{
    if (argc > 2)
        return settings_fail(error, "unexpected \"%s\" after RUN \"%s\"; give one RUN", argv[2], argv[1]);
    if (a->run && (!a->run[0] || strcmp(a->run, ".") == 0 || strcmp(a->run, "..") == 0))
        return settings_fail(error, "invalid run name \"%s\"; give a name, or a path with a slash", a->run);
    if ((a->hours != 0) + (a->minutes != 0) + (a->until != NULL) > 1)
        return settings_fail(error, "--hours, --minutes and --until are mutually exclusive; give one of them");
    if (!(a->hours >= 0 && a->hours <= 1e5) || !(a->minutes >= 0 && a->minutes <= 1e6))
        return settings_fail(error, "--hours and --minutes must be greater than 0");
    if (a->threads != -1 && (a->threads < 1 || a->threads > 256))
        return settings_fail(error, "--threads=%d: must be 1 to 256", a->threads);
    if (a->trainers != -1 && (a->trainers < 1 || a->trainers > cluster_environment(NULL)))
        return settings_fail(error, "--trainers=%d: must be 1 to %d, the number of processes that mpirun starts",
                             a->trainers, cluster_environment(NULL));
    if (a->deterministic && a->threads > 1)
        return settings_fail(error, "--deterministic runs in one thread; remove --threads");
    if ((a->pack || a->unpack || a->salvage) && (a->hours != 0 || a->minutes != 0 || a->until || a->generations))
        return settings_fail(error, "--pack, --unpack and --salvage do not train; remove the time limit");
    if ((a->pack != NULL) + (a->unpack != NULL) + (a->salvage != NULL) > 1)
        return settings_fail(error, "--pack, --unpack and --salvage are mutually exclusive; give one of them");
    if ((a->unpack || a->salvage) &&
        (a->game || a->net || a->from || a->against || a->sizes || a->set || a->deterministic))
        return settings_fail(error, "--unpack and --salvage take all settings from the old run; give only RUN");
    if (a->generations < 0 || a->report < 0)
        return settings_fail(error, "--generations and --report must be greater than 0");
    if (a->backend && strcmp(a->backend, "fast") != 0 && strcmp(a->backend, "plain") != 0)
        return settings_fail(error, "--backend=%s: must be fast or plain", a->backend);
    return true;
}

bool train_seconds_until(const char *text, double *seconds, GError **error)
{
    int hour, minute;
    char more;
    if (sscanf(text, "%d:%2d%c", &hour, &minute, &more) != 2 || hour < 0 || hour > 23 || minute < 0 || minute > 59)
        return settings_fail(error, "--until=%s: must be a time of day such as 07:00", text);
    time_t now = time(NULL);
    struct tm end;
    localtime_r(&now, &end);
    end.tm_hour = hour;
    end.tm_min = minute;
    end.tm_sec = 0;
    end.tm_isdst = -1;
    time_t at = mktime(&end);
    if (at <= now) {
        end.tm_mday++;
        end.tm_isdst = -1;
        at = mktime(&end);
    }
    *seconds = difftime(at, now);
    return true;
}
