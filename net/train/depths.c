/* The number of steps of a net's loop in training: each batch is learned with a number drawn from the range that the net was made
 * for (as in Bansal et al. 2022, see graph/blocks/loop.c), so that its answers become good at every depth, and late steps do
 * not undo what early ones found. The graph is unrolled, and each number of steps has one of its own. */
#include "games/rng.h"
#include "net/exec/exec.h"
#include "net/graph/blocks/modifiers.h"
#include "net/graph/graph.h"
#include "net/net.h"
#include "net/train.h"
#include "net/train/trainer_internal.h"

#include <stdlib.h>
#include <string.h>

int trainer_steps_in_play(const struct net_trainer *trainer)
{
    return trainer->graph->loop.steps.most;
}

/* Depends only on the seed and the number of steps trained, so that a step can be repeated and training resumed. */
int trainer_steps_drawn(const struct net_trainer *trainer)
{
    int least = trainer->graph->loop.steps.least, most = trainer->graph->loop.steps.most;
    struct rng rng;
    rng_seed(&rng, rng_mix(trainer->config.seed ^ rng_mix(trainer->steps)));
    return least + (int)rng_below(&rng, (uint32_t)(most - least + 1));
}

void trainer_depth_use(struct net_trainer *trainer, int steps)
{
    struct net_graph **graph = &trainer->depth[steps];
    struct net_exec **sum = &trainer->sum[steps];
    GError *error = NULL;
    if ((!*graph && net_graph_create_unrolled(graph, &trainer->graph->info, steps, true, &error) != 0) ||
        (!*sum && net_exec_create(sum, *graph, trainer->arithmetic, true, &error) != 0))
        g_error("training with %d steps of the loop: %s", steps, error->message); /* not an input error: another number has worked */
}

struct net_exec *trainer_lane_use(struct net_trainer *trainer, int lane, int steps, GError **error)
{
    struct trainer_lane *own = &trainer->lane[lane];
    if (!own->exec[steps] &&
        net_exec_create(&own->exec[steps], trainer->depth[steps], trainer->arithmetic, true, error) != 0)
        return NULL;
    if (!own->current[steps])
        net_exec_set(own->exec[steps], trainer->params, NULL);
    own->current[steps] = true;
    return own->exec[steps];
}

void trainer_lanes_outdate(struct net_trainer *trainer)
{
    for (int lane = 0; lane < TRAINER_SLICES; lane++)
        memset(trainer->lane[lane].current, 0, sizeof trainer->lane[lane].current);
}

void trainer_lanes_free(struct net_trainer *trainer)
{
    for (int lane = 0; lane < TRAINER_SLICES; lane++) {
        for (int i = 0; i <= NET_STEPS_MAX; i++)
            net_exec_close(trainer->lane[lane].exec[i]);
        g_free(trainer->lane[lane].workspace);
        free(trainer->lane[lane].muon);
    }
    for (int i = 0; i <= NET_STEPS_MAX; i++) {
        net_exec_close(trainer->sum[i]);
        g_free(trainer->depth[i]);
    }
}
