#include "engine/training/learner.h"

#include <math.h>
#include <stdio.h>
#include <sys/stat.h>

#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "engine/store/store.h"
#include "engine/training/calibrate.h"
#include "engine/training/first_net.h"
#include "engine/training/provenance/provenance.h"
#include "engine/training/recovery/divergence.h"
#include "engine/training/recovery/memory.h"
#include "engine/training/recovery/resume.h"
#include "engine/training/replay/replay_window.h"
#include "engine/training/replay/samples.h"
#include "engine/training/replay/sequences.h"
#include "engine/training/stored.h"
#include "engine/training/team/team.h"
#include "games/game.h"
#include "games/scope.h"
#include "mcts/evaluator.h"
#include "net/train.h"

enum { JUDGED_ROWS = 8 }; /* per game played */
enum { AT_ONCE = 3 };     /* within so many steps of a roll-back, training counts as diverging again at once */

/* Of a step, which may be drawn while the step before is being finished. */
struct batch {
    struct net_samples *samples; /* one of the learner's; NULL: not drawn yet */
    float rate;
    double fraction;
};

struct learner {
    struct learner_config config;
    const struct game_features *features;
    struct window *window;
    struct net_trainer *trainer;
    struct net_samples *samples[GAME_MAX_SIZE + 1][GAME_MAX_SIZE + 1]; /* by width, height; allocated on first use */
    struct net *net;                                                   /* of the newest generation */
    struct store_checkpoint at;
    int64_t steps, trained, games;
    struct provenance provenance;
    double rate_scale, seconds_before;
    double discarded; /* samples: see max_credit */
    struct memory_limit memory;
    struct divergence divergence;
    int roll_backs;
    int64_t rolled_at; /* steps at the newest roll-back; -1: none yet */
    bool begun;        /* there is a checkpoint */
    struct team *team; /* NULL: this process trains alone */
    struct batch next; /* dealt out already */
};

/* On resume the weights come from the checkpoint's state: only the shape matters. */
static int make_net(struct learner *learner, bool resume, struct net **net, GError **error)
{
    const struct settings *settings = learner->config.settings;
    const struct game *game = &learner->config.games[0];
    return resume ? first_net_fresh(net, settings, game, error) : first_net_open(net, settings, game, error);
}

/* Creates the trainer, with the weights of the newest checkpoint if there is one. */
static bool make_trainer(struct learner *learner, bool *resume, GError **error)
{
    struct net *net;
    struct net_trainer_config config;
    learner_trainer_config(learner->config.settings, learner->config.backend, learner->config.dtype, &config);
    if (!store_last_checkpoint(learner->config.store, &learner->at, resume, error) ||
        make_net(learner, *resume, &net, error) != 0)
        return false;
    bool good = team_fits(learner->config.trainers, (int)config.batch, net_sequence(net), error) &&
                net_trainer_create(&learner->trainer, net, &config, error) == 0;
    if (!*resume)
        provenance_start(&learner->provenance, net);
    net_unref(net);
    return good && (!*resume || resume_trainer(learner->config.store, learner->config.settings, learner->trainer,
                                               &learner->at, resume, error));
}

static bool fill_window(struct learner *learner, bool resume, GError **error)
{
    const struct learner_config *config = &learner->config;
    const struct stored_games own = {.store = config->store, .before = STORE_ALL_GAMES};
    const struct stored_games *games = config->data ? config->data : &own;
    struct store_counts counts;
    GPtrArray *records;
    if (!store_count_before(games->store, games->before, &counts, error) ||
        !stored_games_load(games, config->games, config->game_count, window_size(config->settings, counts.rows),
                           window_limited_to(learner->window), false, &records, error))
        return false;
    int64_t loaded = 0;
    for (guint i = 0; i < records->len; i++)
        loaded += ((struct record *)records->pdata[i])->rows;
    window_set_made(learner->window, counts.rows - loaded);
    for (guint i = 0; i < records->len; i++)
        window_add(learner->window, records->pdata[i]);
    for (guint i = 0; config->data && !resume && i < records->len;
         i++) /* on resume the newest net has them in its scope */
        game_scope_add(learner->provenance.scope, &((struct record *)records->pdata[i])->game, 1);
    learner->games = counts.games;
    g_ptr_array_unref(records);
    return true;
}

/* The batch buffer for a board shape. net: any net of the run. */
static struct net_samples *samples_of(struct learner *learner, const struct net *net, struct game_shape shape)
{
    const int batch = (int)learner->config.settings->batch;
    struct net_samples **samples = &learner->samples[shape.width][shape.height];
    if (!*samples)
        *samples = net_samples_new(net_info(net), shape.width, shape.height, batch);
    (*samples)->n = batch;
    (*samples)->sequence = net_sequence(net);
    return *samples;
}

static bool calibrate_net(struct learner *learner, struct net *net, GError **error)
{
    const struct learner_config *c = &learner->config;
    const struct calibration calibration = {c->settings, learner->features, c->games,      c->game_count,
                                            c->backend,  c->dtype,          learner->steps};
    return calibrate(net, learner->window, &calibration, error);
}

/* Loads the newest net from its file, with its calibration and scope. If the file is missing or damaged, the net comes from the
 * trainer's state, and the next generation begins with it, so that there is a net to play with. */
static bool newest_net(struct learner *learner, GError **error)
{
    if (!resume_nets(learner->config.store, &learner->net, error))
        return false;
    if (!provenance_resume(&learner->provenance, learner->config.store, learner->net) &&
        !store_scope(learner->config.data ? learner->config.data->store : learner->config.store,
                     learner->provenance.scope, error))
        return false;
    if (!learner->net)
        return learner_checkpoint(learner, 0, NULL, 0, error);
    return net_is_calibrated(learner->net) || calibrate_net(learner, learner->net, error);
}

static bool start(struct learner *learner, GError **error)
{
    const struct learner_config *config = &learner->config;
    bool resume;
    learner->features = settings_features(config->settings, &config->games[0], error);
    if (!learner->features)
        return false;
    learner->rate_scale = 1;
    learner->rolled_at = -1;
    provenance_init(&learner->provenance);
    learner->window = window_new(config->games, config->game_count, config->settings);
    if (!make_trainer(learner, &resume, error) ||
        !memory_limit_window(&learner->memory, learner->window, config->settings->max_memory, config->reserve, error) ||
        !fill_window(learner, resume, error))
        return false;
    learner->begun = resume;
    if (!resume)
        return learner_checkpoint(learner, 0, NULL, 0, error);
    learner->steps = learner->at.steps;
    learner->trained = learner->at.samples;
    learner->rate_scale = learner->at.rate_scale;
    learner->seconds_before = learner->at.seconds;
    learner->at.generation = store_newest_generation(config->store); /* numbers are never given twice */
    return newest_net(learner, error);
}

static void clamp_credit(struct learner *learner)
{
    double credit = learner_credit(learner), max = learner->config.max_credit;
    if (max > 0)
        learner->discarded = credit > max ? credit - max : fmin(credit, 0);
}

int learner_create(struct learner **out, const struct learner_config *config, GError **error)
{
    *out = NULL;
    struct learner *learner = g_new0(struct learner, 1);
    learner->config = *config;
    if (config->cluster && config->trainers > 1)
        learner->team = team_new(config->cluster, config->trainers);
    if (!start(learner, error) || (learner->team && !team_restore(learner->team, learner->trainer, error))) {
        learner_close(learner);
        return -1;
    }
    clamp_credit(learner);
    *out = learner;
    return 0;
}

void learner_close(struct learner *learner)
{
    if (!learner)
        return;
    for (int width = 0; width <= GAME_MAX_SIZE; width++)
        for (int height = 0; height <= GAME_MAX_SIZE; height++)
            net_samples_free(learner->samples[width][height]);
    if (learner->trainer)
        net_trainer_close(learner->trainer);
    net_unref(learner->net);
    window_free(learner->window);
    provenance_clear(&learner->provenance);
    team_free(learner->team);
    g_free(learner);
}

bool learner_judge(struct learner *learner, const struct record *record, struct net_losses *losses)
{
    const struct game_shape shape = {record->game.width, record->game.height};
    const struct samples_values values = samples_values_of(learner->config.settings, shape);
    const int moves = net_moves(learner->net), batch = (int)learner->config.settings->batch;
    const int rows = MIN(JUDGED_ROWS, batch / (moves + 1));
    struct rng rng;
    if (record->rows == 0 || rows == 0)
        return false;
    /* Of its own: those of samples_of may hold the next step's batch. */
    struct net_samples *samples =
        net_samples_new(net_info(learner->net), shape.width, shape.height, rows * (moves + 1));
    rng_seed(&rng, rng_mix((uint64_t)learner->config.settings->seed ^ 0x6a75646765u /* "judge" */) + record->number);
    sequence_judge(samples, rows, moves, record, learner->features, &values, &rng);
    net_trainer_losses(learner->trainer, samples, losses);
    net_samples_free(samples);
    return true;
}

void learner_add(struct learner *learner, struct record *record)
{
    const int64_t bytes = (int64_t)record_memory(record);
    game_scope_add(learner->provenance.scope, &record->game, 1);
    window_add(learner->window, record);
    learner->games++;
    memory_limit_added(&learner->memory, learner->window, learner->config.settings->max_memory, bytes);
}

static bool roll_back(struct learner *learner, const char *why, GError **error)
{
    struct store_checkpoint to;
    learner->rate_scale /= 2;
    learner->roll_backs++;
    if (learner->roll_backs > LEARNER_MAX_ROLL_BACKS) {
        g_set_error(error, SETTINGS_ERROR, SETTINGS_ERROR_VALUE,
                    "training diverged %d times (%s); resume with a lower learning rate, e.g. --set rate=%g",
                    learner->roll_backs, why, learner->config.settings->rate / 10);
        return false;
    }
    const bool again = learner->rolled_at >= 0 && learner->steps - learner->rolled_at <= AT_ONCE;
    if (!resume_back(learner->config.store, learner->config.settings, learner->trainer, again, &to, error))
        return false;
    divergence_tell(learner->config.store, &(struct divergence_told){why, learner->steps, to.steps, learner->rate_scale,
                                                                     learner->roll_backs, LEARNER_MAX_ROLL_BACKS});
    learner->divergence = (struct divergence){0};
    learner->rolled_at = learner->steps;
    return !learner->team || team_restore(learner->team, learner->trainer, error);
}

/* Batch number `step` of the run. */
static struct batch draw(struct learner *learner, int64_t step, double fraction)
{
    const struct settings *settings = learner->config.settings;
    struct rng rng;
    rng_seed(&rng, rng_mix((uint64_t)settings->seed ^ 0x7374657073u /* "steps" */) + (uint64_t)step);
    struct net_samples *samples = samples_of(learner, learner->net, window_draw_shape(learner->window, &rng));
    window_fill(learner->window, learner->features, &rng, samples);
    const double rate = learner->rate_scale * learner_rate(settings, step, fraction);
    return (struct batch){samples, (float)rate, fraction};
}

static void deal_next(void *user)
{
    struct learner *learner = user;
    learner->next = draw(learner, learner->steps + 1, learner->next.fraction);
    team_deal(learner->team, learner->trainer, learner->next.samples, learner->next.rate);
}

static bool take_step(struct learner *learner, struct batch batch, bool more, struct net_losses *losses, GError **error)
{
    learner->next = (struct batch){.fraction = batch.fraction};
    if (!learner->team)
        net_trainer_step(learner->trainer, batch.samples, batch.rate, losses);
    return !learner->team || team_step(learner->team, learner->trainer, batch.samples, batch.rate,
                                       more ? deal_next : NULL, learner, losses, error);
}

bool learner_step(struct learner *learner, double fraction, int threads, bool more, struct net_losses *losses,
                  GError **error)
{
    char why[DIVERGENCE_WHY];
    const struct batch batch = learner->next.samples ? learner->next : draw(learner, learner->steps, fraction);
    const int rows = batch.samples->n;
    net_trainer_set_threads(learner->trainer, threads);
    if (!take_step(learner, batch, more, losses, error))
        return false;
    /* The counters advance even if the step fails: they are monotonic, and a roll-back then samples other batches. */
    learner->steps++;
    learner->trained += rows;
    if (!divergence_step(&learner->divergence, losses, why))
        return true;
    struct net_losses unused; /* the other ranks have begun the next step already, and roll back after it */
    return (!learner->next.samples || take_step(learner, learner->next, false, &unused, error)) &&
           roll_back(learner, why, error);
}

bool learner_must_step(const struct learner *learner)
{
    return learner->next.samples != NULL;
}

static bool write_files(struct learner *learner, struct store_checkpoint *next, struct net *net, GError **error)
{
    struct store *store = learner->config.store;
    char *state = store_state_name(next->generation), *state_path = store_net_path(store, state);
    char *name = store_generation_name(next->generation), *path = store_net_path(store, name);
    char *note = provenance_write(&learner->provenance, net, store, learner->config.settings, next,
                                  !learner->config.data, learner->config.command);
    struct stat status;
    bool good = net_trainer_save(learner->trainer, state_path, error) == 0 && net_save(net, path, note, error) == 0;
    if (good && stat(path, &status) == 0)
        next->bytes = status.st_size;
    g_free(state);
    g_free(state_path);
    g_free(name);
    g_free(path);
    g_free(note);
    return good;
}

bool learner_checkpoint(struct learner *learner, double seconds, struct record *const *records, int count,
                        GError **error)
{
    struct net *net = net_trainer_snapshot(learner->trainer, true);
    struct store_checkpoint next = {.generation = learner->begun ? learner->at.generation + 1 : 0,
                                    .steps = learner->steps,
                                    .samples = learner->trained,
                                    .games = learner->games,
                                    .rows = window_made(learner->window),
                                    .seconds = learner->seconds_before + seconds,
                                    .rate_scale = learner->rate_scale};
    if (!calibrate_net(learner, net, error) || !write_files(learner, &next, net, error) ||
        !store_add_checkpoint(learner->config.store, &next, records, count, error)) {
        net_unref(net);
        return false;
    }
    if (learner->team && learner->net)
        team_check(learner->team, learner->trainer);
    net_unref(learner->net);
    learner->net = net;
    learner->at = next;
    learner->begun = true;
    /* If too little is left, the window keeps the limit that it had. */
    memory_limit_window(&learner->memory, learner->window, learner->config.settings->max_memory, 0, NULL);
    return true;
}

double learner_credit(const struct learner *learner)
{
    int64_t made = window_made(learner->window);
    const struct settings *settings = learner->config.settings;
    if (made < settings->first_rows)
        return 0;
    return (double)made * settings->samples_per_row - (double)learner->trained - learner->discarded;
}

struct net *learner_net(const struct learner *learner)
{
    return learner->net;
}

const struct store_checkpoint *learner_at(const struct learner *learner)
{
    return &learner->at;
}

int64_t learner_steps(const struct learner *learner)
{
    return learner->steps;
}

int64_t learner_samples(const struct learner *learner)
{
    return learner->trained;
}

int64_t learner_window_rows(const struct learner *learner)
{
    return window_rows(learner->window);
}

int64_t learner_made(const struct learner *learner)
{
    return window_made(learner->window);
}

int learner_roll_backs(const struct learner *learner)
{
    return learner->roll_backs;
}
