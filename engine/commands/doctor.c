/* tengen doctor: says whether this machine can run Tengen, how well, and what to do where it cannot. */
#include <cjson/cJSON.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <zstd.h>

#include "agents/agent.h"
#include "engine/bench/bench.h"
#include "engine/commands/command.h"
#include "games/game.h"
#include "mcts/search.h"
#include "net/net.h"

enum verdict { GOOD, NOTE, BAD };

struct report {
    bool json;
    int bad;
};

/* One finding: what was looked at, how it stands, and for a bad one the cure. */
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
#endif
    find(report, sets->len ? GOOD : NOTE, "cpu", "%ld cores;%s", sysconf(_SC_NPROCESSORS_ONLN),
         sets->len ? sets->str : " no AVX2: everything works, but networks run several times slower");
    g_string_free(sets, TRUE);
}

/* What programs can still get: the pages that are free, and those that the kernel only keeps files in. */
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
         gib < 1.0 ? "; training wants about 1 GiB: close other programs, or choose a smaller --net" : "");
}

static void check_directory(struct report *report)
{
    const char *where = access("runs", F_OK) == 0 ? "runs" : ".";
    struct statvfs disk;
    if (access(where, W_OK) != 0)
        find(report, BAD, "disk", "cannot write in %s: start Tengen in a folder of your own, or give RUN as a path",
             where);
    else if (statvfs(where, &disk) == 0) {
        double gib = (double)disk.f_bavail * (double)disk.f_frsize / 0x1p30;
        find(report, gib < 1.0 ? BAD : GOOD, "disk", "%.1f GiB free for runs%s", gib,
             gib < 1.0 ? "; a night's run takes up to 1 GiB: make room, or give RUN as a path on another disk" : "");
    }
}

/* The largest difference between fast and plain arithmetic over the moves and the value of a position; NAN where either
 * says no number. False, with the error set, when one of them cannot run here. */
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
        if (!(difference <= *worst) && !isnan(*worst)) /* once NAN, always NAN */
            *worst = difference;
    }
    g_free(evals);
    return ok;
}

/* The game as a newcomer is offered it. buffer: GAME_SPEC_MAX. Returns buffer. */
static const char *first_spec(const struct game_ops *ops, char *buffer)
{
    char shape[GAME_SHAPE_TEXT_MAX];
    g_snprintf(buffer, GAME_SPEC_MAX, "%s:%s", ops->name, game_shape_format(&ops->traits.first_shape, shape));
    return buffer;
}

/* Puts a random position through a small net, fast against plain: a library that computes wrongly on this processor is
 * found here. */
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
             (double)worst, worst < 1e-3f ? "" : "; the oneDNN here computes wrongly: install Debian's libdnnl2");
    else
        find(report, BAD, "network", "%s: %s", spec, error->message);
    g_clear_error(&error);
    net_unref(bench.net);
}

/* Whether the default opponent for a game is there and fits it. */
static void check_default(struct report *report, const struct game_ops *ops)
{
    char spec[GAME_SPEC_MAX];
    GError *error = NULL;
    struct game game;
    struct agent *agent = NULL;
    struct agent_config config = {.seed = 1, .threads = 1};
    if (game_parse(&game, first_spec(ops, spec), &error) &&
        agent_open(&agent, "policy:default", &game, &config, &error) == 0)
        find(report, GOOD, "opponent", "%s: net:default is there", spec);
    else
        find(report, NOTE, "opponent", "%s: %s", spec, error->message);
    agent_close(agent);
    g_clear_error(&error);
}

static int run(int argc, char **argv)
{
    struct report report = {0};
    gboolean json = FALSE;
    GOptionEntry entries[] = {{"json", 0, 0, G_OPTION_ARG_NONE, &json, "print one JSON object a line", NULL},
                              {NULL, 0, 0, 0, NULL, NULL, NULL}};
    GOptionContext *context = g_option_context_new("- says whether this machine can run Tengen");
    g_option_context_set_summary(context, "Exit status: 0 when everything needed works, 1 when something does not.");
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
    for (int i = 0; game_table[i]; i++) /* nets see square boards only */
        if (game_table[i]->traits.first_shape.width == game_table[i]->traits.first_shape.height)
            check_network(&report, game_table[i]);
    for (int i = 0; game_table[i]; i++)
        check_default(&report, game_table[i]);
    if (!json)
        puts(report.bad ? "Something is wrong: see BAD above." : "Everything needed works.");
    return report.bad ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_doctor = {"doctor", "say whether this machine can run Tengen, and what to mend", run};
