/* A match as a whole: the seed of each game, notifications, players that do not start, a journal that fails, and the
 * check before the first game. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <sqlite3.h>

#include "agents/agent.h"
#include "engine/match/count.h"
#include "engine/match/game.h"
#include "engine/match/journal.h"
#include "engine/match/match.h"
#include "engine/match/openings.h"
#include "games/game.h"
#include "tests/delete_folder.h"

enum { PLAYERS = 3, GAMES = 4, ROUNDS = GAMES * PLAYERS * (PLAYERS - 1) / 2 };

/* The linker puts this in place of agent_open: the specs, seeds and first CPUs of the agents opened. */
static struct opened {
    pthread_mutex_t lock;
    int count;
    struct {
        char spec[64];
        uint64_t seed;
        int first_cpu;
    } agents[64];
} opened = {.lock = PTHREAD_MUTEX_INITIALIZER};

int __real_agent_open(struct agent **out, const char *spec, const struct game *of, const struct agent_config *with,
                      GError **error);
int __wrap_agent_open(struct agent **out, const char *spec, const struct game *of, const struct agent_config *with,
                      GError **error)
{
    pthread_mutex_lock(&opened.lock);
    int at = opened.count++ % 64;
    g_strlcpy(opened.agents[at].spec, spec, sizeof opened.agents[at].spec);
    opened.agents[at].seed = with->seed;
    opened.agents[at].first_cpu = with->limits.first_cpu;
    pthread_mutex_unlock(&opened.lock);
    return __real_agent_open(out, spec, of, with, error);
}

static int times_opened(const char *spec)
{
    int count = 0;
    for (int i = 0; i < opened.count; i++)
        count += strncmp(opened.agents[i].spec, spec, sizeof opened.agents[i].spec - 1) == 0;
    return count;
}

static struct game game;
static struct match_opening openings[2];
static struct match_player players[PLAYERS];
static struct match_config config;
static struct match_report report;

static void set_up(void)
{
    cr_assert(game_parse(&game, "go:5", NULL));
    match_random_openings(&game, 2, 5, openings, 2);
    for (int i = 0; i < PLAYERS; i++)
        players[i] = (struct match_player){i == 2 ? "rollout" : "random", i == 2 ? "rollout:4" : "random"};
    config = (struct match_config){.game = &game,
                                   .players = players,
                                   .player_count = PLAYERS,
                                   .games = GAMES,
                                   .threads = 2,
                                   .seed = 31,
                                   .openings = openings,
                                   .opening_count = 2,
                                   .agent = {.threads = 1, .reply_ms = 5000}};
    report = (struct match_report){0};
    opened.count = 0;
}

static void tear_down(void)
{
    match_report_clear(&report);
}

TestSuite(match_run, .init = set_up, .fini = tear_down);

/* The game of a record, played again by fresh agents. A tournament that a later version of the program resumes has the
 * same games: number n of a match with seed s has the seed mix(s ^ mix(n + 1)), and the opening whose number is the
 * meeting's, in turn. */
static void play_again(int number, const struct match_record *record, struct match_game *out)
{
    struct agent *agents[2];
    for (int i = 0; i < 2; i++)
        cr_assert_eq(agent_open(&agents[i], players[record->side[i]].spec, &game, &config.agent, NULL), 0);
    match_play_game(&game, agents, NULL, &openings[record->opening % 2], NULL, NULL,
                    rng_mix(31 ^ rng_mix((uint64_t)number + 1)), out);
    for (int i = 0; i < 2; i++)
        agent_close(agents[i]);
}

Test(match_run, a_game_depends_on_its_number_alone)
{
    config.games = 6; /* three openings a meeting, of which there are two */
    cr_assert(match_run(&config, &report, NULL));
    cr_assert(report.finished && report.done == 18 && report.count == 18 && report.player_count == 3);
    for (int i = 0; i < report.count; i++) {
        const struct match_record *r = &report.records[i];
        struct match_game again;
        play_again(i, r, &again);
        cr_assert_eq(r->hash, match_game_hash(&game, &again), "game %d", i);
        cr_assert_eq(r->symmetric, match_game_hash_symmetric(&game, &again));
        cr_assert(r->end == again.end && r->outcome == again.outcome && r->margin == again.margin);
        cr_assert(r->plies == again.plies && r->loser == 0 && !r->reason && r->round == 0 && !r->void_game);
        cr_assert(r->seconds > 0 && r->seconds <= report.seconds);
        match_game_clear(&again);
    }
}

/* ---- notifications ---- */

struct told {
    int progress, flushes, games;
    bool seen[ROUNDS];
    double seconds;
};

static void on_progress(const struct match_report *now, void *data)
{
    struct told *told = data;
    told->progress++;
    cr_assert(now == &report && now->seconds >= told->seconds, "the clock runs on");
    told->seconds = now->seconds;
}

static void on_flush(void *data)
{
    struct told *told = data;
    told->flushes++;
}

static void on_played(int number, const int sides[2], const struct match_game *played, void *data)
{
    struct told *told = data;
    cr_assert(number >= 0 && number < ROUNDS && !told->seen[number]);
    told->seen[number] = true;
    told->games++;
    cr_assert(sides[0] == report.records[number].side[0] && sides[1] == report.records[number].side[1]);
    cr_assert_eq(match_game_hash(&game, played), report.records[number].hash);
}

Test(match_run, callers_are_notified)
{
    struct told told = {0};
    config.data = &told;
    config.progress = on_progress;
    config.flush_progress = on_flush;
    config.played = on_played;
    cr_assert(match_run(&config, &report, NULL));
    cr_assert(told.games == ROUNDS && told.progress >= 1 && told.flushes == told.progress);
    cr_assert(report.seconds >= told.seconds && report.seconds > 0 && report.seconds < 60, "%g s", report.seconds);
    cr_assert_lt(told.progress, 50, "several times a second, but not continuously");
}

/* More threads than games, and no number of threads given. */
Test(match_run, threads)
{
    config.threads = 0;
    config.games = 1;
    cr_assert(match_run(&config, &report, NULL) && report.done == 3);
    match_report_clear(&report);
    config.threads = 20;
    cr_assert(match_run(&config, &report, NULL) && report.done == 3);
}

/* Each worker opens an agent once, on its own CPUs, and agents have seeds of their own. */
Test(match_run, agents_of_workers)
{
    config.threads = 3;
    config.agent.limits.cpus = 2;
    cr_assert(match_run(&config, &report, NULL));
    cr_assert(opened.count >= 3 && opened.count <= 9, "%d", opened.count);
    for (int i = 0; i < opened.count; i++) {
        cr_assert(opened.agents[i].first_cpu == 0 || opened.agents[i].first_cpu == 2 ||
                  opened.agents[i].first_cpu == 4);
        for (int j = 0; j < i; j++)
            cr_assert(strcmp(opened.agents[i].spec, opened.agents[j].spec) == 0 ||
                      opened.agents[i].seed != opened.agents[j].seed);
    }
}

/* ---- failures ---- */

/* A program that crashed is started again for its next game; its opponent and one that lost otherwise are not. */
Test(match_run, which_agents_are_reopened)
{
    char *crashes = g_strdup_printf("gtp:sh '%s/agents/external/fault.sh' exit mark", TESTS_DIR);
    players[0] = (struct match_player){"bad", crashes};
    config.player_count = 2;
    config.threads = 1;
    cr_assert(match_run(&config, &report, NULL) && report.done == 4);
    cr_assert_eq(times_opened(crashes), 4);
    cr_assert_eq(times_opened("random"), 1);
    match_report_clear(&report);
    char *resigns = g_strdup_printf("gtp:sh '%s/agents/external/fault.sh' resign mark", TESTS_DIR);
    players[0] = (struct match_player){"bad", resigns};
    opened.count = 0;
    cr_assert(match_run(&config, &report, NULL) && report.done == 4);
    cr_assert(times_opened(resigns) == 1 && report.records[3].end == MATCH_RESIGNED);
    g_free(crashes);
    g_free(resigns);
}

Test(match_run, a_player_that_does_not_start)
{
    players[1].spec = "net:/nowhere/net";
    config.player_count = 2;
    cr_assert(match_run(&config, &report, NULL) && report.finished);
    for (int i = 0; i < report.count; i++) {
        const struct match_record *r = &report.records[i];
        int loser = r->side[1] == 1;
        cr_assert(r->end == MATCH_FORFEIT && r->loser == loser && r->plies == 0, "game %d", i);
        cr_assert_eq(r->outcome, loser ? GAME_WON_0 : GAME_WON_1);
        cr_assert(g_str_has_prefix(r->reason, "failed to start: ") && strstr(r->reason, "/nowhere/net"));
    }
}

/* Without its referee a game is scored as the board stands, and its reason names the failure. */
Test(match_run, referees)
{
    config.player_count = 2;
    cr_assert(match_run(&config, &report, NULL));
    struct match_report as_is = report;
    config.referee = "net:/nowhere/net";
    cr_assert(match_run(&config, &report, NULL) && report.done == as_is.done);
    for (int i = 0; i < report.count; i++)
        cr_assert(!report.records[i].reason && report.records[i].margin == as_is.records[i].margin);
    match_report_clear(&report);
    config.referee = "random"; /* starts, but cannot score */
    cr_assert(match_run(&config, &report, NULL) && report.done == as_is.done);
    for (int i = 0; i < report.count; i++) {
        cr_assert(g_str_has_prefix(report.records[i].reason, "scored without the referee, which failed: "));
        cr_assert_eq(report.records[i].margin, as_is.records[i].margin);
    }
    cr_assert_geq(times_opened("random"), report.done, "it is opened again for each game");
    match_report_clear(&as_is);
}

static atomic_bool stop;

static void stop_later(const struct match_report *now, void *data)
{
    int *calls = data;
    (void)now;
    if (++*calls == 3)
        atomic_store(&stop, true);
}

/* A stop reaches whichever program is being queried: the first player, the second, or the referee. */
Test(match_run, a_stop_reaches_everyone)
{
    static const char *const hangs = "genmove|final_score";
    char *folder = g_dir_make_tmp("tengen-run-XXXXXX", NULL), *script = g_build_filename(folder, "hang.sh", NULL);
    char *spec = g_strdup_printf("gtp:sh '%s'", script);
    char *text =
        g_strdup_printf("while read -r id command rest; do case $command in\n"
                        "list_commands) printf '=%%s name\\nversion\\nlist_commands\\nboardsize\\nclear_board\\n"
                        "komi\\nplay\\ngenmove\\nfinal_score\\nquit\\n\\n' \"$id\" ;;\n"
                        "%s) exec sleep 1000 ;;\n"
                        "*) printf '=%%s\\n\\n' \"$id\" ;;\nesac; done\n",
                        hangs);
    cr_assert(g_file_set_contents(script, text, -1, NULL));
    config.player_count = 2;
    config.games = config.threads = 1;
    config.agent.reply_ms = 60000;
    config.stop = &stop;
    config.progress = stop_later;
    for (int who = 0; who < 3; who++) {
        int calls = 0;
        int64_t begun = g_get_monotonic_time();
        atomic_store(&stop, false);
        players[0].spec = who == 0 ? spec : "random";
        players[1].spec = who == 1 ? spec : "random";
        config.referee = who == 2 ? spec : NULL;
        config.data = &calls;
        cr_assert(match_run(&config, &report, NULL));
        cr_assert(g_get_monotonic_time() - begun < 20 * G_USEC_PER_SEC, "player %d", who);
        cr_assert(calls >= 3 && report.done == (who == 2), "player %d: %d games after %d calls", who, report.done,
                  calls);
        match_report_clear(&report);
    }
    delete_folder(folder);
    g_free(folder);
    g_free(script);
    g_free(spec);
    g_free(text);
}

static void execute(const char *folder, const char *sql)
{
    char *path = g_build_filename(folder, "match.db", NULL);
    sqlite3 *db;
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK, "%s", sqlite3_errmsg(db));
    sqlite3_close(db);
    g_free(path);
}

/* A journal that cannot be written ends the match with an error; games played so far are in the report. With a journal
 * of another schedule nothing is played. */
Test(match_run, a_journal_that_fails)
{
    char *folder = g_dir_make_tmp("tengen-run-XXXXXX", NULL);
    GError *error = NULL;
    config.threads = 1;
    cr_assert_eq(journal_open(&config.journal, folder, &game, NULL), 0);
    execute(folder, "DROP TABLE games");
    cr_assert(!match_run(&config, &report, &error) && strstr(error->message, "save a game"), "%s",
              error ? error->message : "");
    cr_assert(!report.finished && report.done == 1);
    g_clear_error(&error);
    match_report_clear(&report);
    journal_close(config.journal);
    delete_folder(folder);

    cr_assert_eq(journal_open(&config.journal, folder, &game, NULL), 0);
    const struct match_record other = {.side = {2, 1}, .outcome = GAME_DRAWN};
    cr_assert(
        (journal_queue(config.journal, 4, &other, &(struct match_game){0}, 17), journal_write(config.journal, NULL)));
    journal_close(config.journal);
    cr_assert_eq(journal_open(&config.journal, folder, &game, NULL), 0);
    cr_assert(!match_run(&config, &report, &error) && strstr(error->message, "game 5 differs"), "%s",
              error ? error->message : "");
    cr_assert(!report.finished && report.done == 0 && report.seconds >= 17);
    g_clear_error(&error);
    journal_close(config.journal);
    delete_folder(folder);
    g_free(folder);
}

/* ---- the check before the first game ---- */

/* The message of the check, or NULL; *at: the player, or the number of players for the referee. */
static char *check(int moves, int *at)
{
    GError *error = NULL;
    if (match_check_players(&config, moves, at, &error)) {
        cr_assert_null(error);
        return NULL;
    }
    char *message = g_strdup(error->message);
    g_clear_error(&error);
    return message;
}

static void expect_check(int moves, int player, const char *says)
{
    int at;
    char *message = check(moves, &at);
    cr_assert_eq(at, player);
    cr_assert(says ? message && strstr(message, says) : !message, "%s, not %s", message, says ? says : "nothing");
    g_free(message);
}

/* The second player's move is illegal as soon as it is asked a second time. */
Test(match_run, check_of_players)
{
    char *illegal = g_strdup_printf("gtp:sh '%s/agents/external/fault.sh' illegal mark 2", TESTS_DIR);
    cr_assert(game_parse(&game, "go:9", NULL));
    config.opening_count = 0;
    expect_check(5, PLAYERS, NULL);
    players[1] = (struct match_player){"bad", illegal};
    openings[0] = (struct match_opening){.moves = {0}, .count = 1}; /* A9, which it plays as well */
    config.opening_count = 1;
    expect_check(0, PLAYERS, NULL);
    expect_check(1, PLAYERS, NULL);
    expect_check(2, 1, "agent \"bad\": plays the illegal move A9 at ply 3");
    players[0].spec = "nonsense";
    expect_check(0, 0, "agent \"random\": ");
    g_free(illegal);
}

/* The rules end the game, or the agent resigns, before all moves are made. */
Test(match_run, a_check_ends_with_its_game)
{
    char *resigns = g_strdup_printf("gtp:sh '%s/agents/external/fault.sh' resign mark 2", TESTS_DIR);
    char *passes = g_strdup_printf("gtp:sh '%s/agents/external/fault.sh' fine mark", TESTS_DIR);
    config.opening_count = 0;
    players[0].spec = resigns;
    players[1].spec = passes;
    expect_check(9, PLAYERS, NULL);
    g_free(resigns);
    g_free(passes);
}

Test(match_run, check_of_the_referee)
{
    config.referee = "nonsense";
    expect_check(0, PLAYERS, "referee: ");
    config.referee = "random";
    expect_check(0, PLAYERS, "referee: ");
}
