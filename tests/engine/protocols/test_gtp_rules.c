/* GTP: rules by the names that KataGo takes, black moves as handicap, clocks of servers, and the death of a client. */
#include <criterion/criterion.h>
#include <unistd.h>

#include "tests/engine/protocols/gtp_wire.h"
#include "tests/engine/protocols/protocol.h"

Test(gtp_rules, names)
{
    static const struct {
        const char *rules, *ko, *scoring, *suicide, *bonus, *komi;
    } cases[] = {
        {"nz", "SITUATIONAL", "AREA", "true", "0", "7.0"},
        {"newzealand", "SITUATIONAL", "AREA", "true", "0", "7.0"},
        {"tromptaylor", "POSITIONAL", "AREA", "true", "0", "7.0"},
        {"goe", "POSITIONAL", "AREA", "true", "0", "7.0"},
        {"Ing", "POSITIONAL", "AREA", "true", "0", "7.0"},
        {"koPOSITIONALscoreAREAtaxNONEsui0", "POSITIONAL", "AREA", "false", "0", "7.0"},
        {"koSIMPLEscoreTERRITORYtaxSEKIsui0komi6.5", "SIMPLE", "TERRITORY", "false", "0", "6.5"},
        {"koSITUATIONALscoreAREAtaxNONEsui0whbN-1", "SITUATIONAL", "AREA", "false", "N-1", "6.5"},
        {"{\"ko\":\"SIMPLE\",\"score\":\"TERRITORY\",\"komi\":0.5}", "SIMPLE", "TERRITORY", "false", "N-1", "0.5"},
    };
    struct wire wire;
    struct gtp *gtp = open_gtp(&wire, "random", "go:9");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *set = g_strconcat("kata-set-rules ", cases[i].rules, NULL);
        char *wanted =
            g_strdup_printf("= *\"ko\":\"%s\",\"scoring\":\"%s\",\"suicide\":%s,*\"whiteHandicapBonus\":\"%s\"*",
                            cases[i].ko, cases[i].scoring, cases[i].suicide, cases[i].bonus);
        char *komi = g_strconcat("= ", cases[i].komi, NULL);
        ask(&wire, set, "= ");
        ask(&wire, "kata-get-rules", wanted);
        ask(&wire, "get_komi", komi);
        g_free(set);
        g_free(wanted);
        g_free(komi);
    }
    ask(&wire, "kata-set-rules koSIMPLEscoreAREAbutton1", "? Tengen does not implement the button*");
    ask(&wire, "kata-set-rules koSIMPLEscore", "? unknown rules*");
    close_gtp(&wire, gtp);
}

/* The score of an otherwise empty board tells how many stones count as handicap, by Chinese rules and komi 0.5. */
Test(gtp_rules, black_moves_as_handicap)
{
    static const struct {
        const char *moves, *score;
    } cases[] = {
        {"b C3 b G7", "= B+78.5"},
        {"b C3 w pass b G7", "= B+78.5"},
        {"b C3 b G7 b G3 w pass", "= B+77.5"},
        {"b C3", "= B+80.5"},
        {"b C3 w pass b pass", "= B+80.5"},
        {"b C3 b pass b G7", "= B+80.5"}, /* black's own pass ends the row */
    };
    struct wire wire;
    struct gtp *gtp = open_gtp(&wire, "random", "go:9,rules=chinese,komi=0.5");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *play = g_strconcat("play_sequence ", cases[i].moves, NULL);
        ask(&wire, "clear_board", "= ");
        ask(&wire, play, "= ");
        ask(&wire, "final_score", cases[i].score);
        g_free(play);
    }
    /* White stones in a row, too: a position is being set up. Rules without a bonus give none. */
    ask(&wire, "clear_board", "= ");
    ask(&wire, "play_sequence b A1 b A2 b B1 b B2", "= ");
    ask(&wire, "final_score", "= B+76.5");
    ask(&wire, "kata-set-rule whiteHandicapBonus 0", "= ");
    ask(&wire, "final_score", "= B+80.5");
    ask(&wire, "kata-set-rule whiteHandicapBonus N", "= ");
    ask(&wire, "undo", "= ");
    ask(&wire, "final_score", "= B+77.5");
    ask(&wire, "play_sequence b B2 w J9 w J8", "= ");
    ask(&wire, "undo", "= ");
    ask(&wire, "play w pass", "= ");
    ask(&wire, "final_score", "= W+1.5"); /* 4 stones against 1, komi and a bonus of 4 */
    ask(&wire, "undo", "= ");
    ask(&wire, "play w J8", "= ");
    ask(&wire, "final_score", "= B+1.5"); /* 4 stones against 2 and komi */
    close_gtp(&wire, gtp);
}

static double seconds_of_move(const char *settings, const char *left)
{
    struct wire wire;
    struct gtp *gtp = open_gtp(&wire, "rollout:100000000", "go:9");
    ask(&wire, settings, "= ");
    ask(&wire, left, "= ");
    int64_t start = g_get_monotonic_time();
    ask(&wire, "genmove b", "= *");
    double seconds = (double)(g_get_monotonic_time() - start) / 1e6;
    close_gtp(&wire, gtp);
    return seconds;
}

/* Under Japanese byo-yomi the number in time_left is of periods, not of moves to make in one. */
Test(gtp_rules, periods_left)
{
    double seconds = seconds_of_move("kgs-time_settings byoyomi 0 0.8 10", "time_left b 0.8 10");
    cr_expect(seconds > 0.3 && seconds < 2, "%g s of ten periods of 0.8 s", seconds);
    seconds = seconds_of_move("kata-time_settings byoyomi 0 0.8 10", "time_left b 0.8 10");
    cr_expect(seconds > 0.3 && seconds < 2, "%g s of ten periods of 0.8 s", seconds);
    seconds = seconds_of_move("kgs-time_settings canadian 0 0.8 10", "time_left b 0.8 10");
    cr_expect(seconds < 0.3, "%g s of 0.8 s for ten moves", seconds);
}

/* More time than a period has is a reserve for the whole game. */
Test(gtp_rules, canadian_time_with_a_reserve)
{
    double seconds = seconds_of_move("kgs-time_settings canadian 20 0.5 1", "time_left b 20.5 1");
    cr_expect(seconds > 0.1 && seconds < 4, "%g s of a reserve of 20 s", seconds);
    seconds = seconds_of_move("time_settings 20 1 10", "time_left b 21 10");
    cr_expect(seconds > 0.05 && seconds < 4, "%g s of a reserve of 20 s", seconds);
}

Test(gtp_rules, limit_per_move)
{
    double seconds = seconds_of_move("kata-time_settings fischer-capped 300 10 300 0.3", "time_left b 300 0");
    cr_expect(seconds < 1, "%g s of 0.3 s", seconds);
}

/* A client that dies ends the search: at once if it had both ends of the pipes; soon if only the input ends. */
Test(gtp_rules, hung_up)
{
    struct wire wire;
    struct gtp *gtp = open_gtp(&wire, "rollout:100000000", "go:9");
    wire_send(&wire, "1 genmove b\n2 genmove w\n3 quit\n");
    g_usleep(100000);
    int64_t start = g_get_monotonic_time();
    wire_hang_up(&wire);
    cr_expect(g_get_monotonic_time() - start < 2000000);
    close_gtp(&wire, gtp);
    cr_expect_eq(wire.status, -1);
}

Test(gtp_rules, end_of_input_ends_the_last_search)
{
    struct wire wire;
    struct gtp *gtp = open_gtp(&wire, "rollout:100000000", "go:9");
    int64_t start = g_get_monotonic_time();
    wire_send(&wire, "1 genmove b\n");
    g_usleep(100000);
    close(wire.to);
    wire.to = -1;
    char *got = wire_read(&wire, "\n\n");
    cr_expect(g_pattern_match_simple("=1 ??", got), "%s", got);
    g_free(got);
    close_gtp(&wire, gtp);
    cr_expect(g_get_monotonic_time() - start < 3000000);
    cr_expect_eq(wire.status, 0);
}

/* A session from a file: all but its last command take the time they need. */
Test(gtp_rules, a_session_from_a_file_is_not_cut_short)
{
    struct wire wire;
    struct gtp *gtp = open_gtp(&wire, "rollout:100000000", "go:9");
    int64_t start = g_get_monotonic_time();
    wire_send(&wire, "time_settings 0 3 1\ngenmove b\nquit\n");
    close(wire.to);
    wire.to = -1;
    g_free(wire_read(&wire, "\n\n"));
    g_free(wire_read(&wire, "\n\n"));
    cr_expect(g_get_monotonic_time() - start > 1500000);
    close_gtp(&wire, gtp);
}
