/* tengen match: which of several players is stronger. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/command.h"
#include "engine/elo.h"
#include "engine/match.h"

struct setup {
    struct game game;
    struct match_config config;
    struct match_player players[MATCH_MAX_PLAYERS];
    char *names[MATCH_MAX_PLAYERS];
    struct match_opening *openings;
    int anchor;
    gboolean json;
    const char *sgf_dir;
};

static atomic_bool interrupted;

static void on_signal(int signal_number)
{
    (void)signal_number;
    atomic_store(&interrupted, true);
}

/* One Ctrl-C ends the match cleanly; a second one ends the program. */
static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND | SA_RESTART};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* ---- progress, on stderr ---- */

struct progress {
    const struct setup *setup;
    bool live;
    double last;
    int last_done;
};

/* DIR/game-0001.sgf for game number 0; a folder that cannot be written is told once and costs no game. */
static void save_sgf(int number, const int players[2], const struct match_game *game, void *data)
{
    static bool told;
    const struct setup *setup = ((struct progress *)data)->setup;
    const char *const names[2] = {setup->players[players[0]].name, setup->players[players[1]].name};
    char *path = g_strdup_printf("%s/game-%04d.sgf", setup->sgf_dir, number + 1);
    char *text = match_game_sgf(&setup->game, names, game);
    GError *error = NULL;
    if (!g_file_set_contents(path, text, -1, &error) && !told) {
        fprintf(stderr, "tengen match: --sgf: %s; the games go on unsaved\n", error->message);
        told = true;
    }
    g_clear_error(&error);
    g_free(text);
    g_free(path);
}

static void show_progress(int done, int total, double seconds, void *data)
{
    struct progress *progress = data;
    double interval = progress->live ? 0.5 : 30;
    if (seconds - progress->last < interval || (!progress->live && done == progress->last_done))
        return;
    progress->last = seconds;
    progress->last_done = done;
    fprintf(stderr, "%s%d of %d games, %.0f s", progress->live ? "\r" : "", done, total, seconds);
    if (done > 0)
        fprintf(stderr, ", about %.0f s left", seconds / done * (total - done));
    fputs(progress->live ? "    " : "\n", stderr);
    fflush(stderr);
}

/* ---- the result ---- */

static void fit(const struct setup *setup, const struct match_report *report, struct elo_rating *ratings, bool *own)
{
    int n = setup->config.player_count, count = 0;
    struct elo_pair *pairs = g_new(struct elo_pair, n * n);
    for (int a = 0; a < n; a++)
        for (int b = a + 1; b < n; b++) {
            struct match_score s = match_report_score(report, a, b);
            if (s.games)
                pairs[count++] = (struct elo_pair){a, b, s.wins, s.draws, s.losses};
        }
    *own = elo_fit(n, pairs, count, setup->anchor, ratings);
    g_free(pairs);
}

static double mean_score(const struct match_score *score)
{
    return score->games ? (score->wins + score->draws / 2.0) / score->games : NAN;
}

static void print_score(const char *name, int width, const struct match_score *s)
{
    double low, high;
    elo_score_interval(mean_score(s), s->games, &low, &high);
    printf("%-*s %6d %6d %6d %6d", width, name, s->games, s->wins, s->draws, s->losses);
    if (s->games)
        printf("  %5.1f %% (%4.1f..%5.1f)", 100 * mean_score(s), 100 * low, 100 * high);
}

/* Rounded, and never "-0". */
static double whole(double value)
{
    return round(value) + 0.0;
}

static void print_players(const struct setup *setup, const struct match_report *report, int width)
{
    struct elo_rating ratings[MATCH_MAX_PLAYERS];
    bool own;
    fit(setup, report, ratings, &own);
    printf("%-*s %6s %6s %6s %6s  %-22s %6s\n", width, "player", "games", "wins", "draws", "losses", "score (95 %)",
           "Elo (95 %)");
    for (int i = 0; i < setup->config.player_count; i++) {
        struct match_score s = match_report_score(report, i, -1);
        print_score(setup->players[i].name, width, &s);
        if (ratings[i].known)
            printf(" %6.0f (%.0f..%.0f)", whole(ratings[i].elo), whole(ratings[i].low), whole(ratings[i].high));
        if (s.forfeits)
            printf("  %d forfeited", s.forfeits);
        putchar('\n');
    }
    printf("Score intervals by Wilson; Elo by maximum likelihood over all games, %s at 0%s.\n",
           setup->anchor < 0 ? "the mean" : setup->players[setup->anchor].name,
           own ? "" : ", bounded by half a win and half a loss added to each pair");
}

static void print_pairs(const struct setup *setup, const struct match_report *report)
{
    for (int a = 0; a < setup->config.player_count; a++)
        for (int b = a + 1; b < setup->config.player_count; b++) {
            struct match_score s = match_report_score(report, a, b);
            char *name = g_strdup_printf("%s - %s", setup->players[a].name, setup->players[b].name);
            print_score(name, 40, &s);
            putchar('\n');
            g_free(name);
        }
}

/* Each reason once, with the number of games that it ended. */
static void print_forfeits(const struct setup *setup, const struct match_report *report)
{
    GHashTable *counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (int i = 0; i < report->count; i++) {
        const struct match_record *r = &report->records[i];
        if (!r->reason)
            continue;
        char *line = g_strdup_printf("%s: %s", setup->players[r->side[r->loser]].name, r->reason);
        int before = GPOINTER_TO_INT(g_hash_table_lookup(counts, line));
        g_hash_table_insert(counts, line, GINT_TO_POINTER(before + 1));
    }
    GList *lines = g_list_sort(g_hash_table_get_keys(counts), (GCompareFunc)(void (*)(void))strcmp);
    for (GList *at = lines; at; at = at->next)
        printf("forfeit: %s (%d)\n", (char *)at->data, GPOINTER_TO_INT(g_hash_table_lookup(counts, at->data)));
    g_list_free(lines);
    g_hash_table_destroy(counts);
}

static void print_summary(const struct match_report *report)
{
    int first = 0, draws = 0, plies = 0;
    for (int i = 0; i < report->count; i++)
        if (report->records[i].done) {
            first += report->records[i].outcome == GAME_WON_0;
            draws += report->records[i].outcome == GAME_DRAWN;
            plies += report->records[i].plies;
        }
    int done = MAX(report->done, 1);
    printf("%d of %d games in %.1f s%s; %d distinct (%d but for symmetry); first player won %.1f %%, draws %.1f %%, "
           "%.1f plies a game\n",
           report->done, report->count, report->seconds, report->finished ? "" : ", stopped",
           match_report_distinct(report, false), match_report_distinct(report, true), 100.0 * first / done,
           100.0 * draws / done, (double)plies / done);
}

static void print_table(const struct setup *setup, const struct match_report *report)
{
    int width = 6;
    for (int i = 0; i < setup->config.player_count; i++)
        width = MAX(width, (int)strlen(setup->players[i].name));
    char spec[GAME_SPEC_MAX];
    printf("%s, seed %" G_GUINT64_FORMAT "\n", game_format(&setup->game, spec), setup->config.seed);
    print_players(setup, report, width);
    if (setup->config.player_count > 2)
        print_pairs(setup, report);
    print_summary(report);
    print_forfeits(setup, report);
}

static void add_score(cJSON *to, const struct match_score *s)
{
    cJSON_AddNumberToObject(to, "games", s->games);
    cJSON_AddNumberToObject(to, "wins", s->wins);
    cJSON_AddNumberToObject(to, "draws", s->draws);
    cJSON_AddNumberToObject(to, "losses", s->losses);
    if (s->games)
        cJSON_AddNumberToObject(to, "score", mean_score(s));
    else
        cJSON_AddNullToObject(to, "score");
}

/* A line for each pair and one for the whole, before the last line, whose form is fixed. */
static void print_json_details(const struct setup *setup, const struct match_report *report)
{
    for (int a = 0; a < setup->config.player_count; a++)
        for (int b = a + 1; b < setup->config.player_count; b++) {
            struct match_score s = match_report_score(report, a, b);
            double low, high;
            elo_score_interval(mean_score(&s), s.games, &low, &high);
            cJSON *line = cJSON_CreateObject();
            cJSON_AddStringToObject(line, "a", setup->players[a].name);
            cJSON_AddStringToObject(line, "b", setup->players[b].name);
            add_score(line, &s);
            cJSON_AddNumberToObject(line, "score_low", low);
            cJSON_AddNumberToObject(line, "score_high", high);
            cJSON_AddNumberToObject(line, "games_first", s.first_games);
            cJSON_AddNumberToObject(line, "points_first", s.first_points2 / 2.0);
            command_print_json(line);
        }
    char spec[GAME_SPEC_MAX];
    cJSON *line = cJSON_CreateObject();
    cJSON_AddStringToObject(line, "game", game_format(&setup->game, spec));
    char *seed = g_strdup_printf("%" G_GUINT64_FORMAT, setup->config.seed); /* text: a double holds 53 bits */
    cJSON_AddStringToObject(line, "seed", seed);
    g_free(seed);
    cJSON_AddNumberToObject(line, "distinct", match_report_distinct(report, false));
    cJSON_AddNumberToObject(line, "distinct_symmetric", match_report_distinct(report, true));
    cJSON *forfeits = cJSON_AddObjectToObject(line, "forfeits");
    for (int i = 0; i < setup->config.player_count; i++) {
        struct match_score s = match_report_score(report, i, -1);
        cJSON_AddNumberToObject(forfeits, setup->players[i].name, s.forfeits);
    }
    command_print_json(line);
}

static void print_json(const struct setup *setup, const struct match_report *report)
{
    struct elo_rating ratings[MATCH_MAX_PLAYERS];
    bool own;
    print_json_details(setup, report);
    fit(setup, report, ratings, &own);
    cJSON *line = cJSON_CreateObject(), *agents = cJSON_AddArrayToObject(line, "agents");
    for (int i = 0; i < setup->config.player_count; i++) {
        struct match_score s = match_report_score(report, i, -1);
        cJSON *agent = cJSON_CreateObject();
        cJSON_AddStringToObject(agent, "name", setup->players[i].name);
        add_score(agent, &s);
        const char *const names[] = {"elo", "elo_low", "elo_high"};
        const double values[] = {ratings[i].elo, ratings[i].low, ratings[i].high};
        for (int k = 0; k < 3; k++)
            if (ratings[i].known)
                cJSON_AddNumberToObject(agent, names[k], values[k]);
            else
                cJSON_AddNullToObject(agent, names[k]);
        cJSON_AddItemToArray(agents, agent);
    }
    cJSON_AddNumberToObject(line, "games", report->done);
    cJSON_AddNumberToObject(line, "seconds", report->seconds);
    cJSON_AddBoolToObject(line, "finished", report->finished);
    command_print_json(line);
}

/* ---- the command line ---- */

static bool usage_error(GError **error, const char *message)
{
    g_set_error_literal(error, AGENT_ERROR, AGENT_ERROR_SPEC, message);
    return false;
}

/* "NAME=SPEC" or "SPEC": a name ends at the first '=' where no ':' or ',' comes before it. */
static bool add_player(struct setup *setup, const char *text, GError **error)
{
    int n = setup->config.player_count;
    if (n == MATCH_MAX_PLAYERS)
        return usage_error(error, "too many agents; a match takes at most 64");
    size_t length = strcspn(text, "=:,");
    bool named = text[length] == '=' && length > 0;
    const char *spec = named ? text + length + 1 : text;
    char *name = named ? g_strndup(text, length) : g_strdup(spec);
    for (int i = 0, copy = 2; i < n; i++)
        if (strcmp(setup->names[i], name) == 0) {
            if (named) {
                g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC, "two agents have the name \"%s\"; give each its own",
                            name);
                g_free(name);
                return false;
            }
            g_free(name); /* the same player twice is a fair question */
            name = g_strdup_printf("%s#%d", spec, copy++);
            i = -1;
        }
    setup->names[n] = name;
    setup->players[n] = (struct match_player){name, spec};
    setup->config.player_count++;
    return true;
}

static bool find_anchor(struct setup *setup, const char *name, GError **error)
{
    setup->anchor = ELO_ANCHOR_MEAN;
    if (!name || strcmp(name, "mean") == 0)
        return true;
    for (int i = 0; i < setup->config.player_count; i++)
        if (strcmp(setup->names[i], name) == 0)
            setup->anchor = i;
    if (setup->anchor >= 0)
        return true;
    g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC, "--anchor \"%s\" is none of the agents; it is a name or mean",
                name);
    return false;
}

/* One opening a line, moves separated by spaces; '#' starts a comment. */
static bool read_openings(struct setup *setup, const char *path, GError **error)
{
    char *text;
    if (!g_file_get_contents(path, &text, NULL, error)) {
        g_prefix_error(error, "--openings takes a text file, one opening a line: ");
        return false;
    }
    GArray *all = g_array_new(FALSE, FALSE, sizeof(struct match_opening));
    char **lines = g_strsplit(text, "\n", -1);
    bool fine = true;
    for (int l = 0; fine && lines[l]; l++) {
        lines[l][strcspn(lines[l], "#\r")] = '\0';
        char **words = g_strsplit_set(lines[l], " \t,", -1);
        struct match_opening opening = {.count = 0};
        union any_position at;
        struct history history;
        game_init(&setup->game, &at.p);
        history_init(&history, MATCH_MAX_OPENING);
        for (int w = 0; fine && words[w]; w++) {
            if (!*words[w])
                continue;
            game_move move = game_move_parse(&setup->game, words[w]);
            fine = opening.count < MATCH_MAX_OPENING && move != GAME_NO_MOVE &&
                   game_try(&setup->game, &at.p, &history, move);
            if (fine)
                opening.moves[opening.count++] = move;
            else
                g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC,
                            "%s, line %d: \"%s\" is not a legal move there; a line is moves such as D4 E5 (at most %d)",
                            path, l + 1, words[w], MATCH_MAX_OPENING);
        }
        history_clear(&history);
        g_strfreev(words);
        if (fine && opening.count)
            g_array_append_val(all, opening);
    }
    g_strfreev(lines);
    g_free(text);
    if (fine && all->len == 0)
        fine = usage_error(error, "--openings: the file has no opening in it; a line is moves such as D4 E5");
    setup->config.opening_count = (int)all->len;
    setup->openings = (struct match_opening *)(void *)g_array_free(all, FALSE);
    setup->config.openings = setup->openings;
    return fine;
}

/* Random plies that an opening has when nothing is said: none where a few moves decide the game. */
static int default_opening_plies(const struct game *game)
{
    return game->size >= 7 ? 4 : game->size >= 5 ? 2 : 0;
}

static void make_openings(struct setup *setup, int plies)
{
    int rounds = (setup->config.games + 1) / 2;
    if (plies <= 0)
        return;
    setup->openings = g_new(struct match_opening, rounds);
    match_random_openings(&setup->game, plies, setup->config.seed, setup->openings, rounds);
    setup->config.openings = setup->openings;
    setup->config.opening_count = rounds;
}

static int play(struct setup *setup)
{
    struct progress progress = {.setup = setup, .live = isatty(STDERR_FILENO)};
    struct match_report report;
    setup->config.progress = show_progress;
    setup->config.data = &progress;
    setup->config.played = setup->sgf_dir ? save_sgf : NULL;
    setup->config.stop = &interrupted;
    catch_signals();
    match_run(&setup->config, &report);
    if (progress.live)
        fputs("\r\033[K", stderr);
    (setup->json ? print_json : print_table)(setup, &report);
    fflush(stdout);
    bool finished = report.finished;
    match_report_clear(&report);
    return finished ? COMMAND_OK : COMMAND_FAILED;
}

enum { MOST_GAMES = 10000000 };
#define SEED_OF_CLOCK G_MININT64

struct options {
    char *game, *anchor, *openings, *sgf;
    char **agents;
    int games, threads, plies, move_ms, reply_s;
    gint64 seed;
    gboolean json;
};

static bool set_up(struct setup *setup, const struct options *o, GError **error)
{
    struct match_config *config = &setup->config;
    int agents = o->agents ? (int)g_strv_length(o->agents) : 0;
    if (agents < 2)
        return usage_error(error, "a match needs two agents or more; give --agent SPEC for each");
    if (o->games < 1 || o->games > 1000000)
        return usage_error(error, "--games is 1 to 1000000");
    if (o->threads < 1 || o->threads > 1024)
        return usage_error(error, "--threads is 1 to 1024");
    if ((gint64)o->games * agents * (agents - 1) / 2 > MOST_GAMES) /* all are kept in memory until the end */
        return usage_error(error, "more than 10,000,000 games in all; give fewer agents or a smaller --games");
    if (o->seed < 0 && o->seed != SEED_OF_CLOCK)
        return usage_error(error, "--seed is 0 or more; leave it out for one from the clock");
    if (o->plies < -1 || o->plies > MATCH_MAX_OPENING)
        return usage_error(error, "--opening-plies is 0 to 60");
    if (o->openings && o->plies >= 0)
        return usage_error(error, "--openings and --opening-plies contradict each other; give one of them");
    if (o->move_ms < 0 || o->reply_s < 1 || o->reply_s > 86400)
        return usage_error(error, "--move-time is 0 or more milliseconds, --reply-timeout 1 to 86400 seconds");
    if (!game_parse(&setup->game, o->game, error))
        return false;
    if (o->sgf && g_mkdir_with_parents(o->sgf, 0777) < 0) {
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC, "--sgf: the folder %s cannot be made: %s; name another one",
                    o->sgf, g_strerror(errno));
        return false;
    }
    *config = (struct match_config){.game = &setup->game,
                                    .players = setup->players,
                                    .games = o->games,
                                    .threads = o->threads,
                                    .seed = (uint64_t)(o->seed < 0 ? g_get_real_time() : o->seed),
                                    .clock = {.move_ms = o->move_ms},
                                    .agent = {.threads = 1, .reply_ms = 1000 * (int64_t)o->reply_s}};
    for (int i = 0; i < agents; i++)
        if (!add_player(setup, o->agents[i], error))
            return false;
    if (!find_anchor(setup, o->anchor, error))
        return false;
    if (o->openings)
        return read_openings(setup, o->openings, error);
    make_openings(setup, o->plies >= 0 ? o->plies : default_opening_plies(&setup->game));
    return true;
}

static GOptionContext *make_context(const GOptionEntry *entries)
{
    GOptionContext *context = g_option_context_new("- which of several players is stronger");
    char *agents = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&agents, &length);
    fputs("Agents:\n", out);
    agent_describe_all(out);
    fputs("\nGames:\n", out);
    game_describe_all(out);
    fclose(out);
    g_option_context_set_summary(
        context,
        "Every pair of agents plays N games: each opening twice, with colours swapped. A crash, an illegal move\n"
        "or no answer loses the game. The same seed plays the same match on any number of threads, where visits and "
        "not\n"
        "time or another program decide.");
    g_option_context_set_description(context, agents);
    g_option_context_add_main_entries(context, entries, NULL);
    free(agents);
    return context;
}

static int run(int argc, char **argv)
{
    struct options o = {
        .games = 100, .threads = (int)g_get_num_processors(), .plies = -1, .reply_s = 60, .seed = SEED_OF_CLOCK};
    GOptionEntry entries[] = {
        {"game", 0, 0, G_OPTION_ARG_STRING, &o.game, "the game (go:9)", "SPEC"},
        {"agent", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o.agents, "a player; give two or more", "[NAME=]SPEC"},
        {"games", 0, 0, G_OPTION_ARG_INT, &o.games, "games of each pair (100)", "N"},
        {"threads", 0, 0, G_OPTION_ARG_INT, &o.threads, "games at once (one a core)", "N"},
        {"seed", 0, 0, G_OPTION_ARG_INT64, &o.seed, "of openings and agents (from the clock)", "S"},
        {"opening-plies", 0, 0, G_OPTION_ARG_INT, &o.plies, "random moves before each game (4; on small boards 2 or 0)",
         "K"},
        {"openings", 0, 0, G_OPTION_ARG_FILENAME, &o.openings, "openings from a file, one a line: D4 E5 C3", "FILE"},
        {"move-time", 0, 0, G_OPTION_ARG_INT, &o.move_ms, "for each move; wins over the agents' own limits", "MS"},
        {"reply-timeout", 0, 0, G_OPTION_ARG_INT, &o.reply_s, "longest wait for an external program (60)", "S"},
        {"anchor", 0, 0, G_OPTION_ARG_STRING, &o.anchor, "who has Elo 0: a name, or mean (mean)", "NAME"},
        {"sgf", 0, 0, G_OPTION_ARG_FILENAME, &o.sgf, "save each game as SGF in this folder", "DIR"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &o.json, "print JSON objects, one a line; the last is the result", NULL},
        {NULL, 0, 0, 0, NULL, NULL, NULL}};
    GOptionContext *context = make_context(entries);
    int status = command_parse(context, &argc, &argv, "match");
    g_option_context_free(context);
    struct setup setup = {0};
    GError *error = NULL;
    if (status < 0) {
        if (!o.game)
            o.game = g_strdup("go:9");
        setup.json = o.json;
        setup.sgf_dir = o.sgf;
        bool fine = argc == 1 || usage_error(&error, "takes no arguments besides its options; agents need --agent");
        if (fine && set_up(&setup, &o, &error) && match_check_players(&setup.config, &error))
            status = play(&setup);
        else
            status = command_fail("match", COMMAND_USAGE, error);
    }
    for (int i = 0; i < setup.config.player_count; i++)
        g_free(setup.names[i]);
    g_free(setup.openings);
    g_free(o.game);
    g_free(o.anchor);
    g_free(o.openings);
    g_free(o.sgf);
    g_strfreev(o.agents);
    return status;
}

const struct command command_match = {"match", "which of several players is stronger", run};
