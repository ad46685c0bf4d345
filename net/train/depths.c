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

struct trainer_depth *trainer_depth_use(struct net_trainer *trainer, int steps, GError **error)
{
    struct trainer_depth *depth = &trainer->depth[steps];
    if (!depth->exec) {
        if (!depth->graph && net_graph_create_unrolled(&depth->graph, &trainer->graph->info, steps, true, error) != 0)
            return NULL;
        if (net_exec_create(&depth->exec, depth->graph, trainer->arithmetic, true, error) != 0)
            return NULL;
    }
    if (!depth->current)
        net_exec_set(depth->exec, trainer->params, NULL);
    depth->current = true;
    return depth;
}

void trainer_depths_outdate(struct net_trainer *trainer)
{
    for (int i = 0; i <= NET_STEPS_MAX; i++)
        trainer->depth[i].current = false;
}

void trainer_depths_free(struct net_trainer *trainer)
{
    for (int i = 0; i <= NET_STEPS_MAX; i++) {
        net_exec_close(trainer->depth[i].exec);
        g_free(trainer->depth[i].graph);
    }
}
