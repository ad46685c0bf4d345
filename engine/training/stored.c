#include "engine/training/stored.h"

#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "engine/store/store.h"
#include "engine/training/learner.h"
#include "engine/training/progress.h"
#include "engine/training/reporter.h"
#include "engine/training/training.h"
#include "engine/training/training_internal.h"
#include "games/game.h"
#include "net/train.h"

bool stored_games_is_held_out(const struct stored_games *stored, uint64_t number)
{
    return (double)rng_mix(number ^ 0x68656c64u /* "held" */) < stored->held_out * 0x1p64;
}

bool stored_games_load(const struct stored_games *stored, const struct game *games, int game_count, int64_t rows,
                       int64_t bytes, bool held_out, GPtrArray **out, GError **error)
{
    *out = NULL;
    GPtrArray *all;
    const struct store_range range = {.before = stored->before, .rows = rows, .bytes = bytes};
    if (!store_load_range(stored->store, &range, games, game_count, &all, error))
        return false;
    *out = g_ptr_array_new_with_free_func((GDestroyNotify)record_unref);
    for (guint i = 0; i < all->len; i++) {
        struct record *record = all->pdata[i];
        if (stored_games_is_held_out(stored, record->number) == held_out)
            g_ptr_array_add(*out, record_ref(record));
    }
    g_ptr_array_unref(all);
    return true;
}

/* ---- the loop ---- */

struct session {
    const struct training_options *options;
    struct training_signals *signals;
    struct learner *learner;
    double began, saved; /* by training_limited_clock; of the newest checkpoint by training_clock */
    struct training_tally tally;
    struct training_reporter reporter;
    enum training_end end;
};

static double used(const struct session *s)
{
    return training_limited_clock(s->options) - s->began;
}

static bool is_over(struct session *s)
{
    const struct training_options *options = s->options;
    training_notice_stops();
    if (options->steps && learner_steps(s->learner) >= options->steps)
        s->end = TRAINING_STEPS;
    else if (options->seconds > 0 && used(s) >= options->seconds)
        s->end = TRAINING_TIME;
    else if (options->generations && learner_at(s->learner)->generation >= options->generations)
        s->end = TRAINING_GENERATIONS;
    else if (training_signals_wait(s->signals, 0))
        s->end = TRAINING_INTERRUPTED;
    else
        return false;
    return true;
}

static void report(struct session *s)
{
    s->tally.now.generation = learner_at(s->learner)->generation;
    training_tally_learner(&s->tally, s->learner);
    training_report(&s->reporter, training_tally_take(&s->tally), 0);
}

static bool checkpoint(struct session *s, GError **error)
{
    s->saved = training_clock();
    if (!learner_checkpoint(s->learner, used(s), NULL, 0, error))
        return false;
    training_announce_checkpoint(s->options, learner_at(s->learner));
    return true;
}

static bool step(struct session *s, GError **error)
{
    struct net_losses losses;
    double schedule = training_schedule(s->options, used(s), learner_steps(s->learner));
    if (!learner_step(s->learner, schedule, s->options->threads, false, &losses, error))
        return false;
    loss_sums_add(&s->tally.losses, &losses);
    if (training_report_due(&s->reporter))
        report(s);
    bool due = learner_steps(s->learner) - learner_at(s->learner)->steps >= s->options->settings->generation_steps &&
               training_clock() - s->saved >= training_checkpoint_interval(s->options->settings, s->learner);
    return !due || checkpoint(s, error);
}

/* The limits apply to training alone: reading and unpacking the games takes every arm of a comparison the same time. */
static bool open_session(struct session *s, GError **error)
{
    const struct learner_config config = training_learner_config(s->options, 0);
    struct store_counts counts;
    if (learner_create(&s->learner, &config, error) != 0 ||
        !store_count_before(s->options->data->store, s->options->data->before, &counts, error))
        return false;
    if (learner_window_rows(s->learner) == 0)
        return settings_fail(error, "%s has no training rows for %s; name a run that has games of it",
                             store_folder(s->options->data->store), s->options->settings->game);
    s->tally.now.games = counts.games;
    s->tally.now.positions = counts.plies;
    s->began = training_limited_clock(s->options);
    s->saved = training_clock();
    training_reporter_begin(&s->reporter, s->options, s->saved, &s->tally.now);
    return true;
}

static bool train(struct session *s, GError **error)
{
    while (!is_over(s))
        if (!step(s, error))
            return false;
    report(s);
    training_reporter_end(&s->reporter);
    return learner_steps(s->learner) == learner_at(s->learner)->steps || checkpoint(s, error);
}

enum training_end training_run_stored(const struct training_options *options, GError **error)
{
    struct session s = {.options = options, .signals = training_signals_take(options->stop)};
    if (!open_session(&s, error) || !train(&s, error))
        s.end = TRAINING_FAILED;
    learner_close(s.learner);
    training_signals_give_back(s.signals);
    return s.end;
}
