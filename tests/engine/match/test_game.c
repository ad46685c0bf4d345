/* One game of a match between agents that answer from a script: what is recorded, who loses by which fault, clocks,
 * adjudication, the ply limit and the referee. */
#include <criterion/criterion.h>
#include <math.h>

#include "agents/agent.h"
#include "engine/match/game.h"
#include "games/game.h"
#include "tests/engine/match/scripted.h"

/* The linker puts this in place of agent_choose: a scripted answer takes the time that the script says. */
bool __real_agent_choose(struct agent *agent, const struct agent_clock *clock, struct agent_choice *choice,
                         GError **error);
bool __wrap_agent_choose(struct agent *agent, const struct agent_clock *clock, struct agent_choice *choice,
                         GError **error)
{
    bool fine = __real_agent_choose(agent, clock, choice, error);
    if (agent->ops == &scripted_ops) {
        const struct scripted *script = agent->own;
        choice->time_ms = script->answers[script->asked - 1].time_ms;
    }
    return fine;
}

static struct game game;
static struct scripted script[2], referee;
static struct match_terms terms;
static struct match_game played;
static atomic_bool stop;

enum { SEED = 99 };

static void set_up(void)
{
    cr_assert(game_parse(&game, "gomoku:5", NULL)); /* point p is column A + p % 5, row 5 - p / 5 */
    memset(script, 0, sizeof script);
    for (int i = 0; i < 16; i++) {
        script[0].answers[i] = (struct scripted_answer){.move = (game_move)(i < 12 ? 2 * i : 0), .value = NAN};
        script[1].answers[i] = (struct scripted_answer){.move = (game_move)(i < 12 ? 2 * i + 1 : 0), .value = NAN};
    }
    referee = (struct scripted){0};
    terms = (struct match_terms){0};
    atomic_store(&stop, false);
}

static void tear_down(void)
{
    match_game_clear(&played);
}

TestSuite(match_game, .init = set_up, .fini = tear_down);

static void play_from(const struct match_opening *opening, bool has_referee)
{
    struct agent *agents[2], *judge = has_referee ? scripted_open(&game, &referee) : NULL;
    for (int i = 0; i < 2; i++)
        agents[i] = scripted_open(&game, &script[i]);
    match_game_clear(&played);
    match_play_game(&game, agents, judge, opening, &terms, &stop, SEED, &played);
    for (int i = 0; i < 2; i++)
        agent_close(agents[i]);
    agent_close(judge);
}

static void play(void)
{
    play_from(NULL, false);
}

static void expect_loss(enum match_end end, int loser, bool broken, const char *reason)
{
    cr_assert_eq(played.end, end, "%s: %s", match_end_names[played.end], played.reason);
    cr_assert_eq(played.loser, loser);
    cr_assert_eq(played.outcome, loser ? GAME_WON_0 : GAME_WON_1);
    cr_assert_eq(played.broken[loser], broken);
    cr_assert(!played.broken[1 - loser] && !played.referee_broken && played.margin == 0);
    cr_assert_str_eq(played.reason, reason);
}

/* ---- records ---- */

/* A row of five at the top for the first player: points 0 to 4, answered by 10 to 13. */
static void play_a_row(void)
{
    for (int i = 0; i < 5; i++) {
        script[0].answers[i] =
            (struct scripted_answer){.move = (game_move)i, .value = 0.125f * (float)i, .time_ms = 10 + i, .visits = 7};
        script[1].answers[i] = (struct scripted_answer){.move = (game_move)(10 + i), .value = -0.5f, .time_ms = 20};
    }
}

Test(match_game, moves_values_times_and_visits_are_kept)
{
    static const game_move moves[] = {0, 10, 1, 11, 2, 12, 3, 13, 4};
    play_a_row();
    play();
    cr_assert(played.end == MATCH_RULES && played.outcome == GAME_WON_0 && played.plies == 9);
    cr_assert(!played.broken[0] && !played.broken[1] && !*played.reason && played.margin == 0);
    for (int i = 0; i < 9; i++) {
        const struct match_ply *info = &played.info[i];
        cr_assert_eq(played.moves[i], moves[i]);
        cr_assert_eq(info->time_ms, i % 2 ? 20 : 10 + i / 2);
        cr_assert_eq(info->value, i % 2 ? -0.5f : 0.125f * (float)(i / 2));
        cr_assert_eq(info->visits, i % 2 ? 0 : 7);
    }
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(script[i].told, 9, "each agent is notified of every move");
        cr_assert_eq(script[i].games, 1);
        cr_assert_eq(script[i].seed, rng_mix(SEED + (uint64_t)i));
    }
}

Test(match_game, an_opening_is_played_without_the_agents)
{
    const struct match_opening opening = {.moves = {20, 21, 22}, .count = 3};
    play_a_row();
    play_from(&opening, false);
    cr_assert(played.plies == 3 + 9 && played.outcome == GAME_WON_1, "the second player goes first after it");
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(played.moves[i], 20 + i);
        cr_assert(isnan(played.info[i].value) && !played.info[i].time_ms && !played.info[i].visits);
    }
    cr_assert_eq(played.moves[3], 10);
    cr_assert_eq(played.moves[4], 0);
}

Test(match_game, a_time_beyond_32_bits_is_capped)
{
    play_a_row();
    script[0].answers[0].time_ms = G_MAXINT32 + INT64_C(5);
    play();
    cr_assert_eq(played.info[0].time_ms, G_MAXINT32);
}

/* The seconds are those that the game took: eight plies of 5 ms each. */
Test(match_game, duration)
{
    play_a_row();
    script[1].sleep_us = 10000;
    play();
    cr_assert(played.seconds >= 0.04 && played.seconds < 10, "%g s", played.seconds);
}

Test(match_game, a_full_board_is_a_draw)
{
    static const char board[] = "00110"
                                "11001"
                                "00110"
                                "11001"
                                "00110";
    int at[2] = {0, 0};
    for (int p = 0; p < 25; p++) {
        int side = board[p] - '0';
        script[side].answers[at[side]++].move = (game_move)p;
    }
    play();
    cr_assert(played.end == MATCH_RULES && played.outcome == GAME_DRAWN && played.plies == 25, "%s after %d plies",
              match_end_names[played.end], played.plies);
}

/* ---- faults ---- */

Test(match_game, resignation)
{
    script[1].answers[1].resigns = true;
    play();
    expect_loss(MATCH_RESIGNED, 1, false, "");
    cr_assert_eq(played.plies, 3);
    set_up();
    script[0].answers[0].resigns = true;
    play();
    expect_loss(MATCH_RESIGNED, 0, false, "");
}

Test(match_game, illegal_moves)
{
    script[1].answers[0].move = 0; /* taken by the first player's first move */
    play();
    expect_loss(MATCH_FORFEIT, 1, false, "illegal move A5 at ply 2");
    cr_assert_eq(played.plies, 1);
    set_up();
    script[0].answers[1].move = game.moves; /* the first number that is no move */
    play();
    cr_assert(played.end == MATCH_FORFEIT && played.loser == 0 && played.plies == 2);
    cr_assert(g_str_has_prefix(played.reason, "illegal move ") && g_str_has_suffix(played.reason, " at ply 3"));
}

Test(match_game, failures)
{
    script[0].answers[1].fault = SCRIPTED_DIED;
    play();
    expect_loss(MATCH_FORFEIT, 0, true, "crashed");
    cr_assert_eq(played.plies, 2);
    set_up();
    script[1].answers[0].fault = SCRIPTED_SILENT;
    play();
    expect_loss(MATCH_FORFEIT, 1, true, "failed without an error message");
    set_up();
    script[1].answers[0].fault = SCRIPTED_TIMEOUT; /* without a clock: the reply timeout */
    script[1].answers[0].time_ms = 60000;
    play();
    expect_loss(MATCH_FORFEIT, 1, true, "no reply");
}

Test(match_game, failures_between_moves)
{
    script[1].fail_new_game = 1;
    play();
    expect_loss(MATCH_FORFEIT, 1, true, "crashed");
    cr_assert_eq(played.plies, 0);
    set_up();
    script[0].fail_moved = 2; /* notified of the opponent's move, which was played */
    play();
    expect_loss(MATCH_FORFEIT, 0, true, "crashed");
    cr_assert_eq(played.plies, 2);
    set_up();
    const struct match_opening opening = {.moves = {20, 21, 22}, .count = 3};
    script[1].fail_moved = 2;
    play_from(&opening, false);
    expect_loss(MATCH_FORFEIT, 1, true, "crashed");
    cr_assert(played.plies == 2 && script[0].asked == 0, "the opening ends there");
}

/* A stop during a search leaves no result; only an agent that failed meanwhile has to be reopened. */
Test(match_game, stop)
{
    script[1].sets_stop = &stop;
    play();
    cr_assert(played.end == MATCH_STOPPED && played.outcome == GAME_ONGOING && played.plies == 1);
    cr_assert(!played.broken[0] && !played.broken[1] && !*played.reason);
    set_up();
    script[1].sets_stop = &stop;
    script[1].answers[0].fault = SCRIPTED_DIED;
    play();
    cr_assert(played.end == MATCH_STOPPED && played.outcome == GAME_ONGOING);
    cr_assert(!played.broken[0] && played.broken[1] && !*played.reason);
    set_up();
    atomic_store(&stop, true); /* before the first move */
    play();
    cr_assert(played.end == MATCH_STOPPED && script[0].asked == 0 && played.plies == 0);
}

/* ---- clocks ---- */

/* One second in all, 50 ms of margin. The limit of 1000 is exceeded by 50, then by 51. */
Test(match_game, the_margin_is_tolerated_and_no_more)
{
    terms = (struct match_terms){.clock = {.main_ms = 1000}, .margin_ms = 50};
    script[0].answers[0].time_ms = 1050;
    script[0].answers[1].resigns = true;
    play();
    expect_loss(MATCH_RESIGNED, 0, false, "");
    set_up();
    terms = (struct match_terms){.clock = {.main_ms = 1000}, .margin_ms = 50};
    script[0].answers[0].time_ms = 1051;
    play();
    expect_loss(MATCH_TIME, 0, false, "exceeded its time at ply 1: 1.051 s used, 1.000 s left");
    cr_assert_eq(played.plies, 0);
}

/* Each side has its own clock, which continues from move to move: 600 and 350 of 1000 leave 50. */
Test(match_game, clocks_run_on)
{
    terms = (struct match_terms){.clock = {.main_ms = 1000}, .margin_ms = 20};
    script[1].answers[0].time_ms = 600;
    script[0].answers[0].time_ms = 900;
    script[1].answers[1].time_ms = 350;
    script[1].answers[2].time_ms = 71;
    play();
    expect_loss(MATCH_TIME, 1, false, "exceeded its time at ply 6: 0.071 s used, 0.050 s left");
    static const int64_t first[] = {1000, 100, 100}, second[] = {1000, 400, 50};
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(script[0].clock[i].main_ms, first[i]);
        cr_assert_eq(script[1].clock[i].main_ms, second[i]);
    }
}

/* A program that is abandoned after its clock ran out loses on time; before that, by the reply timeout. */
Test(match_game, no_answer)
{
    terms = (struct match_terms){.clock = {.main_ms = 1000}, .margin_ms = 50};
    script[1].answers[0].time_ms = 2500;
    script[1].answers[0].fault = SCRIPTED_TIMEOUT;
    play();
    expect_loss(MATCH_TIME, 1, true, "exceeded its time at ply 2: 2.500 s used, 1.000 s left, no answer");
    set_up();
    terms = (struct match_terms){.clock = {.main_ms = 9000}, .margin_ms = 50};
    script[1].answers[0].time_ms = 2500;
    script[1].answers[0].fault = SCRIPTED_TIMEOUT;
    play();
    expect_loss(MATCH_FORFEIT, 1, true, "no reply");
    set_up();
    terms = (struct match_terms){.clock = {.main_ms = 1000}, .margin_ms = 50};
    script[1].answers[0].time_ms = 2500; /* a crash is reported as such, even after the time has run out */
    script[1].answers[0].fault = SCRIPTED_DIED;
    play();
    expect_loss(MATCH_FORFEIT, 1, true, "crashed");
}

/* ---- agreement ---- */

/* The values of both players' next moves, each from the player's own view. */
static void say(int player, int count, const float *values)
{
    for (int i = 0; i < count; i++)
        script[player].answers[i].value = values[i];
}

/* Both agree from the first player's third move on. A value at the limit counts, one below it does not. */
Test(match_game, a_win_is_agreed_after_enough_moves_of_both)
{
    terms = (struct match_terms){.win_value = 0.75f, .win_moves = 2};
    say(0, 4, (const float[]){0.9f, 0.74f, 0.75f, 0.8f});
    say(1, 4, (const float[]){-0.9f, -0.75f, -0.75f, -1});
    play();
    cr_assert(played.end == MATCH_AGREED && played.outcome == GAME_WON_0, "%s", match_end_names[played.end]);
    cr_assert_eq(played.plies, 7, "plies 4 to 7: two moves of each since the first player's doubt at ply 3");
    cr_assert_str_eq(played.reason,
                     "adjudicated: both expected the first player to win (value at least 0.75) for 2 moves");
    set_up();
    terms = (struct match_terms){.win_value = 0.5f, .win_moves = 1};
    say(0, 2, (const float[]){0.2f, -0.6f});
    say(1, 2, (const float[]){0.7f, 0.9f});
    play();
    cr_assert(played.end == MATCH_AGREED && played.outcome == GAME_WON_1 && played.plies == 3);
    cr_assert_str_eq(played.reason,
                     "adjudicated: both expected the second player to win (value at least 0.50) for 1 moves");
}

/* Opposite values, or an agent that reports none, are no agreement. */
Test(match_game, no_agreement)
{
    terms = (struct match_terms){.win_value = 0.5f, .win_moves = 1, .draw_value = 0.1f, .draw_moves = 1};
    say(0, 4, (const float[]){0.9f, 0.05f, 0.9f, NAN});
    say(1, 4, (const float[]){0.9f, 0.8f, NAN, -0.9f});
    script[0].answers[4].resigns = true;
    play();
    expect_loss(MATCH_RESIGNED, 0, false, "");
    cr_assert_eq(played.plies, 8);
    set_up();
    say(0, 4, (const float[]){0.9f, 0.9f, 0.9f, 0.9f}); /* without win_moves */
    say(1, 4, (const float[]){-0.9f, -0.9f, -0.9f, -0.9f});
    terms = (struct match_terms){.win_value = 0.5f};
    script[0].answers[4].resigns = true;
    play();
    expect_loss(MATCH_RESIGNED, 0, false, "");
}

/* Within 0.125 either way for two moves of each, from ply 4 on: plies 4 to 7, then 5 to 8. */
Test(match_game, a_draw_is_agreed_within_its_value)
{
    terms = (struct match_terms){.draw_value = 0.125f, .draw_moves = 2, .draw_ply = 4};
    say(0, 4, (const float[]){0, 0, 0.125f, 0});
    say(1, 4, (const float[]){0, -0.125f, 0.125f, 0});
    play();
    cr_assert(played.end == MATCH_AGREED && played.outcome == GAME_DRAWN && played.plies == 7, "%d plies",
              played.plies);
    cr_assert_str_eq(played.reason, "adjudicated: both expected a draw (value within 0.12) for 2 moves");
    set_up();
    terms = (struct match_terms){.draw_value = 0.125f, .draw_moves = 2, .draw_ply = 4};
    say(0, 4, (const float[]){0, 0, 0, 0});
    say(1, 4, (const float[]){0, -0.126f, 0, 0});
    play();
    cr_assert(played.end == MATCH_AGREED && played.plies == 8, "%d plies", played.plies);
}

/* A row on the board wins by the rules, even if both players agree otherwise at the same ply. */
Test(match_game, rules_come_before_agreement)
{
    play_a_row();
    terms = (struct match_terms){.win_value = 0.25f, .win_moves = 1};
    for (int i = 0; i < 4; i++)
        script[0].answers[i].value = 0;
    script[0].answers[4].value = 1;
    play();
    cr_assert(played.end == MATCH_RULES && played.plies == 9 && !*played.reason);
}

/* ---- limits and the referee ---- */

Test(match_game, ply_limit)
{
    terms.max_plies = 4;
    play();
    cr_assert(played.end == MATCH_CAPPED && played.outcome == GAME_DRAWN && played.plies == 4);
    cr_assert_str_eq(played.reason, "scored at the limit of 4 plies");
    set_up();
    play_a_row();
    terms.max_plies = 9; /* the ninth ply wins before the limit applies */
    play();
    cr_assert(played.end == MATCH_RULES && played.outcome == GAME_WON_0 && !*played.reason);
    set_up();
    play_a_row();
    terms.max_plies = 8;
    play();
    cr_assert(played.end == MATCH_CAPPED && played.plies == 8);
    set_up();
    const struct match_opening opening = {.moves = {20, 21, 22}, .count = 3};
    terms.max_plies = 2; /* within the opening */
    play_from(&opening, false);
    cr_assert(played.end == MATCH_CAPPED && played.plies == 2 && script[0].asked == 0);
}

/* Go on 5x5 ends with two passes. White has one stone, so all but komi is White's: 0 - 25 - 0.5 for player 0. */
static void set_up_passes(void)
{
    set_up();
    cr_assert(game_parse(&game, "go:5,komi=0.5", NULL));
    script[0].answers[0].move = script[0].answers[1].move = 25;
    script[1].answers[0].move = 12;
    script[1].answers[1].move = 25;
}

Test(match_game, a_board_is_scored_without_a_referee)
{
    set_up_passes();
    play();
    cr_assert(played.end == MATCH_RULES && played.outcome == GAME_WON_1 && played.margin == -25.5f, "%g",
              (double)played.margin);
    cr_assert_eq(played.plies, 4);
}

/* Black has columns A to C, white D and E, and a dead stone at A5. Removed, it leaves black 15 points and white 10 by
 * area, 11 and 5 by territory; as it stands, black's five stones face eleven points of white's. */
Test(match_game, dead_stones_are_removed_where_the_rules_say_so)
{
    static const struct {
        const char *game;
        float margin;
    } cases[] = {
        {"go:5,rules=chinese,komi=0", 5}, {"go:5,rules=japanese,komi=0", 6}, {"go:5,rules=tromp-taylor,komi=0", -6}};
    static const game_move black[] = {2, 7, 12, 17, 22, 25, 25}, white[] = {3, 8, 13, 18, 23, 0, 25};
    for (int i = 0; i < 7; i++) {
        script[0].answers[i].move = black[i];
        script[1].answers[i].move = white[i];
    }
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        cr_assert(game_parse(&game, cases[i].game, NULL));
        script[0].asked = script[1].asked = 0;
        play();
        cr_assert_eq(played.end, MATCH_RULES, "%s: %s", match_end_names[played.end], played.reason);
        cr_expect_eq(played.margin, cases[i].margin, "%s: %g", cases[i].game, (double)played.margin);
        cr_expect_eq(played.outcome, cases[i].margin > 0 ? GAME_WON_0 : GAME_WON_1);
    }
}

Test(match_game, the_referee_scores)
{
    static const game_move moves[] = {25, 12, 25, 25};
    set_up_passes();
    referee.scores = true;
    referee.result = (struct game_result){.outcome = GAME_WON_0, .margin = 3.5f};
    referee.seen = g_array_new(FALSE, FALSE, sizeof(game_move));
    play_from(NULL, true);
    cr_assert(played.end == MATCH_RULES && played.outcome == GAME_WON_0 && played.margin == 3.5f);
    cr_assert(!played.referee_broken && !*played.reason);
    cr_assert(referee.seen->len == 4 && memcmp(referee.seen->data, moves, sizeof moves) == 0);
    g_array_free(referee.seen, TRUE);
}

Test(match_game, a_referee_that_fails_is_reported_and_the_board_is_scored)
{
    set_up_passes();
    terms.max_plies = 3; /* the reason says why it failed, not the limit */
    play_from(NULL, true);
    cr_assert(played.end == MATCH_CAPPED && played.outcome == GAME_WON_1 && played.margin == -25.5f);
    cr_assert(played.referee_broken && !played.broken[0] && !played.broken[1]);
    cr_assert_str_eq(played.reason, "scored without the referee, which failed: crashed");
    set_up_passes();
    referee.fail_new_game = 1;
    play_from(NULL, true);
    cr_assert(played.referee_broken && played.end == MATCH_RULES && played.outcome == GAME_WON_1);
}

/* Games that are not decided by counting need no referee, nor do games that a fault has ended. */
Test(match_game, the_referee_is_asked_only_to_count)
{
    play_a_row();
    play_from(NULL, true);
    cr_assert(referee.games == 0 && played.outcome == GAME_WON_0 && !played.referee_broken);
    set_up_passes();
    script[0].answers[1].resigns = true;
    play_from(NULL, true);
    cr_assert(referee.games == 0 && played.end == MATCH_RESIGNED && !played.referee_broken);
}

/* ---- agents are told ---- */

static void expect_told(int times, enum game_outcome outcome)
{
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(script[i].finished, times);
        cr_assert(!times || script[i].outcome == outcome);
    }
}

Test(match_game, agents_are_told_the_result)
{
    script[1].answers[3].resigns = true;
    play();
    cr_assert_eq(played.end, MATCH_RESIGNED);
    expect_told(1, GAME_WON_0);
}

/* What says nothing about the moves is not told: a fault, a flag, a stop. */
Test(match_game, agents_are_not_told_of_other_ends)
{
    script[1].answers[3].fault = SCRIPTED_DIED;
    play();
    cr_assert_eq(played.end, MATCH_FORFEIT);
    expect_told(0, GAME_ONGOING);
    set_up();
    terms.clock.main_ms = 1000;
    script[1].answers[3].time_ms = 5000;
    play();
    cr_assert_eq(played.end, MATCH_TIME);
    expect_told(0, GAME_ONGOING);
    set_up();
    script[1].sets_stop = &stop;
    play();
    cr_assert_eq(played.end, MATCH_STOPPED);
    expect_told(0, GAME_ONGOING);
}
