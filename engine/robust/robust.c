#include "engine/robust/robust.h"

#include <stdarg.h>

#include "agents/agent.h"
#include "engine/match/count.h"
#include "engine/match/journal.h"
#include "engine/match/match.h"
#include "engine/match/report/report.h"
#include "engine/match/settings.h"
#include "engine/match/setup.h"
#include "engine/robust/figures.h"
#include "engine/robust/report.h"
#include "games/game.h"

/* The match of one cell. */
struct cell_match {
    const struct robust_config *config;
    const struct robust_cell *cell;
    int number; /* of the cell */
    struct match_settings settings;
    struct match_setup setup;
};

/* ---- setting up ---- */

static bool G_GNUC_PRINTF(4, 5)
    set(struct match_settings *settings, const char *option, GError **error, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char *value = g_strdup_vprintf(format, list);
    va_end(list);
    bool ok = match_settings_set(settings, match_option_find(option), value, 0, error);
    g_free(value);
    return ok;
}

/* folder: NULL for a match without a journal. */
static bool set_up(struct cell_match *match, const char *folder, int64_t seed, GError **error)
{
    const struct robust_config *config = match->config;
    struct match_settings *settings = &match->settings;
    char spec[GAME_SPEC_MAX];
    match_settings_init(settings);
    bool ok = set(settings, "game", error, "%s", game_format(&match->cell->game, spec)) &&
              set(settings, "schedule", error, "gauntlet") &&
              set(settings, "games", error, "%d", config->games / config->anchor_count) &&
              set(settings, "opening-plies", error, "%d", match->cell->openings) &&
              set(settings, "threads", error, "%d", config->threads) &&
              set(settings, "agent", error, "net:%s,visits=%d", config->net, config->visits);
    for (int i = 0; ok && i < config->anchor_count; i++)
        ok = set(settings, "agent", error, "%s", config->anchors[i]);
    if (ok && seed >= 0)
        ok = set(settings, "seed", error, "%" G_GINT64_FORMAT, seed);
    if (ok && folder)
        ok = set(settings, "out", error, "%s", folder);
    match->setup = (struct match_setup){0};
    return ok && match_setup_make(&match->setup, settings, error);
}

static void clear(struct cell_match *match)
{
    match_setup_clear(&match->setup);
    match_settings_clear(&match->settings);
}

static bool has_journal(const char *folder)
{
    char *path = g_build_filename(folder, "match.db", NULL);
    bool exists = g_file_test(path, G_FILE_TEST_EXISTS);
    g_free(path);
    return exists;
}

/* Whether all players can play in the cell; if not, sets *refusal. No agent is opened if there is nothing to play. */
static bool can_play(const struct match_setup *setup, int games, char **refusal)
{
    GError *error = NULL;
    int at;
    if (setup->journal && journal_count(setup->journal) >= games)
        return true;
    if (match_check_players(&setup->config, 0, &at, &error))
        return true;
    *refusal = g_strdup(error->message);
    g_clear_error(&error);
    return false;
}

static bool is_stopped(const struct robust_config *config)
{
    return config->stop && atomic_load(config->stop);
}

/* Sets up the match with its journal, and returns whether there is something to play or to show. A cell that cannot be
 * played gets *refusal, and no folder. */
static bool open_cell(struct cell_match *match, const char *folder, int64_t seed, char **refusal, GError **error)
{
    const struct robust_config *config = match->config;
    bool exists = has_journal(folder);
    if (!set_up(match, exists ? folder : NULL, seed, error))
        return false;
    if (!is_stopped(config) && !can_play(&match->setup, config->games, refusal))
        return exists && journal_count(match->setup.journal) > 0;
    if (exists)
        return true;
    clear(match);
    return set_up(match, folder, seed, error);
}

/* ---- playing ---- */

static void show_progress(const struct match_report *report, void *data)
{
    const struct cell_match *match = data;
    if (match->config->progress)
        match->config->progress(match->number, report, match->config->data);
}

static void flush_progress(void *data)
{
    const struct cell_match *match = data;
    if (match->config->flush_progress)
        match->config->flush_progress(match->config->data);
}

static void count(struct robust_result *result, const struct match_table *table)
{
    const struct match_report *report = table->report;
    result->score = table->total[0];
    result->elo = robust_elo(&table->ratings);
    result->one_sided = report->done && !table->ratings.has_maximum;
    result->repeated = table->repeated;
    result->finished = report->count && report->done + report->void_games == report->count; /* also if stopped then */
    result->seconds = report->seconds;
    for (int i = 0; i < table->n; i++) {
        result->faults += i > 0 ? table->total[i].forfeits : 0;
        result->withdrawn += report->withdrawn[i];
    }
}

/* Plays what is missing, unless an agent refuses. The match's own report and games are written unless it had been
 * complete before. */
static bool play(struct cell_match *match, struct robust_result *result, GError **error)
{
    struct match_setup *setup = &match->setup;
    struct match_report report;
    struct match_table table;
    const int before = journal_count(setup->journal);
    const atomic_bool nothing = true;
    setup->config.stop = result->refusal ? &nothing : match->config->stop;
    setup->config.progress = show_progress;
    setup->config.flush_progress = flush_progress;
    setup->config.data = match;
    bool good = match_run(&setup->config, &report, error);
    match_table_make(&table, setup, &report);
    count(result, &table);
    if (good && (!result->finished || report.done != before))
        good = match_report_write(&table, false, error);
    match_table_clear(&table);
    match_report_clear(&report);
    return good;
}

/* One cell, unless it has no games and the command was stopped. The main cell decides the seed, and must be playable. */
static enum robust_status run_cell(struct robust_report *report, int number, int64_t *seed, GError **error)
{
    const struct robust_config *config = report->config;
    struct robust_result *result = &report->result[number];
    struct cell_match match = {.config = config, .cell = &config->cells->cell[number], .number = number};
    char *folder = g_build_filename(config->folder, match.cell->name, NULL);
    enum robust_status status = ROBUST_OK;
    GError *why = NULL;
    if (is_stopped(config) && !has_journal(folder)) {
        g_free(folder);
        return ROBUST_OK;
    }
    bool open = open_cell(&match, folder, *seed, &result->refusal, &why);
    if (number == 0 && result->refusal)
        g_set_error_literal(&why, AGENT_ERROR, AGENT_ERROR_SPEC, result->refusal);
    if (why) {
        status = ROBUST_REFUSED;
    } else if (open) {
        *seed = (int64_t)match.setup.config.seed;
        status = play(&match, result, &why) ? ROBUST_OK : ROBUST_FAILED;
    }
    if (why)
        g_propagate_error(error, why);
    clear(&match);
    g_free(folder);
    return status;
}

static bool is_finished(const struct robust_report *report)
{
    bool finished = true;
    for (int i = 0; i < report->config->cells->count; i++)
        finished = finished && (report->result[i].finished || report->result[i].refusal);
    return finished;
}

enum robust_status robust_run(const struct robust_config *config, struct robust_report *report, GError **error)
{
    enum robust_status status = ROBUST_OK;
    int64_t seed = config->seed;
    *report = (struct robust_report){.config = config};
    if (has_journal(config->folder)) {
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC, "%s holds a match; give another --out", config->folder);
        return ROBUST_REFUSED;
    }
    for (int i = 0; i < config->cells->count && status == ROBUST_OK; i++) {
        struct robust_result *result = &report->result[i];
        status = run_cell(report, i, &seed, error);
        report->seed = seed;
        if (i > 0)
            result->lost = robust_lost(&report->result[0].elo, &result->elo);
        report->finished = is_finished(report);
        bool changed = result->refusal || result->score.games;
        if (status == ROBUST_OK && changed && !robust_report_write(report, error))
            status = ROBUST_FAILED;
    }
    return status;
}

void robust_report_clear(struct robust_report *report)
{
    for (int i = 0; i < ROBUST_MAX_CELLS; i++)
        g_free(report->result[i].refusal);
    *report = (struct robust_report){0};
}
