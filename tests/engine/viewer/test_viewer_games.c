/* The list of games, evaluations stored with their moves, and messages; without a window. */
#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <math.h>

#include "agents/clock.h"
#include "engine/viewer/session/archive.h"
#include "engine/viewer/session/brain.h"
#include "engine/viewer/session/player_check.h"
#include "engine/viewer/session/session.h"
#include "games/game.h"
#include "games/record/sgf.h"

static struct session_setup setup_of(const char *spec, const char *agent)
{
    struct session_setup setup = {.seed = 1};
    cr_assert(game_parse(&setup.game, spec, NULL));
    for (int i = 0; i < 2; i++) {
        bool human = i == 0 || !agent;
        setup.players[i].human = human;
        g_strlcpy(setup.players[i].agent, human ? "" : agent, sizeof setup.players[i].agent);
        g_strlcpy(setup.players[i].name, i ? "second" : "first", sizeof setup.players[i].name);
    }
    return setup;
}

static char folder[] = "/tmp/tengen-games-XXXXXX";

static struct session *open_session(const char *spec, const char *agent)
{
    struct session_setup setup = setup_of(spec, agent);
    return session_new(&setup, 1, NULL, NULL);
}

/* A session that keeps its games in a folder of its own. */
static struct session *open_kept(const char *spec, const char *agent)
{
    if (strstr(folder, "XXXXXX"))
        cr_assert_not_null(g_mkdtemp(folder));
    struct session *s = open_session(spec, agent);
    session_keep_in(s, folder);
    return s;
}

static void play(struct session *s, const char *moves)
{
    char **words = g_strsplit(moves, " ", -1);
    for (int i = 0; words[i]; i++)
        cr_assert(session_play(s, game_move_parse(&s->game, words[i])), "%s: %s", words[i], s->notice);
    g_strfreev(words);
}

#define UNTIL(condition)                                                                                               \
    do {                                                                                                               \
        for (int waited_ = 0; !(condition) && waited_ < 4000; waited_++) {                                             \
            session_poll(s);                                                                                           \
            g_usleep(5000);                                                                                            \
        }                                                                                                              \
        cr_assert(condition, "timed out waiting for " #condition ": %s", s->notice);                                   \
    } while (0)

static int games(void)
{
    GPtrArray *list = archive_list(folder);
    int count = (int)list->len;
    g_ptr_array_free(list, TRUE);
    return count;
}

static char *path_of(int index)
{
    GPtrArray *list = archive_list(folder);
    cr_assert_gt((int)list->len, index);
    char *path = g_strdup(((struct archive_entry *)g_ptr_array_index(list, index))->path);
    g_ptr_array_free(list, TRUE);
    return path;
}

static void note(struct session *s, struct sgf_node *node, float black_win, const char *best)
{
    struct session_note made = {.visits = 10, .black_win = black_win, .best = game_move_parse(&s->game, best)};
    made.line[made.length++] = made.best;
    g_hash_table_insert(s->notes, node, g_memdup2(&made, sizeof made));
    s->note_revision++;
}

/* ---- the list of games ---- */

Test(viewer_games, kept_from_the_first_move_on)
{
    struct session *s = open_kept("go:9", NULL);
    session_poll(s);
    cr_assert_eq(games(), 0, "a game without moves was saved");
    play(s, "D4");
    session_poll(s);
    cr_assert_eq(games(), 1);
    play(s, "E5");
    session_resign(s);
    session_free(s); /* as when the window closes */
    cr_assert_eq(games(), 1);
    GPtrArray *list = archive_list(folder);
    struct archive_entry *entry = g_ptr_array_index(list, 0);
    archive_read(entry);
    cr_assert_eq(entry->moves, 2);
    cr_assert_str_eq(entry->result, "W+R");
    cr_assert_not_null(strstr(entry->players, "first"));
    cr_assert_null(archive_unfinished(folder));
    cr_assert(archive_delete(entry, NULL));
    cr_assert_eq(games(), 0);
    cr_assert_not(archive_delete(entry, NULL));
    g_ptr_array_free(list, TRUE);
}

Test(viewer_games, replaced_games_are_kept_and_undo_brings_them_back)
{
    static const char text[] = "(;GM[1]SZ[9];B[ee];W[ec])";
    struct session *s = open_kept("go:9", NULL);
    struct session_setup setup = setup_of("gomoku:15", NULL);
    play(s, "D4 E5 F6");
    session_start(s, &setup);
    cr_assert_eq(games(), 1);
    cr_assert_eq(session_move_number(s), 0);
    cr_assert(session_can_undo(s));
    session_undo(s);
    cr_assert_eq(session_move_number(s), 3);
    cr_assert_str_eq(s->game.ops->name, "go");
    play(s, "G7");
    cr_assert(session_load_text(s, text, strlen(text), "clipboard"));
    session_poll(s);
    cr_assert_eq(games(), 2, "the pasted game was not saved");
    session_undo(s);
    cr_assert_eq(session_move_number(s), 4);
    session_poll(s);
    session_free(s);
    cr_assert_eq(games(), 2);
}

Test(viewer_games, an_unfinished_game_is_resumed_with_players_clock_and_position)
{
    struct session *s = open_kept("go:9", NULL);
    struct session_setup setup = setup_of("go:9", "random");
    cr_assert(agent_clock_parse("10m", &setup.clock, NULL));
    session_start(s, &setup);
    play(s, "D4");
    UNTIL(session_human_to_move(s));
    session_undo(s);
    play(s, "E5"); /* the game continues in a variation */
    UNTIL(session_human_to_move(s));
    s->clock[0].main_ms = 123456;
    session_set_comment(s, "here");
    session_free(s);
    char *path = archive_unfinished(folder);
    cr_assert_not_null(path);
    s = open_kept("gomoku:15", NULL);
    cr_assert(session_load(s, path), "%s", s->notice);
    cr_assert_eq(session_move_number(s), 2);
    cr_assert_not_null(sgf_find(s->node, "C"));
    cr_assert(s->live);
    cr_assert_str_eq(s->setup.players[1].agent, "random");
    cr_assert_leq(s->clock[0].main_ms, 123456);
    cr_assert_gt(s->clock[0].main_ms, 100000);
    play(s, "C3");
    UNTIL(session_move_number(s) == 4);
    session_free(s);
    cr_assert_eq(games(), 1, "it was not saved in its own file");
    g_free(path);
}

/* A file from elsewhere must not name a command line that is then run. */
Test(viewer_games, only_the_list_names_agents)
{
    static const char text[] = "(;GM[1]SZ[9]TENGENPLAYERS[gtp:false\\:][gtp:false]TENGENNODE[1];B[ee])";
    struct session *s = open_kept("go:9", NULL);
    char *path = g_build_filename(g_get_tmp_dir(), "tengen-foreign.sgf", NULL);
    cr_assert(g_file_set_contents(path, text, -1, NULL));
    cr_assert(session_load(s, path));
    cr_assert(s->setup.players[0].human && s->setup.players[1].human);
    cr_assert_not(s->live);
    session_free(s);
    g_remove(path);
    g_free(path);
}

Test(viewer_games, another_process_keeps_its_game)
{
    struct session *s = open_kept("go:9", NULL);
    play(s, "D4");
    session_poll(s);
    char *path = path_of(0), *kept = NULL;
    cr_assert(g_file_set_contents(path, "(;GM[1]SZ[9];B[aa];W[bb];B[cc])", -1, NULL));
    play(s, "E5");
    session_free(s);
    cr_assert_eq(games(), 2);
    cr_assert(g_file_get_contents(path, &kept, NULL, NULL));
    cr_assert_str_eq(kept, "(;GM[1]SZ[9];B[aa];W[bb];B[cc])");
    g_free(kept);
    g_free(path);
}

Test(viewer_games, resignation_can_be_undone)
{
    struct session *s = open_session("go:9", "random");
    play(s, "D4");
    UNTIL(session_human_to_move(s));
    session_resign(s);
    cr_assert_eq(s->state, SESSION_OVER);
    session_undo(s);
    cr_assert_eq(s->state, SESSION_PLAYING);
    cr_assert_eq(session_move_number(s), 2, "a move was taken back");
    cr_assert_null(sgf_get(s->root, "RE"));
    play(s, "E5");
    UNTIL(session_human_to_move(s));
    session_resign(s);
    session_step(s, -1);
    session_step(s, 1);
    cr_assert_eq(s->state, SESSION_OVER, "the resignation was lost by looking back");
    session_free(s);
}

Test(viewer_games, a_game_of_a_collection_can_be_chosen)
{
    static const char text[] = "(;GM[1]SZ[9]PB[a];B[ee])(;GM[1]SZ[13]PB[b];B[dd];W[jj])";
    int shown;
    struct session *s = open_session("go:9", NULL);
    cr_assert(session_load_text(s, text, strlen(text), "text"));
    cr_assert_eq(session_trees(s, &shown), 2);
    cr_assert_eq(shown, 0);
    session_choose_tree(s, 1);
    cr_assert_eq(s->game.width, 13);
    cr_assert_str_eq(s->setup.players[0].name, "b");
    session_to_end(s);
    cr_assert_eq(session_move_number(s), 2);
    session_trees(s, &shown);
    cr_assert_eq(shown, 1);
    session_free(s);
}

/* ---- evaluations ---- */

/* Black holds the left of 5x5, white the right, with a dead white stone at A1. */
static const char wall[] = "B1 C1 B2 C2 B3 C3 B4 C4 B5 C5 pass A1 pass pass";

Test(viewer_games, analysis_agrees_with_the_count)
{
    float loss;
    int all;
    struct session *s = open_session("go:5,komi=0.5,rules=chinese", NULL);
    play(s, wall);
    cr_assert_eq(s->state, SESSION_COUNTING);
    struct sgf_node *end = s->node;
    session_sweep(s);
    UNTIL(!s->sweeping);
    cr_assert_eq(session_noted(s, &all), all);
    /* The two passes did not change the board: the evaluation is the same before, between and after them. */
    for (struct sgf_node *at = end; at != end->parent->parent->parent; at = at->parent) {
        const struct session_note *found = session_note(s, at);
        cr_assert(found->settled);
        cr_assert_eq(found->black_lead, s->score.margin);
        cr_assert_eq(found->black_win, s->score.margin > 0 ? 1 : 0);
    }
    for (struct sgf_node *at = end; at->parent->parent && at != end->parent->parent->parent; at = at->parent)
        cr_assert_not(session_blunder(s, at, 0.1f, &loss), "an invented mistake");
    session_set_analysis(s, true);
    session_step(s, -1);
    g_usleep(200000);
    session_poll(s);
    cr_assert_null(session_analysis(s), "a search that counts dead stones as alive contradicts the count");
    session_step(s, 1);
    session_toggle_dead(s, game_move_parse(&s->game, "A1"));
    cr_assert_eq(session_note(s, s->node)->black_lead, s->score.margin);
    session_toggle_dead(s, game_move_parse(&s->game, "A1"));
    session_resume(s);
    cr_assert_null(session_note(s, end), "the old count is still used");
    session_free(s);
}

Test(viewer_games, a_record_with_passes_is_settled_without_being_visited)
{
    static const char text[] = "(;GM[1]SZ[5]KM[0.5]RU[Chinese];B[be];W[ce];B[bd];W[cd];B[bc];W[cc];B[bb];W[cb];B[ba];"
                               "W[ca];B[];W[ae];B[];W[])";
    struct session *s = open_session("go:5", NULL);
    cr_assert(session_load_text(s, text, strlen(text), "text"), "%s", s->notice);
    session_sweep(s);
    UNTIL(!s->sweeping);
    struct sgf_node *end = sgf_last(s->root);
    cr_assert(session_note(s, end)->settled);
    cr_assert(session_note(s, end->parent)->settled);
    session_free(s);
}

Test(viewer_games, the_game_is_analysed_while_analysis_is_on)
{
    int all;
    struct session *s = open_session("go:5", NULL);
    play(s, "C3 B3 B2");
    s->live = false;
    session_set_analysis(s, true);
    UNTIL(session_analysis(s));
    session_sweep(s);
    UNTIL(!s->sweeping);
    cr_assert_eq(session_noted(s, &all), 4);
    UNTIL(session_analysis(s)); /* which then continues */
    session_free(s);
}

Test(viewer_games, mistakes_are_shown_before_they_happen)
{
    struct session *s = open_session("go:9", NULL);
    play(s, "D4 E5 F6 G7 H8");
    struct sgf_node *third = s->node->parent->parent, *fifth = s->node;
    session_to_start(s);
    note(s, third->parent, 0.6f, "C3");
    note(s, third, 0.3f, "C3");
    note(s, fifth->parent, 0.3f, "A1");
    note(s, fifth, 0.05f, "A1");
    session_show_mistake(s, 1);
    cr_assert_eq(s->node, third->parent);
    cr_assert_eq(session_following(s), third);
    cr_assert_not_null(strstr(s->notice, "F6"), "%s", s->notice);
    cr_assert_not_null(strstr(s->notice, "C3"), "%s", s->notice);
    session_show_mistake(s, 1);
    cr_assert_eq(s->node, fifth->parent);
    session_show_mistake(s, 1);
    cr_assert_eq(s->node, fifth->parent, "another mistake was found");
    session_show_mistake(s, -1);
    cr_assert_eq(s->node, third->parent);
    session_step(s, -1);
    session_show_mistake(s, 1);
    cr_assert_eq(s->node, third->parent);
    session_free(s);
}

Test(viewer_games, evaluations_are_saved)
{
    size_t length;
    struct session *s = open_session("go:9", NULL);
    play(s, "D4 E5");
    note(s, s->node->parent, 0.25f, "C3");
    note(s, s->node, 0.5f, "A1");
    char *text = session_text(s, &length);
    cr_assert_not_null(strstr(text, "loss=0.2500"), "%s", text);
    cr_assert_not_null(strstr(text, "better=cg"), "%s", text);
    cr_assert_not_null(strstr(text, "SBKV[50.00]"), "%s", text);
    struct session *other = open_session("go:9", NULL);
    cr_assert(session_load_text(other, text, length, "text"));
    const struct session_note *read = session_note(other, other->root->first_child);
    cr_assert_not_null(read);
    cr_assert_eq(read->black_win, 0.25f);
    cr_assert_eq(read->visits, 10);
    cr_assert_eq(read->best, game_move_parse(&s->game, "C3"));
    g_free(text);
    session_free(other);
    session_free(s);
    /* Invalid values are ignored. */
    static const char bad[] = "(;GM[1]SZ[9];B[ee]TENGENEVAL[black=nan visits=-5 line=zz,ee];W[dd]TENGENEVAL[x];B[cc]"
                              "TENGENEVAL[black=2];W[cd]TENGENEVAL[black=0.5 line=zz lead=inf])";
    s = open_session("go:9", NULL);
    cr_assert(session_load_text(s, bad, strlen(bad), "bad"));
    for (struct sgf_node *at = s->root; at; at = at->first_child) {
        const struct session_note *found = session_note(s, at);
        cr_assert(!found || (found->black_win >= 0 && found->black_win <= 1 && isfinite(found->black_lead)));
    }
    session_free(s);
}

Test(viewer_games, a_hint_ends_with_the_move)
{
    struct session *s = open_session("go:5", NULL);
    session_hint(s);
    UNTIL(session_analysis(s) && session_analysis(s)->final);
    cr_assert(s->hint);
    play(s, "C3");
    cr_assert_not(s->hint);
    session_free(s);
}

Test(viewer_games, overlays_take_one_evaluation)
{
    struct session *s = open_session("go:5", NULL);
    session_set_overlay(s, true);
    UNTIL(session_analysis(s) && session_analysis(s)->final);
    cr_assert_leq(session_analysis(s)->visits, 2);
    cr_assert_null(session_note(s, s->node), "an analysis of another position was shown");
    play(s, "C3");
    UNTIL(session_analysis(s));
    session_free(s);
}

/* ---- messages, players, points ---- */

Test(viewer_games, messages_disappear_with_their_subject)
{
    struct session *s = open_session("go:5", NULL);
    struct session_setup setup = setup_of("go:5", NULL);
    play(s, "C3 pass pass");
    cr_assert_not_null(strstr(s->notice, "Dead"), "%s", s->notice);
    session_step(s, -1);
    cr_assert_str_eq(s->notice, "");
    cr_assert_not(session_load(s, "/no/such/file.sgf"));
    cr_assert_str_neq(s->notice, "");
    session_start(s, &setup);
    cr_assert_str_eq(s->notice, "");
    play(s, "C3");
    session_notify_briefly(s, NOTICE_INFO, "copied");
    cr_assert_geq(session_idle_ms(s), 0, "the window does not wake up to clear it");
    s->notice_until = g_get_monotonic_time() - 1;
    cr_assert(session_poll(s));
    cr_assert_str_eq(s->notice, "");
    session_free(s);
}

Test(viewer_games, agents_that_do_not_open_are_refused)
{
    static const char *const bad[] = {"gtp:/no/such/program", "net:/no/such/file", "nonsense"};
    GError *error = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        struct session_setup setup = setup_of("go:9", bad[i]);
        struct player_check *check = player_check_start(&setup, NULL, NULL);
        enum player_check_state state;
        while ((state = player_check_poll(check, &error)) == PLAYER_CHECK_RUNNING)
            g_usleep(1000);
        cr_assert_eq(state, PLAYER_CHECK_REFUSED, "%s", bad[i]);
        cr_assert_not_null(error);
        g_clear_error(&error);
        player_check_end(check);
    }
    struct session_setup setup = setup_of("go:9", "random");
    cr_assert(player_check_now(&setup, NULL));
}

Test(viewer_games, columns_of_gomoku_have_an_i)
{
    char text[GAME_MOVE_TEXT_MAX];
    struct session *s = open_session("gomoku:15", NULL);
    cr_assert_str_eq(session_move_text(s, 14, text), "O15");
    cr_assert_str_eq(session_move_text(s, 8, text), "I15");
    cr_assert_str_eq(game_move_format(&s->game, 8, text), "J15", "GTP columns have no I");
    session_free(s);
    s = open_session("go:9", NULL);
    cr_assert_str_eq(session_move_text(s, 8, text), "J9");
    session_free(s);
}
