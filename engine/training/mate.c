/* A rank other than 0 that trains: it keeps a trainer of its own, which makes the steps that rank 0 deals out. */
#include <unistd.h>

#include "engine/cluster/load.h"
#include "engine/cluster/message.h"
#include "engine/cluster/net_bytes.h"
#include "engine/cluster/terms.h"
#include "engine/cluster/worker.h"
#include "engine/settings/settings.h"
#include "engine/training/first_net.h"
#include "engine/training/learner.h"
#include "engine/training/team/team.h"
#include "engine/training/training.h"
#include "games/game.h"
#include "net/net.h"
#include "net/train.h"

struct mate {
    struct cluster_worker *worker;
    struct net_trainer *trainer;
};

static bool sum(void *user, float *values, size_t count)
{
    const struct mate *mate = user;
    return cluster_worker_sum(mate->worker, values, count);
}

/* Its weights come with the first state. */
static bool make_trainer(struct mate *mate, const struct cluster_terms *terms, GError **error)
{
    struct game games[SETTINGS_MAX_GAMES];
    struct net *net;
    struct net_trainer_config config;
    if (!settings_games(&terms->settings, games, error) ||
        first_net_fresh(&net, &terms->settings, &games[0], error) != 0)
        return false;
    learner_trainer_config(&terms->settings, terms->backend, terms->dtype, &config);
    const bool good = net_trainer_create(&mate->trainer, net, &config, error) == 0;
    net_unref(net);
    return good;
}

static bool damaged(GError **error)
{
    g_set_error_literal(error, CLUSTER_ERROR, CLUSTER_ERROR_LOST, "a damaged message from rank 0");
    return false;
}

static bool load_file(struct net_trainer *trainer, GBytes *file, GError **error)
{
    gsize size;
    char *path = NULL;
    const char *data = g_bytes_get_data(file, &size);
    const int fd = g_file_open_tmp("tengen-state-XXXXXX.safetensors", &path, error);
    if (fd < 0)
        return false;
    close(fd);
    const bool good =
        g_file_set_contents(path, data, (gssize)size, error) && net_trainer_load(trainer, path, NULL, error) == 0;
    unlink(path);
    g_free(path);
    return good;
}

static bool take_state(struct mate *mate, struct message_reader *reader, GError **error)
{
    size_t size;
    const void *data = message_take_bytes(reader, &size);
    GBytes *file = reader->good ? cluster_unpack_floats(data, size, error) : NULL;
    if (!reader->good)
        return damaged(error);
    const bool good = file && load_file(mate->trainer, file, error);
    g_bytes_unref(file);
    return good;
}

/* If a sum fails, the job ends, and the link tells this rank so. */
static bool take_step(struct mate *mate, struct message_reader *reader, GError **error)
{
    const float rate = (float)message_take_f64(reader);
    struct net_losses losses; /* those of all, which rank 0 reports */
    struct net_share share = {.sum = sum, .user = mate};
    share.first = (int)message_take_u64(reader);
    share.rows = (int)message_take_u64(reader);
    struct net_samples *samples = team_take_rows(reader, net_trainer_info(mate->trainer));
    if (!samples)
        return damaged(error);
    net_trainer_set_threads(mate->trainer, cluster_worker_pause(mate->worker, true));
    net_trainer_set_share(mate->trainer, &share);
    net_trainer_step(mate->trainer, samples, rate, &losses);
    cluster_worker_pause(mate->worker, false);
    net_samples_free(samples);
    return true;
}

static bool take_check(struct mate *mate, struct message_reader *reader, GError **error)
{
    if (message_take_u64(reader) == net_trainer_hash(mate->trainer))
        return true;
    g_set_error_literal(error, CLUSTER_ERROR, CLUSTER_ERROR_LOST,
                        "its weights differ from those of rank 0; use --trainers only with processors of one kind");
    return false;
}

static bool take(struct mate *mate, GBytes *task, GError **error)
{
    struct message_reader reader;
    gsize size;
    const void *data = g_bytes_get_data(task, &size);
    const enum message_kind kind = message_read(&reader, data, size);
    return kind == MESSAGE_STATE  ? take_state(mate, &reader, error)
           : kind == MESSAGE_STEP ? take_step(mate, &reader, error)
                                  : take_check(mate, &reader, error);
}

void training_run_mate(struct cluster_worker *worker, const struct cluster_terms *terms)
{
    struct mate mate = {.worker = worker};
    GError *error = NULL;
    GBytes *task;
    bool good = make_trainer(&mate, terms, &error);
    while (good && (task = cluster_worker_next_task(worker))) {
        good = take(&mate, task, &error);
        g_bytes_unref(task);
    }
    if (!good)
        cluster_worker_fail(worker, error);
    net_trainer_close(mate.trainer);
}
