/* Gomocup: the owner of a move after set-up and takeback, impossible boards, Yixin's commands, swap2's choices, INFO
 * settings, and RESTART and the end of input during a search. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "engine/protocols/gomocup/gomocup.h"
#include "tests/engine/protocols/gomocup_wire.h"
#include "tests/engine/protocols/protocol.h"

/* TURN is the opponent's move. In each case it completes an open-ended four of the opponent's that has to be stopped;
 * mistaken for the program's own, it would be answered elsewhere. */
Test(gomocup_boards, turn_is_the_opponents)
{
    static const char *const cases[] = {
        /* by YXBOARD, where the program has moved last: as black, and as white */
        "YXBOARD\n7,7,1\n0,0,2\n7,9,1\n1,0,2\n9,8,1\n2,0,2\n11,4,1\nDONE\nTURN 3,0\n",
        "YXBOARD\n0,0,2\n7,7,1\n1,0,2\n7,9,1\n2,0,2\n9,8,1\nDONE\nTURN 3,0\n",
        /* not in the order of play */
        "YXBOARD\n7,7,1\n7,9,1\n9,8,1\n11,4,1\n0,0,2\n1,0,2\n2,0,2\nDONE\nTURN 3,0\n",
    };
    struct wire wire;
    struct gomocup *brain = open_brain(&wire, "net:default,visits=50");
    ask(&wire, "START 15\n", "OK");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        ask(&wire, cases[i], "4,0");
    close_brain(&wire, brain);
}

/* One pair of stones or two are taken back in one order or another; then the opponent makes four. */
Test(gomocup_boards, takeback_in_any_order)
{
    static const char *const orders[][4] = {
        {"10,3", "1,13"},
        {"1,13", "10,3"},
        {"10,3", "1,13", "13,1", "14,14"},
        {"1,13", "10,3", "14,14", "13,1"},
        {"14,14", "1,13", "13,1", "10,3"},
        {"13,1", "10,3", "1,13", "14,14"},
    };
    struct wire wire;
    struct gomocup *brain = open_brain(&wire, "net:default,visits=50");
    ask(&wire, "START 15\n", "OK");
    for (size_t i = 0; i < G_N_ELEMENTS(orders); i++) {
        wire_send(&wire, "YXBOARD\n7,7,1\n0,0,2\n9,12,1\n1,0,2\n12,9,1\n2,0,2\n4,9,1\n14,14,2\n13,1,1\n1,13,2\n10,3,1\n"
                         "DONE\n");
        for (int k = 0; k < 4 && orders[i][k]; k++) {
            char *line = g_strdup_printf("TAKEBACK %s\n", orders[i][k]);
            ask(&wire, line, "OK");
            g_free(line);
        }
        ask(&wire, "TURN 3,0\n", "4,0");
    }
    close_brain(&wire, brain);
}

/* After an impossible board the previous one stays. */
Test(gomocup_boards, a_point_twice)
{
    struct wire wire;
    struct gomocup *brain = open_brain(&wire, "net:default,visits=50");
    ask(&wire, "START 15\n", "OK");
    ask(&wire, "BOARD\n7,7,1\n7,7,2\nDONE\n", "ERROR 7,7 is listed twice");
    ask(&wire, "YXBOARD\n7,7,2\n8,8,1\n7,7,2\nDONE\n", "ERROR 7,7 is listed twice");
    ask(&wire, "BEGIN\n", "?*,?*");
    close_brain(&wire, brain);
}

Test(gomocup_boards, sizes)
{
    struct wire wire;
    struct gomocup *brain = open_brain(&wire, "random");
    ask(&wire, "START 15 15\n", "OK");
    ask(&wire, "START 12  12\n", "OK");
    ask(&wire, "TURN 12,0\n", "ERROR invalid point \"12,0\" on a board of size 12");
    ask(&wire, "START 15 20\n", "ERROR unsupported board size*");
    ask(&wire, "START 15 15 15\n", "ERROR unsupported board size*");
    ask(&wire, "START 15,15\n", "ERROR unsupported board size*");
    close_brain(&wire, brain);
}

/* Blocked points are not played, even if they win; blocks survive a new game until removed. */
Test(gomocup_boards, blocked_points)
{
#define FOUR "BOARD\n1,0,1\n5,9,2\n2,0,1\n7,9,2\n3,0,1\n5,11,2\n4,0,1\n12,7,2\nDONE\n"
    struct wire wire;
    struct gomocup *brain = open_brain(&wire, "net:default,visits=50");
    ask(&wire, "START 15\n", "OK");
    ask(&wire, "YXBLOCK\n0,0\nDONE\n" FOUR, "5,0");
    ask(&wire, "YXBLOCK 5,0 DONE\nYXBLOCKUNDO\n0,0\nDONE\nSTART 15\n", "OK");
    ask(&wire, FOUR, "0,0");
    wire_send(&wire, "YXBLOCK\n0,0\nDONE\n" FOUR);
    char *got = wire_read(&wire, "\r\n");
    cr_assert(strcmp(got, "0,0") != 0 && strcmp(got, "5,0") != 0 && strchr(got, ','), "%s", got);
    g_free(got);
    ask(&wire, "YXBLOCKRESET\nYXBLOCK\n0,0\nDONE\n" FOUR, "5,0");
    ask(&wire, "START 5\n", "OK");
    wire_send(&wire, "YXBLOCK\n");
    for (int p = 0; p < 25; p++) {
        char text[16];
        g_snprintf(text, sizeof text, "%d,%d\n", p % 5, p / 5);
        wire_send(&wire, text);
    }
    ask(&wire, "DONE\nBEGIN\n", "ERROR no legal move that is not blocked");
    ask(&wire, "YXBLOCKRESET\nBEGIN\n", "?,?");
    close_brain(&wire, brain);
}

/* Yixin's board reads these lines. */
Test(gomocup_boards, steps_of_swap2)
{
    struct wire wire;
    struct gomocup *brain = open_brain(&wire, "net:default");
    ask(&wire, "START 15\n", "OK");
    ask(&wire, "INFO timeout_turn 200\nyxswap2step1\n", "MESSAGE SWAP2 MOVE1 ?* ?*");
    ask(&wire, "", "MESSAGE SWAP2 MOVE2 ?* ?*");
    ask(&wire, "", "MESSAGE SWAP2 MOVE3 ?* ?*");
    /* Black's open two in the middle against a stone in the corner, and the other way round. */
    ask(&wire, "YXBOARD\n7,7,2\n0,0,1\n7,8,2\nDONE\nYXSWAP2STEP2\n", "MESSAGE SWAP2 SWAP1 YES");
    ask(&wire, "YXBOARD\n0,0,2\n7,7,1\n14,14,2\nDONE\nYXSWAP2STEP2\n", "MESSAGE SWAP2 SWAP1 NO");
    ask(&wire, "YXBOARD\n7,7,2\n0,0,1\n7,8,2\n14,14,1\n8,7,2\nDONE\nYXSWAP2STEP3\n", "MESSAGE SWAP2 SWAP2 YES");
    ask(&wire, "YXBOARD\n0,0,2\n7,7,1\n14,14,2\n7,8,1\n14,0,2\nDONE\nYXSWAP2STEP3\n", "MESSAGE SWAP2 SWAP2 NO");
    ask(&wire, "YXSWAP2STEP2\n", "ERROR YXSWAP2STEP2 requires 3 stones*");
    ask(&wire, "YXBOARD\n7,7,2\n8,8,2\n9,9,1\n1,1,1\nDONE\nYXSWAP2STEP3\n", "ERROR YXSWAP2STEP3 requires 5 stones*");
    close_brain(&wire, brain);
}

/* An agent that finds all openings even places two more, on points of their own, and chooses after five. */
Test(gomocup_boards, third_choice_of_swap2)
{
    struct wire wire;
    struct gomocup *brain = open_brain(&wire, "random");
    ask(&wire, "START 15\n", "OK");
    wire_send(&wire, "SWAP2BOARD\n7,7\n7,8\n8,8\nDONE\n");
    char *got = wire_read(&wire, "\r\n");
    int x[2], y[2];
    cr_assert(sscanf(got, "%d,%d %d,%d", &x[0], &y[0], &x[1], &y[1]) == 4, "%s", got);
    for (int i = 0; i < 2; i++)
        cr_assert(!(x[i] == 7 && y[i] == 7) && !(x[i] == 7 && y[i] == 8) && !(x[i] == 8 && y[i] == 8), "%s", got);
    cr_assert(x[0] != x[1] || y[0] != y[1], "%s", got);
    g_free(got);
    ask(&wire, "YXBOARD\n7,7,2\n7,8,1\n8,8,2\nDONE\nYXSWAP2STEP2\n", "MESSAGE SWAP2 MOVE4 ?* ?*");
    ask(&wire, "", "MESSAGE SWAP2 MOVE5 ?* ?*");
    ask(&wire, "SWAP2BOARD\n7,7\n7,8\n8,8\n1,1\n3,3\nDONE\n", "?*,?*");
    close_brain(&wire, brain);
}

/* A larger number of threads than an agent can have is reduced to its maximum. */
Test(gomocup_boards, many_threads)
{
    struct wire wire;
    struct gomocup *brain = open_brain(&wire, "rollout:200");
    ask(&wire, "START 10\nINFO thread_num 65\nBEGIN\n", "OK");
    ask(&wire, "", "?,?");
    ask(&wire, "INFO thread_num 1000000000000\nTURN 0,0\n", "?,?");
    close_brain(&wire, brain);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* they need terabytes of address space */
/* If the system grants less memory than the manager, the tree is smaller. */
Test(gomocup_boards, small_address_space)
{
    struct wire wire;
    struct rlimit limit;
    char *text;
    cr_assert(g_file_get_contents("/proc/self/statm", &text, NULL, NULL) && getrlimit(RLIMIT_AS, &limit) == 0);
    limit.rlim_cur = (rlim_t)g_ascii_strtoull(text, NULL, 10) * (rlim_t)sysconf(_SC_PAGESIZE) + ((rlim_t)150 << 20);
    g_free(text);
    cr_assert(setrlimit(RLIMIT_AS, &limit) == 0);
    struct gomocup *brain = open_brain(&wire, "net:default,visits=50");
    ask(&wire, "START 15\n", "OK");
    ask(&wire, "BEGIN\n", "?*,?*");
    ask(&wire, "START 20\n", "OK");
    ask(&wire, "BEGIN\n", "?*,?*");
    close_brain(&wire, brain);
}
#endif

static int64_t ms_of_move(struct wire *wire, const char *info)
{
    ask(wire, "START 15\n", "OK");
    wire_send(wire, info);
    int64_t start = g_get_monotonic_time();
    ask(wire, "BEGIN\n", "*,*");
    return (g_get_monotonic_time() - start) / 1000;
}

/* An increment is used, even if hardly any time is left. */
Test(gomocup_boards, increments)
{
    struct wire wire;
    struct gomocup *brain = open_brain(&wire, "rollout:100000000");
    const char plain[] =
        "INFO timeout_turn 5000\nINFO timeout_match 3000\nINFO time_left 3000\nINFO time_increment 0\n";
    const char more[] =
        "INFO timeout_turn 5000\nINFO timeout_match 3000\nINFO time_left 3000\nINFO time_increment 1000\n";
    int64_t without = ms_of_move(&wire, plain), with = ms_of_move(&wire, more);
    cr_assert(with > without + 300 && with < 3000, "%d ms without an increment, %d with it", (int)without, (int)with);
    close_brain(&wire, brain);
}

/* RESTART during a search is answered at once, and the search is not answered at all; so too after other lines. */
Test(gomocup_boards, restart_during_a_search)
{
    static const char *const restarts[] = {"RESTART\n", "INFO max_node 0\nRESTART\n", "restart\n"};
    struct wire wire;
    struct gomocup *brain = open_brain(&wire, "rollout:100000000");
    ask(&wire, "START 15\n", "OK");
    wire_send(&wire, "INFO timeout_turn 60000\n");
    for (size_t i = 0; i < G_N_ELEMENTS(restarts); i++) {
        int64_t start = g_get_monotonic_time();
        wire_send(&wire, "TURN 7,7\n");
        cr_assert(!wire_readable(&wire, 150));
        ask(&wire, restarts[i], "OK");
        cr_assert(g_get_monotonic_time() - start < 3000000);
    }
    wire_send(&wire, "SWAP2BOARD\nDONE\n");
    cr_assert(!wire_readable(&wire, 150));
    ask(&wire, "RESTART\n", "OK");
    wire_send(&wire, "TURN 7,7\n");
    cr_assert(!wire_readable(&wire, 150));
    ask(&wire, "YXSTOP\n", "?*,?*");
    close_brain(&wire, brain);
}

/* The end of input during a search ends it soon, with a move; if nobody is left to read the output, at once. */
Test(gomocup_boards, death_of_the_manager)
{
    for (int hang_up = 0; hang_up < 2; hang_up++) {
        struct wire wire;
        struct gomocup *brain = open_brain(&wire, "rollout:100000000");
        ask(&wire, "START 15\n", "OK");
        wire_send(&wire, "INFO timeout_turn 60000\nBEGIN\n");
        g_usleep(100000);
        int64_t start = g_get_monotonic_time();
        if (hang_up) {
            wire_hang_up(&wire);
        } else {
            close(wire.to);
            wire.to = -1;
            g_free(wire_read(&wire, "\r\n"));
        }
        wire_close(&wire);
        gomocup_close(brain);
        cr_assert(g_get_monotonic_time() - start < 2500000);
    }
}
