/* What `tengen train` chooses and expects: the plan of a new run, and the presets by game. */
#include <cjson/cJSON.h>
#include <stdio.h>

#include "engine/commands/train/train.h"
#include "engine/plan/plan.h"
#include "engine/settings/settings.h"
#include "games/game.h"
#include "net/net.h"

static bool gives_net(const struct train_arguments *a)
{
    bool given = a->net != NULL;
    for (char **set = a->set; set && *set; set++)
        given = given || g_str_has_prefix(*set, "net=");
    return given;
}

bool train_plan(const struct train_arguments *a, struct settings *settings, const struct game *games, int game_count,
                int threads, enum net_dtype dtype, double *seconds, GError **error)
{
    struct plan plan;
    const bool plain = a->backend && strcmp(a->backend, "plain") == 0;
    if (gives_net(a) || plain || !plan_is_useful(settings, &games[0], *seconds))
        return true;
    const struct plan_question question = {.settings = settings,
                                           .games = games,
                                           .game_count = game_count,
                                           .threads = threads,
                                           .dtype = dtype,
                                           .seconds = *seconds};
    if (!a->json) {
        printf("Measuring this machine...\n");
        fflush(stdout);
    }
    if (!plan_measure(&plan, &question, error))
        return false;
    g_strlcpy(settings->net, plan.rates[plan.chosen].net, sizeof settings->net);
    *seconds = plan.seconds;
    plan_print(stdout, &plan, settings, &games[0], a->json);
    return true;
}

/* ---- presets ---- */

static const char *const preset_games[] = {
    "go:5",     "go:7",      "go:9",      "go:13",     "go:19",       "gomoku:3,line=3",
    "gomoku:9", "gomoku:15", "gomoku:19", "reversi:8", "connect4:7x6"};

static void print_preset_json(const char *spec, const struct settings *settings)
{
    static const char *const names[] = {"net",        "visits",   "considered",      "opening_plies", "komi_stdev",
                                        "first_rows", "window",   "samples_per_row", "batch",         "optimiser",
                                        "rate",       "rate_end", "max_plies"};
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "game", spec);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        char *value = settings_get(settings, names[i]), *end;
        double number = g_ascii_strtod(value, &end);
        if (*value && !*end)
            cJSON_AddNumberToObject(object, names[i], number);
        else
            cJSON_AddStringToObject(object, names[i], value);
        g_free(value);
    }
    char *text = cJSON_PrintUnformatted(object);
    printf("%s\n", text);
    cJSON_free(text);
    cJSON_Delete(object);
}

void train_list_presets(bool json)
{
    if (!json)
        printf("%-16s %-5s %7s %14s %11s %7s %12s %6s %11s %6s\n", "game", "net", "visits", "opening plies",
               "first rows", "window", "samples/row", "rate", "komi stdev", "plies");
    for (size_t i = 0; i < G_N_ELEMENTS(preset_games); i++) {
        struct game game;
        struct settings s;
        if (!game_parse(&game, preset_games[i], NULL))
            continue;
        settings_presets(&s, &game);
        if (json)
            print_preset_json(preset_games[i], &s);
        else
            printf("%-16s %-5s %7d %14d %11d %7d %12g %6g %11g %6d\n", preset_games[i], s.net, (int)s.visits,
                   (int)s.opening_plies, (int)s.first_rows, (int)s.window, (double)s.samples_per_row, s.rate,
                   s.komi_stdev, (int)s.max_plies);
    }
    if (!json)
        printf("\nPlies: at most, in a game. The window grows with the run. A new run with --hours, --minutes or "
               "--until measures the machine and\n"
               "chooses its network by the time there is; any of these is set by --net, --visits or --set NAME=VALUE.\n"
               "A run from a trained net (--from) begins with 150000 rows, window 300000, 2 samples/row and a third of "
               "the rate.\n");
}
