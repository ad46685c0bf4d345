/* The settings of a lab's arms, and what is kept of them. */
#include "engine/lab/plan.h"

#include <string.h>

#include "agents/net_path.h"
#include "engine/match/openings.h"
#include "engine/training/first_net.h"
#include "net/net.h"

/* Arms that differ in a setting without effect would be trained alike, and be reported as a comparison. */
static bool set_one(const struct lab_plan *plan, const struct lab_setting *setting, struct settings *settings,
                    GError **error)
{
    if (plan->keys.kind == LAB_SAME_DATA && settings_is_of_self_play(setting->name))
        return settings_fail(error, "%s has no effect with kind: same-data, where nothing is played; remove it",
                             setting->name);
    if (settings_is_of_measurement(setting->name))
        return settings_fail(error, "%s has no effect in a lab, which compares the nets itself; remove it",
                             setting->name);
    if (strcmp(setting->name, "against") == 0)
        return settings_fail(error, "against is not for labs, whose arms are measured against each other; remove it");
    return settings_set(settings, setting->name, setting->value, error);
}

static bool apply(const struct lab_plan *plan, const GArray *given, struct settings *settings, GError **error)
{
    for (guint i = 0; i < given->len; i++) {
        const struct lab_setting *setting = &g_array_index(given, struct lab_setting, i);
        GError *why = NULL;
        if (set_one(plan, setting, settings, &why))
            continue;
        yaml_place_fail(plan->file, setting->place, error, "%s", why->message);
        g_clear_error(&why);
        return false;
    }
    return true;
}

static bool set_common(const struct lab_plan *plan, const char *name, const char *value, struct settings *settings,
                       GError **error)
{
    GError *why = NULL;
    if (!value || settings_set(settings, name, value, &why))
        return true;
    yaml_place_fail(plan->file, lab_plan_where(plan, name), error, "%s", why->message);
    g_clear_error(&why);
    return false;
}

static bool settle_arm(const struct lab_plan *plan, const struct game *game, struct lab_arm *arm, GError **error)
{
    struct settings *settings = &arm->settings;
    char preset[NET_TRUNK_MAX];
    GError *why = NULL;
    settings_presets(settings, game);
    g_strlcpy(preset, settings->net, sizeof preset);
    settings->seed = plan->seeds[0];
    if (!set_common(plan, "sizes", plan->keys.sizes, settings, error) ||
        !set_common(plan, "from", plan->keys.from, settings, error) || !apply(plan, plan->shared, settings, error) ||
        !apply(plan, arm->given, settings, error))
        return false;
    bool good = first_net_settle(settings, game, preset, &why) &&
                (arm->game_count = settings_games(settings, arm->games, &why)) > 0 &&
                first_net_check(NULL, settings, &arm->games[0], NET_BACKEND_FAST, NET_AUTO, &why);
    if (!good)
        yaml_place_fail(plan->file, arm->place, error, "arm %s: %s", arm->name, why->message);
    g_clear_error(&why);
    return good;
}

bool lab_plan_settle(struct lab_plan *plan, GError **error)
{
    struct game game;
    GError *why = NULL;
    if (!game_parse(&game, plan->keys.game, &why)) {
        yaml_place_fail(plan->file, lab_plan_where(plan, "game"), error, "%s", why->message);
        g_clear_error(&why);
        return false;
    }
    for (int i = 0; i < plan->arm_count; i++)
        if (!settle_arm(plan, &game, &plan->arms[i], error))
            return false;
    return true;
}

struct settings lab_plan_settings(const struct lab_plan *plan, int arm, int seed)
{
    struct settings settings = plan->arms[arm].settings;
    settings.seed = plan->seeds[seed];
    return settings;
}

/* ---- description ---- */

char *lab_describe_settings(const GArray *given)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < given->len; i++) {
        const struct lab_setting *setting = &g_array_index(given, struct lab_setting, i);
        g_string_append_printf(text, "%s%s=%s", i ? " " : "", setting->name, setting->value);
    }
    return g_string_free(text, FALSE);
}

char *lab_arm_describe(const struct lab_arm *arm)
{
    return lab_describe_settings(arm->given);
}

static void add(GPtrArray *names, GPtrArray *values, const char *name, char *value)
{
    g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_add(values, value ? value : g_strdup(""));
}

/* A run's best net changes as it is trained, so that its name does not identify it. */
static char *sum_of_start(const struct lab_plan *plan)
{
    const struct game *game = &plan->arms[0].games[0];
    char *path = plan->keys.from ? net_path_find(plan->keys.from, game->ops->name, NULL) : NULL;
    char *sum = path ? match_net_sum(path, NULL) : NULL;
    if (sum)
        sum[16] = '\0';
    g_free(path);
    return sum;
}

static char *join_seeds(const struct lab_plan *plan)
{
    GString *text = g_string_new(NULL);
    for (int i = 0; i < plan->seed_count; i++)
        g_string_append_printf(text, "%s%" G_GINT64_FORMAT, i ? ", " : "", plan->seeds[i]);
    return g_string_free(text, FALSE);
}

static char *join_texts(const GPtrArray *texts)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < texts->len; i++)
        g_string_append_printf(text, "%s%s", i ? " " : "", (const char *)texts->pdata[i]);
    return g_string_free(text, FALSE);
}

static void describe_arms(const struct lab_plan *plan, GPtrArray *names, GPtrArray *values)
{
    GString *arms = g_string_new(NULL);
    for (int i = 0; i < plan->arm_count; i++) {
        char *name = g_strdup_printf("arm %s", plan->arms[i].name);
        g_string_append_printf(arms, "%s%s", i ? ", " : "", plan->arms[i].name);
        add(names, values, name, lab_arm_describe(&plan->arms[i]));
        g_free(name);
    }
    add(names, values, "arms", g_string_free(arms, FALSE));
}

void lab_plan_describe(const struct lab_plan *plan, GPtrArray *names, GPtrArray *values)
{
    const struct lab_keys *keys = &plan->keys;
    const struct lab_compare *compare = &plan->compare;
    bool stored = keys->kind == LAB_SAME_DATA;
    add(names, values, "kind", g_strdup(stored ? "same-data" : "loop"));
    add(names, values, "game", g_strdup(plan->arms[0].settings.game));
    add(names, values, "sizes", g_strdup(keys->sizes));
    add(names, values, "from", g_strdup(keys->from));
    add(names, values, "net that from names", sum_of_start(plan));
    add(names, values, "data", g_strdup(keys->data));
    add(names, values, "held-out", stored ? g_strdup_printf("%g", keys->held_out) : NULL);
    add(names, values, "slices", g_strdup_printf("%" G_GINT64_FORMAT, keys->slices));
    add(names, values, "seeds", join_seeds(plan));
    add(names, values, "budget",
        plan->seconds > 0 ? g_strdup_printf("%g s", plan->seconds)
                          : g_strdup_printf("%" G_GINT64_FORMAT " steps", plan->budget.steps));
    add(names, values, "settings", lab_describe_settings(plan->shared));
    describe_arms(plan, names, values);
    add(names, values, "compare games", g_strdup_printf("%" G_GINT64_FORMAT, compare->games));
    add(names, values, "compare visits", g_strdup_printf("%" G_GINT64_FORMAT, compare->visits));
    add(names, values, "compare time", g_strdup_printf("%" G_GINT64_FORMAT " ms", compare->time_ms));
    add(names, values, "compare game", g_strdup(compare->game));
    add(names, values, "compare openings", g_strdup(compare->openings));
    add(names, values, "compare opening-plies", g_strdup_printf("%" G_GINT64_FORMAT, compare->opening_plies));
    add(names, values, "compare anchors", join_texts(compare->anchors));
    add(names, values, "compare efforts", join_texts(compare->efforts));
}
