/* tengen torture: proves that runs and tournaments lose nothing, whatever happens. */
#include <stdio.h>

#include "engine/commands/command.h"
#include "engine/commands/interrupt.h"
#include "engine/torture/faults.h"
#include "engine/torture/torture.h"
#include "games/game.h"

struct arguments {
    gint64 faults, seed;
    char *only, *folder, *program;
    gboolean json;
};

static bool fail(GError **error, const char *message)
{
    g_set_error_literal(error, GAME_ERROR, GAME_ERROR_SPEC, message);
    return false;
}

static char *description(void)
{
    GString *text = g_string_new("Kinds of faults for --only:\n");
    for (int i = 0; fault_kinds[i].name; i++)
        if (!fault_kinds[i].hidden)
            g_string_append_printf(text, "  %-10s %s\n", fault_kinds[i].name, fault_kinds[i].help);
    g_string_append(text, "\nExit status: 0 nothing was lost, 1 something was, 2 bad input, 3 system failure.");
    return g_string_free(text, FALSE);
}

static int parse(int *argc, char ***argv, struct arguments *a)
{
    const GOptionEntry entries[] = {
        {"faults", 0, 0, G_OPTION_ARG_INT64, &a->faults, "how many faults (100)", "N"},
        {"seed", 0, 0, G_OPTION_ARG_INT64, &a->seed, "random seed: the same faults again (from the clock)", "S"},
        {"only", 0, 0, G_OPTION_ARG_STRING, &a->only, "only these kinds of faults, listed below", "KIND,..."},
        {"folder", 0, 0, G_OPTION_ARG_FILENAME, &a->folder,
         "folder for everything that is written (a new one in TMPDIR)", "FOLDER"},
        {"program", 0, 0, G_OPTION_ARG_FILENAME, &a->program, "the program to torture (this one)", "FILE"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &a->json, "print one JSON object per fault, and a summary", NULL},
        {NULL, 0, 0, 0, NULL, NULL, NULL}};
    GOptionContext *context = g_option_context_new("- kill runs and tournaments, and see whether anything is lost");
    g_option_context_set_summary(
        context, "Starts small training runs and tournaments in a scratch folder, strikes each with a fault, looks "
                 "whether all that\n"
                 "it had reported as committed is there, whole and unchanged, and continues it by the same command.");
    char *text = description();
    g_option_context_set_description(context, text);
    g_option_context_add_main_entries(context, entries, NULL);
    const int status = command_parse(context, argc, argv, "torture");
    g_option_context_free(context);
    g_free(text);
    return status;
}

/* ---- where things are ---- */

/* The library with the faults of the system: beside the program as built, or installed. NULL: this build has none. */
static char *find_preload(void)
{
    char *self = g_file_read_link("/proc/self/exe", NULL), *folder = self ? g_path_get_dirname(self) : g_strdup(".");
    char *candidates[] = {g_build_filename(folder, "tengen-faults.so", NULL),
                          g_build_filename(folder, "..", TENGEN_LIBDIR, "tengen", "tengen-faults.so", NULL)};
    char *found = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(candidates); i++) {
        if (!found && g_file_test(candidates[i], G_FILE_TEST_IS_REGULAR))
            found = g_canonicalize_filename(candidates[i], NULL);
        g_free(candidates[i]);
    }
    g_free(folder);
    g_free(self);
    return found;
}

static uint64_t preloaded_kinds(void)
{
    uint64_t kinds = 0;
    for (int i = 0; fault_kinds[i].name; i++)
        kinds |= (uint64_t)(fault_kinds[i].preload != NULL) << i;
    return kinds;
}

static bool choose_kinds(const struct arguments *a, struct torture_options *options, GError **error)
{
    options->kinds = fault_kinds_parse(a->only, error);
    if (!options->kinds || options->preload || !(options->kinds & preloaded_kinds()))
        return options->kinds != 0;
    if (a->only)
        return fail(
            error,
            "tengen-faults.so is not beside the program, nor installed with it; builds with a sanitizer have none; "
            "give --only=kill,terminate,hangup,interrupt,suspend,damage");
    fprintf(stderr, "tengen torture: tengen-faults.so is not beside the program, nor installed with it; faults that "
                    "need it are left "
                    "out\n");
    options->kinds &= ~preloaded_kinds();
    return true;
}

/* An empty folder, absolute; freed by the caller. */
static char *choose_folder(const struct arguments *a, GError **error)
{
    if (!a->folder)
        return g_dir_make_tmp("tengen-torture-XXXXXX", error);
    char *folder = g_canonicalize_filename(a->folder, NULL);
    GDir *names = g_mkdir_with_parents(folder, 0777) == 0 ? g_dir_open(folder, 0, error) : NULL;
    const bool is_empty = names && !g_dir_read_name(names);
    if (names && !is_empty)
        fail(error, "--folder: the folder is not empty; give another one, since everything in it may be deleted");
    else if (!names && error && !*error)
        fail(error, "--folder: cannot create the folder; give another one");
    if (names)
        g_dir_close(names);
    if (!is_empty)
        g_clear_pointer(&folder, g_free);
    return folder;
}

static void remove_folder(const char *folder)
{
    char *words[] = {"rm", "-rf", "--", (char *)folder, NULL};
    g_spawn_sync(NULL, words, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
}

/* ---- what it prints ---- */

static void print_fault(void *user, const struct fault *fault, const char *work, const char *lost)
{
    const struct arguments *a = user;
    if (a->json) {
        cJSON *object = cJSON_CreateObject();
        cJSON_AddNumberToObject(object, "fault", (double)fault->number);
        cJSON_AddStringToObject(object, "kind", fault->kind->name);
        cJSON_AddStringToObject(object, "work", work);
        if (lost)
            cJSON_AddStringToObject(object, "lost", lost);
        else
            cJSON_AddNullToObject(object, "lost");
        command_print_json(object);
        fflush(stdout);
    }
}

static void print_json(const struct torture_report *report, const struct arguments *a, double seconds)
{
    cJSON *object = cJSON_CreateObject(), *kinds = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "faults", (double)report->faults);
    cJSON_AddNumberToObject(object, "seed", (double)a->seed);
    cJSON_AddNumberToObject(object, "sessions", (double)report->sessions);
    cJSON_AddNumberToObject(object, "seconds", seconds);
    for (int i = 0; fault_kinds[i].name; i++)
        if (report->by_kind[i])
            cJSON_AddNumberToObject(kinds, fault_kinds[i].name, (double)report->by_kind[i]);
    cJSON_AddItemToObject(object, "kinds", kinds);
    cJSON_AddNumberToObject(object, "lost", (double)report->failures);
    cJSON_AddBoolToObject(object, "finished", report->failures == 0 && report->faults >= a->faults);
    command_print_json(object);
}

static void print_text(const struct torture_report *report, double seconds)
{
    for (int i = 0; fault_kinds[i].name; i++)
        if (report->by_kind[i])
            printf("%8" G_GINT64_FORMAT "  %-10s %s\n", report->by_kind[i], fault_kinds[i].name, fault_kinds[i].help);
    printf("%8" G_GINT64_FORMAT "  faults in %" G_GINT64_FORMAT " sessions, %.0f s; %s\n", report->faults,
           report->sessions, seconds, report->failures ? "SOMETHING IS WRONG" : "nothing was lost");
}

static void print_failure(const struct torture_report *report, const struct arguments *a, const char *folder)
{
    fprintf(stderr, "tengen torture: after fault %" G_GINT64_FORMAT " (%s, %s): %s\n", report->first.fault,
            report->first.kind->name, report->first.work, report->first.what);
    if (*report->first.said)
        fprintf(stderr, "The process said: %s", command_printable(g_strchomp(report->first.said)));
    fprintf(stderr,
            "%sWhat is left of it is in %s. To reproduce: %s torture --seed=%" G_GINT64_FORMAT
            " --faults=%" G_GINT64_FORMAT,
            *report->first.said ? "\n" : "", folder, command_program(), a->seed, a->faults);
    if (a->only)
        fprintf(stderr, " --only=%s", a->only);
    fprintf(stderr, "; which call or moment a fault meets depends on the machine's speed, too.\n");
}

static int torture(const struct arguments *a, const struct torture_options *options)
{
    struct torture_report report;
    GError *error = NULL;
    const gint64 began = g_get_monotonic_time();
    interrupt_catch();
    const bool good = torture_run(options, &report, &error);
    const double seconds = 1e-6 * (double)(g_get_monotonic_time() - began);
    if (good && a->json)
        print_json(&report, a, seconds);
    else if (good)
        print_text(&report, seconds);
    if (good && report.failures > 0)
        print_failure(&report, a, options->folder);
    else
        remove_folder(options->folder);
    const int status = !good ? command_fail("torture", COMMAND_MACHINE, error)
                       : report.failures > 0 || report.faults < a->faults ? COMMAND_FAILED
                                                                          : COMMAND_OK;
    torture_report_clear(&report);
    return status;
}

static bool check(struct arguments *a, int argc, GError **error)
{
    if (argc > 1)
        return fail(error, "accepts no arguments but options");
    if (a->faults < 1 || a->faults > 1000000)
        return fail(error, "--faults takes 1 to 1000000");
    if (a->seed < -1 || a->seed > (gint64)1 << 53)
        return fail(error, "--seed takes 0 or more");
    if (a->seed == -1)
        a->seed = g_get_real_time() & 0xffffffff;
    return true;
}

static int run(int argc, char **argv)
{
    struct arguments a = {.faults = 100, .seed = -1};
    int status = parse(&argc, &argv, &a);
    if (status < 0) {
        GError *error = NULL;
        char *preload = find_preload(),
             *program = a.program ? g_strdup(a.program) : g_file_read_link("/proc/self/exe", NULL);
        char *folder = NULL;
        struct torture_options options = {
            .program = program, .preload = preload, .stop = &interrupt_received, .progress = print_fault, .user = &a};
        const bool good =
            check(&a, argc, &error) && choose_kinds(&a, &options, &error) && (folder = choose_folder(&a, &error));
        options.folder = folder;
        options.faults = a.faults;
        options.seed = (uint64_t)a.seed;
        status = good ? torture(&a, &options) : command_fail("torture", COMMAND_USAGE, error);
        g_free(preload);
        g_free(program);
        g_free(folder);
    }
    g_free(a.only);
    g_free(a.folder);
    g_free(a.program);
    return status;
}

const struct command command_torture = {"torture", "kill runs and tournaments, and see whether anything is lost", run};
