/* Running a search: its threads. */
#include "mcts/search/search_state.h"

#include <assert.h>

#include "games/game.h"
#include "mcts/search.h"
#include "mcts/search/tree.h"

static void work(struct worker *worker)
{
    history_copy(&worker->history, &worker->search->history);
    while (gate_enter(worker)) {
        search_playout(worker);
        gate_leave(worker);
    }
}

/* Helpers live as long as the search: a network runner belongs to the thread that created it. */
static void *helper_main(void *argument)
{
    struct worker *worker = argument;
    struct mcts *search = worker->search;
    uint64_t done = 0;
    pthread_mutex_lock(&search->gate);
    for (;;) {
        while (search->run == done && !search->closing)
            pthread_cond_wait(&search->run_begins, &search->gate);
        if (search->closing)
            break;
        done = search->run;
        pthread_mutex_unlock(&search->gate);
        work(worker);
        pthread_mutex_lock(&search->gate);
        if (--search->running == 0)
            pthread_cond_broadcast(&search->run_ends);
    }
    pthread_mutex_unlock(&search->gate);
    return NULL;
}

/* If the system refuses a thread, the search goes on with those that it has. */
static void start_helpers(struct mcts *search)
{
    for (int i = 1; i < search->threads && !search->helpers_up; i++)
        if (pthread_create(&search->workers[i].thread, NULL, helper_main, &search->workers[i]) != 0)
            search->threads = i;
    search->helpers_up = search->threads > 1;
}

static void run_threads(struct mcts *search)
{
    start_helpers(search);
    pthread_mutex_lock(&search->gate);
    search->running = search->threads - 1;
    search->run++;
    pthread_cond_broadcast(&search->run_begins);
    pthread_mutex_unlock(&search->gate);
    work(&search->workers[0]);
    pthread_mutex_lock(&search->gate);
    while (search->running)
        pthread_cond_wait(&search->run_ends, &search->gate);
    pthread_mutex_unlock(&search->gate);
}

void mcts_run(struct mcts *search, const struct mcts_limits *limits)
{
    assert(limits->visits > 0 || limits->time_ms > 0 || limits->stop);
    gate_begin(search, limits);
    for (int i = 0; i < search->threads; i++)
        search->workers[i].max_depth = 0;
    if (game_over(search->position))
        return;
    atomic_store(&search->stop, false);
    if (search->config.model_opponent && search->viewer != search->position->player) {
        mcts_forget(search); /* it has the other player as opponent */
        search->viewer = search->position->player;
    }
    if (!tree_has_room(&search->tree, search->game->moves, search->threads))
        gate_recycle(search);
    const float *fresh_priors = search_expand_root(search);
    if (node_state(tree_node(&search->tree, search->tree.root)) != NODE_EXPANDED)
        return; /* no legal move */
    root_prepare(search, fresh_priors);
    bool won = threats_solve_root(search);
    root_exclude(search);
    if (search->config.selection == MCTS_GUMBEL)
        root_start_gumbel(search);
    if (won && limits->early_stop) {
        search->new_visits = 1; /* which proved it */
        return;
    }
    if (search->threads > 1)
        run_threads(search);
    else
        work(&search->workers[0]);
    search->new_visits = atomic_load(&search->started);
}
