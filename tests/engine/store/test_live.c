/* The mapping shared between training and a watching process, and the view of a run that uses it. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/store/live.h"
#include "engine/viewer/watch/run_view.h"
#include "games/game.h"

static char folder[64];
static struct game games[2];

static void begin(void)
{
    g_strlcpy(folder, "/tmp/tengen-live-XXXXXX", sizeof folder);
    cr_assert_not_null(g_mkdtemp(folder));
    cr_assert(game_parse(&games[0], "go:5", NULL));
    cr_assert(game_parse(&games[1], "go:7,komi=-3.5,rules=japanese", NULL));
}

static void end(void)
{
    char *path = g_build_filename(folder, "live", NULL);
    g_remove(path);
    g_rmdir(folder);
    g_free(path);
}

Test(live, seen_by_a_reader, .init = begin, .fini = end)
{
    static struct live_game seen;
    struct live *writer = live_create(folder, 3, NULL), *reader = live_open(folder);
    cr_assert_not_null(writer);
    cr_assert_not_null(reader);
    cr_assert_eq(live_boards(reader), 3);
    cr_assert_not(live_read(reader, 1, &seen));
    live_begin(writer, 1, &games[1], 41, 7);
    cr_assert(live_read(reader, 1, &seen));
    cr_assert_eq(seen.count, 0);
    uint64_t changes = live_changes(reader);
    live_move(writer, 1, 24, NAN);
    live_move(writer, 1, 25, 0.5f);
    cr_assert_gt(live_changes(reader), changes);
    cr_assert(live_read(reader, 1, &seen));
    cr_assert_eq(seen.number, 41);
    cr_assert_eq(seen.generation, 7);
    cr_assert(game_equal(&seen.game, &games[1]), "its own komi and rules");
    cr_assert_eq(seen.count, 2);
    cr_assert_eq(seen.moves[1], 25);
    cr_assert_eq(seen.value_player_0, 0.5f);
    cr_assert(live_is_fresh(reader, 5));
    live_begin(writer, 1, &games[0], 42, 7);
    cr_assert(live_read(reader, 1, &seen));
    cr_assert_eq(seen.count, 0);
    cr_assert(game_equal(&seen.game, &games[0]));
    live_close(writer);
    cr_assert_not(live_is_fresh(reader, 5));
    live_close(reader);
}

/* An invalid board, and a game longer than the mapping: nothing is written out of bounds. */
Test(live, bounds, .init = begin, .fini = end)
{
    static struct live_game seen;
    struct live *writer = live_create(folder, 1, NULL);
    live_begin(writer, 5, &games[0], 1, 1);
    live_move(writer, 5, 0, 0);
    live_begin(writer, 0, &games[0], 1, 1);
    for (int i = 0; i < LIVE_MAX_MOVES + 100; i++)
        live_move(writer, 0, 3, 0);
    struct live *reader = live_open(folder);
    cr_assert(live_read(reader, 0, &seen));
    cr_assert_eq(seen.count, LIVE_MAX_MOVES);
    live_close(reader);
    live_close(writer);
    live_begin(NULL, 0, &games[0], 0, 0); /* without a mapping: allowed */
    live_move(NULL, 0, 0, 0);
}

/* Damaged files are rejected or contain no game. */
Test(live, hostile_files, .init = begin, .fini = end)
{
    char *path = g_build_filename(folder, "live", NULL), *bytes = NULL;
    gsize size;
    cr_assert_null(live_open(folder));
    cr_assert(g_file_set_contents(path, "short", -1, NULL));
    cr_assert_null(live_open(folder));
    struct live *writer = live_create(folder, 2, NULL);
    live_begin(writer, 0, &games[0], 1, 1);
    live_move(writer, 0, 3, 0);
    live_close(writer);
    cr_assert(g_file_get_contents(path, &bytes, &size, NULL));
    struct rng rng;
    rng_seed(&rng, 5);
    for (int i = 0; i < 300; i++) {
        char *spoilt = g_memdup2(bytes, size);
        for (int k = 0; k < 6; k++)
            spoilt[rng_below(&rng, k < 4 ? 300 : (uint32_t)size)] = (char)rng_next(&rng);
        gsize kept = i % 3 ? size : rng_below(&rng, (uint32_t)size);
        cr_assert(g_file_set_contents(path, spoilt, (gssize)kept, NULL));
        g_free(spoilt);
        struct live *reader = live_open(folder);
        static struct run_board board;
        for (int b = 0; reader && b < live_boards(reader); b++)
            if (live_read(reader, b, &board.game)) {
                union any_position at;
                struct history history;
                history_init(&history, 64);
                run_board_replay(&board, board.game.count, &at.p, &history);
                history_clear(&history);
            }
        live_close(reader);
    }
    g_free(bytes);
    g_free(path);
}

/* A time in the distant past from which the present is not an int64_t away. */
Test(live, impossible_time, .init = begin, .fini = end)
{
    const int64_t beat = INT64_MIN;
    char *path = g_build_filename(folder, "live", NULL);
    struct live *writer = live_create(folder, 1, NULL), *reader = live_open(folder);
    live_begin(writer, 0, &games[0], 1, 1);
    cr_assert(live_is_fresh(reader, 5));
    int fd = open(path, O_WRONLY);
    cr_assert_eq(pwrite(fd, &beat, sizeof beat, 24), (ssize_t)sizeof beat);
    close(fd);
    cr_assert_not(live_is_fresh(reader, 5));
    cr_assert_null(live_open(folder));
    live_close(reader);
    live_close(writer);
    g_free(path);
}

/* Another process truncates the file under a writer and a reader, which a mapping would answer by SIGBUS. */
Test(live, truncated_in_use, .init = begin, .fini = end)
{
    static struct live_game seen;
    char *path = g_build_filename(folder, "live", NULL);
    struct live *writer = live_create(folder, 2, NULL), *reader = live_open(folder);
    live_begin(writer, 1, &games[0], 4, 1);
    cr_assert(live_read(reader, 1, &seen));
    cr_assert_eq(truncate(path, 0), 0);
    cr_assert_not(live_read(reader, 1, &seen));
    cr_assert_not(live_is_fresh(reader, 5));
    live_move(writer, 1, 3, 0);
    live_begin(writer, 1, &games[0], 5, 1);
    live_move(writer, 1, 3, 0);
    live_changes(reader);
    live_close(writer);
    live_close(reader);
    g_free(path);
}

/* Opening a named pipe without a writer must not wait for one. */
Test(live, named_pipe, .init = begin, .fini = end, .timeout = 10)
{
    char *path = g_build_filename(folder, "live", NULL);
    cr_assert_eq(mkfifo(path, 0600), 0);
    cr_assert_null(live_open(folder));
    g_free(path);
}

/* The byte after the magic number is the version: a reader of another version does not open it. */
Test(live, another_version, .init = begin, .fini = end)
{
    char *path = g_build_filename(folder, "live", NULL), *bytes = NULL;
    gsize size;
    live_close(live_create(folder, 1, NULL));
    struct live *reader = live_open(folder);
    cr_assert_not_null(reader);
    live_close(reader);
    cr_assert(g_file_get_contents(path, &bytes, &size, NULL));
    bytes[8] = 1;
    cr_assert(g_file_set_contents(path, bytes, (gssize)size, NULL));
    cr_assert_null(live_open(folder), "version 1, which has no game per board");
    g_free(bytes);
    g_free(path);
}

Test(live, absent_run)
{
    struct run_view view;
    GError *error = NULL;
    cr_assert_neq(run_view_open(&view, "/no/such/run", &error), 0);
    cr_assert_not_null(error);
    g_clear_error(&error);
}
