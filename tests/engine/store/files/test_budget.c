/* The disk space of a run. */
#include <criterion/criterion.h>
#include <sqlite3.h>
#include <string.h>

#include "engine/store/files/budget.h"
#include "engine/store/record.h"
#include "engine/store/store.h"
#include "games/game.h"
#include "tests/delete_folder.h"

enum { GAMES = 2000, PLIES = 40, NET = 20000 };

static struct game game;
static struct store *store;
static char *folder;

static void set_up(void)
{
    cr_assert(game_parse(&game, "go:9", NULL));
    folder = g_dir_make_tmp("tengen-budget-XXXXXX", NULL);
    cr_assert_eq(store_open(&store, folder, STORE_CREATE, NULL), 0);
}

static void tear_down(void)
{
    store_close(store);
    delete_folder(folder);
    g_free(folder);
}

TestSuite(budget, .init = set_up, .fini = tear_down);

/* Random moves, each with a policy of 20 moves that does not compress well. */
static struct record *make(uint64_t number)
{
    union any_position position, before;
    struct history history;
    struct rng rng;
    struct record *record = record_new(&game, number, 0);
    rng_seed(&rng, number);
    game_init(&game, &position.p);
    history_init(&history, PLIES);
    while (record->ply_count < PLIES) {
        float policy[GAME_MAX_MOVES] = {0}, wdl[3] = {0.5f, 0, 0.5f};
        const game_move move = (game_move)rng_below(&rng, game.points);
        before = position;
        if (!game_try(&game, &position.p, &history, move))
            continue;
        for (int i = 0; i < 20; i++)
            policy[rng_below(&rng, game.points)] = (float)rng_uniform(&rng);
        record_add(record, &before.p, move, policy, wdl, wdl, RECORD_SEARCHED | RECORD_TRAIN);
    }
    history_clear(&history);
    record_finish(record, &position.p);
    return record;
}

static void add_games(void)
{
    GPtrArray *records = g_ptr_array_new_with_free_func((GDestroyNotify)record_unref);
    for (uint64_t i = 0; i < GAMES; i++)
        g_ptr_array_add(records, make(i));
    cr_assert(store_add_games(store, (struct record *const *)records->pdata, GAMES, NULL));
    g_ptr_array_unref(records);
}

static void add_checkpoint(uint32_t generation)
{
    const struct store_checkpoint c = {.generation = generation, .rate_scale = 1};
    char *names[] = {store_generation_name(generation), store_state_name(generation)}, *bytes = g_strnfill(NET, 'n');
    for (int i = 0; i < 2; i++) {
        char *path = store_net_path(store, names[i]);
        cr_assert(g_file_set_contents(path, bytes, i ? 10 : NET, NULL));
        g_free(path);
        g_free(names[i]);
    }
    g_free(bytes);
    cr_assert(store_add_checkpoint(store, &c, NULL, 0, NULL));
}

static int64_t number(const char *sql)
{
    sqlite3_stmt *statement = NULL;
    cr_assert_eq(sqlite3_prepare_v2(store_database(store), sql, -1, &statement, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_step(statement), SQLITE_ROW);
    const int64_t value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

static bool keep(int64_t bytes, int64_t rows)
{
    GError *error = NULL;
    enum budget budget = BUDGET_MORE;
    while (budget == BUDGET_MORE)
        cr_assert(budget_keep(store, bytes, rows, &budget, &error), "%s", error ? error->message : "");
    return budget == BUDGET_KEPT;
}

/* Both names of the best net are one file. */
Test(budget, what_a_run_takes)
{
    const int64_t empty = budget_used(store);
    add_checkpoint(0);
    const int64_t one = budget_used(store);
    cr_assert(one >= empty + NET + 10 && one < empty + NET + 10 + 60000 /* pages of the log */, "%d",
              (int)(one - empty));
}

Test(budget, enough_changes_nothing)
{
    add_games();
    const int64_t used = budget_used(store);
    cr_assert(keep(used, 0) && keep(0x7fffffffffff, 0));
    cr_assert_eq(number("SELECT count(*) FROM games WHERE rows > 0"), GAMES);
}

/* The oldest games lose their targets first; the newest, with as many rows as the window needs, keep them. They can all be replayed. */
Test(budget, old_targets_go_first)
{
    struct store_counts before, after;
    GPtrArray *records;
    add_games();
    add_checkpoint(0);
    cr_assert(store_count(store, &before, NULL));
    const int64_t bytes = budget_used(store) * 2 / 3;
    cr_assert(keep(bytes, 500 * PLIES));
    cr_assert_leq(budget_used(store), bytes);
    cr_assert_eq(number("SELECT count(*) FROM games"), GAMES);
    const int64_t first = number("SELECT min(number) FROM games WHERE rows > 0");
    cr_assert(first > 0 && first <= GAMES - 500);
    cr_assert_eq(number("SELECT count(*) FROM games WHERE rows > 0"), GAMES - first);
    cr_assert(store_count(store, &after, NULL));
    cr_assert(before.games == after.games && before.rows == after.rows && before.plies == after.plies,
              "the totals count them");
    GError *error = NULL;
    cr_assert(store_load_games(store, &game, 1, INT64_MAX, &records, &error), "%s", error->message);
    cr_assert_eq(records->len, GAMES);
    for (guint i = 0; i < records->len; i++) {
        const struct record *r = records->pdata[i];
        struct record *was = make(i);
        cr_assert(r->ply_count == PLIES && r->moves_hash == was->moves_hash &&
                  r->rows == ((int64_t)i < first ? 0 : PLIES));
        cr_assert(r->plies[3].wdl[0] > 0.49f && r->result.outcome == was->result.outcome);
        record_unref(was);
    }
    g_ptr_array_unref(records);
    store_close(store);
    cr_assert_eq(store_open(&store, folder, STORE_WRITE, NULL), 0);
    cr_assert(store_count(store, &after, NULL) && after.rows == before.rows, "a new session counts them, too");
    cr_assert_eq(number("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"), 1);
}

static bool has_net(uint32_t generation)
{
    char *name = store_generation_name(generation), *path = store_net_path(store, name);
    const bool has = g_file_test(path, G_FILE_TEST_EXISTS);
    cr_assert_eq(number(generation == 5 ? "SELECT has_net FROM checkpoints WHERE generation = 5" : "SELECT 1"),
                 generation == 5 ? has : 1);
    g_free(name);
    g_free(path);
    return has;
}

/* Then nets, but for the first, the newest three, the one that is held as best, and rungs. */
Test(budget, old_nets_follow)
{
    for (uint32_t generation = 0; generation < 10; generation++)
        add_checkpoint(generation);
    cr_assert(store_hold_best(store, 4, NULL));
    cr_assert(store_add_rung_games(
        store, &(struct store_rung_game){.generation = 9, .rung = "generation:2", .points = 1, .plies = 9}, 1, NULL));
    for (uint32_t generation = 0; generation < 10; generation++)
        cr_assert(has_net(generation));
    cr_assert(!keep(1000, 0), "that cannot be kept");
    for (uint32_t generation = 0; generation < 10; generation++)
        cr_assert_eq(has_net(generation), generation == 0 || generation == 2 || generation == 4 || generation >= 7,
                     "generation %u", generation);
}

/* At last old games go altogether, the newest never. */
Test(budget, old_games_go_last)
{
    struct store_counts counts;
    add_games();
    cr_assert(!keep(1000, 700 * PLIES));
    cr_assert_eq(number("SELECT min(number) FROM games"), GAMES - 700);
    cr_assert_eq(number("SELECT count(*) FROM games WHERE rows > 0"), 700);
    cr_assert(store_count(store, &counts, NULL) && counts.games == GAMES && counts.next_number == GAMES);
}
