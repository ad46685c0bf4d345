#include "engine/viewer/session/player_check.h"

#include <pthread.h>
#include <stdatomic.h>

#include "agents/agent.h"
#include "engine/viewer/session/session.h"

struct player_check {
    pthread_t thread;
    struct session_setup setup;
    void (*wake)(void *user);
    void *user;
    GError *error;    /* written by the thread before `state` */
    atomic_int state; /* enum player_check_state */
};

bool player_check_now(const struct session_setup *setup, GError **error)
{
    for (int i = 0; i < 2; i++) {
        struct agent *agent = NULL;
        const struct agent_config config = {.threads = 1};
        if (setup->players[i].human)
            continue;
        if (agent_open(&agent, setup->players[i].agent, &setup->game, &config, error) != 0)
            return false;
        agent_close(agent);
    }
    return true;
}

static void *run(void *data)
{
    struct player_check *check = data;
    bool ok = player_check_now(&check->setup, &check->error);
    atomic_store(&check->state, ok ? PLAYER_CHECK_OPEN : PLAYER_CHECK_REFUSED);
    if (check->wake)
        check->wake(check->user);
    return NULL;
}

struct player_check *player_check_start(const struct session_setup *setup, void (*wake)(void *), void *user)
{
    struct player_check *check = g_new0(struct player_check, 1);
    check->setup = *setup;
    check->wake = wake;
    check->user = user;
    atomic_init(&check->state, PLAYER_CHECK_RUNNING);
    if (pthread_create(&check->thread, NULL, run, check) != 0)
        g_error("cannot start a thread");
    return check;
}

enum player_check_state player_check_poll(struct player_check *check, GError **error)
{
    enum player_check_state state = (enum player_check_state)atomic_load(&check->state);
    if (state == PLAYER_CHECK_REFUSED && check->error) {
        g_propagate_error(error, check->error);
        check->error = NULL;
    }
    return state;
}

void player_check_end(struct player_check *check)
{
    if (!check)
        return;
    pthread_join(check->thread, NULL);
    g_clear_error(&check->error);
    g_free(check);
}
