/* The settings of a run: presets, overridden by the run, then by the command line. */
#include <string.h>
#include <unistd.h>

#include "engine/commands/train/train.h"
#include "engine/settings/settings.h"
#include "engine/training/first_net.h"
#include "games/game.h"

struct change {
    struct settings *settings;
    const struct settings *before; /* of the run; NULL if new */
};

static bool change_setting(const struct change *change, const char *name, const char *value, const char *option,
                           GError **error)
{
    if (!settings_set(change->settings, name, value, error))
        return false;
    if (!change->before)
        return true;
    char *was = settings_get(change->before, name), *is = settings_get(change->settings, name);
    bool good = !settings_is_fixed(name) || strcmp(was, is) == 0 ||
                settings_fail(error, "%s conflicts with the run, which has %s=%s; remove it or give another RUN",
                              option, name, was);
    g_free(was);
    g_free(is);
    return good;
}

static bool change_number(const struct change *change, const char *name, gint64 value, const char *option,
                          GError **error)
{
    char text[32];
    g_snprintf(text, sizeof text, "%" G_GINT64_FORMAT, value);
    return value < 0 || change_setting(change, name, text, option, error);
}

static bool apply_sets(const struct change *change, char **set, GError **error)
{
    for (int i = 0; set && set[i]; i++) {
        char *equals = strchr(set[i], '=');
        if (!equals)
            return settings_fail(error, "--set %s: must be NAME=VALUE", set[i]);
        char *name = g_strndup(set[i], (gsize)(equals - set[i]));
        bool good = strcmp(name, "game") != 0 || settings_fail(error, "--set game: use --game instead");
        good = good && change_setting(change, name, equals + 1, "--set", error);
        g_free(name);
        if (!good)
            return false;
    }
    return true;
}

static bool apply_arguments(const struct train_arguments *a, const struct change *change, GError **error)
{
    return (!a->sizes || change_setting(change, "sizes", a->sizes, "--sizes", error)) &&
           (!a->net || change_setting(change, "net", a->net, "--net", error)) &&
           (!a->from || change_setting(change, "from", a->from, "--from", error)) &&
           (!a->against || change_setting(change, "against", a->against, "--against", error)) &&
           change_number(change, "seed", a->seed, "--seed", error) &&
           change_number(change, "visits", a->visits, "--visits", error) &&
           change_number(change, "round_games", a->games, "--games", error) &&
           (!a->deterministic || change_setting(change, "deterministic", "1", "--deterministic", error)) &&
           apply_sets(change, a->set, error);
}

bool train_make_settings(const struct train_arguments *a, const struct game *game, double seconds,
                         struct settings *settings, GError **error)
{
    settings_presets(settings, game);
    /* A large net learns too slowly in a short run. Where train_plan measures the machine, that decides instead. */
    if (seconds > 0 && seconds < 2 * 3600 && game->points > 64)
        g_strlcpy(settings->net, "4x48", sizeof settings->net);
    settings->seed = (int64_t)(rng_mix((uint64_t)g_get_real_time() ^ (uint64_t)getpid()) >> 12);
    struct change change = {settings, NULL};
    char *preset = g_strdup(settings->net);
    bool good = apply_arguments(a, &change, error) && first_net_settle(settings, game, preset, error);
    g_free(preset);
    return good;
}

bool train_resume_settings(const struct train_arguments *a, const struct game *game, struct settings *settings,
                           GError **error)
{
    char given[GAME_SPEC_MAX];
    if (a->game && strcmp(game_format(game, given), settings->game) != 0)
        return settings_fail(error, "this run is for %s, not %s; remove --game or give another RUN", settings->game,
                             given);
    struct settings before = *settings;
    struct change change = {settings, &before};
    return apply_arguments(a, &change, error);
}
