/* The session behind the window: moves, refusals, undo, counting, files, crashing agents. */
#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "agents/agent.h"
#include "engine/viewer/session/brain.h"
#include "engine/viewer/session/session.h"
#include "engine/viewer/session/session_internal.h"
#include "games/game.h"
#include "games/record/sgf.h"

static struct session_setup setup_of(const char *spec, const char *agent0, const char *agent1)
{
    struct session_setup setup = {.seed = 1};
    const char *const agents[] = {agent0, agent1};
    cr_assert(game_parse(&setup.game, spec, NULL));
    for (int i = 0; i < 2; i++) {
        setup.players[i].human = agents[i] == NULL;
        g_strlcpy(setup.players[i].agent, agents[i] ? agents[i] : "", sizeof setup.players[i].agent);
        g_strlcpy(setup.players[i].name, i ? "second" : "first", sizeof setup.players[i].name);
    }
    return setup;
}

static struct session *open_session(const char *spec, const char *agent0, const char *agent1)
{
    struct session_setup setup = setup_of(spec, agent0, agent1);
    return session_new(&setup, 1, NULL, NULL);
}

static game_move at(const struct session *s, const char *text)
{
    return game_move_parse(&s->game, text);
}

/* "D4 E5 pass": all legal. */
static void play(struct session *s, const char *moves)
{
    char **words = g_strsplit(moves, " ", -1);
    for (int i = 0; words[i]; i++)
        cr_assert(session_play(s, at(s, words[i])), "%s: %s", words[i], s->notice);
    g_strfreev(words);
}

/* Polls until the condition holds, ten seconds at most. */
#define UNTIL(condition)                                                                                               \
    do {                                                                                                               \
        for (int waited_ = 0; !(condition) && waited_ < 2000; waited_++) {                                             \
            session_poll(s);                                                                                           \
            g_usleep(5000);                                                                                            \
        }                                                                                                              \
        cr_assert(condition, "timed out waiting for " #condition ": %s", s->notice);                                   \
    } while (0)

static void refused(struct session *s, const char *move, const char *word)
{
    char reason[160];
    const char *text = session_refusal(s, at(s, move), reason);
    cr_assert_not_null(text, "%s is allowed", move);
    cr_assert_not_null(strstr(text, word), "%s: \"%s\" has no \"%s\"", move, text, word);
    cr_assert_not(session_play(s, at(s, move)));
    cr_assert_eq(s->notice_kind, NOTICE_WARNING);
}

Test(viewer, go_reasons)
{
    struct session *s = open_session("go:5,rules=chinese", NULL, NULL);
    /* A ko at C3/B3, then suicide in a corner. */
    play(s, "B4 C4 A3 D3 B2 C2 C3 B3");
    refused(s, "C3", "Ko");
    refused(s, "B3", "occupied");
    play(s, "E1 A5 D1 pass");
    session_free(s);
    s = open_session("go:5,rules=chinese", NULL, NULL);
    play(s, "A4 pass B5 pass E1");
    refused(s, "A5", "Suicide");
    session_free(s);
}

/* Random moves on 2x2 soon lead to whole-board repetition; the reason must then not be "suicide" or "ko". */
Test(viewer, superko_reason)
{
    struct session *s = open_session("go:2", NULL, NULL);
    struct rng rng;
    char reason[160];
    bool found = false;
    rng_seed(&rng, 1);
    for (int i = 0; i < 300 && !found; i++) {
        for (int p = 0; p < 4 && !found; p++) {
            const char *text = session_refusal(s, (game_move)p, reason);
            found = text && strstr(text, "Superko");
        }
        if (!session_play(s, (game_move)rng_below(&rng, 4)) && i % 8 == 0)
            session_undo(s);
    }
    cr_assert(found);
    session_free(s);
}

Test(viewer, renju_reasons)
{
    struct session *s = open_session("gomoku:15,rules=renju", NULL, NULL);
    /* Black F8 G8 and H9 H10 make H8 a double three, open at both ends. */
    play(s, "F8 A1 G8 A3 H9 A5 H10 A7");
    refused(s, "H8", "3-3");
    session_free(s);
    s = open_session("gomoku:15,opening=pro", NULL, NULL);
    refused(s, "A1", "centre");
    session_free(s);
}

Test(viewer, undo_and_redo_between_humans)
{
    struct session *s = open_session("go:9", NULL, NULL);
    play(s, "D4 E5 F6");
    session_undo(s);
    cr_assert_eq(session_move_number(s), 2);
    cr_assert_eq(s->position.p.player, 0);
    session_redo(s);
    cr_assert_eq(session_move_number(s), 3);
    session_undo(s);
    play(s, "G7"); /* a variation */
    cr_assert_eq(sgf_children(s->node->parent), 2);
    cr_assert_eq(s->position.p.player, 1);
    session_free(s);
}

Test(viewer, undo_takes_back_the_pair_against_an_agent)
{
    struct session *s = open_session("go:7", NULL, "random");
    play(s, "D4");
    UNTIL(session_move_number(s) == 2);
    session_undo(s);
    cr_assert_eq(session_move_number(s), 0);
    cr_assert(session_human_to_move(s));
    play(s, "C3");
    session_undo(s); /* while it thinks, or just after */
    UNTIL(!s->thinking);
    cr_assert_eq(session_move_number(s), 0);
    session_free(s);
}

Test(viewer, agent_moves_first_and_game_ends)
{
    struct session *s = open_session("gomoku:3,line=3", "random", "random");
    UNTIL(s->state == SESSION_OVER);
    cr_assert_eq(s->outcome.end, END_RULES);
    cr_assert_not_null(sgf_get(s->root, "RE"));
    session_free(s);
}

Test(viewer, the_winner_is_named)
{
    char text[200];
    struct session *s = open_session("gomoku:9", NULL, NULL);
    play(s, "A1 A2 B1 B2 C1 C2 D1 D2 E1");
    cr_assert_eq(s->state, SESSION_OVER);
    cr_assert_str_eq(session_outcome_text(s, text, sizeof text), "Black wins");
    cr_assert_not(session_play(s, at(s, "F5")));
    session_undo(s);
    cr_assert_eq(s->state, SESSION_PLAYING);
    cr_assert_null(sgf_get(s->root, "RE"));
    session_free(s);
}

/* Black holds the left of 5x5, white the right, with a dead white stone at A1. */
static const char wall[] = "B1 C1 B2 C2 B3 C3 B4 C4 B5 C5 pass A1 pass";

Test(viewer, the_count_is_explained_and_can_be_changed)
{
    struct session *s = open_session("go:5,komi=0.5,rules=chinese", NULL, NULL);
    play(s, wall);
    play(s, "pass");
    cr_assert_eq(s->state, SESSION_COUNTING);
    cr_assert(s->dead[at(s, "A1")], "proposed");
    cr_assert_eq(s->score.stones[0], 5);
    cr_assert_eq(s->score.territory[0], 5);
    cr_assert_eq(s->score.area[1], 15.5f);
    session_toggle_dead(s, at(s, "A1"));
    cr_assert_eq(s->score.territory[0], 0);
    session_toggle_dead(s, at(s, "A1"));
    session_resume(s);
    cr_assert_eq(s->state, SESSION_PLAYING);
    cr_assert_eq(session_move_number(s), 12);
    play(s, "pass pass");
    cr_assert(s->dead[at(s, "A1")], "proposed");
    session_accept(s);
    cr_assert_eq(s->state, SESSION_OVER);
    cr_assert_str_eq(sgf_get(s->root, "RE"), "W+5.5");
    session_free(s);
}

Test(viewer, the_human_resigns)
{
    struct session *s = open_session("go:9", NULL, "rollout:100000");
    play(s, "E5"); /* the agent thinks */
    session_resign(s);
    cr_assert_eq(s->outcome.winner, 1);
    cr_assert_str_eq(sgf_get(s->root, "RE"), "W+R");
    session_free(s);
}

Test(viewer, stop_and_continue)
{
    struct session *s = open_session("go:9", NULL, "rollout:1000000");
    play(s, "E5");
    cr_assert(s->thinking);
    session_stop_thinking(s);
    cr_assert_not(s->thinking);
    cr_assert_eq(session_move_number(s), 1);
    play(s, "D4"); /* for the agent; now it is the human's turn again */
    cr_assert(session_human_to_move(s));
    session_free(s);
}

Test(viewer, move_now_makes_it_move)
{
    struct session *s = open_session("go:9", NULL, "rollout:100000000");
    play(s, "E5");
    g_usleep(200000);
    session_move_now(s);
    UNTIL(session_move_number(s) == 2);
    session_free(s);
}

Test(viewer, a_crashed_agent_loses_no_game_of_the_user)
{
    struct session *s = open_session("go:9", NULL, "gtp:false");
    play(s, "E5");
    UNTIL(!s->thinking);
    cr_assert_eq(s->notice_kind, NOTICE_WARNING);
    cr_assert_neq(s->notice[0], '\0');
    cr_assert_eq(session_move_number(s), 1);
    cr_assert_eq(s->state, SESSION_PLAYING);
    play(s, "D4");
    session_free(s);
}

Test(viewer, clock_runs_out)
{
    struct session_setup setup = setup_of("go:9", NULL, NULL);
    cr_assert(agent_clock_parse("0.2s", &setup.clock, NULL));
    struct session *s = session_new(&setup, 1, NULL, NULL);
    cr_assert_geq(session_idle_ms(s), 0);
    UNTIL(s->state == SESSION_OVER);
    cr_assert_eq(s->outcome.end, END_TIME);
    cr_assert_eq(s->outcome.winner, 1);
    session_free(s);
}

/* ---- review ---- */

Test(viewer, variations)
{
    struct session *s = open_session("go:9", NULL, NULL);
    play(s, "D4 E5 F6");
    session_step(s, -1);
    cr_assert_not(s->live);
    play(s, "G7 H8");
    session_step(s, -1);
    session_variation(s, 1);
    cr_assert_eq(s->last, at(s, "F6"));
    session_variation(s, 1);
    cr_assert_eq(s->last, at(s, "G7"));
    session_promote(s);
    cr_assert_null(s->node->previous);
    session_to_start(s);
    session_to_end(s);
    cr_assert_eq(s->last, at(s, "H8"));
    session_step(s, -1);
    session_delete(s);
    cr_assert_eq(session_move_number(s), 2);
    cr_assert_eq(sgf_children(s->node), 1);
    session_free(s);
}

Test(viewer, file_round_trip)
{
    char folder[] = "/tmp/tengen-viewer-XXXXXX";
    cr_assert_not_null(g_mkdtemp(folder));
    char *path = g_build_filename(folder, "a.sgf", NULL);
    struct session *s = open_session("gomoku:15,rules=renju", NULL, NULL);
    play(s, "H8 J9 K10");
    session_set_comment(s, "a ] comment \\ 围棋");
    session_toggle_mark(s, at(s, "A1"), "TR");
    session_toggle_mark(s, at(s, "B1"), "LB");
    session_toggle_mark(s, at(s, "C1"), "LB");
    session_toggle_mark(s, at(s, "A1"), "SQ");
    cr_assert(session_save(s, path));
    session_free(s);
    s = open_session("go:9", NULL, NULL);
    cr_assert(session_load(s, path), "%s", s->notice);
    cr_assert_eq(game_option_value(&s->game, "rules", -1), 2);
    cr_assert_not(s->live);
    session_to_end(s);
    cr_assert_eq(s->last, at(s, "K10"));
    char *comment = session_comment(s);
    cr_assert_str_eq(comment, "a ] comment \\ 围棋");
    g_free(comment);
    cr_assert_null(sgf_find(s->node, "TR"));
    cr_assert_eq(sgf_find(s->node, "LB")->count, 2);
    cr_assert_str_eq(sgf_find(s->node, "LB")->values[1] + 3, "B");
    session_free(s);
    g_remove(path);
    g_rmdir(folder);
    g_free(path);
}

Test(viewer, invalid_files_leave_the_game_unchanged)
{
    static const char *const broken[] = {"",
                                         "nonsense",
                                         "(;GM[1]SZ[99])",
                                         "(;GM[7])",
                                         "Piskvorky 15x14, 11:11, 0\n",
                                         "Piskvorky 15x15, 11:11, 0\n99,1,0\n",
                                         "Piskvorky 15x15, 11:11, 0\n8,8,0\n8,8,0\n"};
    struct session *s = open_session("go:9", NULL, NULL);
    play(s, "D4 E5");
    for (size_t i = 0; i < G_N_ELEMENTS(broken); i++) {
        cr_assert_not(session_load_text(s, broken[i], strlen(broken[i]), "broken"), "%s was read", broken[i]);
        cr_assert_eq(s->notice_kind, NOTICE_WARNING);
        cr_assert_eq(session_move_number(s), 2);
    }
    cr_assert_not(session_load(s, "/no/such/file.sgf"));
    play(s, "C3");
    session_free(s);
}

/* What was repaired is told when the record is loaded, and in a variation when one gets there. */
Test(viewer, repairs_are_reported)
{
    static const char text[] = "(;GM[1]SZ[9]KM[x];B[ee]W[cc];B[cc](;W[dd])(;W[zz])";
    struct session *s = open_session("go:9", NULL, NULL);
    cr_assert(session_load_text(s, text, strlen(text), "text"), "%s", s->notice);
    cr_assert_eq(s->notice_kind, NOTICE_WARNING);
    cr_assert_str_eq(s->notice,
                     "The record was repaired: line 1, column 24: several moves in one node; each gets its own; "
                     "line 1, column 51: the file ends inside a game tree: 1 ')' missing; and 2 more");
    session_to_end(s);
    cr_assert_eq(session_move_number(s), 4);
    cr_assert_str_eq(s->notice, "", "the main line's repairs have been told");
    cr_assert_eq(s->game.ops->stone(&s->game, &s->position.p, at(s, "C7")), GAME_BLACK);
    session_variation(s, 1);
    cr_assert_str_eq(s->notice,
                     "The record was repaired: line 1, column 44: W[zz] is not a move on the 9x9 board and is "
                     "left out");
    session_step(s, -1);
    cr_assert_str_eq(s->notice, "");
    /* The engine goes on from a position that a forced move has made. */
    struct brain_line line;
    bool black;
    cr_assert(session_line_to(s, s->node, &line, &black) && !black && line.count == 0 && !line.from_start);
    g_free(line.moves);
    session_free(s);
}

/* A set-up that the game does not have, deep in a variation: the file opens, and navigating there shows what is wrong. */
Test(viewer, an_impossible_node_is_reported)
{
    static const char text[] = "(;TENGEN[connect4\\:7x6]SZ[7:6];B[ae];AB[ba])";
    struct session *s = open_session("go:9", NULL, NULL);
    cr_assert(session_load_text(s, text, strlen(text), "text"), "%s", s->notice);
    session_step(s, 1);
    struct sgf_node *before = s->node;
    session_step(s, 1);
    cr_assert(s->node == before && s->notice_kind == NOTICE_WARNING && strstr(s->notice, "set-up"), "%s", s->notice);
    session_free(s);
}

Test(viewer, setup_stones_and_engine_from_there)
{
    struct session *s = open_session("go:9", NULL, "random");
    session_set_stone(s, at(s, "C3"), GAME_BLACK);
    session_set_stone(s, at(s, "D3"), GAME_WHITE);
    session_set_stone(s, at(s, "D3"), GAME_WHITE); /* off again */
    cr_assert_eq(s->game.ops->stone(&s->game, &s->position.p, at(s, "C3")), GAME_BLACK);
    cr_assert_eq(s->game.ops->stone(&s->game, &s->position.p, at(s, "D3")), GAME_EMPTY);
    session_engine_move(s); /* for the human; the agent then answers */
    UNTIL(session_move_number(s) == 2);
    session_free(s);
}

Test(viewer, psq)
{
    static const char text[] = "Piskvorky 15x15, 11:11, 0\r\n8,8,120\r\n9,9,80\r\n8,9,10\r\nann\r\nbob\r\n0\r\n";
    struct session *s = open_session("go:9", NULL, NULL);
    cr_assert(session_load_text(s, text, strlen(text), "a.psq"), "%s", s->notice);
    session_to_end(s);
    cr_assert_eq(session_move_number(s), 3);
    cr_assert_eq(s->last, 8 * 15 + 7);
    cr_assert_str_eq(s->setup.players[1].name, "bob");
    char folder[] = "/tmp/tengen-viewer-XXXXXX", *kept = NULL;
    cr_assert_not_null(g_mkdtemp(folder));
    char *path = g_build_filename(folder, "b.psq", NULL);
    cr_assert(session_save(s, path));
    cr_assert(g_file_get_contents(path, &kept, NULL, NULL));
    cr_assert_not_null(strstr(kept, "\n8,9,0"), "%s", kept);
    cr_assert_not_null(strstr(kept, "bob"), "%s", kept);
    g_free(kept);
    g_remove(path);
    g_rmdir(folder);
    g_free(path);
    session_free(s);
}

Test(viewer, move_numbers_and_notes)
{
    int numbers[GAME_MAX_POINTS];
    float loss;
    struct session *s = open_session("go:9", NULL, NULL);
    play(s, "D4 E5 F6");
    session_numbers(s, numbers);
    cr_assert_eq(numbers[at(s, "E5")], 2);
    const struct session_note before = {.visits = 10, .black_win = 0.6f}, after = {.visits = 10, .black_win = 0.3f};
    g_hash_table_insert(s->notes, s->node->parent, g_memdup2(&before, sizeof before));
    g_hash_table_insert(s->notes, s->node, g_memdup2(&after, sizeof after));
    cr_assert(session_blunder(s, s->node, 0.1f, &loss));
    cr_assert_float_eq(loss, 0.3f, 1e-6);
    struct sgf_node *node = s->node;
    session_to_start(s);
    cr_assert_eq(session_next_blunder(s, 1), node);
    session_free(s);
}

/* Analysis with the shipped net: legal candidates, a map, an evaluation for the graph. */
Test(viewer, analysis)
{
    struct session *s = open_session("go:9", NULL, NULL);
    play(s, "E5 C3");
    session_set_analysis(s, true);
    UNTIL(session_analysis(s) && session_analysis(s)->visits > 20);
    const struct analysis *a = session_analysis(s);
    cr_assert_gt(a->count, 0);
    cr_assert(a->has_map);
    for (int i = 0; i < a->count; i++)
        cr_assert(s->game.ops->legal(&s->game, &s->position.p, &s->history, a->candidates[i].move));
    cr_assert_not_null(session_note(s, s->node));
    play(s, "G7");
    cr_assert_null(session_analysis(s), "an analysis of the previous position was shown");
    session_set_analysis(s, false);
    session_hint(s);
    UNTIL(session_analysis(s) && session_analysis(s)->final);
    session_free(s);
}

/* Every position of a game gets an evaluation, converted to black's view. */
Test(viewer, whole_game_analysed)
{
    int all;
    struct session *s = open_session("go:5", NULL, NULL);
    play(s, "C3 B3 B2 C2");
    s->live = false;
    session_sweep(s);
    UNTIL(!s->sweeping);
    cr_assert_eq(session_noted(s, &all), 5);
    cr_assert_eq(all, 5);
    cr_assert_null(session_analysis(s), "an evaluation of another position was shown");
    session_free(s);
}

/* Choosing any point of a column drops a disc into it; a point of a full column is refused with a reason. */
Test(viewer, discs_fall_where_a_column_is_chosen)
{
    struct session *s = open_session("connect4:7x6", NULL, NULL);
    static const char *const chosen[] = {"D6", "D6", "D1", "D2", "D5", "D6", "A4"}, *const played[] = {"D1", "D2", "D3",
                                                                                                       "D4", "D5", "D6",
                                                                                                       "A1"};
    for (size_t i = 0; i < G_N_ELEMENTS(chosen); i++) {
        cr_assert_eq(session_move_at(s, at(s, chosen[i])), at(s, played[i]), "move %zu", i);
        cr_assert(session_play(s, session_move_at(s, at(s, chosen[i]))));
        cr_assert_eq(s->last, at(s, played[i]));
    }
    cr_assert_not(session_play(s, session_move_at(s, at(s, "D3"))));
    cr_assert_not_null(strstr(s->notice, "occupied"), "%s", s->notice);
    session_free(s);
    s = open_session("go:5", NULL, NULL);
    for (int p = 0; p < s->game.points; p++)
        cr_assert_eq(session_move_at(s, p), p);
    session_free(s);
}

/* The engine thinks during the human's turn, and replies as usual. */
Test(viewer, pondering)
{
    struct session *s = open_session("go:5", NULL, "net:default,visits=20");
    session_set_pondering(s, true);
    play(s, "C3");
    UNTIL(session_human_to_move(s));
    g_usleep(100000);
    play(s, "A1");
    UNTIL(session_move_number(s) == 4);
    session_undo(s);
    cr_assert_eq(session_move_number(s), 2);
    session_free(s);
}

/* A game that the opponent's net has not learned is played, and said to be one, once. */
Test(viewer, games_that_the_net_has_not_learned)
{
    struct session *s = open_session("go:5", NULL, "net:default,visits=2");
    play(s, "C3");
    UNTIL(session_human_to_move(s));
    cr_expect(strstr(s->notice, "not trained on size 5"), "%s", s->notice);
    play(s, "A1");
    UNTIL(session_human_to_move(s));
    cr_expect_str_eq(s->notice, "");
    session_free(s);
}

/* The engine answers a pass with a pass once everything is settled, and otherwise plays on with a reason. */
Test(viewer, passing)
{
    struct session *s = open_session("go:9", NULL, "net:default,visits=32");
    play(s, "E5");
    UNTIL(session_human_to_move(s));
    play(s, "pass");
    UNTIL(session_human_to_move(s) || s->state != SESSION_PLAYING);
    cr_assert_eq(s->state, SESSION_PLAYING, "it passed on an open board");
    cr_assert_not_null(strstr(s->notice, "plays on"), "%s", s->notice);
    session_free(s);
}
