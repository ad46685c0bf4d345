/* A journal that fails while another game is being played: the search that it interrupts must not decide that game. */
#include <criterion/criterion.h>
#include <sqlite3.h>

#include "engine/match/count.h"
#include "engine/match/game.h"
#include "engine/match/journal.h"
#include "engine/match/match.h"
#include "games/game.h"
#include "tests/delete_folder.h"

enum { VISITS = 60000 };

static int interrupted;

/* Each move of the searching players took all of their visits. */
static void examine(int number, const int players[2], const struct match_game *game, void *data)
{
    (void)number, (void)players, (void)data;
    for (int i = 0; i < game->plies; i++)
        interrupted += game->info[i].visits != 0 && game->info[i].visits != VISITS;
}

static void break_journal(const char *folder)
{
    sqlite3 *database;
    char *path = g_build_filename(folder, "match.db", NULL);
    cr_assert_eq(sqlite3_open(path, &database), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(database, "DROP TABLE games", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
    g_free(path);
}

/* In the first round the random players are done at once, and the journal fails, while the others think. Whether one of those games
 * ends within a move of being interrupted depends on the moment: several tries. */
Test(match_stopped, an_interrupted_search_decides_no_game, .timeout = 120)
{
    struct game game;
    struct match_player players[] = {
        {.name = "a", .spec = "random"}, {.name = "b", .spec = "random"}, {.name = "c", .spec = NULL}};
    char spec[32], *folder = g_dir_make_tmp("tengen-stopped-XXXXXX", NULL);
    g_snprintf(spec, sizeof spec, "rollout:%d", VISITS);
    players[2].spec = spec;
    cr_assert(game_parse(&game, "gomoku:3,line=3", NULL));
    for (int seed = 0; seed < 20; seed++) {
        struct match_report report;
        struct match_config config = {.game = &game,
                                      .players = players,
                                      .player_count = 3,
                                      .games = 2,
                                      .threads = 3,
                                      .seed = (uint64_t)seed,
                                      .agent = {.threads = 1, .reply_ms = 50000},
                                      .played = examine};
        GError *error = NULL;
        cr_assert_eq(journal_open(&config.journal, folder, &game, NULL), 0);
        break_journal(folder);
        cr_assert(!match_run(&config, &report, &error) && error);
        g_clear_error(&error);
        match_report_clear(&report);
        journal_close(config.journal);
        delete_folder(folder);
    }
    cr_assert_eq(interrupted, 0);
    g_free(folder);
}
