/* The Gomocup protocol: a transcript, time limits, pondering, stopping, our client against our server. */
#include <criterion/criterion.h>
#include <unistd.h>

#include "engine/match/count.h"
#include "engine/match/game.h"
#include "engine/match/match.h"
#include "games/game.h"
#include "tests/engine/protocols/gomocup_wire.h"
#include "tests/engine/protocols/protocol.h"

Test(gomocup, transcript)
{
    struct wire wire;
    struct gomocup *brain = open_brain(&wire, "net:default");
    wire_transcript(&wire, TESTS_DIR "/engine/protocols/data/gomocup.txt", "\r\n");
    wire_send(&wire, "END\n");
    close_brain(&wire, brain);
}

Test(gomocup, limits_of_time)
{
    static const struct {
        const char *info;
        int least_ms, most_ms;
    } cases[] = {
        {"INFO timeout_turn 300\n", 200, 320},
        {"INFO timeout_turn 0\n", 0, 100},
        {"INFO timeout_turn 5000\nINFO timeout_match 3000\nINFO time_left 3000\n", 50, 400},
        {"INFO timeout_turn 5000\nINFO timeout_match 3000\nINFO time_left 10\n", 0, 150},
        {"INFO timeout_turn 5000\nINFO time_left -20\n", 0, 150},
        /* beside a limit for the match, 0 is none per turn */
        {"INFO timeout_turn 0\nINFO timeout_match 180000\nINFO time_left 3000\n", 50, 400},
    };
    struct wire wire;
    struct gomocup *brain = open_brain(&wire, "rollout:100000000");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        ask(&wire, "START 15\n", "OK");
        wire_send(&wire, cases[i].info);
        int64_t start = g_get_monotonic_time();
        ask(&wire, "BEGIN\n", "*,*");
        int64_t ms = (g_get_monotonic_time() - start) / 1000;
        cr_assert(ms >= cases[i].least_ms && ms <= cases[i].most_ms, "%sa move took %d ms", cases[i].info, (int)ms);
    }
    close_brain(&wire, brain);
}

/* A stop makes the engine move at once; END interrupts a search and ends the session; the end of input does so after
 * the move. */
Test(gomocup, stopping)
{
    struct wire wire;
    struct gomocup *brain = open_brain(&wire, "rollout:100000000");
    ask(&wire, "START 15\n", "OK");
    int64_t start = g_get_monotonic_time();
    wire_send(&wire, "INFO timeout_turn 60000\nBEGIN\n");
    cr_assert(!wire_readable(&wire, 150));
    ask(&wire, "YXSTOP\n", "*,*");
    wire_send(&wire, "TURN 0,0\n");
    cr_assert(!wire_readable(&wire, 150));
    wire_send(&wire, "END\n");
    close_brain(&wire, brain);
    cr_assert(g_get_monotonic_time() - start < 5000000);
}

/* Pondering continues until the next command and does not change the form of replies. */
Test(gomocup, pondering)
{
    struct wire wire;
    struct gomocup *brain = open_brain(&wire, "rollout:200");
    ask(&wire, "START 15\n", "OK");
    ask(&wire, "INFO pondering 1\nINFO max_node 200\nBEGIN\n", "*,*");
    cr_assert(!wire_readable(&wire, 100));
    ask(&wire, "TURN 0,0\n", "*,*");
    ask(&wire, "ABOUT\n", "name=*");
    close_brain(&wire, brain);
}

/* Yixin's analysis: intermediate lines in both formats, then the move, which is not played. */
Test(gomocup, analysis)
{
    struct wire wire;
    struct gomocup *brain = open_brain(&wire, "rollout:300");
    ask(&wire, "START 15\n", "OK");
    ask(&wire, "YXBOARD\n7,7,2\nDONE\nYXNBEST 2\n", "MESSAGE (1) * | visits * | *,*");
    ask(&wire, "", "MESSAGE (2) *");
    ask(&wire, "", "*,*");
    static const char *const details[] = {"INFO PV 0",    "INFO NUMPV 1",      "INFO DEPTH *",      "INFO SELDEPTH *",
                                          "INFO NODES *", "INFO TOTALNODES *", "INFO TOTALTIME *",  "INFO SPEED *",
                                          "INFO EVAL *",  "INFO WINRATE 0.*",  "INFO BESTLINE *,*", "INFO PV DONE",
                                          "*,*"};
    wire_send(&wire, "INFO show_detail 2\nYXNBEST 1\n");
    for (size_t i = 0; i < G_N_ELEMENTS(details); i++)
        ask(&wire, "", details[i]);
    ask(&wire, "YXSHOWINFO\n", "MESSAGE INFO MAX_THREAD_NUM *");
    close_brain(&wire, brain);
}

/* The end of input within a BOARD command causes no crash. */
Test(gomocup, end_of_input)
{
    struct wire wire;
    struct gomocup *brain = open_brain(&wire, "random");
    ask(&wire, "START 15\n", "OK");
    wire_send(&wire, "BOARD\n7,7,1\n");
    close(wire.to);
    wire.to = -1;
    close_brain(&wire, brain);
}

Test(gomocup, client_plays_brain)
{
    static const char *const games[] = {"gomoku:15", "gomoku:8,rules=renju", "gomoku:10,rules=caro-exact",
                                        "gomoku:12,opening=swap2"};
    for (size_t g = 0; g < G_N_ELEMENTS(games); g++) {
        struct game game;
        cr_assert(game_parse(&game, games[g], NULL));
        const struct match_player players[] = {
            {"client", "gomocup:" TENGEN_BINARY " gomocup --agent rollout:50 --seed 3"}, {"local", "rollout:50"}};
        const struct match_config config = {.game = &game,
                                            .players = players,
                                            .player_count = 2,
                                            .games = 4,
                                            .threads = 2,
                                            .seed = 5,
                                            .terms = {.clock = {.move_ms = 100}, .margin_ms = 1000},
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
