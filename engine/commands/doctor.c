/* tengen doctor: checks whether this machine can run Tengen, and how to fix problems. */
#include <cjson/cJSON.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h> /* IWYU pragma: keep */
#include <sys/statvfs.h>
#include <unistd.h>
#include <zstd.h>

#include "agents/agent.h"
#include "engine/bench/bench.h"
#include "engine/commands/command.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"

enum verdict { GOOD, NOTE, BAD };

struct report {
    bool json;
    int bad;
};

/* Reports a finding; the text of a bad one includes the remedy. */
__attribute__((format(printf, 4, 5))) static void find(struct report *report, enum verdict verdict, const char *what,
                                                       const char *format, ...)
{
    static const char *const words[] = {"ok", "note", "BAD"};
    va_list args;
    va_start(args, format);
    char *text = g_strdup_vprintf(format, args);
    va_end(args);
    report->bad += verdict == BAD;
    if (report->json) {
        cJSON *line = cJSON_CreateObject();
        cJSON_AddStringToObject(line, "check", what);
        cJSON_AddStringToObject(line, "verdict", words[verdict]);
        cJSON_AddStringToObject(line, "text", text);
        command_print_json(line);
    } else {
        printf("%-5s %-9s %s\n", words[verdict], what, text);
    }
    g_free(text);
}

static void check_processor(struct report *report)
{
    GString *sets = g_string_new(NULL);
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2"))
        g_string_append(sets, " AVX2");
    if (__builtin_cpu_supports("avx512f"))
        g_string_append(sets, " AVX-512");
    if (__builtin_cpu_supports("avx512vnni"))
        g_string_append(sets, " VNNI");
    if (__builtin_cpu_supports("avx512bf16"))
        g_string_append(sets, " BF16");
    const char *without = "no AVX2";
#elif defined(__aarch64__)
    if (getauxval(AT_HWCAP) & HWCAP_ASIMDDP)
        g_string_append(sets, " NEON with dot products of bytes");
    const char *without = "no dot product of bytes";
#else
    const char *without = "none of the processors that Tengen has fast code for";
#endif
    const bool fast = sets->len > 0;
    if (!fast)
        g_string_append_printf(sets, " %s: everything works, but networks are several times slower", without);
    find(report, fast ? GOOD : NOTE, "cpu", "%ld cores;%s", sysconf(_SC_NPROCESSORS_ONLN), sets->str);
    g_string_free(sets, TRUE);
}

/* Memory available to programs: free pages plus reclaimable page cache. */
static double free_memory_gib(void)
{
    double kib = -1;
    char line[160];
    FILE *file = fopen("/proc/meminfo", "r");
    while (file && kib < 0 && fgets(line, sizeof line, file))
        if (g_str_has_prefix(line, "MemAvailable:"))
            kib = g_ascii_strtod(line + strlen("MemAvailable:"), NULL);
    if (file)
        fclose(file);
    return kib >= 0 ? kib / 0x1p20 : (double)sysconf(_SC_AVPHYS_PAGES) * (double)sysconf(_SC_PAGESIZE) / 0x1p30;
}

static void check_memory(struct report *report)
{
    double gib = free_memory_gib();
    find(report, gib < 1.0 ? NOTE : GOOD, "memory", "%.1f GiB free%s", gib,
         gib < 1.0 ? "; training needs about 1 GiB: close other programs, or choose a smaller --net" : "");
}

static void check_directory(struct report *report)
{
    const char *where = access("runs", F_OK) == 0 ? "runs" : ".";
    struct statvfs disk;
    if (access(where, W_OK) != 0)
        find(report, BAD, "disk", "cannot write to %s: start Tengen in a writable folder, or give RUN as a path",
             where);
    else if (statvfs(where, &disk) == 0) {
        double gib = (double)disk.f_bavail * (double)disk.f_frsize / 0x1p30;
        find(report, gib < 1.0 ? BAD : GOOD, "disk", "%.1f GiB free for runs%s", gib,
             gib < 1.0 ? "; an overnight run takes up to 1 GiB: free some space, or give RUN as a path on another disk"
                       : "");
    }
}

/* The largest difference between fast and plain arithmetic over the logits and the value of a position; NAN if either
 * is not a number. False with the error set if one of them cannot run here. */
static bool compare_backends(const struct game *game, struct net *net, const struct position *position, float *worst,
                             GError **error)
{
    struct eval *evals = g_new0(struct eval, 2);
    bool ok = true;
    for (int i = 0; ok && i < 2; i++) {
        const struct evaluator_config config = {
            .kind = EVALUATOR_NET, .net = net, .backend = i ? NET_BACKEND_FAST : NET_BACKEND_PLAIN, .dtype = NET_F32};
        const struct eval_query query = {.position = position, .want = EVAL_POLICY | EVAL_VALUE};
        struct evaluator *evaluator = NULL;
        ok = evaluator_create(&evaluator, game, &config, error) == 0;
        if (ok)
            evaluator_evaluate(evaluator, 1, &query, &evals[i]);
        evaluator_free(evaluator);
    }
    *worst = fabsf(eval_value(&evals[0]) - eval_value(&evals[1]));
    for (int i = 0; i < game->moves; i++) {
        float difference = fabsf(evals[0].logits[i] - evals[1].logits[i]);
        if (!(difference <= *worst) && !isnan(*worst)) /* NAN is sticky */
            *worst = difference;
    }
    g_free(evals);
    return ok;
}

/* Spec of the game on its default board. buffer: GAME_SPEC_MAX. Returns buffer. */
static const char *first_spec(const struct game_ops *ops, char *buffer)
{
    char shape[GAME_SHAPE_TEXT_MAX];
    g_snprintf(buffer, GAME_SPEC_MAX, "%s:%s", ops->name, game_shape_format(&ops->traits.first_shape, shape));
    return buffer;
}

/* Evaluates a random position with a small net, fast against plain, to detect a library that computes wrong results on
 * this processor. */
static void check_network(struct report *report, const struct game_ops *ops)
{
    char spec[GAME_SPEC_MAX];
    GError *error = NULL;
    struct bench bench = {.seed = 1};
    struct rng rng;
    union any_position position;
    float worst = NAN;
    rng_seed(&rng, bench.seed);
    bool ok = game_parse(&bench.game, first_spec(ops, spec), &error) && bench_open_net(&bench, "2x32", &error);
    if (ok) {
        bench_random_position(&bench.game, bench.game.points / 2, &rng, &position.p);
        ok = compare_backends(&bench.game, bench.net, &position.p, &worst, &error);
    }
    if (ok)
        find(report, worst < 1e-3f ? GOOD : BAD, "network", "%s: fast and plain arithmetic differ by %.1g%s", spec,
             (double)worst, worst < 1e-3f ? "" : "; this oneDNN computes wrong results: install Debian's libdnnl2");
    else
        find(report, BAD, "network", "%s: %s", spec, error->message);
    g_clear_error(&error);
    net_unref(bench.net);
}

/* Whether the default opponent for a game exists and matches it. */
static void check_default(struct report *report, const struct game_ops *ops)
{
    char spec[GAME_SPEC_MAX];
    GError *error = NULL;
    struct game game;
    struct agent *agent = NULL;
    struct agent_config config = {.seed = 1, .threads = 1};
    if (game_parse(&game, first_spec(ops, spec), &error) &&
        agent_open(&agent, "policy:default", &game, &config, &error) == 0)
        find(report, GOOD, "opponent", "%s: net:default is available", spec);
    else
        find(report, NOTE, "opponent", "%s: %s", spec, error->message);
    agent_close(agent);
    g_clear_error(&error);
}

static int run(int argc, char **argv)
{
    struct report report = {0};
    gboolean json = FALSE;
    GOptionEntry entries[] = {{"json", 0, 0, G_OPTION_ARG_NONE, &json, "print one JSON object per line", NULL},
                              {NULL, 0, 0, 0, NULL, NULL, NULL}};
    GOptionContext *context = g_option_context_new("- check whether this machine can run Tengen");
    g_option_context_set_summary(context, "Exit status: 0 if everything required works, else 1.");
    g_option_context_add_main_entries(context, entries, NULL);
    int status = command_parse(context, &argc, &argv, "doctor");
    g_option_context_free(context);
    if (status >= 0)
        return status;
    report.json = json;
    check_processor(&report);
    check_memory(&report);
    check_directory(&report);
    find(&report, GOOD, "libraries", "SQLite %s, zstd %s, GLib %u.%u, cJSON %s", sqlite3_libversion(),
         ZSTD_versionString(), glib_major_version, glib_minor_version, cJSON_Version());
    for (int i = 0; game_table[i]; i++)
        check_network(&report, game_table[i]);
    for (int i = 0; game_table[i]; i++)
        check_default(&report, game_table[i]);
    if (!json)
        puts(report.bad ? "Problems found: see BAD above." : "Everything required works.");
    return report.bad ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_doctor = {"doctor", "check whether this machine can run Tengen", run};
