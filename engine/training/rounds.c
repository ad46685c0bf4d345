/* Deterministic training: rounds of N games, then all the steps that these rows allow, then a checkpoint, which goes
 * into the store in one transaction with the games. Every random stream derives from the seed and the number of the
 * game or step, and all that a round begins with is in the store: a run that was killed goes on to the same weights. */
#include "engine/training/reporter.h"
#include "engine/training/training_internal.h"

struct rounds {
    const struct training_options *options;
    struct training_signals *signals;
    struct learner *learner;
    struct selfplay *worker;
    GPtrArray *games; /* of this round */
    double started;
    bool interrupted;
    struct training_tally tally;
    struct training_reporter reporter;
};

static bool over_time(const struct rounds *rounds)
{
    const struct training_options *options = rounds->options;
    return options->seconds > 0 && training_clock() - rounds->started >= options->seconds;
}

static bool before_move(void *user, struct selfplay *worker)
{
    (void)worker;
    struct rounds *rounds = user;
    rounds->interrupted = rounds->interrupted || training_signals_wait(rounds->signals, 0);
    return !rounds->interrupted && !over_time(rounds);
}

static bool open_all(struct rounds *rounds, GError **error)
{
    const struct training_options *options = rounds->options;
    const struct learner_config learner = training_learner_config(options, 0);
    struct store_counts counts;
    if (learner_create(&rounds->learner, &learner, error) != 0 || !store_count(options->store, &counts, error))
        return false;
    rounds->tally.now.games = counts.games;
    rounds->tally.now.positions = counts.plies;
    training_reporter_begin(&rounds->reporter, options, rounds->started, &rounds->tally.now);
    struct selfplay_config config = {.games = options->games,
                                     .game_count = options->game_count,
                                     .settings = options->settings,
                                     .net = learner_net(rounds->learner),
                                     .backend = options->backend,
                                     .dtype = options->dtype,
                                     .before_move = before_move,
                                     .user = rounds};
    return selfplay_create(&rounds->worker, &config, error) == 0;
}

/* False when the round was abandoned or something failed; a failure sets the error. */
static bool play_round(struct rounds *rounds, GError **error)
{
    const struct training_options *options = rounds->options;
    uint64_t number = (uint64_t)rounds->tally.now.games;
    if (selfplay_set_net(rounds->worker, learner_net(rounds->learner), learner_at(rounds->learner)->generation,
                         error) != 0)
        return false;
    for (int64_t i = 0; i < options->settings->round_games; i++, number++) {
        struct record *record = selfplay_play(rounds->worker, number, training_game_seed(options->settings, number));
        if (!record)
            return false;
        g_ptr_array_add(rounds->games, record);
        learner_add(rounds->learner, record);
        progress_games_add(&rounds->tally.recent, record);
    }
    while (learner_credit(rounds->learner) >= (double)options->settings->batch) {
        struct net_losses losses;
        if (!before_move(rounds, NULL) || !learner_step(rounds->learner, 0, &losses, error))
            return false;
        loss_sums_add(&rounds->tally.losses, &losses);
    }
    return learner_checkpoint(rounds->learner, training_clock() - rounds->started,
                              (struct record *const *)rounds->games->pdata, (int)rounds->games->len, error);
}

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
    rounds->tally.evaluations = selfplay_evaluations(rounds->worker);
    rounds->tally.now.generation = learner_at(rounds->learner)->generation;
    training_tally_learner(&rounds->tally, rounds->learner);
    training_report(&rounds->reporter, training_tally_take(&rounds->tally), rounds->tally.evaluations);
}

static enum training_end run(struct rounds *rounds, GError **error)
{
    const struct training_options *options = rounds->options;
    GError *failure = NULL;
    while (!options->generations || learner_at(rounds->learner)->generation < options->generations) {
        if (!play_round(rounds, &failure)) {
            if (!failure)
                return rounds->interrupted ? TRAINING_INTERRUPTED : TRAINING_TIME;
            g_propagate_error(error, failure);
            return TRAINING_FAILED;
        }
        count_round(rounds);
        if (training_report_due(&rounds->reporter))
            report(rounds);
    }
    return TRAINING_GENERATIONS;
}

enum training_end training_run_rounds(const struct training_options *options, GError **error)
{
    struct rounds rounds = {.options = options, .signals = training_signals_take(), .started = training_clock()};
    rounds.games = g_ptr_array_new_with_free_func((GDestroyNotify)record_unref);
    enum training_end end = TRAINING_FAILED;
    if (open_all(&rounds, error)) {
        end = run(&rounds, error);
        if (end != TRAINING_FAILED) {
            report(&rounds);
            training_reporter_end(&rounds.reporter);
        }
    }
    g_ptr_array_unref(rounds.games);
    selfplay_close(rounds.worker);
    learner_close(rounds.learner);
    training_signals_give_back(rounds.signals);
    return end;
}
