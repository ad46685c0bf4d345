/* Threads that share one net, each with a runner of its own, while another trains and publishes new nets. */
#include "net/net.h"
#include "net/targets.h"
#include "net/train.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { THREADS = 3, ROUNDS = 40, SIZE = 5, PLANES = 4, GLOBALS = 2, MOVES = SIZE * SIZE + 1 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct net *shared; /* guarded by the lock */

static struct net *shared_get(void)
{
    pthread_mutex_lock(&lock);
    struct net *net = net_ref(shared);
    pthread_mutex_unlock(&lock);
    return net;
}

static void *infer(void *argument)
{
    struct net *net = shared_get();
    struct net_runner *fast, *plain;
    float planes[2 * PLANES * SIZE * SIZE], globals[2 * GLOBALS] = {1, 0.5f}, a[2 * MOVES], b[2 * MOVES];
    int id = *(int *)argument;
    for (size_t i = 0; i < sizeof planes / sizeof *planes; i++)
        planes[i] = (float)((i * 7 + (size_t)id) % 5) / 5;
    if (net_runner_create(&fast, net, NET_BACKEND_FAST, NET_F32, 2, NULL) != 0 ||
        net_runner_create(&plain, net, NET_BACKEND_PLAIN, NET_F32, 2, NULL) != 0)
        abort();
    net_unref(net);
    for (int round = 0; round < ROUNDS; round++) {
        int n = 1 + round % 2;
        net_runner_infer(fast, SIZE, SIZE, n, planes, globals, &(struct net_outputs){.policy = a});
        net_runner_infer(plain, SIZE, SIZE, n, planes, globals, &(struct net_outputs){.policy = b});
        for (int m = 0; m < n * MOVES; m++)
            if (!(a[m] - b[m] < 1e-3f && b[m] - a[m] < 1e-3f))
                abort();
        net = shared_get();
        if (net_runner_set_net(fast, net, NULL) != 0 || net_runner_set_net(plain, net, NULL) != 0)
            abort();
        net_unref(net);
    }
    net_runner_close(fast);
    net_runner_close(plain);
    return NULL;
}

static void train(const struct net_info *info, struct net_trainer *trainer)
{
    struct net_samples *s = net_samples_new(info, SIZE, SIZE, 4);
    for (int row = 0; row < 4; row++) {
        s->row_weight[row] = 1;
        s->weight[NET_TARGET_POLICY][row] = s->weight[NET_TARGET_VALUE][row] = s->weight[NET_TARGET_MAP][row] = 1;
        net_samples_row(s, NET_TARGET_POLICY, row)[row] = 1;
        net_samples_row(s, NET_TARGET_VALUE, row)[0] = 1;
    }
    for (int round = 0; round < ROUNDS; round++) {
        struct net_losses losses;
        net_trainer_step(trainer, s, 0.01f, &losses);
        assert(losses.finite);
        struct net *fresh = net_trainer_snapshot(trainer, round % 2 == 0), *old;
        pthread_mutex_lock(&lock);
        old = shared;
        shared = fresh;
        pthread_mutex_unlock(&lock);
        net_unref(old);
    }
    net_samples_free(s);
}

int main(void)
{
    struct net_info info = {.game = "go",
                            .features = "go-v1",
                            .trunk = "conv:16 res:16 gpool:16",
                            .planes = PLANES,
                            .globals = GLOBALS,
                            .other_moves = 1};
    struct net_trainer_config config = net_trainer_defaults();
    struct net_trainer *trainer;
    pthread_t threads[THREADS];
    int ids[THREADS];
    if (net_create(&shared, &info, 1, NULL) != 0 || net_trainer_create(&trainer, shared, &config, NULL) != 0)
        return 1;
    for (int i = 0; i < THREADS; i++) {
        ids[i] = i;
        if (pthread_create(&threads[i], NULL, infer, &ids[i]) != 0)
            return 1;
    }
    train(&info, trainer);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    net_trainer_close(trainer);
    net_unref(shared);
    printf("%d threads, %d rounds\n", THREADS, ROUNDS);
    return 0;
}
