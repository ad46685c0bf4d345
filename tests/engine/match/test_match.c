/* Matches: the same results on any number of threads; each fault of an agent loses one game with its reason; no process
 * is left behind. */
#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agents/agent.h"
#include "agents/net_path.h"
#include "engine/match/count.h"
#include "engine/match/game.h"
#include "engine/match/match.h"
#include "engine/match/openings.h"
#include "engine/match/report/report.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"
#include "tests/engine/match/pair_score.h"

struct fixture {
    struct game game;
    struct match_opening openings[50];
    struct match_player players[4];
    struct match_config config;
    struct match_report report;
};

static void set_up(struct fixture *f, const char *game, const char *const *specs, int games, int plies)
{
    cr_assert(game_parse(&f->game, game, NULL));
    f->config = (struct match_config){.game = &f->game,
                                      .players = f->players,
                                      .games = games,
                                      .threads = 1,
                                      .seed = 11,
                                      .openings = f->openings,
                                      .opening_count = (games + 1) / 2,
                                      .agent = {.threads = 1, .reply_ms = 700}};
    for (; specs[f->config.player_count]; f->config.player_count++)
        f->players[f->config.player_count] =
            (struct match_player){specs[f->config.player_count], specs[f->config.player_count]};
    match_random_openings(&f->game, plies, 5, f->openings, f->config.opening_count);
}

static void run(struct fixture *f, int threads)
{
    f->config.threads = threads;
    cr_assert(match_run(&f->config, &f->report, NULL));
}

static void assert_same(const struct match_report *a, const struct match_report *b)
{
    cr_assert(a->count == b->count && a->done == b->done);
    for (int i = 0; i < a->count; i++)
        cr_assert(a->records[i].hash == b->records[i].hash && a->records[i].outcome == b->records[i].outcome &&
                      a->records[i].side[0] == b->records[i].side[0],
                  "game %d differs", i);
}

Test(match, does_not_depend_on_threads)
{
    struct fixture f = {0};
    set_up(&f, "gomoku:7", (const char *const[]){"random", "rollout:20", "rollout:10", NULL}, 10, 2);
    run(&f, 1);
    struct match_report one = f.report;
    run(&f, 3);
    cr_assert(one.finished && one.count == 30 && one.done == 30);
    assert_same(&one, &f.report);
    f.config.seed++;
    struct match_report three = f.report;
    run(&f, 2);
    int same = 0;
    for (int i = 0; i < one.count; i++)
        same += one.records[i].hash == f.report.records[i].hash;
    cr_assert(same < 3, "%d of 30 games are the same with another seed", same);
    match_report_clear(&one);
    match_report_clear(&three);
    match_report_clear(&f.report);
}

/* Each pair plays `games` games, half of them with each side first, and both sides play each opening. */
Test(match, schedule_is_fair_and_sums_hold)
{
    struct fixture f = {0};
    set_up(&f, "gomoku:5,line=4", (const char *const[]){"random", "rollout:5", "rollout:30", "rollout:6", NULL}, 8, 2);
    run(&f, 2);
    int first[4][4] = {0};
    for (int i = 0; i < f.report.count; i++)
        first[f.report.records[i].side[0]][f.report.records[i].side[1]]++;
    for (int a = 0; a < 4; a++)
        for (int b = 0; b < 4; b++)
            cr_assert(first[a][b] == (a == b ? 0 : 4), "%d moved first against %d in %d games", a, b, first[a][b]);
    int games = 0, balance = 0;
    for (int a = 0; a < 4; a++) {
        struct match_score s = pair_score(&f.report, a, -1);
        cr_assert(s.games == 24 && s.wins + s.draws + s.losses == 24 && s.first_games == 12 && s.forfeits == 0);
        games += s.games;
        balance += s.wins - s.losses;
    }
    cr_assert(games == 2 * f.report.count && balance == 0);
    struct match_score strong = pair_score(&f.report, 2, 0);
    cr_assert(strong.wins > strong.losses, "rollout:30 against random: %d to %d", strong.wins, strong.losses);
    match_report_clear(&f.report);
}

/* Each game begins with its opening; both games of a pair have the same one. */
Test(match, openings_are_played_twice)
{
    struct fixture f = {0};
    set_up(&f, "gomoku:9", (const char *const[]){"random", "random", NULL}, 20, 4);
    for (int i = 0; i < 10; i++) {
        cr_assert(f.openings[i].count == 4);
        for (int j = 0; j < i; j++)
            cr_assert(memcmp(f.openings[i].moves, f.openings[j].moves, sizeof f.openings[i].moves[0] * 4) != 0);
    }
    struct agent *agents[2];
    const struct agent_config config = {.threads = 1};
    for (int i = 0; i < 2; i++)
        cr_assert(agent_open(&agents[i], "random", &f.game, &config, NULL) == 0);
    struct match_game played;
    match_play_game(&f.game, agents, NULL, &f.openings[3], NULL, NULL, 1, &played);
    cr_assert(played.end == MATCH_RULES && played.plies > 8);
    cr_assert(memcmp(played.moves, f.openings[3].moves, sizeof played.moves[0] * 4) == 0);
    match_game_clear(&played);
    for (int i = 0; i < 2; i++)
        agent_close(agents[i]);
}

/* In tic-tac-toe no opening of four plies may leave a win in one; with five plies that cannot always be avoided. */
Test(match, decided_openings_are_excluded)
{
    struct game game;
    struct match_opening openings[12];
    cr_assert(game_parse(&game, "gomoku:3,line=3", NULL));
    match_random_openings(&game, 4, 1, openings, 12);
    for (int i = 0; i < 12; i++) {
        union any_position at;
        game_init(&game, &at.p);
        for (int m = 0; m < openings[i].count; m++)
            game_play(&game, &at.p, NULL, openings[i].moves[m]);
        game_move moves[GAME_MAX_MOVES];
        int count = game.ops->legal_moves(&game, &at.p, NULL, moves);
        for (int m = 0; m < count; m++) {
            union any_position next = at;
            game_play(&game, &next.p, NULL, moves[m]);
            cr_assert(!game_over(&next.p), "opening %d leaves a win", i);
        }
    }
}

/* One hash distinguishes symmetric games, the other does not. */
Test(match, hashes)
{
    struct game game;
    game_move line[] = {0, 4, 1}, mirrored[] = {2, 4, 1}, other[] = {0, 4, 3}, different[] = {0, 4, 5};
    cr_assert(game_parse(&game, "gomoku:3,line=3", NULL));
    struct match_game a = {.plies = 3, .moves = line}, b = {.plies = 3, .moves = mirrored},
                      c = {.plies = 3, .moves = other}, d = {.plies = 3, .moves = different};
    cr_assert(match_game_hash(&game, &a) != match_game_hash(&game, &b));
    cr_assert(match_game_hash_symmetric(&game, &a) == match_game_hash_symmetric(&game, &b));
    cr_assert(match_game_hash_symmetric(&game, &a) == match_game_hash_symmetric(&game, &c), "the diagonal");
    cr_assert(match_game_hash_symmetric(&game, &a) != match_game_hash_symmetric(&game, &d));
}

static void expect_forfeits(const char *mode, const char *says)
{
    struct fixture f = {0};
    char *bad = g_strdup_printf("gtp:sh '%s/agents/external/fault.sh' %s mark", TESTS_DIR, mode);
    set_up(&f, "go:5", (const char *const[]){bad, "random", NULL}, 4, 0);
    run(&f, 2);
    struct match_score s = pair_score(&f.report, 0, 1);
    cr_assert(f.report.finished && s.games == 4 && s.losses == 4 && s.forfeits == 4, "%s: %d games, %d forfeits", mode,
              s.games, s.forfeits);
    for (int i = 0; i < 4; i++)
        cr_assert(strstr(f.report.records[i].reason, says), "%s: \"%s\"", mode, f.report.records[i].reason);
    match_report_clear(&f.report);
    g_free(bad);
    cr_assert(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD, "a child was not reaped");
}

Test(match, faults_lose_games_with_their_reason)
{
    expect_forfeits("exit", "exited with status 7");
    expect_forfeits("hang", "did not answer in time");
    expect_forfeits("illegal", "is not a move"); /* A9 is not on this board */
    expect_forfeits("half", "exited with status 0");
    expect_forfeits("refuse", "refused \"genmove");
}

/* The referee detects an illegal move of an otherwise correct engine. */
Test(match, illegal_move_is_judged_by_the_referee)
{
    struct fixture f = {0};
    char *bad = g_strdup_printf("gtp:sh '%s/agents/external/fault.sh' illegal mark", TESTS_DIR);
    set_up(&f, "go:9", (const char *const[]){bad, "random", NULL}, 2, 0);
    f.openings[0] = (struct match_opening){.moves = {0}, .count = 1}; /* point 0 is A9 */
    f.config.opening_count = 1;
    run(&f, 1);
    for (int i = 0; i < 2; i++) {
        cr_assert(f.report.records[i].end == MATCH_FORFEIT);
        cr_assert(strstr(f.report.records[i].reason, "illegal move A9 at ply"), "\"%s\"", f.report.records[i].reason);
    }
    match_report_clear(&f.report);
    g_free(bad);
}

static atomic_bool stop_flag;
static void stop_after_some(int number, const int players[2], const struct match_game *game, void *data)
{
    (void)players, (void)game, (void)data;
    if (number >= 3)
        atomic_store(&stop_flag, true);
}

Test(match, stops_on_request_and_counts_the_games_played)
{
    struct fixture f = {0};
    set_up(&f, "go:9", (const char *const[]){"random", "rollout:3", NULL}, 80, 0);
    f.config.opening_count = 0;
    f.config.stop = &stop_flag;
    f.config.played = stop_after_some;
    run(&f, 2);
    cr_assert(!f.report.finished && f.report.done >= 3 && f.report.done < 20, "%d games", f.report.done);
    cr_assert(pair_score(&f.report, 0, 1).games == f.report.done);
    match_report_clear(&f.report);
}

/* Stopping a match must not wait for a program that hangs. */
Test(match, stop_reaches_a_program_that_hangs)
{
    struct fixture f = {0};
    char *bad = g_strdup_printf("gtp:sh '%s/agents/external/fault.sh' hang mark", TESTS_DIR);
    set_up(&f, "go:9", (const char *const[]){"random", bad, NULL}, 4, 0);
    atomic_bool stop = true;
    f.config.agent.reply_ms = 60000;
    f.config.stop = &stop;
    int64_t start = g_get_monotonic_time();
    run(&f, 2);
    cr_assert(g_get_monotonic_time() - start < 10 * G_USEC_PER_SEC);
    cr_assert(f.report.done == 0);
    match_report_clear(&f.report);
    g_free(bad);
}

Test(match, invalid_players_are_detected_before_the_match)
{
    struct fixture f = {0};
    GError *error = NULL;
    int at;
    set_up(&f, "gomoku:9", (const char *const[]){"random", "perfect", NULL}, 2, 0);
    cr_assert(!match_check_players(&f.config, 0, &at, &error));
    cr_assert(at == 1 && strstr(error->message, "perfect cannot solve"));
    g_clear_error(&error);
}

Test(match, clocks_that_a_protocol_lacks_are_detected_before_the_match)
{
    struct fixture f = {0};
    GError *error = NULL;
    int at;
    char *brain = g_strdup_printf("gomocup:sh %s/agents/external/brain.sh plain", TESTS_DIR);
    set_up(&f, "gomoku:15", (const char *const[]){"random", brain, NULL}, 2, 0);
    cr_assert(agent_clock_parse("5m+2s", &f.config.terms.clock, NULL));
    cr_assert(match_check_players(&f.config, 0, &at, &error), "%s", error ? error->message : "");
    cr_assert(agent_clock_parse("5m+3x30s", &f.config.terms.clock, NULL));
    cr_assert(!match_check_players(&f.config, 0, &at, &error));
    cr_assert(at == 1 && strstr(error->message, "does not support byo-yomi"), "%s", error->message);
    g_clear_error(&error);
    g_free(brain);
}

Test(match, sgf)
{
    struct game game;
    const char *const names[2] = {"a[1]", "b"};
    cr_assert(game_parse(&game, "go:5,komi=6.5,handicap=0", NULL));
    game_move line[] = {6, 25, 18, 25, 25};
    struct match_game played = {.end = MATCH_RULES, .outcome = GAME_WON_0, .margin = 18.5f, .plies = 5, .moves = line};
    struct agent_clock clock = {.main_ms = 90000, .increment_ms = 100};
    char *text = match_game_sgf(&game, names, &played, &clock, 7);
    cr_assert_str_eq(text, "(;FF[4]GM[1]CA[UTF-8]AP[Tengen:" TENGEN_VERSION "]SZ[5]KM[6.5]RU[Tromp-Taylor]PB[a[1\\]]"
                           "PW[b]GN[go\\:5,komi=6.5]RO[7]TM[90]OT[0.1 fischer]RE[B+18.5]\n"
                           ";B[bb];W[];B[dd];W[];B[])\n");
    g_free(text);
    cr_assert(game_parse(&game, "gomoku:5,line=4", NULL));
    played = (struct match_game){
        .end = MATCH_FORFEIT, .outcome = GAME_WON_1, .loser = 0, .plies = 1, .moves = line, .reason = "crash"};
    clock = (struct agent_clock){0};
    text = match_game_sgf(&game, names, &played, &clock, 1);
    cr_assert_str_eq(text, "(;FF[4]GM[4]CA[UTF-8]AP[Tengen:" TENGEN_VERSION "]SZ[5]RU[Freestyle]TENGEN[gomoku\\:5,"
                           "line=4]PB[a[1\\]]PW[b]GN[gomoku\\:5,line=4]RO[1]RE[W+F]GC[crash]\n;B[bb])\n");
    g_free(text);
    static const char *const clocks[][2] = {{"5m", "RO[1]TM[300]RE"},
                                            {"5m+3x30s", "TM[300]OT[3x30 byo-yomi]RE"},
                                            {"0s+25/10m", "TM[0]OT[25/600 Canadian]RE"},
                                            {"1.5s/move", "TM[0]OT[1x1.5 byo-yomi]RE"}};
    for (size_t i = 0; i < G_N_ELEMENTS(clocks); i++) {
        cr_assert(agent_clock_parse(clocks[i][0], &clock, NULL), "%s", clocks[i][0]);
        text = match_game_sgf(&game, names, &played, &clock, 1);
        cr_assert(strstr(text, clocks[i][1]), "%s: %s", clocks[i][0], text);
        g_free(text);
    }
}

/* ---- clocks and adjudication ---- */

static void play_one(struct fixture *f, const char *const *specs, const struct match_terms *terms,
                     struct match_game *out)
{
    struct agent *agents[2];
    const struct agent_config config = {.threads = 1, .reply_ms = 5000};
    for (int i = 0; i < 2; i++)
        cr_assert(agent_open(&agents[i], specs[i], &f->game, &config, NULL) == 0);
    match_play_game(&f->game, agents, NULL, NULL, terms, NULL, 1, out);
    for (int i = 0; i < 2; i++)
        agent_close(agents[i]);
}

/* A program that takes three seconds instead of one loses on time, whether it replies or is abandoned. */
Test(match, clock_overrun_loses)
{
    struct fixture f = {0};
    struct match_game game;
    cr_assert(game_parse(&f.game, "go:5", NULL));
    char *late = g_strdup_printf("gtp:sh '%s/agents/external/fault.sh' late mark", TESTS_DIR);
    char *hang = g_strdup_printf("gtp:sh '%s/agents/external/fault.sh' hang mark 2", TESTS_DIR);
    struct match_terms terms = {.margin_ms = 50};
    cr_assert(agent_clock_parse("2s", &terms.clock, NULL)); /* abandoned 1.5 s later: it does reply */
    play_one(&f, (const char *const[]){"random", late}, &terms, &game);
    cr_assert(game.end == MATCH_TIME && game.loser == 1 && !game.broken[1], "%s", game.reason);
    cr_assert(strstr(game.reason, "exceeded its time at ply 2: 3.") && !strstr(game.reason, "no answer"), "%s",
              game.reason);
    match_game_clear(&game);
    cr_assert(agent_clock_parse("300ms/move", &terms.clock, NULL));
    play_one(&f, (const char *const[]){hang, "random"}, &terms, &game);
    cr_assert(game.end == MATCH_TIME && game.loser == 0 && game.broken[0] && game.plies == 2, "%s", game.reason);
    cr_assert(strstr(game.reason, ", no answer"), "%s", game.reason);
    match_game_clear(&game);
    g_free(late);
    g_free(hang);
}

/* Under each kind of clock, searches finish their games and use their time. */
Test(match, searches_keep_their_clocks)
{
    static const char *const clocks[] = {"1s", "500ms+20ms", "200ms+2x50ms", "0s+5/300ms", "40ms/move"};
    for (size_t i = 0; i < G_N_ELEMENTS(clocks); i++) {
        struct fixture f = {0};
        struct match_game game;
        struct match_terms terms = {.margin_ms = 100};
        cr_assert(game_parse(&f.game, "gomoku:6", NULL));
        cr_assert(agent_clock_parse(clocks[i], &terms.clock, NULL));
        play_one(&f, (const char *const[]){"rollout:1000000", "rollout:1000000"}, &terms, &game);
        cr_assert(game.end == MATCH_RULES, "%s: %s", clocks[i], game.reason);
        match_game_clear(&game);
    }
}

/* Solvers see a draw in tic-tac-toe from the start; random reports no values, so nothing is adjudicated. */
Test(match, agreement)
{
    struct fixture f = {0};
    struct match_game game;
    const struct match_terms draw = {.draw_value = 0.01f, .draw_moves = 2},
                             never = {.draw_value = 0.01f, .draw_moves = 5}, win = {.win_value = 0.9f, .win_moves = 1},
                             cap = {.max_plies = 3}, one = {.max_plies = 1};
    cr_assert(game_parse(&f.game, "gomoku:3,line=3", NULL));
    play_one(&f, (const char *const[]){"perfect", "perfect"}, &draw, &game);
    cr_assert(game.end == MATCH_AGREED && game.outcome == GAME_DRAWN && game.plies == 4, "%d plies", game.plies);
    cr_assert(strstr(game.reason, "both expected a draw"));
    match_game_clear(&game);
    play_one(&f, (const char *const[]){"perfect", "perfect"}, &never, &game);
    cr_assert(game.end == MATCH_RULES && game.plies == 9);
    match_game_clear(&game);
    play_one(&f, (const char *const[]){"perfect", "random"}, &draw, &game);
    cr_assert(game.end == MATCH_RULES);
    match_game_clear(&game);
    play_one(&f, (const char *const[]){"random", "perfect"}, &cap, &game);
    cr_assert(game.end == MATCH_CAPPED && game.plies == 3 && game.outcome == GAME_DRAWN &&
              strstr(game.reason, "limit of 3 plies"));
    match_game_clear(&game);
    play_one(&f, (const char *const[]){"random", "perfect"}, &one, &game);
    cr_assert(game.end == MATCH_CAPPED && game.plies == 1);
    match_game_clear(&game);
    cr_assert(game_parse(&f.game, "gomoku:4,line=3", NULL)); /* a win for the first player from the start */
    play_one(&f, (const char *const[]){"perfect", "perfect"}, &win, &game);
    cr_assert(game.end == MATCH_AGREED && game.outcome == GAME_WON_0 && game.plies == 2, "%d plies, %s", game.plies,
              game.reason);
    match_game_clear(&game);
}

/* The solvers' values are draws from the start, but count for adjudication only from draw_ply on: plies 5 to 8 are two
 * moves of each. */
Test(match, a_draw_is_agreed_only_from_its_ply_on)
{
    struct fixture f = {0};
    struct match_game game;
    struct match_terms terms = {.draw_value = 0.01f, .draw_moves = 2, .draw_ply = 5};
    cr_assert(game_parse(&f.game, "gomoku:3,line=3", NULL));
    play_one(&f, (const char *const[]){"perfect", "perfect"}, &terms, &game);
    cr_assert(game.end == MATCH_AGREED && game.outcome == GAME_DRAWN && game.plies == 8, "%d plies", game.plies);
    match_game_clear(&game);
    terms.draw_ply = 7;
    play_one(&f, (const char *const[]){"perfect", "perfect"}, &terms, &game);
    cr_assert(game.end == MATCH_RULES && game.plies == 9, "%d plies", game.plies);
    match_game_clear(&game);
}

/* Faults while closing, and processes left over between games: all are cleaned up. */
Test(match, processes_left_behind_are_killed)
{
    static const char *const modes[] = {"noquit", "children"};
    for (size_t i = 0; i < G_N_ELEMENTS(modes); i++) {
        struct fixture f = {0};
        char *bad = g_strdup_printf("gtp:sh '%s/agents/external/fault.sh' %s mark", TESTS_DIR, modes[i]);
        set_up(&f, "go:5", (const char *const[]){bad, "random", NULL}, 2, 0);
        run(&f, 1);
        cr_assert(f.report.finished && pair_score(&f.report, 0, 1).forfeits == 0);
        match_report_clear(&f.report);
        g_free(bad);
        cr_assert(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD, "%s: a child was not reaped", modes[i]);
    }
}

/* ---- openings from SGF ---- */

static int read_openings(const char *game, const char *text, int plies, struct match_opening **openings, char **why)
{
    struct game rules;
    GError *error = NULL;
    int count;
    cr_assert(game_parse(&rules, game, NULL));
    cr_assert(g_file_set_contents("/tmp/tengen-openings.sgf", text, -1, NULL));
    bool fine = match_read_openings(&rules, "/tmp/tengen-openings.sgf", plies, openings, &count, &error);
    *why = fine ? NULL : g_strdup(error->message);
    g_clear_error(&error);
    return fine ? count : -1;
}

Test(match, openings_from_sgf)
{
    struct match_opening *openings;
    char *why;
    int count =
        read_openings("go:9", "(;GM[1]SZ[9];B[ee](;W[gc];B[cg])(;W[ge]))(;SZ[9];B[cc];W[])", -1, &openings, &why);
    cr_assert(count == 3 && openings[0].count == 3 && openings[1].count == 2 && openings[2].count == 2, "%d", count);
    cr_assert(openings[0].moves[0] == 40 && openings[1].moves[1] == 42 && openings[2].moves[1] == 81);
    g_free(openings);
    count = read_openings("go:9", "(;GM[1]SZ[9];B[ee];W[gc];B[cg])", 2, &openings, &why);
    cr_assert(count == 1 && openings[0].count == 2);
    g_free(openings);
    count = read_openings("gomoku:15", "(;GM[4]SZ[15];B[hh];W[ii])", -1, &openings, &why);
    cr_assert(count == 1 && openings[0].moves[0] == 112);
    g_free(openings);
    const struct {
        const char *game, *text, *says;
    } bad[] = {
        {"go:9", "(;GM[1]SZ[19];B[ee])", "line 1: openings for go:19"},
        {"go:9", "(;GM[1]SZ[9]\n;B[ee]\n;W[ee])", "line 3, column 1: white E5"},
        {"go:9", "(;GM[1]SZ[9];B[ee];B[cc])", "column 19: black C7"},
        {"go:9", "(;GM[1]SZ[9]AB[ee];W[cc])", "set-up stones"},
        {"go:9", "E5 C7", "line 1, column 1: the file contains no game tree"},
        {"go:9", "(;GM[1]SZ[9])", "no opening"},
        {"gomoku:9", "(;GM[1]SZ[9];B[ee])", "openings for go:9"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        cr_assert(read_openings(bad[i].game, bad[i].text, -1, &openings, &why) < 0, "%s", bad[i].text);
        cr_assert(strstr(why, bad[i].says), "%s: %s", bad[i].text, why);
        g_free(why);
    }
}

/* The absolute value of an opening according to the shipped net. */
static double net_value(const struct game *game, const struct match_opening *opening)
{
    struct evaluator *evaluator;
    struct eval eval;
    union any_position at;
    struct evaluator_config config = {
        .kind = EVALUATOR_NET, .backend = NET_BACKEND_PLAIN, .dtype = NET_F32, .symmetry = EVALUATOR_SYMMETRY_ALL};
    cr_assert(net_path_load(&config.net, "default", game, NULL) == 0);
    cr_assert(evaluator_create(&evaluator, game, &config, NULL) == 0);
    game_init(game, &at.p);
    for (int i = 0; i < opening->count; i++)
        game_play(game, &at.p, NULL, opening->moves[i]);
    const struct eval_query query = {.position = &at.p, .want = EVAL_VALUE};
    evaluator_evaluate(evaluator, 1, &query, &eval);
    evaluator_free(evaluator);
    net_unref(config.net);
    return fabs((double)eval_value(&eval));
}

/* Openings that are even according to a net: distinct up to symmetry, the same for the same seed, different for
 * another. */
Test(match, even_openings)
{
    struct game game;
    struct match_opening a[12], b[12], c[12], random[12];
    GError *error = NULL;
    cr_assert(game_parse(&game, "go:7", NULL));
    g_setenv("XDG_CACHE_HOME", "/tmp/tengen-test-cache", TRUE);
    g_setenv("TENGEN_DATA", TESTS_DIR "/../net/weights", TRUE);
    cr_assert(match_even_openings(&game, "default", 4, 0.1, 3, a, 12, &error), "%s", error ? error->message : "");
    cr_assert(match_even_openings(&game, "default", 4, 0.1, 3, b, 12, NULL)); /* from the cache */
    cr_assert(match_even_openings(&game, "default", 4, 0.1, 4, c, 12, NULL));
    match_random_openings(&game, 4, 3, random, 12);
    cr_assert(match_openings_hash(&game, a, 12) == match_openings_hash(&game, b, 12));
    cr_assert(match_openings_hash(&game, a, 12) != match_openings_hash(&game, c, 12));
    cr_assert(match_openings_hash(&game, a, 12) != match_openings_hash(&game, random, 12));
    double even = 0, uneven = 0;
    for (int i = 0; i < 12; i++) {
        cr_assert(a[i].count == 4);
        even = fmax(even, net_value(&game, &a[i]));
        uneven = fmax(uneven, net_value(&game, &random[i]));
    }
    cr_assert(even < 0.2 && uneven > 0.3, "even ones up to %g, random ones up to %g", even, uneven);
    cr_assert(!match_even_openings(&game, "absent", 4, 0.1, 3, a, 12, &error) && strstr(error->message, "absent"));
    g_clear_error(&error);
}

Test(match, psq)
{
    struct game game;
    const char *const names[2] = {"a", "b"};
    game_move line[] = {112, 127};
    struct match_ply info[] = {{.time_ms = 0}, {.time_ms = 35}};
    cr_assert(game_parse(&game, "gomoku:15", NULL));
    const struct match_game played = {
        .end = MATCH_RULES, .outcome = GAME_WON_0, .plies = 2, .moves = line, .info = info};
    char *text = match_game_psq(&game, names, &played);
    cr_assert_str_eq(text, "Piskvorky 15x15, 11:11, 0\n8,8,0\n8,9,35\na\nb\n0\n");
    g_free(text);
}

/* timeout(1) and some shells send the terminating signal twice in quick succession: the report is still written. */
Test(match, two_signals_are_one_request_to_stop)
{
    char folder[] = "/tmp/tengen-signals-XXXXXX", *text = NULL;
    cr_assert_not_null(mkdtemp(folder));
    char *out = g_strdup_printf("--out=%s", folder), *first = g_strdup_printf("%s/games/game-0001.sgf", folder);
    char *argv[] = {TENGEN_BINARY, "match",          "--game=gomoku:5",   "--agent=random", "--agent=rollout:50",
                    out,           "--games=100000", "--opening-plies=0", "--threads=1",    NULL};
    GPid pid;
    int stdout_fd;
    cr_assert(g_spawn_async_with_pipes(NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL, NULL,
                                       NULL, &pid, NULL, &stdout_fd, NULL, NULL));
    for (int i = 0; i < 3000 && !g_file_test(first, G_FILE_TEST_EXISTS); i++)
        g_usleep(10000);
    kill(pid, SIGTERM);
    g_usleep(5000);
    kill(pid, SIGTERM);
    int status;
    cr_assert(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 1, "status %x", status);
    char *report = g_strdup_printf("%s/report.txt", folder), *remove = g_strdup_printf("rm -rf %s", folder);
    cr_assert(g_file_get_contents(report, &text, NULL, NULL) && strstr(text, ", stopped;"), "%s", text);
    cr_assert(system(remove) == 0);
    close(stdout_fd);
    g_free(text);
    g_free(report);
    g_free(remove);
    g_free(first);
    g_free(out);
}
