#include "engine/settings/settings.h"
#include "engine/settings/settings_internal.h"

#include <math.h>
#include <string.h>

#include "games/option.h"
#include "net/train.h"

GQuark settings_error_quark(void)
{
    return g_quark_from_static_string("settings-error-quark");
}

bool settings_fail(GError **error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_propagate_error(error, g_error_new_valist(SETTINGS_ERROR, SETTINGS_ERROR_VALUE, format, arguments));
    va_end(arguments);
    return false;
}

/* Row flags: cannot change once the run exists; has no effect where nothing is played; of the games that measure strength. */
enum { FIXED = 1, SELF_PLAY = 2, MEASUREMENT = 4 };

#define AT(member) offsetof(struct settings, member)
#define TEXT_ROW(name, text)                                                                                           \
    {                                                                                                                  \
#name, OPTION_TEXT, AT(name), 0, sizeof((struct settings *)0)->name, .help = text, .flags = FIXED              \
    }
#define WHOLE_ROW(name, min, max, of, text)                                                                            \
    {                                                                                                                  \
#name, OPTION_WHOLE, AT(name), min, max, .help = text, .flags = of                                             \
    }
#define REAL_ROW(name, min, max, of, text)                                                                             \
    {                                                                                                                  \
#name, OPTION_REAL, AT(name), min, max, .help = text, .flags = of                                              \
    }

/* Settings added later whose presets would change the behaviour of older runs: `before` is their value there. */
#define LATER_TEXT_ROW(name, value, text)                                                                              \
    {                                                                                                                  \
#name, OPTION_TEXT, AT(name), 0, sizeof((struct settings *)0)->name, .help = text, .flags = FIXED,             \
                                                                             .before = value                           \
    }
#define LATER_WHOLE_ROW(name, min, max, value, of, text)                                                               \
    {                                                                                                                  \
#name, OPTION_WHOLE, AT(name), min, max, .help = text, .flags = of, .before = value                            \
    }
#define LATER_REAL_ROW(name, min, max, value, of, text)                                                                \
    {                                                                                                                  \
#name, OPTION_REAL, AT(name), min, max, .help = text, .flags = of, .before = value                             \
    }

static const struct option_row rows[] = {
    TEXT_ROW(game, "game spec"),
    TEXT_ROW(sizes, "board sizes with optional shares, e.g. 7,9:4,13:2; empty: the game's own"),
    TEXT_ROW(net, "network shape, e.g. 4x48"),
    {"rules", OPTION_TEXT, AT(rules), 0, sizeof((struct settings *)0)->rules, .before = "", .flags = SELF_PLAY,
     .help =
         "rule sets with optional shares, and +OPTION=VALUE, e.g. chinese:2,japanese+ko=simple; empty: the game's own"},
    LATER_TEXT_ROW(features, "", "input features of the net, e.g. go-v2; empty: the game's first"),
    TEXT_ROW(from, "initial net: default, a weights file or a run; empty: random weights"),
    WHOLE_ROW(seed, 0, 9e15, FIXED, "random seed"),
    WHOLE_ROW(deterministic, 0, 1, FIXED | SELF_PLAY,
              "1: games and steps alternate in one thread, bitwise reproducible"),
    WHOLE_ROW(visits, 2, 100000, SELF_PLAY, "visits per self-play search"),
    LATER_WHOLE_ROW(
        visits_final, 0, 100000, "0", SELF_PLAY,
        "visits at the session's deadline, growing by a constant factor from visits at its start; 0: constant"),
    LATER_WHOLE_ROW(
        visits_rows, 0, 9e15, "0", SELF_PLAY,
        "rows of the run after which visits_final is reached, instead of at the deadline; 0: at the deadline"),
    WHOLE_ROW(fast_visits, 2, 100000, SELF_PLAY, "visits per fast search (with full_share below 1)"),
    REAL_ROW(full_share, 0.01, 1, SELF_PLAY, "fraction of searches that are full and yield training rows"),
    WHOLE_ROW(considered, 2, 400, SELF_PLAY, "moves considered in sequential halving"),
    REAL_ROW(value_scale, 0.01, 10, SELF_PLAY, "weight of Q values in the improved policy (Gumbel c_scale)"),
    LATER_REAL_ROW(score, 0, 10, "0", SELF_PLAY,
                   "weight of the expected margin beside the win probability in the searches of games with points"),
    WHOLE_ROW(tree_reuse, 0, 1, SELF_PLAY, "1: reuse the subtree between moves"),
    LATER_WHOLE_ROW(threats, 0, 1, "0", SELF_PLAY,
                    "1: searches look for wins by threats (Gomoku: fours), and a forced reply gets one visit"),
    REAL_ROW(largest_share, 0, 1, SELF_PLAY, "with several board sizes: fraction of games on the largest; 0: uniform"),
    LATER_REAL_ROW(komi_stdev, 0, 100, "0", SELF_PLAY,
                   "standard deviation of komi, points; doubled up to 7x7; 0: fixed komi"),
    LATER_WHOLE_ROW(komi_even, 0, 1, "0", SELF_PLAY,
                    "1: centre komi on the fair value for each board size, not the game's own"),
    LATER_REAL_ROW(komi_wide_share, 0, 1, "0", SELF_PLAY,
                   "fraction of games with komi_wide_stdev instead of komi_stdev"),
    LATER_REAL_ROW(
        komi_wide_stdev, 0, 100, "0", SELF_PLAY,
        "standard deviation of komi in those games, points on any size; komi is capped at the board's points"),
    LATER_WHOLE_ROW(komi_wide_scaled, 0, 1, "0", SELF_PLAY,
                    "1: komi_wide_stdev is for a board of side 9 and in proportion to the side on others"),
    LATER_REAL_ROW(komi_fair_share, 0, 1, "0", SELF_PLAY,
                   "fraction of games whose komi makes the opening even, by the net's value"),
    LATER_REAL_ROW(handicap_share, 0, 1, "0", SELF_PLAY,
                   "fraction of games with handicap stones, 2 to the board's maximum"),
    LATER_REAL_ROW(handicap_fair_share, 0, 1, "0", SELF_PLAY,
                   "fraction of the handicap games whose komi makes up for the stones, by the net's value"),
    LATER_WHOLE_ROW(cleanup, 0, 1, "0", SELF_PLAY,
                    "1: where players would agree on dead stones (territory scoring), a cleanup phase decides"),
    LATER_REAL_ROW(weak_share, 0, 1, "0", SELF_PLAY, "fraction of games in which one side makes only fast searches"),
    LATER_WHOLE_ROW(improved_value, 0, 1, "0", SELF_PLAY,
                    "1: the value after a search is that of the improved policy; 0: the mean over its visits"),
    LATER_REAL_ROW(
        decided, 0.5, 1, "1", SELF_PLAY,
        "value (-1 to 1) from which the game counts as decided if the last two searches of both sides agree; 1: never"),
    LATER_REAL_ROW(decided_full, 0, 1, "0.25", SELF_PLAY,
                   "fraction of searches that are full where the game is decided"),
    {"memory", OPTION_TEXT, AT(memory), 0, sizeof((struct settings *)0)->memory, .before = "", .flags = SELF_PLAY,
     .help = "file of memories of lost games: see tengen memory"},
    LATER_REAL_ROW(memory_share, 0, 1, "0", SELF_PLAY,
                   "fraction of games that begin at one of them, until the net judges it right; it is then forgotten"),
    {"against", OPTION_TEXT, AT(against), 0, sizeof((struct settings *)0)->against, .before = "",
     .flags = FIXED | SELF_PLAY,
     .help = "a fixed opponent to learn to beat: default, a weights file or a run; empty: none"},
    LATER_REAL_ROW(against_share, 0, 1, "1", SELF_PLAY, "fraction of the games that are played against it"),
    LATER_WHOLE_ROW(
        against_visits, 1, 100000, "1", SELF_PLAY,
        "visits of its searches, which double whenever the run wins more than half of its games against it"),
    LATER_WHOLE_ROW(against_visits_final, 1, 100000, "64", SELF_PLAY, "visits of its searches at most"),
    LATER_REAL_ROW(against_rationality, 0, 1000, "0", SELF_PLAY,
                   "how far its expected policy is shifted towards moves of higher value; 0: not at all"),
    LATER_REAL_ROW(start_share, 0, 1, "0", SELF_PLAY,
                   "fraction of games that begin at a position of one of the run's latest games"),
    LATER_REAL_ROW(start_surprise, 0, 1, "0", SELF_PLAY,
                   "fraction of those positions that are drawn in proportion to how much the search there surprised the net"),
    LATER_REAL_ROW(start_fork, 0, 1, "0", SELF_PLAY,
                   "fraction of the games from such positions that play another move there than the earlier game"),
    LATER_REAL_ROW(start_fair_share, 0, 1, "0", SELF_PLAY,
                   "fraction of the games from such positions whose komi makes the position even, by the net's value"),
    WHOLE_ROW(opening_plies, 0, 60, SELF_PLAY, "maximum number of opening plies played without search"),
    REAL_ROW(opening_uniform, 0, 1, SELF_PLAY,
             "fraction of opening plies that are uniformly random rather than sampled from the policy"),
    REAL_ROW(opening_balance, 0.01, 1, SELF_PLAY, "openings with an absolute value above this are redrawn; 1: never"),
    WHOLE_ROW(sample_plies, 0, 1000, SELF_PLAY,
              "searched plies at the start of a game that are sampled from the improved policy; more on boards larger "
              "than the game's own"),
    REAL_ROW(temperature, 0.05, 5, SELF_PLAY, "sampling temperature"),
    LATER_REAL_ROW(late_temperature, 0, 5, "0", SELF_PLAY,
                   "sampling temperature after sample_plies; 0: the search's own choice there, with its Gumbel noise"),
    REAL_ROW(random_moves, 0, 0.9, SELF_PLAY, "fraction of searched plies at which a random move is played instead"),
    WHOLE_ROW(max_plies, 1, 60000, SELF_PLAY,
              "length limit of a game, which is then scored; more on boards larger than the game's own"),
    LATER_REAL_ROW(
        komi_relabel_share, 0, 0.9, "0", 0,
        "fraction of the sampled rows of a game's last third that are trained with another komi, and the value "
        "and score that the margin then gives"),
    WHOLE_ROW(window, 100, 1e8, 0, "initial size of the replay window, rows; 300,000 with from"),
    REAL_ROW(window_alpha, 0.1, 1, 0, "growth of the replay window: exponent"),
    REAL_ROW(window_beta, 0, 1, 0, "growth of the replay window: slope"),
    LATER_REAL_ROW(surprise_weight, 0, 1, "0", 0,
                   "fraction of a game's weight in the replay window that goes to rows at which the search's policy "
                   "surprised the net"),
    LATER_REAL_ROW(surprise_value, 0, 1, "0", 0,
                   "the same for rows at which the search's value surprised the net; the two together at most 1"),
    WHOLE_ROW(first_rows, 1, 1e8, SELF_PLAY, "rows required before training starts; 150,000 with from"),
    WHOLE_ROW(batch, 1, 4096, 0, "batch size, rows"),
    REAL_ROW(samples_per_row, 0.1, 100, SELF_PLAY,
             "maximum number of times a row is trained on, on average; 2 with from"),
    REAL_ROW(samples_floor, 0.1, 100, SELF_PLAY,
             "minimum number of times a row is trained on: below it self-play waits for the trainer"),
    {"optimiser", OPTION_CHOICE, AT(optimiser), .choices = net_optimiser_names, .before = "sgd",
     .help =
         "sgd, adamw, or muon (with adamw for all but the trunk's convolutions); brings its own rate and weight_decay"},
    LATER_REAL_ROW(weight_decay, 0, 10, "0.0001", 0,
                   "decay of the weights per step as a fraction of the rate: preset 0.0001 (sgd), 0.01 (adamw, muon)"),
    REAL_ROW(rate, 1e-7, 10, 0, "peak learning rate: preset 0.015 (sgd), 0.002 (adamw, muon); a third of that with from"),
    REAL_ROW(rate_end, 0.001, 1, 0, "final learning rate as a fraction of the peak"),
    WHOLE_ROW(warmup, 0, 1e6, 0, "learning rate warm-up, steps"),
    REAL_ROW(average_decay, 0, 0.99999, 0, "decay per step of the weight average"),
    WHOLE_ROW(generation_steps, 1, 1e6, 0, "minimum number of steps between generations"),
    REAL_ROW(generation_seconds, 0, 1e5, 0, "minimum number of seconds between generations"),
    REAL_ROW(horizon, 1.01, 1000, 0,
             "horizon of the short-term value, plies; longer on boards larger than the game's own"),
    LATER_WHOLE_ROW(
        tally, 0, NET_TALLIES, "0", FIXED,
        "1: the score and value heads also read the sum of the map, and komi; 2: and how certain that sum is; "
        "a net that has a tally keeps it"),
    LATER_WHOLE_ROW(
        value_error, 0, 1, "0", FIXED,
        "1: the net learns by how much a search moves its value, which uncertainty= uses in play; a net that "
        "does keeps it"),
    LATER_WHOLE_ROW(
        head_experts, 0, NET_EXPERTS_MAX, "0", FIXED,
        "2 to 8: so many sets of the heads' dense layers, of which a position uses that for positions of its kind, "
        "such as a phase of the game; a net that has experts keeps them"),
    LATER_TEXT_ROW(horizons, "", "further horizons of short-term values to learn, plies, e.g. 6,16,50; empty: none"),
    LATER_REAL_ROW(value_search_mix, 0, 1, "0", 0,
                   "fraction of the value target that is the search's value rather than the game's outcome"),
    WHOLE_ROW(round_games, 1, 1e6, SELF_PLAY, "with deterministic=1: games per round"),
    LATER_WHOLE_ROW(
        max_memory,
        0, 1e7, "0", 0,
        "memory that training may take, MB, with the replay window, trees and caches: the window keeps fewer rows; 0: "
        "no limit"),
    LATER_WHOLE_ROW(
        max_disk, 0, 1e8, "0", 0,
        "disk space of the run, MB: beyond it older games lose their training rows, and older nets go; 0: no limit"),
    LATER_REAL_ROW(
        ladder_share, 0, 0.5, "0", SELF_PLAY | MEASUREMENT,
        "fraction of the time for games that measure the run's strength; 0: none; without effect if deterministic=1"),
    LATER_WHOLE_ROW(ladder_visits, 1, 100000, "64", SELF_PLAY | MEASUREMENT, "visits of the net in those games"),
    {"rungs", OPTION_TEXT, AT(rungs), 0, sizeof((struct settings *)0)->rungs, .before = "",
     .flags = SELF_PLAY | MEASUREMENT,
     .help = "agents that those games are played against, separated by semicolons; the one that plays first has 0 Elo; "
             "empty: "
             "rollout:1000;random;rollout:100 and the net that ships; with from: start, which is that net, the one "
             "that ships, and "
             "rollout:1000"},
    {.name = NULL},
};

static const struct option_row *find(const char *name)
{
    return option_find(rows, name, strlen(name));
}

void settings_forget_given(struct settings *settings)
{
    settings->rate_given = settings->weight_decay_given = false;
    settings->samples_per_row_given = settings->samples_floor_given = false;
    settings->window_given = settings->first_rows_given = settings->tally_given = false;
    /* Presets that are only for a run that begins. */
    settings->considered_given = settings->tree_reuse_given = true;
}

bool settings_load(struct settings *settings, const char *name, const char *value, GError **error)
{
    const struct option_row *row = find(name);
    char *why = NULL;
    if (row && option_read(row, value, settings, &why))
        return true;
    why = row ? why : option_unknown(rows, "setting", name, 0);
    g_set_error_literal(error, SETTINGS_ERROR, SETTINGS_ERROR_VALUE, why);
    g_free(why);
    return false;
}

bool settings_set(struct settings *settings, const char *name, const char *value, GError **error)
{
    const struct {
        size_t offset;
        bool *given;
    } marks[] = {{AT(rate), &settings->rate_given},
                 {AT(weight_decay), &settings->weight_decay_given},
                 {AT(window), &settings->window_given},
                 {AT(first_rows), &settings->first_rows_given},
                 {AT(samples_per_row), &settings->samples_per_row_given},
                 {AT(samples_floor), &settings->samples_floor_given},
                 {AT(considered), &settings->considered_given},
                 {AT(tree_reuse), &settings->tree_reuse_given},
                 {AT(tally), &settings->tally_given}};
    const int optimiser = settings->optimiser;
    const int64_t visits = settings->visits;
    const bool started = settings->from[0];
    if (!settings_load(settings, name, value, error))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(marks); i++)
        if (find(name)->offset == marks[i].offset)
            *marks[i].given = true;
    const bool starts = settings->from[0];
    if (settings->optimiser != optimiser || starts != started)
        settings_preset_optimiser(settings);
    if (starts != started)
        settings_preset_replay(settings);
    if (starts != started || settings->visits != visits)
        settings_preset_searches(settings);
    return true;
}

char *settings_get(const struct settings *settings, const char *name)
{
    const struct option_row *row = find(name);
    g_assert(row);
    return option_write(row, settings);
}

void settings_each(void (*visit)(const char *name, bool fixed, const char *help, void *user), void *user)
{
    for (int i = 0; rows[i].name; i++)
        visit(rows[i].name, rows[i].flags & FIXED, rows[i].help, user);
}

bool settings_is_fixed(const char *name)
{
    const struct option_row *row = find(name);
    return row && row->flags & FIXED;
}

bool settings_is_of_self_play(const char *name)
{
    const struct option_row *row = find(name);
    return row && row->flags & SELF_PLAY;
}

bool settings_is_of_measurement(const char *name)
{
    const struct option_row *row = find(name);
    return row && row->flags & MEASUREMENT;
}

const char *settings_before(const char *name)
{
    const struct option_row *row = find(name);
    return row ? row->before : NULL;
}

int64_t settings_visits(const struct settings *settings, double progress)
{
    if (settings->visits_final <= 0)
        return settings->visits;
    const double first = (double)settings->visits, last = (double)settings->visits_final;
    return llrint(first * pow(last / first, CLAMP(progress, 0, 1)));
}

const char *settings_visits_text(const struct settings *settings, char text[SETTINGS_VISITS_TEXT])
{
    int length = g_snprintf(text, SETTINGS_VISITS_TEXT, "%" G_GINT64_FORMAT, settings->visits);
    if (settings->visits_final > 0)
        g_snprintf(text + length, (gulong)(SETTINGS_VISITS_TEXT - length), " to %" G_GINT64_FORMAT,
                   settings->visits_final);
    return text;
}

const struct game_features *settings_features(const struct settings *settings, const struct game *game, GError **error)
{
    const struct game_features *const *all = game->ops->features;
    GString *names = g_string_new(NULL);
    const struct game_features *found = NULL;
    for (int i = 0; all[i]; i++) {
        if (settings->features[0] ? strcmp(all[i]->name, settings->features) == 0 : !all[i + 1])
            found = all[i];
        g_string_append_printf(names, "%s%s", i ? ", " : "", all[i]->name);
    }
    if (!found)
        settings_fail(error, "features=%s: %s has %s", settings->features, game->ops->name, names->str);
    g_string_free(names, TRUE);
    return found;
}
