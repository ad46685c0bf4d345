/* tengen robust: where a net breaks. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agents/agent.h"
#include "agents/net_path.h"
#include "engine/commands/command.h"
#include "engine/commands/interrupt.h"
#include "engine/commands/robust_traps.h"
#include "engine/match/count.h"
#include "engine/match/openings.h"
#include "engine/robust/cells.h"
#include "engine/robust/report.h"
#include "engine/robust/robust.h"
#include "games/game.h"
#include "games/option.h"
#include "net/net.h"

struct arguments {
    char *net, *game, *cells, *out;
    GPtrArray *anchors; /* char * */
    gint64 games, visits, openings, threads, seed;
    gboolean json, list, traps;
};

#define AT(member) offsetof(struct arguments, member)
enum { IS_PATH = 1 };
static const struct option_row rows[] = {
    {"game", OPTION_STRING, AT(game), .help = "the main cell (the net's game at its usual size: go:9, gomoku:15)",
     .argument = "SPEC"},
    {"anchor", OPTION_STRINGS, AT(anchors),
     .help = "an opponent in every cell, repeatable (rollout:1000 and rollout:10000)", .argument = "[NAME=]SPEC"},
    {"cells", OPTION_STRING, AT(cells),
     .help = "the other cells, or a YAML file with a list of them (a list that suits the game: see --list)",
     .flags = IS_PATH, .argument = "LIST|FILE"},
    {"games", OPTION_WHOLE, AT(games), 2, 1000000, .help = "games in each cell (200)", .preset = 200, .argument = "N"},
    {"visits", OPTION_WHOLE, AT(visits), 1, G_MAXINT32, .help = "visits per move of the net (64)", .preset = 64,
     .argument = "N"},
    {"openings", OPTION_WHOLE, AT(openings), 0, 60,
     .help = "random moves before each game in the main cell (4; on small boards 2 or 0)", .preset = -1,
     .argument = "N"},
    {"out", OPTION_STRING, AT(out),
     .help = "folder for journals, reports and games (robust/NET-GAME); rerun the command to resume", .flags = IS_PATH,
     .argument = "FOLDER"},
    {"threads", OPTION_WHOLE, AT(threads), 1, 1024, .help = "concurrent games (one per core)", .argument = "N"},
    {"seed", OPTION_WHOLE, AT(seed), 0, (double)G_MAXINT64,
     .help = "random seed of openings and agents (from the clock)", .preset = -1, .argument = "S"},
    {"json", OPTION_FLAG, AT(json), .help = "print one JSON object per cell, and a summary"},
    {"list", OPTION_FLAG, AT(list), .help = "only print the cells"},
    {"traps", OPTION_FLAG, AT(traps),
     .help = "instead of cells: known traps of Go, on 9x9, 13x13 and 19x19 or the board of --game"},
    {.name = NULL}};

static bool fail(GError **error, const char *message)
{
    g_set_error_literal(error, AGENT_ERROR, AGENT_ERROR_SPEC, message);
    return false;
}

/* ---- the cells ---- */

/* The main game without --game: that of the net, on the board that dialogs offer first. "default" is Go's. */
static bool game_of_net(const struct arguments *a, struct game *game, GError **error)
{
    char shape[GAME_SHAPE_TEXT_MAX];
    struct net *net = NULL;
    const struct game_ops *ops = game_table[0];
    if (strcmp(a->net, "default") != 0) {
        char *path = net_path_find(a->net, ops->name, error);
        bool loaded = path && net_load(&net, path, error) == 0;
        g_free(path);
        if (!loaded)
            return false;
        for (int i = 0; game_table[i]; i++)
            if (strcmp(game_table[i]->name, net_info(net)->game) == 0)
                ops = game_table[i];
        net_unref(net);
    }
    char *spec = g_strdup_printf("%s:%s", ops->name, game_shape_format(&ops->traits.first_shape, shape));
    bool ok = game_parse(game, spec, error);
    g_free(spec);
    return ok;
}

/* FILE is one that exists, or is named like one. */
static bool is_file(const char *text)
{
    return g_file_test(text, G_FILE_TEST_IS_REGULAR) || g_str_has_suffix(text, ".yaml") ||
           g_str_has_suffix(text, ".yml");
}

static bool make_cells(const struct arguments *a, struct robust_cells *cells, GError **error)
{
    struct game game;
    if (!(a->game ? game_parse(&game, a->game, error) : game_of_net(a, &game, error)))
        return false;
    robust_cells_init(cells, &game, a->openings < 0 ? match_default_opening_plies(&game) : (int)a->openings);
    if (!a->cells) {
        robust_cells_add_preset(cells);
        return true;
    }
    if (is_file(a->cells) ? robust_cells_add_file(cells, a->cells, error)
                          : robust_cells_add_list(cells, a->cells, error))
        return true;
    g_prefix_error(error, "--cells: ");
    return false;
}

/* robust/go9-go9 for runs/go9, robust/default-gomoku15,rules=renju. */
static char *default_folder(const char *net, const struct game *game)
{
    char spec[GAME_SPEC_MAX], *base = g_path_get_basename(net);
    char *colon = strchr(game_format(game, spec), ':');
    memmove(colon, colon + 1, strlen(colon));
    if (g_str_has_suffix(base, ".safetensors"))
        base[strlen(base) - strlen(".safetensors")] = '\0';
    char *name = g_strdup_printf("%s-%s", base, spec), *folder = g_build_filename("robust", name, NULL);
    g_free(base);
    g_free(name);
    return folder;
}

/* ---- while it runs ---- */

struct progress {
    const struct robust_config *config;
    bool live;
    int cell, last_done, start_done; /* of the cell that is being played; games */
    int64_t last;                    /* us */
    double start;                    /* duration of earlier sessions, s */
    char *text;                      /* formatted but not yet written */
};

static void begin_cell(struct progress *p, int cell, const struct match_report *report)
{
    p->cell = cell;
    p->last = p->live ? 0 : g_get_monotonic_time();
    p->start = report->seconds;
    p->start_done = p->last_done = report->done;
}

/* On a terminal a line that is overwritten, elsewhere an occasional one. Written by write_progress, because the match's
 * records are locked here. */
static void show_progress(int cell, const struct match_report *report, void *data)
{
    struct progress *p = data;
    const int64_t now = g_get_monotonic_time(), interval = p->live ? G_USEC_PER_SEC : 30 * G_USEC_PER_SEC;
    const int total = report->count - report->void_games;
    if (cell != p->cell)
        begin_cell(p, cell, report);
    const int fresh = report->done - p->start_done;
    if (now - p->last < interval || p->text || (report->done == p->last_done && p->last))
        return;
    p->last = now;
    p->last_done = report->done;
    char *remaining = fresh > 0 ? g_strdup_printf(", about %.0f s remaining in this cell",
                                                  (report->seconds - p->start) / fresh * (total - report->done))
                                : g_strdup("");
    p->text = g_strdup_printf("%scell %d of %d, %s: %d of %d games, %.0f s%s%s", p->live ? "\r" : "", cell + 1,
                              p->config->cells->count, p->config->cells->cell[cell].name, report->done, total,
                              report->seconds, remaining, p->live ? "\033[K" : "\n");
    g_free(remaining);
}

static void write_progress(void *data)
{
    struct progress *p = data;
    if (p->text)
        fputs(p->text, stderr);
    g_clear_pointer(&p->text, g_free);
}

static bool print_report(const struct robust_report *report, bool json, GError **error)
{
    (json ? robust_print_json : robust_print_text)(report, stdout);
    if (fflush(stdout) == 0 && !ferror(stdout))
        return true;
    g_set_error(error, AGENT_ERROR, AGENT_ERROR_DIED, "cannot write the result to stdout: %s; see report.txt in %s",
                g_strerror(errno), report->config->folder);
    return false;
}

static int play(struct robust_config *config, bool json)
{
    struct robust_report *report = g_new(struct robust_report, 1);
    struct progress progress = {.config = config, .live = isatty(STDERR_FILENO), .cell = -1};
    GError *error = NULL;
    config->progress = show_progress;
    config->flush_progress = write_progress;
    config->data = &progress;
    config->stop = &interrupt_received;
    interrupt_catch();
    enum robust_status status = robust_run(config, report, &error);
    write_progress(&progress);
    if (progress.live)
        fputs("\r\033[K", stderr);
    bool good = status != ROBUST_REFUSED && print_report(report, json, error ? NULL : &error);
    bool finished = report->finished;
    robust_report_clear(report);
    g_free(report);
    if (status != ROBUST_OK || !good)
        return command_fail("robust", status == ROBUST_REFUSED ? COMMAND_USAGE : COMMAND_MACHINE, error);
    return finished ? COMMAND_OK : COMMAND_FAILED;
}

/* ---- before it runs ---- */

static bool check(const struct arguments *a, GError **error)
{
    const gint64 step = 2 * (gint64)a->anchors->len;
    if (a->games % step == 0)
        return true;
    char *message =
        g_strdup_printf("--games must be a multiple of %d, not %d: the net plays each of %u anchors equally often, "
                        "and each opening twice",
                        (int)step, (int)a->games, a->anchors->len);
    fail(error, message);
    g_free(message);
    return false;
}

static int run_robust(const struct arguments *a)
{
    GError *error = NULL;
    struct robust_cells *cells = g_new(struct robust_cells, 1);
    int status = COMMAND_OK;
    if (a->anchors->len == 0) {
        g_ptr_array_add(a->anchors, g_strdup("rollout:1000"));
        g_ptr_array_add(a->anchors, g_strdup("rollout:10000"));
    }
    if (!check(a, &error) || !make_cells(a, cells, &error)) {
        status = command_fail("robust", COMMAND_USAGE, error);
    } else if (a->list) {
        (a->json ? robust_print_cells_json : robust_print_cells)(cells, stdout);
    } else {
        char *folder = a->out ? g_strdup(a->out) : default_folder(a->net, &cells->cell[0].game);
        struct robust_config config = {.net = a->net,
                                       .visits = (int)a->visits,
                                       .anchors = (const char *const *)a->anchors->pdata,
                                       .anchor_count = (int)a->anchors->len,
                                       .games = (int)a->games,
                                       .threads = (int)a->threads,
                                       .seed = a->seed,
                                       .folder = folder,
                                       .cells = cells};
        status = play(&config, a->json);
        g_free(folder);
    }
    g_free(cells);
    return status;
}

/* ---- traps ---- */

static int run_traps(const struct arguments *a)
{
    const struct robust_traps traps = {
        .net = a->net, .game = a->game, .visits = (int)a->visits, .seed = a->seed, .json = a->json};
    GError *error = NULL;
    if (!a->cells && !a->out && !a->list && a->anchors->len == 0)
        return robust_traps_run(&traps);
    fail(&error, "--traps plays no games: remove --cells, --anchor, --out and --list");
    return command_fail("robust", COMMAND_USAGE, error);
}

/* ---- the command line ---- */

static gboolean set_option(const char *name, const char *value, void *data, GError **error)
{
    char *why = NULL;
    if (option_read(option_find(rows, name + 2, strlen(name + 2)), value, data, &why))
        return TRUE;
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--%s", why);
    g_free(why);
    return FALSE;
}

static const char summary[] =
    "Measures where a net breaks: its strength in cells that change one thing in a main cell, such as the size of the\n"
    "board, komi, rules, random opening moves or handicap. In each cell it plays the same anchors; the table has its "
    "Elo\n"
    "above them and what it lost of that against the main cell. Anchors should not be nets, which may break in the "
    "same\n"
    "cells. Ctrl-C stops with the table so far; rerun the command to resume. NET is default, a weights file, or a "
    "run.\n"
    "With --traps it measures instead how many answers are right in positions of Go that nets get wrong: long "
    "ladders,\n"
    "capturing races, rings of stones, seki, bent four in the corner.";
/* clang-format off */
static const char description[] =
    "A cell of LIST is the main one with changes: --cells \"komi=0.5; size=13,rules=japanese; opening=8\", where size and\n"
    "opening (random moves) stand beside the options of the game. In a YAML file: a list of such texts, or of mappings.\n"
    "An anchor may be any agent: with --game go:9,rules=chinese, for example, \"gtp:gnugo --mode gtp --level 10\". Good ones\n"
    "win some games and lose some in the main cell.";
/* clang-format on */

static GOptionContext *make_context(struct arguments *a)
{
    static GOptionEntry entries[G_N_ELEMENTS(rows)]; /* GOption keeps pointers into it */
    for (size_t i = 0; rows[i].name; i++) {
        int flags = rows[i].type == OPTION_FLAG ? G_OPTION_FLAG_NO_ARG
                    : rows[i].flags & IS_PATH   ? G_OPTION_FLAG_FILENAME
                                                : 0;
        entries[i] = (GOptionEntry){
            rows[i].name,    0, flags, G_OPTION_ARG_CALLBACK, (void *)(GOptionArgFunc)set_option, rows[i].help,
            rows[i].argument};
    }
    GOptionContext *context = g_option_context_new("NET - measure where a net breaks");
    GOptionGroup *group = g_option_group_new("robust", "", "", a, NULL);
    g_option_group_add_entries(group, entries);
    g_option_context_set_main_group(context, group);
    g_option_context_set_summary(context, summary);
    g_option_context_set_description(context, description);
    return context;
}

static void free_arguments(struct arguments *a)
{
    g_free(a->net);
    g_free(a->game);
    g_free(a->cells);
    g_free(a->out);
    g_ptr_array_unref(a->anchors);
}

static int run(int argc, char **argv)
{
    struct arguments a = {.anchors = g_ptr_array_new_with_free_func(g_free)};
    GError *error = NULL;
    option_set_presets(rows, &a);
    a.threads = (gint64)g_get_num_processors();
    GOptionContext *context = make_context(&a);
    int status = command_parse(context, &argc, &argv, "robust");
    g_option_context_free(context);
    if (status < 0 && argc != 2) {
        fail(&error,
             argc < 2 ? "give the net to measure: default, a weights file or a run" : "accepts one net; give one NET");
        status = command_fail("robust", COMMAND_USAGE, error);
    }
    if (status < 0) {
        a.net = g_strdup(argv[1]);
        status = a.traps ? run_traps(&a) : run_robust(&a);
    }
    free_arguments(&a);
    return status;
}

const struct command command_robust = {"robust", "measure where a net breaks: strength by board, rules, komi", run};
