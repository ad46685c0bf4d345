/* What is measured of an arm's final net, apart from its strength: its size, its speed, and its losses. */
#include <math.h>
#include <time.h>

#include "engine/lab/lab.h"
#include "engine/lab/ledger.h"
#include "engine/lab/plan.h"
#include "engine/lab/results.h"
#include "engine/settings/settings.h"
#include "engine/store/store.h"
#include "engine/training/replay/replay_window.h"
#include "engine/training/stored.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"
#include "net/targets.h"
#include "net/train.h"

enum { LOSS_BATCHES = 16, LOSS_BATCH = 128, LOSS_ROWS = 20000 };
enum { SPEED_ROUNDS = 5 };
static const double round_seconds = 0.1; /* of processor time */

struct measuring {
    struct lab *lab;
    const struct lab_arm *arm;
    struct settings settings;
    struct store *store;
    struct net *net;
    double *values; /* [LAB_MEASURES] */
};

/* ---- counters ---- */

static bool measure_counters(struct measuring *m, const struct ledger_progress *progress, GError **error)
{
    struct store_checkpoint at;
    struct store_counts counts;
    bool found;
    size_t parameters;
    if (!store_last_checkpoint(m->store, &at, &found, error) || !store_count(m->store, &counts, error) ||
        !net_count_parameters(net_info(m->net), &parameters, error))
        return false;
    bool stored = m->lab->plan->keys.kind == LAB_SAME_DATA;
    if (stored && !store_count_before(m->lab->data.store, m->lab->data.before, &counts, error))
        return false;
    m->values[LAB_PARAMETERS] = (double)parameters;
    m->values[LAB_ACTIVE] = (double)net_active_parameters(m->net);
    m->values[LAB_STEPS] = (double)at.steps;
    m->values[LAB_SAMPLES] = (double)at.samples;
    m->values[LAB_GAMES] = (double)counts.games;
    m->values[LAB_ROWS] = (double)counts.rows;
    m->values[LAB_SECONDS] = progress->seconds;
    return true;
}

/* ---- speed ---- */

static double thread_time(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Evaluations a second of processor time, of one position at a time. */
static double time_round(struct evaluator *evaluator, const struct eval_query *query, struct eval *eval)
{
    double began = thread_time(), passed;
    int64_t count = 0;
    do {
        for (int i = 0; i < 20; i++)
            evaluator_evaluate(evaluator, 1, query, eval);
        count += 20;
        passed = thread_time() - began;
    } while (passed < round_seconds);
    return (double)count / passed;
}

/* As one thread of a search asks for them, with the number type that it would use. The fastest of several rounds: other work
 * on the machine can only slow them down. */
static bool measure_speed(struct measuring *m, GError **error)
{
    const struct game *game = &m->arm->games[m->arm->game_count - 1];
    struct evaluator *evaluator;
    const struct evaluator_config config = {.kind = EVALUATOR_NET,
                                            .net = m->net,
                                            .backend = NET_BACKEND_FAST,
                                            .dtype = NET_AUTO,
                                            .symmetry = EVALUATOR_SYMMETRY_RANDOM};
    if (evaluator_create(&evaluator, game, &config, error) != 0)
        return false;
    union any_position position;
    struct eval *eval = g_new(struct eval, 1);
    game_init(game, &position.p);
    const struct eval_query query = {.position = &position.p, .want = EVAL_POLICY | EVAL_VALUE};
    m->values[LAB_EVALUATIONS] = 0;
    for (int i = 0; i < SPEED_ROUNDS; i++)
        m->values[LAB_EVALUATIONS] = fmax(m->values[LAB_EVALUATIONS], time_round(evaluator, &query, eval));
    g_free(eval);
    evaluator_free(evaluator);
    return true;
}

/* ---- losses ---- */

/* Means over LOSS_BATCHES batches of the window's rows, each as large, drawn with a fixed seed, so that every arm has the
 * same rows of the same games. The loss weights are the presets, whatever the arm learned with. */
static bool measure_losses(struct measuring *m, const struct window *window, double *values, GError **error)
{
    struct net_trainer_config config = net_trainer_defaults();
    struct net_trainer *trainer;
    struct rng rng;
    const int slot = net_moves(m->net) + 1; /* rows for each one that is judged */
    config.batch = LOSS_BATCH * slot;
    for (int t = 0; t < NET_TARGETS; t++)
        if (net_targets[t].horizon)
            config.loss_weight[t] = 0; /* not every arm has them */
    const struct game_features *features = evaluator_net_features(m->net, &m->arm->games[0], error);
    if (!features || net_trainer_create(&trainer, m->net, &config, error) != 0)
        return false;
    double sums[3] = {0};
    rng_seed(&rng, 1);
    for (int i = 0; i < LOSS_BATCHES; i++) {
        const struct game_shape shape = window_draw_shape(window, &rng);
        struct net_samples *samples = net_samples_new(net_info(m->net), shape.width, shape.height, LOSS_BATCH * slot);
        struct net_losses losses;
        window_fill_judged(window, features, &rng, samples, LOSS_BATCH, slot - 1);
        net_trainer_losses(trainer, samples, &losses);
        sums[0] += (double)losses.total;
        sums[1] += (double)losses.target[NET_TARGET_POLICY];
        sums[2] += (double)losses.target[NET_TARGET_VALUE];
        net_samples_free(samples);
    }
    for (int i = 0; i < 3; i++)
        values[i] = sums[i] / LOSS_BATCHES;
    net_trainer_close(trainer);
    return true;
}

/* Leaves the values unknown if there are no rows. held_out: of the data, else those that the arm learned from. */
static bool measure_losses_of(struct measuring *m, bool held_out, double *values, GError **error)
{
    const struct lab_arm *arm = m->arm;
    bool stored = m->lab->plan->keys.kind == LAB_SAME_DATA;
    const struct stored_games own = {.store = m->store, .before = STORE_ALL_GAMES};
    GPtrArray *records;
    if (!stored_games_load(stored ? &m->lab->data : &own, arm->games, arm->game_count, LOSS_ROWS, 0, held_out, &records,
                           error))
        return false;
    /* For every arm the same: the window keeps every row and draws all equally often, and the value is the outcome. */
    struct settings all = m->settings;
    all.window = (int64_t)1e8;
    all.surprise_weight = all.surprise_value = all.value_search_mix = all.komi_relabel_share = 0;
    struct window *window = window_new(arm->games, arm->game_count, &all);
    for (guint i = 0; i < records->len; i++)
        window_add(window, records->pdata[i]);
    bool good = window_rows(window) == 0 || measure_losses(m, window, values, error);
    window_free(window);
    g_ptr_array_unref(records);
    return good;
}

/* ---- an arm ---- */

static bool open_net(struct measuring *m, GError **error)
{
    char *path = store_net_path(m->store, "best.safetensors");
    bool good = net_load(&m->net, path, error) == 0;
    g_free(path);
    return good;
}

static bool measure(struct measuring *m, const struct ledger_progress *progress, GError **error)
{
    bool stored = m->lab->plan->keys.kind == LAB_SAME_DATA;
    return open_net(m, error) && measure_counters(m, progress, error) && measure_speed(m, error) &&
           measure_losses_of(m, false, &m->values[LAB_LOSS], error) &&
           (!stored || measure_losses_of(m, true, &m->values[LAB_HELD_LOSS], error));
}

/* The results of an arm that took no training step mean nothing. */
static void report_untrained(const struct measuring *m, int64_t seed)
{
    if (!m->lab->log || m->values[LAB_STEPS] > 0)
        return;
    fprintf(m->lab->log, "Arm %s, seed %" G_GINT64_FORMAT ": NOT TRAINED: its budget ended before the first step",
            m->arm->name, seed);
    if (m->values[LAB_ROWS] < (double)m->settings.first_rows)
        fprintf(m->lab->log,
                ", with %.0f rows of the %" G_GINT64_FORMAT
                " with which training begins; raise budget, or lower first_rows in settings\n",
                m->values[LAB_ROWS], m->settings.first_rows);
    else
        fprintf(m->lab->log, "; raise it\n");
}

/* Nothing if the ledger has the measures. */
static bool measure_arm(struct lab *lab, int arm, int seed, const char *const *names, GError **error)
{
    const struct lab_plan *plan = lab->plan;
    const char *name = plan->arms[arm].name;
    double values[LAB_MEASURES];
    bool found;
    struct ledger_progress progress;
    if (!ledger_measures(lab->ledger, name, plan->seeds[seed], names, values, LAB_MEASURES, &found, error) ||
        !ledger_progress(lab->ledger, name, plan->seeds[seed], &progress, error))
        return false;
    if (found)
        return true;
    struct measuring m = {
        .lab = lab, .arm = &plan->arms[arm], .settings = lab_plan_settings(plan, arm, seed), .values = values};
    char *folder = lab_run_folder(lab, arm, seed);
    bool good = store_open(&m.store, folder, STORE_READ, error) == 0 && measure(&m, &progress, error) &&
                ledger_keep_measures(lab->ledger, name, plan->seeds[seed], names, values, LAB_MEASURES, error);
    if (lab->log && good)
        fprintf(lab->log, "Measured arm %s, seed %" G_GINT64_FORMAT ": %.0f evaluations/s, loss %.3f\n", name,
                plan->seeds[seed], values[LAB_EVALUATIONS], values[LAB_LOSS]);
    if (good)
        report_untrained(&m, plan->seeds[seed]);
    net_unref(m.net);
    store_close(m.store);
    g_free(folder);
    return good;
}

enum lab_end lab_measure(struct lab *lab, GError **error)
{
    const struct lab_plan *plan = lab->plan;
    const char *names[LAB_MEASURES];
    for (int i = 0; i < LAB_MEASURES; i++)
        names[i] = lab_metrics[i].key;
    for (int seed = 0; seed < plan->seed_count; seed++)
        for (int arm = 0; arm < plan->arm_count; arm++) {
            if (lab->stop && atomic_load(lab->stop))
                return LAB_STOPPED;
            if (!measure_arm(lab, arm, seed, names, error))
                return LAB_FAILED;
        }
    return LAB_FINISHED;
}
