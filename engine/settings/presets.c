/* The presets of a run's settings for each game, and what follows from them on boards of other sizes. */
#include <math.h>

#include "engine/settings/settings.h"
#include "engine/settings/settings_internal.h"
#include "games/game.h"
#include "net/train.h"

void settings_preset_optimiser(struct settings *settings)
{
    const struct net_optimiser_preset *preset = &net_optimiser_presets[settings->optimiser];
    if (!settings->rate_given)
        settings->rate = settings->from[0] ? preset->rate / 3 : preset->rate;
    if (!settings->weight_decay_given)
        settings->weight_decay = preset->weight_decay;
}

bool settings_is_tiny(const struct game *game)
{
    return game->points <= 16;
}

/* All rows of a game share its outcome, and a net that is trained on few games memorises them within two passes: at first_rows
 * all rows so far are trained on at once, samples_per_row times. A net
 * that knows nothing gains by it all the same; one that was trained loses what it knew. */
void settings_preset_replay(struct settings *settings)
{
    struct game game;
    if (!game_parse(&game, settings->game, NULL))
        return;
    const bool tiny = settings_is_tiny(&game), trained = settings->from[0] && !tiny;
    if (!settings->window_given)
        settings->window = tiny ? 5000 : trained ? 300000 : game.points <= 100 ? 20000 : 50000;
    if (!settings->first_rows_given)
        settings->first_rows = tiny ? 500 : trained ? 150000 : 2000;
    if (!settings->samples_per_row_given)
        settings->samples_per_row = tiny ? 8 : trained ? 2 : 6;
    if (!settings->samples_floor_given)
        settings->samples_floor = trained ? 1 : 2;
}

/* A net that knows nothing learns most by trying many moves. For a trained one, a value from a single visit says less than its policy:
 * acceptance_teacher measures how far the searches improve on it. */
void settings_preset_searches(struct settings *settings)
{
    struct game game;
    if (!game_parse(&game, settings->game, NULL))
        return;
    const bool tiny = settings_is_tiny(&game), trained = settings->from[0] && !tiny;
    if (!settings->considered_given)
        settings->considered = tiny ? 8 : trained ? CLAMP(settings->visits / 4, 4, 16) : 16;
    if (!settings->tree_reuse_given)
        settings->tree_reuse = trained;
}

/* A komi other than the preset or the fair one was chosen deliberately: it stays the centre. */
static bool is_komi_standard(const struct game *game)
{
    const struct game_komi *komi = game->ops->komi;
    int even;
    return game_komi(game) == game->ops->options[komi->option].preset ||
           (komi->even(game, &even) && game_komi(game) == even);
}

static void preset_komi(struct settings *settings, const struct game *game)
{
    if (!game->ops->komi)
        return;
    settings->komi_stdev = 1;
    settings->komi_even = is_komi_standard(game);
    settings->komi_wide_share = 0.06;
    settings->komi_wide_stdev = 12;
}

static const char *preset_net(const struct game *game)
{
    if (settings_is_tiny(game))
        return "2x32";
    if (game->points <= 64)
        return "4x48";
    return game->points <= 121 ? "5x64" : "6x96";
}

static int64_t preset_max_plies(const struct game *game)
{
    return game->learning_plies ? MIN(game->max_plies, game->learning_plies) : game->max_plies;
}

static int64_t preset_sample_plies(const struct game *game)
{
    return MAX(game->width, game->height);
}

static double preset_horizon(int points)
{
    return 2 + points / 16.0;
}

void settings_presets(struct settings *settings, const struct game *game)
{
    const struct game_learning *learning = &game->ops->traits.learning;
    bool tiny = settings_is_tiny(game);
    *settings = (struct settings){
        .visits = 16,
        .fast_visits = 8,
        .full_share = 1,
        .value_scale = 1,
        .opening_plies = tiny ? 3 : learning->opening_plies,
        .opening_uniform = tiny ? 1 : learning->opening_uniform,
        .opening_balance = tiny || !learning->opening_balance ? 1 : learning->opening_balance,
        .sample_plies = preset_sample_plies(game),
        .temperature = 1,
        /* If correct play always draws, only mistakes show which moves set problems for the opponent. */
        .random_moves = tiny ? 0.1 : 0,
        .handicap_fair_share = 0.5,
        .against_share = 1,
        .against_visits = 1,
        .against_visits_final = 64,
        .against_rationality = 10,
        .improved_value = 1,
        .decided = 1,
        .decided_full = 0.25,
        .cleanup = 1,
        .max_plies = preset_max_plies(game),
        .window_alpha = 0.75,
        .window_beta = 0.4,
        .batch = 128,
        .rate_end = 0.1,
        .warmup = 100,
        .average_decay = tiny ? 0.99 : 0.998,
        .generation_steps = tiny ? 50 : 100,
        .generation_seconds = 4,
        .horizon = preset_horizon(game->points),
        .round_games = 16,
        .ladder_share = 0.03,
        .ladder_visits = 64,
    };
    settings_preset_optimiser(settings);
    preset_komi(settings, game);
    game_format(game, settings->game);
    settings_preset_replay(settings);
    settings_preset_searches(settings);
    g_strlcpy(settings->net, preset_net(game), sizeof settings->net);
    g_strlcpy(settings->features, game_features_newest(game)->name, sizeof settings->features);
}

static int64_t grow(int64_t value, int64_t preset, int64_t own_preset)
{
    return preset > own_preset ? llround((double)value * (double)preset / (double)own_preset) : value;
}

struct settings_lengths settings_lengths(const struct settings *settings, const struct game *game)
{
    struct game own;
    struct settings_lengths lengths = {settings->max_plies, settings->sample_plies};
    if (!game_parse(&own, settings->game, NULL))
        return lengths;
    lengths.max_plies = grow(lengths.max_plies, preset_max_plies(game), preset_max_plies(&own));
    lengths.sample_plies = grow(lengths.sample_plies, preset_sample_plies(game), preset_sample_plies(&own));
    return lengths;
}

double settings_horizon(const struct settings *settings, struct game_shape shape)
{
    struct game own;
    int points = shape.width * shape.height;
    if (!game_parse(&own, settings->game, NULL) || points <= own.points)
        return settings->horizon;
    return settings->horizon * preset_horizon(points) / preset_horizon(own.points);
}

double settings_floor_samples(const struct settings *settings)
{
    return fmin(settings->samples_floor, settings->samples_per_row);
}
