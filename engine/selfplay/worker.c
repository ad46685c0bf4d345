#include "engine/selfplay/worker.h"

#include "engine/selfplay/selfplay.h"
#include "engine/store/record.h"
#include "net/net.h"

struct worker {
    const struct selfplay_worker_ops *ops;
    void *user; /* passed to ops */
    struct selfplay *selfplay;
    struct selfplay_net in_use; /* owns a reference */
    uint64_t handed_in;         /* evaluations reported to hand_in */
    GError *failure;
};

static bool take_net(struct worker *worker)
{
    struct selfplay_net newest = {0};
    if (!worker->ops->take_net(worker->user, &worker->in_use, &newest, &worker->failure))
        return false;
    if (!newest.net)
        return true;
    net_unref(worker->in_use.net);
    worker->in_use = newest;
    return !worker->selfplay ||
           selfplay_set_net(worker->selfplay, newest.net, newest.generation, &worker->failure) == 0;
}

static bool before_move(void *user, struct selfplay *selfplay)
{
    (void)selfplay;
    struct worker *worker = user;
    return worker->ops->before_move(worker->user) && take_net(worker);
}

static void began(void *user, const struct game *game, uint64_t number, uint32_t generation)
{
    const struct worker *worker = user;
    worker->ops->began(worker->user, game, number, generation);
}

static void moved(void *user, game_move move, float value_player_0)
{
    const struct worker *worker = user;
    worker->ops->moved(worker->user, move, value_player_0);
}

static bool start(struct worker *worker, const struct selfplay_config *base)
{
    g_assert(!base->net && !base->before_move && !base->began && !base->moved && !base->user);
    if (!take_net(worker))
        return false;
    g_assert(worker->in_use.net);
    struct selfplay_config config = *base;
    config.net = worker->in_use.net;
    config.before_move = before_move;
    config.began = worker->ops->began ? began : NULL;
    config.moved = worker->ops->moved ? moved : NULL;
    config.user = worker;
    return selfplay_create(&worker->selfplay, &config, &worker->failure) == 0 &&
           selfplay_set_net(worker->selfplay, config.net, worker->in_use.generation, &worker->failure) == 0;
}

static void play_games(struct worker *worker)
{
    struct record *record = NULL;
    do {
        struct selfplay_assignment next = {0};
        if (!worker->ops->next_game(worker->user, &next, &worker->failure))
            return;
        record = take_net(worker) ? selfplay_play_assignment(worker->selfplay, &next) : NULL;
        record_unref(next.start);
        if (record) {
            uint64_t made = selfplay_evaluations(worker->selfplay);
            worker->ops->hand_in(worker->user, record, made - worker->handed_in);
            worker->handed_in = made;
        }
    } while (record);
}

int selfplay_worker_run(const struct selfplay_worker_ops *ops, void *user, const struct selfplay_config *config,
                        GError **error)
{
    struct worker worker = {.ops = ops, .user = user};
    if (start(&worker, config))
        play_games(&worker);
    selfplay_close(worker.selfplay);
    net_unref(worker.in_use.net);
    if (!worker.failure)
        return 0;
    g_propagate_error(error, worker.failure);
    return -1;
}
