/* Tournament files: errors name the line, and written files parse back to the same settings. */
#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "agents/clock.h"
#include "engine/match/game.h"
#include "engine/match/match.h"
#include "engine/match/settings.h"
#include "engine/match/setup.h"
#include "engine/match/tournament_file.h"
#include "games/option.h"

/* Unique to this process, because tests run in parallel. */
static char path[64];
static void choose_path(void)
{
    g_snprintf(path, sizeof path, "/tmp/tengen-test-cup-%d.yaml", (int)getpid());
}
static void remove_file(void)
{
    g_unlink(path);
}
TestSuite(match_file, .init = choose_path, .fini = remove_file);

static bool read_text(const char *text, struct match_settings *settings, GError **error)
{
    cr_assert(g_file_set_contents(path, text, -1, NULL));
    match_settings_init(settings);
    return match_file_read(path, settings, error);
}

Test(match_file, reads_all_options)
{
    struct match_settings s;
    GError *error = NULL;
    cr_assert(read_text("# a cup\n"
                        "game: gomoku:15,rules=renju\n"
                        "games: 50\n"
                        "agent:\n"
                        "  - random\n"
                        "  - name: gnu\n"
                        "    spec: gtp:gnugo --mode gtp\n"
                        "  - \"strong=net:default,visits=64\"\n"
                        "seed: 18446744073\n"
                        "anchor: gnu=1800\n"
                        "repeated: yes\n"
                        "time: 10s+0.1s\n",
                        &s, &error),
              "%s", error ? error->message : "");
    cr_assert_str_eq(s.game, "gomoku:15,rules=renju");
    cr_assert(s.games == 50 && s.seed == 18446744073 && s.repeated && s.agents->len == 3 && s.anchors->len == 1);
    cr_assert_str_eq(s.agents->pdata[1], "gnu=gtp:gnugo --mode gtp");
    cr_assert_str_eq(s.agents->pdata[2], "strong=net:default,visits=64");
    cr_assert_str_eq(s.time, "10s+0.1s");
    char *where = match_settings_where_agent(&s, 1), *option = match_settings_where(&s, "time");
    cr_assert(g_str_has_prefix(where, path) && g_str_has_suffix(where, ".yaml, line 6: "), "%s", where);
    cr_assert(g_str_has_prefix(option, path) && g_str_has_suffix(option, ".yaml, line 12: time"), "%s", option);
    g_free(where);
    g_free(option);
    match_settings_clear(&s);
}

/* Options on the command line override the file. */
Test(match_file, command_line_wins)
{
    struct match_settings s;
    match_settings_init(&s);
    cr_assert(match_settings_set(&s, match_option_find("games"), "7", 0, NULL));
    cr_assert(match_settings_set(&s, match_option_find("agent"), "random", 0, NULL));
    cr_assert(match_settings_set(&s, match_option_find("agent"), "b=random", 0, NULL));
    cr_assert(g_file_set_contents(path, "games: 50\nseed: 3\nagent: [x=random, y=random, z=random]\n", -1, NULL));
    cr_assert(match_file_read(path, &s, NULL));
    cr_assert(s.games == 7 && s.seed == 3 && s.agents->len == 2);
    cr_assert_str_eq(s.agents->pdata[1], "b=random");
    match_settings_clear(&s);
}

/* Whatever was set, the written file parses back to the same settings, and writing it again gives the same file. */
Test(match_file, round_trip)
{
    static const char *const values[][2] = {{"game", "go:9,komi=7.5"},
                                            {"agent", "gnu=gtp:gnugo --mode gtp --level 10"},
                                            {"agent", "odd=gtp:sh -c 'a: b # c' \"d\""},
                                            {"agent", "- x: [1, 2]"},
                                            {"agent", "ünïcode=random"},
                                            {"schedule", "swiss"},
                                            {"games", "12"},
                                            {"rounds", "3"},
                                            {"seed", "9223372036854775807"},
                                            {"openings", "even"},
                                            {"time", "5m+3x30s"},
                                            {"time-margin", "0"},
                                            {"adjudicate", "win=0.95,max-plies=100"},
                                            {"sprt", ""},
                                            {"anchor", "gnu=1800"},
                                            {"anchor", "odd"},
                                            {"repeated", NULL},
                                            {"out", "a folder/with spaces"},
                                            {"withdraw", "0"},
                                            {"threads", "3"}};
    struct match_settings a, b;
    GError *error = NULL;
    match_settings_init(&a);
    for (size_t i = 0; i < G_N_ELEMENTS(values); i++)
        cr_assert(match_settings_set(&a, match_option_find(values[i][0]), values[i][1], 0, NULL), "%s", values[i][0]);
    char *text = match_file_write(&a, NULL);
    cr_assert(read_text(text, &b, &error), "%s\n%s", error ? error->message : "", text);
    for (int i = 0; match_options[i].name; i++) {
        if (match_options[i].type == OPTION_STRINGS || match_options[i].flags & MATCH_NO_FILE)
            continue;
        char *x = match_settings_value(&a, i), *y = match_settings_value(&b, i);
        cr_assert(g_strcmp0(x, y) == 0, "%s: \"%s\" became \"%s\"", match_options[i].name, x, y);
        g_free(x);
        g_free(y);
    }
    cr_assert(a.agents->len == b.agents->len && a.anchors->len == b.anchors->len);
    for (guint i = 0; i < a.agents->len; i++)
        cr_assert_str_eq(b.agents->pdata[i], a.agents->pdata[i]);
    char *again = match_file_write(&b, NULL);
    cr_assert_str_eq(again, text);
    g_free(text);
    g_free(again);
    match_settings_set(&a, match_option_find("out"), "caf\xe9", 0, NULL);
    cr_assert(!match_file_write(&a, &error) && strstr(error->message, "UTF-8"));
    g_clear_error(&error);
    match_settings_clear(&a);
    match_settings_clear(&b);
}

/* A list on the command line replaces one from the file, and each agent keeps the line that it came from. */
Test(match_file, a_list_replaces_one_from_a_file)
{
    struct match_settings s;
    GError *error = NULL;
    cr_assert(read_text("agent:\n- a=random\n- b=random\n- c=random\nanchor: [a, b]\n", &s, &error));
    cr_assert(s.agents->len == 3 && s.agent_lines->len == 3 && s.anchors->len == 2);
    cr_assert(match_settings_set(&s, match_option_find("anchor"), "c=5", 0, NULL));
    cr_assert(s.anchors->len == 1 && s.agents->len == 3 && s.agent_lines->len == 3);
    for (int i = 0; i < 2; i++)
        cr_assert(match_settings_set(&s, match_option_find("agent"), i ? "e=random" : "d=random", 0, NULL));
    cr_assert(s.agents->len == 2 && s.agent_lines->len == 2);
    cr_assert_str_eq(s.agents->pdata[0], "d=random");
    char *where = match_settings_where_agent(&s, 1);
    cr_assert_str_eq(where, "");
    g_free(where);
    match_settings_clear(&s);
}

/* A plain YAML document with the options that were set, in the order of the table. */
Test(match_file, the_written_file)
{
    struct match_settings s;
    match_settings_init(&s);
    static const char *const values[][2] = {{"seed", "7"},        {"agent", "a=random"}, {"agent", "- x: [1]"},
                                            {"repeated", "true"}, {"game", "go:9"},      {"sprt", ""},
                                            {"check", "true"}};
    for (size_t i = 0; i < G_N_ELEMENTS(values); i++)
        cr_assert(match_settings_set(&s, match_option_find(values[i][0]), values[i][1], 0, NULL));
    char *text = match_file_write(&s, NULL);
    cr_assert_str_eq(text, "game: go:9\nagent:\n- a=random\n- '- x: [1]'\nseed: 7\nsprt:\nrepeated: yes\n");
    g_free(text);
    match_settings_clear(&s);
}

/* Each adjudication term sets its member, and those that are not given have their presets. */
Test(match_file, adjudication_becomes_terms)
{
    static const char *const texts[] = {"win=0.95,win-moves=4,draw=0.05,draw-moves=6,draw-ply=30,max-plies=100",
                                        "win=0.5", "draw=0"};
    static const struct match_terms terms[] = {
        {.win_value = 0.95f, .win_moves = 4, .draw_value = 0.05f, .draw_moves = 6, .draw_ply = 30, .max_plies = 100},
        {.win_value = 0.5f, .win_moves = 3},
        {.draw_moves = 8}};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        struct match_settings settings;
        struct match_setup setup = {0};
        GError *error = NULL;
        char *text = g_strdup_printf("game: go:5\nagent: [random, random]\ngames: 2\nadjudicate: %s\n", texts[i]);
        cr_assert(read_text(text, &settings, &error), "%s", error ? error->message : "");
        cr_assert(match_setup_make(&setup, &settings, &error), "%s", error ? error->message : "");
        const struct match_terms *found = &setup.config.terms, *wanted = &terms[i];
        cr_expect(found->win_moves == wanted->win_moves && found->draw_moves == wanted->draw_moves, "%s", texts[i]);
        cr_expect(!wanted->win_moves || found->win_value == wanted->win_value, "%s", texts[i]);
        cr_expect(!wanted->draw_moves || found->draw_value == wanted->draw_value, "%s", texts[i]);
        cr_expect(found->draw_ply == wanted->draw_ply && found->max_plies == wanted->max_plies, "%s", texts[i]);
        match_setup_clear(&setup);
        match_settings_clear(&settings);
        g_free(text);
    }
}

Test(match_file, bad_files_name_the_line)
{
    static const struct {
        const char *text, *line, *says;
    } bad[] = {
        {"game: go:9\ngmaes: 4\n", "line 2:", "there is no key \"gmaes\""},
        {"game: go:9\n\n\ngames: many\n", "line 4:", "1 to 1000000"},
        {"games: 0\n", "line 1:", "games takes a whole number, 1 to 1000000, not \"0\""},
        {"games: 4\nseed: 1\ngames: 5\n", "line 3:", "duplicate key games"},
        {"agent:\n  - random\n  - nmae: x\n    spec: random\n", "line 3:", "name and spec"},
        {"agent:\n  - name: x\n", "line 2:", "no spec"},
        {"agent:\n  - name: a=b\n    spec: random\n", "line 2:", "must not contain '='"},
        {"agent:\n  - name: x\n    name: y\n    spec: random\n", "line 3:", "duplicate key \"name\""},
        {"agent:\n  - [random]\n", "line 2:", "string"},
        {"game: [go:9]\n", "line 1:", "one value"},
        {"repeated: perhaps\n", "line 1:", "repeated takes no|yes, not"},
        {"file: other.yaml\n", "line 1:", "there is no key \"file\""},
        {"- go:9\n", "line 1:", "mapping of keys to values"},
        {"", "line 1:", "empty"},
        {"game: go:9\ngames: \"4\n", "line 3:", "invalid YAML"},
        {"game: go:9\n  games: 4\n", "line 2:", "invalid YAML"},
        {"game: *nowhere\n", "line 1:", "invalid YAML"},
        {"[1, 2]: 3\n", "line 1:", "there is no key"},
        {"\x01\x02\xff", "line 1:", "invalid YAML"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        struct match_settings s;
        GError *error = NULL;
        cr_assert(!read_text(bad[i].text, &s, &error), "%s", bad[i].text);
        cr_assert(strstr(error->message, bad[i].line) && strstr(error->message, bad[i].says), "%s\n%s", bad[i].text,
                  error->message);
        g_clear_error(&error);
        match_settings_clear(&s);
    }
}

/* Values that are invalid by themselves are found when the file is read, those that contradict the game or another key
 * when the match is set up; both errors name the line. */
Test(match_file, bad_setups_name_the_line)
{
    cr_assert(g_file_set_contents("/tmp/tengen-test-19.txt", "D4 Q16\nT19 A1\n", -1, NULL));
    static const struct {
        const char *text, *line, *says;
    } bad[] = {
        {"game: go:99\nagent: [random, random]\n", "line 1:", "2 to 19"},
        {"game: go:9\nagent:\n- a=random\n- b=random\n- a=rollout:5\n", "line 5:", "two agents have the name \"a\""},
        {"game: go:9\nagent: random\n", "line 2:", "two agents or more"},
        {"game: go:9\nagent: [random, random]\nopenings: /tmp/tengen-test-19.txt\n", "line 3:", "line 1: \"Q16\""},
        {"game: go:9\nagent: [random, random]\nschedule: cup\n", "line 3:", "knockout"},
        {"game: go:9\nagent: [random, random]\n\ntime: soon\n", "line 4:", "not a time control"},
        {"game: go:9\nagent: [random, random]\nadjudicate: win=2\n", "line 3:", "0.01 to 1"},
        {"game: go:9\nagent: [random, random]\nsprt: elo0=5,elo1=2\n", "line 3:", "elo0"},
        {"game: go:9\nagent: [random, random, random]\nsprt: \"\"\n", "line 3:", "two agents"},
        {"game: go:9\nagent: [random, random]\nanchor: nobody\n", "line 3:", "none of the agents"},
        {"game: go:9\nagent: [random, random]\nrounds: 3\n", "line 3:", "swiss and ladder"},
        {"game: go:9\nagent: [random, random]\ntime: 5m\nmove-time: 5\n", "line 4:", "mutually exclusive"},
        {"game: go:9\nagent: [random, random]\nformat: psq\nout: /tmp/tengen-test-none\n", "line 3:", "Gomoku only"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        struct match_settings s;
        struct match_setup setup;
        GError *error = NULL;
        cr_assert(read_text(bad[i].text, &s, &error), "%s: %s", bad[i].text, error ? error->message : "");
        cr_assert(!match_setup_make(&setup, &s, &error), "%s", bad[i].text);
        cr_assert(strstr(error->message, path) && strstr(error->message, bad[i].line) &&
                      strstr(error->message, bad[i].says),
                  "%s\n%s", bad[i].text, error->message);
        g_clear_error(&error);
        match_setup_clear(&setup);
        match_settings_clear(&s);
    }
    cr_assert(!g_file_test("/tmp/tengen-test-none", G_FILE_TEST_EXISTS), "a rejected file leaves no folder behind");
}

/* Both notations of Canadian byo-yomi. */
Test(match_file, clocks)
{
    static const char *const clocks[] = {"5m+25/10m", "10m+5m/20"};
    for (size_t i = 0; i < G_N_ELEMENTS(clocks); i++) {
        struct match_settings s;
        struct match_setup setup;
        GError *error = NULL;
        char *text = g_strdup_printf("game: go:5\nagent: [random, random]\ntime: %s\n", clocks[i]);
        cr_assert(read_text(text, &s, &error), "%s", error ? error->message : "");
        cr_assert(match_setup_make(&setup, &s, &error), "%s", error ? error->message : "");
        cr_assert_eq(agent_clock_kind(&setup.config.terms.clock), AGENT_CLOCK_CANADIAN);
        cr_assert_eq(setup.config.terms.clock.byo_moves, i ? 20 : 25);
        match_setup_clear(&setup);
        match_settings_clear(&s);
        g_free(text);
    }
}
