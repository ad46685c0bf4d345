/* tengen lab: variants of training, compared. */
#include <cjson/cJSON.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "engine/cluster/host.h"
#include "engine/cluster/load.h"
#include "engine/cluster/ranks.h"
#include "engine/commands/command.h"
#include "engine/commands/interrupt.h"
#include "engine/commands/rank.h"
#include "engine/lab/lab.h"
#include "engine/lab/plan.h"
#include "engine/lab/report.h"
#include "engine/lab/results.h"
#include "engine/store/database.h"
#include "net/io/atomic_file.h"
#include "net/net.h"

struct arguments {
    char *out;
    int threads;
    gboolean json, check;
    struct cluster_host *cluster; /* the other ranks of this job; NULL: there are none */
};

static int count_cores(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0 ? CPU_COUNT(&set) : 1;
}

/* runs/NAME for a file NAME.yaml. */
static char *default_folder(const char *file)
{
    char *name = g_path_get_basename(file), *dot = strrchr(name, '.');
    if (dot && dot != name)
        *dot = '\0';
    char *folder = g_build_filename("runs", name, NULL);
    g_free(name);
    return folder;
}

/* The machine's faults; everything else is something that the user can mend. */
static int status_of(const GError *error)
{
    bool machine = error && ((error->domain == NET_ERROR && error->code == NET_ERROR_LIBRARY) ||
                             (error->domain == DATABASE_ERROR &&
                              (error->code == DATABASE_ERROR_MACHINE || error->code == DATABASE_ERROR_FULL)) ||
                             error->domain == ATOMIC_FILE_ERROR || error->domain == G_THREAD_ERROR ||
                             g_error_matches(error, CLUSTER_ERROR, CLUSTER_ERROR_LOST));
    return machine ? COMMAND_MACHINE : COMMAND_USAGE;
}

static void print_plan(const struct lab_plan *plan, bool json)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free), *values = g_ptr_array_new_with_free_func(g_free);
    cJSON *object = cJSON_CreateObject();
    lab_plan_describe(plan, names, values);
    for (guint i = 0; i < names->len; i++) {
        const char *name = names->pdata[i], *value = values->pdata[i];
        if (json)
            cJSON_AddStringToObject(object, name, value);
        else if (*value)
            printf("%s: %s\n", name, value);
    }
    if (json)
        command_print_json(object);
    else
        cJSON_Delete(object);
    g_ptr_array_unref(names);
    g_ptr_array_unref(values);
}

/* Writes and prints what is known, of an unfinished lab as well. */
static bool report(const struct lab *lab, const struct arguments *arguments, const struct lab_results *results,
                   GError **error)
{
    bool written = lab_report_write(results, lab->folder, error);
    (arguments->json ? lab_print_json : lab_print_text)(results, stdout);
    if (written && !arguments->json)
        printf("Report: %s/report.html, report.txt, report.csv, report.json\n", lab->folder);
    return written;
}

static int check_lab(const struct lab_plan *plan, const struct arguments *arguments, const char *folder, GError **error)
{
    if (!lab_check(plan, folder, error))
        return -1;
    print_plan(plan, arguments->json);
    return COMMAND_OK;
}

static int run_lab(const struct lab_plan *plan, const struct arguments *arguments, const char *folder, GError **error)
{
    struct lab lab;
    struct lab_results results;
    if ((arguments->cluster && !cluster_host_gather(arguments->cluster, error)) || !lab_open(&lab, plan, folder, error))
        return -1;
    lab.threads = arguments->threads > 0 ? arguments->threads : cluster_threads(count_cores());
    lab.cluster = arguments->cluster;
    lab.log = stderr;
    lab.stop = &interrupt_received;
    interrupt_catch();
    lab_results_init(&results, plan);
    enum lab_end end = lab_run(&lab, &results, error);
    command_print_ranks(lab.cluster, "slices and games done");
    bool good = end != LAB_FAILED && report(&lab, arguments, &results, error);
    if (good && end == LAB_STOPPED)
        fprintf(stderr, "tengen lab: stopped; rerun the command to go on\n");
    lab_results_clear(&results);
    lab_close(&lab);
    return !good ? -1 : end == LAB_FINISHED ? COMMAND_OK : COMMAND_FAILED;
}

static bool check_arguments(const struct arguments *arguments, int argc, GError **error)
{
    const char *wrong = argc != 2 ? "takes one lab file: tengen lab FILE.yaml"
                        : arguments->threads != -1 && (arguments->threads < 1 || arguments->threads > 256)
                            ? "--threads must be 1 to 256"
                        : arguments->out && !arguments->out[0] ? "--out must name a folder"
                                                               : NULL;
    if (wrong)
        g_set_error_literal(error, LAB_ERROR, LAB_ERROR_PLAN, wrong);
    return !wrong;
}

static int act(const struct arguments *arguments, int argc, char **argv, GError **error)
{
    struct lab_plan plan = {0};
    int status = -1;
    if (check_arguments(arguments, argc, error) && lab_plan_read(&plan, argv[1], error) &&
        lab_plan_settle(&plan, error)) {
        char *folder = arguments->out ? g_strdup(arguments->out) : default_folder(argv[1]);
        status = (arguments->check ? check_lab : run_lab)(&plan, arguments, folder, error);
        g_free(folder);
    }
    lab_plan_clear(&plan);
    return status;
}

static GOptionContext *make_context(struct arguments *arguments)
{
    const GOptionEntry entries[] = {
        {"out", 0, 0, G_OPTION_ARG_FILENAME, &arguments->out,
         "folder for runs, matches and report (runs/NAME for NAME.yaml)", "DIR"},
        {"threads", 0, 0, G_OPTION_ARG_INT, &arguments->threads, "number of threads (all cores)", "N"},
        {"check", 0, 0, G_OPTION_ARG_NONE, &arguments->check, "only check the file, and print what it says", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &arguments->json,
         "print the report, or what --check prints, as one JSON object", NULL},
        {0}};
    GOptionContext *context = g_option_context_new("FILE - train variants and compare them");
    g_option_context_set_summary(
        context,
        "Trains each arm of FILE (YAML) from each seed with the same budget, lets all final nets play each other,\n"
        "and reports the differences to the first arm. Rerun the command to resume, after a kill as well.");
    g_option_context_set_description(
        context, "Keys of FILE:\n"
                 "  kind       loop: arms play themselves (the default); same-data: arms learn the games of a run\n"
                 "  game       the game; sizes: board sizes, as of train\n"
                 "  from       net from which all arms start (random weights)\n"
                 "  data       same-data: the run; held-out: share of its games to measure losses on (0.1)\n"
                 "  seeds      list of seeds, each of which every arm is trained from\n"
                 "  budget     of each arm and seed: one of minutes, hours, seconds (of processor time) and steps\n"
                 "  slices     parts in which the budget is spent, the arms in turn (1)\n"
                 "  settings   settings of train that all arms share\n"
                 "  arms       list of mappings with a name and settings of train; the first is the baseline\n"
                 "  factors    instead of arms: mapping of names to settings, screened together in few arms\n"
                 "  compare    games of each two players (20), visits (64) and time a move, game, openings,\n"
                 "             opening-plies, anchors (other players)");
    g_option_context_add_main_entries(context, entries, NULL);
    return context;
}

static int run_here(int argc, char **argv, struct cluster_host *cluster)
{
    struct arguments arguments = {.threads = -1, .cluster = cluster};
    GOptionContext *context = make_context(&arguments);
    int status = command_parse(context, &argc, &argv, "lab");
    g_option_context_free(context);
    if (status < 0) {
        GError *error = NULL;
        status = act(&arguments, argc, argv, &error);
        if (status < 0)
            status = command_fail("lab", status_of(error), error);
    }
    g_free(arguments.out);
    return status;
}

static int run(int argc, char **argv)
{
    struct ranks ranks;
    if (!ranks_open(&ranks, "lab", argc, argv))
        return COMMAND_USAGE;
    if (ranks.worker)
        command_work_as_rank(&ranks, argc, argv);
    return ranks_close(&ranks, ranks.worker ? COMMAND_OK : run_here(argc, argv, ranks.host));
}

const struct command command_lab = {"lab", "train variants and compare them", run};
