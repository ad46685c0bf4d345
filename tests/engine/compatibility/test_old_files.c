/* Tournaments, window settings and saved games of earlier versions: they open, have the same meaning, and can be
 * continued. */
#include "tests/engine/compatibility/old_files.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>

#include "engine/match/count.h"
#include "engine/match/game.h"
#include "engine/match/journal.h"
#include "engine/match/match.h"
#include "engine/match/settings.h"
#include "engine/match/setup.h"
#include "engine/match/statistics/rating.h"
#include "engine/match/tournament_file.h"
#include "engine/viewer/preferences.h"
#include "engine/viewer/session/brain.h"
#include "engine/viewer/session/session.h"
#include "engine/viewer/session/strength.h"
#include "games/game.h"
#include "games/record/sgf.h"
#include "tests/engine/compatibility/contents.h"
#include "tests/engine/match/pair_score.h"

static char *folder;

static void set_up(void)
{
    folder = old_files_copy();
    g_setenv("XDG_CONFIG_HOME", "config", TRUE);
    g_setenv("XDG_STATE_HOME", "state", TRUE);
}

static void tear_down(void)
{
    old_files_remove(folder);
}

TestSuite(old_files, .init = set_up, .fini = tear_down);

/* ---- tournaments ---- */

struct tournament {
    struct match_settings settings;
    struct match_setup setup;
    struct match_report report;
    int before; /* games in its journal when it was opened */
};

struct listing {
    FILE *out;
    const struct game *game;
    int left; /* games still to be listed */
};

static void list_match(int number, const struct match_record *record, const struct match_game *game, void *data)
{
    struct listing *listing = data;
    if (listing->left-- > 0)
        contents_print_match(listing->out, listing->game, number, record, game);
}

/* Checks that the journal's first games are those listed in a file. */
static void check_journal(const struct tournament *t, const char *file)
{
    char *found, *expected = old_files_read(file);
    size_t length;
    FILE *out = open_memstream(&found, &length);
    struct listing listing = {out, &t->setup.game, t->before};
    cr_assert(journal_visit(t->setup.journal, list_match, &listing, NULL));
    fclose(out);
    old_files_compare(file, expected, found);
    free(found);
    g_free(expected);
}

/* Plays the tournament of a file to its end. */
static void play_on(struct tournament *t, const char *file)
{
    GError *error = NULL;
    *t = (struct tournament){0};
    match_settings_init(&t->settings);
    cr_assert(match_file_read(file, &t->settings, &error), "%s", error ? error->message : "");
    cr_assert(match_setup_make(&t->setup, &t->settings, &error), "%s", error ? error->message : "");
    t->before = journal_count(t->setup.journal);
    cr_assert(match_run(&t->setup.config, &t->report, &error), "%s", error ? error->message : "");
    cr_assert(t->report.finished);
}

static void clear(struct tournament *t)
{
    match_report_clear(&t->report);
    match_setup_clear(&t->setup);
    match_settings_clear(&t->settings);
}

/* The program was killed after five of twelve games, which are in the write-ahead log. */
Test(old_files, a_tournament_goes_on)
{
    struct tournament t;
    play_on(&t, "cup.yaml");
    cr_assert_eq(t.before, 5);
    cr_assert_eq(t.report.done, 12);
    cr_assert_str_eq(t.setup.names[2], "rollout:1500");
    cr_assert(t.setup.anchor_count == 1 && t.setup.anchors[0].player == 1 && t.setup.anchors[0].elo == 100);
    check_journal(&t, "cup-games.txt");
    /* The games were not played again: their durations are the same to the millisecond. */
    char *text = old_files_read("cup-kept.csv"), **lines = g_strsplit(g_strchomp(text), "\n", -1);
    cr_assert_eq(g_strv_length(lines), 6);
    for (int i = 0; i < 5; i++) {
        char **fields = g_strsplit(lines[i + 1], ",", -1);
        cr_assert_float_eq(t.report.records[i].seconds, g_ascii_strtod(fields[11], NULL), 0.00051, "game %d", i + 1);
        cr_assert_eq(t.report.records[i].plies, atoi(fields[10]));
        g_strfreev(fields);
    }
    g_strfreev(lines);
    g_free(text);
    clear(&t);
}

/* With another setting it is another tournament: the settings in an old journal are still compared. */
Test(old_files, a_tournament_knows_its_settings)
{
    struct match_settings settings;
    struct match_setup setup;
    GError *error = NULL;
    match_settings_init(&settings);
    cr_assert(match_settings_set(&settings, match_option_find("withdraw"), "4", 0, NULL));
    cr_assert(match_file_read("cup.yaml", &settings, NULL));
    cr_assert_not(match_setup_make(&setup, &settings, &error));
    cr_assert_not_null(strstr(error->message, "tournament: withdraw was \"10\" and is now \"4\";"), "%s",
                       error->message);
    g_clear_error(&error);
    match_setup_clear(&setup);
    match_settings_clear(&settings);
}

static const cJSON *find_agent(const cJSON *agents, const char *name)
{
    const cJSON *agent = agents->child;
    while (agent && strcmp(cJSON_GetObjectItem(agent, "name")->valuestring, name) != 0)
        agent = agent->next;
    cr_assert_not_null(agent, "%s", name);
    return agent;
}

/* Its tournament file was written by --print-file. */
Test(old_files, a_finished_tournament)
{
    struct tournament t;
    play_on(&t, "finished.yaml");
    cr_assert_eq(t.before, 8);
    cr_assert_eq(t.report.done, 8);
    check_journal(&t, "finished-games.txt");
    char *text = old_files_read("finished/report.json"), **lines = g_strsplit(g_strchomp(text), "\n", -1);
    cJSON *result = cJSON_Parse(lines[g_strv_length(lines) - 1]), *agents = cJSON_GetObjectItem(result, "agents");
    cr_assert_eq(cJSON_GetArraySize(agents), 3);
    for (int i = 0; i < 3; i++) {
        const cJSON *agent = find_agent(agents, t.setup.names[i]);
        struct match_score score = pair_score(&t.report, i, -1);
        cr_assert_eq(score.games, cJSON_GetObjectItem(agent, "games")->valueint);
        cr_assert_eq(score.wins, cJSON_GetObjectItem(agent, "wins")->valueint);
        cr_assert_eq(score.draws, cJSON_GetObjectItem(agent, "draws")->valueint);
        cr_assert_eq(score.losses, cJSON_GetObjectItem(agent, "losses")->valueint);
    }
    cJSON_Delete(result);
    g_strfreev(lines);
    g_free(text);
    clear(&t);
}

/* ---- saved games ---- */

static struct session *open_session(void)
{
    struct session_setup setup = {.seed = 1, .players = {{.human = true}, {.human = true}}};
    cr_assert(game_parse(&setup.game, "go:9", NULL));
    return session_new(&setup, 1, NULL, NULL);
}

/* The moves of the current line, as text. */
static char *moves_of(const struct session *s)
{
    char move[GAME_MOVE_TEXT_MAX];
    GString *text = g_string_new(NULL);
    for (int i = 0; i < s->line.count; i++)
        g_string_append_printf(text, "%s%s", i ? " " : "", game_move_format(&s->game, s->line.moves[i], move));
    return g_string_free(text, FALSE);
}

static void check_end(struct session *s, const char *moves)
{
    session_to_end(s);
    char *found = moves_of(s);
    cr_assert_str_eq(found, moves);
    g_free(found);
}

static void check_saved(struct session *s, const char *path, const char *spec, const char *moves)
{
    char found[GAME_SPEC_MAX];
    cr_assert(session_load(s, path), "%s", s->notice);
    cr_assert_str_eq(game_format(&s->game, found), spec, "%s is %s", path, found);
    check_end(s, moves);
}

static void check_text(const struct session *s, const char *name, const char *expected)
{
    char *text = sgf_text(s->root, name);
    cr_assert_str_eq(text ? text : "", expected, "%s[%s]", name, text ? text : "");
    g_free(text);
}

/* Saved by the window, in the terminal, and over GTP. */
Test(old_files, saved_games)
{
    struct session *s = open_session();
    check_saved(s, "state/tengen/autosave.sgf", "go:7,komi=9", "D4 E4 C3 D5");
    check_text(s, "PW", "Tengen, level 3");
    check_text(s, "OT", "5m+3x30s");
    session_to_start(s);
    session_step(s, 2);
    cr_assert_eq(sgf_children(s->node), 2, "its variation was lost");
    session_go(s, s->node->last_child);
    check_end(s, "D4 E4 E5 D5");
    check_saved(s, "games/text.sgf", "go:7,komi=7.5,rules=chinese", "D4 C3 F5");
    session_to_start(s);
    session_step(s, 1);
    cr_assert_eq(sgf_children(s->node), 2);
    session_go(s, s->node->last_child);
    check_end(s, "D4 pass E5 E3 pass B2 C5");
    check_saved(s, "games/gtp.sgf", "go:5,komi=3.5,rules=chinese", "C3 D4 pass");
    check_saved(s, "games/text.psq", "gomoku:9", "E5 E6 F6 D4 G7 D5");
    check_text(s, "PB", "Black");
    session_free(s);
}

/* The game files of a tournament agree with its journal: total plies, and black's result. */
static void check_match_games(const char *pattern, const char *listing, const char *result_of_first)
{
    struct session *s = open_session();
    char *text = old_files_read(listing), **games = g_strsplit(text, "game ", -1);
    for (int i = 1; games[i]; i++) {
        char **lines = g_strsplit(g_strchomp(games[i]), "\n", -1), *path = g_strdup_printf(pattern, i);
        GString *moves = g_string_new(NULL);
        for (int k = 1; lines[k]; k++)
            g_string_append_printf(moves, "%s%.*s", k > 1 ? " " : "", (int)strcspn(lines[k], " "), lines[k]);
        cr_assert(session_load(s, path), "%s", s->notice);
        check_end(s, moves->str);
        if (i == 1)
            check_text(s, "RE", result_of_first);
        g_string_free(moves, TRUE);
        g_strfreev(lines);
        g_free(path);
    }
    g_strfreev(games);
    g_free(text);
    session_free(s);
}

Test(old_files, games_of_tournaments)
{
    check_match_games("finished/games/game-%04d.sgf", "finished-games.txt", "W+3");
    check_match_games("cup/games/game-%04d.psq", "cup-games.txt", "");
}

/* ---- the window's settings ---- */

Test(old_files, settings_of_the_window)
{
    struct preferences p;
    GError *error = NULL;
    preferences_presets(&p);
    cr_assert(preferences_load(&p, &error), "%s", error ? error->message : "");
    cr_assert(p.theme == 2 && p.language == 1 && p.width == 900 && p.height == 650);
    cr_assert(p.coordinates == 0 && p.move_numbers == 1 && p.tips == 1 && p.sound == 0);
    cr_assert(p.candidates == 1 && p.policy == 1 && p.ownership == 1 && p.pondering == 1);
    cr_assert_str_eq(p.game, "gomoku:9,rules=renju");
    cr_assert(p.seats == SEATS_WHITE && p.opponent == OPPONENT_SPEC && p.level == 2);
    cr_assert_str_eq(p.spec, "net:default,visits=50");
    cr_assert_str_eq(p.clock, "5m+3x30s");
    cr_assert(p.even[0].level == 5 && p.even[0].step == 2 && p.even[0].games == 0);
    cr_assert(p.even[1].level == 1.5 && p.even[1].step == 2 && p.even[1].games == 1 && p.even[1].last == -1);
    struct session_setup setup;
    cr_assert(preferences_setup(&p, &setup, &error), "%s", error ? error->message : "");
    cr_assert(!setup.players[0].human && setup.players[1].human && setup.game.width == 9);
    cr_assert_str_eq(setup.players[0].agent, "net:default,visits=50");
    char *autosave = preferences_state_path("autosave.sgf");
    cr_assert(g_file_test(autosave, G_FILE_TEST_IS_REGULAR), "the autosaved game is expected in %s", autosave);
    g_free(autosave);
}
