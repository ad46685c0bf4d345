/* The games of a run: lists of sizes and rule sets with shares. */
#include "engine/settings/settings.h"

#include <string.h>

#include "games/game.h"
#include "net/targets.h"

/* "5,7,9:4" */
struct list {
    int count;
    char name[SETTINGS_MAX_GAMES][64];
    double share[SETTINGS_MAX_GAMES]; /* as written; 1 if none is */
    bool shares;                      /* any is written */
};

static bool read_item(struct list *list, const char *setting, const char *item, GError **error)
{
    const char *colon = strchr(item, ':');
    char *end = NULL, *name = g_strndup(item, colon ? (size_t)(colon - item) : strlen(item));
    double share = colon ? g_ascii_strtod(colon + 1, &end) : 1;
    bool good = (!colon || (end != colon + 1 && !*g_strchug(end) && share > 0 && share <= 1e6)) ||
                settings_fail(error, "%s: \"%s\" is not a valid share; write NAME:SHARE with a positive number", setting, item);
    g_strstrip(name);
    for (int i = 0; good && i < list->count; i++)
        good = strcmp(list->name[i], name) != 0 ||
               settings_fail(error, "%s: %s is given twice; leave one out", setting, name);
    good = good &&
           (strlen(name) < sizeof list->name[0] || settings_fail(error, "%s: \"%s\" is too long; at most %d characters",
                                                                 setting, name, (int)sizeof list->name[0] - 1));
    if (good) {
        list->shares |= colon != NULL;
        g_strlcpy(list->name[list->count], name, sizeof list->name[0]);
        list->share[list->count++] = share;
    }
    g_free(name);
    return good;
}

static bool read_list(struct list *list, const char *setting, const char *text, int max, GError **error)
{
    *list = (struct list){0};
    if (!text[0])
        return true;
    char **items = g_strsplit(text, ",", -1);
    bool good = (int)g_strv_length(items) <= max || settings_fail(error, "%s=%s has too many entries; at most %d", setting, text, max);
    for (int i = 0; good && items[i]; i++)
        good = read_item(list, setting, items[i], error);
    g_strfreev(items);
    return good;
}

static void normalise(double *shares, int count)
{
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += shares[i];
    for (int i = 0; i < count; i++)
        shares[i] /= sum;
}

/* ---- sizes ---- */

/* The spec at another size: replaces the number after the colon of "go:9,komi=7". */
static bool resize(const struct settings *settings, const char *size, struct game *game, GError **error)
{
    const char *colon = strchr(settings->game, ':');
    const char *rest = colon ? strchr(colon, ',') : NULL;
    int length = colon ? (int)(colon - settings->game) : (int)strlen(settings->game);
    char *spec = g_strdup_printf("%.*s:%s%s", length, settings->game, size, rest ? rest : "");
    bool good = game_parse(game, spec, error);
    g_free(spec);
    return good;
}

static void centre_komi(const struct settings *settings, struct game *game)
{
    int halves;
    if (settings->komi_even && game->ops->komi && game->ops->komi->even(game, &halves))
        game_set_komi(game, halves);
}

static int parse_games(const struct settings *settings, const struct list *sizes, struct game *games, GError **error)
{
    if (!sizes->count)
        return game_parse(&games[0], settings->game, error) ? 1 : 0;
    for (int i = 0; i < sizes->count; i++)
        if (!resize(settings, sizes->name[i], &games[i], error))
            return 0;
    return sizes->count;
}

/* ---- rules ---- */

/* The game under a rule set, as self-play plays it. rules: a name with further options, "chinese+ko=simple"; NULL for the game's
 * own. */
static bool make_variant(const struct settings *settings, const struct game *game, const char *rules,
                         struct game *variant, GError **error)
{
    *variant = *game;
    if (rules) {
        char *change = g_strdelimit(g_strconcat("rules=", rules, NULL), "+", ',');
        bool good = game_vary(variant, game, change, error);
        g_free(change);
        if (!good)
            return false;
    }
    if (settings->cleanup)
        *variant = game_unattended(variant);
    return true;
}

/* What does not depend on the games. */
static bool check_techniques(const struct settings *settings, GError **error)
{
    double horizons[NET_HORIZONS];
    if (settings_horizons(settings, horizons, error) < 0)
        return false;
    if (settings->visits_final == 1)
        return settings_fail(error, "visits_final=1: a search needs 2 visits or more; set it to 0 for constant visits");
    if (settings->visits_final > 0 && settings->deterministic && !settings->visits_rows)
        return settings_fail(
            error,
            "visits_final=%d with deterministic=1 would depend on the clock; set visits_rows, the rows "
            "after which it is reached",
            (int)settings->visits_final);
    if (settings->surprise_weight + settings->surprise_value > 1)
        return settings_fail(error, "surprise_weight=%g and surprise_value=%g exceed 1; reduce one of them",
                             settings->surprise_weight, settings->surprise_value);
    return true;
}

/* Shares of what only games with komi have. */
static bool check_komi(const struct settings *settings, const struct game_ops *ops, GError **error)
{
    const struct {
        const char *name;
        double share;
    } shares[] = {{"komi_fair_share", settings->komi_fair_share},
                  {"komi_relabel_share", settings->komi_relabel_share},
                  {"start_fair_share", settings->start_fair_share}};
    for (size_t i = 0; i < G_N_ELEMENTS(shares); i++)
        if (shares[i].share > 0 && !ops->komi)
            return settings_fail(error, "%s=%g: %s has no komi; set it to 0", shares[i].name, shares[i].share,
                                 ops->name);
    return true;
}

/* Settings that refine another one, which is off. */
static bool check_refinements(const struct settings *settings, GError **error)
{
    const struct {
        const char *name, *of;
        double value, of_value;
    } pairs[] = {{"start_surprise", "start_share", settings->start_surprise, settings->start_share},
                 {"start_fork", "start_share", settings->start_fork, settings->start_share},
                 {"start_fair_share", "start_share", settings->start_fair_share, settings->start_share},
                 {"visits_rows", "visits_final", (double)settings->visits_rows, (double)settings->visits_final}};
    for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++)
        if (pairs[i].value > 0 && pairs[i].of_value <= 0)
            return settings_fail(error, "%s=%g has no effect without %s; set that, too", pairs[i].name, pairs[i].value,
                                 pairs[i].of);
    return true;
}

static bool check(const struct settings *settings, const struct list *sizes, const struct game *games, int count,
                  GError **error)
{
    struct list rules;
    struct game variant;
    const struct game_ops *ops = games[0].ops;
    if (!read_list(&rules, "rules", settings->rules, SETTINGS_MAX_RULES, error))
        return false;
    for (int i = 0; i < count; i++)
        for (int k = 0; k < rules.count; k++)
            if (!make_variant(settings, &games[i], rules.name[k], &variant, error)) {
                g_prefix_error(error, "rules=%s: ", settings->rules);
                return false;
            }
    if (sizes->shares && settings->largest_share > 0)
        return settings_fail(
            error, "sizes=%s gives shares, and so does largest_share=%g; set largest_share=0, or leave out the shares",
            settings->sizes, settings->largest_share);
    if (settings->handicap_share > 0 && !ops->handicap)
        return settings_fail(error, "handicap_share=%g: %s has no handicap; set it to 0", settings->handicap_share,
                             ops->name);
    if (!check_komi(settings, ops, error) || !check_refinements(settings, error))
        return false;
    if (!*settings->against && (settings->against_share < 1 || settings->against_visits > 1))
        return settings_fail(error, "%s has no effect without an opponent; name one with --against, or remove the setting",
                             settings->against_share < 1 ? "against_share" : "against_visits");
    if (*settings->against && settings->deterministic)
        return settings_fail(
            error,
            "against=%s: the opponent grows stronger by how the run fares, which deterministic runs do not "
            "support; remove one of them",
            settings->against);
    if (*settings->against && settings->against_visits_final < settings->against_visits)
        return settings_fail(error, "against_visits_final=%d is less than against_visits=%d; raise it",
                             (int)settings->against_visits_final, (int)settings->against_visits);
    if (settings->memory_share > 0 && !*settings->memory)
        return settings_fail(error, "memory_share=%g needs a file of memories: set memory=FILE",
                             settings->memory_share);
    if (settings->memory_share > 0 && settings->deterministic)
        return settings_fail(error,
                             "memory_share=%g: the file changes, so that a deterministic run cannot be repeated; "
                             "set memory_share=0",
                             settings->memory_share);
    if (settings->max_memory > 0 && settings->deterministic)
        return settings_fail(error,
                             "max_memory=%" G_GINT64_FORMAT
                             ": what a process takes differs, so that a deterministic run cannot be "
                             "repeated; set window instead, with window_beta=0",
                             settings->max_memory);
    if (settings->komi_fair_share + settings->komi_wide_share > 1)
        return settings_fail(error, "komi_fair_share=%g and komi_wide_share=%g exceed 1; reduce one of them",
                             settings->komi_fair_share, settings->komi_wide_share);
    return true;
}

int settings_games(const struct settings *settings, struct game games[SETTINGS_MAX_GAMES], GError **error)
{
    struct list sizes;
    if (!read_list(&sizes, "sizes", settings->sizes, SETTINGS_MAX_GAMES, error))
        return 0;
    int count = parse_games(settings, &sizes, games, error);
    for (int i = 0; i < count; i++)
        centre_komi(settings, &games[i]);
    return count && check(settings, &sizes, games, count, error) && check_techniques(settings, error) ? count : 0;
}

void settings_game_shares(const struct settings *settings, const struct game *games, int count,
                          double shares[SETTINGS_MAX_GAMES])
{
    struct list sizes;
    bool read = read_list(&sizes, "sizes", settings->sizes, SETTINGS_MAX_GAMES, NULL);
    int largest = 0;
    for (int i = 0; i < count; i++) {
        shares[i] = read && sizes.count == count ? sizes.share[i] : 1;
        if (games[i].points > games[largest].points)
            largest = i;
    }
    if (settings->largest_share > 0 && count > 1)
        for (int i = 0; i < count; i++)
            shares[i] = i == largest ? settings->largest_share : (1 - settings->largest_share) / (count - 1);
    normalise(shares, count);
}

int settings_rules(const struct settings *settings, const struct game *game, struct game variants[SETTINGS_MAX_RULES],
                   double shares[SETTINGS_MAX_RULES])
{
    struct list rules;
    bool read = read_list(&rules, "rules", settings->rules, SETTINGS_MAX_RULES, NULL);
    g_assert(read); /* settings_games has checked them */
    if (!rules.count) {
        rules.count = 1;
        rules.share[0] = 1;
    }
    for (int i = 0; i < rules.count; i++) {
        bool made = make_variant(settings, game, rules.name[i][0] ? rules.name[i] : NULL, &variants[i], NULL);
        g_assert(made);
        shares[i] = rules.share[i];
    }
    normalise(shares, rules.count);
    return rules.count;
}
