/* Tournaments under torture. Their agents are deterministic, so that in the end the games must be those of the same tournament
 * played without a break. */
#include <cjson/cJSON.h>
#include <sqlite3.h>
#include <string.h>

#include "engine/torture/work.h"
#include "games/game.h"

enum { PLAYERS = 3, PAIRINGS = PLAYERS * (PLAYERS - 1) / 2, GAMES_EACH = 40, POLL_US = 100 * 1000 };

struct match {
    struct work work;
    GHashTable *games; /* number -> what is known of it, owned: these have been seen in the journal */
    int64_t polled;    /* us */
    char *result;      /* the last line that had a table; NULL: none yet */
    bool finished;
};

static struct work *open_match(const char *program, const char *folder, uint64_t seed)
{
    struct match *match = g_new0(struct match, 1);
    match->work = (struct work){.ops = &work_match_ops,
                                .program = g_strdup(program),
                                .folder = g_build_filename(folder, "match", NULL),
                                .seed = seed,
                                .lost = g_ptr_array_new_with_free_func(g_free)};
    match->games = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    return &match->work;
}

static void close_match(struct work *work)
{
    struct match *match = (struct match *)work;
    g_hash_table_destroy(match->games);
    g_ptr_array_unref(work->lost);
    g_free(match->result);
    g_free(work->program);
    g_free(work->folder);
    g_free(match);
}

static char **command_to(const struct work *work, const char *folder)
{
    const char *const words[] = {work->program,   "match",   "--game",        "gomoku:7", "--agent",
                                 "a=rollout:300", "--agent", "b=rollout:150", "--agent",  "c=random",
                                 "--threads=2",   "--json",  "--out",         folder};
    char **command = g_new0(char *, G_N_ELEMENTS(words) + 3);
    size_t count = 0;
    for (; count < G_N_ELEMENTS(words); count++)
        command[count] = g_strdup(words[count]);
    command[count++] = g_strdup_printf("--games=%d", GAMES_EACH);
    command[count] = g_strdup_printf("--seed=%" G_GUINT64_FORMAT, work->seed);
    return command;
}

static char **command(struct work *work)
{
    return command_to(work, work->folder);
}

static void note(void *user, const char *line)
{
    struct match *match = user;
    if (!g_str_has_prefix(line, "{\"agents\":") || !strstr(line, "\"finished\":"))
        return;
    g_free(match->result);
    match->result = g_strdup(line);
    match->finished = strstr(line, "\"finished\":true") != NULL;
}

/* ---- the journal ---- */

/* What a game was, without the time that it took. */
#define GAME_QUERY                                                                                                     \
    "SELECT number, printf('round %d pair %d: %d-%d, outcome %d, ended %d, moves %s', round, pair, first, second,"     \
    " outcome, ended, moves), first, second, outcome FROM games ORDER BY number"

/* Compares the games with those seen before, and adds the new ones. Returns their number; -1: the journal cannot be read. */
static int64_t read_journal(struct match *match, sqlite3 *database)
{
    sqlite3_stmt *statement = NULL;
    int64_t count = 0;
    int code = SQLITE_ERROR;
    if (sqlite3_prepare_v2(database, GAME_QUERY, -1, &statement, NULL) == SQLITE_OK)
        while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
            void *key = GINT_TO_POINTER(sqlite3_column_int(statement, 0));
            const char *is = (const char *)sqlite3_column_text(statement, 1),
                       *was = g_hash_table_lookup(match->games, key);
            if (was && strcmp(was, is) != 0)
                work_lost(&match->work, "game %d was %s, and is %s", GPOINTER_TO_INT(key), was, is);
            if (!was)
                g_hash_table_insert(match->games, key, g_strdup(is));
            count++;
        }
    sqlite3_finalize(statement);
    return code == SQLITE_DONE ? count : -1;
}

static bool has_journal(const struct work *work)
{
    char *path = g_build_filename(work->folder, "match.db", NULL);
    const bool has = g_file_test(path, G_FILE_TEST_EXISTS);
    g_free(path);
    return has;
}

/* What another process can read in the journal is committed. Says nothing of errors: the journal may be about to be created. */
static int64_t done(void *user)
{
    struct match *match = user;
    const int64_t now = g_get_monotonic_time();
    sqlite3 *database = NULL;
    char *path = g_build_filename(match->work.folder, "match.db", NULL);
    if (now - match->polled >= POLL_US && has_journal(&match->work)) {
        if (sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK)
            read_journal(match, database);
        sqlite3_close(database);
        match->polled = g_get_monotonic_time();
    }
    g_free(path);
    return (int64_t)g_hash_table_size(match->games);
}

static void check(struct work *work, bool whole)
{
    struct match *match = (struct match *)work;
    (void)whole;
    const int64_t seen = (int64_t)g_hash_table_size(match->games);
    if (!has_journal(work) && seen == 0)
        return;
    sqlite3 *database = work_open_database(work, "match.db");
    if (!database)
        return;
    work_check_integrity(work, database);
    const bool begun = work_number(work, database, "SELECT count(*) FROM sqlite_master WHERE name = 'games'") > 0;
    const int64_t count = begun ? read_journal(match, database) : 0;
    if (count < seen)
        work_lost(work, "%" G_GINT64_FORMAT " games were in the journal, %" G_GINT64_FORMAT " are", seen, count);
    sqlite3_close(database);
}

/* ---- the end of a tournament ---- */

struct tally {
    int games, wins, draws, losses;
};

/* By hand from the journal, each number once. */
static bool count_games(struct match *match, sqlite3 *database, struct tally tally[PLAYERS])
{
    sqlite3_stmt *statement = NULL;
    int count = 0;
    memset(tally, 0, PLAYERS * sizeof *tally);
    if (sqlite3_prepare_v2(database, GAME_QUERY, -1, &statement, NULL) != SQLITE_OK)
        return false;
    for (; sqlite3_step(statement) == SQLITE_ROW; count++) {
        const int side[2] = {sqlite3_column_int(statement, 2), sqlite3_column_int(statement, 3)};
        const int outcome = sqlite3_column_int(statement, 4);
        if (sqlite3_column_int(statement, 0) != count)
            work_lost(&match->work, "the journal has no game %d", count);
        for (int i = 0; i < 2 && side[i] >= 0 && side[i] < PLAYERS; i++) {
            struct tally *t = &tally[side[i]];
            t->games++;
            t->draws += outcome == GAME_DRAWN;
            t->wins += outcome == (i ? GAME_WON_1 : GAME_WON_0);
            t->losses += outcome == (i ? GAME_WON_0 : GAME_WON_1);
        }
    }
    sqlite3_finalize(statement);
    if (count != PAIRINGS * GAMES_EACH)
        work_lost(&match->work, "the journal has %d games of %d", count, PAIRINGS * GAMES_EACH);
    return true;
}

static int number_in(const cJSON *object, const char *name)
{
    const cJSON *number = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsNumber(number) ? number->valueint : -1;
}

static void compare_table(struct match *match, sqlite3 *database)
{
    struct tally tally[PLAYERS];
    if (!count_games(match, database, tally))
        return;
    cJSON *table = cJSON_Parse(match->result);
    const cJSON *agents = cJSON_GetObjectItemCaseSensitive(table, "agents");
    for (int i = 0; i < PLAYERS; i++) {
        const cJSON *agent = cJSON_GetArrayItem(agents, i);
        const struct tally told = {number_in(agent, "games"), number_in(agent, "wins"), number_in(agent, "draws"),
                                   number_in(agent, "losses")};
        if (memcmp(&told, &tally[i], sizeof told) != 0)
            work_lost(&match->work,
                      "the table gives player %c %d games, %d wins, %d draws, %d losses, the journal %d, %d, %d, %d",
                      'a' + i, told.games, told.wins, told.draws, told.losses, tally[i].games, tally[i].wins,
                      tally[i].draws, tally[i].losses);
    }
    cJSON_Delete(table);
}

/* Plays the tournament without a break, and compares its games with those of the journal. */
static void compare_unbroken(struct match *match)
{
    char *folder = g_strconcat(match->work.folder, "-unbroken", NULL), **words = command_to(&match->work, folder);
    struct match whole = {.work = match->work};
    sqlite3 *database = NULL;
    int status = -1;
    GError *error = NULL;
    whole.work.folder = folder;
    whole.games = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    if (!g_spawn_sync(NULL, words, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                      NULL, NULL, NULL, NULL, &status, &error) ||
        status != 0) {
        work_lost(&match->work, "the same tournament without a break ended with status %d%s%s", status,
                  error ? ": " : "", error ? error->message : "");
        g_clear_error(&error);
    } else if ((database = work_open_database(&whole.work, "match.db"))) {
        read_journal(&whole, database);
        for (int i = 0; i < PAIRINGS * GAMES_EACH; i++) {
            const char *was = g_hash_table_lookup(whole.games, GINT_TO_POINTER(i));
            const char *is = g_hash_table_lookup(match->games, GINT_TO_POINTER(i));
            if (g_strcmp0(was, is) != 0)
                work_lost(&match->work, "game %d is %s; without a break it was %s", i, is ? is : "missing",
                          was ? was : "missing");
        }
    }
    sqlite3_close(database);
    g_hash_table_destroy(whole.games);
    g_strfreev(words);
    g_free(folder);
}

static bool is_finished(const struct work *work)
{
    return ((const struct match *)work)->finished;
}

static void check_all(struct work *work, bool whole)
{
    struct match *match = (struct match *)work;
    check(work, whole);
    if (!match->finished || !whole)
        return;
    sqlite3 *database = work_open_database(work, "match.db");
    if (database)
        compare_table(match, database);
    sqlite3_close(database);
    compare_unbroken(match);
}

const struct work_ops work_match_ops = {.name = "match",
                                        .open = open_match,
                                        .close = close_match,
                                        .command = command,
                                        .line = note,
                                        .done = done,
                                        .check = check_all,
                                        .is_finished = is_finished};
