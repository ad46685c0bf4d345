/* Levels and settings. */
#include <criterion/criterion.h>

#include "agents/agent.h"
#include "engine/viewer/preferences.h"
#include "engine/viewer/session/session.h"
#include "engine/viewer/session/strength.h"
#include "games/game.h"

Test(viewer_strength, levels_are_specs_that_open)
{
    struct game game;
    char spec[128];
    cr_assert(game_parse(&game, "go:5", NULL));
    for (int level = 1; level <= STRENGTH_LEVELS; level++) {
        struct agent *agent = NULL;
        const struct agent_config config = {.threads = 1};
        GError *error = NULL;
        cr_assert_eq(agent_open(&agent, strength_spec(level, &game, spec, sizeof spec), &game, &config, &error), 0,
                     "%s: %s", spec, error ? error->message : "");
        agent_close(agent);
    }
}

/* The estimate converges for a player as strong as level 11, who beats weaker levels and loses to stronger ones. */
Test(viewer_strength, the_even_level_follows_the_player)
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

Test(viewer_preferences, invalid_files)
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

/* Valid JSON with an invalid game or clock: only these are reset to presets, the message names the file, and a copy is
 * kept. */
Test(viewer_preferences, invalid_values)
{
    char folder[] = "/tmp/tengen-prefs-XXXXXX", *copy = NULL;
    static const char text[] = "{\"game\":\"go:99\",\"clock\":\"soon\",\"level\":3}";
    struct preferences p;
    struct session_setup setup;
    GError *error = NULL;
    use_folder(folder);
    char *path = preferences_config_path("settings.json"), *kept = g_strconcat(path, ".broken", NULL);
    cr_assert(g_file_set_contents(path, text, -1, NULL));
    preferences_presets(&p);
    cr_assert_not(preferences_load(&p, &error));
    cr_assert_not_null(strstr(error->message, path), "%s", error->message);
    cr_assert_not_null(strstr(error->message, "\"game\""), "%s", error->message);
    cr_assert_not_null(strstr(error->message, "\"clock\""), "%s", error->message);
    g_clear_error(&error);
    cr_assert_eq(p.level, 3);
    cr_assert(preferences_setup(&p, &setup, NULL));
    cr_assert_str_eq(p.game, "go:9");
    cr_assert(g_file_get_contents(kept, &copy, NULL, NULL));
    cr_assert_str_eq(copy, text);
    cr_assert(g_file_test(path, G_FILE_TEST_EXISTS));
    cr_assert(g_file_set_contents(path, "[]", -1, NULL));
    cr_assert_not(preferences_load(&p, NULL));
    g_free(copy);
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
    static const char *const canadian[] = {"5m+25/10m", "10m+5m/20"}; /* both spellings */
    for (size_t i = 0; i < G_N_ELEMENTS(canadian); i++) {
        g_strlcpy(p.clock, canadian[i], sizeof p.clock);
        cr_assert(preferences_setup(&p, &setup, NULL), "%s", canadian[i]);
        cr_assert_eq(agent_clock_kind(&setup.clock), AGENT_CLOCK_CANADIAN);
        cr_assert_eq(setup.clock.byo_moves, i ? 20 : 25);
    }
    g_strlcpy(p.clock, "none", sizeof p.clock);
    g_strlcpy(p.game, "chess:8", sizeof p.game);
    cr_assert_not(preferences_setup(&p, &setup, NULL));
}
