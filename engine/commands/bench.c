/* tengen bench: the speed of each part, compared with this machine's limit measured in the same run. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/bench/against.h"
#include "engine/bench/bench.h"
#include "engine/commands/command.h"
#include "engine/settings/settings.h"
#include "games/game.h"
#include "net/net.h"
#include "net/train.h"

static const struct bench_part {
    const char *name;
    bool (*run)(struct bench *bench, GError **error);
    bool when_named; /* not by default: takes minutes */
} parts[] = {
    {"board", bench_board, false},
    {"net", bench_net, false},
    {"search", bench_search, false},
    {"selfplay", bench_selfplay, false},
    {"train", bench_train, false},
    {"growth", bench_growth, true},
    {NULL, NULL, false},
};

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double bench_median(const struct bench *bench, double (*measure)(void *data, double seconds), void *data)
{
    double *values = g_new(double, bench->repeats);
    measure(data, bench->seconds / 10); /* warms up caches, clock speed and lazily created primitives */
    for (int i = 0; i < bench->repeats; i++)
        values[i] = measure(data, bench->seconds);
    qsort(values, (size_t)bench->repeats, sizeof *values, compare_doubles);
    double median = values[bench->repeats / 2];
    g_free(values);
    return median;
}

/* 0: unknown. */
static void add_number(cJSON *line, const char *name, double value)
{
    if (value > 0)
        cJSON_AddNumberToObject(line, name, value);
    else
        cJSON_AddNullToObject(line, name);
}

static void print_json(const struct bench *bench, const struct bench_figure *figure, double earlier)
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
    add_number(line, "peak", figure->peak);
    add_number(line, "fraction", figure->peak > 0 ? figure->value / figure->peak : 0);
    add_number(line, "flops", figure->value * figure->flop);
    add_number(line, "cost", figure->cost);
    add_number(line, "earlier", earlier);
    add_number(line, "ratio", earlier > 0 ? figure->value / earlier : 0);
    command_print_json(line);
}

static void print_text(const struct bench *bench, const struct bench_figure *figure, double earlier)
{
    char detail[96] = "", ratio[32] = "";
    if (figure->batch)
        g_snprintf(detail, sizeof detail, "batch %d", figure->batch);
    if (figure->threads > 1)
        g_snprintf(detail + strlen(detail), sizeof detail - strlen(detail), "%s%d threads", *detail ? ", " : "",
                   figure->threads);
    if (figure->cost > 0) { /* growth: game or net varies */
        char *name = g_strdup_printf("%s: %s %s", figure->name, bench->game_spec, figure->net ? figure->net : "");
        printf("%-44s %-18s", g_strchomp(name), detail);
        g_free(name);
    } else {
        printf("%-9s %-34s %-18s", figure->part, figure->name, detail);
    }
    if (bench->against) {
        g_snprintf(ratio, sizeof ratio, earlier > 0 ? "%.2f" : "-", figure->value / (earlier > 0 ? earlier : 1));
        printf(" %7s x", ratio);
    }
    printf(" %14.*f %s", figure->value < 100 ? 2 : 0, figure->value, figure->unit);
    if (figure->peak > 0)
        printf("  = %.2f of %.0f", figure->value / figure->peak, figure->peak);
    if (figure->cost > 0)
        printf("  cost %.2f", figure->cost);
    if (figure->flop > 0)
        printf("  %.0f GFLOP/s", 1e-9 * figure->value * figure->flop);
    putchar('\n');
}

void bench_report(const struct bench *bench, const struct bench_figure *figure)
{
    double earlier =
        bench->against ? bench_against_value(bench->against, bench->game_spec, figure, bench->fail_slower) : 0;
    if (bench->json)
        print_json(bench, figure, earlier);
    else
        print_text(bench, figure, earlier);
    fflush(stdout);
}

static bool known_part(const char *name)
{
    for (int i = 0; parts[i].name; i++)
        if (strcmp(parts[i].name, name) == 0)
            return true;
    return false;
}

static bool wanted(const struct bench_part *part, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], part->name) == 0)
            return true;
    return argc == 1 && !part->when_named;
}

static bool check_options(struct bench *bench, int argc, char **argv, const char *dtype, const char *optimiser,
                          GError **error)
{
    for (int i = 1; i < argc; i++)
        if (!known_part(argv[i])) {
            g_set_error(error, GAME_ERROR, GAME_ERROR_SPEC,
                        "unknown part \"%s\"; the parts are board, net, search, selfplay, train and growth", argv[i]);
            return false;
        }
    if (!net_dtype_parse(&bench->dtype, dtype, error) || !net_optimiser_parse(&bench->optimiser, optimiser, error))
        return false;
    if (bench->batch < 1 || bench->batch > 1024 || bench->threads < 1 || bench->threads > 1024 || bench->repeats < 1 ||
        bench->repeats > 1000 || !(bench->seconds >= 0.01 && bench->seconds <= 3600) ||
        !(bench->fail_slower >= 0 && bench->fail_slower < 100)) {
        g_set_error_literal(error, GAME_ERROR, GAME_ERROR_SPEC,
                            "valid ranges: --batch 1 to 1024, --threads 1 to 1024, --repeats 1 to 1000, --seconds 0.01 "
                            "to 3600, --fail-slower 0 to 99");
        return false;
    }
    return true;
}

/* 0: keep the preset. Checked up front, so that an invalid value does not fail after minutes of measurements. */
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

static int sum_up(const struct bench *bench)
{
    int found = bench_against_found(bench->against), slower = bench_against_slower(bench->against);
    if (!found)
        return command_fail("bench", COMMAND_USAGE,
                            g_error_new_literal(GAME_ERROR, GAME_ERROR_SPEC,
                                                "the earlier run has none of these figures; use the same --game, "
                                                "--net, --dtype, --batch and --threads"));
    if (!bench->json)
        printf("%d figures compared with the earlier run\n", found);
    if (!slower)
        return COMMAND_OK;
    return command_fail("bench", COMMAND_FAILED,
                        g_error_new(GAME_ERROR, GAME_ERROR_SPEC, "%d of %d figures are slower by more than %.4g %%",
                                    slower, found, bench->fail_slower));
}

static int run_parts(struct bench *bench, int argc, char **argv)
{
    game_format(&bench->game, bench->game_spec);
    for (int i = 0; parts[i].name; i++) {
        GError *error = NULL;
        if (wanted(&parts[i], argc, argv) && !parts[i].run(bench, &error))
            return command_fail("bench", COMMAND_FAILED, error);
    }
    return bench->against ? sum_up(bench) : COMMAND_OK;
}

static const char summary[] =
    "\"= F of P\" after a figure gives it as a fraction F of P, the limit for the same work measured in this run:\n"
    "for a network the bare oneDNN tower, for the tower the processor's peak. GFLOP/s are those of direct\n"
    "convolutions. growth takes minutes and runs only on request: the cost as a function of board size, channels,\n"
    "blocks, batch, threads, tree and window, relative to the first case of each table.";

static int run(int argc, char **argv)
{
    struct bench bench = {.batch = 16, .threads = 1, .repeats = 3, .seconds = 1.0, .seed = 1};
    char *game = NULL, *net = NULL, *dtype = NULL, *optimiser = NULL, *against = NULL,
         *names = g_strjoinv(", ", (char **)net_dtype_names);
    char *dtype_help = g_strdup_printf("network number type: %s (auto)", names);
    gboolean json = FALSE, signature = FALSE;
    double settle = 0;
    GOptionEntry entries[] = {
        {"game", 0, 0, G_OPTION_ARG_STRING, &game, "the game (go:9)", "SPEC"},
        {"net", 0, 0, G_OPTION_ARG_STRING, &net, "network: blocks x channels, or a weights file (5x64)", "SHAPE|FILE"},
        {"dtype", 0, 0, G_OPTION_ARG_STRING, &dtype, dtype_help, "TYPE"},
        {"optimiser", 0, 0, G_OPTION_ARG_STRING, &optimiser, "of the training step: sgd, adamw or muon (sgd)", "NAME"},
        {"batch", 0, 0, G_OPTION_ARG_INT, &bench.batch, "batch size, in addition to 1 (16)", "N"},
        {"threads", 0, 0, G_OPTION_ARG_INT, &bench.threads, "number of threads, in addition to 1 (1)", "N"},
        {"steps", 0, 0, G_OPTION_ARG_INT, &bench.effort.steps, "of a net with a loop, at most (the net's own)", "N"},
        {"settle", 0, 0, G_OPTION_ARG_DOUBLE, &settle,
         "such a net stops once a step changes its answer by less; 0: never (0)", "SHARE"},
        {"visits", 0, 0, G_OPTION_ARG_INT, &bench.visits, "visits per self-play move (the game's preset)", "N"},
        {"seconds", 0, 0, G_OPTION_ARG_DOUBLE, &bench.seconds, "duration of a measurement (1)", "S"},
        {"repeats", 0, 0, G_OPTION_ARG_INT, &bench.repeats,
         "measurements per figure, of which the median is reported (3)", "N"},
        {"against", 0, 0, G_OPTION_ARG_FILENAME, &against, "compare with the --json output of an earlier run", "FILE"},
        {"fail-slower", 0, 0, G_OPTION_ARG_DOUBLE, &bench.fail_slower,
         "with --against: exit 1 if a figure is slower by more than this", "PERCENT"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, "print one JSON object per line", NULL},
        {"signature", 0, 0, G_OPTION_ARG_NONE, &signature,
         "print a hash that changes only if the arithmetic or the search does", NULL},
        {NULL, 0, 0, 0, NULL, NULL, NULL}};
    GOptionContext *context = g_option_context_new("[board|net|search|selfplay|train|growth] - measure speed");
    g_option_context_set_summary(context, summary);
    g_option_context_add_main_entries(context, entries, NULL);
    int status = command_parse(context, &argc, &argv, "bench");
    g_option_context_free(context);
    g_free(names);
    g_free(dtype_help);
    if (status >= 0)
        return status;

    GError *error = NULL;
    bench.json = json;
    bench.effort.settle = (float)settle;
    if (!check_options(&bench, argc, argv, dtype ? dtype : "auto", optimiser ? optimiser : "sgd", &error) ||
        !game_parse(&bench.game, game ? game : "go:9", &error) || !check_visits(&bench, &error) ||
        !bench_open_net(&bench, net ? net : "5x64", &error) || !net_effort_check(bench.net, &bench.effort, &error) ||
        (against && bench_against_open(&bench.against, against, &error) != 0))
        status = command_fail("bench", COMMAND_USAGE, error);
    else
        status = signature ? print_signature() : run_parts(&bench, argc, argv);
    net_unref(bench.net);
    bench_against_close(bench.against);
    g_free(against);
    g_free(game);
    g_free(net);
    g_free(dtype);
    g_free(optimiser);
    return status;
}

const struct command command_bench = {"bench", "measure the speed of each part on this machine", run};
