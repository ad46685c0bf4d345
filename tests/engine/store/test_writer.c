/* Games on their way to the store. */
#include <criterion/criterion.h>
#include <stdatomic.h>

#include "engine/store/record.h"
#include "engine/store/store.h"
#include "engine/store/writer.h"
#include "games/game.h"

static struct game game;

static struct record *make(uint64_t number, int plies)
{
    union any_position position;
    float policy[GAME_MAX_MOVES];
    const float wdl[3] = {1, 0, 0};
    struct record *record = record_new(&game, number, 0);
    game_init(&game, &position.p);
    for (int i = 0; i < GAME_MAX_MOVES; i++)
        policy[i] = 1.0f / (float)game.moves;
    for (int i = 0; i < plies; i++) {
        record_add(record, &position.p, (game_move)i, policy, wdl, wdl, RECORD_SEARCHED | RECORD_TRAIN);
        game_try(&game, &position.p, NULL, (game_move)i);
    }
    record_finish(record, &position.p);
    return record;
}

struct seen {
    atomic_int commits;
    _Atomic gint64 first; /* when, g_get_monotonic_time; 0: not yet */
};

static void on_committed(void *user, int64_t games)
{
    struct seen *seen = user;
    (void)games;
    if (atomic_fetch_add(&seen->commits, 1) == 0)
        atomic_store(&seen->first, g_get_monotonic_time());
}

static void on_failed(void *user, GError *error)
{
    (void)user;
    cr_assert_fail("%s", error->message);
}

/* When the first commit came, in seconds after the start of the writer, if so many games of `plies` plies are added at once. */
static double first_commit(int games, int plies)
{
    struct store *store;
    struct store_counts counts;
    struct seen seen = {0};
    char *folder = g_dir_make_tmp("tengen-writer-XXXXXX", NULL);
    cr_assert_eq(store_open(&store, folder, STORE_CREATE, NULL), 0);
    const gint64 began = g_get_monotonic_time();
    struct writer *writer = writer_start(
        &(struct writer_config){.store = store, .committed = on_committed, .failed = on_failed, .user = &seen});
    for (int i = 0; i < games; i++) {
        struct record *record = make((uint64_t)i, plies);
        cr_assert_eq(writer_add(writer, record), i + 1);
        record_unref(record);
    }
    while (!atomic_load(&seen.first))
        g_usleep(1000);
    writer_stop(writer);
    cr_assert(store_count(store, &counts, NULL) && counts.games == games);
    store_close(store);
    store_remove(folder);
    g_free(folder);
    return (double)(atomic_load(&seen.first) - began) / G_USEC_PER_SEC;
}

Test(writer, commits_once_a_second)
{
    cr_assert(game_parse(&game, "gomoku:15", NULL));
    cr_assert_geq(first_commit(3, 4), 0.95);
}

/* 200 plies with 225 shares of 4 bytes: 50 games are about 9 MB. */
Test(writer, does_not_wait_when_much_waits)
{
    cr_assert(game_parse(&game, "gomoku:15", NULL));
    cr_assert_lt(first_commit(50, 200), 0.95);
}

/* While nothing can be committed, more than 8 MB are too much; once they are, no longer. */
Test(writer, is_behind)
{
    struct store *store;
    struct seen seen = {0};
    cr_assert(game_parse(&game, "gomoku:15", NULL));
    char *folder = g_dir_make_tmp("tengen-writer-XXXXXX", NULL);
    cr_assert_eq(store_open(&store, folder, STORE_CREATE, NULL), 0);
    struct writer *writer = writer_start(
        &(struct writer_config){.store = store, .committed = on_committed, .failed = on_failed, .user = &seen});
    store_lock(store);
    for (int i = 0; i < 50; i++) {
        if (i == 20)
            cr_expect_not(writer_is_behind(writer));
        struct record *record = make((uint64_t)i, 200);
        writer_add(writer, record);
        record_unref(record);
    }
    cr_expect(writer_is_behind(writer));
    g_usleep(100000); /* the writer has them, and waits for the lock */
    cr_expect(writer_is_behind(writer));
    store_unlock(store);
    while (!atomic_load(&seen.first))
        g_usleep(1000);
    for (int i = 0; i < 5000 && writer_is_behind(writer); i++)
        g_usleep(1000);
    cr_expect_not(writer_is_behind(writer));
    writer_stop(writer);
    store_close(store);
    store_remove(folder);
    g_free(folder);
}
