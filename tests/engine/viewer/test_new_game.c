/* The model of the new game dialogue. */
#include <criterion/criterion.h>

#include "agents/clock.h"
#include "engine/viewer/new_game.h"
#include "engine/viewer/preferences.h"
#include "engine/viewer/session/session.h"
#include "games/game.h"

static int kind_of(const char *name)
{
    int kind = 0;
    while (strcmp(game_table[kind]->name, name) != 0)
        kind++;
    return kind;
}

static struct new_game begin(const char *spec)
{
    struct preferences preferences;
    struct new_game n;
    preferences_presets(&preferences);
    g_strlcpy(preferences.game, spec, sizeof preferences.game);
    new_game_begin(&n, &preferences);
    return n;
}

static void expect_setup(struct new_game *n, const char *spec)
{
    struct session_setup setup;
    char text[GAME_SPEC_MAX];
    cr_assert(new_game_setup(n, &setup), "%s: %s", spec, n->message);
    cr_expect_str_eq(game_format(&setup.game, text), spec);
    cr_expect_str_eq(n->preferences.game, spec);
    cr_expect_str_eq(n->message, "");
}

/* The board of the last game is offered first, whatever it was. */
Test(new_game, begins_with_the_game_of_the_preferences)
{
    const char *const specs[] = {"go:13,komi=6.5", "gomoku:15,rules=renju", "connect4:7x6", "connect4:8x7",
                                 "connect4:5x7"};
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++) {
        struct new_game n = begin(specs[i]);
        expect_setup(&n, specs[i]);
    }
}

/* Every game can start on its default board, and on every size that the dialogue offers for it. */
Test(new_game, all_offers_can_be_started)
{
    for (int kind = 0; game_table[kind]; kind++) {
        struct new_game n = begin("go:9");
        struct session_setup setup;
        int sizes[GAME_MAX_SIZE];
        new_game_choose(&n, kind);
        cr_expect(new_game_setup(&n, &setup), "%s: %s", game_table[kind]->name, n.message);
        int count = new_game_sizes(&n, sizes);
        for (int i = 0; i < count; i++) {
            n.width = n.height = sizes[i];
            cr_expect(new_game_setup(&n, &setup), "%s: %s", game_table[kind]->name, n.message);
            cr_expect(i == 0 || sizes[i] > sizes[i - 1]);
        }
    }
}

Test(new_game, connect_four_has_one_board)
{
    struct new_game n = begin("go:9");
    int sizes[GAME_MAX_SIZE];
    new_game_choose(&n, kind_of("connect4"));
    cr_expect_eq(new_game_sizes(&n, sizes), 0);
    expect_setup(&n, "connect4:7x6");
}

Test(new_game, sizes_that_the_rules_exclude_are_not_offered)
{
    struct new_game n = begin("reversi:8");
    int sizes[GAME_MAX_SIZE];
    cr_assert_eq(new_game_sizes(&n, sizes), 3);
    cr_expect(sizes[0] == 4 && sizes[1] == 6 && sizes[2] == 8);
    n = begin("gomoku:15");
    int count = new_game_sizes(&n, sizes);
    cr_expect(sizes[0] == 5 && sizes[count - 1] == GAME_MAX_SIZE, "%d to %d", sizes[0], sizes[count - 1]);
    n = begin("gomoku:3,line=3");
    new_game_sizes(&n, sizes);
    cr_expect_eq(sizes[0], 3);
}

/* A handicap belongs to one board; if another board has no room for it, that board can still be chosen. */
Test(new_game, a_handicap_limits_no_sizes)
{
    struct new_game with = begin("go:19,handicap=9"), without = begin("go:19");
    int sizes[GAME_MAX_SIZE], count = new_game_sizes(&without, sizes);
    cr_expect_eq(new_game_sizes(&with, sizes), count);
    expect_setup(&with, "go:19,handicap=9");
}

Test(new_game, invalid_games_are_refused_until_corrected)
{
    struct new_game n = begin("go:9");
    struct session_setup setup;
    n.width = n.height = 1;
    cr_assert(!new_game_setup(&n, &setup));
    cr_expect(strstr(n.message, "2 to 19"), "%s", n.message);
    n.width = n.height = 7;
    expect_setup(&n, "go:7");
}

Test(new_game, clocks_survive_the_dialogue)
{
    const char *const clocks[] = {"none", "5m", "10m+5s", "20m+3x30s", "5m+25/10m", "2s/move"};
    for (size_t i = 0; i < G_N_ELEMENTS(clocks); i++) {
        struct preferences preferences;
        struct new_game n;
        struct session_setup setup;
        char text[AGENT_CLOCK_TEXT_MAX];
        preferences_presets(&preferences);
        g_strlcpy(preferences.clock, clocks[i], sizeof preferences.clock);
        new_game_begin(&n, &preferences);
        cr_assert(new_game_setup(&n, &setup), "%s: %s", clocks[i], n.message);
        cr_expect_str_eq(agent_clock_spell(&setup.clock, text), clocks[i]);
    }
}
