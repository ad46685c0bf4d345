#include "engine/match/setup.h"

#include <stddef.h>

#include "agents/agent.h"
#include "agents/external/process.h"
#include "agents/net_path.h"
#include "agents/option.h"
#include "engine/match/journal.h"
#include "engine/match/openings.h"
#include "engine/match/schedule/schedule.h"
#include "engine/match/settings.h"
#include "games/option.h"
#include "games/record/psq.h"

enum { MAX_GAMES = 10000000, MAX_OPENINGS = 100000 };
enum { SPRT_GAMES = 100000 }; /* without --games a sequential test goes on until it has decided, or this far */
static const double max_even_value = 0.1; /* |P(win) - P(loss)| of a balanced opening */

/* Sets an error "--NAME MESSAGE" or "FILE, line N: NAME MESSAGE"; with message NULL prefixes the existing error. */
static bool option_error(const struct match_settings *settings, const char *name, const char *message, GError **error)
{
    char *where = match_settings_where(settings, name);
    if (message)
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC, "%s %s", where, message);
    else
        g_prefix_error(error, "%s: ", where);
    g_free(where);
    return false;
}

/* ---- agents ---- */

/* "NAME=SPEC" or "SPEC": a name ends at the first '=' not preceded by ':' or ','. Repeated specs without a name are
 * allowed and numbered. */
static bool add_player(struct match_setup *setup, const struct match_settings *settings, int index, GError **error)
{
    const char *text = settings->agents->pdata[index];
    size_t length = strcspn(text, "=:,");
    bool named = text[length] == '=' && length > 0;
    const char *spec = named ? text + length + 1 : text;
    char *name = process_printable(named ? g_strndup(text, length) : g_strdup(spec)); /* one line of a table */
    for (int i = 0, copy = 2; i < index; i++)
        if (strcmp(setup->names[i], name) == 0) {
            if (named) {
                char *where = match_settings_where_agent(settings, index);
                g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC,
                            "%stwo agents have the name \"%s\"; give each a different one", where, name);
                g_free(where);
                g_free(name);
                return false;
            }
            g_free(name);
            name = g_strdup_printf("%s#%d", spec, copy++);
            i = -1;
        }
    setup->names[index] = name;
    setup->players[index] = (struct match_player){name, spec};
    setup->config.player_count++;
    return true;
}

static bool add_players(struct match_setup *setup, const struct match_settings *settings, GError **error)
{
    guint count = settings->agents->len;
    if (count < 2)
        return option_error(settings, "agent", "is required for each player; a match needs two agents or more", error);
    if (count > MATCH_MAX_PLAYERS)
        return option_error(settings, "agent", "is given too often; a match has at most 64 agents", error);
    for (guint i = 0; i < count; i++)
        if (!add_player(setup, settings, (int)i, error))
            return false;
    return true;
}

static bool add_anchor(struct match_setup *setup, const struct match_settings *settings, const char *text,
                       GError **error)
{
    const char *equals = strrchr(text, '=');
    char *end = NULL;
    double elo = equals ? g_ascii_strtod(equals + 1, &end) : 0;
    bool number = equals && end != equals + 1 && !*end && elo > -100000 && elo < 100000;
    for (int i = 0; i < setup->config.player_count; i++) {
        const char *name = setup->names[i];
        bool whole = strcmp(name, text) == 0;
        if (!whole && !(number && strlen(name) == (size_t)(equals - text) && strncmp(name, text, strlen(name)) == 0))
            continue;
        for (int k = 0; k < setup->anchor_count; k++)
            if (setup->anchors[k].player == i)
                return option_error(settings, "anchor", "names the same agent twice", error);
        setup->anchors[setup->anchor_count++] = (struct rating_anchor){i, whole ? 0 : elo};
        return true;
    }
    char *message = g_strdup_printf("\"%s\" is none of the agents; give NAME, NAME=ELO or mean", text);
    option_error(settings, "anchor", message, error);
    g_free(message);
    return false;
}

static bool add_anchors(struct match_setup *setup, const struct match_settings *settings, GError **error)
{
    for (guint i = 0; i < settings->anchors->len; i++) {
        const char *text = settings->anchors->pdata[i];
        if (strcmp(text, "mean") == 0 && settings->anchors->len == 1)
            return true;
        if (!add_anchor(setup, settings, text, error))
            return false;
    }
    return true;
}

/* ---- terms ---- */

struct rules {
    double win, draw;
    int64_t win_moves, draw_moves, draw_ply, max_plies;
};
static const struct option_row rule_options[] = {
    {"win", OPTION_REAL, offsetof(struct rules, win), 0.01, 1, .help = ""},
    {"win-moves", OPTION_WHOLE, offsetof(struct rules, win_moves), 1, 1000, .help = ""},
    {"draw", OPTION_REAL, offsetof(struct rules, draw), 0, 1, .help = ""},
    {"draw-moves", OPTION_WHOLE, offsetof(struct rules, draw_moves), 1, 1000, .help = ""},
    {"draw-ply", OPTION_WHOLE, offsetof(struct rules, draw_ply), 0, 10000, .help = ""},
    {"max-plies", OPTION_WHOLE, offsetof(struct rules, max_plies), 1, 10000, .help = ""},
    {.name = NULL}};

static bool set_terms(struct match_setup *setup, const struct match_settings *settings, GError **error)
{
    struct match_terms *terms = &setup->config.terms;
    struct rules rules = {.win = -1, .draw = -1, .win_moves = 3, .draw_moves = 8};
    if (settings->time && settings->move_time_ms)
        return option_error(
            settings, "move-time",
            "and time are mutually exclusive; give one of them, or both limits as time, for example 5m,30s/move",
            error);
    if (settings->time && !agent_clock_parse(settings->time, &terms->clock, error))
        return option_error(settings, "time", NULL, error);
    if (settings->move_time_ms)
        terms->clock.move_ms = settings->move_time_ms;
    terms->clock.visits = settings->visits;
    terms->margin_ms = settings->time_margin_ms;
    if (settings->adjudicate && !agent_options_parse("adjudicate", settings->adjudicate, rule_options, &rules, error))
        return option_error(settings, "adjudicate", NULL, error);
    terms->win_value = (float)rules.win;
    terms->win_moves = rules.win > 0 ? (int)rules.win_moves : 0;
    terms->draw_value = (float)rules.draw;
    terms->draw_moves = rules.draw >= 0 ? (int)rules.draw_moves : 0;
    terms->draw_ply = (int)rules.draw_ply;
    terms->max_plies = (int)rules.max_plies;
    setup->config.referee = settings->referee;
    setup->config.withdraw = (int)settings->withdraw;
    setup->config.agent = (struct agent_config){
        .threads = 1,
        .reply_ms = 1000 * settings->reply_timeout_s,
        .memory_bytes = settings->memory_mb << 20,
        .limits = {(uint64_t)settings->memory_mb << 20, (uint64_t)settings->cpu_time_s, (int)settings->cpus, 0}};
    return true;
}

static bool set_schedule(struct match_setup *setup, const struct match_settings *settings, GError **error)
{
    struct match_config *config = &setup->config;
    gint64 n = config->player_count;
    config->games = (int)settings->games;
    config->rounds = (int)settings->rounds;
    config->schedule = schedule_find(settings->schedule ? settings->schedule : "round-robin");
    if (!config->schedule)
        return option_error(settings, "schedule", "must be round-robin, gauntlet, knockout, swiss or ladder", error);
    if (config->rounds && !config->schedule->rounds)
        return option_error(settings, "rounds", "applies to --schedule swiss and ladder only; remove it", error);
    if (!config->schedule->rounds && config->games * n * (n - 1) / 2 > MAX_GAMES) /* kept in memory until the end */
        return option_error(settings, "games",
                            "gives more than 10,000,000 in total; use fewer agents or a smaller number", error);
    if (config->schedule->rounds && config->games * n / 2 * MAX(config->rounds, 2 * n) > MAX_GAMES)
        return option_error(settings, "games",
                            "gives more than 10,000,000 in total; use fewer rounds or a smaller number", error);
    if (!settings->sprt)
        return true;
    if (!sprt_parse(settings->sprt, &setup->sprt, error))
        return option_error(settings, "sprt", NULL, error);
    if (n != 2 || strcmp(config->schedule->name, "round-robin") != 0)
        return option_error(settings, "sprt", "requires exactly two agents and the round-robin schedule", error);
    config->sprt = &setup->sprt;
    return true;
}

/* ---- openings ---- */

static int openings_needed(const struct match_config *config)
{
    const struct schedule_view view = {
        .players = config->player_count, .games = config->games, .rounds = config->rounds};
    return CLAMP(config->schedule->openings(&view), 1, MAX_OPENINGS);
}

static bool check_openings(struct match_setup *setup, const struct match_settings *settings, bool *even, GError **error)
{
    *even = g_strcmp0(settings->openings, "even") == 0;
    if (settings->openings_shuffled && (!settings->openings || *even))
        return option_error(settings, "openings-shuffled", "applies to --openings FILE only", error);
    if (settings->opening_net && !*even)
        return option_error(settings, "opening-net", "applies to --openings even only", error);
    if (!settings->openings || *even)
        return true;
    char *lower = g_ascii_strdown(settings->openings, -1);
    bool games = g_str_has_suffix(lower, ".sgf") || g_str_has_suffix(lower, ".psq");
    g_free(lower);
    if (settings->opening_plies >= 0 && !games)
        return option_error(settings, "openings",
                            "from a text file and opening-plies are mutually exclusive; give one of them", error);
    if (match_read_openings(&setup->game, settings->openings, (int)settings->opening_plies, &setup->openings,
                            &setup->config.opening_count, error)) {
        setup->shuffle = settings->openings_shuffled;
        return true;
    }
    bool from_file = settings->source[match_option_find("openings")] == MATCH_FROM_FILE;
    return from_file ? option_error(settings, "openings", NULL, error) : false;
}

static bool make_openings(struct match_setup *setup, const struct match_settings *settings, bool even, GError **error)
{
    struct match_config *config = &setup->config;
    int plies = settings->opening_plies >= 0 ? (int)settings->opening_plies : match_default_opening_plies(&setup->game);
    if (!setup->openings && plies > 0) {
        int count = config->opening_count = openings_needed(config);
        setup->openings = g_new0(struct match_opening, count);
        const char *net = settings->opening_net ? settings->opening_net : "default";
        if (!even)
            match_random_openings(&setup->game, plies, config->seed, setup->openings, count);
        else if (!match_even_openings(&setup->game, net, plies, max_even_value, config->seed, setup->openings, count,
                                      error))
            return option_error(settings, "openings", NULL, error);
    }
    if (setup->shuffle)
        match_shuffle_openings(setup->openings, config->opening_count, config->seed);
    config->openings = setup->openings;
    return true;
}

/* ---- journal ---- */

/* A training run's best net changes over time, so its name alone does not identify the player. */
static char *net_sum(const struct match_setup *setup, const char *spec)
{
    const char *named = NULL;
    size_t length;
    if (!net_path_next(spec, &named, &length))
        return NULL;
    char *net = g_strndup(named, length);
    char *path = net_path_find(net, setup->game.ops->name, NULL), *sum = path ? match_net_sum(path, NULL) : NULL;
    if (sum)
        sum[16] = '\0';
    g_free(net);
    g_free(path);
    return sum;
}

static char *openings_text(const struct match_setup *setup, int count)
{
    return g_strdup_printf("%d, number %016" G_GINT64_MODIFIER "x", count,
                           match_openings_hash(&setup->game, setup->openings, count));
}

/* Whether the settings lengthen the journal's tournament: more games a meeting, and the openings begin with its own. */
static bool lengthens(const struct match_setup *setup, const struct match_settings *settings)
{
    char *games = journal_setting(setup->journal, "games"), *kept = journal_setting(setup->journal, "set of openings");
    int count = kept ? atoi(kept) : -1;
    bool longer = false;
    if (setup->config.schedule->extends && games && atoi(games) < settings->games && count >= 0 &&
        count <= setup->config.opening_count) {
        char *prefix = openings_text(setup, count);
        longer = strcmp(prefix, kept) == 0;
        g_free(prefix);
    }
    g_free(games);
    g_free(kept);
    return longer;
}

/* Compares with the journal, where a longer tournament may differ in the number of games and openings. */
static bool compare_journal(struct match_setup *setup, const struct match_settings *settings, const GPtrArray *names,
                            const GPtrArray *values, GError **error)
{
    const char *const *name = (const char *const *)names->pdata;
    bool longer = journal_count(setup->journal) > 0 && lengthens(setup, settings);
    char **compared = g_new0(char *, names->len + 1);
    for (guint i = 0; i < names->len; i++) {
        bool may_differ = longer && (strcmp(name[i], "games") == 0 || strcmp(name[i], "set of openings") == 0);
        compared[i] = may_differ ? journal_setting(setup->journal, name[i]) : g_strdup(values->pdata[i]);
    }
    bool same =
        journal_check_settings(setup->journal, name, (const char *const *)compared, (int)names->len, error) &&
        (!longer || journal_keep_settings(setup->journal, name, (const char *const *)values->pdata, (int)names->len, error));
    g_strfreev(compared);
    return same;
}

/* Stores in the journal, or compares with it, everything that affects the results: options, agents, nets, openings. */
static bool check_journal(struct match_setup *setup, const struct match_settings *settings, GError **error)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free), *values = g_ptr_array_new_with_free_func(g_free);
    char spec[GAME_SPEC_MAX];
    for (int i = 0; match_options[i].name; i++) {
        if (!(match_options[i].flags & MATCH_AFFECTS_RESULTS) || match_options[i].type == OPTION_STRINGS)
            continue;
        /* Flags that are not given are "", which is also what a journal from before such a flag has. */
        bool given = match_options[i].type != OPTION_FLAG || settings->source[i] != MATCH_PRESET;
        char *value = given ? match_settings_value(settings, i) : NULL;
        g_ptr_array_add(names, g_strdup(match_options[i].name));
        g_ptr_array_add(values, value ? value : g_strdup(""));
    }
    for (int i = 0; i < setup->config.player_count; i++) {
        g_ptr_array_add(names, g_strdup_printf("agent %d", i + 1));
        g_ptr_array_add(values, g_strdup_printf("%s=%s", setup->players[i].name, setup->players[i].spec));
        char *sum = net_sum(setup, setup->players[i].spec);
        if (sum) {
            g_ptr_array_add(names, g_strdup_printf("net of agent %d", i + 1));
            g_ptr_array_add(values, sum);
        }
    }
    g_ptr_array_add(names, g_strdup("number of agents"));
    g_ptr_array_add(values, g_strdup_printf("%d", setup->config.player_count));
    g_ptr_array_add(names, g_strdup("rules"));
    g_ptr_array_add(values, g_strdup(game_format(&setup->game, spec)));
    g_ptr_array_add(names, g_strdup("set of openings"));
    g_ptr_array_add(values, openings_text(setup, setup->config.opening_count));
    bool same = compare_journal(setup, settings, names, values, error);
    g_ptr_array_unref(names);
    g_ptr_array_unref(values);
    return same;
}

/* Without --seed, the seed is the journal's if there is one, else from the clock. */
static void choose_seed(struct match_setup *setup, struct match_settings *settings)
{
    char *kept = settings->seed < 0 && setup->journal ? journal_setting(setup->journal, "seed") : NULL;
    if (kept)
        settings->seed = g_ascii_strtoll(kept, NULL, 10);
    if (settings->seed < 0)
        settings->seed = g_get_real_time();
    setup->config.seed = (uint64_t)settings->seed;
    g_free(kept);
}

static bool set_output(struct match_setup *setup, const struct match_settings *settings, GError **error)
{
    if (settings->format && strcmp(settings->format, "sgf") != 0 && strcmp(settings->format, "psq") != 0)
        return option_error(settings, "format", "must be sgf or psq", error);
    if (g_strcmp0(settings->format, "psq") == 0 && !psq_supports(&setup->game))
        return option_error(settings, "format", "psq supports Gomoku only; use sgf", error);
    if (settings->format && !settings->out)
        return option_error(settings, "format", "applies to the games in --out DIR; give that too", error);
    const char *model = settings->draw_model ? settings->draw_model : "halves";
    setup->davidson = strcmp(model, "davidson") == 0;
    setup->repeated = settings->repeated;
    if (!setup->davidson && strcmp(model, "halves") != 0)
        return option_error(settings, "draw-model", "must be halves or davidson", error);
    return true;
}

bool match_setup_make(struct match_setup *setup, struct match_settings *settings, GError **error)
{
    bool even;
    *setup = (struct match_setup){0};
    setup->config.players = setup->players;
    setup->config.game = &setup->game;
    setup->config.threads = (int)settings->threads;
    if (!game_parse(&setup->game, settings->game ? settings->game : "go:9", error))
        return settings->source[match_option_find("game")] == MATCH_FROM_FILE
                   ? option_error(settings, "game", NULL, error)
                   : false;
    if (settings->sprt && settings->source[match_option_find("games")] == MATCH_PRESET)
        settings->games = SPRT_GAMES;
    if (!add_players(setup, settings, error) || !add_anchors(setup, settings, error) ||
        !set_terms(setup, settings, error) || !set_schedule(setup, settings, error) ||
        !set_output(setup, settings, error) || !check_openings(setup, settings, &even, error))
        return false;
    if (settings->out && journal_open(&setup->journal, settings->out, &setup->game, error) < 0)
        return false;
    setup->config.journal = setup->journal;
    choose_seed(setup, settings);
    return make_openings(setup, settings, even, error) && (!setup->journal || check_journal(setup, settings, error));
}

void match_setup_clear(struct match_setup *setup)
{
    journal_close(setup->journal);
    g_bytes_unref(setup->config.welcome);
    for (int i = 0; i < setup->config.player_count; i++)
        g_free(setup->names[i]);
    g_free(setup->openings);
}
