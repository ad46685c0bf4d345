/* Steps that several trainers make together. */
#include "net/graph/graph.h"
#include "net/targets.h"
#include "net/train.h"
#include "net/train/loss.h"
#include "net/train/trainer_internal.h"

void net_trainer_set_share(struct net_trainer *trainer, const struct net_share *share)
{
    trainer->share = share ? *share : (struct net_share){0};
}

/* The gradient is one of the mean over the whole batch, since run() divides by its rows: the parts only have to be added. */
bool trainer_share_sum(struct net_trainer *trainer)
{
    const size_t count = trainer->graph->parameters;
    float *sums = trainer->gradient + count;
    for (int t = 0; t < NET_TARGETS; t++) {
        sums[t] = (float)trainer->sums.loss[t];
        sums[NET_TARGETS + t] = (float)trainer->sums.weight[t];
    }
    if (!trainer->share.sum(trainer->share.user, trainer->gradient, count + TRAINER_SHARED_SUMS))
        return false;
    for (int t = 0; t < NET_TARGETS; t++) {
        trainer->sums.loss[t] = (double)sums[t];
        trainer->sums.weight[t] = (double)sums[NET_TARGETS + t];
    }
    return true;
}

const struct net_info *net_trainer_info(const struct net_trainer *trainer)
{
    return &trainer->graph->info;
}

static uint64_t hash(uint64_t state, const float *values, size_t count)
{
    const unsigned char *bytes = (const unsigned char *)values;
    for (size_t i = 0; i < count * sizeof *values; i++)
        state = (state ^ bytes[i]) * 0x100000001b3u; /* FNV-1a */
    return state;
}

uint64_t net_trainer_hash(const struct net_trainer *trainer)
{
    const size_t count = trainer->graph->parameters;
    const uint64_t state = hash(0xcbf29ce484222325u ^ trainer->steps, trainer->params, count);
    return hash(state, trainer->average, count);
}
