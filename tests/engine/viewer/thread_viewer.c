/* The brain's thread and its caller, a worker and a reader of the live mapping, concurrently: for ThreadSanitizer. */
#include <assert.h>
#include <glib/gstdio.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "engine/store/live.h"
#include "engine/viewer/session/session.h"
#include "engine/viewer/session/session_internal.h"
#include "games/game.h"

static atomic_int woken;

static void wake(void *user)
{
    (void)user;
    atomic_fetch_add(&woken, 1);
}

/* Moves, undos, analyses, stops and lost games in quick succession, while the thread is in all kinds of states. */
static void act_at_random(void)
{
    struct session_setup setup = {.seed = 3};
    assert(game_parse(&setup.game, "go:7", NULL));
    setup.players[0].human = true;
    g_strlcpy(setup.players[1].agent, "net:default,visits=50,threads=2", sizeof setup.players[1].agent);
    char memory[] = "/tmp/tengen-thread-viewer-XXXXXX";
    assert(g_mkdtemp(memory));
    g_snprintf(setup.memory, sizeof setup.memory, "%s/memory.db", memory);
    struct session *session = session_new(&setup, 2, wake, NULL);
    struct rng rng;
    rng_seed(&rng, 1);
    for (int i = 0; i < 120; i++) {
        switch (rng_below(&rng, 8)) {
        case 0:
            session_undo(session);
            break;
        case 1:
            session_set_analysis(session, !session->analysis_wanted);
            break;
        case 2:
            session_stop_thinking(session);
            break;
        case 3:
            session_move_now(session);
            break;
        case 4:
            session_step(session, -1);
            break;
        case 5: /* the engine resigns, and then studies */
            if (session->state == SESSION_PLAYING)
                session_finish(session, END_RESIGNED, 0, 0);
            break;
        default:
            session_play(session, (game_move)rng_below(&rng, session->game.moves));
        }
        for (int k = 0; k < 3; k++) {
            session_poll(session);
            g_usleep(1000 * rng_below(&rng, 12));
        }
    }
    /* Once the thread is idle, an analysis arrives. */
    session_stop_thinking(session);
    session_to_start(session);
    session_set_analysis(session, true);
    for (int i = 0; i < 6000 && !session_analysis(session); i++) {
        session_poll(session);
        g_usleep(10000);
    }
    assert(session_analysis(session) && atomic_load(&woken) > 0);
    session_free(session);
    g_unlink(setup.memory);
    g_rmdir(memory);
}

enum { MOVES = 200000, LENGTH = 60 };
static char folder[] = "/tmp/tengen-live-XXXXXX";
static atomic_bool done;

/* Every move of a game, and its komi, is the game's number modulo 49, so that a mixture of two games would be detected.
 * */
static void *work(void *user)
{
    struct live *live = user;
    struct game game;
    assert(game_parse(&game, "go:7", NULL));
    for (uint64_t i = 0; i < MOVES / LENGTH; i++) {
        game_set_komi(&game, (int)(i % 49));
        live_begin(live, 0, &game, i, 1);
        for (int k = 0; k < LENGTH; k++)
            live_move(live, 0, (game_move)(i % 49), 0);
    }
    atomic_store(&done, true);
    return NULL;
}

static void watch_live(void)
{
    static struct live_game seen;
    pthread_t thread;
    int reads = 0;
    assert(g_mkdtemp(folder));
    struct live *writer = live_create(folder, 1, NULL), *reader = live_open(folder);
    assert(writer && reader);
    pthread_create(&thread, NULL, work, writer);
    while (!atomic_load(&done)) {
        if (!live_read(reader, 0, &seen))
            continue;
        reads++;
        assert(game_komi(&seen.game) == (int)(seen.number % 49));
        for (int i = 0; i < seen.count; i++)
            assert(seen.moves[i] == seen.number % 49);
    }
    pthread_join(thread, NULL);
    live_close(reader);
    live_close(writer);
    char *path = g_build_filename(folder, "live", NULL);
    g_remove(path);
    g_rmdir(folder);
    g_free(path);
    assert(reads > 0);
}

int main(void)
{
    watch_live();
    act_at_random();
    puts("fine");
    return 0;
}
