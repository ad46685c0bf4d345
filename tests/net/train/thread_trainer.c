/* Training in several threads: two trainers with different numbers of threads, at the same time, arrive at the same weights. */
#include "net/net.h"
#include "net/targets.h"
#include "net/train.h"

#include <pthread.h>
#include <stdio.h>

enum { SIZE = 9, ROWS = 70, STEPS = 6, PLANES = 4, GLOBALS = 2, TRAINERS = 2 };

struct task {
    pthread_t thread;
    struct net *net;
    int most; /* threads of a step, which take turns from 1 on */
    uint64_t hash;
    bool good;
};

static struct net_samples *rows_of(const struct net_info *info)
{
    struct net_samples *s = net_samples_new(info, SIZE, SIZE, ROWS);
    for (int i = 0; i < ROWS * PLANES * SIZE * SIZE; i++)
        s->planes[i] = (float)(i * 7 % 5) / 5;
    for (int row = 0; row < ROWS; row++) {
        s->row_weight[row] = 1;
        s->weight[NET_TARGET_POLICY][row] = s->weight[NET_TARGET_VALUE][row] = 1;
        net_samples_row(s, NET_TARGET_POLICY, row)[row] = 1;
        net_samples_row(s, NET_TARGET_VALUE, row)[row % 2] = 1;
    }
    return s;
}

static void *train(void *argument)
{
    struct task *task = argument;
    struct net_trainer_config config = net_trainer_defaults();
    struct net_trainer *trainer;
    net_trainer_choose(&config, NET_MUON);
    task->good = net_trainer_create(&trainer, task->net, &config, NULL) == 0;
    if (!task->good)
        return NULL;
    struct net_samples *s = rows_of(net_info(task->net));
    for (int step = 0; step < STEPS; step++) {
        struct net_losses losses;
        net_trainer_set_threads(trainer, 1 + step % task->most);
        net_trainer_step(trainer, s, 0.01f, &losses);
        task->good = task->good && losses.finite;
    }
    task->hash = net_trainer_hash(trainer);
    net_samples_free(s);
    net_trainer_close(trainer);
    return NULL;
}

int main(void)
{
    struct net_info info = {.game = "go",
                            .features = "go-v1",
                            .trunk = "conv:16 res:16+drop=0.2 gpool:16 loop:16+steps=1..2",
                            .planes = PLANES,
                            .globals = GLOBALS,
                            .other_moves = 1};
    struct task tasks[TRAINERS] = {{.most = 4}, {.most = 3}};
    struct net *net;
    if (net_create(&net, &info, 1, NULL) != 0)
        return 1;
    for (int i = 0; i < TRAINERS; i++) {
        tasks[i].net = net;
        if (pthread_create(&tasks[i].thread, NULL, train, &tasks[i]) != 0)
            return 1;
    }
    bool good = true;
    for (int i = 0; i < TRAINERS; i++) {
        pthread_join(tasks[i].thread, NULL);
        good = good && tasks[i].good && tasks[i].hash == tasks[0].hash;
    }
    net_unref(net);
    printf("%d trainers, %d steps: %s\n", TRAINERS, STEPS, good ? "the same weights" : "failed");
    return good ? 0 : 1;
}
