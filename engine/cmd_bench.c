/* tengen bench: how fast each part is here, beside the limit of this machine measured in the same run. */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/bench.h"
#include "engine/command.h"
#include "engine/settings.h"

static const struct bench_part {
    const char *name;
    bool (*run)(struct bench *bench, GError **error);
} parts[] = {
    {"board", bench_board},       {"net", bench_net},     {"search", bench_search},
    {"selfplay", bench_selfplay}, {"train", bench_train}, {NULL, NULL},
};

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double bench_median(const struct bench *bench, double (*measure)(void *data, double seconds), void *data)
{
    double *values = g_new(double, bench->repeats);
    measure(data, bench->seconds / 10); /* warm caches, clocks and lazily made primitives */
    for (int i = 0; i < bench->repeats; i++)
        values[i] = measure(data, bench->seconds);
    qsort(values, (size_t)bench->repeats, sizeof *values, compare_doubles);
    double median = values[bench->repeats / 2];
    g_free(values);
    return median;
}

static void print_json(const struct bench *bench, const struct bench_figure *figure)
{
    cJSON *line = cJSON_CreateObject();
    cJSON_AddStringToObject(line, "part", figure->part);
    cJSON_AddStringToObject(line, "name", figure->name);
    cJSON_AddStringToObject(line, "game", bench->game_spec);
    cJSON_AddStringToObject(line, "net", figure->net ? figure->net : "");
    cJSON_AddStringToObject(line, "dtype", figure->dtype ? figure->dtype : "");
    cJSON_AddNumberToObject(line, "batch", figure->batch);
    cJSON_AddNumberToObject(line, "threads", figure->threads);
    cJSON_AddNumberToObject(line, "value", figure->value);
    cJSON_AddStringToObject(line, "unit", figure->unit);
    if (figure->peak > 0) {
        cJSON_AddNumberToObject(line, "peak", figure->peak);
        cJSON_AddNumberToObject(line, "fraction", figure->value / figure->peak);
    } else {
        cJSON_AddNullToObject(line, "peak");
        cJSON_AddNullToObject(line, "fraction");
    }
    command_print_json(line);
}

void bench_report(const struct bench *bench, const struct bench_figure *figure)
{
    if (bench->json) {
        print_json(bench, figure);
    } else {
        char detail[96] = "";
        if (figure->batch)
            g_snprintf(detail, sizeof detail, "batch %d", figure->batch);
        if (figure->threads > 1)
            g_snprintf(detail + strlen(detail), sizeof detail - strlen(detail), "%s%d threads", *detail ? ", " : "",
                       figure->threads);
        printf("%-9s %-34s %-18s %14.*f %s", figure->part, figure->name, detail, figure->value < 100 ? 2 : 0,
               figure->value, figure->unit);
        if (figure->peak > 0)
            printf("  = %.2f of %.0f", figure->value / figure->peak, figure->peak);
        putchar('\n');
    }
    fflush(stdout);
}

static bool known_part(const char *name)
{
    for (int i = 0; parts[i].name; i++)
        if (strcmp(parts[i].name, name) == 0)
            return true;
    return false;
}

static bool wanted(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return true;
    return argc == 1;
}

static bool check_options(struct bench *bench, int argc, char **argv, const char *dtype, GError **error)
{
    for (int i = 1; i < argc; i++)
        if (!known_part(argv[i])) {
            g_set_error(error, GAME_ERROR, GAME_ERROR_SPEC,
                        "there is no part \"%s\"; it is board, net, search, selfplay or train", argv[i]);
            return false;
        }
    if (!net_dtype_parse(&bench->dtype, dtype, error))
        return false;
    if (bench->dtype == NET_AUTO)
        bench->dtype = net_has_int8() ? NET_INT8 : net_dtype_best(NET_BACKEND_FAST);
    if (bench->batch < 1 || bench->batch > 1024 || bench->threads < 1 || bench->threads > 1024 || bench->repeats < 1 ||
        bench->repeats > 1000 || !(bench->seconds >= 0.01 && bench->seconds <= 3600)) {
        g_set_error_literal(error, GAME_ERROR, GAME_ERROR_SPEC,
                            "--batch is 1 to 1024, --threads 1 to 1024, --repeats 1 to 1000, --seconds 0.01 to 3600");
        return false;
    }
    return true;
}

/* 0: the preset stays. Asked here, so that a number out of range is not met after minutes of other measurements. */
static bool check_visits(const struct bench *bench, GError **error)
{
    struct settings settings;
    char visits[24];
    settings_presets(&settings, &bench->game);
    g_snprintf(visits, sizeof visits, "%d", bench->visits);
    return !bench->visits || settings_set(&settings, "visits", visits, error);
}

static int print_signature(void)
{
    GError *error = NULL;
    uint64_t value;
    if (!bench_signature(&value, &error))
        return command_fail("bench", COMMAND_FAILED, error);
    printf("%016" G_GINT64_MODIFIER "x\n", value);
    return COMMAND_OK;
}

static int run_parts(struct bench *bench, int argc, char **argv)
{
    game_format(&bench->game, bench->game_spec);
    for (int i = 0; parts[i].name; i++) {
        GError *error = NULL;
        if (wanted(parts[i].name, argc, argv) && !parts[i].run(bench, &error))
            return command_fail("bench", COMMAND_FAILED, error);
    }
    return COMMAND_OK;
}

static int run(int argc, char **argv)
{
    struct bench bench = {.batch = 16, .threads = 1, .repeats = 3, .seconds = 1.0, .seed = 1};
    char *game = NULL, *net = NULL, *dtype = NULL;
    gboolean json = FALSE, signature = FALSE;
    GOptionEntry entries[] = {
        {"game", 0, 0, G_OPTION_ARG_STRING, &game, "the game (go:9)", "SPEC"},
        {"net", 0, 0, G_OPTION_ARG_STRING, &net, "blocks x channels, or a weights file (5x64)", "SHAPE|FILE"},
        {"dtype", 0, 0, G_OPTION_ARG_STRING, &dtype, "number type of the network: auto, f32, bf16 or int8 (auto)", "TYPE"},
        {"batch", 0, 0, G_OPTION_ARG_INT, &bench.batch, "positions at once, beside one at a time (16)", "N"},
        {"threads", 0, 0, G_OPTION_ARG_INT, &bench.threads, "threads, beside one (1)", "N"},
        {"visits", 0, 0, G_OPTION_ARG_INT, &bench.visits, "of a self-play move (the game's preset)", "N"},
        {"seconds", 0, 0, G_OPTION_ARG_DOUBLE, &bench.seconds, "of each measurement (1)", "S"},
        {"repeats", 0, 0, G_OPTION_ARG_INT, &bench.repeats, "measurements, whose median counts (3)", "N"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, "print one JSON object a line", NULL},
        {"signature", 0, 0, G_OPTION_ARG_NONE, &signature,
         "print one number that changes only when the arithmetic or the search does", NULL},
        {NULL, 0, 0, 0, NULL, NULL, NULL}};
    GOptionContext *context = g_option_context_new("[board|net|search|selfplay|train] - how fast it is here");
    g_option_context_set_summary(
        context,
        "A figure with \"= F of P\" is the fraction F of P, the limit for the same work measured in this run:\n"
        "for a network the bare oneDNN tower, for a tower the processor's own peak.");
    g_option_context_add_main_entries(context, entries, NULL);
    int status = command_parse(context, &argc, &argv, "bench");
    g_option_context_free(context);
    if (status >= 0)
        return status;

    GError *error = NULL;
    bench.json = json;
    if (!check_options(&bench, argc, argv, dtype ? dtype : "auto", &error) ||
        !game_parse(&bench.game, game ? game : "go:9", &error) || !check_visits(&bench, &error) ||
        !bench_open_net(&bench, net ? net : "5x64", &error))
        status = command_fail("bench", COMMAND_USAGE, error);
    else
        status = signature ? print_signature() : run_parts(&bench, argc, argv);
    net_unref(bench.net);
    g_free(game);
    g_free(net);
    g_free(dtype);
    return status;
}

const struct command command_bench = {"bench", "how fast each part is on this machine", run};
