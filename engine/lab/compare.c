/* The comparison of a lab's final nets: one match for each pool, at equal visits and at equal time, with a journal. */
#include <math.h>
#include <string.h>

#include "engine/lab/efforts.h"
#include "engine/lab/lab.h"
#include "engine/lab/plan.h"
#include "engine/lab/results.h"
#include "engine/match/count.h"
#include "engine/match/match.h"
#include "engine/match/ranks/ranks.h"
#include "engine/match/report/report.h"
#include "engine/match/settings.h"
#include "engine/match/setup.h"
#include "engine/match/statistics/rating.h"
#include "games/game.h"

static const char start_name[] = "start";

/* A pool: its folder, and how long its players think. */
struct pool {
    const char *name;
    enum lab_metric metric;
    char *limit; /* "visits=64" */
};

static bool set(struct match_settings *settings, const char *name, const char *value, GError **error)
{
    return !value || match_settings_set(settings, match_option_find(name), value, 0, error);
}

static bool set_number(struct match_settings *settings, const char *name, int64_t value, GError **error)
{
    char text[32];
    g_snprintf(text, sizeof text, "%" G_GINT64_FORMAT, value);
    return set(settings, name, text, error);
}

/* What all pools have in common. */
static bool set_terms(const struct lab *lab, struct match_settings *settings, GError **error)
{
    const struct lab_plan *plan = lab->plan;
    const struct lab_compare *compare = &plan->compare;
    const char *game = compare->game ? compare->game : plan->keys.game;
    return set(settings, "game", game, error) && set_number(settings, "games", compare->games, error) &&
           set_number(settings, "seed", plan->seeds[0], error) && set(settings, "openings", compare->openings, error) &&
           (compare->opening_plies < 0 || set_number(settings, "opening-plies", compare->opening_plies, error)) &&
           set_number(settings, "threads", lab->threads, error);
}

static bool add_player(struct match_settings *settings, const char *name, const char *net, const char *limit,
                       GError **error)
{
    char *agent = limit ? g_strdup_printf("%s=net:%s,%s", name, net, limit) : g_strdup_printf("%s=random", name);
    bool good = set(settings, "agent", agent, error);
    g_free(agent);
    return good;
}

/* A player for each seed of an arm. name: of the player, before the seed. */
static bool add_nets(const struct lab *lab, struct match_settings *settings, int arm, const char *name,
                     const char *limit, GError **error)
{
    const struct lab_plan *plan = lab->plan;
    bool good = true;
    for (int seed = 0; good && seed < plan->seed_count; seed++) {
        char *folder = lab_run_folder(lab, arm, seed);
        char *player = g_strdup_printf("%s/%" G_GINT64_FORMAT, name, plan->seeds[seed]);
        good = add_player(settings, player, folder, limit, error);
        g_free(player);
        g_free(folder);
    }
    return good;
}

static bool add_efforts(const struct lab *lab, struct match_settings *settings, const char *limit, GError **error)
{
    const GPtrArray *efforts = lab->plan->compare.efforts;
    bool good = true;
    for (guint i = 0; good && i < efforts->len; i++) {
        struct lab_effort effort;
        if (!lab_effort_parse(lab->plan, efforts->pdata[i], &effort, error))
            return false;
        char *options = limit ? g_strdup_printf("%s,%s", limit, effort.options) : NULL;
        good = add_nets(lab, settings, effort.arm, effort.name, options, error);
        g_free(options);
        lab_effort_clear(&effort);
    }
    return good;
}

static bool add_arms(const struct lab *lab, struct match_settings *settings, const char *limit, GError **error)
{
    const struct lab_plan *plan = lab->plan;
    bool good = true;
    for (int arm = 0; good && arm < plan->arm_count; arm++)
        good = add_nets(lab, settings, arm, plan->arms[arm].name, limit, error);
    return good;
}

/* The name that match gives to a player "NAME=SPEC" or "SPEC". */
static char *name_of(const char *agent)
{
    size_t length = strcspn(agent, "=:,");
    return agent[length] == '=' && length > 0 ? g_strndup(agent, length) : g_strdup(agent);
}

static bool add_anchors(const struct lab *lab, struct match_settings *settings, GError **error)
{
    const GPtrArray *anchors = lab->plan->compare.anchors;
    for (guint i = 0; i < anchors->len; i++)
        if (!set(settings, "agent", anchors->pdata[i], error))
            return false;
    char *zero = lab->plan->keys.from ? g_strdup(start_name) : anchors->len ? name_of(anchors->pdata[0]) : NULL;
    bool good = set(settings, "anchor", zero, error);
    g_free(zero);
    return good;
}

/* Adds the common start, then each arm's nets, seed by seed, then those with other efforts, then the anchors. The start is at 0 Elo; if
 * there is none, the first anchor; without anchors, the mean. limit: of the nets' thinking; NULL: placeholders stand in for all but
 * the anchors, for a check. */
static bool add_players(const struct lab *lab, struct match_settings *settings, const char *limit, GError **error)
{
    const char *from = lab->plan->keys.from;
    return (!from || add_player(settings, start_name, from, limit, error)) && add_arms(lab, settings, limit, error) &&
           add_efforts(lab, settings, limit, error) && add_anchors(lab, settings, error);
}

/* Arms stand in as random players, which play anything; a net plays all sizes and rules of its game, but no other. */
static bool check_game(const struct lab_plan *plan, const struct game *game, GError **error)
{
    const struct game *trained = &plan->arms[0].games[0];
    if (game->ops == trained->ops)
        return true;
    g_set_error(error, LAB_ERROR, LAB_ERROR_PLAN, "game must be %s, which the arms are trained on, not %s",
                trained->ops->name, game->ops->name);
    return false;
}

bool lab_check_comparison(const struct lab *lab, GError **error)
{
    struct match_settings settings;
    struct match_setup setup = {0};
    int at;
    match_settings_init(&settings);
    bool good = add_players(lab, &settings, NULL, error) && set_terms(lab, &settings, error) &&
                match_setup_make(&setup, &settings, error) && check_game(lab->plan, &setup.game, error) &&
                match_check_players(&setup.config, 0, &at, error);
    if (!good)
        g_prefix_error(error, "%s: compare: ", lab->plan->file);
    match_setup_clear(&setup);
    match_settings_clear(&settings);
    return good;
}

/* ---- playing ---- */

static struct lab_value value_of(const struct match_table *table, int player)
{
    const struct rating *rating = &table->ratings.ratings[player];
    if (!rating->known)
        return (struct lab_value){NAN, NAN, NAN};
    return (struct lab_value){rating->elo, rating->low, rating->high};
}

static struct lab_other *other_named(struct lab_results *results, const char *name)
{
    for (guint i = 0; i < results->others->len; i++)
        if (strcmp(g_array_index(results->others, struct lab_other, i).name, name) == 0)
            return &g_array_index(results->others, struct lab_other, i);
    const struct lab_value unknown = {NAN, NAN, NAN};
    const struct lab_other other = {g_strdup(name), {unknown, unknown}};
    g_array_append_val(results->others, other);
    return &g_array_index(results->others, struct lab_other, results->others->len - 1);
}

static void take_ratings(const struct match_table *table, const struct pool *pool, struct lab_results *results)
{
    const struct lab_plan *plan = results->plan;
    int first = plan->keys.from != NULL, arms = plan->arm_count * plan->seed_count;
    for (int player = 0; player < table->n; player++) {
        int at = player - first;
        if (at >= 0 && at < arms)
            results->values[at / plan->seed_count][at % plan->seed_count][pool->metric] = value_of(table, player);
        else
            other_named(results, match_table_name(table, player))->elo[pool->metric - LAB_ELO_VISITS] =
                value_of(table, player);
    }
}

struct progress {
    FILE *log;
    const char *pool;
    int64_t last; /* us */
};

static void show_progress(const struct match_report *report, void *data)
{
    struct progress *progress = data;
    int64_t now = g_get_monotonic_time();
    if (!progress->log || now - progress->last < 30 * G_USEC_PER_SEC)
        return;
    progress->last = now;
    fprintf(progress->log, "Comparison at equal %s: %d of %d games\n", progress->pool, report->done,
            report->count - report->void_games);
}

static enum lab_end play(struct lab *lab, const struct pool *pool, struct match_setup *setup,
                         struct lab_results *results, GError **error)
{
    struct progress progress = {lab->log, pool->name, g_get_monotonic_time()};
    struct match_report report;
    struct match_table table;
    setup->config.stop = lab->stop;
    setup->config.progress = show_progress;
    setup->config.data = &progress;
    bool good = match_run(&setup->config, &report, error), finished = report.finished;
    match_table_make(&table, setup, &report);
    take_ratings(&table, pool, results);
    good = good && match_report_write(&table, false, error);
    match_table_clear(&table);
    match_report_clear(&report);
    return !good ? LAB_FAILED : finished ? LAB_FINISHED : LAB_STOPPED;
}

static enum lab_end run_pool(struct lab *lab, const struct pool *pool, struct lab_results *results, GError **error)
{
    struct match_settings settings;
    struct match_setup setup = {0};
    char *folder = g_build_filename(lab->folder, pool->name, NULL);
    match_settings_init(&settings);
    bool good = set_terms(lab, &settings, error) && set(&settings, "out", folder, error) &&
                add_players(lab, &settings, pool->limit, error) && match_setup_make(&setup, &settings, error) &&
                (!lab->cluster || match_setup_ranks(&setup, &settings, error));
    setup.config.cluster = lab->cluster;
    if (good && lab->log)
        fprintf(lab->log, "Comparison at equal %s: %d players, %d games each two\n", pool->name,
                setup.config.player_count, setup.config.games);
    enum lab_end end = good ? play(lab, pool, &setup, results, error) : LAB_FAILED;
    match_setup_clear(&setup);
    match_settings_clear(&settings);
    g_free(folder);
    return end;
}

enum lab_end lab_compare(struct lab *lab, struct lab_results *results, GError **error)
{
    const struct lab_compare *compare = &lab->plan->compare;
    enum lab_end end = LAB_FINISHED;
    if (compare->visits) {
        struct pool pool = {"visits", LAB_ELO_VISITS, g_strdup_printf("visits=%" G_GINT64_FORMAT, compare->visits)};
        end = run_pool(lab, &pool, results, error);
        g_free(pool.limit);
    }
    if (end == LAB_FINISHED && compare->time_ms) {
        struct pool pool = {"time", LAB_ELO_TIME, g_strdup_printf("time=%" G_GINT64_FORMAT "ms", compare->time_ms)};
        end = run_pool(lab, &pool, results, error);
        g_free(pool.limit);
    }
    return end;
}
