/* GTP: a transcript of the standard, input from real clients, analysis that stops at the next byte, interruption. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "agents/clock.h"
#include "agents/memory/file.h"
#include "engine/match/count.h"
#include "engine/match/game.h"
#include "engine/match/match.h"
#include "engine/protocols/gtp/gtp.h"
#include "games/game.h"
#include "tests/engine/protocols/gtp_wire.h"
#include "tests/engine/protocols/protocol.h"

static void transcript(const char *name, const char *agent, const char *game)
{
    struct wire wire;
    struct gtp *gtp = open_gtp(&wire, agent, game);
    char *path = g_strdup_printf("%s/engine/protocols/data/%s", TESTS_DIR, name);
    wire_transcript(&wire, path, "\n\n");
    close_gtp(&wire, gtp);
    cr_assert_eq(wire.status, 0);
    g_free(path);
}

Test(gtp, conformance)
{
    transcript("conformance.gtp", "rollout:60", "go:9");
}

Test(gtp, gomoku)
{
    transcript("gomoku.gtp", "rollout:200", "gomoku:9");
}

/* Several commands at once, as Sabaki sends them at the start: the replies are in order. */
Test(gtp, pipelining)
{
    struct wire wire;
    struct gtp *gtp = open_gtp(&wire, "random", "go:9");
    static const char *const wanted[] = {"=1 Tengen",          "=2 0.*", "=3 2", "=4 *quit*",
                                         "?5 unknown command", "=6 *",   "=7 "};
    wire_send(&wire, "1 name\n2 version\n3 protocol_version\n4 list_commands\n5 x\n6 genmove b\n7 quit\n8 name\n");
    for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++) {
        char *got = wire_read(&wire, "\n\n");
        cr_assert(g_pattern_match_simple(wanted[i], got), "%s, not %s", got, wanted[i]);
        g_free(got);
    }
    close_gtp(&wire, gtp);
}

/* The reply to an analysis command: its first line, reports until any byte is received, then an empty line. */
static void analysis(const char *agent, const char *command, const char *pattern)
{
    struct wire wire;
    struct gtp *gtp = open_gtp(&wire, agent, "go:7");
    char *line = g_strconcat("9 ", command, "\n", NULL);
    ask(&wire, "play b D4", "= ");
    wire_send(&wire, line);
    char *head = wire_read(&wire, "\n"), *report = wire_read(&wire, "\n");
    cr_assert_str_eq(head, "=9");
    cr_assert(g_pattern_match_simple(pattern, report), "%s: \"%s\" is not \"%s\"", command, report, pattern);
    wire_send(&wire, "n"); /* the first byte is enough */
    for (bool more = true; more;) {
        char *rest = wire_read(&wire, "\n");
        more = *rest;
        g_free(rest);
    }
    wire_send(&wire, "ame\n");
    char *next = wire_read(&wire, "\n\n");
    cr_assert_str_eq(next, "= Tengen");
    g_free(head);
    g_free(report);
    g_free(next);
    g_free(line);
    close_gtp(&wire, gtp);
}

Test(gtp, analysis_stops_at_the_next_byte)
{
    analysis("rollout:100", "lz-analyze w 2", "info move * visits * winrate * prior * lcb * order 0 pv * info move *");
    analysis("rollout:100", "lz-analyze 2", "info move *");
    analysis("rollout:100", "lz-analyze interval 2", "info move *");
    analysis(
        "rollout:100", "kata-analyze 2 w",
        "info move * visits * utility * winrate * scoreMean * scoreStdev * scoreLead * prior * lcb * order 0 pv *");
    analysis("rollout:100", "kata-analyze w 2 ownership true rootInfo true maxmoves 1",
             "info move * pv * rootInfo visits * winrate * ownership * *");
    analysis("rollout:100", "analyze w 2", "info move * winrate 0.* pv *");
    analysis("rollout:100", "lz-analyze w 2 allow w A1,B2 1 minmoves 2", "info move ?? * order 1 pv ??*");
    analysis("net:default", "kata-analyze w 2", "info move *");
    analysis("policy:default", "kata-analyze w 2", "info move *");
    analysis("random", "lz-analyze w 2", "info move * order 0 pv *");
}

/* Excluded moves are not reported; invalid arguments are rejected. */
Test(gtp, analysis_arguments)
{
    struct wire wire;
    struct gtp *gtp = open_gtp(&wire, "rollout:50", "go:3");
    ask(&wire, "lz-analyze green", "? syntax error");
    ask(&wire, "lz-analyze b 10 ownership", "? syntax error");
    ask(&wire, "lz-analyze b 10 avoid b Z9 1", "? syntax error");
    ask(&wire, "kata-analyze b 10 nonsense true", "? syntax error");
    wire_send(&wire, "lz-genmove_analyze b 1 avoid b B2 1\n");
    char *got = wire_read(&wire, "\n\n");
    cr_assert(!strstr(got, "move B2 ") && !strstr(got, "play B2"), "%s", got);
    cr_assert(strstr(got, "\nplay ") && g_str_has_prefix(got, "=\ninfo move "), "%s", got);
    g_free(got);
    ask(&wire, "kata-genmove_analyze w 1 ownership true", "=\ninfo move * ownership *\nplay *");
    ask(&wire, "genmove_analyze b 1", "=\ninfo move *\nplay *");
    ask(&wire, "cgos-genmove_analyze w", "=\n{\"winrate\":*\"moves\":[{\"move\":*\"ownership\":\"*\"}\nplay *");
    ask(&wire, "kata-raw-nn 0",
        "= whiteWin *\nwhiteLoss *\nnoResult *\nwhiteLead *\npolicy\n*policyPass *whiteOwnership\n*");
    ask(&wire, "tengen-ownership", "= * * *\n* * *\n* * *");
    close_gtp(&wire, gtp);
}

/* Commands that are pending at the end of input still get replies. */
Test(gtp, end_of_input)
{
    struct wire wire;
    struct gtp *gtp = open_gtp(&wire, "rollout:50", "go:5");
    wire_send(&wire, "1 genmove b\n2 lz-analyze w 100");
    close(wire.to);
    wire.to = -1;
    char *first = wire_read(&wire, "\n\n"), *second = wire_read(&wire, "\n\n");
    cr_assert(g_str_has_prefix(first, "=1 ") && g_str_has_prefix(second, "=2\ninfo move "), "%s", second);
    g_free(first);
    g_free(second);
    close_gtp(&wire, gtp);
    cr_assert_eq(wire.status, 0);
}

/* GoGui's interrupt makes a long search reply soon, with a move. */
Test(gtp, interrupt)
{
    struct wire wire;
    struct gtp *gtp = open_gtp(&wire, "rollout:100000000", "go:9");
    int64_t start = g_get_monotonic_time();
    wire_send(&wire, "1 genmove b\n");
    cr_assert(!wire_readable(&wire, 100));
    wire_send(&wire, "# interrupt\n");
    char *got = wire_read(&wire, "\n\n");
    cr_assert(g_pattern_match_simple("=1 ??", got) && g_get_monotonic_time() - start < 3000000, "%s", got);
    g_free(got);
    wire_send(&wire, "2 genmove w\n# interrupt\n");
    got = wire_read(&wire, "\n\n");
    cr_assert(g_pattern_match_simple("=2 ??", got), "%s", got);
    g_free(got);
    /* An interrupt that is too late has no effect on the next search. */
    wire_send(&wire, "# interrupt\n3 name\n4 genmove b\n");
    got = wire_read(&wire, "\n\n");
    cr_assert_str_eq(got, "=3 Tengen");
    g_free(got);
    cr_assert(!wire_readable(&wire, 200));
    wire_send(&wire, "# interrupt\n");
    g_free(wire_read(&wire, "\n\n"));
    close_gtp(&wire, gtp);
}

/* Lizzie sends ids, and fails if the engine reports its version before Lizzie is ready. */
Test(gtp, lizzie_has_time_to_start)
{
    struct wire wire;
    int64_t start = g_get_monotonic_time();
    struct gtp *gtp = open_gtp(&wire, "random", "go:19");
    wire_send(&wire, "1 name\n2 version\n3 boardsize 19\n4 komi 7.5\n");
    char *name = wire_read(&wire, "\n\n"), *version = wire_read(&wire, "\n\n");
    int64_t ms = (g_get_monotonic_time() - start) / 1000;
    cr_assert(ms >= 250, "after %d ms", (int)ms);
    cr_assert(g_pattern_match_simple("=1 *", name) && g_pattern_match_simple("=2 *.*", version), "%s", version);
    g_free(name);
    g_free(version);
    g_free(wire_read(&wire, "\n\n"));
    g_free(wire_read(&wire, "\n\n"));
    start = g_get_monotonic_time();
    ask(&wire, "2 version", "=2 *");
    cr_assert(g_get_monotonic_time() - start < 200000);
    close_gtp(&wire, gtp);
}

/* Every kind of clock limits a move; without a clock the agent's own limit applies. */
Test(gtp, clocks)
{
    static const struct {
        const char *settings;
        int most_ms;
    } cases[] = {{"time_settings 4 0 0", 700},
                 {"time_settings 0 1 4", 600},
                 {"kgs-time_settings byoyomi 0 0.5 3", 800},
                 {"kata-time_settings fischer 1 0.2", 700},
                 {"kgs-time_settings absolute 2", 500}};
    struct wire wire;
    struct gtp *gtp = open_gtp(&wire, "rollout:100000000", "go:9");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        ask(&wire, "clear_board", "= ");
        ask(&wire, cases[i].settings, "= ");
        int64_t start = g_get_monotonic_time();
        ask(&wire, "genmove b", "= *");
        int64_t ms = (g_get_monotonic_time() - start) / 1000;
        cr_assert(ms < cases[i].most_ms, "%s: a move took %d ms", cases[i].settings, (int)ms);
    }
    /* time_left is respected, even if no time is left. */
    ask(&wire, "time_left w 0 0", "= ");
    ask(&wire, "genmove w", "= *");
    ask(&wire, "time_left b -3 0", "= ");
    ask(&wire, "genmove b", "= *");
    close_gtp(&wire, gtp);
}

/* Black leads only if its dead stone is counted as alive: after white's pass it continues to play, and passes once it
 * leads without that stone. */
Test(gtp, no_pass_that_dead_stones_make_a_win)
{
    struct wire wire;
    struct gtp *gtp = open_gtp(&wire, "rollout:200", "go:5,komi=0");
    const char *wall = "gogui-play_sequence b B1 w C1 b B2 w C2 b B3 w C3 b B4 w C4 b B5 w C5 b E3 w pass";
    ask(&wire, wall, "= ");
    ask(&wire, "final_score", "= W+5.0");
    ask(&wire, "reg_genmove b", "= ??");
    ask(&wire, "clear_board", "= ");
    ask(&wire, "komi -9", "= ");
    ask(&wire, wall, "= ");
    ask(&wire, "final_score", "= B+4.0");
    ask(&wire, "reg_genmove b", "= pass");
    close_gtp(&wire, gtp);
}

/* By territory the pass is the agent's to choose: dead stones are always removed, and another move would cost a point. Something is left to
 * play, in column C, and Black leads only as the board stands. The agent is a program that passes. */
Test(gtp, a_pass_stands_where_territory_counts)
{
    static const char program[] = "gtp:sh " TESTS_DIR "/agents/external/fault.sh passes unused";
    static const char *const rules[] = {"tromp-taylor", "japanese"};
    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++) {
        struct wire wire;
        char *game = g_strdup_printf("go:5,komi=0,rules=%s", rules[i]);
        struct gtp *gtp = open_gtp(&wire, program, game);
        ask(&wire, "gogui-play_sequence b B1 w D1 b B2 w D2 b B3 w D3 b B4 w D4 b B5 w D5 b E3 w pass", "= ");
        ask(&wire, "reg_genmove b", i ? "= pass" : "? *");
        close_gtp(&wire, gtp);
        g_free(game);
    }
}

/* Records are written and loaded: set-up, handicap, moves in and out of turn, and partial loading. */
Test(gtp, records)
{
    struct wire wire;
    struct gtp *gtp = open_gtp(&wire, "random", "go:9");
    char *path = g_strdup_printf("%s/tengen  gtp %d.sgf", g_get_tmp_dir(), (int)getpid()); /* spaces too */
    char *print = g_strdup_printf("printsgf %s ", path), *load = g_strdup_printf("loadsgf \"%s\"", path);
    char *part = g_strdup_printf("loadsgf %s 3", path);
    ask(&wire, "set_free_handicap C3 G7", "= ");
    ask(&wire, "gogui-play_sequence w E5 b E6 b C7 w pass", "= ");
    ask(&wire, print, "= ");
    ask(&wire, "boardsize 5", "= ");
    ask(&wire, load, "= ");
    ask(&wire, "query_boardsize", "= 9");
    ask(&wire, "printsgf", "= *HA[2]*;W[ee];B[ed];B[cc];W[])*");
    ask(&wire, "undo", "= ");
    ask(&wire, part, "= ");
    ask(&wire, "printsgf", "= *;W[ee];B[ed])*");
    ask(&wire, "gg-undo 2", "= ");
    ask(&wire, "undo", "? cannot undo");
    unlink(path);
    g_file_set_contents(path, "(;SZ[99]\n;B[zz])", -1, NULL);
    ask(&wire, load, "? cannot load file: node at line 1, column 2: *the size of go is 2 to 19");
    ask(&wire, "printsgf", "= *HA[2]*"); /* nothing has changed */
    unlink(path);
    g_free(path);
    g_free(print);
    g_free(load);
    g_free(part);
    close_gtp(&wire, gtp);
}

/* What was repaired in a record is told on stderr, and what follows a move that the rules forbid is shown right. */
Test(gtp, repaired_records)
{
    struct wire wire;
    struct gtp *gtp = open_gtp(&wire, "random", "go:9");
    char *path = g_strdup_printf("%s/tengen-repaired-%d.sgf", g_get_tmp_dir(), (int)getpid()), *told, *wanted;
    char *errors = g_strconcat(path, ".errors", NULL), *load = g_strdup_printf("loadsgf %s", path);
    cr_assert(g_file_set_contents(path, "(;SZ[9];B[aa]W[bb]\n;W[aa];B[cc]", -1, NULL));
    fflush(stderr);
    int kept = dup(STDERR_FILENO), file = g_open(errors, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    cr_assert(kept >= 0 && file >= 0 && dup2(file, STDERR_FILENO) >= 0);
    ask(&wire, load, "= ");
    fflush(stderr);
    dup2(kept, STDERR_FILENO);
    close(kept);
    close(file);
    cr_assert(g_file_get_contents(errors, &told, NULL, NULL));
    wanted =
        g_strdup_printf("tengen gtp: %s: line 1, column 14: several moves in one node; each gets its own\n"
                        "tengen gtp: %s: line 2, column 13: the file ends inside a game tree: 1 ')' missing\n"
                        "tengen gtp: %s: line 2, column 1: the move W[aa] is illegal and is executed as SGF defines "
                        "it\n",
                        path, path, path);
    cr_expect_str_eq(told, wanted);
    ask(&wire, "printsgf", "= *AW[aa][bb]PL[B]*;B[cc])*");
    ask(&wire, "undo", "= "); /* back to where the illegal move was made, and no further */
    ask(&wire, "undo", "? cannot undo");
    unlink(path);
    unlink(errors);
    g_free(path);
    g_free(errors);
    g_free(load);
    g_free(told);
    g_free(wanted);
    close_gtp(&wire, gtp);
}

Test(gtp, long_lines_and_many)
{
    struct wire wire;
    struct gtp *gtp = open_gtp(&wire, "random", "go:9");
    char *line = g_strnfill(400000, 'x'), *numbered = g_strconcat("7 ", line, "\n", NULL);
    wire_send(&wire, numbered);
    char *got = wire_read(&wire, "\n\n");
    cr_assert_str_eq(got, "?7 line too long");
    g_free(got);
    for (int i = 0; i < 200; i++)
        ask(&wire, "clear_board", "= ");
    g_free(line);
    g_free(numbered);
    close_gtp(&wire, gtp);
}

Test(gtp, wrong_specs_are_refused_at_once)
{
    struct gtp *gtp;
    GError *error = NULL;
    struct gtp_config config = {.agent = "perfect", .game = "go:9", .threads = 1};
    cr_assert(gtp_create(&gtp, &config, &error) < 0 && !gtp && error);
    g_clear_error(&error);
    config = (struct gtp_config){.agent = "random", .game = "chess:8", .threads = 1};
    cr_assert(gtp_create(&gtp, &config, &error) < 0 && !gtp && error);
    g_clear_error(&error);
}

/* Both sides keep byo-yomi and Canadian clocks through whole games. */
Test(gtp, client_plays_server_under_clocks)
{
    static const char *const clocks[] = {"0s+3x1s", "0s+10/2s", "1s+5/1s"};
    for (size_t i = 0; i < G_N_ELEMENTS(clocks); i++) {
        struct game game;
        cr_assert(game_parse(&game, "go:4", NULL));
        const struct match_player players[] = {{"client", "gtp:" TENGEN_BINARY " gtp --agent rollout:1000000 --seed 3"},
                                               {"local", "random"}};
        struct match_config config = {.game = &game,
                                      .players = players,
                                      .player_count = 2,
                                      .games = 1,
                                      .threads = 1,
                                      .seed = 5,
                                      .terms = {.margin_ms = 200, .max_plies = 8},
                                      .agent = {.threads = 1}};
        struct match_report report;
        cr_assert(agent_clock_parse(clocks[i], &config.terms.clock, NULL));
        match_run(&config, &report, NULL);
        cr_assert(report.finished && report.done == 1);
        cr_assert(!match_is_fault(report.records[0].end), "%s: %s", clocks[i], report.records[0].reason);
        match_report_clear(&report);
    }
}

/* Our client against our server: complete games without faults. */
Test(gtp, client_plays_server)
{
    static const char *const games[] = {"go:7", "go:5,rules=japanese,komi=0.5", "go:9,handicap=3,komi=0.5",
                                        "go:6,rules=aga"};
    for (size_t g = 0; g < G_N_ELEMENTS(games); g++) {
        struct game game;
        GError *error = NULL;
        cr_assert(game_parse(&game, games[g], &error));
        const struct match_player players[] = {{"client", "gtp:" TENGEN_BINARY " gtp --agent rollout:20 --seed 3"},
                                               {"local", "rollout:20"}};
        const struct match_config config = {.game = &game,
                                            .players = players,
                                            .player_count = 2,
                                            .games = 4,
                                            .threads = 2,
                                            .seed = 5,
                                            .agent = {.threads = 1}};
        struct match_report report;
        match_run(&config, &report, NULL);
        cr_assert(report.finished && report.done == 4);
        for (int i = 0; i < report.count; i++)
            cr_assert(report.records[i].end == MATCH_RULES, "%s, game %d: %s", games[g], i,
                      report.records[i].reason ? report.records[i].reason : "?");
        match_report_clear(&report);
    }
}

/* That the net has not learned the game is said on stderr, once for each such game. */
Test(gtp, games_that_the_net_has_not_learned)
{
    struct wire wire;
    struct stderr_file said;
    stderr_catch(&said);
    struct gtp *gtp = open_gtp(&wire, "policy:default", "go:9");
    for (const char *const *c = (const char *const[]){"reg_genmove b", "komi 100", "reg_genmove b", "reg_genmove b",
                                                      "boardsize 6", "reg_genmove b", NULL};
         *c; c++)
        ask(&wire, *c, "=*");
    close_gtp(&wire, gtp);
    char **lines = stderr_lines(&said);
    cr_assert_eq(g_strv_length(lines), 3, "%s", lines[0]);
    cr_expect(g_str_has_prefix(lines[0], "tengen gtp: this net was not trained on komi=100 (its games: size "), "%s",
              lines[0]);
    cr_expect(g_str_has_prefix(lines[1], "tengen gtp: this net was not trained on size 6 and komi=100 ("), "%s",
              lines[1]);
    g_strfreev(lines);
}

/* A game that the agent lost is studied before the next one begins, and at the end of the session. */
Test(gtp, a_lost_game_is_remembered)
{
    struct wire wire;
    char folder[] = "/tmp/tengen-gtp-XXXXXX";
    cr_assert(mkdtemp(folder));
    char *path = g_build_filename(folder, "m.db", NULL);
    char *spec = g_strconcat("net:default,visits=2,threats=0,remember=", path, NULL);
    for (int ends = 0; ends < 2; ends++) {
        struct memory_file *file = NULL;
        struct gtp *gtp = open_gtp(&wire, spec, "go:5,rules=tromp-taylor");
        ask(&wire, "komi -24", "= ");
        ask(&wire, "clear_board", "= "); /* nothing was lost yet */
        ask(&wire, "play b C3", "= ");
        ask(&wire, "genmove w", "= *");
        ask(&wire, "play b pass", "= ");
        ask(&wire, "play w pass", "= ");
        if (ends == 0) {
            ask(&wire, "clear_board", "= ");
            ask(&wire, "name", "= *");
        }
        close_gtp(&wire, gtp);
        cr_assert(memory_file_open(&file, path, NULL));
        GPtrArray *lessons = memory_file_lessons(file, NULL);
        cr_assert_eq(lessons->len, 1, "%u lessons", lessons->len);
        g_ptr_array_free(lessons, TRUE);
        memory_file_close(file);
        cr_assert_eq(g_unlink(path), 0);
    }
    cr_assert_eq(g_rmdir(folder), 0);
    g_free(spec);
    g_free(path);
}
