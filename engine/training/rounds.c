/* Deterministic training in rounds: N games, then all the steps that their rows allow, then a checkpoint, which is
 * committed in one transaction with the games. Every random stream is derived from the seed and the number of the game
 * or step, and the state at the start of a round is entirely in the store: a run that was killed and resumed arrives at
 * the same weights. The archive of positions at which games may begin holds the newest games of the store and the round.
 *
 * A single self-play worker drives the loop; the learner runs in its thread between two rounds, when the worker
 * requests the next game. If the job has other ranks, they play games of each round, too (shared_round.h). */
#include "engine/selfplay/selfplay.h"
#include "engine/selfplay/start.h"
#include "engine/selfplay/worker.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "engine/store/store.h"
#include "engine/training/learner.h"
#include "engine/training/progress.h"
#include "engine/training/recovery/disk.h"
#include "engine/training/reporter.h"
#include "engine/training/shared_round.h"
#include "engine/training/training.h"
#include "engine/training/training_internal.h"
#include "net/net.h"
#include "net/train.h"

struct rounds {
    const struct training_options *options;
    struct training_signals *signals;
    struct learner *learner;
    struct start_archive *starts; /* NULL: every game begins at the start of a game */
    struct shared_round *shared;  /* NULL: this process plays all games */
    GPtrArray *games;             /* of this round */
    double started, began;        /* by training_clock, and by training_limited_clock */
    double game_began;            /* by training_thread_clock */
    bool interrupted, round_open;
    struct disk_pause pause;
    struct training_tally tally;
    struct training_reporter reporter;
};

static double used(const struct rounds *rounds)
{
    return training_limited_clock(rounds->options) - rounds->began;
}

static bool over_time(const struct rounds *rounds)
{
    return rounds->options->seconds > 0 && used(rounds) >= rounds->options->seconds;
}

/* Also called before each training step. */
static bool before_move(void *user)
{
    struct rounds *rounds = user;
    training_notice_stops();
    rounds->interrupted = rounds->interrupted || training_signals_wait(rounds->signals, 0);
    rounds->interrupted = rounds->interrupted || (rounds->shared && shared_round_is_stopped(rounds->shared));
    return !rounds->interrupted && !over_time(rounds);
}

/* ---- end of a round ---- */

static void count_round(struct rounds *rounds)
{
    for (guint i = 0; i < rounds->games->len; i++)
        rounds->tally.now.positions += ((struct record *)rounds->games->pdata[i])->ply_count;
    rounds->tally.now.games += rounds->games->len;
    g_ptr_array_set_size(rounds->games, 0);
    training_announce_games(rounds->options, rounds->tally.now.games);
    training_announce_checkpoint(rounds->options, learner_at(rounds->learner));
}

static void report(struct rounds *rounds)
{
    rounds->tally.now.generation = learner_at(rounds->learner)->generation;
    training_tally_learner(&rounds->tally, rounds->learner);
    training_report(&rounds->reporter, training_tally_take(&rounds->tally), rounds->tally.evaluations);
    training_report_ranks(rounds->options, rounds->started);
}

static bool is_over(void *user)
{
    return !before_move(user);
}

/* Returns false if interrupted or failed; only a failure sets the error. */
static bool finish_round(struct rounds *rounds, GError **error)
{
    while (learner_credit(rounds->learner) >= (double)rounds->options->settings->batch) {
        struct net_losses losses;
        const bool proceed = before_move(rounds);
        const bool more = proceed && learner_credit(rounds->learner) >= 2.0 * (double)rounds->options->settings->batch;
        if ((!proceed && !learner_must_step(rounds->learner)) ||
            !learner_step(rounds->learner, 0, 1, more, &losses, error))
            return false;
        loss_sums_add(&rounds->tally.losses, &losses);
    }
    const double worked = training_worked(rounds->options, rounds->started, rounds->began);
    GError *problem = NULL;
    while (!learner_checkpoint(rounds->learner, worked, (struct record *const *)rounds->games->pdata,
                               (int)rounds->games->len, &problem)) {
        if (disk_wait(&rounds->pause, &problem, is_over, rounds))
            continue;
        g_propagate_error(error, problem);
        return false;
    }
    disk_written(&rounds->pause, rounds->options->store);
    disk_keep_budget(&rounds->pause, rounds->options->store, rounds->options->settings, learner_made(rounds->learner),
                     is_over, rounds);
    if (rounds->shared)
        shared_round_committed(rounds->shared);
    count_round(rounds);
    if (training_report_due(&rounds->reporter))
        report(rounds);
    return true;
}

/* ---- worker ops ---- */

static bool reached_generation(const struct rounds *rounds)
{
    int64_t limit = rounds->options->generations;
    return limit && learner_at(rounds->learner)->generation >= limit;
}

/* Only between two rounds: each makes all the steps that its games allow. */
static bool reached_steps(const struct rounds *rounds)
{
    return rounds->options->steps && learner_at(rounds->learner)->steps >= rounds->options->steps;
}

static void take_in(struct rounds *rounds, struct record *record, uint64_t evaluations)
{
    struct net_losses losses;
    g_ptr_array_add(rounds->games, record);
    if (rounds->starts)
        start_archive_add(rounds->starts, record);
    if (learner_judge(rounds->learner, record, &losses))
        loss_sums_add(&rounds->tally.unseen, &losses);
    learner_add(rounds->learner, record);
    progress_games_add(&rounds->tally.recent, record);
    rounds->tally.evaluations += evaluations;
}

/* Waits for the games that other ranks play. Returns false if interrupted or failed; only a failure sets the error. */
static bool finish_shared_round(struct rounds *rounds, GError **error)
{
    GPtrArray *games = NULL;
    uint64_t evaluations = 0;
    while (!games) {
        if (!before_move(rounds))
            return false;
        games = shared_round_wait(rounds->shared, 0.1, &evaluations);
    }
    for (guint i = 0; i < games->len; i++)
        take_in(rounds, record_ref(games->pdata[i]), i == 0 ? evaluations : 0);
    g_ptr_array_unref(games);
    return finish_round(rounds, error);
}

static void open_shared_round(struct rounds *rounds)
{
    const double progress = training_visits_schedule(rounds->options, used(rounds), learner_steps(rounds->learner),
                                                     learner_made(rounds->learner));
    rounds->tally.now.visits = settings_visits(rounds->options->settings, progress);
    shared_round_open(rounds->shared, learner_net(rounds->learner), learner_at(rounds->learner)->generation,
                      (uint64_t)rounds->tally.now.games, progress);
    rounds->round_open = true;
}

static bool next_shared_game(struct rounds *rounds, struct selfplay_assignment *next, GError **error)
{
    while (!rounds->round_open || !shared_round_next(rounds->shared, next)) {
        if (rounds->round_open && !finish_shared_round(rounds, error))
            return false;
        if (reached_generation(rounds) || reached_steps(rounds))
            return false;
        open_shared_round(rounds);
    }
    return true;
}

static bool next_own_game(struct rounds *rounds, struct selfplay_assignment *next, GError **error)
{
    const struct settings *settings = rounds->options->settings;
    if (rounds->games->len == settings->round_games && !finish_round(rounds, error))
        return false;
    next->number = (uint64_t)rounds->tally.now.games + rounds->games->len;
    next->seed = training_game_seed(settings, next->number);
    if (reached_generation(rounds) || reached_steps(rounds))
        return false;
    training_draw_start(NULL, rounds->starts, next);
    next->progress = training_visits_schedule(rounds->options, used(rounds), learner_steps(rounds->learner),
                                              learner_made(rounds->learner));
    rounds->tally.now.visits = settings_visits(settings, next->progress);
    return true;
}

static bool next_game(void *user, struct selfplay_assignment *next, GError **error)
{
    struct rounds *rounds = user;
    const bool found = rounds->shared ? next_shared_game(rounds, next, error) : next_own_game(rounds, next, error);
    rounds->game_began = training_thread_clock();
    return found;
}

/* The net changes only at a checkpoint, i.e. between two rounds. */
static bool take_net(void *user, const struct selfplay_net *in_use, struct selfplay_net *newest, GError **error)
{
    (void)error;
    const struct rounds *rounds = user;
    uint32_t generation = learner_at(rounds->learner)->generation;
    if (!in_use->net || in_use->generation != generation)
        *newest = (struct selfplay_net){.net = net_ref(learner_net(rounds->learner)), .generation = generation};
    return true;
}

static void hand_in(void *user, struct record *record, uint64_t evaluations)
{
    struct rounds *rounds = user;
    rounds->tally.now.self_play += training_thread_clock() - rounds->game_began;
    if (rounds->shared)
        shared_round_hand_in(rounds->shared, record, evaluations);
    else
        take_in(rounds, record, evaluations);
}

static const struct selfplay_worker_ops round_ops = {
    .next_game = next_game,
    .take_net = take_net,
    .hand_in = hand_in,
    .before_move = before_move,
};

/* ---- the run ---- */

static bool open_all(struct rounds *rounds, GError **error)
{
    const struct training_options *options = rounds->options;
    const struct learner_config learner = training_learner_config(options, 0);
    struct store_counts counts;
    if (learner_create(&rounds->learner, &learner, error) != 0 || !store_count(options->store, &counts, error) ||
        !training_open_starts(options, &rounds->starts, error))
        return false;
    rounds->tally.now.games = counts.games;
    rounds->tally.now.positions = counts.plies;
    if (options->cluster)
        rounds->shared = shared_round_new(options, rounds->starts);
    training_reporter_begin(&rounds->reporter, options, rounds->started, &rounds->tally.now);
    return true;
}

static enum training_end run(struct rounds *rounds, GError **error)
{
    const struct selfplay_config config = training_selfplay_config(rounds->options);
    if (selfplay_worker_run(&round_ops, rounds, &config, error) != 0)
        return TRAINING_FAILED;
    if (rounds->shared && shared_round_has_failed(rounds->shared, error))
        return TRAINING_FAILED;
    report(rounds);
    training_reporter_end(&rounds->reporter);
    if (reached_generation(rounds))
        return TRAINING_GENERATIONS;
    if (reached_steps(rounds))
        return TRAINING_STEPS;
    return rounds->interrupted ? TRAINING_INTERRUPTED : TRAINING_TIME;
}

enum training_end training_run_rounds(const struct training_options *options, GError **error)
{
    struct rounds rounds = {.options = options,
                            .signals = training_signals_take(options->stop),
                            .started = training_clock(),
                            .began = training_limited_clock(options)};
    if (options->cluster)
        training_signals_keep(rounds.signals);
    rounds.games = g_ptr_array_new_with_free_func((GDestroyNotify)record_unref);
    enum training_end end = open_all(&rounds, error) ? run(&rounds, error) : TRAINING_FAILED;
    shared_round_free(rounds.shared);
    g_ptr_array_unref(rounds.games);
    start_archive_free(rounds.starts);
    learner_close(rounds.learner);
    training_signals_give_back(rounds.signals);
    return end;
}
