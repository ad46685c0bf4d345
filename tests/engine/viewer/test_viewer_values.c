/* Clocks, levels, settings. */
#include <criterion/criterion.h>
#include <glib/gstdio.h>

#include "engine/viewer/session/clock.h"
#include "engine/viewer/preferences.h"
#include "engine/viewer/session/strength.h"

Test(viewer_clock, spelled_and_read)
{
    static const char *const good[] = {"none", "10m", "10m+3x30s", "10m+5m/20", "5m+10s", "0s+5x20s"};
    static const char *const bad[] = {"",         "10",       "m",    "10m+",  "10m+3x", "10m+0s", "-1m",
                                      "10m+5m/0", "10m+0x5s", "1e9h", "10m x", "0s",     "nan"};
    struct clock_rules rules;
    char text[32];
    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        cr_assert(clock_parse(good[i], &rules), "%s", good[i]);
        struct clock_rules again;
        cr_assert(clock_parse(clock_spell(&rules, text), &again), "%s", text);
        cr_assert_eq(memcmp(&rules, &again, sizeof rules), 0, "%s became %s", good[i], text);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        cr_assert_not(clock_parse(bad[i], &rules), "\"%s\" was read", bad[i]);
}

Test(viewer_clock, byoyomi)
{
    struct clock_rules rules;
    struct clock_state state;
    char text[32];
    cr_assert(clock_parse("10s+3x5s", &rules));
    clock_start(&rules, &state);
    cr_assert(clock_spend(&rules, &state, 9000));
    clock_moved(&rules, &state);
    cr_assert_eq(state.main_ms, 1000);
    cr_assert(clock_spend(&rules, &state, 4000)); /* main time and 3 s of the first period */
    cr_assert_eq(state.periods, 3);
    clock_moved(&rules, &state);
    cr_assert_eq(state.period_ms, 5000, "a move in time gives the period back");
    cr_assert(clock_spend(&rules, &state, 11000));
    cr_assert_eq(state.periods, 1);
    cr_assert_eq(state.period_ms, 4000);
    cr_assert_eq(clock_left_ms(&rules, &state), 4000);
    cr_assert_str_eq(clock_format(&rules, &state, text), "0:04.0 (1)");
    cr_assert_not(clock_spend(&rules, &state, 4000));
}

Test(viewer_clock, canadian_and_fischer)
{
    struct clock_rules rules;
    struct clock_state state;
    cr_assert(clock_parse("1s+10s/2", &rules));
    clock_start(&rules, &state);
    cr_assert(clock_spend(&rules, &state, 5000));
    clock_moved(&rules, &state);
    cr_assert_eq(state.stones, 1);
    cr_assert(clock_spend(&rules, &state, 5000));
    clock_moved(&rules, &state);
    cr_assert_eq(state.stones, 2);
    cr_assert_eq(state.period_ms, 10000);
    cr_assert_not(clock_spend(&rules, &state, 10001));
    cr_assert(clock_parse("10s+2s", &rules));
    clock_start(&rules, &state);
    cr_assert(clock_spend(&rules, &state, 3000));
    clock_moved(&rules, &state);
    cr_assert_eq(state.main_ms, 9000);
    cr_assert_not(clock_spend(&rules, &state, 9000));
}

Test(viewer_strength, levels_are_specs_that_open)
{
    struct game game;
    char spec[128];
    cr_assert(game_parse(&game, "go:5", NULL));
    for (int level = 1; level <= STRENGTH_LEVELS; level++) {
        struct agent *agent = NULL;
        const struct agent_config config = {.threads = 1};
        GError *error = NULL;
        cr_assert_eq(agent_open(&agent, strength_spec(level, "default", spec, sizeof spec), &game, &config, &error), 0,
                     "%s: %s", spec, error ? error->message : "");
        agent_close(agent);
    }
}

/* A player as strong as level 11, who wins against weaker and loses to stronger levels: "about even" arrives there. */
Test(viewer_strength, about_even_follows)
{
    struct strength_estimate estimate;
    strength_begin(&estimate);
    for (int i = 0; i < 30; i++) {
        int level = strength_even(&estimate);
        strength_update(&estimate, level, level < 11 ? 1 : level > 11 ? -1 : 0);
    }
    int level = strength_even(&estimate);
    cr_assert(level >= 10 && level <= 12, "%d", level);
    for (int i = 0; i < 60; i++)
        strength_update(&estimate, strength_even(&estimate), -1);
    cr_assert_eq(strength_even(&estimate), 1);
}

static void use_folder(char *folder)
{
    cr_assert_not_null(g_mkdtemp(folder));
    g_setenv("XDG_CONFIG_HOME", folder, TRUE);
}

Test(viewer_preferences, kept)
{
    char folder[] = "/tmp/tengen-prefs-XXXXXX";
    struct preferences written, read;
    use_folder(folder);
    preferences_presets(&written);
    written.theme = 2;
    written.level = 3;
    written.even[1].level = 7.5;
    g_strlcpy(written.game, "gomoku:15,rules=renju", sizeof written.game);
    cr_assert(preferences_save(&written, NULL));
    preferences_presets(&read);
    cr_assert(preferences_load(&read, NULL));
    cr_assert_eq(read.theme, 2);
    cr_assert_eq(read.level, 3);
    cr_assert_eq(read.even[1].level, 7.5);
    cr_assert_str_eq(read.game, written.game);
}

Test(viewer_preferences, broken_or_strange_files)
{
    char folder[] = "/tmp/tengen-prefs-XXXXXX";
    struct preferences p;
    GError *error = NULL;
    use_folder(folder);
    char *path = preferences_config_path("settings.json"), *kept = g_strconcat(path, ".broken", NULL);
    cr_assert(g_file_set_contents(path, "{\"theme\": 99, \"level\": \"x\", \"game\": 5, \"tips\": 0, \"even_go\": []}",
                                  -1, NULL));
    preferences_presets(&p);
    cr_assert(preferences_load(&p, NULL));
    cr_assert_eq(p.theme, 0);
    cr_assert_eq(p.level, 9);
    cr_assert_str_eq(p.game, "go:9");
    cr_assert_eq(p.tips, 0);
    cr_assert(g_file_set_contents(path, "{\n\"theme\": 1,\n oops", -1, NULL));
    cr_assert_not(preferences_load(&p, &error));
    cr_assert_not_null(strstr(error->message, "line 3"), "%s", error->message);
    cr_assert(g_file_test(kept, G_FILE_TEST_EXISTS));
    g_clear_error(&error);
    g_free(path);
    g_free(kept);
}

Test(viewer_preferences, setups)
{
    struct preferences p;
    struct session_setup setup;
    preferences_presets(&p);
    cr_assert(preferences_setup(&p, &setup, NULL));
    cr_assert(setup.players[0].human);
    cr_assert_str_eq(setup.players[1].agent, "net:default,visits=32");
    p.seats = SEATS_WHITE;
    p.opponent = OPPONENT_SPEC;
    cr_assert(preferences_setup(&p, &setup, NULL));
    cr_assert_str_eq(setup.players[0].agent, "net:default,time=2s");
    g_strlcpy(p.clock, "soon", sizeof p.clock);
    cr_assert_not(preferences_setup(&p, &setup, NULL));
    g_strlcpy(p.clock, "none", sizeof p.clock);
    g_strlcpy(p.game, "chess:8", sizeof p.game);
    cr_assert_not(preferences_setup(&p, &setup, NULL));
}
