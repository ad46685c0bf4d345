#include "engine/training/team/team.h"

#include <unistd.h>

#include "engine/cluster/host.h"
#include "engine/cluster/load.h"
#include "engine/cluster/message.h"
#include "engine/cluster/net_bytes.h"
#include "net/train.h"

struct team {
    struct cluster_host *host;
    int trainers;
    bool failed; /* a sum was impossible */
    bool dealt;  /* the others have the rows of the next step */
    void (*meanwhile)(void *user);
    void *user;
};

struct team *team_new(struct cluster_host *host, int trainers)
{
    struct team *team = g_new0(struct team, 1);
    team->host = host;
    team->trainers = trainers;
    return team;
}

void team_free(struct team *team)
{
    g_free(team);
}

static void send_all(const struct team *team, GBytes *message)
{
    for (int i = 1; i < team->trainers; i++)
        cluster_host_send(team->host, i, g_bytes_ref(message));
    g_bytes_unref(message);
}

/* A trainer's state exists as a file only. */
static bool read_state(const struct net_trainer *trainer, char **data, gsize *size, GError **error)
{
    char *path = NULL;
    const int fd = g_file_open_tmp("tengen-state-XXXXXX.safetensors", &path, error);
    if (fd < 0)
        return false;
    close(fd);
    const bool good = net_trainer_save(trainer, path, error) == 0 && g_file_get_contents(path, data, size, error);
    unlink(path);
    g_free(path);
    return good;
}

bool team_restore(struct team *team, const struct net_trainer *trainer, GError **error)
{
    char *data;
    gsize size;
    if (!read_state(trainer, &data, &size, error))
        return false;
    GBytes *packed = cluster_pack_floats(data, size);
    const void *bytes = g_bytes_get_data(packed, &size);
    GByteArray *message = message_new(MESSAGE_STATE);
    message_put_bytes(message, bytes, size);
    send_all(team, message_finish(message));
    g_bytes_unref(packed);
    g_free(data);
    return true;
}

bool team_fits(int trainers, int rows, int length, GError **error)
{
    const int sequences = (rows + length - 1) / length;
    if (trainers <= sequences)
        return true;
    g_set_error(error, CLUSTER_ERROR, CLUSTER_ERROR_INPUT,
                "%d trainers cannot share a batch of %d rows, which this net learns from in %d sequences; use fewer trainers or a "
                "larger batch",
                trainers, rows, sequences);
    return false;
}

static bool sum(void *user, float *values, size_t count)
{
    struct team *team = user;
    team->failed = !cluster_host_sum(team->host, values, count, team->meanwhile, team->user);
    return !team->failed;
}

static void send_rows(const struct team *team, const struct net_info *info, const struct net_samples *samples,
                      float rate)
{
    for (int i = 1; i < team->trainers; i++) {
        const int first = team_first_row(samples, i, team->trainers);
        GByteArray *message = message_new(MESSAGE_STEP);
        message_put_f64(message, (double)rate);
        message_put_u64(message, (uint64_t)first);
        message_put_u64(message, (uint64_t)samples->n);
        team_put_rows(message, info, samples, first, team_first_row(samples, i + 1, team->trainers) - first);
        cluster_host_send(team->host, i, message_finish(message));
    }
}

void team_deal(struct team *team, const struct net_trainer *trainer, const struct net_samples *samples, float rate)
{
    send_rows(team, net_trainer_info(trainer), samples, rate);
    team->dealt = true;
}

bool team_step(struct team *team, struct net_trainer *trainer, struct net_samples *samples, float rate,
               void (*meanwhile)(void *user), void *user, struct net_losses *losses, GError **error)
{
    const int rows = samples->n;
    const struct net_share share = {.rows = rows, .sum = sum, .user = team};
    if (!team->dealt)
        team_deal(team, trainer, samples, rate);
    team->dealt = false;
    team->meanwhile = meanwhile;
    team->user = user;
    net_trainer_set_share(trainer, &share);
    samples->n = team_first_row(samples, 1, team->trainers);
    net_trainer_step(trainer, samples, rate, losses);
    samples->n = rows;
    net_trainer_set_share(trainer, NULL);
    if (team->failed)
        g_set_error_literal(error, CLUSTER_ERROR, CLUSTER_ERROR_LOST, "another training rank has failed");
    return !team->failed;
}

void team_check(struct team *team, const struct net_trainer *trainer)
{
    GByteArray *message = message_new(MESSAGE_CHECK);
    message_put_u64(message, net_trainer_hash(trainer));
    send_all(team, message_finish(message));
}
